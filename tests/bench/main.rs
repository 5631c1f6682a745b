//! The figures to reach, each beside its slow twin: `cargo bench` prints one table, `cargo bench -- hex` a part of it.
//!
//! Figures: `geocoding`, `linkage`, `siting`, `allocation`, `lamezia`, `snapshot`, `partition`, `ask`, `restart`, `file`,
//! `items`, `filter`, `hex`, `tiles`, `postgis`, `roads`; and, only by name because they take minutes and gigabytes, `million` and
//! `nation`. A figure is the least of several runs by the clock; beside it stands the processor time where a run is long
//! enough to be counted. Real towns are used where they are at hand (`ATLANTE_SHARED`, or `../shared`), invented ones
//! elsewhere.

mod allocation;
mod ask;
#[path = "../all/cluster.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod cluster;
mod file;
mod filter;
mod gauge;
mod geocoding;
mod invented;
mod items;
mod linkage;
mod nation;
mod pipeline;
mod postgis;
mod roads;
mod siting;
mod tiles;
mod town;
mod vrp;
mod vrp_files;
mod world;

use std::io::Write as _;

/// How many lines were printed; they are printed as they come, so that a long run shows where it is.
struct Table(usize);

fn row([figure, goal, measured, twin, ratio]: [&str; 5]) {
    // Whoever closed the pipe has seen enough.
    writeln!(std::io::stdout(), "{figure:<72} {goal:<12} {measured:<44} {twin:<46} {ratio}").ok();
}

impl Table {
    /// A figure without a twin.
    fn note(&mut self, figure: impl Into<String>, goal: &str, measured: impl Into<String>) {
        self.beside(figure, goal, measured, "", None);
    }

    /// A figure beside its twin; `ratio` says how many times slower the twin is.
    fn beside(
        &mut self,
        figure: impl Into<String>,
        goal: &str,
        measured: impl Into<String>,
        twin: impl Into<String>,
        ratio: Option<f64>,
    ) {
        let ratio = ratio.map_or_else(String::new, |ratio| format!("× {ratio:.1}"));
        row([&figure.into(), goal, &measured.into(), &twin.into(), &ratio]);
        self.0 += 1;
    }
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|word| name.contains(word.as_str()));
    let by_name = |name: &str| asked.iter().any(|word| word == name);
    let mut table = Table(0);
    row(["figure", "goal", "measured", "slow twin", "ratio"]);
    row(["------", "----", "--------", "---------", "-----"]);
    if wanted("geocoding") {
        geocoding::measure(&mut table);
    }
    if wanted("linkage") {
        linkage::measure(&mut table);
    }
    if wanted("siting") {
        siting::measure(&mut table);
    }
    if wanted("allocation") {
        allocation::measure(&mut table);
    }
    if wanted("lamezia") {
        pipeline::town(&mut table);
    }
    if wanted("roads") {
        roads::measure(&mut table);
    }
    let parts: Vec<&str> =
        ["snapshot", "partition", "ask", "restart", "file", "items", "filter", "hex", "tiles", "postgis"]
            .into_iter()
            .filter(|part| wanted(part))
            .collect();
    if !parts.is_empty() {
        world::measure(&mut table, &parts);
    }
    if by_name("vrp") {
        vrp::measure(&mut table);
    }
    if by_name("million") {
        pipeline::million(&mut table);
    }
    if by_name("nation") {
        nation::measure(&mut table);
    }
    if table.0 == 0 {
        writeln!(std::io::stdout(), "no figure is called {}", asked.join(" or ")).ok();
    }
}
