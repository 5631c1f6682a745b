use std::{path::PathBuf, time::Instant};

use geo::{Area, Geometry, MultiPolygon, Polygon, Validation};
use geozero::{CoordDimensions, ToWkb};
use proptest::prelude::*;

use super::*;
use crate::{
    domain::{feature::Value, watch::Unwatched},
    ingest::crs::Crs,
};

fn shared(file: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let read = std::fs::read(root.join("data").join(file)).ok();
    if read.is_none() {
        say("skipped: the shared data are not here");
    }
    read
}

fn say(text: &str) {
    eprintln!("{text}");
}

fn layer(features: &[&str]) -> LayerReading {
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    read("layer", text.as_bytes(), &Unwatched).unwrap()
}

fn feature(kind: &str, coordinates: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{}},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}"#)
}

/// The shape that comes out of one feature, or the reason why none does.
fn one(kind: &str, coordinates: &str) -> Result<Geometry<f64>, String> {
    let mut layer = layer(&[&feature(kind, coordinates)]);
    match layer.rejects.pop() {
        Some(reject) => Err(reject.reason),
        None => Ok(layer.features.remove(0).geometry),
    }
}

fn area(geometry: &Geometry<f64>) -> f64 {
    geometry.unsigned_area()
}

#[test]
fn the_sections_of_lamezia_come_out_valid() {
    let Some(bytes) = shared("lamezia/istat_sezioni_censimento_lamezia.geojson") else { return };
    let layer = read("sections", &bytes, &Unwatched).unwrap();
    assert_eq!((layer.features.len(), layer.rejects.len()), (317, 0), "{:?}", layer.rejects);
    let repaired: Vec<_> = layer.warnings.iter().filter(|warning| warning.reason.contains("even-odd")).collect();
    assert_eq!(repaired.len(), 8, "{:?}", layer.warnings);
    assert!(layer.features.iter().all(|feature| feature.geometry.is_valid()));
    let ids = layer.features.iter().flat_map(|feature| &feature.properties).filter(
        |(_, value)| matches!(value, Value::Text(text) if text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit())),
    );
    assert!(ids.count() >= 317, "section ids of 13 digits stay text");
    let plain = layer.features.iter().flat_map(|feature| &feature.properties).map(|(key, _)| &**key);
    assert!(plain.clone().all(|key| key != "indicators_istat_2023"), "nested indicators are flattened");
}

#[test]
fn the_other_shared_layers_are_read_whole() {
    for (file, features) in [
        ("anagni/stradario_A269.geojson", 688),
        ("anagni/comune_A269_anagni.geojson", 1),
        ("protezione_civile/niscemi_area_interdetta.geojson", 1),
        ("protezione_civile/niscemi_fascia_sicurezza_OS19.geojson", 1),
        ("protezione_civile/vesuvio_aree_attesa.geojson", 77),
        ("protezione_civile/vesuvio_aree_incontro.geojson", 9),
        ("protezione_civile/vesuvio_zona_rossa.geojson", 27),
    ] {
        let Some(bytes) = shared(file) else { return };
        let layer = read(file, &bytes, &Unwatched).unwrap();
        assert_eq!((layer.features.len(), layer.rejects), (features, vec![]), "{file}");
    }
}

