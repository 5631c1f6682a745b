//! The home of many comuni on one server: PostgreSQL with PostGIS.
//!
//! ```text
//! postgres://USER@HOST/DATABASE   schema atlante: what the embedded home keeps, every key begun by the comune
//!                                 schema atlante_m208: a read-only view of each layer and of the figures, for QGIS
//! FOLDER/keys/M208.key            64 hexadecimal digits, mode 0600: the key never goes to the server
//! ```
//! Writers of one comune wait for each other on its row of `atlante.home`; readers see one moment.

mod copy;
mod home;
mod tables;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    ops::{Deref, DerefMut},
    path::Path,
    str::FromStr as _,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Connection as _, PgConnection, PgPool, Postgres, Transaction,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{carriage::NOTHING, error::StoreError, sql, vault::Vault};
use crate::domain::comune::Comune;

/// How long a writer waits for another, and anyone for a free connection or a server that is coming back.
const WAIT: Duration = Duration::from_secs(10);
const CONNECTIONS: u32 = 8;

/// The schema, step by step. Without sqlx's macro, so that no build needs it.
const MIGRATIONS: [(i64, &str, &str); 2] = [
    (1, "store", include_str!("../../../migrations/postgis/0001_store.sql")),
    (2, "event", include_str!("../../../migrations/postgis/0002_event.sql")),
];

/// For whom a store is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// For everyone: it is whole.
    Use,
    /// For a move that brings a comune here.
    Receive,
}

/// Where a server is and as whom it is asked. Prints nothing of its password.
#[derive(Clone)]
pub struct Url {
    options: Box<PgConnectOptions>,
}

impl Url {
    /// Reads `postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE`; what is left out comes from `PGHOST`, `PGUSER`,
    /// `PGPASSWORD` and the like, or from `~/.pgpass`, where a password is better kept. Errors:
    /// [`StoreError::Address`].
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(StoreError::Address("it begins with postgres://"));
        }
        let options = PgConnectOptions::from_str(text)
            .map_err(|_| StoreError::Address("write postgres://USER@HOST:PORT/DATABASE"))?;
        let options = options.application_name("atlante").options([
            ("search_path", "atlante,public"),
            ("lock_timeout", "10s"),
            // A transaction that nobody goes on with holds every reader of the changes back.
            ("idle_in_transaction_session_timeout", "60s"),
            ("client_min_messages", "warning"),
            ("timezone", "UTC"),
        ]);
        Ok(Self { options: Box::new(options) })
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (options, port) = (&self.options, self.options.get_port());
        let (user, host) = (options.get_username(), options.get_host());
        write!(f, "postgres://{user}@{host}:{port}/{}", options.get_database().unwrap_or_default())
    }
}

/// The store of one comune on a server.
#[derive(Debug)]
pub struct Postgis {
    comune: Comune,
    vault: Arc<Vault>,
    pool: PgPool,
    /// Writers of this process wait here, so that they do not hold every connection while they wait.
    turn: Arc<Mutex<()>>,
}

impl Postgis {
    /// Opens the store of a comune, of the only one where none is named; its key lies in the folder. Errors:
    /// [`StoreError::NotThere`], [`StoreError::Which`], the key's, [`StoreError::Newer`].
    pub async fn open(url: &Url, keys: &Path, comune: Option<Comune>) -> Result<Self, StoreError> {
        let mut connection = connect(url).await?;
        if !has_home(&mut connection).await? {
            return Err(StoreError::NotThere("the database holds no store yet".to_owned()));
        }
        migrate(&mut connection).await?;
        let comune = match comune {
            Some(comune) => comune,
            None => only(&mut connection).await?,
        };
        Self::enter(url, connection, keys, comune, Purpose::Use).await
    }

    /// Opens the store of a comune, or makes it, with the schema and the key.
    pub async fn create(url: &Url, keys: &Path, comune: Comune) -> Result<Self, StoreError> {
        Self::start(url, keys, comune, Purpose::Use).await
    }

    /// Opens the store of a comune that is moved here, or makes it; its key is there.
    pub(super) async fn receive(url: &Url, keys: &Path, comune: Comune) -> Result<Self, StoreError> {
        Self::start(url, keys, comune, Purpose::Receive).await
    }

    async fn start(url: &Url, keys: &Path, comune: Comune, purpose: Purpose) -> Result<Self, StoreError> {
        let mut connection = connect(url).await?;
        // Two programs that make the schema at once: the second waits, then finds it made.
        sqlx::Executor::execute(
            &mut connection,
            "begin; select pg_advisory_xact_lock(hashtext('atlante')); create schema if not exists atlante; commit",
        )
        .await?;
        migrate(&mut connection).await?;
        let held: Option<(String,)> = sqlx::query_as("select comune from atlante.home where comune = $1")
            .bind(comune.as_str())
            .fetch_optional(&mut connection)
            .await?;
        if held.is_none() {
            let vault = match Vault::open(keys, comune)? {
                Some(vault) => vault,
                None => Vault::create(keys, comune)?,
            };
            sqlx::query(
                "insert into atlante.home (comune, key_print, audit_hash, arriving) values ($1, $2, $3, $4)
                 on conflict do nothing",
            )
            .bind(comune.as_str())
            .bind(vault.fingerprint().to_vec())
            .bind(vec![0_u8; 32])
            .bind((purpose == Purpose::Receive).then_some(NOTHING))
            .execute(&mut connection)
            .await?;
        }
        Self::enter(url, connection, keys, comune, purpose).await
    }

