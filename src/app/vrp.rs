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

use tokio::sync::{Semaphore, TryAcquireError};

use self::terrain::Terrain;
use super::{App, error::Error};
use crate::{
    access::Actor,
    casework::scenario::ScenarioId,
    domain::watch::Watch,
    logistics::{
        problem::{Fault, Limits, Matrix, Problem},
        route::{self, Effort, Progress},
    },
    publish::vroom::{self, Clocks},
};

/// Bytes of a problem from the network.
pub const MAX_BYTES: usize = 32 << 20;

/// Bytes of a problem from a file.
pub const MAX_FILE_BYTES: u64 = 1 << 30;

/// No answer over the network is computed for longer.
pub const LONGEST: Duration = Duration::from_mins(1);

/// Problems that are computed at once: each takes every core.
static RUNNING: Semaphore = Semaphore::const_new(1);

/// Times and distances by road between points (longitude, latitude) for a profile.
pub type Maker<'m> = dyn Fn(&str, &[[f64; 2]]) -> Result<Matrix, Error> + 'm;

/// Says that no roads are there to make a matrix of.
pub fn without_roads(_: &str, _: &[[f64; 2]]) -> Result<Matrix, Error> {
    let reason = "missing, and no roads are at hand to make them from coordinates";
    Err(Error::invalid("matrices", reason))
}

/// How long to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Patience {
    /// By the clock, on all cores.
    Seconds(f64),
    /// The same answer every time.
    Iterations(u64),
}

/// A problem that was read and makes sense.
pub struct Order {
    problem: Problem,
    coordinates: Vec<Option<[f64; 2]>>,
    loading: Duration,
}

/// Reads VROOM's JSON; where it has no matrices, `maker` makes them from its coordinates. Errors: `Invalid` with every fault (place
/// and reason).
pub fn read(bytes: &[u8], maker: &Maker<'_>) -> Result<Order, Error> {
    let begun = Instant::now();
    let asked: wire::ProblemIn = serde_json::from_slice(bytes).map_err(|error| Error::invalid("problem", error))?;
    let wire::Asked { mut draft, mut coordinates } = asked.draft().map_err(|faults| refused(&faults))?;
    if draft.matrices.is_empty() && !coordinates.is_empty() {
        let points: Vec<[f64; 2]> = coordinates.iter().flatten().copied().collect();
        let profiles: Vec<String> = draft.vehicles.iter().map(|vehicle| vehicle.profile.clone()).collect();
        for profile in profiles {
            if let Entry::Vacant(place) = draft.matrices.entry(profile) {
                let matrix = maker(place.key(), &points)?;
                place.insert(matrix);
            }
        }
    }
    let places = draft.matrices.values().map(Matrix::size).max().unwrap_or(0);
    coordinates.truncate(places);
    let problem = Problem::checked(draft, &Limits::default()).map_err(|faults| refused(&faults))?;
    Ok(Order { problem, coordinates, loading: begun.elapsed() })
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

/// Searches, and writes VROOM's solution. Ends early when told so: the best so far is the answer.
pub fn solve(
    order: &Order,
    patience: Patience,
    seed: u64,
    watch: &(dyn Fn(Progress) -> ControlFlow<()> + Sync),
) -> Vec<u8> {
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
    let clocks =
        Clocks { loading_ms: order.loading.as_millis() as u64, solving_ms: begun.elapsed().as_millis() as u64 };
    vroom::solution(&order.problem, &plan, &order.coordinates, clocks)
}

/// Solves the problem of a file, off the threads that wait; `watch` sees the search and can stop it. There are no roads.
pub async fn solve_file(
    file: PathBuf,
    patience: Patience,
    seed: u64,
    watch: Arc<dyn Watch + Send + Sync>,
) -> Result<Vec<u8>, Error> {
    let work = move || {
        let place = file.display().to_string();
        let failed = |error: std::io::Error| Error::invalid(&place, error);
        let mut bytes = Vec::new();
        File::open(&file).map_err(failed)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(Error::invalid(&place, format!("longer than {MAX_FILE_BYTES} bytes")));
        }
        let order = read(&bytes, &without_roads)?;
        drop(bytes);
        watch.begin("search", 100);
        let told = AtomicU64::new(0);
        Ok(solve(&order, patience, seed, &|progress| {
            let percent = (progress.share * 100.0) as u64;
            let before = told.fetch_max(percent, Ordering::Relaxed);
            watch.advance(percent.saturating_sub(before));
            if watch.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }))
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
    super::casework::permit(actor)
}

/// Solves a problem of whoever may plan, off the threads that wait. One at a time; ends when the asker leaves. Where it
/// has no matrices, the roads make them from its coordinates, under a scenario where one is named. Errors: `Forbidden`,
/// `Invalid`, `Unavailable` while another is computed; those of roads and scenarios.
pub async fn ask(
    app: &App,
    actor: &Actor,
    bytes: Vec<u8>,
    patience: Patience,
    seed: u64,
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
        let order = read(&bytes, &|profile, points| terrain.matrix(profile, points))?;
        drop(bytes);
        let begun = Instant::now();
        let patience = match patience {
            Patience::Seconds(seconds) => Patience::Seconds(seconds.min(LONGEST.as_secs_f64())),
            iterations @ Patience::Iterations(_) => iterations,
        };
        Ok(solve(&order, patience, seed, &|_| {
            let is_enough = gone.load(Ordering::Relaxed) || begun.elapsed() > LONGEST;
            if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }))
    };
    let answer = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    drop(leaving);
    answer
}
