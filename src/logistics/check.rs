//! The judge of plans: reads the problem and the plan, shares no line with the search.
//!
//! Every number of a plan is computed again from the problem, step by step, and compared.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    plan::{Kind, Over, Plan, Run, Step},
    problem::{ByType, Deed, Hold, Problem, Task, Vehicle, Window, Work},
};

mod load;

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
    /// The plan does not fit the problem, or itself: says how.
    Inconsistent(String),
    /// A leg that cannot be driven.
    Unreachable,
    /// Service begins before its window.
    Early {
        /// By so many seconds.
        by_s: i64,
    },
    /// Service begins after its window.
    Late {
        /// By so many seconds.
        by_s: i64,
    },
    /// The run is out of its shift.
    Shift {
        /// By so many seconds.
        by_s: i64,
    },
    /// More on board than fits, or than a pause allows.
    Load {
        /// In which dimension.
        dimension: usize,
        /// By so much.
        by: i64,
    },
    /// Too many stops.
    Tasks {
        /// So many more.
        by: usize,
    },
    /// Too long on the road.
    TravelTime {
        /// By so many seconds.
        by_s: u64,
    },
    /// Too far.
    Distance {
        /// By so many metres.
        by_m: u64,
    },
    /// The crew has not the skills.
    Skills,
    /// Not the crew's territory.
    Territory,
    /// A pause is not taken.
    MissingBreak(u64),
    /// A shipment is brought before it is fetched, or one end is missing from the run.
    Precedence(Task),
    /// A stop is not with the vehicle that holds it, or not in the order held.
    Lock(Task),
    /// What was done is not as it was.
    Done,
}

impl Wrong {
    /// The word used in documents: VROOM's where it has one.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Inconsistent(_) => "inconsistent",
            Self::Unreachable => "unreachable",
            Self::Early { .. } => "lead_time",
            Self::Late { .. } => "delay",
            Self::Shift { .. } => "shift",
            Self::Load { .. } => "load",
            Self::Tasks { .. } => "max_tasks",
            Self::TravelTime { .. } => "max_travel_time",
            Self::Distance { .. } => "max_distance",
            Self::Skills => "skills",
            Self::Territory => "territory",
            Self::MissingBreak(_) => "missing_break",
            Self::Precedence(_) => "precedence",
            Self::Lock(_) => "lock",
            Self::Done => "done",
        }
    }
}

/// Everything that a plan gets wrong; empty: it is good.
pub fn check(problem: &Problem, plan: &Plan) -> Vec<Breach> {
    let mut judge = Judge { problem, book: Book::of(problem), breaches: Vec::new(), vehicle: None };
    judge.census(plan);
    for run in &plan.runs {
        judge.vehicle = Some(run.vehicle);
        match problem.vehicles.iter().find(|vehicle| vehicle.id == run.vehicle) {
            Some(vehicle) => judge.run(vehicle, run),
            None => judge.wrong(None, Wrong::Inconsistent("no such vehicle".to_owned())),
        }
    }
    judge.breaches
}

/// What is asked of one task.
struct Entry<'p> {
    location: usize,
    windows: &'p [Window],
    common: Work,
    by_type: &'p ByType,
    skills: &'p super::problem::Skills,
    territory: Option<u32>,
}

/// The tasks of a problem by name.
struct Book<'p>(BTreeMap<Task, Entry<'p>>);

impl<'p> Book<'p> {
    fn of(problem: &'p Problem) -> Self {
        let mut book = BTreeMap::new();
        for job in &problem.jobs {
            let (skills, territory) = (&job.skills, job.territory);
            let (location, windows) = (job.location, job.windows.as_slice());
            let common = Work { setup_s: job.setup_s, service_s: job.service_s };
            let entry = Entry { location, windows, common, by_type: &job.by_type, skills, territory };
            book.insert(Task::Job(job.id), entry);
        }
        for shipment in &problem.shipments {
            let ends = [(Task::Pickup(shipment.pickup.id), &shipment.pickup)];
            for (task, end) in ends.into_iter().chain([(Task::Delivery(shipment.delivery.id), &shipment.delivery)]) {
                let (skills, territory) = (&shipment.skills, shipment.territory);
                let (location, windows) = (end.location, end.windows.as_slice());
                let common = Work { setup_s: end.setup_s, service_s: end.service_s };
                let entry = Entry { location, windows, common, by_type: &end.by_type, skills, territory };
                book.insert(task, entry);
            }
        }
        Self(book)
    }
}

