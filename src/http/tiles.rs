//! `/tiles/…`: the tiles of every layer, and their TileJSON.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{
    Server,
    actor::Who,
    answer::{self, Keep, Parcel, Varies},
    base,
    error::Problem,
    parameters::{At, Parameters},
};
use crate::{
    app::{self, Error, tile::Written},
    publish::tile::TileAddress,
    query::filter::Lang,
};

/// The layers whose tiles depend on who asks; every other is open data.
const GUARDED: [&str; 2] = ["hexes", "households"];

/// `GET /tiles/{layer}/{z}/{x}/{y}.mvt[?g=GENERATION][&filter=CQL2][&filter-lang=cql2-text|cql2-json]`. With the generation that is served the tile may be kept for
/// ever; with another one, or none, it is the current tile, to be kept shortly.
pub async fn tile(
    State(server): State<Server>,
    At((layer, z, x, y)): At<(String, String, String, String)>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let address = address(&z, &x, &y)?;
    let asked = Parameters::read(query.as_deref(), &["g", "filter", "filter-lang"])?;
    let answer = match written(&asked)? {
        Some(filter) => app::tile::draw_found(server.app(), &actor, &layer, Some(&filter), address).await?,
        None => app::tile::draw(server.app(), &actor, &layer, address).await?,
    };
    let current = asked.text("g") == Some(answer.world.generation());
    let parcel = Parcel {
        body: answer.body,
        media_type: "application/vnd.mapbox-vector-tile",
        policy: answer.policy,
        keep: if current { Keep::Immutable } else { Keep::Shortly },
        varies: varies(&layer),
    };
    answer::send(&headers, parcel).await
}

fn varies(layer: &str) -> Varies {
    if GUARDED.contains(&layer) { Varies::CodingAndActor } else { Varies::Coding }
}

/// The filter of a question, as it was written.
fn written(asked: &Parameters) -> Result<Option<Written>, Problem> {
    let lang = match asked.text("filter-lang") {
        None => Lang::Text,
        Some(name) => {
            Lang::named(name).ok_or_else(|| Problem::parameter("filter-lang", "not cql2-text or cql2-json"))?
        }
    };
    match asked.text("filter") {
        None if asked.text("filter-lang").is_some() => Err(Problem::parameter("filter", "missing")),
        filter => Ok(filter.map(|text| Written { text: text.into(), lang })),
    }
}

/// A tile's address from the three pieces of its path, the last with its ending.
fn address(z: &str, x: &str, y: &str) -> Result<TileAddress, Problem> {
    let y = y.strip_suffix(".mvt").or_else(|| y.strip_suffix(".pbf")).ok_or(Problem::NoSuchPath)?;
    let (z, x, y) = (number::<u8>("z", z)?, number("x", x)?, number("y", y)?);
    TileAddress::new(z, x, y).map_err(|error| Error::Missing(format!("no such tile: {error}")).into())
}

/// Plain digits, as a URL template writes them.
fn number<T: std::str::FromStr>(name: &'static str, text: &str) -> Result<T, Problem> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain).ok_or_else(|| Problem::parameter(name, "not a whole number in range"))
}

/// `GET /tiles/{layer}.json[?filter=CQL2][&filter-lang=cql2-text|cql2-json]`: the filter is then in the tiles' address.
pub async fn describe(
    State(server): State<Server>,
    At(file): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let filter = written(&Parameters::read(query.as_deref(), &["filter", "filter-lang"])?)?;
    let layer = file.strip_suffix(".json").ok_or(Problem::NoSuchPath)?;
    let base = base::of(&server, &headers);
    let answer = app::tile::describe_found(server.app(), &actor, layer, filter.as_ref(), &base).await?;
    let parcel = Parcel {
        body: Arc::clone(&answer.body),
        media_type: "application/json",
        policy: answer.policy,
        keep: Keep::Revalidated,
        varies: varies(layer),
    };
    answer::send(&headers, parcel).await
}
