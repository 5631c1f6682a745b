//! A run step by step, step after step: when, where, with what on board, and what of it breaks a rule and by how much.
//!
//! Plain and slow beside the search, which needs neither; used once a plan is found, priced or explained.

use std::collections::HashMap;

use super::{
    plan::{Kind, Over, Run, Step},
    problem::{Amount, Matrix, Problem, Task, UNREACHABLE, Vehicle, Window},
};

/// A step between start and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A job or an end of a shipment.
    Task(Task),
    /// A pause, by its number.
    Break(u64),
    /// Loading, at the depot of that index.
    Reload(usize),
}

/// By how much a run breaks its rules; zeros: it holds them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excess {
    /// Steps that begin after their last window, and by how many seconds.
    pub late: Vec<(usize, i64)>,
    /// Seconds after the end of the shift.
    pub overtime_s: i64,
    /// More on board than fits, the most by dimension.
    pub load: Vec<i64>,
    /// More on board in a pause than it allows, the most of any dimension.
    pub load_in_break: i64,
    /// Stops more than allowed.
    pub tasks: usize,
    /// Seconds on the road more than allowed.
    pub travel_s: u64,
    /// Metres more than allowed.
    pub distance_m: u64,
    /// Legs that cannot be driven.
    pub unreachable: usize,
}

impl Excess {
    /// Whether every rule holds.
    pub fn is_none(&self) -> bool {
        self.late.is_empty()
            && self.overtime_s == 0
            && self.load.iter().all(|load| *load == 0)
            && self.load_in_break == 0
            && (self.tasks, self.travel_s, self.distance_m, self.unreachable) == (0, 0, 0, 0)
    }
}

/// A run with its times.
#[derive(Clone, Debug)]
pub struct Table {
    /// The steps, start and end within.
    pub steps: Vec<Step>,
    /// What breaks a rule.
    pub excess: Excess,
    /// Cost of the legs.
    pub legs_cost: f64,
}

impl Table {
    /// The run of a plan.
    pub fn into_run(self, vehicle: &Vehicle) -> Run {
        let last = self.steps.last();
        let sum = |part: fn(&Step) -> u64| self.steps.iter().map(part).sum();
        let work_s = sum(|step| match step.kind {
            Kind::Task(_) => u64::from(step.setup_s) + u64::from(step.service_s),
            _ => 0,
        });
        Run {
            vehicle: vehicle.id,
            cost: vehicle.costs.fixed + self.legs_cost + vehicle.costs.per_task_hour * work_s as f64 / 3600.0,
            travel_s: last.map_or(0, |step| step.duration_s),
            distance_m: last.map_or(0, |step| step.distance_m),
            service_s: sum(|step| u64::from(step.service_s)),
            setup_s: sum(|step| u64::from(step.setup_s)),
            waiting_s: sum(|step| step.waiting_s.max(0) as u64),
            steps: self.steps,
        }
    }
}

/// What a step is in the problem.
struct Fact<'p> {
    location: Option<usize>,
    windows: &'p [Window],
    service_s: u32,
    setup_s: u32,
    brought: Option<&'p Amount>,
    fetched: Option<&'p Amount>,
    /// Of a shipment: on board from here, or to here.
    shipped: Option<(&'p Amount, i64)>,
    max_load: Option<&'p Amount>,
}

/// What is otherwise than the problem says, to see what comes of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trial {
    /// A task that may be served at any time.
    pub free: Option<Task>,
    /// The shift.
    pub shift: Option<Window>,
    /// Nothing is done yet: another crew like this one.
    pub anew: Option<Anew>,
    /// What is worked out.
    pub detail: Detail,
}

/// What of a table is worked out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// All of it.
    #[default]
    Whole,
    /// What breaks a rule, which is far less work: every step is as early as it can be, and no loads are told.
    Excess,
}

/// Nothing is done yet.
#[derive(Clone, Copy, Debug)]
pub struct Anew;

/// Where the tasks of a problem are in it.
pub struct Facts<'p> {
    problem: &'p Problem,
    dimensions: usize,
    jobs: HashMap<u64, usize>,
    fetched: HashMap<u64, usize>,
    brought: HashMap<u64, usize>,
}

