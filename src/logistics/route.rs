//! The search: ruin and recreate with slack induction by string removals (Christiaens and Vanden Berghe 2020) under
//! simulated annealing.

mod arcs;
mod begun;
mod chain;
mod dice;
mod insert;
mod kinds;
mod model;
mod near;
mod pair;
mod recreate;
mod room;
mod ruin;
mod search;
mod state;
#[cfg(test)]
mod tests;
mod works;

use std::ops::ControlFlow;

use super::{
    explain,
    plan::{Plan, Totals},
    problem::{Problem, Task},
    timetable::{self, Facts, Stop},
};
use crate::logistics::plan::Kind;

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

/// Plans. `progress` is told some hundred times in all, and ends the search with `Break`: the best so far is the answer.
/// Always answers: what cannot be served is [`Plan::unassigned`], with reason and relaxation.
pub fn solve(
    problem: &Problem,
    effort: Effort<'_>,
    seed: u64,
    progress: &(dyn Fn(Progress) -> ControlFlow<()> + Sync),
) -> Plan {
    let model = model::Model::new(problem);
    let (layout, _, iterations) = search::search(&model, &effort, seed, progress);
    let stops = layout.runs.iter().map(|(vehicle, nodes)| {
        let begun = &model.begun[*vehicle as usize];
        let ahead = nodes.iter().map(|node| match model.kinds[*node as usize] {
            Kind::Task(task) => Stop::Task(task),
            Kind::Break(id) => Stop::Break(id),
            Kind::Reload(depot) => Stop::Reload(depot),
            Kind::Start | Kind::End => unreachable!("a layout lies between start and end"),
        });
        (*vehicle as usize, begun.stops.iter().copied().chain(ahead).collect::<Vec<_>>())
    });
    let mut plan = plan(problem, stops);
    plan.iterations = iterations;
    plan.unassigned = explain::explain(problem, &plan);
    plan.totals.unassigned = plan.unassigned.len();
    plan
}

/// A plan of runs, by index of the vehicle: those that serve something or are out already. Nothing is explained.
pub fn plan(problem: &Problem, runs: impl Iterator<Item = (usize, Vec<Stop>)>) -> Plan {
    let facts = Facts::new(problem);
    let out = |vehicle: usize, stops: &[Stop]| {
        let is_done = problem.done.get(&problem.vehicles[vehicle].id).is_some_and(|done| !done.is_empty());
        is_done || stops.iter().any(|stop| matches!(stop, Stop::Task(_)))
    };
    let mut runs: Vec<(usize, Vec<Stop>)> = runs.filter(|(vehicle, stops)| out(*vehicle, stops)).collect();
    runs.sort_by_key(|(vehicle, _)| *vehicle);
    let runs = runs
        .into_iter()
        .map(|(vehicle, stops)| timetable::with(&facts, vehicle, &stops).into_run(&problem.vehicles[vehicle]));
    let mut plan = Plan { runs: runs.collect(), ..Plan::default() };
    plan.totals = totals(problem, &plan);
    plan
}

fn totals(problem: &Problem, plan: &Plan) -> Totals {
    let mut totals = Totals { runs: plan.runs.len(), ..Totals::default() };
    for run in &plan.runs {
        totals.cost += run.cost;
        totals.tasks += run.tasks().count();
        totals.travel_s += run.travel_s;
        totals.distance_m += run.distance_m;
        totals.service_s += run.service_s;
        totals.setup_s += run.setup_s;
        totals.waiting_s += run.waiting_s;
    }
    let served: std::collections::HashSet<Task> = plan.runs.iter().flat_map(super::plan::Run::tasks).collect();
    let jobs = problem.jobs.iter().filter(|job| served.contains(&Task::Job(job.id))).map(|job| u64::from(job.priority));
    let shipments = problem.shipments.iter().filter(|shipment| served.contains(&Task::Delivery(shipment.delivery.id)));
    // VROOM counts both ends.
    totals.priority = jobs.sum::<u64>() + shipments.map(|shipment| 2 * u64::from(shipment.priority)).sum::<u64>();
    totals
}
