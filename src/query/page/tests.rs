//! Pages laid end to end are the whole, whatever the filter, the order and the limits.

use geo::Point;
use jiff::civil::date;
use proptest::prelude::*;

use super::{
    super::{
        collection::{Collection, FieldKind, Households, ReferenceLayer},
        moment::Interval,
    },
    *,
};
use crate::domain::feature::{Feature, Value};
use crate::snapshot::{invented, layer::Layer, schema::Titles};
use std::{cmp::Ordering, sync::Arc};

/// Places with every kind of value, many unknown and many alike.
fn places(seed: u64, count: u64) -> ReferenceLayer {
    let feature = |id: u64| {
        let roll = |sides: u64| ((id ^ seed << 20).wrapping_mul(6_364_136_223_846_793_005) >> 33) % sides;
        let known = |value: Value| if roll(7) == 0 { Value::Null } else { value };
        let month = 1 + (roll(12)) as i8;
        let properties = vec![
            ("flag".into(), known(Value::Flag(roll(2) == 0))),
            ("whole".into(), known(Value::Whole(roll(9) as i64 - 4))),
            ("number".into(), known(Value::Number(roll(100) as f64 / 10.0 - 5.0))),
            ("text".into(), known(Value::Text(format!("{}", roll(30)).into()))),
            ("date".into(), known(Value::Date(date(2026, month, 1)))),
            ("instant".into(), known(Value::Instant("2026-01-01T00:00:00Z".parse().unwrap()))),
            ("list".into(), known(Value::List([format!("{}", roll(3)).into()].into()))),
        ];
        let (x, y) = (roll(3600) as f64 / 10.0 - 180.0, roll(1700) as f64 / 10.0 - 85.0);
        Feature { id, geometry: Point::new(x, y).into(), properties }
    };
    ReferenceLayer::new(Arc::new(Layer::freeze("places", Titles::default(), (1..=count).map(feature).collect())))
}

/// The slow twin: every row is compared with every other by its values.
fn sorted(collection: &dyn Collection, rows: &[Row], keys: &[(usize, Direction)]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.sort_by(|&a, &b| {
        for &(field, direction) in keys {
            let (a, b) = (collection.value(field, a), collection.value(field, b));
            let by_value = compare(&a, &b);
            let known = !matches!(a, Value::Null) && !matches!(b, Value::Null);
            let by = if known && direction == Direction::Descending { by_value.reverse() } else { by_value };
            if by != Ordering::Equal {
                return by;
            }
        }
        a.cmp(&b)
    });
    rows
}

fn walked(
    collection: &dyn Collection,
    question: &Question<'_>,
    order: &Order,
    limits: &[usize],
) -> (Vec<Row>, Vec<u64>) {
    let (mut rows, mut matched, mut cursor) = (Vec::new(), Vec::new(), None);
    for limit in limits.iter().cycle() {
        let page = of(collection, question, order, *limit, cursor.as_ref()).unwrap();
        assert!(page.rows.len() <= *limit);
        rows.extend(page.rows);
        matched.push(page.matched);
        let Some(next) = page.next else { break };
        cursor = Some(next.to_string().parse().unwrap());
    }
    (rows, matched)
}

