//! Sources and their batches.

use std::ops::Range;

use super::{
    super::{
        block::{Block, Found, pack_batches, payload_place, read_troubles, troubles_place, unpack_all},
        error::StoreError,
        source::{Batch, Begun, Source, SourceHead, SourceId, SourceKind, SourceState, StoredBatch, Totals},
    },
    Home, Link, Writing as _, values,
};
use crate::domain::reject::Reject;

/// [`Store::begin`](super::super::Store::begin).
pub(super) async fn begin<H: Home>(home: &H, head: SourceHead) -> Result<Begun, StoreError> {
    let kind = head.kind.to_stored();
    let content = home.vault().keyed_hash(&head.content);
    let (comune, mut writing) = (home.key(), home.write().await?);
    let known: Option<(i64, String, i64, i64)> = writing
        .row(
            "select id, state, batches, coalesce((select max(last_row) from {batch} b
                 where b.comune = s.comune and b.source = s.id), 0)
             from {source} s where comune = $1 and kind = $2 and content = $3 and state in ('open', 'complete')
             order by state collate \"C\" limit 1",
            values![comune, &kind, content],
        )
        .await?;
    if let Some((id, state, batches, last_row)) = known {
        let id = SourceId(id);
        return Ok(match state.as_str() {
            "complete" => Begun::Already(id),
            _ => Begun::Resume { id, next_batch: batches as u32, next_row: last_row as u32 + 1 },
        });
    }
    let (id,): (i64,) = writing
        .one("update {home} set last_source = last_source + 1 where comune = $1 returning last_source", values![comune])
        .await?;
    writing
        .run(
            "insert into {source} (comune, id, kind, content, file, state, begun_at)
             values ($1, $2, $3, $4, $5, 'open', $6)",
            values![comune, id, &kind, content, &head.file, head.at.to_string()],
        )
        .await?;
    writing.commit(&object(SourceId(id)), "begin").await?;
    Ok(Begun::Fresh(SourceId(id)))
}

/// [`Store::append`](super::super::Store::append).
pub(super) async fn append<H: Home>(home: &H, source: SourceId, batches: Vec<Batch>) -> Result<(), StoreError> {
    let kind = {
        let mut reading = home.read().await?;
        find(&mut *reading, home.key(), source).await?.0
    };
    let packed = pack_batches(home.vault(), kind, source, batches).await?;
    let (comune, mut writing) = (home.key(), home.write().await?);
    let link = &mut *writing;
    let (_, state, mut next) = find(link, comune, source).await?;
    if state == SourceState::Superseded {
        return Err(StoreError::Superseded);
    }
    let mut arriving = Vec::with_capacity(packed.len());
    for batch in packed {
        if batch.index < next {
            continue;
        }
        if state == SourceState::Complete {
            return Err(StoreError::Conflict("the source is already complete".to_owned()));
        }
        if batch.index > next {
            return Err(StoreError::Gap { expected: next, found: batch.index });
        }
        arriving.push(batch);
        next += 1;
    }
    home.load_batches(link, source, arriving).await?;
    link.run("update {source} set batches = $1 where comune = $2 and id = $3", values![next, comune, source.0]).await?;
    writing.commit(&object(source), "append").await
}

/// [`Store::finish`](super::super::Store::finish).
pub(super) async fn finish<H: Home>(home: &H, source: SourceId, totals: Totals) -> Result<(), StoreError> {
    let (comune, mut writing) = (home.key(), home.write().await?);
    let link = &mut *writing;
    let (kind, state, _) = find(link, comune, source).await?;
    match state {
        SourceState::Complete => return Ok(()),
        SourceState::Superseded => return Err(StoreError::Superseded),
        SourceState::Open => {}
    }
    let kind = kind.to_stored();
    link.run(
        "delete from {batch} where comune = $1 and source in
             (select id from {source} where comune = $1 and kind = $2 and id <> $3)",
        values![comune, &kind, source.0],
    )
    .await?;
    link.run(
        "update {source} set state = 'superseded' where comune = $1 and kind = $2 and id <> $3",
        values![comune, &kind, source.0],
    )
    .await?;
    let Totals { rows, records, rejects } = totals;
    link.run(
        "update {source} set state = 'complete', rows = $1, records = $2, rejects = $3 where comune = $4 and id = $5",
        values![rows as i64, records as i64, rejects as i64, comune, source.0],
    )
    .await?;
    writing.commit(&object(source), "finish").await
}

