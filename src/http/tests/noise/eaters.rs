//! The parsers that are fed.

use std::sync::Arc;

use ::flatgeobuf::{ColumnType, FgbWriter, GeometryType};
use axum::{
    body::Body,
    http::{Request, Uri},
};
use geo::{Geometry, LineString, MultiLineString, MultiPolygon, Rect};
use geozero::{ColumnValue, CoordDimensions, PropertyProcessor, ToWkb};
use tower::ServiceExt;

use super::feed;
use crate::{
    access::Role,
    domain::{feature::Value, watch::Unwatched},
    http::tests::asked::{Town, middle, secret},
    ingest::{
        areas::{LayerReading, LayerRow, read, read_geopackage_rows},
        crs::Crs,
    },
    query::{
        Budget,
        collection::{Collection, Households, ReferenceLayer},
        evaluate,
        filter::{
            Lang, Vocabulary, parse,
            shape::{Shape, read_wkt},
        },
        invented::layer,
    },
    snapshot::{invented, layer::Shapes, schema::Sensitivity},
};

fn shapes() -> Vec<Geometry<f64>> {
    let square = |x: f64, side: f64| Rect::new((x, 40.0), (x + side, 40.0 + side)).to_polygon();
    let line = LineString::from(vec![(9.0, 41.0), (9.5, 41.5), (9.7, 41.2)]);
    let holed = geo::Polygon::new(square(8.0, 2.0).exterior().clone(), vec![square(8.5, 0.2).exterior().clone()]);
    vec![
        holed.into(),
        MultiPolygon(vec![square(8.0, 1.0), square(10.0, 1.0)]).into(),
        geo::Point::new(9.0, 41.0).into(),
        Geometry::MultiPoint(vec![(9.0, 41.0), (9.5, 41.5)].into()),
        line.clone().into(),
        MultiLineString(vec![line.clone(), line]).into(),
    ]
}

/// Every feature that passed is sound.
fn judged(reading: Result<LayerReading, crate::ingest::Error>) -> bool {
    use geo::{CoordsIter, Validation};
    let Ok(reading) = reading else { return false };
    for feature in &reading.features {
        assert!(feature.geometry.coords_count() > 0);
        for c in feature.geometry.coords_iter() {
            assert!(c.x.abs() <= 180.0 && c.y.abs() <= 90.0, "{c:?} is not on Earth");
        }
        if feature.geometry.coords_count() < 64 && matches!(feature.geometry, Geometry::Polygon(_)) {
            assert!(feature.geometry.is_valid(), "{:?}", feature.geometry);
        }
    }
    assert!(reading.rejects.iter().all(|reject| !reject.reason.is_empty()));
    reading.rejects.is_empty()
}

/// Files of the invented town, as its server writes them.
fn files(format: &str) -> Vec<Vec<u8>> {
    let town = Town::of(3_000);
    let of = |name| town.get(&format!("/ogc/collections/{name}/items?limit=3&f={format}"));
    ["hexes_9", "civics", "shelters", "streets"].map(of).into_iter().map(|file| file.body.to_vec()).collect()
}

