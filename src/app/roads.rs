//! Roads: the network that is served, a ground for each profile, and a plane for each scenario that is asked by.
//!
//! What is heavy is made once, off the waiting threads, for all who ask meanwhile: a ground at its first use (or soon after
//! loading, by [`Roads::warm`]), a plane when a version of a scenario is first asked by. Another import is another [`Roads`].

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use serde_json::json;
use tokio::sync::OnceCell;

use super::{App, Error, rebuild, source};
use crate::{
    casework::scenario::{self, Scenario, ScenarioId},
    domain::{geo::BBox, watch::Watch},
    roads::{
        closure::{self, ClosedArcs, Closure},
        ground::Ground,
        network::Network,
        plane::Plane,
        profile::Profile,
    },
    store::{Contents, Source, SourceId, SourceKind, Store},
};

/// Bytes that the planes of scenarios may take, as they are estimated.
const PLANES_BYTES: usize = 512 << 20;
/// Bytes of a plane for each edge of its network, about.
const EDGE_BYTES: usize = 96;
/// Planes of scenarios that are kept at least and at most.
const PLANES_LEAST: usize = 5;
const PLANES_MOST: usize = 64;

/// How many edges are closed to each profile, in the order of all.
type Counts = [usize; Profile::ALL.len()];

/// Which plane: a profile under a version of a scenario.
type PlaneKey = (Profile, ScenarioId, u64);

/// What a scenario closes to a profile, and the plane of what is left, made when it is asked by.
#[derive(Default)]
struct Closed {
    arcs: OnceCell<Arc<ClosedArcs>>,
    plane: OnceCell<Arc<Plane>>,
}

struct Slot {
    key: PlaneKey,
    made: Arc<Closed>,
}

/// The roads that are served.
pub struct Roads {
    /// What they came from in the store; none: from a file of their own.
    source: Option<SourceId>,
    about: About,
    network: Arc<Network>,
    /// Kilometres of all roads, and the box around them: told to everybody, so measured once.
    length_km: f64,
    bbox: Option<BBox>,
    open: [OnceCell<Arc<Plane>>; Profile::ALL.len()],
    /// The one that was asked for last comes last.
    closed: Mutex<VecDeque<Slot>>,
    /// How many edges each version of a scenario closes to each profile: looked at in every list, so never made twice.
    counts: Mutex<BTreeMap<ScenarioId, (u64, Counts)>>,
}

/// What is known of the roads that are served.
#[derive(Clone, Debug)]
pub struct About {
    /// The file that they came from.
    pub file: Box<str>,
    /// When it was imported.
    pub at: Timestamp,
    /// What in it could not be used.
    pub faults: u64,
}

impl Roads {
    /// Roads that nobody has asked yet.
    pub(super) fn new(source: Option<SourceId>, about: About, network: Network) -> Self {
        Self {
            source,
            about,
            length_km: (network.total_m() / 100.0).round() / 10.0,
            bbox: network.bbox(),
            network: Arc::new(network),
            open: [const { OnceCell::const_new() }; Profile::ALL.len()],
            closed: Mutex::default(),
            counts: Mutex::default(),
        }
    }

    /// What is known of them.
    pub const fn about(&self) -> &About {
        &self.about
    }

    /// The network.
    pub const fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The plane of a profile where nothing is closed.
    pub async fn open(&self, profile: Profile) -> Result<Arc<Plane>, Error> {
        let make = || async {
            let network = Arc::clone(&self.network);
            aside(move || Arc::new(Plane::open(Arc::new(Ground::build(network, profile))))).await
        };
        self.open[profile as usize].get_or_try_init(make).await.cloned()
    }

    /// The plane of a profile, where nothing is closed or under a scenario.
    pub(super) async fn plane(&self, profile: Profile, scenario: Option<&Scenario>) -> Result<Arc<Plane>, Error> {
        match scenario {
            None => self.open(profile).await,
            Some(scenario) => self.closed(profile, scenario).await,
        }
    }

