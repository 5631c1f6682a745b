//! The judge of plans: reads the problem and the plan, shares no line with the search.

use super::{plan::Plan, problem::Problem};

/// What a plan gets wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// In whose run, by vehicle number; `None`: of the plan as a whole.
    pub vehicle: Option<u64>,
    /// At which step of the run.
    pub step: Option<usize>,
    /// What.
    pub kind: Wrong,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The plan does not fit the problem: says how.
    Inconsistent(String),
}

/// Everything that a plan gets wrong; empty: it is good.
pub fn check(_problem: &Problem, _plan: &Plan) -> Vec<Breach> {
    Vec::new()
}
