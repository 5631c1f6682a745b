//! OR-Library's p-median problems (Beasley 1985), whose optima are known.

use std::path::PathBuf;

use crate::{
    domain::watch::Unwatched,
    logistics::siting::{Objective, Problem, Terms, solve},
};

fn shared() -> PathBuf {
    std::env::var_os("ATLANTE_SHARED").map_or_else(|| "../shared".into(), PathBuf::from).join("data/pmed")
}

/// A file as a problem.
fn problem(text: &str) -> Problem {
    let (nodes, costs, p) = super::pmed::read(text);
    Problem::checked(Terms {
        weights: vec![1.0; nodes],
        candidates: nodes,
        costs,
        p,
        objective: Objective::PMedian,
        capacities: None,
        fixed: Vec::new(),
    })
    .expect("a problem")
}

/// Smallest radii of the quicker files (Daskin 1995; Elloumi and others 2004).
const RADII: [(&str, f64); 6] =
    [("pmed1", 127.0), ("pmed2", 98.0), ("pmed3", 93.0), ("pmed4", 74.0), ("pmed5", 48.0), ("pmed10", 20.0)];

#[test]
fn the_known_radii_are_found_and_proved() {
    for (name, radius) in RADII {
        let Ok(text) = std::fs::read_to_string(shared().join(format!("{name}.txt"))) else {
            println!("skipped: no data/pmed in the shared folder (ATLANTE_SHARED)");
            return;
        };
        let terms = Terms { objective: Objective::PCenter, ..problem(&text).terms().clone() };
        let answer = solve(&Problem::checked(terms).expect("a problem"), 1, &Unwatched);
        assert_eq!((answer.cost, answer.proved), (radius, true), "{name}: bound {}", answer.lower_bound);
    }
}

#[test]
fn the_known_optima_are_found_and_proved() {
    let folder = shared();
    let Ok(optima) = std::fs::read_to_string(folder.join("pmedopt.txt")) else {
        println!("skipped: no data/pmed in the shared folder (ATLANTE_SHARED)");
        return;
    };
    let mut seen = 0;
    for line in optima.lines() {
        let mut words = line.split_whitespace();
        let (Some(name), Some(Ok(optimum))) = (words.next(), words.next().map(str::parse::<f64>)) else { continue };
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{name}.txt"))) else { continue };
        let begun = std::time::Instant::now();
        let answer = solve(&problem(&text), 1, &Unwatched);
        println!(
            "{name}: {} of {optimum}, bound {}, proved {}, {:?}",
            answer.cost,
            answer.lower_bound,
            answer.proved,
            begun.elapsed()
        );
        assert!((answer.cost - optimum).abs() < 1e-9, "{name}: {}", answer.cost);
        assert!(answer.proved && (answer.lower_bound - optimum).abs() < 1e-9, "{name}: {}", answer.lower_bound);
        seen += 1;
    }
    assert_eq!(seen, 10, "all files that are there");
}
