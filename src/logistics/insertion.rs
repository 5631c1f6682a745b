//! What it costs to put a stop somewhere else: the price of a drag.

use super::{
    check::{self, Breach},
    plan::{Kind, Over, Plan, Run, Unassigned},
    problem::{Problem, Task},
    route,
    timetable::{Excess, Facts, Stop, with},
};

/// The price of a move.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// Seconds on the road more, of the runs that change together.
    pub extra_s: i64,
    /// Metres more.
    pub extra_m: i64,
    /// What the plan would get wrong that it does not now.
    pub breaches: Vec<Breach>,
    /// The plan as it would be.
    pub plan: Plan,
}

/// Why a move makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMove {
    /// There is no such stop.
    #[error("there is no such stop")]
    NoTask,
    /// There is no such vehicle.
    #[error("there is no such vehicle")]
    NoVehicle,
    /// It was done.
    #[error("the stop is done")]
    Done,
    /// No place in the run: beyond its end, or before what is done.
    #[error("there is no such position in the run, or what is there is done")]
    NoPosition,
}

/// Prices moving a stop (with the other end of its shipment) to a vehicle's run, at a position among the run's tasks (0 first; of a
/// shipment the end named), or where it costs least; `vehicle: None` takes it out of the plan. A stop that stays in its run is
/// counted without itself.
pub fn price(
    problem: &Problem,
    plan: &Plan,
    task: Task,
    vehicle: Option<u64>,
    position: Option<usize>,
) -> Result<Price, NoMove> {
    let facts = Facts::new(problem);
    let (named, mate) = (task, mate(problem, task).ok_or(NoMove::NoTask)?);
    let mut runs: Vec<(usize, Vec<Stop>)> = Vec::new();
    for run in &plan.runs {
        let index = problem.vehicles.iter().position(|vehicle| vehicle.id == run.vehicle).ok_or(NoMove::NoVehicle)?;
        let over = |step: &&super::plan::Step| step.done == Over::Done && step.kind == Kind::Task(task);
        if run.steps.iter().any(|step| over(&step)) {
            return Err(NoMove::Done);
        }
        let stays = |stop: &Stop| *stop != Stop::Task(task) && mate.is_none_or(|mate| *stop != Stop::Task(mate));
        runs.push((index, stops(run).into_iter().filter(stays).collect()));
    }
    if let Some(id) = vehicle {
        let index = problem.vehicles.iter().position(|vehicle| vehicle.id == id).ok_or(NoMove::NoVehicle)?;
        let at = runs.iter().position(|(at, _)| *at == index).unwrap_or_else(|| {
            let pauses = problem.vehicles[index].breaks.iter().map(|pause| Stop::Break(pause.id));
            runs.push((index, pauses.collect()));
            runs.len() - 1
        });
        let placed = cheapest(&facts, problem, (index, &runs[at].1), (named, mate), position);
        runs[at].1 = placed.ok_or(NoMove::NoPosition)?;
    }
    let mut moved = route::plan(problem, runs.into_iter());
    moved.iterations = plan.iterations;
    let gone = |left: &&Unassigned| left.task != task && Some(left.task) != mate;
    moved.unassigned = plan.unassigned.iter().filter(gone).cloned().collect();
    if vehicle.is_none() {
        let left =
            |task| Unassigned { task, reason: super::plan::Reason::Effort, others: Vec::new(), relaxation: None };
        moved.unassigned.extend([Some(task), mate].into_iter().flatten().map(left));
    }
    moved.totals.unassigned = moved.unassigned.len();
    let before = check::check(problem, plan);
    let new = |breach: &Breach| !before.iter().any(|b| (b.vehicle, &b.kind) == (breach.vehicle, &breach.kind));
    Ok(Price {
        extra_s: moved.totals.travel_s as i64 - plan.totals.travel_s as i64,
        extra_m: moved.totals.distance_m as i64 - plan.totals.distance_m as i64,
        breaches: check::check(problem, &moved).into_iter().filter(new).collect(),
        plan: moved,
    })
}

/// The stops of a run.
pub fn stops(run: &Run) -> Vec<Stop> {
    let stop = |kind| match kind {
        Kind::Task(task) => Some(Stop::Task(task)),
        Kind::Break(id) => Some(Stop::Break(id)),
        Kind::Reload(depot) => Some(Stop::Reload(depot)),
        Kind::Start | Kind::End => None,
    };
    run.steps.iter().filter_map(|step| stop(step.kind)).collect()
}

/// The other end of a shipment, that a job has not; `None` for what there is not.
#[expect(clippy::option_option, reason = "no such task, a task alone, a task with its mate")]
fn mate(problem: &Problem, task: Task) -> Option<Option<Task>> {
    match task {
        Task::Job(id) => problem.jobs.iter().any(|job| job.id == id).then_some(None),
        Task::Pickup(id) => {
            let shipment = problem.shipments.iter().find(|shipment| shipment.pickup.id == id)?;
            Some(Some(Task::Delivery(shipment.delivery.id)))
        }
        Task::Delivery(id) => {
            let shipment = problem.shipments.iter().find(|shipment| shipment.delivery.id == id)?;
            Some(Some(Task::Pickup(shipment.pickup.id)))
        }
    }
}

/// How bad a run is: what it breaks first, then its time on the road.
fn badness(excess: &Excess) -> u64 {
    let late: i64 = excess.late.iter().map(|(_, by_s)| *by_s).sum::<i64>() + excess.overtime_s;
    let load: i64 = excess.load.iter().sum::<i64>() + excess.load_in_break;
    late as u64
        + 1_000_000 * excess.unreachable as u64
        + 3_600 * (load as u64 + excess.tasks as u64)
        + excess.travel_s
        + excess.distance_m / 10
}

/// The run with the task in it (and its mate), at the position asked or the best.
fn cheapest(
    facts: &Facts<'_>,
    problem: &Problem,
    (index, stops): (usize, &[Stop]),
    (task, mate): (Task, Option<Task>),
    position: Option<usize>,
) -> Option<Vec<Stop>> {
    let done = problem.done.get(&problem.vehicles[index].id).map_or(0, Vec::len);
    let mut best: Option<((u64, u64), Vec<Stop>)> = None;
    let tasks_before = |at: usize| stops[..at].iter().filter(|stop| matches!(stop, Stop::Task(_))).count();
    let mut consider = |trial: Vec<Stop>| {
        let table = with(facts, index, &trial);
        let key = (badness(&table.excess), table.steps.last().map_or(0, |step| step.duration_s));
        if best.as_ref().is_none_or(|best| key < best.0) {
            best = Some((key, trial));
        }
    };
    for at in done..=stops.len() {
        if position.is_some_and(|position| tasks_before(at) != position) {
            continue;
        }
        let mut with_task = stops.to_vec();
        with_task.insert(at, Stop::Task(task));
        let Some(mate) = mate else {
            consider(with_task);
            continue;
        };
        let range = if matches!(task, Task::Pickup(_)) { at + 1..=with_task.len() - 1 + 1 } else { done..=at };
        for other in range {
            let mut with_both = with_task.clone();
            with_both.insert(other, Stop::Task(mate));
            consider(with_both);
        }
    }
    best.map(|(_, stops)| stops)
}
