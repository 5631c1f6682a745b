//! Items as GeoJSON with what an API adds: links, counts, the time, and coordinates in the system that was asked for.

use std::fmt::Write as _;

use geo::{Coord, Geometry, LineString, Polygon, Winding};

use super::{Link, Reference, crs::Projector};
use crate::{
    access::{Disclosed, opened::Opened},
    publish::geojson::plain,
    query::collection::Field,
    snapshot::Row,
};

/// What stands around the items of a page.
pub struct Envelope<'a> {
    /// Links.
    pub links: &'a [Link],
    /// How many there are on all pages.
    pub matched: u64,
    /// When it was made, RFC 3339.
    pub at: &'a str,
    /// The system of the coordinates.
    pub crs: Reference,
}

/// A page: a FeatureCollection with one feature a line.
pub fn page(features: &Disclosed<Opened>, envelope: &Envelope<'_>) -> Vec<u8> {
    let writer = Writer::new(features, envelope.crs);
    let mut out = String::with_capacity(4096 + 512 * features.len().min(100_000) as usize);
    out.push_str("{\"type\":\"FeatureCollection\",\"features\":[");
    for (at, row) in features.rows().enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        writer.feature(&mut out, row);
        out.push('}');
    }
    out.push_str("\n],\"links\":");
    push_links(&mut out, envelope.links);
    let _ = write!(
        out,
        ",\"timeStamp\":\"{}\",\"numberMatched\":{},\"numberReturned\":{}}}",
        envelope.at,
        envelope.matched,
        features.len()
    );
    out.into_bytes()
}

/// One feature; none where there is none.
pub fn one(features: &Disclosed<Opened>, envelope: &Envelope<'_>) -> Option<Vec<u8>> {
    let row = features.rows().next()?;
    let mut out = String::new();
    Writer::new(features, envelope.crs).feature(&mut out, row);
    out.push_str(",\"links\":");
    push_links(&mut out, envelope.links);
    out.push('}');
    Some(out.into_bytes())
}

fn push_links(out: &mut String, links: &[Link]) {
    out.push_str(&String::from_utf8_lossy(&crate::publish::json(&links)));
}

struct Writer<'a> {
    features: &'a Disclosed<Opened>,
    projector: Projector,
    /// `"name":` of each field.
    names: Vec<String>,
}

impl<'a> Writer<'a> {
    fn new(features: &'a Disclosed<Opened>, crs: Reference) -> Self {
        let name = |field: &Field| format!("{}:", serde_json::Value::from(&*field.name));
        Self { features, projector: Projector::new(crs), names: features.fields().map(name).collect() }
    }

    /// The feature without its closing brace.
    fn feature(&self, out: &mut String, row: Row) {
        let _ = write!(out, "{{\"type\":\"Feature\",\"id\":{},\"geometry\":", self.features.id(row));
        let from = out.len();
        if self.geometry(out, &self.features.geometry(row)).is_none() {
            out.truncate(from);
            out.push_str("null");
        }
        out.push_str(",\"properties\":{");
        for (at, (name, value)) in self.names.iter().zip(self.features.values(row)).enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str(name);
            let _ = write!(out, "{}", plain(&value));
        }
        out.push('}');
    }

    fn geometry(&self, out: &mut String, shape: &Geometry<f64>) -> Option<()> {
        let open = |out: &mut String, kind: &str| {
            let _ = write!(out, "{{\"type\":\"{kind}\",\"coordinates\":");
        };
        match shape {
            Geometry::Point(point) => {
                open(out, "Point");
                self.place(out, point.0)?;
            }
            Geometry::MultiPoint(points) => {
                open(out, "MultiPoint");
                list(out, points.iter(), |out, point| self.place(out, point.0))?;
            }
            Geometry::Line(line) => {
                open(out, "LineString");
                list(out, [line.start, line.end], |out, place| self.place(out, place))?;
            }
            Geometry::LineString(line) => {
                open(out, "LineString");
                self.path(out, line)?;
            }
            Geometry::MultiLineString(lines) => {
                open(out, "MultiLineString");
                list(out, lines.iter(), |out, line| self.path(out, line))?;
            }
            Geometry::Polygon(polygon) => {
                open(out, "Polygon");
                self.rings(out, polygon)?;
            }
            Geometry::MultiPolygon(polygons) => {
                open(out, "MultiPolygon");
                list(out, polygons.iter(), |out, polygon| self.rings(out, polygon))?;
            }
            Geometry::Rect(rect) => return self.geometry(out, &rect.to_polygon().into()),
            Geometry::Triangle(triangle) => return self.geometry(out, &triangle.to_polygon().into()),
            Geometry::GeometryCollection(parts) => {
                out.push_str("{\"type\":\"GeometryCollection\",\"geometries\":");
                list(out, parts.iter(), |out, part| self.geometry(out, part))?;
            }
        }
        out.push('}');
        Some(())
    }

    /// Exteriors run counter-clockwise, holes clockwise (RFC 7946, 3.1.6), in degrees as on the plane.
    fn rings(&self, out: &mut String, polygon: &Polygon<f64>) -> Option<()> {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors()).enumerate();
        list(out, rings, |out, (at, ring)| {
            if (at == 0) == ring.is_ccw() {
                return self.path(out, ring);
            }
            list(out, ring.coords().rev(), |out, &place| self.place(out, place))
        })
    }

    fn path(&self, out: &mut String, line: &LineString<f64>) -> Option<()> {
        list(out, line.coords(), |out, &place| self.place(out, place))
    }

    fn place(&self, out: &mut String, place: Coord<f64>) -> Option<()> {
        let [a, b] = self.projector.place(place)?;
        let _ = write!(out, "[{a},{b}]");
        Some(())
    }
}

/// Writes `[…,…]`; none where an item cannot be written.
fn list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut String, T) -> Option<()>,
) -> Option<()> {
    out.push('[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(out, item)?;
    }
    out.push(']');
    Some(())
}
