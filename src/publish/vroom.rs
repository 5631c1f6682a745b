//! A plan as VROOM's solution in JSON, with ours beside: why a stop is left out, and what would serve it.

use geo::LineString;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::osrm;
use crate::logistics::{
    check::{self, Breach, Wrong},
    plan::{Kind, Plan, Relaxation, Run, Step, Unassigned},
    problem::{Amount, Problem, Task, Vehicle},
};

/// How long it took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clocks {
    /// To read and check the problem.
    pub loading_ms: u64,
    /// To search.
    pub solving_ms: u64,
    /// To find times between places, and to draw the runs.
    pub routing_ms: u64,
}

/// Where the places of a problem are, and how the runs go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Places<'p> {
    /// (longitude, latitude) by index of the matrices, where they are known.
    pub coordinates: &'p [Option<[f64; 2]>],
    /// The line of each run of the plan, in degrees; none where nobody asked for them.
    pub lines: Option<&'p [LineString<f64>]>,
}

#[derive(Serialize)]
struct Solution<'s> {
    code: u8,
    summary: Map<String, Value>,
    unassigned: Vec<Map<String, Value>>,
    routes: Vec<Map<String, Value>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    ignored: &'s [String],
}

/// VROOM's answer to what makes no sense: code 2, and why.
pub fn refusal(reason: &str) -> Vec<u8> {
    super::json(&json!({ "code": 2, "error": reason }))
}

/// VROOM's solution, and the places of the problem that were `ignored`. A line is written as VROOM writes it: Google's
/// encoded polyline, five decimals.
pub fn solution(problem: &Problem, plan: &Plan, places: Places<'_>, ignored: &[String], clocks: Clocks) -> Vec<u8> {
    let writer = Writer::new(problem, plan, places.coordinates);
    let mut summary = writer.sums(
        plan.totals.cost,
        [
            plan.totals.setup_s,
            plan.totals.service_s,
            plan.totals.travel_s,
            plan.totals.waiting_s,
            plan.totals.priority,
            plan.totals.distance_m,
        ],
    );
    let all: Vec<Task> = plan.runs.iter().flat_map(Run::tasks).collect();
    summary.extend(writer.amounts(&all));
    let more = json!({
        "routes": plan.runs.len(),
        "unassigned": plan.unassigned.len(),
        "violations": violations(writer.breaches.iter()),
        "computing_times": { "loading": clocks.loading_ms, "solving": clocks.solving_ms, "routing": clocks.routing_ms },
        "iterations": plan.iterations,
    });
    summary.extend(members(more));
    let unassigned = plan.unassigned.iter().map(|left| writer.left(left)).collect();
    let mut routes: Vec<Map<String, Value>> = plan.runs.iter().map(|run| writer.run(run)).collect();
    for (route, line) in routes.iter_mut().zip(places.lines.unwrap_or_default()) {
        route.insert("geometry".to_owned(), json!(osrm::polyline(line, 1e5)));
    }
    super::json(&Solution { code: 0, summary, unassigned, routes, ignored })
}

struct Writer<'p> {
    problem: &'p Problem,
    coordinates: &'p [Option<[f64; 2]>],
    breaches: Vec<Breach>,
    has_metres: bool,
    /// Name, index, priority, delivered, picked up, by task.
    tasks: std::collections::HashMap<Task, Entry<'p>>,
}

#[derive(Clone, Copy)]
struct Entry<'p> {
    description: Option<&'p str>,
    location: usize,
    delivery: Option<&'p Amount>,
    pickup: Option<&'p Amount>,
    priority: u8,
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn violations<'b>(breaches: impl Iterator<Item = &'b Breach>) -> Vec<Value> {
    breaches
        .map(|breach| match &breach.kind {
            Wrong::Early { by_s } | Wrong::Late { by_s } | Wrong::Shift { by_s } => {
                json!({ "cause": breach.kind.key(), "duration": by_s })
            }
            Wrong::TravelTime { by_s } => json!({ "cause": breach.kind.key(), "duration": by_s }),
            kind => json!({ "cause": kind.key() }),
        })
        .collect()
}