fn directions() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Ascending), Just(Direction::Descending)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pages_of_places_are_the_whole(
        seed: u64, count in 0u64..400, share in 0u32..=100, keys in prop::collection::vec((0usize..7, directions()), 0..3),
        limits in prop::collection::vec(1usize..60, 1..4), west in -180.0..180.0, width in 0.0..360.0, during: bool,
    ) {
        let layer = places(seed, count);
        let filter: Rows = (0..count as u32).map(Row).filter(|row| (row.0.wrapping_mul(2_654_435_761) >> 16) % 100 < share).collect();
        let east = if west + width > 180.0 { west + width - 360.0 } else { west + width };
        let bbox = BBox { west, south: -60.0, east, north: 60.0 };
        let datetime = during.then(|| Interval::parse("2026-03-01/2026-06-30").unwrap());
        let question = Question { filter: Some(&filter), words: "share", bbox: Some(bbox), datetime };
        // Where no date is known there is no field of dates, and nothing is asked of time.
        let dated = layer.fields().iter().any(|field| field.kind == FieldKind::Date);
        let inside = |row: &Row| {
            let point = layer.point(*row).unwrap();
            let wide = if west <= east { (west..=east).contains(&point.lon()) } else { point.lon() >= west || point.lon() <= east };
            let timely = match layer.value(4, *row) {
                Value::Date(day) => day >= date(2026, 3, 1) && day <= date(2026, 6, 30),
                _ => false,
            };
            filter.contains(*row) && wide && point.lat().abs() <= 60.0 && (!during || !dated || timely)
        };
        let whole: Vec<Row> = (0..count as u32).map(Row).filter(inside).collect();
        let order = Order::by(&layer, &if layer.fields().is_empty() { vec![] } else { keys.clone() });
        let (rows, matched) = walked(&layer, &question, &order, &limits);
        prop_assert!(matched.iter().all(|&matched| matched == whole.len() as u64));
        prop_assert_eq!(rows, sorted(&layer, &whole, &keys));
    }

    #[test]
    fn pages_of_households_are_the_whole(
        (snapshot, _) in invented::worlds(300), share in 0u32..=100, keys in prop::collection::vec((0usize..20, directions()), 0..3), limit in 1usize..200,
    ) {
        let households = Households::new(Arc::new(snapshot));
        let keys: Vec<_> = keys.into_iter().map(|(field, direction)| (field % households.fields().len(), direction)).collect();
        let filter: Rows = (0..households.len()).map(Row).filter(|row| (row.0.wrapping_mul(2_654_435_761) >> 16) % 100 < share).collect();
        let question = Question { filter: Some(&filter), ..Question::default() };
        let (rows, _) = walked(&households, &question, &Order::by(&households, &keys), &[limit]);
        let whole: Vec<Row> = filter.iter().collect();
        // Scores are shown to six decimals and sorted by all they have: what is shown never falls.
        for pair in rows.windows(2) {
            if let Some(&(field, direction)) = keys.first() {
                let (a, b) = (households.value(field, pair[0]), households.value(field, pair[1]));
                let by = compare(&a, &b);
                let known = !matches!(a, Value::Null) && !matches!(b, Value::Null);
                let by = if known && direction == Direction::Descending { by.reverse() } else { by };
                prop_assert!(by.is_le());
            }
        }
        let mut again = rows;
        again.sort_unstable();
        prop_assert_eq!(again, whole);
    }
}

#[test]
fn a_cursor_holds_for_its_question_alone() {
    let (layer, other) = (places(1, 50), places(2, 50));
    let (natural, sorted) = (Order::natural(), Order::by(&layer, &[(1, Direction::Descending)]));
    let question = Question { words: "a", ..Question::default() };
    let next = of(&layer, &question, &natural, 10, None).unwrap().next.unwrap();
    assert_eq!(of(&layer, &question, &natural, 7, Some(&next)).unwrap().rows[0], Row(10));
    let bbox = Some(BBox { west: 0.0, south: 0.0, east: 1.0, north: 1.0 });
    for (collection, question, order) in [
        (&other, question, &natural),
        (&layer, question, &sorted),
        (&layer, Question { words: "b", ..question }, &natural),
        (&layer, Question { bbox, ..question }, &natural),
        (&layer, Question { datetime: Some(Interval::parse("2026-01-01").unwrap()), ..question }, &natural),
    ] {
        assert_eq!(of(collection, &question, order, 10, Some(&next)), Err(InvalidCursor));
    }
    for text in [
        "",
        "0",
        "00000000000000000",
        "z000000000000000a",
        "é00000000000000a",
        "0000000000000000fffffffff",
        "+0000000000000000",
    ] {
        let of = |cursor: Cursor| of(&layer, &question, &natural, 10, Some(&cursor));
        assert!(text.parse::<Cursor>().map_or(true, |cursor| of(cursor).is_err()), "{text}");
    }
    let past: Cursor = format!("{}ffffffff", &next.to_string()[..16]).parse().unwrap();
    assert!(of(&layer, &question, &natural, 10, Some(&past)).unwrap().rows.is_empty());
}

#[test]
fn intervals_as_the_standard_writes_them() {
    let day = Interval::parse("2026-06-30").unwrap();
    assert_eq!(day.start.unwrap().to_string(), "2026-06-30T00:00:00Z");
    assert_eq!(day.end.unwrap().to_string(), "2026-06-30T23:59:59.999999999Z");
    assert!(Interval::parse("../2026-06-30").unwrap().start.is_none());
    assert!(Interval::parse("2026-06-30T10:00:00+02:00/").unwrap().end.is_none());
    for wrong in [
        "",
        "..",
        "../..",
        "/",
        "2026",
        "2026-13-01",
        "2026-06-30/2026-06-29",
        "a/b",
        "2026-01-01/2026-02-01/..",
        "now",
    ] {
        assert!(Interval::parse(wrong).is_err(), "{wrong}");
    }
}