#[test]
fn broken_rings_are_repaired() {
    // A bow-tie of two triangles, each of area 1.
    let bow = one("Polygon", "[[[8,40],[10,42],[10,40],[8,42],[8,40]]]").unwrap();
    assert!(bow.is_valid() && (area(&bow) - 2.0).abs() < 1e-6, "{bow:?}");
    for (what, rings, wanted) in [
        ("unclosed", "[[[8,40],[10,40],[10,42],[8,42]]]", 4.0),
        ("repeated points", "[[[8,40],[8,40],[10,40],[10,42],[10,42],[8,42],[8,40],[8,40]]]", 4.0),
        ("clockwise", "[[[8,40],[8,42],[10,42],[10,40],[8,40]]]", 4.0),
        ("a spike", "[[[8,40],[10,40],[10,42],[9,42],[9,44],[9,42],[8,42],[8,40]]]", 4.0),
        ("a spike at the seam", "[[[8,40],[10,40],[10,42],[8,42],[8,40],[7,39.5],[8,40]]]", 4.0),
        ("a spike half way back", "[[[8,40],[10,40],[10,42],[9,42],[9,44],[9,41],[8,41],[8,40]]]", 3.0),
        ("drawn twice", "[[[8,40],[10,40],[10,42],[8,42],[8,40],[10,40],[10,42],[8,42],[8,40]]]", 4.0),
        (
            "a hole",
            "[[[8,40],[10,40],[10,42],[8,42],[8,40]],[[8.5,40.5],[9.5,40.5],[9.5,41.5],[8.5,41.5],[8.5,40.5]]]",
            3.0,
        ),
        ("a hole outside", "[[[8,40],[10,40],[10,42],[8,42],[8,40]],[[11,40],[12,40],[12,41],[11,41],[11,40]]]", 5.0),
        (
            "a hole across",
            "[[[8,40],[10,40],[10,42],[8,42],[8,40]],[[9,40.5],[11,40.5],[11,41.5],[9,41.5],[9,40.5]]]",
            4.0,
        ),
        ("a ring that touches itself", "[[[8,40],[10,40],[9,41],[10,42],[8,42],[9,41],[8,40]]]", 2.0),
        ("a hole of no area", "[[[8,40],[10,40],[10,42],[8,42],[8,40]],[[9,41],[9,41],[9,41],[9,41]]]", 4.0),
        (
            "a hole that touches in a point",
            "[[[8,40],[10,40],[10,42],[8,42],[8,40]],[[8,41],[9,40.5],[9,41.5],[8,41]]]",
            3.5,
        ),
        ("with heights", "[[[8,40,1],[10,40,2],[10,42,3],[8,42,4],[8,40,1]]]", 4.0),
    ] {
        let geometry = one("Polygon", rings).unwrap_or_else(|reason| panic!("{what}: {reason}"));
        assert!(geometry.is_valid(), "{what}: {geometry:?}");
        assert!((area(&geometry) - wanted).abs() < 1e-6, "{what}: {} {geometry:?}", area(&geometry));
        assert!(geometry.signed_area() > 0.0, "{what} is turned the right way");
    }
    let overlapping = "[[[[8,40],[10,40],[10,42],[8,42],[8,40]]],[[[9,41],[11,41],[11,43],[9,43],[9,41]]]]";
    let merged = one("MultiPolygon", overlapping).unwrap();
    assert!(merged.is_valid() && (area(&merged) - 7.0).abs() < 1e-6);
    // An island in a lake is sound and stays as it is.
    let island = "[[[[8,40],[12,40],[12,44],[8,44],[8,40]],[[9,41],[9,43],[11,43],[11,41],[9,41]]],\
                   [[[9.5,41.5],[10.5,41.5],[10.5,42.5],[9.5,42.5],[9.5,41.5]]]]";
    let layer = layer(&[&feature("MultiPolygon", island)]);
    assert_eq!(layer.warnings, []);
    assert!((area(&layer.features[0].geometry) - 13.0).abs() < 1e-9);
}

