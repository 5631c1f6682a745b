//! From degrees to a drawing: a flat frame around some points, north up.

use geo::Coord;

use crate::domain::geo::metres_per_degree;

/// A map never shows less than this, across.
const LEAST_M: f64 = 400.0;

/// Where things lie in a drawing, and what a metre is there.
pub(super) struct Frame {
    west: f64,
    north: f64,
    per_degree: [f64; 2],
    /// Units of the drawing for a metre.
    pub(super) scale: f64,
    /// Units across and down.
    pub(super) size: [f64; 2],
}

impl Frame {
    /// Around all points, with a margin; none where there are no points.
    pub(super) fn around(points: impl Iterator<Item = Coord<f64>>, size: [f64; 2], margin: f64) -> Option<Self> {
        let boxed = points.filter(|p| p.x.is_finite() && p.y.is_finite()).fold(None, |known, p| {
            let (low, high) = known.unwrap_or((p, p));
            let low = Coord { x: f64::min(low.x, p.x), y: f64::min(low.y, p.y) };
            Some((low, Coord { x: f64::max(high.x, p.x), y: f64::max(high.y, p.y) }))
        });
        let (low, high) = boxed?;
        let middle = Coord { x: f64::midpoint(low.x, high.x), y: f64::midpoint(low.y, high.y) };
        let per_degree = metres_per_degree(middle.y);
        let spread = [(high.x - low.x) * per_degree[0], (high.y - low.y) * per_degree[1]];
        let scale =
            (0..2).map(|axis| (size[axis] - 2.0 * margin) / spread[axis].max(LEAST_M)).fold(f64::INFINITY, f64::min);
        let west = middle.x - size[0] / 2.0 / scale / per_degree[0];
        let north = middle.y + size[1] / 2.0 / scale / per_degree[1];
        Some(Self { west, north, per_degree, scale, size })
    }

    /// A point in the drawing, x to the right, y down.
    pub(super) fn place(&self, point: Coord<f64>) -> [f64; 2] {
        let x = (point.x - self.west) * self.per_degree[0] * self.scale;
        let y = (self.north - point.y) * self.per_degree[1] * self.scale;
        [x, y]
    }

    /// Whether any of a segment may be seen: its box touches the drawing.
    pub(super) fn sees(&self, a: [f64; 2], b: [f64; 2]) -> bool {
        (0..2).all(|axis| a[axis].min(b[axis]) <= self.size[axis] && a[axis].max(b[axis]) >= 0.0)
    }

    /// A round length in metres that takes a quarter of the drawing at most, and its units.
    pub(super) fn bar(&self) -> (f64, f64) {
        let most = self.size[0] / 4.0 / self.scale;
        let power = 10_f64.powf(most.log10().floor());
        let step = [5.0, 2.0, 1.0].into_iter().find(|step| step * power <= most).unwrap_or(1.0);
        (step * power, step * power * self.scale)
    }
}
