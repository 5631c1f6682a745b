//! Steps of a leg, and the figures of its stretches, in OSRM's words.

use geo::Coord;
use serde_json::{Value, json};

use super::{Annotation, Annotations, Geometries, Going, geometry, location, parts, seconds};
use crate::{
    domain::geo::LonLat,
    roads::{
        guide::{Junction, Manoeuvre, Means, Step},
        plane::Leg,
    },
};

/// The steps of a leg, whose distances add up to so many tenths of a metre.
pub(super) fn steps(steps: &[Step], tenths: i64, going: Going, geometries: Geometries) -> Vec<Value> {
    let mut tenths = parts(steps.iter().map(|step| step.length_m), tenths);
    // The arrival has no length.
    if let [.., last, arrival] = &mut tenths[..] {
        *last += std::mem::take(arrival);
    }
    let written = |(step, tenths): (&Step, i64)| {
        let mode = match (step.means, going) {
            (Means::Ferry, _) => "ferry",
            (Means::Road, Going::Driving) => "driving",
            (Means::Road, Going::Walking) => "walking",
        };
        json!({
            "distance": tenths as f64 / 10.0,
            "duration": seconds(step.duration_ds),
            "weight": seconds(step.duration_ds),
            "geometry": geometry(&step.line, geometries),
            "name": step.name.as_deref().unwrap_or_default(),
            "mode": mode,
            "driving_side": "right",
            "maneuver": manoeuvre(step),
            "intersections": step.junctions.iter().map(intersection).collect::<Vec<_>>(),
        })
    };
    steps.iter().zip(tenths).map(written).collect()
}

fn manoeuvre(step: &Step) -> Value {
    let (kind, side, exit) = match step.manoeuvre {
        Manoeuvre::Depart => ("depart", None, None),
        Manoeuvre::Turn(side) => ("turn", Some(side), None),
        Manoeuvre::Continue(side) => ("continue", Some(side), None),
        Manoeuvre::NewName(side) => ("new name", Some(side), None),
        Manoeuvre::Roundabout(side, exit) => ("roundabout", Some(side), exit),
        Manoeuvre::ExitRoundabout(side, exit) => ("exit roundabout", Some(side), exit),
        Manoeuvre::Notification(side) => ("notification", Some(side), None),
        Manoeuvre::Arrive => ("arrive", None, None),
    };
    let at = step.line.0.first().and_then(|c| LonLat::new(c.x, c.y).ok());
    let mut told = json!({
        "type": kind,
        "location": at.map(location),
        "bearing_before": step.before,
        "bearing_after": step.after,
    });
    if let Some(side) = side {
        told["modifier"] = side.key().into();
    }
    if let Some(exit) = exit {
        told["exit"] = exit.into();
    }
    told
}

fn intersection(junction: &Junction) -> Value {
    let mut told = json!({ "location": location(junction.at), "bearings": junction.bearings, "entry": junction.entry });
    for (key, arm) in [("in", junction.comes), ("out", junction.goes)] {
        if let Some(arm) = arm {
            told[key] = arm.into();
        }
    }
    told
}

/// The figures of every stretch of a leg's line: those of time and of length add up to the leg's.
pub(super) fn annotation(leg: &Leg, times_ds: &[f64], tenths: i64, wanted: Annotations) -> Value {
    let point = |at: &Coord<f64>| LonLat::new(at.x, at.y).ok();
    let length = |pair: &[Coord<f64>]| match (point(&pair[0]), point(&pair[1])) {
        (Some(a), Some(b)) => a.distance_m(b),
        _ => 0.0,
    };
    let lengths: Vec<f64> = leg.line.0.windows(2).map(length).collect();
    let spans = || times_ds.windows(2).map(|pair| pair[1] - pair[0]);
    let written = |parts: Vec<i64>| parts.into_iter().map(|tenths| Value::from(tenths as f64 / 10.0)).collect();
    // A decisecond is a tenth, as ten centimetres are.
    let times = || written(parts(spans().map(|ds| ds / 10.0), i64::from(leg.duration_ds)));
    let mut told = json!({});
    if wanted.has(Annotation::Distance) {
        told["distance"] = written(parts(lengths.iter().copied(), tenths));
    }
    if wanted.has(Annotation::Duration) {
        told["duration"] = times();
    }
    if wanted.has(Annotation::Weight) {
        told["weight"] = times();
    }
    if wanted.has(Annotation::Datasources) {
        told["datasources"] = vec![0; lengths.len()].into();
        told["metadata"] = json!({ "datasource_names": ["roads"] });
    }
    if wanted.has(Annotation::Speed) {
        let speed = |(m, ds): (&f64, f64)| if ds > 0.0 { (m / ds * 100.0).round() / 10.0 } else { 0.0 };
        told["speed"] = lengths.iter().zip(spans()).map(speed).collect();
    }
    told
}
