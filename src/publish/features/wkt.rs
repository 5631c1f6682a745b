//! Well-known text of a shape (OGC 06-103r4, 7.2): longitude, latitude, seven decimals.

use geo::{Coord, Geometry, LineString, Polygon};

use super::digits;

/// Adds the text of a shape.
pub(super) fn write(shape: &Geometry<f64>, out: &mut Vec<u8>) {
    match shape {
        Geometry::Point(point) => tagged("POINT", &[point.0], out, |at, out| position(*at, out)),
        Geometry::MultiPoint(points) => {
            tagged("MULTIPOINT", &points.0, out, |point, out| list(&[point.0], out, |at, out| position(*at, out)));
        }
        Geometry::Line(line) => tagged("LINESTRING", &[line.start, line.end], out, |at, out| position(*at, out)),
        Geometry::LineString(line) => tagged("LINESTRING", &line.0, out, |at, out| position(*at, out)),
        Geometry::MultiLineString(lines) => tagged("MULTILINESTRING", &lines.0, out, path),
        Geometry::Polygon(polygon) => {
            out.extend(b"POLYGON ");
            rings(polygon, out);
        }
        Geometry::MultiPolygon(polygons) => tagged("MULTIPOLYGON", &polygons.0, out, rings),
        Geometry::Rect(rect) => write(&rect.to_polygon().into(), out),
        Geometry::Triangle(triangle) => write(&triangle.to_polygon().into(), out),
        Geometry::GeometryCollection(shapes) => tagged("GEOMETRYCOLLECTION", &shapes.0, out, write),
    }
}

fn tagged<T>(tag: &str, items: &[T], out: &mut Vec<u8>, one: impl Fn(&T, &mut Vec<u8>)) {
    out.extend(tag.as_bytes());
    out.push(b' ');
    list(items, out, one);
}

fn list<T>(items: &[T], out: &mut Vec<u8>, one: impl Fn(&T, &mut Vec<u8>)) {
    if items.is_empty() {
        out.extend(b"EMPTY");
        return;
    }
    out.push(b'(');
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        one(item, out);
    }
    out.push(b')');
}

fn rings(polygon: &Polygon<f64>, out: &mut Vec<u8>) {
    let rings: Vec<&LineString<f64>> =
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).filter(|ring| !ring.0.is_empty()).collect();
    list(&rings, out, |ring, out| path(ring, out));
}

fn path(line: &LineString<f64>, out: &mut Vec<u8>) {
    list(&line.0, out, |at, out| position(*at, out));
}

fn position(at: Coord<f64>, out: &mut Vec<u8>) {
    digits::fixed(at.x, 7, out);
    out.push(b' ');
    digits::fixed(at.y, 7, out);
}
