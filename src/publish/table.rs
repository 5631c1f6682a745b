//! Rows on their way out: named columns, plain values, and a shape where there is one. Every file format of an export
//! is written from this one form, so that all of them say the same.

use geo::Geometry;

use crate::domain::feature::Value;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Whole number.
    Whole,
    /// Finite number.
    Number,
    /// True or false.
    Flag,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, unique in the table.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

impl Column {
    /// A column.
    pub fn new(name: &str, kind: ColumnKind) -> Self {
        Self { name: name.to_owned(), kind }
    }
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Unique in the table, below 2^53.
    pub id: u64,
    /// Where, in degrees, longitude first.
    pub geometry: Option<Geometry<f64>>,
    /// One value for each column, of its kind or [`Value::Null`].
    pub values: Vec<Value>,
}

/// Named columns and their rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The name of the collection.
    pub name: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The destination refused.
    #[error("the file could not be written")]
    Io(#[from] std::io::Error),
    /// The format's own writer refused.
    #[error("the {format} writer refused: {reason}")]
    Format {
        /// Which.
        format: &'static str,
        /// In its words; holds no values.
        reason: String,
    },
}
