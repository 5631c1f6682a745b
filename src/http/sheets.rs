//! Run sheets, and tables that come back: `/api/plans/{id}/sheet`, `/api/plans/{id}/runs.…`, `/api/plans/{id}/outcomes`.

use axum::{
    Router,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{
    Server,
    actor::{Planner, Who},
    base,
    body::{self, kept_by_nobody},
    data,
    error::Problem,
    parameters::{At, Parameters},
    router::{only, these},
};
use crate::{
    access::sheet::Tongue,
    app::{
        self, crew,
        sheet::{self, FileFormat},
    },
    publish::runsheet,
};

/// The routes of this file, as metrics and the log name them.
pub const TEMPLATES: [&str; 6] = [
    "/api/plans/{id}/sheet",
    "/api/plans/{id}/{file}",
    "/api/plans/{id}/outcomes",
    "/api/plans/{id}/runs/{run}/link",
    "/crew/api/run",
    "/crew/api/events",
];

/// The routes of this file.
pub fn routes() -> Router<Server> {
    let link = these("POST, DELETE, OPTIONS", post(give_link).delete(take_link));
    Router::new()
        .route(TEMPLATES[0], only(get(page)))
        .route(TEMPLATES[1], only(get(file)))
        .route(TEMPLATES[2], these("POST, OPTIONS", post(outcomes)))
        .route(TEMPLATES[3], link)
        .route(TEMPLATES[4], only(get(own_run)))
        .route(TEMPLATES[5], these("POST, OPTIONS", post(events)))
}

/// Hours that a link is good where nobody says.
const USUAL_HOURS: u32 = 12;

/// `GET /api/plans/{id}/sheet[?run=ID][&lang=it|en]`: the page to be printed.
pub async fn page(
    State(server): State<Server>,
    At(plan): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["run", "lang"])?;
    let page = sheet::page(server.app(), &actor, &plan, asked.text("run"), tongue(&asked)?).await?;
    let mut response = kept_by_nobody(Response::new(Body::from(page)), "text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(runsheet::POLICY));
    Ok(response)
}

/// `GET /api/plans/{id}/runs.{gpx|csv|xlsx|geojson}[?run=ID][&lang=it|en]`.
pub async fn file(
    State(server): State<Server>,
    At((plan, file)): At<(String, String)>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
) -> Result<Response, Problem> {
    let format = file.strip_prefix("runs.").and_then(FileFormat::of_ending).ok_or(Problem::NoSuchPath)?;
    let asked = Parameters::read(query.as_deref(), &["run", "lang"])?;
    let tongue = tongue(&asked)?;
    let pieces = sheet::file(server.app(), &actor, &plan, asked.text("run"), (format, tongue)).await?;
    let mut response = kept_by_nobody(Response::new(data::body(pieces)), format.content_type());
    let name = tongue.of("giri", "runs");
    let ending = file.trim_start_matches("runs.");
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    let disposition = HeaderValue::from_str(&disposition).map_err(app::Error::internal)?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// `POST /api/plans/{id}/outcomes`, a table as CSV or XLSX: `codice`, `esito`, `unità`, `nota`.
pub async fn outcomes(
    State(server): State<Server>,
    At(plan): At<String>,
    Planner(actor): Planner,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = body::read(body, sheet::TABLE_BYTES_MAX).await?;
    json(&sheet::take_back(server.app(), &actor, &plan, bytes).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkForm {
    #[serde(default = "usual_hours")]
    hours: u32,
}

const fn usual_hours() -> u32 {
    USUAL_HOURS
}

#[derive(Serialize)]
struct LinkAnswer {
    url: String,
    address: String,
    qr: String,
    expires: String,
}

/// `POST /api/plans/{id}/runs/{run}/link` `{"hours":12}`: the crew's link, whose token is shown this once.
pub async fn give_link(
    State(server): State<Server>,
    At((plan, run)): At<(String, String)>,
    Planner(actor): Planner,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = body::read(body, crew::MAX_BYTES).await?;
    let form: LinkForm = if bytes.is_empty() {
        LinkForm { hours: USUAL_HOURS }
    } else {
        serde_json::from_slice(&bytes).map_err(|error| app::Error::invalid("body", error))?
    };
    let given = crew::give(server.app(), &actor, &plan, &run, form.hours).await?;
    let url = format!("/crew#{}", given.token.reveal());
    let address = format!("{}{url}", base::of_page(&server, &headers));
    let answer = LinkAnswer { qr: runsheet::square(&address), address, url, expires: given.expires.to_string() };
    let mut response = json(&answer)?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

#[derive(Serialize)]
struct TakenBack {
    revoked: u32,
}

/// `DELETE /api/plans/{id}/runs/{run}/link`: every link of the run is good no more.
pub async fn take_link(
    State(server): State<Server>,
    At((plan, run)): At<(String, String)>,
    Planner(actor): Planner,
) -> Result<Response, Problem> {
    json(&TakenBack { revoked: crew::take_back(server.app(), &actor, &plan, &run).await? })
}

/// `GET /crew/api/run`: the run of the link whose token is shown.
pub async fn own_run(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Parameters::read(query.as_deref(), &[])?;
    let pass = crew::enter(server.app(), shown(&headers)?).await?;
    let document = crew::run(server.app(), &pass).await?;
    Ok(kept_by_nobody(Response::new(Body::from(document)), "application/json"))
}

/// `POST /crew/api/events`: what happened at the doors of the link's run.
pub async fn events(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    Parameters::read(query.as_deref(), &[])?;
    let pass = crew::enter(server.app(), shown(&headers)?).await?;
    let bytes = body::read(body, crew::MAX_BYTES).await?;
    json(&crew::tell(server.app(), &pass, bytes).await?)
}

/// The token of a crew: as Bearer and in no other way.
fn shown(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return Err(Problem::Credentials) };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(Problem::Credentials)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Problem::Credentials) }
}

fn tongue(asked: &Parameters) -> Result<Tongue, Problem> {
    match asked.text("lang") {
        None | Some("it") => Ok(Tongue::Italian),
        Some("en") => Ok(Tongue::English),
        Some(_) => Err(Problem::parameter("lang", "it or en")),
    }
}

fn json(answer: &impl Serialize) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(answer).map_err(app::Error::internal)?;
    Ok(body::json(StatusCode::OK, bytes))
}
