//! Runs under way of the search: linked nodes with what is known before and after each, and a journal to go back by.

use super::{
    arcs::FAR,
    model::{Model, NONE, Node, Role},
};
use crate::logistics::rule;

/// The run of a node that is in none and waits to be in one.
pub const ABSENT: u32 = u32::MAX;

/// The run of a node that another thread holds, or that is not used.
pub const FOREIGN: u32 = u32::MAX - 1;

/// What is known of a node where it is.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// The node before.
    pub prev: u32,
    /// The node after.
    pub next: u32,
    /// Whose run, or [`ABSENT`] or [`FOREIGN`].
    pub run: u32,
    /// How many nodes are before it.
    pub rank: u32,
    /// The place the crew is at when it leaves.
    pub at: u32,
    /// The next place it goes to.
    pub ahead: u32,
    /// When it leaves, if it is as early as it can.
    pub leave: i64,
    /// The latest it may arrive for all after it to hold.
    pub latest: i64,
    /// The cost of the leg to the next place.
    pub cost: i64,
    /// The time of the leg to the next place.
    pub time: i64,
}

/// Sums of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// Tasks.
    pub tasks: u32,
    /// Seconds on the road.
    pub travel: i64,
    /// Seconds of service.
    pub service: i64,
    /// Metres.
    pub metres: i64,
    /// Cost of the legs.
    pub cost: i64,
    /// Its part of the objective.
    pub price: i64,
}

/// All runs.
#[derive(Clone)]
pub struct State {
    /// By node.
    pub visits: Vec<Visit>,
    /// By vehicle.
    pub runs: Vec<Run>,
    /// Room up to a node, by dimension: what more may be brought after it. Of the whole run where loads do not vary, at its start.
    pub before: Vec<i64>,
    /// Room from a node on, by dimension: what more may be fetched.
    pub after: Vec<i64>,
    /// Room on the leg after a node, by dimension, where shipments ask.
    pub on_leg: Vec<i64>,
    /// Tasks in no run; of a shipment the fetching end alone.
    pub absent: Vec<u32>,
    /// Vehicles without stops, by kind.
    pub idle: Vec<Vec<u32>>,
    /// Where an idle vehicle is among those of its kind.
    seat: Vec<u32>,
    /// Vehicles that are this state's.
    pub own: Vec<u32>,
    /// Runs with stops.
    pub busy: Vec<u32>,
    busy_seat: Vec<u32>,
    /// The sum of the runs' parts.
    pub price: i64,
    /// The journal.
    pub log: Log,
    pub(super) sums: [Vec<i64>; 3],
}

/// How it was before the iteration.
#[derive(Clone, Default)]
pub struct Log {
    round: u32,
    touched: Vec<u32>,
    /// By vehicle: the round that touched it last.
    stamp: Vec<u32>,
    runs: Vec<(u32, Run, u32)>,
    visits: Vec<(u32, Visit)>,
    rooms: Vec<i64>,
    absent: Vec<u32>,
    price: i64,
}

impl Log {
    /// The vehicles whose runs were touched in this iteration.
    pub fn touched(&self) -> &[u32] {
        &self.touched
    }
}

impl State {
    /// Nobody has gone anywhere, and nothing is this state's.
    pub fn new(model: &Model<'_>) -> Self {
        let nodes = model.nodes.len();
        let nothing = Visit {
            prev: NONE,
            next: NONE,
            run: FOREIGN,
            rank: 0,
            at: NONE,
            ahead: NONE,
            leave: 0,
            latest: 0,
            cost: 0,
            time: 0,
        };
        let crews = model.crews.len();
        Self {
            visits: vec![nothing; nodes],
            runs: vec![Run::default(); crews],
            before: vec![0; nodes * model.dimensions],
            after: vec![0; nodes * model.dimensions],
            on_leg: vec![0; nodes * model.dimensions],
            absent: Vec::with_capacity(model.tasks),
            idle: vec![Vec::new(); model.kinds_of_crews],
            seat: vec![NONE; crews],
            own: Vec::with_capacity(crews),
            busy: Vec::with_capacity(crews),
            busy_seat: vec![NONE; crews],
            price: 0,
            log: Log { stamp: vec![0; crews], ..Log::default() },
            sums: std::array::from_fn(|_| vec![0; model.dimensions]),
        }
    }

