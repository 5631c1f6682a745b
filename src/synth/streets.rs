//! Streets: lines on the ground, their names, and the doors along them.

use std::collections::HashSet;

use super::{
    dice::{Dice, Stage},
    ground::{District, DistrictKind, Ground, Point, distance},
    words::{self, ORDINALS},
};
use crate::domain::place::{AccessId, StreetId};

/// Doors for each household.
const DOORS_PER_HOUSEHOLD: f64 = 0.85;
/// First number of the register for streets and doors: above any real one.
const FIRST_STREET: u64 = 9_000_001;
const FIRST_ACCESS: u64 = 90_000_001;
/// [`ORDINALS`] in figures.
pub(super) const ORDINALS_SHORT: [&str; 8] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII"];
/// Exponents, the frequent ones first; position 0 is none.
pub(super) const EXPONENTS: [&str; 8] = ["", "A", "B", "C", "BIS", "D", "E", "F"];

pub(super) struct Street {
    pub(super) id: StreetId,
    pub(super) name: String,
    /// The hamlet, or empty.
    pub(super) locality: String,
    pub(super) district: u32,
    pub(super) line: Vec<Point>,
    /// Doors on each side for each metre, before the town is brought to size.
    density: f64,
    /// How many doors it has: they follow one another in the list of doors.
    pub(super) doors: u32,
}

/// A door. `number` 0 has none (SNC).
#[derive(Clone, Copy)]
pub(super) struct Door {
    pub(super) id: AccessId,
    pub(super) street: u32,
    pub(super) number: u16,
    pub(super) exponent: u8,
    pub(super) at: Point,
    /// How many households it attracts, relative to others.
    pub(super) attraction: f32,
}

/// What a line becomes, which decides its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineKind {
    Lane,
    Street,
    Avenue,
    Rural,
}

struct Line {
    points: Vec<Point>,
    district: usize,
    kind: LineKind,
    density: f64,
}

pub(super) fn lay(ground: &Ground, seed: u64) -> Vec<Street> {
    let mut dice = Dice::new(seed, Stage::Streets, 0);
    let mut lines = Vec::new();
    for (i, district) in ground.districts.iter().enumerate() {
        match district.kind {
            DistrictKind::Core | DistrictKind::Quarter | DistrictKind::Hamlet => {
                lay_grid(ground, i, district, &mut dice, &mut lines);
            }
            DistrictKind::Country => lay_country(ground, i, district, &mut dice, &mut lines),
        }
    }
    lay_radials(ground, &mut dice, &mut lines);
    let mut names = Names::new();
    let mut streets = Vec::with_capacity(lines.len());
    for line in lines {
        let name = names.draw(line.kind, &mut dice);
        let district = &ground.districts[line.district];
        streets.push(Street {
            id: StreetId(FIRST_STREET + streets.len() as u64),
            name,
            locality: if district.kind == DistrictKind::Hamlet { district.name.to_uppercase() } else { String::new() },
            district: line.district as u32,
            line: line.points.into_iter().map(|p| ground.bend(p)).collect(),
            density: line.density,
            doors: 0,
        });
    }
    streets
}

/// What ground a district holds.
struct Holding<'a> {
    ground: &'a Ground,
    district: &'a District,
    /// Centres of the quarters that may be nearer to a point of this one.
    rivals: Vec<Point>,
}

impl<'a> Holding<'a> {
    fn new(ground: &'a Ground, district: &'a District, extent: f64) -> Self {
        let near = |d: &&District| {
            let d_m = distance(d.centre, district.centre);
            d.kind == DistrictKind::Quarter && d_m > 0.0 && d_m < 3.0 * extent
        };
        Self { ground, district, rivals: ground.districts.iter().filter(near).map(|d| d.centre).collect() }
    }

    fn contains(&self, p: Point) -> bool {
        let own = distance(p, self.district.centre);
        match self.district.kind {
            DistrictKind::Hamlet => own < self.ground.hamlet_radius_m(self.district, p) && self.ground.holds(p),
            DistrictKind::Core => self.ground.is_core(p) && self.ground.is_built_up(p),
            DistrictKind::Country => false,
            DistrictKind::Quarter => {
                !self.ground.is_core(p)
                    && self.rivals.iter().all(|rival| distance(p, *rival) > own)
                    && self.ground.is_built_up(p)
                    && !self.ground.is_open(p)
            }
        }
    }
}

