//! Tiles of what a filter finds, and households as points: the sums, and what each role is not told.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use proptest::prelude::*;

use super::asked::{Reply, Town, middle};
use crate::{
    access::Role,
    domain::{feature::Value, geo::BBox},
    publish::tile::{MAX_TILE_BYTES, decode, project},
    query::collection::Collection,
    snapshot::Row,
};

/// A filter with the obvious way to say whether a household passes it.
#[derive(Clone, Debug)]
enum Asked {
    Fragility(f64),
    People(i64),
    Fragile,
    Minors,
    And(Box<[Asked; 2]>),
    Or(Box<[Asked; 2]>),
}

impl Asked {
    fn text(&self) -> String {
        match self {
            Self::Fragility(least) => format!("fragility >= {least}"),
            Self::People(most) => format!("people <= {most}"),
            Self::Fragile => "fragile = TRUE".into(),
            Self::Minors => "minors > 0".into(),
            Self::And(both) => format!("({} AND {})", both[0].text(), both[1].text()),
            Self::Or(both) => format!("({} OR {})", both[0].text(), both[1].text()),
        }
    }

    fn passes(&self, value: &dyn Fn(&str) -> Value) -> bool {
        match self {
            Self::Fragility(least) => matches!(value("fragility"), Value::Number(score) if score >= *least),
            Self::People(most) => matches!(value("people"), Value::Whole(people) if people <= *most),
            Self::Fragile => value("fragile") == Value::Flag(true),
            Self::Minors => matches!(value("minors"), Value::Whole(minors) if minors > 0),
            Self::And(both) => both.iter().all(|one| one.passes(value)),
            Self::Or(both) => both.iter().any(|one| one.passes(value)),
        }
    }
}

fn filters() -> impl Strategy<Value = Asked> {
    let leaf = prop_oneof![
        (0_u8..10).prop_map(|tenth| Asked::Fragility(f64::from(tenth) / 10.0)),
        (1_i64..7).prop_map(Asked::People),
        Just(Asked::Fragile),
        Just(Asked::Minors),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Asked::And(Box::new([a, b]))),
            (inner.clone(), inner).prop_map(|(a, b)| Asked::Or(Box::new([a, b]))),
        ]
    })
}

