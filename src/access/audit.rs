//! The audit log: what was asked, by whom, chained by hash so that no entry changes, goes or comes unseen.

use super::{actor::Actor, policy::Action};

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The answer was given.
    Allowed,
    /// The policy said no.
    Denied,
}

impl Outcome {
    /// The word used in the log.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
        }
    }
}

/// What the log will say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    actor: Box<str>,
    role: &'static str,
    action: Action,
    object: Box<str>,
    rows: u64,
    outcome: Outcome,
}

impl AuditEvent {
    /// Says who did what to what, how many rows, and how it ended.
    pub fn new(actor: &Actor, action: Action, object: &str, rows: u64, outcome: Outcome) -> Self {
        let (actor, role) = (actor.name().into(), actor.capacity().key());
        Self { actor, role, action, object: object.into(), rows, outcome }
    }

    /// Whether it must be kept before the answer leaves: all but granted reading of open data and published figures.
    pub fn is_kept(&self) -> bool {
        self.outcome == Outcome::Denied || !matches!(self.action, Action::ReadOpenData | Action::ReadPublicFigures)
    }
}

/// A hash of the chain.
pub type Hash = [u8; 32];

/// Where a chain ends. Publish it, and a log cut short is found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// How many entries.
    pub count: u64,
    /// The hash of the last; zeros before the first.
    pub hash: Hash,
}

/// An entry of the log, as it is stored: a row of plain values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1.
    pub seq: u64,
    /// When, RFC 3339 in UTC.
    pub at: Box<str>,
    /// Who.
    pub actor: Box<str>,
    /// In what capacity.
    pub role: Box<str>,
    /// To do what.
    pub action: Box<str>,
    /// To what.
    pub object: Box<str>,
    /// How many rows.
    pub rows: u64,
    /// How it ended.
    pub outcome: Box<str>,
    /// The hash of the entry before; zeros for the first.
    pub prev: Hash,
    /// The hash of this one.
    pub hash: Hash,
}

/// Where the chain breaks.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Broken {
    /// An entry is not the next.
    #[error("audit entry {seq} stands where {expected} should")]
    Order {
        /// As found.
        seq: u64,
        /// As it should be.
        expected: u64,
    },
    /// An entry does not follow the one before.
    #[error("audit entry {seq} does not follow the one before it")]
    Link {
        /// Which.
        seq: u64,
    },
    /// An entry was changed.
    #[error("audit entry {seq} was changed")]
    Content {
        /// Which.
        seq: u64,
    },
    /// The log does not end at the published head.
    #[error("the audit log has {found} entries and does not end at its head of {expected}")]
    Head {
        /// Entries found.
        found: u64,
        /// Entries of the head.
        expected: u64,
    },
}

/// The next entry after a head, and the head after it.
pub fn append(head: Head, at: jiff::Timestamp, event: &AuditEvent) -> (Entry, Head) {
    let mut entry = Entry {
        seq: head.count + 1,
        at: at.to_string().into(),
        actor: event.actor.clone(),
        role: event.role.into(),
        action: event.action.key().into(),
        object: event.object.clone(),
        rows: event.rows,
        outcome: event.outcome.key().into(),
        prev: head.hash,
        hash: Hash::default(),
    };
    entry.hash = hash_of(&entry);
    let head = Head { count: entry.seq, hash: entry.hash };
    (entry, head)
}

/// Checks a whole log, in the order of storage, against its head.
pub fn verify<'a>(entries: impl IntoIterator<Item = &'a Entry>, head: Head) -> Result<(), Broken> {
    ends(follow(entries, Head::default())?, head)
}

/// Checks the next entries of a log that was read as far as `at`, in the order of storage; how far it is read then.
pub fn follow<'a>(entries: impl IntoIterator<Item = &'a Entry>, mut at: Head) -> Result<Head, Broken> {
    for entry in entries {
        let (seq, expected) = (entry.seq, at.count + 1);
        if seq != expected {
            return Err(Broken::Order { seq, expected });
        }
        if entry.prev != at.hash {
            return Err(Broken::Link { seq });
        }
        if entry.hash != hash_of(entry) {
            return Err(Broken::Content { seq });
        }
        at = Head { count: seq, hash: entry.hash };
    }
    Ok(at)
}

/// Checks that a log whose entries were read as far as `at` ends where its head says.
pub fn ends(at: Head, head: Head) -> Result<(), Broken> {
    if at == head { Ok(()) } else { Err(Broken::Head { found: at.count, expected: head.count }) }
}

/// BLAKE3 over the previous hash and every field, each text with its length before it so that fields cannot run together.
fn hash_of(entry: &Entry) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(b"atlante audit 1")
        .update(&entry.prev)
        .update(&entry.seq.to_le_bytes())
        .update(&entry.rows.to_le_bytes());
    for text in [&entry.at, &entry.actor, &entry.role, &entry.action, &entry.object, &entry.outcome] {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    }
    *hasher.finalize().as_bytes()
}