#[test]
fn hopeless_features_are_rejected_and_the_rest_goes_on() {
    let cases = [
        (feature("Polygon", "[[[8,40],[9,41],[8,40]]]"), "no area"),
        (feature("Polygon", "[[[8,40],[9,41],[10,42],[8,40]]]"), "no area"),
        (feature("Polygon", "[]"), "empty"),
        (feature("Polygon", "[[]]"), "do not fit"),
        (feature("Point", "[8,NaN]"), "no number"),
        (feature("Point", "[-Infinity,40]"), "no number"),
        (feature("Point", "[1e300,40]"), "metres"),
        (feature("Point", "[8,91]"), "latitude"),
        (feature("Point", "[200,40]"), "longitude"),
        (feature("Point", "[1472210,4978439]"), "metres"),
        (feature("Point", r#"["8","40"]"#), "no number"),
        (feature("Point", "[8]"), "no number"),
        (feature("Point", "[[8,40]]"), "do not fit"),
        (feature("LineString", "[[8,40],[8,40]]"), "no length"),
        (feature("Circle", "[8,40]"), "do not fit"),
        (r#"{"type":"Feature","properties":{},"geometry":null}"#.to_owned(), "no geometry"),
        (r#"{"type":"Feature","properties":{},"geometry":"POINT(8 40)"}"#.to_owned(), "something else"),
        ("17".to_owned(), "something else"),
    ];
    let good = feature("Point", "[8,40]");
    let mut all: Vec<&str> = vec![&good];
    for (text, _) in &cases {
        all.extend([text.as_str(), good.as_str()]);
    }
    let layer = layer(&all);
    assert_eq!(layer.features.len(), cases.len() + 1);
    assert_eq!(layer.rejects.len(), cases.len());
    for (reject, (text, word)) in layer.rejects.iter().zip(&cases) {
        assert!(reject.reason.contains(word), "{text}: {}", reject.reason);
    }
    assert_eq!(layer.rejects[3].row, 8, "the row is the place in the file");
}

#[test]
fn swapped_axes_and_declared_systems_are_put_right() {
    let swapped = layer(&[&feature("Point", "[40,8]")]);
    assert_eq!(swapped.warnings.len(), 1);
    assert_eq!(one("Point", "[40,8]"), one("Point", "[8,40]"));
    let text = format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::3003"}}}},
        "features":[{}]}}"#,
        feature("Point", "[1472210.83,4978439.95]")
    );
    let layer = read("t", text.as_bytes(), &Unwatched).unwrap();
    let Geometry::Point(point) = layer.features[0].geometry else { panic!() };
    assert!((point.x() - 8.647325).abs() < 1e-5 && (point.y() - 44.958680).abs() < 1e-5, "{point:?}");
    let unknown = text.replace("EPSG::3003", "EPSG::2056");
    assert!(read("t", unknown.as_bytes(), &Unwatched).unwrap_err().to_string().contains("coordinate system"));
}

#[test]
fn attributes_become_plain() {
    let text = r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[8,40]},"properties":
        {"z":"0791600000001","n":3,"x":1.5,"f":true,"v":null,"in":{"p1":7,"n":8,"deep":{"a":1}},"list":[1,2],"bad":NaN}}"#;
    let layer = layer(&[text]);
    let find = |key: &str| layer.features[0].properties.iter().find(|(k, _)| &**k == key).map(|(_, v)| v.clone());
    assert_eq!(find("z"), Some(Value::Text("0791600000001".into())));
    assert_eq!(
        (find("n"), find("x"), find("f")),
        (Some(Value::Whole(3)), Some(Value::Number(1.5)), Some(Value::Flag(true)))
    );
    assert_eq!(
        (find("v"), find("p1"), find("in.n")),
        (Some(Value::Null), Some(Value::Whole(7)), Some(Value::Whole(8)))
    );
    assert_eq!((find("list"), find("deep"), find("bad")), (None, None, None));
    let lost: Vec<_> = layer.warnings.iter().filter_map(|warning| warning.column.as_deref()).collect();
    assert_eq!(lost, ["deep", "list"]);
    assert_eq!(&*layer.features[0].properties[0].0, "z", "in the order of the file");
}

