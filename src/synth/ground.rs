//! The ground plan: boundary, districts, and where a point of the plane lies. Metres east and north of the centre.

use super::dice::{Dice, Stage};
use crate::domain::geo::{LonLat, METRES_PER_LAT};

pub(super) type Point = [f64; 2];

/// Where the invented town stands.
const CENTRE: (f64, f64) = (13.42, 42.03);
/// Corners of the boundary.
const CORNERS: usize = 240;
/// Town radius in metres for twenty thousand households; it grows with the square root.
const RADIUS_M: f64 = 1500.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DistrictKind {
    Core,
    Quarter,
    Hamlet,
    Country,
}

/// What kind of people live in a district.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Character {
    /// −1 poor to 1 rich.
    pub(super) wealth: f64,
    /// −1 young to 1 old.
    pub(super) age: f64,
    /// Share of foreign households.
    pub(super) foreign: f64,
    /// Share of public housing.
    pub(super) public: f64,
}

#[derive(Clone, Debug)]
pub(super) struct District {
    pub(super) name: String,
    pub(super) kind: DistrictKind,
    pub(super) centre: Point,
    /// Radians from east.
    pub(super) angle: f64,
    /// Distance between parallel streets.
    pub(super) block_m: f64,
    pub(super) character: Character,
}

pub(super) struct Ground {
    seed: u64,
    /// Radius of the built-up town.
    pub(super) radius_m: f64,
    pub(super) boundary: Vec<Point>,
    pub(super) districts: Vec<District>,
}

fn polar(radius: f64, angle: f64) -> Point {
    [radius * angle.cos(), radius * angle.sin()]
}

pub(super) fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Degrees, rounded to the seven decimals of the register.
pub(super) fn to_degrees(p: Point) -> LonLat {
    let round = |v: f64| (v * 1e7).round() / 1e7;
    let lon = CENTRE.0 + p[0] / (METRES_PER_LAT * CENTRE.1.to_radians().cos());
    LonLat::new(round(lon), round(CENTRE.1 + p[1] / METRES_PER_LAT)).expect("a town of any size we make stays on Earth")
}

impl Ground {
    pub(super) fn new(households: u32, seed: u64) -> Self {
        let scale = (f64::from(households.max(50)) / 20_000.0).sqrt();
        let mut ground = Self { seed, radius_m: RADIUS_M * scale, boundary: Vec::new(), districts: Vec::new() };
        ground.boundary = (0..CORNERS).map(|i| ground.on_boundary(i as f64 / CORNERS as f64)).collect();
        let mut dice = Dice::new(seed, Stage::Plan, 0);
        let quarters = (14.0 * scale * scale).clamp(6.0, 400.0) as usize;
        ground.add_core();
        ground.add_quarters(&mut dice, quarters);
        let hamlets = (5.0 * scale).clamp(2.0, 24.0) as usize;
        ground.add_hamlets(&mut dice, hamlets);
        ground.add_country(&mut dice, (quarters * 2).min(200));
        ground
    }

    fn phase(&self, n: u64) -> f64 {
        ((self.seed.wrapping_mul(0x2545_F491_4F6C_DD1D).wrapping_add(n * 7919) >> 33) % 6283) as f64 / 1000.0
    }

    fn on_boundary(&self, turn: f64) -> Point {
        let angle = turn * std::f64::consts::TAU;
        let waves = 0.16 * (2.0 * angle + self.phase(1)).sin()
            + 0.11 * (3.0 * angle + self.phase(2)).sin()
            + 0.05 * (7.0 * angle + self.phase(3)).sin()
            + 0.02 * (17.0 * angle + self.phase(4)).sin();
        polar(self.radius_m * 3.2 * (1.0 + waves), angle)
    }

    /// How far the boundary is in a direction, a little less than truth between corners.
    pub(super) fn reach_m(&self, p: Point) -> f64 {
        let turn = p[1].atan2(p[0]).rem_euclid(std::f64::consts::TAU) / std::f64::consts::TAU;
        let at = (turn * CORNERS as f64) as usize % CORNERS;
        let radius = |i: usize| distance(self.boundary[i % CORNERS], [0.0, 0.0]);
        radius(at).min(radius(at + 1)) * 0.99
    }

    pub(super) fn holds(&self, p: Point) -> bool {
        distance(p, [0.0, 0.0]) < self.reach_m(p) * 0.985
    }

