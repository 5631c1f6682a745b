//! What closes a road: a flooded area, a street by name, a line that somebody drew.

use std::collections::BTreeSet;

use geo::{Coord, LineString, MultiPolygon};

use super::{
    ground::Ground,
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
    let mut edges = Vec::new();
    for closure in closures {
        match closure {
            Closure::Area { polygon, bridges } => area(ground, polygon, *bridges, &mut edges),
            Closure::Street { name } => street(ground, name, &mut edges),
            Closure::Line { geometry } => line(ground, geometry, &mut edges),
        }
    }
    edges.retain(|edge| ground.is_open(*edge));
    edges.sort_unstable();
    edges.dedup();
    ClosedArcs { edges }
}

fn area(ground: &Ground, polygon: &MultiPolygon<f64>, bridges: Bridges, edges: &mut Vec<u32>) {
    let network = ground.network();
    let index = network.index();
    let Some(banded) = Banded::cut(polygon, |coord| index.flat.project([coord.x, coord.y])) else { return };
    let mut done = vec![false; network.edges().len()];
    for segment in index.within(banded.least, banded.most) {
        let edge = segment.edge;
        let stands = bridges == Bridges::Stand && network.edges()[edge as usize].is_bridge();
        if !done[edge as usize] && !stands && banded.meets(segment.a, segment.b) {
            done[edge as usize] = true;
            edges.push(edge);
        }
    }
}

fn street(ground: &Ground, name: &str, edges: &mut Vec<u32>) {
    let network = ground.network();
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

fn line(ground: &Ground, geometry: &LineString<f64>, edges: &mut Vec<u32>) {
    let network = ground.network();
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
    let is_near = |point: [f64; 2]| pieces.iter().any(|piece| piece.distance_2(point) <= ALONG_M * ALONG_M);
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

/// The sides of an area by horizontal bands, so that a test looks at a few of them.
struct Banded {
    least: [f64; 2],
    most: [f64; 2],
    sides: Vec<Pair>,
    bands: Vec<Vec<u32>>,
}

impl Banded {
    /// None for an area without sides, or with a coordinate that is no number.
    fn cut(polygon: &MultiPolygon<f64>, project: impl Fn(Coord<f64>) -> [f64; 2]) -> Option<Self> {
        let rings = polygon.0.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
        let sides: Vec<Pair> =
            rings.flat_map(|ring| ring.0.windows(2)).map(|pair| (project(pair[0]), project(pair[1]))).collect();
        let (mut least, mut most) = ([f64::MAX; 2], [f64::MIN; 2]);
        for [x, y] in sides.iter().flat_map(|(a, b)| [*a, *b]) {
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
        for side in 0..banded.sides.len() {
            let (a, b) = banded.sides[side];
            for band in banded.band(a[1].min(b[1]))..=banded.band(a[1].max(b[1])) {
                banded.bands[band].push(side as u32);
            }
        }
        Some(banded)
    }

    fn band(&self, y: f64) -> usize {
        let high = (self.most[1] - self.least[1]).max(1e-9);
        let band = (y - self.least[1]) / high * self.bands.len() as f64;
        (band.max(0.0) as usize).min(self.bands.len() - 1)
    }

    /// Whether a segment has a point inside the area or on its border.
    fn meets(&self, a: [f64; 2], b: [f64; 2]) -> bool {
        let bands = self.band(a[1].min(b[1]))..=self.band(a[1].max(b[1]));
        let mut near = bands.flat_map(|band| &self.bands[band]);
        self.holds(a) || self.holds(b) || near.any(|side| crossing((a, b), self.sides[*side as usize]).is_some())
    }

    fn holds(&self, [x, y]: [f64; 2]) -> bool {
        if y < self.least[1] || y > self.most[1] {
            return false;
        }
        let crosses = |side: &&u32| {
            let (a, b) = self.sides[**side as usize];
            (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
        };
        self.bands[self.band(y)].iter().filter(crosses).count() % 2 == 1
    }
}
