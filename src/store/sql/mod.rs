//! What both homes say in the same SQL, written once and run on either.
//!
//! ```text
//! events, ledger, sources, generations, check, carriage    the statements, for any home
//! Home      what is a home's own: how it reads and writes, loads in bulk, lays out features
//! Link      a connection of it: a statement and its values, answered by rows
//! ```
//! A statement names a table between braces, `{batch}`: `store_batch` in one home, `atlante.batch` in the other. Its
//! parameters are numbered, `$1`, and every number is a bigint. It is prepared and kept by the connection, as sqlx does.

mod carriage;
mod check;
mod events;
mod generations;
mod ledger;
mod sources;

use std::{
    borrow::Cow,
    future::Future,
    ops::{DerefMut, Range},
    sync::Arc,
};

use sqlx::{Arguments, Encode, FromRow, Type, postgres::PgRow, sqlite::SqliteRow};

use super::{
    Answer, Store,
    block::{Block, PackedBatch},
    error::StoreError,
    event::{NewEvent, Recorded, StoredEvent},
    generation::{Artefact, Generation, GenerationHead, GenerationId},
    layer::{Layer, LayerName},
    ledger::{Change, Contents, Fault, Faults},
    source::{Batch, Begun, SourceHead, SourceId, StoredBatch, Totals},
    vault::Vault,
};
use crate::{
    access::audit::Entry,
    domain::{comune::Comune, reject::Reject},
};

/// What a home does of its own.
pub(super) trait Home: Send + Sync {
    /// Its connections.
    type Link: Link;
    /// A transaction that sees one moment and changes nothing; dropped, it ends.
    type Reading: DerefMut<Target = Self::Link> + Send;
    /// A transaction that may change the comune.
    type Writing: Writing<Target = Self::Link>;
    /// A layer laid out for whoever looks at its features past this program.
    type Laid: Send + Sync;

    /// Whose store it is.
    fn comune(&self) -> Comune;

    /// The comune as it is written in keys.
    fn key(&self) -> &str;

    /// What seals and opens.
    fn vault(&self) -> &Arc<Vault>;

    /// Begins to read.
    fn read(&self) -> impl Future<Output = Result<Self::Reading, StoreError>> + Send;

    /// Begins to write: others that want to wait here, not halfway.
    fn write(&self) -> impl Future<Output = Result<Self::Writing, StoreError>> + Send;

    /// Rests after a large write.
    fn rest(&self) -> impl Future<Output = Result<(), StoreError>> + Send {
        async { Ok(()) }
    }

