//! What could not be read, and why, without saying what was written.

use std::fmt;

/// A row, a feature or a whole file that was refused. Holds no personal value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The file's name, without its folder.
    pub file: String,
    /// Row after the header, from 1; feature number for a layer; 0 for the whole file.
    pub row: u32,
    /// Column, where one is to blame.
    pub column: Option<String>,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.row > 0 {
            write!(f, ", row {}", self.row)?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}
