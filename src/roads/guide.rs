//! A leg as it is told to who drives: where one turns, into which street, past which junctions.
//!
//! What is told is what OSRM's steps hold (API version 1); the thresholds of a turn are its own.

use geo::{Bearing as _, Coord, Geodesic, LineString, Point};

use super::{
    edge::{Class, Edge, Way},
    ground::directed,
    hierarchy::NONE,
    path::{Stretch, coord},
    plane::{Leg, Plane, share},
};
use crate::domain::geo::LonLat;

/// What one does where a step begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manoeuvre {
    /// One sets out.
    Depart,
    /// One turns into another street.
    Turn(Side),
    /// One turns, and the street goes on.
    Continue(Side),
    /// The street has another name from here.
    NewName(Side),
    /// One goes into a roundabout and leaves it by this exit, from 1; none where the leg ends in it.
    Roundabout(Side, Option<u32>),
    /// One leaves the roundabout.
    ExitRoundabout(Side, Option<u32>),
    /// One goes on by other means: a ferry begins or ends.
    Notification(Side),
    /// One is there.
    Arrive,
}

/// To which side, as one drives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Back.
    Uturn,
    /// More than 120 degrees.
    SharpRight,
    /// More than 60.
    Right,
    /// More than 20.
    SlightRight,
    /// Ahead.
    Straight,
    /// More than 20.
    SlightLeft,
    /// More than 60.
    Left,
    /// More than 120 degrees.
    SharpLeft,
}

impl Side {
    /// OSRM's word.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Uturn => "uturn",
            Self::SharpRight => "sharp right",
            Self::Right => "right",
            Self::SlightRight => "slight right",
            Self::Straight => "straight",
            Self::SlightLeft => "slight left",
            Self::Left => "left",
            Self::SharpLeft => "sharp left",
        }
    }

    /// The side of a turn between two directions, degrees from north.
    const fn between(before: u16, after: u16) -> Self {
        match (after + 360 - before) % 360 {
            0..=20 | 340.. => Self::Straight,
            21..=60 => Self::SlightRight,
            61..=120 => Self::Right,
            121..=170 => Self::SharpRight,
            171..=189 => Self::Uturn,
            190..=239 => Self::SharpLeft,
            240..=299 => Self::Left,
            300..=339 => Self::SlightLeft,
        }
    }

    /// Whether one would say that the street bends rather than that one turns.
    const fn is_ahead(self) -> bool {
        matches!(self, Self::Straight | Self::SlightLeft | Self::SlightRight)
    }
}

/// By what one goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// On the road.
    Road,
    /// On a ferry.
    Ferry,
}

/// A junction that is passed.
#[derive(Clone, Debug, PartialEq)]
pub struct Junction {
    /// Where.
    pub at: LonLat,
    /// The directions of its roads that are open to the profile, degrees from north, ascending.
    pub bearings: Vec<u16>,
    /// Which of them may be entered by who comes this way.
    pub entry: Vec<bool>,
    /// By which of them one comes; none where one sets out.
    pub comes: Option<usize>,
    /// By which of them one goes on; none where one arrives.
    pub goes: Option<usize>,
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What one does where it begins.
    pub manoeuvre: Manoeuvre,
    /// The direction before that, degrees from north; 0 where one sets out.
    pub before: u16,
    /// The direction after; 0 where one arrives.
    pub after: u16,
    /// The street, where it has a name.
    pub name: Option<String>,
    /// By what one goes.
    pub means: Means,
    /// Deciseconds; those of a leg's steps are the leg's.
    pub duration_ds: u32,
    /// Metres.
    pub length_m: f64,
    /// The line, two points at least; those of a leg's steps are the leg's.
    pub line: LineString<f64>,
    /// The junctions where it begins and that it passes.
    pub junctions: Vec<Junction>,
}

