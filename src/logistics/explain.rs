//! Why a stop is left out, and the least change that would serve it, found by trying.
//!
//! A stop is put at every place of every run of the finished plan, and what that breaks is measured. Where one
//! constraint alone is in the way, giving way by just so much would serve the stop; the cheapest such change is told.

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;

use super::{
    insertion,
    plan::{Plan, Reason, Relaxation, Run, Step, Unassigned},
    problem::{Problem, Skills, Task, Vehicle, Window},
    rule::{self, lock::Locks},
    timetable::{Anew, Detail, Excess, Facts, Stop, Table, Trial, trying},
};

/// Steps that are computed to explain a plan, all stops together; each stop has a part of it.
const BUDGET: usize = 8_000_000;

/// A stop has this part at least.
const LEAST: usize = 800;

/// As it is, and only what it breaks.
const BROKEN: Trial = Trial { free: None, shift: None, anew: None, detail: Detail::Excess };

/// Explains every task that no run of the plan serves.
pub fn explain(problem: &Problem, plan: &Plan) -> Vec<Unassigned> {
    let served: HashSet<Task> = plan.runs.iter().flat_map(Run::tasks).collect();
    let mut left: Vec<Left<'_>> = Vec::new();
    for job in problem.jobs.iter().filter(|job| !served.contains(&Task::Job(job.id))) {
        let task = Task::Job(job.id);
        left.push(Left { task, mate: None, skills: &job.skills, territory: job.territory, windows: &job.windows });
    }
    for shipment in problem.shipments.iter().filter(|shipment| !served.contains(&Task::Delivery(shipment.delivery.id)))
    {
        let (fetched, brought) = (Task::Pickup(shipment.pickup.id), Task::Delivery(shipment.delivery.id));
        // What is on board already is only to be brought.
        let (task, mate, end) = if served.contains(&fetched) {
            (brought, None, &shipment.delivery)
        } else {
            (fetched, Some(brought), &shipment.pickup)
        };
        left.push(Left { task, mate, skills: &shipment.skills, territory: shipment.territory, windows: &end.windows });
    }
    let ground = Ground::of(problem, plan);
    let budget = (BUDGET / left.len().max(1)).max(LEAST);
    left.par_iter().flat_map_iter(|left| ground.explain(left, budget)).collect()
}

/// A stop that is left out.
struct Left<'p> {
    task: Task,
    mate: Option<Task>,
    skills: &'p Skills,
    territory: Option<u32>,
    windows: &'p [Window],
}

/// A change that would do, and what it is worth in seconds.
type Change = (u64, Reason, Relaxation);

/// What changes cost, as if in seconds: a stop more as a quarter of an hour, a crew more as a shift.
mod cost {
    pub const SHIFT: u64 = 2;
    pub const TASK: u64 = 900;
    pub const AMOUNT: u64 = 60;
    pub const SKILL: u64 = 10_800;
    pub const TERRITORY: u64 = 3_600;
    pub const LOCK: u64 = 3_600;
    pub const CREW: u64 = 28_800;
}

struct Ground<'p> {
    problem: &'p Problem,
    facts: Facts<'p>,
    locks: Locks,
    /// By vehicle: the stops of its run.
    runs: Vec<Vec<Stop>>,
    /// The first vehicle of each sort, for crews that might come in addition.
    sorts: Vec<usize>,
}

/// What was seen while trying.
#[derive(Default)]
struct Seen {
    best: Option<Change>,
    reasons: BTreeSet<Reason>,
    /// In how many crews' way something always stood, and what.
    never: Vec<Reason>,
    fits: bool,
}

/// What no place of a run changes, and what giving way would cost.
type Fixed = (Reason, (u64, Relaxation));

impl Seen {
    fn offer(&mut self, change: Change) {
        let better = self.best.as_ref().is_none_or(|best| (change.0, change.1) < (best.0, best.1));
        if better {
            self.best = Some(change);
        }
    }
}

