//! `/api/fields`, `/api/count`, `/api/ask`: questions to a collection.

use std::time::Duration;

use axum::{
    body::{self, Body},
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use super::{
    Server,
    actor::Who,
    answer::{self, Keep, Parcel, Varies},
    error::Problem,
    parameters::Parameters,
};
use crate::app::{
    question::{self, Count},
    tile::Answer,
};

/// How long a question may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

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
    if !is_json(&headers) {
        return Err(Problem::NotJson);
    }
    let reading = tokio::time::timeout(PATIENCE, body::to_bytes(body, question::MAX_BYTES));
    let bytes = reading.await.map_err(|_| Problem::TooSlow)?.map_err(|_| Problem::TooLarge)?;
    let answer = question::ask(server.app(), &actor, bytes.into()).await?;
    let mut response = send(&headers, answer).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Whether a body is said to be JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|media| {
        let media = media.trim();
        media.eq_ignore_ascii_case("application/json") || media.eq_ignore_ascii_case("application/geo+json")
    })
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
