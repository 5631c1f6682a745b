//! Layer 7, the use cases: one file a verb of the product. The only one that waits, reads the clock, and swaps.

pub mod account;
pub mod address;
pub mod ask;
pub mod cache;
pub mod carry;
pub mod casework;
pub mod collections;
pub mod crew;
pub mod error;
pub mod explain;
pub mod export;
pub mod feed;
pub mod file;
mod freeze;
pub mod geocode;
pub mod import;
pub mod invent;
pub mod items;
pub mod journal;
pub mod load;
pub mod orders;
pub mod plan;
pub mod qgis;
pub mod question;
pub mod rebuild;
pub mod refresh;
pub mod register;
pub mod review;
pub mod roads;
pub mod scenario;
pub mod selection;
pub mod sheet;
pub mod siting;
mod source;
pub mod tile;
pub mod tilesets;
pub mod token;
pub mod vrp;
pub mod way;
pub mod world;
pub mod zones;

use std::sync::Arc;

use arc_swap::ArcSwapOption;

pub use error::Error;
pub use world::{Ingredients, World};

use crate::{access::Actor, store::Store};

/// The running product: the world that is served, who may come in, and the log of what they saw.
pub struct App {
    world: ArcSwapOption<World>,
    store: Option<Arc<dyn Store>>,
    keyring: token::Keyring,
    journal: journal::Journal,
    writers: file::Writers,
    feed: feed::Feed,
    desk: casework::Desk,
    roads: ArcSwapOption<roads::Roads>,
    desks: way::Desks,
    turnstile: crew::Turnstile,
}

impl App {
    /// A product over a store; nothing is served until a world is [`swap`](Self::swap)ped in.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::over(Some(store))
    }

    /// A product without a store: a world for the public alone, for tests and benchmarks.
    pub fn without_store() -> Self {
        Self::over(None)
    }

    fn over(store: Option<Arc<dyn Store>>) -> Self {
        Self {
            world: ArcSwapOption::empty(),
            keyring: token::Keyring::new(store.clone()),
            journal: journal::Journal::new(store.clone()),
            writers: file::Writers::default(),
            feed: feed::Feed::new(),
            desk: casework::Desk::new(),
            roads: ArcSwapOption::empty(),
            desks: way::Desks::default(),
            turnstile: crew::Turnstile::default(),
            store,
        }
    }

    /// Serves this world from now on, and tells the listeners; questions under way finish in the old one.
    pub fn swap(&self, world: Arc<World>) {
        let new = Arc::clone(&world);
        let old = self.world.swap(Some(world));
        self.feed.turn(old.as_deref(), &new);
    }

    /// The world that is served. Errors: `Unavailable` where none is loaded.
    pub fn world(&self) -> Result<Arc<World>, Error> {
        self.world.load_full().ok_or_else(|| Error::Unavailable("no data has been loaded yet".to_owned()))
    }

    /// Who shows that credential. Errors: `Unauthenticated`.
    pub async fn authenticate(&self, credential: &token::Credential<'_>) -> Result<Actor, Error> {
        self.keyring.authenticate(credential).await
    }

    /// Whether questions can be answered: a world is loaded, and the store answers. A store whose migrations do not
    /// match does not open, so one that answers is of this program's schema.
    pub async fn ready(&self) -> Result<(), Error> {
        self.world()?;
        if let Some(store) = &self.store {
            store.contents().await?;
        }
        Ok(())
    }
}
