//! `/ogc/tiles/…`, `/ogc/collections/{id}/tiles/…`, `/ogc/tileMatrixSets/…`: Tiles Part 1.

use std::{str::FromStr, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue},
    response::Response,
};

use super::{At, Document, asked, asked_as, root, send};
use crate::{
    access::hexes::Policy,
    app::{Error, collections, tile, tilesets},
    http::{
        Server,
        actor::Who,
        answer::{self, Keep, Parcel, Varies},
        error::Problem,
    },
    publish::{
        ogc::{
            link::{JSON, MVT},
            tiles::{self, WEB_MERCATOR_QUAD},
        },
        tile::TileAddress,
    },
};

fn known(set: &str) -> Result<(), Problem> {
    if set == WEB_MERCATOR_QUAD {
        return Ok(());
    }
    Err(Error::Missing(format!("there is no such tile matrix set: {WEB_MERCATOR_QUAD}")).into())
}

/// A tile's address: matrix, row, column.
fn address(matrix: &str, row: &str, column: &str) -> Result<TileAddress, Problem> {
    let (z, y, x) = (number::<u8>("tileMatrix", matrix)?, number("tileRow", row)?, number("tileCol", column)?);
    TileAddress::new(z, x, y).map_err(|error| Error::Missing(format!("no such tile: {error}")).into())
}

/// Plain digits, as a URL template writes them.
fn number<T: FromStr>(name: &str, text: &str) -> Result<T, Problem> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain).ok_or_else(|| Problem::parameter(name, "not a whole number in range"))
}

/// The layer that draws a collection.
fn layer_of(server: &Server, who: &Who, id: &str) -> Result<String, Problem> {
    let offer = collections::one(&server.app().world()?, &who.0, id)?;
    let layer = offer.tiles().ok_or_else(|| Error::Missing("this collection has no tiles".to_owned()))?;
    Ok(layer.to_owned())
}

/// `GET /ogc/tiles`.
pub async fn dataset(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let base = root(&server, &headers);
    let body = tiles::tilesets(&base, &format!("{base}/tiles"), "Atlante");
    send(&headers, Document::new(JSON, body)).await
}

/// `GET /ogc/tiles/{set}`.
pub async fn dataset_set(
    State(server): State<Server>,
    At(set): At<String>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    known(&set)?;
    let found = tilesets::all(server.app(), &actor)?;
    let base = root(&server, &headers);
    let body = tiles::tileset(&base, &format!("{base}/tiles/{set}"), &found.town, &found.layers);
    send(&headers, Document::new(JSON, body)).await
}

/// `GET /ogc/tiles/{set}/{tileMatrix}/{tileRow}/{tileCol}`: every layer in one tile.
pub async fn dataset_tile(
    State(server): State<Server>,
    At((set, matrix, row, column)): At<(String, String, String, String)>,
    RawQuery(query): RawQuery,
    Who(actor): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked_as(query.as_deref(), &[], &["mvt"])?;
    known(&set)?;
    let drawn = tilesets::draw(server.app(), &actor, address(&matrix, &row, &column)?).await?;
    let mut response = tile_of(&headers, drawn.body, drawn.policy).await?;
    if let Ok(names) = HeaderValue::from_str(&drawn.left_out.join(", ")) {
        response.headers_mut().insert("atlante-layers-left-out", names);
    }
    Ok(response)
}

/// `GET /ogc/collections/{id}/tiles`.
pub async fn collection(
    State(server): State<Server>,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    who: Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    let layer = layer_of(&server, &who, &id)?;
    let found = tilesets::one(server.app(), &who.0, &layer)?;
    let base = root(&server, &headers);
    let title = found.layers.first().map_or("", |layer| &layer.title);
    send(&headers, Document::new(JSON, tiles::tilesets(&base, &format!("{base}/collections/{id}/tiles"), title))).await
}

/// `GET /ogc/collections/{id}/tiles/{set}`.
pub async fn collection_set(
    State(server): State<Server>,
    At((id, set)): At<(String, String)>,
    RawQuery(query): RawQuery,
    who: Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    known(&set)?;
    let layer = layer_of(&server, &who, &id)?;
    let found = tilesets::one(server.app(), &who.0, &layer)?;
    let base = root(&server, &headers);
    let title = found.layers.first().map_or("", |layer| &layer.title);
    let at = format!("{base}/collections/{id}/tiles/{set}");
    send(&headers, Document::new(JSON, tiles::tileset(&base, &at, title, &found.layers))).await
}

/// `GET /ogc/collections/{id}/tiles/{set}/{tileMatrix}/{tileRow}/{tileCol}`: the very bytes of `/tiles`.
pub async fn collection_tile(
    State(server): State<Server>,
    At((id, set, matrix, row, column)): At<(String, String, String, String, String)>,
    RawQuery(query): RawQuery,
    who: Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked_as(query.as_deref(), &[], &["mvt"])?;
    known(&set)?;
    let layer = layer_of(&server, &who, &id)?;
    let drawn = tile::draw(server.app(), &who.0, &layer, address(&matrix, &row, &column)?).await?;
    tile_of(&headers, drawn.body, drawn.policy).await
}

async fn tile_of(headers: &HeaderMap, body: Arc<crate::app::cache::Body>, policy: Policy) -> Result<Response, Problem> {
    let parcel = Parcel { body, media_type: MVT, policy, keep: Keep::Shortly, varies: Varies::CodingAndActor };
    answer::send(headers, parcel).await
}

/// `GET /ogc/tileMatrixSets`.
pub async fn tile_matrix_sets(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    send(&headers, Document::new(JSON, tiles::tile_matrix_sets(&root(&server, &headers)))).await
}

/// `GET /ogc/tileMatrixSets/{set}`.
pub async fn tile_matrix_set(
    State(server): State<Server>,
    At(set): At<String>,
    RawQuery(query): RawQuery,
    Who(_): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked(query.as_deref(), &[])?;
    known(&set)?;
    send(&headers, Document::new(JSON, tiles::tile_matrix_set(&root(&server, &headers)))).await
}
