//! The journal of casework.

use std::sync::Arc;

use super::{
    super::{
        error::StoreError,
        event::{EVENTS_AT_ONCE, EventRow, NewEvent, Proof, Recorded, StoredEvent, pack_events, unpack_events},
        ledger::Faults,
        vault::Vault,
    },
    Home, Link, Writing as _, values,
};

/// [`Store::record`](super::super::Store::record).
pub(super) async fn record<H: Home>(home: &H, events: Vec<NewEvent>) -> Result<Vec<Recorded>, StoreError> {
    let events = pack_events(home.vault(), events).await?;
    let (comune, mut writing) = (home.key(), home.write().await?);
    let mut last = end(&mut *writing, comune).await?;
    let mut recorded = Vec::with_capacity(events.len());
    for event in events {
        let before: Option<(i64,)> = writing
            .row(
                "select seq from {event} where comune = $1 and kind = $2 and stream = $3 and key = $4",
                values![comune, event.kind, &event.stream, &event.key],
            )
            .await?;
        if let Some((seq,)) = before {
            recorded.push(Recorded::Before(seq as u64));
            continue;
        }
        last += 1;
        let block = event.block;
        writing
            .run(
                "insert into {event} (comune, seq, kind, stream, key, at, actor, length, hash, body)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                values![
                    comune,
                    last,
                    event.kind,
                    event.stream,
                    event.key,
                    event.at,
                    event.actor,
                    block.length,
                    block.hash,
                    block.bytes
                ],
            )
            .await?;
        recorded.push(Recorded::Now(last as u64));
    }
    writing.run("update {home} set event_count = $1 where comune = $2", values![last, comune]).await?;
    writing.commit("event", "record").await?;
    Ok(recorded)
}

/// [`Store::recorded`](super::super::Store::recorded).
pub(super) async fn recorded<H: Home>(home: &H, after: u64, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
    let mut reading = home.read().await?;
    let rows = rows(&mut *reading, home.key(), after, limit).await?;
    drop(reading);
    unpack_events(home.vault(), rows).await
}

/// Reads the journal through.
pub(super) async fn check<L: Link>(
    link: &mut L,
    comune: &str,
    vault: &Arc<Vault>,
    faults: &mut Faults,
) -> Result<(), StoreError> {
    let count = end(link, comune).await?;
    let mut proof = Proof::default();
    loop {
        let rows = rows(link, comune, proof.last(), EVENTS_AT_ONCE).await?;
        if rows.is_empty() {
            break;
        }
        proof.read(vault, rows, faults).await?;
    }
    proof.end(count, faults);
    Ok(())
}

/// Where the journal ends.
async fn end<L: Link>(link: &mut L, comune: &str) -> Result<i64, StoreError> {
    let (count,): (i64,) = link.one("select event_count from {home} where comune = $1", values![comune]).await?;
    Ok(count)
}

async fn rows<L: Link>(link: &mut L, comune: &str, after: u64, limit: u32) -> Result<Vec<EventRow>, StoreError> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    link.rows(
        "select seq, kind, stream, key, at, actor, length, hash, body from {event}
         where comune = $1 and seq > $2 order by seq limit $3",
        values![comune, after, limit],
    )
    .await
}
