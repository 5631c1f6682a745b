//! Tiles Part 1 (20-057) and the one tile matrix set (17-083r4): what tilesets there are and what is in them.

use serde_json::{Map, Value as Json, json};

use super::link::{JSON, Link, MVT};
use crate::{
    domain::geo::BBox,
    publish::{
        json as written,
        tile::{Kind, MAX_ZOOM, Zooms},
    },
    snapshot::layer::{Field, FieldKind},
};

/// The name of the tile matrix set.
pub const WEB_MERCATOR_QUAD: &str = "WebMercatorQuad";

const URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const CRS: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
/// Half the side of the Web Mercator square in metres.
const HALF_M: f64 = 20_037_508.342_789_244;
/// Metres of a pixel in the definition of a scale.
const PIXEL_M: f64 = 0.000_28;

/// A layer that has tiles.
pub struct Tiled {
    /// Its name: the name of the layer in its tiles as well.
    pub name: Box<str>,
    /// Title for people.
    pub title: Box<str>,
    /// Where it is.
    pub bounds: BBox,
    /// Where it is drawn.
    pub zooms: Zooms,
    /// Its shapes.
    pub kind: Kind,
    /// Its attributes.
    pub fields: Vec<Field>,
}

/// The list of the tilesets at an address: one.
pub fn tilesets(base: &str, at: &str, title: &str) -> Vec<u8> {
    let links = [Link::new("self", JSON, at)];
    let tileset = json!({
        "title": title,
        "dataType": "vector",
        "crs": CRS,
        "tileMatrixSetURI": URI,
        "links": [
            Link::new("self", JSON, format!("{at}/{WEB_MERCATOR_QUAD}")),
            scheme(base),
            item(&format!("{at}/{WEB_MERCATOR_QUAD}")),
        ],
    });
    written(&json!({"links": links, "tilesets": [tileset]}))
}

/// A tileset of some layers; `at` is its own address.
pub fn tileset(base: &str, at: &str, title: &str, layers: &[Tiled]) -> Vec<u8> {
    let bounds = layers.iter().map(|layer| layer.bounds).reduce(BBox::join);
    let mut document = json!({
        "title": title,
        "dataType": "vector",
        "crs": CRS,
        "tileMatrixSetId": WEB_MERCATOR_QUAD,
        "tileMatrixSetURI": URI,
        "mediaTypes": [MVT],
        "layers": layers.iter().map(layer).collect::<Vec<_>>(),
        "links": [Link::new("self", JSON, at), scheme(base), item(at)],
    });
    if let Some(bounds) = bounds {
        document["boundingBox"] = bounding_box(bounds);
    }
    written(&document)
}

fn scheme(base: &str) -> Link {
    let rel = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme";
    Link::new(rel, JSON, format!("{base}/tileMatrixSets/{WEB_MERCATOR_QUAD}"))
}

fn item(at: &str) -> Link {
    Link::new("item", MVT, format!("{at}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}")).templated()
}

fn bounding_box(bounds: BBox) -> Json {
    json!({
        "lowerLeft": [bounds.west, bounds.south],
        "upperRight": [bounds.east, bounds.north],
        "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    })
}

fn layer(layer: &Tiled) -> Json {
    let dimension = match layer.kind {
        Kind::Point => 0,
        Kind::Line => 1,
        Kind::Polygon => 2,
    };
    let property = |field: &Field| {
        let kind = match field.kind {
            FieldKind::Flag => "boolean",
            FieldKind::Whole => "integer",
            FieldKind::Number => "number",
            FieldKind::Text | FieldKind::Date | FieldKind::Instant | FieldKind::List => "string",
        };
        (field.name.to_string(), json!({"type": kind}))
    };
    let properties: Map<String, Json> = layer.fields.iter().map(property).collect();
    json!({
        "id": layer.name,
        "title": layer.title,
        "dataType": "vector",
        "geometryDimension": dimension,
        "minTileMatrix": layer.zooms.from.to_string(),
        "maxTileMatrix": layer.zooms.to.to_string(),
        "boundingBox": bounding_box(layer.bounds),
        "propertiesSchema": {"type": "object", "properties": properties},
    })
}

/// The tile matrix sets: one.
pub fn tile_matrix_sets(base: &str) -> Vec<u8> {
    let at = format!("{base}/tileMatrixSets");
    let set = json!({
        "id": WEB_MERCATOR_QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": CRS,
        "links": [Link::new("self", JSON, format!("{at}/{WEB_MERCATOR_QUAD}"))],
    });
    written(&json!({"links": [Link::new("self", JSON, at)], "tileMatrixSets": [set]}))
}

/// The tile matrix set.
pub fn tile_matrix_set(base: &str) -> Vec<u8> {
    let matrix = |zoom: u8| {
        let side = 1_u64 << zoom;
        let cell_m = 2.0 * HALF_M / 256.0 / side as f64;
        json!({
            "id": zoom.to_string(),
            "scaleDenominator": cell_m / PIXEL_M,
            "cellSize": cell_m,
            "cornerOfOrigin": "topLeft",
            "pointOfOrigin": [-HALF_M, HALF_M],
            "tileWidth": 256,
            "tileHeight": 256,
            "matrixWidth": side,
            "matrixHeight": side,
        })
    };
    written(&json!({
        "id": WEB_MERCATOR_QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": (0..=MAX_ZOOM).map(matrix).collect::<Vec<_>>(),
        "links": [Link::new("self", JSON, format!("{base}/tileMatrixSets/{WEB_MERCATOR_QUAD}"))],
    }))
}
