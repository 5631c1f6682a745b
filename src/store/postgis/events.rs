//! The journal of casework.

use sqlx::PgConnection;

use super::{
    super::{
        error::StoreError,
        event::{EVENTS_AT_ONCE, EventRow, NewEvent, Proof, Recorded, StoredEvent, pack_events, unpack_events},
        ledger::Faults,
    },
    Postgis,
};

impl Postgis {
    pub(super) async fn record_events(&self, events: Vec<NewEvent>) -> Result<Vec<Recorded>, StoreError> {
        let events = pack_events(&self.vault, events).await?;
        let mut writing = self.write().await?;
        let mut last = end(&mut writing.tx, self.key()).await?;
        let mut recorded = Vec::with_capacity(events.len());
        for event in events {
            let before: Option<(i64,)> = sqlx::query_as(
                "select seq from atlante.event where comune = $1 and kind = $2 and stream = $3 and key = $4",
            )
            .bind(self.key())
            .bind(event.kind)
            .bind(&event.stream)
            .bind(&event.key)
            .fetch_optional(&mut *writing.tx)
            .await?;
            if let Some((seq,)) = before {
                recorded.push(Recorded::Before(seq as u64));
                continue;
            }
            last += 1;
            sqlx::query(
                "insert into atlante.event (comune, seq, kind, stream, key, at, actor, length, hash, body)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
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
            .execute(&mut *writing.tx)
            .await?;
            recorded.push(Recorded::Now(last as u64));
        }
        sqlx::query("update atlante.home set event_count = $1 where comune = $2")
            .bind(last)
            .bind(self.key())
            .execute(&mut *writing.tx)
            .await?;
        writing.commit(self.key(), "event", "record").await?;
        Ok(recorded)
    }

    pub(super) async fn read_events(&self, after: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let mut tx = self.read().await?;
        let rows = rows(&mut tx, self.key(), after, limit).await?;
        tx.rollback().await?;
        unpack_events(&self.vault, rows).await
    }

    pub(super) async fn check_events(&self, reader: &mut PgConnection, faults: &mut Faults) -> Result<(), StoreError> {
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
async fn end(connection: &mut PgConnection, comune: &str) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as("select event_count from atlante.home where comune = $1")
        .bind(comune)
        .fetch_one(connection)
        .await?;
    Ok(count)
}

async fn rows(
    connection: &mut PgConnection,
    comune: &str,
    after: u64,
    limit: u32,
) -> Result<Vec<EventRow>, StoreError> {
    Ok(sqlx::query_as(
        "select seq, kind, stream, key, at, actor, length, hash, body from atlante.event
         where comune = $1 and seq > $2 order by seq limit $3",
    )
    .bind(comune)
    .bind(i64::try_from(after).unwrap_or(i64::MAX))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?)
}