    /// Takes over runs and tasks; what it had before is forgotten. `runs`: vehicle and its nodes between start and end.
    pub fn load<'r>(&mut self, model: &Model<'_>, runs: impl Iterator<Item = (u32, &'r [u32])>, absent: &[u32]) {
        self.visits.iter_mut().for_each(|visit| visit.run = FOREIGN);
        self.idle.iter_mut().for_each(Vec::clear);
        self.own.clear();
        self.busy.clear();
        self.price = 0;
        for (vehicle, nodes) in runs {
            self.own.push(vehicle);
            self.runs[vehicle as usize] = Run::default();
            self.seat[vehicle as usize] = NONE;
            self.busy_seat[vehicle as usize] = NONE;
            let (start, end) = (model.start(vehicle), model.end(vehicle));
            let mut last = start;
            for node in nodes.iter().copied().chain([end]) {
                self.visits[last as usize].next = node;
                self.visits[node as usize].prev = last;
                last = node;
            }
            self.refresh(model, vehicle);
        }
        self.absent.clear();
        self.absent.extend_from_slice(absent);
        for task in absent {
            self.miss(model, *task);
        }
    }

    /// A task is in no run, nor is its mate.
    fn miss(&mut self, model: &Model<'_>, task: u32) {
        self.visits[task as usize].run = ABSENT;
        let mate = model.nodes[task as usize].mate;
        if mate != NONE {
            self.visits[mate as usize].run = ABSENT;
        }
    }

    /// The nodes of a run between its start and its end.
    pub fn nodes<'s>(&'s self, model: &Model<'_>, vehicle: u32) -> impl Iterator<Item = u32> + 's {
        let end = model.end(vehicle);
        let mut node = self.visits[model.start(vehicle) as usize].next;
        std::iter::from_fn(move || {
            let here = node;
            (here != end).then(|| {
                node = self.visits[here as usize].next;
                here
            })
        })
    }

    /// Begins an iteration: what is touched from now on can be taken back.
    pub fn begin(&mut self) {
        let log = &mut self.log;
        log.round += 1;
        log.touched.clear();
        log.runs.clear();
        log.visits.clear();
        log.rooms.clear();
        log.absent.clear();
        log.absent.extend_from_slice(&self.absent);
        log.price = self.price;
    }

    /// Writes a run into the journal, once an iteration.
    pub fn touch(&mut self, model: &Model<'_>, vehicle: u32) {
        if self.log.stamp[vehicle as usize] == self.log.round {
            return;
        }
        let log = &mut self.log;
        log.stamp[vehicle as usize] = log.round;
        log.touched.push(vehicle);
        let from = log.visits.len() as u32;
        log.runs.push((vehicle, self.runs[vehicle as usize], from));
        let (mut node, end) = (model.start(vehicle), model.end(vehicle));
        loop {
            log.visits.push((node, self.visits[node as usize]));
            if model.asks.load {
                log.rooms.extend_from_slice(model.amounts(&self.before, node));
                log.rooms.extend_from_slice(model.amounts(&self.after, node));
                log.rooms.extend_from_slice(model.amounts(&self.on_leg, node));
            }
            if node == end {
                break;
            }
            node = self.visits[node as usize].next;
        }
    }