#[test]
fn geojson() {
    let mut examples = files("geojson");
    let feature = |geometry: &str| {
        format!(
            r#"{{"type":"Feature","id":7,"properties":{{"a":1,"b":"x","in":{{"c":[1,"é"]}}}},"geometry":{geometry}}}"#
        )
    };
    let all = [
        r#"{"type":"Polygon","coordinates":[[[8,40],[10,40],[10,42],[8,42],[8,40]],[[9,41],[9.1,41],[9,41.1],[9,41]]]}"#,
        r#"{"type":"Polygon","coordinates":[[[8,40],[10,42],[10,40],[8,42],[8,40]]]}"#,
        r#"{"type":"MultiPolygon","coordinates":[[[[8,40],[9,40],[9,41],[8,40]]],[[[9,40],[10,40],[10,41],[9,40]]]]}"#,
        r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[8,40,7]},{"type":"MultiPoint","coordinates":[[8,40]]}]}"#,
        r#"{"type":"MultiLineString","coordinates":[[[8,40],[9,41]],[[8,41],[9,40]]]}"#,
    ]
    .map(feature);
    let crs = r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4326"}},"#;
    examples.push(format!(r#"{{"type":"FeatureCollection",{crs}"features":[{}]}}"#, all.join(",")).into());
    examples.extend(all.map(String::into_bytes));
    feed("GeoJSON", 3_000, &examples, &["\"coordinates\":", "\"type\":\"Polygon\"", "[8,40],"], |bytes| {
        judged(read("noise", bytes, &Unwatched))
    });
}

#[test]
fn well_known_binary() {
    let head = [b"GP\0\x01".as_slice(), &4326_i32.to_le_bytes()].concat();
    let boxed = [b"GP\0\x03".as_slice(), &4326_i32.to_le_bytes(), &[0; 32]].concat();
    let wkb: Vec<Vec<u8>> = shapes().iter().map(|shape| shape.to_wkb(CoordDimensions::xy()).unwrap()).collect();
    let both = [&[1, 7, 0, 0, 0, 2, 0, 0, 0], &*wkb[2], &*wkb[4]].concat();
    let mut examples: Vec<Vec<u8>> = wkb.iter().chain([&both]).map(|wkb| [&*head, wkb].concat()).collect();
    examples.extend(wkb.iter().map(|wkb| [&*boxed, wkb].concat()));
    examples.extend(wkb);
    feed("WKB", 6_000, &examples, &["\u{1}\u{7}\0\0\0", "GP"], |bytes| {
        let row = LayerRow { blob: bytes.to_vec(), attributes: vec![("n".into(), Value::Number(f64::NAN))] };
        judged(read_geopackage_rows("noise", Crs::Wgs84, [row], &Unwatched))
    });
}

/// A file of a shape, by the crate's own writer.
pub(in crate::http::tests) fn flat(shape: &Geometry<f64>, code: i32) -> Vec<u8> {
    let kind = match shape {
        Geometry::Polygon(_) => GeometryType::Polygon,
        Geometry::MultiPolygon(_) => GeometryType::MultiPolygon,
        Geometry::Point(_) => GeometryType::Point,
        Geometry::MultiPoint(_) => GeometryType::MultiPoint,
        Geometry::LineString(_) => GeometryType::LineString,
        _ => GeometryType::Unknown,
    };
    let crs = ::flatgeobuf::FgbCrs { code, ..Default::default() };
    let options = ::flatgeobuf::FgbWriterOptions { write_index: code == 0, crs, ..Default::default() };
    let mut writer = FgbWriter::create_with_options("layer", kind, options).unwrap();
    writer.add_column("name", ColumnType::String, |_, _| {});
    writer.add_column("number", ColumnType::Double, |_, _| {});
    for index in 0..2 {
        writer
            .add_feature_geom(shape.clone(), |feature| {
                let _ = feature.property(0, "name", &ColumnValue::String("Forlì"));
                let _ = feature.property(1, "number", &ColumnValue::Double(f64::from(index)));
            })
            .unwrap();
    }
    let mut bytes = Vec::new();
    writer.write(&mut bytes).unwrap();
    bytes
}

#[test]
fn flatgeobuf() {
    let mut examples = files("fgb");
    examples.extend(shapes().iter().zip([0, 4326].iter().cycle()).map(|(shape, code)| flat(shape, *code)));
    feed("FlatGeobuf", 4_000, &examples, &["fgb\u{3}fgb\0"], |bytes| {
        // What does not begin like one is another file.
        bytes.starts_with(b"fgb") && judged(read("noise", bytes, &Unwatched))
    });
}

const TEXTS: [&str; 10] = [
    "POINT(16 39)",
    "POINT Z (16 39 1)",
    "LINESTRING(16 38,17 39,16.5 40)",
    "POLYGON((16 38,17 38,17 40,16 40,16 38),(16.2 38.5,16.4 38.5,16.4 38.7,16.2 38.5))",
    "MULTIPOINT(16 38,(17 39))",
    "MULTILINESTRING((16 38,17 39),(16 39,17 38))",
    "MULTIPOLYGON(((16 38,17 38,17 40,16 38)),((10 38,11 38,11 40,10 38)))",
    "GEOMETRYCOLLECTION(POINT(16 39),LINESTRING(16 38,17 39))",
    "POLYGONZM((16 38 1 1,17 38 1 1,17 40 1 1,16 38 1 1))",
    "multipolygon z (((16 38 0,17 38 0,17 40 0,16 38 0)))",
];

#[test]
fn well_known_text() {
    let examples = TEXTS.map(|text| text.as_bytes().to_vec());
    feed("WKT", 10_000, &examples, &["((", "),(", "POLYGON", "GEOMETRYCOLLECTION(", "EMPTY", "Z"], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        read_wkt(&text).and_then(|shape| Shape::new(shape, None)).is_ok()
    });
}

/// Collections to which filters are put.
struct Asked {
    households: Households,
    layer: ReferenceLayer,
}

impl Asked {
    fn new() -> Self {
        let households = Households::new(Arc::new(invented::world(7, 200, 3, 0.05).0));
        Self { households, layer: layer(3, 40, Shapes::Mixed) }
    }

