//! Invented worlds for tests: clustered households around Lamezia with every kind of property.

use jiff::civil::date;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::domain::{
    geo::LonLat,
    household::HouseholdId,
    person::PersonId,
    score::{Dimension, Finding, Score},
};

use super::{
    About, Attribute, Builder, HouseholdRow, PersonRow, Snapshot,
    schema::{Indicator, Kind, Property, Schema, Sensitivity, Titles, Unit, household_attributes, person_attributes},
};

/// A household as the test knows it, beside the snapshot.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) id: u32,
    pub(crate) point: LonLat,
    pub(crate) people: u16,
    pub(crate) members: Vec<(u32, Vec<Attribute>)>,
    pub(crate) scores: [Option<f32>; 6],
    pub(crate) findings: Vec<Finding>,
    pub(crate) attributes: Vec<Attribute>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.id)
    }
}

pub(crate) const LAMEZIA: (f64, f64) = (16.31, 38.965);

pub(crate) fn about() -> About {
    About {
        comune: "M208".parse().unwrap(),
        name: "Lamezia Terme".into(),
        as_of: date(2026, 6, 30),
        model_id: "prova".into(),
        model_version: "1".into(),
        model_title: Titles::new("Prova", "Trial"),
    }
}

pub(crate) fn schema(indicators: usize) -> Schema {
    let indicator = |at: usize| Indicator {
        key: format!("indicator_{at}").into(),
        dimension: Dimension::ALL[at % 5],
        title: Titles::new("Indicatore", "Indicator"),
        description: Titles::new("Uno.", "One."),
        sensitivity: if at % 5 == 1 { Sensitivity::Health } else { Sensitivity::Personal },
    };
    let extra = |key: &str, kind| Property {
        key: key.into(),
        kind,
        unit: Unit::None,
        sensitivity: Sensitivity::Health,
        title: Titles::new(key, key),
        description: Titles::new(key, key),
        dimension: None,
        decimals: 0,
    };
    let mut attributes = household_attributes();
    attributes.push(extra("flagged", Kind::Flag));
    attributes.push(extra("distance", Kind::Number));
    attributes.push(extra("visited", Kind::Day));
    let indicators: Vec<_> = (0..indicators).map(indicator).collect();
    Schema::new(&indicators, &attributes).unwrap().with_people(&person_attributes()).unwrap()
}

/// Households in clusters whose radius is up to `spread` degrees.
pub(crate) fn households(seed: u64, count: u32, indicators: usize, spread: f64) -> Vec<Known> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let clusters: Vec<(f64, f64, f64)> = (0..=count / 150)
        .map(|_| {
            let (x, y) = (rng.random_range(-spread..spread), rng.random_range(-spread..spread));
            (LAMEZIA.0 + x, LAMEZIA.1 + y, rng.random_range(spread / 50.0..spread / 4.0))
        })
        .collect();
    (0..count)
        .map(|at| {
            let (x, y, r) = clusters[rng.random_range(0..clusters.len())];
            let point = LonLat::new(x + r * normal(&mut rng), y + r * normal(&mut rng)).unwrap();
            known(&mut rng, at * 3 + 1, point, indicators)
        })
        .collect()
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..6).map(|_| rng.random::<f64>()).sum::<f64>() - 3.0
}

