//! Real roads: Liechtenstein from OpenStreetMap, Anagni from its own register of streets.

use std::sync::Arc;

use geo::{LineString, MultiPolygon, Validation as _};

use super::{
    guide::add_up,
    judge,
    laws::{Dice, bands_stand_alone},
    shared,
};
use crate::{
    domain::{geo::LonLat, watch::Unwatched},
    roads::{
        Reading,
        closure::{Bridges, Closure, closed},
        ground::Ground,
        lines::{self, Oneway, StreetLine},
        osm,
        plane::{Plane, Snapped},
        profile::Profile,
    },
};

fn spread(plane: &Plane, count: usize) -> Vec<Snapped> {
    let bbox = plane.ground().network().bbox().expect("roads");
    let mut dice = Dice(42);
    let mut found = Vec::new();
    while found.len() < count {
        let lon = bbox.west + (bbox.east - bbox.west) * dice.part();
        let lat = bbox.south + (bbox.north - bbox.south) * dice.part();
        found.extend(plane.snap(LonLat::new(lon, lat).expect("a point"), None));
    }
    found
}

#[test]
fn liechtenstein_is_driven_as_dijkstra_drives() {
    let Some(data) = shared() else { return };
    let bytes = std::fs::read(data.join("osm/valhalla-liechtenstein-latest.osm.pbf")).expect("a file");
    let Reading { network, faults, roads } = osm::read(&bytes, &Unwatched).expect("a good file");
    let turns = network.restrictions().len();
    println!(
        "{roads} roads, {} edges, {} nodes, {turns} turns, {faults:?}",
        network.edges().len(),
        network.nodes().len()
    );
    assert!(network.edges().len() > 7_000 && turns > 1);
    let network = Arc::new(network);
    for profile in Profile::ALL {
        let plane = Plane::open(Arc::new(Ground::build(network.clone(), profile)));
        // A thousand by a thousand for a car, every cell.
        let count = if profile == Profile::Car { 1000 } else { 60 };
        let places = spread(&plane, count);
        let matrix = plane.matrix(&places, &places, &Unwatched).expect("not cancelled");
        for (row, from) in places.iter().enumerate() {
            let truth = judge::durations(&plane, from, &places);
            assert_eq!(matrix.durations_ds[row * count..][..count], truth, "{profile:?} row {row}");
        }
        println!("{profile:?}: {} nodes", plane.ground().nodes());
        let minutes = [30.0, 5.0, 12.0];
        let areas = plane.isochrone(&places[..2], &minutes);
        assert!(areas.iter().all(|area| !area.0.is_empty() && area.is_valid()), "{profile:?}");
        bands_stand_alone(&plane, &places[..2], &minutes, &areas);
        for pair in places.windows(2).take(200) {
            add_up(&plane, pair);
        }
    }
}

pub(super) fn anagni() -> Option<Vec<StreetLine>> {
    let text = std::fs::read_to_string(shared()?.join("anagni/stradario_A269.geojson")).expect("a file");
    let found: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let features = found["features"].as_array().expect("features");
    let line = |feature: &serde_json::Value| {
        let parts = feature["geometry"]["coordinates"].as_array().cloned().unwrap_or_default();
        let name =
            feature["properties"]["TOPONIMO"].as_str().and_then(|name| name.split(" - ").nth(1)).map(str::to_owned);
        let class = feature["properties"]["DUG"].as_str().map(str::to_owned);
        let read = move |part: &serde_json::Value| {
            let points = part.as_array().expect("points").iter();
            let geometry: LineString<f64> =
                points.map(|p| (p[0].as_f64().expect("x"), p[1].as_f64().expect("y"))).collect();
            StreetLine { geometry, name: name.clone(), class: class.clone(), oneway: Oneway::Both }
        };
        parts.iter().map(read).collect::<Vec<_>>()
    };
    Some(features.iter().flat_map(line).collect())
}

