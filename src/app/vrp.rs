//! Plans of runs for whoever brings a whole problem: VROOM's JSON in, VROOM's JSON out.

mod terrain;
mod wire;

use std::{
    collections::btree_map::Entry,
    fmt::Write as _,
    fs::File,
    io::Read as _,
    ops::ControlFlow,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use geo::LineString;
use tokio::sync::{Semaphore, TryAcquireError};

pub use self::terrain::Ground;
use self::terrain::Terrain;
use super::{App, error::Error};
use crate::{
    access::Actor,
    casework::scenario::ScenarioId,
    domain::watch::Watch,
    logistics::{
        plan::{Plan, Run},
        problem::{Fault, Limits, Matrix, Problem},
        route::{self, Effort, Progress},
    },
    publish::vroom::{self, Clocks, Places},
};

/// Bytes of a problem from the network.
pub const MAX_BYTES: usize = 32 << 20;

/// Bytes of a problem from a file.
pub const MAX_FILE_BYTES: u64 = 1 << 30;

/// No answer over the network is computed for longer.
pub const LONGEST: Duration = Duration::from_mins(1);

/// Problems that are computed at once: each takes every core.
static RUNNING: Semaphore = Semaphore::const_new(1);

/// How long to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Patience {
    /// By the clock, on all cores.
    Seconds(f64),
    /// The same answer every time.
    Iterations(u64),
}

/// What is written of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// Its steps; its line too where the problem asks for it (`options.g`).
    AsAsked,
    /// Its line in any case.
    Lines,
}

/// How a problem is solved.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How long.
    pub patience: Patience,
    /// The same seed searches the same way.
    pub seed: u64,
    /// What is written.
    pub drawing: Drawing,
}

/// A problem that was read and makes sense.
struct Order {
    problem: Problem,
    coordinates: Vec<Option<[f64; 2]>>,
    ignored: Vec<String>,
    drawing: Drawing,
    loading: Duration,
    routing: Duration,
}

/// Reads VROOM's JSON; where it has no matrices, the roads make them from its coordinates. Errors: `Invalid` with every
/// fault (place and reason).
fn read(bytes: &[u8], terrain: &Terrain) -> Result<Order, Error> {
    let begun = Instant::now();
    let (asked, ignored) = wire::parse(bytes).map_err(|fault| refused(&[fault]))?;
    let drawing = if asked.options.g { Drawing::Lines } else { Drawing::AsAsked };
    let wire::Asked { mut draft, mut coordinates } = asked.draft().map_err(|faults| refused(&faults))?;
    let loading = begun.elapsed();
    if draft.matrices.is_empty() && !coordinates.is_empty() {
        let points: Vec<[f64; 2]> = coordinates.iter().flatten().copied().collect();
        let profiles: Vec<String> = draft.vehicles.iter().map(|vehicle| vehicle.profile.clone()).collect();
        for profile in profiles {
            if let Entry::Vacant(place) = draft.matrices.entry(profile) {
                let matrix = terrain.matrix(place.key(), &points)?;
                place.insert(matrix);
            }
        }
    }
    let places = draft.matrices.values().map(Matrix::size).max().unwrap_or(0);
    coordinates.truncate(places);
    let problem = Problem::checked(draft, &Limits::default()).map_err(|faults| refused(&faults))?;
    let routing = begun.elapsed().saturating_sub(loading);
    Ok(Order { problem, coordinates, ignored, drawing, loading, routing })
}

/// What is wrong with a problem, as one error: the first fault's place, all faults told.
fn refused(faults: &[Fault]) -> Error {
    let place = faults.first().map_or("problem", |fault| fault.place.as_str());
    let mut reason = faults.first().map_or_else(String::new, |fault| fault.reason.clone());
    for fault in faults.iter().skip(1).take(19) {
        let _ = write!(reason, "; {fault}");
    }
    if faults.len() > 20 {
        let _ = write!(reason, "; and {} more", faults.len() - 20);
    }
    Error::invalid(place, reason)
}

