//! `/styles/{name}.json`: MapLibre styles with the server's address filled in, without what the town lacks.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{
    Server,
    answer::{self, Keep, Parcel, Varies},
    base,
    error::Problem,
    parameters::{At, Parameters},
};
use crate::{
    access::hexes::Policy,
    app::{Error, cache::Body},
    publish::style,
};

/// The files of `styles/`.
const STYLES: [(&str, &str); 3] = [
    ("fragility", include_str!("../../styles/fragility.json")),
    ("basemap", include_str!("../../styles/basemap.json")),
    ("households", include_str!("../../styles/households.json")),
];

/// `GET /styles/{name}.json`.
pub async fn style(
    State(server): State<Server>,
    At(file): At<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Parameters::read(query.as_deref(), &[])?;
    let name = file.strip_suffix(".json").ok_or(Problem::NoSuchPath)?;
    let body = filled(&server, &headers, name)?;
    let parcel = Parcel {
        body: Arc::new(Body::new(body.into_bytes())),
        media_type: "application/json",
        policy: Policy::Public,
        keep: Keep::Revalidated,
        varies: Varies::Coding,
    };
    answer::send(&headers, parcel).await
}

/// The style of that name with this server's address in it. Errors: `Missing`.
pub fn filled(server: &Server, headers: &HeaderMap, name: &str) -> Result<String, Problem> {
    let (_, template) = STYLES
        .into_iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| Error::Missing("there is no such style: fragility, basemap, households".to_owned()))?;
    let world = server.app().world()?;
    let has = |layer: &str| {
        matches!(layer, "hexes" | "households") || world.charts().iter().any(|chart| chart.layer().name() == layer)
    };
    Ok(style::fill(template, &base::of(server, headers), has).map_err(Error::internal)?)
}
