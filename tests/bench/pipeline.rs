//! From files to a stored world: a town through `app`, a million people through the real binary.

use std::{
    process::{Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use atlante::{
    app::{
        import::{ImportReport, Outcome, import},
        refresh::{RefreshOrder, refresh},
    },
    domain::watch::Watch,
    store::Embedded,
};
use jiff::civil::date;

use crate::{
    Table,
    gauge::{Folder, Spent, once, peak_gib, processor_s},
    town::{Town, runtime},
};

/// Notes when each step of the work began.
struct Steps(Mutex<Vec<(&'static str, Instant)>>);

impl Watch for Steps {
    fn begin(&self, step: &'static str, _: u64) {
        if let Ok(mut steps) = self.0.lock() {
            steps.push((step, Instant::now()));
        }
    }
    fn advance(&self, _: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// Import and refresh of Lamezia, twice; the quicker counts.
pub fn town(table: &mut Table) {
    let town = Town::real();
    let runtime = runtime();
    let mut best: Option<(Spent, Durations, ImportReport)> = None;
    for _ in 0..2 {
        let folder = Folder::new("store");
        let steps = Steps(Mutex::new(Vec::new()));
        let (report, spent) = once(|| {
            runtime.block_on(async {
                let order = town.order();
                let store = Embedded::create(folder.path(), order.comune).await.expect("a new store");
                let report = import(&store, order, &steps).await.expect("the town is imported");
                let order = RefreshOrder { as_of: date(2026, 6, 30), model: None };
                refresh(&store, order, &steps).await.expect("the town is assessed");
                report
            })
        });
        if best.as_ref().is_none_or(|(other, ..)| spent.wall_s < other.wall_s) {
            best = Some((spent, durations(&steps), report));
        }
    }
    let Some((spent, steps, report)) = best else { return };
    let rows: u64 = report.sources.iter().map(|source| source.totals.rows).sum();
    let people = match &report.outcome {
        Outcome::Rebuilt(rebuilt) => rebuilt.linkage.registered,
        Outcome::Unchanged | Outcome::NoBank => 0,
    };
    let figure = format!("import + refresh: {}, {people} people, {rows} rows", town.name);
    table.note(figure, "≤ 10 s", spent.to_string());
    for (step, took_s) in steps {
        table.note(format!("  from \"{step}\" to the next step"), "", format!("{:.0} ms", took_s * 1e3));
    }
}

/// Steps and their seconds.
type Durations = Vec<(&'static str, f64)>;

/// How long each step lasted, steps of one name together, in order of their first beginning.
fn durations(steps: &Steps) -> Durations {
    let Ok(steps) = steps.0.lock() else { return Vec::new() };
    let mut each = Durations::new();
    for (at, (step, begun)) in steps.iter().enumerate() {
        let ended = steps.get(at + 1).map_or_else(Instant::now, |(_, next)| *next);
        let took_s = (ended - *begun).as_secs_f64();
        match each.iter_mut().find(|(known, _)| known == step) {
            Some((_, sum)) => *sum += took_s,
            None => each.push((step, took_s)),
        }
    }
    each
}

/// 420,000 invented households (a million people) through the binary.
pub fn million(table: &mut Table) {
    let folder = Folder::new("million");
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (town, data) = (at("town"), at("data"));
    let synth = spawn(&["synth", "--quiet", "--households", "420000", "--seed", "1", "--out", &town]);
    table.note("million: synth, 420,000 households written", "", synth.to_string());
    let file = |name: &str| format!("{town}/{name}");
    let layers = ["boundary=boundary", "sections=sections", "roads=streets"].map(|pair| {
        let (name, stem) = pair.split_once('=').unwrap_or((pair, pair));
        format!("{name}={town}/{stem}.geojson")
    });
    let [boundary, sections, roads] = &layers;
    let (doors, streets, banks) = (file("civics/indirizzario.csv"), file("civics/stradario.csv"), file("banks"));
    let import = spawn(&[
        "import", "--quiet", "--data", &data, "--comune", "X001", "--civics", &doors, "--civics", &streets, "--layer",
        boundary, "--layer", sections, "--layer", roads, "--banks", &banks,
    ]);
    table.note("million: import", "", import.to_string());
    let refresh = spawn(&["refresh", "--quiet", "--data", &data, "--as-of", "2026-06-30"]);
    table.note("million: refresh", "", refresh.to_string());
    let wall_s = import.spent.wall_s + refresh.spent.wall_s;
    table.note("million: import + refresh", "≤ 120 s", format!("{wall_s:.1} s"));
    let peak = import.peak_gib.max(refresh.peak_gib);
    table.note("million: peak memory", "≤ 4 GiB", format!("{peak:.2} GiB"));
}

/// What a run of the binary took.
struct Run {
    spent: Spent,
    peak_gib: f64,
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {:.2} GiB", self.spent, self.peak_gib)
    }
}

/// Runs the binary and looks at it all the while: what it has used is gone when it ends.
fn spawn(arguments: &[&str]) -> Run {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_atlante"))
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let process = child.id().to_string();
    let (mut cpu_s, mut most_gib) = (0.0_f64, 0.0_f64);
    let status = loop {
        cpu_s = cpu_s.max(processor_s(&process));
        most_gib = most_gib.max(peak_gib(&process).unwrap_or(0.0));
        if let Some(status) = child.try_wait().expect("the binary can be waited for") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    // 3: some rows were refused, which an invented town has on purpose.
    assert!(matches!(status.code(), Some(0 | 3)), "atlante {} ended with {status}", arguments.join(" "));
    Run { spent: Spent { wall_s: begun.elapsed().as_secs_f64(), cpu_s }, peak_gib: most_gib }
}
