//! `POST /api/vrp`: VROOM's problem in, VROOM's solution out.

use std::time::Duration;

use axum::{
    body::{self, Body},
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use super::{Server, actor::Who, error::Problem, parameters::Parameters, questions};
use crate::app::vrp::{self, Patience};

/// How long a problem may take to arrive.
const PATIENCE: Duration = Duration::from_mins(1);

/// Seconds of search where none are asked for.
const SECONDS: f64 = 5.0;

/// `POST /api/vrp[?seconds=S|iterations=N][&seed=K][&scenario=ID]`. The search ends when the client leaves.
pub async fn solve(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["seconds", "iterations", "seed", "scenario"])?;
    if !questions::is_json(&headers) {
        return Err(Problem::NotJson);
    }
    let patience = match (asked.number::<f64>("seconds")?, asked.number("iterations")?) {
        (Some(_), Some(_)) => return Err(Problem::parameter("iterations", "seconds or iterations, not both")),
        (None, Some(iterations)) => Patience::Iterations(iterations),
        (seconds, None) => Patience::Seconds(seconds.unwrap_or(SECONDS)),
    };
    if let Patience::Seconds(seconds) = patience
        && !(0.0..=vrp::LONGEST.as_secs_f64()).contains(&seconds)
    {
        let reason = format!("from 0 to {}", vrp::LONGEST.as_secs());
        return Err(Problem::parameter("seconds", reason));
    }
    let seed = asked.number("seed")?.unwrap_or(1);
    let scenario = asked.text("scenario").map(str::parse);
    let scenario = scenario.transpose().map_err(|_| Problem::parameter("scenario", "not the id of a scenario"))?;
    vrp::may_ask(&actor)?;
    let reading = tokio::time::timeout(PATIENCE, body::to_bytes(body, vrp::MAX_BYTES));
    let bytes = reading.await.map_err(|_| Problem::TooSlow)?.map_err(|_| Problem::TooLarge)?;
    let answer = vrp::ask(server.app(), &actor, bytes.into(), patience, seed, scenario).await?;
    let mut response = Response::new(Body::from(answer));
    let sent = response.headers_mut();
    sent.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    sent.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
