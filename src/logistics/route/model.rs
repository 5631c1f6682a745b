//! A problem in flat arrays, as the search reads it.
//!
//! Nodes: tasks first, then a start and an end for each vehicle, then pauses, then loadings.

use std::borrow::Cow;

use super::{
    arcs::{Arcs, FAR},
    begun::Begun,
    kinds::Stop,
};
use crate::logistics::{
    plan::Kind,
    problem::{Fairness, Objective, Problem, Task, Window, Work},
    rule::{self, capacity::BOUNDLESS, fairness::Fair, lock::Locks, travel::Most, window::Windows},
};

/// No node, no place.
pub const NONE: u32 = u32::MAX;

/// A step that may be in a run.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// Index of the matrices, or [`NONE`]: where the step before is.
    pub place: u32,
    /// The other end of a shipment, or [`NONE`].
    pub mate: u32,
    /// When it may begin.
    pub windows: Windows,
    /// How long it takes; a task: vehicles of which nothing else is said ([`Model::work`]).
    pub service: i64,
    /// How long it takes to set up, likewise.
    pub setup: i64,
    /// What it is.
    pub role: Role,
}

/// What a node is to the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A stop that may be moved.
    Free,
    /// A stop that stays where it is in its run.
    Fixed,
    /// Fetching what its mate brings.
    Pickup,
    /// Bringing what its mate fetched.
    Delivery,
    /// Bringing what is on board already.
    Aboard,
    /// A vehicle's start.
    Start,
    /// A vehicle's end.
    End,
    /// A pause.
    Break,
    /// Loading.
    Reload,
}

/// What the search knows of a vehicle.
#[derive(Clone, Copy, Debug)]
pub struct Crew {
    /// Which arcs it drives.
    pub arcs: u32,
    /// Vehicles of the same kind are interchangeable.
    pub kind: u32,
    /// The most stops ahead.
    pub tasks: u32,
    /// The most road ahead.
    pub most: Most,
    /// Cost of going out at all.
    pub fixed: i64,
    /// Cost of a second of work at stops.
    pub labour: f64,
    /// Its type among those that some task takes longer or shorter: from 1; 0 where it has none.
    pub sort: u32,
    /// Whether it is out already: then it costs nothing to send it.
    pub out: bool,
    /// How often it may still load.
    pub loads: u32,
    /// Its loadings among the nodes.
    pub reloads: (u32, u32),
    /// Its pauses among the nodes.
    pub breaks: (u32, u32),
}

/// A problem as the search reads it.
pub struct Model<'a> {
    /// What it was made of.
    pub problem: &'a Problem,
    /// What is over.
    pub begun: Vec<Begun>,
    /// Every step that may be in a run.
    pub nodes: Vec<Node>,
    /// What a node is in the plan.
    pub kinds: Vec<Kind>,
    /// How many of the nodes are tasks.
    pub tasks: usize,
    /// Windows of stops that have several.
    pub windows: Vec<Window>,
    /// Dimensions of amounts.
    pub dimensions: usize,
    /// What a node brings from the last loading, by dimension.
    pub brought: Vec<i64>,
    /// What a node fetches for the next loading (a shipment's ends: its amount, of either sign).
    pub fetched: Vec<i64>,
    /// Bound on board after a node, by dimension: the vehicle's for starts, less after a pause that says so.
    pub bound: Vec<i64>,
    /// Fetched and on board at the start of a vehicle, by dimension.
    pub aboard: Vec<i64>,
    /// Shipped and on board at the start of a vehicle, by dimension.
    pub shipped: Vec<i64>,
    /// Vehicles.
    pub crews: Vec<Crew>,
    /// How many kinds of vehicles.
    pub kinds_of_crews: usize,
    /// Task × kind: whether it may.
    pub(super) admitted: Vec<bool>,
    /// Task × type: (setup, service), where some task takes some type longer or shorter.
    pub(super) works: Vec<(i64, i64)>,
    /// How many types there are beside none.
    pub(super) sorts: usize,
    /// Times and costs by profile, speed and costs.
    pub arcs: Vec<Arcs<'a>>,
    /// What is fair.
    pub fair: Fair,
    /// The cost of not serving a task while searching: more than serving any alone.
    pub absent: Vec<i64>,
    /// Priority of a task.
    pub priority: Vec<u8>,
    /// Units of cost that make 1.
    pub scale: f64,
    /// Tasks held in order, in that order, by vehicle.
    pub fixed: Vec<Vec<u32>>,
    /// What kinds of checks are needed.
    pub asks: Asks,
}

