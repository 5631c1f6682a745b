//! Tiles that follow a filter, households as points, and a tile over HTTP with a load generator on the same cores.

use std::{
    collections::HashMap,
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};

use atlante::{
    access::{Actor, Role},
    app::{
        App, Ingredients, World, selection,
        tile::{self, Written},
    },
    domain::feature::Value,
    http::{Limits, Server},
    publish::{
        hexes::resolution_of,
        tile::{BUFFER, TileAddress},
    },
    query::{cells, collection::Collection, filter::Lang},
    snapshot::{Row, Snapshot, Span, column::Tally, grid, schema::Sensitivity},
};
use h3o::CellIndex;

use crate::{
    Table,
    gauge::{each_s, once},
    town::runtime,
    world::tiles_at,
};

/// A hot tile over HTTP has about so many bytes.
const USUAL_BYTES: usize = 13_000;

/// Everything, over one world.
pub fn measure(table: &mut Table, snapshot: &Arc<Snapshot>) {
    let parts = Ingredients { snapshot: Arc::clone(snapshot), layers: vec![], streets: &[], accesses: &[] };
    let app = Arc::new(App::without_store());
    app.swap(Arc::new(World::new(parts).expect("a world")));
    let actor = Actor::named("bench", Role::Health);
    // The exact figures and their outlines are made once for a world, not for a tile.
    let world = app.world().expect("it was just swapped in");
    world.warm();
    world.sight(&actor).expect("a role that sees them").chart.warm();
    for z in [9, 12, 13] {
        found(table, &app, &actor, z);
    }
    kept(table, &app);
    points(table, &app, &actor);
    over_http(table, &app);
}

/// Three conditions that some pass; each number another filter of nearly the same rows.
fn written(number: u32) -> Written {
    let text = format!("fragility >= 0.2{number:04} AND people >= 3 AND minors > 0");
    Written { text: text.into(), lang: Lang::Text }
}

async fn draw_s(app: &App, actor: &Actor, layer: &str, filter: Option<&Written>, at: TileAddress) -> (f64, usize) {
    let begun = Instant::now();
    let answer = tile::draw_found(app, actor, layer, filter, at).await.expect("a tile");
    (begun.elapsed().as_secs_f64(), answer.body.identity().len())
}

fn found(table: &mut Table, app: &App, actor: &Actor, z: u8) {
    let world = app.world().expect("a world");
    let tiles = some(&world, z, 60);
    let (mut known_s, mut largest) = (vec![f64::MAX; tiles.len()], 0);
    let mut first_s = f64::MAX;
    let middle = tiles[0];
    runtime().block_on(async {
        for number in 0..5 {
            let filter = written(u32::from(z) * 100 + number);
            // Read, evaluated, summed and drawn.
            first_s = first_s.min(draw_s(app, actor, "hexes", Some(&filter), middle).await.0);
            for (at, best_s) in tiles.iter().zip(&mut known_s).filter(|(at, _)| **at != middle) {
                let (took_s, bytes) = draw_s(app, actor, "hexes", Some(&filter), *at).await;
                (*best_s, largest) = (best_s.min(took_s), largest.max(bytes));
            }
        }
    });
    let drawn = || known_s.iter().copied().filter(|took_s| *took_s < f64::MAX);
    let (worst_s, mean_s) = (drawn().fold(0.0, f64::max), drawn().sum::<f64>() / drawn().count().max(1) as f64);
    let (cells, spent) = once(|| scan(&world, middle));
    table.beside(
        format!("filtered hex tile cold, zoom {z}, filter known: slowest of {}, ≤ {largest} bytes", drawn().count()),
        "≤ 3 ms",
        format!("{:.2} ms (mean {:.2})", worst_s * 1e3, mean_s * 1e3),
        format!("rows filtered for {cells} cells: {:.0} ms", spent.wall_s * 1e3),
        Some(spent.wall_s / worst_s),
    );
    table.beside(
        format!("filtered hex tile cold, zoom {z}, a new filter, three conditions"),
        "≤ 3 ms",
        format!("{:.2} ms", first_s * 1e3),
        "the same",
        Some(spent.wall_s / first_s),
    );
    let filter = written(u32::from(z) * 100);
    let hot_s = runtime().block_on(async {
        let mut best_s = f64::MAX;
        for _ in 0..5 {
            let begun = Instant::now();
            for _ in 0..2_000 {
                draw_s(app, actor, "hexes", Some(&filter), middle).await;
            }
            best_s = best_s.min(begun.elapsed().as_secs_f64() / 2e3);
        }
        best_s
    });
    table.note(format!("filtered hex tile hot, zoom {z}"), "≤ 0.1 ms", format!("{:.4} ms", hot_s * 1e3));
}

/// A filter that somebody asked before.
fn kept(table: &mut Table, app: &App) {
    let world = app.world().expect("a world");
    let households: Arc<dyn Collection> = Arc::clone(world.households()) as _;
    let Written { text, lang } = written(0);
    let runtime = runtime();
    let ask = || runtime.block_on(selection::select(&world, &households, Sensitivity::Health, &text, lang));
    ask().expect("a filter");
    let kept_s = each_s(5, 1_000, |_| drop(ask()));
    table.note("a filter that was asked before", "≤ 0.05 ms", format!("{:.4} ms", kept_s * 1e3));
}

