//! A scenario as it is drawn on the map or comes from a file: JSON, or a GeoJSON collection of shapes.

use serde_json::{Map, Value, json};

use super::{Words, json_of};
use crate::{
    app::Error,
    casework::scenario::{Bridges, Closure, Draft, MAX_CLOSURES, Path, Shape},
    domain::watch::Unwatched,
    ingest::areas,
};
use std::sync::Arc;

use geo::{BoundingRect as _, Geometry};

/// A closure before its shape has passed the gate.
enum Drawn {
    Street(Box<str>),
    Shape { geometry: Value, bridges: Bridges },
}

/// Reads a draft. Errors name the part.
pub(super) fn read(body: &[u8], words: &Words) -> Result<Draft, Error> {
    let Value::Object(mut body) = json_of(body)? else {
        return Err(Error::invalid("body", "a JSON object"));
    };
    let is_collection = body.get("type").is_some_and(|kind| kind == "FeatureCollection");
    let (place, closures) = if is_collection {
        ("features", Value::Object(body.clone()))
    } else {
        let known = ["name", "why", "expires", "closures"];
        if let Some(name) = body.keys().find(|name| !known.contains(&name.as_str())) {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            return Err(Error::invalid("body", format_args!("\"{shown}\" is unknown: {}", known.join(", "))));
        }
        ("closures", body.remove("closures").unwrap_or_else(|| json!([])))
    };
    let text = |name: &str, told: &Option<String>| -> Result<Option<String>, Error> {
        match (told, body.get(name)) {
            (Some(told), _) => Ok(Some(told.clone())),
            (None, None | Some(Value::Null)) => Ok(None),
            (None, Some(Value::String(text))) => Ok(Some(text.clone())),
            (None, Some(_)) => Err(Error::invalid(name, "a text")),
        }
    };
    let must = |name: &str, text: Option<String>| text.ok_or_else(|| Error::invalid(name, "missing"));
    let expires = text("expires", &words.expires)?
        .map(|text| text.parse().map_err(|_| Error::invalid("expires", "a moment such as 2026-11-24T06:00:00Z")));
    Ok(Draft {
        name: must("name", text("name", &words.name)?)?.trim().into(),
        why: must("why", text("why", &words.why)?)?.trim().into(),
        expires: expires.transpose()?,
        closures: closures_of(place, &closures)?.into(),
    })
}

/// Closures from a list of ours or from a GeoJSON collection; each shape through the gate of `ingest`.
fn closures_of(place: &str, value: &Value) -> Result<Vec<Closure>, Error> {
    let (drawn, crs) = match value {
        Value::Array(list) => (each(place, list, one)?, None),
        Value::Object(collection) => {
            let features = collection.get("features").and_then(Value::as_array);
            let features = features.ok_or_else(|| Error::invalid(place, "a list, or a GeoJSON FeatureCollection"))?;
            (each(place, features, feature)?, collection.get("crs").cloned())
        }
        _ => return Err(Error::invalid(place, "a list, or a GeoJSON FeatureCollection")),
    };
    let mut shapes = Vec::new();
    for (at, drawn) in drawn.iter().enumerate() {
        if let Drawn::Shape { geometry, .. } = drawn {
            shapes.push(json!({ "type": "Feature", "properties": { "at": at }, "geometry": geometry }));
        }
    }
    let mut collection = json!({ "type": "FeatureCollection", "features": shapes });
    if let Some(crs) = crs {
        collection["crs"] = crs;
    }
    // Numbered from 1, as the gate numbers what it reads.
    let numbers: Vec<usize> = (0..drawn.len()).filter(|at| matches!(drawn[*at], Drawn::Shape { .. })).collect();
    let mut sound: Vec<Option<Geometry<f64>>> = drawn.iter().map(|_| None).collect();
    if !numbers.is_empty() {
        let read = areas::read_geojson(place, collection.to_string().as_bytes(), &Unwatched)
            .map_err(|error| Error::invalid(place, error))?;
        if let Some(reject) = read.rejects.first() {
            let at = numbers.get((reject.row as usize).saturating_sub(1)).copied().unwrap_or_default();
            return Err(Error::invalid(&format!("{place}[{at}].geometry"), &reject.reason));
        }
        for feature in read.features {
            if let Some(at) = numbers.get((feature.id as usize).saturating_sub(1)) {
                sound[*at] = Some(feature.geometry);
            }
        }
    }
    let mut closures = Vec::with_capacity(drawn.len());
    for (at, (drawn, sound)) in drawn.into_iter().zip(sound).enumerate() {
        match (drawn, sound) {
            (Drawn::Street(name), _) => closures.push(Closure::Street { name }),
            (Drawn::Shape { bridges, .. }, Some(geometry)) => {
                closures.extend(shaped(&format!("{place}[{at}]"), geometry, bridges)?);
            }
            (Drawn::Shape { .. }, None) => {
                return Err(Error::invalid(&format!("{place}[{at}].geometry"), "cannot be read"));
            }
        }
    }
    Ok(closures)
}

