//! The search: ruin and recreate with slack induction by string removals (Christiaens and Vanden Berghe 2020) under
//! simulated annealing.

use std::ops::ControlFlow;

use super::{plan::Plan, problem::Problem};

/// How long to search.
#[derive(Clone, Copy)]
pub enum Effort<'a> {
    /// So many iterations of each chain: the same answer for the same seed, on any machine.
    Iterations(u64),
    /// Until this says 1: the share of the time that is spent, asked every few hundred iterations from any thread. All cores.
    Until(&'a (dyn Fn() -> f64 + Sync)),
}

/// How far the search is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The share of the effort that is spent, 0 to 1.
    pub share: f64,
    /// Iterations so far, all chains together.
    pub iterations: u64,
    /// The cost of the best plan so far.
    pub cost: f64,
    /// Tasks that it does not serve.
    pub unassigned: usize,
}

/// Plans. `progress` is told some ten times a second or less, and ends the search with `Break`: the best so far is the answer.
/// Always answers: what cannot be served is [`Plan::unassigned`], with reason and relaxation.
pub fn solve(
    _problem: &Problem,
    _effort: Effort<'_>,
    _seed: u64,
    _progress: &(dyn Fn(Progress) -> ControlFlow<()> + Sync),
) -> Plan {
    Plan::default()
}
