//! GeoJSON (RFC 7946) and its text sequence (RFC 8142), written byte by byte: longitude, latitude in degrees, seven decimals
//! (a centimetre), exteriors counter-clockwise; another coordinate system where the caller brings one.

use std::io::Write;

use geo::{Coord, Geometry, LineString, Polygon, Winding};

use super::{
    Heading, Listed, Source, WriteError,
    digits::{fixed, whole},
};
use crate::{
    access::{Disclosed, opened::Opened},
    domain::feature::Value,
    snapshot::Row,
};

/// Bytes that are handed on at once.
const CHUNK_BYTES: usize = 64 << 10;

/// Where a position goes in the coordinate system of the answer, from longitude and latitude: its first and second
/// number, in the axis order in which they are written. A position that cannot be there is not finite: its shape is
/// then written as `null`.
pub type Place<'a> = &'a (dyn Fn(Coord<f64>) -> Coord<f64> + Sync);

/// The coordinates of an answer.
#[derive(Clone, Copy)]
pub enum Coordinates<'a> {
    /// As they lie: CRS84, seven decimals.
    Crs84,
    /// In another system.
    Placed {
        /// The way there.
        place: Place<'a>,
        /// Decimals that say a centimetre: 7 for degrees, 2 for metres; at most 9.
        decimals: u8,
    },
}

/// What goes around the features.
#[derive(Clone, Copy)]
pub struct Dress<'a> {
    /// Members beside `type` and `features` (of a collection), or beside `type`, `id`, `geometry` and `properties` (of a
    /// feature), each with its value as JSON.
    pub members: &'a [(&'a str, &'a str)],
    /// The coordinates.
    pub coordinates: Coordinates<'a>,
}

impl Dress<'_> {
    /// Features alone, as they lie.
    pub const PLAIN: Dress<'static> = Dress { members: &[], coordinates: Coordinates::Crs84 };
}

/// Writes a FeatureCollection, one feature a line, in pieces of 64 kB or little more.
pub fn write(rows: &Disclosed<Opened>, dress: &Dress<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    collection(&Listed::new(rows), dress, out)
}

/// Writes features one after the other, each after a record separator and before a line feed; members are not written.
pub fn write_sequence(rows: &Disclosed<Opened>, dress: &Dress<'_>, out: &mut dyn Write) -> Result<(), WriteError> {
    sequence(&Listed::new(rows), dress, out)
}

/// One row as a Feature, with the members beside its own.
pub fn feature(rows: &Disclosed<Opened>, row: Row, dress: &Dress<'_>) -> Vec<u8> {
    let one = rows.one(row);
    let source = Listed::new(&one);
    let mut bytes = Vec::new();
    Pen::new(&source, dress.coordinates).feature(&source, 0, dress.members, &mut bytes);
    bytes
}

pub(in crate::publish) fn collection(
    source: &dyn Source,
    dress: &Dress<'_>,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    let pen = Pen::new(source, dress.coordinates);
    let mut bytes = Vec::with_capacity(CHUNK_BYTES + (CHUNK_BYTES >> 2));
    bytes.extend(b"{\"type\":\"FeatureCollection\",");
    members(dress.members, &mut bytes);
    bytes.extend(b"\"features\":[");
    for at in 0..source.len() {
        bytes.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
        pen.feature(source, at, &[], &mut bytes);
        hand_on(&mut bytes, CHUNK_BYTES, out)?;
    }
    bytes.extend(b"\n]}\n");
    hand_on(&mut bytes, 0, out)
}

pub(in crate::publish) fn sequence(
    source: &dyn Source,
    dress: &Dress<'_>,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    let pen = Pen::new(source, dress.coordinates);
    let mut bytes = Vec::with_capacity(CHUNK_BYTES + (CHUNK_BYTES >> 2));
    for at in 0..source.len() {
        bytes.push(0x1E);
        pen.feature(source, at, &[], &mut bytes);
        bytes.push(b'\n');
        hand_on(&mut bytes, CHUNK_BYTES, out)?;
    }
    hand_on(&mut bytes, 0, out)
}

fn hand_on(bytes: &mut Vec<u8>, full: usize, out: &mut dyn Write) -> Result<(), WriteError> {
    if bytes.len() >= full.max(1) {
        out.write_all(bytes)?;
        bytes.clear();
    }
    Ok(())
}

fn members(members: &[(&str, &str)], bytes: &mut Vec<u8>) {
    for (name, json) in members {
        text(name, bytes);
        bytes.push(b':');
        bytes.extend(json.as_bytes());
        bytes.push(b',');
    }
}

/// Writes features with the keys of one collection.
struct Pen<'a> {
    /// `"name":` of every property, with what stands before it.
    keys: Vec<Box<[u8]>>,
    coordinates: Coordinates<'a>,
}

impl<'a> Pen<'a> {
    fn new(source: &dyn Source, coordinates: Coordinates<'a>) -> Self {
        let key = |(place, field): (usize, Heading<'_>)| {
            let mut bytes = Vec::new();
            if place > 0 {
                bytes.push(b',');
            }
            text(field.name, &mut bytes);
            bytes.push(b':');
            bytes.into_boxed_slice()
        };
        Self { keys: source.fields().into_iter().enumerate().map(key).collect(), coordinates }
    }

    fn feature(&self, source: &dyn Source, at: usize, more: &[(&str, &str)], bytes: &mut Vec<u8>) {
        bytes.extend(b"{\"type\":\"Feature\",\"id\":");
        whole(source.id(at) as i64, bytes);
        bytes.push(b',');
        members(more, bytes);
        bytes.extend(b"\"geometry\":");
        let start = bytes.len();
        let is_placed = match source.point(at) {
            Some(point) => self.point(point, bytes),
            None => source.geometry(at).is_some_and(|shape| self.geometry(&shape, bytes)),
        };
        if !is_placed {
            bytes.truncate(start);
            bytes.extend(b"null");
        }
        bytes.extend(b",\"properties\":{");
        source.values(at, &mut |place, value| {
            bytes.extend_from_slice(&self.keys[place]);
            plain(value, bytes);
        });
        bytes.extend(b"}}");
    }

