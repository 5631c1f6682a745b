//! OSRM's HTTP API, version 1: `/route/v1/{profile}/{coordinates}`, `/table/v1/…`, `/nearest/v1/…`. Faults as OSRM tells
//! them, 400 with a code; who shows a bad token, or may not use a scenario, is told as everywhere.

use axum::{
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Server, actor::Who, error::Problem, parameters::At};
use crate::{
    app::way::{self, Between, Fallback, Hints, Nothing, Passed, TableAsked},
    publish::osrm::{self, Annotation, Annotations, Figures, Form, Geometries, Overview, Steps, Waypoints},
    roads::{plane::Passing, profile::Profile},
};

pub(super) mod asked;

use asked::{Fault, Options};

/// What went wrong.
pub enum Refusal {
    /// In OSRM's words.
    Fault(Fault),
    /// As everywhere.
    Problem(Problem),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Nothing> for Refusal {
    fn from(nothing: Nothing) -> Self {
        match nothing {
            Nothing::NoSegment(message) => Fault::new("NoSegment", message).into(),
            Nothing::NoRoute => Fault::new("NoRoute", "no way leads through these places").into(),
            Nothing::TooBig(message) => Fault::new("TooBig", message).into(),
            Nothing::App(error) => Self::Problem(error.into()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Fault(fault) => send(StatusCode::BAD_REQUEST, osrm::fault(fault.code, &fault.message)),
        }
    }
}

fn send(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What every service reads of its address.
fn asked(profile: &str, coordinates: &str, options: &Options) -> Result<way::Asked, Fault> {
    let profile = asked::profile(profile)?;
    let places = asked::coordinates(coordinates)?;
    let radiuses = options.radiuses(places.len())?;
    let wishes = options.wishes(places.len())?;
    options.check_hints(places.len())?;
    let hints = options.choice("generate_hints", &[("true", Hints::Given), ("false", Hints::Left)])?;
    let scenario = match options.text("scenario").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| Fault::value("scenario", "not the id of a scenario"))?),
    };
    Ok(way::Asked { profile, places, radiuses, wishes, hints, scenario })
}

/// Coordinates between which something is asked.
fn several(asked: &way::Asked) -> Result<(), Fault> {
    if asked.places.len() < 2 { Err(Fault::options("two coordinates are needed at least")) } else { Ok(()) }
}

/// Ways beside the best, at most, that one may wish for.
const MOST_ALTERNATIVES: u64 = 3;

/// `GET /route/v1/{profile}/{coordinates}`.
pub async fn route(
    State(server): State<Server>,
    At((profile, coordinates)): At<(String, String)>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
) -> Result<Response, Refusal> {
    let names = ["alternatives", "steps", "annotations", "geometries", "overview", "continue_straight", "waypoints"];
    let options = Options::read(query.as_deref(), &names)?;
    let asked = asked(&profile, &coordinates, &options)?;
    several(&asked)?;
    alternatives(options.text("alternatives"))?;
    let form = Form {
        geometries: options.choice(
            "geometries",
            &[
                ("polyline", Geometries::Polyline),
                ("polyline6", Geometries::Polyline6),
                ("geojson", Geometries::GeoJson),
            ],
        )?,
        overview: options.choice(
            "overview",
            &[
                ("simplified", Overview::Simplified),
                ("full", Overview::Full),
                ("false", Overview::None),
                ("true", Overview::Simplified),
            ],
        )?,
        steps: options.choice("steps", &[("false", Steps::Left), ("true", Steps::Written)])?,
        annotations: annotations(options.text("annotations"))?,
        waypoints: waypoints(&options)?,
    };
    // As OSRM's own profiles: who drives does not turn back in the middle of a street, who walks does.
    let usual = if asked.profile == Profile::Foot { Passing::Freely } else { Passing::Straight };
    let passing = options
        .choice("continue_straight", &[("default", usual), ("true", Passing::Straight), ("false", Passing::Freely)])?;
    let passed = Passed { passing, stops: options.stops(asked.places.len())? };
    Ok(send(StatusCode::OK, way::route(server.app(), &actor, asked, passed, form).await?))
}

/// One way is given, whatever number is wished: OSRM warrants none beside the best either.
fn alternatives(text: Option<&str>) -> Result<(), Fault> {
    match text.map(str::parse::<u64>) {
        Some(Ok(number)) if number > MOST_ALTERNATIVES => {
            Err(Fault::new("TooBig", format!("alternatives: at most {MOST_ALTERNATIVES}")))
        }
        Some(Err(_)) if !matches!(text, Some("true" | "false")) => {
            Err(Fault::query("alternatives", "true, false or a number"))
        }
        _ => Ok(()),
    }
}

