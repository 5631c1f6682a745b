//! A ground under closures: it snaps, routes, measures and says how far one gets.

use std::{collections::HashMap, sync::Arc};

use geo::{LineString, MultiPolygon};

use super::{
    closure::ClosedArcs,
    edge::Way,
    ground::{Ground, directed},
    guide::{self, Step},
    hierarchy::{Cost, Metric, NEVER, NONE, Seed},
    isochrone, matrix,
    path::{self, Stretch},
    snap,
};
use crate::domain::{geo::LonLat, watch::Watch};

/// A profile under a scenario: the ground, and weights customised to what is closed.
#[derive(Debug)]
pub struct Plane {
    ground: Arc<Ground>,
    /// Of each edge: whether it is closed.
    closed: Vec<bool>,
    metric: Metric,
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
    /// In which directions one may set out from it and come to it, where the road itself lets one.
    pub ways: Ways,
}

/// A set of directions of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways([bool; 2]);

impl Ways {
    /// Both.
    pub const BOTH: Self = Self([true; 2]);

    /// One of them.
    pub fn one(way: Way) -> Self {
        Self([way == Way::Forward, way == Way::Backward])
    }

    /// Those that somebody lets pass.
    #[must_use]
    pub fn only(self, lets: impl Fn(Way) -> bool) -> Self {
        Self(Way::BOTH.map(|way| self.has(way) && lets(way)))
    }

    /// Whether one is among them.
    pub const fn has(self, way: Way) -> bool {
        self.0[way as usize]
    }

    /// Whether none is.
    pub const fn is_empty(self) -> bool {
        !self.0[0] && !self.0[1]
    }
}

/// What somebody wishes of the place for a point, beside that it is near.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// The street, whose own edge is preferred to a somewhat nearer one.
    pub street: Option<&'a str>,
    /// The direction in which one drives there, degrees from north, and by how many degrees it may differ.
    pub bearing: Option<(u16, u16)>,
    /// On which side of the road the point lies for who drives there.
    pub side: RoadSide,
    /// Where one may stop.
    pub ground: Stops,
}

/// On which side of a road a point lies, for who drives there on the right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoadSide {
    /// On either.
    #[default]
    Any,
    /// On the right: one gets out at the curb.
    Curb,
    /// On the left: one crosses the road.
    Opposite,
}

/// Where one may stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stops {
    /// On land.
    #[default]
    Land,
    /// On a ferry too.
    Anywhere,
}

