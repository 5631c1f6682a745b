//! The OGC APIs asked without a network.

use axum::http::Method;
use serde_json::Value as Json;

use super::asked::{Reply, Town};
use crate::access::Role;

fn fine(reply: &Reply) -> Json {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.json()
}

#[test]
fn the_landing_page_leads_to_every_document() {
    let town = Town::of(300);
    let landing = fine(&town.get("/ogc"));
    assert_eq!(fine(&town.get("/ogc/")), landing);
    let mut relations = Vec::new();
    for link in landing["links"].as_array().unwrap() {
        let path = link["href"].as_str().unwrap().strip_prefix("https://mappa.example.it").unwrap();
        let reply = town.get(path);
        fine(&reply);
        assert_eq!(reply.header("content-type"), link["type"].as_str().unwrap(), "{path}");
        relations.push(link["rel"].as_str().unwrap());
    }
    for relation in ["self", "service-desc", "service-doc", "conformance", "data"] {
        assert!(relations.contains(&relation), "{relation}");
    }
}

#[test]
fn a_collection_is_listed_and_described_to_those_who_may_see_it() {
    let town = Town::of(300);
    let names = |document: &Json| -> Vec<String> {
        let collections = document["collections"].as_array().unwrap().iter();
        collections.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let public = fine(&town.get("/ogc/collections"));
    assert!(names(&public).contains(&"shelters".to_owned()));
    assert!(!names(&public).contains(&"households".to_owned()));
    let social = fine(&town.get_as(Role::Social, "/ogc/collections"));
    assert!(names(&social).contains(&"households".to_owned()));
    for one in public["collections"].as_array().unwrap() {
        let alone = fine(&town.get(&format!("/ogc/collections/{}", one["id"].as_str().unwrap())));
        assert_eq!(alone, *one);
    }
    for path in ["", "/queryables", "/schema", "/items", "/items/1"] {
        let path = format!("/ogc/collections/households{path}");
        let anonymous = town.get(&path);
        assert_eq!(anonymous.status, 401, "{path}");
        assert!(anonymous.header("www-authenticate").contains("Basic"));
        assert_eq!(town.get_as(Role::Viewer, &path).status, 403, "{path}");
        let reply = town.get_as(Role::Social, &path);
        if path != "/ogc/collections/households/items/1" {
            fine(&reply);
        }
        assert!(reply.header("cache-control").starts_with("private") || reply.status == 404, "{path}");
    }
    assert_eq!(town.get("/ogc/collections/nothing").status, 404);
}

#[test]
fn pages_hold_every_item_once() {
    let town = Town::of(300);
    let all = fine(&town.get("/ogc/collections/civics/items?limit=10000"));
    let count = all["numberMatched"].as_u64().unwrap();
    assert_eq!(all["features"].as_array().unwrap().len() as u64, count);
    let (mut seen, mut path) = (Vec::new(), "/ogc/collections/civics/items?limit=7".to_owned());
    loop {
        let reply = town.get(&path);
        let page = fine(&reply);
        assert_eq!(page["numberMatched"], count);
        assert_eq!(reply.header("ogc-numberreturned"), page["numberReturned"].to_string());
        seen.extend(page["features"].as_array().unwrap().iter().cloned());
        let next = page["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next").cloned();
        let Some(next) = next else { break };
        assert_eq!(next["type"], "application/geo+json");
        path = next["href"].as_str().unwrap().strip_prefix("https://mappa.example.it").unwrap().to_owned();
    }
    assert_eq!(Json::from(seen), all["features"]);
    let first = &all["features"][0];
    let one = fine(&town.get(&format!("/ogc/collections/civics/items/{}", first["id"])));
    assert_eq!((&one["geometry"], &one["properties"]), (&first["geometry"], &first["properties"]));
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let town = Town::of(300);
    for (query, blamed) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=9223372036854775808", "limit"),
        ("ooga=booga", "ooga"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,2,3,4,5", "bbox"),
        ("bbox=nan,2,3,4", "bbox"),
        ("bbox=0,1,1,0", "bbox"),
        ("bbox=1000000,1000000,2000000,2000000", "bbox"),
        ("bbox=1,2,3,4&bbox-crs=EPSG:4326x", "bbox-crs"),
        ("crs=http://www.opengis.net/def/crs/EPSG/0/2154", "crs"),
        ("properties=name,nothing", "properties"),
        ("cursor=zz", "cursor"),
        ("sortby=nothing", "sortby"),
        ("sortby=street,-street", "sortby"),
        ("datetime=yesterday", "datetime"),
        ("filter=nothing=1", "filter"),
        ("filter=street=", "filter"),
        ("filter=street='a'&filter-lang=sql", "filter-lang"),
        ("filter-crs=x", "filter-crs"),
        ("f=xml", "f"),
    ] {
        let reply = town.get(&format!("/ogc/collections/civics/items?{query}"));
        assert_eq!((reply.status.as_u16(), &reply.json()["parameter"]), (400, &blamed.into()), "{query}");
    }
    // More than the most is the most.
    fine(&town.get("/ogc/collections/civics/items?limit=4294967295"));
    let options = town.ask(Method::OPTIONS, "/ogc/collections/civics/items", &[]);
    assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
    assert_eq!(town.ask(Method::POST, "/ogc/collections/civics/items", &[]).status, 405);
}

#[test]
fn coordinates_come_in_the_system_that_is_asked_for() {
    let town = Town::of(300);
    let path = "/ogc/collections/shelters/items/1";
    let degrees = fine(&town.get(path))["geometry"]["coordinates"].clone();
    assert_eq!(degrees, serde_json::json!([16.31, 38.97]));
    let reply = town.get(&format!("{path}?crs=http://www.opengis.net/def/crs/EPSG/0/4326"));
    assert_eq!(fine(&reply)["geometry"]["coordinates"], serde_json::json!([38.97, 16.31]));
    assert_eq!(reply.header("content-crs"), "<http://www.opengis.net/def/crs/EPSG/0/4326>");
    let matched =
        |query: &str| fine(&town.get(&format!("/ogc/collections/shelters/items?{query}")))["numberMatched"].clone();
    assert_eq!(matched("bbox=16.3,38.96,16.32,38.98"), 1);
    assert_eq!(matched("bbox=16.3,38.96,0,16.32,38.98,100"), 1);
    assert_eq!(matched("bbox=16.4,38.96,16.5,38.98"), 0);
    assert_eq!(matched("bbox=16.32,38.96,16.3,38.98"), 0, "all around the Earth but there");
    assert_eq!(matched("bbox=38.96,16.3,38.98,16.32&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326"), 1);
}

#[test]
fn a_page_that_the_client_has_is_not_sent_again() {
    let town = Town::of(300);
    let path = "/ogc/collections/civics/items?limit=3";
    let tag = town.get(path).header("etag").to_owned();
    assert!(tag.starts_with("W/"), "the time in it differs: {tag}");
    assert_eq!(town.ask(Method::GET, path, &[("if-none-match", &tag)]).status, 304);
    assert_ne!(town.get("/ogc/collections/civics/items?limit=4").header("etag"), tag);
}

#[test]
fn a_filter_a_property_and_an_order_choose_items() {
    let town = Town::of(300);
    let ask = |query: &str| fine(&town.get(&format!("/ogc/collections/civics/items?{query}")));
    let numbers = |document: &Json| -> Vec<String> {
        let features = document["features"].as_array().unwrap().iter();
        features.map(|feature| feature["properties"]["number"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ask("filter=number%3D%2712%27")["numberMatched"], 1);
    assert_eq!(ask("number=12")["numberMatched"], 1);
    assert_eq!(ask("number=12&filter=number%3D%2713%27")["numberMatched"], 0);
    assert_eq!(ask("number=1'2")["numberMatched"], 0, "a quotation mark stays in its text");
    let json = "filter-lang=cql2-json&filter=%7B%22op%22:%22%3D%22,%22args%22:%5B%7B%22property%22:%22number%22%7D,%2212%22%5D%7D";
    assert_eq!(numbers(&ask(json)), ["12"]);
    assert_eq!(numbers(&ask("sortby=-number&limit=3")), ["9", "8", "7"]);
    assert_eq!(numbers(&ask("sortby=+number&limit=2")), ["1", "10"]);
    // Shapes of a filter are in the axis order of their system.
    let within = |crs: &str, corners: &str| {
        ask(&format!("filter=S_INTERSECTS(geometry,BBOX({corners})){crs}"))["numberMatched"].as_u64().unwrap()
    };
    let all = ask("limit=1")["numberMatched"].as_u64().unwrap();
    assert_eq!(within("", "16,38,17,39"), all);
    assert_eq!(within("&filter-crs=http://www.opengis.net/def/crs/EPSG/0/4326", "38,16,39,17"), all);
    assert_eq!(within("&filter-crs=http://www.opengis.net/def/crs/EPSG/0/4326", "16,38,17,39"), 0);
    let page = ask("properties=number&limit=1&sortby=number");
    assert_eq!(page["features"][0]["properties"], serde_json::json!({"number": "1"}));
}

#[test]
fn hexagons_are_a_collection_for_each_resolution() {
    let town = Town::of(2_000);
    let hexes = fine(&town.get("/ogc/collections/hexes"));
    assert_eq!(hexes["itemCount"], fine(&town.get("/ogc/collections/hexes_9"))["itemCount"]);
    assert_eq!(hexes["extent"]["temporal"]["interval"][0][0], "2026-06-30T00:00:00.000Z");
    let page = fine(&town.get("/ogc/collections/hexes_10/items?limit=10000"));
    let figures = fine(&town.get("/api/hexes?resolution=10&limit=1000"));
    assert_eq!(page["numberMatched"], figures["matched"]);
    for feature in page["features"].as_array().unwrap() {
        assert!(feature["properties"]["households"].as_u64().unwrap() >= 10);
    }
    let exact = fine(&town.get_as(Role::Viewer, "/ogc/collections/hexes_10/items?limit=1"));
    assert!(exact["numberMatched"].as_u64() > page["numberMatched"].as_u64());
    let few = fine(&town.get("/ogc/collections/hexes/items?filter=households%3E100&limit=10000"));
    for feature in few["features"].as_array().unwrap() {
        assert!(feature["properties"]["households"].as_u64().unwrap() > 100);
    }
}

#[test]
fn tiles_and_styles_are_those_that_are_served_elsewhere() {
    let town = Town::of(2_000);
    let [z, x, y]: [String; 3] =
        super::asked::middle(12).split('/').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
    let plain = town.get(&format!("/tiles/hexes/{z}/{x}/{y}.mvt"));
    let tile = town.get(&format!("/ogc/collections/hexes/tiles/WebMercatorQuad/{z}/{y}/{x}"));
    assert!(!plain.body.is_empty() && plain.body == tile.body);
    let together = town.get(&format!("/ogc/tiles/WebMercatorQuad/{z}/{y}/{x}"));
    assert!(together.body.starts_with(&plain.body) && together.body.len() > plain.body.len());
    for (path, status) in [
        ("/ogc/tiles/WebMercatorQuad/0/0/1", 404),
        ("/ogc/tiles/WebMercatorQuad/31/0/0", 404),
        ("/ogc/tiles/WebMercatorQuad/-1/0/0", 400),
        ("/ogc/tiles/WorldCRS84Quad/0/0/0", 404),
        ("/ogc/collections/hexes_6/tiles", 404),
        ("/ogc/collections/households/tiles", 401),
        ("/ogc/styles/none", 404),
    ] {
        assert_eq!(town.get(path).status, status, "{path}");
    }
    let set = fine(&town.get("/ogc/tiles/WebMercatorQuad"));
    let layers: Vec<&str> =
        set["layers"].as_array().unwrap().iter().map(|layer| layer["id"].as_str().unwrap()).collect();
    assert!(layers.contains(&"hexes") && layers.contains(&"shelters"));
    let matrices = fine(&town.get("/ogc/tileMatrixSets/WebMercatorQuad"))["tileMatrices"].clone();
    // As 17-083r4, annex D.1, lists them.
    assert!((matrices[0]["scaleDenominator"].as_f64().unwrap() - 559_082_264.028_717_8).abs() < 1e-3);
    assert!((matrices[1]["cellSize"].as_f64().unwrap() - 78_271.516_964_020_48).abs() < 1e-6);
    fine(&town.get("/ogc/collections/shelters/tiles/WebMercatorQuad"));
    let styles = fine(&town.get("/ogc/styles"));
    assert_eq!(styles["default"], "fragility");
    assert_eq!(town.get("/ogc/styles/fragility").body, town.get("/styles/fragility.json").body);
    fine(&town.get("/ogc/styles/basemap/metadata"));
}

#[test]
fn zones_are_the_cells_of_the_figures_and_sub_zones_add_up() {
    let town = Town::of(2_000);
    let zones = |query: &str| -> Vec<String> {
        let list = fine(&town.get(&format!("/ogc/dggs/H3/zones?{query}")));
        list["zones"].as_array().unwrap().iter().map(|zone| zone.as_str().unwrap().to_owned()).collect()
    };
    let nine = zones("zone-level=9&compact-zones=false");
    assert!(nine.len() > 5 && nine.is_sorted());
    let binary = town.get("/ogc/dggs/H3/zones?zone-level=9&compact-zones=false&f=binary");
    assert_eq!(binary.header("content-type"), "application/x-binary");
    let words: Vec<u64> = binary.body.chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect();
    assert_eq!(words[0] as usize, nine.len());
    assert_eq!(words[1..].iter().map(|word| format!("{word:x}")).collect::<Vec<_>>(), nine);
    // Page by page.
    let (mut seen, mut path) = (Vec::new(), "/ogc/dggs/H3/zones?zone-level=9&compact-zones=false&limit=4".to_owned());
    loop {
        let page = fine(&town.get(&path));
        seen.extend(page["zones"].as_array().unwrap().iter().map(|zone| zone.as_str().unwrap().to_owned()));
        let Some(next) = page["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next") else { break };
        path = next["href"].as_str().unwrap().strip_prefix("https://mappa.example.it").unwrap().to_owned();
    }
    assert_eq!(seen, nine);
    // What a role sees exactly adds up from level to level.
    let parent = zones("zone-level=7&compact-zones=false")[0].clone();
    let inside = zones(&format!("zone-level=9&compact-zones=false&parent-zone={parent}"));
    assert!(!inside.is_empty() && inside.iter().all(|zone| nine.contains(zone)));
    let data = fine(&town.get_as(Role::Viewer, &format!("/ogc/dggs/H3/zones/{parent}/data?zone-depth=0-2")));
    let sums: Vec<f64> = (0..3)
        .map(|depth| {
            let list = &data["values"]["households"][depth];
            assert_eq!(list["shape"]["count"], 7_u64.pow(depth as u32));
            list["data"].as_array().unwrap().iter().filter_map(Json::as_f64).sum()
        })
        .collect();
    assert!(sums[0] > 0.0 && sums.iter().all(|sum| (sum - sums[0]).abs() < 1e-9), "{sums:?}");
    // The public is told which figures are of several zones, and none is of fewer than ten households.
    let public = fine(&town.get(&format!("/ogc/dggs/H3/zones/{parent}/data?zone-depth=3")));
    let of = |name: &str| public["values"][name][0]["data"].as_array().unwrap().clone();
    assert!(of("households").iter().filter_map(Json::as_u64).all(|households| households >= 10));
    assert!(of("merged").iter().any(|merged| merged.as_f64() > Some(1.0)));
    let features = fine(&town.get(&format!("/ogc/dggs/H3/zones/{parent}/data?zone-depth=2&f=geojson")));
    assert!(!features["features"].as_array().unwrap().is_empty());
    let one = fine(&town.get(&format!("/ogc/dggs/H3/zones/{}", nine[0])));
    assert_eq!(one["level"], 9);
    assert!(one["merged"].as_u64() >= Some(1));
    assert!(zones("zone-level=9&bbox=16.3,38.96,16.302,38.962").len() < nine.len());
    assert_eq!(zones("zone-level=9&bbox=10,38,10.1,38.1"), Vec::<String>::new());
    assert_eq!(zones("zone-level=9&compact-zones=false&subset=Lon(16:17),Lat(38:39.5)"), nine);
    assert_eq!(zones("zone-level=9&datetime=2020-01-01/.."), zones("zone-level=9"));
    assert_eq!(zones("zone-level=9&datetime=../2020-01-01"), Vec::<String>::new());
    assert!(zones("zone-level=9&filter=households%3E100").len() < nine.len());
    for (path, status) in [
        ("/zones?zone-level=11", 400),
        ("/zones?parent-zone=zz", 400),
        ("/zones?compact-zones=1", 400),
        ("/zones?zone-level=5&filter=households%3E1", 400),
        ("/zones?bbox=1,2,3,4&subset=Lat(1)", 400),
        ("/zones/zz", 404),
        ("/zones/8a1e8e0000cffff", 200),
        ("/zones/8a1e8e0000cffff/data", 204),
        ("/zones/8a1e8e0000cffff/data?zone-depth=1", 400),
        ("/zones/8a1e8e0000cffff/data?zone-depth=x", 400),
    ] {
        assert_eq!(town.get(&format!("/ogc/dggs/H3{path}")).status, status, "{path}");
    }
}