    /// Takes the iteration back.
    pub fn undo(&mut self, model: &Model<'_>) {
        let log = std::mem::take(&mut self.log);
        for vehicle in &log.touched {
            // Loadings that were put in are free again.
            let (mut node, end) = (self.visits[model.start(*vehicle) as usize].next, model.end(*vehicle));
            while node != end {
                self.visits[node as usize].run = FOREIGN;
                node = self.visits[node as usize].next;
            }
        }
        let width = model.dimensions;
        for (at, (node, visit)) in log.visits.iter().enumerate() {
            self.visits[*node as usize] = *visit;
            if model.asks.load {
                let (rooms, here) = (&log.rooms[at * 3 * width..], *node as usize * width);
                self.before[here..here + width].copy_from_slice(&rooms[..width]);
                self.after[here..here + width].copy_from_slice(&rooms[width..2 * width]);
                self.on_leg[here..here + width].copy_from_slice(&rooms[2 * width..3 * width]);
            }
        }
        for (vehicle, run, _) in &log.runs {
            self.runs[*vehicle as usize] = *run;
            self.place_vehicle(model, *vehicle);
        }
        self.absent.clear();
        self.absent.extend_from_slice(&log.absent);
        for task in &log.absent {
            self.miss(model, *task);
        }
        self.price = log.price;
        self.log = log;
    }

    /// Puts a node after another, without [`Self::refresh`]ing.
    pub fn link(&mut self, node: u32, after: u32) {
        let next = self.visits[after as usize].next;
        self.visits[after as usize].next = node;
        self.visits[next as usize].prev = node;
        let run = self.visits[after as usize].run;
        let visit = &mut self.visits[node as usize];
        (visit.prev, visit.next, visit.run) = (after, next, run);
    }

    /// Takes a node out, without [`Self::refresh`]ing.
    pub fn unlink(&mut self, node: u32, to: u32) {
        let Visit { prev, next, .. } = self.visits[node as usize];
        self.visits[prev as usize].next = next;
        self.visits[next as usize].prev = prev;
        self.visits[node as usize].run = to;
    }

    /// Computes all that is known along a run; answers whether it holds every rule.
    pub fn refresh(&mut self, model: &Model<'_>, vehicle: u32) -> bool {
        let old = self.runs[vehicle as usize].price;
        self.backward(model, vehicle);
        let mut holds = self.forward(model, vehicle);
        if model.asks.load {
            holds &= if model.asks.varying_load { self.rooms(model, vehicle) } else { self.room(model, vehicle) };
        }
        let crew = &model.crews[vehicle as usize];
        let run = &self.runs[vehicle as usize];
        holds &= rule::tasks::allows(run.tasks, 0, crew.tasks) && crew.most.allows(run.travel, run.metres);
        self.price += self.runs[vehicle as usize].price - old;
        self.place_vehicle(model, vehicle);
        // A vehicle that stays at home breaks no rule.
        holds || self.runs[vehicle as usize].tasks == 0
    }

    /// From the end: the next place, and the latest arrival.
    fn backward(&mut self, model: &Model<'_>, vehicle: u32) {
        let crew = &model.crews[vehicle as usize];
        let arcs = &model.arcs[crew.arcs as usize];
        let (start, end) = (model.start(vehicle), model.end(vehicle));
        let last = &mut self.visits[end as usize];
        (last.run, last.ahead, last.latest) = (vehicle, NONE, model.nodes[end as usize].windows.close);
        let (mut ahead, mut latest, mut next) = (model.nodes[end as usize].place, last.latest, end);
        while next != start {
            let node = self.visits[next as usize].prev;
            let here: &Node = &model.nodes[node as usize];
            let is_pause = here.role == Role::Break;
            let at = if is_pause { self.place_before(model, node) } else { here.place };
            if model.nodes[next as usize].place != NONE {
                latest -= arcs.time(at, ahead);
            }
            if node != start {
                let (setup, service) = model.work(node, crew);
                let setup = match setup {
                    0 => 0,
                    setup => rule::setup::time(setup, self.place_before(model, node), here.place),
                };
                latest = here.windows.latest(latest - service - setup, &model.windows);
            }
            let visit = &mut self.visits[node as usize];
            (visit.run, visit.ahead, visit.latest) = (vehicle, ahead, latest);
            if !is_pause {
                ahead = here.place;
            }
            next = node;
        }
    }

