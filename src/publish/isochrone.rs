//! How far one gets, as GeoJSON: a feature for each number of minutes, the widest first so that the narrower lie on it.

use geo::{LineString, MultiPolygon, Polygon};
use serde_json::{Value, json};

/// Areas within so many minutes of a place, in degrees; areas and minutes in the same order.
pub fn write(profile: &str, minutes: &[f64], areas: &[MultiPolygon<f64>]) -> Vec<u8> {
    let mut bands: Vec<(f64, &MultiPolygon<f64>)> = minutes.iter().copied().zip(areas).collect();
    bands.sort_by(|a, b| b.0.total_cmp(&a.0));
    let feature = |(minutes, area): &(f64, &MultiPolygon<f64>)| {
        json!({
            "type": "Feature",
            "properties": { "minutes": minutes, "profile": profile },
            "geometry": { "type": "MultiPolygon", "coordinates": area.iter().map(rings).collect::<Vec<_>>() },
        })
    };
    super::json(&json!({ "type": "FeatureCollection", "features": bands.iter().map(feature).collect::<Vec<_>>() }))
}

fn rings(polygon: &Polygon<f64>) -> Value {
    let degrees = |value: f64| (value * 1e6).round() / 1e6;
    let ring = |line: &LineString<f64>| {
        Value::from(line.coords().map(|at| json!([degrees(at.x), degrees(at.y)])).collect::<Vec<_>>())
    };
    std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_comes_first() {
        let square = |side: f64| {
            let corners = vec![(0.0, 0.0), (side, 0.0), (side, side), (0.0, 0.0)];
            MultiPolygon::new(vec![Polygon::new(corners.into(), Vec::new())])
        };
        let written = write("car", &[5.0, 10.0], &[square(1.0), square(2.0)]);
        let read: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(read["features"][0]["properties"]["minutes"], 10.0);
        assert_eq!(
            read["features"][1]["geometry"]["coordinates"],
            json!([[[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]])
        );
    }
}
