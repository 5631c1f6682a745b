//! How far one gets: the times of the reached roads on a grid, spread a little beyond them, and their contours.
//!
//! All bands are contours of one field, so that they are nested; a crossing is made once on each side of a cell, so that
//! rings do not touch. Every cell that a reached road enters lies inside.

use geo::{LineString, MultiPolygon};

use super::{
    edge::Way,
    hierarchy::{NEVER, NONE},
    plane::{Plane, Snapped, seeds},
    snap::Flat,
};

/// No time.
const FAR: f32 = f32::INFINITY;

/// Metres that one leaves the road at most, and metres a decisecond there (4 km/h).
const OFF_ROAD_M: f32 = 120.0;
const OFF_ROAD_PACE: f32 = 0.111;

/// Cells along the longer side at most, and metres of a cell at least.
const CELLS: f64 = 400.0;
const CELL_M: f64 = 25.0;

/// Cells of a gap that is filled.
const GAP_CELLS: f64 = 6.0;

/// A reached part of an edge: from its shape's beginning or end, at a time, for the whole at a duration.
struct Reached {
    edge: u32,
    way: Way,
    /// The part of the edge, in the way, that is left out at the beginning.
    skip: f64,
    /// Deciseconds at its (whole) beginning; below zero where it is entered midway.
    begin_ds: f64,
}

/// A field of times on the corners of a grid.
struct Field {
    wide: usize,
    high: usize,
    corner: [f64; 2],
    cell_m: f64,
    times: Vec<f32>,
}

/// The areas within so many minutes, in the given order.
pub(super) fn areas(plane: &Plane, places: &[Snapped], minutes: &[f64]) -> Vec<MultiPolygon<f64>> {
    let limits: Vec<f64> = minutes.iter().map(|m| if m.is_finite() { m.max(0.0) * 600.0 } else { 0.0 }).collect();
    let most = limits.iter().copied().fold(0.0, f64::max);
    let reached = reached(plane, places, most);
    let Some(mut field) = Field::around(plane, &reached, most) else {
        return vec![MultiPolygon(Vec::new()); minutes.len()];
    };
    for part in &reached {
        field.stamp(plane, part, most);
    }
    field.spread();
    let flat = &plane.ground().network().index().flat;
    limits.iter().map(|limit| field.contour(*limit as f32, flat)).collect()
}

/// The directed edges of which something is reached in time.
fn reached(plane: &Plane, places: &[Snapped], most_ds: f64) -> Vec<Reached> {
    let ground = plane.ground();
    let network = ground.network();
    let from: Vec<_> = places.iter().flat_map(|place| seeds(&plane.sources(place))).collect();
    let costs = ground.hierarchy.reach(plane.metric(), &from);
    let mut reached = Vec::new();
    for place in places {
        for way in Way::BOTH.into_iter().filter(|way| ground.exit(place.edge, *way) != NONE) {
            if !plane.is_closed(place.edge) {
                let part = if way == Way::Forward { place.along } else { 1.0 - place.along };
                let duration = (ground.cost(place.edge) >> 32) as f64;
                reached.push(Reached { edge: place.edge, way, skip: part, begin_ds: -part * duration });
            }
        }
    }
    for edge in (0..network.edges().len() as u32).filter(|edge| !plane.is_closed(*edge)) {
        for way in Way::BOTH {
            let nodes = ground.entries(edge, way).iter().map(|node| costs[ground.hierarchy.rank(*node) as usize]);
            let begin_ds = match nodes.min() {
                Some(cost) if cost < NEVER => (cost >> 32) as f64,
                _ => continue,
            };
            if begin_ds <= most_ds {
                reached.push(Reached { edge, way, skip: 0.0, begin_ds });
            }
        }
    }
    reached
}

impl Field {
    fn around(plane: &Plane, reached: &[Reached], most_ds: f64) -> Option<Self> {
        let (mut least, mut most) = ([f64::MAX; 2], [f64::MIN; 2]);
        for part in reached {
            walk(plane, part, most_ds, |a, b, _| {
                for [x, y] in [a, b] {
                    least = [least[0].min(x), least[1].min(y)];
                    most = [most[0].max(x), most[1].max(y)];
                }
            });
        }
        if least[0] > most[0] {
            return None;
        }
        let cell_m = ((most[0] - least[0]).max(most[1] - least[1]) / CELLS).max(CELL_M);
        let margin = 2.0 + (f64::from(OFF_ROAD_M) / cell_m).ceil();
        let side = |axis: usize| ((most[axis] - least[axis]) / cell_m + 2.0 * margin).ceil() as usize + 1;
        let (wide, high) = (side(0), side(1));
        let corner = [least[0] - margin * cell_m, least[1] - margin * cell_m];
        Some(Self { wide, high, corner, cell_m, times: vec![FAR; wide * high] })
    }

