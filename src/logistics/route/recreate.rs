//! Stops without a run are put in, each where it costs least.

use super::{
    arcs::FAR,
    dice::Dice,
    insert::{Blinks, Seeker},
    model::{Model, NONE, Role},
    near::Near,
    pair::PairSeeker,
    state::{ABSENT, FOREIGN, State},
};

/// What is needed again and again.
pub struct Recreator {
    keys: Vec<(i64, u32)>,
    left: Vec<u32>,
    seen: Vec<u32>,
    blinks: Blinks,
}

/// So many of the stops that found no place before are tried again in an iteration.
const RETRIED: usize = 24;

impl Recreator {
    /// For a chain.
    pub fn new(dice: &mut Dice) -> Self {
        Self { keys: Vec::new(), left: Vec::new(), seen: Vec::new(), blinks: Blinks::new(dice) }
    }

    /// Puts in what it can: the last `fresh` of the absent, and some of the others.
    pub fn recreate(&mut self, model: &Model<'_>, near: &Near, state: &mut State, fresh: usize, dice: &mut Dice) {
        let old = state.absent.len() - fresh;
        if old > RETRIED && fresh < state.absent.len() {
            // Chance chooses whom among the old.
            for at in 0..RETRIED {
                let other = at + dice.below(old - at);
                state.absent.swap(at, other);
            }
            self.left.clear();
            self.left.extend_from_slice(&state.absent[RETRIED..old]);
            state.absent.drain(RETRIED..old);
        } else {
            self.left.clear();
        }
        self.sort(model, &state.absent, dice);
        state.absent.clear();
        state.absent.append(&mut self.left);
        for at in 0..self.keys.len() {
            let task = self.keys[at].1;
            if !self.put(model, near, state, task, dice) {
                state.absent.push(task);
            }
        }
    }

    /// The order in which stops choose.
    fn sort(&mut self, model: &Model<'_>, absent: &[u32], dice: &mut Dice) {
        let draws = if model.asks.time { 17 } else { 11 };
        let draw = dice.below(draws);
        let home = model.nodes[model.start(0) as usize].place;
        let home = if home == NONE { model.nodes[model.end(0) as usize].place } else { home };
        self.keys.clear();
        for task in absent {
            let node = &model.nodes[*task as usize];
            let key = match draw {
                0..4 => dice.below(1 << 30) as i64,
                4..8 => {
                    let loads = model.amounts(&model.brought, *task).iter().chain(model.amounts(&model.fetched, *task));
                    -loads.sum::<i64>()
                }
                8..10 => -model.arcs[0].time(home, node.place),
                10 => model.arcs[0].time(home, node.place),
                11..13 => node.windows.close - node.windows.open,
                13..15 => node.windows.open,
                _ => -node.windows.close,
            };
            self.keys.push((key, *task));
        }
        if model.asks.priority && dice.below(2) == 0 {
            let priority = |task: u32| std::cmp::Reverse(model.priority[task as usize]);
            self.keys.sort_unstable_by_key(|(key, task)| (priority(*task), *key, *task));
        } else {
            self.keys.sort_unstable();
        }
    }

    /// Puts one stop (with its mate) in; answers whether there was a place.
    fn put(&mut self, model: &Model<'_>, near: &Near, state: &mut State, task: u32, dice: &mut Dice) -> bool {
        if model.nodes[task as usize].role == Role::Pickup {
            return self.put_pair(model, near, state, task, dice);
        }
        let seeker = Seeker::new(model, task);
        let gap = seeker.seek(state, near, &mut self.blinks, dice);
        if model.asks.reloads {
            // Loading anew may be cheaper than sending somebody else.
            let is_last_resort =
                gap.is_none_or(|gap| state.runs[state.visits[gap.after as usize].run as usize].tasks == 0);
            let limit = gap.map_or(FAR / 2, |gap| gap.price);
            if (is_last_resort || dice.below(8) == 0) && self.put_with_reload(model, near, state, task, limit) {
                return true;
            }
        }
        gap.is_some_and(|gap| {
            let vehicle = state.visits[gap.after as usize].run;
            state.touch(model, vehicle);
            state.link(task, gap.after);
            if state.refresh(model, vehicle) {
                return true;
            }
            state.unlink(task, ABSENT);
            state.refresh(model, vehicle);
            false
        })
    }

