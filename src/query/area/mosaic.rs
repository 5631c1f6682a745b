//! Polygons laid out so that a point and a box are judged by the few edges at their latitude.

use geo::{
    Coord, LineString, MultiPolygon, Orientation,
    kernels::{Kernel as _, RobustKernel},
};

use crate::domain::geo::{BBox, LonLat};
use crate::snapshot::cover::Relation;

/// Most bands of latitude.
const MAX_BANDS: usize = 4_096;
/// Places in bands for each edge, on average, at most.
const SPREAD: f64 = 8.0;

/// An edge from its lower end to its upper one.
#[derive(Clone, Copy, Debug)]
struct Edge {
    low: Coord<f64>,
    high: Coord<f64>,
    /// Of which polygon.
    part: u32,
    hole: bool,
}

/// Polygons: the points inside or on the border of any; by the even-odd rule within exteriors and within holes.
#[derive(Clone, Debug)]
pub(super) struct Mosaic {
    edges: Vec<Edge>,
    bounds: BBox,
    bands_per_degree: f64,
    /// Where each band begins in `places`, one more than there are bands.
    starts: Vec<u32>,
    /// Edges of the bands, by part in each.
    places: Vec<u32>,
}

impl Mosaic {
    /// Of polygons with finite places in range; none where there is not one edge.
    pub(super) fn new(polygons: &MultiPolygon<f64>) -> Option<Self> {
        let mut edges = Vec::new();
        for (polygon, part) in polygons.iter().zip(0..) {
            edges.extend(edges_of(polygon.exterior(), part, false));
            polygon.interiors().iter().for_each(|ring| edges.extend(edges_of(ring, part, true)));
        }
        let corners = edges.iter().flat_map(|edge| [edge.low, edge.high]);
        let bounds = BBox::around(corners.filter_map(|at| LonLat::new(at.x, at.y).ok()))?;
        let height = bounds.north - bounds.south;
        let tall: f64 = edges.iter().map(|edge| edge.high.y - edge.low.y).sum();
        let bands = if tall > 0.0 { (SPREAD * edges.len() as f64 * height / tall) as usize } else { 1 };
        let bands = bands.min(edges.len()).clamp(1, MAX_BANDS);
        let bands_per_degree = if height > 0.0 { bands as f64 / height } else { 0.0 };
        let mut mosaic = Self { edges, bounds, bands_per_degree, starts: vec![0; bands + 1], places: Vec::new() };
        mosaic.fill();
        Some(mosaic)
    }

    fn fill(&mut self) {
        let bands = self.starts.len() - 1;
        let ranges: Vec<(usize, usize)> =
            self.edges.iter().map(|edge| (self.band(edge.low.y), self.band(edge.high.y))).collect();
        for &(from, to) in &ranges {
            (from..=to).for_each(|band| self.starts[band + 1] += 1);
        }
        for band in 0..bands {
            self.starts[band + 1] += self.starts[band];
        }
        self.places = vec![0; self.starts[bands] as usize];
        let mut next = self.starts.clone();
        for (at, &(from, to)) in ranges.iter().enumerate() {
            for next in &mut next[from..=to] {
                self.places[*next as usize] = at as u32;
                *next += 1;
            }
        }
    }

    /// The box around it.
    pub(super) const fn bounds(&self) -> BBox {
        self.bounds
    }

    /// Grows with the latitude, so that an edge is in the band of each of its points.
    fn band(&self, lat: f64) -> usize {
        (((lat - self.bounds.south) * self.bands_per_degree).max(0.0) as usize).min(self.starts.len() - 2)
    }

    fn in_band(&self, band: usize) -> &[u32] {
        &self.places[self.starts[band] as usize..self.starts[band + 1] as usize]
    }

    /// Edges that are looked at to judge a point.
    pub(super) fn cost(&self, lat: f64) -> u64 {
        self.in_band(self.band(lat)).len() as u64
    }

    /// Whether a point is inside or on the border: exact, by robust predicates.
    pub(super) fn contains(&self, point: LonLat) -> bool {
        if !self.bounds.contains(point) {
            return false;
        }
        let p = Coord { x: point.lon(), y: point.lat() };
        let (mut part, mut outer, mut inner) = (u32::MAX, false, false);
        for &at in self.in_band(self.band(p.y)) {
            let edge = &self.edges[at as usize];
            if edge.part != part {
                if outer && !inner {
                    return true;
                }
                (part, outer, inner) = (edge.part, false, false);
            }
            match edge.crossed(p) {
                Crossing::On => return true,
                Crossing::Yes if edge.hole => inner = !inner,
                Crossing::Yes => outer = !outer,
                Crossing::No => {}
            }
        }
        outer && !inner
    }

