//! What closes a road: a flooded area, a street by name, a line that somebody drew.

use std::collections::BTreeSet;

use geo::{
    Coord, Intersects as _, Line, LineString, MultiPolygon,
    kernels::{Kernel as _, Orientation, RobustKernel},
};
use rstar::RTree;

use super::{
    ground::Ground,
    network::Network,
    path::coord,
    snap::{Segment, same_street},
};
use crate::domain::fold::fold;

/// A closure.
#[derive(Clone, Debug, PartialEq)]
pub enum Closure {
    /// Every road that enters an area (degrees); tunnels and fords too.
    Area {
        /// The area.
        polygon: MultiPolygon<f64>,
        /// What becomes of the bridges over it.
        bridges: Bridges,
    },
    /// Every stretch of a street, by its name as written or spelt otherwise.
    Street {
        /// The name.
        name: String,
    },
    /// The roads that a drawn line crosses, or along which it runs.
    Line {
        /// The line, in degrees.
        geometry: LineString<f64>,
    },
}

/// What becomes of a bridge over a closed area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bridges {
    /// It stands above the water.
    #[default]
    Stand,
    /// It is closed as well.
    Closed,
}

/// The edges of a network that are closed, in order and once each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosedArcs {
    edges: Vec<u32>,
}

impl ClosedArcs {
    /// Nothing is closed.
    pub const fn none() -> Self {
        Self { edges: Vec::new() }
    }

    /// The closed edges: positions in the network.
    pub fn edges(&self) -> &[u32] {
        &self.edges
    }

    /// How many edges are closed.
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether nothing is closed.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }
}

/// A line closes what it crosses farther than this from both ends of the edge: a line along a street leaves the side
/// streets open.
const END_M: f64 = 10.0;

/// A road within this many metres of a line all along is the road that was meant.
const ALONG_M: f64 = 12.0;

/// The edges, open to the ground's profile, that some closures close.
pub fn closed(ground: &Ground, closures: &[Closure]) -> ClosedArcs {
    let mut edges = edges(ground.network(), closures);
    edges.retain(|edge| ground.is_open(*edge));
    ClosedArcs { edges }
}