    /// What a scenario closes to a profile.
    async fn arcs(&self, profile: Profile, scenario: &Scenario, slot: &Closed) -> Result<Arc<ClosedArcs>, Error> {
        let find = || async {
            let ground = Arc::clone(self.open(profile).await?.ground());
            let closures = closures(scenario);
            aside(move || Arc::new(closure::closed(&ground, &closures))).await
        };
        slot.arcs.get_or_try_init(find).await.cloned()
    }

    /// The plane of a profile under a scenario as it stands.
    async fn closed(&self, profile: Profile, scenario: &Scenario) -> Result<Arc<Plane>, Error> {
        let slot = self.slot((profile, scenario.id, scenario.version));
        let make = || async {
            let arcs = self.arcs(profile, scenario, &slot).await?;
            let ground = Arc::clone(self.open(profile).await?.ground());
            aside(move || Arc::new(Plane::new(ground, &arcs))).await
        };
        slot.plane.get_or_try_init(make).await.cloned()
    }

    /// How many edges a scenario closes to each profile. Found once for all, without a place among the planes: a list of many
    /// scenarios drives out none that somebody asks by.
    async fn counts(&self, scenario: &Scenario) -> Result<Counts, Error> {
        let known = self.counts.lock().unwrap_or_else(PoisonError::into_inner).get(&scenario.id).copied();
        if let Some((_, counts)) = known.filter(|(version, _)| *version == scenario.version) {
            return Ok(counts);
        }
        let mut grounds = Vec::with_capacity(Profile::ALL.len());
        for profile in Profile::ALL {
            grounds.push(Arc::clone(self.open(profile).await?.ground()));
        }
        let (network, closures) = (Arc::clone(&self.network), closures(scenario));
        let count = move || {
            let edges = closure::edges(&network, &closures);
            let mut counts = [0; Profile::ALL.len()];
            for (count, ground) in counts.iter_mut().zip(&grounds) {
                *count = edges.iter().filter(|edge| ground.is_open(**edge)).count();
            }
            counts
        };
        let counts = aside(count).await?;
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).insert(scenario.id, (scenario.version, counts));
        Ok(counts)
    }

    /// Where a plane is kept; what was not asked for lately, and older versions of the same scenario, make room for it.
    fn slot(&self, key: PlaneKey) -> Arc<Closed> {
        let mut slots = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        let (profile, id, version) = key;
        slots.retain(|slot| (slot.key.0, slot.key.1) != (profile, id) || slot.key.2 >= version);
        let found = slots.iter().position(|slot| slot.key == key).and_then(|at| slots.remove(at));
        let slot = found.unwrap_or_else(|| Slot { key, made: Arc::default() });
        let made = Arc::clone(&slot.made);
        slots.push_back(slot);
        let room = PLANES_BYTES / (self.network.edges().len().max(1) * EDGE_BYTES);
        while slots.len() > room.clamp(PLANES_LEAST, PLANES_MOST) {
            slots.pop_front();
        }
        made
    }

    /// Makes the ground of every profile, so that the first who asks does not wait.
    pub async fn warm(&self) {
        for profile in Profile::ALL {
            if let Err(error) = self.open(profile).await {
                tracing::error!(error = %error, profile = profile.key(), "a ground could not be made");
            }
        }
    }
}

/// Work of unknown length off the waiting threads.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// What a scenario closes, in the words of the roads.
fn closures(scenario: &Scenario) -> Vec<Closure> {
    let closure = |closure: &scenario::Closure| match closure {
        scenario::Closure::Area { geometry, bridges } => Closure::Area {
            polygon: (*geometry.0).clone(),
            bridges: match bridges {
                scenario::Bridges::Stand => closure::Bridges::Stand,
                scenario::Bridges::Closed => closure::Bridges::Closed,
            },
        },
        scenario::Closure::Street { name } => Closure::Street { name: name.to_string() },
        scenario::Closure::Line { geometry } => Closure::Line { geometry: (*geometry.0).clone() },
    };
    scenario.draft.closures.iter().map(closure).collect()
}

