//! What a collection is: its extent, how many items, in which coordinate systems, and what leads on from it.

use serde_json::{Value as Json, json};

use super::{
    Reference,
    link::{JSON, Link, QUERYABLES, SCHEMA, SCHEMA_REL, TILESETS},
};
use crate::{
    access::{Disclosed, opened::Opened},
    publish::{features::Format, json as written},
    snapshot::schema::Titles,
};

/// A collection, and what it is for people.
pub struct Described<'a> {
    /// Its name in URLs.
    pub name: &'a str,
    /// Its name for people.
    pub titles: Titles,
    /// What it holds.
    pub description: Titles,
    /// Every row of it, as the actor may see them.
    pub whole: &'a Disclosed<Opened>,
    /// Whether it has tiles.
    pub tiles: Option<&'a str>,
    /// First and last moment that its items tell of, RFC 3339; none where they tell of no time.
    pub interval: Option<[String; 2]>,
}

/// The document of one collection; `base` is the address of the APIs without a final slash.
pub fn one(base: &str, described: &Described<'_>) -> Vec<u8> {
    written(&document(base, described))
}

/// The document of all collections.
pub fn all(base: &str, described: &[Described<'_>]) -> Vec<u8> {
    let links = [Link::new("self", JSON, format!("{base}/collections"))];
    let collections: Vec<Json> = described.iter().map(|one| document(base, one)).collect();
    let systems: Vec<String> = Reference::all().map(|reference| reference.to_string()).collect();
    written(&json!({"links": links, "collections": collections, "crs": systems}))
}

fn document(base: &str, described: &Described<'_>) -> Json {
    let whole = described.whole;
    let at = format!("{base}/collections/{}", described.name);
    let to = |path: &str| format!("{at}{path}");
    let mut links = vec![
        Link::new("self", JSON, to("")),
        Link::new(QUERYABLES, SCHEMA, to("/queryables")).titled("What can be filtered by"),
        Link::new(SCHEMA_REL, SCHEMA, to("/schema")).titled("What an item tells"),
    ];
    // GeoJSON is first: it is what clients take where they do not choose.
    links.extend(Format::ALL.map(|format| {
        let href = if format == Format::GeoJson { to("/items") } else { to(&format!("/items?f={}", format.key())) };
        Link::new("items", format.media_type(), href).titled(format!("Items as {}", format.title()))
    }));
    let files = base.strip_suffix("/ogc").unwrap_or(base);
    links.extend(Format::ALL.map(|format| {
        let href = format!("{files}/data/{}.{}", described.name, format.key());
        Link::new("enclosure", format.media_type(), href).titled(format!("Everything as {}", format.title()))
    }));
    if described.tiles.is_some() {
        links.push(Link::new(TILESETS, JSON, to("/tiles")).titled("As vector tiles"));
    }
    let mut document = json!({
        "id": described.name,
        "title": described.titles.it,
        "description": format!("{}. {}.", described.description.it, described.description.en),
        "itemType": "feature",
        "itemCount": whole.len(),
        "crs": Reference::all().map(|reference| reference.to_string()).collect::<Vec<_>>(),
        "storageCrs": Reference::Crs84.to_string(),
        "links": links,
    });
    let mut extent = serde_json::Map::new();
    if let Some(b) = whole.bounds() {
        let crs = Reference::Crs84.to_string();
        extent.insert("spatial".into(), json!({"bbox": [[b.west, b.south, b.east, b.north]], "crs": crs}));
    }
    if let Some(interval) = &described.interval {
        let trs = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian";
        extent.insert("temporal".into(), json!({"interval": [interval], "trs": trs}));
    }
    if !extent.is_empty() {
        document["extent"] = extent.into();
    }
    document
}
