//! Runs: how far from the best known the search ends, on the instances at hand, and PyVRP on the same by the same clock.
//!
//! The machine's load decides how many iterations fit into the seconds: they are told beside.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use atlante::logistics::{
    check,
    plan::{Kind, Plan},
    problem::{Deed, Done, Limits, Problem},
    route::{self, Effort},
};

use crate::{
    Table,
    vrp_files::{self, Instance},
};

/// Name, seconds, how much above the best known is allowed, in percent.
const GROUPS: [(&str, &[&str], f64, f64); 5] = [
    ("Solomon, 100 stops", &["C101", "C201", "R101", "R201", "RC101"], 5.0, 1.0),
    ("Gehring-Homberger, 200 stops", &["c1_2_1", "r1_2_1"], 20.0, 2.0),
    ("X, 100 stops", &["X-n101-k25"], 5.0, 1.0),
    ("X, 302 stops", &["X-n303-k21"], 60.0, 2.0),
    ("Gehring-Homberger, 1,000 stops", &["R1_10_1"], 60.0, 4.0),
];

/// Prints how good runs are.
pub fn measure(table: &mut Table) {
    let Some(folder) = folder() else {
        table.note("vrp: no instances at hand", "", "skipped");
        return;
    };
    for (group, names, seconds, goal) in GROUPS {
        let mut gaps = Vec::new();
        for name in names {
            let Some(instance) = vrp_files::read(&folder, name) else { continue };
            let plan = searched(&instance.problem, seconds);
            assert_eq!(check::check(&instance.problem, &plan), [], "{name}");
            let gap = above(&instance, plan.totals.cost / instance.scale);
            gaps.push(gap);
            let peer = pyvrp(&folder, name, seconds, instance.fleet);
            table.beside(
                format!("vrp: {group}, {name}, {seconds:.0} s"),
                "",
                format!("{gap:+.2} %, {} runs, {} iterations", plan.totals.runs, plan.iterations),
                peer.map_or_else(String::new, |cost| {
                    format!("PyVRP {:+.2} %", above(&instance, cost / instance.scale))
                }),
                None,
            );
        }
        if gaps.is_empty() {
            table.note(format!("vrp: {group}, not at hand"), "", "skipped");
            continue;
        }
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        table.note(format!("vrp: {group}, mean"), &format!("<= {goal} %"), format!("{mean:+.2} %"));
    }
    if let Some(instance) = vrp_files::read(&folder, "X-n303-k21") {
        again(table, &instance.problem);
    }
}

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("ATLANTE_SHARED").map_or_else(beside, PathBuf::from).join("data/vrp");
    folder.is_dir().then_some(folder)
}

fn above(instance: &Instance, cost: f64) -> f64 {
    (cost / instance.best - 1.0) * 100.0
}

fn searched(problem: &Problem, seconds: f64) -> Plan {
    let begun = Instant::now();
    let share = || begun.elapsed().as_secs_f64() / seconds;
    route::solve(problem, Effort::Until(&share), 1, &|_| ControlFlow::Continue(()))
}

/// Half of each run is done: the rest is planned again.
fn again(table: &mut Table, problem: &Problem) {
    let plan = searched(problem, 3.0);
    let mut draft = problem.clone().into_draft();
    for run in &plan.runs {
        let tasks = run.steps.iter().filter_map(|step| match step.kind {
            Kind::Task(task) => Some(Done { deed: Deed::Task(task), left_s: Some(step.leave_s()) }),
            _ => None,
        });
        draft.done.insert(run.vehicle, tasks.take(run.tasks().count() / 2).collect());
    }
    let half = Problem::checked(draft, &Limits::default()).expect("a problem");
    let begun = Instant::now();
    let second = searched(&half, 3.0);
    let spent = begun.elapsed().as_secs_f64();
    assert_eq!(check::check(&half, &second), [], "done stops are as they were");
    let (before, after) = (plan.totals.cost, second.totals.cost);
    table.note(
        "vrp: 302 stops planned again, half done",
        "<= 5 s",
        format!("{spent:.2} s, cost {:+.2} %, {} iterations", (after / before - 1.0) * 100.0, second.iterations),
    );
}

/// What PyVRP finds in the same time, where it is installed.
fn pyvrp(folder: &Path, name: &str, seconds: f64, fleet: Option<u64>) -> Option<f64> {
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python");
    let python = std::env::var_os("ATLANTE_PYTHON").map_or(local, PathBuf::from);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/pyvrp_twin.py");
    let output = Command::new(python)
        .arg(script)
        .arg(folder)
        .args([name, &seconds.to_string()])
        .args(fleet.map(|vehicles| vehicles.to_string()))
        .output()
        .ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}
