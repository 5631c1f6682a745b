//! OSRM's HTTP API, version 1, as far as answers go: durations in seconds, distances in metres, longitude first.
//!
//! Roads are open data and speak of nobody: an answer says what a map says, about places that the asker named.

use std::fmt::Write as _;

use geo::{BoundingRect as _, LineString, Simplify as _};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    domain::geo::LonLat,
    roads::plane::{Leg, Matrix, Route},
};

mod step;

/// A coordinate on the roads.
#[derive(Clone, Debug)]
pub struct Waypoint {
    /// The street, or nothing.
    pub name: String,
    /// Where on the road.
    pub at: LonLat,
    /// Metres from where it was asked.
    pub distance_m: f64,
}

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Geometries {
    /// Google's encoded polyline, five decimals.
    Polyline,
    /// The same with six.
    Polyline6,
    /// GeoJSON.
    GeoJson,
}

/// How much of a route's line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overview {
    /// What a map shows that has all of it in sight.
    Simplified,
    /// All of it.
    Full,
    /// Nothing.
    None,
}

/// Whether the manoeuvres are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// They are.
    Written,
    /// They are not.
    Left,
}

/// Which figures of every stretch of a leg are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// Seconds.
    pub duration: bool,
    /// Metres.
    pub distance: bool,
    /// Metres a second.
    pub speed: bool,
}

/// How a route is written.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// Lines.
    pub geometries: Geometries,
    /// The whole line.
    pub overview: Overview,
    /// Manoeuvres.
    pub steps: Steps,
    /// Figures of stretches.
    pub annotations: Annotations,
}

/// Which figures of a table are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figures {
    /// Seconds.
    Durations,
    /// Metres.
    Distances,
    /// Both.
    Both,
}

/// A fault.
pub fn fault(code: &str, message: &str) -> Vec<u8> {
    super::json(&json!({ "code": code, "message": message }))
}

/// The places nearest to a coordinate.
pub fn nearest(waypoints: &[Waypoint]) -> Vec<u8> {
    let waypoints: Vec<Value> = waypoints.iter().map(waypoint).collect();
    super::json(&json!({ "code": "Ok", "waypoints": waypoints }))
}

/// A route.
pub fn route(route: &Route, waypoints: &[Waypoint], form: Form) -> Vec<u8> {
    let mut written = json!({
        "distance": metres(route.length_m),
        "duration": seconds(route.duration_ds),
        "weight": seconds(route.duration_ds),
        "weight_name": "duration",
        "legs": route.legs.iter().zip(waypoints.windows(2)).map(|(one, ends)| leg(one, ends, form)).collect::<Vec<_>>(),
    });
    let line = match form.overview {
        Overview::Full => Some(geometry(&route.line, form.geometries)),
        Overview::Simplified => Some(geometry(&simplified(&route.line), form.geometries)),
        Overview::None => None,
    };
    if let Some(line) = line {
        written["geometry"] = line;
    }
    let waypoints: Vec<Value> = waypoints.iter().map(waypoint).collect();
    super::json(&json!({ "code": "Ok", "routes": [written], "waypoints": waypoints }))
}

/// A table; `null` where no way leads.
pub fn table(matrix: &Matrix, sources: &[Waypoint], destinations: &[Waypoint], figures: Figures) -> Vec<u8> {
    let list = |waypoints: &[Waypoint]| Value::from(waypoints.iter().map(waypoint).collect::<Vec<_>>()).to_string();
    let mut text = String::with_capacity(matrix.durations_ds.len() * 14 + 1024);
    text.push_str("{\"code\":\"Ok\"");
    let mut rows = |name: &str, cells: &[u32], write: &dyn Fn(&mut String, u32)| {
        text.extend([",\"", name, "\":["]);
        for (at, row) in cells.chunks(matrix.columns.max(1)).enumerate() {
            text.push_str(if at > 0 { ",[" } else { "[" });
            for (at, &cell) in row.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                if cell == Matrix::UNREACHABLE { text.push_str("null") } else { write(&mut text, cell) }
            }
            text.push(']');
        }
        text.push(']');
    };
    if figures != Figures::Distances {
        rows("durations", &matrix.durations_ds, &|text, ds| {
            // Writing to a text cannot fail.
            let _ = write!(text, "{}.{}", ds / 10, ds % 10);
        });
    }
    if figures != Figures::Durations {
        rows("distances", &matrix.lengths_m, &|text, m| {
            let _ = write!(text, "{m}");
        });
    }
    text.extend([",\"sources\":", &list(sources), ",\"destinations\":", &list(destinations), "}"]);
    text.into_bytes()
}