#[test]
fn anagni_is_noded_from_its_own_streets() {
    let Some(lines) = anagni() else { return };
    let reading = lines::read(&lines, &Unwatched).expect("good lines");
    let network = Arc::new(reading.network);
    let plane = Plane::open(Arc::new(Ground::build(network.clone(), Profile::Car)));
    let (edges, nodes) = (network.edges().len(), network.nodes().len());
    let joined = (0..edges as u32).filter(|edge| plane.ground().is_mainland(*edge)).count();
    println!("{} lines, {edges} edges, {nodes} nodes, {joined} joined, {:?}", lines.len(), reading.faults);
    println!("{:.1} km", network.total_m() / 1000.0);
    // The client counted 1,475 edges and 1,147 nodes of 688 lines, 97 % in one component.
    assert!(edges.abs_diff(1475) <= 75 && nodes.abs_diff(1147) <= 60, "{edges} edges, {nodes} nodes");
    assert!(joined * 100 >= edges * 96);
    let places = spread(&plane, 40);
    let matrix = plane.matrix(&places, &places, &Unwatched).expect("not cancelled");
    for (row, from) in places.iter().enumerate() {
        assert_eq!(matrix.durations_ds[row * 40..][..40], judge::durations(&plane, from, &places));
    }
}

#[test]
fn real_areas_of_civil_protection_close_a_town_moved_under_them() {
    let Some(data) = shared() else { return };
    let Some(lines) = anagni() else { return };
    let network = Arc::new(lines::read(&lines, &Unwatched).expect("good lines").network);
    let ground = Arc::new(Ground::build(network.clone(), Profile::Car));
    let middle = network.bbox().map(|b| (b.west.midpoint(b.east), b.south.midpoint(b.north))).expect("roads");
    for name in ["niscemi_area_interdetta", "vesuvio_zona_rossa"] {
        let text = std::fs::read_to_string(data.join(format!("protezione_civile/{name}.geojson"))).expect("a file");
        let found: geojson::GeoJson = text.parse().expect("GeoJSON");
        let mut polygon = MultiPolygon(Vec::new());
        if let geojson::GeoJson::FeatureCollection(all) = found {
            for geometry in all.features.into_iter().filter_map(|feature| feature.geometry) {
                match geo::Geometry::<f64>::try_from(geometry.value).expect("a geometry") {
                    geo::Geometry::Polygon(part) => polygon.0.push(part),
                    geo::Geometry::MultiPolygon(parts) => polygon.0.extend(parts.0),
                    _ => {}
                }
            }
        }
        let bbox = geo::BoundingRect::bounding_rect(&polygon).expect("an area");
        let moved = geo::Translate::translate(&polygon, middle.0 - bbox.center().x, middle.1 - bbox.center().y);
        let closures = [Closure::Area { polygon: moved.clone(), bridges: Bridges::Stand }];
        let shut = closed(&ground, &closures);
        assert!(!shut.is_empty(), "{name}");
        // The slow twin: every edge against the area as a geometry.
        let truth: Vec<u32> = (0..network.edges().len() as u32)
            .filter(|edge| {
                let line: LineString<f64> = network.shape(*edge).iter().map(|p| (p.lon(), p.lat())).collect();
                ground.is_open(*edge)
                    && !network.edges()[*edge as usize].is_bridge()
                    && geo::Intersects::intersects(&moved, &line)
            })
            .collect();
        assert_eq!(shut.edges(), truth, "{name}");
        let plane = Plane::new(ground.clone(), &shut);
        let places = spread(&plane, 20.min(if shut.len() * 10 > network.edges().len() * 9 { 0 } else { 20 }));
        let matrix = plane.matrix(&places, &places, &Unwatched).expect("not cancelled");
        for (row, from) in places.iter().enumerate() {
            assert_eq!(
                matrix.durations_ds[row * places.len()..][..places.len()],
                judge::durations(&plane, from, &places)
            );
        }
    }
}
