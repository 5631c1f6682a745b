//! Measurements, run by hand in release: `cargo test --release --lib -- --ignored --nocapture speed`.

use std::{sync::Arc, time::Instant};

use super::asked::world;
use crate::{
    access::Actor,
    app::App,
    domain::geo::LonLat,
    http::{self, Limits, Server},
    publish::tile::{TileAddress, project},
    snapshot::invented,
};

const HOUSEHOLDS: u32 = 420_000;

#[test]
#[ignore = "a measurement of seconds"]
fn cold_tiles_of_420_000_households() {
    let snapshot = invented::world(1, HOUSEHOLDS, 24, 0.08).0;
    let begun = Instant::now();
    let world = world(snapshot);
    println!("world in {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);
    let chart = world.sight(&Actor::anonymous()).unwrap().chart;
    let bounds = world.bounds();
    for z in 6..=16_u8 {
        let side = f64::from(1_u32 << z);
        let corner = |lon: f64, lat: f64| project(LonLat::new(lon, lat).unwrap()).map(|v| (v * side) as u32);
        let ([x0, y0], [x1, y1]) = (corner(bounds.west, bounds.north), corner(bounds.east, bounds.south));
        let (mut worst_ms, mut total_ms, mut tiles, mut largest) = (0.0_f64, 0.0, 0, 0);
        for x in x0..=x1.min(x0 + 40) {
            for y in y0..=y1.min(y0 + 40) {
                let begun = Instant::now();
                let bytes = chart.tile(TileAddress::new(z, x, y).unwrap());
                let took_ms = begun.elapsed().as_secs_f64() * 1e3;
                (worst_ms, total_ms) = (worst_ms.max(took_ms), total_ms + took_ms);
                largest = largest.max(bytes.len());
                tiles += 1;
            }
        }
        let mean_ms = total_ms / f64::from(tiles);
        println!("zoom {z}: {tiles} tiles, mean {mean_ms:.2} ms, worst {worst_ms:.2} ms, largest {largest} bytes");
    }
}

/// Serves for as many seconds as `ATLANTE_SERVE_S` says, for `wrk` to knock at.
#[test]
#[ignore = "a server for a load generator"]
fn serve_for_a_while() {
    let seconds = std::env::var("ATLANTE_SERVE_S").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let households = std::env::var("ATLANTE_HOUSEHOLDS").ok().and_then(|s| s.parse().ok()).unwrap_or(20_000);
    let app = Arc::new(App::without_store());
    app.swap(Arc::new(world(invented::world(1, households, 24, 0.08).0)));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}/tiles/hexes/{}.mvt", listener.local_addr().unwrap(), super::asked::middle(13));
        let stop = tokio::time::sleep(std::time::Duration::from_secs(seconds));
        http::run(listener, Server::new(app, None), Limits::default(), stop).await.unwrap();
    });
}
