//! `/ogc/collections/…`: Features, Parts 1 to 3 and 5.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use super::{At, Document, aside, asked, dress, parts, root, send};
use crate::{
    access::{Actor, hexes::Policy},
    app::{
        Error,
        cache::Body,
        collections, file,
        items::{self, Condition, Question},
    },
    http::{Server, actor::Who, data, error::Problem, parameters::Parameters},
    publish::features::Format,
    publish::ogc::{
        Link, Reference,
        collection::{self, Described},
        items as written,
        link::{GEOJSON, JSON, QUERYABLES, SCHEMA, SCHEMA_REL},
        schema,
    },
};

fn of(described: &items::Described) -> Described<'_> {
    let items::Described { offer, whole, span } = described;
    Described {
        name: offer.name(),
        titles: offer.titles(),
        description: offer.description(),
        whole,
        tiles: offer.tiles(),
        interval: span.map(|span| span.map(parts::moment)),
    }
}

/// `GET /ogc/collections`.
pub async fn collections(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let found = items::catalogue(server.app(), &actor).await?;
    let is_public = found.iter().all(|one| one.offer.policy() == Policy::Public);
    let body = collection::all(&root(&server, &headers), &found.iter().map(of).collect::<Vec<_>>());
    let policy = if is_public { Policy::Public } else { Policy::Exact };
    send(&headers, Document::new(JSON, body).kept_for(policy)).await
}

/// `GET /ogc/collections/{id}`.
pub async fn collection(
    State(server): State<Server>,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let found = items::described(server.app(), &actor, &id).await?;
    let body = collection::one(&root(&server, &headers), &of(&found));
    send(&headers, Document::new(JSON, body).kept_for(found.offer.policy())).await
}

/// `GET /ogc/collections/{id}/queryables`.
pub async fn queryables(
    State(server): State<Server>,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let found = items::described(server.app(), &actor, &id).await?;
    let at = format!("{}/collections/{id}/queryables", root(&server, &headers));
    let body = schema::queryables(&at, &found.offer.titles(), &found.whole);
    send(&headers, Document::new(SCHEMA, body).kept_for(found.offer.policy())).await
}

/// `GET /ogc/collections/{id}/schema`.
pub async fn schema(
    State(server): State<Server>,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let found = items::described(server.app(), &actor, &id).await?;
    let at = format!("{}/collections/{id}/schema", root(&server, &headers));
    let body = schema::returnables(&at, &found.offer.titles(), &found.whole);
    send(&headers, Document::new(SCHEMA, body).kept_for(found.offer.policy())).await
}

/// What may be asked of items.
const ITEMS: [&str; 11] = [
    "limit",
    "bbox",
    "bbox-crs",
    "datetime",
    "crs",
    "properties",
    "sortby",
    "cursor",
    "filter",
    "filter-lang",
    "filter-crs",
];

/// The filter of a query.
pub(super) fn condition(parameters: &Parameters) -> Condition {
    let text = |name: &str| parameters.text(name).map(str::to_owned);
    Condition { text: text("filter"), lang: text("filter-lang"), crs: text("filter-crs") }
}

fn question(parameters: &Parameters, fields: &[&str]) -> Result<Question, Problem> {
    let text = |name: &str| parameters.text(name).map(str::to_owned);
    let equal = fields.iter().filter_map(|field| Some(((*field).to_owned(), text(field)?)));
    Ok(Question {
        limit: parameters.number("limit")?,
        bbox: text("bbox"),
        bbox_crs: text("bbox-crs"),
        datetime: text("datetime"),
        filter: condition(parameters),
        equal: equal.collect(),
        crs: text("crs"),
        properties: text("properties"),
        sort: text("sortby"),
        cursor: text("cursor"),
    })
}

/// The parameters of items: those of the API, and the properties that the actor may ask for.
fn items_asked(
    server: &Server,
    actor: &Actor,
    id: &str,
    query: Option<&str>,
) -> Result<(Question, Option<Format>), Problem> {
    let offer = collections::one(&server.app().world()?, actor, id)?;
    let collection = offer.collection();
    let open = collection.fields().iter().filter(|field| field.sensitivity <= offer.up_to());
    // A property with the name of a parameter can be asked for by the filter alone.
    let fields: Vec<&str> =
        open.map(|field| &*field.name).filter(|name| *name != "f" && !ITEMS.contains(name)).collect();
    let parameters = Parameters::read(query, &[&ITEMS[..], &["f"], &fields].concat())?;
    let format = parameters.text("f").map(|key| {
        let keys = || Format::ALL.map(Format::key).join(", ");
        Format::of_key(key).ok_or_else(|| Problem::parameter("f", keys()))
    });
    Ok((question(&parameters, &fields)?, format.transpose()?))
}

