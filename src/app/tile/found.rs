//! Tiles of what a filter found, and of households: made for who asks, kept apart from the tiles that everybody asks for.

use std::sync::Arc;

use super::{Answer, HEXES, Whose, place_of};
use crate::{
    access::{
        Actor, Disclosed, ExactFigures, Grant, HouseholdRecords, PublicFigures,
        audit::AuditEvent,
        disclose,
        found::{FoundHexes, FoundHouseholds},
        grant,
        hexes::{Policy, RESOLUTIONS},
    },
    app::{App, Error, World, collections::refused, selection::select},
    publish::{hexes::resolution_of, households, tile::TileAddress},
    query::{Selection, collection::Collection, filter::Lang},
    snapshot::{Row, schema::Sensitivity},
};

/// A filter as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its text.
    pub text: Box<str>,
    /// Its language.
    pub lang: Lang,
}

/// A tile that was made for a filter or of households.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::app) struct Key {
    layer: Which,
    whose: Whose,
    /// The filter's text by its hash, and its language; none for all households.
    filter: Option<([u8; 32], Lang)>,
    tile: TileAddress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Which {
    Hexes,
    Households,
    Chart(u16),
}

/// What a tile is drawn from.
enum Drawing {
    Found(Disclosed<FoundHexes>),
    Figures([Option<Arc<Selection>>; RESOLUTIONS.len()]),
    Households(Disclosed<FoundHouseholds>),
    Chart(u16, Arc<Selection>),
}

/// What was asked and may be drawn.
struct Sought {
    which: Which,
    whose: Whose,
    drawing: Drawing,
    event: Option<AuditEvent>,
}

impl Written {
    fn key(&self) -> ([u8; 32], Lang) {
        (*blake3::hash(self.text.as_bytes()).as_bytes(), self.lang)
    }

    /// What the audit log says of a layer that was asked with it.
    fn object(&self, layer: &str) -> String {
        const MOST: usize = 300;
        let shown: String = self.text.chars().filter(|c| !c.is_control()).take(MOST).collect();
        format!("{layer} where {shown}")
    }
}

/// A tile of what a filter finds in a layer, as finely as the actor may see it; the log knows it before it leaves.
///
/// Errors: `Invalid` with the place in the filter; `Missing`; `Unauthenticated` and `Forbidden` for households;
/// `Unavailable` where the filter costs more than it may.
pub async fn draw_found(
    app: &App,
    actor: &Actor,
    layer: &str,
    filter: Option<&Written>,
    tile: TileAddress,
) -> Result<Answer, Error> {
    let world = app.world()?;
    let Sought { which, whose, drawing, event } = seek(&world, actor, layer, filter, Some(tile)).await?;
    let key = Key { layer: which, whose, filter: filter.map(Written::key), tile };
    if let Some(event) = event {
        let mark = key.filter.map_or([0; 8], |(hash, _)| std::array::from_fn(|at| hash[at]));
        let minute = format!("{} {which:?} {:016x}", world.generation(), u64::from_be_bytes(mark));
        app.journal.note(actor, &event, &minute).await?;
    }
    let from = Arc::clone(&world);
    let body = match world.found.get(&key) {
        Some(body) => body,
        None => world.found.get_or_make(key, move || Ok(make(&from, &drawing, tile))).await?,
    };
    Ok(Answer { body, policy: whose.policy(), world })
}

/// Checks that a filter can be asked of a layer by an actor, and says how few found are told.
pub(super) async fn admit(
    world: &Arc<World>,
    actor: &Actor,
    layer: &str,
    filter: Option<&Written>,
) -> Result<Admitted, Error> {
    let sought = seek(world, actor, layer, filter, None).await?;
    Ok(match sought.drawing {
        Drawing::Found(found) => Admitted::Found(found),
        _ => Admitted::Alike,
    })
}

/// How the tiles of a filter look.
pub(super) enum Admitted {
    /// As those of the layer.
    Alike,
    /// Counts of what was found.
    Found(Disclosed<FoundHexes>),
}

async fn seek(
    world: &Arc<World>,
    actor: &Actor,
    layer: &str,
    filter: Option<&Written>,
    tile: Option<TileAddress>,
) -> Result<Sought, Error> {
    match (layer, filter) {
        (households::NAME, _) => of_households(world, actor, filter).await,
        (HEXES, Some(filter)) => match grant::<ExactFigures>(actor) {
            Ok(figures) => of_hexes(world, actor, figures, filter).await,
            Err(_) => of_figures(world, actor, filter, tile).await,
        },
        (layer, Some(filter)) => {
            let place = place_of(world, layer)?;
            let rows: Arc<dyn Collection> = world.layer(layer).ok_or_else(|| Error::internal("a chart has a layer"))?;
            let selection = select(world, &rows, Sensitivity::Public, &filter.text, filter.lang).await?;
            let drawing = Drawing::Chart(place, selection);
            Ok(Sought { which: Which::Chart(place), whose: Whose::Public, drawing, event: None })
        }
        (layer, None) => Err(Error::Missing(format!("{layer} has tiles of its own"))),
    }
}