/// The steps of a leg of a route on this plane.
pub(super) fn steps(plane: &Plane, leg: &Leg) -> Vec<Step> {
    let guide = Guide { plane, leg };
    let mut steps: Vec<Step> = Vec::new();
    let mut begin = 0;
    for (at, stretch) in leg.stretches.iter().enumerate() {
        let turn = if at == 0 { Some(Manoeuvre::Depart) } else { guide.turn(at, steps.last()) };
        if let Some(manoeuvre) = turn {
            let before = if at == 0 { 0 } else { guide.arrives(at - 1) };
            steps.push(Step {
                manoeuvre,
                before,
                after: guide.leaves(at),
                name: guide.name(stretch).map(str::to_owned),
                means: guide.means(stretch),
                duration_ds: 0,
                length_m: 0.0,
                line: LineString(leg.line.0.get(begin).copied().into_iter().collect()),
                junctions: Vec::new(),
            });
        }
        let Some(step) = steps.last_mut() else { continue };
        if at == 0 {
            step.junctions.extend(end(leg.line.0.first(), guide.leaves(0), Way::Forward));
        } else {
            let junction = guide.junction(at);
            if turn.is_some() || (junction.bearings.len() != 2 && !guide.is_midway(at)) {
                step.junctions.push(junction);
            }
        }
        step.duration_ds += guide.duration_ds(stretch);
        step.length_m += stretch.part() * plane.ground().network().length_m(stretch.edge);
        step.line.0.extend_from_slice(leg.line.0.get(begin + 1..=stretch.until).unwrap_or_default());
        begin = stretch.until;
    }
    for step in &mut steps {
        if let ([only], line) = (&step.line.0.clone()[..], &mut step.line.0) {
            line.push(*only);
        }
    }
    steps.push(guide.arrive());
    steps
}

/// Deciseconds since the beginning of a leg at each point of its line.
pub(super) fn times_ds(plane: &Plane, leg: &Leg) -> Vec<f64> {
    let guide = Guide { plane, leg };
    let mut times = vec![0.0];
    let mut begin_ds = 0.0;
    for stretch in &leg.stretches {
        let line = leg.line.0.get(times.len() - 1..=stretch.until).unwrap_or_default();
        let runs: Vec<f64> = line.windows(2).map(|pair| metres(pair[0], pair[1])).collect();
        let (whole, duration_ds) = (runs.iter().sum::<f64>(), f64::from(guide.duration_ds(stretch)));
        let mut run = 0.0;
        for length in &runs {
            run += length;
            times.push(begin_ds + if whole > 0.0 { duration_ds * (run / whole) } else { duration_ds });
        }
        begin_ds += duration_ds;
    }
    times.resize(leg.line.0.len(), begin_ds);
    times
}

fn metres(a: Coord<f64>, b: Coord<f64>) -> f64 {
    match (LonLat::new(a.x, a.y), LonLat::new(b.x, b.y)) {
        (Ok(a), Ok(b)) => a.distance_m(b),
        _ => 0.0,
    }
}

/// Degrees from north, clockwise, 0 to 359; 0 where there is no direction.
fn bearing(from: Option<&Coord<f64>>, to: Option<&Coord<f64>>) -> u16 {
    match (from, to) {
        (Some(from), Some(to)) if from != to => {
            let turned = Geodesic.bearing(Point::from(*from), Point::from(*to)).rem_euclid(360.0);
            (turned.round() as u16) % 360
        }
        _ => 0,
    }
}

/// Where a leg begins (forwards) or ends (backwards), with its one road.
fn end(at: Option<&Coord<f64>>, bearing: u16, way: Way) -> Option<Junction> {
    let at = at.and_then(|c| LonLat::new(c.x, c.y).ok())?;
    let [comes, goes] = if way == Way::Forward { [None, Some(0)] } else { [Some(0), None] };
    Some(Junction { at, bearings: vec![bearing], entry: vec![true], comes, goes })
}