    fn takes(&self, text: &str, lang: Lang) -> bool {
        let all: [&dyn Collection; 2] = [&self.households, &self.layer];
        let mut taken = false;
        for collection in all {
            match parse(text, lang, &Vocabulary::new(collection, Sensitivity::Health)) {
                Ok(filter) => {
                    taken = true;
                    if let Ok(rows) = evaluate::rows(&filter, collection, &Budget::new(4_000_000)) {
                        assert!(rows.len() <= u64::from(collection.len()));
                    }
                }
                Err(error) => {
                    assert!(!error.reason.is_empty());
                    assert!(error.position.is_none_or(|at| at <= text.chars().count()), "{error:?}");
                }
            }
        }
        taken
    }
}

/// The examples of the standard where they are at hand, and our own.
fn filters(ending: &str, own: &[&str]) -> Vec<Vec<u8>> {
    let root = std::env::var_os("ATLANTE_SHARED").map_or_else(|| "../shared".into(), std::path::PathBuf::from);
    let folder = root.join("data/cql2/examples").join(if ending == "txt" { "text" } else { "json" });
    let mut examples: Vec<Vec<u8>> = own.iter().map(|text| text.as_bytes().to_vec()).collect();
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("skipped: the examples of CQL2 are not here");
        return examples;
    };
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    examples.extend(files.iter().filter_map(|file| std::fs::read(file).ok()).filter(|text| text.len() < 4_000));
    examples
}

#[test]
fn geometry_in_json() {
    let asked = Asked::new();
    let examples = [
        r#"{"type":"Point","coordinates":[16,39]}"#,
        r#"{"type":"LineString","coordinates":[[16,38],[17,39,1]]}"#,
        r#"{"type":"Polygon","coordinates":[[[16,38],[17,38],[17,40],[16,38]],[[16.5,38.2],[16.6,38.2],[16.6,38.3],[16.5,38.2]]]}"#,
        r#"{"type":"MultiPoint","coordinates":[[16,38],[17,39]]}"#,
        r#"{"type":"MultiLineString","coordinates":[[[16,38],[17,39]],[[1,2],[3,4]]]}"#,
        r#"{"type":"MultiPolygon","coordinates":[[[[16,38],[17,38],[17,40],[16,38]]],[[[0,0],[1,0],[1,1],[0,0]]]]}"#,
        r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[16,39]}]}"#,
        r#"{"bbox":[16,38,17,40]}"#,
    ]
    .map(|text| text.as_bytes().to_vec());
    feed("geometry in CQL2 JSON", 3_000, &examples, &["\"coordinates\":", "\"type\":\"Polygon\"", "[1,2],"], |bytes| {
        let shape = String::from_utf8_lossy(bytes);
        asked.takes(&format!(r#"{{"op":"s_intersects","args":[{{"property":"geom"}},{shape}]}}"#), Lang::Json)
    });
}

#[test]
fn filters_in_text() {
    let asked = Asked::new();
    let own = [
        "people>=3 and NOT (fragile=true) or tenure like 'r%'",
        "s_intersects(geom,POLYGON((16 38,17 38,17 40,16 40,16 38)))",
        "visited between DATE('2026-01-01') and DATE('2026-03-01')",
        "casei(accenti(tenure)) in ('rent','own') and people in (1,2,3+1)",
        "within_metres(geom,POINT(16.3 39),500) and -people*2 < 7 div 2",
        "A_OVERLAPS(needs,('a','b')) or T_DURING(visited,INTERVAL('2026-01-01','..'))",
        "text is not null and whole + other = 1 or s_within(geom,BBOX(1,1,2,2))",
    ];
    let words =
        ["people", "geom", "tenure", "NOT ", " and ", " or ", "casei(", "'%a'", "like ", "between ", "in (", "DATE("];
    feed("CQL2 text", 3_000, &filters("txt", &own), &words, |bytes| {
        asked.takes(&String::from_utf8_lossy(bytes), Lang::Text)
    });
}

#[test]
fn filters_in_json() {
    let asked = Asked::new();
    let own = [
        r#"{"op":"and","args":[{"op":">=","args":[{"property":"people"},3]},{"op":"isNull","args":[{"property":"tenure"}]}]}"#,
        r#"{"op":"s_within","args":[{"property":"geom"},{"type":"Polygon","coordinates":[[[16,38],[17,38],[17,40],[16,38]]]}]}"#,
        r#"{"op":"t_during","args":[{"property":"visited"},{"interval":["2026-01-01",".."]}]}"#,
        r#"{"op":"like","args":[{"op":"casei","args":[{"property":"tenure"}]},"r%"]}"#,
        r#"{"op":"in","args":[{"property":"people"},[1,2,{"op":"+","args":[1,2]}]]}"#,
    ];
    let words =
        ["{\"op\":", "\"args\":[", "{\"property\":\"people\"}", "\"and\"", "\"not\"", "{\"date\":\"2026-01-01\"}"];
    feed("CQL2 JSON", 3_000, &filters("json", &own), &words, |bytes| {
        asked.takes(&String::from_utf8_lossy(bytes), Lang::Json)
    });
}

/// A server that begins anew now and then, so that what it keeps of questions does not grow with a test.
struct Served {
    town: Town,
    asked: u32,
    runtime: tokio::runtime::Runtime,
}

impl Served {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { town: Town::of(60), asked: 0, runtime }
    }

    /// The status and the body.
    fn ask(&mut self, request: Request<Body>) -> (u16, Vec<u8>) {
        self.asked += 1;
        if self.asked.is_multiple_of(20_000) {
            self.town = Town::of(60);
        }
        self.runtime.block_on(async {
            let response = self.town.router.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            (status, axum::body::to_bytes(response.into_body(), 10 << 20).await.unwrap().to_vec())
        })
    }
}

