//! Shapes that nobody should draw, at every door where shapes come in (row 3 of the fault matrix): a file of a layer as
//! GeoJSON, FlatGeobuf or the WKB of a GeoPackage; a literal of a filter in text or JSON; the area of a question. Each gets
//! the right answer, which is counted in points of a grid, or a reason.

use std::{fmt::Write as _, sync::Arc, time::Instant};

use geo::{Area as _, Geometry, LineString, Polygon};

use super::{
    asked::{Town, point},
    noise::eaters::flat,
};
use crate::{
    access::Role,
    app::{Ingredients, World},
    domain::watch::Unwatched,
    ingest::{
        areas::{LayerReading, LayerRow, read, read_geopackage_rows},
        crs::Crs,
    },
    query::{
        Budget,
        collection::{Collection, ReferenceLayer},
        evaluate,
        filter::{Lang, Vocabulary, parse},
    },
    snapshot::{
        layer::Layer,
        schema::{Sensitivity, Titles},
    },
};

mod structure;
mod table;

/// The rings of a polygon.
type Rings = Vec<Vec<[f64; 2]>>;
/// How much was found in square degrees, or the reason why nothing was.
type Outcome = Result<f64, String>;

/// A tenth of a degree between points, from 7 to 13 east and 39 to 45 north: a hundred in a square degree.
fn grid() -> Layer {
    let points =
        (0..3_600_u64).map(|at| point(at + 1, 7.05 + (at % 60) as f64 / 10.0, 39.05 + (at / 60) as f64 / 10.0));
    Layer::freeze("grid", Titles::new("Punti", "Points"), points.collect())
}

/// The doors, and what stands behind them.
struct Doors {
    town: Town,
    grid: ReferenceLayer,
}

/// Of files: what is there, or the first reason.
fn of_file(reading: Result<LayerReading, crate::ingest::Error>) -> Outcome {
    let reading = reading.map_err(|error| error.to_string())?;
    match reading.rejects.first() {
        Some(reject) => Err(reject.reason.clone()),
        None => Ok(reading.features.iter().map(|feature| feature.geometry.unsigned_area()).fold(0.0, f64::max)),
    }
}

fn polygon(rings: &Rings) -> Geometry<f64> {
    let line = |ring: &Vec<[f64; 2]>| ring.iter().copied().collect::<LineString<f64>>();
    let mut lines = rings.iter().map(line);
    // The library closes rings: parts are put in as they are.
    let shell = lines.next().unwrap_or_else(|| LineString(Vec::new()));
    Polygon::new(shell, lines.collect()).into()
}

/// Well-known binary as it stands, rings not closed.
fn binary(rings: &Rings) -> Vec<u8> {
    let mut bytes = vec![1, 3, 0, 0, 0];
    bytes.extend_from_slice(&(rings.len() as u32).to_le_bytes());
    for ring in rings {
        bytes.extend_from_slice(&(ring.len() as u32).to_le_bytes());
        ring.iter().flatten().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    }
    bytes
}

/// A number as programs write it.
fn number(number: f64) -> String {
    match number {
        n if n.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        n if n.abs() >= 1e16 => format!("{n:e}"),
        n => n.to_string(),
    }
}

/// Coordinates of rings with these signs around rings, and between and around positions.
fn written(rings: &Rings, [open, close]: [&str; 2], [before, between, after]: [&str; 3]) -> String {
    let mut text = open.to_owned();
    for (at, ring) in rings.iter().enumerate() {
        text += if at > 0 { "," } else { "" };
        text += open;
        for (at, [x, y]) in ring.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let _ = write!(text, "{comma}{before}{}{between}{}{after}", number(*x), number(*y));
        }
        text += close;
    }
    text + close
}

