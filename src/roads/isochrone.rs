//! How far one gets: the times of the reached roads on a lattice, spread a little beyond them, and their contours.
//!
//! The lattice belongs to the network and the kind of traffic, not to the question, and the time of a corner up to a limit
//! does not depend on what is reached after it: a band is the same whatever else is asked, and bands are contours of one
//! field, so that they are nested. Every cell that a reached road enters lies inside.

mod contour;
mod field;

use geo::MultiPolygon;
use rayon::prelude::*;

use self::field::{Field, Lattice, Stamps};
use super::{
    edge::Way,
    ground::Ground,
    hierarchy::{NEVER, NONE},
    plane::{Plane, Snapped, seeds},
};

/// Edges that are stamped by one thread at a time.
const CHUNK: usize = 8_192;

/// No time.
const FAR: f64 = f64::INFINITY;

/// The areas within so many minutes, in the given order.
pub(super) fn areas(plane: &Plane, places: &[Snapped], minutes: &[f64]) -> Vec<MultiPolygon<f64>> {
    let limit = |minutes: &f64| if minutes.is_finite() { (minutes.max(0.0) * 600.0) as f32 } else { 0.0 };
    let limits: Vec<f32> = minutes.iter().map(limit).collect();
    let ground = plane.ground();
    let lattice = Lattice::of(ground);
    // A contour runs between a corner inside and one that is a cell's walk farther at most.
    let until_ds = limits.iter().copied().fold(0.0, f32::max) + lattice.walk_ds();
    let field = Field::spread(&stamps(plane, places, lattice, f64::from(until_ds)));
    contour::areas(&field, &limits, &ground.network().index().flat)
}

/// The times at which the cells of the lattice are entered by a reached road.
fn stamps(plane: &Plane, places: &[Snapped], lattice: Lattice, until_ds: f64) -> Stamps {
    let ground = plane.ground();
    let from: Vec<_> = places.iter().flat_map(|place| seeds(&plane.sources(place))).collect();
    let costs = ground.hierarchy.reach(plane.metric(), &from);
    let begins = |edge: u32, way: Way| {
        let nodes = ground.entries(edge, way).iter().map(|node| costs[ground.hierarchy.rank(*node) as usize]);
        nodes.min().filter(|cost| *cost < NEVER).map_or(FAR, |cost| (cost >> 32) as f64)
    };
    let count = ground.network().edges().len();
    let chunk = |chunk: usize| {
        let (mut stamps, mut walk) = (Stamps::new(lattice), Walk::default());
        for edge in (chunk * CHUNK) as u32..((chunk + 1) * CHUNK).min(count) as u32 {
            if plane.is_closed(edge) {
                continue;
            }
            let begins_ds = [begins(edge, Way::Forward), begins(edge, Way::Backward)];
            if begins_ds[0].min(begins_ds[1]) <= until_ds {
                walk.lay(ground, edge, lattice);
                for (way, part) in walk.halves(begins_ds) {
                    walk.stamp(way, part, begins_ds[way as usize], until_ds, &mut stamps);
                }
            }
        }
        stamps
    };
    let mut stamps = (0..count.div_ceil(CHUNK)).into_par_iter().map(chunk).reduce(|| Stamps::new(lattice), Stamps::and);
    let mut walk = Walk::default();
    for place in places.iter().filter(|place| !plane.is_closed(place.edge)) {
        for way in Way::BOTH.into_iter().filter(|way| ground.exit(place.edge, *way) != NONE) {
            walk.lay(ground, place.edge, lattice);
            let skip = if way == Way::Forward { place.along } else { 1.0 - place.along };
            walk.stamp(way, [skip, 1.0], -skip * walk.duration_ds, until_ds, &mut stamps);
        }
    }
    stamps
}

/// An edge as one goes along it, on a lattice.
#[derive(Default)]
struct Walk {
    duration_ds: f64,
    /// Its points, in cells.
    points: Vec<[f64; 2]>,
    /// How far each lies from the first along the edge, in cells: what counts here are parts of the whole.
    runs: Vec<f64>,
}

impl Walk {
    fn lay(&mut self, ground: &Ground, edge: u32, lattice: Lattice) {
        let network = ground.network();
        let flat = &network.index().flat;
        self.duration_ds = (ground.cost(edge) >> 32) as f64;
        self.points.clear();
        self.points.extend(network.shape(edge).iter().map(|point| lattice.cells(flat.point(*point))));
        self.runs.clear();
        let (mut run, mut before) = (0.0, self.points[0]);
        for point in &self.points {
            let (dx, dy) = (point[0] - before[0], point[1] - before[1]);
            run += (dx * dx + dy * dy).sqrt();
            before = *point;
            self.runs.push(run);
        }
    }

    /// The part of the edge, 0 to 1 in each way, where that way comes first; the rest of it would tell nothing new.
    fn halves(&self, begins_ds: [f64; 2]) -> impl Iterator<Item = (Way, [f64; 2])> + use<> {
        let duration_ds = self.duration_ds;
        let upto = |way: Way| {
            let (own, other) = (begins_ds[way as usize], begins_ds[1 - way as usize]);
            match (own < FAR, other < FAR) {
                (false, _) => -1.0,
                (true, false) => 1.0,
                (true, true) => ((other + duration_ds - own) / (2.0 * duration_ds)).min(1.0),
            }
        };
        Way::BOTH.map(|way| (way, [0.0, upto(way)])).into_iter().filter(|(_, part)| part[1] >= 0.0)
    }

    /// Stamps the cells that a part of the edge enters, until the time is up; `begin_ds` is the time at the beginning of the
    /// whole, below zero where it is entered midway.
    fn stamp(&self, way: Way, part: [f64; 2], begin_ds: f64, until_ds: f64, stamps: &mut Stamps) {
        let last = self.points.len() - 1;
        let whole = self.runs[last];
        let at = |step: usize| if way == Way::Forward { step } else { last - step };
        let [skip, upto] = part.map(|part| part * whole);
        let pace = self.duration_ds / whole.max(1e-9);
        let mut begin = 0.0;
        for step in 0..last {
            let (a, b) = (self.points[at(step)], self.points[at(step + 1)]);
            let length = (self.runs[at(step + 1)] - self.runs[at(step)]).abs();
            let end = begin + length;
            if begin > upto || begin_ds + begin * pace > until_ds {
                break;
            }
            if end >= skip && length > 0.0 {
                let (from, to) = (f64::max(begin, skip), end.min(upto).max(skip));
                let place = |run: f64| {
                    let part = (run - begin) / length;
                    [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]
                };
                let times_ds = [begin_ds + from * pace, begin_ds + to * pace];
                stamps.line(
                    if from > begin { place(from) } else { a },
                    if to < end { place(to) } else { b },
                    times_ds,
                    until_ds,
                );
            }
            begin = end;
        }
    }
}
