//! Sources and their batches, loaded by COPY.

use std::ops::Range;

use sqlx::PgConnection;

use super::super::sql::{Home as _, Writing as _};
use super::{
    super::{
        block::{Block, Found, PackedBatch, pack_batches, payload_place, read_troubles, troubles_place, unpack_all},
        error::StoreError,
        source::{Batch, Begun, Source, SourceHead, SourceId, SourceKind, SourceState, StoredBatch, Totals},
    },
    Postgis,
    copy::{self, Cell, Load},
};
use crate::domain::reject::Reject;

impl Postgis {
    pub(super) async fn begin_source(&self, head: SourceHead) -> Result<Begun, StoreError> {
        let kind = head.kind.to_stored();
        let content = self.vault.keyed_hash(&head.content).to_vec();
        let mut writing = self.write().await?;
        let tx = &mut *writing;
        let known: Option<(i64, String, i64, i64)> = sqlx::query_as(
            "select id, state, batches, coalesce((select max(last_row) from atlante.batch b
                 where b.comune = s.comune and b.source = s.id), 0)
             from atlante.source s where comune = $1 and kind = $2 and content = $3 and state in ('open', 'complete')
             order by state collate \"C\" limit 1",
        )
        .bind(self.key())
        .bind(&kind)
        .bind(&content)
        .fetch_optional(&mut *tx)
        .await?;
        if let Some((id, state, batches, last_row)) = known {
            let id = SourceId(id);
            return Ok(match state.as_str() {
                "complete" => Begun::Already(id),
                _ => Begun::Resume { id, next_batch: batches as u32, next_row: last_row as u32 + 1 },
            });
        }
        let (id,): (i64,) = sqlx::query_as(
            "update atlante.home set last_source = last_source + 1 where comune = $1 returning last_source",
        )
        .bind(self.key())
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query(
            "insert into atlante.source (comune, id, kind, content, file, state, begun_at) values ($1, $2, $3, $4, $5, 'open', $6)",
        )
        .bind(self.key())
        .bind(id)
        .bind(&kind)
        .bind(&content)
        .bind(&head.file)
        .bind(head.at.to_string())
        .execute(&mut *tx)
        .await?;
        writing.commit(&object(SourceId(id)), "begin").await?;
        Ok(Begun::Fresh(SourceId(id)))
    }

    pub(super) async fn append_batches(&self, source: SourceId, batches: Vec<Batch>) -> Result<(), StoreError> {
        let kind = {
            let mut reader = self.read().await?;
            find_source(&mut reader, self.key(), source).await?.0
        };
        let packed = pack_batches(&self.vault, kind, source, batches).await?;
        let mut writing = self.write().await?;
        let tx = &mut *writing;
        let (_, state, mut next) = find_source(&mut *tx, self.key(), source).await?;
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
        load_batches(tx, self.key(), source, &arriving).await?;
        sqlx::query("update atlante.source set batches = $1 where comune = $2 and id = $3")
            .bind(i64::from(next))
            .bind(self.key())
            .bind(source.0)
            .execute(&mut *tx)
            .await?;
        writing.commit(&object(source), "append").await
    }

    pub(super) async fn finish_source(&self, source: SourceId, totals: Totals) -> Result<(), StoreError> {
        let mut writing = self.write().await?;
        let tx = &mut *writing;
        let (kind, state, _) = find_source(&mut *tx, self.key(), source).await?;
        match state {
            SourceState::Complete => return Ok(()),
            SourceState::Superseded => return Err(StoreError::Superseded),
            SourceState::Open => {}
        }
        let kind = kind.to_stored();
        sqlx::query(
            "delete from atlante.batch where comune = $1 and source in
                 (select id from atlante.source where comune = $1 and kind = $2 and id <> $3)",
        )
        .bind(self.key())
        .bind(&kind)
        .bind(source.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query("update atlante.source set state = 'superseded' where comune = $1 and kind = $2 and id <> $3")
            .bind(self.key())
            .bind(&kind)
            .bind(source.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "update atlante.source set state = 'complete', rows = $1, records = $2, rejects = $3 where comune = $4 and id = $5",
        )
        .bind(totals.rows as i64)
        .bind(totals.records as i64)
        .bind(totals.rejects as i64)
        .bind(self.key())
        .bind(source.0)
        .execute(&mut *tx)
        .await?;
        writing.commit(&object(source), "finish").await
    }

    pub(super) async fn read_batches(
        &self,
        source: SourceId,
        range: Range<u32>,
    ) -> Result<Vec<StoredBatch>, StoreError> {
        type Row = (i64, i64, i64, i64, i64, Vec<u8>, Vec<u8>);
        let mut reader = self.read().await?;
        let (kind, _, _) = find_source(&mut reader, self.key(), source).await?;
        let rows: Vec<Row> = sqlx::query_as(
            "select idx, first_row, last_row, records, length, hash, payload from atlante.batch
             where comune = $1 and source = $2 and idx >= $3 and idx < $4 order by idx",
        )
        .bind(self.key())
        .bind(source.0)
        .bind(i64::from(range.start))
        .bind(i64::from(range.end))
        .fetch_all(&mut *reader)
        .await?;
        drop(reader);
        let mut heads = Vec::with_capacity(rows.len());
        let mut found = Vec::with_capacity(rows.len());
        for (index, first_row, last_row, records, length, hash, bytes) in rows {
            heads.push((index, first_row, last_row, records));
            found.push(Found { place: payload_place(source.0, index), block: Block { length, hash, bytes } });
        }
        let payloads = unpack_all(&self.vault, kind.secrecy(), found).await?;
        let stored = heads.into_iter().zip(payloads).map(|((index, first, last, records), payload)| StoredBatch {
            index: index as u32,
            first_row: first as u32,
            last_row: last as u32,
            records: records as u32,
            payload,
        });
        Ok(stored.collect())
    }

    pub(super) async fn read_rejects(&self, source: SourceId) -> Result<Vec<Reject>, StoreError> {
        let mut reader = self.read().await?;
        let (kind, _, _) = find_source(&mut reader, self.key(), source).await?;
        let rows: Vec<(i64, i64, Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "select idx, troubles_length, troubles_hash, troubles from atlante.batch
             where comune = $1 and source = $2 order by idx",
        )
        .bind(self.key())
        .bind(source.0)
        .fetch_all(&mut *reader)
        .await?;
        drop(reader);
        let found = rows.into_iter().map(|(index, length, hash, bytes)| Found {
            place: troubles_place(source.0, index),
            block: Block { length, hash, bytes },
        });
        read_troubles(unpack_all(&self.vault, kind.secrecy(), found.collect()).await?)
    }
}

