//! The tree of the segments of all edges: nearest roads, roads in a box.

use rstar::{AABB, PointDistance, RTree, RTreeObject};

use super::{
    edge::{Class, Way},
    ground::Ground,
    hierarchy::NONE,
    network::Network,
    plane::{Plane, RoadSide, Snapped, Stops, Unsnapped, Ways, Wish},
};
use crate::domain::{
    fold::fold,
    geo::{BBox, LonLat, metres_per_degree},
};

/// A plane in metres, and back to degrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flat {
    origin: [f64; 2],
    metres: [f64; 2],
}

impl Flat {
    fn around(bbox: Option<BBox>) -> Self {
        let origin = bbox.map_or([0.0, 0.0], |b| [b.west.midpoint(b.east), b.south.midpoint(b.north)]);
        Self { origin, metres: metres_per_degree(origin[1].clamp(-89.0, 89.0)) }
    }

    pub(super) fn project(&self, [lon, lat]: [f64; 2]) -> [f64; 2] {
        [(lon - self.origin[0]) * self.metres[0], (lat - self.origin[1]) * self.metres[1]]
    }

    pub(super) fn point(&self, point: LonLat) -> [f64; 2] {
        self.project([point.lon(), point.lat()])
    }

    pub(super) fn degrees(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [self.origin[0] + x / self.metres[0], self.origin[1] + y / self.metres[1]]
    }
}

/// A segment of an edge, in metres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) a: [f64; 2],
    pub(super) b: [f64; 2],
    pub(super) edge: u32,
    /// Which segment of the edge.
    pub(super) at: u32,
}

impl Segment {
    /// How far along the segment, 0 to 1, lies what is nearest to a point.
    fn along(&self, [x, y]: [f64; 2]) -> f64 {
        let (dx, dy) = (self.b[0] - self.a[0], self.b[1] - self.a[1]);
        let length_2 = dx * dx + dy * dy;
        if length_2 == 0.0 {
            return 0.0;
        }
        (((x - self.a[0]) * dx + (y - self.a[1]) * dy) / length_2).clamp(0.0, 1.0)
    }

    pub(super) fn distance_2(&self, [x, y]: [f64; 2]) -> f64 {
        let along = self.along([x, y]);
        let (px, py) = (self.a[0] + (self.b[0] - self.a[0]) * along, self.a[1] + (self.b[1] - self.a[1]) * along);
        (x - px) * (x - px) + (y - py) * (y - py)
    }
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.a, self.b)
    }
}

impl PointDistance for Segment {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        Segment::distance_2(self, *point)
    }
}

/// The segments of a network in an R-tree, on a plane in metres around the middle of the network.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) flat: Flat,
    /// Metres from west to east and from south to north.
    pub(super) span_m: [f64; 2],
    tree: RTree<Segment>,
}

impl Index {
    pub(super) fn plant(network: &Network) -> Self {
        let bbox = network.bbox();
        let flat = Flat::around(bbox);
        let [west_south, east_north] =
            bbox.map_or([[0.0; 2]; 2], |b| [flat.project([b.west, b.south]), flat.project([b.east, b.north])]);
        let segments = (0..network.edges().len() as u32).flat_map(|edge| {
            network.shape(edge).windows(2).enumerate().map(move |(at, pair)| Segment {
                a: flat.point(pair[0]),
                b: flat.point(pair[1]),
                edge,
                at: at as u32,
            })
        });
        let span_m = [east_north[0] - west_south[0], east_north[1] - west_south[1]];
        Self { flat, span_m, tree: RTree::bulk_load(segments.collect()) }
    }

    /// The segments whose boxes touch a box in metres.
    pub(super) fn within(&self, least: [f64; 2], most: [f64; 2]) -> impl Iterator<Item = &Segment> {
        self.tree.locate_in_envelope_intersecting(&AABB::from_corners(least, most))
    }

    /// All segments, nearest first, with their distances in metres.
    fn nearest(&self, point: [f64; 2]) -> impl Iterator<Item = (&Segment, f64)> {
        self.tree.nearest_neighbor_iter_with_distance_2(&point).map(|(segment, d2)| (segment, d2.sqrt()))
    }
}

/// Farther than this from any road, a point has no place on the roads.
const REACH_M: f64 = 1_000.0;

/// A place on an island is left for the mainland where that is not farther than this beyond its own road: a stretch that
/// somebody forgot to join to the others.
const STRAIT_M: f64 = 100.0;

/// Segments out of reach that are looked at, at most, to tell how far the road is: footpaths and islands may lie before it,
/// and each of twenty thousand households of another town would look at all of them.
const BEYOND: usize = 500;

/// The own street is preferred up to this many metres more than twice the distance of the nearest.
const STREET_M: f64 = 100.0;

/// A place whose road is closed moves to an open one that is not farther than this beyond it: a house at a corner.
const CORNER_M: f64 = 30.0;

