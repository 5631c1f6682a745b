//! Feature tables: a layer as it is laid out for whoever opens the store in QGIS, the same in every home.

use std::collections::HashSet;

use geo::{Geometry, MultiLineString, MultiPoint, MultiPolygon};

use super::layer::{Layer, LayerName, fields};
use crate::domain::feature::{Feature, Value};

/// How a column is declared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Flag,
    Whole,
    Number,
    Text,
    Date,
    Instant,
}

impl Column {
    /// The type that holds all these values.
    pub(super) fn of<'a>(values: impl Iterator<Item = &'a Value>) -> Self {
        let each = values.filter_map(|value| match value {
            Value::Null => None,
            Value::Flag(_) => Some(Self::Flag),
            Value::Whole(_) => Some(Self::Whole),
            Value::Number(_) => Some(Self::Number),
            Value::Text(_) | Value::List(_) => Some(Self::Text),
            Value::Date(_) => Some(Self::Date),
            Value::Instant(_) => Some(Self::Instant),
        });
        let joined = each.reduce(|a, b| match (a, b) {
            _ if a == b => a,
            (Self::Whole, Self::Number) | (Self::Number, Self::Whole) => Self::Number,
            _ => Self::Text,
        });
        joined.unwrap_or(Self::Text)
    }
}

/// What the geometries of a layer are, when several kinds are brought to one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
    Geometry,
}

impl Shape {
    pub(super) const fn of(geometry: &Geometry<f64>) -> Self {
        match geometry {
            Geometry::Point(_) => Self::Point,
            Geometry::Line(_) | Geometry::LineString(_) => Self::LineString,
            Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => Self::Polygon,
            Geometry::MultiPoint(_) => Self::MultiPoint,
            Geometry::MultiLineString(_) => Self::MultiLineString,
            Geometry::MultiPolygon(_) => Self::MultiPolygon,
            Geometry::GeometryCollection(_) => Self::Geometry,
        }
    }

    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            _ if self == other => self,
            (Self::Point | Self::MultiPoint, Self::Point | Self::MultiPoint) => Self::MultiPoint,
            (Self::LineString | Self::MultiLineString, Self::LineString | Self::MultiLineString) => {
                Self::MultiLineString
            }
            (Self::Polygon | Self::MultiPolygon, Self::Polygon | Self::MultiPolygon) => Self::MultiPolygon,
            _ => Self::Geometry,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Point => "POINT",
            Self::LineString => "LINESTRING",
            Self::Polygon => "POLYGON",
            Self::MultiPoint => "MULTIPOINT",
            Self::MultiLineString => "MULTILINESTRING",
            Self::MultiPolygon => "MULTIPOLYGON",
            Self::Geometry => "GEOMETRY",
        }
    }

    /// The geometry as this shape: QGIS splits a layer of polygons and multipolygons in two.
    pub(super) fn fit(self, geometry: &Geometry<f64>) -> Geometry<f64> {
        let single = match geometry {
            Geometry::Line(line) => Geometry::LineString((*line).into()),
            Geometry::Rect(rect) => Geometry::Polygon(rect.to_polygon()),
            Geometry::Triangle(triangle) => Geometry::Polygon(triangle.to_polygon()),
            other => other.clone(),
        };
        match (self, single) {
            (Self::MultiPoint, Geometry::Point(point)) => Geometry::MultiPoint(MultiPoint(vec![point])),
            (Self::MultiLineString, Geometry::LineString(line)) => {
                Geometry::MultiLineString(MultiLineString(vec![line]))
            }
            (Self::MultiPolygon, Geometry::Polygon(polygon)) => Geometry::MultiPolygon(MultiPolygon(vec![polygon])),
            (_, same) => same,
        }
    }
}

/// A feature table to be.
pub(super) struct Plan<'a> {
    pub(super) name: &'a LayerName,
    pub(super) shape: Shape,
    /// Field of the features, column of the table, type.
    pub(super) columns: Vec<(Box<str>, String, Column)>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(layer: &'a Layer, fields_max: usize, name_bytes_max: usize) -> Self {
        let mut taken: HashSet<String> = ["fid".to_owned(), "geom".to_owned()].into();
        let columns = fields(&layer.features).into_iter().take(fields_max).map(|field| {
            let of_field = |feature: &'a Feature| feature.properties.iter().find(|(name, _)| *name == field);
            let kind = Column::of(layer.features.iter().filter_map(of_field).map(|(_, value)| value));
            let column = free_name(&field, name_bytes_max, &mut taken);
            (field, column, kind)
        });
        let columns = columns.collect();
        let shape = layer.features.iter().map(|feature| Shape::of(&feature.geometry)).reduce(Shape::join);
        Self { name: &layer.name, shape: shape.unwrap_or(Shape::Geometry), columns }
    }
}

/// Names of columns differ by more than case; a second one gets a number.
pub(super) fn free_name(field: &str, bytes_max: usize, taken: &mut HashSet<String>) -> String {
    let mut clean: String = field.chars().filter(|c| !c.is_control()).take(60).collect();
    // Room for a number.
    while clean.len() > bytes_max.saturating_sub(5) {
        clean.pop();
    }
    let clean = if clean.is_empty() { "field".to_owned() } else { clean };
    let mut name = clean.clone();
    let mut n = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{clean}_{n}");
        n += 1;
    }
    name
}

/// An SQL identifier.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A feature's value of a field; most features have every field, in the same order.
pub(super) fn value_at<'a>(feature: &'a Feature, at: usize, field: &str) -> &'a Value {
    let here = feature.properties.get(at).filter(|(name, _)| **name == *field);
    let value = here.or_else(|| feature.properties.iter().find(|(name, _)| **name == *field));
    value.map_or(&Value::Null, |(_, value)| value)
}
