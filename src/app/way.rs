//! Ways: a route through places, a table of times between them, what lies near, how far one gets. OSRM's door and the map's.
//!
//! Anybody may ask where nothing is closed, within bounds; who plans may ask more at once, and under a scenario.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use geo::MultiPolygon;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{App, Error, casework::permit, roads};
use crate::{
    access::{Actor, Planning, grant},
    casework::scenario::ScenarioId,
    domain::{geo::LonLat, watch::Watch},
    publish::osrm::{self, Annotations, Figures, Form, Going, Guided, Steps, Waypoint, Waypoints},
    query::budget::Spent,
    roads::{
        plane::{Matrix, Passing, Plane, Route, Snapped, Unsnapped, Wish},
        profile::Profile,
    },
};

/// Coordinates of a request of the public at most, and of who plans.
const MOST_PLACES: [usize; 2] = [500, 5_000];
/// Cells of a table at most.
const MOST_CELLS: [usize; 2] = [250_000, 9_000_000];
/// Places that are nearest at most.
const MOST_NEAREST: usize = 100;
/// Bands of an isochrone, the minutes of the widest, and the places from which it is measured, at most.
const MOST_BANDS: usize = 8;
const MOST_MINUTES: f64 = 180.0;
const MOST_STARTS: usize = 100;
/// Requests that compute at once; more wait.
const AT_ONCE: usize = 4;
/// How long a request may wait, and compute.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who may compute now.
pub(super) struct Desks(Arc<Semaphore>);

impl Default for Desks {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Desks {
    /// Computes where there is room. Who leaves before the answer frees no place before the work has ended: else those who
    /// ask and leave would have any number of works run at once.
    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let desk = self.sit().await?;
        roads::aside(move || {
            let done = work();
            drop(desk);
            done
        })
        .await
    }

    async fn sit(&self) -> Result<OwnedSemaphorePermit, Error> {
        let busy = || Error::Unavailable("too many ways are being computed".to_owned());
        let desk = Arc::clone(&self.0).acquire_owned();
        tokio::time::timeout(PATIENCE, desk).await.map_err(|_| busy())?.map_err(|_| busy())
    }
}

/// What is asked, by whoever asks.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who travels.
    pub profile: Profile,
    /// Between which places.
    pub places: Vec<LonLat>,
    /// How far each may be from a road; none: as far as the roads themselves allow.
    pub radiuses: Vec<Option<f64>>,
    /// What is wished of each.
    pub wishes: Vec<Wish<'static>>,
    /// Whether what was found is told so that it can be asked for again.
    pub hints: Hints,
    /// What is closed.
    pub scenario: Option<ScenarioId>,
}

/// Whether an answer holds hints at its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hints {
    /// It does.
    Given,
    /// It does not.
    Left,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Nothing {
    /// A place is on no road.
    NoSegment(String),
    /// No way leads through the places.
    NoRoute,
    /// More than may be asked at once.
    TooBig(String),
    /// Something else.
    App(Error),
}

impl From<Error> for Nothing {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}

/// Ends the work of a request that nobody waits for any more, or that took too long.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Waiting {
    gone: Arc<AtomicBool>,
    until: Instant,
}

impl Watch for Waiting {
    fn begin(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn cancelled(&self) -> bool {
        self.gone.load(Ordering::Relaxed) || Instant::now() > self.until
    }
}

fn watched() -> (Gone, Waiting) {
    let gone = Arc::new(AtomicBool::new(false));
    (Gone(Arc::clone(&gone)), Waiting { gone, until: Instant::now() + PATIENCE })
}

/// What the actor may ask at once of a list of bounds: the public's, or that of who plans.
fn bound<T: Copy>(actor: &Actor, bounds: [T; 2]) -> T {
    bounds[usize::from(grant::<Planning>(actor).is_ok())]
}

/// The plane that is asked; a scenario is for who plans.
async fn plane(app: &App, actor: &Actor, asked: &Asked) -> Result<Arc<Plane>, Nothing> {
    let most = bound(actor, MOST_PLACES);
    if asked.places.len() > most {
        return Err(Nothing::TooBig(format!("{} coordinates: at most {most}", asked.places.len())));
    }
    if asked.scenario.is_some() {
        permit(actor)?;
    }
    // To who asks for a way, roads that are not there are no segment.
    app.roads().map_err(|error| Nothing::NoSegment(error.to_string()))?;
    Ok(roads::plane(app, asked.profile, asked.scenario).await?)
}

/// Every place on the roads, or the first that is on none.
fn snapped(plane: &Plane, asked: &Asked) -> Result<Vec<Snapped>, Nothing> {
    let radius = |at: usize| asked.radiuses.get(at).copied().flatten();
    let one = |(at, place): (usize, &LonLat)| {
        let wish = asked.wishes.get(at).copied().unwrap_or_default();
        let found = plane.snap_as(*place, &wish).and_then(|found| match radius(at) {
            Some(radius) if found.distance_m > radius => Err(Unsnapped::TooFar { m: found.distance_m }),
            _ => Ok(found),
        });
        found.map_err(|reason| Nothing::NoSegment(format!("coordinate {at}: {reason}")))
    };
    asked.places.iter().enumerate().map(one).collect()
}

fn waypoint(plane: &Plane, place: &Snapped, hints: Hints) -> Waypoint {
    Waypoint {
        name: plane.street(place).unwrap_or_default().to_owned(),
        at: place.point,
        distance_m: place.distance_m,
        hint: (hints == Hints::Given).then(|| osrm::hint(place)),
    }
}

/// How a route passes its places.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Whether one may turn back at those between.
    pub passing: Passing,
    /// At which of them one stops, the first and the last among them: the others are passed.
    pub stops: Vec<usize>,
}