/// Parallel streets in two directions, cut where the district ends and into lengths that get a name each.
fn lay_grid(ground: &Ground, i: usize, district: &District, dice: &mut Dice, lines: &mut Vec<Line>) {
    let core = district.kind == DistrictKind::Core;
    let extent = match district.kind {
        DistrictKind::Hamlet => 1.4 * (190.0 + 0.06 * ground.radius_m),
        DistrictKind::Core => ground.radius_m.min(720.0),
        _ => ground.radius_m * (2.6 / (ground.quarters() as f64).sqrt()).min(1.0),
    };
    let holding = Holding::new(ground, district, extent);
    let (sway, lengths) = if core { (11.0, (60.0, 150.0)) } else { (3.5, (110.0, 320.0)) };
    for (turn, spacing) in [(0.0, district.block_m), (std::f64::consts::FRAC_PI_2, district.block_m * 1.9)] {
        let angle = district.angle + turn;
        let (along, across) = ([angle.cos(), angle.sin()], [-angle.sin(), angle.cos()]);
        let mut offset = -extent + dice.between(0.0, spacing);
        while offset < extent {
            let phase = dice.between(0.0, std::f64::consts::TAU);
            let at = |t: f64| {
                let o =
                    offset + sway * (t / 70.0 + phase).sin() + if core { 0.35 * sway * (t / 19.0).sin() } else { 0.0 };
                [district.centre[0] + t * along[0] + o * across[0], district.centre[1] + t * along[1] + o * across[1]]
            };
            let mut piece: Vec<Point> = Vec::new();
            let (mut t, mut limit) = (-extent, dice.between(lengths.0, lengths.1));
            while t <= extent {
                let p = at(t);
                let inside = holding.contains(p);
                if inside {
                    piece.push(p);
                }
                if !inside || length(&piece) >= limit {
                    let last = piece.last().copied();
                    push_piece(std::mem::take(&mut piece), i, district.kind, dice, lines);
                    piece.extend(last.filter(|_| inside));
                    limit = dice.between(lengths.0, lengths.1);
                }
                t += 18.0;
            }
            push_piece(piece, i, district.kind, dice, lines);
            offset += spacing * dice.between(0.8, 1.25);
        }
    }
}

fn push_piece(points: Vec<Point>, district: usize, kind: DistrictKind, dice: &mut Dice, lines: &mut Vec<Line>) {
    let metres = length(&points);
    if metres < 34.0 {
        return;
    }
    let (line_kind, density) = match kind {
        DistrictKind::Core if metres < 90.0 => (LineKind::Lane, 1.0 / 11.0),
        DistrictKind::Core => (LineKind::Street, 1.0 / 12.0),
        DistrictKind::Hamlet => (LineKind::Street, 1.0 / 24.0),
        _ if metres > 280.0 && dice.chance(0.2) => (LineKind::Avenue, 1.0 / 18.0),
        _ => (LineKind::Street, 1.0 / 19.0),
    };
    lines.push(Line { points, district, kind: line_kind, density });
}

fn lay_country(ground: &Ground, i: usize, district: &District, dice: &mut Dice, lines: &mut Vec<Line>) {
    for _ in 0..dice.whole(1, 3) {
        let mut heading = dice.between(0.0, std::f64::consts::TAU);
        let mut p = [district.centre[0] + dice.normal() * 300.0, district.centre[1] + dice.normal() * 300.0];
        let mut points = Vec::new();
        for _ in 0..dice.whole(8, 30) {
            if !ground.holds(p) || ground.is_built_up(p) {
                break;
            }
            points.push(p);
            heading += dice.normal() * 0.22;
            p = [p[0] + 60.0 * heading.cos(), p[1] + 60.0 * heading.sin()];
        }
        if points.len() > 3 {
            lines.push(Line { points, district: i, kind: LineKind::Rural, density: 1.0 / 70.0 });
        }
    }
}

