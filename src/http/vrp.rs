//! `POST /api/vrp`: VROOM's problem in, VROOM's solution out.

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    Server,
    actor::Who,
    body::{json, read_json},
    error::Problem,
    parameters::Parameters,
};
use crate::app::vrp::{self, Drawing, Manner, Patience};

/// Seconds of search where none are asked for.
const SECONDS: f64 = 5.0;

/// `POST /api/vrp[?seconds=S|iterations=N][&seed=K][&scenario=ID][&geometry=true]`. The search ends when the client leaves.
pub async fn solve(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["seconds", "iterations", "seed", "scenario", "geometry"])?;
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
    let drawing = match asked.text("geometry") {
        None | Some("false") => Drawing::AsAsked,
        Some("true") => Drawing::Lines,
        Some(_) => return Err(Problem::parameter("geometry", "true or false")),
    };
    let scenario = asked.text("scenario").map(str::parse);
    let scenario = scenario.transpose().map_err(|_| Problem::parameter("scenario", "not the id of a scenario"))?;
    vrp::may_ask(&actor)?;
    let text = read_json(&headers, body, vrp::MAX_BYTES).await?;
    let answer = vrp::ask(server.app(), &actor, text, Manner { patience, seed, drawing }, scenario).await?;
    Ok(json(StatusCode::OK, answer))
}