fn households_of(world: &World) -> Arc<dyn Collection> {
    Arc::clone(world.households()) as _
}

/// What was found in each exact hexagon, counted as finely as the actor may hear.
async fn of_hexes(
    world: &Arc<World>,
    actor: &Actor,
    figures: Grant<ExactFigures>,
    filter: &Written,
) -> Result<Sought, Error> {
    let (whose, up_to) = match grant::<HouseholdRecords>(actor) {
        Ok(records) => (Whose::Records(records.ceiling()), records.ceiling()),
        Err(_) => (Whose::Figures, Sensitivity::Personal),
    };
    let selection = select(world, &households_of(world), up_to, &filter.text, filter.lang).await?;
    let (seen, who, object) = (Arc::clone(world), actor.clone(), filter.object(HEXES));
    let disclose = move || {
        seen.sight(&who)?;
        Ok::<_, Error>(match grant::<HouseholdRecords>(&who) {
            Ok(records) => disclose::found_all(&records, seen.prepared(), &selection, &object),
            Err(_) => disclose::found_few(&figures, seen.prepared(), &selection, &object),
        })
    };
    let (found, event) = if world.seen_exactly().is_some() {
        disclose()?
    } else {
        // The exact figures have to be made first.
        tokio::task::spawn_blocking(disclose).await.map_err(Error::internal)??
    };
    Ok(Sought { which: Which::Hexes, whose, drawing: Drawing::Found(found), event: Some(event) })
}

/// Households one by one, for those who may read them.
async fn of_households(world: &Arc<World>, actor: &Actor, filter: Option<&Written>) -> Result<Sought, Error> {
    let records = grant::<HouseholdRecords>(actor).map_err(|denied| refused(actor, &denied))?;
    let selection = match filter {
        Some(filter) => Some(select(world, &households_of(world), records.ceiling(), &filter.text, filter.lang).await?),
        None => None,
    };
    let object = filter.map_or_else(|| households::NAME.to_owned(), |filter| filter.object(households::NAME));
    let (points, event) = disclose::household_points(&records, world.households(), selection.as_ref(), &object);
    let whose = Whose::Records(records.ceiling());
    Ok(Sought { which: Which::Households, whose, drawing: Drawing::Households(points), event: Some(event) })
}

/// The published hexagons, of which a filter over their own figures keeps some.
async fn of_figures(
    world: &Arc<World>,
    actor: &Actor,
    filter: &Written,
    tile: Option<TileAddress>,
) -> Result<Sought, Error> {
    let open = grant::<PublicFigures>(actor).map_err(|denied| refused(actor, &denied))?;
    let finest = resolution_of(tile.map_or(u8::MAX, TileAddress::z));
    let mut found: [Option<Arc<Selection>>; RESOLUTIONS.len()] = Default::default();
    // A tile that is too full is drawn coarser, so every coarser level is filtered too; they are small, and kept.
    for (place, resolution) in RESOLUTIONS.into_iter().enumerate().filter(|&(_, resolution)| resolution <= finest) {
        let rows: Arc<dyn Collection> = Arc::clone(world.prepared().collection(&open, resolution)) as _;
        found[place] = Some(select(world, &rows, open.ceiling(), &filter.text, filter.lang).await?);
    }
    Ok(Sought { which: Which::Hexes, whose: Whose::Public, drawing: Drawing::Figures(found), event: None })
}

fn make(world: &World, drawing: &Drawing, tile: TileAddress) -> Vec<u8> {
    match drawing {
        Drawing::Found(found) => world.hexes(Policy::Exact).found_tile(tile, found),
        Drawing::Figures(found) => {
            let kept = |at: usize, place: u32| found[at].as_ref().is_some_and(|rows| rows.bits().get(Row(place)));
            world.hexes(Policy::Public).tile_of(tile, kept)
        }
        Drawing::Households(points) => households::tile(tile, points),
        Drawing::Chart(place, rows) => {
            world.charts()[usize::from(*place)].tile_of(tile, |place| rows.bits().get(Row(place)))
        }
    }
}