/// [`Store::batches`](super::super::Store::batches).
pub(super) async fn batches<H: Home>(
    home: &H,
    source: SourceId,
    range: Range<u32>,
) -> Result<Vec<StoredBatch>, StoreError> {
    type Row = (i64, i64, i64, i64, i64, Vec<u8>, Vec<u8>);
    let mut reading = home.read().await?;
    let (kind, _, _) = find(&mut *reading, home.key(), source).await?;
    let rows: Vec<Row> = reading
        .rows(
            "select idx, first_row, last_row, records, length, hash, payload from {batch}
             where comune = $1 and source = $2 and idx >= $3 and idx < $4 order by idx",
            values![home.key(), source.0, range.start, range.end],
        )
        .await?;
    drop(reading);
    let mut heads = Vec::with_capacity(rows.len());
    let mut found = Vec::with_capacity(rows.len());
    for (index, first_row, last_row, records, length, hash, bytes) in rows {
        heads.push((index, first_row, last_row, records));
        found.push(Found { place: payload_place(source.0, index), block: Block { length, hash, bytes } });
    }
    let payloads = unpack_all(home.vault(), kind.secrecy(), found).await?;
    let stored = heads.into_iter().zip(payloads).map(|((index, first, last, records), payload)| StoredBatch {
        index: index as u32,
        first_row: first as u32,
        last_row: last as u32,
        records: records as u32,
        payload,
    });
    Ok(stored.collect())
}

/// [`Store::rejects`](super::super::Store::rejects).
pub(super) async fn rejects<H: Home>(home: &H, source: SourceId) -> Result<Vec<Reject>, StoreError> {
    let mut reading = home.read().await?;
    let (kind, _, _) = find(&mut *reading, home.key(), source).await?;
    let rows: Vec<(i64, i64, Vec<u8>, Vec<u8>)> = reading
        .rows(
            "select idx, troubles_length, troubles_hash, troubles from {batch}
             where comune = $1 and source = $2 order by idx",
            values![home.key(), source.0],
        )
        .await?;
    drop(reading);
    let found = rows.into_iter().map(|(index, length, hash, bytes)| Found {
        place: troubles_place(source.0, index),
        block: Block { length, hash, bytes },
    });
    read_troubles(unpack_all(home.vault(), kind.secrecy(), found.collect()).await?)
}

/// The source as the changes name it.
fn object(source: SourceId) -> String {
    format!("source/{}", source.0)
}

/// A source's kind, state and number of batches.
async fn find<L: Link>(
    link: &mut L,
    comune: &str,
    source: SourceId,
) -> Result<(SourceKind, SourceState, u32), StoreError> {
    let row: Option<(String, String, i64)> = link
        .row("select kind, state, batches from {source} where comune = $1 and id = $2", values![comune, source.0])
        .await?;
    let (kind, state, batches) = row.ok_or_else(|| StoreError::Missing(format!("source {}", source.0)))?;
    let kind = SourceKind::from_stored(&kind).ok_or_else(|| unknown("kind", source.0))?;
    let state = SourceState::from_stored(&state).ok_or_else(|| unknown("state", source.0))?;
    Ok((kind, state, batches as u32))
}

fn unknown(what: &str, source: i64) -> StoreError {
    StoreError::Corrupt(format!("source {source} has an unknown {what}"))
}

/// Every source, oldest first.
pub(super) async fn all<L: Link>(link: &mut L, comune: &str) -> Result<Vec<Source>, StoreError> {
    type Row = (i64, String, String, String, String, i64, i64, i64, i64, i64, i64, i64);
    let rows: Vec<Row> = link
        .rows(
            "select s.id, kind, file, state, begun_at, batches, s.rows, s.records, rejects,
                    cast(coalesce(sum(b.last_row - b.first_row + 1), 0) as bigint),
                    cast(coalesce(sum(b.records), 0) as bigint), cast(coalesce(sum(b.refused), 0) as bigint)
             from {source} s left join {batch} b on b.comune = s.comune and b.source = s.id
             where s.comune = $1 group by s.comune, s.id order by s.id",
            values![comune],
        )
        .await?;
    rows.into_iter()
        .map(|(id, kind, file, state, at, batches, rows, records, rejects, rows_now, records_now, refused_now)| {
            let state = SourceState::from_stored(&state).ok_or_else(|| unknown("state", id))?;
            let [rows, records, rejects] = match state {
                SourceState::Open => [rows_now, records_now, refused_now],
                SourceState::Complete | SourceState::Superseded => [rows, records, rejects],
            }
            .map(|n| n as u64);
            Ok(Source {
                id: SourceId(id),
                kind: SourceKind::from_stored(&kind).ok_or_else(|| unknown("kind", id))?,
                file,
                state,
                batches: batches as u32,
                totals: Totals { rows, records, rejects },
                begun_at: at.parse().map_err(|_| unknown("date", id))?,
            })
        })
        .collect()
}
