//! The cheapest places for a shipment: both ends in one run, the fetching first.

use super::{
    arcs::FAR,
    dice::Dice,
    model::{Crew, Model, NONE, Role},
    near::Near,
    state::{FOREIGN, State},
};
use crate::logistics::rule;

/// One in so many runs is overlooked.
const OVERLOOKED: usize = 12;

/// Where a shipment may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gaps {
    /// What the objective grows by.
    pub price: i64,
    /// Fetching after this node.
    pub fetch: u32,
    /// Bringing after this node: the fetching itself, or one that comes after it.
    pub bring: u32,
}

/// Where the crew is, and when, after a node.
#[derive(Clone, Copy)]
struct Course {
    at: u32,
    leave: i64,
    time: i64,
    cost: i64,
}

/// A shipment that looks for its places.
pub struct PairSeeker<'s, 'm> {
    model: &'m Model<'s>,
    fetch: u32,
    bring: u32,
    best: Gaps,
}

impl<'s, 'm> PairSeeker<'s, 'm> {
    /// A shipment without a run, by either end.
    pub fn new(model: &'m Model<'s>, task: u32) -> Self {
        let mate = model.nodes[task as usize].mate;
        let (fetch, bring) = if model.nodes[task as usize].role == Role::Pickup { (task, mate) } else { (mate, task) };
        Self { model, fetch, bring, best: Gaps { price: FAR / 2, fetch: NONE, bring: NONE } }
    }

    /// The cheapest places in the runs of near stops and of crews at home; in any run where there is none.
    pub fn seek(mut self, state: &State, near: &Near, seen: &mut Vec<u32>, dice: &mut Dice) -> Option<Gaps> {
        seen.clear();
        for task in [self.fetch, self.bring] {
            for other in near.beside(task) {
                let run = state.visits[*other as usize].run;
                if run < FOREIGN && !seen.contains(&run) {
                    seen.push(run);
                    if dice.below(OVERLOOKED) != 0 {
                        self.run(state, run);
                    }
                }
            }
        }
        for idle in &state.idle {
            if let Some(vehicle) = idle.last().filter(|_| dice.below(OVERLOOKED) != 0) {
                self.run(state, *vehicle);
            }
        }
        if self.best.fetch == NONE {
            for vehicle in state.busy.iter().chain(state.idle.iter().filter_map(|kind| kind.last())) {
                self.run(state, *vehicle);
            }
        }
        (self.best.fetch != NONE).then_some(self.best)
    }

    fn run(&mut self, state: &State, vehicle: u32) {
        let model = self.model;
        let crew = &model.crews[vehicle as usize];
        if !model.admits(self.fetch, crew.kind)
            || !rule::tasks::allows(state.runs[vehicle as usize].tasks, 2, crew.tasks)
        {
            return;
        }
        let mut node = model.start(vehicle);
        let end = model.end(vehicle);
        while node != end {
            self.from(state, vehicle, node);
            node = state.visits[node as usize].next;
        }
    }

    /// The crew goes on to a node.
    fn go(&self, crew: &Crew, course: Course, node: u32) -> Option<Course> {
        let arcs = &self.model.arcs[crew.arcs as usize];
        let there = &self.model.nodes[node as usize];
        let (time, cost) = if there.place == NONE {
            (0, 0)
        } else {
            let time = arcs.time(course.at, there.place);
            (time, if arcs.is_plain() { time * arcs.unit() } else { arcs.cost(course.at, there.place) })
        };
        let begin = there.windows.begin(course.leave + time, &self.model.windows);
        let (setup, service) = self.model.work(node, crew);
        let setup = rule::setup::time(setup, course.at, there.place);
        (begin <= there.windows.close && time < FAR / 2).then_some(Course {
            at: if there.place == NONE { course.at } else { there.place },
            leave: begin + setup + service,
            time: course.time + time,
            cost: course.cost + cost,
        })
    }

    /// Fetching after a node, bringing anywhere after that.
    fn from(&mut self, state: &State, vehicle: u32, after: u32) {
        let model = self.model;
        let crew = &model.crews[vehicle as usize];
        let visit = &state.visits[after as usize];
        let begin = Course { at: visit.at, leave: visit.leave, time: 0, cost: 0 };
        let Some(mut course) = self.go(crew, begin, self.fetch) else { return };
        let amount = model.amounts(&model.fetched, self.fetch);
        let end = model.end(vehicle);
        let (mut last, mut place) = (after, self.fetch);
        let (mut old_time, mut old_cost) = (0, 0);
        loop {
            if model.asks.load && !rule::capacity::fits(model.amounts(&state.on_leg, last), amount) {
                return;
            }
            let here = &state.visits[last as usize];
            self.bring_after(state, vehicle, (last, after, place), course, (old_time, old_cost));
            let next = here.next;
            if next == end {
                return;
            }
            if model.nodes[next as usize].place != NONE {
                old_time += here.time;
                old_cost += here.cost;
            }
            let Some(further) = self.go(crew, course, next) else { return };
            course = further;
            last = next;
            place = next;
        }
    }

    /// Bringing after `last`, of the old run; `place` is the node it would come after in the new one.
    fn bring_after(
        &mut self,
        state: &State,
        vehicle: u32,
        (last, fetch, place): (u32, u32, u32),
        course: Course,
        old: (i64, i64),
    ) {
        let model = self.model;
        let (crew, run) = (&model.crews[vehicle as usize], &state.runs[vehicle as usize]);
        let arcs = &model.arcs[crew.arcs as usize];
        let Some(mut course) = self.go(crew, course, self.bring) else { return };
        let visit = &state.visits[last as usize];
        let mut next = visit.next;
        while model.nodes[next as usize].role == Role::Break {
            let Some(further) = self.go(crew, course, next) else { return };
            course = further;
            next = state.visits[next as usize].next;
        }
        let there = &model.nodes[next as usize];
        let leg = arcs.time(course.at, there.place);
        let anew = if model.asks.setup && visit.at == there.place && course.at != there.place {
            model.work(next, crew).0
        } else {
            0
        };
        if model.asks.time && course.leave + leg + anew > state.visits[next as usize].latest {
            return;
        }
        let cost = if arcs.is_plain() { leg * arcs.unit() } else { arcs.cost(course.at, there.place) };
        let time = course.time + leg - old.0 - visit.time;
        let mut price = course.cost + cost - old.1 - visit.cost;
        if run.tasks == 0 && !crew.out {
            price += crew.fixed + state.visits[model.start(vehicle) as usize].cost;
        }
        let services = model.work(self.fetch, crew).1 + model.work(self.bring, crew).1;
        price += crew.labour(services);
        let busy = run.travel + run.service;
        price += model.fair.cost(run.tasks + 2, busy + time + services) - model.fair.cost(run.tasks, busy);
        // Metres are not summed here: a run that becomes too long is found out when it is tried.
        if price < self.best.price && time < FAR / 2 && crew.most.allows(run.travel + time, run.metres) {
            self.best = Gaps { price, fetch, bring: place };
        }
    }
}
