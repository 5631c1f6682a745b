//! FlatGeobuf. The library reads header and frames; what lies inside a frame is read here, bounds first:
//! the library trusts lengths that a hostile file may invent.
//! Source: flatgeobuf.org, specification 3.

use std::collections::HashSet;

use flatgeobuf::{
    Column, ColumnType, Feature as Frame, FgbReader, Geometry as Shape, GeometryType, Header,
    size_prefixed_root_as_feature, size_prefixed_root_as_header,
};
use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::{
    LayerReading,
    layer::{Layer, Read},
};
use crate::{
    domain::{feature::Value, watch::Watch},
    ingest::{Error, crs::Crs, sheet::unreadable},
};

const DEPTH: usize = 8;
/// Longest name of an attribute in bytes: each feature holds the names of its attributes.
const NAME_BYTES: usize = 256;
const DAMAGED: &str = "the feature is damaged";

/// Reads a layer; its system must be one of ours, or degrees where none is declared.
pub fn read(file: &str, bytes: &[u8], watch: &dyn Watch) -> Result<LayerReading, Error> {
    let damaged = |reason: &str| unreadable(file, reason);
    // The library checks magic, size and the header's own structure.
    FgbReader::open(bytes).map_err(|_| damaged("this is not a readable FlatGeobuf header"))?;
    let size = bytes.get(8..12).and_then(|size| size.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
    let header = bytes.get(8..12 + size).ok_or_else(|| damaged("the file is truncated"))?;
    let header = size_prefixed_root_as_header(header).map_err(|_| damaged("the header is damaged"))?;
    let crs = system(file, &header)?;
    let index = index_bytes(header.features_count(), header.index_node_size())
        .ok_or_else(|| damaged("the header counts more features than a file can hold"))?;
    let mut rest = usize::try_from(index)
        .ok()
        .and_then(|index| bytes.get(12 + size..)?.get(index..))
        .ok_or_else(|| damaged("the file ends within its index: it is truncated"))?;
    let mut layer = Layer::new(file, crs);
    watch.begin("layer", header.features_count());
    while !rest.is_empty() {
        if layer.next_row().is_multiple_of(1024) {
            watch.advance(1024);
            if watch.cancelled() {
                return Err(Error::Stopped);
            }
        }
        let Some((frame, tail)) = frame(rest) else {
            layer.take(Err("the file ends within this feature: it is truncated"))?;
            break;
        };
        rest = tail;
        let found = match size_prefixed_root_as_feature(frame) {
            Ok(feature) => feature_of(&header, &feature, frame.len(), &mut layer),
            Err(_) => Err(DAMAGED),
        };
        layer.take(found)?;
    }
    Ok(layer.finish())
}

fn frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let size = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    (size >= 8 && size <= bytes.len() - 4).then(|| bytes.split_at(4 + size))
}

fn system(file: &str, header: &Header<'_>) -> Result<Crs, Error> {
    let Some(crs) = header.crs() else { return Ok(Crs::Wgs84) };
    match u32::try_from(crs.code()).unwrap_or_default() {
        0 => Ok(Crs::Wgs84),
        code => {
            Crs::from_epsg(code).ok_or_else(|| unreadable(file, format!("the system EPSG:{code} is not one we read")))
        }
    }
}

/// Bytes of the packed R-tree between header and features.
fn index_bytes(features: u64, node_size: u16) -> Option<u64> {
    if node_size < 2 || features == 0 {
        return Some(0);
    }
    let (mut level, mut nodes) = (features, features);
    while level > 1 {
        level = level.div_ceil(u64::from(node_size));
        nodes = nodes.checked_add(level)?;
    }
    // A single feature still has a root above it.
    if features == 1 {
        nodes += 1;
    }
    nodes.checked_mul(40)
}

fn feature_of(
    header: &Header<'_>,
    feature: &Frame<'_>,
    frame_bytes: usize,
    layer: &mut Layer<'_>,
) -> Result<Read, &'static str> {
    let shape = feature.geometry().ok_or("there is no geometry")?;
    let geometry = Gate { left: frame_bytes }.geometry(&shape, header.geometry_type(), 0)?;
    let columns = feature.columns().or_else(|| header.columns());
    let bytes = feature.properties().map(|properties| properties.bytes()).unwrap_or_default();
    let column = |at| columns.filter(|columns| at < columns.len()).map(|columns| columns.get(at));
    Ok((geometry, properties(bytes, column, layer)?))
}

/// Counts what is read against the bytes of the frame: tables may point at the same part many times, each of which
/// would become one of its own.
struct Gate {
    left: usize,
}