    fn point(&self, at: Coord<f64>, bytes: &mut Vec<u8>) -> bool {
        bytes.extend(b"{\"type\":\"Point\",\"coordinates\":");
        let is_placed = self.position(at, bytes);
        bytes.push(b'}');
        is_placed
    }

    /// Writes a geometry object; false where a position of it cannot be written.
    fn geometry(&self, shape: &Geometry<f64>, bytes: &mut Vec<u8>) -> bool {
        let kind = match shape {
            Geometry::Point(point) => return self.point(point.0, bytes),
            Geometry::MultiPoint(_) => "MultiPoint",
            Geometry::Line(_) | Geometry::LineString(_) => "LineString",
            Geometry::MultiLineString(_) => "MultiLineString",
            Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "Polygon",
            Geometry::MultiPolygon(_) => "MultiPolygon",
            Geometry::GeometryCollection(parts) => {
                bytes.extend(b"{\"type\":\"GeometryCollection\",\"geometries\":");
                let is_placed = list(&parts.0, bytes, |part, bytes| self.geometry(part, bytes));
                bytes.push(b'}');
                return is_placed;
            }
        };
        bytes.extend(b"{\"type\":\"");
        bytes.extend(kind.as_bytes());
        bytes.extend(b"\",\"coordinates\":");
        let is_placed = match shape {
            Geometry::MultiPoint(points) => list(&points.0, bytes, |point, bytes| self.position(point.0, bytes)),
            Geometry::Line(line) => self.path(&[line.start, line.end], bytes),
            Geometry::LineString(line) => self.path(&line.0, bytes),
            Geometry::MultiLineString(lines) => list(&lines.0, bytes, |line, bytes| self.path(&line.0, bytes)),
            Geometry::Polygon(polygon) => self.rings(polygon, bytes),
            Geometry::MultiPolygon(polygons) => list(&polygons.0, bytes, |polygon, bytes| self.rings(polygon, bytes)),
            Geometry::Rect(rect) => self.rings(&rect.to_polygon(), bytes),
            Geometry::Triangle(triangle) => self.rings(&triangle.to_polygon(), bytes),
            Geometry::Point(_) | Geometry::GeometryCollection(_) => false,
        };
        bytes.push(b'}');
        is_placed
    }

    /// Exterior counter-clockwise, holes clockwise (RFC 7946, 3.1.6), as seen with longitude to the right.
    fn rings(&self, polygon: &Polygon<f64>, bytes: &mut Vec<u8>) -> bool {
        bytes.push(b'[');
        let mut is_placed = self.ring(polygon.exterior(), Turn::Left, bytes);
        for hole in polygon.interiors() {
            bytes.push(b',');
            is_placed &= self.ring(hole, Turn::Right, bytes);
        }
        bytes.push(b']');
        is_placed
    }

    fn ring(&self, ring: &LineString<f64>, turn: Turn, bytes: &mut Vec<u8>) -> bool {
        let is_turned = match turn {
            Turn::Left => ring.is_cw(),
            Turn::Right => ring.is_ccw(),
        };
        if is_turned {
            let turned: Vec<Coord<f64>> = ring.0.iter().rev().copied().collect();
            return self.path(&turned, bytes);
        }
        self.path(&ring.0, bytes)
    }

    fn path(&self, path: &[Coord<f64>], bytes: &mut Vec<u8>) -> bool {
        list(path, bytes, |&at, bytes| self.position(at, bytes))
    }

    fn position(&self, at: Coord<f64>, bytes: &mut Vec<u8>) -> bool {
        let (at, decimals) = match self.coordinates {
            Coordinates::Crs84 => (at, 7),
            Coordinates::Placed { place, decimals } => (place(at), decimals),
        };
        bytes.push(b'[');
        let x = fixed(at.x, decimals, bytes);
        bytes.push(b',');
        let y = fixed(at.y, decimals, bytes);
        bytes.push(b']');
        x && y
    }
}

/// The way around a ring.
#[derive(Clone, Copy)]
enum Turn {
    Left,
    Right,
}

fn list<T>(items: &[T], bytes: &mut Vec<u8>, mut one: impl FnMut(&T, &mut Vec<u8>) -> bool) -> bool {
    bytes.push(b'[');
    let mut is_placed = true;
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            bytes.push(b',');
        }
        is_placed &= one(item, bytes);
    }
    bytes.push(b']');
    is_placed
}

/// A value as JSON.
fn plain(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.extend(b"null"),
        Value::Flag(true) => bytes.extend(b"true"),
        Value::Flag(false) => bytes.extend(b"false"),
        Value::Whole(number) => whole(*number, bytes),
        // A number that is not finite becomes null: JSON has no other word for it.
        Value::Number(number) => json(number, bytes),
        Value::Text(words) => text(words, bytes),
        Value::Date(_) | Value::Instant(_) => text(&value.written().unwrap_or_default(), bytes),
        Value::List(texts) => {
            list(texts, bytes, |one, bytes| {
                text(one, bytes);
                true
            });
        }
    }
}

fn text(words: &str, bytes: &mut Vec<u8>) {
    json(&words, bytes);
}

fn json(plain: &impl serde::Serialize, bytes: &mut Vec<u8>) {
    serde_json::to_writer(bytes, plain).expect("a text or a number is always JSON");
}

#[cfg(test)]
mod tests;
