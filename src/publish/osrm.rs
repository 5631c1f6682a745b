//! OSRM's HTTP API, version 1, as far as answers go: durations in seconds, distances in metres, longitude first.
//!
//! Roads are open data and speak of nobody: an answer says what a map says, about places that the asker named.

use std::fmt::Write as _;

use geo::{BoundingRect as _, LineString, Simplify as _};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    domain::geo::LonLat,
    roads::{
        guide::Step,
        plane::{Leg, Matrix, Route, Snapped},
    },
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
    /// What tells the place to who asks for it again.
    pub hint: Option<String>,
}

/// A hint at a place: its edge, how far along it lies, and where that is, in the alphabet of OSRM's own (base64url).
pub fn hint(place: &Snapped) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let along = (place.along * f64::from(u32::MAX)) as u32;
    let [lon, lat] = [place.point.lon(), place.point.lat()].map(|degrees| (degrees * 1e6).round() as i32);
    // Fifteen bytes are twenty letters, without any to fill up.
    let parts = [&place.edge.to_be_bytes()[..], &along.to_be_bytes()[..3], &lon.to_be_bytes(), &lat.to_be_bytes()];
    let letters = |three: &[u8]| {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift & 63) as usize]))
    };
    parts.concat().chunks(3).flat_map(letters).collect()
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

/// By what one goes where it is no ferry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Going {
    /// By a vehicle.
    #[default]
    Driving,
    /// On foot.
    Walking,
}

/// What is told of the legs of a route beside their lines, leg by leg; empty where nobody asked.
#[derive(Clone, Debug, Default)]
pub struct Guided {
    /// By what one goes.
    pub going: Going,
    /// The steps.
    pub steps: Vec<Vec<Step>>,
    /// Deciseconds since the beginning of the leg at each point of its line.
    pub times_ds: Vec<Vec<f64>>,
}

/// Whether the coordinates on the roads are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waypoints {
    /// They are.
    Written,
    /// They are not.
    Left,
}

/// A figure of a stretch of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Annotation {
    /// Seconds.
    Duration,
    /// What is least on the way taken: seconds.
    Weight,
    /// Metres.
    Distance,
    /// Metres a second.
    Speed,
    /// Whence a speed comes: here always from the roads themselves.
    Datasources,
}

/// Which figures of every stretch of a leg are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Annotations([bool; 5]);

impl Annotations {
    /// Every figure.
    pub const ALL: Self = Self([true; 5]);

    /// With one more.
    #[must_use]
    pub const fn with(mut self, one: Annotation) -> Self {
        self.0[one as usize] = true;
        self
    }

