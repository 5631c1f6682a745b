//! `/ogc/…`: the OGC APIs. One file a family; what they share is here.

mod dggs;
mod features;
mod landing;
mod parts;
mod styles;
mod tiles;

use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
    routing::get,
};
use std::sync::Arc;

use super::{
    Server,
    answer::{self, Keep, Parcel, Varies},
    base,
    error::Problem,
    parameters::{At, Parameters},
    router::only,
};
use crate::{access::hexes::Policy, app::Error, app::cache::Body, publish::ogc::Link};

/// Every route of the OGC APIs, as metrics and the log name them.
pub const TEMPLATES: [&str; 28] = [
    "/ogc",
    "/ogc/",
    "/ogc/api",
    "/ogc/conformance",
    "/ogc/collections",
    "/ogc/collections/{id}",
    "/ogc/collections/{id}/queryables",
    "/ogc/collections/{id}/schema",
    "/ogc/collections/{id}/items",
    "/ogc/collections/{id}/items/{fid}",
    "/ogc/functions",
    "/ogc/collections/{id}/tiles",
    "/ogc/collections/{id}/tiles/{set}",
    "/ogc/collections/{id}/tiles/{set}/{matrix}/{row}/{column}",
    "/ogc/tiles",
    "/ogc/tiles/{set}",
    "/ogc/tiles/{set}/{matrix}/{row}/{column}",
    "/ogc/tileMatrixSets",
    "/ogc/tileMatrixSets/{set}",
    "/ogc/styles",
    "/ogc/styles/{style}",
    "/ogc/styles/{style}/metadata",
    "/ogc/dggs",
    "/ogc/dggs/{system}",
    "/ogc/dggs/{system}/definition",
    "/ogc/dggs/{system}/zones",
    "/ogc/dggs/{system}/zones/{zone}",
    "/ogc/dggs/{system}/zones/{zone}/data",
];

/// The routes of the OGC APIs.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/ogc", only(get(landing::page)))
        .route("/ogc/", only(get(landing::page)))
        .route("/ogc/api", only(get(landing::api)))
        .route("/ogc/conformance", only(get(landing::conformance)))
        .route("/ogc/collections", only(get(features::collections)))
        .route("/ogc/collections/{id}", only(get(features::collection)))
        .route("/ogc/collections/{id}/queryables", only(get(features::queryables)))
        .route("/ogc/collections/{id}/schema", only(get(features::schema)))
        .route("/ogc/collections/{id}/items", only(get(features::items)))
        .route("/ogc/collections/{id}/items/{fid}", only(get(features::item)))
        .route("/ogc/functions", only(get(landing::functions)))
        .route("/ogc/collections/{id}/tiles", only(get(tiles::collection)))
        .route("/ogc/collections/{id}/tiles/{set}", only(get(tiles::collection_set)))
        .route("/ogc/collections/{id}/tiles/{set}/{matrix}/{row}/{column}", only(get(tiles::collection_tile)))
        .route("/ogc/tiles", only(get(tiles::dataset)))
        .route("/ogc/tiles/{set}", only(get(tiles::dataset_set)))
        .route("/ogc/tiles/{set}/{matrix}/{row}/{column}", only(get(tiles::dataset_tile)))
        .route("/ogc/tileMatrixSets", only(get(tiles::tile_matrix_sets)))
        .route("/ogc/tileMatrixSets/{set}", only(get(tiles::tile_matrix_set)))
        .route("/ogc/styles", only(get(styles::list)))
        .route("/ogc/styles/{style}", only(get(styles::style)))
        .route("/ogc/styles/{style}/metadata", only(get(styles::metadata)))
        .route("/ogc/dggs", only(get(dggs::list)))
        .route("/ogc/dggs/{system}", only(get(dggs::system)))
        .route("/ogc/dggs/{system}/definition", only(get(dggs::definition)))
        .route("/ogc/dggs/{system}/zones", only(get(dggs::zones)))
        .route("/ogc/dggs/{system}/zones/{zone}", only(get(dggs::zone)))
        .route("/ogc/dggs/{system}/zones/{zone}/data", only(get(dggs::data)))
}

/// The address of the APIs without a final slash.
fn root(server: &Server, headers: &HeaderMap) -> String {
    format!("{}/ogc", base::of(server, headers))
}

/// A document on its way out.
struct Document {
    body: Body,
    media_type: &'static str,
    policy: Policy,
    links: Vec<Link>,
    extra: Vec<(&'static str, String)>,
}

impl Document {
    /// A document for everybody who may ask for it.
    fn new(media_type: &'static str, body: Vec<u8>) -> Self {
        let (links, extra) = (Vec::new(), Vec::new());
        Self { body: Body::new(body), media_type, policy: Policy::Public, links, extra }
    }

    /// For whom it may be kept.
    fn kept_for(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }
}

/// Sends a document. It depends on who asks: what one may not see is not in it.
async fn send(request: &HeaderMap, document: Document) -> Result<Response, Problem> {
    let parcel = Parcel {
        body: Arc::new(document.body),
        media_type: document.media_type,
        policy: document.policy,
        keep: Keep::Revalidated,
        varies: Varies::CodingActorAndFormat,
    };
    let mut response = answer::send(request, parcel).await?;
    dress(response.headers_mut(), &document.links, document.extra);
    Ok(response)
}

/// Links and other headers of an answer.
fn dress(headers: &mut HeaderMap, links: &[Link], extra: Vec<(&'static str, String)>) {
    for link in links {
        if let Ok(value) = HeaderValue::from_str(&link.header()) {
            headers.append(header::LINK, value);
        }
    }
    for (name, value) in extra {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

/// Reads a query of which `f` is always a part; `f=json` is what there is.
fn asked(query: Option<&str>, names: &[&str]) -> Result<Parameters, Problem> {
    asked_as(query, names, &["json"])
}

/// Reads a query of which `f` is always a part, one of some formats.
fn asked_as(query: Option<&str>, names: &[&str], formats: &[&str]) -> Result<Parameters, Problem> {
    let mut all = names.to_vec();
    all.push("f");
    let parameters = Parameters::read(query, &all)?;
    match parameters.text("f") {
        Some(format) if !formats.contains(&format) => Err(Problem::parameter("f", formats.join(", "))),
        _ => Ok(parameters),
    }
}

/// Runs what takes the processor long off the threads that wait on the network.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::internal(error).into())
}
