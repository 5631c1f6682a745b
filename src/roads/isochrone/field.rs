//! Times on a lattice, kept in tiles where there are any: first of cells, as roads enter them, then of corners.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::super::{ground::Ground, profile::Profile};

/// No time.
pub(super) const FAR: f32 = f32::INFINITY;

/// Metres that one leaves the road at most, and metres a decisecond there (4 km/h).
const OFF_ROAD_M: f64 = 120.0;
const OFF_ROAD_PACE: f64 = 0.111;

/// Metres of a cell at least and at most, and cells over the whole network where that is between.
const CELL_M: [f64; 2] = [25.0, 150.0];
const CELLS: f64 = 2e6;

/// Cells of a side of a tile.
pub(super) const SIDE: usize = 64;

/// Row and column of a tile; rows go north.
pub(super) type Key = [i32; 2];

/// Squares over the plane of a network: corner `(x, y)` lies at so many cells from its origin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lattice {
    pub(super) cell_m: f64,
}

impl Lattice {
    /// The lattice of a ground. Who walks sees small cells; who drives, larger ones on a large network.
    pub(super) fn of(ground: &Ground) -> Self {
        let [wide, high] = ground.network().index().span_m;
        let fit = (wide * high / CELLS).sqrt().ceil();
        let cell_m = if ground.profile() == Profile::Foot { CELL_M[0] } else { fit.clamp(CELL_M[0], CELL_M[1]) };
        Self { cell_m }
    }

    /// Metres as cells.
    pub(super) fn cells(self, metres: [f64; 2]) -> [f64; 2] {
        metres.map(|metres| metres / self.cell_m)
    }

    /// Deciseconds to walk the side of a cell.
    pub(super) fn walk_ds(self) -> f32 {
        (self.cell_m / OFF_ROAD_PACE) as f32
    }
}

/// A row and a column of a lattice, split into tile and place in it.
fn split([x, y]: [i32; 2]) -> (Key, usize) {
    let side = SIDE as i32;
    ([y.div_euclid(side), x.div_euclid(side)], (y.rem_euclid(side) * side + x.rem_euclid(side)) as usize)
}

/// The whole number below, without a call.
fn below(value: f64) -> i32 {
    let cut = value as i32;
    cut - i32::from(f64::from(cut) > value)
}

/// When each cell is first entered.
pub(super) struct Stamps {
    lattice: Lattice,
    places: BTreeMap<Key, usize>,
    tiles: Vec<Vec<f32>>,
    /// The tile that was written last.
    last: (Key, usize),
}

impl Stamps {
    pub(super) const fn new(lattice: Lattice) -> Self {
        Self { lattice, places: BTreeMap::new(), tiles: Vec::new(), last: ([i32::MAX; 2], 0) }
    }

    fn tile(&mut self, key: Key) -> &mut Vec<f32> {
        if self.last.0 != key {
            let next = self.tiles.len();
            let at = *self.places.entry(key).or_insert(next);
            if at == next {
                self.tiles.push(vec![FAR; SIDE * SIDE]);
            }
            self.last = (key, at);
        }
        &mut self.tiles[self.last.1]
    }

    fn write(&mut self, cell: [i32; 2], ds: f64) {
        let (key, at) = split(cell);
        let held = &mut self.tile(key)[at];
        *held = held.min(ds as f32);
    }

    /// Writes a straight line between two places in cells, with the times at both, cell by cell (Amanatides and Woo 1987);
    /// what is entered later than `until_ds` is left out.
    pub(super) fn line(&mut self, a: [f64; 2], b: [f64; 2], times_ds: [f64; 2], until_ds: f64) {
        let (mut cell, end) = (a.map(below), b.map(below));
        self.write(cell, times_ds[0]);
        let run = [b[0] - a[0], b[1] - a[1]];
        let steps = cell[0].abs_diff(end[0]) + cell[1].abs_diff(end[1]);
        for _ in 0..steps {
            let next = [0, 1].map(|axis| {
                let line = f64::from(cell[axis] + i32::from(run[axis] > 0.0));
                if cell[axis] == end[axis] { f64::INFINITY } else { (line - a[axis]) / run[axis] }
            });
            let axis = usize::from(next[1] < next[0]);
            cell[axis] += if run[axis] > 0.0 { 1 } else { -1 };
            let ds = times_ds[0] + (times_ds[1] - times_ds[0]) * next[axis].clamp(0.0, 1.0);
            if ds > until_ds {
                break;
            }
            self.write(cell, ds);
        }
    }

