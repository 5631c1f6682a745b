//! The frozen world of 420,000 invented households: its bytes, its zones, its restart, its tiles.

use std::{collections::HashMap, sync::Arc, time::Instant};

use atlante::{
    access::{
        Actor, PublicFigures, disclose, grant,
        hexes::{Prepared, RESOLUTIONS},
        suppress::Partition,
    },
    app::{App, Ingredients, World, cache::Coding, load, tile},
    domain::{
        geo::{BBox, LonLat},
        place::{Access, Street},
    },
    publish::{
        hexes::{HexChart, ZOOMS, resolution_of},
        tile::{BUFFER, TileAddress, project},
    },
    snapshot::{Row, Snapshot, Span, column::Tally, grid},
    store::{Artefact, Embedded, Generation, GenerationId, Line, Store, form},
};
use h3o::{CellIndex, Resolution};
use jiff::Timestamp;

use crate::{
    Table,
    gauge::{Folder, each_s, least, once},
    invented,
    town::runtime,
};

const HOUSEHOLDS: u32 = 420_000;

/// The parts that were asked for, over one world.
pub fn measure(table: &mut Table, parts: &[&str]) {
    let (streets, accesses) = invented::ground(HOUSEHOLDS);
    let snapshot = Arc::new(invented::snapshot(&invented::doors(&accesses), HOUSEHOLDS));
    for part in parts {
        match *part {
            "snapshot" => bytes(table, &snapshot),
            "partition" => partition(table, &snapshot),
            "ask" => crate::ask::measure(table, &snapshot),
            "file" => crate::file::measure(table, &snapshot),
            "filter" => crate::filter::measure(table, &snapshot),
            "restart" => restart(table, &snapshot, &streets, &accesses),
            "items" => crate::items::measure(table, &snapshot),
            "tiles" => crate::tiles::measure(table, &snapshot),
            "postgis" => crate::postgis::measure(table, &snapshot),
            _ => {
                cold(table, &snapshot);
                hot(table, &snapshot);
            }
        }
    }
}

fn bytes(table: &mut Table, snapshot: &Snapshot) {
    let heap = snapshot.heap_bytes() as f64 / f64::from(HOUSEHOLDS);
    let encoded = snapshot.encode();
    let stored = encoded.len() as f64 / f64::from(HOUSEHOLDS);
    let goal = "≤ 200 B";
    table.note("snapshot: bytes a household", goal, format!("{heap:.0} in memory, {stored:.0} stored"));
    let people = snapshot.residents();
    let each = people.heap_bytes() as f64 / f64::from(people.len());
    table.note(format!("snapshot: bytes a person, {} people", people.len()), "", format!("{each:.1} in memory"));
    let (_, spent) = least(3, || snapshot.encode().len());
    table.note("snapshot: encoded", "", spent.to_string());
    let (_, spent) = least(3, || Snapshot::decode(&encoded).expect("what was just encoded").households());
    table.note("snapshot: decoded and indexed", "", spent.to_string());
}

fn partition(table: &mut Table, snapshot: &Arc<Snapshot>) {
    let (zones, spent) = least(3, || Partition::new(snapshot).levels().iter().map(Vec::len).sum::<usize>());
    table.note(format!("partition: {zones} public zones of five resolutions"), "", spent.to_string());
    let (_, spent) = least(3, || chart(snapshot).hexes().town().households);
    let (cells, scan) = once(|| RESOLUTIONS.map(|resolution| scan(snapshot, resolution, None).len()));
    table.beside(
        "partition: public figures of every zone",
        "",
        spent.to_string(),
        format!("rows summed one by one: {:.2} s, {} cells", scan.wall_s, cells.iter().sum::<usize>()),
        Some(scan.wall_s / spent.wall_s),
    );
    let ((), spent) = least(3, || chart(snapshot).warm());
    table.note("partition: figures, outlines and their index", "", spent.to_string());
}

/// The public figures, ready for tiles.
fn chart(snapshot: &Arc<Snapshot>) -> HexChart {
    let grant = grant::<PublicFigures>(&Actor::anonymous()).expect("the public may read public figures");
    HexChart::new(disclose::hexes(&grant, &Prepared::new(snapshot)).0)
}

/// What a cell holds: households, and each mapped property.
type Sums = HashMap<CellIndex, (u32, Vec<Tally>)>;

/// The slow twin: every row of the town, its cell, its place in the box, one property after the other.
fn scan(snapshot: &Snapshot, resolution: Resolution, bbox: Option<BBox>) -> Sums {
    let mut sums: Sums = HashMap::new();
    for at in 0..snapshot.households() {
        let Some(cell) = snapshot.cell(Row(at)).parent(resolution) else { continue };
        if bbox.is_some_and(|bbox| !grid::bbox(cell).touches(&bbox)) {
            continue;
        }
        let one = Span { start: at, end: at + 1 };
        let (households, tallies) = sums.entry(cell).or_default();
        *households += 1;
        tallies.resize(snapshot.schema().mapped_len(), Tally::default());
        for ((slot, _), tally) in snapshot.schema().mapped().zip(tallies) {
            *tally = *tally + snapshot.tally(slot, one);
        }
    }
    sums
}