    /// Writes the times of a reached edge on the corners of every cell that it enters.
    fn stamp(&mut self, plane: &Plane, part: &Reached, most_ds: f64) {
        let (corner, cell, wide) = (self.corner, self.cell_m, self.wide);
        let times = &mut self.times;
        walk(plane, part, most_ds, |a, b, [begin_ds, end_ds]| {
            let a = [(a[0] - corner[0]) / cell, (a[1] - corner[1]) / cell];
            let b = [(b[0] - corner[0]) / cell, (b[1] - corner[1]) / cell];
            let mut from = 0.0;
            while from < 1.0 {
                // To the next line of the grid along the segment.
                let mut to: f64 = 1.0;
                for axis in 0..2 {
                    let (run, at) = (b[axis] - a[axis], a[axis] + (b[axis] - a[axis]) * from);
                    if run > 0.0 {
                        to = to.min(((at + 1e-9).floor() + 1.0 - a[axis]) / run);
                    } else if run < 0.0 {
                        to = to.min(((at - 1e-9).ceil() - 1.0 - a[axis]) / run);
                    }
                }
                let to = to.max(from + 1e-6);
                let middle = from.midpoint(to.min(1.0));
                let x = (a[0] + (b[0] - a[0]) * middle) as usize;
                let y = (a[1] + (b[1] - a[1]) * middle) as usize;
                let time = (begin_ds + (end_ds - begin_ds) * from) as f32;
                let base = y * wide + x;
                for at in [base, base + 1, base + wide, base + wide + 1] {
                    times[at] = times[at].min(time);
                }
                from = to;
            }
        });
    }

    /// Spreads the times beyond the roads: two passes over the grid, from corner to corner.
    fn spread(&mut self) {
        let cell = self.cell_m as f32;
        let (straight, slant) = (cell, cell * std::f32::consts::SQRT_2);
        let mut left: Vec<f32> = self.times.iter().map(|t| if *t < FAR { OFF_ROAD_M } else { 0.0 }).collect();
        let wide = self.wide;
        let mut pull = |to: usize, from: usize, step: f32| {
            let through = self.times[from] + step / OFF_ROAD_PACE;
            if left[from] >= step && through < self.times[to] {
                self.times[to] = through;
                left[to] = left[from] - step;
            }
        };
        for y in 1..self.high - 1 {
            for x in 1..wide - 1 {
                let at = y * wide + x;
                pull(at, at - 1, straight);
                pull(at, at - wide - 1, slant);
                pull(at, at - wide, straight);
                pull(at, at - wide + 1, slant);
            }
        }
        for y in (1..self.high - 1).rev() {
            for x in (1..wide - 1).rev() {
                let at = y * wide + x;
                pull(at, at + 1, straight);
                pull(at, at + wide + 1, slant);
                pull(at, at + wide, straight);
                pull(at, at + wide - 1, slant);
            }
        }
    }

    /// The area where the time is not above a limit: marching squares, inside on the left.
    fn contour(&self, limit: f32, flat: &Flat) -> MultiPolygon<f64> {
        let wide = self.wide;
        let inside = |at: usize| self.times[at] <= limit;
        // The side of a cell below its corner `n` is `2n`, the one to the left of it `2n + 1`.
        let mut next = vec![NONE; self.times.len() * 2];
        let mut begins = Vec::new();
        for y in 0..self.high - 1 {
            for x in 0..wide - 1 {
                let at = y * wide + x;
                let corners = [at, at + 1, at + wide + 1, at + wide];
                let case = (0..4).fold(0, |case, corner| case | usize::from(inside(corners[corner])) << corner);
                let sides = [at * 2, (at + 1) * 2 + 1, (at + wide) * 2, at * 2 + 1];
                for (from, to) in SEGMENTS[case] {
                    next[sides[*from]] = sides[*to] as u32;
                    begins.push(sides[*from] as u32);
                }
            }
        }
        let (mut outer, mut holes) = (Vec::new(), Vec::new());
        for begin in begins {
            let mut ring = Vec::new();
            let mut side = begin;
            while next[side as usize] != NONE {
                ring.push(self.crossing(side as usize, limit));
                side = std::mem::replace(&mut next[side as usize], NONE);
            }
            let area = signed_area(&ring);
            if area > 0.0 {
                outer.push((ring, area));
            } else if -area > GAP_CELLS * self.cell_m * self.cell_m {
                holes.push(ring);
            }
        }
        assemble(outer, holes, flat)
    }

