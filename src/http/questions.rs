//! `/api/fields`, `/api/count`, `/api/ask`: questions to a collection.

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use super::{
    Server,
    actor::Who,
    answer::{self, Keep, Parcel, Varies},
    body::read_json,
    error::Problem,
    parameters::Parameters,
};
use crate::app::{
    question::{self, Count},
    tile::Answer,
};

/// `GET /api/fields?collection=households`: by what the actor may ask.
pub async fn fields(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["collection"])?;
    let answer = question::fields(server.app(), &actor, asked.required("collection")?).await?;
    send(&headers, answer).await
}

/// `GET /api/count?collection=households[&filter=CQL2][&filter-lang=cql2-text][&area=JSON]`.
pub async fn count(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["collection", "filter", "filter-lang", "area"])?;
    let text = |name| asked.text(name).map(str::to_owned);
    let count = Count {
        collection: asked.required("collection")?.to_owned(),
        filter: text("filter"),
        filter_lang: text("filter-lang"),
        area: text("area"),
    };
    send(&headers, question::count(server.app(), &actor, &count).await?).await
}

/// `POST /api/ask`, a question in JSON. Nothing on the way may keep the answer.
pub async fn ask(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    Parameters::read(query.as_deref(), &[])?;
    let text = read_json(&headers, body, question::MAX_BYTES).await?;
    let answer = question::ask(server.app(), &actor, text).await?;
    let mut response = send(&headers, answer).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
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
