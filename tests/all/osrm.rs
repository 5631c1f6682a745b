//! OSRM beside our roads: one file, one set of speeds, ten thousand random pairs.
//!
//! OSRM comes from PyPI and needs Python 3.12: `python3.12 -m venv target/osrm && target/osrm/bin/pip install osrm-bindings`,
//! or `ATLANTE_OSRM_PYTHON` names a Python that has it.

use std::{path::Path, process::Command, sync::Arc, time::Instant};

use atlante::{
    domain::{geo::LonLat, watch::Unwatched},
    roads::{
        ground::Ground,
        osm,
        plane::{Plane, Snapped},
        profile::Profile,
    },
};
use serde_json::{Value, json};

use crate::{
    clients::{python, said, script},
    place::{Folder, shared},
};

const PAIRS: usize = 10_000;

/// Random places on roads, the same for each run; each is a point that both find on its road.
fn places(plane: &Plane, count: usize) -> Vec<Snapped> {
    let bbox = plane.ground().network().bbox().expect("roads");
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut part = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % (1 << 30)) as f64 / f64::from(1 << 30)
    };
    let mut found = Vec::with_capacity(count);
    while found.len() < count {
        let (lon, lat) =
            (bbox.west + (bbox.east - bbox.west) * part(), bbox.south + (bbox.north - bbox.south) * part());
        if let Ok(place) = plane.snap(LonLat::new(lon, lat).expect("a point"), None) {
            found.push(place);
        }
    }
    found
}

#[test]
fn ten_thousand_pairs_take_as_long_as_osrm_says() {
    let Some(data) = shared() else { return };
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/osrm/bin/python").display().to_string();
    let Some(python) = python(&[std::env::var("ATLANTE_OSRM_PYTHON").ok(), Some(local)], "osrm") else { return };
    let file = data.join("osm/valhalla-liechtenstein-latest.osm.pbf");
    let bytes = std::fs::read(&file).expect("a file");
    let network = osm::read(&bytes, &Unwatched).expect("a good file").network;
    let plane = Plane::open(Arc::new(Ground::build(Arc::new(network), Profile::Car)));
    let places = places(&plane, PAIRS * 2);
    let pair = |pair: &[Snapped]| {
        let [from, to] = [pair[0].point, pair[1].point];
        let duration = plane.duration(&pair[0], &pair[1]);
        json!([from.lon(), from.lat(), to.lon(), to.lat(), duration])
    };
    let table = &places[..1000];
    let begun = Instant::now();
    plane.matrix(table, table, &Unwatched).expect("not cancelled");
    let ours_s = begun.elapsed().as_secs_f64();
    let points: Vec<[f64; 2]> = table.iter().map(|place| [place.point.lon(), place.point.lat()]).collect();
    let folder = Folder::new("osrm");
    let asked = json!({ "pairs": places.chunks(2).map(pair).collect::<Vec<Value>>(), "table": points });
    std::fs::write(folder.at("pairs.json"), asked.to_string()).expect("the pairs are written");
    let output = Command::new(python)
        .arg(script("osrm_pairs.py"))
        .arg(&file)
        .args([folder.at("pairs.json"), folder.at("")])
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "OSRM: {}", said(&output));
    let seen: Value = String::from_utf8_lossy(&output.stdout)
        .lines()
        .rev()
        .find_map(|line| serde_json::from_str(line).ok())
        .expect("what was seen, as JSON");
    let within = seen["within"].as_u64().expect("a count") as f64 / PAIRS as f64;
    println!("OSRM: {:.2} % of {PAIRS} pairs within 1 % or a second", within * 100.0);
    let why = |name: &str| seen["why"][name].as_u64().expect("a count");
    println!(
        "the others: {} where OSRM goes round a private road, {} where it pays to enter one, {} unexplained",
        why("detour"),
        why("fine"),
        why("unexplained")
    );
    println!("table 1000 × 1000: ours {ours_s:.3} s, OSRM's {} s", seen["table_s"]);
    assert!(within >= 0.99, "the worst: {}", seen["worst"]);
    // A handful may be ways of the same length to the second that part at a private road.
    assert!(why("unexplained") <= 5, "the worst: {}", seen["worst"]);
}
