//! DGGS (21-038r1): the one reference system, H3, and its zones.

use h3o::{CellIndex, LatLng, Resolution};
use serde_json::{Value as Json, json};

use super::link::{GEOJSON, JSON, Link, QUERYABLES, SCHEMA};
use crate::publish::json as written;

/// The name of the reference system.
pub const H3: &str = "H3";

/// The finest level of which there are figures.
pub const FINEST: Resolution = Resolution::Ten;

/// Levels below a zone that one answer may reach at most.
pub const MAX_DEPTH: u8 = 5;

const DEFINITION: &str = include_str!("dggrs-h3.json");

macro_rules! rel {
    ($name:literal) => {
        concat!("https://www.opengis.net/def/rel/ogc/1.0/", $name)
    };
}

/// The relation of the list of reference systems.
pub const LIST_REL: &str = rel!("dggrs-list");

/// The list of reference systems.
pub fn list(base: &str) -> Vec<u8> {
    let at = format!("{base}/dggs");
    let system = json!({"id": H3, "title": "H3", "links": system_links(base)});
    let links = [Link::new("self", JSON, at), Link::new(rel!("dataset"), JSON, base)];
    written(&json!({"links": links, "dggrs": [system]}))
}

fn system_links(base: &str) -> [Link; 2] {
    let at = format!("{base}/dggs/{H3}");
    [
        Link::new("self", JSON, at.clone()),
        Link::new(rel!("dggrs-definition"), JSON, format!("{at}/definition")).titled("What H3 is"),
    ]
}

/// The reference system.
pub fn system(base: &str) -> Vec<u8> {
    let at = format!("{base}/dggs/{H3}");
    let mut links = system_links(base).to_vec();
    links.push(
        Link::new(rel!("dggrs-zone-query"), JSON, format!("{at}/zones")).titled("Zones of which there are figures"),
    );
    links.push(Link::new(QUERYABLES, SCHEMA, format!("{base}/collections/hexes/queryables")));
    links.push(Link::new(rel!("dataset"), JSON, base));
    let template =
        |rel: &str, path: &str| json!({"rel": rel, "type": JSON, "uriTemplate": format!("{at}/zones/{path}")});
    written(&json!({
        "id": H3,
        "title": "H3",
        "description": "Hexagons of aperture 7. Figures are published at levels 6 to 10; sub-zones are those of the index, \
                        which are not nested in space: see the definition.",
        "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "maxRefinementLevel": u8::from(FINEST),
        "maxRelativeDepth": MAX_DEPTH,
        "defaultDepth": 0,
        "links": links,
        "linkTemplates": [
            template(rel!("dggrs-zone-info"), "{zoneId}"),
            template(rel!("dggrs-zone-data"), "{zoneId}/data"),
        ],
    }))
}

/// The definition of the reference system.
pub fn definition() -> Vec<u8> {
    let definition: Json = serde_json::from_str(DEFINITION).expect("our own document, read by a test");
    written(&definition)
}

/// How the zone's figures lie: none, or with how many others they are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Which zone's figures they are.
    pub figures_of: CellIndex,
    /// How many zones they speak of.
    pub merged: u32,
}

/// A zone, as JSON or as a feature of GeoJSON.
pub fn zone(base: &str, cell: CellIndex, joined: Option<Joined>, as_feature: Feature) -> Vec<u8> {
    let at = format!("{base}/dggs/{H3}/zones");
    let zone =
        |rel: &'static str, cell: CellIndex| Link::new(rel, JSON, format!("{at}/{cell}")).titled(cell.to_string());
    let own = match as_feature {
        Feature::Yes => Link::new("self", GEOJSON, format!("{at}/{cell}?f=geojson")),
        Feature::No => Link::new("self", JSON, format!("{at}/{cell}")),
    };
    let mut links = vec![own, Link::new(rel!("dggrs"), JSON, format!("{base}/dggs/{H3}"))];
    let level = u8::from(cell.resolution());
    let near = |level: u8| Resolution::try_from(level).ok();
    let parent = level.checked_sub(1).and_then(near).and_then(|coarser| cell.parent(coarser));
    links.extend(parent.map(|parent| zone(rel!("dggrs-zone-parent"), parent)));
    if let Some(finer) = near(level + 1) {
        links.extend(cell.children(finer).map(|child| zone(rel!("dggrs-zone-child"), child)));
    }
    let around: Vec<CellIndex> = cell.grid_disk(1);
    links.extend(around.into_iter().filter(|near| *near != cell).map(|near| zone(rel!("dggrs-zone-neighbor"), near)));
    if joined.is_some() {
        links.push(Link::new(rel!("dggrs-zone-data"), JSON, format!("{at}/{cell}/data")));
    }
    let centre = LatLng::from(cell);
    let mut members = json!({
        "level": level,
        "shapeType": if cell.is_pentagon() { "pentagon" } else { "hexagon" },
        "areaMetersSquare": cell.area_m2(),
        "centroid": [centre.lng(), centre.lat()],
    });
    if let Some(joined) = joined {
        members["figuresOf"] = json!(joined.figures_of.to_string());
        members["merged"] = json!(joined.merged);
    }
    let id = cell.to_string();
    let mut document = match as_feature {
        Feature::Yes => {
            members["zoneID"] = json!(id);
            json!({"type": "Feature", "properties": members})
        }
        Feature::No => members,
    };
    document["id"] = json!(id);
    document["geometry"] = outline(cell);
    document["links"] = json!(links);
    written(&document)
}

/// Whether a zone is written as a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// GeoJSON.
    Yes,
    /// Plain JSON.
    No,
}

/// The outline of a cell, degrees, longitude first, counter-clockwise. A cell over the antimeridian goes on past 180.
pub(super) fn outline(cell: CellIndex) -> Json {
    let mut ring: Vec<[f64; 2]> = cell.boundary().iter().map(|corner| [corner.lng(), corner.lat()]).collect();
    if ring.iter().any(|corner| corner[0] > 90.0) && ring.iter().any(|corner| corner[0] < -90.0) {
        ring.iter_mut().filter(|corner| corner[0] < 0.0).for_each(|corner| corner[0] += 360.0);
    }
    ring.extend(ring.first().copied());
    json!({"type": "Polygon", "coordinates": [ring]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_what_the_system_links_to() {
        let definition: Json = serde_json::from_slice(&definition()).unwrap();
        for member in ["dggh", "zirs", "subZoneOrder"] {
            assert!(definition[member].is_object(), "{member}");
        }
        let system: Json = serde_json::from_slice(&system("http://a/ogc")).unwrap();
        assert!(
            system["links"].as_array().unwrap().iter().any(|link| link["href"] == "http://a/ogc/dggs/H3/definition")
        );
    }

    #[test]
    fn a_zone_knows_its_kin() {
        let cell: CellIndex = "8a1e8e0000cffff".parse().unwrap();
        let zone: Json = serde_json::from_slice(&zone("b", cell, None, Feature::No)).unwrap();
        let of = |rel: &str| zone["links"].as_array().unwrap().iter().filter(|link| link["rel"] == rel).count();
        assert_eq!(
            (of(rel!("dggrs-zone-parent")), of(rel!("dggrs-zone-child")), of(rel!("dggrs-zone-neighbor"))),
            (1, 7, 6)
        );
        assert_eq!(of(rel!("dggrs-zone-data")), 0, "there are no figures");
    }
}
