//! A comune's own street lines: noded where they cross and touch, so that they become a graph.

mod dug;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use geo::LineString;
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

use super::{
    FaultReason, Faults, Reading, RoadsError,
    edge::{Access, Edge, Limits},
    network::{Draft, Network},
};
use crate::domain::{
    geo::{BBox, LonLat, Plane},
    watch::Watch,
};

/// A line of a street register.
#[derive(Clone, Debug, PartialEq)]
pub struct StreetLine {
    /// Longitude and latitude in degrees.
    pub geometry: LineString<f64>,
    /// The name of the street, with its DUG.
    pub name: Option<String>,
    /// The DUG (VIA, PIAZZA, STRADA PROVINCIALE): default speeds come from it. An OSM `highway` value is understood too.
    pub class: Option<String>,
    /// In which direction of the line one may drive.
    pub oneway: Oneway,
}

/// In which direction of a line one may drive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Oneway {
    /// In both.
    #[default]
    Both,
    /// As the line is drawn.
    Forward,
    /// Against it.
    Backward,
}

/// Ends and crossings nearer than this are one node.
const TOLERANCE_M: f64 = 0.5;

/// A line in metres, with its points in degrees, and where it is cut: segment and part of it.
struct Drawn {
    points: Vec<LonLat>,
    flat: Vec<[f64; 2]>,
    cuts: Vec<(usize, f64)>,
}

impl Drawn {
    /// Metres along the line from one cut to a later one.
    fn run_m(&self, from: (usize, f64), to: (usize, f64)) -> f64 {
        let length = |at: usize| {
            let (a, b) = (self.flat[at], self.flat[at + 1]);
            (b[0] - a[0]).hypot(b[1] - a[1])
        };
        (from.0..to.0).map(length).sum::<f64>() + length(to.0) * to.1 - length(from.0) * from.1
    }
}

/// Nodes the lines at their crossings and ends, within half a metre.
pub fn read(lines: &[StreetLine], watch: &dyn Watch) -> Result<Reading, RoadsError> {
    watch.begin("street lines", lines.len() as u64);
    let mut faults = Faults::default();
    let mut points: Vec<Vec<LonLat>> = Vec::with_capacity(lines.len());
    for (number, line) in lines.iter().enumerate() {
        points.push(clean(line, number as i64, &mut faults));
    }
    let bbox = BBox::around(points.iter().flatten().copied()).ok_or(RoadsError::Empty)?;
    let middle = LonLat::new(bbox.west.midpoint(bbox.east), bbox.south.midpoint(bbox.north));
    let plane = Plane::around(middle.map_err(|_| RoadsError::Empty)?);
    let draw = |points: Vec<LonLat>| {
        let flat = points.iter().map(|point| plane.project(*point)).collect();
        Drawn { points, flat, cuts: Vec::new() }
    };
    let mut drawn: Vec<Drawn> = points.into_iter().map(draw).collect();
    cross(&mut drawn, watch)?;
    let network = lay(lines, &drawn, &mut faults)?;
    let roads = drawn.iter().filter(|line| line.points.len() >= 2).count() as u64;
    Ok(Reading { network, faults: faults.0, roads })
}

/// The points of a line that are on Earth and differ from the one before; none where it has no length.
fn clean(line: &StreetLine, number: i64, faults: &mut Faults) -> Vec<LonLat> {
    let mut points: Vec<LonLat> = Vec::with_capacity(line.geometry.0.len());
    for coord in &line.geometry.0 {
        match LonLat::new(coord.x, coord.y) {
            Ok(point) if points.last() != Some(&point) => points.push(point),
            Ok(_) => {}
            Err(_) => faults.count(FaultReason::NotOnEarth, number),
        }
    }
    if points.len() < 2 {
        faults.count(FaultReason::NoLength, number);
        points.clear();
    }
    points
}

/// How often lines may meet, and be near enough to be looked at, for each of their segments, beside a floor: streets meet a
/// few others each, and a file of some thousand lines across each other would fill the memory.
const MOST_MET: usize = 20;
const MET_FLOOR: usize = 500_000;
const MOST_LOOKED_AT: usize = 400;

