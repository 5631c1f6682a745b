//! A reference layer as a collection.

use std::borrow::Cow;

use geo::Geometry;

use super::{Collection, Column, Field};
use crate::domain::{
    feature::Value,
    geo::{BBox, LonLat},
};
use crate::snapshot::{
    Row, Rows,
    layer::{Layer, Shapes},
    schema::{Sensitivity, Titles, Unit},
};

/// A layer's own fields as fields of a collection: open data, of no unit that is known.
pub(super) fn fields_of(layer: &Layer) -> Vec<Field> {
    let field = |field: &crate::snapshot::layer::Field| Field {
        name: field.name.clone(),
        kind: field.kind,
        title: Titles::new(&field.name, &field.name),
        description: Titles::default(),
        unit: Unit::None,
        sensitivity: Sensitivity::Public,
        choices: Box::default(),
    };
    layer.fields().iter().map(field).collect()
}

/// A reference layer that can be asked.
pub struct ReferenceLayer {
    layer: std::sync::Arc<Layer>,
    fields: Vec<Field>,
}

impl ReferenceLayer {
    /// The layer with its own fields.
    pub fn new(layer: std::sync::Arc<Layer>) -> Self {
        let fields = fields_of(&layer);
        Self { layer, fields }
    }

    /// The layer itself.
    pub const fn layer(&self) -> &std::sync::Arc<Layer> {
        &self.layer
    }
}

impl Collection for ReferenceLayer {
    fn name(&self) -> &str {
        self.layer.name()
    }

    fn titles(&self) -> &Titles {
        self.layer.titles()
    }

    fn generation(&self) -> &str {
        self.layer.generation()
    }

    fn len(&self) -> u32 {
        self.layer.features().len() as u32
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn column(&self, field: usize) -> Column<'_> {
        Column::Plain(self.layer.column(field))
    }

    fn value(&self, field: usize, row: Row) -> Value {
        self.layer.column(field)[row.0 as usize].clone()
    }

    fn id(&self, row: Row) -> u64 {
        self.layer.features()[row.0 as usize].id
    }

    fn row_of(&self, id: u64) -> Option<Row> {
        self.layer.place_of(id).map(Row)
    }

    fn shapes(&self) -> Shapes {
        self.layer.shapes()
    }

    fn geometry(&self, row: Row) -> Cow<'_, Geometry<f64>> {
        Cow::Borrowed(&self.layer.features()[row.0 as usize].geometry)
    }

    fn point(&self, row: Row) -> Option<LonLat> {
        match &self.layer.features()[row.0 as usize].geometry {
            Geometry::Point(point) => LonLat::new(point.x(), point.y()).ok(),
            _ => None,
        }
    }

    fn bounds(&self) -> Option<BBox> {
        self.layer.bounds()
    }

    fn in_box(&self, bbox: BBox) -> Rows {
        self.layer.places_in(bbox).into_iter().map(Row).collect()
    }
}