/// What a problem asks beyond the simple.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked by itself in the innermost loop")]
pub struct Asks {
    /// Anything is bound to time.
    pub time: bool,
    /// Loads vary along a run.
    pub varying_load: bool,
    /// Loads count at all.
    pub load: bool,
    /// Setting up takes time.
    pub setup: bool,
    /// Metres are bounded.
    pub metres: bool,
    /// Shipments.
    pub pairs: bool,
    /// Some vehicle may load anew.
    pub reloads: bool,
    /// Some vehicle has pauses, loadings or no place to start or end: legs are not those of neighbours only.
    pub rich: bool,
    /// Some priority differs.
    pub priority: bool,
}

impl<'a> Model<'a> {
    /// Reads a problem.
    pub fn new(problem: &'a Problem) -> Self {
        let begun = Begun::all(problem);
        let (classes, arcs, scale) = Arcs::all(problem);
        let mut model = Self {
            problem,
            begun,
            nodes: Vec::new(),
            kinds: Vec::new(),
            tasks: 0,
            windows: Vec::new(),
            dimensions: problem.dimensions(),
            brought: Vec::new(),
            fetched: Vec::new(),
            bound: Vec::new(),
            aboard: Vec::new(),
            shipped: Vec::new(),
            crews: Vec::new(),
            kinds_of_crews: 0,
            admitted: Vec::new(),
            works: Vec::new(),
            sorts: 0,
            arcs,
            fair: Fair::NONE,
            absent: Vec::new(),
            priority: Vec::new(),
            scale,
            fixed: vec![Vec::new(); problem.vehicles.len()],
            asks: Asks::default(),
        };
        let stops = model.stops();
        let locks = Locks::of(problem);
        for stop in &stops {
            model.add_stop(stop, &locks);
        }
        model.tasks = model.nodes.len();
        model.add_vehicles(&classes);
        model.add_works(&stops);
        let ranked = model.admit(&stops, &locks);
        model.hold(ranked);
        model.weigh();
        model.ask();
        model
    }

    /// Whether a task may be served by a kind of vehicle.
    #[inline]
    pub fn admits(&self, task: u32, kind: u32) -> bool {
        self.admitted[task as usize * self.kinds_of_crews + kind as usize]
    }

    /// The start of a vehicle.
    #[inline]
    pub const fn start(&self, vehicle: u32) -> u32 {
        self.tasks as u32 + 2 * vehicle
    }

    /// The end of a vehicle.
    #[inline]
    pub const fn end(&self, vehicle: u32) -> u32 {
        self.start(vehicle) + 1
    }

