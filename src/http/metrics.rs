//! What the server counts: requests by route and status, their time, the cache, the world. No label holds a value that a
//! client chose.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use super::router;
use crate::app::App;

/// Upper bounds of the time buckets, in microseconds.
const BOUNDS_US: [u64; 10] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000];

/// Statuses that are counted by themselves; any other is counted as 0.
const STATUSES: [u16; 14] = [0, 200, 204, 304, 400, 401, 403, 404, 405, 406, 409, 431, 500, 503];

#[derive(Default)]
struct Route {
    statuses: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    total_us: AtomicU64,
}

/// The counters.
pub struct Metrics {
    routes: Vec<(&'static str, Route)>,
    /// Connections that are open.
    pub connections: AtomicU64,
    /// Connections that were turned away, the server being full.
    pub refused: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        let routes = router::templates().map(|template| (template, Route::default())).collect();
        Self { routes, connections: AtomicU64::new(0), refused: AtomicU64::new(0) }
    }
}

impl Metrics {
    /// Counts a request; a template that is not of the router counts as the page's.
    pub fn note(&self, template: &str, status: u16, took: Duration) {
        let route = self.routes.iter().find(|(known, _)| *known == template).or_else(|| self.routes.first());
        let Some((_, route)) = route else { return };
        let status = STATUSES.iter().position(|&known| known == status).unwrap_or(0);
        route.statuses[status].fetch_add(1, Ordering::Relaxed);
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.iter().position(|&bound| took_us <= bound).unwrap_or(BOUNDS_US.len());
        route.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        route.total_us.fetch_add(took_us, Ordering::Relaxed);
    }

    /// Everything as Prometheus text.
    pub fn write(&self, app: &App) -> String {
        let mut out = String::with_capacity(8_192);
        self.write_requests(&mut out);
        self.write_times(&mut out);
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        metric(&mut out, "atlante_connections_open", "gauge", "Open connections.", load(&self.connections));
        metric(
            &mut out,
            "atlante_connections_refused_total",
            "counter",
            "Connections turned away.",
            load(&self.refused),
        );
        let listeners = app.listeners() as u64;
        metric(&mut out, "atlante_listeners", "gauge", "Streams of events that are open.", listeners);
        write_world(&mut out, app);
        out
    }

    fn write_requests(&self, out: &mut String) {
        head(out, "atlante_http_requests_total", "counter", "Requests by route and status.");
        for (template, route) in &self.routes {
            for (status, count) in STATUSES.iter().zip(&route.statuses) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    line(
                        out,
                        format_args!("atlante_http_requests_total{{route=\"{template}\",status=\"{status}\"}} {count}"),
                    );
                }
            }
        }
    }

    fn write_times(&self, out: &mut String) {
        let name = "atlante_http_request_duration_seconds";
        head(out, name, "histogram", "Time to answer, by route.");
        for (template, route) in &self.routes {
            let counts = route.buckets.each_ref().map(|count| count.load(Ordering::Relaxed));
            let total: u64 = counts.iter().sum();
            if total == 0 {
                continue;
            }
            let mut so_far = 0;
            for (bound, count) in BOUNDS_US.iter().zip(counts) {
                so_far += count;
                let seconds = *bound as f64 / 1e6;
                line(out, format_args!("{name}_bucket{{route=\"{template}\",le=\"{seconds}\"}} {so_far}"));
            }
            let seconds = route.total_us.load(Ordering::Relaxed) as f64 / 1e6;
            line(out, format_args!("{name}_bucket{{route=\"{template}\",le=\"+Inf\"}} {total}"));
            line(out, format_args!("{name}_sum{{route=\"{template}\"}} {seconds}"));
            line(out, format_args!("{name}_count{{route=\"{template}\"}} {total}"));
        }
    }
}

fn write_world(out: &mut String, app: &App) {
    let Ok(world) = app.world() else { return };
    let (tally, snapshot) = (world.tally(), world.snapshot());
    metric(out, "atlante_cache_hits_total", "counter", "Tiles and documents found in the cache.", tally.hits);
    metric(out, "atlante_cache_misses_total", "counter", "Tiles and documents that were made.", tally.misses);
    metric(out, "atlante_cache_bytes", "gauge", "Bytes that the cache is counted for.", tally.bytes);
    metric(out, "atlante_cache_entries", "gauge", "Tiles and documents in the cache.", tally.entries);
    metric(out, "atlante_households", "gauge", "Placed households.", snapshot.households().into());
    metric(out, "atlante_people", "gauge", "People in placed households.", snapshot.people().into());
    let unplaced = snapshot.unplaced().households;
    metric(out, "atlante_households_unplaced", "gauge", "Households without a place.", unplaced.into());
    head(out, "atlante_world_info", "gauge", "The world that is served.");
    let (generation, about) = (world.generation(), snapshot.about());
    let (comune, as_of) = (about.comune, about.as_of);
    line(
        out,
        format_args!("atlante_world_info{{generation=\"{generation}\",comune=\"{comune}\",as_of=\"{as_of}\"}} 1"),
    );
}

fn metric(out: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    head(out, name, kind, help);
    line(out, format_args!("{name} {value}"));
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    line(out, format_args!("# HELP {name} {help}"));
    line(out, format_args!("# TYPE {name} {kind}"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    writeln!(out, "{text}").ok();
}
