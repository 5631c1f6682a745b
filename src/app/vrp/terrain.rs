//! Matrices of a problem that has coordinates alone: by the roads that are served, under a scenario where one is named.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::{
    app::{App, Error, roads::Roads},
    casework::scenario::{Scenario, ScenarioId},
    domain::{geo::LonLat, watch::Unwatched},
    logistics::problem::{Matrix, UNREACHABLE},
    roads::{plane::Snapped, profile::Profile},
};

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

    /// Times and lengths between points; no way leads to or from one that is on no road. For a thread that may wait.
    pub(super) fn matrix(&self, profile: &str, points: &[[f64; 2]]) -> Result<Matrix, Error> {
        let Some(roads) = &self.roads else { return super::without_roads(profile, points) };
        let profile = Profile::parse(profile)
            .ok_or_else(|| Error::invalid("vehicles.profile", "car, van, truck, foot or emergency"))?;
        let plane = Handle::current().block_on(roads.plane(profile, self.scenario.as_deref()))?;
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
}
