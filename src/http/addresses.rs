//! `/api/addresses`: the official register, searched while typing.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use serde::Serialize;

use super::{
    Server,
    actor::Who,
    answer::{self, Keep, Parcel, Varies},
    error::Problem,
    parameters::Parameters,
};
use crate::{
    access::hexes::Policy,
    app::{Error, address, cache::Body},
    domain::geo::LonLat,
};

/// Answers to a question that does not say how many.
const USUAL: usize = 8;

#[derive(Serialize)]
struct Document<'a> {
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    label: &'a str,
    street: &'a str,
    number: Option<&'a str>,
    level: &'static str,
    score: f32,
    lon: Option<f64>,
    lat: Option<f64>,
    access_id: Option<u64>,
}

/// `GET /api/addresses?q=…[&limit=8]`. What people type is nobody's business: nothing on the way may keep it.
pub async fn search(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["q", "limit"])?;
    let limit = asked.number("limit")?.unwrap_or(USUAL);
    let found = address::suggest(server.app(), asked.required("q")?.to_owned(), limit).await?;
    let items = found.iter().map(|one| Item {
        label: &one.label,
        street: &one.street,
        number: one.number.as_deref(),
        level: one.level.name(),
        score: one.score,
        lon: one.point.map(LonLat::lon),
        lat: one.point.map(LonLat::lat),
        access_id: one.access.map(|access| access.0),
    });
    let body = serde_json::to_vec(&Document { items: items.collect() }).map_err(Error::internal)?;
    let parcel = Parcel {
        body: Arc::new(Body::new(body)),
        media_type: "application/json",
        policy: Policy::Public,
        keep: Keep::Revalidated,
        varies: Varies::Coding,
    };
    let mut response = answer::send(&headers, parcel).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