fn known(rng: &mut ChaCha8Rng, id: u32, point: LonLat, indicators: usize) -> Known {
    let mut maybe = |share: f64| rng.random_bool(share);
    let scores = std::array::from_fn(|_| maybe(0.9)).map(|some: bool| some.then_some(0.0f32));
    let findings = (0..indicators + 2)
        .map(|at| match (maybe(0.95), maybe(0.02 + 0.3 / (1.0 + at as f64))) {
            (false, _) => Finding::Unknown,
            (true, true) => Finding::Deprived,
            (true, false) => Finding::Sound,
        })
        .collect();
    let members: u16 = rng.random_range(1..7);
    let people = members;
    let attributes = vec![
        Attribute::Count(members),
        Attribute::Count(rng.random_range(0..members)),
        Attribute::Count(u16::from(rng.random_bool(0.2))),
        if rng.random_bool(0.5) { Attribute::Cents(rng.random_range(0..6_000_000)) } else { Attribute::Unknown },
        if rng.random_bool(0.9) { Attribute::Category(rng.random_range(0..4)) } else { Attribute::Unknown },
        Attribute::Flag(members == 1),
        Attribute::Flag(rng.random_bool(0.05)),
        if rng.random_bool(0.9) { Attribute::Flag(rng.random_bool(0.05)) } else { Attribute::Unknown },
        Attribute::Count(u16::from(rng.random_bool(0.1))),
        if rng.random_bool(0.3) { Attribute::Cents(rng.random_range(0..300_000)) } else { Attribute::Unknown },
        Attribute::Count(rng.random_range(18..100)),
        if rng.random_bool(0.7) { Attribute::Cents(rng.random_range(0..9_000_000)) } else { Attribute::Unknown },
        Attribute::Count(rng.random_range(0..4)),
        if rng.random_bool(0.9) { Attribute::Flag(rng.random_bool(0.1)) } else { Attribute::Unknown },
        Attribute::Number(rng.random_range(-1000.0..1000.0)),
        if rng.random_bool(0.4) { Attribute::Day(rng.random_range(18_000..20_600)) } else { Attribute::Unknown },
    ];
    let members = (0..members).map(|at| (id * 10 + u32::from(at), person(rng))).collect();
    let scores = scores.map(|score: Option<f32>| score.map(|_| (rng.random::<f32>().powi(3) * 100.0).round() / 100.0));
    Known { id, point, people, members, scores, findings, attributes }
}

/// One value per property of people.
fn person(rng: &mut ChaCha8Rng) -> Vec<Attribute> {
    let mut category = |most: u8| {
        if rng.random_bool(0.95) { Attribute::Category(rng.random_range(0..most)) } else { Attribute::Unknown }
    };
    let [sex, kinship, citizenship, source, frailty] = [2, 5, 3, 4, 4].map(&mut category);
    vec![
        if rng.random_bool(0.98) { Attribute::Day(rng.random_range(-17_000..20_600)) } else { Attribute::Unknown },
        sex,
        kinship,
        citizenship,
        if rng.random_bool(0.5) { Attribute::Cents(rng.random_range(0..6_000_000)) } else { Attribute::Unknown },
        source,
        Attribute::Count(if rng.random_bool(0.1) { rng.random_range(34..=100) } else { 0 }),
        Attribute::Flag(rng.random_bool(0.05)),
        frailty,
        if rng.random_bool(0.9) { Attribute::Flag(rng.random_bool(0.05)) } else { Attribute::Unknown },
    ]
}

pub(crate) fn freeze(schema: Schema, households: &[Known]) -> Snapshot {
    let mut builder = Builder::new(about(), schema);
    for known in households {
        let [fragility, dimensions @ ..] = known.scores.map(|score| score.map(|s| Score::new(s).unwrap()));
        let members: Vec<PersonRow<'_>> =
            known.members.iter().map(|(id, attributes)| PersonRow { person: PersonId(*id), attributes }).collect();
        let row = HouseholdRow {
            household: HouseholdId(known.id),
            point: known.point,
            members: &members,
            fragility,
            dimensions,
            fragile: known.findings[0],
            uncovered: known.findings[1],
            findings: &known.findings[2..],
            attributes: &known.attributes,
        };
        builder.place(&row).unwrap();
    }
    builder.leave_out(3);
    builder.freeze().unwrap()
}

/// A world and what the test knows of it.
pub(crate) fn world(seed: u64, count: u32, indicators: usize, spread: f64) -> (Snapshot, Vec<Known>) {
    let households = households(seed, count, indicators, spread);
    (freeze(schema(indicators), &households), households)
}

/// Worlds of up to so many households, from a hamlet to a scattered countryside.
pub(crate) fn worlds(most: u32) -> impl Strategy<Value = (Snapshot, Vec<Known>)> {
    (any::<u64>(), 0..=most, prop_oneof![Just(0.002), Just(0.02), Just(0.1), Just(0.6)])
        .prop_map(|(seed, count, spread)| world(seed, count, 4, spread))
}