impl<'p> Facts<'p> {
    /// Reads a problem once.
    pub fn new(problem: &'p Problem) -> Self {
        let shipments = || problem.shipments.iter().enumerate();
        Self {
            problem,
            dimensions: problem.dimensions(),
            jobs: problem.jobs.iter().enumerate().map(|(at, job)| (job.id, at)).collect(),
            fetched: shipments().map(|(at, shipment)| (shipment.pickup.id, at)).collect(),
            brought: shipments().map(|(at, shipment)| (shipment.delivery.id, at)).collect(),
        }
    }

    /// When a stop may begin; none: any time.
    pub fn windows(&self, vehicle: &'p Vehicle, stop: Stop) -> &'p [Window] {
        self.of(vehicle, stop).windows
    }

    fn of(&self, vehicle: &'p Vehicle, stop: Stop) -> Fact<'p> {
        let problem = self.problem;
        let end = |end: &'p super::problem::End, amount: &'p Amount, sign| Fact {
            location: Some(end.location),
            windows: &end.windows,
            service_s: end.work(vehicle).service_s,
            setup_s: end.work(vehicle).setup_s,
            brought: None,
            fetched: None,
            shipped: Some((amount, sign)),
            max_load: None,
        };
        let none = |windows, service_s| Fact {
            location: None,
            windows,
            service_s,
            setup_s: 0,
            brought: None,
            fetched: None,
            shipped: None,
            max_load: None,
        };
        match stop {
            Stop::Task(Task::Job(id)) => {
                let job = &problem.jobs[self.jobs[&id]];
                let work = job.work(vehicle);
                Fact {
                    location: Some(job.location),
                    setup_s: work.setup_s,
                    brought: Some(&job.delivery),
                    fetched: Some(&job.pickup),
                    ..none(&job.windows, work.service_s)
                }
            }
            Stop::Task(Task::Pickup(id)) => {
                let shipment = &problem.shipments[self.fetched[&id]];
                end(&shipment.pickup, &shipment.amount, 1)
            }
            Stop::Task(Task::Delivery(id)) => {
                let shipment = &problem.shipments[self.brought[&id]];
                end(&shipment.delivery, &shipment.amount, -1)
            }
            Stop::Break(id) => match vehicle.breaks.iter().find(|pause| pause.id == id) {
                Some(pause) => Fact { max_load: pause.max_load.as_ref(), ..none(&pause.windows, pause.service_s) },
                None => none(&[], 0),
            },
            Stop::Reload(depot) => {
                let depot = &problem.depots[depot];
                Fact { location: Some(depot.location), ..none(&depot.windows, depot.service_s) }
            }
        }
    }
}

/// The timetable of a vehicle's stops (what is done among them first), with every step as early as it can be but the start, which is
/// as late as it can be without anything after the first wait being later.
pub fn of(problem: &Problem, vehicle: usize, stops: &[Stop]) -> Table {
    with(&Facts::new(problem), vehicle, stops)
}

/// [`of`], for many runs of one problem.
pub fn with(facts: &Facts<'_>, at: usize, stops: &[Stop]) -> Table {
    trying(facts, at, stops, &Trial::default())
}

/// [`with`], had something been otherwise.
pub fn trying(facts: &Facts<'_>, at: usize, stops: &[Stop], trial: &Trial) -> Table {
    let problem = facts.problem;
    let vehicle = &problem.vehicles[at];
    let shift = trial.shift.or(vehicle.window).unwrap_or(Window::ALWAYS);
    let resolve = |stop: &Stop| match trial.free {
        Some(free) if *stop == Stop::Task(free) => Fact { windows: &[], ..facts.of(vehicle, *stop) },
        _ => facts.of(vehicle, *stop),
    };
    let resolved: Vec<Fact<'_>> = stops.iter().map(resolve).collect();
    let done = problem.done.get(&vehicle.id).filter(|_| trial.anew.is_none()).map_or(&[][..], Vec::as_slice);
    let writer = Writer { matrix: &problem.matrices[&vehicle.profile], vehicle, shift, stops, facts: &resolved, done };
    let mut table = writer.write(shift.from_s);
    let whole = trial.detail == Detail::Whole;
    if whole && done.is_empty() && table.excess.late.is_empty() && table.excess.overtime_s == 0 {
        let delay = writer.delay(&table);
        if delay > 0 {
            table = writer.write(shift.from_s + delay);
        }
    }
    writer.load(facts.dimensions, trial.detail, &mut table);
    let tasks = stops.iter().filter(|stop| matches!(stop, Stop::Task(_))).count();
    table.excess.tasks = vehicle.max_tasks.map_or(0, |most| tasks.saturating_sub(most));
    let last = table.steps.last().map_or((0, 0), |step| (step.duration_s, step.distance_m));
    let over = |most: Option<u32>, spent: u64| most.map_or(0, |most| spent.saturating_sub(u64::from(most)));
    table.excess.travel_s = over(vehicle.max_travel_time_s, last.0);
    table.excess.distance_m = over(vehicle.max_distance_m, last.1);
    table
}

struct Writer<'w, 'p> {
    matrix: &'w Matrix,
    vehicle: &'w Vehicle,
    shift: Window,
    stops: &'w [Stop],
    facts: &'w [Fact<'p>],
    done: &'w [super::problem::Done],
}

impl Writer<'_, '_> {
    /// Time, metres and cost of a leg; `None`: there is no way.
    fn leg(&self, from: Option<usize>, to: Option<usize>) -> Option<(u32, u32, f64)> {
        let (Some(from), Some(to)) = (from, to) else { return Some((0, 0, 0.0)) };
        let cell = self.matrix.duration_s(from, to)?;
        let factor = self.vehicle.speed_factor;
        let time = if (factor - 1.0).abs() < 1e-9 { cell } else { (f64::from(cell) / factor).round() as u32 };
        let metres = self.matrix.distance_m(from, to);
        let costs = self.vehicle.costs;
        let cost = match self.matrix.costs().get(from * self.matrix.size() + to) {
            Some(cost) if *cost == UNREACHABLE => return None,
            Some(cost) => f64::from(*cost),
            None => costs.per_hour * f64::from(time) / 3600.0 + costs.per_km * f64::from(metres) / 1000.0,
        };
        Some((time, metres, cost))
    }

