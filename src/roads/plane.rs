//! A ground under closures: it snaps, routes, measures and says how far one gets.

use std::sync::Arc;

use geo::{LineString, MultiPolygon};

use super::{closure::ClosedArcs, ground::Ground};
use crate::domain::{geo::LonLat, watch::Watch};

/// A profile under a scenario: the ground, and weights customised to what is closed.
#[derive(Debug)]
pub struct Plane {
    ground: Arc<Ground>,
}

/// A place on a road.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snapped {
    /// The edge: a position in the network.
    pub edge: u32,
    /// How far along the edge, 0 (its beginning) to 1.
    pub along: f64,
    /// The point on the road.
    pub point: LonLat,
    /// Metres from where it was asked.
    pub distance_m: f64,
}

/// Why a point has no place on the roads.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Unsnapped {
    /// Nothing is open to the profile.
    #[error("no road is open to this profile")]
    NoRoads,
    /// The nearest road is too far.
    #[error("the nearest road is {m:.0} m away")]
    TooFar {
        /// Metres.
        m: f64,
    },
    /// Only roads that are cut off from the rest are near.
    #[error("the roads nearby are not joined to the others")]
    Island,
    /// The road is closed in this scenario.
    #[error("the road is closed")]
    Closed,
}

/// A way through some places.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Deciseconds.
    pub duration_ds: u32,
    /// Metres.
    pub length_m: f64,
    /// The line that is driven, in degrees.
    pub line: LineString<f64>,
    /// From each place to the next.
    pub legs: Vec<Leg>,
    /// The named streets in the order they are met, not repeated in a row.
    pub streets: Vec<String>,
}

/// From one place of a route to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// Deciseconds.
    pub duration_ds: u32,
    /// Metres.
    pub length_m: f64,
    /// The line that is driven, in degrees.
    pub line: LineString<f64>,
    /// The named streets in the order they are met, not repeated in a row.
    pub streets: Vec<String>,
}

/// Durations and lengths between places, row by row: the cell of source `i` and target `j` is at `i × columns + j`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// How many targets.
    pub columns: usize,
    /// Deciseconds; [`Matrix::UNREACHABLE`] where there is no way.
    pub durations_ds: Vec<u32>,
    /// Metres along the quickest way; [`Matrix::UNREACHABLE`] where there is none.
    pub lengths_m: Vec<u32>,
}

impl Matrix {
    /// No way leads there.
    pub const UNREACHABLE: u32 = u32::MAX;
}

impl Plane {
    /// A ground under closures; its weights are customised here (tens of milliseconds for a province).
    pub fn new(ground: Arc<Ground>, closed: &ClosedArcs) -> Self {
        let _ = closed;
        Self { ground }
    }

    /// A ground where nothing is closed.
    pub fn open(ground: Arc<Ground>) -> Self {
        Self::new(ground, &ClosedArcs::none())
    }

    /// The ground.
    pub const fn ground(&self) -> &Arc<Ground> {
        &self.ground
    }

    /// The place on the roads for a point: the nearest edge that is joined to the rest; where a street is named, its own
    /// edge is preferred to a somewhat nearer one.
    pub fn snap(&self, point: LonLat, street: Option<&str>) -> Result<Snapped, Unsnapped> {
        let _ = (point, street);
        Err(Unsnapped::NoRoads)
    }

    /// The nearest places on open roads, one an edge, nearest first.
    pub fn nearest(&self, point: LonLat, count: usize) -> Vec<Snapped> {
        let _ = (point, count);
        Vec::new()
    }

    /// The name of the street of a place.
    pub fn street(&self, place: &Snapped) -> Option<&str> {
        let _ = place;
        None
    }

    /// The quickest way through some places in their order; none when some place cannot be reached from the one before.
    pub fn route(&self, places: &[Snapped]) -> Option<Route> {
        let _ = places;
        None
    }

    /// Durations and lengths from every source to every target, on all cores; none when cancelled.
    pub fn matrix(&self, sources: &[Snapped], targets: &[Snapped], watch: &dyn Watch) -> Option<Matrix> {
        let _ = (sources, targets, watch);
        None
    }

    /// The areas within so many minutes of the nearest of some places: one for each number of minutes, in the given order;
    /// more minutes hold fewer.
    pub fn isochrone(&self, places: &[Snapped], minutes: &[f64]) -> Vec<MultiPolygon<f64>> {
        let _ = (places, minutes);
        Vec::new()
    }
}
