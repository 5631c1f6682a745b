//! Tiles by name, by coding, by tag, and by hostile addresses.

use std::{collections::HashSet, io::Read};

use axum::http::Method;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};

use super::asked::{Town, middle};
use crate::{
    access::Role,
    publish::tile::{MAX_TILE_BYTES, decode},
};

fn decoded(coding: &str, body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match coding {
        "" => plain.extend_from_slice(body),
        "gzip" => drop(flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap()),
        "br" => drop(brotli::Decompressor::new(body, 4096).read_to_end(&mut plain).unwrap()),
        "zstd" => plain = zstd::bulk::decompress(body, 10 << 20).unwrap(),
        other => panic!("{other}"),
    }
    plain
}

#[test]
fn every_coding_has_its_own_strong_tag_and_its_own_304() {
    let town = Town::of(3_000);
    for path in [
        format!("/tiles/hexes/{}.mvt", middle(13)),
        "/tiles/hexes.json".into(),
        "/api/town".into(),
        "/styles/fragility.json".into(),
    ] {
        let plain = town.get(&path).body;
        let mut tags = HashSet::new();
        for coding in ["", "gzip", "br", "zstd"] {
            let reply = town.ask(Method::GET, &path, &[("accept-encoding", coding)]);
            assert_eq!((reply.status.as_u16(), reply.header("content-encoding")), (200, coding), "{path}");
            assert_eq!(decoded(coding, &reply.body), plain);
            let tag = reply.header("etag").to_owned();
            assert!(tag.starts_with('"') && tags.insert(tag.clone()), "{path} {coding}: {tag}");
            assert!(reply.header("vary").contains("Accept-Encoding"));
            for given in [tag.clone(), format!("\"other\", W/{tag}"), "*".into()] {
                let again = town.ask(Method::GET, &path, &[("accept-encoding", coding), ("if-none-match", &given)]);
                assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
                for kept in ["etag", "vary", "cache-control"] {
                    assert_eq!(again.header(kept), reply.header(kept), "{path} {kept}");
                }
                assert_eq!(again.header("content-encoding"), "");
            }
            // The tag of one coding says nothing about another.
            let other = if coding == "gzip" { "br" } else { "gzip" };
            let crossed = town.ask(Method::GET, &path, &[("accept-encoding", other), ("if-none-match", &tag)]);
            assert_eq!(crossed.status, 200);
            let head = town.ask(Method::HEAD, &path, &[("accept-encoding", coding)]);
            assert_eq!((head.status.as_u16(), head.body.len(), head.header("etag")), (200, 0, tag.as_str()));
            assert_eq!(head.header("content-length"), reply.body.len().to_string());
        }
        assert_eq!(town.ask(Method::GET, &path, &[("accept-encoding", "*;q=0")]).status, 406);
    }
}

#[test]
fn the_generation_in_the_address_decides_how_long_a_tile_is_kept() {
    let town = Town::of(500);
    let generation = town.app.world().unwrap().generation().to_owned();
    let path = format!("/tiles/hexes/{}.mvt", middle(12));
    let keep = |query: &str| town.get(&format!("{path}{query}")).header("cache-control").to_owned();
    assert!(keep(&format!("?g={generation}")).contains("immutable"));
    assert!(!keep("").contains("immutable") && !keep("?g=0000000000000000").contains("immutable"));
    assert!(keep("").starts_with("public"));
    let exact = town.get_as(Role::Social, &format!("{path}?g={generation}"));
    assert!(exact.header("cache-control").starts_with("private"));
    assert!(exact.header("vary").contains("Authorization"));
    let json = town.get("/tiles/hexes.json").json();
    assert_eq!(json["tiles"][0], format!("https://mappa.example.it/tiles/hexes/{{z}}/{{x}}/{{y}}.mvt?g={generation}"));
    assert_eq!((&json["tilejson"], &json["vector_layers"][0]["id"]), (&"3.0.0".into(), &"hexes".into()));
    assert_eq!(json["vector_layers"][0]["fields"]["fragility"], "Number");
}

#[test]
fn every_layer_has_tiles_and_a_description() {
    let town = Town::of(500);
    for (layer, z, features) in [("civics", 14, 30), ("streets", 14, 1), ("shelters", 12, 1), ("boundary", 10, 0)] {
        let json = town.get(&format!("/tiles/{layer}.json"));
        assert_eq!((json.status.as_u16(), &json.json()["vector_layers"][0]["id"]), (200, &layer.into()));
        let [x, y] = crate::publish::tile::project(crate::domain::geo::LonLat::new(16.301, 38.96).unwrap());
        let side = f64::from(1_u32 << z);
        let reply = town.get(&format!("/tiles/{layer}/{z}/{}/{}.mvt", (x * side) as u32, (y * side) as u32));
        let found: usize = decode::decode(&reply.body).iter().map(|l| l.features.len()).sum();
        assert_eq!((reply.status.as_u16(), found), (200, features), "{layer}");
        assert_eq!(reply.header("content-type"), "application/vnd.mapbox-vector-tile");
    }
    assert!(town.get(&format!("/tiles/civics/{}.mvt", middle(13))).body.is_empty());
    assert_eq!(town.get(&format!("/tiles/nothing/{}.mvt", middle(13))).status, 404);
}