/// The quickest way through the places in their order, as OSRM writes it.
pub async fn route(app: &App, actor: &Actor, asked: Asked, passed: Passed, form: Form) -> Result<Vec<u8>, Nothing> {
    let plane = plane(app, actor, &asked).await?;
    let work = app.desks.compute(move || {
        let places = snapped(&plane, &asked)?;
        let route = plane.route_as(&places, passed.passing).ok_or(Nothing::NoRoute)?.through(&passed.stops);
        let waypoints: Vec<Waypoint> =
            passed.stops.iter().map(|at| waypoint(&plane, &places[*at], asked.hints)).collect();
        Ok(osrm::route(&route, &guided(&plane, &route, form), &waypoints, form))
    });
    work.await?
}

/// What is asked of the legs of a route beside their lines.
fn guided(plane: &Plane, route: &Route, form: Form) -> Guided {
    let profile = plane.ground().profile();
    let mut guided =
        Guided { going: if profile == Profile::Foot { Going::Walking } else { Going::Driving }, ..Guided::default() };
    if form.steps == Steps::Written {
        guided.steps = route.legs.iter().map(|leg| plane.steps(leg)).collect();
    }
    if form.annotations != Annotations::default() {
        guided.times_ds = route.legs.iter().map(|leg| plane.times_ds(leg)).collect();
    }
    guided
}

/// Which of the places a table runs from and to, and what it tells.
#[derive(Clone, Debug)]
pub struct TableAsked {
    /// Places that are set out from.
    pub sources: Vec<usize>,
    /// Places that are reached.
    pub destinations: Vec<usize>,
    /// What is told.
    pub figures: Figures,
    /// Whether the places are told as well.
    pub waypoints: Waypoints,
    /// By what durations are multiplied.
    pub scale: f64,
    /// What is told where no way leads; nothing where nobody asks.
    pub fallback: Option<Fallback>,
}

/// A guess where no way leads: as the crow flies.
#[derive(Clone, Copy, Debug)]
pub struct Fallback {
    /// Metres a second.
    pub speed: f64,
    /// Between which points.
    pub between: Between,
}

/// Between which points a guess is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// As they were asked.
    Asked,
    /// On the roads.
    Snapped,
}

/// Guesses the cells where no way leads, and tells which they are: row and column.
fn guess(matrix: &mut Matrix, speed: f64, distance_m: impl Fn(usize, usize) -> f64) -> Vec<[usize; 2]> {
    let most = f64::from(Matrix::UNREACHABLE - 1);
    let mut guessed = Vec::new();
    for cell in 0..matrix.durations_ds.len() {
        if matrix.durations_ds[cell] == Matrix::UNREACHABLE {
            let [row, column] = [cell / matrix.columns, cell % matrix.columns];
            let metres = distance_m(row, column);
            matrix.durations_ds[cell] = (metres / speed * 10.0).round().min(most) as u32;
            matrix.lengths_m[cell] = metres.round().min(most) as u32;
            guessed.push([row, column]);
        }
    }
    guessed
}

/// Multiplies the durations.
fn scale(matrix: &mut Matrix, by: f64) {
    let most = f64::from(Matrix::UNREACHABLE - 1);
    for ds in matrix.durations_ds.iter_mut().filter(|ds| **ds != Matrix::UNREACHABLE) {
        *ds = (f64::from(*ds) * by).round().min(most) as u32;
    }
}

/// Times and lengths between the places, as OSRM writes them.
pub async fn table(app: &App, actor: &Actor, asked: Asked, wanted: TableAsked) -> Result<Vec<u8>, Nothing> {
    let (cells, most) = (wanted.sources.len() * wanted.destinations.len(), bound(actor, MOST_CELLS));
    if cells > most {
        return Err(Nothing::TooBig(format!("{cells} cells: at most {most}")));
    }
    let plane = plane(app, actor, &asked).await?;
    let (_gone, watch) = watched();
    let work = app.desks.compute(move || {
        let places = snapped(&plane, &asked)?;
        let pick = |which: &[usize]| which.iter().map(|at| places[*at]).collect::<Vec<Snapped>>();
        let (sources, destinations) = (pick(&wanted.sources), pick(&wanted.destinations));
        let spent = || Nothing::App(Error::Costly(Spent { given: PATIENCE.as_secs() }));
        let mut matrix = plane.matrix(&sources, &destinations, &watch).ok_or_else(spent)?;
        let guessed = wanted.fallback.map(|Fallback { speed, between }| {
            guess(&mut matrix, speed, |row, column| match between {
                Between::Snapped => sources[row].point.distance_m(destinations[column].point),
                Between::Asked => {
                    asked.places[wanted.sources[row]].distance_m(asked.places[wanted.destinations[column]])
                }
            })
        });
        scale(&mut matrix, wanted.scale);
        let waypoints =
            |places: &[Snapped]| places.iter().map(|place| waypoint(&plane, place, asked.hints)).collect::<Vec<_>>();
        let (from, to, told) = (waypoints(&sources), waypoints(&destinations), (wanted.figures, wanted.waypoints));
        Ok(osrm::table(&matrix, guessed.as_deref(), &from, &to, told))
    });
    work.await?
}

