//! `/ogc/styles/…`: the styles of `/styles` as the OGC API names them.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{At, Document, asked, asked_as, root, send};
use crate::{
    http::{Server, actor::Who, error::Problem, styles as files},
    publish::ogc::{
        link::JSON,
        styles::{self, MAPBOX},
    },
};

/// The styles with their titles, the usual one first.
const TITLES: [(&str, &str); 2] = [("fragility", "Fragilità"), ("basemap", "Sfondo")];

/// `GET /ogc/styles`.
pub async fn list(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    send(&headers, Document::new(JSON, styles::list(&root(&server, &headers), &TITLES))).await
}

/// `GET /ogc/styles/{id}`.
pub async fn style(
    State(server): State<Server>,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked_as(query.as_deref(), &[], &["mapbox", "json"])?;
    let body = files::filled(&server, &headers, &id)?;
    send(&headers, Document::new(MAPBOX, body.into_bytes())).await
}

/// `GET /ogc/styles/{id}/metadata`.
pub async fn metadata(
    State(server): State<Server>,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    files::filled(&server, &headers, &id)?;
    let title = TITLES.iter().find(|(name, _)| *name == id).map_or("", |(_, title)| title);
    send(&headers, Document::new(JSON, styles::metadata(&root(&server, &headers), &id, title))).await
}
