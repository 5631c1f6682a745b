//! The figures to reach, each beside its slow twin: `cargo bench` prints one table, `cargo bench -- hex` a part of it.
//!
//! Figures: `geocoding`, `linkage`, `lamezia`, `snapshot`, `partition`, `restart`, `hex`; and, only by name because it
//! takes minutes and gigabytes, `million`. A figure is the least of several runs by the clock; beside it stands the
//! processor time where a run is long enough to be counted. Real towns are used where they are at hand
//! (`ATLANTE_SHARED`, or `../shared`), invented ones elsewhere.

mod gauge;
mod geocoding;
mod linkage;
mod pipeline;
mod town;
mod world;

use std::io::Write as _;

/// One line of the table.
struct Line {
    figure: String,
    goal: String,
    measured: String,
    twin: String,
    ratio: String,
}

/// The lines so far; printed as they come, so that a long run shows where it is.
struct Table(Vec<Line>);

impl Table {
    const WIDTHS: [usize; 4] = [72, 12, 44, 46];

    fn head(&self) {
        self.row(["figure", "goal", "measured", "slow twin", "ratio"]);
        self.row(["------", "----", "--------", "---------", "-----"]);
    }

    fn row(&self, [figure, goal, measured, twin, ratio]: [&str; 5]) {
        let [a, b, c, d] = Self::WIDTHS;
        // Whoever closed the pipe has seen enough.
        writeln!(std::io::stdout(), "{figure:<a$} {goal:<b$} {measured:<c$} {twin:<d$} {ratio}").ok();
    }

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
        let line =
            Line { figure: figure.into(), goal: goal.into(), measured: measured.into(), twin: twin.into(), ratio };
        self.row([&line.figure, &line.goal, &line.measured, &line.twin, &line.ratio]);
        self.0.push(line);
    }
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|word| name.contains(word.as_str()));
    let by_name = |name: &str| asked.iter().any(|word| word == name);
    let mut table = Table(Vec::new());
    table.head();
    if wanted("geocoding") {
        geocoding::measure(&mut table);
    }
    if wanted("linkage") {
        linkage::measure(&mut table);
    }
    if wanted("lamezia") {
        pipeline::town(&mut table);
    }
    let parts: Vec<&str> =
        ["snapshot", "partition", "restart", "hex"].into_iter().filter(|part| wanted(part)).collect();
    if !parts.is_empty() {
        world::measure(&mut table, &parts);
    }
    if by_name("million") {
        pipeline::million(&mut table);
    }
    if table.0.is_empty() {
        writeln!(std::io::stdout(), "no figure is called {}", asked.join(" or ")).ok();
    }
}
