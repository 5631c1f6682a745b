//! Sources: what was imported, batch by batch.

use std::fmt;

use jiff::Timestamp;

use super::layer::LayerName;
use crate::domain::{bank::BankKind, reject::Reject};

/// A source's number in its comune, from 1, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub(super) i64);

/// What a source is of. A comune has at most one complete source of each kind: several files of one kind (INDIR and
/// STRAD) are one source, whose content is the hash over all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceKind {
    /// A bank.
    Bank(BankKind),
    /// The civic register: streets and accesses.
    Civics,
    /// Civic numbers with coordinates from elsewhere.
    CivicPoints,
    /// A reference layer.
    Layer(LayerName),
    /// The road network.
    Roads,
}

impl SourceKind {
    /// Whether its batches say something about people, and so are sealed.
    pub(super) const fn secrecy(&self) -> super::vault::Secrecy {
        match self {
            Self::Bank(_) => super::vault::Secrecy::Sealed,
            Self::Civics | Self::CivicPoints | Self::Layer(_) | Self::Roads => super::vault::Secrecy::Plain,
        }
    }

    /// The stored form: `bank/anagrafe`, `civics`, `civic_points`, `layer/boundary`, `roads`.
    pub(super) fn to_stored(&self) -> String {
        match self {
            Self::Bank(bank) => format!("bank/{bank}"),
            Self::Civics => "civics".to_owned(),
            Self::CivicPoints => "civic_points".to_owned(),
            Self::Layer(name) => format!("layer/{name}"),
            Self::Roads => "roads".to_owned(),
        }
    }

    /// Reads the stored form.
    pub(super) fn from_stored(text: &str) -> Option<Self> {
        match text.split_once('/') {
            None if text == "civics" => Some(Self::Civics),
            None if text == "civic_points" => Some(Self::CivicPoints),
            None if text == "roads" => Some(Self::Roads),
            Some(("bank", name)) => name.parse().ok().map(Self::Bank),
            Some(("layer", name)) => name.parse().ok().map(Self::Layer),
            _ => None,
        }
    }
}

/// What is known of a source before its rows are read.
#[derive(Clone, Debug)]
pub struct SourceHead {
    /// What it is of.
    pub kind: SourceKind,
    /// Name of the file without its folder; several are joined with ` + `.
    pub file: String,
    /// Hash (blake3) of the bytes of the file, and of every setting that changes how they are read (mapping, CRS). Kept
    /// only under the key of the comune: a hash of a short bank could be guessed.
    pub content: [u8; 32],
    /// Now.
    pub at: Timestamp,
}

/// How a source starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing of it is here.
    Fresh(SourceId),
    /// It was interrupted: go on from here.
    Resume {
        /// Which.
        id: SourceId,
        /// Index of the next batch.
        next_batch: u32,
        /// Row after the last one kept, from 1.
        next_row: u32,
    },
    /// It is here, complete and current: nothing to do.
    Already(SourceId),
}

impl Begun {
    /// Which source.
    pub const fn id(self) -> SourceId {
        match self {
            Self::Fresh(id) | Self::Already(id) | Self::Resume { id, .. } => id,
        }
    }
}

/// Some rows of a source, as the caller encoded them. About 20,000 rows make a good batch. Its payload does not print
/// itself.
#[derive(Clone)]
pub struct Batch {
    /// From 0, without gaps.
    pub index: u32,
    /// First row it covers, from 1 after the header.
    pub first_row: u32,
    /// Last row it covers.
    pub last_row: u32,
    /// Rows that became records.
    pub records: u32,
    /// The records, encoded by the caller; compressed and sealed here.
    pub payload: Vec<u8>,
    /// Rows that did not.
    pub rejects: Vec<Reject>,
    /// Rows that did, with something to tell.
    pub warnings: Vec<Reject>,
}

/// A batch as it comes back. Its payload does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredBatch {
    /// From 0.
    pub index: u32,
    /// First row it covers.
    pub first_row: u32,
    /// Last row it covers.
    pub last_row: u32,
    /// Rows that became records.
    pub records: u32,
    /// The bytes that were appended.
    pub payload: Vec<u8>,
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("index", &self.index).field("records", &self.records).finish_non_exhaustive()
    }
}

impl fmt::Debug for StoredBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredBatch")
            .field("index", &self.index)
            .field("records", &self.records)
            .finish_non_exhaustive()
    }
}

/// The sums of a source. `records + rejects == rows` for a bank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows read.
    pub rows: u64,
    /// Rows that became records.
    pub records: u64,
    /// Rows that did not.
    pub rejects: u64,
}

/// How far a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Batches are still coming, or its import was interrupted.
    Open,
    /// Every batch is here and it is the current one of its kind.
    Complete,
    /// A later one of the kind took its place; its batches are gone.
    Superseded,
}

/// A source as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Which.
    pub id: SourceId,
    /// What it is of.
    pub kind: SourceKind,
    /// Name of the file.
    pub file: String,
    /// How far it is.
    pub state: SourceState,
    /// Batches that are here.
    pub batches: u32,
    /// Sums of the batches; of a superseded source, as they were.
    pub totals: Totals,
    /// When it was announced.
    pub begun_at: Timestamp,
}

impl SourceState {
    /// Reads the stored form.
    pub(super) fn from_stored(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "complete" => Some(Self::Complete),
            "superseded" => Some(Self::Superseded),
            _ => None,
        }
    }
}