/// So many tiles of a zoom, those with most households in their exact hexagons, the fullest first.
fn some(world: &World, z: u8, count: usize) -> Vec<TileAddress> {
    let mut tiles = tiles_at(z, world.bounds());
    let snapshot = world.snapshot();
    let inside = |at: &TileAddress| {
        let cells = cells::walk(snapshot, resolution_of(z), Some(at.bounds(0)));
        std::cmp::Reverse(cells.into_iter().map(|(_, span)| span.len()).sum::<u32>())
    };
    tiles.sort_by_cached_key(inside);
    tiles.truncate(count);
    tiles
}

/// The slow twin: every row of the town, whether it passes, its cell, one property after the other.
fn scan(world: &World, at: TileAddress) -> usize {
    let (all, snapshot) = (world.households(), world.snapshot());
    let [fragility, people, minors] = ["fragility", "people", "minors"].map(|name| all.field(name).expect("a field"));
    let resolution = resolution_of(at.z());
    let bbox = at.bounds(BUFFER);
    let mut sums: HashMap<CellIndex, (u32, Vec<Tally>)> = HashMap::new();
    for row in (0..all.len()).map(Row) {
        let passes = matches!(all.value(fragility, row), Value::Number(score) if score >= 0.2)
            && matches!(all.value(people, row), Value::Whole(people) if people >= 3)
            && matches!(all.value(minors, row), Value::Whole(minors) if minors > 0);
        let Some(cell) = snapshot.cell(row).parent(resolution).filter(|_| passes) else { continue };
        if !grid::bbox(cell).touches(&bbox) {
            continue;
        }
        let (found, tallies) = sums.entry(cell).or_default();
        *found += 1;
        tallies.resize(snapshot.schema().mapped_len(), Tally::default());
        for ((slot, _), tally) in snapshot.schema().mapped().zip(tallies) {
            *tally = *tally + snapshot.tally(slot, Span { start: row.0, end: row.0 + 1 });
        }
    }
    sums.len()
}

fn points(table: &mut Table, app: &App, actor: &Actor) {
    let world = app.world().expect("a world");
    for z in [8, 12, 14, 16] {
        let (mut worst_s, mut largest, mut count) = (0.0_f64, 0, 0);
        runtime().block_on(async {
            for at in some(&world, z, 40) {
                // Filters that everybody passes, each another: what is measured is the drawing.
                let mut best_s = f64::MAX;
                for number in 0..3 {
                    let filter = Written { text: format!("people >= -{number}").into(), lang: Lang::Text };
                    let (took_s, bytes) = draw_s(app, actor, "households", Some(&filter), at).await;
                    (best_s, largest) = (best_s.min(took_s), largest.max(bytes));
                }
                (worst_s, count) = (worst_s.max(best_s), count + 1);
            }
        });
        let figure = format!("households as points cold, zoom {z}: slowest of {count}, ≤ {largest} bytes");
        table.note(figure, "", format!("{:.2} ms", worst_s * 1e3));
    }
}

/// `wrk` with one thread and sixteen connections, on the cores of the server.
fn over_http(table: &mut Table, app: &Arc<App>) {
    let wrk = Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if wrk.is_err() {
        table.note("hex tile hot over HTTP", "≥ 45,000 /s", "skipped: wrk is not installed");
        return;
    }
    let runtime = runtime();
    let world = app.world().expect("a world");
    let chart = world.sight(&Actor::anonymous()).expect("the public's figures").chart;
    let tiles = (9..=14).flat_map(|z| tiles_at(z, world.bounds()));
    let sized = tiles.map(|at| (chart.tile(at).len(), at));
    let Some((bytes, at)) = sized.min_by_key(|(bytes, _)| bytes.abs_diff(USUAL_BYTES)) else { return };
    let (address, stop) = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = Server::new(Arc::clone(app), None);
        let stopped = async { drop(stopped.await) };
        tokio::spawn(atlante::http::run(listener, server, Limits::default(), stopped));
        (address, stop)
    });
    let generation = world.generation();
    let url = format!("http://{address}/tiles/hexes/{}/{}/{}.mvt?g={generation}", at.z(), at.x(), at.y());
    for (name, coding) in [("identity", "identity"), ("gzip", "gzip"), ("as browsers ask", "gzip, deflate, br, zstd")] {
        let figure = format!("hex tile hot over HTTP, {bytes} bytes, {name}");
        let measured = (0..3).filter_map(|_| knock(&url, coding)).fold(0.0, f64::max);
        table.note(figure, "≥ 45,000 /s", format!("{measured:.0} requests a second"));
    }
    drop(stop);
    // How long one takes when nobody else asks.
    let alone_s = each_s(3, 200, |_| {
        let answer = runtime.block_on(tile::draw(app, &Actor::anonymous(), "hexes", at)).expect("a tile");
        std::hint::black_box(answer.body.identity().len());
    });
    table.note("the same without HTTP", "≤ 0.1 ms", format!("{:.4} ms", alone_s * 1e3));
}

/// Requests a second by `wrk`; none where it failed or an answer was not 2xx.
fn knock(url: &str, coding: &str) -> Option<f64> {
    let header = format!("Accept-Encoding: {coding}");
    let output = Command::new("wrk").args(["-t1", "-c16", "-d4s", "-H", &header, url]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("Non-2xx"), "{text}");
    text.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"))?.trim().parse().ok()
}
