//! `/api/plans…`: plans ordered, looked at, changed, approved, followed. Nothing on the way may keep an answer.

use std::convert::Infallible;

use axum::{
    Router,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Response, sse::Event},
    routing::{get, post},
};
use futures_util::{Stream, stream};

use super::{
    Server,
    actor::{self, Planner, Who},
    body::{json, read_json, read_json_or_nothing},
    error::Problem,
    events::streamed,
    parameters::{At, Parameters},
    router::{only, these},
};
use crate::{
    app::plan::{self, Dragged, Listener},
    casework::{event::StreamId, plan::PlanId},
};

/// The routes of this file, as metrics and the log name them.
pub const TEMPLATES: [&str; 11] = [
    "/api/plans",
    "/api/plans/{id}",
    "/api/plans/{id}/moves",
    "/api/plans/{id}/locks",
    "/api/plans/{id}/replan",
    "/api/plans/{id}/compare",
    "/api/plans/{id}/approve",
    "/api/plans/{id}/next",
    "/api/plans/{id}/events",
    "/api/plans/people",
    "/api/plans/candidates",
];

const POSTED: &str = "POST, OPTIONS";

/// The routes of this file.
pub fn routes() -> Router<Server> {
    Router::new()
        .route(TEMPLATES[0], these("GET, HEAD, POST, OPTIONS", get(list).post(create)))
        .route(TEMPLATES[1], these("GET, HEAD, DELETE, OPTIONS", get(one).delete(cancel)))
        .route(TEMPLATES[2], these(POSTED, post(moves)))
        .route(TEMPLATES[3], these(POSTED, post(locks)))
        .route(TEMPLATES[4], these(POSTED, post(replan)))
        .route(TEMPLATES[5], only(get(compare)))
        .route(TEMPLATES[6], these(POSTED, post(approve)))
        .route(TEMPLATES[7], these(POSTED, post(next)))
        .route(TEMPLATES[8], only(get(events)))
        .route(TEMPLATES[9], these(POSTED, post(listed)))
        .route(TEMPLATES[10], only(get(candidates)))
}

/// `GET /api/plans`.
async fn list(State(server): State<Server>, Planner(actor): Planner) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, plan::list(server.app(), &actor).await?))
}

/// `POST /api/plans`: an order in JSON; 202 with the plan's id, which is worked out meanwhile.
async fn create(
    State(server): State<Server>,
    Planner(actor): Planner,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let id = plan::create(server.shared_app(), &actor, read_json(&headers, body, plan::MAX_BYTES).await?).await?;
    Ok(made(StatusCode::ACCEPTED, id))
}

/// `POST /api/plans/people` `{"households":[…]}`: how many of a list there are, and which not.
async fn listed(
    State(server): State<Server>,
    Planner(actor): Planner,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let body = read_json(&headers, body, plan::MAX_BYTES).await?;
    Ok(json(StatusCode::OK, plan::listed(server.app(), &actor, body).await?))
}

/// `GET /api/plans/candidates?layer=NAME`: what points may be chosen from, as `sites.fixed` counts it.
async fn candidates(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["layer"])?;
    plan::admit(server.app(), &actor).await?;
    let layer = asked.text("layer").ok_or_else(|| Problem::parameter("layer", "the name of a layer"))?;
    Ok(json(StatusCode::OK, plan::candidates(server.app(), &actor, layer)?))
}

/// `GET /api/plans/{id}`.
async fn one(State(server): State<Server>, At(at): At<String>, Planner(actor): Planner) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, plan::get(server.app(), &actor, named(&at)?).await?))
}

/// `DELETE /api/plans/{id}`: stops waiting for it.
async fn cancel(
    State(server): State<Server>,
    At(at): At<String>,
    Planner(actor): Planner,
) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, plan::cancel(server.app(), &actor, named(&at)?).await?))
}