fn restart(table: &mut Table, snapshot: &Snapshot, streets: &[Street], accesses: &[Access]) {
    let folder = Folder::new("restart");
    let runtime = runtime();
    runtime.block_on(async {
        let store = Embedded::create(folder.path(), snapshot.about().comune).await.expect("a new store");
        let register = form::encode(&form::Civics::new(streets, accesses)).expect("a register has a form");
        let generation = Generation {
            id: GenerationId(1),
            line: Line::Served,
            as_of: snapshot.about().as_of,
            at: Timestamp::now(),
            artefacts: vec![(Artefact::Register, register), (Artefact::Snapshot, snapshot.encode())],
            figures: Vec::new(),
        };
        store.publish(generation).await.expect("a generation is kept");
    });
    let middle = tiles_at(13, snapshot.bounds().expect("placed households"));
    let middle = middle[middle.len() / 2];
    let (bytes, spent) = least(4, || {
        runtime.block_on(async {
            let store: Arc<dyn Store> = Arc::new(Embedded::open(folder.path()).await.expect("the store opens"));
            let app = App::new(Arc::clone(&store));
            load::load(&app, &store).await.expect("the world is loaded");
            let answer = tile::draw(&app, &Actor::anonymous(), "hexes", middle).await.expect("a tile");
            answer.body.identity().len()
        })
    });
    let figure = format!("restart: {HOUSEHOLDS} households, {} accesses, first tile ({bytes} bytes)", accesses.len());
    table.note(figure, "≤ 2 s", spent.to_string());
}

/// At most 300 tiles of a zoom that touch a box, evenly chosen.
pub fn tiles_at(z: u8, bounds: BBox) -> Vec<TileAddress> {
    let side = f64::from(1_u32 << z);
    let corner = |lon, lat| project(LonLat::new(lon, lat).expect("a corner on Earth")).map(|v| (v * side) as u32);
    let ([x0, y0], [x1, y1]) = (corner(bounds.west, bounds.north), corner(bounds.east, bounds.south));
    let all: Vec<_> = (x0..=x1).flat_map(|x| (y0..=y1).map(move |y| (x, y))).collect();
    let every = all.len().div_ceil(300).max(1);
    all.into_iter().step_by(every).filter_map(|(x, y)| TileAddress::new(z, x, y).ok()).collect()
}

/// Of each zoom the slowest tile, by the least of four runs so that other work on the machine does not count; beside it the
/// slowest first run.
fn cold(table: &mut Table, snapshot: &Arc<Snapshot>) {
    let chart = chart(snapshot);
    chart.warm();
    let bounds = snapshot.bounds().expect("placed households");
    let mut largest = 0;
    for z in 6..=ZOOMS.to + 2 {
        let tiles = tiles_at(z, bounds);
        let (mut first_s, mut sum_s) = (0.0_f64, 0.0);
        let mut worst: Option<(f64, TileAddress)> = None;
        for &tile in &tiles {
            let mut draw = |_| largest = largest.max(chart.tile(tile).len());
            let once_s = each_s(1, 1, &mut draw);
            let took_s = each_s(3, 1, &mut draw).min(once_s);
            (first_s, sum_s) = (first_s.max(once_s), sum_s + took_s);
            if worst.is_none_or(|(other_s, _)| took_s > other_s) {
                worst = Some((took_s, tile));
            }
        }
        let Some((worst_s, tile)) = worst else { continue };
        let (cells, spent) = once(|| scan(snapshot, resolution_of(z), Some(tile.bounds(BUFFER))).len());
        let mean_s = sum_s / tiles.len() as f64;
        table.beside(
            format!("hex tile cold, zoom {z}: slowest of {}, {} bytes", tiles.len(), chart.tile(tile).len()),
            "≤ 5 ms",
            format!("{:.2} ms (mean {:.2}, first run {:.2})", worst_s * 1e3, mean_s * 1e3, first_s * 1e3),
            format!("rows scanned for {cells} cells: {:.0} ms", spent.wall_s * 1e3),
            Some(spent.wall_s / worst_s),
        );
    }
    table.note("hex tile: the largest", "< 500,000 B", format!("{largest} B"));
}

fn hot(table: &mut Table, snapshot: &Arc<Snapshot>) {
    let parts = Ingredients { snapshot: Arc::clone(snapshot), layers: vec![], streets: &[], accesses: &[] };
    let world = World::new(parts).expect("a world");
    let tiles = tiles_at(13, world.bounds());
    let tile = tiles[tiles.len() / 2];
    let app = App::without_store();
    app.swap(Arc::new(world));
    let actor = Actor::anonymous();
    let runtime = runtime();
    for (name, coding) in [("plain", Coding::Identity), ("gzip", Coding::Gzip), ("zstd", Coding::Zstd)] {
        let (hot_s, made_s) = runtime.block_on(async {
            let ask = async || {
                let answer = tile::draw(&app, &actor, "hexes", tile).await.expect("a tile");
                answer.body.bytes(coding).await.expect("its bytes").len()
            };
            let begun = Instant::now();
            ask().await;
            let made_s = begun.elapsed().as_secs_f64();
            let mut best_s = f64::MAX;
            for _ in 0..5 {
                let begun = Instant::now();
                for _ in 0..10_000 {
                    ask().await;
                }
                best_s = best_s.min(begun.elapsed().as_secs_f64() / 1e4);
            }
            (best_s, made_s)
        });
        let figure = format!("hex tile hot, {name}");
        let measured = format!("{:.4} ms", hot_s * 1e3);
        table.beside(figure, "≤ 0.1 ms", measured, format!("made now: {:.2} ms", made_s * 1e3), Some(made_s / hot_s));
    }
}
