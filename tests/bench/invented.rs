//! Invented households and their people, with every kind of property, at the doors of an invented town.

use std::collections::HashMap;

use atlante::{
    domain::{
        geo::LonLat,
        household::HouseholdId,
        person::PersonId,
        place::{Access, Street},
        score::{Dimension, Finding, Score},
    },
    ingest::civics,
    snapshot::{
        About, Attribute, Builder, HouseholdRow, PersonRow, Snapshot,
        schema::{Indicator, Schema, Sensitivity, Titles, household_attributes, person_attributes},
    },
    synth,
};
use jiff::civil::date;

use crate::{gauge::Dice, town::civics_of};

const INDICATORS: usize = 23;

/// Streets and accesses of an invented town of so many households.
pub fn ground(households: u32) -> (Vec<Street>, Vec<Access>) {
    let mut files: HashMap<String, Vec<u8>> = HashMap::new();
    synth::town(households, 1).write(&mut |name, bytes| {
        if name.starts_with("civics/") {
            files.entry(name.to_owned()).or_default().extend_from_slice(bytes);
        }
    });
    let files: Vec<civics::File<'_>> = files.iter().map(|(name, bytes)| civics::File { name, bytes }).collect();
    let read = civics_of(&files);
    (read.streets, read.accesses)
}

/// Where the accesses are.
pub fn doors(accesses: &[Access]) -> Vec<LonLat> {
    accesses.iter().filter_map(|access| access.point).collect()
}

fn schema() -> Schema {
    let indicator = |at: usize| Indicator {
        key: format!("indicator_{at}").into(),
        dimension: Dimension::ALL[at % 5],
        title: Titles::new("Indicatore", "Indicator"),
        description: Titles::new("Uno.", "One."),
        sensitivity: Sensitivity::Personal,
    };
    let indicators: Vec<Indicator> = (0..INDICATORS).map(indicator).collect();
    let schema = Schema::new(&indicators, &household_attributes()).expect("a sound schema");
    schema.with_people(&person_attributes()).expect("a sound table of people")
}

/// So many households at doors drawn at random, 2.4 people in each.
pub fn snapshot(doors: &[LonLat], households: u32) -> Snapshot {
    let about = About {
        comune: synth::COMUNE.parse().expect("a comune's code"),
        name: synth::NAME.into(),
        as_of: date(2026, 6, 30),
        model_id: "bench".into(),
        model_version: "1".into(),
        model_title: Titles::new("Prova", "Trial"),
    };
    let mut builder = Builder::new(about, schema());
    let mut dice = Dice(1);
    let mut next = 0;
    for id in 0..households {
        let door = doors[dice.below(doors.len())];
        next += place(&mut builder, &mut dice, HouseholdId(id), door, next);
    }
    builder.freeze().expect("households that differ")
}

/// Places a household and answers how many people it has.
fn place(builder: &mut Builder, dice: &mut Dice, household: HouseholdId, point: LonLat, first_person: u32) -> u32 {
    let finding = |dice: &mut Dice, share: f64| match dice.unit() {
        x if x < 0.05 => Finding::Unknown,
        x if x < 0.05 + share => Finding::Deprived,
        _ => Finding::Sound,
    };
    let findings: Vec<Finding> = (0..INDICATORS).map(|at| finding(dice, 0.3 / (1.0 + at as f64))).collect();
    let score = |dice: &mut Dice| Score::new((dice.unit().powi(3) * 100.0).round() as f32 / 100.0).ok();
    let people = [1, 1, 1, 2, 2, 2, 3, 3, 4, 5][dice.below(10)];
    let values: Vec<[Attribute; 10]> = (0..people).map(|_| person(dice)).collect();
    let members: Vec<PersonRow<'_>> = (first_person..)
        .zip(&values)
        .map(|(person, attributes)| PersonRow { person: PersonId(person), attributes })
        .collect();
    let row = HouseholdRow {
        household,
        point,
        members: &members,
        fragility: score(dice),
        dimensions: std::array::from_fn(|_| score(dice)),
        fragile: finding(dice, 0.12),
        uncovered: finding(dice, 0.04),
        findings: &findings,
        attributes: &[
            Attribute::Count(people as u16),
            Attribute::Count(dice.below(people as usize) as u16),
            Attribute::Count(dice.below(2) as u16),
            cents(dice, 0.5, 6_000_000),
            Attribute::Category(dice.below(3) as u8),
            Attribute::Flag(people == 1),
            Attribute::Flag(dice.unit() < 0.02),
            Attribute::Flag(dice.unit() < 0.05),
            Attribute::Count(u16::from(dice.unit() < 0.08)),
            cents(dice, 0.6, 300_000),
            Attribute::Count(20 + dice.below(75) as u16),
            cents(dice, 0.7, 9_000_000),
            Attribute::Count(dice.below(4) as u16),
        ],
    };
    builder.place(&row).expect("a row that fits");
    people
}

fn cents(dice: &mut Dice, known: f64, most: usize) -> Attribute {
    if dice.unit() < known { Attribute::Cents(dice.below(most) as i32) } else { Attribute::Unknown }
}

/// One value per property of people.
fn person(dice: &mut Dice) -> [Attribute; 10] {
    let mut category = |most: usize| Attribute::Category(dice.below(most) as u8);
    let [sex, kinship, citizenship, source] = [2, 4, 3, 4].map(&mut category);
    [
        Attribute::Day(20_600 - dice.below(36_000) as i32),
        sex,
        kinship,
        citizenship,
        cents(dice, 0.6, 6_000_000),
        source,
        Attribute::Count(if dice.unit() < 0.06 { 34 + dice.below(67) as u16 } else { 0 }),
        Attribute::Flag(dice.unit() < 0.02),
        Attribute::Category(if dice.unit() < 0.02 { 1 + dice.below(3) as u8 } else { 0 }),
        Attribute::Flag(dice.unit() < 0.002),
    ]
}
