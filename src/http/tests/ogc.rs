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