impl Gate {
    fn spend(&mut self, bytes: usize) -> Result<(), &'static str> {
        self.left = self.left.checked_sub(bytes).ok_or("the geometry counts more than its bytes can hold")?;
        Ok(())
    }

    fn geometry(&mut self, shape: &Shape<'_>, kind: GeometryType, depth: usize) -> Result<Geometry<f64>, &'static str> {
        if depth > DEPTH {
            return Err("geometries are nested too deeply");
        }
        let kind = if kind == GeometryType::Unknown { shape.type_() } else { kind };
        Ok(match kind {
            GeometryType::Point => Geometry::Point(Point(*self.points(shape)?.first().ok_or("the geometry is empty")?)),
            GeometryType::MultiPoint => {
                Geometry::MultiPoint(MultiPoint(self.points(shape)?.into_iter().map(Point).collect()))
            }
            GeometryType::LineString => Geometry::LineString(LineString(self.points(shape)?)),
            GeometryType::MultiLineString => Geometry::MultiLineString(MultiLineString(self.pieces(shape)?)),
            GeometryType::Polygon => Geometry::Polygon(self.polygon(shape)?),
            GeometryType::MultiPolygon if shape.parts().is_some() => {
                let polygons = self.parts(shape, GeometryType::Polygon, depth)?.into_iter();
                let polygons = polygons.map(|part| Polygon::try_from(part).map_err(|_| DAMAGED));
                Geometry::MultiPolygon(MultiPolygon(polygons.collect::<Result<_, _>>()?))
            }
            GeometryType::MultiPolygon => Geometry::MultiPolygon(MultiPolygon(vec![self.polygon(shape)?])),
            GeometryType::GeometryCollection => Geometry::GeometryCollection(geo::GeometryCollection(self.parts(
                shape,
                GeometryType::Unknown,
                depth,
            )?)),
            _ => return Err("curves and surfaces are not read"),
        })
    }

    fn parts(
        &mut self,
        shape: &Shape<'_>,
        kind: GeometryType,
        depth: usize,
    ) -> Result<Vec<Geometry<f64>>, &'static str> {
        let parts = shape.parts().ok_or(DAMAGED)?;
        self.spend(4 * parts.len())?;
        parts.iter().map(|part| self.geometry(&part, kind, depth + 1)).collect()
    }

    fn polygon(&mut self, shape: &Shape<'_>) -> Result<Polygon<f64>, &'static str> {
        let mut rings = self.pieces(shape)?.into_iter();
        Ok(Polygon::new(rings.next().ok_or("the geometry is empty")?, rings.collect()))
    }

    fn points(&mut self, shape: &Shape<'_>) -> Result<Vec<Coord<f64>>, &'static str> {
        let xy = shape.xy().ok_or("the geometry is empty")?;
        self.spend(8 * xy.len())?;
        Ok((0..xy.len() / 2).map(|i| Coord { x: xy.get(2 * i), y: xy.get(2 * i + 1) }).collect())
    }

    /// The lines or rings: all points, cut at `ends`.
    fn pieces(&mut self, shape: &Shape<'_>) -> Result<Vec<LineString<f64>>, &'static str> {
        let points = self.points(shape)?;
        let Some(ends) = shape.ends().filter(|ends| !ends.is_empty()) else { return Ok(vec![LineString(points)]) };
        self.spend(4 * ends.len())?;
        let mut start = 0;
        let cut = ends.iter().map(|end| {
            let piece = points.get(start..end as usize).ok_or(DAMAGED)?;
            start = end as usize;
            Ok(LineString(piece.to_vec()))
        });
        cut.collect()
    }
}

/// A cursor that never reads beyond its end.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let (head, tail) = self.0.split_first_chunk().ok_or(DAMAGED)?;
        self.0 = tail;
        Ok(*head)
    }

    fn text(&mut self) -> Result<&'b [u8], &'static str> {
        let length = u32::from_le_bytes(self.take()?) as usize;
        let (head, tail) = self.0.split_at_checked(length).ok_or(DAMAGED)?;
        self.0 = tail;
        Ok(head)
    }
}

fn properties<'b>(
    bytes: &[u8],
    column: impl Fn(usize) -> Option<Column<'b>>,
    layer: &mut Layer<'_>,
) -> Result<Vec<(Box<str>, Value)>, &'static str> {
    let mut read = Bytes(bytes);
    let mut properties = Vec::new();
    let mut seen = HashSet::new();
    while read.0.len() >= 2 {
        let at = usize::from(u16::from_le_bytes(read.take()?));
        let column = column(at).ok_or(DAMAGED)?;
        if !seen.insert(at) {
            return Err("an attribute stands twice");
        }
        if column.name().len() > NAME_BYTES {
            return Err("the name of an attribute is longer than 256 bytes");
        }
        let value = match column.type_() {
            ColumnType::Bool => Value::Flag(read.take::<1>()? != [0]),
            ColumnType::Byte => Value::Whole(i8::from_le_bytes(read.take()?).into()),
            ColumnType::UByte => Value::Whole(u8::from_le_bytes(read.take()?).into()),
            ColumnType::Short => Value::Whole(i16::from_le_bytes(read.take()?).into()),
            ColumnType::UShort => Value::Whole(u16::from_le_bytes(read.take()?).into()),
            ColumnType::Int => Value::Whole(i32::from_le_bytes(read.take()?).into()),
            ColumnType::UInt => Value::Whole(u32::from_le_bytes(read.take()?).into()),
            ColumnType::Long => Value::Whole(i64::from_le_bytes(read.take()?)),
            ColumnType::ULong => {
                let number = u64::from_le_bytes(read.take()?);
                i64::try_from(number).map_or(Value::Number(number as f64), Value::Whole)
            }
            ColumnType::Float => finite(f32::from_le_bytes(read.take()?).into(), &column, layer),
            ColumnType::Double => finite(f64::from_le_bytes(read.take()?), &column, layer),
            kind @ (ColumnType::String | ColumnType::DateTime) => {
                let text = std::str::from_utf8(read.text()?).map_err(|_| "an attribute is not UTF-8")?;
                let moment = || Value::day(text).or_else(|| Value::instant(text));
                let moment = if kind == ColumnType::DateTime { moment() } else { None };
                moment.unwrap_or_else(|| Value::Text(text.into()))
            }
            _ => {
                read.text()?;
                layer.lose(column.name(), "a nested or binary attribute is dropped");
                continue;
            }
        };
        properties.push((column.name().into(), value));
    }
    Ok(properties)
}

fn finite(number: f64, column: &Column<'_>, layer: &mut Layer<'_>) -> Value {
    if number.is_finite() {
        return Value::Number(number);
    }
    layer.lose(column.name(), "a number that is not finite is dropped");
    Value::Null
}