#[test]
fn what_is_no_geojson_is_an_error() {
    let deep = "[".repeat(100_000);
    let nested = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, feature("Polygon", &deep));
    let objects = r#"{"a":"#.repeat(100_000);
    for (text, word) in [
        (nested.as_str(), "nested deeper"),
        (deep.as_str(), "nested deeper"),
        (objects.as_str(), "nested deeper"),
        ("", "empty"),
        ("{}", "no GeoJSON"),
        ("[]", "something else"),
        (r#"{"features":7}"#, "something else"),
        (r#"{"type":"FeatureCollection","features":["#, "truncated"),
        (r#"{"features":[],}"#, "syntax"),
        (r#"{"features":[]} x"#, "syntax"),
        ("a;b\n1;2\n", "syntax"),
        ("\0\0\0", "binary"),
    ] {
        let error = read("t", text.as_bytes(), &Unwatched).unwrap_err().to_string();
        assert!(error.contains(word), "{word}: {error}");
    }
    assert_eq!(layer(&[]).features, []);
}

#[test]
fn a_million_vertices_take_seconds() {
    let ring = |tooth: f64| {
        let points = (0..1_000_000).map(|i| {
            let (angle, radius) =
                (f64::from(i) * std::f64::consts::TAU / 1e6, if i % 2 == 0 { 1.0 } else { 1.0 - tooth });
            (10.0 + radius * angle.cos(), 42.0 + radius * angle.sin())
        });
        Geometry::Polygon(Polygon::new(points.collect(), vec![]))
    };
    let start = Instant::now();
    let (valid, what) = repair::geometry(ring(1e-7)).unwrap();
    assert_eq!(what, None);
    assert!((area(&valid) - std::f64::consts::PI).abs() < 1e-3);
    say(&format!("a sound ring of 1,000,000 vertices: {:?}", start.elapsed()));
    // A star whose every edge crosses thousands of others is refused, not waited for.
    let star = (0..100_001_u64).map(|i| {
        let angle = (i * 50_000 % 100_001) as f64 * std::f64::consts::TAU / 100_001.0;
        (10.0 + angle.cos(), 42.0 + angle.sin())
    });
    let start = Instant::now();
    let refused = repair::geometry(Geometry::Polygon(Polygon::new(star.collect(), vec![])));
    say(&format!("a tangled ring of 100,000 vertices: {:?}", start.elapsed()));
    assert_eq!(refused, Err("the rings cross too often to be repaired"));
    assert!(start.elapsed().as_secs() < 30);
}

fn blob(wkb: &[u8]) -> Vec<u8> {
    [b"GP\0\x01".as_slice(), &4326_i32.to_le_bytes(), wkb].concat()
}

fn row(blob: Vec<u8>) -> LayerRow {
    LayerRow {
        blob,
        attributes: vec![("name".into(), Value::Text("x".into())), ("bad".into(), Value::Number(f64::NAN))],
    }
}

#[test]
fn geopackage_rows_are_read_and_hostile_ones_rejected() {
    let square = Geometry::Polygon(geo::Rect::new((8.0, 40.0), (10.0, 42.0)).to_polygon());
    let good = square.to_wkb(CoordDimensions::xy()).unwrap();
    let mut deep = Vec::new();
    for _ in 0..12_800 {
        deep.extend_from_slice(&[1, 7, 0, 0, 0, 1, 0, 0, 0]);
    }
    let huge = [1_u8, 3, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255].to_vec();
    let hostile: Vec<Vec<u8>> = vec![
        blob(&deep),
        blob(&huge),
        blob(&[1, 2, 0, 0, 0, 255, 255, 255, 255]),
        blob(&[1, 17, 0, 0, 0, 0, 0, 0, 0]),
        blob(&[9, 1, 0, 0, 0]),
        blob(&[]),
        b"GP".to_vec(),
        b"XX\0\x01\0\0\0\0".to_vec(),
        Vec::new(),
        blob(&good[..good.len() - 3]),
        blob(&[[1_u8, 1, 0, 0, 0].as_slice(), &f64::NAN.to_le_bytes(), &40_f64.to_le_bytes()].concat()),
    ];
    let count = hostile.len();
    let rows = hostile.into_iter().map(row).chain([row(blob(&good))]);
    let layer = read_geopackage_rows("t", Crs::Wgs84, rows, &Unwatched).unwrap();
    assert_eq!((layer.rejects.len(), layer.features.len()), (count, 1), "{:?}", layer.rejects);
    assert_eq!(layer.features[0].properties[1].1, Value::Null);
    assert_eq!(layer.features[0].id, count as u64 + 1);
    assert_eq!(layer.features[0].geometry, square);
}

fn shapes() -> [Geometry<f64>; 6] {
    let square = |x: f64, side: f64| geo::Rect::new((x, 40.0), (x + side, 40.0 + side)).to_polygon();
    let line = geo::LineString::from(vec![(9.0, 41.0), (9.5, 41.5)]);
    [
        Geometry::Polygon(square(8.0, 2.0)),
        Geometry::MultiPolygon(MultiPolygon(vec![square(8.0, 1.0), square(10.0, 1.0)])),
        Geometry::Point(geo::Point::new(9.0, 41.0)),
        Geometry::MultiPoint(vec![(9.0, 41.0), (9.5, 41.5)].into()),
        Geometry::LineString(line.clone()),
        Geometry::MultiLineString(geo::MultiLineString(vec![line.clone(), line])),
    ]
}

fn flatgeobuf(shape: &Geometry<f64>) -> Vec<u8> {
    use ::flatgeobuf::{ColumnType, FgbWriter, GeometryType};
    use geozero::{ColumnValue, PropertyProcessor};
    let kind = match shape {
        Geometry::Polygon(_) => GeometryType::Polygon,
        Geometry::MultiPolygon(_) => GeometryType::MultiPolygon,
        Geometry::Point(_) => GeometryType::Point,
        Geometry::MultiPoint(_) => GeometryType::MultiPoint,
        Geometry::LineString(_) => GeometryType::LineString,
        _ => GeometryType::MultiLineString,
    };
    let mut writer = FgbWriter::create("layer", kind).unwrap();
    writer.add_column("name", ColumnType::String, |_, _| {});
    writer.add_column("count", ColumnType::Long, |_, _| {});
    for index in 0..3 {
        writer
            .add_feature_geom(shape.clone(), |feature| {
                let _ = feature.property(0, "name", &ColumnValue::String("Forlì"));
                let _ = feature.property(1, "count", &ColumnValue::Long(index));
            })
            .unwrap();
    }
    let mut bytes = Vec::new();
    writer.write(&mut bytes).unwrap();
    bytes
}

#[test]
fn flatgeobuf_is_read_and_hostile_sizes_are_not_believed() {
    for shape in shapes() {
        let layer = read("t.fgb", &flatgeobuf(&shape), &Unwatched).unwrap();
        assert_eq!((layer.features.len(), layer.rejects), (3, vec![]));
        for feature in &layer.features {
            assert_eq!(feature.properties[0].1, Value::Text("Forlì".into()));
            assert_eq!(feature.geometry, shape);
        }
    }
    let bytes = flatgeobuf(&shapes()[1]);
    for cut in 0..bytes.len() {
        let _ = read("t.fgb", &bytes[..cut], &Unwatched);
    }
    // Every four bytes in turn become 2^32 - 1, and a flipped bit.
    for at in 0..bytes.len() - 4 {
        for value in [u32::MAX, 1 << 31, 0] {
            let mut hostile = bytes.clone();
            hostile[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let _ = read("t.fgb", &hostile, &Unwatched);
        }
    }
    assert!(read("t.gpkg", b"SQLite format 3\0", &Unwatched).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever the ring, what comes out is valid, turned the right way, and inside what went in.
    #[test]
    fn any_ring_comes_out_valid_or_not_at_all(points in prop::collection::vec((0_i8..12, 0_i8..12), 1..24)) {
        let ring = points.iter().map(|(x, y)| (8.0 + f64::from(*x) / 10.0, 40.0 + f64::from(*y) / 10.0)).collect();
        let before = Polygon::new(ring, vec![]);
        if let Ok((after, _)) = repair::geometry(Geometry::Polygon(before)) {
            prop_assert!(after.is_valid(), "{after:?}");
            prop_assert!(after.signed_area() > 0.0);
            let (again, what) = repair::geometry(after.clone()).unwrap();
            prop_assert_eq!(what, None, "a valid polygon is left alone");
            prop_assert!((again.unsigned_area() - after.unsigned_area()).abs() < 1e-9);
        }
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..400, kind in 0..4) {
        let mut input = match kind {
            0 => bytes.clone(),
            1 => format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, feature("Polygon", "[[[8,40],[10,42],[10,40],[8,42]]]")).into_bytes(),
            2 => flatgeobuf(&shapes()[at % 6]),
            _ => [b"fgb\x03fgb\0".as_slice(), &bytes].concat(),
        };
        for (offset, byte) in bytes.iter().take(6).enumerate() {
            let place = (at + offset * usize::from(*byte)) % input.len().max(1);
            if let Some(slot) = input.get_mut(place) {
                *slot = *byte;
            }
        }
        let _ = read("t", &input, &Unwatched);
        let _ = read_geopackage_rows("t", Crs::Utm33, [row(bytes.clone()), row(blob(&bytes))], &Unwatched);
    }
}
