//! A packed R-tree: the box of every few rows, and of every few such boxes. Rows lie by H3 cell, so neighbours in the table
//! are neighbours in the town, and the tree needs no pointers. A shape that holds a box holds its rows, whole; only rows of boxes on the shape's border are looked at.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

use roaring::RoaringBitmap;

use crate::domain::geo::{BBox, LonLat};

use super::{
    rows::{Row, Rows, Span},
    world::point_of,
};

/// Rows to a box of the finest level.
const LEAF: usize = 16;
/// Boxes to a box of the next level.
const FANOUT: usize = 8;

/// How a box lies to a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Every point of the box is in the shape.
    Inside,
    /// No point of the box is in the shape.
    Outside,
    /// Some may be and some may not.
    Border,
}

/// A shape that can be laid over rows.
pub trait Shape {
    /// Why it may stop.
    type Stop;

    /// How a box lies to it; `Border` is always right, the others only where they are sure.
    fn relation(&mut self, bbox: &BBox) -> Result<Relation, Self::Stop>;

    /// Whether a point is in it.
    fn contains(&mut self, point: LonLat) -> bool;
}

/// Boxes of consecutive rows in units of 10⁻⁷ degrees, finest level first: about a byte a row.
#[derive(Debug)]
pub(super) struct Cover {
    levels: Vec<Vec<[i32; 4]>>,
}

impl Cover {
    pub(super) fn new(points: &[[i32; 2]]) -> Self {
        const NOTHING: [i32; 4] = [i32::MAX, i32::MAX, i32::MIN, i32::MIN];
        let join = |[w, s, e, n]: [i32; 4], [a, b, c, d]: [i32; 4]| [w.min(a), s.min(b), e.max(c), n.max(d)];
        let leaf = |points: &[[i32; 2]]| points.iter().fold(NOTHING, |bbox, &[x, y]| join(bbox, [x, y, x, y]));
        let mut levels: Vec<Vec<[i32; 4]>> = vec![points.chunks(LEAF).map(leaf).collect()];
        while let Some(fine) = levels.last().filter(|level| level.len() > FANOUT) {
            levels.push(fine.chunks(FANOUT).map(|boxes| boxes.iter().copied().fold(NOTHING, join)).collect());
        }
        Self { levels }
    }

    /// The rows whose point is in a shape.
    pub(super) fn rows<S: Shape>(&self, points: &[[i32; 2]], shape: &mut S) -> Result<Rows, S::Stop> {
        let mut found = Words(vec![0; points.len().div_ceil(64)]);
        let top = self.levels.len() - 1;
        for at in 0..self.levels[top].len() {
            self.descend(points, (top, at), shape, &mut found)?;
        }
        Ok(found.into_rows())
    }

    fn descend<S: Shape>(
        &self,
        points: &[[i32; 2]],
        (level, at): (usize, usize),
        shape: &mut S,
        found: &mut Words,
    ) -> Result<(), S::Stop> {
        let width = LEAF * FANOUT.pow(level as u32);
        let (start, end) = (at * width, points.len().min((at + 1) * width));
        match shape.relation(&degrees(self.levels[level][at]))? {
            Relation::Outside => {}
            Relation::Inside => found.insert(start, end),
            Relation::Border if level == 0 => {
                for (row, &point) in points[start..end].iter().enumerate() {
                    if point_of(point).is_some_and(|point| shape.contains(point)) {
                        found.insert(start + row, start + row + 1);
                    }
                }
            }
            Relation::Border => {
                let below = at * FANOUT..self.levels[level - 1].len().min((at + 1) * FANOUT);
                for child in below {
                    self.descend(points, (level - 1, child), shape, found)?;
                }
            }
        }
        Ok(())
    }

    /// The `k` nearest rows to a point that are wanted, with their metres, nearest first, ties by row. `any` says whether a
    /// span of rows holds one that may be wanted; boxes are opened from the nearest on, until none can hold a nearer one.
    pub(super) fn nearest(
        &self,
        points: &[[i32; 2]],
        (point, k): (LonLat, usize),
        any: impl Fn(Span) -> bool,
        wanted: impl Fn(Row) -> bool,
    ) -> Vec<(Row, f64)> {
        let mut found: BinaryHeap<Near<u32>> = BinaryHeap::new();
        let mut open: BinaryHeap<Reverse<Near<(usize, usize)>>> = BinaryHeap::new();
        let top = self.levels.len() - 1;
        open.extend((0..self.levels[top].len()).map(|at| Reverse(Near { metres: 0.0, what: (top, at) })));
        while let Some(Reverse(Near { metres, what: (level, at) })) = open.pop() {
            if found.len() == k && found.peek().is_none_or(|last| metres > last.metres) {
                break;
            }
            if level > 0 {
                for child in at * FANOUT..self.levels[level - 1].len().min((at + 1) * FANOUT) {
                    let width = LEAF * FANOUT.pow(level as u32 - 1);
                    let (start, end) = (child * width, points.len().min((child + 1) * width));
                    if any(Span { start: start as u32, end: end as u32 }) {
                        let metres = at_least(point, &degrees(self.levels[level - 1][child]));
                        open.push(Reverse(Near { metres, what: (level - 1, child) }));
                    }
                }
                continue;
            }
            let (start, end) = (at * LEAF, points.len().min((at + 1) * LEAF));
            for (row, &there) in (start..end).zip(&points[start..end]) {
                if let Some(there) = point_of(there).filter(|_| wanted(Row(row as u32))) {
                    found.push(Near { metres: point.distance_m(there), what: row as u32 });
                    if found.len() > k {
                        found.pop();
                    }
                }
            }
        }
        found.into_sorted_vec().into_iter().map(|near| (Row(near.what), near.metres)).collect()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.levels.iter().map(|level| level.capacity() * 16).sum()
    }
}

/// Metres that every point of a box is away at least: to its nearest corner or edge, less a margin for what the ellipsoid
/// and the parallels bend; of far boxes nothing is said.
fn at_least(point: LonLat, bbox: &BBox) -> f64 {
    const NEAR_M: f64 = 200_000.0;
    if point.lon() - bbox.west > 180.0 || bbox.east - point.lon() > 180.0 {
        return 0.0;
    }
    let clamped = LonLat::new(point.lon().clamp(bbox.west, bbox.east), point.lat().clamp(bbox.south, bbox.north))
        .unwrap_or(point);
    let metres = point.distance_m(clamped);
    if metres > NEAR_M { NEAR_M * 0.99 } else { metres * 0.999 }
}

/// Something at a distance; ordered by it, then by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Near<T> {
    metres: f64,
    what: T,
}

impl<T: Ord> Eq for Near<T> {}

impl<T: Ord> PartialOrd for Near<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for Near<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.metres.total_cmp(&other.metres).then_with(|| self.what.cmp(&other.what))
    }
}

fn degrees([west, south, east, north]: [i32; 4]) -> BBox {
    let degrees = |units: i32| f64::from(units) / 1e7;
    BBox { west: degrees(west), south: degrees(south), east: degrees(east), north: degrees(north) }
}

/// Rows while they are gathered: a bit each.
struct Words(Vec<u64>);

impl Words {
    fn insert(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let stop = end.min((at / 64 + 1) * 64);
            let ones = u64::MAX >> (64 - (stop - at));
            self.0[at / 64] |= ones << (at % 64);
            at = stop;
        }
    }

    fn into_rows(self) -> Rows {
        let bytes: Vec<u8> = self.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        RoaringBitmap::from_lsb0_bytes(0, &bytes).into()
    }
}
