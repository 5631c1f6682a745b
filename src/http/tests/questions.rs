//! Questions over HTTP: by role, what is told, what is refused, what the log keeps.

use std::{collections::BTreeMap, sync::Arc};

use axum::{body::Body, http::Method};
use geo::{LineString, Polygon};
use serde_json::{Value as Json, json};

use super::asked::{Reply, Town, secret};
use crate::{
    access::Role,
    app::{Ingredients, World},
    domain::{
        feature::{Feature, Value},
        geo::LonLat,
    },
    snapshot::{Attribute, Row, Snapshot, layer::Layer, schema::Titles},
};

const HOUSES: u32 = 900;

fn refused(reply: &Reply, status: u16, place: &str) {
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    assert_eq!(reply.status.as_u16(), status, "{text}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    if !place.is_empty() {
        assert_eq!(reply.json()["parameter"], place, "{text}");
    }
}

fn fine(reply: &Reply) -> Json {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.json()
}

fn members(snapshot: &Snapshot, row: Row) -> u64 {
    let slot = snapshot.schema().slot("members").unwrap();
    match snapshot.value(slot, row) {
        crate::snapshot::Cell::Attribute(Attribute::Count(count)) => count.into(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_may_ask_what() {
    let town = Town::of(HOUSES);
    let everybody = Role::ALL.into_iter().filter(|role| *role != Role::Admin);
    for role in everybody {
        let guarded = match role {
            Role::Public => 401,
            Role::Auditor => 403,
            _ => 200,
        };
        for (collection, status) in
            [("households", guarded), ("people", guarded), ("civics", 200), ("hexes", 200), ("no", 404)]
        {
            let reply = town.post(role, "/api/ask", &json!({ "collection": collection }));
            assert_eq!(reply.status.as_u16(), status, "{role} asks {collection}");
            for path in ["/api/count?collection=", "/api/fields?collection="] {
                let path = format!("{path}{collection}");
                let reply = if role == Role::Public { town.get(&path) } else { town.get_as(role, &path) };
                assert_eq!(reply.status.as_u16(), status, "{role} asks {path}");
                if status == 200 {
                    let private = reply.header("cache-control").starts_with("private");
                    assert!(private || !["households", "people"].contains(&collection), "{path}");
                }
            }
        }
    }
    assert_eq!(town.post(Role::Admin, "/api/ask", &json!({ "collection": "civics" })).status, 401, "a revoked token");
}

#[test]
fn answers_are_those_of_a_walk() {
    let town = Town::of(HOUSES);
    let world = town.app.world().unwrap();
    let snapshot = world.snapshot();
    let mut slow: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for row in snapshot.all().rows().filter(|&row| members(snapshot, row) == 2) {
        let cell = snapshot.cell(row).parent(h3o::Resolution::Nine).unwrap().to_string();
        let group = slow.entry(cell).or_default();
        *group = (group.0 + 1, group.1 + u64::from(snapshot.people_at(row)));
    }
    let asked = json!({
        "collection": "households", "filter": "members = 2", "group": { "by": "hex", "resolution": 9 },
        "measures": [{ "count": "households" }, { "count": "people" }, { "mean": "members" }],
        "order": [{ "by": 0, "direction": "desc" }], "limit": 7,
    });
    let (mut found, mut last, mut cursor) = (BTreeMap::new(), u64::MAX, Json::Null);
    loop {
        let mut asked = asked.clone();
        asked["cursor"] = cursor;
        let answer = fine(&town.post(Role::Social, "/api/ask", &asked));
        for group in answer["groups"].as_array().unwrap() {
            let number = |at: usize| group["values"][at].as_u64().unwrap();
            assert!(number(0) <= last && number(2) == 2);
            last = number(0);
            found.insert(group["group"].as_str().unwrap().to_owned(), (number(0), number(1)));
        }
        cursor = answer["next"].clone();
        if cursor.is_null() {
            assert_eq!(answer["matched"], slow.values().map(|(households, _)| households).sum::<u64>());
            assert_eq!(answer["as_of"], "2026-06-30");
            break;
        }
    }
    assert!(found == slow && slow.len() > 20);
    // A filter in JSON finds the same, and what was asked by a viewer leaves out the few.
    let json = json!({ "op": "=", "args": [{ "property": "members" }, 2] });
    let whole = json!({ "collection": "households", "filter": json, "group": asked["group"] });
    let told = fine(&town.post(Role::Viewer, "/api/ask", &whole));
    let groups = told["groups"].as_array().unwrap();
    assert!(groups.iter().all(|group| group["households"].as_u64().unwrap() >= 3));
    let few = slow.values().filter(|(households, _)| *households < 3).count() as u64;
    assert!(few > 0 && told["disclosure"]["groups"].as_u64().unwrap() >= few && told["disclosure"]["withheld"] == true);
    assert_eq!(fine(&town.post(Role::Social, "/api/ask", &whole))["groups"].as_array().unwrap().len(), slow.len());
}

#[test]
fn an_area_narrows_and_a_layer_groups() {
    let town = Town::of(HOUSES);
    let square = |id: u64, west: f64| {
        let ring = vec![(west, 38.9), (west + 0.05, 38.9), (west + 0.05, 39.05), (west, 39.05), (west, 38.9)];
        let name = ("name".into(), Value::Text(format!("Zona {id}").into()));
        Feature { id, geometry: Polygon::new(LineString::from(ring), vec![]).into(), properties: vec![name] }
    };
    let zones = Layer::freeze("zones", Titles::new("Zone", "Zones"), vec![square(4, 16.26), square(9, 16.31)]);
    let snapshot = Arc::clone(town.app.world().unwrap().snapshot());
    let parts = Ingredients { snapshot: Arc::clone(&snapshot), layers: vec![zones], streets: &[], accesses: &[] };
    town.app.swap(Arc::new(World::new(parts).unwrap()));
    let inside = |west: f64| {
        let within = |row: &Row| {
            let point = snapshot.point(*row);
            (west..=west + 0.05).contains(&point.lon()) && (38.9..=39.05).contains(&point.lat())
        };
        snapshot.all().rows().filter(within).count() as u64
    };
    let by_zone = json!({ "collection": "households", "group": { "by": "layer", "layer": "zones" }, "measures": [{ "count": "households" }] });
    let answer = fine(&town.post(Role::Health, "/api/ask", &by_zone));
    let groups = answer["groups"].as_array().unwrap();
    assert_eq!(
        (&groups[0]["group"], &groups[0]["title"], groups[0]["households"].as_u64()),
        (&4.into(), &"Zona 4".into(), Some(inside(16.26)))
    );
    assert!(inside(16.26) > 10 && groups[2]["group"].is_null() && groups[2]["title"]["en"] == "In no area");
    let feature = json!({ "type": "feature", "layer": "zones", "id": 9 });
    let count =
        format!("/api/count?collection=households&filter=members%3E0&area={}", feature.to_string().replace('"', "%22"));
    let counted = fine(&town.get_as(Role::Viewer, &count));
    let both = json!({ "collection": "people", "area": { "type": "difference", "of": [{ "type": "bbox", "bbox": [16, 38, 17, 40] }, feature] } });
    let rest = fine(&town.post(Role::Health, "/api/ask", &both));
    assert_eq!(
        counted["people"].as_u64().unwrap() + rest["people"].as_u64().unwrap_or(rest["matched"].as_u64().unwrap()),
        u64::from(snapshot.people())
    );
    assert_eq!((&counted["of"]["people"], &counted["matched"]), (&counted["people"], &counted["households"]));
}

/// A feature is named in few bytes and may be large: a question that names one over and over is refused before it fills
/// the memory.
#[test]
fn a_large_feature_named_over_and_over_is_refused() {
    let town = Town::of(60);
    let turn = |at: i32| f64::from(at % 50_000) * std::f64::consts::TAU / 50_000.0;
    let ring: Vec<(f64, f64)> = (0..=50_000).map(|at| (16.3 + turn(at).cos(), 38.9 + turn(at).sin())).collect();
    let round = Feature { id: 1, geometry: Polygon::new(LineString::from(ring), vec![]).into(), properties: vec![] };
    let rounds = Layer::freeze("rounds", Titles::new("Tondi", "Rounds"), vec![round]);
    let snapshot = Arc::clone(town.app.world().unwrap().snapshot());
    let parts = Ingredients { snapshot, layers: vec![rounds], streets: &[], accesses: &[] };
    town.app.swap(Arc::new(World::new(parts).unwrap()));
    let named = |times: usize| {
        let one = json!({ "type": "feature", "layer": "rounds", "id": 1 });
        let some = json!({ "type": "union", "of": vec![one; times] });
        json!({ "collection": "households", "area": { "type": "union", "of": vec![some; 4] } })
    };
    assert_eq!(fine(&town.post(Role::Social, "/api/ask", &named(2)))["matched"], 60);
    refused(&town.post(Role::Social, "/api/ask", &named(60)), 400, "area.of[0].of[19].id");
}

#[test]
fn the_nearest_are_listed_for_who_may_read_them() {
    let town = Town::of(HOUSES);
    let asked =
        json!({ "collection": "households", "filter": "members = 1", "nearest": { "to": [16.31, 38.965], "k": 5 } });
    refused(&town.post(Role::Viewer, "/api/ask", &asked), 403, "");
    let answer = fine(&town.post(Role::Social, "/api/ask", &asked));
    let metres: Vec<f64> =
        answer["nearest"].as_array().unwrap().iter().map(|one| one["distance_m"].as_f64().unwrap()).collect();
    assert!(metres.len() == 5 && metres.is_sorted());
    let world = town.app.world().unwrap();
    let snapshot = world.snapshot();
    let point = LonLat::new(16.31, 38.965).unwrap();
    let mut slow: Vec<f64> = snapshot
        .all()
        .rows()
        .filter(|&row| members(snapshot, row) == 1)
        .map(|row| snapshot.point(row).distance_m(point))
        .collect();
    slow.sort_by(f64::total_cmp);
    assert!(metres.iter().zip(&slow).all(|(a, b)| (a - b).abs() < 0.01));
    let first = &answer["nearest"][0]["properties"];
    assert!(first["isee"].is_number() || first["isee"].is_null());
    assert!(first.get("health").is_none(), "a social worker sees no health");
    let doors = json!({ "collection": "civics", "nearest": { "to": [16.3, 38.96], "k": 2 } });
    assert_eq!(fine(&town.post(Role::Public, "/api/ask", &doors))["nearest"][0]["properties"]["number"], "1");
}

/// Row 6 of the matrix of bad input: what is wrong is named, nothing breaks.
#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let town = Town::of(60);
    let with = |member: &str, value: Json| {
        let mut asked = json!({ "collection": "households" });
        asked[member] = value;
        asked
    };
    let ring = |ring: Json| {
        with("area", json!({ "type": "polygon", "geometry": { "type": "Polygon", "coordinates": [ring] } }))
    };
    let many: Vec<[f64; 2]> = (0..100_500).map(|at| [f64::from(at % 9), 0.5]).collect();
    for (body, place) in [
        (json!({}), "body"),
        (json!({ "collection": "households", "colour": 1 }), "body"),
        (json!([]), "body"),
        (with("filter", json!("members = ")), "filter"),
        (with("filter", json!("nothing = 1")), "filter"),
        (with("filter", json!(7)), "filter"),
        (with("filter-lang", json!("sql")), "filter-lang"),
        (with("date", json!("yesterday")), "date"),
        (with("group", json!({ "by": "hex", "resolution": 13 })), "group.resolution"),
        (with("group", json!({ "by": "layer", "layer": "nothing" })), "group.layer"),
        (with("group", json!({ "by": "layer", "layer": "civics" })), "group.layer"),
        (with("group", json!({ "by": "property", "property": "nothing" })), "group.property"),
        (with("group", json!({ "by": "property", "property": "isee" })), "measures"),
        (with("group", json!({ "by": "colour" })), "body"),
        (with("measures", json!([{ "sum": "fragile" }])), "measures"),
        (with("measures", json!([{ "sum": "isee", "mean": "isee" }])), "measures[0]"),
        (with("measures", json!([{ "count": "dogs" }])), "measures[0]"),
        (with("measures", json!([{ "quantiles": [0.5] }])), "measures[0]"),
        (with("measures", json!([{ "quantiles": [2], "of": "isee" }])), "measures"),
        (with("measures", json!([{ "mean": "health" }])), "measures[0]"),
        (with("filter", json!("health > 0.5")), "filter"),
        (with("order", json!([{ "by": 0 }])), "order[0].by"),
        (with("order", json!([{ "by": "colour" }])), "body"),
        (with("limit", json!(0)), "limit"),
        (with("limit", json!(-1)), "body"),
        (with("cursor", json!("zz")), "cursor"),
        (with("cursor", json!("00000000000000000")), "cursor"),
        (with("nearest", json!({ "to": [16, 138], "k": 1 })), "nearest.to"),
        (with("nearest", json!({ "to": [16, 38], "k": 0 })), "nearest.k"),
        (with("area", json!({ "type": "circle", "center": [16, 38], "radius_m": -1 })), "area.radius_m"),
        (with("area", json!({ "type": "circle", "center": [16, 138], "radius_m": 1 })), "area.center"),
        (with("area", json!({ "type": "feature", "layer": "shelters", "id": 1 })), "area.id"),
        (with("area", json!({ "type": "feature", "layer": "nothing", "id": 1 })), "area.layer"),
        (with("area", json!({ "type": "union", "of": [] })), "area.of"),
        (with("area", json!({ "type": "cells", "ids": ["8a1e9a50a0affff", "zz"] })), "area.ids[1]"),
        (ring(json!([])), "area.geometry.coordinates[0]"),
        (ring(json!([[0, 0], [1, 0], [1, 1], [0, 1]])), "area.geometry.coordinates[0]"),
        (ring(json!([[0, 0], [2, 2], [2, 0], [0, 1], [0, 0]])), "area.geometry.coordinates"),
        (ring(json!([[0, 0], [200, 0], [1, 1], [0, 0]])), "area.geometry.coordinates[0][1]"),
        (ring(json!(many)), "area.geometry.coordinates"),
    ] {
        let reply = town.post(Role::Social, "/api/ask", &body);
        refused(&reply, 400, place);
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let town = Town::of(60);
    for (path, place) in [
        ("/api/count", "collection"),
        ("/api/count?collection=households&x=1", "x"),
        ("/api/count?collection=households&filter=members+%3D", "filter"),
        ("/api/count?collection=households&filter-lang=sql", "filter-lang"),
        ("/api/count?collection=households&area=%7B", "area"),
        (
            "/api/count?collection=households&area=%7B%22type%22%3A%22bbox%22%2C%22bbox%22%3A%5B0%2C1%2C0%2C0%5D%7D",
            "area.bbox",
        ),
        ("/api/fields", "collection"),
        ("/api/fields?collection=households&x=1", "x"),
    ] {
        refused(&town.get_as(Role::Social, path), 400, place);
    }
    let other_day = json!({ "collection": "households", "date": "2020-01-01" });
    refused(&town.post(Role::Social, "/api/ask", &other_day), 409, "");
    for body in [
        "",
        "{",
        "nul",
        "{\"collection\":\"households\",\"collection\":\"people\"}",
        "\u{0}",
        "{\"collection\":\"\u{7}\"}",
    ] {
        refused(&town.post(Role::Social, "/api/ask", body), 400, "body");
    }
    refused(&town.post(Role::Social, "/api/ask", &"[".repeat(900_000)), 400, "body");
    refused(&town.post(Role::Social, "/api/ask", &" ".repeat((1 << 20) + 1)), 413, "");
    let token = format!("Bearer {}", secret(Role::Social).reveal());
    for media in ["text/plain", "application/jsonx", ""] {
        let headers = [("authorization", token.as_str()), ("content-type", media)];
        refused(&town.send(Method::POST, "/api/ask", &headers, Body::from("{}")), 415, "");
    }
    let got = town.get("/api/ask");
    refused(&got, 405, "");
    assert_eq!(got.header("allow"), "POST, OPTIONS");
    assert!(town.ask(Method::OPTIONS, "/api/ask", &[]).header("access-control-allow-methods").contains("POST"));
}

#[test]
fn what_was_asked_is_in_the_log_and_the_fields_are_those_one_may_ask_by() {
    let town = Town::of(HOUSES);
    town.post(Role::Viewer, "/api/ask", &json!({ "collection": "households", "filter": "members = 3" }));
    town.get_as(Role::Viewer, "/api/count?collection=people&filter=members%3D4");
    town.post(Role::Public, "/api/ask", &json!({ "collection": "civics", "filter": "number = '7'" }));
    let log = town.memory.log.lock().unwrap().clone();
    let objects: Vec<&str> = log.iter().map(|entry| &*entry.object).collect();
    assert!(
        objects.len() == 2 && objects[0].contains("members = 3") && objects[1].contains("members=4"),
        "{objects:?}"
    );
    let names = |role| -> Vec<String> {
        let fields = fine(&town.get_as(role, "/api/fields?collection=households"));
        fields["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect()
    };
    let (viewer, social, health) = (names(Role::Viewer), names(Role::Social), names(Role::Health));
    assert!(viewer == social && !viewer.contains(&"health".to_owned()) && health.contains(&"health".to_owned()));
    let fields = fine(&town.get_as(Role::Health, "/api/fields?collection=households"));
    let isee = fields["fields"].as_array().unwrap().iter().find(|field| field["name"] == "isee").unwrap().clone();
    assert!(isee["unit"] == "euro" && isee["kind"] == "number" && isee["max"].as_f64() > isee["min"].as_f64());
    // Every function that is named is one that a filter may call.
    for name in fields["functions"].as_array().unwrap() {
        let filter = format!("{}()=1", name.as_str().unwrap()).replace('(', "%28").replace(')', "%29");
        let reply = town.get_as(Role::Health, &format!("/api/count?collection=households&filter={filter}"));
        assert!(!String::from_utf8_lossy(&reply.body).contains("there is no function"), "{name}");
    }
}
