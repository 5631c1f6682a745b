//! Contours of a field: marching squares, inside on the left. A crossing is made once on each side of a cell, so that rings
//! do not touch, and it is on a line of the lattice, so that rings of two limits do not cross.

use geo::{Coord, LineString, MultiPolygon, Polygon};
use rayon::prelude::*;

use super::{
    super::{hierarchy::NONE, snap::Flat},
    field::{CORNERS, FAR, Field, Key, SIDE},
};

/// Cells of a gap that is filled.
const GAP_CELLS: f64 = 6.0;

/// How near a corner a crossing comes, and where it is when nothing is known beyond; parts of a side.
const NEAR: f32 = 0.02;
const OPEN: f32 = 0.3;

/// A side of a cell: its row, its column, and whether it is the left side of the cell rather than the one below.
type Side = (i32, i32, bool);

/// From one side of a cell to another.
struct Segment {
    from: Side,
    to: Side,
    /// Where the contour crosses the first, in cells.
    at: [f64; 2],
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

/// The areas where the time is not above each limit.
pub(super) fn areas(field: &Field, limits: &[f32], flat: &Flat) -> Vec<MultiPolygon<f64>> {
    let walk_ds = field.lattice.walk_ds();
    let of_tile = |(key, times): &(Key, Vec<f32>)| {
        let least = times.iter().copied().fold(FAR, f32::min);
        let most = times.iter().copied().fold(0.0, f32::max);
        let crossed = |limit: &f32| {
            if least <= *limit && *limit < most { segments(*key, times, *limit, walk_ds) } else { Vec::new() }
        };
        limits.iter().map(crossed).collect::<Vec<_>>()
    };
    let of_tiles: Vec<Vec<Vec<Segment>>> = field.tiles.par_iter().map(of_tile).collect();
    let mut bands: Vec<Vec<Segment>> = limits.iter().map(|_| Vec::new()).collect();
    for tile in of_tiles {
        bands.iter_mut().zip(tile).for_each(|(band, segments)| band.extend(segments));
    }
    bands.into_par_iter().map(|segments| area(segments, field.lattice.cell_m, flat)).collect()
}

/// The contour in a tile.
fn segments([row, column]: Key, times: &[f32], limit: f32, walk_ds: f32) -> Vec<Segment> {
    let mut segments = Vec::new();
    let corner = [column * SIDE as i32, row * SIDE as i32];
    for (y, pair) in times.windows(2 * CORNERS).step_by(CORNERS).enumerate() {
        let (below, above) = pair.split_at(CORNERS);
        let inside = |x: usize| (usize::from(below[x] <= limit), usize::from(above[x] <= limit));
        let mut left = inside(0);
        for x in 0..SIDE {
            let right = inside(x + 1);
            let case = left.0 | right.0 << 1 | right.1 << 2 | left.1 << 3;
            left = right;
            if SEGMENTS[case].is_empty() {
                continue;
            }
            let (at_x, at_y) = (corner[0] + x as i32, corner[1] + y as i32);
            let sides = [(at_y, at_x, false), (at_y, at_x + 1, true), (at_y + 1, at_x, false), (at_y, at_x, true)];
            let ends = [
                [below[x], below[x + 1]],
                [below[x + 1], above[x + 1]],
                [above[x], above[x + 1]],
                [below[x], above[x]],
            ];
            for (from, to) in SEGMENTS[case] {
                let along = crossing(ends[*from], limit, walk_ds);
                let (y, x, left) = sides[*from];
                let at = if left { [f64::from(x), f64::from(y) + along] } else { [f64::from(x) + along, f64::from(y)] };
                segments.push(Segment { from: sides[*from], to: sides[*to], at });
            }
        }
    }
    segments
}

/// Where, 0 to 1, the limit crosses a side with these times at its ends; a little off both, so that rings never meet at a
/// corner. What is farther than a walk along the side may not be known: it counts as nothing.
fn crossing([a, b]: [f32; 2], limit: f32, walk_ds: f32) -> f64 {
    let part = |inside: f32, outside: f32| {
        let known = outside <= inside + walk_ds;
        if known { ((limit - inside) / (outside - inside)).clamp(NEAR, 1.0 - NEAR) } else { OPEN }
    };
    f64::from(if a <= limit { part(a, b) } else { 1.0 - part(b, a) })
}

/// A closed contour.
struct Ring {
    points: Vec<[f64; 2]>,
    /// Cells; below zero for a hole.
    area: f64,
    /// Its crossing of a lower side that is farthest to the left: a position in the segments.
    leftmost: usize,
}

/// Rings, the holes in them, and what is left out: gaps too small to tell, and whatever lies in them.
fn area(mut segments: Vec<Segment>, cell_m: f64, flat: &Flat) -> MultiPolygon<f64> {
    segments.par_sort_unstable_by_key(|segment| segment.from);
    let (rings, ring_of) = rings(&segments);
    let mut order: Vec<usize> = (0..rings.len()).collect();
    order.sort_unstable_by_key(|ring| (segments[rings[*ring].leftmost].from.1, *ring));
    // Of each ring: of an outer one the hole around it, of a hole the ring around it; and whether it is left out.
    let mut around = vec![NONE; rings.len()];
    let mut left_out = vec![false; rings.len()];
    for ring in order {
        let is_hole = rings[ring].area < 0.0;
        if let Some(neighbour) = to_the_left(&segments, &ring_of, rings[ring].leftmost) {
            // The next contour on the left is of what lies around, or of something that lies in the same.
            let other_is_hole = rings[neighbour as usize].area < 0.0;
            around[ring] = if is_hole == other_is_hole { around[neighbour as usize] } else { neighbour };
        }
        let outside = around[ring] != NONE && left_out[around[ring] as usize];
        left_out[ring] = outside || (is_hole && -rings[ring].area <= GAP_CELLS);
    }
    let line = |ring: &Ring| line(&ring.points, cell_m, flat);
    let mut holes: Vec<Vec<LineString<f64>>> = vec![Vec::new(); rings.len()];
    for (at, ring) in rings.iter().enumerate().filter(|(at, ring)| ring.area < 0.0 && !left_out[*at]) {
        if around[at] != NONE {
            holes[around[at] as usize].push(line(ring));
        }
    }
    let outer = rings.iter().zip(holes).zip(left_out).filter(|((ring, _), left_out)| ring.area > 0.0 && !left_out);
    MultiPolygon(outer.map(|((ring, holes), _)| Polygon::new(line(ring), holes)).collect())
}

/// Where each row begins in sorted segments.
struct Rows {
    least: i32,
    first: Vec<usize>,
}

impl Rows {
    fn of(segments: &[Segment]) -> Self {
        let least = segments.first().map_or(0, |segment| segment.from.0);
        let mut first = Vec::new();
        for (at, segment) in segments.iter().enumerate() {
            first.resize(first.len().max((segment.from.0 - least) as usize + 1), at);
        }
        first.push(segments.len());
        Self { least, first }
    }

