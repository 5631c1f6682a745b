//! OR-Library's p-median problems, beside a search that tries every swap anew; a town's households, without a twin.

use std::path::PathBuf;

use atlante::{
    domain::watch::Unwatched,
    logistics::siting::{Answer, Objective, Problem, Terms, solve},
};

use crate::{
    Table,
    gauge::{Dice, least, once},
};

#[path = "../../src/logistics/siting/tests/pmed.rs"]
mod pmed;

pub fn measure(table: &mut Table) {
    library(table);
    town(table);
}

fn library(table: &mut Table) {
    let root = std::env::var_os("ATLANTE_SHARED").map_or_else(|| "../shared".into(), PathBuf::from);
    let folder = root.join("data/pmed");
    let Ok(optima) = std::fs::read_to_string(folder.join("pmedopt.txt")) else {
        table.note("siting: skipped, no data/pmed in the shared folder", "", "");
        return;
    };
    for line in optima.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(Ok(optimum))) = (words.next(), words.next().map(str::parse::<f64>)) else { continue };
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{name}.txt"))) else { continue };
        let problem = problem(&text);
        let (answer, spent) = least(3, || solve(&problem, 1, &Unwatched));
        let (swapped, twin) = once(|| swap(&problem));
        table.beside(
            format!("siting: {name}, {} nodes, {} sites, {}", problem.demands(), problem.p(), standing(&answer)),
            "opt., ≤ 1 s",
            spent.to_string(),
            format!("every swap anew: {twin}, {:.2} % over", (swapped / optimum - 1.0) * 100.0),
            Some(twin.wall_s / spent.wall_s),
        );
        assert!((answer.cost - optimum).abs() < 1e-9 && answer.proved, "{name}: {}", answer.cost);
    }
}

fn standing(answer: &Answer) -> String {
    let Answer { cost, proved, .. } = answer;
    if *proved { format!("{cost} proved") } else { format!("{cost} within {:.2} %", answer.gap() * 100.0) }
}

fn problem(text: &str) -> Problem {
    let (nodes, costs, p) = pmed::read(text);
    checked(vec![1.0; nodes], costs, p, Objective::PMedian, None)
}

fn checked(
    weights: Vec<f64>,
    costs: Vec<f64>,
    p: usize,
    objective: Objective,
    capacities: Option<Vec<f64>>,
) -> Problem {
    let candidates = costs.len() / weights.len();
    Problem::checked(Terms { weights, candidates, costs, p, objective, capacities, fixed: Vec::new() })
        .expect("a problem")
}

/// The first sites, and the best of all swaps, each counted whole, until none is better.
fn swap(problem: &Problem) -> f64 {
    let mut sites: Vec<usize> = (0..problem.p()).collect();
    let count = |sites: &[usize]| -> f64 {
        let nearest = |demand| sites.iter().map(|&site| problem.cost(demand, site)).fold(f64::INFINITY, f64::min);
        (0..problem.demands()).map(nearest).sum()
    };
    let mut cost = count(&sites);
    loop {
        let mut best = (cost, None);
        for slot in 0..sites.len() {
            let stays = sites[slot];
            for candidate in
                (0..problem.candidates()).filter(|candidate| !sites.contains(candidate)).collect::<Vec<_>>()
            {
                sites[slot] = candidate;
                let swapped = count(&sites);
                if swapped < best.0 {
                    best = (swapped, Some((slot, candidate)));
                }
            }
            sites[slot] = stays;
        }
        let Some((slot, candidate)) = best.1 else { return cost };
        sites[slot] = candidate;
        cost = best.0;
    }
}

/// Households and schools strewn over ten kilometres.
fn town(table: &mut Table) {
    let (demands, candidates, p) = (8_600, 60, 5);
    let mut dice = Dice(7);
    let mut point = || (dice.unit() * 10_000.0, dice.unit() * 10_000.0);
    let homes: Vec<(f64, f64)> = (0..demands).map(|_| point()).collect();
    let schools: Vec<(f64, f64)> = (0..candidates).map(|_| point()).collect();
    let weights: Vec<f64> = (0..demands).map(|home| f64::from(home % 5 + 1)).collect();
    let metres = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0).hypot(a.1 - b.1).round();
    let costs: Vec<f64> =
        homes.iter().flat_map(|home| schools.iter().map(move |school| metres(home, school))).collect();
    let room = vec![weights.iter().sum::<f64>() * 1.2 / f64::from(p); candidates as usize];
    for (name, objective, capacities) in [
        ("p-median", Objective::PMedian, None),
        ("p-median, capacities", Objective::PMedian, Some(room)),
        ("p-center", Objective::PCenter, None),
        ("max-cover", Objective::MaxCover { cover: 1_500.0 }, None),
    ] {
        let problem = checked(weights.clone(), costs.clone(), p as usize, objective, capacities);
        let (answer, spent) = least(3, || solve(&problem, 1, &Unwatched));
        table.note(
            format!("siting: {p} of {candidates} schools for {demands} households, {name}, {}", standing(&answer)),
            "",
            spent.to_string(),
        );
    }
}
