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
    /// Where each field stands among the layer's own; none where no feature has it.
    places: Vec<Option<usize>>,
    nothing: Box<[Value]>,
}

impl std::fmt::Debug for ReferenceLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} features of {}", self.layer.features().len(), self.layer.name())
    }
}

impl ReferenceLayer {
    /// The layer with its own fields.
    pub fn new(layer: std::sync::Arc<Layer>) -> Self {
        let fields = fields_of(&layer);
        Self::with_fields(layer, fields)
    }

    /// The layer with fields that say more than it knows of itself (titles, units, how guarded they are); their kinds must
    /// be those of its values. Fields that no feature has are unknown everywhere.
    pub fn with_fields(layer: std::sync::Arc<Layer>, fields: Vec<Field>) -> Self {
        let place = |field: &Field| layer.fields().iter().position(|own| own.name == field.name);
        let places: Vec<Option<usize>> = fields.iter().map(place).collect();
        let missing = if places.contains(&None) { layer.features().len() } else { 0 };
        Self { layer, fields, places, nothing: vec![Value::Null; missing].into() }
    }

    fn values(&self, field: usize) -> &[Value] {
        self.places[field].map_or(&self.nothing, |place| self.layer.column(place))
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
        Column::Plain(self.values(field))
    }

    fn value(&self, field: usize, row: Row) -> Value {
        self.values(field)[row.0 as usize].clone()
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
