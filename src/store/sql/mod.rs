//! What both homes say in the same SQL, written once and run on either.
//!
//! ```text
//! events, ledger, sources, generations, check, carriage    the statements, for any home
//! Home      what is a home's own: how it reads and writes, loads in bulk, lays out features
//! Link      a connection of it: a statement and its values, answered by rows
//! ```
//! A statement names a table between braces, `{batch}`: `store_batch` in one home, `atlante.batch` in the other. Its
//! parameters are numbered, `$1`, and every number is a bigint. It is prepared and kept by the connection, as sqlx does.

pub(super) mod events;

use std::{borrow::Cow, future::Future, ops::DerefMut, sync::Arc};

use sqlx::{Arguments, Encode, FromRow, Type, postgres::PgRow, sqlite::SqliteRow};

use super::{error::StoreError, vault::Vault};

/// A place where comuni are kept.
pub(super) trait Home: Send + Sync {
    /// Its connections.
    type Link: Link;
    /// A transaction that sees one moment and changes nothing; dropped, it ends.
    type Reading: DerefMut<Target = Self::Link> + Send;
    /// A transaction that may change the comune.
    type Writing: Writing<Target = Self::Link>;

    /// The comune as it is written in keys.
    fn key(&self) -> &str;

    /// What seals and opens.
    fn vault(&self) -> &Arc<Vault>;

    /// Begins to read.
    fn read(&self) -> impl Future<Output = Result<Self::Reading, StoreError>> + Send;

    /// Begins to write: others that want to wait here, not halfway.
    fn write(&self) -> impl Future<Output = Result<Self::Writing, StoreError>> + Send;
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
