//! Records that are no collection (how bank rows were joined and placed, what was rejected), as a table: named columns,
//! plain values, and a shape where there is one. It is written by the same writers as features are; and only what was
//! disclosed gets into it.

use std::{borrow::Cow, io::Write};

use geo::{Coord, Geometry};

use super::features::{
    Format, Heading, Source, WriteError,
    csv::{self, Place},
    flatgeobuf,
    geojson::{self, Dress},
};
use crate::{access::Disclosed, domain::feature::Value, snapshot::layer::FieldKind};

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, unique in the table.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
}

impl Column {
    /// A column.
    pub fn new(name: &str, kind: FieldKind) -> Self {
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
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
}

impl Table {
    /// Its columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Its rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Records that were disclosed one by one, each made a row by `row`.
    pub fn of_records<T>(
        name: &str,
        columns: Vec<Column>,
        records: &Disclosed<Vec<T>>,
        row: impl Fn(&T) -> (Option<Geometry<f64>>, Vec<Value>),
    ) -> Self {
        let rows = (1..)
            .zip(records.iter())
            .map(|(id, record)| {
                let (geometry, values) = row(record);
                Row { id, geometry, values }
            })
            .collect();
        Self { name: name.to_owned(), columns, rows }
    }

    /// Writes it in a format that is streamed; answers how many rows are in the file. CSV has no column for the shape: a
    /// table has its coordinates in columns. FlatGeobuf leaves out rows without a shape.
    ///
    /// Errors: `Format` for a format that is not streamed.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> Result<u64, WriteError> {
        match format {
            Format::Csv => csv::table(self, Place::Unsaid, out)?,
            Format::GeoJson => geojson::collection(self, &Dress::PLAIN, out)?,
            Format::GeoJsonSeq => geojson::sequence(self, &Dress::PLAIN, out)?,
            Format::FlatGeobuf => return flatgeobuf::features(self, out),
            Format::GeoPackage | Format::Xlsx => return Err(WriteError::not_streamed(format)),
        }
        Ok(self.rows.len() as u64)
    }
}

impl Source for Table {
    fn name(&self) -> &str {
        &self.name
    }

    fn fields(&self) -> Vec<Heading<'_>> {
        let columns = self.columns.iter();
        columns.map(|Column { name, kind }| Heading { name, kind: *kind, title: name, description: "" }).collect()
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn id(&self, at: usize) -> u64 {
        self.rows[at].id
    }

    fn values(&self, at: usize, see: &mut dyn FnMut(usize, &Value)) {
        self.rows[at].values.iter().enumerate().for_each(|(place, value)| see(place, value));
    }

    fn geometry(&self, at: usize) -> Option<Cow<'_, Geometry<f64>>> {
        self.rows[at].geometry.as_ref().map(Cow::Borrowed)
    }

    fn point(&self, at: usize) -> Option<Coord<f64>> {
        match self.rows[at].geometry {
            Some(Geometry::Point(point)) => Some(point.0),
            _ => None,
        }
    }
}
