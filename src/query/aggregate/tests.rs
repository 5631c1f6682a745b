//! Measured groups against a walk that knows only the values.

use std::sync::Arc;

use geo::{LineString, Polygon};
use proptest::prelude::*;

use super::*;
use crate::domain::feature::Feature;
use crate::query::{
    budget::Budget,
    collection::{Households, People},
    page,
};
use crate::snapshot::{
    Rows, grid,
    invented::{self, LAMEZIA},
    layer::Layer,
    schema::Titles,
};

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
        Value::Whole(whole) => Some(*whole as f64),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

/// Squares side by side, one over another, over the middle of the town.
fn squares() -> ReferenceLayer {
    let square = |at: u64| {
        let (x, y) = (LAMEZIA.0 - 0.06 + (at % 4) as f64 * 0.03, LAMEZIA.1 - 0.03 + (at / 4) as f64 * 0.025);
        let ring = LineString::from(vec![(x, y), (x + 0.03, y), (x + 0.03, y + 0.03), (x, y + 0.03), (x, y)]);
        Feature { id: at + 1, geometry: Polygon::new(ring, vec![]).into(), properties: vec![] }
    };
    ReferenceLayer::new(Arc::new(Layer::freeze("squares", Titles::default(), (0..8).map(square).collect())))
}

fn key(collection: &dyn Collection, squares: &ReferenceLayer, grouping: &Grouping, row: Row) -> Key {
    let point = collection.point(row).unwrap();
    match grouping {
        Grouping::Hex(resolution) => Key::Cell(grid::cell_at(point, grid::ROW_RESOLUTION).parent(*resolution).unwrap()),
        Grouping::Areas(_) => {
            use geo::Intersects as _;
            let holds = |area: &Row| squares.geometry(*area).intersects(&geo::Point::new(point.lon(), point.lat()));
            (0..squares.len()).map(Row).find(holds).map_or(Key::Outside, Key::Area)
        }
        Grouping::Field(field) => Key::Value(collection.value(*field, row)),
    }
}

/// The slow twin.
fn walk(collection: &dyn Collection, rows: &[Row], measures: &[Measure]) -> Figures {
    let home = |row: Row| match collection.homes() {
        Some(homes) => homes.snapshot().home_of(row).0,
        None => row.0,
    };
    let people = |row: Row| match collection.snapshot() {
        Some(snapshot) => u32::from(snapshot.people_at(row)),
        None => 1,
    };
    let (people, rows_len) = (rows.iter().map(|&row| people(row)).sum(), rows.len() as u32);
    let households = rows.iter().map(|&row| home(row)).collect::<std::collections::BTreeSet<u32>>().len() as u32;
    let value = |measure: &Measure| {
        let known = |field: usize| -> Vec<f64> {
            rows.iter().filter_map(|&row| number(&collection.value(field, row))).collect()
        };
        let (number, known) = match measure {
            Measure::Rows => (Some(f64::from(rows_len)), rows_len),
            Measure::Households => (Some(f64::from(households)), rows_len),
            Measure::People => (Some(f64::from(people)), rows_len),
            Measure::Sum(field) => (Some(known(*field).iter().sum()), known(*field).len() as u32),
            Measure::Mean(field) | Measure::Share(field) => {
                let known = known(*field);
                let mean = known.iter().sum::<f64>() / known.len() as f64;
                ((!known.is_empty()).then_some(mean), known.len() as u32)
            }
            Measure::Quantiles(field, shares) => {
                let mut known = known(*field);
                known.sort_by(f64::total_cmp);
                let at = |share: &f64| {
                    let place = share * (known.len() as f64 - 1.0);
                    let low = known.get(place.floor() as usize)?;
                    Some(low + (known[place.ceil() as usize] - low) * place.fract())
                };
                return Figure { numbers: shares.iter().map(at).collect(), known: known.len() as u32 };
            }
        };
        Figure { numbers: [number].into(), known }
    };
    Figures { rows: rows_len, households, people, values: measures.iter().map(value).collect() }
}

/// Numbers are summed in 4,096ths of one: each row may be off by half of it, and a mean by as much.
fn alike(a: &Figures, b: &Figures, measures: &[Measure]) -> bool {
    let near = |a: &Option<f64>, b: &Option<f64>, rows: u32| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= f64::from(rows.max(1)) / 8_192.0 + 1e-5 + b.abs() * 1e-6,
        (a, b) => a == b,
    };
    (a.rows, a.households, a.people) == (b.rows, b.households, b.people)
        && a.values.len() == b.values.len()
        && a.values.iter().zip(&b.values).zip(measures).all(|((a, b), measure)| {
            let rows = if matches!(measure, Measure::Sum(_)) { a.known } else { 1 };
            a.known == b.known
                && a.numbers.len() == b.numbers.len()
                && a.numbers.iter().zip(&b.numbers).all(|(a, b)| near(a, b, rows))
        })
}