fn not_imported() -> Error {
    Error::conflict("no_roads", "no roads have been imported yet: atlante import --roads FILE")
}

impl App {
    /// The roads that are served. Errors: `Conflict` where none were imported.
    pub fn roads(&self) -> Result<Arc<Roads>, Error> {
        self.roads.load_full().ok_or_else(not_imported)
    }

    /// Serves these roads from now on.
    pub(super) fn take_roads(&self, roads: Option<Arc<Roads>>) {
        self.roads.store(roads);
    }
}

/// The plane of a profile, where nothing is closed or under a scenario as it stands now.
///
/// Errors: `Conflict` where no roads were imported, or the scenario has expired or was withdrawn; `Missing` where there is
/// no such scenario.
pub async fn plane(app: &App, profile: Profile, scenario: Option<ScenarioId>) -> Result<Arc<Plane>, Error> {
    let roads = app.roads()?;
    let scenario = match scenario {
        None => None,
        Some(id) => Some(app.standing(id).await?),
    };
    roads.plane(profile, scenario.as_deref()).await
}

/// What is served, as JSON.
pub fn about(app: &App) -> Vec<u8> {
    let profiles = Profile::ALL.map(Profile::key);
    let told = match app.roads() {
        Err(_) => json!({ "imported": false, "profiles": profiles }),
        Ok(roads) => json!({
            "imported": true,
            "source": roads.about.file,
            "at": roads.about.at.to_string(),
            "nodes": roads.network.nodes().len(),
            "edges": roads.network.edges().len(),
            "length_km": roads.length_km,
            "bbox": roads.bbox.map(|bbox| [bbox.west, bbox.south, bbox.east, bbox.north]),
            "profiles": profiles,
            "faults": roads.about.faults,
        }),
    };
    told.to_string().into_bytes()
}

/// How many edges a scenario closes to each profile.
pub async fn closed_edges(
    app: &App,
    scenario: &Scenario,
) -> Result<impl Iterator<Item = (Profile, usize)> + use<>, Error> {
    Ok(Profile::ALL.into_iter().zip(app.roads()?.counts(scenario).await?))
}

/// The roads of a source of the store.
async fn read(store: &dyn Store, source: &Source) -> Result<Roads, Error> {
    let (id, network, faults) = source::roads_of(store, source).await?;
    let about = About { file: source.file.as_str().into(), at: source.begun_at, faults };
    Ok(Roads::new(Some(id), about, network))
}

/// The roads that a store holds, for a command. Errors: `Conflict` where none were imported.
pub(super) async fn stored(store: &dyn Store) -> Result<Roads, Error> {
    let contents = store.contents().await?;
    read(store, rebuild::current(&contents, &SourceKind::Roads).ok_or_else(not_imported)?).await
}

/// The roads of a file that no store holds, for a command. Errors: `Invalid` where it holds none.
pub(super) async fn of_file(path: &Path, watch: Arc<dyn Watch + Send + Sync>) -> Result<Roads, Error> {
    let (file, network, faults) = source::roads_in(path, watch).await?;
    Ok(Roads::new(None, About { file: file.into(), at: Timestamp::now(), faults }, network))
}

/// Serves the roads that the store holds, where they are not those that are served already.
pub(super) async fn follow(app: &App, store: &dyn Store, contents: &Contents) -> Result<(), Error> {
    let served = app.roads.load_full();
    let Some(source) = rebuild::current(contents, &SourceKind::Roads) else {
        if served.is_some() {
            app.take_roads(None);
        }
        return Ok(());
    };
    if served.is_some_and(|roads| roads.source == Some(source.id)) {
        return Ok(());
    }
    let roads = Arc::new(read(store, source).await?);
    app.take_roads(Some(Arc::clone(&roads)));
    tracing::info!(edges = roads.network().edges().len(), "serving roads");
    tokio::spawn(async move { roads.warm().await });
    Ok(())
}
