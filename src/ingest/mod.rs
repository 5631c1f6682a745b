//! Layer 1, from bytes to typed rows: what the offices export comes in here, and only here.
//!
//! ```text
//! bytes ─► sheet ─► bank   ─► records, rejects, warnings
//!                └► civics ─► streets, accesses, rejects (crs: metres to degrees)
//! bytes ─► areas           ─► features, rejects
//! bytes ─► sheet ─► outcomes ─► what happened at the doors, rejects
//! ```
//!
//! Nothing is all or nothing: a row that cannot be read becomes a reject (file, row, column, reason; never
//! what was written) and the rest goes on. Only a file that is no table at all, or the table of something
//! else, is an [`Error`]. One gate stands before every parser: bytes, ratio, columns, field size, depth,
//! counts, finite and in range.

pub mod areas;
pub mod bank;
pub mod civics;
pub mod crs;
pub mod outcomes;
pub mod sheet;

use crate::domain::bank::BankKind;

/// Why a whole file was refused. Holds no personal value.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not what they should be: empty, binary, truncated, another format.
    #[error("{file}: {reason}")]
    Unreadable {
        /// The file's name, without its folder.
        file: String,
        /// Why.
        reason: String,
    },
    /// A limit was passed: bytes, ratio of a compressed file, columns, rows, entries.
    #[error("{file}: {what} is over the limit of {limit}")]
    TooLarge {
        /// The file's name.
        file: String,
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A compressed file that may not be opened: hostile names, links, overlaps, archives inside.
    #[error("{file}: refused: {reason}")]
    Refused {
        /// The file's name.
        file: String,
        /// Why.
        reason: String,
    },
    /// The header is not one of the bank's.
    #[error(
        "{file}: this is not a table of the bank {bank}: missing {missing}{hint}",
        missing = list(.missing)
    )]
    WrongBank {
        /// The file's name.
        file: String,
        /// The bank that was asked for.
        bank: BankKind,
        /// Columns of the nearest table that the header lacks.
        missing: Vec<String>,
        /// What it may be instead.
        hint: String,
    },
    /// A civic table lacks columns.
    #[error("{file}: missing {missing}", missing = list(.missing))]
    MissingColumns {
        /// The file's name.
        file: String,
        /// Which.
        missing: Vec<String>,
    },
    /// The register of another comune.
    #[error("{file}: holds the comuni {found}; none of its rows is of {wanted}")]
    OtherComune {
        /// The file's name.
        file: String,
        /// The comuni found, the first few.
        found: String,
        /// The comune asked for.
        wanted: String,
    },
    /// The `--map` text cannot be read.
    #[error("the column map: {0}")]
    Map(String),
    /// Work was told to stop.
    #[error("stopped")]
    Stopped,
}

fn list(columns: &[String]) -> String {
    let shown: Vec<&str> = columns.iter().take(12).map(String::as_str).collect();
    let more = columns.len().saturating_sub(12);
    match more {
        0 => format!("the columns {}", shown.join(", ")),
        _ => format!("the columns {} and {more} more", shown.join(", ")),
    }
}
