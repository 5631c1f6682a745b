//! The layers that have tiles, described together; and their tiles drawn as one.

use std::sync::Arc;

use super::{App, cache::Body, collections, error::Error, tile, world::Key};
use crate::{
    access::{Actor, hexes::Policy},
    publish::{
        hexes,
        ogc::tiles::Tiled,
        tile::{Kind, MAX_TILE_BYTES, TileAddress, Zooms},
    },
};

/// What there is, as the actor may see it.
pub struct Tilesets {
    /// Each layer.
    pub layers: Vec<Tiled>,
    /// The town.
    pub town: Box<str>,
    /// Of which world.
    pub generation: Box<str>,
}

/// Every layer that has tiles, the hexagons first.
pub fn all(app: &App, actor: &Actor) -> Result<Tilesets, Error> {
    let world = app.world()?;
    let sight = world.sight(actor)?;
    let mut layers = vec![Tiled {
        name: "hexes".into(),
        title: "Esagoni".into(),
        bounds: world.bounds(),
        zooms: hexes::ZOOMS,
        kind: Kind::Polygon,
        fields: hexes::fields(sight.chart.hexes()),
    }];
    layers.extend(world.charts().iter().map(|chart| Tiled {
        name: chart.layer().name().into(),
        title: chart.layer().titles().it.clone(),
        bounds: chart.layer().bounds().unwrap_or_else(|| world.bounds()),
        zooms: chart.zooms(),
        kind: chart.kind(),
        fields: chart.layer().fields().to_vec(),
    }));
    if let Ok(households) = collections::one(&world, actor, "households") {
        let fields = households.collection();
        layers.push(Tiled {
            name: households.name().into(),
            title: households.titles().it,
            bounds: fields.bounds().unwrap_or_else(|| world.bounds()),
            zooms: Zooms { from: 0, to: 14 },
            kind: Kind::Point,
            fields: Vec::new(),
        });
    }
    let town = (*world.snapshot().about().name).into();
    Ok(Tilesets { layers, town, generation: world.generation().into() })
}

/// The layer of that name. Errors: `Missing`.
pub fn one(app: &App, actor: &Actor, name: &str) -> Result<Tilesets, Error> {
    let mut all = all(app, actor)?;
    all.layers.retain(|layer| *layer.name == *name);
    if all.layers.is_empty() {
        return Err(Error::Missing("this collection has no tiles".to_owned()));
    }
    Ok(all)
}

/// A tile with every layer in it.
pub struct Together {
    /// The bytes.
    pub body: Arc<Body>,
    /// For whom it may be kept.
    pub policy: Policy,
    /// Layers that did not fit under [`MAX_TILE_BYTES`].
    pub left_out: Vec<Box<str>>,
}

/// Every layer's tile, one after the other (which is a tile again), the hexagons first; a layer with which the tile
/// would be too large is left out and named.
pub async fn draw(app: &App, actor: &Actor, address: TileAddress) -> Result<Together, Error> {
    let (mut bytes, mut policy, mut left_out) = (Vec::new(), Policy::Public, Vec::new());
    let tilesets = all(app, actor)?;
    for layer in &tilesets.layers {
        let answer = tile::draw(app, actor, &layer.name, address).await?;
        let more = answer.body.identity();
        if bytes.len() + more.len() >= MAX_TILE_BYTES {
            left_out.push(layer.name.clone());
            continue;
        }
        bytes.extend_from_slice(more);
        if answer.policy == Policy::Exact {
            policy = Policy::Exact;
        }
    }
    let world = app.world()?;
    // The bytes name themselves: whatever world they are of, the same bytes are kept once.
    let hash = blake3::hash(&bytes).to_hex();
    let key = Key::Document(policy, format!("tile of all {hash}").into());
    let body = world.cache.get_or_make(key, move || Ok(bytes)).await?;
    Ok(Together { body, policy, left_out })
}
