//! Roads under a problem that has coordinates: they make its matrices, and the lines of its runs.
//!
//! Served roads, under a scenario where one is named; or those of a store or a file, for a command; or none.

use std::{path::PathBuf, sync::Arc};

use geo::LineString;
use tokio::runtime::Handle;

use crate::{
    app::{
        App, Error,
        roads::{self, Roads},
    },
    casework::scenario::{Scenario, ScenarioId},
    domain::{
        geo::LonLat,
        watch::{Unwatched, Watch},
    },
    logistics::{
        plan::Run,
        problem::{Limits, Matrix, UNREACHABLE},
    },
    roads::{
        plane::{Plane, Snapped},
        profile::Profile,
    },
    store::Store,
};

/// Where the roads of a problem are, for a command.
pub enum Ground {
    /// There are none: the problem has its matrices.
    Bare,
    /// A store holds them.
    Store(Arc<dyn Store>),
    /// An extract of OpenStreetMap, or street lines.
    File(PathBuf),
}

/// What the matrices of a problem are made of.
pub(super) struct Terrain {
    roads: Option<Arc<Roads>>,
    scenario: Option<Arc<Scenario>>,
}

impl Terrain {
    /// The roads as they are now. Errors: those of the scenario.
    pub(super) async fn of(app: &App, scenario: Option<ScenarioId>) -> Result<Self, Error> {
        let scenario = match scenario {
            None => None,
            Some(id) => Some(app.standing(id).await?),
        };
        Ok(Self { roads: app.roads().ok(), scenario })
    }

    /// The roads of a command. Errors: a store without roads, a file that holds none.
    pub(super) async fn on(ground: Ground, watch: Arc<dyn Watch + Send + Sync>) -> Result<Self, Error> {
        let roads = match ground {
            Ground::Bare => None,
            Ground::Store(store) => Some(Arc::new(roads::stored(store.as_ref()).await?)),
            Ground::File(path) => Some(Arc::new(roads::of_file(&path, watch).await?)),
        };
        Ok(Self { roads, scenario: None })
    }

    /// The plane of a profile. For a thread that may wait. Errors: `Invalid` without roads, or for a profile that is none.
    fn plane(&self, place: &str, profile: &str) -> Result<Arc<Plane>, Error> {
        let missing = "there are no roads to make it from coordinates: name --data or --roads, or give matrices";
        let roads = self.roads.as_ref().ok_or_else(|| Error::invalid(place, missing))?;
        let profile = Profile::parse(profile)
            .ok_or_else(|| Error::invalid("vehicles.profile", "car, van, truck, foot or emergency"))?;
        Handle::current().block_on(roads.plane(profile, self.scenario.as_deref()))
    }

    /// Times and lengths between points; no way leads to or from one that is on no road. For a thread that may wait.
    pub(super) fn matrix(&self, profile: &str, points: &[[f64; 2]]) -> Result<Matrix, Error> {
        let most = Limits::default().places;
        if points.len() > most {
            return Err(Error::invalid("location", format!("{} places, {most} at most", points.len())));
        }
        let plane = self.plane("matrices", profile)?;
        let place = |(at, [lon, lat]): (usize, &[f64; 2])| {
            let point =
                LonLat::new(*lon, *lat).map_err(|error| Error::invalid(&format!("coordinates[{at}]"), error.reason))?;
            Ok(plane.snap(point, None).ok())
        };
        let places = points.iter().enumerate().map(place).collect::<Result<Vec<Option<Snapped>>, Error>>()?;
        let on_roads: Vec<Snapped> = places.iter().flatten().copied().collect();
        let found = plane.matrix(&on_roads, &on_roads, &Unwatched).unwrap_or_default();
        let size = points.len();
        let (mut durations_s, mut distances_m) = (vec![UNREACHABLE; size * size], vec![UNREACHABLE; size * size]);
        let known: Vec<usize> = (0..size).filter(|at| places[*at].is_some()).collect();
        for (row, from) in known.iter().enumerate() {
            for (column, to) in known.iter().enumerate() {
                let (cell, at) = (row * found.columns + column, from * size + to);
                if found.durations_ds[cell] != crate::roads::plane::Matrix::UNREACHABLE {
                    (durations_s[at], distances_m[at]) = ((found.durations_ds[cell] + 5) / 10, found.lengths_m[cell]);
                }
            }
        }
        // A place is no way from itself, on a road or not.
        (0..size).for_each(|at| (durations_s[at * size + at], distances_m[at * size + at]) = (0, 0));
        Matrix::new(size, durations_s, distances_m).map_err(|fault| Error::invalid(&fault.place, fault.reason))
    }

    /// The line of a run by its roads; straight between places that no way joins. For a thread that may wait. Errors:
    /// `Invalid` without roads, or where a place of the run has no coordinates.
    pub(super) fn line(
        &self,
        profile: &str,
        run: &Run,
        coordinates: &[Option<[f64; 2]>],
    ) -> Result<LineString<f64>, Error> {
        let plane = self.plane("options.g", profile)?;
        let mut places: Vec<usize> = run.steps.iter().filter_map(|step| step.location).collect();
        places.dedup();
        let mut points = Vec::with_capacity(places.len());
        for place in places {
            let at = coordinates.get(place).copied().flatten();
            let unknown =
                || Error::invalid("options.g", format!("place {place} has no coordinates: a run cannot be drawn"));
            let [lon, lat] = at.ok_or_else(unknown)?;
            points.push(LonLat::new(lon, lat).map_err(|error| Error::invalid("location", error.reason))?);
        }
        let snapped: Option<Vec<Snapped>> = points.iter().map(|point| plane.snap(*point, None).ok()).collect();
        let route = snapped.filter(|places| places.len() > 1).and_then(|places| plane.route(&places));
        let straight = || points.iter().map(|point| (point.lon(), point.lat())).collect();
        Ok(route.map_or_else(straight, |route| route.line))
    }
}
