//! The cheapest place for a stop, each asked in constant time.

use super::{
    arcs::{Around, FAR},
    dice::Dice,
    model::{Model, NONE, Node, Role},
    near::Near,
    state::{FOREIGN, State},
};
use crate::logistics::rule;

/// One in so many crews at home is overlooked, where they differ.
const OVERLOOKED: usize = 6;

/// Where a stop may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What the objective grows by.
    pub price: i64,
    /// After this node.
    pub after: u32,
}

/// Now and then a place is overlooked, so that the greedy choice is not always the same.
pub struct Blinks {
    left: u32,
}

impl Blinks {
    /// Blinks of a chain.
    pub fn new(dice: &mut Dice) -> Self {
        Self { left: dice.until_blink() }
    }

    #[inline]
    fn blink(&mut self, dice: &mut Dice) -> bool {
        if self.left == 0 {
            self.left = dice.until_blink();
            return true;
        }
        self.left -= 1;
        false
    }
}

/// A stop that looks for its place.
pub struct Seeker<'s, 'm> {
    model: &'m Model<'s>,
    task: u32,
    node: &'m Node,
    around: Around<'m>,
    class: u32,
    best: Gap,
}

impl<'s, 'm> Seeker<'s, 'm> {
    /// A task without a run.
    pub fn new(model: &'m Model<'s>, task: u32) -> Self {
        let node = &model.nodes[task as usize];
        let around = model.arcs[0].around(node.place);
        Self { model, task, node, around, class: 0, best: Gap { price: FAR / 2, after: NONE } }
    }

    /// The cheapest place beside near stops, at the ends of their runs, or with a crew that is at home; everywhere where
    /// there is none.
    pub fn seek(mut self, state: &State, near: &Near, blinks: &mut Blinks, dice: &mut Dice) -> Option<Gap> {
        for other in near.beside(self.task) {
            let visit = &state.visits[*other as usize];
            if visit.run >= FOREIGN {
                continue;
            }
            if !blinks.blink(dice) {
                self.offer(state, *other);
            }
            if !blinks.blink(dice) {
                self.offer(state, visit.prev);
            }
            if self.model.asks.rich {
                self.past_pauses(state, *other);
            }
        }
        self.idle(state, |kinds| kinds > 1 && dice.below(OVERLOOKED) == 0);
        if self.best.after == NONE {
            for vehicle in &state.busy {
                self.run(state, *vehicle);
            }
            self.idle(state, |_| false);
        }
        self.found()
    }

    /// Beside a near stop, but on the other side of the pauses and loadings that are next to it.
    fn past_pauses(&mut self, state: &State, other: u32) {
        let is_step = |node: u32| matches!(self.model.nodes[node as usize].role, Role::Break | Role::Reload);
        let (mut before, mut after) = (state.visits[other as usize].prev, state.visits[other as usize].next);
        let mut places = [NONE; 4];
        for pair in places.chunks_exact_mut(2) {
            if is_step(before) {
                before = state.visits[before as usize].prev;
                pair[0] = before;
            }
            if is_step(after) {
                pair[1] = after;
                after = state.visits[after as usize].next;
            }
        }
        for place in places.into_iter().filter(|place| *place != NONE) {
            self.offer(state, place);
        }
    }

    /// The cheapest place of one run after a node of it.
    pub fn seek_after(mut self, state: &State, node: u32) -> Option<Gap> {
        let end = self.model.end(state.visits[node as usize].run);
        let mut node = node;
        while node != end {
            self.offer(state, node);
            node = state.visits[node as usize].next;
        }
        self.found()
    }

    fn found(self) -> Option<Gap> {
        (self.best.after != NONE).then_some(self.best)
    }

    /// One crew of each kind that is at home, but those that are overlooked: who is the cheapest for one stop may be dear
    /// for all that come after it.
    fn idle(&mut self, state: &State, mut overlooks: impl FnMut(usize) -> bool) {
        for vehicle in state.idle.iter().filter_map(|kind| kind.last()) {
            if !overlooks(state.idle.len()) {
                self.run(state, *vehicle);
            }
        }
    }

    fn run(&mut self, state: &State, vehicle: u32) {
        if !self.model.admits(self.task, self.model.crews[vehicle as usize].kind) || !self.has_room(state, vehicle) {
            return;
        }
        let mut node = self.model.start(vehicle);
        let end = self.model.end(vehicle);
        while node != end {
            self.offer(state, node);
            node = state.visits[node as usize].next;
        }
    }