/// Households and people that pass, counted one by one.
fn counted(town: &Town, asked: Option<&Asked>) -> (i64, i64) {
    let world = town.app.world().unwrap();
    let all = world.households();
    let passing = (0..all.len()).map(Row).filter(|&row| {
        asked.is_none_or(|asked| asked.passes(&|name| all.value(all.field(name).expect("a field"), row)))
    });
    let people = |row| match all.value(all.field("people").unwrap(), row) {
        Value::Whole(people) => people,
        other => panic!("{other:?}"),
    };
    passing.fold((0, 0), |(n, p), row| (n + 1, p + people(row)))
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn query(asked: Option<&Asked>) -> String {
    asked.map_or_else(String::new, |asked| format!("?filter={}", escaped(&asked.text())))
}

/// Every tile of a zoom that touches the town.
fn tiles(town: &Town, z: u8) -> Vec<String> {
    let BBox { west, south, east, north } = town.app.world().unwrap().bounds();
    let side = f64::from(1_u32 << z);
    let corner =
        |lon: f64, lat: f64| project(crate::domain::geo::LonLat::new(lon, lat).unwrap()).map(|v| (v * side) as u32);
    let ([x0, y0], [x1, y1]) = (corner(west, north), corner(east, south));
    (x0..=x1).flat_map(|x| (y0..=y1).map(move |y| format!("{z}/{x}/{y}"))).collect()
}

/// The features of all tiles of a zoom, with the tile of each.
fn features(town: &Town, role: Option<Role>, layer: &str, z: u8, query: &str) -> Vec<decode::Feature> {
    let mut found = Vec::new();
    for tile in tiles(town, z) {
        let path = format!("/tiles/{layer}/{tile}.mvt{query}");
        let reply = role.map_or_else(|| town.get(&path), |role| town.get_as(role, &path));
        assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
        assert!(reply.body.len() < MAX_TILE_BYTES, "{path}: {} bytes", reply.body.len());
        for read in decode::decode(&reply.body) {
            assert_eq!(read.name, layer);
            let ids: BTreeSet<u64> = read.features.iter().map(|feature| feature.id).collect();
            assert_eq!(ids.len(), read.features.len(), "ids are unique in a tile");
            found.extend(read.features);
        }
    }
    found
}

/// Features by their text id, once: what several tiles say of a hexagon is the same.
fn once(found: Vec<decode::Feature>) -> BTreeMap<String, decode::Feature> {
    let mut hexes: BTreeMap<String, decode::Feature> = BTreeMap::new();
    for feature in found {
        let id = feature.text("id").to_owned();
        let before = hexes.insert(id, feature.clone());
        assert!(before.is_none_or(|before| before.properties == feature.properties));
    }
    hexes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn what_the_tiles_of_a_filter_hold_adds_up_to_what_passes(asked in filters(), size in 50_u32..1_500) {
        let town = Town::of(size);
        let (n, p) = counted(&town, Some(&asked));
        for z in [0, 7, 9, 11, 13] {
            let hexes = once(features(&town, Some(Role::Health), "hexes", z, &query(Some(&asked))));
            let sum = |key: &str| hexes.values().map(|hex| hex.whole(key)).sum::<i64>();
            prop_assert_eq!((sum("n"), sum("p"), sum("of")), (n, p, i64::from(size)), "{} at {}", asked.text(), z);
            for hex in hexes.values() {
                let share = hex.whole("n") as f64 / hex.whole("of") as f64;
                let shown = match hex.get("share") { Some(decode::Value::Number(shown)) => *shown, other => panic!("{other:?}") };
                prop_assert!((share - shown).abs() < 1e-5 && hex.whole("p") >= hex.whole("n"));
            }
        }
        for asked in [None, Some(&asked)] {
            let (n, p) = counted(&town, asked);
            for z in [0, 5, 8, 10, 12, 13, 14, 15, 16] {
                let points = features(&town, Some(Role::Social), "households", z, &query(asked));
                let sum = |key: &str| points.iter().map(|point| point.whole(key)).sum::<i64>();
                prop_assert_eq!((sum("n"), sum("p")), (n, p), "{:?} at {}", asked, z);
                let ids: BTreeSet<i64> = points.iter().map(|point| point.whole("id")).collect();
                prop_assert_eq!(ids.len(), points.len(), "a household is in one feature of one tile");
                let edge = points.iter().flat_map(|point| &point.parts).flatten().flatten().all(|v| (0..4_096).contains(v));
                prop_assert!(edge, "a point that clients would not draw");
            }
        }
    }

    #[test]
    fn who_reads_no_households_is_told_of_no_few(asked in filters(), size in 50_u32..1_500) {
        let town = Town::of(size);
        for z in [8, 11, 13] {
            let query = query(Some(&asked));
            let told = once(features(&town, Some(Role::Viewer), "hexes", z, &query));
            let all = once(features(&town, Some(Role::Health), "hexes", z, &query));
            prop_assert!(told.keys().eq(all.keys()), "every hexagon stays on the map");
            for (id, hex) in &told {
                prop_assert_eq!(hex.get("of"), all[id].get("of"));
                if all[id].whole("n") < 3 {
                    let keys: Vec<&str> = hex.properties.iter().map(|(key, _)| key.as_str()).collect();
                    prop_assert_eq!(keys, ["id", "of"], "few and none look alike");
                } else {
                    prop_assert_eq!(hex.get("n"), all[id].get("n"));
                    prop_assert_eq!(hex.get("fragility"), all[id].get("fragility"));
                    prop_assert!(hex.get("health").is_none() && hex.get("indicator_1").is_none(), "health is not told");
                }
            }
        }
    }
}

#[test]
fn means_over_what_was_found_are_those_of_the_households() {
    let town = Town::of(900);
    let asked = Asked::Or(Box::new([Asked::Fragile, Asked::People(2)]));
    let hexes = once(features(&town, Some(Role::Health), "hexes", 8, &query(Some(&asked))));
    let world = town.app.world().unwrap();
    let (all, snapshot) = (world.households(), world.snapshot());
    for (id, hex) in hexes {
        let cell: h3o::CellIndex = id.parse().unwrap();
        let inside =
            snapshot.span(cell).rows().filter(|&row| asked.passes(&|name| all.value(all.field(name).unwrap(), row)));
        let rows: Vec<Row> = inside.collect();
        for key in ["fragility", "health", "indicator_0", "fragile"] {
            let known: Vec<f64> = rows
                .iter()
                .filter_map(|&row| match all.value(all.field(key).unwrap(), row) {
                    Value::Number(number) => Some(number),
                    Value::Flag(flag) => Some(f64::from(u8::from(flag))),
                    _ => None,
                })
                .collect();
            let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
            match (mean, hex.get(key)) {
                (Some(mean), Some(decode::Value::Number(shown))) => {
                    assert!((mean - shown).abs() < 2e-5, "{key}: {mean} {shown}");
                }
                (None, None) => {}
                other => panic!("{key}: {other:?}"),
            }
        }
    }
}

fn refused(reply: &Reply, status: u16) -> serde_json::Value {
    assert_eq!(reply.status.as_u16(), status, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(reply.header("content-type"), "application/problem+json");
    reply.json()
}

#[test]
fn who_may_not_is_told_so_and_a_bad_filter_where_it_goes_wrong() {
    let town = Town::of(300);
    let tile = |layer: &str| format!("/tiles/{layer}/{}.mvt", middle(12));
    for path in
        [tile("households"), "/tiles/households.json".into(), format!("{}?filter=people%3E2", tile("households"))]
    {
        refused(&town.get(&path), 401);
        for role in [Role::Viewer, Role::Auditor] {
            refused(&town.get_as(role, &path), 403);
        }
        assert_eq!(town.get_as(Role::Coordinator, &path).status, 200);
    }
    // The public asks the figures, which have no such field; a viewer may not ask by health, nor social workers.
    let at = |reply: &Reply| refused(reply, 400)["position"].as_u64();
    let (minors, ill) = ("?filter=people%3E1%20AND%20minors%3E0", "?filter=indicator_1%3DTRUE");
    assert_eq!(at(&town.get(&(tile("hexes") + minors))), Some(13));
    for role in [Role::Viewer, Role::Social] {
        assert_eq!(town.get_as(role, &(tile("hexes") + minors)).status, 200);
        assert_eq!(at(&town.get_as(role, &(tile("hexes") + ill))), Some(0));
        assert_eq!(town.get_as(Role::Health, &(tile("hexes") + ill)).status, 200);
    }
    for (query, place) in [
        ("filter=nome%20%3D%20%27x", None),
        ("filter=", None),
        ("filter=nothing%3D1", Some(0)),
        ("filter=nome%3D%27x%27%20AND%20nessuno%3D1", Some(13)),
    ] {
        for path in [format!("{}?{query}", tile("shelters")), format!("/tiles/shelters.json?{query}")] {
            let problem = refused(&town.get(&path), 400);
            assert_eq!(problem["parameter"], "filter", "{path}");
            assert!(place.is_none_or(|place| problem["position"] == place), "{path}: {problem}");
        }
    }
    refused(&town.get(&(tile("shelters") + "?filter-lang=sql&filter=1%3D1")), 400);
    refused(&town.get(&(tile("shelters") + "?filter-lang=cql2-text")), 400);
    refused(&town.get(&(tile("nothing") + "?filter=1%3D1")), 404);
}

#[test]
fn the_public_filters_layers_and_the_published_figures() {
    let town = Town::of(2_500);
    for z in [7, 10, 13] {
        let whole = once(features(&town, None, "hexes", z, ""));
        let kept = once(features(&town, None, "hexes", z, "?filter=fragility%3E0.1%20AND%20households%3C60"));
        let passes = |hex: &&decode::Feature| {
            matches!(hex.get("fragility"), Some(decode::Value::Number(mean)) if *mean > 0.1) && hex.whole("n") < 60
        };
        let judged: BTreeMap<_, _> = whole.iter().filter(|(_, hex)| passes(hex)).collect();
        assert!(kept.iter().eq(judged), "zoom {z}: {} of {}", kept.len(), whole.len());
        assert!(z < 13 || !kept.is_empty() && kept.len() < whole.len());
    }
    let doors = features(&town, None, "civics", 14, "?filter=number%20LIKE%20%271%25%27");
    assert_eq!(doors.len(), 11, "1 and 10 to 19");
    assert!(doors.iter().all(|door| door.text("number").starts_with('1')));
    let json =
        "?filter-lang=cql2-json&filter=".to_owned() + &escaped(r#"{"op":"=","args":[{"property":"number"},"2/A"]}"#);
    assert_eq!(features(&town, None, "civics", 14, &json).len(), 1);
}

#[test]
fn a_description_carries_the_filter_into_the_tiles_addresses() {
    let town = Town::of(600);
    let filter = "people > 2 AND fragility >= 0.1";
    let describe = |role| {
        let path = format!("/tiles/hexes.json?filter={}", escaped(filter));
        town.get_as(role, &path).json()
    };
    let (viewer, health) = (describe(Role::Viewer), describe(Role::Health));
    let address = viewer["tiles"][0].as_str().unwrap();
    let filled = ["z", "x", "y"]
        .iter()
        .zip(middle(11).split('/'))
        .fold(address.to_owned(), |url, (name, number)| url.replace(&format!("{{{name}}}"), number));
    assert!(!filled.contains(['{', '}', ' ', '<', '>']), "{filled}");
    let path = filled.strip_prefix("https://mappa.example.it").unwrap();
    let reply = town.get_as(Role::Viewer, path);
    let plain = town.get_as(Role::Viewer, &format!("/tiles/hexes/{}.mvt?filter={}", middle(11), escaped(filter)));
    assert_eq!((reply.status.as_u16(), &reply.body), (200, &plain.body));
    assert!(reply.header("cache-control").contains("private") && reply.header("cache-control").contains("immutable"));
    assert_eq!(viewer["disclosure"]["min"], 3);
    assert!(health["disclosure"].is_null() && viewer["vector_layers"][0]["fields"]["health"].is_null());
    for name in ["of", "n", "p", "share", "health"] {
        assert_eq!(health["vector_layers"][0]["fields"][name], "Number", "{name}");
    }
    let households = town.get_as(Role::Social, "/tiles/households.json").json();
    assert_eq!((&households["maxzoom"], &households["vector_layers"][0]["id"]), (&16.into(), &"households".into()));
}

#[test]
fn a_filter_is_in_the_log_once_a_minute_and_before_its_tiles() {
    let town = Town::of(300);
    let ask = |role, filter: &str, z| {
        town.ask(
            Method::GET,
            &format!("/tiles/hexes/{}.mvt?filter={filter}", middle(z)),
            &[("authorization", &format!("Bearer {}", super::asked::secret(role).reveal()))],
        )
    };
    for z in 8..14 {
        ask(Role::Viewer, "people%3E2", z);
        ask(Role::Viewer, "people%3E3", z);
        ask(Role::Social, "people%3E2", z);
    }
    let log = town.memory.log.lock().unwrap().clone();
    assert!((3..=6).contains(&log.len()), "three, or six over the end of a minute: {}", log.len());
    assert_eq!((&*log[0].actor, &*log[0].object), ("viewer", "hexes where people>2"));
    assert_eq!((&*log[0].action, &*log[2].action), ("read_exact_figures", "read_households"));
    assert_eq!(log[0].rows as i64, counted(&town, None).0 - counted(&town, Some(&Asked::People(2))).0);
    town.get(&format!("/tiles/hexes/{}.mvt?filter=fragility%3E0", middle(9)));
    assert_eq!(town.memory.log.lock().unwrap().len(), log.len(), "the public is not in it");
}

#[test]
fn a_tower_is_one_feature_and_a_crowd_is_joined_with_nobody_lost() {
    use crate::snapshot::invented;
    let town = Town::of(10);
    let mut households = invented::households(9, 30_000, 4, 0.004);
    let tower = households[0].point;
    households.iter_mut().take(700).for_each(|household| household.point = tower);
    let world = super::asked::world(invented::freeze(invented::schema(4), &households));
    town.app.swap(std::sync::Arc::new(world));
    for z in [14, 16] {
        let points = features(&town, Some(Role::Health), "households", z, "");
        assert_eq!(points.iter().map(|point| point.whole("n")).sum::<i64>(), 30_000);
        assert!(points.iter().any(|point| point.whole("n") >= 700), "the tower at zoom {z}");
    }
    let near = features(&town, Some(Role::Health), "households", 16, "");
    assert!(near.iter().filter(|point| point.whole("n") == 1).any(|point| point.get("needs").is_some()));
}