    /// The place from which a node is reached.
    fn place_before(&self, model: &Model<'_>, node: u32) -> u32 {
        let mut before = self.visits[node as usize].prev;
        while model.nodes[before as usize].role == Role::Break {
            before = self.visits[before as usize].prev;
        }
        model.nodes[before as usize].place
    }

    /// From the start: places, departures, sums.
    fn forward(&mut self, model: &Model<'_>, vehicle: u32) -> bool {
        let crew = &model.crews[vehicle as usize];
        let arcs = &model.arcs[crew.arcs as usize];
        let (start, end) = (model.start(vehicle), model.end(vehicle));
        let mut run = Run::default();
        let mut holds = true;
        let first: &Node = &model.nodes[start as usize];
        let (mut at, mut leave, mut rank) = (first.place, first.windows.open, 0);
        let mut node = start;
        loop {
            let visit = &mut self.visits[node as usize];
            (visit.at, visit.leave, visit.rank) = (at, leave, rank);
            visit.time = arcs.time(at, visit.ahead);
            visit.cost = if arcs.is_plain() { visit.time * arcs.unit() } else { arcs.cost(at, visit.ahead) };
            if node == end {
                break;
            }
            let next = visit.next;
            let there: &Node = &model.nodes[next as usize];
            let leg = if there.place == NONE { 0 } else { visit.time };
            if there.place != NONE {
                run.travel += visit.time;
                run.cost += visit.cost;
                if model.asks.metres {
                    run.metres += arcs.metres(at, there.place);
                }
            }
            let begin = there.windows.begin(leave + leg, &model.windows);
            holds &= begin <= there.windows.close;
            let (setup, service) = model.work(next, crew);
            let setup = if model.asks.setup { rule::setup::time(setup, at, there.place) } else { 0 };
            leave = begin + setup + service;
            if (next as usize) < model.tasks {
                run.tasks += 1;
                run.service += setup + service;
            }
            at = if there.place == NONE { at } else { there.place };
            rank += 1;
            node = next;
        }
        holds &= run.travel < FAR;
        if run.tasks == 0 && !crew.out {
            run = Run::default();
        } else {
            let fair = model.fair.cost(run.tasks, run.travel + run.service);
            run.price = run.cost + crew.fixed + crew.labour(run.service) + fair;
        }
        self.runs[vehicle as usize] = run;
        holds
    }

    /// Keeps the lists of idle and busy vehicles.
    fn place_vehicle(&mut self, model: &Model<'_>, vehicle: u32) {
        let is_idle = self.runs[vehicle as usize].tasks == 0;
        let kind = model.crews[vehicle as usize].kind as usize;
        if is_idle {
            leave(&mut self.busy, &mut self.busy_seat, vehicle);
            enter(&mut self.idle[kind], &mut self.seat, vehicle);
        } else {
            leave(&mut self.idle[kind], &mut self.seat, vehicle);
            enter(&mut self.busy, &mut self.busy_seat, vehicle);
        }
    }

    /// What is to be least: runs, and absences so many times.
    pub fn value(&self, model: &Model<'_>, strictness: i64) -> i64 {
        self.price + strictness * self.absent.iter().map(|task| model.absent[*task as usize]).sum::<i64>()
    }
}

fn enter(list: &mut Vec<u32>, seat: &mut [u32], vehicle: u32) {
    if seat[vehicle as usize] == NONE {
        seat[vehicle as usize] = list.len() as u32;
        list.push(vehicle);
    }
}

fn leave(list: &mut Vec<u32>, seat: &mut [u32], vehicle: u32) {
    let at = seat[vehicle as usize];
    if at != NONE {
        list.swap_remove(at as usize);
        if let Some(moved) = list.get(at as usize) {
            seat[*moved as usize] = at;
        }
        seat[vehicle as usize] = NONE;
    }
}