struct Judge<'p> {
    problem: &'p Problem,
    book: Book<'p>,
    breaches: Vec<Breach>,
    vehicle: Option<u64>,
}

impl Judge<'_> {
    fn wrong(&mut self, step: Option<usize>, kind: Wrong) {
        self.breaches.push(Breach { vehicle: self.vehicle, step, kind });
    }

    fn inconsistent(&mut self, step: Option<usize>, what: &str) {
        self.wrong(step, Wrong::Inconsistent(what.to_owned()));
    }

    /// Every task is served once, or is said not to be.
    fn census(&mut self, plan: &Plan) {
        let mut seen: BTreeMap<Task, usize> = BTreeMap::new();
        for task in plan.runs.iter().flat_map(Run::tasks).chain(plan.unassigned.iter().map(|left| left.task)) {
            *seen.entry(task).or_default() += 1;
        }
        let known: BTreeSet<Task> = self.book.0.keys().copied().collect();
        for task in &known {
            if seen.get(task) != Some(&1) {
                let times = seen.get(task).copied().unwrap_or(0);
                self.wrong(None, Wrong::Inconsistent(format!("{task:?} is in the plan {times} times")));
            }
        }
        for task in seen.keys().filter(|task| !known.contains(task)) {
            self.wrong(None, Wrong::Inconsistent(format!("{task:?} is not in the problem")));
        }
        let vehicles: BTreeSet<u64> = plan.runs.iter().map(|run| run.vehicle).collect();
        if vehicles.len() != plan.runs.len() {
            self.inconsistent(None, "a vehicle has two runs");
        }
        for (vehicle, done) in &self.problem.done {
            if !done.is_empty() && !vehicles.contains(vehicle) {
                self.breaches.push(Breach { vehicle: Some(*vehicle), step: None, kind: Wrong::Done });
            }
        }
        for lock in &self.problem.locks {
            let holder = plan.runs.iter().find(|run| run.tasks().any(|task| task == lock.task));
            if holder.is_some_and(|run| run.vehicle != lock.vehicle) {
                self.wrong(None, Wrong::Lock(lock.task));
            }
        }
    }

    fn run(&mut self, vehicle: &Vehicle, run: &Run) {
        let frame = (run.steps.first().map(|step| step.kind), run.steps.last().map(|step| step.kind));
        if frame != (Some(Kind::Start), Some(Kind::End)) || run.steps.len() < 2 {
            return self.inconsistent(None, "a run begins with a start and ends with an end");
        }
        self.done(vehicle, run);
        self.order(run);
        self.pauses(vehicle, run);
        self.times(vehicle, run);
        self.bounds(vehicle, run);
        self.loads(vehicle, run);
    }

    /// What is done is first, in its order, and nothing else is called done.
    fn done(&mut self, vehicle: &Vehicle, run: &Run) {
        let done = self.problem.done.get(&vehicle.id).map_or(&[][..], Vec::as_slice);
        let inner = &run.steps[1..run.steps.len() - 1];
        let same = |step: &Step, deed: Deed| match deed {
            Deed::Task(task) => step.kind == Kind::Task(task),
            Deed::Break(id) => step.kind == Kind::Break(id),
            Deed::Reload(depot) => step.kind == Kind::Reload(depot),
        };
        let kept = done.len() <= inner.len() && done.iter().zip(inner).all(|(done, step)| same(step, done.deed));
        let told = inner.iter().enumerate().all(|(at, step)| (step.done == Over::Done) == (at < done.len()));
        let when = done.iter().zip(inner).all(|(done, step)| done.left_s.is_none_or(|left| left == step.leave_s()));
        if !kept || !told || !when {
            self.wrong(None, Wrong::Done);
        }
    }

    /// Shipments are fetched before they are brought; what is held in order is in order.
    fn order(&mut self, run: &Run) {
        let tasks: Vec<Task> = run.tasks().collect();
        let at = |task: Task| tasks.iter().position(|other| *other == task);
        for shipment in &self.problem.shipments {
            let (fetched, brought) = (Task::Pickup(shipment.pickup.id), Task::Delivery(shipment.delivery.id));
            match (at(fetched), at(brought)) {
                (None, None) => {}
                (Some(first), Some(second)) if first < second => {}
                // Fetched before anybody planned, and nobody can bring it: it is told as left out.
                (Some(_), None) if self.is_done(run.vehicle, fetched) => {}
                _ => self.wrong(None, Wrong::Precedence(brought)),
            }
        }
        let is_job = |task: &Task| matches!(task, Task::Job(_));
        let held = self.problem.locks.iter().filter(|lock| lock.hold == Hold::Order && lock.vehicle == run.vehicle);
        let over = self.problem.done.get(&run.vehicle).map_or(0, Vec::len);
        let ahead: BTreeSet<Task> = run.steps[1..]
            .iter()
            .skip(over)
            .filter_map(|step| match step.kind {
                Kind::Task(task) => Some(task),
                _ => None,
            })
            .collect();
        let ranks: Vec<(usize, Task)> = held
            .filter(|lock| is_job(&lock.task) && ahead.contains(&lock.task))
            .filter_map(|lock| Some((at(lock.task)?, lock.task)))
            .collect();
        for pair in ranks.windows(2) {
            if pair[0].0 > pair[1].0 {
                self.wrong(None, Wrong::Lock(pair[1].1));
            }
        }
    }

    fn is_done(&self, vehicle: u64, task: Task) -> bool {
        self.problem.done.get(&vehicle).is_some_and(|done| done.iter().any(|step| step.deed == Deed::Task(task)))
    }

    /// Every pause once.
    fn pauses(&mut self, vehicle: &Vehicle, run: &Run) {
        for pause in &vehicle.breaks {
            let taken = run.steps.iter().filter(|step| step.kind == Kind::Break(pause.id)).count();
            match taken {
                1 => {}
                0 => self.wrong(None, Wrong::MissingBreak(pause.id)),
                _ => self.inconsistent(None, "a pause is taken twice"),
            }
        }
        let reloads = run.steps.iter().filter(|step| matches!(step.kind, Kind::Reload(_))).count();
        let elsewhere =
            run.steps.iter().any(|step| matches!(step.kind, Kind::Reload(d) if !vehicle.reloads.contains(&d)));
        if elsewhere || reloads > vehicle.max_reloads {
            self.inconsistent(None, "it loads where, or more often than, it may");
        }
    }

    /// What the problem says of a step: place, windows, setup and service.
    fn asked(&self, vehicle: &Vehicle, kind: Kind) -> Option<(Option<usize>, Vec<Window>, u32, u32)> {
        let shift = vehicle.window.unwrap_or(Window::ALWAYS);
        Some(match kind {
            Kind::Start => (vehicle.start, vec![shift], 0, 0),
            Kind::End => (vehicle.end, vec![shift], 0, 0),
            Kind::Task(task) => {
                let entry = self.book.0.get(&task)?;
                let work = entry.by_type.of(vehicle, entry.common);
                (Some(entry.location), entry.windows.to_vec(), work.setup_s, work.service_s)
            }
            Kind::Break(id) => {
                let pause = vehicle.breaks.iter().find(|pause| pause.id == id)?;
                (None, pause.windows.clone(), 0, pause.service_s)
            }
            Kind::Reload(at) => {
                let depot = self.problem.depots.get(at)?;
                (Some(depot.location), depot.windows.clone(), 0, depot.service_s)
            }
        })
    }

    fn times(&mut self, vehicle: &Vehicle, run: &Run) {
        let matrix = &self.problem.matrices[&vehicle.profile];
        let last = run.steps.iter().rfind(|step| step.done == Over::Done).and_then(|step| step.location);
        let is_cut_off = last.zip(vehicle.end).is_some_and(|(last, end)| matrix.duration_s(last, end).is_none());
        let (mut here, mut clock_s, mut road_s, mut metres) = (None, run.steps[0].arrival_s, 0, 0);
        for (at, step) in run.steps.iter().enumerate() {
            let Some((place, windows, setup_s, service_s)) = self.asked(vehicle, step.kind) else {
                self.inconsistent(Some(at), "no such step");
                continue;
            };
            if let (Some(from), Some(to)) = (here, place) {
                match matrix.duration_s(from, to) {
                    Some(time) => {
                        let time = (f64::from(time) / vehicle.speed_factor).round() as u64;
                        road_s += time;
                        clock_s += time as i64;
                        metres += u64::from(matrix.distance_m(from, to));
                    }
                    // What was driven was open then, and who is cut off from home cannot be helped.
                    None if step.done == Over::Done || (step.kind == Kind::End && is_cut_off) => {}
                    None => self.wrong(Some(at), Wrong::Unreachable),
                }
            }
            let setup_s = if here == place { 0 } else { setup_s };
            let before = here;
            here = place.or(here);
            let over = step.done == Over::Done;
            let same = step.setup_s == setup_s && step.service_s == service_s && step.location == here;
            let known = step.duration_s == road_s && step.distance_m == metres && step.waiting_s >= 0;
            if !(same && known && (over || step.arrival_s == clock_s)) && before.is_some() {
                self.inconsistent(Some(at), "its times, metres or place are not what the problem makes them");
            }
            let begin = step.arrival_s + step.waiting_s;
            if !over {
                self.window(at, step.kind, begin, &windows);
            }
            clock_s = step.leave_s();
        }
    }

    fn window(&mut self, at: usize, kind: Kind, begin: i64, windows: &[Window]) {
        if windows.is_empty() || windows.iter().any(|window| window.holds(begin)) {
            return;
        }
        let late = windows.iter().filter(|window| window.to_s < begin).map(|window| begin - window.to_s).min();
        let early = windows.iter().filter(|window| window.from_s > begin).map(|window| window.from_s - begin).min();
        let wrong = match (kind, late, early) {
            (Kind::Start | Kind::End, late, early) => Wrong::Shift { by_s: late.or(early).unwrap_or(0) },
            (_, Some(by_s), _) => Wrong::Late { by_s },
            (_, None, early) => Wrong::Early { by_s: early.unwrap_or(0) },
        };
        self.wrong(Some(at), wrong);
    }

    fn bounds(&mut self, vehicle: &Vehicle, run: &Run) {
        let tasks = run.tasks().count();
        if let Some(by) = vehicle.max_tasks.and_then(|most| tasks.checked_sub(most)).filter(|by| *by > 0) {
            self.wrong(None, Wrong::Tasks { by });
        }
        let last = &run.steps[run.steps.len() - 1];
        let over = |most: Option<u32>, spent: u64| {
            most.and_then(|most| spent.checked_sub(u64::from(most))).filter(|by| *by > 0)
        };
        if let Some(by_s) = over(vehicle.max_travel_time_s, last.duration_s) {
            self.wrong(None, Wrong::TravelTime { by_s });
        }
        if let Some(by_m) = over(vehicle.max_distance_m, last.distance_m) {
            self.wrong(None, Wrong::Distance { by_m });
        }
        for (at, step) in run.steps.iter().enumerate().filter(|(_, step)| step.done == Over::Ahead) {
            let Kind::Task(task) = step.kind else { continue };
            let Some(entry) = self.book.0.get(&task) else { continue };
            let skilled = entry.skills.iter().all(|skill| vehicle.skills.iter().any(|own| own == skill));
            let comes = match (entry.territory, vehicle.territory) {
                (Some(there), Some(own)) => there == own,
                _ => true,
            };
            if !skilled {
                self.wrong(Some(at), Wrong::Skills);
            }
            if !comes {
                self.wrong(Some(at), Wrong::Territory);
            }
        }
    }
}
