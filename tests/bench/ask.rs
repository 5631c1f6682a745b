//! Questions at 420,000 households, each beside the twin that looks at every row.

use std::sync::Arc;

use atlante::{
    domain::{feature::Value, geo::LonLat},
    query::{
        Budget, Selection,
        aggregate::{self, Grouping, Measure},
        area::Area,
        collection::{Collection, Households},
        evaluate,
        filter::{self, Filter, Lang, Vocabulary},
        nearest,
        page::{self, Direction, Order, Question},
    },
    snapshot::{Row, Rows, Snapshot, schema::Sensitivity},
};
use geo::{Coord, Intersects as _, LineString, Point, Polygon};
use h3o::Resolution;

use crate::{
    Table,
    gauge::{each_s, once},
};

const CORNERS: u32 = 1_000;

fn ms(seconds: f64) -> String {
    format!("{:.3} ms", seconds * 1e3)
}

fn read(households: &Households, text: &str) -> Filter {
    let vocabulary = Vocabulary::new(households, Sensitivity::Health);
    filter::parse(text, Lang::Text, &vocabulary).unwrap_or_else(|error| panic!("{text}: {}", error.reason))
}

/// The slow twin of everything: each row is asked for its values.
fn walk(households: &Households, inside: &dyn Fn(LonLat) -> bool) -> Vec<Row> {
    let field = |name: &str| households.field(name).expect("a field");
    let number = |field: usize, row: Row| match households.value(field, row) {
        Value::Whole(whole) => Some(whole as f64),
        Value::Number(number) => Some(number),
        _ => None,
    };
    let (members, isee, fragility) = (field("members"), field("isee"), field("fragility"));
    let passes = |row: &Row| {
        number(members, *row).is_some_and(|x| x <= 2.0)
            && number(isee, *row).is_some_and(|x| x < 30_000.0)
            && number(fragility, *row).is_some_and(|x| x > 0.01)
    };
    let near = |row: &Row| households.point(*row).is_some_and(inside);
    (0..households.len()).map(Row).filter(|row| near(row) && passes(row)).collect()
}

/// Measures questions over the households of a snapshot.
pub fn measure(table: &mut Table, snapshot: &Arc<Snapshot>) {
    let households = Households::new(Arc::clone(snapshot));
    let three = read(&households, "members <= 2 AND isee < 30000 AND fragility > 0.01");
    let find = || evaluate::rows(&three, &households, &Budget::default()).expect("within the budget");
    let found = find();
    let first = each_s(5, 20, |_| {
        std::hint::black_box(find());
    });
    let (slow, scan) = once(|| walk(&households, &|_| true));
    assert_eq!(slow.len() as u64, found.len());
    let share = found.len() * 100 / u64::from(households.len());
    table.beside(
        format!("filter: three conditions, first ({share} % pass)"),
        "≤ 3 ms",
        ms(first),
        format!("row by row: {}", ms(scan.wall_s)),
        Some(scan.wall_s / first),
    );
    let selection = Selection::of_households(found, Arc::clone(snapshot));
    polygon(table, snapshot, &households, (&three, &selection));
    circle(table, snapshot, &households, &selection);
    near(table, &households);
    items(table, &households, selection.rows());
}

/// A polygon of a thousand corners around the middle household of the snapshot, with as many corners inward as outward.
fn lobes(middle: LonLat, size: f64) -> Vec<[f64; 2]> {
    let corner = |at: u32| {
        let turn = f64::from(at % CORNERS) * std::f64::consts::TAU / f64::from(CORNERS);
        let out = size * (0.8 + 0.2 * (turn * 25.0).sin() + if at.is_multiple_of(2) { 0.01 } else { 0.0 });
        let (y, x) = turn.sin_cos();
        [middle.lon() + x * out * 1.28, middle.lat() + y * out]
    };
    (0..=CORNERS).map(corner).collect()
}

fn polygon(
    table: &mut Table,
    snapshot: &Arc<Snapshot>,
    households: &Households,
    (filter, found): (&Filter, &Selection),
) {
    let middle = snapshot.point(Row(snapshot.households() / 2));
    // The size at which it covers a tenth of the households.
    let (mut low, mut high) = (0.0, 0.5);
    for _ in 0..30 {
        let size = f64::midpoint(low, high);
        let area = Area::polygons(&[vec![lobes(middle, size)]]).expect("an area");
        let covered = area.rows(snapshot, &Budget::default()).expect("within the budget").len();
        if covered * 10 < u64::from(snapshot.households()) { low = size } else { high = size }
    }
    let ring = lobes(middle, high);
    let measures =
        [Measure::Households, Measure::People, Measure::Mean(households.field("fragility").expect("a field"))];
    let ask = || {
        let area = Area::polygons(&[vec![ring.clone()]]).expect("an area");
        let inside = area.rows(snapshot, &Budget::default()).expect("within the budget");
        let rows: Rows = (found.rows().bitmap() & inside.bitmap()).into();
        let selection = Selection::of_households(rows, Arc::clone(snapshot));
        aggregate::answer(households, &selection, Some(&Grouping::Hex(Resolution::Nine)), &measures).expect("an answer")
    };
    let answer = ask();
    let spent = each_s(5, 20, |_| {
        std::hint::black_box(ask());
    });
    let line: LineString<f64> = ring.iter().map(|&[x, y]| Coord { x, y }).collect();
    let judge = Polygon::new(line, Vec::new());
    let inside = |point: LonLat| judge.intersects(&Point::new(point.lon(), point.lat()));
    let (slow, scan) = once(|| walk(households, &inside));
    assert_eq!(slow.len() as u32, answer.total.rows);
    table.beside(
        format!(
            "ask: polygon of 1,000 corners, a tenth of the town, three conditions, {} hexagons",
            answer.groups.len()
        ),
        "≤ 5 ms",
        ms(spent),
        format!("row by row: {}", ms(scan.wall_s)),
        Some(scan.wall_s / spent),
    );
    let first = each_s(5, 20, |_| {
        std::hint::black_box(evaluate::rows(filter, households, &Budget::default()).expect("within the budget"));
        std::hint::black_box(ask());
    });
    table.note("ask: the same where nobody asked by that filter before", "", ms(first));
}

