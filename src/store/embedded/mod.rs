//! The embedded home: one comune in one folder, with no server.
//!
//! ```text
//! FOLDER/atlante.gpkg        SQLite: WAL, synchronous=FULL, foreign keys, strict tables; a copy opens in QGIS
//! FOLDER/keys/M208.key       64 hexadecimal digits, mode 0600: keep a copy of it apart from the copies of the store
//! FOLDER/atlante.lock        held while the store is opened
//! ```
//! One connection writes (`begin immediate`, so that a second process waits for its turn), a few read.

mod home;
mod tables;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    ops::{Deref, DerefMut},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction, TransactionManager as _,
    migrate::{Migrate as _, MigrateError, Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous, SqliteTransactionManager},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{carriage::NOTHING, error::StoreError, sql, vault::Vault};
use crate::domain::comune::Comune;

/// Name of the file in its folder.
pub const FILE: &str = "atlante.gpkg";

const LOCK: &str = "atlante.lock";
/// How long a writer waits for another process.
const WAIT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
/// A second writer waits at the beginning, not halfway.
const BEGIN: &str = "begin immediate";
/// Wide pages: most bytes are in blobs of megabytes.
const PAGE_BYTES: u32 = 16_384;
/// The write-ahead log shrinks to this after a large generation went through it.
const LOG_BYTES_KEPT: &str = "67108864";

/// The schema, step by step. Without sqlx's macro, so that no build needs it.
const MIGRATIONS: [(i64, &str, &str); 3] = [
    (1, "store", include_str!("../../../migrations/embedded/0001_store.sql")),
    (2, "arriving", include_str!("../../../migrations/embedded/0002_arriving.sql")),
    (3, "event", include_str!("../../../migrations/embedded/0003_event.sql")),
];

/// For whom a store is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// For everyone: it is whole.
    Use,
    /// For a move that brings a comune here.
    Receive,
}

/// The store of one comune in one SQLite file.
#[derive(Debug)]
pub struct Embedded {
    comune: Comune,
    vault: Arc<Vault>,
    writer: Arc<Mutex<Writer>>,
    readers: SqlitePool,
}

impl Embedded {
    /// Opens the store of a folder. Errors: [`StoreError::Absent`] when there is none; the key's; [`StoreError::Newer`].
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        if !folder.join(FILE).is_file() {
            return Err(StoreError::Absent);
        }
        Self::start(folder, None, Purpose::Use).await
    }

    /// Opens the store of a folder, or makes it, with the folder and the key. Errors: [`StoreError::OtherComune`] when
    /// the folder holds another comune.
    pub async fn create(folder: &Path, comune: Comune) -> Result<Self, StoreError> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Self::start(folder, Some(comune), Purpose::Use).await
    }

    /// Opens the store of a folder to a comune that is moved here, or makes it; its key is there.
    pub(super) async fn receive(folder: &Path, comune: Comune) -> Result<Self, StoreError> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Self::start(folder, Some(comune), Purpose::Receive).await
    }

    /// Whose store it is.
    pub const fn comune(&self) -> Comune {
        self.comune
    }

    /// Closes the store: its log is folded into the file, so that the file alone is a whole copy.
    pub async fn close(self) -> Result<(), StoreError> {
        self.readers.close().await;
        let writer = Arc::into_inner(self.writer).expect("who writes holds the store");
        writer.into_inner().connection.close().await.map_err(StoreError::from)
    }

    async fn start(folder: &Path, asked: Option<Comune>, purpose: Purpose) -> Result<Self, StoreError> {
        // Two programs that make the same store at once: the second waits, then finds it made.
        let _lock = lock(folder).await?;
        let path = folder.join(FILE);
        // Made before SQLite does, for its mode; the log beside it inherits the mode.
        let mode = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        drop(mode?);
        let mut writer = Writer::open(options(&path)).await?;
        migrate(&mut writer.connection).await?;
        let (comune, vault) = enter(&mut writer, folder, asked, purpose).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(WAIT)
            .connect_lazy_with(options(&path).read_only(true).create_if_missing(false));
        Ok(Self { comune, vault: Arc::new(vault), writer: Arc::new(Mutex::new(writer)), readers })
    }

    async fn writer(&self) -> OwnedMutexGuard<Writer> {
        Arc::clone(&self.writer).lock_owned().await
    }
}

/// The connection that writes.
#[derive(Debug)]
struct Writer {
    connection: SqliteConnection,
    options: SqliteConnectOptions,
}

impl Writer {
    async fn open(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        Ok(Self { connection: SqliteConnection::connect_with(&options).await?, options })
    }

    /// Starts a transaction that may write.
    async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, StoreError> {
        self.mend().await?;
        Ok(self.connection.begin_with(BEGIN).await?)
    }

    /// Makes sure that the connection is in no transaction.
    async fn mend(&mut self) -> Result<(), StoreError> {
        // A full disk makes SQLite roll back by itself, which sqlx takes for a transaction that is still open: such a
        // connection is of no more use. The ping waits for a rollback that is under way.
        if self.connection.ping().await.is_err() || self.connection.is_in_transaction() {
            self.connection = SqliteConnection::connect_with(&self.options).await?;
        }
        Ok(())
    }
}