/// The place on the roads for a point.
pub(super) fn snap(plane: &Plane, point: LonLat, wish: &Wish<'_>) -> Result<Snapped, Unsnapped> {
    let ground = plane.ground();
    let network = ground.network();
    let index = network.index();
    let street = wish.street.map(fold);
    let flat = index.flat.point(point);
    let (mut island, mut nearest, mut named, mut open) = (None, None, None, None);
    let (mut beyond, mut upto) = (0, 0.0);
    for (segment, distance) in index.nearest(flat) {
        if nearest.is_none() && distance > REACH_M {
            (beyond, upto) = (beyond + 1, distance);
            if beyond > BEYOND {
                break;
            }
        }
        if !ground.is_open(segment.edge) || ways(ground, segment, flat, wish).is_empty() {
            continue;
        }
        // Far from every road no street is looked for: it would be looked for among all of them.
        if nearest.is_some_and(|(_, least)| least > REACH_M || distance > least * 2.0 + STREET_M) {
            break;
        }
        if !ground.is_mainland(segment.edge) {
            if !ground.is_joined(segment.edge) {
                island.get_or_insert(distance);
            }
            continue;
        }
        nearest.get_or_insert((*segment, distance));
        if open.is_none() && !plane.is_closed(segment.edge) {
            open = Some((*segment, distance));
        }
        if let (None, Some(street), Some(name)) = (named, &street, network.folded(segment.edge))
            && same_street(street, name)
        {
            named = Some((*segment, distance));
        }
        if named.is_some() && open.is_some() || street.is_none() && open.is_some() {
            break;
        }
    }
    let is_mainland = |edge| ground.is_mainland(edge);
    let least = match nearest {
        Some((_, least)) => least,
        None if beyond > BEYOND && (0..network.edges().len() as u32).any(is_mainland) => upto,
        None => return Err(if island.is_some() { Unsnapped::Island } else { Unsnapped::NoRoads }),
    };
    if island.is_some_and(|distance| distance <= REACH_M && distance + STRAIT_M < least) {
        return Err(Unsnapped::Island);
    }
    if least > REACH_M {
        return Err(Unsnapped::TooFar { m: least });
    }
    let chosen = named.or(nearest).unwrap_or_else(|| unreachable!("there is a nearest"));
    let chosen = if plane.is_closed(chosen.0.edge) {
        let (corner, _) = open.filter(|(_, distance)| *distance <= chosen.1 + CORNER_M).ok_or(Unsnapped::Closed)?;
        corner
    } else {
        chosen.0
    };
    Ok(Snapped { ways: ways(ground, &chosen, flat, wish), ..place(network, index, &chosen, point) })
}

/// The nearest places on open roads, one an edge, nearest first.
pub(super) fn nearest(plane: &Plane, point: LonLat, count: usize, wish: &Wish<'_>) -> Vec<Snapped> {
    let ground = plane.ground();
    let network = ground.network();
    let index = network.index();
    let flat = index.flat.point(point);
    let mut places: Vec<Snapped> = Vec::new();
    for (segment, _) in index.nearest(flat) {
        if places.len() >= count {
            break;
        }
        let edge = segment.edge;
        if !ground.is_open(edge) || plane.is_closed(edge) {
            continue;
        }
        let ways = ways(ground, segment, flat, wish);
        if !ways.is_empty() && places.iter().all(|place| place.edge != edge) {
            places.push(Snapped { ways, ..place(network, index, segment, point) });
        }
    }
    places
}

/// In which directions one stops on a segment for a point, as somebody wishes: none where that is not there. By default one
/// passes a ferry, and cannot stop on it.
fn ways(ground: &Ground, segment: &Segment, point: [f64; 2], wish: &Wish<'_>) -> Ways {
    let is_afloat = ground.network().edges()[segment.edge as usize].class == Class::Ferry;
    if is_afloat && wish.ground == Stops::Land {
        return Ways::BOTH.only(|_| false);
    }
    let (dx, dy) = (segment.b[0] - segment.a[0], segment.b[1] - segment.a[1]);
    let mut ways = Ways::BOTH;
    if let Some((bearing, range)) = wish.bearing {
        let drawn = dx.atan2(dy).to_degrees().round();
        ways = ways.only(|way| {
            let driven = if way == Way::Forward { drawn } else { drawn + 180.0 };
            let off = (driven - f64::from(bearing)).rem_euclid(360.0);
            off.min(360.0 - off) <= f64::from(range) && ground.exit(segment.edge, way) != NONE
        });
    }
    let is_oneway = Way::BOTH.iter().any(|way| ground.exit(segment.edge, *way) == NONE);
    if wish.side != RoadSide::Any && !is_oneway {
        let left = dx * (point[1] - segment.a[1]) - dy * (point[0] - segment.a[0]) > 0.0;
        let curb = if left { Way::Backward } else { Way::Forward };
        ways = ways.only(|way| (way == curb) == (wish.side == RoadSide::Curb));
    }
    ways
}

fn place(network: &Network, index: &Index, segment: &Segment, point: LonLat) -> Snapped {
    let shape = network.shape(segment.edge);
    let along = segment.along(index.flat.point(point));
    let (a, b) = (shape[segment.at as usize], shape[segment.at as usize + 1]);
    let mix = |a: f64, b: f64| a + (b - a) * along;
    let on_road = LonLat::new(mix(a.lon(), b.lon()), mix(a.lat(), b.lat())).unwrap_or(a);
    let before: f64 = shape[..=segment.at as usize].windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
    let length = network.length_m(segment.edge);
    let along = if length > 0.0 { ((before + a.distance_m(on_road)) / length).clamp(0.0, 1.0) } else { 0.0 };
    Snapped { edge: segment.edge, along, point: on_road, distance_m: point.distance_m(on_road), ways: Ways::BOTH }
}

/// Whether two folded names are of one street: equal, or one has all the words of the other, two at least
/// (`VIA GARIBALDI`, `VIA GIUSEPPE GARIBALDI`).
pub(super) fn same_street(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.split(' ').count() >= 2 && short.split(' ').all(|word| long.split(' ').any(|other| other == word))
}
