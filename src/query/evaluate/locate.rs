//! Where a point lies to an area: inside, on the border, outside; exactly, in the time of the few edges at its height.

use geo::{
    Coord, GeoNum, Geometry, LineString, Polygon,
    kernels::{Kernel, Orientation},
};

use crate::domain::geo::{BBox, LonLat};

/// How a point lies to an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// Inside.
    Inside,
    /// On the border.
    Border,
    /// Outside.
    Outside,
}

#[derive(Clone, Copy)]
struct Edge {
    a: Coord<f64>,
    b: Coord<f64>,
}

/// The edges of an area, by the bands of latitude that they touch.
pub(super) struct Locator {
    bounds: BBox,
    bands: Vec<Vec<Edge>>,
    height: f64,
}

impl Locator {
    /// Of an area whose polygons are sound and do not overlap; none of anything else.
    pub(super) fn new(geometry: &Geometry<f64>, bounds: BBox) -> Option<Self> {
        let polygons: &[Polygon<f64>] = match geometry {
            Geometry::Polygon(polygon) => std::slice::from_ref(polygon),
            Geometry::MultiPolygon(polygons) => &polygons.0,
            _ => return None,
        };
        let rings =
            || polygons.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
        let count = rings().map(|ring| ring.0.len()).sum::<usize>().clamp(1, 4_096);
        let height = ((bounds.north - bounds.south) / count as f64).max(f64::MIN_POSITIVE);
        let mut locator = Self { bounds, bands: vec![Vec::new(); count], height };
        rings().for_each(|ring| locator.add(ring));
        Some(locator)
    }

    fn add(&mut self, ring: &LineString<f64>) {
        for line in ring.lines() {
            let edge = Edge { a: line.start, b: line.end };
            let (from, to) = (self.band(edge.a.y.min(edge.b.y)), self.band(edge.a.y.max(edge.b.y)));
            self.bands[from..=to].iter_mut().for_each(|band| band.push(edge));
        }
    }

    /// The band of a latitude; never falls while the latitude grows.
    fn band(&self, lat: f64) -> usize {
        (((lat - self.bounds.south) / self.height).max(0.0) as usize).min(self.bands.len() - 1)
    }

    /// How many edges are looked at for a point there.
    pub(super) fn edges_at(&self, point: LonLat) -> u64 {
        if self.bounds.contains(point) { self.bands[self.band(point.lat())].len() as u64 } else { 0 }
    }

    /// How the point lies: a ray to the east is crossed by an odd number of edges.
    pub(super) fn locate(&self, point: LonLat) -> Position {
        if !self.bounds.contains(point) {
            return Position::Outside;
        }
        let at = Coord { x: point.lon(), y: point.lat() };
        let mut inside = false;
        for Edge { a, b } in &self.bands[self.band(at.y)] {
            let (low, high) = if a.y <= b.y { (a, b) } else { (b, a) };
            if at.y < low.y || at.y > high.y || at.x > a.x.max(b.x) {
                continue;
            }
            if low.y >= high.y {
                // A level edge at the very height of the point.
                if at.x >= a.x.min(b.x) {
                    return Position::Border;
                }
                continue;
            }
            let side = if at.x < a.x.min(b.x) {
                Orientation::CounterClockwise
            } else {
                <f64 as GeoNum>::Ker::orient2d(*low, *high, at)
            };
            match side {
                Orientation::Collinear => return Position::Border,
                // An edge holds its lower end and not its upper one, so that a corner counts once.
                Orientation::CounterClockwise if at.y < high.y => inside = !inside,
                _ => {}
            }
        }
        if inside { Position::Inside } else { Position::Outside }
    }

    /// Whether an edge may come near a box; never says no where one does.
    pub(super) fn may_cross(&self, bbox: &BBox) -> (bool, u64) {
        let mut looked = 1;
        let bands = &self.bands[self.band(bbox.south)..=self.band(bbox.north)];
        for band in bands {
            for edge in band {
                looked += 1;
                let apart = edge.a.x.max(edge.b.x) < bbox.west
                    || edge.a.x.min(edge.b.x) > bbox.east
                    || edge.a.y.max(edge.b.y) < bbox.south
                    || edge.a.y.min(edge.b.y) > bbox.north;
                if !apart && !on_one_side(edge, bbox) {
                    return (true, looked);
                }
            }
        }
        (false, looked)
    }

    pub(super) const fn bounds(&self) -> &BBox {
        &self.bounds
    }
}

/// Whether all corners of a box lie strictly on one side of an edge's line.
fn on_one_side(edge: &Edge, bbox: &BBox) -> bool {
    let corners = [(bbox.west, bbox.south), (bbox.east, bbox.south), (bbox.east, bbox.north), (bbox.west, bbox.north)];
    let side = |(x, y): (f64, f64)| <f64 as GeoNum>::Ker::orient2d(edge.a, edge.b, Coord { x, y });
    let first = side(corners[0]);
    first != Orientation::Collinear && corners[1..].iter().all(|corner| side(*corner) == first)
}
