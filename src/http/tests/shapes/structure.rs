//! What is wrong with the writing, not with the shape: depth, counts, systems, boxes, circles, corridors.

use flatbuffers::FlatBufferBuilder;
use flatgeobuf as fgb;

use super::{Doors, Outcome, fits, geojson, of_file};
use crate::{
    domain::watch::Unwatched,
    ingest::{
        areas::{LayerRow, read, read_geopackage_rows},
        crs::Crs,
    },
};

fn wkb(bytes: &[u8]) -> Outcome {
    let row = LayerRow { blob: bytes.to_vec(), attributes: Vec::new() };
    of_file(read_geopackage_rows("shape", Crs::Wgs84, [row], &Unwatched))
}

fn file(text: &str) -> Outcome {
    of_file(read("shape", text.as_bytes(), &Unwatched))
}

fn judge(cases: Vec<(String, Outcome, &str)>, least: usize) {
    let count = cases.len();
    let wrong: Vec<String> = cases
        .into_iter()
        .filter(|(_, outcome, wanted)| !fits(outcome, wanted))
        .map(|(name, outcome, wanted)| {
            format!("{}: {outcome:?}, not {wanted}", name.chars().take(120).collect::<String>())
        })
        .collect();
    eprintln!("{count} cases");
    assert!(count >= least, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn depth_is_bounded_at_every_door() {
    let doors = Doors::new();
    let mut cases = Vec::new();
    for depth in [100, 1_000, 10_000, 100_000] {
        let around =
            |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
        let mut add =
            |name: &str, outcome: Outcome, wanted| cases.push((format!("{name}, {depth} deep"), outcome, wanted));
        let coordinates = format!(r#"{{"type":"Polygon","coordinates":{}}}"#, around("[", "8,40", "]"));
        let open = format!(r#"{{"type":"Polygon","coordinates":{}"#, "[".repeat(depth));
        let collection =
            around(r#"{"type":"GeometryCollection","geometries":["#, r#"{"type":"Point","coordinates":[8,40]}"#, "]}");
        add("coordinates of a file", file(&coordinates), "nested deeper");
        add("coordinates of a file that do not end", file(&open), "nested deeper");
        add("collections of a file", file(&collection), "nested deeper");
        let properties = around(r#"{"a":"#, "1", "}");
        let feature = format!(r#"{{"type":"Feature","geometry":null,"properties":{properties}}}"#);
        add("properties of a file", file(&feature), "nested deeper");
        let point = [[1, 1, 0, 0, 0].as_slice(), &8_f64.to_le_bytes(), &40_f64.to_le_bytes()].concat();
        add("collections of WKB", wkb(&[[1, 7, 0, 0, 0, 1, 0, 0, 0].repeat(depth), point].concat()), "too deeply");
        add("collections of WKB that do not end", wkb(&[1, 7, 0, 0, 0, 1, 0, 0, 0].repeat(depth)), "too deeply");
        add("brackets of well-known text", doors.text(&around("POLYGON(", "8 40", ")")), "nested more|are the most");
        let wkt = around("GEOMETRYCOLLECTION(", "POINT(8 40)", ")");
        add("collections of well-known text", doors.text(&wkt), "nested more|are the most");
        add("coordinates of a filter", doors.json(&coordinates), "nested more|are the most");
        add("collections of a filter", doors.json(&collection), "nested more|are the most");
        add("coordinates of an area", doors.ask(&format!(r#"{{"type":"polygon","geometry":{coordinates}}}"#)), "deep");
        let unions = around(r#"{"type":"union","of":["#, r#"{"type":"bbox","bbox":[8,40,10,42]}"#, "]}");
        add("unions of an area", doors.ask(&unions), "deep|1 MiB");
    }
    judge(cases, 48);
}

#[test]
fn counts_are_not_believed() {
    let mut cases = Vec::new();
    for count in [u32::MAX, u32::MAX - 1, 1 << 31, 1 << 28, 1 << 16] {
        for kind in 2..=7_u32 {
            for order in [0, 1_u8] {
                let whole = |number: u32| if order == 1 { number.to_le_bytes() } else { number.to_be_bytes() };
                let head = [&[order][..], &whole(kind), &whole(count)].concat();
                let wanted = "more than its bytes|truncated";
                cases.push((format!("WKB of kind {kind} with {count} parts"), wkb(&head), wanted));
                cases.push((
                    "the same with some".to_owned(),
                    wkb(&[&head[..], &[0; 40]].concat()),
                    "more than its bytes|order",
                ));
            }
        }
        let whole = [[1, 3, 0, 0, 0, 1, 0, 0, 0].as_slice(), &count.to_le_bytes(), &[0; 64]].concat();
        cases.push((format!("a ring of {count}"), wkb(&whole), "more than its bytes"));
    }
    judge(cases, 100);
}

/// A FlatGeobuf file of one feature, by hand.
fn by_hand(feature: impl FnOnce(&mut FlatBufferBuilder<'static>) -> Vec<u8>, columns: &[&str]) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let columns: Vec<_> = columns
        .iter()
        .map(|name| {
            let name = Some(builder.create_string(name));
            fgb::Column::create(
                &mut builder,
                &fgb::ColumnArgs { name, type_: fgb::ColumnType::Bool, ..Default::default() },
            )
        })
        .collect();
    let columns = Some(builder.create_vector(&columns));
    let header = fgb::HeaderArgs {
        geometry_type: fgb::GeometryType::Unknown,
        columns,
        features_count: 1,
        index_node_size: 0,
        ..Default::default()
    };
    let header = fgb::Header::create(&mut builder, &header);
    builder.finish_size_prefixed(header, None);
    let mut bytes = [b"fgb\x03fgb\0".as_slice(), builder.finished_data()].concat();
    bytes.extend(feature(&mut FlatBufferBuilder::new()));
    bytes
}

fn finished(builder: &mut FlatBufferBuilder<'static>, feature: &fgb::FeatureArgs<'static>) -> Vec<u8> {
    let feature = fgb::Feature::create(builder, feature);
    builder.finish_size_prefixed(feature, None);
    builder.finished_data().to_vec()
}

/// Parts that all point at the same points: a file of a megabyte that would fill a gigabyte.
fn shared(points: usize, parts: usize) -> Vec<u8> {
    by_hand(
        |builder| {
            let xy = Some(builder.create_vector(&vec![9.0_f64; points * 2]));
            let kind = fgb::GeometryType::MultiPoint;
            let part = fgb::Geometry::create(builder, &fgb::GeometryArgs { xy, type_: kind, ..Default::default() });
            let parts = Some(builder.create_vector(&vec![part; parts]));
            let kind = fgb::GeometryType::GeometryCollection;
            let whole = fgb::Geometry::create(builder, &fgb::GeometryArgs { parts, type_: kind, ..Default::default() });
            finished(builder, &fgb::FeatureArgs { geometry: Some(whole), ..Default::default() })
        },
        &[],
    )
}

/// A feature that says its one attribute over and over.
fn repeated(name: &str, times: usize) -> Vec<u8> {
    by_hand(
        |builder| {
            let xy = Some(builder.create_vector(&[9.0_f64, 41.0]));
            let kind = fgb::GeometryType::Point;
            let point = fgb::Geometry::create(builder, &fgb::GeometryArgs { xy, type_: kind, ..Default::default() });
            let properties = Some(builder.create_vector(&[0_u8, 0, 1].repeat(times)));
            finished(builder, &fgb::FeatureArgs { geometry: Some(point), properties, ..Default::default() })
        },
        &[name],
    )
}

/// Found by reading: a table may be pointed at many times, and each time it became a geometry of its own.
#[test]
fn flatgeobuf_cannot_count_its_bytes_twice() {
    let fgb = |bytes: &[u8]| of_file(read("shape", bytes, &Unwatched));
    let long = "a".repeat(1_000_000);
    let mut cases = vec![
        ("one part".to_owned(), fgb(&shared(1_000, 1)), "=0"),
        ("one attribute".to_owned(), fgb(&repeated("a", 1)), "=0"),
        ("a thousand times the same points".to_owned(), fgb(&shared(50_000, 1_000)), "more than its bytes"),
        ("two times the same points".to_owned(), fgb(&shared(50_000, 2)), "more than its bytes"),
        ("an attribute over and over".to_owned(), fgb(&repeated("a", 100_000)), "stands twice"),
        ("a name of a million letters".to_owned(), fgb(&repeated(&long, 1)), "longer than 256"),
    ];
    let flat = |code: i32| super::flat(&geo::Point::new(9.0, 41.0).into(), code);
    for (code, wanted) in [(0, "=0"), (4326, "=0"), (2056, "is not one we read"), (-1, "=0"), (32_633, "=0|outside")] {
        cases.push((format!("EPSG:{code}"), fgb(&flat(code)), wanted));
    }
    judge(cases, 11);
}

#[test]
fn systems_that_are_wrong_are_said() {
    let doors = Doors::new();
    let square = [[8.0, 40.0], [10.0, 40.0], [10.0, 42.0], [8.0, 42.0], [8.0, 40.0]].to_vec();
    let shape = geojson(&vec![square]);
    let with = |name: &str| {
        file(&format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":{name}}}}},"features":[{{"type":"Feature","properties":{{}},"geometry":{shape}}}]}}"#
        ))
    };
    let mut cases = Vec::new();
    for (name, wanted) in [
        (r#""urn:ogc:def:crs:OGC:1.3:CRS84""#, "=4"),
        (r#""EPSG:4326""#, "=4"),
        (r#""EPSG:2056""#, "coordinate system"),
        (r#""EPSG:99999999999999999999""#, "coordinate system"),
        (r#""""#, "coordinate system"),
        ("7", "coordinate system"),
        (r#""urn:ogc:def:crs:EPSG::32633""#, "=0|outside|no area"),
        (r#""'; DROP TABLE layer; --""#, "coordinate system"),
    ] {
        cases.push((format!("a file in {name}"), with(name), wanted));
    }
    let flagged = [[1, 1, 0, 0, 0x20].as_slice(), &4326_i32.to_le_bytes(), &[0; 16]].concat();
    cases.push(("WKB with a system of its own".to_owned(), wkb(&flagged), "unknown kind"));
    let named = shape.replace(r#"{"type""#, r#"{"crs":{"type":"name","properties":{"name":"EPSG:2056"}},"type""#);
    cases.push((
        "an area with a system".to_owned(),
        doors.ask(&format!(r#"{{"type":"polygon","geometry":{named}}}"#)),
        "unknown field `crs`",
    ));
    for text in [
        "SRID=4326;POINT(9 41)",
        "POINT EMPTY",
        "POLYGON EMPTY",
        "POLYGON(EMPTY)",
        "CIRCULARSTRING(9 41,9 42,10 42)",
        "POINT(9)",
        "POINT(9 41 1 1 1)",
        "POINT(9,41)",
        "POINT()",
    ] {
        cases.push((text.to_owned(), doors.text(text), "CQL2|cannot be read|empty|no property|function|number"));
    }
    judge(cases, 19);
}

#[test]
fn boxes_circles_and_corridors() {
    let doors = Doors::new();
    let mut cases = Vec::new();
    for (sides, bbox, literal, area) in [
        ("8,40,10,42", "=4", "=4", "=4"),
        ("10,40,8,42", "=8", "=8", "=8"),
        ("8,42,10,40", "bbox", "south", "south"),
        ("-180,-90,180,90", "=36", "=36", "=36"),
        ("170,40,-170,42", "=0", "=0", "=0"),
        ("8,40,181,42", "bbox", "not on Earth", "range"),
        ("8,40,10,91", "bbox", "not on Earth", "range"),
        ("1e300,1e300,1e301,1e301", "bbox", "not on Earth", "range"),
        ("NaN,40,10,42", "bbox", "CQL2|property|number", "expected"),
        ("8,40,Infinity,42", "bbox", "CQL2|property|number", "expected"),
        ("8,40,10", "bbox", "4 numbers|CQL2", "length 3"),
        ("8,40,10,42,1", "bbox", "4 numbers|CQL2", "length 5|trailing"),
        ("", "bbox", "4 numbers|CQL2", "length 0"),
        ("8,40,8,40", "=0", "=0", "=0"),
        ("-0,-0,0,0", "=0", "=0", "=0"),
    ] {
        cases.push((format!("bbox={sides}"), doors.bbox(sides), bbox));
        cases.push((format!("BBOX({sides})"), doors.text(&format!("BBOX({sides})")), literal));
        cases.push((
            format!("the area of {sides}"),
            doors.ask(&format!(r#"{{"type":"bbox","bbox":[{sides}]}}"#)),
            area,
        ));
    }
    for (center, radius, wanted) in [
        ("9,41", "0", "=0"),
        ("9,41", "111000", "=4.1|=4.2"),
        ("9,41", "-1", "radius_m"),
        ("9,41", "1e300", "radius_m"),
        ("9,41", "1e999", "number out of range"),
        ("9,41", "NaN", "expected"),
        ("9,91", "1", "latitude"),
        ("181,41", "1", "longitude"),
        ("9", "1", "length 1"),
        ("0,90", "1000000", "=0"),
        ("180,0", "1000000", "=0"),
    ] {
        let area = format!(r#"{{"type":"circle","center":[{center}],"radius_m":{radius}}}"#);
        cases.push((area.clone(), doors.ask(&area), wanted));
    }
    let many = vec!["[9,41],[9.1,41]"; 20_000].join(",");
    for (line, width, wanted) in [
        ("[8,41],[10,41]", "1000", "=0"),
        ("[8,41],[10,41]", "-1", "width_m"),
        ("[8,41],[10,41]", "1e9", "width_m"),
        ("[8,41]", "10", "two positions"),
        ("", "10", "two positions"),
        ("[8,41],[8,41]", "10", "=0|empty"),
        ("[-90,0],[90,0]", "10", "long"),
        ("[8,41],[8,91]", "10", "latitude"),
        ("[8,41],[8]", "10", "position"),
        (&many, "10", "long|1 MiB"),
    ] {
        let area =
            format!(r#"{{"type":"corridor","line":{{"type":"LineString","coordinates":[{line}]}},"width_m":{width}}}"#);
        cases.push((area.clone(), doors.ask(&area), wanted));
    }
    judge(cases, 66);
}