/// `GET /ogc/collections/{id}/items`.
pub async fn items(
    State(server): State<Server>,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (question, wanted) = items_asked(&server, &actor, &id, query.as_deref())?;
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    // Who takes none of them gets what everybody reads.
    let format = wanted.or_else(|| Format::negotiate(accept, &Format::ALL)).unwrap_or(Format::GeoJson);
    let page = items::page(server.app(), &actor, &id, &question).await?;
    let collection = format!("{}/collections/{id}", root(&server, &headers));
    let at = format!("{collection}/items");
    let media_type = format.media_type();
    let mut links = vec![Link::new("self", media_type, parts::with_query(&at, query.as_deref()))];
    links.extend(
        Format::ALL.into_iter().filter(|other| *other != format).map(|other| {
            Link::new("alternate", other.media_type(), parts::formatted(&at, query.as_deref(), other.key()))
        }),
    );
    links.extend(
        page.next.as_ref().map(|next| Link::new("next", media_type, parts::further(&at, query.as_deref(), next))),
    );
    links.push(Link::new("collection", JSON, collection.clone()));
    let mut header_links = links.clone();
    header_links.push(Link::new(QUERYABLES, SCHEMA, format!("{collection}/queryables")));
    header_links.push(Link::new(SCHEMA_REL, SCHEMA, format!("{collection}/schema")));
    let (policy, crs) = (page.offer.policy(), page.crs);
    let mut extra =
        vec![("ogc-numbermatched", page.matched.to_string()), ("ogc-numberreturned", page.features.len().to_string())];
    if format != Format::GeoJson {
        if crs != Reference::Crs84 {
            return Err(Problem::parameter("crs", "files are in CRS84: ask for GeoJSON"));
        }
        let body = data::body(file::stream(server.app(), page.features, format)?);
        return Ok(streamed(body, format, policy, &header_links, extra));
    }
    extra.push(("content-crs", format!("<{crs}>")));
    let tag = format!("{} {policy:?} {} {at} {query:?}", page.generation, page.offer.up_to() as u8);
    let body = aside(move || {
        let envelope = written::Envelope { links: &links, matched: page.matched, at: &parts::moment(page.at), crs };
        written::page(&page.features, &envelope)
    })
    .await?
    .map_err(Error::internal)?;
    let document = Document { body: Body::tagged(body, &tag), media_type: GEOJSON, policy, links: header_links, extra };
    send(&headers, document).await
}

/// A page as a file, written while it is sent.
fn streamed(
    body: axum::body::Body,
    format: Format,
    policy: Policy,
    links: &[Link],
    extra: Vec<(&'static str, String)>,
) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    let keep = if policy == Policy::Public { "public, no-cache" } else { "private, no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Authorization, X-Api-Key"));
    dress(headers, links, extra);
    response
}

/// `GET /ogc/collections/{id}/items/{fid}`.
pub async fn item(
    State(server): State<Server>,
    At((id, fid)): At<(String, String)>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = asked(query.as_deref(), &["crs"])?;
    let page = items::one(server.app(), &actor, &id, &fid, parameters.text("crs")).await?;
    let collection = format!("{}/collections/{id}", root(&server, &headers));
    let links = vec![
        Link::new("self", GEOJSON, parts::with_query(&format!("{collection}/items/{fid}"), query.as_deref())),
        Link::new("collection", JSON, collection),
    ];
    let envelope = written::Envelope { links: &links, matched: 1, at: &parts::moment(page.at), crs: page.crs };
    let body =
        written::one(&page.features, &envelope).ok_or_else(|| Error::Missing("there is no such feature".to_owned()))?;
    let mut document = Document::new(GEOJSON, body).kept_for(page.offer.policy());
    document.extra = vec![("content-crs", format!("<{}>", page.crs))];
    document.links = links;
    send(&headers, document).await
}