    /// Whether a figure is written.
    pub const fn has(self, one: Annotation) -> bool {
        self.0[one as usize]
    }
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
    /// The coordinates on the roads.
    pub waypoints: Waypoints,
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
pub fn nearest(found: &[Waypoint], waypoints: Waypoints) -> Vec<u8> {
    let mut told = json!({ "code": "Ok" });
    if waypoints == Waypoints::Written {
        told["waypoints"] = found.iter().map(waypoint).collect();
    }
    super::json(&told)
}

/// A route. The distances of steps add up to those of legs, and these to the route's.
pub fn route(route: &Route, guided: &Guided, waypoints: &[Waypoint], form: Form) -> Vec<u8> {
    let tenths = parts(route.legs.iter().map(|leg| leg.length_m), tenth(route.length_m));
    let legs = route.legs.iter().zip(tenths).enumerate().map(|(at, (one, tenths))| leg(one, at, guided, tenths, form));
    let mut written = json!({
        "distance": tenth(route.length_m) as f64 / 10.0,
        "duration": seconds(route.duration_ds),
        "weight": seconds(route.duration_ds),
        "weight_name": "duration",
        "legs": legs.collect::<Vec<_>>(),
    });
    let line = match form.overview {
        Overview::Full => Some(geometry(&route.line, form.geometries)),
        Overview::Simplified => Some(geometry(&simplified(&route.line), form.geometries)),
        Overview::None => None,
    };
    if let Some(line) = line {
        written["geometry"] = line;
    }
    let mut told = json!({ "code": "Ok", "routes": [written] });
    if form.waypoints == Waypoints::Written {
        told["waypoints"] = waypoints.iter().map(waypoint).collect();
    }
    super::json(&told)
}

/// Metres in tenths, as they are written.
fn tenth(m: f64) -> i64 {
    (m * 10.0).round() as i64
}

/// Parts of a length, in tenths of a metre, that add up to the whole: each ends where it ends on the way.
fn parts(lengths_m: impl ExactSizeIterator<Item = f64>, whole: i64) -> Vec<i64> {
    let count = lengths_m.len();
    let (mut run_m, mut told) = (0.0, 0);
    let part = |(at, length_m): (usize, f64)| {
        run_m += length_m;
        let until = if at + 1 == count { whole } else { tenth(run_m).clamp(told, whole) };
        until - std::mem::replace(&mut told, until)
    };
    lengths_m.enumerate().map(part).collect()
}

/// A table; `null` where no way leads. Where cells were guessed from the distance as the crow flies, their rows and columns
/// are told.
pub fn table(
    matrix: &Matrix,
    guessed: Option<&[[usize; 2]]>,
    sources: &[Waypoint],
    destinations: &[Waypoint],
    (figures, waypoints): (Figures, Waypoints),
) -> Vec<u8> {
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
    if let Some(guessed) = guessed {
        let _ = write!(text, ",\"fallback_speed_cells\":{}", json!(guessed));
    }
    if waypoints == Waypoints::Written {
        text.extend([",\"sources\":", &list(sources), ",\"destinations\":", &list(destinations)]);
    }
    text.push('}');
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
    let mut told = json!({
        "name": waypoint.name,
        "location": location(waypoint.at),
        "distance": metres(waypoint.distance_m),
    });
    if let Some(hint) = &waypoint.hint {
        told["hint"] = hint.as_str().into();
    }
    told
}

fn leg(leg: &Leg, at: usize, guided: &Guided, tenths: i64, form: Form) -> Value {
    let summary: Vec<&str> = leg.streets.iter().map(String::as_str).take(2).collect();
    let mut written = json!({
        "distance": tenths as f64 / 10.0,
        "duration": seconds(leg.duration_ds),
        "weight": seconds(leg.duration_ds),
        "summary": summary.join(", "),
        "steps": match (form.steps, guided.steps.get(at)) {
            (Steps::Written, Some(steps)) => step::steps(steps, tenths, guided.going, form.geometries),
            _ => Vec::new(),
        },
    });
    if let Some(times_ds) = guided.times_ds.get(at).filter(|_| form.annotations != Annotations::default()) {
        written["annotation"] = step::annotation(leg, times_ds, tenths, form.annotations);
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
    fn a_hint_is_of_letters_that_an_address_takes() {
        let at = LonLat::new(-13.1, 41.7).unwrap();
        let place = Snapped { edge: 7, along: 0.5, point: at, distance_m: 1.0, ways: crate::roads::plane::Ways::BOTH };
        let told = hint(&place);
        assert!(told.len() == 20 && told.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{told}");
        assert_ne!(told, hint(&Snapped { edge: 8, ..place }));
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        assert_eq!(parts([0.04, 0.04, 0.04, 99.9].into_iter(), 1000), [0, 1, 0, 999]);
        assert_eq!(parts([5.0, 5.0, 0.0].into_iter(), 99), [50, 49, 0]);
        assert_eq!(parts(std::iter::empty(), 0), [0_i64; 0]);
    }

    #[test]
    fn a_table_says_null_where_no_way_leads() {
        let matrix =
            Matrix { columns: 2, durations_ds: vec![0, 1234, u32::MAX, 5], lengths_m: vec![0, 99, u32::MAX, 1] };
        let ends = vec![
            Waypoint {
                name: "Via \"Roma\"".into(),
                at: LonLat::new(13.1, 41.7).unwrap(),
                distance_m: 1.26,
                hint: None
            };
            2
        ];
        let read: Value =
            serde_json::from_slice(&table(&matrix, None, &ends, &ends, (Figures::Both, Waypoints::Written))).unwrap();
        assert_eq!(read["durations"], json!([[0.0, 123.4], [null, 0.5]]));
        assert_eq!(read["distances"], json!([[0, 99], [null, 1]]));
        assert_eq!(read["sources"][1], json!({"name": "Via \"Roma\"", "location": [13.1, 41.7], "distance": 1.3}));
        let durations: Value = serde_json::from_slice(&table(
            &matrix,
            Some(&[[1, 0]]),
            &ends,
            &ends,
            (Figures::Durations, Waypoints::Left),
        ))
        .unwrap();
        assert_eq!(durations["fallback_speed_cells"], json!([[1, 0]]));
        assert!(durations.get("distances").is_none() && durations.get("sources").is_none());
    }
}