const fn named(task: Task) -> (&'static str, u64) {
    match task {
        Task::Job(id) => ("job", id),
        Task::Pickup(id) => ("pickup", id),
        Task::Delivery(id) => ("delivery", id),
    }
}

impl<'p> Writer<'p> {
    fn new(problem: &'p Problem, plan: &Plan, coordinates: &'p [Option<[f64; 2]>]) -> Self {
        let jobs = problem.jobs.iter().map(|job| {
            let entry = Entry {
                description: job.description.as_deref(),
                location: job.location,
                delivery: Some(&job.delivery),
                pickup: Some(&job.pickup),
                priority: job.priority,
            };
            (Task::Job(job.id), entry)
        });
        let ends = problem.shipments.iter().flat_map(|shipment| {
            let (fetch, bring) = (&shipment.pickup, &shipment.delivery);
            let entry = |end: &'p crate::logistics::problem::End, delivery, pickup| Entry {
                description: end.description.as_deref(),
                location: end.location,
                delivery,
                pickup,
                priority: shipment.priority,
            };
            [
                (Task::Pickup(fetch.id), entry(fetch, None, Some(&shipment.amount))),
                (Task::Delivery(bring.id), entry(bring, Some(&shipment.amount), None)),
            ]
        });
        Self {
            problem,
            coordinates,
            breaches: check::check(problem, plan),
            has_metres: problem.matrices.values().any(|matrix| !matrix.distances_m().is_empty()),
            tasks: jobs.chain(ends).collect(),
        }
    }

    /// What a run or all of them come to; metres only where they are known.
    fn sums(&self, cost: f64, [setup, service, duration, waiting, priority, distance]: [u64; 6]) -> Map<String, Value> {
        let mut sums = members(json!({
            "cost": cost.round() as u64,
            "setup": setup,
            "service": service,
            "duration": duration,
            "waiting_time": waiting,
            "priority": priority,
        }));
        if self.has_metres {
            sums.insert("distance".to_owned(), json!(distance));
        }
        sums
    }

    /// What is brought and fetched, by dimension.
    fn amounts(&self, tasks: &[Task]) -> Map<String, Value> {
        let sum = |of: fn(&Entry<'_>, usize) -> u64| -> Vec<u64> {
            let dimension = |d| tasks.iter().filter_map(|task| self.tasks.get(task)).map(|entry| of(entry, d)).sum();
            (0..self.problem.dimensions()).map(dimension).collect()
        };
        let brought = sum(|entry, d| entry.delivery.map_or(0, |amount| u64::from(amount.of(d))));
        let fetched = sum(|entry, d| entry.pickup.map_or(0, |amount| u64::from(amount.of(d))));
        members(json!({ "amount": brought, "delivery": brought, "pickup": fetched }))
    }

    fn place(&self, location: Option<usize>, into: &mut Map<String, Value>) {
        if let Some(index) = location {
            into.insert("location_index".to_owned(), json!(index));
            if let Some(at) = self.coordinates.get(index).copied().flatten() {
                into.insert("location".to_owned(), json!(at));
            }
        }
    }

    fn run(&self, run: &Run) -> Map<String, Value> {
        let tasks: Vec<Task> = run.tasks().collect();
        let priority =
            tasks.iter().filter_map(|task| self.tasks.get(task)).map(|entry| u64::from(entry.priority)).sum();
        let mut route = members(json!({ "vehicle": run.vehicle }));
        let sums_of_run = [run.setup_s, run.service_s, run.travel_s, run.waiting_s, priority, run.distance_m];
        route.extend(self.sums(run.cost, sums_of_run));
        route.extend(self.amounts(&tasks));
        let vehicle = self.problem.vehicles.iter().find(|vehicle| vehicle.id == run.vehicle);
        if let Some(description) = vehicle.and_then(|vehicle| vehicle.description.as_deref()) {
            route.insert("description".to_owned(), json!(description));
        }
        let own = |step: Option<usize>| {
            let here = move |breach: &&Breach| breach.vehicle == Some(run.vehicle) && breach.step == step;
            violations(self.breaches.iter().filter(here))
        };
        let steps: Vec<Value> = run
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| Value::Object(self.step(vehicle, step, &own(Some(at)))))
            .collect();
        route.extend(members(json!({ "steps": steps, "violations": own(None) })));
        route
    }

    fn step(&self, vehicle: Option<&Vehicle>, step: &Step, violations: &[Value]) -> Map<String, Value> {
        let (sort, id) = match step.kind {
            Kind::Start => ("start", None),
            Kind::End => ("end", None),
            Kind::Task(task) => (named(task).0, Some(named(task).1)),
            Kind::Break(id) => ("break", Some(id)),
            Kind::Reload(depot) => ("reload", self.problem.depots.get(depot).map(|depot| depot.id)),
        };
        let mut out = members(json!({
            "type": sort,
            "setup": step.setup_s,
            "service": step.service_s,
            "waiting_time": step.waiting_s,
            "load": step.load,
            "arrival": step.arrival_s,
            "duration": step.duration_s,
            "violations": violations,
        }));
        if let Some(id) = id {
            out.insert("id".to_owned(), json!(id));
        }
        if let Kind::Task(task) = step.kind {
            out.insert("job".to_owned(), json!(named(task).1));
        }
        let description = match step.kind {
            Kind::Task(task) => self.tasks.get(&task).and_then(|entry| entry.description),
            Kind::Break(id) => {
                let pause = vehicle.and_then(|vehicle| vehicle.breaks.iter().find(|pause| pause.id == id));
                pause.and_then(|pause| pause.description.as_deref())
            }
            _ => None,
        };
        if let Some(description) = description {
            out.insert("description".to_owned(), json!(description));
        }
        if !matches!(step.kind, Kind::Break(_)) {
            self.place(step.location, &mut out);
        }
        if self.has_metres {
            out.insert("distance".to_owned(), json!(step.distance_m));
        }
        out
    }

    fn left(&self, left: &Unassigned) -> Map<String, Value> {
        let (sort, id) = named(left.task);
        let others: Vec<&str> = left.others.iter().map(|reason| reason.key()).collect();
        let mut out = members(json!({ "id": id, "type": sort, "reason": left.reason.key(), "others": others }));
        if let Some(entry) = self.tasks.get(&left.task) {
            self.place(Some(entry.location), &mut out);
            if let Some(description) = entry.description {
                out.insert("description".to_owned(), json!(description));
            }
        }
        if let Some(relaxation) = &left.relaxation {
            out.insert("relaxation".to_owned(), told(relaxation));
        }
        out
    }
}

