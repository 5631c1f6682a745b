//! Sources and their batches.

use std::ops::Range;

use sqlx::SqliteConnection;

use super::super::sql::Home as _;
use super::{
    super::{
        block::{Block, Found, PackedBatch, pack_batches, payload_place, read_troubles, troubles_place, unpack_all},
        error::StoreError,
        source::{Batch, Begun, Source, SourceHead, SourceId, SourceKind, SourceState, StoredBatch, Totals},
    },
    Embedded,
};
use crate::domain::reject::Reject;

impl Embedded {
    pub(super) async fn begin_source(&self, head: SourceHead) -> Result<Begun, StoreError> {
        let kind = head.kind.to_stored();
        let content = self.vault.keyed_hash(&head.content).to_vec();
        let mut writer = self.writer().await;
        let mut tx = writer.begin().await?;
        let known: Option<(i64, String, i64, i64)> = sqlx::query_as(
            "select id, state, batches, coalesce((select max(last_row) from store_batch b
                 where b.comune = s.comune and b.source = s.id), 0)
             from store_source s where comune = ? and kind = ? and content = ? and state in ('open', 'complete')
             order by state limit 1",
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
            "update store_home set last_source = last_source + 1 where comune = ? returning last_source",
        )
        .bind(self.key())
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query(
            "insert into store_source (comune, id, kind, content, file, state, begun_at) values (?, ?, ?, ?, ?, 'open', ?)",
        )
        .bind(self.key())
        .bind(id)
        .bind(&kind)
        .bind(&content)
        .bind(&head.file)
        .bind(head.at.to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Begun::Fresh(SourceId(id)))
    }

    pub(super) async fn append_batches(&self, source: SourceId, batches: Vec<Batch>) -> Result<(), StoreError> {
        let kind = {
            let mut reader = self.reader().await?;
            find_source(&mut reader, self.key(), source).await?.0
        };
        let packed = pack_batches(&self.vault, kind, source, batches).await?;
        let mut writer = self.writer().await;
        let mut tx = writer.begin().await?;
        let (_, state, mut next) = find_source(&mut tx, self.key(), source).await?;
        if state == SourceState::Superseded {
            return Err(StoreError::Superseded);
        }
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
            insert_batch(&mut tx, self.key(), source, batch).await?;
            next += 1;
        }
        sqlx::query("update store_source set batches = ? where comune = ? and id = ?")
            .bind(next)
            .bind(self.key())
            .bind(source.0)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn finish_source(&self, source: SourceId, totals: Totals) -> Result<(), StoreError> {
        let mut writer = self.writer().await;
        let mut tx = writer.begin().await?;
        let (kind, state, _) = find_source(&mut tx, self.key(), source).await?;
        match state {
            SourceState::Complete => return Ok(()),
            SourceState::Superseded => return Err(StoreError::Superseded),
            SourceState::Open => {}
        }
        let kind = kind.to_stored();
        sqlx::query(
            "delete from store_batch where comune = ?1 and source in
                 (select id from store_source where comune = ?1 and kind = ?2 and id <> ?3)",
        )
        .bind(self.key())
        .bind(&kind)
        .bind(source.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query("update store_source set state = 'superseded' where comune = ? and kind = ? and id <> ?")
            .bind(self.key())
            .bind(&kind)
            .bind(source.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "update store_source set state = 'complete', rows = ?, records = ?, rejects = ? where comune = ? and id = ?",
        )
        .bind(totals.rows as i64)
        .bind(totals.records as i64)
        .bind(totals.rejects as i64)
        .bind(self.key())
        .bind(source.0)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    pub(super) async fn read_batches(
        &self,
        source: SourceId,
        range: Range<u32>,
    ) -> Result<Vec<StoredBatch>, StoreError> {
        type Row = (i64, i64, i64, i64, i64, Vec<u8>, Vec<u8>);
        let mut reader = self.reader().await?;
        let (kind, _, _) = find_source(&mut reader, self.key(), source).await?;
        let rows: Vec<Row> = sqlx::query_as(
            "select idx, first_row, last_row, records, length, hash, payload from store_batch
             where comune = ? and source = ? and idx >= ? and idx < ? order by idx",
        )
        .bind(self.key())
        .bind(source.0)
        .bind(range.start)
        .bind(range.end)
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
        let mut reader = self.reader().await?;
        let (kind, _, _) = find_source(&mut reader, self.key(), source).await?;
        let rows: Vec<(i64, i64, Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "select idx, troubles_length, troubles_hash, troubles from store_batch
             where comune = ? and source = ? order by idx",
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

/// A source's kind, state and number of batches.
async fn find_source(
    connection: &mut SqliteConnection,
    comune: &str,
    source: SourceId,
) -> Result<(SourceKind, SourceState, u32), StoreError> {
    let row: Option<(String, String, i64)> =
        sqlx::query_as("select kind, state, batches from store_source where comune = ? and id = ?")
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
pub(super) async fn all(connection: &mut SqliteConnection, comune: &str) -> Result<Vec<Source>, StoreError> {
    type Row = (i64, String, String, String, String, i64, i64, i64, i64, i64, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "select s.id, kind, file, state, begun_at, batches, s.rows, s.records, rejects,
                coalesce(sum(b.last_row - b.first_row + 1), 0), coalesce(sum(b.records), 0), coalesce(sum(b.refused), 0)
         from store_source s left join store_batch b on b.comune = s.comune and b.source = s.id
         where s.comune = ? group by s.id order by s.id",
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

async fn insert_batch(
    connection: &mut SqliteConnection,
    comune: &str,
    source: SourceId,
    batch: PackedBatch,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into store_batch (comune, source, idx, first_row, last_row, records, refused, length, hash,
             troubles_length, troubles_hash, troubles, payload) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(comune)
    .bind(source.0)
    .bind(batch.index)
    .bind(batch.first_row)
    .bind(batch.last_row)
    .bind(batch.records)
    .bind(batch.refused as i64)
    .bind(batch.payload.length)
    .bind(batch.payload.hash)
    .bind(batch.troubles.length)
    .bind(batch.troubles.hash)
    .bind(batch.troubles.bytes)
    .bind(batch.payload.bytes)
    .execute(connection)
    .await?;
    Ok(())
}