    /// Bends the plane a little, so that no street is as straight as it was drawn. Never folds: its slopes stay below 1.
    pub(super) fn bend(&self, p: Point) -> Point {
        let wave = |v: f64, length: f64, n: u64| (v / length * std::f64::consts::TAU + self.phase(n)).sin();
        [
            p[0] + 55.0 * wave(p[1], 1150.0, 21) + 22.0 * wave(p[1], 470.0, 22),
            p[1] + 55.0 * wave(p[0], 1300.0, 23) + 22.0 * wave(p[0], 530.0, 24),
        ]
    }

    /// Parks, yards and fields inside the town: no street crosses them.
    pub(super) fn is_open(&self, p: Point) -> bool {
        let wave = |v: f64, length: f64, n: u64| (v / length + self.phase(n)).sin();
        wave(p[0], 150.0, 31) * wave(p[1], 130.0, 32) + 0.3 * wave(p[0] + p[1], 90.0, 33) > 0.97
    }

    /// Radius of a hamlet in a direction.
    pub(super) fn hamlet_radius_m(&self, district: &District, p: Point) -> f64 {
        let angle = (p[1] - district.centre[1]).atan2(p[0] - district.centre[0]);
        let waves =
            0.25 * (2.0 * angle + district.angle * 9.0).sin() + 0.15 * (3.0 * angle + district.angle * 5.0).sin();
        (190.0 + 90.0 * self.radius_m / RADIUS_M) * (1.0 + waves)
    }

    /// Radius of the built-up town in a direction.
    fn edge_m(&self, p: Point) -> f64 {
        let angle = p[1].atan2(p[0]);
        self.radius_m * (1.0 + 0.12 * (3.0 * angle + self.phase(5)).sin() + 0.07 * (5.0 * angle + self.phase(6)).sin())
    }

    pub(super) fn is_built_up(&self, p: Point) -> bool {
        distance(p, [0.0, 0.0]) < self.edge_m(p)
    }

    pub(super) fn is_core(&self, p: Point) -> bool {
        distance(p, [0.0, 0.0]) < (self.radius_m * 0.22).clamp(150.0, 700.0)
    }

    pub(super) fn quarters(&self) -> usize {
        self.districts.iter().filter(|d| d.kind == DistrictKind::Quarter).count()
    }

    /// The district of a built-up point.
    pub(super) fn quarter_at(&self, p: Point) -> usize {
        if self.is_core(p) {
            return 0;
        }
        let near = |d: &District| if d.kind == DistrictKind::Quarter { distance(d.centre, p) } else { f64::INFINITY };
        let nearest = self.districts.iter().enumerate().min_by(|a, b| near(a.1).total_cmp(&near(b.1)));
        nearest.map_or(0, |(i, _)| i)
    }

    /// A slow wave over the plane, −1 to 1: the rich side and the poor side of town.
    fn side(&self, p: Point) -> f64 {
        let (x, y) = (p[0] / self.radius_m, p[1] / self.radius_m);
        0.6 * (1.7 * x + 0.9 * y + self.phase(7)).sin() + 0.4 * (2.3 * y - 1.1 * x + self.phase(8)).sin()
    }

    fn add_core(&mut self) {
        let character = Character { wealth: -0.15, age: 0.35, foreign: 0.2, public: 0.02 };
        self.districts.push(District {
            name: "Centro storico".to_owned(),
            kind: DistrictKind::Core,
            centre: [0.0, 0.0],
            angle: 0.3,
            block_m: 40.0,
            character,
        });
    }

