//! Filters over 420,000 households and their people: the first evaluation, beside a plain walk over the values.

use std::sync::Arc;

use atlante::{
    domain::feature::Value,
    query::{
        Budget,
        collection::{Collection, Households, People},
        evaluate,
        filter::{self, Lang, Vocabulary},
    },
    snapshot::{Row, Snapshot, schema::Sensitivity},
};

use crate::{
    Table,
    gauge::{each_s, once},
};

/// Three conditions of three kinds: a count, a score, a finding.
const THREE: &str = "over75 >= 1 AND fragility > 0.3 AND indicator_3 = true";

/// Prints what filters cost.
pub fn measure(table: &mut Table, snapshot: &Arc<Snapshot>) {
    let households = Arc::new(Households::new(Arc::clone(snapshot)));
    let people = People::new(Arc::clone(&households));
    let (found, walk) = once(|| walk(&households));
    let first = first(&*households, THREE);
    table.beside(
        format!("filter: three conditions, first time, {} of {} found", first.1, households.len()),
        "<= 3 ms",
        format!("{:.2} ms", first.0 * 1e3),
        format!("{:.1} ms", walk.wall_s * 1e3),
        Some(walk.wall_s / first.0),
    );
    assert_eq!(found, first.1, "the plain walk finds as many");
    let area = format!("S_INTERSECTS(geom, {})", star(snapshot));
    for (what, collection, text) in [
        ("filter: polygon of 1,000 vertices", &*households as &dyn Collection, area.clone()),
        ("filter: polygon and three conditions", &*households, format!("{area} AND {THREE}")),
        (
            "filter: within 800 m of a line",
            &*households,
            "within_metres(geom, LINESTRING(16.2 38.9, 16.3 38.97), 800)".into(),
        ),
        ("filter: people, three conditions", &people, "age >= 75 AND over75 >= 1 AND fragility > 0.3".into()),
        ("filter: people, polygon and age", &people, format!("age >= 75 AND {area}")),
    ] {
        let (seconds, found) = self::first(collection, &text);
        table.note(format!("{what}, {found} found"), "", format!("{:.2} ms", seconds * 1e3));
    }
    let vocabulary = Vocabulary::new(&*households, Sensitivity::Health);
    let read = each_s(3, 20, |_| drop(filter::parse(THREE, Lang::Text, &vocabulary)));
    table.note("filter: read and checked", "", format!("{:.3} ms", read * 1e3));
}

/// Seconds of the quickest evaluation, and how many were found.
fn first(collection: &dyn Collection, text: &str) -> (f64, u64) {
    let filter = filter::parse(text, Lang::Text, &Vocabulary::new(collection, Sensitivity::Health)).expect("a filter");
    let rows = || evaluate::rows(&filter, collection, &Budget::default()).expect("enough budget");
    let found = rows().len();
    (each_s(5, 5, |_| drop(rows())), found)
}

/// The three conditions, value by value.
fn walk(households: &Households) -> u64 {
    let [over75, fragility, finding] =
        ["over75", "fragility", "indicator_3"].map(|name| households.field(name).expect("a field"));
    let passes = |row: &Row| {
        matches!(households.value(over75, *row), Value::Whole(1..))
            && matches!(households.value(fragility, *row), Value::Number(score) if score > 0.3)
            && households.value(finding, *row) == Value::Flag(true)
    };
    (0..households.len()).map(Row).filter(passes).count() as u64
}

/// A ring of 1,000 vertices around the middle that covers about a tenth of the town's box.
fn star(snapshot: &Snapshot) -> String {
    let bounds = snapshot.bounds().expect("households");
    let (x, y) = (f64::midpoint(bounds.west, bounds.east), f64::midpoint(bounds.south, bounds.north));
    let (w, h) = ((bounds.east - bounds.west) * 0.18, (bounds.north - bounds.south) * 0.18);
    let corner = |at: u32| {
        let turn = f64::from(at % 1_000) / 1_000.0 * std::f64::consts::TAU;
        let reach = 1.0 + 0.05 * (turn * 40.0).sin();
        format!("{:.7} {:.7}", x + w * reach * turn.cos(), y + h * reach * turn.sin())
    };
    format!("POLYGON(({}))", (0..=1_000).map(corner).collect::<Vec<_>>().join(","))
}