/// A transaction that may write, with the turn to write.
pub(super) struct Writing {
    writer: OwnedMutexGuard<Writer>,
    open: bool,
}

impl Writing {
    async fn begin(mut writer: OwnedMutexGuard<Writer>) -> Result<Self, StoreError> {
        writer.mend().await?;
        SqliteTransactionManager::begin(&mut writer.connection, Some(BEGIN.into())).await?;
        Ok(Self { writer, open: true })
    }
}

impl Deref for Writing {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.writer.connection
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.writer.connection
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.open {
            SqliteTransactionManager::start_rollback(&mut self.writer.connection);
        }
    }
}

impl sql::Writing for Writing {
    /// Nobody listens: this process alone has the store open for its own, and another reads it as it is.
    async fn commit(mut self, _object: &str, _op: &str) -> Result<(), StoreError> {
        SqliteTransactionManager::commit(&mut self.writer.connection).await?;
        self.open = false;
        Ok(())
    }
}

async fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK);
    let taken = tokio::task::spawn_blocking(move || {
        let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        file.lock()?;
        Ok::<File, std::io::Error>(file)
    });
    taken.await.map_err(|_| stopped())?.map_err(StoreError::from)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .page_size(PAGE_BYTES)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(WAIT)
        .pragma("journal_size_limit", LOG_BYTES_KEPT)
        .pragma("trusted_schema", "off")
        .pragma("cell_size_check", "on")
}

/// Brings the schema up to this program's, after making sure that the file is ours and not from a later one.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let (tables, ours): (i64, i64) = sqlx::query_as(
        "select count(*), coalesce(sum(name = 'store_home'), 0) from sqlite_schema where type = 'table'",
    )
    .fetch_one(&mut *connection)
    .await?;
    if tables > 0 && ours == 0 {
        let (begun,): (i64,) =
            sqlx::query_as("select count(*) from sqlite_schema where type = 'table' and name <> '_sqlx_migrations'")
                .fetch_one(&mut *connection)
                .await?;
        // Only sqlx's own table: we were killed before the first step was in.
        if begun > 0 {
            return Err(StoreError::Foreign(FILE.to_owned()));
        }
    }
    let known = MIGRATIONS.last().map_or(0, |step| step.0);
    if ours > 0 {
        let (found,): (Option<i64>,) =
            sqlx::query_as("select max(version) from _sqlx_migrations").fetch_one(&mut *connection).await?;
        match found {
            Some(found) if found > known => return Err(StoreError::Newer { found, known }),
            Some(_) => {}
            None => return Err(StoreError::Corrupt("its schema has no version".to_owned())),
        }
    }
    let steps = MIGRATIONS
        .map(|(version, name, sql)| Migration::new(version, name.into(), MigrationType::Simple, sql.into(), false));
    connection.ensure_migrations_table().await.map_err(migrating)?;
    let migrator = Migrator { migrations: steps.to_vec().into(), ..Migrator::DEFAULT };
    migrator.run_direct(connection).await.map_err(migrating)
}

/// Finds whose store it is and its key; a new store gets both.
async fn enter(
    writer: &mut Writer,
    folder: &Path,
    asked: Option<Comune>,
    purpose: Purpose,
) -> Result<(Comune, Vault), StoreError> {
    let mut tx = writer.begin().await?;
    let home: Option<(String, Vec<u8>, Option<String>)> =
        sqlx::query_as("select comune, key_print, arriving from store_home").fetch_optional(&mut *tx).await?;
    let Some((held, print, arriving)) = home else {
        let comune = asked.ok_or(StoreError::Absent)?;
        let vault = match Vault::open(folder, comune)? {
            Some(vault) => vault,
            None => Vault::create(folder, comune)?,
        };
        sqlx::query("insert into store_home (comune, key_print, audit_hash, arriving) values (?, ?, zeroblob(32), ?)")
            .bind(comune.as_str())
            .bind(vault.fingerprint().to_vec())
            .bind((purpose == Purpose::Receive).then_some(NOTHING))
            .execute(&mut *tx)
            .await?;
        sqlx::query("insert into store_about (id, comune) values (1, ?)")
            .bind(comune.as_str())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        return Ok((comune, vault));
    };
    let comune: Comune = held.parse().map_err(|_| StoreError::Corrupt("its comune has no code".to_owned()))?;
    if let Some(asked) = asked.filter(|asked| *asked != comune) {
        return Err(StoreError::OtherComune { held, asked: asked.to_string() });
    }
    if arriving.is_some() && purpose == Purpose::Use {
        return Err(StoreError::Arriving(held));
    }
    let shown = || format!("keys/{comune}.key");
    let vault = Vault::open(folder, comune)?.ok_or_else(|| StoreError::KeyMissing(shown()))?;
    if vault.fingerprint()[..] != print[..] {
        return Err(StoreError::KeyWrong(shown()));
    }
    Ok((comune, vault))
}

fn migrating(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Corrupt(other.to_string()),
    }
}

fn stopped() -> StoreError {
    StoreError::Unreachable("the work was stopped".to_owned())
}
