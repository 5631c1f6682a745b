//! Rows on their way out: named columns, plain values, and a shape where there is one. Every file format of an export
//! is written from this one form, so that all of them say the same; and only what was disclosed gets into it.

use std::sync::Arc;

use geo::Geometry;
use h3o::Resolution;

use super::hexes;
use crate::{
    access::{Disclosed, disclose::Households, hexes::Hexes},
    domain::{feature::Value, period::date_of, score::Finding},
    snapshot::{
        Attribute, Cell,
        layer::{FieldKind, Layer},
        schema::{Kind, Property},
    },
};

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
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
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

    /// The hexagons of a resolution: `id, resolution, merged, households, people`, then every mapped property as it
    /// is published.
    pub fn of_hexes(hexes: &Disclosed<Arc<Hexes>>, resolution: Resolution) -> Self {
        let mut columns = vec![Column::new("id", ColumnKind::Text)];
        let wholes = ["resolution", "merged", "households", "people"];
        columns.extend(wholes.map(|name| Column::new(name, ColumnKind::Whole)));
        columns.extend(hexes.schema().mapped().map(|(_, p)| Column::new(&p.key, ColumnKind::Number)));
        let rows = (1..)
            .zip(hexes.level(resolution))
            .map(|(id, hex)| {
                let mut values = vec![Value::Text(hex.id.to_string().into())];
                let wholes = [u32::from(u8::from(resolution)), hexes::merged_of(hex), hex.households, hex.people];
                values.extend(wholes.map(|whole| Value::Whole(whole.into())));
                values.extend(
                    hexes
                        .schema()
                        .mapped()
                        .map(|(slot, _)| hexes::shown(hex.value(slot)).map_or(Value::Null, Value::Number)),
                );
                Row { id, geometry: Some(Geometry::MultiPolygon(hex.geometry().clone())), values }
            })
            .collect();
        Self { name: "hexes".to_owned(), columns, rows }
    }

    /// Households with the columns that were opened: `household, people, lon, lat`, then every open property.
    pub fn of_households(households: &Disclosed<Households>) -> Self {
        let mut columns = vec![Column::new("household", ColumnKind::Whole), Column::new("people", ColumnKind::Whole)];
        columns.extend(["lon", "lat"].map(|name| Column::new(name, ColumnKind::Number)));
        columns.extend(households.columns().map(|(_, property)| Column::new(&property.key, column_kind(property))));
        let rows = households
            .rows()
            .map(|row| {
                let (id, point, people) = households.who(row);
                let mut values = vec![Value::Whole(id.0.into()), Value::Whole(people.into())];
                values.extend([Value::Number(point.lon()), Value::Number(point.lat())]);
                values.extend(
                    households.columns().map(|(slot, property)| cell_value(&households.value(slot, row), property)),
                );
                let geometry = geo::Point::new(point.lon(), point.lat()).into();
                Row { id: id.0.into(), geometry: Some(geometry), values }
            })
            .collect();
        Self { name: "households".to_owned(), columns, rows }
    }

    /// A reference layer with its fields; a value that is not of its field's kind is written as text where the field
    /// is text, and left out otherwise.
    pub fn of_layer(layer: &Disclosed<Arc<Layer>>) -> Self {
        let columns: Vec<Column> =
            layer.fields().iter().map(|field| Column::new(&field.name, field_kind(field.kind))).collect();
        let rows = layer
            .features()
            .iter()
            .map(|feature| {
                let value = |column: &Column| {
                    let found = feature.properties.iter().find(|(name, _)| **name == *column.name);
                    found.map_or(Value::Null, |(_, value)| fitted(value, column.kind))
                };
                Row {
                    id: feature.id,
                    geometry: Some(feature.geometry.clone()),
                    values: columns.iter().map(value).collect(),
                }
            })
            .collect();
        Self { name: layer.name().to_owned(), columns, rows }
    }
}

const fn field_kind(kind: FieldKind) -> ColumnKind {
    match kind {
        FieldKind::Flag => ColumnKind::Flag,
        FieldKind::Whole => ColumnKind::Whole,
        FieldKind::Number => ColumnKind::Number,
        FieldKind::Text | FieldKind::Date | FieldKind::Instant | FieldKind::List => ColumnKind::Text,
    }
}

fn fitted(value: &Value, kind: ColumnKind) -> Value {
    match (kind, value) {
        (ColumnKind::Text, value) => value.written().map_or(Value::Null, |text| Value::Text(text.into())),
        (ColumnKind::Number, Value::Whole(whole)) => Value::Number(*whole as f64),
        _ => value.clone(),
    }
}

const fn column_kind(property: &Property) -> ColumnKind {
    match property.kind {
        Kind::Score | Kind::Index | Kind::Cents | Kind::Number => ColumnKind::Number,
        Kind::Count => ColumnKind::Whole,
        Kind::Flag => ColumnKind::Flag,
        Kind::Day => ColumnKind::Text,
        Kind::Finding | Kind::Category(_) => ColumnKind::Text,
    }
}

/// A household's value; findings by name, cents as euro.
fn cell_value(cell: &Cell, property: &Property) -> Value {
    match (cell, &property.kind) {
        (Cell::Score(Some(score)), _) => Value::Number((f64::from(*score) * 1e6).round() / 1e6),
        (Cell::Finding(Finding::Deprived), _) => Value::Text("deprived".into()),
        (Cell::Finding(Finding::Sound), _) => Value::Text("sound".into()),
        (Cell::Finding(Finding::Unknown), _) => Value::Text("unknown".into()),
        (Cell::Attribute(Attribute::Count(count)), _) => Value::Whole((*count).into()),
        (Cell::Attribute(Attribute::Cents(cents)), _) => Value::Number(f64::from(*cents) / 100.0),
        (Cell::Attribute(Attribute::Number(number)), _) => Value::Number((*number).into()),
        (Cell::Attribute(Attribute::Flag(flag)), _) => Value::Flag(*flag),
        (Cell::Attribute(Attribute::Day(days)), _) => {
            date_of(*days).map_or(Value::Null, |day| Value::Text(day.to_string().into()))
        }
        (Cell::Attribute(Attribute::Category(place)), Kind::Category(entries)) => {
            entries.get(usize::from(*place)).map_or(Value::Null, |(key, _)| Value::Text(key.clone()))
        }
        _ => Value::Null,
    }
}