/// What stands where a number should.
const ODD: [&str; 16] = [
    "-1",
    "31",
    "40",
    "255",
    "256",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "NaN",
    "1e3",
    "0x1",
    "+1",
    "%00",
    "%2e%2e",
    "1.5",
    "",
];

#[test]
fn ten_thousand_hostile_addresses_are_answered_without_a_fault() {
    let town = Town::of(300);
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    let deep = format!("?filter={}1%3D1{}", "(".repeat(300), ")".repeat(300));
    let soup = [
        "?filter=people%3E2",
        "?filter=fragility%3E0.1",
        "?filter=",
        "?filter=%ff",
        "?filter=((((((",
        &deep,
        "?filter=1%3D1&filter=2%3D2",
        "?filter-lang=cql2-json&filter=%7B%22op%22%3A%22%3D%22%7D",
        "?filter-lang=sql&filter=1%3D1",
        "?filter=S_INTERSECTS(geometry%2CPOINT(1e400%201))",
        "?filter=S_INTERSECTS(geometry%2CBBOX(-180%2C-90%2C180%2C90))",
        "?filter=casei(number)%20LIKE%20%27%25%25%25%25%25%25%25%27",
        "?filter=%00%01%F0%9F%92%A5",
        "?g=0&filter=1%3D1%20AND%20NOT%201%3D1",
        "?g=%2e%2e",
        "?crs=4326",
    ];
    let layers =
        ["hexes", "households", "civics", "streets", "boundary", "shelters", "hexes,hexes", "%27", "..%2f..", "💥"];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for i in 0..10_000_u32 {
        let z: u32 = rng.random_range(0..26);
        let piece = |rng: &mut rand_chacha::ChaCha8Rng| match rng.random_range(0..6) {
            0 => ODD[rng.random_range(0..ODD.len())].to_owned(),
            1 => rng.random::<u32>().to_string(),
            _ => rng.random_range(0..1_u64 << z.min(22)).to_string(),
        };
        let (x, y) = (piece(&mut rng), piece(&mut rng));
        let z = if i % 9 == 0 { ODD[rng.random_range(0..ODD.len())].to_owned() } else { z.to_string() };
        let ending = [".mvt", ".pbf", "", ".mvt.gz", ".json"][if i % 7 == 0 { rng.random_range(0..5) } else { 0 }];
        let query = if rng.random_bool(0.4) { soup[rng.random_range(0..soup.len())] } else { "" };
        let role = [None, None, Some(Role::Viewer), Some(Role::Health)][rng.random_range(0..4)];
        let layer = layers[rng.random_range(0..layers.len())];
        let path: String = format!("/tiles/{layer}/{z}/{x}/{y}{ending}{query}");
        let path: String =
            path.chars().map(|c| if c.is_ascii() { c.to_string() } else { "%F0%9F%92%A5".into() }).collect();
        let Ok(uri) = path.parse::<axum::http::Uri>() else { continue };
        let status = runtime.block_on(async {
            use tower::ServiceExt;
            let mut request = axum::http::Request::get(uri);
            if let Some(role) = role {
                request = request.header("x-api-key", super::asked::secret(role).reveal());
            }
            let request = request.body(axum::body::Body::empty()).unwrap();
            let response = town.router.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), 10 << 20).await.unwrap();
            assert!(body.len() < MAX_TILE_BYTES);
            status
        });
        let guarded = layer == "households" && matches!((role, status), (None, 401) | (Some(Role::Viewer), 403));
        assert!(matches!(status, 200 | 400 | 404) || guarded, "{path} as {role:?}: {status}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_tile_of_every_world_is_sound_and_small((snapshot, _) in crate::snapshot::invented::worlds(1_500), z in 0_u8..17) {
        let app = std::sync::Arc::new(crate::app::App::without_store());
        app.swap(std::sync::Arc::new(super::asked::world(snapshot)));
        let world = app.world().unwrap();
        let chart = world.sight(&crate::access::Actor::anonymous()).unwrap().chart;
        let [x, y] = crate::publish::tile::project(crate::domain::geo::LonLat::new(16.31, 38.965).unwrap());
        let side = f64::from(1_u32 << z);
        let tile = crate::publish::tile::TileAddress::new(z, (x * side) as u32, (y * side) as u32).unwrap();
        let bytes = chart.tile(tile);
        prop_assert!(bytes.len() < MAX_TILE_BYTES);
        for feature in decode::decode(&bytes).into_iter().flat_map(|l| l.features) {
            prop_assert!(feature.whole("n") >= 10);
            prop_assert!(decode::twice_area(&feature.parts[0]) > 0);
        }
    }
}