/// Searches, and writes VROOM's solution. Ends early when told so: the best so far is the answer. Errors: lines are asked
/// for, and there are no roads or coordinates to draw them by.
fn solve(
    order: &Order,
    terrain: &Terrain,
    Manner { patience, seed, drawing }: Manner,
    watch: &(dyn Fn(Progress) -> ControlFlow<()> + Sync),
) -> Result<Vec<u8>, Error> {
    let begun = Instant::now();
    let is_over = AtomicBool::new(false);
    let told = |progress: Progress| {
        let flow = watch(progress);
        is_over.fetch_or(flow.is_break(), Ordering::Relaxed);
        flow
    };
    let plan = match patience {
        Patience::Iterations(iterations) => route::solve(&order.problem, Effort::Iterations(iterations), seed, &told),
        Patience::Seconds(seconds) => {
            let share = || {
                if is_over.load(Ordering::Relaxed) { 1.0 } else { begun.elapsed().as_secs_f64() / seconds.max(1e-3) }
            };
            route::solve(&order.problem, Effort::Until(&share), seed, &told)
        }
    };
    let solving = begun.elapsed();
    let lines = match (drawing, order.drawing) {
        (Drawing::AsAsked, Drawing::AsAsked) => None,
        _ => Some(lines(order, &plan, terrain)?),
    };
    let clocks = Clocks {
        loading_ms: order.loading.as_millis() as u64,
        solving_ms: solving.as_millis() as u64,
        routing_ms: (order.routing + begun.elapsed().saturating_sub(solving)).as_millis() as u64,
    };
    let places = Places { coordinates: &order.coordinates, lines: lines.as_deref() };
    Ok(vroom::solution(&order.problem, &plan, places, &order.ignored, clocks))
}

/// The line of each run of a plan.
fn lines(order: &Order, plan: &Plan, terrain: &Terrain) -> Result<Vec<LineString<f64>>, Error> {
    let profile = |run: &Run| order.problem.vehicles.iter().find(|vehicle| vehicle.id == run.vehicle);
    let line = |run: &Run| {
        let profile = profile(run).map_or("car", |vehicle| vehicle.profile.as_str());
        terrain.line(profile, run, &order.coordinates)
    };
    plan.runs.iter().map(line).collect()
}

/// Solves the problem of a file, off the threads that wait; `watch` sees the search and can stop it. Where it has no
/// matrices, the roads of `ground` make them from its coordinates. Errors: `Invalid`; those of the roads.
pub async fn solve_file(
    file: PathBuf,
    ground: Ground,
    manner: Manner,
    watch: Arc<dyn Watch + Send + Sync>,
) -> Result<Vec<u8>, Error> {
    let terrain = Terrain::on(ground, Arc::clone(&watch)).await?;
    let work = move || {
        let place = file.display().to_string();
        let failed = |error: std::io::Error| Error::invalid(&place, error);
        let mut bytes = Vec::new();
        File::open(&file).map_err(failed)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(Error::invalid(&place, format!("longer than {MAX_FILE_BYTES} bytes")));
        }
        watch.begin("places", 0);
        let order = read(&bytes, &terrain)?;
        drop(bytes);
        watch.begin("search", 100);
        let told = AtomicU64::new(0);
        solve(&order, &terrain, manner, &|progress| {
            let percent = (progress.share * 100.0) as u64;
            let before = told.fetch_max(percent, Ordering::Relaxed);
            watch.advance(percent.saturating_sub(before));
            if watch.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

/// Tells the search that nobody waits any more.
struct Leaving(Arc<AtomicBool>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Whether somebody may have problems solved: who may plan. Errors: `Unauthenticated`, `Forbidden`.
pub fn may_ask(actor: &Actor) -> Result<(), Error> {
    super::casework::permit(actor).map(drop)
}

/// Solves a problem of whoever may plan, off the threads that wait. One at a time; ends when the asker leaves. Where it
/// has no matrices, the roads make them from its coordinates, under a scenario where one is named. Errors: `Forbidden`,
/// `Invalid`, `Unavailable` while another is computed; those of roads and scenarios.
pub async fn ask(
    app: &App,
    actor: &Actor,
    bytes: Vec<u8>,
    manner: Manner,
    scenario: Option<ScenarioId>,
) -> Result<Vec<u8>, Error> {
    may_ask(actor)?;
    let terrain = Terrain::of(app, scenario).await?;
    let permit = RUNNING.try_acquire().map_err(|error| match error {
        TryAcquireError::NoPermits => Error::Unavailable("another problem is being computed".to_owned()),
        TryAcquireError::Closed => Error::Unavailable("the server is stopping".to_owned()),
    })?;
    let gone = Arc::new(AtomicBool::new(false));
    let leaving = Leaving(Arc::clone(&gone));
    let work = move || {
        // It is held until the search has ended, whoever left.
        let _permit = permit;
        let order = read(&bytes, &terrain)?;
        drop(bytes);
        let begun = Instant::now();
        let patience = match manner.patience {
            Patience::Seconds(seconds) => Patience::Seconds(seconds.min(LONGEST.as_secs_f64())),
            iterations @ Patience::Iterations(_) => iterations,
        };
        solve(&order, &terrain, Manner { patience, ..manner }, &|_| {
            let is_enough = gone.load(Ordering::Relaxed) || begun.elapsed() > LONGEST;
            if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    };
    let answer = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    drop(leaving);
    answer
}
