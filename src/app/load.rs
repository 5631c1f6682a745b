//! Load: the stored generation becomes the world that is served.

use std::sync::Arc;

use rayon::prelude::*;

use super::{
    App, Error, Ingredients, World,
    address::{Gazetteer, Suggestion},
    register, roads,
};
use crate::{
    domain::place::{Access, Street},
    geocode::{self, Register, RegisterInput},
    snapshot::{Snapshot, layer::Layer, schema::Titles},
    store::{Artefact, Contents, GenerationHead, Store, form},
};

/// Layers that Atlante makes itself; an import may not take their names.
pub const RESERVED_LAYERS: [&str; 5] = ["hexes", "civics", "streets", "households", "people"];

/// Serves what the store holds; answers which generation that is, none where nothing was refreshed yet.
pub async fn load(app: &App, store: &Arc<dyn Store>) -> Result<Option<GenerationHead>, Error> {
    let contents = store.contents().await?;
    roads::follow(app, store.as_ref(), &contents).await?;
    let Some(head) = contents.served.clone() else { return Ok(None) };
    let world = Arc::new(read(store.as_ref(), &contents, &head).await?);
    app.swap(Arc::clone(&world));
    // The public is served meanwhile.
    tokio::task::spawn_blocking(move || world.warm());
    Ok(Some(head))
}

/// The world of what the store serves, for a command; none where nothing was refreshed yet.
pub(super) async fn world(store: &dyn Store) -> Result<Option<World>, Error> {
    let contents = store.contents().await?;
    let Some(head) = &contents.served else { return Ok(None) };
    read(store, &contents, head).await.map(Some)
}

/// Follows the store from what is `served`: a refresh by another process is served a moment later, without a restart.
/// Runs until dropped.
pub async fn follow(app: Arc<App>, store: Arc<dyn Store>, mut served: Option<GenerationHead>) {
    const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(2);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let Ok(contents) = store.contents().await else { continue };
        if let Err(error) = roads::follow(&app, store.as_ref(), &contents).await {
            tracing::error!(error = %error, "the new roads cannot be served; the old ones stay");
        }
        if contents.served == served {
            continue;
        }
        match load(&app, &store).await {
            Ok(loaded) => {
                tracing::info!(generation = loaded.as_ref().map(|head| head.id.to_string()), "serving anew");
                served = loaded;
            }
            Err(error) => tracing::error!(error = %error, "the new generation cannot be served; the old one stays"),
        }
    }
}

async fn read(store: &dyn Store, contents: &Contents, head: &GenerationHead) -> Result<World, Error> {
    let snapshot = store.artefact(head.id, Artefact::Snapshot).await?;
    let civics = store.artefact(head.id, Artefact::Register).await?;
    let mut layers = Vec::new();
    for layer in &contents.layers {
        if !RESERVED_LAYERS.contains(&layer.name.as_str()) {
            layers.push(store.layer(&layer.name).await?);
        }
    }
    let town = layers.iter().find(|layer| layer.name.as_str() == register::BOUNDARY);
    let town = town.map(|layer| register::town(&layer.features)).unwrap_or_default();
    let made = tokio::task::spawn_blocking(move || {
        let (snapshot, civics) = rayon::join(
            || Snapshot::decode(&snapshot).map_err(Error::internal),
            || -> Result<(Vec<Street>, Vec<Access>), Error> {
                Ok(form::decode::<form::Civics>(&civics, "the civic register")?.into_parts())
            },
        );
        let (streets, accesses) = civics?;
        let input =
            || RegisterInput { town, streets: streets.clone(), accesses: accesses.clone(), aliases: Vec::new() };
        let layers = layers
            .into_par_iter()
            .map(|layer| {
                Layer::freeze(layer.name.as_str(), Titles::new(&layer.titles.it, &layer.titles.en), layer.features)
            })
            .collect();
        let snapshot = Arc::new(snapshot?);
        let (gazetteer, world) = rayon::join(
            || RegisterGazetteer(Register::build(input())),
            || World::new(Ingredients { snapshot, layers, streets: &streets, accesses: &accesses }),
        );
        Ok(world?.with_gazetteer(Arc::new(gazetteer)))
    });
    made.await.map_err(Error::internal)?
}

/// The civic register as the address search asks it.
struct RegisterGazetteer(Register);

impl Gazetteer for RegisterGazetteer {
    fn suggest(&self, text: &str, limit: usize) -> Vec<Suggestion> {
        let found = geocode::suggest(&self.0, text, limit).into_iter();
        found
            .map(|suggestion| Suggestion {
                street: self.0.street(suggestion.street).map_or_else(String::new, |entry| entry.street.name.clone()),
                label: suggestion.label,
                number: suggestion.number.map(|number| number.reveal().to_owned()),
                level: suggestion.level,
                score: suggestion.score,
                point: suggestion.point,
                access: suggestion.access,
            })
            .collect()
    }
}