/// The source as the changes name it.
fn object(source: SourceId) -> String {
    format!("source/{}", source.0)
}

/// A source's kind, state and number of batches.
async fn find_source(
    connection: &mut PgConnection,
    comune: &str,
    source: SourceId,
) -> Result<(SourceKind, SourceState, u32), StoreError> {
    let row: Option<(String, String, i64)> =
        sqlx::query_as("select kind, state, batches from atlante.source where comune = $1 and id = $2")
            .bind(comune)
            .bind(source.0)
            .fetch_optional(connection)
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
pub(super) async fn all(connection: &mut PgConnection, comune: &str) -> Result<Vec<Source>, StoreError> {
    type Row = (i64, String, String, String, String, i64, i64, i64, i64, i64, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "select s.id, kind, file, state, begun_at, batches, s.rows, s.records, rejects,
                coalesce(sum(b.last_row - b.first_row + 1), 0)::bigint, coalesce(sum(b.records), 0)::bigint,
                coalesce(sum(b.refused), 0)::bigint
         from atlante.source s left join atlante.batch b on b.comune = s.comune and b.source = s.id
         where s.comune = $1 group by s.comune, s.id order by s.id",
    )
    .bind(comune)
    .fetch_all(connection)
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

async fn load_batches(
    connection: &mut PgConnection,
    comune: &str,
    source: SourceId,
    batches: &[PackedBatch],
) -> Result<(), StoreError> {
    if batches.is_empty() {
        return Ok(());
    }
    let staged = copy::stage(connection, "batch").await?;
    let mut load = Load::begin(connection, &staged).await?;
    for batch in batches {
        let PackedBatch { index, first_row, last_row, records, refused, payload, troubles } = batch;
        load.row(&[
            Cell::Bytes(comune.as_bytes()),
            Cell::Whole(source.0),
            Cell::Whole((*index).into()),
            Cell::Whole((*first_row).into()),
            Cell::Whole((*last_row).into()),
            Cell::Whole((*records).into()),
            Cell::Whole(*refused as i64),
            Cell::Whole(payload.length),
            Cell::Bytes(&payload.hash),
            Cell::Whole(troubles.length),
            Cell::Bytes(&troubles.hash),
            Cell::Bytes(&troubles.bytes),
            Cell::Bytes(&payload.bytes),
        ])
        .await?;
    }
    load.finish().await?;
    copy::unstage(connection, "batch").await
}
