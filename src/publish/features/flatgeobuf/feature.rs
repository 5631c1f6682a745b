//! A feature as a FlatBuffer (<https://flatgeobuf.org>, feature.fbs), written front to back: every offset points ahead, and
//! the numbers of a shape lie at multiples of eight from its beginning, size prefix included.

use flatgeobuf::GeometryType;
use geo::{Coord, Geometry, LineString, Polygon};

use super::super::Source;
use crate::{domain::feature::Value, snapshot::layer::FieldKind};

/// Size prefix, root offset, the feature's table of fields, the feature itself.
const HEAD: usize = 28;

/// Encodes the rows of one source.
pub(super) struct Encoder {
    kinds: Vec<FieldKind>,
    shape: GeometryType,
}

impl Encoder {
    /// For the fields of a source and the kind of all its shapes.
    pub(super) fn new(source: &dyn Source, shape: GeometryType) -> Self {
        Self { kinds: source.fields().iter().map(|field| field.kind).collect(), shape }
    }

    /// Adds a row that has a shape.
    pub(super) fn encode(&self, source: &dyn Source, at: usize, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        bytes.extend([0; 4]);
        number(bytes, 12);
        // The fields of a feature: two offsets, at 4 and 8 of its 12 bytes.
        for half in [8_u16, 12, 4, 8] {
            bytes.extend(half.to_le_bytes());
        }
        number(bytes, 8);
        bytes.extend([0; 8]);
        debug_assert_eq!(bytes.len(), start + HEAD, "the head of a feature");
        let mut buffer = Buffer { start, bytes };
        let shape = match source.point(at) {
            Some(point) if self.shape == GeometryType::Point => Some(buffer.simple(GeometryType::Point, &[], &[point])),
            _ => source.geometry(at).map(|shape| buffer.shape(&super::fitted(shape, self.shape))),
        };
        if let Some(shape) = shape {
            buffer.point_from(start + 20, shape);
        }
        buffer.point_from(start + 24, buffer.bytes.len());
        let length = buffer.bytes.len();
        number(buffer.bytes, 0);
        source.values(at, &mut |place, value| property(place as u16, self.kinds[place], value, buffer.bytes));
        let count = (buffer.bytes.len() - length - 4) as u32;
        buffer.bytes[length..length + 4].copy_from_slice(&count.to_le_bytes());
        buffer.align(0);
        let size = (buffer.bytes.len() - start - 4) as u32;
        buffer.bytes[start..start + 4].copy_from_slice(&size.to_le_bytes());
    }
}

fn number(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

/// A property: the place of its column, then the value as its column lies; nothing for nothing.
fn property(place: u16, kind: FieldKind, value: &Value, bytes: &mut Vec<u8>) {
    let place = place.to_le_bytes();
    match (kind, value) {
        (FieldKind::Flag, Value::Flag(flag)) => bytes.extend([place[0], place[1], u8::from(*flag)]),
        (FieldKind::Whole, Value::Whole(whole)) => {
            bytes.extend_from_slice(&place);
            bytes.extend_from_slice(&whole.to_le_bytes());
        }
        (FieldKind::Number, Value::Number(number)) => {
            bytes.extend_from_slice(&place);
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        (FieldKind::Text, Value::Text(text)) => words(place, text, bytes),
        (FieldKind::List, Value::List(texts)) => {
            let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
            words(place, &serde_json::Value::from(texts).to_string(), bytes);
        }
        (FieldKind::Date | FieldKind::Instant, Value::Date(_) | Value::Instant(_)) => {
            words(place, &value.written().unwrap_or_default(), bytes);
        }
        _ => {}
    }
}

fn words(place: [u8; 2], text: &str, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&place);
    number(bytes, text.len() as u32);
    bytes.extend_from_slice(text.as_bytes());
}

/// The bytes of one feature, which begins at `start`.
struct Buffer<'a> {
    start: usize,
    bytes: &'a mut Vec<u8>,
}