fn is_answered(status: u16, body: &[u8]) -> bool {
    let text = || String::from_utf8_lossy(body).into_owned();
    match status {
        200 => true,
        503 => {
            assert!(text().contains("Too costly"), "{}", text());
            true
        }
        400 | 401 | 403 | 404 | 409 | 413 => {
            assert!(text().contains("\"status\""), "{}", text());
            false
        }
        _ => panic!("{status}: {}", text()),
    }
}

#[test]
fn questions() {
    let mut served = Served::new();
    let examples = [
        r#"{"collection":"households","filter":"members = 2","group":{"by":"hex","resolution":9},"measures":[{"count":"households"},{"mean":"members"},{"quantiles":[0.5,0.9],"of":"isee"}],"order":[{"by":0,"direction":"desc"}],"limit":7}"#,
        r#"{"collection":"people","area":{"type":"difference","of":[{"type":"bbox","bbox":[16,38,17,40]},{"type":"circle","center":[16.3,38.96],"radius_m":500}]}}"#,
        r#"{"collection":"households","area":{"type":"polygon","geometry":{"type":"Polygon","coordinates":[[[16.2,38.9],[16.4,38.9],[16.4,39],[16.2,38.9]]]}},"date":"2026-06-30"}"#,
        r#"{"collection":"civics","area":{"type":"corridor","line":{"type":"LineString","coordinates":[[16.2,38.9],[16.4,38.9]]},"width_m":50},"nearest":{"to":[16.3,38.96],"k":2}}"#,
        r#"{"collection":"households","area":{"type":"cells","ids":["891e9a50a0fffff"]},"filter":{"op":"=","args":[{"property":"members"},2]},"measures":[{"share":"fragile"},{"sum":"members"}]}"#,
        r#"{"collection":"households","area":{"type":"union","of":[{"type":"intersection","of":[{"type":"bbox","bbox":[16,38,17,40]}]}]},"group":{"by":"property","property":"members"},"measures":[{"count":"people"}]}"#,
    ]
    .map(|text| text.as_bytes().to_vec());
    let words = [
        "\"area\":",
        "{\"type\":\"union\",\"of\":[",
        "\"households\"",
        "\"filter\":",
        "\"limit\":",
        "\"nearest\":",
        "[16,38],",
    ];
    feed("ask", 2_000, &examples, &words, |bytes| {
        let request = Request::post("/api/ask")
            .header("content-type", "application/json")
            .header("x-api-key", secret(Role::Social).reveal())
            .body(Body::from(bytes.to_vec()));
        let (status, body) = served.ask(request.unwrap());
        is_answered(status, &body)
    });
}

#[test]
fn tiles() {
    let mut served = Served::new();
    let examples: Vec<Vec<u8>> = [
        format!("/tiles/hexes/{}.mvt", middle(12)),
        format!("/tiles/hexes/{}.mvt?filter=members%3D2%20AND%20fragile%3Dtrue", middle(9)),
        format!("/tiles/households/{}.pbf?g=0&filter-lang=cql2-text&filter=people%3E1", middle(15)),
        format!("/tiles/civics/{}.mvt?filter=S_INTERSECTS(geom%2CBBOX(16%2C38%2C17%2C40))", middle(14)),
        "/tiles/streets/0/0/0.mvt".to_owned(),
        "/tiles/hexes.json?filter=members%3D2".to_owned(),
    ]
    .map(String::into_bytes)
    .into();
    let words = ["/", "..", "%2F", "?", "&filter=", "&g=", ".mvt", "-1", "31", "255", "18446744073709551616", "%F0%9F"];
    feed("tile addresses", 4_000, &examples, &words, |bytes| {
        let Ok(uri) = Uri::try_from(bytes.to_vec()) else { return false };
        if !uri.path().starts_with("/tiles/") {
            return false;
        }
        let request = Request::get(uri).header("x-api-key", secret(Role::Health).reveal()).body(Body::empty());
        let (status, body) = served.ask(request.unwrap());
        assert!(body.len() < crate::publish::tile::MAX_TILE_BYTES);
        is_answered(status, &body)
    });
}