    /// Whether a run of unvarying load has room.
    #[inline]
    fn has_room(&self, state: &State, vehicle: u32) -> bool {
        let model = self.model;
        if !model.asks.load || model.asks.varying_load {
            return true;
        }
        let start = model.start(vehicle);
        rule::capacity::fits(model.amounts(&state.before, start), model.amounts(&model.brought, self.task))
    }

    /// Considers the place after a node.
    #[inline]
    fn offer(&mut self, state: &State, after: u32) {
        let model = self.model;
        let visit = &state.visits[after as usize];
        let crew = &model.crews[visit.run as usize];
        if crew.arcs != self.class {
            self.class = crew.arcs;
            self.around = model.arcs[crew.arcs as usize].around(self.node.place);
        }
        let (into, out) = (self.around.from(visit.at), self.around.to(visit.ahead));
        let arcs = &model.arcs[crew.arcs as usize];
        let time = into + out - visit.time;
        let mut price = if arcs.is_plain() {
            time * arcs.unit()
        } else {
            arcs.cost(visit.at, self.node.place) + arcs.cost(self.node.place, visit.ahead) - visit.cost
        };
        let run = &state.runs[visit.run as usize];
        if run.tasks == 0 && !crew.out {
            price += crew.fixed + self.way_home(state, visit.run);
        }
        if price >= self.best.price {
            return;
        }
        let (setup, service) = model.work(self.task, crew);
        if crew.labour > 0.0 {
            let work = service + rule::setup::time(setup, visit.at, self.node.place);
            price += crew.labour(work);
        }
        price += self.unfair(run.tasks, run.travel + run.service, time + service);
        if price >= self.best.price || time >= FAR / 2 || !model.admits(self.task, crew.kind) {
            return;
        }
        if !rule::tasks::allows(run.tasks, 1, crew.tasks) || !self.fits(state, after) {
            return;
        }
        let metres = if model.asks.metres {
            arcs.metres(visit.at, self.node.place) + arcs.metres(self.node.place, visit.ahead)
                - arcs.metres(visit.at, visit.ahead)
        } else {
            0
        };
        if !crew.most.allows(run.travel + time, run.metres + metres) {
            return;
        }
        if model.asks.time && !self.in_time(state, after, into, out) {
            return;
        }
        self.best = Gap { price, after };
    }

    /// What the way from start to end costs that an idle crew does not drive yet.
    #[cold]
    fn way_home(&self, state: &State, vehicle: u32) -> i64 {
        let visit = &state.visits[self.model.start(vehicle) as usize];
        visit.cost
    }

    #[inline]
    fn unfair(&self, tasks: u32, busy: i64, time: i64) -> i64 {
        let fair = &self.model.fair;
        fair.cost(tasks + 1, busy + time) - fair.cost(tasks, busy)
    }

    #[inline]
    fn fits(&self, state: &State, after: u32) -> bool {
        let model = self.model;
        if !model.asks.load {
            return true;
        }
        let brought = model.amounts(&model.brought, self.task);
        if model.asks.varying_load {
            rule::capacity::fits(model.amounts(&state.before, after), brought)
                && rule::capacity::fits(model.amounts(&state.after, after), model.amounts(&model.fetched, self.task))
        } else {
            let start = model.start(state.visits[after as usize].run);
            rule::capacity::fits(model.amounts(&state.before, start), brought)
        }
    }

    #[inline]
    fn in_time(&self, state: &State, after: u32, into: i64, out: i64) -> bool {
        let (model, node) = (self.model, self.node);
        let visit = &state.visits[after as usize];
        let begin = node.windows.begin(visit.leave + into, &model.windows);
        if begin > node.windows.close {
            return false;
        }
        let crew = &model.crews[visit.run as usize];
        let (setup, service) = model.work(self.task, crew);
        let mut leave = begin + service + rule::setup::time(setup, visit.at, node.place);
        let mut next = visit.next;
        if model.asks.rich {
            // Pauses are taken where the crew is now: here.
            while model.nodes[next as usize].role == Role::Break {
                let pause = &model.nodes[next as usize];
                let begin = pause.windows.begin(leave, &model.windows);
                if begin > pause.windows.close {
                    return false;
                }
                leave = begin + pause.service;
                next = state.visits[next as usize].next;
            }
        }
        let there = &model.nodes[next as usize];
        // It came from the same place until now, and now it does not.
        let anew = if model.asks.setup && visit.at == there.place && node.place != there.place {
            model.work(next, crew).0
        } else {
            0
        };
        leave + out + anew <= state.visits[next as usize].latest
    }
}
