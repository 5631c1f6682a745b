//! What every writer of this room reads: rows by their place, with fields, values and a shape.

use std::borrow::Cow;

use geo::{Coord, Geometry};

use crate::{
    access::opened::{Opened, Picked},
    domain::feature::Value,
    query::collection::Field,
    snapshot::{Row, layer::FieldKind},
};

/// A field as a format announces it.
#[derive(Clone, Copy)]
pub(in crate::publish) struct Heading<'a> {
    /// Its name.
    pub(in crate::publish) name: &'a str,
    /// What its values are.
    pub(in crate::publish) kind: FieldKind,
    /// Its name for people.
    pub(in crate::publish) title: &'a str,
    /// One sentence, or nothing.
    pub(in crate::publish) description: &'a str,
}

impl<'a> Heading<'a> {
    fn of(field: &'a Field) -> Self {
        Self { name: &field.name, kind: field.kind, title: &field.title.it, description: &field.description.it }
    }
}

/// Rows that a format is written from. Places are dense from zero.
pub(in crate::publish) trait Source: Sync {
    /// The name of the whole.
    fn name(&self) -> &str;

    /// The fields, in the order of the values.
    fn fields(&self) -> Vec<Heading<'_>>;

    /// How many rows.
    fn len(&self) -> usize;

    /// Unique, below 2^53.
    fn id(&self, at: usize) -> u64;

    /// Shows every value of a row, in order: of its field's kind, or nothing.
    fn values(&self, at: usize, see: &mut dyn FnMut(usize, &Value));

    /// The shape of a row, degrees, longitude first.
    fn geometry(&self, at: usize) -> Option<Cow<'_, Geometry<f64>>>;

    /// The point of a row, where its shape is a single one.
    fn point(&self, at: usize) -> Option<Coord<f64>>;
}

/// Opened rows by their place in the answer.
pub(in crate::publish) struct Listed<'a> {
    opened: &'a Opened,
    /// None where every row is taken.
    rows: Option<Cow<'a, [Row]>>,
}

impl<'a> Listed<'a> {
    pub(in crate::publish) fn new(opened: &'a Opened) -> Self {
        let rows = match opened.picked() {
            Picked::All => None,
            Picked::Set(_) => Some(Cow::Owned(opened.rows().collect())),
            Picked::Page(rows) => Some(Cow::Borrowed(rows.as_slice())),
        };
        Self { opened, rows }
    }

    fn row(&self, at: usize) -> Row {
        self.rows.as_ref().map_or(Row(at as u32), |rows| rows[at])
    }
}

impl Source for Listed<'_> {
    fn name(&self) -> &str {
        self.opened.name()
    }

    fn fields(&self) -> Vec<Heading<'_>> {
        self.opened.fields().map(Heading::of).collect()
    }

    fn len(&self) -> usize {
        self.opened.len() as usize
    }

    fn id(&self, at: usize) -> u64 {
        self.opened.id(self.row(at))
    }

    fn values(&self, at: usize, see: &mut dyn FnMut(usize, &Value)) {
        self.opened.values(self.row(at)).enumerate().for_each(|(place, value)| see(place, &value));
    }

    fn geometry(&self, at: usize) -> Option<Cow<'_, Geometry<f64>>> {
        Some(self.opened.geometry(self.row(at)))
    }

    fn point(&self, at: usize) -> Option<Coord<f64>> {
        self.opened.point(self.row(at)).map(|point| Coord { x: point.lon(), y: point.lat() })
    }
}