impl<'p> Ground<'p> {
    fn of(problem: &'p Problem, plan: &Plan) -> Self {
        let pauses = |vehicle: &Vehicle| vehicle.breaks.iter().map(|pause| Stop::Break(pause.id)).collect();
        let runs = problem.vehicles.iter().map(|vehicle| {
            let run = plan.runs.iter().find(|run| run.vehicle == vehicle.id);
            run.map_or_else(|| pauses(vehicle), insertion::stops)
        });
        let mut sorts: Vec<usize> = Vec::new();
        for (at, vehicle) in problem.vehicles.iter().enumerate() {
            let same = |sort: &&usize| {
                let other = &problem.vehicles[**sort];
                (other.start, other.end, other.window, &other.profile, &other.capacity)
                    == (vehicle.start, vehicle.end, vehicle.window, &vehicle.profile, &vehicle.capacity)
                    && (&other.skills, other.territory) == (&vehicle.skills, vehicle.territory)
            };
            if sorts.len() < 32 && !sorts.iter().any(|sort| same(&sort)) {
                sorts.push(at);
            }
        }
        Self { problem, facts: Facts::new(problem), locks: Locks::of(problem), runs: runs.collect(), sorts }
    }

    fn explain(&self, left: &Left<'_>, budget: usize) -> Vec<Unassigned> {
        let mut seen = Seen::default();
        let mut spent = 0;
        for (at, vehicle) in self.problem.vehicles.iter().enumerate() {
            if spent > budget {
                break;
            }
            self.try_run(left, at, vehicle, &mut seen, (&mut spent, budget));
        }
        for sort in &self.sorts {
            self.try_crew(left, *sort, &mut seen);
        }
        let reason = match &seen.best {
            _ if seen.fits => Reason::Effort,
            // A further crew tells nothing of what stands in the way of those there are.
            Some((_, reason, Relaxation::Crew { .. })) if *reason == Reason::Several => common(&seen),
            Some((_, reason, _)) => *reason,
            None => common(&seen),
        };
        let others = seen.reasons.iter().copied().filter(|other| *other != reason).collect::<Vec<_>>();
        let relaxation = seen.best.filter(|_| !seen.fits).map(|best| best.2);
        let one = |task| Unassigned { task, reason, others: others.clone(), relaxation: relaxation.clone() };
        [Some(left.task), left.mate].into_iter().flatten().map(one).collect()
    }

    /// The stop in every place of one run.
    fn try_run(
        &self,
        left: &Left<'_>,
        at: usize,
        vehicle: &'p Vehicle,
        seen: &mut Seen,
        (spent, budget): (&mut usize, usize),
    ) {
        let fixed = self.fixed(left, vehicle);
        seen.reasons.extend(fixed.iter().map(|(reason, _)| *reason));
        let stops = &self.runs[at];
        let done = self.problem.done.get(&vehicle.id).map_or(0, Vec::len);
        let mut always: Option<BTreeSet<Reason>> = None;
        for from in done..=stops.len() {
            for to in from..=if left.mate.is_some() { stops.len() } else { from } {
                *spent += stops.len() + 2;
                if *spent > budget.saturating_mul(2) {
                    return;
                }
                let trial = put(stops, left, from, to);
                let table = trying(&self.facts, at, &trial, &BROKEN);
                let broken = reasons(left, &table);
                always = Some(match always {
                    None => broken.clone(),
                    Some(always) => always.intersection(&broken).copied().collect(),
                });
                self.judge(left, (at, vehicle), (&trial, from), (&fixed, &table, &broken), seen);
            }
        }
        seen.reasons.extend(always.iter().flatten());
        seen.never.extend(fixed.iter().map(|(reason, _)| *reason).chain(always.into_iter().flatten()));
    }

    /// What no place of a run changes.
    fn fixed(&self, left: &Left<'_>, vehicle: &Vehicle) -> Vec<Fixed> {
        let mut fixed = Vec::new();
        if !rule::skill::admits(vehicle, left.skills) {
            let skills: Vec<u32> = vehicle.skills.lacking(left.skills).collect();
            let cost = cost::SKILL * skills.len() as u64;
            fixed.push((Reason::Skills, (cost, Relaxation::Skill { skills, vehicle: vehicle.id })));
        }
        if !rule::territory::admits(vehicle, left.territory) {
            fixed.push((Reason::Territory, (cost::TERRITORY, Relaxation::Territory { vehicle: vehicle.id })));
        }
        if ![Some(left.task), left.mate].into_iter().flatten().all(|task| self.locks.admit(vehicle.id, task)) {
            fixed.push((Reason::Locked, (cost::LOCK, Relaxation::Unlock { vehicle: vehicle.id })));
        }
        fixed
    }

