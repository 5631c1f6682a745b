//! The audit log being written: every answer above the public is in it before it leaves.
//!
//! Documents are one event each. Tiles come by the hundred, so an actor's tiles of one generation are one event a
//! minute, kept before the first of them leaves.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;

use super::error::Error;
use crate::{
    access::{
        Actor,
        audit::{self, AuditEvent, Head},
    },
    store::{Change, Store, StoreError},
};

/// Actors whose minute is remembered at most; beyond it the memory starts anew, which costs an event too many.
const MAX_REMEMBERED: usize = 10_000;

/// Times that another writer of the log may come between.
const TRIES: u32 = 5;

/// The last minute of an actor's tiles of a generation.
type Minutes = HashMap<(Box<str>, Box<str>), i64>;

/// Writes the log.
pub(super) struct Journal {
    store: Option<Arc<dyn Store>>,
    head: tokio::sync::Mutex<Option<Head>>,
    minutes: Mutex<Minutes>,
    noting: tokio::sync::Mutex<()>,
}

impl Journal {
    pub(super) fn new(store: Option<Arc<dyn Store>>) -> Self {
        Self {
            store,
            head: tokio::sync::Mutex::new(None),
            minutes: Mutex::new(HashMap::new()),
            noting: tokio::sync::Mutex::new(()),
        }
    }

    /// Keeps what must be kept, on disk when answered.
    pub(super) async fn keep(&self, events: &[AuditEvent]) -> Result<(), Error> {
        let events: Vec<&AuditEvent> = events.iter().filter(|event| event.is_kept()).collect();
        let Some(store) = self.store.as_ref().filter(|_| !events.is_empty()) else { return Ok(()) };
        let mut head = self.head.lock().await;
        for _ in 0..TRIES {
            let mut next = match *head {
                Some(head) => head,
                None => store.contents().await?.audit_head,
            };
            let mut entries = Vec::with_capacity(events.len());
            for event in &events {
                let (entry, after) = audit::append(next, Timestamp::now(), event);
                entries.push(entry);
                next = after;
            }
            match store.save(Change::Audit(entries)).await {
                Ok(()) => {
                    *head = Some(next);
                    return Ok(());
                }
                // Another process wrote meanwhile, or we do not know whether we did: start from what is there.
                Err(StoreError::Conflict(_)) => *head = None,
                Err(error) => {
                    *head = None;
                    return Err(error.into());
                }
            }
        }
        Err(Error::Unavailable("the audit log is being written by others".to_owned()))
    }

    /// Keeps the event of a tile, unless the actor's tiles of this minute are already in the log.
    pub(super) async fn note(&self, actor: &Actor, event: &AuditEvent, generation: &str) -> Result<(), Error> {
        if !event.is_kept() {
            return Ok(());
        }
        let minute = Timestamp::now().as_second().div_euclid(60);
        let key = (actor.name().into(), generation.into());
        if self.remembered().get(&key) == Some(&minute) {
            return Ok(());
        }
        // A map asks for a dozen tiles at once: one of them writes, the others wait and find it written.
        let _one = self.noting.lock().await;
        if self.remembered().get(&key) == Some(&minute) {
            return Ok(());
        }
        self.keep(std::slice::from_ref(event)).await?;
        let mut minutes = self.remembered();
        if minutes.len() >= MAX_REMEMBERED {
            minutes.clear();
        }
        minutes.insert(key, minute);
        Ok(())
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, Minutes> {
        self.minutes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