fn geojson(rings: &Rings) -> String {
    let coordinates = written(rings, ["[", "]"], ["[", ",", "]"]);
    format!(r#"{{"type":"Polygon","coordinates":{coordinates}}}"#)
}

impl Doors {
    fn new() -> Self {
        let town = Town::of(60);
        let snapshot = Arc::clone(town.app.world().unwrap().snapshot());
        let parts = Ingredients { snapshot, layers: vec![grid()], streets: &[], accesses: &[] };
        town.app.swap(Arc::new(World::new(parts).unwrap()));
        Self { town, grid: ReferenceLayer::new(Arc::new(grid())) }
    }

    fn filter(&self, text: &str, lang: Lang) -> Outcome {
        let vocabulary = Vocabulary::new(&self.grid, Sensitivity::Public);
        let filter = parse(text, lang, &vocabulary).map_err(|error| error.reason)?;
        let rows = evaluate::rows(&filter, &self.grid, &Budget::default()).map_err(|error| error.to_string())?;
        assert!(rows.len() <= u64::from(self.grid.len()));
        Ok(rows.len() as f64 / 100.0)
    }

    /// A filter by a shape in well-known text.
    fn text(&self, shape: &str) -> Outcome {
        self.filter(&format!("S_INTERSECTS(geom,{shape})"), Lang::Text)
    }

    /// A filter by a shape in JSON.
    fn json(&self, shape: &str) -> Outcome {
        self.filter(&format!(r#"{{"op":"s_intersects","args":[{{"property":"geom"}},{shape}]}}"#), Lang::Json)
    }

    /// A question in an area.
    fn ask(&self, area: &str) -> Outcome {
        let reply = self.town.post(Role::Public, "/api/ask", &format!(r#"{{"collection":"grid","area":{area}}}"#));
        let body = reply.json();
        match reply.status.as_u16() {
            200 => Ok(body["matched"].as_f64().unwrap() / 100.0),
            400 | 413 => Err(format!("{}: {}", body["parameter"], body["detail"])),
            status => panic!("{status}: {body}"),
        }
    }

    /// A page of items in a box.
    fn bbox(&self, bbox: &str) -> Outcome {
        let reply = self.town.get(&format!("/ogc/collections/grid/items?limit=1&bbox={bbox}"));
        let body = reply.json();
        match reply.status.as_u16() {
            200 => Ok(body["numberMatched"].as_f64().unwrap() / 100.0),
            400 => Err(format!("{}: {}", body["parameter"], body["detail"])),
            status => panic!("{status}: {body}"),
        }
    }

    /// Rings through every door, with its name.
    fn all(&self, rings: &Rings) -> Vec<(&'static str, Outcome)> {
        let json = geojson(rings);
        let row = LayerRow { blob: binary(rings), attributes: Vec::new() };
        let wkt = format!("POLYGON{}", written(rings, ["(", ")"], ["", " ", ""]));
        vec![
            ("GeoJSON file", of_file(read("shape", json.as_bytes(), &Unwatched))),
            ("WKB file", of_file(read_geopackage_rows("shape", Crs::Wgs84, [row], &Unwatched))),
            ("FlatGeobuf file", of_file(read("shape", &flat(&polygon(rings), 0), &Unwatched))),
            ("filter text", self.text(&wkt)),
            ("filter JSON", self.json(&json)),
            ("area", self.ask(&format!(r#"{{"type":"polygon","geometry":{json}}}"#))),
        ]
    }
}

/// Whether an outcome is one of those wanted (`a|b`): `=4` so many square degrees, else words of the reason.
fn fits(outcome: &Outcome, wanted: &str) -> bool {
    wanted.split('|').any(|wanted| match (outcome, wanted.strip_prefix('=')) {
        (Ok(found), Some(area)) => (found - area.parse::<f64>().unwrap()).abs() < 0.16,
        (Err(reason), None) => reason.contains(wanted),
        _ => false,
    })
}

fn circle(vertices: u32) -> Vec<[f64; 2]> {
    let turn = |at: u32| f64::from(at % vertices) * std::f64::consts::TAU / f64::from(vertices);
    (0..=vertices).map(|at| [10.0 + turn(at).cos(), 42.0 + turn(at).sin()]).collect()
}

#[test]
fn a_million_vertices_at_every_door() {
    let doors = Doors::new();
    for (vertices, filter, area) in [
        (5_000, "=3.14", "=3.14"),
        (20_000, "10,000 points|are the most|more than 60000", "=3.14"),
        (1_000_000, "are the most", "1 MiB"),
    ] {
        let rings = vec![circle(vertices)];
        let begun = Instant::now();
        for (door, outcome) in doors.all(&rings) {
            let wanted = match door {
                "area" => area,
                door if door.starts_with("filter") => filter,
                _ => "=3.14",
            };
            assert!(fits(&outcome, wanted), "{vertices} vertices, {door}: {outcome:?}, not {wanted}");
        }
        eprintln!("a ring of {vertices} vertices at six doors: {:?}", begun.elapsed());
    }
}
