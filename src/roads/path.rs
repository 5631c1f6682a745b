//! A way as it is driven: edge by edge, its line and its streets.

use geo::{Coord, LineString};

use super::{
    edge::Way,
    hierarchy::NONE,
    network::Network,
    plane::{Leg, Passing, Plane, Route, Snapped, seeds},
};
use crate::domain::geo::LonLat;

/// A part of an edge as it is driven: fractions of the edge as drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    pub(super) edge: u32,
    pub(super) from: f64,
    pub(super) to: f64,
    /// The node of the graph to which it leads; [`NONE`] where the leg ends on it.
    pub(super) head: u32,
    /// Its last point: a position in the leg's line.
    pub(super) until: usize,
}

impl Stretch {
    /// In which direction.
    pub(super) fn way(&self) -> Way {
        if self.from <= self.to { Way::Forward } else { Way::Backward }
    }

    /// What part of the edge.
    pub(super) fn part(&self) -> f64 {
        (self.to - self.from).abs()
    }
}

/// The quickest way through some places; one place is a way without length.
pub(super) fn route(plane: &Plane, places: &[Snapped], passing: Passing) -> Option<Route> {
    let legs = match passing {
        _ if places.len() < 3 => places.windows(2).map(|pair| leg(plane, &pair[0], &pair[1])).collect::<Option<_>>()?,
        Passing::Freely => {
            places.windows(2).map(|pair| leg(plane, &pair[0], &pair[1])).collect::<Option<Vec<Leg>>>()?
        }
        Passing::Straight => straight(plane, places)?,
    };
    Some(whole(legs))
}

impl Route {
    /// The same way, told as if one stopped at some of its places only: the first and the last, and whichever of the others
    /// these positions, ascending, name.
    #[must_use]
    pub fn through(self, stops: &[usize]) -> Self {
        let mut legs: Vec<Leg> = Vec::with_capacity(stops.len());
        for (at, leg) in self.legs.into_iter().enumerate() {
            match legs.last_mut() {
                Some(before) if !stops.contains(&at) => before.go_on(leg),
                _ => legs.push(leg),
            }
        }
        whole(legs)
    }
}

impl Leg {
    /// Joins the next leg to this one.
    fn go_on(&mut self, next: Self) {
        let known = usize::from(self.line.0.last() == next.line.0.first());
        let behind = self.line.0.len() - known;
        self.line.0.extend(next.line.0.into_iter().skip(known));
        self.stretches
            .extend(next.stretches.into_iter().map(|stretch| Stretch { until: stretch.until + behind, ..stretch }));
        let known = usize::from(self.streets.last() == next.streets.first() && !self.streets.is_empty());
        self.streets.extend(next.streets.into_iter().skip(known));
        self.duration_ds += next.duration_ds;
        self.length_m += next.length_m;
    }
}

/// The legs of the quickest way on which one leaves each place between in the direction in which one came to it: of each
/// place, what it costs to come there in each direction, and in which one left the place before.
fn straight(plane: &Plane, places: &[Snapped]) -> Option<Vec<Leg>> {
    let bound = |at: usize, way: Way| Snapped { ways: places[at].ways.only(|other| other == way), ..places[at] };
    let last = places.len().checked_sub(1)?;
    let mut least: Vec<[Option<(u64, Way)>; 2]> = vec![[Some((0, Way::Forward)), None]];
    for at in 1..=last {
        let ends = Way::BOTH.map(|way| {
            let to = if at == last { places[last] } else { bound(at, way) };
            let from = Way::BOTH.into_iter().filter_map(|way| {
                let (spent, _) = least[at - 1][way as usize]?;
                let from = if at == 1 { places[0] } else { bound(at - 1, way) };
                // Of a sum of many legs only the time counts: both halves of a cost would not hold it.
                Some((spent + (plane.cost(&from, &to)? >> 32), way))
            });
            from.min_by_key(|(spent, _)| *spent)
        });
        least.push(ends);
    }
    let mut way = Way::Forward;
    let mut legs = Vec::with_capacity(last);
    for at in (1..=last).rev() {
        let (_, before) = least[at][way as usize]?;
        let to = if at == last { places[last] } else { bound(at, way) };
        let from = if at == 1 { places[0] } else { bound(at - 1, before) };
        legs.push(leg(plane, &from, &to)?);
        way = before;
    }
    legs.reverse();
    Some(legs)
}

fn whole(legs: Vec<Leg>) -> Route {
    let mut line: Vec<Coord<f64>> = Vec::new();
    let mut streets: Vec<String> = Vec::new();
    for leg in &legs {
        let known = usize::from(line.last() == leg.line.0.first());
        line.extend(leg.line.0.iter().skip(known));
        let known = usize::from(streets.last() == leg.streets.first() && !streets.is_empty());
        streets.extend(leg.streets.iter().skip(known).cloned());
    }
    Route {
        duration_ds: legs.iter().map(|leg| leg.duration_ds).sum(),
        length_m: legs.iter().map(|leg| leg.length_m).sum(),
        line: LineString(line),
        legs,
        streets,
    }
}

