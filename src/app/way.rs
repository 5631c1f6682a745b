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
        plane::{Plane, Route, Snapped, Unsnapped},
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
    /// What is closed.
    pub scenario: Option<ScenarioId>,
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
        let found = plane.snap(*place, None).and_then(|found| match radius(at) {
            Some(radius) if found.distance_m > radius => Err(Unsnapped::TooFar { m: found.distance_m }),
            _ => Ok(found),
        });
        found.map_err(|reason| Nothing::NoSegment(format!("coordinate {at}: {reason}")))
    };
    asked.places.iter().enumerate().map(one).collect()
}

fn waypoint(plane: &Plane, place: &Snapped) -> Waypoint {
    Waypoint { name: plane.street(place).unwrap_or_default().to_owned(), at: place.point, distance_m: place.distance_m }
}

/// The quickest way through the places in their order, as OSRM writes it.
pub async fn route(app: &App, actor: &Actor, asked: Asked, form: Form) -> Result<Vec<u8>, Nothing> {
    let plane = plane(app, actor, &asked).await?;
    let work = app.desks.compute(move || {
        let places = snapped(&plane, &asked)?;
        let route = plane.route(&places).ok_or(Nothing::NoRoute)?;
        let waypoints: Vec<Waypoint> = places.iter().map(|place| waypoint(&plane, place)).collect();
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
        let matrix = plane.matrix(&sources, &destinations, &watch).ok_or_else(spent)?;
        let waypoints = |places: &[Snapped]| places.iter().map(|place| waypoint(&plane, place)).collect::<Vec<_>>();
        Ok(osrm::table(&matrix, &waypoints(&sources), &waypoints(&destinations), wanted.figures, wanted.waypoints))
    });
    work.await?
}

/// The places on the roads that are nearest to the one asked, as OSRM writes them.
pub async fn nearest(app: &App, actor: &Actor, asked: Asked, count: usize) -> Result<Vec<u8>, Nothing> {
    if count > MOST_NEAREST {
        return Err(Nothing::TooBig(format!("{count} places: at most {MOST_NEAREST}")));
    }
    let plane = plane(app, actor, &asked).await?;
    let work = app.desks.compute(move || {
        let radius = asked.radiuses.first().copied().flatten().unwrap_or(f64::INFINITY);
        let mut found = plane.nearest(asked.places[0], count);
        found.retain(|place| place.distance_m <= radius);
        if found.is_empty() {
            return Err(Nothing::NoSegment("coordinate 0: no road is near".to_owned()));
        }
        let waypoints: Vec<Waypoint> = found.iter().map(|place| waypoint(&plane, place)).collect();
        Ok(osrm::nearest(&waypoints))
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
