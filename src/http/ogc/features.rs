//! `/ogc/collections/…`: Features, Parts 1 to 3 and 5.

use axum::{
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{Document, aside, asked, parts, root, send};
use crate::{
    access::hexes::Policy,
    app::{
        Error,
        cache::Body,
        items::{self, Question},
    },
    http::{Server, actor::Who, error::Problem, parameters::Parameters},
    publish::ogc::{
        Link,
        collection::{self, Described},
        items as written,
        link::{GEOJSON, JSON, QUERYABLES, SCHEMA, SCHEMA_REL},
        schema,
    },
};

/// `GET /ogc/collections`.
pub async fn collections(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let found = items::catalogue(server.app(), &actor).await?;
    let described: Vec<Described<'_>> = found
        .iter()
        .map(|(offer, whole)| Described { whole, description: offer.description(), interval: None })
        .collect();
    let policy =
        if found.iter().all(|(offer, _)| offer.policy() == Policy::Public) { Policy::Public } else { Policy::Exact };
    let body = collection::all(&root(&server, &headers), &described);
    send(&headers, Document::new(JSON, body).kept_for(policy)).await
}

/// `GET /ogc/collections/{id}`.
pub async fn collection(
    State(server): State<Server>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let (offer, whole) = items::described(server.app(), &actor, &id).await?;
    let described = Described { whole: &whole, description: offer.description(), interval: None };
    let body = collection::one(&root(&server, &headers), &described);
    send(&headers, Document::new(JSON, body).kept_for(offer.policy())).await
}

/// `GET /ogc/collections/{id}/queryables`.
pub async fn queryables(
    State(server): State<Server>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let (offer, whole) = items::described(server.app(), &actor, &id).await?;
    let body = schema::queryables(&root(&server, &headers), &whole);
    send(&headers, Document::new(SCHEMA, body).kept_for(offer.policy())).await
}

/// `GET /ogc/collections/{id}/schema`.
pub async fn schema(
    State(server): State<Server>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let (offer, whole) = items::described(server.app(), &actor, &id).await?;
    let body = schema::returnables(&root(&server, &headers), &whole);
    send(&headers, Document::new(SCHEMA, body).kept_for(offer.policy())).await
}

/// What may be asked of items.
const ITEMS: [&str; 6] = ["limit", "bbox", "bbox-crs", "crs", "properties", "cursor"];

fn question(parameters: &Parameters) -> Result<Question, Problem> {
    let text = |name: &str| parameters.text(name).map(str::to_owned);
    Ok(Question {
        limit: parameters.number("limit")?,
        bbox: text("bbox"),
        bbox_crs: text("bbox-crs"),
        crs: text("crs"),
        properties: text("properties"),
        cursor: text("cursor"),
    })
}

/// `GET /ogc/collections/{id}/items`.
pub async fn items(
    State(server): State<Server>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let question = question(&asked(query.as_deref(), &ITEMS)?)?;
    let page = items::page(server.app(), &actor, &id, &question).await?;
    let collection = format!("{}/collections/{id}", root(&server, &headers));
    let at = format!("{collection}/items");
    let mut links = vec![Link::new("self", GEOJSON, parts::with_query(&at, query.as_deref()))];
    links
        .extend(page.next.as_ref().map(|next| Link::new("next", GEOJSON, parts::further(&at, query.as_deref(), next))));
    links.push(Link::new("collection", JSON, collection.clone()));
    let tag = format!("{} {:?} {} {at} {query:?}", page.generation, page.policy, page.up_to as u8);
    let mut header_links = links.clone();
    header_links.push(Link::new(QUERYABLES, SCHEMA, format!("{collection}/queryables")));
    header_links.push(Link::new(SCHEMA_REL, SCHEMA, format!("{collection}/schema")));
    let (policy, crs) = (page.policy, page.crs);
    let extra = vec![
        ("content-crs", format!("<{crs}>")),
        ("ogc-numbermatched", page.matched.to_string()),
        ("ogc-numberreturned", page.features.len().to_string()),
    ];
    let body = aside(move || {
        let envelope = written::Envelope { links: &links, matched: page.matched, at: &parts::moment(page.at), crs };
        written::page(&page.features, &envelope)
    })
    .await?;
    let document = Document { body: Body::tagged(body, &tag), media_type: GEOJSON, policy, links: header_links, extra };
    send(&headers, document).await
}

/// `GET /ogc/collections/{id}/items/{fid}`.
pub async fn item(
    State(server): State<Server>,
    Path((id, fid)): Path<(String, String)>,
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
    let mut document = Document::new(GEOJSON, body).kept_for(page.policy);
    document.extra = vec![("content-crs", format!("<{}>", page.crs))];
    document.links = links;
    send(&headers, document).await
}