/// Roads from the core to the hamlets and beyond, a name for every piece.
fn lay_radials(ground: &Ground, dice: &mut Dice, lines: &mut Vec<Line>) {
    let hamlets = ground.districts.iter().filter(|d| d.kind == DistrictKind::Hamlet);
    for (angle, beyond) in hamlets.map(|d| (d.centre[1].atan2(d.centre[0]), 0.9)).collect::<Vec<_>>() {
        let phase = dice.between(0.0, std::f64::consts::TAU);
        let mut piece: Vec<Point> = Vec::new();
        let mut r = 120.0;
        let mut limit = 700.0;
        loop {
            let bend = angle + 0.1 * (r / (ground.radius_m * 0.6) + phase).sin();
            let p = [r * bend.cos(), r * bend.sin()];
            let over = !ground.holds(p) || r > ground.reach_m(p) * beyond;
            piece.push(p);
            if over || length(&piece) >= limit {
                if over {
                    piece.pop();
                }
                push_road(ground, std::mem::take(&mut piece), lines);
                if over {
                    break;
                }
                piece.push(p);
                limit = dice.between(500.0, 1400.0);
            }
            r += 30.0;
        }
    }
}

fn push_road(ground: &Ground, points: Vec<Point>, lines: &mut Vec<Line>) {
    let Some(middle) = points.get(points.len() / 2).copied() else { return };
    if points.len() < 3 {
        return;
    }
    if ground.is_built_up(middle) {
        lines.push(Line { points, district: ground.quarter_at(middle), kind: LineKind::Avenue, density: 1.0 / 17.0 });
        return;
    }
    let near = |i: &usize| distance(ground.districts[*i].centre, middle);
    let country = |i: &usize| ground.districts[*i].kind == DistrictKind::Country;
    let district = (0..ground.districts.len()).filter(country).min_by(|a, b| near(a).total_cmp(&near(b)));
    lines.push(Line { points, district: district.unwrap_or(0), kind: LineKind::Rural, density: 1.0 / 60.0 });
}

pub(super) fn length(points: &[Point]) -> f64 {
    points.windows(2).map(|pair| distance(pair[0], pair[1])).sum()
}

/// Doors along both sides of every street: odd on the left, even on the right, some with an exponent.
pub(super) fn open_doors(ground: &Ground, streets: &mut [Street], households: u32, seed: u64) -> Vec<Door> {
    let target = f64::from(households) * DOORS_PER_HOUSEHOLD;
    let expected: f64 = streets.iter().map(|s| 2.0 * length(&s.line) * s.density).sum();
    // Exponents add doors.
    let scale = (target / expected / 1.1).min(1.2);
    let mut doors = Vec::with_capacity(target as usize + 1024);
    for (i, street) in streets.iter_mut().enumerate() {
        let mut dice = Dice::new(seed, Stage::Doors, i as u64);
        let before = doors.len();
        for side in [1_u16, 2] {
            open_side(ground, street, i, (side, street.density * scale), &mut dice, &mut doors);
        }
        street.doors = (doors.len() - before) as u32;
    }
    doors
}

fn open_side(ground: &Ground, street: &Street, i: usize, side: (u16, f64), dice: &mut Dice, doors: &mut Vec<Door>) {
    let (side, density) = side;
    let kind = ground.districts[street.district as usize].kind;
    let total = length(&street.line);
    let mut t = dice.between(0.2, 1.0) / density;
    let mut number = side;
    while t < total && number < 9000 {
        let (p, direction) = along(&street.line, t);
        let off = if side == 1 { 8.0 } else { -8.0 } + dice.normal();
        let at = [p[0] - direction[1] * off, p[1] + direction[0] * off];
        if ground.holds(at) {
            let snc = dice.chance(0.004);
            let nearness = 1.6 - 0.9 * (distance(at, [0.0, 0.0]) / ground.radius_m).min(1.0);
            let mut push = |exponent: u8, at: Point, dice: &mut Dice| {
                let number = if snc { 0 } else { number };
                let attraction = if snc { 0.0 } else { attract(kind, nearness, dice) };
                let id = AccessId(FIRST_ACCESS + doors.len() as u64);
                doors.push(Door {
                    id,
                    street: i as u32,
                    number,
                    exponent: if snc { 0 } else { exponent },
                    at,
                    attraction,
                });
            };
            push(0, at, dice);
            let mut exponent = 0;
            while exponent < 7 && !snc && dice.chance(if exponent == 0 { 0.075 } else { 0.3 }) {
                exponent += 1;
                let near = [
                    at[0] + direction[0] * 2.0 * f64::from(exponent),
                    at[1] + direction[1] * 2.0 * f64::from(exponent),
                ];
                push(exponent, if ground.holds(near) { near } else { at }, dice);
            }
        }
        number += if dice.chance(0.06) { 4 } else { 2 };
        t += dice.between(0.6, 1.4) / density;
    }
}

