//! Memory and time by the number of households, and the law by which they grow to the nation's 26,000,000.

use std::sync::Arc;

use atlante::{
    app::{Ingredients, World},
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
const SIZES: [u32; 4] = [420_000, 1_000_000, 2_000_000, 4_000_000];

/// What a size took.
struct Measured {
    households: f64,
    people: f64,
    snapshot: f64,
    residents: f64,
    world: f64,
    decode_s: f64,
}

/// Prints a line for each size, then the law.
pub fn measure(table: &mut Table) {
    let doors = doors();
    let measured: Vec<Measured> = SIZES.iter().map(|&households| one(table, &doors, households)).collect();
    let law = |of: &dyn Fn(&Measured) -> f64, by: &dyn Fn(&Measured) -> f64| {
        let points: Vec<(f64, f64)> = measured.iter().map(|m| (by(m), of(m))).collect();
        fit(&points)
    };
    let per_person = measured.last().map_or(0.0, |m| m.people / m.households);
    let laws = [
        ("snapshot, households", law(&|m| m.snapshot, &|m| m.households), NATION),
        ("snapshot, people", law(&|m| m.residents, &|m| m.people), NATION * per_person),
        ("all else that is served (process less snapshot)", law(&|m| m.world, &|m| m.households), NATION),
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

/// Doors in clusters over the whole of Italy.
fn doors() -> Vec<LonLat> {
    const TOWNS: usize = 7_900;
    const EACH: usize = 60;
    let mut dice = Dice(7);
    let mut doors = Vec::with_capacity(TOWNS * EACH);
    for _ in 0..TOWNS {
        let (lon, lat) = (7.0 + dice.unit() * 11.0, 37.0 + dice.unit() * 9.5);
        for _ in 0..EACH {
            let near = |dice: &mut Dice| (dice.unit() + dice.unit() - 1.0) * 0.03;
            doors.extend(LonLat::new(lon + near(&mut dice), lat + near(&mut dice)));
        }
    }
    doors
}

fn one(table: &mut Table, doors: &[LonLat], households: u32) -> Measured {
    let before = resident_bytes();
    let (snapshot, made) = once(|| invented::snapshot(doors, households));
    let (encoded, encode) = once(|| snapshot.encode());
    drop(snapshot);
    let (snapshot, decode) = once(|| Arc::new(Snapshot::decode(&encoded).expect("what was just encoded")));
    let stored = encoded.len() as f64;
    drop(encoded);
    let (own, residents) = (snapshot.heap_bytes() as f64, snapshot.residents().heap_bytes() as f64);
    let parts = Ingredients { snapshot: Arc::clone(&snapshot), layers: vec![], streets: &[], accesses: &[] };
    let (world, built) = once(|| {
        let world = World::new(parts).expect("a world");
        world.warm();
        world
    });
    let world_bytes = resident_bytes().saturating_sub(before) as f64 - own - residents;
    drop(world);
    let (n, people) = (f64::from(households), f64::from(snapshot.people()));
    table.note(
        format!("nation: {households} households, {people} people"),
        "",
        format!(
            "{:.1} B a household, {:.1} B a person, {:.0} B the rest",
            own / n,
            residents / people,
            world_bytes / n
        ),
    );
    table.note(
        format!("  built {:.1} s, {:.0} B a household stored", made.wall_s, stored / n),
        "",
        format!("encoded {:.2} s, decoded {:.2} s, served {:.2} s", encode.wall_s, decode.wall_s, built.wall_s),
    );
    Measured { households: n, people, snapshot: own, residents, world: world_bytes, decode_s: decode.wall_s }
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