    /// Where the limit crosses a side of a cell, in metres.
    fn crossing(&self, side: usize, limit: f32) -> [f64; 2] {
        let at = side / 2;
        let other = if side.is_multiple_of(2) { at + 1 } else { at + self.wide };
        let (a, b) = (self.times[at], self.times[other]);
        // From the corner inside towards the one outside; a little off both, so that rings never meet at a corner.
        let part = |inside: f32, outside: f32| {
            if outside < FAR { f64::from((limit - inside) / (outside - inside)).clamp(0.02, 0.98) } else { 0.3 }
        };
        let along = if a <= limit { part(a, b) } else { 1.0 - part(b, a) };
        let (x, y) = ((at % self.wide) as f64, (at / self.wide) as f64);
        let [x, y] = if side.is_multiple_of(2) { [x + along, y] } else { [x, y + along] };
        [self.corner[0] + x * self.cell_m, self.corner[1] + y * self.cell_m]
    }
}

/// Below, right, above, left of a cell, by which of its corners (lower left, lower right, upper right, upper left) are
/// inside; at a saddle the inside holds together.
const SEGMENTS: [&[(usize, usize)]; 16] = [
    &[],
    &[(0, 3)],
    &[(1, 0)],
    &[(1, 3)],
    &[(2, 1)],
    &[(0, 1), (2, 3)],
    &[(2, 0)],
    &[(2, 3)],
    &[(3, 2)],
    &[(0, 2)],
    &[(3, 0), (1, 2)],
    &[(1, 2)],
    &[(3, 1)],
    &[(0, 1)],
    &[(3, 0)],
    &[],
];

fn signed_area(ring: &[[f64; 2]]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// Each hole goes to the smallest ring around it.
fn assemble(mut outer: Vec<(Vec<[f64; 2]>, f64)>, holes: Vec<Vec<[f64; 2]>>, flat: &Flat) -> MultiPolygon<f64> {
    outer.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut inner: Vec<Vec<LineString<f64>>> = vec![Vec::new(); outer.len()];
    let line = |ring: &[[f64; 2]]| LineString::from(ring.iter().map(|p| flat.degrees(*p)).collect::<Vec<_>>());
    for hole in holes {
        if let Some(at) = outer.iter().position(|(ring, _)| contains(ring, hole[0])) {
            inner[at].push(line(&hole));
        }
    }
    let polygons = outer.iter().zip(inner).map(|((ring, _), holes)| geo::Polygon::new(line(ring), holes));
    MultiPolygon(polygons.collect())
}

fn contains(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let next = ring.iter().cycle().skip(1);
    let crosses = |(a, b): &(&[f64; 2], &[f64; 2])| {
        (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
    };
    ring.iter().zip(next).filter(crosses).count() % 2 == 1
}

/// The segments of a reached edge, in metres, with the deciseconds at both ends; cut where the time is up.
fn walk(plane: &Plane, part: &Reached, most_ds: f64, mut each: impl FnMut([f64; 2], [f64; 2], [f64; 2])) {
    let ground = plane.ground();
    let flat = &ground.network().index().flat;
    let shape = ground.network().shape(part.edge);
    // Lengths on the plane, in parts of the whole: no sines here, this runs for every segment of a province.
    let run = |a: [f64; 2], b: [f64; 2]| (b[0] - a[0]).hypot(b[1] - a[1]);
    let whole: f64 = shape.windows(2).map(|pair| run(flat.point(pair[0]), flat.point(pair[1]))).sum();
    let duration = (ground.cost(part.edge) >> 32) as f64;
    let (skip, pace) = (part.skip * whole, duration / whole.max(1e-9));
    let until = (most_ds - part.begin_ds) / pace;
    let last = shape.len() - 1;
    let at = |step: usize| flat.point(shape[if part.way == Way::Forward { step } else { last - step }]);
    let mut begin = 0.0;
    let mut a = at(0);
    for step in 0..last {
        let b = at(step + 1);
        let length = run(a, b);
        let end = begin + length;
        if begin > until {
            break;
        }
        let (from, to) = (f64::max(begin, skip), end.min(until));
        if end >= skip && length > 0.0 && to >= from {
            let place = |metres: f64| {
                let part = (metres - begin) / length;
                [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]
            };
            each(place(from), place(to), [part.begin_ds + from * pace, part.begin_ds + to * pace]);
        }
        (a, begin) = (b, end);
    }
}
