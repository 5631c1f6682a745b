//! Rows of a collection on their way out, with the fields that may be seen.

use std::{borrow::Cow, sync::Arc};

use geo::Geometry;

use crate::domain::{
    feature::Value,
    geo::{BBox, LonLat},
};
use crate::query::collection::{Collection, Field};
use crate::snapshot::{Row, Rows, layer::Shapes, schema::Titles};

/// Which rows of a collection.
#[derive(Clone, Debug)]
pub enum Picked {
    /// Every one.
    All,
    /// A set, in row order.
    Set(Arc<Rows>),
    /// These, in this order.
    Page(Vec<Row>),
}

/// Rows of a collection with the fields that may be seen. Every format of an answer or a file is written from this one
/// form; only [`disclose`](super::disclose) makes one.
#[derive(Clone)]
pub struct Opened {
    collection: Arc<dyn Collection>,
    picked: Picked,
    fields: Box<[usize]>,
}

impl Opened {
    pub(super) fn new(collection: Arc<dyn Collection>, picked: Picked, fields: Box<[usize]>) -> Self {
        Self { collection, picked, fields }
    }

    /// The collection's name in URLs.
    pub fn name(&self) -> &str {
        self.collection.name()
    }

    /// The collection's name for people.
    pub fn titles(&self) -> &Titles {
        self.collection.titles()
    }

    /// Changes with the collection's content.
    pub fn generation(&self) -> &str {
        self.collection.generation()
    }

    /// What the shapes are.
    pub fn shapes(&self) -> Shapes {
        self.collection.shapes()
    }

    /// The box around the whole collection.
    pub fn bounds(&self) -> Option<BBox> {
        self.collection.bounds()
    }

    /// The fields that may be seen, in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = &Field> {
        self.fields.iter().map(|&at| &self.collection.fields()[at])
    }

    /// How many rows.
    pub fn len(&self) -> u64 {
        match &self.picked {
            Picked::All => self.collection.len().into(),
            Picked::Set(rows) => rows.len(),
            Picked::Page(rows) => rows.len() as u64,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows, in order.
    pub fn rows(&self) -> Box<dyn Iterator<Item = Row> + Send + '_> {
        match &self.picked {
            Picked::All => Box::new((0..self.collection.len()).map(Row)),
            Picked::Set(rows) => Box::new(rows.bitmap().iter().map(Row)),
            Picked::Page(rows) => Box::new(rows.iter().copied()),
        }
    }

    /// Which rows these are.
    pub const fn picked(&self) -> &Picked {
        &self.picked
    }

    /// One row alone, with the same fields.
    pub fn one(&self, row: Row) -> Self {
        Self { collection: Arc::clone(&self.collection), picked: Picked::Page(vec![row]), fields: self.fields.clone() }
    }

    /// Unique in the collection, below 2^53.
    pub fn id(&self, row: Row) -> u64 {
        self.collection.id(row)
    }

    /// The values of a row, one for each of [`fields`](Self::fields), in their order.
    pub fn values(&self, row: Row) -> impl ExactSizeIterator<Item = Value> + '_ {
        self.fields.iter().map(move |&at| self.collection.value(at, row))
    }

    /// The shape of a row, degrees, longitude first.
    pub fn geometry(&self, row: Row) -> Cow<'_, Geometry<f64>> {
        self.collection.geometry(row)
    }

    /// The point of a row, where shapes are single points.
    pub fn point(&self, row: Row) -> Option<LonLat> {
        self.collection.point(row)
    }

    /// Fewer fields, in the given order; names that may not be seen are left out.
    pub fn only(mut self, names: &[&str]) -> Self {
        let open = |name: &&str| self.fields.iter().copied().find(|&at| *self.collection.fields()[at].name == **name);
        self.fields = names.iter().filter_map(open).collect();
        self
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rows of {}", self.len(), self.name())
    }
}
