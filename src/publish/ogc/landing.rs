//! The landing page and what the server conforms to.

use serde_json::json;

use super::link::{JSON, Link, OPENAPI};
use crate::publish::json as written;

/// Conformance classes that hold.
pub const CONFORMS_TO: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/core-roles-features",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/returnables-and-receivables",
];

/// The landing page of a town; `base` is the address of the APIs without a final slash.
pub fn page(base: &str, town: &str) -> Vec<u8> {
    let at = |path: &str| format!("{base}{path}");
    let links = [
        Link::new("self", JSON, at("")).titled("This document"),
        Link::new("service-desc", OPENAPI, at("/api")).titled("The API, by OpenAPI 3.0"),
        Link::new("service-doc", OPENAPI, at("/api")).titled("The API, by OpenAPI 3.0"),
        Link::new("conformance", JSON, at("/conformance")).titled("What this server conforms to"),
        Link::new("data", JSON, at("/collections")).titled("The collections"),
    ];
    written(&json!({
        "title": format!("Atlante, {town}"),
        "description": "Esagoni, strati di riferimento e, a chi ne ha diritto, famiglie. \
                        Hexagons, reference layers and, for those who may, households.",
        "links": links,
    }))
}

/// The conformance classes.
pub fn conformance(base: &str) -> Vec<u8> {
    let links = [Link::new("self", JSON, format!("{base}/conformance"))];
    written(&json!({"conformsTo": CONFORMS_TO, "links": links}))
}
