//! Collections against plain walks.

use std::{collections::HashSet, sync::Arc};

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::{
    domain::{
        period::{age_at, date_of},
        score::Finding,
    },
    snapshot::{
        Attribute, Snapshot, Span,
        column::NO_CATEGORY,
        invented::{self, Known},
    },
};

fn collections(snapshot: Snapshot) -> (Arc<Households>, People) {
    let households = Arc::new(Households::new(Arc::new(snapshot)));
    (Arc::clone(&households), People::new(households))
}

/// What a column says of a row; none where only `value` can tell.
fn by_column(collection: &dyn Collection, at: usize, row: Row) -> Option<Value> {
    let field = &collection.fields()[at];
    Some(match collection.column(at) {
        Column::Marks { known, set } => {
            if known.get(row) {
                Value::Flag(set.get(row))
            } else {
                Value::Null
            }
        }
        Column::Days { known, days } => {
            if known.get(row) {
                Value::Date(date_of(days[row.0 as usize]).unwrap())
            } else {
                Value::Null
            }
        }
        Column::Numbers { known, .. } if !known.get(row) => Value::Null,
        Column::Numbers { values, scale, .. } => {
            let part = match values {
                Values::U8(v) => f64::from(v[row.0 as usize]),
                Values::U16(v) => f64::from(v[row.0 as usize]),
                Values::I32(v) => f64::from(v[row.0 as usize]),
                Values::F32(v, _) => f64::from(v[row.0 as usize]),
            };
            match field.kind {
                FieldKind::Whole => Value::Whole(part as i64),
                _ if *field.name == *"distance" => Value::Number(part),
                _ => Value::Number((part / scale * 1e6).round() / 1e6),
            }
        }
        Column::Categories(places) => match places[row.0 as usize] {
            NO_CATEGORY => Value::Null,
            place => Value::Text(field.choices[usize::from(place)].0.clone()),
        },
        Column::Household(of) => {
            let homes = collection.homes().unwrap();
            let home = homes.snapshot().home_of(row);
            assert_eq!(homes.value(of, home), collection.value(at, row));
            return by_column(homes.as_ref(), of, home);
        }
        Column::Named(marks) => {
            let values: Vec<Value> = marks.iter().map(|&mark| collection.value(mark, row)).collect();
            let known = values.iter().any(|value| *value != Value::Null);
            let named = marks.iter().zip(&values).filter(|(_, value)| **value == Value::Flag(true));
            let names = named.map(|(&mark, _)| collection.fields()[mark].name.clone()).collect();
            if known { Value::List(names) } else { Value::Null }
        }
        Column::Plain(values) => values[row.0 as usize].clone(),
        Column::Made => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_column_says_what_the_value_says((snapshot, _) in invented::worlds(120)) {
        let (households, people) = collections(snapshot);
        for collection in [households.as_ref() as &dyn Collection, &people] {
            let names: HashSet<&str> = collection.fields().iter().map(|field| &*field.name).collect();
            prop_assert_eq!(names.len(), collection.fields().len());
            for row in (0..collection.len()).map(Row) {
                prop_assert_eq!(collection.row_of(collection.id(row)), Some(row));
                for at in 0..collection.fields().len() {
                    if let Some(said) = by_column(collection, at, row) {
                        prop_assert_eq!(said, collection.value(at, row), "{}", collection.fields()[at].name);
                    }
                }
            }
            prop_assert_eq!(collection.row_of(u64::MAX), None);
        }
    }

    #[test]
    fn everyone_is_where_they_were_placed((snapshot, known) in invented::worlds(200)) {
        let as_of = snapshot.about().as_of;
        let (households, people) = collections(snapshot);
        prop_assert_eq!(people.len() as usize, known.iter().map(|k| k.members.len()).sum::<usize>());
        for home in &known {
            let home_row = households.row_of(home.id.into()).unwrap();
            for (person, attributes) in &home.members {
                let row = people.row_of((*person).into()).unwrap();
                let value = |name: &str| people.value(people.field(name).unwrap(), row);
                prop_assert_eq!(value("household"), Value::Whole(home.id.into()));
                prop_assert_eq!(value("person"), Value::Whole((*person).into()));
                prop_assert_eq!(people.point(row), households.point(home_row));
                let born = match attributes[0] {
                    Attribute::Day(days) => date_of(days),
                    _ => None,
                };
                prop_assert_eq!(value("birth"), born.map_or(Value::Null, Value::Date));
                let age = born.map_or(Value::Null, |born| Value::Whole(age_at(born, as_of).into()));
                prop_assert_eq!(value("age"), age);
                prop_assert_eq!(value("household_income"), households.value(households.field("income").unwrap(), home_row));
            }
        }
    }

    #[test]
    fn a_box_and_its_people_are_those_of_a_walk((snapshot, _) in invented::worlds(2000), corners in prop::array::uniform4(-0.2..0.2f64), pick in 1u32..9) {
        let [a, b, c, d] = corners;
        let (lon, lat) = invented::LAMEZIA;
        let bbox = BBox { west: lon + a.min(b), south: lat + c.min(d), east: lon + a.max(b), north: lat + c.max(d) };
        let (households, people) = collections(snapshot);
        let walk = |collection: &dyn Collection| -> Vec<Row> {
            (0..collection.len()).map(Row).filter(|&row| bbox.contains(collection.point(row).unwrap())).collect()
        };
        prop_assert_eq!(households.in_box(bbox).iter().collect::<Vec<_>>(), walk(households.as_ref()));
        prop_assert_eq!(people.in_box(bbox).iter().collect::<Vec<_>>(), walk(&people));

        let snapshot = households.snapshot();
        let every = if pick > 4 { pick * 40 } else { pick };
        let homes: Rows = snapshot.all().rows().filter(|row| row.0 % every == 0).collect();
        let slow: Vec<Row> = (0..people.len()).map(Row).filter(|&row| homes.contains(snapshot.home_of(row))).collect();
        prop_assert_eq!(snapshot.spread(&homes).iter().collect::<Vec<_>>(), slow);
        let span = Span { start: pick.min(snapshot.households()), end: (pick * 100).min(snapshot.households()) };
        let slow = (0..people.len()).filter(|&row| (span.start..span.end).contains(&snapshot.home_of(Row(row)).0));
        prop_assert_eq!(snapshot.people_of(span).len() as usize, slow.count());
    }
}

/// Birthdays of leap days, and days on which the snapshot may stand.
#[test]
fn ages_are_full_years() {
    let days: [Date; 5] = [date(2026, 6, 30), date(2024, 2, 29), date(2025, 2, 28), date(2025, 3, 1), date(2026, 1, 1)];
    for as_of in days {
        let birthdays = people::birthdays(as_of);
        for days in (-60_000..20_800).step_by(1) {
            let fast = birthdays.partition_point(|&birthday| days <= birthday) as u8;
            assert_eq!(fast, age_at(date_of(days).unwrap(), as_of), "{days} at {as_of}");
        }
    }
}

#[test]
fn needs_are_the_indicators_in_which_a_household_is_deprived() {
    let mut households: Vec<Known> = invented::households(3, 3, 6, 0.05);
    // Indicator 1 is of health, and so is every fifth after it.
    households[0].findings[2..].copy_from_slice(&[Finding::Deprived; 6]);
    households[1].findings[2..].copy_from_slice(&[Finding::Unknown; 6]);
    households[2].findings[2..].copy_from_slice(&[Finding::Sound; 6]);
    let ids: Vec<u64> = households.iter().map(|k| k.id.into()).collect();
    let (households, people) = collections(invented::freeze(invented::schema(6), &households));
    let needs = |id: u64, name: &str| {
        let row = households.row_of(id).unwrap();
        households.value(households.field(name).unwrap(), row)
    };
    let list = |names: &[&str]| Value::List(names.iter().map(|name| Box::from(*name)).collect());
    let others = ["indicator_0", "indicator_2", "indicator_3", "indicator_4", "indicator_5"];
    assert_eq!(needs(ids[0], "needs"), list(&others));
    assert_eq!(needs(ids[0], "health_needs"), list(&["indicator_1"]));
    assert_eq!((needs(ids[1], "needs"), needs(ids[2], "needs")), (Value::Null, list(&[])));
    let guard = |name: &str| households.fields()[households.field(name).unwrap()].sensitivity;
    assert_eq!((guard("needs"), guard("health_needs")), (Sensitivity::Personal, Sensitivity::Health));
    assert!(people.field("needs").is_some());
}
