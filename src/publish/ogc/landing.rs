//! The landing page and what the server conforms to.

use serde_json::json;

use super::{
    dggs::LIST_REL,
    link::{FUNCTIONS, JSON, Link, OPENAPI, STYLES, TILESETS, TILING_SCHEMES},
};
use crate::{publish::json as written, query::filter};

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
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/core-roles-features",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/returnables-and-receivables",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/dataset-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
    "http://www.opengis.net/spec/ogcapi-styles-1/0.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-styles-1/0.0/conf/mapbox-styles",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/core",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/root-dggs",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/zone-query",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/zone-query-cql2-filter",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/data-retrieval",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/data-custom-depths",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/data-json",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/data-geojson",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/zone-json",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/zone-geojson",
    "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/zone-uint64",
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
        Link::new(FUNCTIONS, JSON, at("/functions")).titled("What a filter may call"),
        Link::new(TILESETS, JSON, at("/tiles")).titled("All layers as vector tiles"),
        Link::new(TILING_SCHEMES, JSON, at("/tileMatrixSets")).titled("How tiles lie"),
        Link::new(STYLES, JSON, at("/styles")).titled("Styles"),
        Link::new(LIST_REL, JSON, at("/dggs")).titled("Hexagons as zones of H3"),
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

/// The functions that a filter may call.
pub fn functions(base: &str) -> Vec<u8> {
    let returns = |name: &str| if matches!(name, "casei" | "accenti") { "string" } else { "boolean" };
    let function =
        |name: &str| json!({"name": name, "returns": [if name == "age_at" { "integer" } else { returns(name) }]});
    let functions: Vec<_> = filter::FUNCTIONS.iter().map(|name| function(name)).collect();
    let links = [Link::new("self", JSON, format!("{base}/functions"))];
    written(&json!({"functions": functions, "links": links}))
}