    /// What one place breaks, and what giving way would cost, where one constraint alone is in the way.
    fn judge(
        &self,
        left: &Left<'_>,
        (at, vehicle): (usize, &'p Vehicle),
        (trial, place): (&[Stop], usize),
        (fixed, table, broken): (&[Fixed], &Table, &BTreeSet<Reason>),
        seen: &mut Seen,
    ) {
        match (fixed, broken.len()) {
            ([], 0) => seen.fits = true,
            ([(reason, (cost, relaxation))], 0) => seen.offer((*cost, *reason, relaxation.clone())),
            ([], 1) => {
                if let Some((cost, relaxation)) = relax(vehicle.id, &table.excess) {
                    for reason in broken {
                        seen.offer((cost, *reason, relaxation.clone()));
                    }
                }
            }
            _ => {}
        }
        if !fixed.is_empty() {
            return;
        }
        let in_time = [Reason::Window, Reason::OtherWindows, Reason::Shift];
        if broken.is_empty() || !broken.iter().all(|reason| in_time.contains(reason)) {
            return;
        }
        if left.mate.is_none() {
            self.free(left, (at, vehicle), (trial, place), seen);
        }
        let late = table.excess.late.iter().map(|(_, by_s)| *by_s).max().unwrap_or(0).max(table.excess.overtime_s);
        if let Some(shift) = vehicle.window.filter(|_| late > 0 && !self.problem.done.contains_key(&vehicle.id)) {
            let shift = Window { from_s: shift.from_s - late, ..shift };
            let earlier = trying(&self.facts, at, trial, &Trial { shift: Some(shift), ..BROKEN });
            if earlier.excess.is_none() {
                let relaxation = Relaxation::ShiftEarlier { by_s: late, vehicle: vehicle.id };
                let reason = broken.first().copied().unwrap_or(Reason::Shift);
                seen.offer((cost::SHIFT * late as u64, reason, relaxation));
            }
        }
    }

    /// The stop at any time: how far from its windows is when it could be served?
    fn free(
        &self,
        left: &Left<'_>,
        (at, vehicle): (usize, &'p Vehicle),
        (trial, place): (&[Stop], usize),
        seen: &mut Seen,
    ) {
        let free = Trial { free: Some(left.task), ..Trial::default() };
        let table = trying(&self.facts, at, trial, &free);
        if !table.excess.is_none() {
            return;
        }
        let step = &table.steps[place + 1];
        let first = step.arrival_s;
        let last = first + self.slack(vehicle, trial, &table.steps, place);
        for window in left.windows {
            let (by_s, relaxation) = if last < window.from_s {
                let by_s = window.from_s - last;
                (by_s, Relaxation::WindowEarlier { by_s, vehicle: vehicle.id })
            } else {
                let by_s = (first - window.to_s).max(0);
                (by_s, Relaxation::WindowLater { by_s, vehicle: vehicle.id })
            };
            if by_s > 0 {
                seen.offer((by_s as u64, Reason::Window, relaxation));
            }
        }
    }

    /// By how much a step may begin later for all after it to hold.
    fn slack(&self, vehicle: &'p Vehicle, trial: &[Stop], steps: &[Step], place: usize) -> i64 {
        let (mut waited, mut slack) = (0, i64::MAX >> 2);
        for (stop, step) in trial.iter().zip(&steps[1..]).skip(place + 1) {
            waited += step.waiting_s;
            let begin = step.arrival_s + step.waiting_s;
            let window = self.facts.windows(vehicle, *stop).iter().find(|window| window.holds(begin));
            slack = window.map_or(slack, |window| slack.min(waited + window.to_s - begin));
        }
        let end = steps.last().map_or(0, |step| step.arrival_s);
        let shift = vehicle.window.map_or(i64::MAX >> 2, |shift| waited + shift.to_s - end);
        slack.min(shift).max(0)
    }

    /// One more crew like this one, for this stop alone.
    fn try_crew(&self, left: &Left<'_>, at: usize, seen: &mut Seen) {
        let vehicle = &self.problem.vehicles[at];
        let pauses: Vec<Stop> = vehicle.breaks.iter().map(|pause| Stop::Break(pause.id)).collect();
        for place in 0..=pauses.len() {
            let with_stop = put(&pauses, left, place, place);
            let table = trying(&self.facts, at, &with_stop, &Trial { anew: Some(Anew), ..BROKEN });
            if table.excess.is_none() {
                let skills: Vec<u32> = vehicle.skills.lacking(left.skills).collect();
                let reason = if skills.is_empty() { Reason::Several } else { Reason::Skills };
                let cost = cost::CREW + skills.len() as u64;
                seen.offer((cost, reason, Relaxation::Crew { like: vehicle.id, skills }));
                return;
            }
        }
    }
}

/// What stands in every crew's way.
fn common(seen: &Seen) -> Reason {
    let most = seen.reasons.iter().map(|reason| (seen.never.iter().filter(|never| *never == reason).count(), *reason));
    let mut all: Vec<(usize, Reason)> = most.filter(|(count, _)| *count > 0).collect();
    all.sort_by_key(|(count, reason)| (std::cmp::Reverse(*count), *reason));
    match all.as_slice() {
        [] => Reason::Several,
        [first, ..] => first.1,
    }
}

/// A stop (and its mate) at a place of a run.
fn put(stops: &[Stop], left: &Left<'_>, from: usize, to: usize) -> Vec<Stop> {
    let mut trial = stops.to_vec();
    if let Some(mate) = left.mate {
        trial.insert(to, Stop::Task(mate));
    }
    trial.insert(from, Stop::Task(left.task));
    trial
}

/// What a run breaks.
fn reasons(left: &Left<'_>, table: &Table) -> BTreeSet<Reason> {
    let excess = &table.excess;
    let own = |step: &Step| matches!(step.kind, super::plan::Kind::Task(task) if task == left.task || Some(task) == left.mate);
    let mut broken = BTreeSet::new();
    for (at, _) in &excess.late {
        let step = &table.steps[*at];
        broken.insert(match step.kind {
            super::plan::Kind::Break(_) => Reason::Break,
            _ if own(step) => Reason::Window,
            _ => Reason::OtherWindows,
        });
    }
    let load = excess.load.iter().any(|load| *load > 0);
    for (is_broken, reason) in [
        (excess.unreachable > 0, Reason::Unreachable),
        (excess.overtime_s > 0, Reason::Shift),
        (load, Reason::Capacity),
        (excess.load_in_break > 0, Reason::Break),
        (excess.tasks > 0, Reason::Tasks),
        (excess.travel_s > 0, Reason::TravelTime),
        (excess.distance_m > 0, Reason::Distance),
    ] {
        if is_broken {
            broken.insert(reason);
        }
    }
    broken
}

/// The change that gives way by just so much.
fn relax(vehicle: u64, excess: &Excess) -> Option<(u64, Relaxation)> {
    let dimensions: Vec<usize> = (0..excess.load.len()).filter(|dimension| excess.load[*dimension] > 0).collect();
    if excess.unreachable > 0 || !excess.late.is_empty() || excess.load_in_break > 0 || dimensions.len() > 1 {
        return None;
    }
    if let [dimension] = dimensions[..] {
        let by = excess.load[dimension] as u32;
        return Some((cost::TASK + cost::AMOUNT * u64::from(by), Relaxation::Capacity { dimension, by, vehicle }));
    }
    if excess.overtime_s > 0 {
        let by_s = excess.overtime_s;
        return Some((cost::SHIFT * by_s as u64, Relaxation::ShiftLater { by_s, vehicle }));
    }
    if excess.tasks > 0 {
        return Some((cost::TASK * excess.tasks as u64, Relaxation::Tasks { by: excess.tasks, vehicle }));
    }
    if excess.travel_s > 0 {
        return Some((excess.travel_s, Relaxation::TravelTime { by_s: excess.travel_s, vehicle }));
    }
    (excess.distance_m > 0)
        .then_some((excess.distance_m / 10, Relaxation::Distance { by_m: excess.distance_m, vehicle }))
}