fn circle(table: &mut Table, snapshot: &Arc<Snapshot>, households: &Households, found: &Selection) {
    let middle = snapshot.point(Row(snapshot.households() / 2));
    let ask = || {
        let inside = Area::circle(middle, 2_000.0).expect("an area").rows(snapshot, &Budget::default());
        found.rows().bitmap().intersection_len(inside.expect("within the budget").bitmap())
    };
    let count = ask();
    let spent = each_s(5, 50, |_| {
        std::hint::black_box(ask());
    });
    let (slow, scan) = once(|| walk(households, &|point| point.distance_m(middle) <= 2_000.0));
    assert_eq!(slow.len() as u64, count);
    table.beside(
        format!("count: circle of 2 km, three conditions, {count} found"),
        "≤ 2 ms",
        ms(spent),
        format!("row by row: {}", ms(scan.wall_s)),
        Some(scan.wall_s / spent),
    );
}

fn near(table: &mut Table, households: &Households) {
    let snapshot = households.snapshot();
    let town = snapshot.bounds().expect("a town");
    let middle = LonLat::new(town.west.midpoint(town.east), town.south.midpoint(town.north));
    let point = middle.expect("a place");
    for (name, one_in) in [("one in 1,000 passes", 1_000_u32), ("one in 10 passes", 10), ("all pass", 1)] {
        let rows: Rows =
            (0..households.len()).map(Row).filter(|row| row.0.wrapping_mul(2_654_435_761) % one_in == 0).collect();
        let selection = Selection::of_households(rows, Arc::clone(snapshot));
        let ask = || nearest::rows(households, &selection, point, 100, &Budget::default()).expect("within the budget");
        let found = ask();
        let spent = each_s(5, 50, |_| {
            std::hint::black_box(ask());
        });
        let (slow, scan) = once(|| {
            let mut all: Vec<(Row, f64)> =
                selection.rows().iter().map(|row| (row, point.distance_m(snapshot.point(row)))).collect();
            all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            all.truncate(100);
            all
        });
        assert_eq!(found, slow);
        let goal = if one_in == 1_000 { "≤ 2 ms" } else { "" };
        let ratio = Some(scan.wall_s / spent);
        table.beside(
            format!("nearest 100: {name}"),
            goal,
            ms(spent),
            format!("all sorted: {}", ms(scan.wall_s)),
            ratio,
        );
    }
}

fn items(table: &mut Table, households: &Households, filter: &Rows) {
    let question = Question { filter: Some(filter), words: "three", ..Question::default() };
    let field = households.field("fragility").expect("a field");
    let (sorted, made) = once(|| Order::by(households, &[(field, Direction::Descending)]));
    let name = ["in row order", "sorted by fragility"];
    for (name, order) in name.into_iter().zip([Order::natural(), sorted]) {
        let limit = (filter.len() as usize / 520).clamp(1, 1_000);
        let (mut cursor, mut before) = (None, None);
        for _ in 1..500 {
            before.clone_from(&cursor);
            cursor = page::of(households, &question, &order, limit, cursor.as_ref()).expect("a page").next;
        }
        let ask =
            |cursor: Option<&page::Cursor>| page::of(households, &question, &order, limit, cursor).expect("a page");
        let first = each_s(5, 50, |_| {
            std::hint::black_box(ask(None));
        });
        let last = each_s(5, 50, |_| {
            std::hint::black_box(ask(before.as_ref()));
        });
        table.note(format!("items {name}: page 1 of {limit} rows"), "≤ 5 ms", ms(first));
        table.note(format!("items {name}: page 500"), "≤ 5 ms", ms(last));
        let thousand = each_s(5, 50, |_| {
            std::hint::black_box(page::of(households, &question, &order, 1_000, None).expect("a page"));
        });
        table.note(format!("items {name}: page 1 of 1,000 rows"), "≤ 5 ms", ms(thousand));
    }
    table.note("items: an order of all rows, made once", "", made.to_string());
}