/// Cuts the lines where they cross and where one touches another.
fn cross(drawn: &mut [Drawn], watch: &dyn Watch) -> Result<(), RoadsError> {
    type Boxed = GeomWithData<Rectangle<[f64; 2]>, (u32, u32)>;
    let boxes = drawn.iter().enumerate().flat_map(|(line, held)| {
        held.flat.windows(2).enumerate().map(move |(segment, pair)| {
            Boxed::new(Rectangle::from_corners(pair[0], pair[1]), (line as u32, segment as u32))
        })
    });
    let tree: RTree<Boxed> = RTree::bulk_load(boxes.collect());
    let (most_met, mut looks) = (tree.size() * MOST_MET + MET_FLOOR, 0_usize);
    let mut cuts: Vec<(usize, (usize, f64))> = Vec::new();
    for line in 0..drawn.len() {
        if watch.cancelled() {
            return Err(RoadsError::Cancelled);
        }
        for segment in 0..drawn[line].flat.len().saturating_sub(1) {
            let (a, b) = (drawn[line].flat[segment], drawn[line].flat[segment + 1]);
            let least = [a[0].min(b[0]) - TOLERANCE_M, a[1].min(b[1]) - TOLERANCE_M];
            let most = [a[0].max(b[0]) + TOLERANCE_M, a[1].max(b[1]) + TOLERANCE_M];
            for found in tree.locate_in_envelope_intersecting(&AABB::from_corners(least, most)) {
                let (other, at) = (found.data.0 as usize, found.data.1 as usize);
                looks += 1;
                if cuts.len() / 2 > most_met || looks > most_met * MOST_LOOKED_AT {
                    return Err(RoadsError::Tangled { limit: most_met });
                }
                // Each pair once; neighbours on one line share a point by nature.
                if (other, at) <= (line, segment) || (other == line && at.abs_diff(segment) == 1) {
                    continue;
                }
                let theirs = (drawn[other].flat[at], drawn[other].flat[at + 1]);
                for (mine, their) in meetings((a, b), theirs) {
                    // What is near along the line is the line itself, not a crossing.
                    if other == line && drawn[line].run_m((segment, mine), (at, their)) < 10.0 * TOLERANCE_M {
                        continue;
                    }
                    cuts.push((line, (segment, mine)));
                    cuts.push((other, (at, their)));
                }
            }
        }
        watch.advance(1);
    }
    for (line, cut) in cuts {
        drawn[line].cuts.push(cut);
    }
    Ok(())
}

type Pair = ([f64; 2], [f64; 2]);

/// Where two segments cross, or where an end of one lies on the other: the part of each.
fn meetings(mine: Pair, theirs: Pair) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    for (part, end) in [(0.0, theirs.0), (1.0, theirs.1)] {
        if let Some(at) = touches(mine, end) {
            found.push((at, part));
        }
    }
    for (part, end) in [(0.0, mine.0), (1.0, mine.1)] {
        if let Some(at) = touches(theirs, end) {
            found.push((part, at));
        }
    }
    if found.is_empty() {
        let (dx, dy) = (mine.1[0] - mine.0[0], mine.1[1] - mine.0[1]);
        let (ex, ey) = (theirs.1[0] - theirs.0[0], theirs.1[1] - theirs.0[1]);
        let turn = dx * ey - dy * ex;
        let (ox, oy) = (theirs.0[0] - mine.0[0], theirs.0[1] - mine.0[1]);
        let (s, t) = ((ox * ey - oy * ex) / turn, (ox * dy - oy * dx) / turn);
        if (0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t) {
            found.push((s, t));
        }
    }
    found
}

/// The part of a segment at which a point lies on it.
fn touches((a, b): Pair, point: [f64; 2]) -> Option<f64> {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length_2 = dx * dx + dy * dy;
    let part = (((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length_2).clamp(0.0, 1.0);
    let off = (point[0] - a[0] - dx * part).hypot(point[1] - a[1] - dy * part);
    if off > TOLERANCE_M {
        return None;
    }
    // What is within the tolerance of an end is that end.
    let length = length_2.sqrt();
    Some(if part * length <= TOLERANCE_M {
        0.0
    } else if (1.0 - part) * length <= TOLERANCE_M {
        1.0
    } else {
        part
    })
}

/// Nodes by the squares of a grid, so that near ones are found.
#[derive(Default)]
struct Nodes {
    squares: HashMap<(i64, i64), Vec<u32>>,
    flat: Vec<[f64; 2]>,
}

impl Nodes {
    fn find_or_add(&mut self, [x, y]: [f64; 2], point: LonLat, nodes: &mut Vec<LonLat>) -> u32 {
        let (column, row) = ((x / TOLERANCE_M).floor() as i64, (y / TOLERANCE_M).floor() as i64);
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (column + dx, row + dy)));
        let near = around.filter_map(|square| self.squares.get(&square)).flatten();
        let distance = |node: &u32| (self.flat[*node as usize][0] - x).hypot(self.flat[*node as usize][1] - y);
        let nearest = near.map(|node| (distance(node), *node)).min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((off, node)) = nearest
            && off <= TOLERANCE_M
        {
            return node;
        }
        let node = nodes.len() as u32;
        nodes.push(point);
        self.flat.push([x, y]);
        self.squares.entry((column, row)).or_default().push(node);
        node
    }
}