struct Guide<'a> {
    plane: &'a Plane,
    leg: &'a Leg,
}

impl<'a> Guide<'a> {
    fn edge(&self, stretch: &Stretch) -> &'a Edge {
        &self.plane.ground().network().edges()[stretch.edge as usize]
    }

    fn name(&self, stretch: &Stretch) -> Option<&'a str> {
        self.plane.ground().network().name(stretch.edge)
    }

    fn means(&self, stretch: &Stretch) -> Means {
        if self.edge(stretch).class == Class::Ferry { Means::Ferry } else { Means::Road }
    }

    fn duration_ds(&self, stretch: &Stretch) -> u32 {
        (share(self.plane.ground().cost(stretch.edge), stretch.part()) >> 32) as u32
    }

    /// The points of the line on a stretch.
    fn line(&self, at: usize) -> &'a [Coord<f64>] {
        let begin = at.checked_sub(1).map_or(0, |before| self.leg.stretches[before].until);
        self.leg.line.0.get(begin..=self.leg.stretches[at].until).unwrap_or_default()
    }

    /// The direction in which one leaves where a stretch begins.
    fn leaves(&self, at: usize) -> u16 {
        let line = self.line(at);
        bearing(line.first(), line.get(1))
    }

    /// The direction in which one comes to where a stretch ends.
    fn arrives(&self, at: usize) -> u16 {
        let line = self.line(at);
        bearing(line.iter().nth_back(1), line.last())
    }

    /// The directed edges that leave where a stretch begins: open to the profile in some direction.
    fn arms(&self, at: usize) -> impl Iterator<Item = u32> {
        let stretch = &self.leg.stretches[at];
        let (node, _) = self.edge(stretch).ends(stretch.way());
        let ground = self.plane.ground();
        let open = |arm: &u32| ground.is_open(arm / 2) && !self.plane.is_closed(arm / 2);
        ground.network().leaving(node).iter().copied().filter(open)
    }

    /// Whether one who has driven the stretch before may go on by an arm: turns and signs count.
    fn enters(&self, at: usize, arm: u32) -> bool {
        let way = if arm.is_multiple_of(2) { Way::Forward } else { Way::Backward };
        self.plane.ground().entries(arm / 2, way).contains(&self.leg.stretches[at - 1].head)
    }

    /// The arm by which one comes to where a stretch begins, and the one by which one goes on.
    fn own_arms(&self, at: usize) -> [u32; 2] {
        let back = |stretch: &Stretch| directed(stretch.edge, stretch.way()) ^ 1;
        [back(&self.leg.stretches[at - 1]), back(&self.leg.stretches[at]) ^ 1]
    }

    /// Whether a stretch begins where the one before it ends in the middle of a road: at a place that is passed.
    fn is_midway(&self, at: usize) -> bool {
        let [last, next] = [at - 1, at].map(|at| &self.leg.stretches[at]);
        // A leg ends on a road, and only there.
        last.head == NONE && last.edge == next.edge
    }

    /// What one does where a stretch begins; none where one just goes on.
    fn turn(&self, at: usize, step: Option<&Step>) -> Option<Manoeuvre> {
        let stretches = &self.leg.stretches;
        let [last, next] = [at - 1, at].map(|at| &stretches[at]);
        if self.is_midway(at) {
            return (last.way() != next.way()).then_some(Manoeuvre::Continue(Side::Uturn));
        }
        let side = Side::between(self.arrives(at - 1), self.leaves(at));
        let round = [last, next].map(|stretch| self.edge(stretch).flags & Edge::ROUNDABOUT != 0);
        match round {
            [false, true] => return Some(Manoeuvre::Roundabout(side, self.exit(at))),
            [true, false] => {
                let exit = step.and_then(|step| match step.manoeuvre {
                    Manoeuvre::Roundabout(_, exit) => exit,
                    _ => None,
                });
                return Some(Manoeuvre::ExitRoundabout(side, exit));
            }
            [true, true] => return None,
            [false, false] => {}
        }
        if self.means(last) != self.means(next) {
            return Some(Manoeuvre::Notification(side));
        }
        let own = self.own_arms(at);
        let is_junction = self.arms(at).any(|arm| !own.contains(&arm));
        let (was, is) = (step.and_then(|step| step.name.as_deref()), self.name(next));
        if was == is {
            let turns = side == Side::Uturn || (is_junction && !side.is_ahead());
            let manoeuvre = if is.is_some() { Manoeuvre::Continue(side) } else { Manoeuvre::Turn(side) };
            return turns.then_some(manoeuvre);
        }
        match (is, side.is_ahead()) {
            (Some(_), true) if was.is_some() || !is_junction => Some(Manoeuvre::NewName(side)),
            (_, false) | (Some(_), true) => Some(Manoeuvre::Turn(side)),
            (None, true) => (is_junction && side != Side::Straight).then_some(Manoeuvre::Turn(side)),
        }
    }

    /// Which exit of the roundabout is taken that begins with a stretch.
    fn exit(&self, begin: usize) -> Option<u32> {
        let edges = self.plane.ground().network().edges();
        let is_round = |edge: u32| edges[edge as usize].flags & Edge::ROUNDABOUT != 0;
        let mut exits = 0;
        for at in (begin + 1..self.leg.stretches.len()).filter(|at| !self.is_midway(*at)) {
            let own = self.own_arms(at);
            if !is_round(self.leg.stretches[at].edge) {
                return Some(exits + 1);
            }
            let passed = self.arms(at).filter(|arm| !own.contains(arm) && !is_round(arm / 2) && self.enters(at, *arm));
            exits += passed.count() as u32;
        }
        None
    }

    /// The junction where a stretch begins.
    fn junction(&self, at: usize) -> Junction {
        if self.is_midway(at)
            && let Some(place) = end(self.line(at).first(), self.leaves(at), Way::Forward)
        {
            return Junction { comes: Some(0), ..place };
        }
        let network = self.plane.ground().network();
        let [comes, goes] = self.own_arms(at);
        let mut arms: Vec<(u16, u32)> = self
            .arms(at)
            .map(|arm| {
                let shape = network.shape(arm / 2);
                let (first, second) = if arm.is_multiple_of(2) { (0, 1) } else { (shape.len() - 1, shape.len() - 2) };
                (bearing(Some(&coord(shape[first])), Some(&coord(shape[second]))), arm)
            })
            .collect();
        // A way that turns back does so on one arm.
        arms.sort_unstable();
        let place = |own: u32| arms.iter().position(|(_, arm)| *arm == own);
        let at_node = self.line(at).first().and_then(|c| LonLat::new(c.x, c.y).ok());
        Junction {
            at: at_node.unwrap_or_else(|| network.nodes()[0]),
            bearings: arms.iter().map(|(bearing, _)| *bearing).collect(),
            entry: arms.iter().map(|(_, arm)| *arm == goes || self.enters(at, *arm)).collect(),
            comes: place(comes),
            goes: place(goes),
        }
    }

    fn arrive(&self) -> Step {
        let line = &self.leg.line.0;
        let stretches = &self.leg.stretches;
        let before = stretches.len().checked_sub(1).map_or(0, |last| self.arrives(last));
        let last = line.last();
        Step {
            manoeuvre: Manoeuvre::Arrive,
            before,
            after: 0,
            name: stretches.last().and_then(|stretch| self.name(stretch)).map(str::to_owned),
            means: stretches.last().map_or(Means::Road, |stretch| self.means(stretch)),
            duration_ds: 0,
            length_m: 0.0,
            line: LineString(last.into_iter().chain(last).copied().collect()),
            junctions: end(last, (before + 180) % 360, Way::Backward).into_iter().collect(),
        }
    }
}
