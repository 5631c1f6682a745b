//! `/api/roads`, `/api/isochrone`, `/api/scenarios`: the roads that are served, how far one gets, and what is closed.

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    Server,
    actor::{Bare, Planner, Who},
    body::read_json,
    error::Problem,
    parameters::{At, Parameters},
};
use crate::{
    app::{
        plan, roads,
        scenario::{self, Told, Words},
        way::{self, Reach},
    },
    casework::scenario::ScenarioId,
    domain::geo::LonLat,
    publish,
    roads::profile::Profile,
};

/// `GET /api/roads`.
pub async fn about(State(server): State<Server>, Bare(_): Bare) -> Result<Response, Problem> {
    Ok(send("application/json", roads::about(server.app())))
}

/// `GET /api/isochrone?profile=car&from=lon,lat&minutes=5,10,15[&scenario=ID]`.
pub async fn isochrone(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["profile", "from", "minutes", "scenario"])?;
    let profile = asked.text("profile").unwrap_or("car");
    let reach = Reach {
        profile: Profile::parse(profile)
            .ok_or_else(|| Problem::parameter("profile", "car, van, truck, foot or emergency"))?,
        from: asked.required("from")?.split(';').map(place).collect::<Result<_, _>>()?,
        minutes: numbers("minutes", asked.text("minutes").unwrap_or("5,10,15"))?,
        scenario: asked.text("scenario").map(id).transpose()?,
    };
    let minutes = reach.minutes.clone();
    let bands = way::isochrone(server.app(), &actor, reach).await?;
    Ok(send("application/geo+json", publish::isochrone::write(profile, &minutes, &bands)))
}

fn numbers(name: &str, text: &str) -> Result<Vec<f64>, Problem> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let numbers: Option<Vec<f64>> = text.split(',').map(number).collect();
    numbers.ok_or_else(|| Problem::parameter(name, "numbers, with commas between"))
}

fn place(text: &str) -> Result<LonLat, Problem> {
    match numbers("from", text)?[..] {
        [lon, lat] => LonLat::new(lon, lat).map_err(|error| Problem::parameter("from", error.reason)),
        _ => Err(Problem::parameter("from", "lon,lat, several with ; between")),
    }
}

fn id(text: &str) -> Result<ScenarioId, Problem> {
    text.parse().map_err(|_| Problem::parameter("scenario", "not the id of a scenario"))
}

/// `GET /api/scenarios`.
pub async fn scenarios(State(server): State<Server>, Planner(actor): Planner) -> Result<Response, Problem> {
    Ok(send("application/json", scenario::list(server.app(), &actor).await?))
}

/// `GET /api/scenarios/{id}`.
pub async fn scenario(
    State(server): State<Server>,
    At(at): At<String>,
    Planner(actor): Planner,
) -> Result<Response, Problem> {
    let told = scenario::get(server.app(), &actor, named(&at)?).await?;
    Ok(versioned(StatusCode::OK, told))
}

/// `POST /api/scenarios[?name=…&why=…&expires=…]`: a scenario in JSON, or shapes in GeoJSON.
pub async fn declare(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let asked = Parameters::read(query.as_deref(), &["name", "why", "expires"])?;
    plan::admit(server.app(), &actor).await?;
    let text = |name| asked.text(name).map(str::to_owned);
    let words = Words { name: text("name"), why: text("why"), expires: text("expires") };
    let told =
        scenario::declare(server.app(), &actor, words, read_json(&headers, body, scenario::MAX_BYTES).await?).await?;
    let location = HeaderValue::from_str(&format!("/api/scenarios/{}", told.id));
    let mut response = versioned(StatusCode::CREATED, told);
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// `PUT /api/scenarios/{id}` with the version that was seen in `If-Match`.
pub async fn amend(
    State(server): State<Server>,
    At(at): At<String>,
    Planner(actor): Planner,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let id = named(&at)?;
    let seen = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let version = seen.and_then(|text| text.trim().trim_start_matches("W/").trim_matches('"').parse().ok());
    let version = version.ok_or_else(|| Problem::parameter("If-Match", "the version that was seen, as \"1\""))?;
    let told =
        scenario::amend(server.app(), &actor, id, version, read_json(&headers, body, scenario::MAX_BYTES).await?)
            .await?;
    Ok(versioned(StatusCode::OK, told))
}

/// `DELETE /api/scenarios/{id}`.
pub async fn withdraw(
    State(server): State<Server>,
    At(at): At<String>,
    Planner(actor): Planner,
) -> Result<StatusCode, Problem> {
    scenario::withdraw(server.app(), &actor, named(&at)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(text: &str) -> Result<ScenarioId, Problem> {
    text.parse().map_err(|_| Problem::NoSuchPath)
}

fn versioned(status: StatusCode, told: Told) -> Response {
    let mut response = send("application/json", told.body);
    *response.status_mut() = status;
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", told.version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn send(media_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