    /// Finds the comune and verifies its key.
    async fn enter(
        url: &Url,
        mut connection: PgConnection,
        keys: &Path,
        comune: Comune,
        purpose: Purpose,
    ) -> Result<Self, StoreError> {
        let home: Option<(Vec<u8>, Option<String>)> =
            sqlx::query_as("select key_print, arriving from atlante.home where comune = $1")
                .bind(comune.as_str())
                .fetch_optional(&mut connection)
                .await?;
        connection.close().await?;
        let (print, arriving) = home.ok_or_else(|| StoreError::NotThere(format!("the database holds no {comune}")))?;
        if arriving.is_some() && purpose == Purpose::Use {
            return Err(StoreError::Arriving(comune.to_string()));
        }
        let shown = || format!("keys/{comune}.key");
        let vault = Vault::open(keys, comune)?.ok_or_else(|| StoreError::KeyMissing(shown()))?;
        if vault.fingerprint()[..] != print[..] {
            return Err(StoreError::KeyWrong(shown()));
        }
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(WAIT)
            .connect_lazy_with((*url.options).clone());
        Ok(Self { comune, vault: Arc::new(vault), pool, turn: Arc::default() })
    }

    /// Whose store it is.
    pub const fn comune(&self) -> Comune {
        self.comune
    }

    /// Lets go of the connections.
    pub async fn close(self) {
        self.pool.close().await;
    }

    async fn transact(&self, statement: &str) -> Result<Transaction<'static, Postgres>, StoreError> {
        // The wall: what a statement of this transaction may see.
        let statement = format!("{statement}; select set_config('app.comuni', '{}', true)", self.comune);
        let pool = self.pool.clone();
        // A begin that is abandoned halfway would leave its connection inside a transaction that sqlx does not know of.
        let begun = tokio::spawn(async move { pool.begin_with(statement).await });
        let begun = begun.await.map_err(|_| StoreError::Unreachable("the work was stopped".to_owned()))?;
        begun.map_err(unacquired)
    }
}

fn unacquired(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::PoolTimedOut => {
            StoreError::Unreachable("no connection to PostgreSQL became free in 10 seconds".to_owned())
        }
        other => other.into(),
    }
}

/// A connection inside a transaction that changes something: dropped before its end, it is closed, because a COPY that was
/// abandoned leaves an answer on it that sqlx does not count, and whoever had it next would be one answer behind.
struct Unended(Option<PoolConnection<Postgres>>);

impl Unended {
    async fn commit(mut self) -> Result<(), sqlx::Error> {
        sqlx::query("commit").execute(&mut *self).await?;
        self.0 = None;
        Ok(())
    }
}

impl Deref for Unended {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.0.as_ref().expect("held until its end")
    }
}

impl DerefMut for Unended {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.0.as_mut().expect("held until its end")
    }
}

impl Drop for Unended {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.0 {
            connection.close_on_drop();
        }
    }
}

/// A transaction that changes the comune, with the turn of this process to write.
pub(super) struct Writing {
    tx: Unended,
    comune: Comune,
    revision: i64,
    _turn: OwnedMutexGuard<()>,
}

impl Deref for Writing {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.tx
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.tx
    }
}

impl sql::Writing for Writing {
    /// Says what was changed, in the same transaction, and ends it.
    async fn commit(mut self, object: &str, op: &str) -> Result<(), StoreError> {
        sqlx::query("insert into atlante.change (comune, object, op, revision) values ($1, $2, $3, $4)")
            .bind(self.comune.as_str())
            .bind(object)
            .bind(op)
            .bind(self.revision)
            .execute(&mut *self.tx)
            .await?;
        Ok(self.tx.commit().await?)
    }
}

async fn connect(url: &Url) -> Result<PgConnection, StoreError> {
    let connecting = PgConnection::connect_with(&url.options);
    match tokio::time::timeout(WAIT, connecting).await {
        Ok(connected) => Ok(connected?),
        Err(_) => Err(StoreError::Unreachable(format!("{url} does not answer"))),
    }
}

async fn has_home(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let (there,): (bool,) =
        sqlx::query_as("select to_regclass('atlante.home') is not null").fetch_one(connection).await?;
    Ok(there)
}

/// The comune of a database that holds one.
async fn only(connection: &mut PgConnection) -> Result<Comune, StoreError> {
    let held: Vec<(String,)> =
        sqlx::query_as("select comune from atlante.home order by 1 limit 20").fetch_all(connection).await?;
    match held.as_slice() {
        [] => Err(StoreError::NotThere("the database holds no comune yet".to_owned())),
        [(one,)] => one.parse().map_err(|_| StoreError::Corrupt("its comune has no code".to_owned())),
        several => Err(StoreError::Which(several.iter().map(|(code,)| code.as_str()).collect::<Vec<_>>().join(", "))),
    }
}

/// Brings the schema up to this program's, after making sure that it is ours and not from a later one.
async fn migrate(connection: &mut PgConnection) -> Result<(), StoreError> {
    let known = MIGRATIONS.last().map_or(0, |step| step.0);
    if has_home(connection).await? {
        let (found,): (Option<i64>,) =
            sqlx::query_as("select max(version) from atlante._sqlx_migrations").fetch_one(&mut *connection).await?;
        match found {
            Some(found) if found > known => return Err(StoreError::Newer { found, known }),
            Some(found) if found == known => return Ok(()),
            Some(_) => {}
            None => return Err(StoreError::Corrupt("its schema has no version".to_owned())),
        }
    }
    let steps = MIGRATIONS
        .map(|(version, name, sql)| Migration::new(version, name.into(), MigrationType::Simple, sql.into(), false));
    let migrator = Migrator { migrations: steps.to_vec().into(), ..Migrator::DEFAULT };
    migrator.run_direct(connection).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Corrupt(other.to_string()),
    })
}