/// A change that would serve a stop.
fn told(relaxation: &Relaxation) -> Value {
    match relaxation {
        Relaxation::WindowEarlier { by_s, vehicle } => {
            json!({ "change": "window_earlier", "seconds": by_s, "vehicle": vehicle })
        }
        Relaxation::WindowLater { by_s, vehicle } => {
            json!({ "change": "window_later", "seconds": by_s, "vehicle": vehicle })
        }
        Relaxation::ShiftEarlier { by_s, vehicle } => {
            json!({ "change": "shift_earlier", "seconds": by_s, "vehicle": vehicle })
        }
        Relaxation::ShiftLater { by_s, vehicle } => {
            json!({ "change": "shift_later", "seconds": by_s, "vehicle": vehicle })
        }
        Relaxation::Capacity { dimension, by, vehicle } => {
            json!({ "change": "capacity", "dimension": dimension, "amount": by, "vehicle": vehicle })
        }
        Relaxation::Tasks { by, vehicle } => json!({ "change": "max_tasks", "tasks": by, "vehicle": vehicle }),
        Relaxation::TravelTime { by_s, vehicle } => {
            json!({ "change": "max_travel_time", "seconds": by_s, "vehicle": vehicle })
        }
        Relaxation::Distance { by_m, vehicle } => {
            json!({ "change": "max_distance", "metres": by_m, "vehicle": vehicle })
        }
        Relaxation::Skill { skills, vehicle } => json!({ "change": "skills", "skills": skills, "vehicle": vehicle }),
        Relaxation::Territory { vehicle } => json!({ "change": "territory", "vehicle": vehicle }),
        Relaxation::Unlock { vehicle } => json!({ "change": "unlock", "vehicle": vehicle }),
        Relaxation::Crew { like, skills } => json!({ "change": "one_more_crew", "like": like, "skills": skills }),
    }
}
