//! A tile, and what describes its layer; `found` has those of filters and of households.

mod found;

use std::sync::Arc;

pub(super) use found::Key as FoundKey;
pub use found::{Written, draw_found};

use super::{
    App,
    cache::Body,
    error::Error,
    world::{Key, World},
};
use crate::{
    access::{Actor, hexes::Policy},
    domain::geo::BBox,
    publish::{
        hexes, households,
        tile::{Kind, TileAddress, Zooms},
        tilejson::{self, TileSet},
    },
    snapshot::{layer::Field, schema::Sensitivity},
};

/// A body, and for whom it may be kept on its way.
pub struct Answer {
    /// The bytes.
    pub body: Arc<Body>,
    /// Public answers may be kept by anybody, exact ones by who asked alone.
    pub policy: Policy,
    /// Of which world.
    pub world: Arc<World>,
}

/// The name of the layer of hexagons.
const HEXES: &str = "hexes";

/// A tile of a layer: as fine as the actor may see, in bytes that are made once.
///
/// Errors: `Missing` for a layer that is not there.
pub async fn draw(app: &App, actor: &Actor, layer: &str, tile: TileAddress) -> Result<Answer, Error> {
    if layer == households::NAME {
        return draw_found(app, actor, layer, None, tile).await;
    }
    let world = app.world()?;
    let (key, policy) = if layer == HEXES {
        let sight = world.sight(actor)?;
        let policy = sight.chart.hexes().policy();
        app.journal.note(actor, &sight.event, world.generation()).await?;
        (Key::Hexes(policy, tile), policy)
    } else {
        (Key::Chart(place_of(&world, layer)?, tile), Policy::Public)
    };
    let body = if let Some(body) = world.cache.get(&key) {
        body
    } else {
        let from = Arc::clone(&world);
        let make = {
            let key = key.clone();
            move || Ok(make(&from, &key))
        };
        world.cache.get_or_make(key, make).await?
    };
    Ok(Answer { body, policy, world })
}

fn make(world: &World, key: &Key) -> Vec<u8> {
    match key {
        Key::Hexes(policy, tile) => world.hexes(*policy).tile(*tile),
        Key::Chart(place, tile) => world.charts()[usize::from(*place)].tile(*tile),
        Key::Document(..) => Vec::new(),
    }
}

fn place_of(world: &World, layer: &str) -> Result<u16, Error> {
    world.chart(layer).ok_or_else(|| Error::Missing(format!("there is no layer \"{}\"", short(layer))))
}

fn short(name: &str) -> String {
    name.chars().filter(char::is_ascii_graphic).take(48).collect()
}

/// For whom a tile is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    /// Anybody.
    Public,
    /// Who reads exact figures and no households.
    Figures,
    /// Who reads households up to a sensitivity.
    Records(Sensitivity),
}

impl Whose {
    const fn policy(self) -> Policy {
        match self {
            Self::Public => Policy::Public,
            Self::Figures | Self::Records(_) => Policy::Exact,
        }
    }
}

/// The TileJSON of a layer; `base` is the server's public address without a final slash.
pub async fn describe(app: &App, actor: &Actor, layer: &str, base: &str) -> Result<Answer, Error> {
    describe_found(app, actor, layer, None, base).await
}

/// The TileJSON of a layer whose tiles are asked for with a filter. Errors: as those of [`draw_found`].
pub async fn describe_found(
    app: &App,
    actor: &Actor,
    layer: &str,
    filter: Option<&Written>,
    base: &str,
) -> Result<Answer, Error> {
    let world = app.world()?;
    let look = if filter.is_some() || layer == households::NAME {
        found::admit(&world, actor, layer, filter).await?
    } else {
        found::Admitted::Alike
    };
    let policy = match layer {
        HEXES => world.sight(actor)?.chart.hexes().policy(),
        households::NAME => Policy::Exact,
        _ => {
            place_of(&world, layer)?;
            Policy::Public
        }
    };
    let (from, layer, base, filter) = (Arc::clone(&world), layer.to_owned(), base.to_owned(), filter.cloned());
    let body = if filter.is_some() {
        // Made anew each time: sliders write many filters, and this is little work.
        Arc::new(Body::new(document(&from, policy, (&layer, filter.as_ref()), &look, &base)?))
    } else {
        let key = Key::Document(policy, format!("tiles {layer} {base}").into());
        world.cache.get_or_make(key, move || document(&from, policy, (&layer, None), &look, &base)).await?
    };
    Ok(Answer { body, policy, world })
}

fn document(
    world: &World,
    policy: Policy,
    (layer, filter): (&str, Option<&Written>),
    look: &found::Admitted,
    base: &str,
) -> Result<Vec<u8>, Error> {
    let attribution = format!("Comune di {}", world.snapshot().about().name);
    let write = |kind: Kind, title: &str, (bounds, zooms): (BBox, Zooms), fields: &[Field], least: u32| {
        let filter = filter.map(|filter| (&*filter.text, filter.lang.name()));
        let generation = world.generation();
        let set = TileSet {
            name: layer,
            title,
            attribution: &attribution,
            generation,
            bounds,
            zooms,
            kind,
            fields,
            filter,
            least,
        };
        tilejson::write(&set, base)
    };
    Ok(match (layer, look) {
        (HEXES, found::Admitted::Found(found)) => {
            let (place, fields) = ((world.bounds(), hexes::ZOOMS), hexes::found_fields(found));
            write(Kind::Polygon, "Esagoni: famiglie trovate", place, &fields, found.least())
        }
        (HEXES, found::Admitted::Alike) => {
            let fields = hexes::fields(world.hexes(policy).hexes());
            write(Kind::Polygon, "Esagoni", (world.bounds(), hexes::ZOOMS), &fields, 0)
        }
        (households::NAME, _) => {
            let bounds = world.snapshot().bounds().unwrap_or_else(|| world.bounds());
            write(Kind::Point, "Famiglie", (bounds, households::ZOOMS), &households::fields(), 0)
        }
        (layer, _) => {
            let chart = &world.charts()[usize::from(place_of(world, layer)?)];
            let place = (chart.layer().bounds().unwrap_or_else(|| world.bounds()), chart.zooms());
            write(chart.kind(), &chart.layer().titles().it, place, chart.layer().fields(), 0)
        }
    })
}
