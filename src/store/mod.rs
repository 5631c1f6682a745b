//! Layer 6, what is kept: the rows of the banks, the generations that are served, and who may come in.
//!
//! ```text
//! import   begin ─► append… ─► finish          a source: one file (or set of files) of one kind, batch by batch
//! refresh  batches ─► (linkage … snapshot) ─► publish   a generation: artefacts that are swapped together
//! serve    contents ─► artefact                the the current generation of each line, verified as it is read
//! account  save                                layers, aliases, tokens, audit entries
//! casework record ─► recorded                  the journal of what operators did
//! ```
//!
//! [`Store`] is the trait; [`embedded`] is its home for one comune: one SQLite file that is also a GeoPackage, with
//! every personal payload sealed by a key that lies beside it; [`postgis`] is its home for many comuni on a server of
//! PostgreSQL. What both say in the same SQL is written once, in `sql`; a home keeps what is its own. Every home passes the
//! same conformance suite. [`place`] says which is meant.
//! [`geopackage`] reads GeoPackages that others made, and writes them for others; [`workbook`] writes spreadsheets: both need
//! a disk while they are made.

mod block;
pub mod carriage;
pub mod embedded;
pub mod error;
pub mod event;
pub mod form;
pub mod generation;
pub mod geopackage;
pub mod layer;
pub mod ledger;
pub mod place;
pub mod postgis;
pub mod source;
mod sql;
#[cfg(test)]
mod suite;
mod table;
mod vault;
pub mod workbook;

use std::{future::Future, ops::Range, pin::Pin};

pub use self::{
    carriage::{Arrival, Carriage, carry},
    embedded::Embedded,
    error::StoreError,
    event::{NewEvent, Recorded, StoredEvent},
    generation::{Artefact, Generation, GenerationHead, GenerationId, Line},
    layer::{Layer, LayerHead, LayerName, Titles},
    ledger::{Alias, Change, Contents, Fault, Token},
    place::{Opened, Place, create, open},
    postgis::{Postgis, Url},
    source::{Batch, Begun, Source, SourceHead, SourceId, SourceKind, SourceState, StoredBatch, Totals},
};
use crate::{access::audit::Entry, domain::reject::Reject};

/// What a method of the store answers: a boxed future, so that the trait can be used as `dyn Store`.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The durable truth of one comune. Every method is one transaction: done and on disk when it answers `Ok`, not done at
/// all when it answers `Err`, except [`StoreError::Unreachable`], after which it may be done (calling again is harmless).
pub trait Store: Send + Sync {
    /// Announces a source. Idempotent by content: the same bytes of the same kind are [`Begun::Already`] there when they
    /// were finished and not superseded since, and are [`Begun::Resume`]d when they were interrupted.
    fn begin(&self, head: SourceHead) -> Answer<'_, Begun>;

    /// Adds batches to an open source, in one transaction. Their indices follow those already there; an index that is
    /// already there is skipped, so that a repeated call is harmless. Errors: [`StoreError::Gap`] when an index is
    /// missing before, [`StoreError::Superseded`] when another source of the kind was finished meanwhile.
    fn append(&self, source: SourceId, batches: Vec<Batch>) -> Answer<'_, ()>;

    /// Marks a source complete. It takes the place of every other source of its kind, whose batches are dropped.
    /// Finishing twice is once.
    fn finish(&self, source: SourceId, totals: Totals) -> Answer<'_, ()>;

    /// The batches of a source whose index lies in the range, in order; indices past the end are not an error.
    fn batches(&self, source: SourceId, range: Range<u32>) -> Answer<'_, Vec<StoredBatch>>;

    /// What could not be read in a source, in the order of its batches: rejects, then warnings, of each.
    fn rejects(&self, source: SourceId) -> Answer<'_, Vec<Reject>>;

    /// Writes a generation with all its artefacts and makes it current, in one transaction; then drops the oldest
    /// beyond [`generation::KEPT`]. Publishing the same id again replaces it.
    fn publish(&self, generation: Generation) -> Answer<'_, GenerationHead>;

    /// An artefact's bytes, verified. Errors: [`StoreError::Missing`], [`StoreError::Corrupt`].
    fn artefact(&self, generation: GenerationId, artefact: Artefact) -> Answer<'_, Vec<u8>>;

    /// One small change, on disk when answered.
    fn save(&self, change: Change) -> Answer<'_, ()>;

    /// A reference layer, as it was saved.
    fn layer(&self, name: &LayerName) -> Answer<'_, Layer>;

    /// What is here: sources, the current generation of each line, layers, aliases, tokens, the head of the audit log. Cheap: no payload.
    fn contents(&self) -> Answer<'_, Contents>;

    /// At most `limit` entries of the audit log with a sequence number of `from` or more, in order.
    fn audit(&self, from: u64, limit: u32) -> Answer<'_, Vec<Entry>>;

    /// Adds events to the journal of casework, in one transaction, and says what became of each. One whose key its stream
    /// has already is not kept again.
    fn record(&self, events: Vec<NewEvent>) -> Answer<'_, Vec<Recorded>>;

    /// At most `limit` events with a number greater than `after`, in order.
    fn recorded(&self, after: u64, limit: u32) -> Answer<'_, Vec<StoredEvent>>;

    /// Reads everything and verifies it: pages, keys, hashes, seals, row counts, the audit chain up to its head. An
    /// empty list is a sound store.
    fn check(&self) -> Answer<'_, Vec<Fault>>;
}
