use geo::{Polygon, algorithm::Area};
use geojson::{FeatureCollection, GeoJson};

use super::*;
use crate::{
    access::opened::Picked,
    publish::features::tests::{opened, shapes},
};

fn read(bytes: &[u8]) -> FeatureCollection {
    let text = std::str::from_utf8(bytes).unwrap();
    FeatureCollection::try_from(text.parse::<GeoJson>().unwrap()).unwrap()
}

#[test]
fn what_is_written_reads_back_with_the_crate_of_the_format() {
    let rows = opened(shapes(), Picked::All);
    let mut out = Vec::new();
    let dress = Dress { members: &[("numberMatched", "7"), ("links", "[{\"rel\":\"self\"}]")], ..Dress::PLAIN };
    write(&rows, &dress, &mut out).unwrap();
    let collection = read(&out);
    assert_eq!(collection.features.len(), 7);
    assert_eq!(collection.foreign_members.unwrap()["numberMatched"], 7);
    for (feature, shape) in collection.features.iter().zip(shapes()) {
        let back: Geometry<f64> = feature.geometry.clone().unwrap().value.try_into().unwrap();
        assert!((back.unsigned_area() - shape.unsigned_area()).abs() < 1e-6, "{feature:?}");
        if let Geometry::Polygon(polygon) = &back {
            assert!(polygon.exterior().is_ccw() && polygon.interiors().iter().all(Winding::is_cw));
        }
    }
    let first = &collection.features[0];
    assert_eq!(first.property("nome \"di\" via").unwrap(), "=Forlì, 1");
    assert_eq!(first.property("numero").unwrap(), -1);
    assert_eq!(first.property("quota").unwrap(), 0.25);
    assert_eq!(first.property("giorno").unwrap(), "2026-11-23");
    assert_eq!(first.property("istante").unwrap(), "2026-11-23T08:30:00Z");
    assert_eq!(first.property("usi").unwrap(), &serde_json::json!(["casa", "negozio"]));
    assert!(collection.features[2].property("quota").unwrap().is_null());
    assert!(String::from_utf8(out).unwrap().contains("[16.1234568,-38]"));
}

#[test]
fn another_coordinate_system_turns_the_axes_and_leaves_out_what_cannot_be_there() {
    let rows = opened(shapes(), Picked::Page(vec![Row(0), Row(1)]));
    let place =
        |c: Coord<f64>| if c.y < 0.0 { Coord { x: f64::NAN, y: 0.0 } } else { Coord { x: c.y, y: c.x * 1000.0 } };
    let dress = Dress { members: &[], coordinates: Coordinates::Placed { place: &place, decimals: 1 } };
    let mut out = Vec::new();
    write(&rows, &dress, &mut out).unwrap();
    let collection = read(&out);
    assert!(collection.features[0].geometry.is_none());
    assert!(String::from_utf8(out).unwrap().contains("[[38,16000],[38.3,16500],[38,17000]]"));
}

#[test]
fn a_sequence_is_a_feature_after_each_separator() {
    let mut out = Vec::new();
    write_sequence(&opened(shapes(), Picked::All), &Dress::PLAIN, &mut out).unwrap();
    let features: Vec<&[u8]> = out.split(|&byte| byte == 0x1E).skip(1).collect();
    assert_eq!(features.len(), 7);
    for feature in features {
        let text = std::str::from_utf8(feature).unwrap();
        assert!(text.ends_with('\n'));
        geojson::Feature::try_from(text.parse::<GeoJson>().unwrap()).unwrap();
    }
}

#[test]
fn one_feature_has_its_links() {
    let rows = opened(shapes(), Picked::All);
    let dress = Dress { members: &[("links", "[]")], ..Dress::PLAIN };
    let text = String::from_utf8(feature(&rows, Row(2), &dress)).unwrap();
    let feature = geojson::Feature::try_from(text.parse::<GeoJson>().unwrap()).unwrap();
    assert_eq!(feature.id.unwrap(), geojson::feature::Id::Number(3.into()));
    assert!(feature.foreign_members.unwrap()["links"].is_array());
    let polygon: Polygon<f64> = feature.geometry.unwrap().value.try_into().unwrap();
    assert!(polygon.exterior().is_ccw());
}
