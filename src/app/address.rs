//! Finding an address while it is typed.

use std::sync::Arc;

use super::{App, error::Error};
use crate::domain::{
    geo::LonLat,
    place::{AccessId, PlaceLevel},
};

/// Longest text that is looked for, in bytes.
pub const MAX_QUERY_BYTES: usize = 200;

/// Most answers to one question.
pub const MAX_SUGGESTIONS: usize = 20;

/// An address that may be meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The address on one line.
    pub label: String,
    /// The street.
    pub street: String,
    /// The civic number, where one was meant.
    pub number: Option<String>,
    /// How near.
    pub level: PlaceLevel,
    /// 0 to 1, best first.
    pub score: f32,
    /// Where, where known.
    pub point: Option<LonLat>,
    /// The access, where one was found.
    pub access: Option<AccessId>,
}

/// Who knows the addresses of a town.
pub trait Gazetteer: Send + Sync {
    /// At most `limit` addresses that the text may mean, best first.
    fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion>;
}

/// Addresses of the official register that the text may mean: open data, for everybody.
pub async fn suggest(app: &App, text: String, limit: usize) -> Result<Vec<Suggestion>, Error> {
    if text.len() > MAX_QUERY_BYTES {
        return Err(Error::invalid("q", format_args!("longer than {MAX_QUERY_BYTES} bytes")));
    }
    if !(1..=MAX_SUGGESTIONS).contains(&limit) {
        return Err(Error::invalid("limit", format_args!("not between 1 and {MAX_SUGGESTIONS}")));
    }
    let world = app.world()?;
    let Some(gazetteer) = world.gazetteer().map(Arc::clone) else { return Ok(Vec::new()) };
    tokio::task::spawn_blocking(move || gazetteer.suggest(&text, limit)).await.map_err(Error::internal)
}
