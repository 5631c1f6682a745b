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
    app::way::{self, Nothing, TableAsked},
    publish::osrm::{self, Annotation, Annotations, Figures, Form, Geometries, Overview, Steps, Waypoints},
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
    let scenario = match options.text("scenario").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| Fault::value("scenario", "not the id of a scenario"))?),
    };
    Ok(way::Asked { profile, places, radiuses, scenario })
}

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
    if asked.places.len() < 2 {
        return Err(Fault::new("InvalidOptions", "a route needs two coordinates").into());
    }
    // One way is given, whatever number is wished; a turn at a place is as any other.
    if !options.text("alternatives").is_none_or(|text| ["true", "false"].contains(&text) || text.parse::<u8>().is_ok())
    {
        return Err(Fault::value("alternatives", "true, false or a number").into());
    }
    let straight = options.choice("continue_straight", &[("default", false), ("true", true), ("false", false)])?;
    if straight && asked.places.len() > 2 {
        let message = "continue_straight: at a place between, one may turn back here";
        return Err(Fault::new("NotImplemented", message).into());
    }
    if options.places("waypoints", asked.places.len())?.len() != asked.places.len() {
        return Err(Fault::new("NotImplemented", "waypoints: every coordinate is one").into());
    }
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
    Ok(send(StatusCode::OK, way::route(server.app(), &actor, asked, form).await?))
}

/// Whether the answer says where the coordinates are on the roads.
fn waypoints(options: &Options) -> Result<Waypoints, Fault> {
    options.choice("skip_waypoints", &[("false", Waypoints::Written), ("true", Waypoints::Left)])
}

/// Figures of stretches by their names; those that need a node of OpenStreetMap or a source of data are not kept.
fn annotations(text: Option<&str>) -> Result<Annotations, Fault> {
    match text {
        None | Some("false" | "") => Ok(Annotations::default()),
        Some("true") => Ok(Annotations::ALL),
        Some(list) => list.split(',').try_fold(Annotations::default(), |told, name| match name {
            "duration" => Ok(told.with(Annotation::Duration)),
            "weight" => Ok(told.with(Annotation::Weight)),
            "distance" => Ok(told.with(Annotation::Distance)),
            "speed" => Ok(told.with(Annotation::Speed)),
            "nodes" | "datasources" => Err(Fault::new("NotImplemented", format!("annotations: {name} are not kept"))),
            _ => Err(Fault::value("annotations", "true, false, or of duration, weight, distance, speed")),
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
    for name in ["scale_factor", "fallback_speed", "fallback_coordinate"] {
        if options.text(name).is_some_and(|text| !(name == "scale_factor" && text.parse::<f64>() == Ok(1.0))) {
            return Err(Fault::new("NotImplemented", format!("{name} is not followed here")).into());
        }
    }
    let asked = asked(&profile, &coordinates, &options)?;
    let both = |text: &str| ["duration,distance", "distance,duration"].contains(&text);
    let figures = match options.text("annotations") {
        None | Some("duration") => Figures::Durations,
        Some("distance") => Figures::Distances,
        Some(text) if both(text) => Figures::Both,
        Some(_) => return Err(Fault::value("annotations", "duration, distance, or both with a comma").into()),
    };
    let wanted = TableAsked {
        sources: options.places("sources", asked.places.len())?,
        destinations: options.places("destinations", asked.places.len())?,
        figures,
        waypoints: waypoints(&options)?,
    };
    Ok(send(StatusCode::OK, way::table(server.app(), &actor, asked, wanted).await?))
}

/// `GET /match/…`, `GET /trip/…`: services of OSRM that are not here, in OSRM's words, so that a client knows.
pub async fn other() -> Refusal {
    Fault::new("InvalidService", "route, table and nearest are the services here").into()
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
        return Err(Fault::new("InvalidOptions", "one coordinate is looked for at a time").into());
    }
    let number = options.text("number").map_or(Some(1), |text| text.parse().ok().filter(|number| *number > 0));
    let number = number.ok_or_else(|| Fault::value("number", "a whole number from 1"))?;
    Ok(send(StatusCode::OK, way::nearest(server.app(), &actor, asked, number).await?))
}

#[cfg(test)]
mod tests;