    fn add_quarters(&mut self, dice: &mut Dice, count: usize) {
        for i in 0..count {
            // A sunflower spiral spreads the centres evenly; a shake takes the pattern away.
            let radius = self.radius_m * ((i as f64 + 2.0) / (count as f64 + 2.0)).sqrt();
            let at = polar(radius, i as f64 * 2.399_963 + self.phase(9));
            let shake = self.radius_m / (count as f64).sqrt() * 0.3;
            let centre = [at[0] + dice.normal() * shake, at[1] + dice.normal() * shake];
            let kind = dice.unit();
            let base = Character {
                wealth: (0.55 * self.side(centre) + 0.2 * dice.normal()).clamp(-0.9, 0.9),
                age: 0.3 * dice.normal() - 0.2 * radius / self.radius_m,
                foreign: 0.06,
                public: 0.02,
            };
            // The first three are sure to be there, whatever the size of the town.
            let (label, character) = match i {
                1 => (
                    "Case Popolari",
                    Character { wealth: -0.95, age: 0.0, foreign: 0.12, public: (0.05 * count as f64).min(0.62) },
                ),
                2 => ("Borgo Stazione", Character { wealth: -0.6, age: -0.3, foreign: 0.38, public: 0.05 }),
                3 => ("Villaggio Belvedere", Character { wealth: 0.95, age: 0.3, foreign: 0.02, public: 0.0 }),
                _ if kind < 0.11 && count > 20 => ("Case Popolari", Character { wealth: -0.9, public: 0.55, ..base }),
                _ if kind < 0.20 => ("Borgo", Character { wealth: -0.5, foreign: 0.3, ..base }),
                _ if kind < 0.30 => ("Villaggio", Character { wealth: 0.9, age: 0.2, ..base }),
                _ => ("Rione", base),
            };
            let name = if (1..4).contains(&i) { label.to_owned() } else { format!("{label} {}", saint(i)) };
            self.districts.push(District {
                name,
                kind: DistrictKind::Quarter,
                centre,
                angle: dice.between(0.0, 1.57),
                block_m: dice.between(58.0, 95.0),
                character,
            });
        }
    }

    fn add_hamlets(&mut self, dice: &mut Dice, count: usize) {
        for i in 0..count {
            let angle = (i as f64 + dice.between(-0.25, 0.25)) / count as f64 * std::f64::consts::TAU + self.phase(10);
            let direction = polar(1.0, angle);
            let centre = polar(self.reach_m(direction) * dice.between(0.58, 0.78), angle);
            self.districts.push(District {
                name: HAMLETS[i % HAMLETS.len()].to_owned(),
                kind: DistrictKind::Hamlet,
                centre,
                angle: dice.between(0.0, 1.57),
                block_m: dice.between(48.0, 70.0),
                character: Character {
                    wealth: dice.between(-0.5, 0.2),
                    age: dice.between(0.3, 0.8),
                    foreign: 0.04,
                    public: 0.01,
                },
            });
        }
    }

    fn add_country(&mut self, dice: &mut Dice, count: usize) {
        for i in 0..count {
            let angle = i as f64 * 2.399_963 + self.phase(11);
            let reach = self.reach_m(polar(1.0, angle));
            let centre = polar(reach * dice.between(0.45, 0.95), angle);
            self.districts.push(District {
                name: format!("Agro {}", i + 1),
                kind: DistrictKind::Country,
                centre,
                angle: dice.between(0.0, std::f64::consts::PI),
                block_m: 0.0,
                character: Character { wealth: dice.between(-0.4, 0.5), age: 0.35, foreign: 0.05, public: 0.0 },
            });
        }
    }
}

const HAMLETS: [&str; 24] = [
    "Pietralunga",
    "Collefiorito",
    "San Vitale",
    "Roccaverde",
    "Fontechiara",
    "Castelvento",
    "Pratosereno",
    "Montelupino",
    "Acquaviva Alta",
    "Cerquabella",
    "Torrebruna",
    "Valleombrosa",
    "Selvapiana",
    "Poggiomoro",
    "Santa Brigida",
    "Campodoro",
    "Rivafredda",
    "Ginestrella",
    "Ponteforte",
    "Casalnovo",
    "Montecorvo",
    "Serralta",
    "Olivella",
    "Borgo Nuovo",
];

fn saint(i: usize) -> String {
    const SAINTS: [&str; 20] = [
        "San Lorenzo",
        "Santa Chiara",
        "San Rocco",
        "San Giusto",
        "Sant'Elia",
        "San Biagio",
        "Santa Barbara",
        "San Vito",
        "Sant'Orsola",
        "San Paolo",
        "Santa Lucia",
        "San Leonardo",
        "San Donato",
        "Santa Croce",
        "San Pio",
        "San Cesareo",
        "Santa Rosa",
        "San Valentino",
        "Sant'Ilario",
        "San Felice",
    ];
    let name = SAINTS[i % SAINTS.len()];
    if i < SAINTS.len() { name.to_owned() } else { format!("{name} {}", i / SAINTS.len() + 1) }
}