fn each(
    place: &str,
    list: &[Value],
    read: fn(&str, &Map<String, Value>) -> Result<Drawn, Error>,
) -> Result<Vec<Drawn>, Error> {
    if list.len() > MAX_CLOSURES {
        return Err(Error::invalid(place, format_args!("{}: at most {MAX_CLOSURES}", list.len())));
    }
    let one = |(at, value): (usize, &Value)| {
        let place = format!("{place}[{at}]");
        value.as_object().ok_or_else(|| Error::invalid(&place, "an object")).and_then(|value| read(&place, value))
    };
    list.iter().enumerate().map(one).collect()
}

/// A closure in our own words.
fn one(place: &str, value: &Map<String, Value>) -> Result<Drawn, Error> {
    let known: &[&str] = match value.get("kind").and_then(Value::as_str) {
        Some("street") => &["kind", "name"],
        Some("area") => &["kind", "geometry", "bridges"],
        Some("line") => &["kind", "geometry"],
        _ => return Err(Error::invalid(&format!("{place}.kind"), "area, street or line")),
    };
    if value.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(Error::invalid(place, format_args!("takes {}", known.join(", "))));
    }
    if value["kind"] == "street" {
        let name = value.get("name").and_then(Value::as_str);
        return name
            .map(|name| Drawn::Street(name.trim().into()))
            .ok_or_else(|| Error::invalid(&format!("{place}.name"), "the name of a street"));
    }
    let geometry = value.get("geometry").cloned().unwrap_or_default();
    let kind = geometry.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let fits = match value["kind"].as_str() {
        Some("area") => ["Polygon", "MultiPolygon"].contains(&kind.as_str()),
        _ => ["LineString", "MultiLineString"].contains(&kind.as_str()),
    };
    if !fits {
        return Err(Error::invalid(&format!("{place}.geometry"), "a GeoJSON geometry of that kind"));
    }
    Ok(Drawn::Shape { geometry, bridges: bridges(place, value.get("bridges"))? })
}

/// A feature of a file: an area or a line, or a street by its name.
fn feature(place: &str, value: &Map<String, Value>) -> Result<Drawn, Error> {
    let property = |name: &str| value.get("properties").and_then(|properties| properties.get(name));
    match value.get("geometry") {
        None | Some(Value::Null) => property("street")
            .and_then(Value::as_str)
            .map(|name| Drawn::Street(name.trim().into()))
            .ok_or_else(|| Error::invalid(place, "neither a geometry nor a property \"street\"")),
        Some(geometry) => {
            Ok(Drawn::Shape { geometry: geometry.clone(), bridges: bridges(place, property("bridges"))? })
        }
    }
}

fn bridges(place: &str, value: Option<&Value>) -> Result<Bridges, Error> {
    match value {
        None | Some(Value::Null) => Ok(Bridges::Stand),
        Some(Value::String(word)) if word == "stand" => Ok(Bridges::Stand),
        Some(Value::String(word)) if word == "closed" => Ok(Bridges::Closed),
        Some(_) => Err(Error::invalid(&format!("{place}.bridges"), "stand or closed")),
    }
}