    /// Adds batches to a source.
    fn load_batches(
        &self,
        link: &mut Self::Link,
        source: SourceId,
        batches: Vec<PackedBatch>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Adds the chunks of an artefact.
    fn load_chunks(
        &self,
        link: &mut Self::Link,
        generation: GenerationId,
        artefact: Artefact,
        chunks: Vec<Block>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lays a layer out.
    fn lay(layer: Layer) -> impl Future<Output = Result<Self::Laid, StoreError>> + Send;

    /// Shows the features of a reference layer in place of those of the same name.
    fn show(&self, link: &mut Self::Link, layer: &Self::Laid) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Shows the features of a reference layer no more, if they are shown.
    fn hide(&self, link: &mut Self::Link, name: &LayerName) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Shows the figures of a generation, where there is one, in place of those before. Errors: `Conflict` when a
    /// reference layer has the name of one.
    fn show_figures(
        &self,
        link: &mut Self::Link,
        figures: &[Self::Laid],
        generation: Option<&str>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether the name is that of figures that are shown.
    fn is_figures(
        &self,
        link: &mut Self::Link,
        name: &LayerName,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Says what the database itself finds wrong with its disk.
    fn check_disk(link: &mut Self::Link, faults: &mut Faults) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Says what is shown and is not what was stored.
    fn check_shown(
        &self,
        link: &mut Self::Link,
        faults: &mut Faults,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A transaction that may change the comune; dropped before its end, it leaves nothing.
pub(super) trait Writing: DerefMut<Target: Link> + Send {
    /// Ends it, and tells whoever listens what was done to what: `source/3`, `finish`.
    fn commit(self, object: &str, op: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A connection to a database.
pub(super) trait Link: Send {
    /// Runs a statement; how many rows it touched.
    fn run(&mut self, statement: &str, values: Values<'_>) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// All rows of an answer.
    fn rows<R: Record>(
        &mut self,
        statement: &str,
        values: Values<'_>,
    ) -> impl Future<Output = Result<Vec<R>, StoreError>> + Send;

    /// The first row of an answer, where there is one.
    fn row<R: Record>(
        &mut self,
        statement: &str,
        values: Values<'_>,
    ) -> impl Future<Output = Result<Option<R>, StoreError>> + Send;

    /// The row of an answer that has one. Errors: [`StoreError::Corrupt`] when it has none.
    fn one<R: Record>(
        &mut self,
        statement: &str,
        values: Values<'_>,
    ) -> impl Future<Output = Result<R, StoreError>> + Send {
        async move { self.row(statement, values).await?.ok_or_else(|| sqlx::Error::RowNotFound.into()) }
    }
}

/// What a row is read as, whichever database it comes from: a tuple of `i64`, `String`, `Vec<u8>` and options of them.
pub(super) trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<R> Record for R where R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// The values of a statement, in the order of their numbers.
pub(super) type Values<'q> = Vec<Value<'q>>;

/// A value of a statement. One that is owned goes to SQLite without a copy.
pub(super) enum Value<'q> {
    /// A whole number.
    Whole(Option<i64>),
    /// Text.
    Text(Option<Cow<'q, str>>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

/// The values of a statement: `values![comune, source.0, &kind]`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::sql::Value::from($value)),*] };
}
pub(super) use values;

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Whole(Some(number))
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Whole(Some(number.into()))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Whole(number)
    }
}

impl<'q> From<&'q str> for Value<'q> {
    fn from(text: &'q str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'q> From<&'q String> for Value<'q> {
    fn from(text: &'q String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'q> From<Option<&'q str>> for Value<'q> {
    fn from(text: Option<&'q str>) -> Self {
        Self::Text(text.map(Cow::Borrowed))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<Option<String>> for Value<'_> {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.map(Cow::Owned))
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Some(bytes))
    }
}

impl<const N: usize> From<[u8; N]> for Value<'_> {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(Some(bytes.into()))
    }
}

/// Values as a database takes them.
pub(super) fn arguments<'q, A>(values: Values<'q>) -> Result<A, StoreError>
where
    A: Arguments<'q>,
    Option<i64>: Encode<'q, A::Database> + Type<A::Database>,
    Option<Cow<'q, str>>: Encode<'q, A::Database> + Type<A::Database>,
    Option<Vec<u8>>: Encode<'q, A::Database> + Type<A::Database>,
{
    let mut arguments = A::default();
    for value in values {
        let added = match value {
            Value::Whole(number) => arguments.add(number),
            Value::Text(text) => arguments.add(text),
            Value::Bytes(bytes) => arguments.add(bytes),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

impl<H: Home> Store for H {
    fn begin(&self, head: SourceHead) -> Answer<'_, Begun> {
        Box::pin(sources::begin(self, head))
    }

    fn append(&self, source: SourceId, batches: Vec<Batch>) -> Answer<'_, ()> {
        Box::pin(sources::append(self, source, batches))
    }

    fn finish(&self, source: SourceId, totals: Totals) -> Answer<'_, ()> {
        Box::pin(sources::finish(self, source, totals))
    }

    fn batches(&self, source: SourceId, range: Range<u32>) -> Answer<'_, Vec<StoredBatch>> {
        Box::pin(sources::batches(self, source, range))
    }

    fn rejects(&self, source: SourceId) -> Answer<'_, Vec<Reject>> {
        Box::pin(sources::rejects(self, source))
    }

    fn publish(&self, generation: Generation) -> Answer<'_, GenerationHead> {
        Box::pin(generations::publish(self, generation))
    }

    fn artefact(&self, generation: GenerationId, artefact: Artefact) -> Answer<'_, Vec<u8>> {
        Box::pin(generations::artefact(self, generation, artefact))
    }

    fn save(&self, change: Change) -> Answer<'_, ()> {
        Box::pin(ledger::save(self, change))
    }

    fn layer(&self, name: &LayerName) -> Answer<'_, Layer> {
        let name = name.clone();
        Box::pin(ledger::layer(self, name))
    }

    fn contents(&self) -> Answer<'_, Contents> {
        Box::pin(ledger::contents(self))
    }

    fn audit(&self, from: u64, limit: u32) -> Answer<'_, Vec<Entry>> {
        Box::pin(ledger::audit(self, from, limit))
    }

    fn record(&self, events: Vec<NewEvent>) -> Answer<'_, Vec<Recorded>> {
        Box::pin(events::record(self, events))
    }

    fn recorded(&self, after: u64, limit: u32) -> Answer<'_, Vec<StoredEvent>> {
        Box::pin(events::recorded(self, after, limit))
    }

    fn check(&self) -> Answer<'_, Vec<Fault>> {
        Box::pin(check::all(self))
    }
}
