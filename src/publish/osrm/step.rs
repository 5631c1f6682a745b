//! Manoeuvres of a leg, and the figures of its stretches.

use geo::{Bearing as _, Coord, Geodesic, LineString, Point};
use serde_json::{Value, json};

use super::{Annotations, Geometries, Waypoint, degrees, geometry, metres, seconds};
use crate::{domain::geo::LonLat, roads::plane::Leg};

/// The manoeuvres of a leg: it sets out, and it arrives.
pub(super) fn steps(leg: &Leg, ends: &[Waypoint], geometries: Geometries) -> Vec<Value> {
    let [from, to] = ends else { return Vec::new() };
    let line = &leg.line;
    let (out, into) = (bearing(line.0.first(), line.0.get(1)), bearing(line.0.iter().nth_back(1), line.0.last()));
    let name = leg.streets.first().map_or(from.name.as_str(), String::as_str);
    let arrival: LineString<f64> = line.0.last().map_or_else(Vec::new, |last| vec![*last, *last]).into();
    let intersection = |at: &Waypoint, bearing: u16, key: &str| {
        let mut told = json!({ "location": super::location(at.at), "bearings": [bearing], "entry": [true] });
        told[key] = 0.into();
        told
    };
    vec![
        json!({
            "distance": metres(leg.length_m),
            "duration": seconds(leg.duration_ds),
            "weight": seconds(leg.duration_ds),
            "geometry": geometry(line, geometries),
            "name": name,
            "mode": "driving",
            "driving_side": "right",
            "maneuver": manoeuvre("depart", from.at, 0, out),
            "intersections": [intersection(from, out, "out")],
        }),
        json!({
            "distance": 0.0,
            "duration": 0.0,
            "weight": 0.0,
            "geometry": geometry(&arrival, geometries),
            "name": to.name,
            "mode": "driving",
            "driving_side": "right",
            "maneuver": manoeuvre("arrive", to.at, into, 0),
            "intersections": [intersection(to, (into + 180) % 360, "in")],
        }),
    ]
}

fn manoeuvre(kind: &str, at: LonLat, before: u16, after: u16) -> Value {
    json!({
        "type": kind,
        "location": [degrees(at.lon()), degrees(at.lat())],
        "bearing_before": before,
        "bearing_after": after,
    })
}

/// Degrees from north, clockwise, 0 to 359; 0 where there is no direction.
fn bearing(from: Option<&Coord<f64>>, to: Option<&Coord<f64>>) -> u16 {
    match (from, to) {
        (Some(from), Some(to)) if from != to => {
            let turned = Geodesic.bearing(Point::from(*from), Point::from(*to)).rem_euclid(360.0);
            (turned.round() as u16) % 360
        }
        _ => 0,
    }
}

/// The figures of every stretch of a leg's line; the time of a leg is spread over it by length.
pub(super) fn annotation(leg: &Leg, wanted: Annotations) -> Value {
    let point = |at: &Coord<f64>| LonLat::new(at.x, at.y).ok();
    let length = |pair: &[Coord<f64>]| match (point(&pair[0]), point(&pair[1])) {
        (Some(a), Some(b)) => a.distance_m(b),
        _ => 0.0,
    };
    let lengths: Vec<f64> = leg.line.0.windows(2).map(length).collect();
    let total: f64 = lengths.iter().sum();
    let pace = if total > 0.0 { seconds(leg.duration_ds) / total } else { 0.0 };
    let mut told = json!({});
    if wanted.distance {
        told["distance"] = lengths.iter().map(|m| metres(*m)).collect();
    }
    if wanted.duration {
        told["duration"] = lengths.iter().map(|m| metres(*m * pace)).collect();
    }
    if wanted.speed {
        let speed = if pace > 0.0 { metres(1.0 / pace) } else { 0.0 };
        told["speed"] = lengths.iter().map(|_| speed).collect();
    }
    told
}