fn check(collection: &dyn Collection, selection: &Selection, grouping: &Grouping, measures: &[Measure]) {
    let squares = squares();
    let found = answer(collection, selection, Some(grouping), measures).unwrap();
    let rows: Vec<Row> = selection.rows().iter().collect();
    assert!(alike(&found.total, &walk(collection, &rows, measures), measures), "{:?}", found.total);
    let mut groups: Vec<(Key, Vec<Row>)> = Vec::new();
    for &row in &rows {
        let key = key(collection, &squares, grouping, row);
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    groups.sort_by(|(a, _), (b, _)| match (a, b) {
        (Key::Cell(a), Key::Cell(b)) => a.cmp(b),
        (Key::Area(a), Key::Area(b)) => a.cmp(b),
        (Key::Value(a), Key::Value(b)) => page::compare(a, b),
        (a, _) => {
            if *a == Key::Outside {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Less
            }
        }
    });
    assert_eq!(found.groups.len(), groups.len());
    for ((key, figures), (slow_key, rows)) in found.groups.iter().zip(&groups) {
        assert_eq!(key, slow_key);
        let slow = walk(collection, rows, measures);
        assert!(alike(figures, &slow, measures), "{key:?}: {figures:?} {slow:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn groups_are_those_of_a_walk((snapshot, _) in invented::worlds(250), share in 0u32..=100, resolution in 5u8..=12, field in any::<prop::sample::Index>(), measured in any::<prop::sample::Index>()) {
        let households = Arc::new(Households::new(Arc::new(snapshot)));
        let people = People::new(Arc::clone(&households));
        for collection in [&*households as &dyn Collection, &people] {
            let rows: Rows = (0..collection.len()).map(Row).filter(|row| (row.0.wrapping_mul(2_654_435_761) >> 16) % 100 < share).collect();
            let selection = match collection.snapshot() {
                Some(snapshot) => Selection::of_households(rows, Arc::clone(snapshot)),
                None => Selection::new(rows, collection.len()),
            };
            let of_kind = |kinds: &[FieldKind]| -> Vec<usize> {
                (0..collection.fields().len()).filter(|&at| kinds.contains(&collection.fields()[at].kind) && !is_name(&collection.fields()[at].name)).collect()
            };
            let numbers = of_kind(&[FieldKind::Whole, FieldKind::Number]);
            let (flags, number) = (of_kind(&[FieldKind::Flag]), numbers[measured.index(numbers.len())]);
            let measures = [
                Measure::Households, Measure::People, Measure::Rows, Measure::Sum(number), Measure::Mean(number),
                Measure::Quantiles(number, [0.0, 0.3, 0.5, 1.0].into()), Measure::Share(flags[measured.index(flags.len())]),
            ];
            let few = of_kind(&[FieldKind::Whole, FieldKind::Flag, FieldKind::Text, FieldKind::Date]);
            let assignment = Assignment::new(collection, &squares(), &Budget::default()).unwrap();
            for grouping in [
                Grouping::Hex(Resolution::try_from(resolution).unwrap()),
                Grouping::Areas(Arc::new(assignment)),
                Grouping::Field(few[field.index(few.len())]),
            ] {
                check(collection, &selection, &grouping, &measures);
            }
        }
    }
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let (snapshot, _) = invented::world(1, 50, 2, 0.1);
    let households = Households::new(Arc::new(snapshot));
    let selection = Selection::new(Rows::default(), households.len());
    let place = |name: &str| households.field(name).unwrap();
    for measure in [
        Measure::Sum(place("household")),
        Measure::Mean(place("fragile")),
        Measure::Share(place("isee")),
        Measure::Quantiles(place("isee"), [].into()),
        Measure::Quantiles(place("isee"), [1.5].into()),
        Measure::Quantiles(place("isee"), [f64::NAN].into()),
    ] {
        assert!(answer(&households, &selection, None, std::slice::from_ref(&measure)).is_err(), "{measure:?}");
    }
    let by = |grouping| answer(&households, &selection, Some(&grouping), &[]);
    assert!(by(Grouping::Field(place("isee"))).is_err() && by(Grouping::Hex(Resolution::Thirteen)).is_err());
    assert!(answer(&squares(), &selection, None, &[Measure::People]).is_err());
    assert!(answer(&squares(), &selection, Some(&Grouping::Hex(Resolution::Nine)), &[]).is_err());
}
