//! Where rows are: an R-tree over points in a local plane.

use rstar::{AABB, PointDistance, RTree, RTreeObject};

use crate::domain::geo::{BBox, LonLat, Plane};

use super::rows::Row;

/// A row in the plane, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spot {
    at: [f32; 2],
    row: u32,
}

impl RTreeObject for Spot {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_point(self.at)
    }
}

impl PointDistance for Spot {
    fn distance_2(&self, point: &[f32; 2]) -> f32 {
        let (dx, dy) = (self.at[0] - point[0], self.at[1] - point[1]);
        dx * dx + dy * dy
    }
}

/// Points by place. Built in memory, not stored.
#[derive(Debug)]
pub struct Tree {
    plane: Plane,
    spots: RTree<Spot>,
}

impl Tree {
    /// Loads every row's point; `bounds` is their box.
    pub(super) fn new(points: impl Iterator<Item = LonLat>, bounds: Option<BBox>) -> Self {
        let middle = bounds.and_then(|b| LonLat::new(b.west.midpoint(b.east), b.south.midpoint(b.north)).ok());
        let plane = Plane::around(middle.unwrap_or(LonLat::new(12.5, 42.0).expect("the middle of Italy")));
        let spot = |(row, point)| {
            let [x, y] = plane.project(point);
            Spot { at: [x as f32, y as f32], row: row as u32 }
        };
        Self { plane, spots: RTree::bulk_load(points.enumerate().map(spot).collect()) }
    }

    /// Rows that may lie within a distance in metres of a point, in no order; the caller measures the true distance.
    pub(super) fn candidates(&self, point: LonLat, radius_m: f64) -> impl Iterator<Item = Row> + '_ {
        let [x, y] = self.plane.project(point);
        let reach = (radius_m * 1.005 + 1.0) as f32;
        self.spots.locate_within_distance([x as f32, y as f32], reach * reach).map(|spot| Row(spot.row))
    }

    /// Rows by growing distance in the plane (true to 0.1 % over a comune).
    pub(super) fn by_distance(&self, point: LonLat) -> impl Iterator<Item = Row> + '_ {
        let [x, y] = self.plane.project(point);
        self.spots.nearest_neighbor_iter(&[x as f32, y as f32]).map(|spot| Row(spot.row))
    }
}
