//! A tile, and what describes its layer.

use std::sync::Arc;

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
        hexes,
        tile::{Kind, TileAddress},
        tilejson::{self, TileSet},
    },
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

/// The TileJSON of a layer; `base` is the server's public address without a final slash.
pub async fn describe(app: &App, actor: &Actor, layer: &str, base: &str) -> Result<Answer, Error> {
    let world = app.world()?;
    let policy = if layer == HEXES {
        world.sight(actor)?.chart.hexes().policy()
    } else {
        place_of(&world, layer)?;
        Policy::Public
    };
    let key = Key::Document(policy, format!("tiles {layer} {base}").into());
    let (from, layer, base) = (Arc::clone(&world), layer.to_owned(), base.to_owned());
    let body = world.cache.get_or_make(key, move || document(&from, policy, &layer, &base)).await?;
    Ok(Answer { body, policy, world })
}

fn document(world: &World, policy: Policy, layer: &str, base: &str) -> Result<Vec<u8>, Error> {
    let attribution = format!("Comune di {}", world.snapshot().about().name);
    let generation = world.generation();
    let write = |set: &TileSet<'_>| tilejson::write(set, base);
    if layer == HEXES {
        return Ok(write(&TileSet {
            name: HEXES,
            title: "Esagoni",
            attribution: &attribution,
            generation,
            bounds: world.bounds(),
            zooms: hexes::ZOOMS,
            kind: Kind::Polygon,
            fields: &hexes::fields(world.hexes(policy).hexes()),
        }));
    }
    let chart = &world.charts()[usize::from(place_of(world, layer)?)];
    let bounds: BBox = chart.layer().bounds().unwrap_or_else(|| world.bounds());
    Ok(write(&TileSet {
        name: layer,
        title: &chart.layer().titles().it,
        attribution: &attribution,
        generation,
        bounds,
        zooms: chart.zooms(),
        kind: chart.kind(),
        fields: chart.layer().fields(),
    }))
}
