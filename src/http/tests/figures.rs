//! The documents, and that they say the same as the tiles.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::asked::Town;
use crate::{
    access::Role,
    publish::tile::{TileAddress, decode, decode::Value},
};

#[test]
fn the_town_says_what_the_page_needs() {
    let town = Town::of(3_000);
    let public = town.get("/api/town").json();
    assert_eq!(
        (&public["comune"], &public["policy"], &public["role"]),
        (&"M208".into(), &"public".into(), &"public".into())
    );
    assert_eq!(public["min_households"], 10);
    assert_eq!(public["generation"].as_str().unwrap().len(), 16);
    let names: Vec<&str> = public["layers"].as_array().unwrap().iter().map(|l| l["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["hexes", "boundary", "civics", "shelters", "streets"]);
    let keys: Vec<&str> = public["properties"].as_array().unwrap().iter().map(|p| p["key"].as_str().unwrap()).collect();
    assert_eq!(
        keys[..9],
        ["fragility", "fragile", "economic", "health", "relational", "integration", "housing", "ampi", "uncovered"]
    );
    assert_eq!(public["means"].as_object().unwrap().len(), keys.len());
    assert_eq!(town.get_as(Role::Viewer, "/api/town").json()["policy"], "exact");
    assert_eq!(town.get_as(Role::Auditor, "/api/town").json()["policy"], "public");
}

/// Every row of the table, page by page.
fn rows(town: &Town, question: &str) -> Vec<Json> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = town.get(&format!("/api/hexes?{question}&limit=37{cursor}")).json();
        rows.extend(page["rows"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else {
            assert_eq!(page["matched"].as_u64().unwrap() as usize, rows.len());
            return rows;
        };
        cursor = format!("&cursor={next}");
    }
}

#[test]
fn tiles_table_and_cards_say_the_same_at_every_zoom() {
    let town = Town::of(3_000);
    for (z, resolution) in [(8, 6), (10, 7), (11, 8), (12, 9), (13, 10), (14, 10)] {
        let table: BTreeMap<String, Json> = rows(&town, &format!("resolution={resolution}"))
            .into_iter()
            .map(|r| (r["id"].as_str().unwrap().to_owned(), r))
            .collect();
        let mut seen = BTreeMap::new();
        let bounds = town.app.world().unwrap().bounds();
        let corner = |lon: f64, lat: f64| {
            let [x, y] = crate::publish::tile::project(crate::domain::geo::LonLat::new(lon, lat).unwrap());
            let side = f64::from(1_u32 << z);
            ((x * side) as u32, (y * side) as u32)
        };
        let ((x0, y0), (x1, y1)) = (corner(bounds.west, bounds.north), corner(bounds.east, bounds.south));
        for x in x0..=x1 {
            for y in y0..=y1 {
                TileAddress::new(z, x, y).unwrap();
                let reply = town.get(&format!("/tiles/hexes/{z}/{x}/{y}.mvt"));
                for feature in decode::decode(&reply.body).into_iter().flat_map(|layer| layer.features) {
                    seen.insert(feature.text("id").to_owned(), feature);
                }
            }
        }
        assert_eq!(seen.keys().collect::<Vec<_>>(), table.keys().collect::<Vec<_>>(), "zoom {z}");
        let households: i64 = seen.values().map(|f| f.whole("n")).sum();
        assert_eq!(households, 3_000, "zoom {z}: every household is in one hexagon");
        for (id, feature) in &seen {
            let row = &table[id];
            assert!(feature.whole("n") >= 10, "{id}");
            assert_eq!(
                (feature.whole("n"), feature.whole("p")),
                (row["households"].as_i64().unwrap(), row["people"].as_i64().unwrap())
            );
            for (key, value) in row["values"].as_object().unwrap() {
                assert_eq!(feature.get(key), value.as_f64().map(Value::Number).as_ref(), "{id} {key}");
            }
        }
        let (id, row) = table.first_key_value().unwrap();
        let card = town.get(&format!("/api/hexes/{id}?resolution={resolution}")).json();
        assert_eq!((&card["households"], &card["resolution"]), (&row["households"], &resolution.into()));
        for figure in card["values"].as_array().unwrap() {
            assert_eq!(figure["value"], row["values"][figure["key"].as_str().unwrap()]);
            assert_eq!(
                figure["known"].as_u64().unwrap() + figure["unknown"].as_u64().unwrap(),
                row["households"].as_u64().unwrap()
            );
        }
    }
}

#[test]
fn pages_follow_the_order_and_a_cursor_fits_only_its_question() {
    let town = Town::of(2_000);
    let sorted = rows(&town, "resolution=10&sort=fragility&order=desc");
    let values: Vec<Option<f64>> = sorted.iter().map(|r| r["values"]["fragility"].as_f64()).collect();
    assert!(values.windows(2).all(|w| w[0].unwrap_or(-1.0) >= w[1].unwrap_or(-1.0)));
    let page = town.get("/api/hexes?resolution=10&sort=fragility&limit=2").json();
    let next = page["next"].as_str().unwrap();
    assert_eq!(town.get(&format!("/api/hexes?resolution=10&sort=fragility&limit=2&cursor={next}")).status, 200);
    for other in ["resolution=9&sort=fragility", "resolution=10&sort=people", "resolution=10&sort=fragility&order=desc"]
    {
        assert_eq!(town.get(&format!("/api/hexes?{other}&cursor={next}")).status, 400, "{other}");
    }
}

#[test]
fn a_legend_counts_every_hexagon_once() {
    let town = Town::of(2_000);
    for resolution in [8, 9, 10] {
        let legend = town.get(&format!("/api/legend?property=fragility&resolution={resolution}")).json();
        let matched =
            town.get(&format!("/api/hexes?resolution={resolution}&limit=1")).json()["matched"].as_u64().unwrap();
        let counted: u64 = legend["counts"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(counted + legend["unknown"].as_u64().unwrap(), matched);
        assert_eq!(legend["histogram"]["edges"].as_array().unwrap().len(), 21);
    }
}

#[test]
fn a_cell_without_figures_points_to_the_zone_that_has_them() {
    let town = Town::of(2_000);
    let pool = rows(&town, "resolution=10").into_iter().find(|r| r["merged"].as_u64().unwrap() > 1).unwrap();
    let world = town.app.world().unwrap();
    let hexes = world.sight(&crate::access::Actor::anonymous()).unwrap().chart.hexes();
    let zone = hexes.get(h3o::Resolution::Ten, pool["id"].as_str().unwrap().parse().unwrap()).unwrap();
    let reply = town.get(&format!("/api/hexes/{}", zone.members[0]));
    assert_eq!(reply.status, 404);
    assert!(reply.json()["detail"].as_str().unwrap().contains(pool["id"].as_str().unwrap()));
    assert_eq!(town.get_as(Role::Viewer, &format!("/api/hexes/{}", zone.members[0])).json()["policy"], "exact");
}

#[test]
fn a_hamlet_of_nine_households_shows_nothing() {
    let town = Town::of(9);
    let reply = town.get("/api/hexes?resolution=6").json();
    assert_eq!(reply["matched"], 0);
    assert_eq!(town.get("/api/legend?property=fragility").json()["breaks"].as_array().unwrap().len(), 0);
    assert_eq!(town.get("/api/town").status, 200);
}