/// Whether the answer says where the coordinates are on the roads.
fn waypoints(options: &Options) -> Result<Waypoints, Fault> {
    options.choice("skip_waypoints", &[("false", Waypoints::Written), ("true", Waypoints::Left)])
}

/// Figures of stretches by their names; nodes of OpenStreetMap are not kept.
fn annotations(text: Option<&str>) -> Result<Annotations, Fault> {
    match text {
        None | Some("false" | "") => Ok(Annotations::default()),
        Some("true") => Ok(Annotations::ALL),
        Some(list) => list.split(',').try_fold(Annotations::default(), |told, name| match name {
            "duration" => Ok(told.with(Annotation::Duration)),
            "weight" => Ok(told.with(Annotation::Weight)),
            "distance" => Ok(told.with(Annotation::Distance)),
            "speed" => Ok(told.with(Annotation::Speed)),
            "datasources" => Ok(told.with(Annotation::Datasources)),
            "nodes" => Err(Fault::new("NotImplemented", "annotations: the nodes of OpenStreetMap are not kept")),
            _ => Err(Fault::query("annotations", "true, false, or of duration, weight, distance, speed, datasources")),
        }),
    }
}

/// `GET /table/v1/{profile}/{coordinates}`.
pub async fn table(
    State(server): State<Server>,
    At((profile, coordinates)): At<(String, String)>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
) -> Result<Response, Refusal> {
    let names = ["sources", "destinations", "annotations", "scale_factor", "fallback_speed", "fallback_coordinate"];
    let options = Options::read(query.as_deref(), &names)?;
    let asked = asked(&profile, &coordinates, &options)?;
    several(&asked)?;
    let both = |text: &str| ["duration,distance", "distance,duration"].contains(&text);
    let figures = match options.text("annotations") {
        None | Some("duration") => Figures::Durations,
        Some("distance") => Figures::Distances,
        Some(text) if both(text) => Figures::Both,
        Some(_) => return Err(Fault::query("annotations", "duration, distance, or both with a comma").into()),
    };
    let between = options.choice("fallback_coordinate", &[("input", Between::Asked), ("snapped", Between::Snapped)])?;
    let wanted = TableAsked {
        sources: options.places("sources", asked.places.len())?,
        destinations: options.places("destinations", asked.places.len())?,
        figures,
        waypoints: waypoints(&options)?,
        scale: options.positive("scale_factor")?.unwrap_or(1.0),
        fallback: options.positive("fallback_speed")?.map(|speed| Fallback { speed, between }),
    };
    Ok(send(StatusCode::OK, way::table(server.app(), &actor, asked, wanted).await?))
}

/// `GET /match/…`, `GET /trip/…`: services of OSRM that are not here, in OSRM's words, so that a client knows.
pub async fn other() -> Refusal {
    Fault::new("InvalidService", "route, table and nearest are the services here").into()
}

/// `GET /route/v2/…`, `GET /table/v1`: addresses that no service has, in OSRM's words.
pub async fn astray(At(rest): At<String>) -> Refusal {
    match rest.split('/').next() {
        Some("v1") => Fault::url("a profile and coordinates are missing").into(),
        _ => Fault::new("InvalidVersion", "v1 is the version here").into(),
    }
}

/// `GET /nearest/v1/{profile}/{coordinate}`.
pub async fn nearest(
    State(server): State<Server>,
    At((profile, coordinates)): At<(String, String)>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
) -> Result<Response, Refusal> {
    let options = Options::read(query.as_deref(), &["number"])?;
    let asked = asked(&profile, &coordinates, &options)?;
    if asked.places.len() != 1 {
        return Err(Fault::options("one coordinate is looked for at a time").into());
    }
    let number = match options.text("number").map(str::parse) {
        None => 1,
        Some(Ok(0)) => return Err(Fault::options("number: from 1").into()),
        Some(Ok(number)) => number,
        Some(Err(_)) => return Err(Fault::query("number", "a whole number from 1").into()),
    };
    let waypoints = waypoints(&options)?;
    Ok(send(StatusCode::OK, way::nearest(server.app(), &actor, asked, number, waypoints).await?))
}

#[cfg(test)]
mod tests;