fn shaped(place: &str, geometry: Geometry<f64>, bridges: Bridges) -> Result<Vec<Closure>, Error> {
    // Drawn over the antimeridian without being cut there, as RFC 7946 (3.1.9) asks, it would close the other side of the Earth.
    if geometry.bounding_rect().is_some_and(|bounds| bounds.width() > 180.0) {
        let reason = "wider than half the Earth: what crosses the antimeridian is cut there";
        return Err(Error::invalid(&format!("{place}.geometry"), reason));
    }
    let area = |polygons| Closure::Area { geometry: Shape(Arc::new(polygons)), bridges };
    let line = |line| Closure::Line { geometry: Path(Arc::new(line)) };
    match geometry {
        Geometry::Polygon(polygon) => Ok(vec![area(polygon.into())]),
        Geometry::MultiPolygon(polygons) => Ok(vec![area(polygons)]),
        Geometry::LineString(one) => Ok(vec![line(one)]),
        Geometry::MultiLineString(lines) => Ok(lines.into_iter().map(line).collect()),
        _ => Err(Error::invalid(&format!("{place}.geometry"), "only areas and lines close roads")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> Result<Draft, String> {
        read(text.as_bytes(), &Words::default()).map_err(|error| error.to_string())
    }

    const RING: &str = "[[13.1,41.7,5],[13.2,41.7],[13.2,41.8],[13.1,41.7]]";

    #[test]
    fn drafts_are_read_in_our_words_and_as_geojson() {
        let ours = format!(
            r#"{{"name":" Piena ","why":"x","expires":"2027-01-01T00:00:00Z","closures":[
            {{"kind":"street","name":"Via Roma"}},{{"kind":"area","geometry":{{"type":"Polygon","coordinates":[{RING}]}},"bridges":"closed"}}]}}"#
        );
        let ours = draft(&ours).unwrap();
        assert_eq!((&*ours.name, ours.closures.len()), ("Piena", 2));
        assert!(matches!(&ours.closures[1], Closure::Area { bridges: Bridges::Closed, .. }));
        let file = format!(
            r#"{{"type":"FeatureCollection","name":"frana","why":"OS14","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}}},"features":[
            {{"type":"Feature","properties":{{"street":"Via Po"}},"geometry":null}},
            {{"type":"Feature","properties":{{"nome":"Area"}},"geometry":{{"type":"MultiPolygon","coordinates":[[{RING}]]}}}},
            {{"type":"Feature","properties":{{}},"geometry":{{"type":"MultiLineString","coordinates":[[[1,2],[1,3]],[[2,2],[2,3]]]}}}}]}}"#
        );
        let file = draft(&file).unwrap();
        assert_eq!(file.closures.len(), 4);
        assert_eq!(file.closures[0], Closure::Street { name: "Via Po".into() });
        let words = Words { name: Some("altro".into()), why: Some("y".into()), expires: None };
        assert_eq!(&*read(br#"{"type":"FeatureCollection","features":[]}"#, &words).unwrap().name, "altro");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let open = "[[13.1,95],[13.2,41.7],[13.2,41.8],[13.1,95]]";
        for (text, said) in [
            ("[]".to_owned(), "body: a JSON object"),
            (r#"{"why":"x"}"#.to_owned(), "name: missing"),
            (r#"{"name":"x","why":"x","closed":[]}"#.to_owned(), "\"closed\" is unknown"),
            (r#"{"name":"x","why":"x","expires":"domani"}"#.to_owned(), "expires: a moment"),
            (r#"{"name":"x","why":"x","closures":[{"kind":"tunnel"}]}"#.to_owned(), "closures[0].kind"),
            (r#"{"name":"x","why":"x","closures":[{"kind":"street","name":"a"},{"kind":"line","geometry":{"type":"Point","coordinates":[1,2]}}]}"#.to_owned(), "closures[1].geometry"),
            (format!(r#"{{"name":"x","why":"x","closures":[{{"kind":"street","name":"a"}},{{"kind":"area","geometry":{{"type":"Polygon","coordinates":[{open}]}}}}]}}"#), "closures[1].geometry"),
            (r#"{"type":"FeatureCollection","name":"x","why":"x","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}]}"#.to_owned(), "features[0].geometry: only areas"),
            (r#"{"name":"x","why":"x","closures":[{"kind":"area","geometry":{"type":"Polygon","coordinates":[[[179.9,1],[-179.9,1],[-179.9,2],[179.9,2],[179.9,1]]]}}]}"#.to_owned(), "wider than half the Earth"),
            (format!("{}1{}", "[".repeat(5000), "]".repeat(5000)), "deep"),
        ] {
            let error = draft(&text).expect_err(&text);
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
