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

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::{
        app::Ingredients,
        query::collection::{Households, ReferenceLayer},
        snapshot::{Span, invented},
    };

    fn world() -> (World, Arc<dyn Collection>) {
        let (snapshot, _) = invented::world(3, 2_000, 3, 0.05);
        let snapshot = Arc::new(snapshot);
        let parts = Ingredients { snapshot: Arc::clone(&snapshot), layers: Vec::new(), streets: &[], accesses: &[] };
        (World::new(parts).unwrap(), Arc::new(Households::new(snapshot)))
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    }

    #[test]
    fn a_filter_is_evaluated_once_however_it_is_written() {
        let (world, households) = world();
        runtime().block_on(async {
            let up_to = Sensitivity::Health;
            let ask = |text: &'static str, lang| select(&world, &households, up_to, text, lang);
            let first = ask("people>=3 and fragile=true", Lang::Text).await.unwrap();
            let again = ask("( people >= 3 )  AND fragile = TRUE", Lang::Text).await.unwrap();
            let json = r#"{"op":"and","args":[{"op":">=","args":[{"property":"people"},3]},{"op":"=","args":[{"property":"fragile"},true]}]}"#;
            let json = ask(json, Lang::Json).await.unwrap();
            assert!(Arc::ptr_eq(&first, &again) && Arc::ptr_eq(&first, &json));
            assert_eq!(world.selections.said.tally().misses, 1);
            let all = Span { start: 0, end: households.len() };
            assert!(first.people_in(all) >= 3 * first.len() && !first.is_empty());
            let start = Instant::now();
            for _ in 0..1_000 {
                ask("people>=3 and fragile=true", Lang::Text).await.unwrap();
            }
            let each_us = start.elapsed().as_secs_f64() * 1e3;
            println!("a filter that is kept: {each_us:.1} µs");
            assert!(each_us < 500.0, "{each_us} µs");
        });
    }

    #[test]
    fn what_goes_wrong_is_said_with_its_place_and_not_kept() {
        let (world, households) = world();
        runtime().block_on(async {
            let ask = |text: String, up_to| {
                let (world, households) = (&world, &households);
                async move { select(world, households, up_to, &text, Lang::Text).await.map(|found| found.len()) }
            };
            for _ in 0..2 {
                let Err(Error::Invalid { place, position, .. }) =
                    ask("people > 1 and nobody = 1".to_owned(), Sensitivity::Health).await
                else {
                    panic!("an unknown property passed")
                };
                assert_eq!((place.as_str(), position), ("filter", Some(15)));
            }
            // A filter that some may ask stays closed to others, kept or not.
            assert!(ask("flagged".to_owned(), Sensitivity::Health).await.is_ok());
            assert!(matches!(ask("flagged".to_owned(), Sensitivity::Personal).await, Err(Error::Invalid { .. })));
            assert!(matches!(ask("(".repeat(1 << 20), Sensitivity::Health).await, Err(Error::Invalid { .. })));
        });
    }

    #[test]
    fn what_costs_too_much_is_not_available() {
        let (world, _) = world();
        let layer = crate::query::invented::layer(1, 4_000, crate::snapshot::layer::Shapes::Polygons);
        let layer: Arc<dyn Collection> = Arc::new(ReferenceLayer::new(Arc::clone(layer.layer())));
        let ring: Vec<String> = (0..=4_000)
            .map(|at| f64::from(at % 4_000) * std::f64::consts::TAU / 4_000.0)
            .map(|turn| format!("{:.9} {:.9}", 3.0 * turn.cos(), 3.0 * turn.sin()))
            .collect();
        let text = format!("S_OVERLAPS(geom,POLYGON(({})))", ring.join(","));
        let found = runtime().block_on(select(&world, &layer, Sensitivity::Public, &text, Lang::Text));
        assert!(matches!(found, Err(Error::Costly(_))));
    }
}