/// Cuts the lines into edges between nodes.
fn lay(lines: &[StreetLine], drawn: &[Drawn], faults: &mut Faults) -> Result<Network, RoadsError> {
    let mut draft = Draft { shape_first: vec![0], ..Draft::default() };
    let mut nodes = Nodes::default();
    let mut names: HashMap<&str, u32> = HashMap::new();
    let mut known: HashMap<(u32, u32), Vec<(u32, i64)>> = HashMap::new();
    for (number, (line, held)) in lines.iter().zip(drawn).enumerate() {
        let Some(last) = held.points.len().checked_sub(2) else { continue };
        let mut template = template(line);
        template.name = line.name.as_deref().filter(|name| !name.trim().is_empty()).map(|name| {
            *names.entry(name).or_insert_with(|| {
                draft.names.push(name.to_owned());
                draft.names.len() as u32 - 1
            })
        });
        let mut cuts = held.cuts.clone();
        cuts.extend([(0, 0.0), (last, 1.0)]);
        // The end of a segment is the beginning of the next.
        for cut in &mut cuts {
            if cut.1 >= 1.0 && cut.0 < last {
                *cut = (cut.0 + 1, 0.0);
            }
        }
        cuts.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        cuts.dedup();
        for pair in cuts.windows(2) {
            let shape = shape(held, pair[0], pair[1]);
            let ends = [pair[0], pair[1]].map(|cut| {
                let (flat, point) = at(held, cut);
                nodes.find_or_add(flat, point, &mut draft.nodes)
            });
            let length: f64 = shape.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
            if ends[0] == ends[1] && length <= 2.0 * TOLERANCE_M {
                continue;
            }
            let key = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            let twins = known.entry(key).or_default();
            // Two stretches of one length between the same nodes are the same street drawn twice.
            let decimetres = (length * 10.0).round() as i64;
            if twins.iter().any(|(_, other)| other.abs_diff(decimetres) <= 1) {
                faults.count(FaultReason::Duplicate, number as i64);
                continue;
            }
            twins.push((draft.edges.len() as u32, decimetres));
            draft.edges.push(Edge { from: ends[0], to: ends[1], ..template });
            draft.shapes.extend(shape);
            draft.shape_first.push(draft.shapes.len() as u32);
        }
    }
    if draft.edges.is_empty() { Err(RoadsError::Empty) } else { Ok(Network::freeze(draft)) }
}

/// The place of a cut.
fn at(held: &Drawn, (segment, part): (usize, f64)) -> ([f64; 2], LonLat) {
    let mix = |a: f64, b: f64| a + (b - a) * part;
    let (a, b) = (held.flat[segment], held.flat[segment + 1]);
    let (p, q) = (held.points[segment], held.points[segment + 1]);
    let point = LonLat::new(mix(p.lon(), q.lon()), mix(p.lat(), q.lat())).unwrap_or(p);
    ([mix(a[0], b[0]), mix(a[1], b[1])], if part <= 0.0 { p } else { point })
}

/// The points between two cuts, both included.
fn shape(held: &Drawn, from: (usize, f64), to: (usize, f64)) -> Vec<LonLat> {
    let mut points = vec![at(held, from).1];
    points.extend(&held.points[from.0 + 1..=to.0]);
    let end = at(held, to).1;
    if points.last() != Some(&end) || points.len() == 1 {
        points.push(end);
    }
    points
}

fn template(line: &StreetLine) -> Edge {
    let (class, flags) =
        dug::class(line.class.as_deref().unwrap_or_default(), line.name.as_deref().unwrap_or_default());
    let open = dug::access(class);
    let foot = Access::NONE.with(super::edge::Mode::Foot, open.level(super::edge::Mode::Foot));
    let (forward, backward) = match line.oneway {
        Oneway::Both => (open, open),
        Oneway::Forward => (open, foot),
        Oneway::Backward => (foot, open),
    };
    Edge {
        from: 0,
        to: 0,
        name: None,
        class,
        flags,
        layer: 0,
        forward,
        backward,
        speed_kmh: None,
        limits: Limits::default(),
    }
}