/// `POST /api/plans/{id}/moves`: what a drag costs, or the drag itself; 409 with what it would break.
async fn moves(
    State(server): State<Server>,
    At(at): At<String>,
    Planner(actor): Planner,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let id = named(&at)?;
    Ok(match plan::drag(server.shared_app(), &actor, id, read_json(&headers, body, plan::MAX_BYTES).await?).await? {
        Dragged::Told(told) => json(StatusCode::OK, told),
        Dragged::Refused(told) => json(StatusCode::CONFLICT, told),
    })
}

/// `POST /api/plans/{id}/locks`.
async fn locks(
    State(server): State<Server>,
    At(at): At<String>,
    Planner(actor): Planner,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let id = named(&at)?;
    Ok(json(
        StatusCode::OK,
        plan::lock(server.app(), &actor, id, read_json(&headers, body, plan::MAX_BYTES).await?).await?,
    ))
}

/// `POST /api/plans/{id}/replan`; an empty body works it out as before.
async fn replan(
    State(server): State<Server>,
    At(at): At<String>,
    Planner(actor): Planner,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let id = named(&at)?;
    let body = read_json_or_nothing(&headers, body, plan::MAX_BYTES).await?;
    Ok(json(StatusCode::ACCEPTED, plan::replan(server.shared_app(), &actor, id, body).await?))
}

/// `GET /api/plans/{id}/compare[?scenario=ID]`.
async fn compare(
    State(server): State<Server>,
    At(at): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["scenario"])?;
    plan::admit(server.app(), &actor).await?;
    let id = named(&at)?;
    let scenario: Option<StreamId> = match asked.text("scenario") {
        None | Some("") => None,
        Some(text) => Some(text.parse().map_err(|_| Problem::parameter("scenario", "not the id of a scenario"))?),
    };
    Ok(json(StatusCode::OK, plan::compare(server.shared_app(), &actor, id, scenario).await?))
}

/// `POST /api/plans/{id}/approve`.
async fn approve(
    State(server): State<Server>,
    At(at): At<String>,
    Planner(actor): Planner,
) -> Result<Response, Problem> {
    Ok(json(StatusCode::OK, plan::approve(server.app(), &actor, named(&at)?).await?))
}

/// `POST /api/plans/{id}/next`: a new plan of the failed and unserved.
async fn next(State(server): State<Server>, At(at): At<String>, Planner(actor): Planner) -> Result<Response, Problem> {
    Ok(made(StatusCode::CREATED, plan::next(server.shared_app(), &actor, named(&at)?).await?))
}

/// `GET /api/plans/{id}/events`: `event: progress`, `version` or `outcome`.
async fn events(
    State(server): State<Server>,
    At(at): At<String>,
    Planner(actor): Planner,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let listener = plan::listen(server.app(), &actor, named(&at)?).await?;
    Ok(streamed(news(server, headers, listener)))
}

/// The news one by one. Who listens is asked anew each time, so that a revoked credential hears nothing more.
fn news(
    server: Server,
    headers: HeaderMap,
    listener: Listener,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    stream::unfold((server, headers, listener), |(server, headers, mut listener)| async move {
        let next = async {
            let news = plan::news(server.app(), &mut listener).await?;
            let actor = actor::of(&server, &headers).await.ok()?;
            plan::permit(&actor).ok().map(|_| news)
        };
        let news = tokio::select! {
            news = next => news?,
            () = server.stopping() => return None,
        };
        Some((Ok(Event::default().event(news.event).data(news.text)), (server, headers, listener)))
    })
}

fn named(text: &str) -> Result<PlanId, Problem> {
    text.parse().map_err(|_| Problem::NoSuchPath)
}

fn made(status: StatusCode, id: PlanId) -> Response {
    let mut response = json(status, format!("{{\"id\":\"{id}\"}}").into_bytes());
    if let Ok(location) = HeaderValue::from_str(&format!("/api/plans/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
