//! The rows that a filter finds: read and evaluated once for all who ask, off the threads that wait, and kept.

use std::{panic::resume_unwind, sync::Arc, thread};

use super::{
    cache::{Cache, Kept},
    error::Error,
    world::World,
};
use crate::{
    ingest::crs::Crs,
    query::{
        Budget, Selection,
        collection::Collection,
        evaluate,
        filter::{self, Filter, Lang, Vocabulary},
    },
    snapshot::schema::Sensitivity,
};

/// Bytes of selections that a world keeps.
const SHELF_BYTES: usize = 128 << 20;
/// The stack on which filters are read and evaluated: many times what the gate lets them need.
const STACK_BYTES: usize = 16 << 20;

/// Which collection, as it is now.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Whose {
    name: Box<str>,
    generation: Box<str>,
}

/// A filter as somebody wrote it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Written {
    whose: Whose,
    up_to: Sensitivity,
    lang: Lang,
    crs: Option<Crs>,
    text: [u8; 32],
}

/// Selections of a world, by what was written and by what it says.
pub struct Shelf {
    written: Cache<Written, Found>,
    said: Cache<(Whose, [u8; 16]), Found>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { written: Cache::new(SHELF_BYTES), said: Cache::new(SHELF_BYTES) }
    }
}

struct Found(Arc<Selection>);

impl Kept for Found {
    fn weight(&self) -> usize {
        self.0.heap_bytes() + 1024
    }
}

/// What a filter finds in a collection; fields above `up_to` are closed to it.
///
/// Errors: `Invalid` with the character where the filter goes wrong; `Costly` where it costs more than one may.
pub async fn select(
    world: &World,
    collection: &Arc<dyn Collection>,
    up_to: Sensitivity,
    text: &str,
    lang: Lang,
) -> Result<Arc<Selection>, Error> {
    select_in(world, collection, up_to, text, lang, None).await
}

/// As [`select`], where the shapes of the filter are written in a coordinate system, in its authority's axis order.
pub async fn select_in(
    world: &World,
    collection: &Arc<dyn Collection>,
    up_to: Sensitivity,
    text: &str,
    lang: Lang,
    crs: Option<Crs>,
) -> Result<Arc<Selection>, Error> {
    let whose = Whose { name: collection.name().into(), generation: collection.generation().into() };
    let hash = *blake3::hash(text.as_bytes()).as_bytes();
    let written = Written { whose: whose.clone(), up_to, lang, crs, text: hash };
    if let Some(found) = world.selections.written.get(&written) {
        return Ok(Arc::clone(&found.0));
    }
    if text.len() > filter::gate::BYTES_MAX {
        let reason = format!("the filter has {} bytes; {} are the most", text.len(), filter::gate::BYTES_MAX);
        return Err(Error::invalid("filter", reason));
    }
    let read = {
        let (collection, text) = (Arc::clone(collection), text.to_owned());
        move || -> Result<Filter, Error> {
            let vocabulary = Vocabulary::new(&*collection, up_to);
            let vocabulary = crs.map_or(vocabulary, |crs| vocabulary.crs(crs));
            Ok(filter::parse(&text, lang, &vocabulary)?)
        }
    };
    let filter = tokio::task::spawn_blocking(move || on_stack(read)).await.map_err(Error::internal)??;
    let selection = select_by(world, collection, filter).await?;
    let found = Arc::clone(&selection);
    world.selections.written.get_or_keep(written, move || Ok(Found(found))).await?;
    Ok(selection)
}

/// What a filter that was read for a collection finds in it.
///
/// Errors: `Costly` where it costs more than one may.
pub async fn select_by(
    world: &World,
    collection: &Arc<dyn Collection>,
    filter: Filter,
) -> Result<Arc<Selection>, Error> {
    let whose = Whose { name: collection.name().into(), generation: collection.generation().into() };
    let collection = Arc::clone(collection);
    let key = (whose, filter.key());
    let make = move || on_stack(move || find(&*collection, &filter));
    Ok(Arc::clone(&world.selections.said.get_or_keep(key, make).await?.0))
}

fn find(collection: &dyn Collection, filter: &Filter) -> Result<Found, Error> {
    let rows = evaluate::rows(filter, collection, &Budget::default())?;
    Ok(Found(Arc::new(match collection.snapshot() {
        Some(snapshot) => Selection::of_households(rows, Arc::clone(snapshot)),
        None => Selection::new(rows, collection.len()),
    })))
}

/// Runs on a stack of a known size; a panic goes on in the caller, who is off the waiting threads.
fn on_stack<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    thread::scope(|scope| {
        let spawned = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        match spawned.map_err(Error::internal)?.join() {
            Ok(done) => done,
            Err(panic) => resume_unwind(panic),
        }
    })
}