    fn write(&self, start_s: i64) -> Table {
        let start = Step {
            kind: Kind::Start,
            location: self.vehicle.start,
            arrival_s: start_s,
            waiting_s: 0,
            setup_s: 0,
            service_s: 0,
            load: Vec::new(),
            distance_m: 0,
            duration_s: 0,
            done: if self.done.is_empty() { Over::Ahead } else { Over::Done },
        };
        let mut steps = Vec::with_capacity(self.stops.len() + 2);
        steps.push(start);
        let mut table = Table { steps, excess: Excess::default(), legs_cost: 0.0 };
        for (at, (stop, fact)) in self.stops.iter().zip(self.facts).enumerate() {
            let kind = match stop {
                Stop::Task(task) => Kind::Task(*task),
                Stop::Break(id) => Kind::Break(*id),
                Stop::Reload(depot) => Kind::Reload(*depot),
            };
            let Some(mut step) = self.go(&mut table, kind, fact.location) else { continue };
            let before = table.steps.last().and_then(|step| step.location);
            step.service_s = fact.service_s;
            step.setup_s = if before == fact.location { 0 } else { fact.setup_s };
            if let Some(done) = self.done.get(at) {
                step.done = Over::Done;
                let own = i64::from(step.setup_s) + i64::from(step.service_s);
                let leave = done.left_s.unwrap_or(step.arrival_s + own);
                step.arrival_s = step.arrival_s.min(leave - own);
                step.waiting_s = leave - own - step.arrival_s;
            } else {
                Self::wait(&mut table, &mut step, fact);
            }
            table.steps.push(step);
        }
        if let Some(end) = self.go(&mut table, Kind::End, self.vehicle.end) {
            table.excess.overtime_s = (end.arrival_s - self.shift.to_s).max(0);
            table.steps.push(end);
        }
        table
    }

