//! The same questions in PostgreSQL with PostGIS, beside ours in one run: 420,000 points with the columns that are asked
//! for, indexed by GiST and by H3 cell, in memory, no network between.

use std::{fmt::Write as _, sync::Arc};

use atlante::{
    query::{
        Budget, Selection,
        aggregate::{self, Grouping, Measure},
        area::Area,
        collection::{Collection, Households},
        evaluate,
        filter::{self, Filter, Lang, Vocabulary},
    },
    snapshot::{Row, Snapshot, schema::Sensitivity},
};
use h3o::{LatLng, Resolution};

use crate::{
    Table,
    cluster::Cluster,
    gauge::{Folder, each_s},
};

const THREE: &str = "members <= 2 AND isee < 30000 AND fragility > 0.01";
const RADIUS_M: f64 = 2_000.0;

/// Prints what PostGIS needs beside us; says aloud where it is not installed.
pub fn measure(table: &mut Table, snapshot: &Arc<Snapshot>) {
    let Some(cluster) = Cluster::shared() else { return };
    let url = cluster.database();
    let database = Cluster::name(&url);
    let households = Households::new(Arc::clone(snapshot));
    load(cluster, database, &households);
    let vocabulary = Vocabulary::new(&households, Sensitivity::Health);
    let three = filter::parse(THREE, Lang::Text, &vocabulary).expect("a filter");
    hexagons(table, (cluster, database), (&households, snapshot), &three);
    circle(table, (cluster, database), (&households, snapshot), &three);
}

/// Points with three columns, their cells, and the cells' hexagons.
fn load(cluster: &Cluster, database: &str, households: &Households) {
    let folder = Folder::new("postgis");
    let file = folder.path().join("households.csv");
    let columns = ["members", "isee", "fragility"].map(|name| households.field(name).expect("a field"));
    let mut text = String::new();
    let mut cells = std::collections::BTreeSet::new();
    for row in (0..households.len()).map(Row) {
        let point = households.point(row).expect("a point");
        let cell = LatLng::new(point.lat(), point.lon()).expect("a place").to_cell(Resolution::Nine);
        cells.insert(cell);
        let _ = write!(text, "{},SRID=4326;POINT({} {}),{}", row.0, point.lon(), point.lat(), u64::from(cell));
        for column in columns {
            let _ = write!(text, ",{}", households.value(column, row).written().unwrap_or_default());
        }
        text.push('\n');
    }
    std::fs::write(&file, text).expect("a file");
    let mut hexes = String::new();
    for cell in cells {
        let corners: Vec<String> = cell.boundary().iter().map(|at| format!("{} {}", at.lng(), at.lat())).collect();
        let _ = writeln!(hexes, "{}|SRID=4326;POLYGON(({},{}))", u64::from(cell), corners.join(","), corners[0]);
    }
    let hex_file = folder.path().join("hexes.csv");
    std::fs::write(&hex_file, hexes).expect("a file");
    let statements = format!(
        "create table judge (row int primary key, geom geometry(Point, 4326), cell bigint, members int, isee float8,
             fragility float8);
         copy judge from '{}' with (format csv);
         create table hex (cell bigint primary key, geom geometry(Polygon, 4326));
         copy hex from '{}' with (format csv, delimiter '|');
         create index on judge using gist (geom); create index on judge using gist ((geom::geography));
         create index on judge (cell); create index on hex using gist (geom)",
        file.display(),
        hex_file.display()
    );
    cluster.sql(database, &statements);
    cluster.sql(database, "vacuum analyze judge");
    cluster.sql(database, "vacuum analyze hex");
}

/// The least of five executions, in seconds, and the answer.
fn ask(cluster: &Cluster, database: &str, sql: &str) -> (f64, u64) {
    let timed = |_| {
        let plan = cluster.sql(database, &format!("explain (analyze, timing off) {sql}"));
        let line = plan.lines().find_map(|line| line.strip_prefix("Execution Time: ")).expect("a time");
        line.trim_end_matches(" ms").parse::<f64>().expect("a number") / 1e3
    };
    let best = (0..5).map(timed).fold(f64::MAX, f64::min);
    let answer = cluster.sql(database, &format!("select sum(n)::bigint from ({sql}) as answer (n)"));
    (best, answer.parse().expect("a count"))
}

fn hexagons(
    table: &mut Table,
    (cluster, database): (&Cluster, &str),
    (households, snapshot): (&Households, &Arc<Snapshot>),
    three: &Filter,
) {
    let ours = || {
        let rows = evaluate::rows(three, households, &Budget::default()).expect("within the budget");
        let selection = Selection::of_households(rows, Arc::clone(snapshot));
        aggregate::answer(households, &selection, Some(&Grouping::Hex(Resolution::Nine)), &[Measure::Households])
            .expect("an answer")
    };
    let answer = ours();
    let spent = each_s(5, 5, |_| drop(std::hint::black_box(ours())));
    let by_cell = "select count(*) from judge join hex using (cell)
        where members <= 2 and isee < 30000 and fragility > 0.01 group by cell";
    let (seconds, found) = ask(cluster, database, by_cell);
    assert_eq!(found, u64::from(answer.total.rows), "both find the same");
    table.beside(
        format!("postgis: three conditions joined to {} hexagons by their cell", answer.groups.len()),
        "",
        format!("{:.2} ms", spent * 1e3),
        format!("PostGIS: {:.0} ms", seconds * 1e3),
        Some(seconds / spent),
    );
    let by_place = "select count(*) from judge join hex on st_intersects(judge.geom, hex.geom)
        where members <= 2 and isee < 30000 and fragility > 0.01 group by hex.cell";
    let (seconds, _) = ask(cluster, database, by_place);
    table.beside(
        "postgis: the same joined by place",
        "",
        format!("{:.2} ms", spent * 1e3),
        format!("PostGIS: {:.0} ms", seconds * 1e3),
        Some(seconds / spent),
    );
}

fn circle(
    table: &mut Table,
    (cluster, database): (&Cluster, &str),
    (households, snapshot): (&Households, &Arc<Snapshot>),
    three: &Filter,
) {
    let middle = snapshot.point(Row(snapshot.households() / 2));
    let ours = || {
        let rows = evaluate::rows(three, households, &Budget::default()).expect("within the budget");
        let inside = Area::circle(middle, RADIUS_M).expect("an area").rows(snapshot, &Budget::default());
        rows.bitmap().intersection_len(inside.expect("within the budget").bitmap())
    };
    let count = ours();
    let spent = each_s(5, 5, |_| {
        std::hint::black_box(ours());
    });
    let within = format!(
        "select count(*) from judge where members <= 2 and isee < 30000 and fragility > 0.01
         and st_dwithin(geom::geography, st_setsrid(st_makepoint({}, {}), 4326)::geography, {RADIUS_M})",
        middle.lon(),
        middle.lat()
    );
    let (seconds, found) = ask(cluster, database, &within);
    assert!(found.abs_diff(count) <= 1 + count / 1_000, "{count} are {found} to PostGIS");
    table.beside(
        format!("postgis: count in a circle of 2 km with three conditions ({count} found)"),
        "≤ 2 ms",
        format!("{:.2} ms", spent * 1e3),
        format!("PostGIS: {:.0} ms", seconds * 1e3),
        Some(seconds / spent),
    );
}