    /// The segment that begins on a side.
    fn find(&self, segments: &[Segment], side: Side) -> Option<usize> {
        let row = usize::try_from(side.0 - self.least).ok()?;
        let (begin, end) = (*self.first.get(row)?, *self.first.get(row + 1)?);
        let found = segments[begin..end].binary_search_by_key(&side, |next| next.from);
        found.ok().map(|at| begin + at)
    }
}

/// The rings of some sorted segments, and of each segment its ring.
fn rings(segments: &[Segment]) -> (Vec<Ring>, Vec<u32>) {
    let rows = Rows::of(segments);
    let mut rings = Vec::new();
    let mut ring_of = vec![NONE; segments.len()];
    for begin in 0..segments.len() {
        if ring_of[begin] != NONE {
            continue;
        }
        let mut ring = Ring { points: Vec::new(), area: 0.0, leftmost: begin };
        let mut leftmost = i32::MAX;
        let mut at = begin;
        while ring_of[at] == NONE {
            ring_of[at] = rings.len() as u32;
            let segment = &segments[at];
            ring.points.push(segment.at);
            let (_, x, is_left) = segment.from;
            if !is_left && x < leftmost {
                (ring.leftmost, leftmost) = (at, x);
            }
            match rows.find(segments, segment.to) {
                Some(next) => at = next,
                None => break,
            }
        }
        ring.area = signed_area(&ring.points);
        rings.push(ring);
    }
    (rings, ring_of)
}

/// The ring that crosses the same row of corners next on the left.
fn to_the_left(segments: &[Segment], ring_of: &[u32], at: usize) -> Option<u32> {
    let row = segments[at].from.0;
    let before = segments[..at].iter().enumerate().rev().take_while(|(_, segment)| segment.from.0 == row);
    before.into_iter().find(|(_, segment)| !segment.from.2).map(|(at, _)| ring_of[at])
}

fn signed_area(ring: &[[f64; 2]]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// A ring in degrees, as they are written: six decimals, so that who asks by the drawn line asks by this one. Points on a
/// line of the lattice's direction are left out.
fn line(ring: &[[f64; 2]], cell_m: f64, flat: &Flat) -> LineString<f64> {
    let degrees = |point: &[f64; 2]| flat.degrees(point.map(|cells| cells * cell_m)).map(|d| (d * 1e6).round() / 1e6);
    let points: Vec<[f64; 2]> = ring.iter().map(degrees).collect();
    let straight = |at: usize| {
        let (before, after) = (points[(at + points.len() - 1) % points.len()], points[(at + 1) % points.len()]);
        (0..2).any(|axis| before[axis] == points[at][axis] && points[at][axis] == after[axis])
    };
    let kept = (0..points.len()).filter(|at| !straight(*at));
    let mut line: Vec<Coord<f64>> = kept.map(|at| Coord { x: points[at][0], y: points[at][1] }).collect();
    line.extend(line.first().copied());
    LineString(line)
}