fn seconds(ds: u32) -> f64 {
    f64::from(ds) / 10.0
}

fn metres(m: f64) -> f64 {
    (m * 10.0).round() / 10.0
}

/// Degrees as OSRM writes them: six decimals, a tenth of a metre.
fn degrees(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn location(at: LonLat) -> [f64; 2] {
    [degrees(at.lon()), degrees(at.lat())]
}

fn waypoint(waypoint: &Waypoint) -> Value {
    json!({
        "name": waypoint.name,
        "location": location(waypoint.at),
        "distance": metres(waypoint.distance_m),
    })
}

fn leg(leg: &Leg, ends: &[Waypoint], form: Form) -> Value {
    let summary: Vec<&str> = leg.streets.iter().map(String::as_str).take(2).collect();
    let mut written = json!({
        "distance": metres(leg.length_m),
        "duration": seconds(leg.duration_ds),
        "weight": seconds(leg.duration_ds),
        "summary": summary.join(", "),
        "steps": match form.steps {
            Steps::Written => step::steps(leg, ends, form.geometries),
            Steps::Left => Vec::new(),
        },
    });
    if form.annotations != Annotations::default() {
        written["annotation"] = step::annotation(leg, form.annotations);
    }
    written
}

#[derive(Serialize)]
struct Line {
    r#type: &'static str,
    coordinates: Vec<[f64; 2]>,
}

fn geometry(line: &LineString<f64>, form: Geometries) -> Value {
    match form {
        Geometries::Polyline => polyline(line, 1e5).into(),
        Geometries::Polyline6 => polyline(line, 1e6).into(),
        Geometries::GeoJson => {
            let coordinates = line.coords().map(|at| [degrees(at.x), degrees(at.y)]).collect();
            serde_json::to_value(Line { r#type: "LineString", coordinates }).unwrap_or_default()
        }
    }
}

/// Google's encoded polyline: latitude first, each number as the difference from the one before in steps of
/// `1 / scale` degrees, five bits a character.
pub(super) fn polyline(line: &LineString<f64>, scale: f64) -> String {
    let mut text = String::with_capacity(line.0.len() * 6);
    let mut before = [0_i64; 2];
    for at in line.coords() {
        let now = [(at.y * scale).round() as i64, (at.x * scale).round() as i64];
        for (now, before) in now.iter().zip(before) {
            let step = now - before;
            let mut left = if step < 0 { !(step << 1) } else { step << 1 };
            while left >= 32 {
                text.push(char::from((32 | (left & 31)) as u8 + 63));
                left >>= 5;
            }
            text.push(char::from(left as u8 + 63));
        }
        before = now;
    }
    text
}

/// What remains of a line on a map that shows it whole: a thousandth of its breadth is not seen.
fn simplified(line: &LineString<f64>) -> LineString<f64> {
    let Some(bounds) = line.bounding_rect() else { return line.clone() };
    line.simplify(bounds.width().max(bounds.height()) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polyline_is_googles() {
        let line: LineString<f64> = vec![(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)].into();
        assert_eq!(polyline(&line, 1e5), "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
    }

    #[test]
    fn a_table_says_null_where_no_way_leads() {
        let matrix =
            Matrix { columns: 2, durations_ds: vec![0, 1234, u32::MAX, 5], lengths_m: vec![0, 99, u32::MAX, 1] };
        let ends =
            vec![Waypoint { name: "Via \"Roma\"".into(), at: LonLat::new(13.1, 41.7).unwrap(), distance_m: 1.26 }; 2];
        let read: Value = serde_json::from_slice(&table(&matrix, &ends, &ends, Figures::Both)).unwrap();
        assert_eq!(read["durations"], json!([[0.0, 123.4], [null, 0.5]]));
        assert_eq!(read["distances"], json!([[0, 99], [null, 1]]));
        assert_eq!(read["sources"][1], json!({"name": "Via \"Roma\"", "location": [13.1, 41.7], "distance": 1.3}));
        let durations: Value = serde_json::from_slice(&table(&matrix, &ends, &ends, Figures::Durations)).unwrap();
        assert!(durations.get("distances").is_none());
    }
}