    /// The next step, as far as driving there decides it.
    fn go(&self, table: &mut Table, kind: Kind, location: Option<usize>) -> Option<Step> {
        let last = table.steps.last()?;
        let (time, metres, cost) = self.leg(last.location, location).unwrap_or_else(|| {
            table.excess.unreachable += 1;
            (0, 0, 0.0)
        });
        table.legs_cost += cost;
        Some(Step {
            kind,
            location: location.or(last.location),
            arrival_s: last.leave_s() + i64::from(time),
            waiting_s: 0,
            setup_s: 0,
            service_s: 0,
            load: Vec::new(),
            distance_m: last.distance_m + u64::from(metres),
            duration_s: last.duration_s + u64::from(time),
            done: Over::Ahead,
        })
    }

    fn wait(table: &mut Table, step: &mut Step, fact: &Fact<'_>) {
        match fact.windows.iter().find(|window| step.arrival_s <= window.to_s) {
            Some(window) => step.waiting_s = (window.from_s - step.arrival_s).max(0),
            None => {
                if let Some(last) = fact.windows.last() {
                    table.excess.late.push((table.steps.len(), step.arrival_s - last.to_s));
                }
            }
        }
    }

    /// By how much the start can be later without any wait but the first getting longer or any step missing its window.
    fn delay(&self, table: &Table) -> i64 {
        let (mut waited, mut slack) = (0, i64::MAX >> 1);
        for (step, fact) in table.steps[1..].iter().zip(self.facts) {
            waited += step.waiting_s;
            let begin = step.arrival_s + step.waiting_s;
            if let Some(window) = fact.windows.iter().find(|window| window.holds(begin)) {
                slack = slack.min(waited + window.to_s - begin);
            }
        }
        let end = table.steps.last().map_or(0, |step| step.arrival_s);
        slack = slack.min(waited + self.shift.to_s - end);
        // A crew without a shift begins at 0 where nothing says otherwise.
        let to_zero = if self.shift.from_s == Window::ALWAYS.from_s { -self.shift.from_s } else { 0 };
        slack.min(waited.max(to_zero)).max(0)
    }

    /// Loads after each step, and by how much they are too great.
    fn load(&self, dimensions: usize, detail: Detail, table: &mut Table) {
        let Self { facts, vehicle, .. } = self;
        let whole = detail == Detail::Whole;
        table.excess.load = vec![0; dimensions];
        let trip_end = |from: usize| {
            self.stops[from..]
                .iter()
                .position(|stop| matches!(stop, Stop::Reload(_)))
                .map_or(facts.len(), |at| from + at)
        };
        for dimension in 0..dimensions {
            let of = |amount: Option<&Amount>| amount.map_or(0, |amount| i64::from(amount.of(dimension)));
            let loaded = |from: usize| facts[from..trip_end(from)].iter().map(|fact| of(fact.brought)).sum::<i64>();
            let most = vehicle.capacity.as_ref().map_or(i64::MAX >> 1, |capacity| i64::from(capacity.of(dimension)));
            let (mut load, mut fetched) = (loaded(0), 0);
            let mut over = load - most;
            if whole {
                table.steps[0].load.push(load);
            }
            // On board when the last of what is done was over.
            let mut now = load;
            for (at, fact) in facts.iter().enumerate() {
                if matches!(self.stops[at], Stop::Reload(_)) {
                    load += loaded(at + 1) - fetched;
                    fetched = 0;
                }
                load += of(fact.fetched) - of(fact.brought);
                fetched += of(fact.fetched);
                load += fact.shipped.map_or(0, |(amount, sign)| sign * i64::from(amount.of(dimension)));
                // What is over cannot be helped.
                if at < self.done.len() {
                    over = 0;
                } else {
                    over = over.max(load - most);
                }
                if let Some(bound) = fact.max_load.and_then(|amount| amount.0.get(dimension)) {
                    table.excess.load_in_break = table.excess.load_in_break.max(load - i64::from(*bound));
                }
                if at + 1 == self.done.len() {
                    now = load;
                }
                if let Some(step) = table.steps.get_mut(at + 1).filter(|_| whole) {
                    step.load.push(load);
                }
            }
            if !self.done.is_empty() {
                over = over.max(now - most);
            }
            if let Some(end) = table.steps.last_mut().filter(|step| whole && step.kind == Kind::End) {
                end.load.push(load);
            }
            table.excess.load[dimension] = over.max(0);
        }
    }
}