/// The places on the roads that are nearest to the one asked, as OSRM writes them.
pub async fn nearest(
    app: &App,
    actor: &Actor,
    asked: Asked,
    count: usize,
    waypoints: Waypoints,
) -> Result<Vec<u8>, Nothing> {
    if count > MOST_NEAREST {
        return Err(Nothing::TooBig(format!("{count} places: at most {MOST_NEAREST}")));
    }
    let plane = plane(app, actor, &asked).await?;
    let work = app.desks.compute(move || {
        let radius = asked.radiuses.first().copied().flatten().unwrap_or(f64::INFINITY);
        let wish = asked.wishes.first().copied().unwrap_or_default();
        let mut found = plane.nearest_as(asked.places[0], count, &wish);
        found.retain(|place| place.distance_m <= radius);
        if found.is_empty() {
            return Err(Nothing::NoSegment("coordinate 0: no road is near".to_owned()));
        }
        let found: Vec<Waypoint> = found.iter().map(|place| waypoint(&plane, place, asked.hints)).collect();
        Ok(osrm::nearest(&found, waypoints))
    });
    work.await?
}

/// How far one gets.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Who travels.
    pub profile: Profile,
    /// From the nearest of these.
    pub from: Vec<LonLat>,
    /// Within so many minutes each.
    pub minutes: Vec<f64>,
    /// What is closed.
    pub scenario: Option<ScenarioId>,
}

/// The areas within so many minutes, one for each number, in the given order.
///
/// Errors: `Invalid` with the part that makes no sense, or the place that is on no road; those of scenarios and roads.
pub async fn isochrone(app: &App, actor: &Actor, reach: Reach) -> Result<Vec<MultiPolygon<f64>>, Error> {
    if !(1..=MOST_STARTS).contains(&reach.from.len()) {
        return Err(Error::invalid("from", format_args!("1 to {MOST_STARTS} places")));
    }
    if !(1..=MOST_BANDS).contains(&reach.minutes.len()) {
        return Err(Error::invalid("minutes", format_args!("1 to {MOST_BANDS} numbers")));
    }
    if !reach.minutes.iter().all(|minutes| *minutes > 0.0 && *minutes <= MOST_MINUTES) {
        return Err(Error::invalid("minutes", format_args!("more than 0, at most {MOST_MINUTES}")));
    }
    if reach.scenario.is_some() {
        permit(actor)?;
    }
    let plane = roads::plane(app, reach.profile, reach.scenario).await?;
    let work = app.desks.compute(move || {
        let place = |(at, place): (usize, &LonLat)| {
            plane.snap(*place, None).map_err(|reason| Error::invalid(&format!("from[{at}]"), reason))
        };
        let places = reach.from.iter().enumerate().map(place).collect::<Result<Vec<_>, _>>()?;
        Ok(plane.isochrone(&places, &reach.minutes))
    });
    work.await?
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn what_cannot_be_reached_is_guessed_and_times_are_scaled() {
        let far = Matrix::UNREACHABLE;
        let mut matrix = Matrix { columns: 2, durations_ds: vec![0, far, 100, far], lengths_m: vec![0, far, 50, far] };
        let guessed = guess(&mut matrix, 2.0, |row, column| if row == 0 { 10.0 } else { column as f64 * 1e300 });
        assert_eq!(guessed, [[0, 1], [1, 1]]);
        assert_eq!(matrix.durations_ds, [0, 50, 100, far - 1]);
        assert_eq!(matrix.lengths_m, [0, 10, 50, far - 1]);
        matrix.durations_ds[0] = far;
        scale(&mut matrix, 1.5);
        assert_eq!(matrix.durations_ds, [far, 75, 150, far - 1]);
    }

    #[tokio::test]
    async fn who_leaves_frees_no_place_before_his_work_has_ended() {
        let desks = Desks::default();
        let (end, ended) = mpsc::channel::<()>();
        let left = desks.compute(move || ended.recv().is_ok());
        assert!(tokio::time::timeout(Duration::from_millis(20), left).await.is_err(), "the asker leaves");
        assert_eq!(desks.0.available_permits(), AT_ONCE - 1);
        drop(end);
        for _ in 0..500 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            if desks.0.available_permits() == AT_ONCE {
                return;
            }
        }
        panic!("the place is never free again");
    }
}