/// How one passes the places between the first and the last of a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passing {
    /// One may turn back at them.
    #[default]
    Freely,
    /// One goes on in the direction in which one came.
    Straight,
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
    /// The parts of edges of which it is made.
    pub(super) stretches: Vec<Stretch>,
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
        let mut is_closed = vec![false; ground.network().edges().len()];
        for edge in closed.edges() {
            is_closed[*edge as usize] = true;
        }
        let cost = |directed: &u32| {
            let edge = directed / 2;
            if is_closed[edge as usize] { NEVER } else { ground.cost(edge) }
        };
        let roads = ground.arcs().edge.iter().map(cost).collect();
        let metric = ground.hierarchy.customise(roads);
        Self { ground, closed: is_closed, metric }
    }

    /// A ground where nothing is closed.
    pub fn open(ground: Arc<Ground>) -> Self {
        Self::new(ground, &ClosedArcs::none())
    }

    /// The ground.
    pub const fn ground(&self) -> &Arc<Ground> {
        &self.ground
    }

    /// Whether an edge is closed in this scenario.
    pub fn is_closed(&self, edge: u32) -> bool {
        self.closed[edge as usize]
    }

    /// The place on the roads for a point: the nearest edge that is joined to the rest, 1 km away at most; where a street is
    /// named, its own edge is preferred to a somewhat nearer one.
    pub fn snap(&self, point: LonLat, street: Option<&str>) -> Result<Snapped, Unsnapped> {
        self.snap_as(point, &Wish { street, ..Wish::default() })
    }

    /// The place on the roads for a point, as somebody wishes.
    pub fn snap_as(&self, point: LonLat, wish: &Wish<'_>) -> Result<Snapped, Unsnapped> {
        snap::snap(self, point, wish)
    }

    /// The nearest places on open roads, one an edge, nearest first.
    pub fn nearest(&self, point: LonLat, count: usize) -> Vec<Snapped> {
        self.nearest_as(point, count, &Wish::default())
    }

    /// The same as somebody wishes; no street is preferred.
    pub fn nearest_as(&self, point: LonLat, count: usize, wish: &Wish<'_>) -> Vec<Snapped> {
        snap::nearest(self, point, count, wish)
    }

    /// The name of the street of a place.
    pub fn street(&self, place: &Snapped) -> Option<&str> {
        self.ground.network().name(place.edge)
    }

    /// The quickest way through some places in their order; none when some place cannot be reached from the one before.
    pub fn route(&self, places: &[Snapped]) -> Option<Route> {
        path::route(self, places, Passing::Freely)
    }

    /// The same where one passes the places between as is told.
    pub fn route_as(&self, places: &[Snapped], passing: Passing) -> Option<Route> {
        path::route(self, places, passing)
    }

    /// A leg of a route on this plane, as it is told to who drives.
    pub fn steps(&self, leg: &Leg) -> Vec<Step> {
        guide::steps(self, leg)
    }

    /// Deciseconds since the beginning of a leg of a route on this plane, at each point of its line.
    pub fn times_ds(&self, leg: &Leg) -> Vec<f64> {
        guide::times_ds(self, leg)
    }

    /// Deciseconds from one place to another; none where there is no way.
    pub fn duration(&self, from: &Snapped, to: &Snapped) -> Option<u32> {
        self.cost(from, to).map(|cost| (cost >> 32) as u32)
    }

    /// What the quickest way from one place to another costs.
    pub(super) fn cost(&self, from: &Snapped, to: &Snapped) -> Option<Cost> {
        let (out, into) = (seeds(&self.sources(from)), seeds(&self.targets(to)));
        let found = self.ground.hierarchy.path_cost(&self.metric, &out, &into);
        let least = found.min(self.direct(from, to).map_or(NEVER, |(_, cost)| cost));
        (least < NEVER).then_some(least)
    }

    /// Durations and lengths from every source to every target, on all cores; none when cancelled.
    pub fn matrix(&self, sources: &[Snapped], targets: &[Snapped], watch: &dyn Watch) -> Option<Matrix> {
        let out: Vec<Vec<Seed>> = sources.iter().map(|place| seeds(&self.sources(place))).collect();
        let into: Vec<Vec<Seed>> = targets.iter().map(|place| seeds(&self.targets(place))).collect();
        let mut costs = matrix::costs(&self.ground.hierarchy, &self.metric, &out, &into, watch)?;
        let mut of_edge: HashMap<u32, Vec<usize>> = HashMap::new();
        for (column, place) in targets.iter().enumerate() {
            of_edge.entry(place.edge).or_default().push(column);
        }
        for (row, from) in sources.iter().enumerate() {
            for column in of_edge.get(&from.edge).into_iter().flatten() {
                if let Some((_, cost)) = self.direct(from, &targets[*column]) {
                    let held = &mut costs[row * targets.len() + column];
                    *held = (*held).min(cost);
                }
            }
        }
        let reached = |cost: &Cost, value: u64| if *cost < NEVER { value as u32 } else { Matrix::UNREACHABLE };
        Some(Matrix {
            columns: targets.len(),
            durations_ds: costs.iter().map(|cost| reached(cost, cost >> 32)).collect(),
            lengths_m: costs.iter().map(|cost| reached(cost, ((cost & 0xffff_ffff) + 5) / 10)).collect(),
        })
    }

    /// The areas within so many minutes of the nearest of some places: one for each number of minutes, in the given order;
    /// more minutes hold fewer.
    pub fn isochrone(&self, places: &[Snapped], minutes: &[f64]) -> Vec<MultiPolygon<f64>> {
        isochrone::areas(self, places, minutes)
    }

    pub(super) const fn metric(&self) -> &Metric {
        &self.metric
    }

    /// The nodes to which one comes who sets out from a place, each with the directed edge that leads there.
    pub(super) fn sources(&self, place: &Snapped) -> Vec<(Seed, u32)> {
        let ways = Way::BOTH.into_iter().filter(|way| !self.is_closed(place.edge) && place.ways.has(*way));
        let seed = |way| {
            let left = if way == Way::Forward { 1.0 - place.along } else { place.along };
            let seed =
                Seed { node: self.ground.exit(place.edge, way), cost: share(self.ground.cost(place.edge), left) };
            (seed.node != NONE).then_some((seed, directed(place.edge, way)))
        };
        ways.filter_map(seed).collect()
    }

    /// The nodes from which one comes to a place, each with the directed edge that leads from there.
    pub(super) fn targets(&self, place: &Snapped) -> Vec<(Seed, u32)> {
        let ways = Way::BOTH.into_iter().filter(|way| !self.is_closed(place.edge) && place.ways.has(*way));
        let seeds = |way| {
            let done = if way == Way::Forward { place.along } else { 1.0 - place.along };
            let cost = share(self.ground.cost(place.edge), done);
            let entries = self.ground.entries(place.edge, way).iter();
            entries.map(move |node| (Seed { node: *node, cost }, directed(place.edge, way)))
        };
        ways.flat_map(seeds).collect()
    }

    /// The way along their own edge between two places on it, where it may be driven so.
    pub(super) fn direct(&self, from: &Snapped, to: &Snapped) -> Option<(u32, Cost)> {
        if from.edge != to.edge || self.is_closed(from.edge) {
            return None;
        }
        let share_of = share(self.ground.cost(from.edge), (to.along - from.along).abs());
        let runs = |way| match way {
            Way::Forward => to.along >= from.along,
            Way::Backward => to.along <= from.along,
        };
        let fits = |way| runs(way) && from.ways.has(way) && to.ways.has(way);
        let mut ways = Way::BOTH.into_iter().filter(|way| fits(*way) && self.ground.exit(from.edge, *way) != NONE);
        ways.next().map(|way| (directed(from.edge, way), share_of))
    }
}

/// A part, 0 to 1, of a cost.
pub(super) fn share(cost: Cost, part: f64) -> Cost {
    let half = |value: u64| (value as f64 * part).round() as u64;
    (half(cost >> 32) << 32) | half(cost & 0xffff_ffff)
}

/// The seeds alone.
pub(super) fn seeds(with_edges: &[(Seed, u32)]) -> Vec<Seed> {
    with_edges.iter().map(|(seed, _)| *seed).collect()
}
