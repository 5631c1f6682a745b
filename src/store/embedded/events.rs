//! The journal of casework.

use sqlx::SqliteConnection;

use super::{
    super::{
        error::StoreError,
        event::{EVENTS_AT_ONCE, EventRow, NewEvent, Proof, Recorded, StoredEvent, pack_events, unpack_events},
        ledger::Faults,
    },
    Embedded,
};

impl Embedded {
    pub(super) async fn record_events(&self, events: Vec<NewEvent>) -> Result<Vec<Recorded>, StoreError> {
        let events = pack_events(&self.vault, events).await?;
        let mut writer = self.writer().await;
        let mut tx = writer.begin().await?;
        let mut last = end(&mut tx, self.key()).await?;
        let mut recorded = Vec::with_capacity(events.len());
        for event in events {
            let before: Option<(i64,)> =
                sqlx::query_as("select seq from store_event where comune = ? and kind = ? and stream = ? and key = ?")
                    .bind(self.key())
                    .bind(event.kind)
                    .bind(&event.stream)
                    .bind(&event.key)
                    .fetch_optional(&mut *tx)
                    .await?;
            if let Some((seq,)) = before {
                recorded.push(Recorded::Before(seq as u64));
                continue;
            }
            last += 1;
            sqlx::query(
                "insert into store_event (comune, seq, kind, stream, key, at, actor, length, hash, body)
                 values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(self.key())
            .bind(last)
            .bind(event.kind)
            .bind(event.stream)
            .bind(event.key)
            .bind(event.at)
            .bind(event.actor)
            .bind(event.block.length)
            .bind(event.block.hash)
            .bind(event.block.bytes)
            .execute(&mut *tx)
            .await?;
            recorded.push(Recorded::Now(last as u64));
        }
        sqlx::query("update store_home set event_count = ? where comune = ?")
            .bind(last)
            .bind(self.key())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(recorded)
    }

    pub(super) async fn read_events(&self, after: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let mut reader = self.reader().await?;
        let rows = rows(&mut reader, self.key(), after, limit).await?;
        drop(reader);
        unpack_events(&self.vault, rows).await
    }

    pub(super) async fn check_events(
        &self,
        reader: &mut SqliteConnection,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        let count = end(reader, self.key()).await?;
        let mut proof = Proof::default();
        loop {
            let rows = rows(reader, self.key(), proof.last(), EVENTS_AT_ONCE).await?;
            if rows.is_empty() {
                break;
            }
            proof.read(&self.vault, rows, faults).await?;
        }
        proof.end(count, faults);
        Ok(())
    }
}

/// Where the journal ends.
async fn end(connection: &mut SqliteConnection, comune: &str) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as("select event_count from store_home where comune = ?")
        .bind(comune)
        .fetch_one(connection)
        .await?;
    Ok(count)
}

async fn rows(
    connection: &mut SqliteConnection,
    comune: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<EventRow>, StoreError> {
    Ok(sqlx::query_as(
        "select seq, kind, stream, key, at, actor, length, hash, body from store_event
         where comune = ? and seq > ? order by seq limit ?",
    )
    .bind(comune)
    .bind(i64::try_from(after).unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(connection)
    .await?)
}
