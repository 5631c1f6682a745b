//! Questions to the figures: the town, a legend, the table, a card.

use std::sync::Arc;

use h3o::{CellIndex, Resolution};

use super::{
    App,
    cache::Body,
    error::Error,
    tile::Answer,
    world::{Key, World},
};
use crate::{
    access::{
        Actor, Disclosed,
        hexes::{HexFigures, Hexes, RESOLUTIONS},
    },
    publish::{
        card, legend,
        listing::{self, Direction, Page, SortKey},
        town,
    },
    snapshot::schema::Slot,
};

/// The resolution of a question that does not say.
const USUAL_RESOLUTION: Resolution = Resolution::Nine;

/// Rows of a page of a question that does not say.
const USUAL_ROWS: usize = 50;

/// A question to the table of hexagons, as it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// H3 resolution.
    pub resolution: Option<u8>,
    /// `id`, `households`, `people` or the key of a mapped property.
    pub sort: Option<String>,
    /// Which way.
    pub direction: Option<Direction>,
    /// Rows a page.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// What is known of the town, and what the actor may see of it.
pub async fn town(app: &App, actor: &Actor) -> Result<Answer, Error> {
    let world = app.world()?;
    let (role, capacity) = (actor.capacity().key(), actor.capacity());
    let from = Arc::clone(&world);
    answer(app, actor, world, format!("town {role}"), move |hexes| {
        let charts: Vec<_> = from.charts().iter().collect();
        let about = town::About { generation: from.generation(), capacity, bounds: from.bounds(), charts: &charts };
        Ok(town::write(hexes, &about))
    })
    .await
}

/// The legend of a mapped property at a resolution (9 where none is said).
pub async fn legend(app: &App, actor: &Actor, property: &str, resolution: Option<u8>) -> Result<Answer, Error> {
    let world = app.world()?;
    let slot = mapped(&world, "property", property)?;
    let resolution = known_resolution(resolution)?;
    answer(app, actor, world, format!("legend {} {resolution}", slot.0), move |hexes| {
        legend::write(hexes, slot, resolution).ok_or_else(|| Error::invalid("property", "not a property of the map"))
    })
    .await
}

/// A page of the table of hexagons.
pub async fn listing(app: &App, actor: &Actor, asked: &Listing) -> Result<Answer, Error> {
    let world = app.world()?;
    let sort = match asked.sort.as_deref() {
        None | Some("id") => SortKey::Id,
        Some("households") => SortKey::Households,
        Some("people") => SortKey::People,
        Some(key) => SortKey::Property(mapped(&world, "sort", key)?),
    };
    let limit = asked.limit.unwrap_or(USUAL_ROWS);
    if !(1..=listing::MAX_ROWS).contains(&limit) {
        return Err(Error::invalid("limit", format_args!("not between 1 and {}", listing::MAX_ROWS)));
    }
    let mut page = Page {
        resolution: known_resolution(asked.resolution)?,
        sort,
        direction: asked.direction.unwrap_or(Direction::Ascending),
        skip: 0,
        limit,
    };
    let order = order_mark(&world, &page);
    if let Some(cursor) = &asked.cursor {
        page.skip = cursor
            .strip_prefix(order.as_str())
            .and_then(|rest| usize::from_str_radix(rest, 16).ok())
            .ok_or_else(|| Error::invalid("cursor", "not of this question, or the data has changed: start again"))?;
    }
    answer(app, actor, world, format!("listing {page:?}"), move |hexes| {
        Ok(listing::write(hexes, &page, |after| format!("{order}{after:x}")))
    })
    .await
}

/// Ties a cursor to the rows and the order in which it was given.
fn order_mark(world: &World, page: &Page) -> String {
    let question = format!("{} {:?} {:?} {:?}", world.generation(), page.resolution, page.sort, page.direction);
    blake3::hash(question.as_bytes()).to_hex()[..8].to_owned()
}

/// The card of a hexagon. Where no resolution is said it is the id's own, or else the first finer one at which that
/// id stands for joined cells.
pub async fn card(app: &App, actor: &Actor, id: &str, resolution: Option<u8>) -> Result<Answer, Error> {
    let world = app.world()?;
    let cell: CellIndex = id.parse().map_err(|_| Error::invalid("id", "not an H3 cell"))?;
    let resolution = resolution.map(|number| known_resolution(Some(number))).transpose()?;
    answer(app, actor, world, format!("card {cell} {resolution:?}"), move |hexes| {
        find(hexes, cell, resolution).map(|hex| card::write(hexes, hex)).ok_or_else(|| absent(hexes, cell, resolution))
    })
    .await
}

fn find(hexes: &Hexes, cell: CellIndex, resolution: Option<Resolution>) -> Option<&HexFigures> {
    match resolution {
        Some(resolution) => hexes.get(resolution, cell),
        None => RESOLUTIONS
            .into_iter()
            .filter(|&resolution| resolution >= cell.resolution())
            .find_map(|resolution| hexes.get(resolution, cell)),
    }
}

/// Says where the figures of a cell are that has none of its own.
fn absent(hexes: &Hexes, cell: CellIndex, resolution: Option<Resolution>) -> Error {
    let at = resolution.unwrap_or_else(|| cell.resolution()).min(RESOLUTIONS[RESOLUTIONS.len() - 1]);
    let covering = cell.parent(at).and_then(|cell| hexes.find(cell));
    Error::Missing(covering.map_or_else(
        || format!("no figures are published for {cell}"),
        |zone| format!("no figures are published for {cell} alone: they are in {} at resolution {at}", zone.id),
    ))
}

fn known_resolution(number: Option<u8>) -> Result<Resolution, Error> {
    let Some(number) = number else { return Ok(USUAL_RESOLUTION) };
    RESOLUTIONS
        .into_iter()
        .find(|&resolution| u8::from(resolution) == number)
        .ok_or_else(|| Error::invalid("resolution", "not between 6 and 10"))
}

fn mapped(world: &World, place: &str, key: &str) -> Result<Slot, Error> {
    let schema = world.snapshot().schema();
    schema
        .slot(key)
        .filter(|slot| usize::from(slot.0) < schema.mapped_len())
        .ok_or_else(|| Error::invalid(place, "not a property of the map"))
}

/// The document of that question, made once for each policy; the audit event is kept before it leaves.
async fn answer(
    app: &App,
    actor: &Actor,
    world: Arc<World>,
    question: String,
    write: impl FnOnce(&Disclosed<Arc<Hexes>>) -> Result<Vec<u8>, Error> + Send + 'static,
) -> Result<Answer, Error> {
    let sight = world.sight(actor)?;
    let policy = sight.chart.hexes().policy();
    app.journal.keep(&[sight.event]).await?;
    let from = Arc::clone(&world);
    let key = Key::Document(policy, question.into());
    let body: Arc<Body> = world.cache.get_or_make(key, move || write(from.hexes(policy).hexes())).await?;
    Ok(Answer { body, policy, world })
}
