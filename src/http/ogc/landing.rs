//! `/ogc`, `/ogc/api`, `/ogc/conformance`: where a client begins.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{Document, asked, root, send};
use crate::{
    access::Actor,
    app::{collections, items},
    http::{Server, actor::Who, error::Problem},
    publish::ogc::{
        dggs, landing,
        link::{JSON, OPENAPI},
        openapi,
    },
};

/// `GET /ogc`.
pub async fn page(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let world = server.app().world()?;
    let body = landing::page(&root(&server, &headers), &world.snapshot().about().name);
    send(&headers, Document::new(JSON, body)).await
}

/// `GET /ogc/conformance`.
pub async fn conformance(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    send(&headers, Document::new(JSON, landing::conformance(&root(&server, &headers)))).await
}

/// `GET /ogc/api`: with the collections that the actor sees.
pub async fn api(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let world = server.app().world()?;
    let names: Vec<String> = collections::all(&world, &actor).iter().map(|offer| offer.name().to_owned()).collect();
    // A zone that stands for itself, as everybody sees it.
    let zone = world.sight(&Actor::anonymous())?.chart.hexes().level(dggs::FINEST).first().map(|hex| hex.members[0]);
    let about = openapi::About {
        zone: zone.map(|cell| cell.to_string()),
        base: &root(&server, &headers),
        town: &world.snapshot().about().name,
        collections: &names.iter().map(String::as_str).collect::<Vec<_>>(),
        limits: [items::USUAL_LIMIT, items::MAX_LIMIT],
    };
    send(&headers, Document::new(OPENAPI, openapi::write(&about))).await
}

/// `GET /ogc/functions`: what a filter may call (Features Part 3).
pub async fn functions(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    send(&headers, Document::new(JSON, landing::functions(&root(&server, &headers)))).await
}