/// The edges that some closures close to whoever may use them, in order and once each.
pub fn edges(network: &Network, closures: &[Closure]) -> Vec<u32> {
    let mut edges = Vec::new();
    for closure in closures {
        match closure {
            Closure::Area { polygon, bridges } => area(network, polygon, *bridges, &mut edges),
            Closure::Street { name } => street(network, name, &mut edges),
            Closure::Line { geometry } => line(network, geometry, &mut edges),
        }
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Metres around an area in which roads are looked at: what is near is judged in degrees, without rounding.
const ROUND_M: f64 = 0.01;

fn area(network: &Network, polygon: &MultiPolygon<f64>, bridges: Bridges, edges: &mut Vec<u32>) {
    let index = network.index();
    let Some(banded) = Banded::cut(polygon) else { return };
    let least = index.flat.project(banded.least).map(|metres| metres - ROUND_M);
    let most = index.flat.project(banded.most).map(|metres| metres + ROUND_M);
    let mut done = vec![false; network.edges().len()];
    for segment in index.within(least, most) {
        let edge = segment.edge;
        let stands = bridges == Bridges::Stand && network.edges()[edge as usize].is_bridge();
        if !done[edge as usize] && !stands {
            let [a, b] = [0, 1].map(|end| coord(network.shape(edge)[segment.at as usize + end]));
            if banded.meets(a, b) {
                done[edge as usize] = true;
                edges.push(edge);
            }
        }
    }
}

fn street(network: &Network, name: &str, edges: &mut Vec<u32>) {
    let name = fold(name);
    if name.is_empty() {
        return;
    }
    let of = |same: &dyn Fn(&str) -> bool| -> Vec<u32> {
        (0..network.edges().len() as u32).filter(|edge| network.folded(*edge).is_some_and(same)).collect()
    };
    let exact = of(&|held| held == name);
    // The street of another spelling only where none is written so.
    edges.extend(if exact.is_empty() { of(&|held| same_street(held, &name)) } else { exact });
}

fn line(network: &Network, geometry: &LineString<f64>, edges: &mut Vec<u32>) {
    let index = network.index();
    let drawn: Vec<[f64; 2]> = geometry.0.iter().map(|coord| index.flat.project([coord.x, coord.y])).collect();
    if drawn.iter().flatten().any(|value| !value.is_finite()) {
        return;
    }
    let pieces: Vec<Segment> = match drawn.len() {
        0 => return,
        1 => vec![Segment { a: drawn[0], b: drawn[0], edge: 0, at: 0 }],
        _ => drawn.windows(2).map(|pair| Segment { a: pair[0], b: pair[1], edge: 0, at: 0 }).collect(),
    };
    let mut near: BTreeSet<u32> = BTreeSet::new();
    for piece in &pieces {
        let least = [piece.a[0].min(piece.b[0]) - ALONG_M, piece.a[1].min(piece.b[1]) - ALONG_M];
        let most = [piece.a[0].max(piece.b[0]) + ALONG_M, piece.a[1].max(piece.b[1]) + ALONG_M];
        for segment in index.within(least, most) {
            near.insert(segment.edge);
            if let Some(part) = crossing((segment.a, segment.b), (piece.a, piece.b)) {
                let shape = network.shape(segment.edge);
                let upto: f64 = shape[..=segment.at as usize].windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
                let next = shape[segment.at as usize].distance_m(shape[segment.at as usize + 1]);
                let (at, length) = (upto + next * part, network.length_m(segment.edge));
                if at.min(length - at) >= END_M.min(length / 3.0) {
                    edges.push(segment.edge);
                }
            }
        }
    }
    // A drawn line may have a hundred thousand pieces: each point looks at the nearest only.
    let pieces = RTree::bulk_load(pieces);
    let is_near = |point: [f64; 2]| {
        pieces.nearest_neighbor(&point).is_some_and(|piece| piece.distance_2(point) <= ALONG_M * ALONG_M)
    };
    edges.extend(near.into_iter().filter(|edge| {
        let shape: Vec<[f64; 2]> = network.shape(*edge).iter().map(|point| index.flat.point(*point)).collect();
        let middles = shape.windows(2).map(|pair| [pair[0][0].midpoint(pair[1][0]), pair[0][1].midpoint(pair[1][1])]);
        // A side street shorter than the width of a road would always be near.
        network.length_m(*edge) > ALONG_M && shape.iter().copied().chain(middles).all(is_near)
    }));
}

type Pair = ([f64; 2], [f64; 2]);

/// The part of the first segment at which the second crosses it.
fn crossing((a, b): Pair, (c, d): Pair) -> Option<f64> {
    let (dx, dy, ex, ey) = (b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]);
    let turn = dx * ey - dy * ex;
    let (ox, oy) = (c[0] - a[0], c[1] - a[1]);
    let (s, t) = ((ox * ey - oy * ex) / turn, (ox * dy - oy * dx) / turn);
    ((0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t)).then_some(s)
}

/// The sides of an area by horizontal bands, so that a test looks at a few of them. Sides and points are in degrees, as they
/// were given, and tests are exact: a road that touches a border in one point is closed.
struct Banded {
    least: [f64; 2],
    most: [f64; 2],
    /// Each with the number of its ring, in their order: the border of a polygon before its holes. Where polygons overlap, one
    /// is inside all the same.
    sides: Vec<(Line<f64>, Ring)>,
    bands: Vec<Vec<u32>>,
}

/// A ring of an area: its number, that of its polygon, and what it is to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ring {
    number: u32,
    polygon: u32,
    kind: RingKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RingKind {
    Border,
    Hole,
}

impl Banded {
    /// None for an area without sides, or with a coordinate that is no number.
    fn cut(area: &MultiPolygon<f64>) -> Option<Self> {
        let mut sides = Vec::new();
        let rings = (0..).zip(area).flat_map(|(at, polygon)| {
            let holes = polygon.interiors().iter().map(move |ring| (ring, at, RingKind::Hole));
            std::iter::once((polygon.exterior(), at, RingKind::Border)).chain(holes)
        });
        for (number, (ring, polygon, kind)) in (0..).zip(rings) {
            sides.extend(ring.lines().map(|side| (side, Ring { number, polygon, kind })));
        }
        let (mut least, mut most) = ([f64::MAX; 2], [f64::MIN; 2]);
        for Coord { x, y } in sides.iter().flat_map(|(side, _)| [side.start, side.end]) {
            if !x.is_finite() || !y.is_finite() {
                return None;
            }
            least = [least[0].min(x), least[1].min(y)];
            most = [most[0].max(x), most[1].max(y)];
        }
        if sides.is_empty() {
            return None;
        }
        let mut banded = Self { least, most, bands: vec![Vec::new(); (sides.len() / 4).clamp(1, 1024)], sides };
        for at in 0..banded.sides.len() {
            let (side, _) = banded.sides[at];
            for band in banded.band(side.start.y.min(side.end.y))..=banded.band(side.start.y.max(side.end.y)) {
                banded.bands[band].push(at as u32);
            }
        }
        Some(banded)
    }

    fn band(&self, y: f64) -> usize {
        let high = (self.most[1] - self.least[1]).max(1e-12);
        let band = (y - self.least[1]) / high * self.bands.len() as f64;
        (band.max(0.0) as usize).min(self.bands.len() - 1)
    }

    /// Whether a segment has a point inside the area or on its border.
    fn meets(&self, a: Coord<f64>, b: Coord<f64>) -> bool {
        let road = Line::new(a, b);
        let bands = self.band(a.y.min(b.y))..=self.band(a.y.max(b.y));
        let mut near = bands.flat_map(|band| &self.bands[band]);
        near.any(|side| self.sides[*side as usize].0.intersects(&road)) || self.holds(a)
    }

    /// Whether a point that is on no side is inside: a border of some polygon goes round it, and none of its holes does.
    fn holds(&self, point: Coord<f64>) -> bool {
        if point.y < self.least[1] || point.y > self.most[1] {
            return false;
        }
        let ring_of = |side: u32| self.sides[side as usize].1;
        let (mut polygon, mut inside) = (0, false);
        for sides in self.bands[self.band(point.y)].chunk_by(|a, b| ring_of(*a) == ring_of(*b)) {
            let ring = ring_of(sides[0]);
            if ring.polygon != polygon {
                if inside {
                    return true;
                }
                polygon = ring.polygon;
            }
            let rounds: i32 = sides.iter().map(|side| turns(&self.sides[*side as usize].0, point)).sum();
            inside = match ring.kind {
                RingKind::Border => rounds != 0,
                RingKind::Hole => inside && rounds == 0,
            };
        }
        inside
    }
}

/// What a side adds to how often a ring goes round a point: one where it passes upwards on the right, less one downwards.
fn turns(side: &Line<f64>, point: Coord<f64>) -> i32 {
    let (low, high, way) =
        if side.start.y < side.end.y { (side.start, side.end, 1) } else { (side.end, side.start, -1) };
    let passes = low.y <= point.y
        && point.y < high.y
        && RobustKernel::orient2d(low, high, point) == Orientation::CounterClockwise;
    if passes { way } else { 0 }
}