    /// How a box lies to it, and how many edges were looked at.
    pub(super) fn relation(&self, bbox: &BBox) -> (Relation, u64) {
        if !self.bounds.touches(bbox) {
            return (Relation::Outside, 1);
        }
        let mut looked = 1;
        for band in self.band(bbox.south)..=self.band(bbox.north) {
            for &at in self.in_band(band) {
                looked += 1;
                if self.edges[at as usize].may_touch(bbox) {
                    return (Relation::Border, looked);
                }
            }
        }
        let corner = LonLat::new(bbox.west, bbox.south);
        let inside = corner.is_ok_and(|corner| self.contains(corner));
        (if inside { Relation::Inside } else { Relation::Outside }, looked)
    }

    /// A place where two edges cross (not merely touch), if there is one. Errors: too many pairs of edges to look at.
    pub(super) fn crossing(&self, mut pairs: u64) -> Result<Option<Coord<f64>>, TooIntricate> {
        let left = |at: &u32| self.edges[*at as usize].low.x.min(self.edges[*at as usize].high.x);
        for band in 0..self.starts.len() - 1 {
            let mut places = self.in_band(band).to_vec();
            places.sort_by(|a, b| left(a).total_cmp(&left(b)));
            for (at, first) in places.iter().enumerate() {
                let a = &self.edges[*first as usize];
                let right = a.low.x.max(a.high.x);
                for second in places[at + 1..].iter().take_while(|second| left(second) <= right) {
                    pairs = pairs.checked_sub(1).ok_or(TooIntricate)?;
                    let b = &self.edges[*second as usize];
                    if crosses(a, b) {
                        return Ok(Some(a.low));
                    }
                }
            }
        }
        Ok(None)
    }
}

/// More pairs of edges are near each other than can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooIntricate;

enum Crossing {
    On,
    Yes,
    No,
}

impl Edge {
    /// Whether a ray from the point to the east crosses it; the lower end counts, the upper one does not.
    fn crossed(&self, p: Coord<f64>) -> Crossing {
        if p.y < self.low.y || p.y > self.high.y {
            return Crossing::No;
        }
        let (west, east) = (self.low.x.min(self.high.x), self.low.x.max(self.high.x));
        if p.x > east {
            return Crossing::No;
        }
        let below_top = p.y < self.high.y;
        if p.x < west {
            return if below_top { Crossing::Yes } else { Crossing::No };
        }
        match RobustKernel::orient2d(self.low, self.high, p) {
            Orientation::Collinear => Crossing::On,
            Orientation::CounterClockwise if below_top => Crossing::Yes,
            _ => Crossing::No,
        }
    }

    /// Whether it may have a point in a box; false only where it surely has none.
    fn may_touch(&self, bbox: &BBox) -> bool {
        let (west, east) = (self.low.x.min(self.high.x), self.low.x.max(self.high.x));
        if east < bbox.west || west > bbox.east || self.high.y < bbox.south || self.low.y > bbox.north {
            return false;
        }
        let (dx, dy) = (self.high.x - self.low.x, self.high.y - self.low.y);
        let side = |x: f64, y: f64| dx * (y - self.low.y) - dy * (x - self.low.x);
        let sides = [
            side(bbox.west, bbox.south),
            side(bbox.west, bbox.north),
            side(bbox.east, bbox.south),
            side(bbox.east, bbox.north),
        ];
        // What rounding may add to such a product, generously.
        let margin = (dx.abs() + dy.abs()) * 1e-12;
        !(sides.iter().all(|&side| side > margin) || sides.iter().all(|&side| side < -margin))
    }
}

fn crosses(a: &Edge, b: &Edge) -> bool {
    if a.high.y < b.low.y || b.high.y < a.low.y {
        return false;
    }
    let apart = |e: &Edge, p, q| {
        let side = |point| RobustKernel::orient2d(e.low, e.high, point);
        matches!(
            (side(p), side(q)),
            (Orientation::Clockwise, Orientation::CounterClockwise)
                | (Orientation::CounterClockwise, Orientation::Clockwise)
        )
    };
    apart(a, b.low, b.high) && apart(b, a.low, a.high)
}

fn edges_of(ring: &LineString<f64>, part: u32, hole: bool) -> impl Iterator<Item = Edge> {
    ring.lines().filter(|line| line.start != line.end).map(move |line| {
        let upward = line.start.y <= line.end.y;
        let (low, high) = if upward { (line.start, line.end) } else { (line.end, line.start) };
        Edge { low, high, part, hole }
    })
}
