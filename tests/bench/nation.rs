//! Memory and time by the number of households, and the law by which they grow to the nation's 26,000,000.

use std::sync::Arc;

use atlante::{
    access::{
        Actor, ExactFigures, disclose, grant,
        hexes::{Prepared, RESOLUTIONS},
    },
    domain::geo::LonLat,
    snapshot::Snapshot,
};

use crate::{
    Table,
    gauge::{Dice, once, resident_bytes},
    invented,
};

/// Households of Italy (ISTAT 2023), about.
const NATION: f64 = 26e6;
/// What is measured; the largest takes less than 14 GiB while it is built.
const SIZES: [u32; 3] = [420_000, 1_000_000, 2_000_000];

/// What a size took.
struct Measured {
    households: f64,
    people: f64,
    snapshot: f64,
    residents: f64,
    hexagons: f64,
    decode_s: f64,
}

/// Prints a line for each size, then the law.
pub fn measure(table: &mut Table) {
    let measured: Vec<Measured> = SIZES.iter().map(|&households| one(table, households)).collect();
    let law = |of: &dyn Fn(&Measured) -> f64, by: &dyn Fn(&Measured) -> f64| {
        let points: Vec<(f64, f64)> = measured.iter().map(|m| (by(m), of(m))).collect();
        fit(&points)
    };
    let per_person = measured.last().map_or(0.0, |m| m.people / m.households);
    let laws = [
        ("snapshot, households", law(&|m| m.snapshot, &|m| m.households), NATION),
        ("snapshot, people", law(&|m| m.residents, &|m| m.people), NATION * per_person),
        ("hexagons of both policies", law(&|m| m.hexagons, &|m| m.households), NATION),
    ];
    let mut total = 0.0;
    for (what, (fixed, each, error), at) in laws {
        let nation = fixed + each * at;
        total += nation;
        let said = format!("{:.0} kB + {each:.1} B each, ± {:.1} %", fixed / 1e3, error * 100.0);
        table.note(format!("nation: law of {what}"), "stated", format!("{said}: {:.2} GB", nation / 1e9));
    }
    let (_, decode, _) = law(&|m| m.decode_s, &|m| m.households);
    let said = format!("{:.1} GB, decoded in {:.0} s", total / 1e9, decode * NATION);
    table.note("nation: 26,000,000 households by these laws", "stated", said);
}

/// A door for each household, in towns of 3,300 households over the whole of Italy, as dense as Lamezia: nine households to
/// a hexagon of resolution 10.
fn doors(households: u32) -> Vec<LonLat> {
    const TOWN: u32 = 3_300;
    let mut dice = Dice(7);
    let mut doors = Vec::with_capacity(households as usize);
    for _ in 0..households.div_ceil(TOWN) {
        let (lon, lat) = (7.0 + dice.unit() * 11.0, 37.0 + dice.unit() * 9.5);
        for _ in 0..TOWN {
            let near = |dice: &mut Dice| (dice.unit() + dice.unit() - 1.0) * 0.013;
            doors.extend(LonLat::new(lon + near(&mut dice), lat + near(&mut dice)));
        }
    }
    doors
}

fn one(table: &mut Table, households: u32) -> Measured {
    let (snapshot, made) = once(|| invented::snapshot(&doors(households), households));
    let (encoded, encode) = once(|| snapshot.encode());
    drop(snapshot);
    let (snapshot, decode) = once(|| Arc::new(Snapshot::decode(&encoded).expect("what was just encoded")));
    let stored = encoded.len() as f64;
    drop(encoded);
    let (own, residents) = (snapshot.heap_bytes() as f64, snapshot.residents().heap_bytes() as f64);
    let before = resident_bytes();
    let prepared = Prepared::new(&snapshot);
    prepared.warm();
    let hexagons = resident_bytes().saturating_sub(before) as f64;
    let count = exact_hexagons(&prepared);
    let (n, people) = (f64::from(households), f64::from(snapshot.people()));
    table.note(
        format!("nation: {households} households, {people} people, {count} exact hexagons"),
        "",
        format!("{:.1} B a household, {:.1} B a person", own / n, residents / people),
    );
    let beside = format!("hexagons {:.0} B a household", hexagons / n);
    table.note(format!("  built in {:.1} s, {:.0} B a household stored", made.wall_s, stored / n), "", beside);
    table.note("  encoded, decoded", "", format!("{:.2} s, {:.2} s", encode.wall_s, decode.wall_s));
    Measured { households: n, people, snapshot: own, residents, hexagons, decode_s: decode.wall_s }
}

fn exact_hexagons(prepared: &Prepared) -> usize {
    let office = Actor::local_operator("bench");
    let grant = grant::<ExactFigures>(&office).expect("an office may read exact figures");
    let (hexes, _) = disclose::hexes(&grant, prepared);
    RESOLUTIONS.iter().map(|&resolution| hexes.level(resolution).len()).sum()
}

/// Least squares: what is fixed, what each adds, and the greatest relative distance from the law.
fn fit(points: &[(f64, f64)]) -> (f64, f64, f64) {
    let n = points.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(&|p| p.0), mean(&|p| p.1));
    let slope = mean(&|p| (p.0 - x) * (p.1 - y)) / mean(&|p| (p.0 - x).powi(2));
    let fixed = y - slope * x;
    let far = |(at, is): &(f64, f64)| ((fixed + slope * at - is) / is).abs();
    (fixed, slope, points.iter().map(far).fold(0.0, f64::max))
}