    /// The amounts of a node among amounts by node.
    #[inline]
    pub fn amounts<'s>(&self, all: &'s [i64], node: u32) -> &'s [i64] {
        &all[node as usize * self.dimensions..(node as usize + 1) * self.dimensions]
    }

    fn stops(&self) -> Vec<Stop<'a>> {
        let done = |task| self.begun.iter().any(|begun| begun.tasks.contains(&task));
        let problem = self.problem;
        let mut stops = Vec::with_capacity(problem.jobs.len() + 2 * problem.shipments.len());
        for job in problem.jobs.iter().filter(|job| !done(Task::Job(job.id))) {
            stops.push(Stop {
                task: Task::Job(job.id),
                place: job.location,
                windows: &job.windows,
                common: Work { setup_s: job.setup_s, service_s: job.service_s },
                by_type: &job.by_type,
                skills: &job.skills,
                priority: job.priority,
                territory: job.territory,
                role: Role::Free,
                brought: Some(&job.delivery),
                fetched: Some((&job.pickup, 1)),
            });
        }
        for shipment in &problem.shipments {
            let [fetch, bring] =
                [(&shipment.pickup, Role::Pickup), (&shipment.delivery, Role::Delivery)].map(|(end, role)| Stop {
                    task: if role == Role::Pickup { Task::Pickup(end.id) } else { Task::Delivery(end.id) },
                    place: end.location,
                    windows: &end.windows,
                    common: Work { setup_s: end.setup_s, service_s: end.service_s },
                    by_type: &end.by_type,
                    skills: &shipment.skills,
                    priority: shipment.priority,
                    territory: shipment.territory,
                    role,
                    brought: None,
                    fetched: Some((&shipment.amount, if role == Role::Pickup { 1 } else { -1 })),
                });
            if done(bring.task) {
                continue;
            }
            if done(fetch.task) {
                // It is on board: what is left is a stop of that vehicle.
                stops.push(Stop { role: Role::Aboard, ..bring });
            } else {
                stops.extend([fetch, bring]);
            }
        }
        stops
    }

    fn add(&mut self, kind: Kind, node: Node) -> u32 {
        self.nodes.push(node);
        self.kinds.push(kind);
        let length = self.nodes.len() * self.dimensions;
        self.brought.resize(length, 0);
        self.fetched.resize(length, 0);
        self.bound.resize(length, BOUNDLESS);
        self.nodes.len() as u32 - 1
    }

    fn add_stop(&mut self, stop: &Stop<'_>, locks: &Locks) {
        let here = self.nodes.len() as u32;
        let role = if locks.rank(stop.task).is_some() && stop.role == Role::Free { Role::Fixed } else { stop.role };
        let node = Node {
            place: stop.place as u32,
            mate: match stop.role {
                Role::Pickup => here + 1,
                Role::Delivery => here - 1,
                _ => NONE,
            },
            windows: Windows::of(stop.windows, &mut self.windows),
            service: i64::from(stop.common.service_s),
            setup: i64::from(stop.common.setup_s),
            // A shipment held in order is held by its vehicle: its ends move together.
            role,
        };
        let node = self.add(Kind::Task(stop.task), node);
        for dimension in 0..self.dimensions {
            let at = node as usize * self.dimensions + dimension;
            self.brought[at] = stop.brought.map_or(0, |amount| i64::from(amount.of(dimension)));
            self.fetched[at] = stop.fetched.map_or(0, |(amount, sign)| sign * i64::from(amount.of(dimension)));
        }
        self.priority.push(stop.priority);
        self.asks.priority |= stop.priority != 0;
        self.asks.pairs |= node_is_pair(stop.role);
    }

    fn add_vehicles(&mut self, classes: &[u32]) {
        let problem = self.problem;
        for (at, vehicle) in problem.vehicles.iter().enumerate() {
            let begun = &self.begun[at];
            let shift = rule::shift::of(vehicle);
            let (place, from) = (begun.place, begun.free_s);
            let loads = vehicle.max_reloads.saturating_sub(begun.reloads) as u32;
            let (tasks, travel_s, distance_m, out) =
                (begun.tasks.len(), begun.travel_s, begun.distance_m, begun.is_out());
            let idle =
                Node { place: NONE, mate: NONE, windows: Windows::ALWAYS, service: 0, setup: 0, role: Role::Start };
            let open = from.unwrap_or(shift.from_s);
            let close = if from.is_some() { Window::ALWAYS.to_s } else { shift.to_s };
            let windows = Windows { open, close, several: None };
            let start = self.add(Kind::Start, Node { place, windows, ..idle });
            let windows = Windows { open: Window::ALWAYS.from_s, close: shift.to_s, several: None };
            // Who is cut off from home stays where the run ends.
            let home = vehicle.end.map_or(NONE, |place| place as u32);
            let is_cut_off = out && self.arcs[classes[at] as usize].time(self.begun[at].place, home) >= FAR;
            let place = if is_cut_off { NONE } else { home };
            self.add(Kind::End, Node { place, windows, role: Role::End, ..idle });
            for dimension in 0..self.dimensions {
                let most = vehicle.capacity.as_ref().map_or(BOUNDLESS, |capacity| i64::from(capacity.of(dimension)));
                self.bound[start as usize * self.dimensions + dimension] = most;
                self.aboard.push(self.begun[at].aboard.get(dimension).copied().unwrap_or(0));
                self.shipped.push(self.begun[at].shipped.get(dimension).copied().unwrap_or(0));
            }
            let left = |most: Option<u32>, spent: i64| most.map_or(i64::MAX >> 2, |most| i64::from(most) - spent);
            self.crews.push(Crew {
                arcs: classes[at],
                kind: 0,
                tasks: vehicle.max_tasks.map_or(u32::MAX >> 1, |most| most.saturating_sub(tasks).min(1 << 30) as u32),
                most: Most {
                    travel_s: left(vehicle.max_travel_time_s, travel_s),
                    distance_m: left(vehicle.max_distance_m, distance_m),
                },
                fixed: if out { 0 } else { (vehicle.costs.fixed * self.scale) as i64 },
                labour: vehicle.costs.per_task_hour * self.scale / 3600.0,
                sort: 0,
                out,
                loads,
                reloads: (0, 0),
                breaks: (0, 0),
            });
        }
        for at in 0..problem.vehicles.len() {
            self.add_pauses(at);
            self.add_reloads(at);
        }
    }

    fn add_pauses(&mut self, at: usize) {
        let from = self.nodes.len() as u32;
        for pause in &self.problem.vehicles[at].breaks {
            if self.begun[at].breaks.contains(&pause.id) {
                continue;
            }
            let mut windows = Windows::of(&pause.windows, &mut self.windows);
            if let Some(free_s) = self.begun[at].free_s.filter(|free_s| *free_s > windows.close) {
                // It is late already: it is taken now, and the day goes on.
                windows = Windows { close: free_s, several: None, ..windows };
            }
            let service = i64::from(pause.service_s);
            let node = Node { place: NONE, mate: NONE, windows, service, setup: 0, role: Role::Break };
            let node = self.add(Kind::Break(pause.id), node);
            for dimension in 0..self.dimensions {
                let most = rule::pause::most_on_board(pause, dimension);
                self.bound[node as usize * self.dimensions + dimension] = most;
                self.asks.varying_load |= pause.max_load.is_some();
            }
        }
        self.crews[at].breaks = (from, self.nodes.len() as u32);
    }

    fn add_reloads(&mut self, at: usize) {
        let from = self.nodes.len() as u32;
        for depot in rule::reload::places(&self.problem.vehicles[at], self.tasks, self.begun[at].reloads) {
            let place = &self.problem.depots[depot];
            let windows = Windows::of(&place.windows, &mut self.windows);
            let (place, service) = (place.location as u32, i64::from(place.service_s));
            self.add(Kind::Reload(depot), Node { place, mate: NONE, windows, service, setup: 0, role: Role::Reload });
        }
        self.crews[at].reloads = (from, self.nodes.len() as u32);
    }

    /// What fairness and absence cost, by what the problem's legs cost.
    fn weigh(&mut self) {
        let (mut greatest, mut sum, mut legs) = (0, 0.0, 0_u32);
        for crew in 0..self.crews.len().min(8) {
            let arcs = &self.arcs[self.crews[crew].arcs as usize];
            for task in 0..self.tasks {
                for end in [self.start(crew as u32), self.end(crew as u32)] {
                    let cost = arcs.cost(self.nodes[end as usize].place, self.nodes[task].place);
                    let back = arcs.cost(self.nodes[task].place, self.nodes[end as usize].place);
                    if cost.max(back) < FAR {
                        greatest = greatest.max(cost.max(back));
                        sum += (cost + back) as f64 / 2.0;
                        legs += 1;
                    }
                }
            }
        }
        let mean_leg = sum / f64::from(legs.max(1));
        if self.problem.objective == Objective::Fleet {
            // A crew less is worth more than any road, and more than two stops for which there is no place yet.
            self.crews.iter_mut().filter(|crew| !crew.out).for_each(|crew| crew.fixed += 8 * greatest + 1000);
        }
        let fixed = self.crews.iter().map(|crew| crew.fixed).max().unwrap_or(0);
        let hardest = self.nodes[..self.tasks].iter().map(|node| (node.setup, node.service));
        let hardest = hardest.chain(self.works.iter().copied()).map(|(setup, service)| 2 * setup + service).max();
        let labour = self.crews.iter().map(|crew| crew.labour(hardest.unwrap_or(0))).max().unwrap_or(0);
        let base = match self.problem.objective {
            Objective::Cost => 8 * greatest + fixed + labour + 1000,
            Objective::Fleet => fixed * 2 / 5,
        };
        // A priority outweighs any number of stops without one, as far as numbers go.
        let tasks = self.tasks.max(1) as i64;
        let urgent = tasks.min((1 << 50) / base.max(1) / tasks).max(4);
        // The sum of all stays a number, whatever they weigh.
        let most = (1 << 58) / tasks;
        let absent = |(task, priority): (u32, &u8)| {
            base.saturating_mul(self.ends(task) * (1 + urgent * i64::from(*priority))).min(most)
        };
        self.absent = (0..).zip(&self.priority).map(absent).collect();
        let services: i64 = self.nodes[..self.tasks].iter().map(|node| node.service).sum();
        let crews = self.crews.len() as f64;
        let measure = self.problem.fairness;
        let weight = match measure {
            Fairness::None => 0.0,
            // Twice the mean of a crew's work costs as much again as the road does.
            Fairness::Time => {
                let mean = (services as f64 + self.tasks as f64 * mean_leg / self.scale / 2.0) / crews;
                2.0 * self.scale / mean.max(1.0)
            }
            Fairness::Stops => 2.0 * mean_leg.max(1.0) / (self.tasks as f64 / crews).max(1.0),
        };
        self.fair = Fair { measure, weight };
    }

    fn ask(&mut self) {
        let bounded =
            |node: &Node| node.windows.open > Window::ALWAYS.from_s || node.windows.close < Window::ALWAYS.to_s;
        let asks = &mut self.asks;
        asks.time = self.nodes.iter().any(bounded);
        asks.setup = self.nodes.iter().any(|node| node.setup > 0) || self.works.iter().any(|(setup, _)| *setup > 0);
        asks.load = self.bound.iter().any(|bound| *bound < BOUNDLESS);
        asks.reloads = self.nodes.iter().any(|node| node.role == Role::Reload);
        asks.varying_load |= asks.reloads
            || self.fetched.iter().any(|amount| *amount != 0)
            || self.aboard.iter().chain(&self.shipped).any(|amount| *amount != 0);
        asks.metres = self.crews.iter().any(|crew| crew.most.distance_m < i64::MAX >> 2);
        asks.rich = self.nodes.iter().any(|node| node.place == NONE || node.role == Role::Reload);
    }
}

const fn node_is_pair(role: Role) -> bool {
    matches!(role, Role::Pickup | Role::Delivery)
}

/// A table that is borrowed where it can be.
pub type Table<'a> = Cow<'a, [u32]>;