/// Blocks of flats hold many, houses one, shops none; fewer people live further out.
fn attract(kind: DistrictKind, nearness: f64, dice: &mut Dice) -> f32 {
    let (empty, tall) = match kind {
        DistrictKind::Core => (0.3, 0.1),
        DistrictKind::Quarter => (0.18, 0.22),
        DistrictKind::Hamlet | DistrictKind::Country => (0.25, 0.0),
    };
    let draw = dice.unit();
    if draw < empty {
        0.0
    } else if draw > 1.0 - tall {
        (dice.between(2.5, 8.0) * nearness) as f32
    } else {
        (dice.between(0.6, 1.4) * nearness) as f32
    }
}

fn along(line: &[Point], t: f64) -> (Point, Point) {
    let mut left = t;
    for pair in line.windows(2) {
        let d = distance(pair[0], pair[1]);
        let direction = [(pair[1][0] - pair[0][0]) / d, (pair[1][1] - pair[0][1]) / d];
        if left <= d {
            return ([pair[0][0] + direction[0] * left, pair[0][1] + direction[1] * left], direction);
        }
        left -= d;
    }
    (line[line.len() - 1], [1.0, 0.0])
}

/// Gives every street a name of its own.
struct Names {
    taken: HashSet<String>,
    streets: Vec<String>,
    country: Vec<String>,
    given: Vec<String>,
    surnames: Vec<String>,
    /// Streets that side streets may be named after.
    parents: Vec<String>,
}

impl Names {
    fn new() -> Self {
        let given = words::list(words::MEN).into_iter().chain(words::list(words::WOMEN)).collect();
        Self {
            taken: HashSet::new(),
            streets: words::list(words::STREETS),
            country: words::list(words::COUNTRYSIDE),
            given,
            surnames: words::italian_surnames(),
            parents: Vec::new(),
        }
    }

    fn draw(&mut self, kind: LineKind, dice: &mut Dice) -> String {
        loop {
            let name = match kind {
                LineKind::Rural => self.rural(dice),
                LineKind::Lane => {
                    let dug = dice.word(&["VICO", "VICOLO", "VIA", "LARGO", "PIAZZETTA", "SALITA", "VIA"]);
                    format!("{dug} {}", self.name(dice))
                }
                LineKind::Avenue => {
                    let dug = dice.word(&["VIALE", "VIALE", "CORSO", "VIA"]);
                    format!("{dug} {}", self.name(dice))
                }
                LineKind::Street => self.street(dice),
            };
            if self.taken.insert(name.clone()) {
                if name.starts_with("VIA ") && name.len() < 24 {
                    self.parents.push(name.clone());
                }
                return name;
            }
        }
    }

    fn street(&mut self, dice: &mut Dice) -> String {
        let draw = dice.unit();
        if draw < 0.09 && !self.parents.is_empty() {
            let (ordinal, parent) = (*dice.pick(&ORDINALS), dice.pick(&self.parents).clone());
            return format!("TRAVERSA {ordinal} DI {parent}");
        }
        let dug = if draw < 0.13 { dice.word(&["PIAZZA", "LARGO", "PIAZZALE", "VICOLO"]) } else { "VIA" };
        format!("{dug} {}", self.name(dice))
    }

    /// A well-known name while there are some left, then someone's: invented people have streets too.
    fn name(&mut self, dice: &mut Dice) -> String {
        if !self.streets.is_empty() && dice.chance(0.7) {
            let at = dice.index(self.streets.len());
            return self.streets.swap_remove(at);
        }
        format!("{} {}", dice.pick(&self.given), dice.pick(&self.surnames))
    }

    fn rural(&self, dice: &mut Dice) -> String {
        let dug = dice.word(&["CONTRADA", "CONTRADA", "CONTRADA", "LOCALITA'", "STRADA VICINALE", "VIA"]);
        let name = dice.pick(&self.country);
        let part = dice.word(&["", "", "", "", " ALTO", " BASSO", " SUPERIORE", " INFERIORE", " VECCHIO", " NUOVO"]);
        format!("{dug} {name}{part}")
    }
}
