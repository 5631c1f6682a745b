//! Styles (20-009): which there are, and what each is.

use serde_json::{Value as Json, json};

use super::link::{JSON, Link};
use crate::publish::json as written;

/// The media type of a style of MapLibre.
pub const MAPBOX: &str = "application/vnd.mapbox.style+json";

/// The styles by name, the usual one first.
pub fn list(base: &str, names: &[(&str, &str)]) -> Vec<u8> {
    let style = |(name, title): &(&str, &str)| {
        json!({
            "id": name,
            "title": title,
            "links": [
                Link::new("stylesheet", MAPBOX, format!("{base}/styles/{name}")),
                Link::new("describedby", JSON, format!("{base}/styles/{name}/metadata")),
            ],
        })
    };
    let styles: Vec<Json> = names.iter().map(style).collect();
    let usual = names.first().map(|(name, _)| name);
    let links = [Link::new("self", JSON, format!("{base}/styles"))];
    written(&json!({"default": usual, "styles": styles, "links": links}))
}

/// What a style is.
pub fn metadata(base: &str, name: &str, title: &str) -> Vec<u8> {
    let at = format!("{base}/styles/{name}");
    let sheet = json!({
        "title": "MapLibre",
        "version": "8",
        "specification": "https://maplibre.org/maplibre-style-spec/",
        "native": true,
        "link": Link::new("stylesheet", MAPBOX, at.clone()),
    });
    let links = [Link::new("self", JSON, format!("{at}/metadata"))];
    written(&json!({"id": name, "title": title, "scope": "style", "stylesheets": [sheet], "links": links}))
}
