//! What lies within a distance of a point or a line, in metres of the ellipsoid.

use geo::{Coord, LineString};
use rstar::{AABB, RTree, RTreeObject};

use crate::domain::geo::{BBox, LonLat, metres_per_degree};
use crate::snapshot::cover::Relation;

/// A line between two places is straight in degrees: pieces so long that in them it is straight in metres too.
const PIECE_M: f64 = 5_000.0;

/// Everything within a distance of some pieces of line; a point is a piece without length.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pieces: RTree<Piece>,
    metres: f64,
    bounds: BBox,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    ends: [LonLat; 2],
    /// A box that holds all that it reaches.
    bbox: BBox,
}

impl RTreeObject for Piece {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.bbox.west, self.bbox.south], [self.bbox.east, self.bbox.north])
    }
}

impl Reach {
    /// Around a point.
    pub(super) fn around(point: LonLat, metres: f64) -> Self {
        Self::of(vec![Piece::new([point, point], metres)], metres, point)
    }

    /// Along a line of two places or more.
    pub(super) fn along(line: &[LonLat], metres: f64) -> Option<Self> {
        let first = *line.first()?;
        let mut pieces = Vec::new();
        for pair in line.windows(2) {
            pieces.extend(cut(pair[0], pair[1]).map(|ends| Piece::new(ends, metres)));
        }
        Some(Self::of(pieces, metres, first))
    }

    fn of(pieces: Vec<Piece>, metres: f64, first: LonLat) -> Self {
        let point = BBox { west: first.lon(), south: first.lat(), east: first.lon(), north: first.lat() };
        let bounds = pieces.iter().fold(point, |bounds, piece| bounds.join(piece.bbox));
        Self { pieces: RTree::bulk_load(pieces), metres, bounds }
    }

    /// The box around it, a little wider.
    pub(super) const fn bounds(&self) -> BBox {
        self.bounds
    }

    /// Pieces that are looked at to judge a point, at most.
    pub(super) fn len(&self) -> usize {
        self.pieces.size()
    }

    /// Whether a point is within the distance.
    pub(super) fn contains(&self, point: LonLat) -> bool {
        let at = AABB::from_point([point.lon(), point.lat()]);
        self.pieces.locate_in_envelope_intersecting(&at).any(|piece| piece.distance_m(point) <= self.metres)
    }

    /// How a box lies to it, and how many pieces were looked at.
    pub(super) fn relation(&self, bbox: &BBox) -> (Relation, u64) {
        let envelope = AABB::from_corners([bbox.west, bbox.south], [bbox.east, bbox.north]);
        let (mut relation, mut looked) = (Relation::Outside, 1);
        for piece in self.pieces.locate_in_envelope_intersecting(&envelope) {
            looked += 4;
            relation = Relation::Border;
            if piece.holds(bbox, self.metres) {
                return (Relation::Inside, looked);
            }
        }
        (relation, looked)
    }

    /// Polygons that differ from it by less than a hundredth of a per cent of the distance: one for each piece.
    pub(super) fn outlines(&self) -> impl Iterator<Item = LineString<f64>> {
        self.pieces.iter().map(|piece| piece.outline(self.metres))
    }
}

impl Piece {
    fn new(ends: [LonLat; 2], metres: f64) -> Self {
        let [south, north] = [ends[0].lat().min(ends[1].lat()), ends[0].lat().max(ends[1].lat())];
        let [west, east] = [ends[0].lon().min(ends[1].lon()), ends[0].lon().max(ends[1].lon())];
        // The least metres of a degree anywhere, and one per cent more.
        let tall = metres * 1.01 / 110_000.0;
        let highest = north.abs().max(south.abs()) + tall;
        let wide = if highest > 89.0 { 360.0 } else { metres * 1.01 / metres_per_degree(highest)[0] };
        let bbox = BBox { west: west - wide, south: south - tall, east: east + wide, north: north + tall };
        let whole = bbox.west < -180.0 || bbox.east > 180.0;
        Self { ends, bbox: if whole { BBox { west: -180.0, east: 180.0, ..bbox } } else { bbox } }
    }

    fn distance_m(&self, point: LonLat) -> f64 {
        let [a, b] = self.ends;
        if a == b {
            return point.distance_m(a);
        }
        let ([ax, ay], [bx, by]) = (point.offset_m(a), point.offset_m(b));
        let (dx, dy) = (bx - ax, by - ay);
        let along = (-(ax * dx + ay * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        (ax + along * dx).hypot(ay + along * dy)
    }

    /// Whether all corners of a box are within the distance, by a margin for what parallels bend: then all of the box is.
    fn holds(&self, bbox: &BBox, metres: f64) -> bool {
        let [x, _] = metres_per_degree(bbox.south.midpoint(bbox.north));
        let width = (bbox.east - bbox.west) * x;
        let steep = bbox.north.abs().max(bbox.south.abs()).min(89.9).to_radians().tan();
        let margin = 0.01 + width * width * steep / 4e7;
        let corners =
            [(bbox.west, bbox.south), (bbox.east, bbox.south), (bbox.east, bbox.north), (bbox.west, bbox.north)];
        corners
            .iter()
            .all(|&(lon, lat)| LonLat::new(lon, lat).is_ok_and(|corner| self.distance_m(corner) + margin <= metres))
    }

    fn outline(&self, metres: f64) -> LineString<f64> {
        const STEPS: u32 = 256;
        let [a, b] = self.ends;
        let [dx, dy] = a.offset_m(b);
        let heading = dy.atan2(dx);
        // Half a circle around the far end, half around the near one; the corners lie as far out as sides lie in.
        let step = std::f64::consts::TAU / f64::from(STEPS);
        let out = metres / (step / 2.0).cos().sqrt();
        let place = |at: u32| {
            let (end, turn) = if at <= STEPS / 2 { (b, at) } else { (a, at - 1) };
            let angle = heading - std::f64::consts::FRAC_PI_2 + step * f64::from(turn);
            let (y, x) = angle.sin_cos();
            let [_, lat_m] = metres_per_degree(end.lat());
            let lat = end.lat() + out * y / lat_m;
            let [lon_m, lat_m] = metres_per_degree(end.lat().midpoint(lat));
            Coord { x: end.lon() + out * x / lon_m, y: end.lat() + out * y / lat_m }
        };
        (0..=STEPS + 1).map(place).chain([place(0)]).collect()
    }
}

/// A segment in pieces of equal length.
fn cut(a: LonLat, b: LonLat) -> impl Iterator<Item = [LonLat; 2]> {
    let count = (a.distance_m(b) / PIECE_M).ceil().max(1.0);
    let at = move |step: f64| {
        let share = step / count;
        LonLat::new(a.lon() + (b.lon() - a.lon()) * share, a.lat() + (b.lat() - a.lat()) * share).unwrap_or(b)
    };
    (0..count as u32).map(move |step| [at(f64::from(step)), at(f64::from(step) + 1.0)])
}
