//! The road network as a comune's street map would have it: the streets, and the country roads that join what is apart.

use geo::{Intersects as _, Line};
use rstar::{AABB, RTree, primitives::GeomWithData};

use super::{
    areas::{opening, push_coords},
    ground::{Point, distance},
    register::push,
    streets::Street,
    world::Town,
};

const BLOCK: usize = 1 << 20;

pub(super) fn write(town: &Town, sink: &mut dyn FnMut(&str, &[u8])) {
    let mut text = opening("roads");
    let mut first = true;
    let mut line = |text: &mut String, name: &str, class: &str, points: &[Point]| {
        let comma = if std::mem::take(&mut first) { "" } else { ",\n" };
        push(
            text,
            format_args!(
                "{comma}{{\"type\":\"Feature\",\"properties\":{{\"name\":\"{name}\",\"class\":\"{class}\"}},\"geometry\":{{\"type\":\"LineString\",\"coordinates\":["
            ),
        );
        push_coords(text, points.iter().copied());
        text.push_str("]}}");
    };
    for street in &town.streets {
        let class = street.name.split(' ').next().unwrap_or_default();
        line(&mut text, &street.name, class, &street.line);
        if text.len() > BLOCK {
            sink("roads.geojson", text.as_bytes());
            text.clear();
        }
    }
    for ends in joints(&town.streets) {
        line(&mut text, "", "unclassified", &ends);
    }
    text.push_str("\n]}\n");
    sink("roads.geojson", text.as_bytes());
}

/// Which streets are joined to which: a forest whose roots stand for what is joined.
struct Joined(Vec<u32>);

impl Joined {
    fn root(&mut self, street: u32) -> u32 {
        let above = self.0[street as usize];
        if above == street {
            return street;
        }
        let root = self.root(above);
        self.0[street as usize] = root;
        root
    }

    /// Joins two; says whether they were apart.
    fn join(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
        a != b
    }
}

/// The shortest lines that join what no crossing joins, until all is one.
fn joints(streets: &[Street]) -> Vec<[Point; 2]> {
    let mut joined = crossings(streets);
    let corners = streets.iter().zip(0..).flat_map(|(street, at)| street.line.iter().map(move |p| (*p, at)));
    let tree: RTree<GeomWithData<Point, u32>> =
        RTree::bulk_load(corners.map(|(p, at)| GeomWithData::new(p, at)).collect());
    let mut joints = Vec::new();
    loop {
        let mut parts: Vec<Vec<u32>> = vec![Vec::new(); streets.len()];
        (0..streets.len() as u32).for_each(|street| parts[joined.root(street) as usize].push(street));
        parts.retain(|part| !part.is_empty());
        parts.sort_by_key(|part| (part.len(), part.first().copied()));
        parts.pop();
        if parts.is_empty() {
            return joints;
        }
        for part in parts {
            let root = joined.root(part[0]);
            let mut best: Option<(f64, [Point; 2], u32)> = None;
            for (street, from) in
                part.iter().flat_map(|street| streets[*street as usize].line.iter().map(move |p| (*street, *p)))
            {
                let away = tree.nearest_neighbor_iter(&from).map(|near| (distance(*near.geom(), from), near));
                let within = best.as_ref().map_or(f64::INFINITY, |(metres, ..)| *metres);
                let apart =
                    away.take_while(|(metres, _)| *metres < within).find(|(_, near)| joined.root(near.data) != root);
                if let Some((metres, near)) = apart {
                    best = Some((metres, [from, *near.geom()], near.data));
                }
                debug_assert_eq!(joined.root(street), root);
            }
            if let Some((_, ends, other)) = best
                && joined.join(root, other)
            {
                joints.push(ends);
            }
        }
    }
}

/// Streets that cross or meet.
fn crossings(streets: &[Street]) -> Joined {
    let mut joined = Joined((0..streets.len() as u32).collect());
    type Segment = GeomWithData<rstar::primitives::Line<Point>, u32>;
    let segment = |pair: &[Point], at| Segment::new(rstar::primitives::Line::new(pair[0], pair[1]), at);
    let segments: Vec<Segment> = streets
        .iter()
        .zip(0..)
        .flat_map(|(street, at)| street.line.windows(2).map(move |pair| segment(pair, at)))
        .collect();
    let drawn = |segment: &Segment| {
        Line::new((segment.geom().from[0], segment.geom().from[1]), (segment.geom().to[0], segment.geom().to[1]))
    };
    let tree = RTree::bulk_load(segments.clone());
    for segment in &segments {
        let around = AABB::from_corners(segment.geom().from, segment.geom().to);
        for other in tree.locate_in_envelope_intersecting(&around) {
            if other.data < segment.data && drawn(segment).intersects(&drawn(other)) {
                joined.join(segment.data, other.data);
            }
        }
    }
    joined
}
