//! `/ogc/dggs/…`: H3 as a discrete global grid reference system.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use h3o::{CellIndex, Resolution};

use super::{At, Document, aside, asked, asked_as, features::condition, parts, root, send};
use crate::{
    access::opened::Picked,
    app::{
        Error, collections, items,
        zones::{self, Question},
    },
    http::{Server, actor::Who, error::Problem, parameters::Parameters},
    publish::ogc::{
        Link, Reference,
        dggs::{self, Feature, H3, Joined},
        items as written,
        link::{GEOJSON, JSON},
        zones as lists,
    },
};

/// Zones as 64-bit integers.
const BINARY: &str = "application/x-binary";

fn known(system: &str) -> Result<(), Problem> {
    if system == H3 { Ok(()) } else { Err(Error::Missing(format!("there is no such reference system: {H3}")).into()) }
}

/// The cell of an id as its reference system writes it.
fn cell(place: &str, text: &str) -> Result<CellIndex, Problem> {
    let plain = text.len() == 15 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    text.parse()
        .ok()
        .filter(|_| plain)
        .ok_or_else(|| Problem::parameter(place, "not an H3 cell of 15 hexadecimal digits"))
}

/// The format that `f` or else `Accept` names, the first where neither does.
fn format<'a>(parameters: &'a Parameters, headers: &HeaderMap, kinds: &[(&'a str, &str)]) -> &'a str {
    if let Some(format) = parameters.text("f") {
        return format;
    }
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let mut wanted = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
    let named = wanted.find_map(|range| kinds.iter().find(|(_, media)| *media == range));
    named.or(kinds.first()).map_or("json", |(name, _)| name)
}

/// `GET /ogc/dggs`.
pub async fn list(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    send(&headers, Document::new(JSON, dggs::list(&root(&server, &headers)))).await
}

/// `GET /ogc/dggs/{system}`.
pub async fn system(
    State(server): State<Server>,
    At(system): At<String>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    known(&system)?;
    send(&headers, Document::new(JSON, dggs::system(&root(&server, &headers)))).await
}

/// `GET /ogc/dggs/{system}/definition`.
pub async fn definition(
    At(system): At<String>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    known(&system)?;
    send(&headers, Document::new(JSON, dggs::definition())).await
}

/// What may be asked of zones.
const ZONES: [&str; 13] = [
    "zone-level",
    "compact-zones",
    "parent-zone",
    "bbox",
    "bbox-crs",
    "subset",
    "subset-crs",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    "limit",
    "cursor",
];

fn question(parameters: &Parameters) -> Result<Question, Problem> {
    let mut bbox = match parameters.text("bbox") {
        Some(text) => Some(items::bbox(text, parameters.text("bbox-crs"))?),
        None => None,
    };
    let mut datetime = parameters.text("datetime").map(str::to_owned);
    if let Some(text) = parameters.text("subset") {
        let (within, time) = zones::subset(text, parameters.text("subset-crs"))?;
        if bbox.is_some() && within.is_some() || datetime.is_some() && time.is_some() {
            return Err(Problem::parameter("subset", "the same axis is given by bbox or datetime"));
        }
        bbox = bbox.or(within);
        datetime = datetime.or(time);
    }
    let is_flat = match parameters.text("compact-zones") {
        None | Some("true") => false,
        Some("false") => true,
        Some(_) => return Err(Problem::parameter("compact-zones", "true or false")),
    };
    let zone = |name: &str| parameters.text(name).map(|text| cell(name, text)).transpose();
    Ok(Question {
        level: parameters.number("zone-level")?,
        is_flat,
        parent: zone("parent-zone")?,
        bbox,
        datetime,
        filter: condition(parameters),
        limit: parameters.number("limit")?,
        cursor: zone("cursor")?,
    })
}

/// `GET /ogc/dggs/{system}/zones`.
pub async fn zones(
    State(server): State<Server>,
    At(system): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    known(&system)?;
    let query = parts::joined(query.as_deref().unwrap_or_default(), "subset");
    let parameters = asked_as(Some(&query), &ZONES, &["json", "geojson", "binary"])?;
    let kinds = [("json", JSON), ("geojson", GEOJSON), ("binary", BINARY)];
    let wanted = format(&parameters, &headers, &kinds).to_owned();
    let media_type = kinds.iter().find(|(name, _)| *name == wanted).map_or(JSON, |(_, media)| media);
    let found = zones::list(server.app(), &actor, &question(&parameters)?).await?;
    let at = format!("{}/dggs/{H3}/zones", root(&server, &headers));
    let mut links = vec![Link::new("self", media_type, parts::with_query(&at, Some(&query)))];
    if let Some(last) = found.cells.last().filter(|_| found.more) {
        links.push(Link::new("next", media_type, parts::further(&at, Some(&query), &last.to_string())));
    }
    let (policy, header_links) = (found.policy, links.clone());
    let body = aside(move || match wanted.as_str() {
        "binary" => lists::binary(&found.cells),
        "geojson" => {
            let level = found.cells.iter().map(|cell| cell.resolution()).max().unwrap_or(dggs::FINEST);
            lists::features(&found.cells, &lists::Sheet::new(&found.hexes, level), &links)
        }
        _ => lists::list(&found.cells, &links),
    })
    .await?;
    let mut document = Document::new(media_type, body).kept_for(policy);
    document.links = header_links;
    send(&headers, document).await
}

/// `GET /ogc/dggs/{system}/zones/{zone}`.
pub async fn zone(
    State(server): State<Server>,
    At((system, zone)): At<(String, String)>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    known(&system)?;
    let parameters = asked_as(query.as_deref(), &[], &["json", "geojson"])?;
    let cell = zone_of(&zone)?;
    let wanted = format(&parameters, &headers, &[("json", JSON), ("geojson", GEOJSON)]);
    let (_, hexes) = zones::figures(server.app(), &actor).await?;
    let joined = hexes.find(cell).map(|hex| Joined { figures_of: hex.id, merged: hex.members.len() as u32 });
    let (kind, media_type) = if wanted == "geojson" { (Feature::Yes, GEOJSON) } else { (Feature::No, JSON) };
    let body = dggs::zone(&root(&server, &headers), cell, joined, kind);
    send(&headers, Document::new(media_type, body).kept_for(hexes.policy())).await
}

/// A zone of a path: what is none is not there.
fn zone_of(text: &str) -> Result<CellIndex, Problem> {
    cell("zoneId", text).map_err(|_| Error::Missing("there is no such zone".to_owned()).into())
}

/// `GET /ogc/dggs/{system}/zones/{zone}/data`.
pub async fn data(
    State(server): State<Server>,
    At((system, zone)): At<(String, String)>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    known(&system)?;
    let parameters = asked_as(query.as_deref(), &["zone-depth", "properties", "datetime"], &["json", "geojson"])?;
    let zone = zone_of(&zone)?;
    if zone.resolution() > dggs::FINEST {
        return Err(Error::Missing("there are no figures below level 10".to_owned()).into());
    }
    let wanted = format(&parameters, &headers, &[("json", JSON), ("geojson", GEOJSON)]).to_owned();
    let depths = zones::depths(parameters.text("zone-depth"), zone)?;
    let properties = parameters.text("properties").filter(|text| !text.is_empty()).map(str::to_owned);
    if !zones::is_then(server.app(), parameters.text("datetime"))? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if wanted == "geojson" {
        return features_of(&server, &headers, &actor, zone, &depths, properties.as_deref()).await;
    }
    let (_, hexes) = zones::figures(server.app(), &actor).await?;
    let mut names = lists::fields(&hexes);
    if let Some(properties) = properties {
        let asked: Vec<String> = properties.split(',').map(str::to_owned).collect();
        if !asked.iter().all(|name| names.contains(name)) {
            return Err(Problem::parameter("properties", "there is no such property"));
        }
        names = asked;
    }
    let (base, policy) = (root(&server, &headers), hexes.policy());
    let body = aside(move || {
        let depth = |depth: u8| {
            let level = Resolution::try_from(u8::from(zone.resolution()) + depth).ok()?;
            let cells = zone.children(level).collect();
            Some(lists::Depth { depth, cells, sheet: lists::Sheet::new(&hexes, level) })
        };
        let depths: Vec<lists::Depth<'_>> = depths.into_iter().filter_map(depth).collect();
        depths.iter().any(lists::Depth::is_known).then(|| lists::data(&base, zone, &depths, &names))
    })
    .await?;
    match body {
        Some(body) => send(&headers, Document::new(JSON, body).kept_for(policy)).await,
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// The figures of a zone as features: each once, with the outline of the zones that it speaks of.
async fn features_of(
    server: &Server,
    headers: &HeaderMap,
    actor: &crate::access::Actor,
    zone: CellIndex,
    depths: &[u8],
    properties: Option<&str>,
) -> Result<Response, Problem> {
    let [depth] = depths else {
        return Err(Problem::parameter("zone-depth", "GeoJSON holds one depth"));
    };
    let level = u8::from(zone.resolution()) + depth;
    let (world, hexes) = zones::figures(server.app(), actor).await?;
    let Ok(level) = Resolution::try_from(level) else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let rows = zones::rows_under(&hexes, zone, level);
    if rows.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let offer = collections::one(&world, actor, &format!("hexes_{level}"))?;
    let (mut features, _) = offer.disclose(actor, Picked::Page(rows))?;
    if let Some(properties) = properties {
        features = features.only(&properties.split(',').collect::<Vec<_>>());
    }
    let links = [Link::new("self", GEOJSON, format!("{}/dggs/{H3}/zones/{zone}/data", root(server, headers)))];
    let matched = features.len();
    let at = parts::moment(jiff::Timestamp::now());
    let envelope = written::Envelope { links: &links, matched, at: &at, crs: Reference::Crs84 };
    let body = written::page(&features, &envelope).map_err(Error::internal)?;
    send(headers, Document::new(GEOJSON, body).kept_for(offer.policy())).await
}
