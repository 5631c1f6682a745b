//! `/api/…` of the figures: the town, legends, the table and the cards of hexagons.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{
    Server,
    actor::Who,
    answer::{self, Keep, Parcel, Varies},
    error::Problem,
    parameters::{At, Parameters},
};
use crate::{
    app::{self, ask::Listing, tile::Answer},
    publish::listing::Direction,
};

/// `GET /api/town`.
pub async fn town(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Parameters::read(query.as_deref(), &[])?;
    send(&headers, app::ask::town(server.app(), &actor).await?).await
}

/// `GET /api/legend?property=K[&resolution=9]`.
pub async fn legend(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["property", "resolution"])?;
    let (property, resolution) = (asked.required("property")?, asked.number("resolution")?);
    send(&headers, app::ask::legend(server.app(), &actor, property, resolution).await?).await
}

/// `GET /api/hexes?resolution=9&sort=K&order=desc&limit=50&cursor=…`.
pub async fn listing(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["resolution", "sort", "order", "limit", "cursor"])?;
    let direction = match asked.text("order") {
        None => None,
        Some("asc") => Some(Direction::Ascending),
        Some("desc") => Some(Direction::Descending),
        Some(_) => return Err(Problem::parameter("order", "asc or desc")),
    };
    let listing = Listing {
        resolution: asked.number("resolution")?,
        sort: asked.text("sort").map(str::to_owned),
        direction,
        limit: asked.number("limit")?,
        cursor: asked.text("cursor").map(str::to_owned),
    };
    send(&headers, app::ask::listing(server.app(), &actor, &listing).await?).await
}

/// `GET /api/hexes/{id}[?resolution=9]`.
pub async fn card(
    State(server): State<Server>,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["resolution"])?;
    send(&headers, app::ask::card(server.app(), &actor, &id, asked.number("resolution")?).await?).await
}

async fn send(headers: &HeaderMap, answer: Answer) -> Result<Response, Problem> {
    let parcel = Parcel {
        body: answer.body,
        media_type: "application/json",
        policy: answer.policy,
        keep: Keep::Revalidated,
        varies: Varies::CodingAndActor,
    };
    answer::send(headers, parcel).await
}