    /// The earlier of both, cell by cell.
    pub(super) fn and(mut self, other: Self) -> Self {
        if self.tiles.len() < other.tiles.len() {
            return other.and(self);
        }
        for (key, at) in other.places {
            let tile = self.tile(key);
            for (held, ds) in tile.iter_mut().zip(&other.tiles[at]) {
                *held = held.min(*ds);
            }
        }
        self
    }
}

/// The time at each corner: of the nearest cells, and what it takes to walk from them.
pub(super) struct Field {
    pub(super) lattice: Lattice,
    /// Of each tile, the times at its corners, and one row and column more: those of its neighbours.
    pub(super) tiles: Vec<(Key, Vec<f32>)>,
}

/// Corners of a side of a tile, with its neighbours'.
pub(super) const CORNERS: usize = SIDE + 1;

impl Field {
    /// Spreads the times of cells over the corners within reach of them.
    pub(super) fn spread(stamps: &Stamps) -> Self {
        let lattice = stamps.lattice;
        let near = |at: i32| [at - 1, at, at + 1];
        let mut keys: Vec<Key> = stamps
            .places
            .keys()
            .flat_map(|[row, column]| near(*row).into_iter().flat_map(|row| near(*column).map(|column| [row, column])))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let steps = Step::all(lattice);
        let tile = |key: &Key| spread(stamps, *key, &steps).map(|times| (*key, times));
        Self { lattice, tiles: keys.par_iter().filter_map(tile).collect() }
    }
}

/// From a corner to a cell near it: how many cells up and right, and the deciseconds between.
struct Step {
    up: i32,
    right: i32,
    ds: f32,
}

impl Step {
    fn all(lattice: Lattice) -> Vec<Self> {
        let most = (OFF_ROAD_M / lattice.cell_m) as i32;
        // Cell -1 ends at the corner, cell 0 begins there.
        let gap = |cells: i32| f64::from(cells.max(-cells - 1));
        let square = (-most - 1..=most).flat_map(|up| (-most - 1..=most).map(move |right| (up, right)));
        let step = |(up, right): (i32, i32)| {
            let far_m = gap(up).hypot(gap(right)) * lattice.cell_m;
            (far_m <= OFF_ROAD_M).then_some(Self { up, right, ds: (far_m / OFF_ROAD_PACE) as f32 })
        };
        square.filter_map(step).collect()
    }
}

/// The times at the corners of a tile; none where there are none.
fn spread(stamps: &Stamps, [row, column]: Key, steps: &[Step]) -> Option<Vec<f32>> {
    let edge = steps.iter().map(|step| -step.up).max().unwrap_or(1);
    let wide = CORNERS + 2 * edge as usize;
    // The cells of the tile and those around it, row by row.
    let mut cells = vec![FAR; wide * wide];
    let mut any = vec![false; wide];
    for (dy, dx) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dy, dx))) {
        let Some(at) = stamps.places.get(&[row + dy, column + dx]) else { continue };
        let side = SIDE as i32;
        let shown = |tile: i32| (tile * side + edge).max(0)..(tile * side + edge + side).min(wide as i32);
        let (columns, first) = (shown(dx), dx * side + edge);
        for y in shown(dy) {
            let from = ((y - edge - dy * side) * side + columns.start - first) as usize;
            let held = &stamps.tiles[*at][from..from + columns.len()];
            let to = y as usize * wide + columns.start as usize;
            cells[to..to + columns.len()].copy_from_slice(held);
            any[y as usize] |= held.iter().any(|ds| *ds < FAR);
        }
    }
    if !any.contains(&true) {
        return None;
    }
    let mut corners = vec![FAR; CORNERS * CORNERS];
    for (y, row) in corners.chunks_exact_mut(CORNERS).enumerate() {
        for step in steps {
            let from = (y as i32 + edge + step.up) as usize;
            if any[from] {
                let begin = from * wide + (edge + step.right) as usize;
                for (corner, cell) in row.iter_mut().zip(&cells[begin..begin + CORNERS]) {
                    *corner = corner.min(cell + step.ds);
                }
            }
        }
    }
    corners.iter().any(|ds| *ds < FAR).then_some(corners)
}
