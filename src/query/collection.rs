//! What can be asked: rows with fields and shapes, of households, people, or a reference layer.
//!
//! A filter, a page and a file format see every collection through [`Collection`]; the columns behind it are the frozen
//! ones of the snapshot or the layer, so nothing is copied to be asked.

use std::{borrow::Cow, sync::Arc};

use geo::Geometry;

use crate::domain::{
    feature::Value,
    geo::{BBox, LonLat},
};
use crate::snapshot::{
    Row, Rows, Snapshot,
    bits::Bits,
    column::Values,
    layer::Shapes,
    schema::{Sensitivity, Titles, Unit},
};

mod households;
mod layer;
mod people;
#[cfg(test)]
mod tests;

pub use self::{households::Households, layer::ReferenceLayer, people::People};
pub use crate::snapshot::layer::FieldKind;

/// A field of a collection: what can be returned of it and filtered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in filters, answers and files; unique in the collection.
    pub name: Box<str>,
    /// What its values are.
    pub kind: FieldKind,
    /// Short name for people.
    pub title: Titles,
    /// One sentence; empty where the name says all.
    pub description: Titles,
    /// What it is counted in.
    pub unit: Unit,
    /// How guarded it is.
    pub sensitivity: Sensitivity,
    /// The values it may have, where they are few and known (key, title).
    pub choices: Box<[(Box<str>, Titles)]>,
}

/// How the values of a field lie.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// True, false or unknown.
    Marks {
        /// Rows where it is known.
        known: &'a Bits,
        /// Rows where it is true.
        set: &'a Bits,
    },
    /// Numbers; the value shown is the stored one divided by `scale` (100 where cents are shown as euro).
    Numbers {
        /// Rows where it is known.
        known: &'a Bits,
        /// The values, zero where unknown.
        values: &'a Values,
        /// Divisor.
        scale: f64,
    },
    /// The place of a category's entry among the field's choices, `NO_CATEGORY` where unknown.
    Categories(&'a [u8]),
    /// Days since 1970-01-01.
    Days {
        /// Rows where it is known.
        known: &'a Bits,
        /// The days, zero where unknown.
        days: &'a [i32],
    },
    /// A list in each row: the names of those of these fields, all `Marks`, that are true; nothing where none is known.
    Named(&'a [usize]),
    /// Values as they are shown, one a row.
    Plain(&'a [Value]),
    /// A field of the household in which each row lives (a field of [`Collection::homes`]): evaluated there, then spread
    /// over its people by `Snapshot::spread`.
    Household(usize),
    /// Made when asked, row by row, by [`Collection::value`].
    Made,
}

/// A frozen collection. Rows are dense from zero.
pub trait Collection: Send + Sync {
    /// Its name in URLs.
    fn name(&self) -> &str;

    /// Its name for people.
    fn titles(&self) -> &Titles;

    /// Changes with its content.
    fn generation(&self) -> &str;

    /// How many rows.
    fn len(&self) -> u32;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its fields, the geometry aside.
    fn fields(&self) -> &[Field];

    /// The place of a field by its name.
    fn field(&self, name: &str) -> Option<usize> {
        self.fields().iter().position(|field| *field.name == *name)
    }

    /// How a field's values lie.
    fn column(&self, field: usize) -> Column<'_>;

    /// The value of a field of a row.
    fn value(&self, field: usize, row: Row) -> Value;

    /// Unique in the collection, below 2^53, the same in every generation as far as the source allows.
    fn id(&self, row: Row) -> u64;

    /// The row of an id.
    fn row_of(&self, id: u64) -> Option<Row>;

    /// What its shapes are.
    fn shapes(&self) -> Shapes;

    /// The shape of a row, degrees, longitude first.
    fn geometry(&self, row: Row) -> Cow<'_, Geometry<f64>>;

    /// The point of a row, where shapes are single points.
    fn point(&self, row: Row) -> Option<LonLat>;

    /// The box around everything.
    fn bounds(&self) -> Option<BBox>;

    /// The snapshot whose households the rows are, where they are: rows are its rows.
    fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        None
    }

    /// The households in which its rows live, where its rows are people.
    fn homes(&self) -> Option<&Arc<Households>> {
        None
    }

    /// Rows whose own box touches a box: exactly those.
    fn in_box(&self, bbox: BBox) -> Rows;
}
