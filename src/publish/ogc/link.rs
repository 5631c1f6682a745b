//! Links: how one document leads to the next (RFC 8288), in bodies and in headers.

use serde::Serialize;

/// A link of a document.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// Absolute address.
    pub href: String,
    /// What it is to this document.
    pub rel: &'static str,
    /// Media type of what is there.
    pub r#type: &'static str,
    /// For people; empty where the relation says all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Whether `href` has parts to be filled in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    templated: bool,
}

/// JSON.
pub const JSON: &str = "application/json";
/// GeoJSON (RFC 7946).
pub const GEOJSON: &str = "application/geo+json";
/// A JSON schema.
pub const SCHEMA: &str = "application/schema+json";
/// An OpenAPI 3.0 document, by the name under which clients look for it.
pub const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";
/// A vector tile.
pub const MVT: &str = "application/vnd.mapbox-vector-tile";
/// A page for people.
pub const HTML: &str = "text/html";

/// The relation of queryables (Features Part 3).
pub const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
/// The relation of a schema (Features Part 5).
pub const SCHEMA_REL: &str = "http://www.opengis.net/def/rel/ogc/1.0/schema";

/// The relation of tilesets of vector tiles (Tiles Part 1).
pub const TILESETS: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";

/// The relation of tile matrix sets (Tiles Part 1).
pub const TILING_SCHEMES: &str = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes";
/// The relation of styles.
pub const STYLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/styles";
/// The relation of functions (Features Part 3).
pub const FUNCTIONS: &str = "http://www.opengis.net/def/rel/ogc/1.0/functions";

impl Link {
    /// A link.
    pub fn new(rel: &'static str, r#type: &'static str, href: impl Into<String>) -> Self {
        Self { href: href.into(), rel, r#type, title: String::new(), templated: false }
    }

    /// With a title.
    pub fn titled(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// With parts to be filled in.
    pub fn templated(self) -> Self {
        Self { templated: true, ..self }
    }

    /// As a value of the header `Link`.
    pub fn header(&self) -> String {
        format!("<{}>; rel=\"{}\"; type=\"{}\"", self.href, self.rel, self.r#type)
    }
}
