//! What can go wrong with a store. No message holds a value of a row.

use sqlx::postgres::PgDatabaseError;

use super::layer::InvalidLayerName;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room: the disk, or the bound set for the file. Nothing of the call was kept.
    #[error("the disk of the store is full: nothing of this step was kept; free some room and run it again")]
    Full,
    /// Another process has been writing for longer than we wait.
    #[error("the store is being written by another process; try again when it has finished")]
    Busy,
    /// What is on disk is not what was written.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The file or the server cannot be reached or read; the last change may or may not be there.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// Written by a newer Atlante.
    #[error("the store has schema {found}, this program knows {known}: use a newer atlante")]
    Newer {
        /// Of the file.
        found: i64,
        /// Of this program.
        known: i64,
    },
    /// A database that is not ours.
    #[error("{0} is not a store of Atlante")]
    Foreign(String),
    /// The folder holds no store yet.
    #[error("no store in this folder: `atlante import` makes one")]
    Absent,
    /// The database holds no such store.
    #[error("{0}: `atlante import` puts one there")]
    NotThere(String),
    /// The database holds several comuni and none was named.
    #[error("the database holds {0}: say which with --comune")]
    Which(String),
    /// A comune that is being moved here is not whole yet.
    #[error("{0} is being moved here and is not whole yet: run the same `atlante move` again to its end")]
    Arriving(String),
    /// Not the address of a database.
    #[error("the address of the database cannot be read: {0}")]
    Address(&'static str),
    /// The folder holds another comune.
    #[error("this store is of the comune {held}, not of {asked}: use another folder")]
    OtherComune {
        /// In the store.
        held: String,
        /// Asked for.
        asked: String,
    },
    /// The key file is not there, and the store has sealed rows.
    #[error(
        "the key {0} is missing: put back the copy that was kept apart; without it nobody can open the personal rows"
    )]
    KeyMissing(String),
    /// The key file is not the one that sealed this store, or is not a key.
    #[error("the key {0} does not open this store")]
    KeyWrong(String),
    /// The key file can be read by other users of the machine.
    #[error("the key {0} can be read by others: chmod 600 it")]
    KeyExposed(String),
    /// No such source, generation, artefact, layer or token.
    #[error("{0} is not in the store")]
    Missing(String),
    /// A batch came before the one that goes before it.
    #[error("batch {found} was given where batch {expected} comes next")]
    Gap {
        /// Next index of the source.
        expected: u32,
        /// Given index.
        found: u32,
    },
    /// The source is no longer open.
    #[error("another file of the same kind was imported meanwhile: import this one again to replace it")]
    Superseded,
    /// The change does not follow what is there: a name that is taken, an audit entry that is not the next.
    #[error("{0}")]
    Conflict(String),
    /// An artefact or a batch larger than the store takes.
    #[error("{0} is too large for the store")]
    TooLarge(String),
    /// Not the name of a layer.
    #[error(transparent)]
    LayerName(#[from] InvalidLayerName),
    /// A stored form of ours that cannot be written: a defect of the program.
    #[error("cannot encode {0}")]
    Encode(&'static str),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
                Some(error) => by_state(error.code(), error.message()),
                None => by_code(error.code().and_then(|code| code.parse().ok()).unwrap_or(1), error.message()),
            },
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Io(error) => Self::from(error),
            sqlx::Error::ColumnDecode { index, .. } => Self::Corrupt(format!("column {index} has another type")),
            sqlx::Error::RowNotFound => Self::Corrupt("a row is missing".to_owned()),
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Unreachable(error.to_string()),
        }
    }
}

/// Primary result codes of SQLite (https://www.sqlite.org/rescode.html).
fn by_code(code: i32, message: &str) -> StoreError {
    match code & 0xff {
        5 | 6 => StoreError::Busy,
        11 => StoreError::Corrupt("a page is malformed: run check, put back a copy".to_owned()),
        13 => StoreError::Full,
        18 => StoreError::TooLarge("a row".to_owned()),
        19 => StoreError::Conflict("the change does not agree with what is stored".to_owned()),
        26 => StoreError::Foreign("the file".to_owned()),
        _ => StoreError::Unreachable(format!("SQLite {code}: {message}")),
    }
}

/// States of PostgreSQL (https://www.postgresql.org/docs/15/errcodes-appendix.html). Only messages about the server are
/// told on: others may quote a value.
fn by_state(state: &str, message: &str) -> StoreError {
    match (state.get(..2).unwrap_or_default(), state) {
        ("53", "53100") => StoreError::Full,
        // Locks, deadlocks, too many connections, a statement that was stopped.
        ("40" | "53", _) | (_, "55P03" | "57014") => StoreError::Busy,
        ("23", _) => StoreError::Conflict("the change does not agree with what is stored".to_owned()),
        (_, "2BP01") => StoreError::Conflict("something was built on a view of the layer: drop it first".to_owned()),
        ("54", _) => StoreError::TooLarge("a row".to_owned()),
        ("XX", "XX001" | "XX002") => StoreError::Corrupt("a page of PostgreSQL is damaged: put back a copy".to_owned()),
        ("08" | "25" | "28" | "3D" | "57", _) | (_, "42501" | "0A000") => {
            StoreError::Unreachable(format!("PostgreSQL {state}: {message}"))
        }
        _ => StoreError::Unreachable(format!("PostgreSQL {state}")),
    }
}