    fn put_pair(&mut self, model: &Model<'_>, near: &Near, state: &mut State, task: u32, dice: &mut Dice) -> bool {
        let mate = model.nodes[task as usize].mate;
        PairSeeker::new(model, task).seek(state, near, &mut self.seen, dice).is_some_and(|gaps| {
            let vehicle = state.visits[gaps.fetch as usize].run;
            state.touch(model, vehicle);
            state.link(task, gaps.fetch);
            state.link(mate, gaps.bring);
            if state.refresh(model, vehicle) {
                return true;
            }
            state.unlink(mate, ABSENT);
            state.unlink(task, ABSENT);
            state.refresh(model, vehicle);
            false
        })
    }

    /// Puts a stop in together with a loading before or after it, where that is the cheapest that holds and below a limit.
    fn put_with_reload(&mut self, model: &Model<'_>, near: &Near, state: &mut State, task: u32, limit: i64) -> bool {
        self.seen.clear();
        for other in near.beside(task) {
            let run = state.visits[*other as usize].run;
            if run < FOREIGN && self.seen.len() < RUNS && !self.seen.contains(&run) {
                self.seen.push(run);
            }
        }
        for vehicle in &state.own {
            if self.seen.len() < RUNS && !self.seen.contains(vehicle) {
                self.seen.push(*vehicle);
            }
        }
        let mut best = Trip { price: limit, after: NONE, reload: NONE, order: Order::LoadFirst };
        for at in 0..self.seen.len() {
            let vehicle = self.seen[at];
            let crew = &model.crews[vehicle as usize];
            let loads = crew.reloads.0..crew.reloads.1;
            let used = loads.clone().filter(|reload| state.visits[*reload as usize].run == vehicle).count();
            if used as u32 >= crew.loads || !model.admits(task, crew.kind) {
                continue;
            }
            let mut offered = NONE;
            for reload in loads {
                let place = model.nodes[reload as usize].place;
                if state.visits[reload as usize].run == FOREIGN && place != offered {
                    offered = place;
                    try_reload(model, state, (vehicle, task, reload), &mut best);
                }
            }
        }
        if best.after == NONE {
            return false;
        }
        let vehicle = state.visits[best.after as usize].run;
        state.touch(model, vehicle);
        link_both(state, task, best);
        state.refresh(model, vehicle)
    }
}

/// So many runs are tried for a stop with a loading.
const RUNS: usize = 8;

/// What comes first.
#[derive(Clone, Copy)]
enum Order {
    LoadFirst,
    StopFirst,
}

/// A stop with a loading, and where.
#[derive(Clone, Copy)]
struct Trip {
    price: i64,
    after: u32,
    reload: u32,
    order: Order,
}

fn link_both(state: &mut State, task: u32, trip: Trip) {
    let (first, second) = match trip.order {
        Order::LoadFirst => (trip.reload, task),
        Order::StopFirst => (task, trip.reload),
    };
    state.link(first, trip.after);
    state.link(second, first);
}

/// Tries a stop with a loading at every place of a run.
fn try_reload(model: &Model<'_>, state: &mut State, (vehicle, task, reload): (u32, u32, u32), best: &mut Trip) {
    state.touch(model, vehicle);
    let before = state.runs[vehicle as usize].price;
    let arcs = &model.arcs[model.crews[vehicle as usize].arcs as usize];
    let (here, there) = (model.nodes[task as usize].place, model.nodes[reload as usize].place);
    let (mut after, end) = (model.start(vehicle), model.end(vehicle));
    while after != end {
        let visit = state.visits[after as usize];
        for order in [Order::LoadFirst, Order::StopFirst] {
            let (first, second) = match order {
                Order::LoadFirst => (there, here),
                Order::StopFirst => (here, there),
            };
            let legs =
                arcs.cost(visit.at, first) + arcs.cost(first, second) + arcs.cost(second, visit.ahead) - visit.cost;
            if legs >= best.price {
                continue;
            }
            link_both(state, task, Trip { after, reload, order, price: 0 });
            let holds = state.refresh(model, vehicle);
            let price = state.runs[vehicle as usize].price - before;
            state.unlink(task, ABSENT);
            state.unlink(reload, FOREIGN);
            if holds && price < best.price {
                *best = Trip { price, after, reload, order };
            }
        }
        after = visit.next;
    }
    state.refresh(model, vehicle);
}