fn leg(plane: &Plane, from: &Snapped, to: &Snapped) -> Option<Leg> {
    let ground = plane.ground();
    let (out, into) = (plane.sources(from), plane.targets(to));
    let found = ground.hierarchy.path(plane.metric(), &seeds(&out), &seeds(&into));
    let direct = plane.direct(from, to);
    let (cost, mut stretches) = match (found, direct) {
        (Some(found), None) => (found.cost, stretches(plane, from, to, &found, (&out, &into))),
        (Some(found), Some((_, cost))) if found.cost < cost => {
            (found.cost, stretches(plane, from, to, &found, (&out, &into)))
        }
        (_, Some((_, cost))) => {
            (cost, vec![Stretch { edge: from.edge, from: from.along, to: to.along, head: NONE, until: 0 }])
        }
        (None, None) => return None,
    };
    let network = ground.network();
    let mut line = vec![coord(from.point)];
    let mut streets: Vec<&str> = Vec::new();
    for stretch in &mut stretches {
        draw(network, stretch, &mut line);
        stretch.until = line.len() - 1;
        if let Some(name) = network.name(stretch.edge)
            && streets.last() != Some(&name)
        {
            streets.push(name);
        }
    }
    if line.last() != Some(&coord(to.point)) || line.len() == 1 {
        line.push(coord(to.point));
    }
    if let Some(last) = stretches.last_mut() {
        last.until = line.len() - 1;
    }
    let length = |stretch: &Stretch| stretch.part() * network.length_m(stretch.edge);
    Some(Leg {
        duration_ds: (cost >> 32) as u32,
        length_m: stretches.iter().map(length).sum(),
        line: LineString(line),
        streets: streets.into_iter().map(str::to_owned).collect(),
        stretches,
    })
}

type Ends<'a> = (&'a [(super::hierarchy::Seed, u32)], &'a [(super::hierarchy::Seed, u32)]);

fn stretches(
    plane: &Plane,
    from: &Snapped,
    to: &Snapped,
    found: &super::hierarchy::Found,
    (out, into): Ends<'_>,
) -> Vec<Stretch> {
    let end = |directed: u32| if directed.is_multiple_of(2) { 1.0 } else { 0.0 };
    let (first, last) = (out[found.from].1, into[found.to].1);
    let arcs = plane.ground().arcs();
    let head = out[found.from].0.node;
    let mut stretches = vec![Stretch { edge: from.edge, from: from.along, to: end(first), head, until: 0 }];
    stretches.extend(found.roads.iter().map(|arc| {
        let (directed, head) = (arcs.edge[*arc as usize], arcs.head[*arc as usize]);
        Stretch { edge: directed / 2, from: 1.0 - end(directed), to: end(directed), head, until: 0 }
    }));
    stretches.push(Stretch { edge: to.edge, from: 1.0 - end(last), to: to.along, head: NONE, until: 0 });
    stretches.retain(|stretch| stretch.part() > 0.0);
    if stretches.is_empty() {
        stretches.push(Stretch { edge: to.edge, from: to.along, to: to.along, head: NONE, until: 0 });
    }
    stretches
}

/// Adds the points of a stretch after its first.
fn draw(network: &Network, stretch: &Stretch, line: &mut Vec<Coord<f64>>) {
    let shape = network.shape(stretch.edge);
    let length = network.length_m(stretch.edge);
    let (least, most) = (stretch.from.min(stretch.to) * length, stretch.from.max(stretch.to) * length);
    let mut points = Vec::with_capacity(shape.len());
    let mut passed = 0.0;
    for pair in shape.windows(2) {
        let next = passed + pair[0].distance_m(pair[1]);
        let mut mark = |at: f64| {
            let part = if next > passed { ((at - passed) / (next - passed)).clamp(0.0, 1.0) } else { 0.0 };
            let mix = |a: f64, b: f64| a + (b - a) * part;
            points.push(Coord { x: mix(pair[0].lon(), pair[1].lon()), y: mix(pair[0].lat(), pair[1].lat()) });
        };
        if points_begin(passed, next, least) {
            mark(least);
        }
        if next > least && next < most {
            points.push(coord(pair[1]));
        } else if next >= most && passed <= most {
            mark(most);
            break;
        }
        passed = next;
    }
    if stretch.way() == Way::Backward {
        points.reverse();
    }
    for point in points {
        if line.last() != Some(&point) {
            line.push(point);
        }
    }
}

/// Whether a stretch that begins at `least` metres begins on a segment from `passed` to `next`.
fn points_begin(passed: f64, next: f64, least: f64) -> bool {
    passed <= least && least < next
}

pub(super) fn coord(point: LonLat) -> Coord<f64> {
    Coord { x: point.lon(), y: point.lat() }
}