impl Buffer<'_> {
    /// Fills with zeros until the next byte lies so far after a multiple of eight.
    fn align(&mut self, after: usize) {
        while (self.bytes.len() - self.start) % 8 != after {
            self.bytes.push(0);
        }
    }

    /// Lets the offset at a place point ahead to another.
    fn point_from(&mut self, place: usize, target: usize) {
        let ahead = ((target - place) as u32).to_le_bytes();
        self.bytes[place..place + 4].copy_from_slice(&ahead);
    }

    /// A geometry's table of fields, then the geometry with its offsets still empty; answers where it is.
    fn table(&mut self, kind: GeometryType, has: Has) -> usize {
        self.align(0);
        let slot = |is_there: bool, at: u16| if is_there { at } else { 0 };
        let (ends, flat) = (has == Has::Rings, has != Has::Parts);
        for half in [20, 20, slot(ends, 4), slot(flat, 8), 0, 0, 0, 0, 16, slot(!flat, 12)] {
            self.bytes.extend(half.to_le_bytes());
        }
        let table = self.bytes.len();
        number(self.bytes, 20);
        self.bytes.extend([0; 12]);
        self.bytes.extend([kind.0, 0, 0, 0]);
        table
    }

    /// A geometry of one run of positions, which end where `ends` says if it is in more than one piece.
    fn simple(&mut self, kind: GeometryType, ends: &[u32], positions: &[Coord<f64>]) -> usize {
        self.runs(kind, ends, positions.iter().copied(), positions.len())
    }

    fn runs(
        &mut self,
        kind: GeometryType,
        ends: &[u32],
        positions: impl Iterator<Item = Coord<f64>>,
        count: usize,
    ) -> usize {
        let table = self.table(kind, if ends.is_empty() { Has::Line } else { Has::Rings });
        if !ends.is_empty() {
            self.point_from(table + 4, self.bytes.len());
            number(self.bytes, ends.len() as u32);
            for &end in ends {
                number(self.bytes, end);
            }
        }
        self.align(4);
        self.point_from(table + 8, self.bytes.len());
        number(self.bytes, count as u32 * 2);
        for position in positions {
            self.bytes.extend_from_slice(&position.x.to_le_bytes());
            self.bytes.extend_from_slice(&position.y.to_le_bytes());
        }
        table
    }

    /// Lines or rings, one after the other.
    fn pieces<'l>(&mut self, kind: GeometryType, pieces: impl Iterator<Item = &'l LineString<f64>> + Clone) -> usize {
        let mut count = 0;
        let ends: Vec<u32> = pieces
            .clone()
            .map(|piece| {
                count += piece.0.len();
                count as u32
            })
            .collect();
        // The ends of a single piece are where the positions end.
        let ends = if ends.len() > 1 { ends.as_slice() } else { &[] };
        self.runs(kind, ends, pieces.flat_map(|piece| piece.0.iter().copied()), count)
    }

    fn polygon(&mut self, polygon: &Polygon<f64>) -> usize {
        self.pieces(GeometryType::Polygon, std::iter::once(polygon.exterior()).chain(polygon.interiors()))
    }

    /// A geometry of geometries, each written by `one`.
    fn parts<T>(&mut self, kind: GeometryType, parts: &[T], one: impl Fn(&mut Self, &T) -> usize) -> usize {
        let table = self.table(kind, Has::Parts);
        let list = self.bytes.len();
        self.point_from(table + 12, list);
        number(self.bytes, parts.len() as u32);
        self.bytes.extend(std::iter::repeat_n(0, parts.len() * 4));
        for (place, part) in parts.iter().enumerate() {
            let part = one(self, part);
            self.point_from(list + 4 + place * 4, part);
        }
        table
    }

    fn shape(&mut self, shape: &Geometry<f64>) -> usize {
        match shape {
            Geometry::Point(point) => self.simple(GeometryType::Point, &[], &[point.0]),
            Geometry::MultiPoint(points) => {
                let positions = points.iter().map(|point| point.0);
                self.runs(GeometryType::MultiPoint, &[], positions, points.0.len())
            }
            Geometry::Line(line) => self.simple(GeometryType::LineString, &[], &[line.start, line.end]),
            Geometry::LineString(line) => self.simple(GeometryType::LineString, &[], &line.0),
            Geometry::MultiLineString(lines) => self.pieces(GeometryType::MultiLineString, lines.0.iter()),
            Geometry::Polygon(polygon) => self.polygon(polygon),
            Geometry::Rect(rect) => self.polygon(&rect.to_polygon()),
            Geometry::Triangle(triangle) => self.polygon(&triangle.to_polygon()),
            Geometry::MultiPolygon(polygons) => self.parts(GeometryType::MultiPolygon, &polygons.0, Self::polygon),
            Geometry::GeometryCollection(shapes) => {
                self.parts(GeometryType::GeometryCollection, &shapes.0, Self::shape)
            }
        }
    }
}

/// What a geometry is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Has {
    /// One run of positions.
    Line,
    /// A run of positions in pieces.
    Rings,
    /// Geometries.
    Parts,
}

/// The format's word for the kind of a shape.
pub(super) const fn kind(shape: &Geometry<f64>) -> GeometryType {
    match shape {
        Geometry::Point(_) => GeometryType::Point,
        Geometry::MultiPoint(_) => GeometryType::MultiPoint,
        Geometry::Line(_) | Geometry::LineString(_) => GeometryType::LineString,
        Geometry::MultiLineString(_) => GeometryType::MultiLineString,
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => GeometryType::Polygon,
        Geometry::MultiPolygon(_) => GeometryType::MultiPolygon,
        Geometry::GeometryCollection(_) => GeometryType::GeometryCollection,
    }
}

/// The multi of a kind.
pub(super) fn multi(kind: GeometryType) -> GeometryType {
    match kind {
        GeometryType::Point => GeometryType::MultiPoint,
        GeometryType::LineString => GeometryType::MultiLineString,
        GeometryType::Polygon => GeometryType::MultiPolygon,
        other => other,
    }
}
