//! The journal of casework: events as they are kept. The body is sealed; the key makes an event that is sent twice one.

use jiff::Timestamp;

use super::{
    block::{Block, Found, compute, pack},
    error::StoreError,
    ledger::Faults,
    vault::{Secrecy, Vault},
};
use crate::casework::event::{IdempotencyKey, Stream, StreamId, StreamKind};
use std::sync::Arc;

/// Bytes of a body at most.
pub const BODY_BYTES_MAX: usize = 64 << 20;

/// An event to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Whose.
    pub stream: Stream,
    /// What makes it the same however often it is sent.
    pub key: IdempotencyKey,
    /// When it was told.
    pub at: Timestamp,
    /// By whom.
    pub actor: Box<str>,
    /// What: sealed where it is kept.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for NewEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewEvent").field("stream", &self.stream).field("key", &self.key).finish_non_exhaustive()
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was kept now, under this number.
    Now(u64),
    /// It was kept before, under this number; what was given now is not looked at.
    Before(u64),
}

impl Recorded {
    /// Its number.
    pub const fn seq(self) -> u64 {
        match self {
            Self::Now(seq) | Self::Before(seq) => seq,
        }
    }
}

/// An event that was kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// From 1, without gaps, in the order in which they were kept.
    pub seq: u64,
    /// The event.
    pub event: NewEvent,
}

impl std::fmt::Debug for StoredEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredEvent").field("seq", &self.seq).field("event", &self.event).finish()
    }
}

/// Where an event's body lies: everything that is told of it in clear is part of it, so that none of that can be changed.
fn place(kind: &str, stream: &str, key: &str, at: &str, actor: &str) -> String {
    format!("store_event/{kind}/{stream}/{key}/{at}/{actor}")
}

/// An event ready for the disk.
pub(super) struct PackedEvent {
    pub(super) kind: &'static str,
    pub(super) stream: String,
    pub(super) key: String,
    pub(super) at: String,
    pub(super) actor: String,
    pub(super) block: Block,
}

/// Seals events.
pub(super) async fn pack_events(vault: &Arc<Vault>, events: Vec<NewEvent>) -> Result<Vec<PackedEvent>, StoreError> {
    let vault = Arc::clone(vault);
    compute(move || events.iter().map(|event| pack_event(&vault, event)).collect()).await
}

fn pack_event(vault: &Vault, event: &NewEvent) -> Result<PackedEvent, StoreError> {
    if event.body.len() > BODY_BYTES_MAX {
        return Err(StoreError::TooLarge(format!("an event of {}", event.stream)));
    }
    let (kind, stream, key) = (event.stream.kind.key(), event.stream.id.to_string(), event.key.to_string());
    let (at, actor) = (event.at.to_string(), event.actor.to_string());
    let block = pack(vault, Secrecy::Sealed, &place(kind, &stream, &key, &at, &actor), &event.body)?;
    Ok(PackedEvent { kind, stream, key, at, actor, block })
}

/// A row of the journal.
pub(super) type EventRow = (i64, String, String, String, String, String, i64, Vec<u8>, Vec<u8>);

/// Opens the rows of the journal.
pub(super) async fn unpack_events(vault: &Arc<Vault>, rows: Vec<EventRow>) -> Result<Vec<StoredEvent>, StoreError> {
    let vault = Arc::clone(vault);
    compute(move || rows.into_iter().map(|row| unpack_event(&vault, row)).collect()).await
}

/// Events that are in memory at once while they are checked.
pub(super) const EVENTS_AT_ONCE: u32 = 200;

/// The journal read through, wherever it lies: no event is missing, and each opens.
#[derive(Default)]
pub(super) struct Proof {
    last: i64,
}

impl Proof {
    /// The number of the last event that was read.
    pub(super) const fn last(&self) -> u64 {
        self.last as u64
    }

    /// Reads on. Errors: those of the store; what is wrong with the journal is a fault.
    pub(super) async fn read(
        &mut self,
        vault: &Arc<Vault>,
        rows: Vec<EventRow>,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        for row in rows {
            let seq = row.0;
            if seq != self.last + 1 {
                faults.add("events", format!("event {seq} stands where {} should", self.last + 1));
            }
            self.last = seq;
            let opened = unpack_events(vault, vec![row]).await;
            faults.take(&format!("event {seq}"), opened)?;
        }
        Ok(())
    }

    /// The journal was read to its end, which should be at `count`.
    pub(super) fn end(&self, count: i64, faults: &mut Faults) {
        if self.last < count {
            faults.add("events", format!("the journal ends at {} and not at {count}", self.last));
        }
    }
}

fn unpack_event(vault: &Vault, row: EventRow) -> Result<StoredEvent, StoreError> {
    let (seq, kind, stream, key, at, actor, length, hash, bytes) = row;
    let corrupt = |what: &str| StoreError::Corrupt(format!("event {seq} has no {what}"));
    let found = Found { place: place(&kind, &stream, &key, &at, &actor), block: Block { length, hash, bytes } };
    let body = super::block::unpack(vault, Secrecy::Sealed, &found)?;
    let kind = StreamKind::named(&kind).ok_or_else(|| corrupt("kind that is known"))?;
    let id: StreamId = stream.parse().map_err(|_| corrupt("stream"))?;
    let event = NewEvent {
        stream: Stream { kind, id },
        key: key.parse().map_err(|_| corrupt("key"))?,
        at: at.parse().map_err(|_| corrupt("time"))?,
        actor: actor.into(),
        body,
    };
    Ok(StoredEvent { seq: seq as u64, event })
}
