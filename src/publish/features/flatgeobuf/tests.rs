use flatgeobuf::{FallibleStreamingIterator, FeatureProperties, FgbReader, geozero::ToGeo};
use geo::{BoundingRect, Geometry, point};

use super::{ColumnType as C, *};
use crate::{
    access::opened::Picked,
    publish::features::tests::{opened, shapes},
};

fn points(count: u32) -> Vec<Geometry<f64>> {
    (0..count).map(|i| point!(x: 16.0 + f64::from(i) / 1000.0, y: 38.0 + f64::from(i % 7)).into()).collect()
}

fn written(shapes: Vec<Geometry<f64>>) -> (u64, Vec<u8>) {
    let mut out = Vec::new();
    let count = write(&opened(shapes, Picked::All), &mut out).unwrap();
    (count, out)
}

/// Number and shape of every feature, by number.
fn read(bytes: &[u8]) -> Vec<(i64, Geometry<f64>)> {
    let mut all = FgbReader::open(std::io::Cursor::new(bytes)).unwrap().select_all().unwrap();
    let mut found = Vec::new();
    while let Some(feature) = all.next().unwrap() {
        found.push((feature.property::<i64>("numero").unwrap(), feature.to_geo().unwrap()));
    }
    found.sort_by_key(|(number, _)| *number);
    found
}

#[test]
fn every_shape_comes_back() {
    let of_kind =
        |kind: GeometryType| shapes().into_iter().filter(|s| feature::multi(feature::kind(s)) == kind).collect();
    let (points, lines, polygons): (Vec<_>, Vec<_>, Vec<_>) = (
        of_kind(GeometryType::MultiPoint),
        of_kind(GeometryType::MultiLineString),
        of_kind(GeometryType::MultiPolygon),
    );
    for (shapes, kind) in [
        (points, GeometryType::MultiPoint),
        (lines, GeometryType::MultiLineString),
        (polygons, GeometryType::MultiPolygon),
        (shapes(), GeometryType::Unknown),
    ] {
        let (count, bytes) = written(shapes.clone());
        assert_eq!(count as usize, shapes.len());
        assert_eq!(FgbReader::open(std::io::Cursor::new(&bytes)).unwrap().header().geometry_type(), kind);
        for ((number, back), (id, shape)) in read(&bytes).into_iter().zip((1..).zip(shapes)) {
            assert_eq!(number, id - 2);
            assert_eq!(back, fitted(Cow::Owned(shape), kind).into_owned());
        }
    }
}

#[test]
fn values_of_every_kind_come_back_and_nothing_stays_nothing() {
    let (_, bytes) = written(points(3));
    let reader = FgbReader::open(std::io::Cursor::new(&bytes)).unwrap();
    let kinds: Vec<ColumnType> = reader.header().columns().unwrap().iter().map(|column| column.type_()).collect();
    assert_eq!(kinds, [C::Long, C::String, C::Double, C::Bool, C::DateTime, C::DateTime, C::Json]);
    let mut all = reader.select_all().unwrap();
    let mut seen = 0;
    while let Some(feature) = all.next().unwrap() {
        let text = |name: &str| feature.property::<String>(name).ok();
        if feature.property::<i64>("numero").unwrap() == 1 {
            assert_eq!((text("giorno"), text("usi"), feature.property::<f64>("quota").ok()), (None, None, None));
        } else {
            assert_eq!(text("giorno").unwrap(), "2026-11-23");
            assert_eq!(text("istante").unwrap(), "2026-11-23T08:30:00Z");
            assert_eq!(text("usi").unwrap(), r#"["casa","negozio"]"#);
            assert!(text("nome \"di\" via").unwrap().starts_with("=Forlì, "));
            assert!(feature.property::<f64>("quota").unwrap() > 0.0);
        }
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn a_box_finds_through_the_index_what_one_by_one_finds() {
    for count in [1, 15, 16, 17, 256, 257, 1_000, 5_000] {
        let (_, bytes) = written(points(count));
        let all = read(&bytes);
        assert_eq!(all.len(), count as usize);
        for (west, east) in [(16.0995, 16.2005), (15.0, 16.05), (16.9, 30.0), (0.0, 1.0)] {
            let (south, north) = (37.5, 41.5);
            let inside = |shape: &Geometry<f64>| {
                let at = shape.bounding_rect().unwrap().min();
                at.x >= west && at.x <= east && at.y >= south && at.y <= north
            };
            let expected: Vec<i64> = all.iter().filter(|(_, shape)| inside(shape)).map(|(number, _)| *number).collect();
            let reader = FgbReader::open(std::io::Cursor::new(&bytes)).unwrap();
            let mut found = reader.select_bbox(west, south, east, north).unwrap();
            let mut numbers = Vec::new();
            while let Some(feature) = found.next().unwrap() {
                numbers.push(feature.property::<i64>("numero").unwrap());
            }
            numbers.sort_unstable();
            assert_eq!(numbers, expected, "{count} points, {west} to {east}");
        }
    }
}

#[test]
fn no_rows_are_a_file_without_features() {
    let (count, bytes) = written(Vec::new());
    assert_eq!(count, 0);
    let reader = FgbReader::open(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!((reader.header().features_count(), reader.header().index_node_size()), (0, 0));
}
