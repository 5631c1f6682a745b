//! Chains side by side: of small problems each searches the whole and the better leads, of great ones each a part.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
};

use rayon::prelude::*;

use super::{
    Effort, Progress,
    chain::{Chain, Heat, Layout, Worth},
    model::{Model, NONE},
    near::Near,
};
use crate::logistics::problem::Objective;

/// From so many tasks on, each chain has a part of the runs.
const PARTED: usize = 250;

/// Places tried beside near stops when one is put in.
const BESIDE: usize = 40;

/// Whoever waits is asked as often as that whether they still do.
const LONGEST_EPOCH: u64 = 5_000;

/// Iterations between two looks at the clock.
const BEAT: u64 = 128;

/// Chains of an effort counted in iterations.
const CHAINS: usize = 2;

/// The share of the effort in which fewer crews are sought, where that is asked.
const FEWER: f64 = 0.4;

/// Epochs of an effort.
const EPOCHS: u64 = 120;

/// The search as a whole.
pub struct Search<'m, 'a> {
    model: &'m Model<'a>,
    chains: Vec<Chain<'m, 'a>>,
    best: Layout,
    heat: Heat,
    /// Tasks held in order that do not fit.
    dropped: Vec<u32>,
}

/// How much of the effort is spent, and whether to stop.
struct Clock<'e, 'a> {
    effort: &'e Effort<'a>,
    spent: u64,
    stop: &'e AtomicBool,
}

/// Runs with their stops, and stops of none, that a chain works on.
type Part = (Vec<(u32, Vec<u32>)>, Vec<u32>);

impl Clock<'_, '_> {
    /// The share, when a chain of this epoch has done so many iterations.
    fn share(&self, more: u64) -> f64 {
        if self.stop.load(Ordering::Relaxed) {
            return 1.0;
        }
        match self.effort {
            Effort::Iterations(0) => 1.0,
            Effort::Iterations(all) => (self.spent + more) as f64 / *all as f64,
            Effort::Until(share) => share(),
        }
    }
}

/// The best layout, what could not be held in order, and iterations of all chains.
pub fn search(
    model: &Model<'_>,
    effort: &Effort<'_>,
    seed: u64,
    progress: &(dyn Fn(Progress) -> ControlFlow<()> + Sync),
) -> (Layout, Vec<u32>, u64) {
    let near = Near::new(model, BESIDE);
    let count = match effort {
        Effort::Iterations(_) => CHAINS,
        Effort::Until(_) => rayon::current_num_threads().clamp(1, 8),
    };
    let mut chains: Vec<Chain<'_, '_>> =
        (0..count).map(|number| Chain::new(model, &near, seed, number as u64)).collect();
    let dropped = chains[0].begin();
    let best = chains[0].best.clone();
    let served = (model.tasks - best.absent.len()).max(1) as f64;
    let mean = (best.worth.price as f64 / served).max(1.0);
    let heat = Heat { from: mean * 0.3, to: mean * 0.003 };
    let mut search = Search { model, chains, best, heat, dropped };
    let stop = AtomicBool::new(false);
    let mut clock = Clock { effort, spent: 0, stop: &stop };
    if model.tasks > 0 {
        search.anneal(&mut clock, progress);
    }
    let rounds = search.chains.iter().map(|chain| chain.rounds).sum();
    (search.best, search.dropped, rounds)
}

impl Search<'_, '_> {
    fn anneal(&mut self, clock: &mut Clock<'_, '_>, progress: &(dyn Fn(Progress) -> ControlFlow<()> + Sync)) {
        let start = self.best.clone();
        for chain in &mut self.chains[1..] {
            chain.set(&start.runs, &start.absent);
        }
        let mut epoch_length = match clock.effort {
            Effort::Iterations(all) => (all / EPOCHS).clamp(1, LONGEST_EPOCH),
            Effort::Until(_) => 8 * BEAT,
        };
        let mut epoch = 0;
        loop {
            let before = clock.share(0);
            if before >= 1.0 {
                return;
            }
            if before > FEWER && self.chains[0].strictness == 1 && self.model.problem.objective == Objective::Fleet {
                self.settle();
            }
            let parted = self.model.tasks >= PARTED && self.chains.len() > 1;
            if parted {
                self.part(epoch);
            }
            let limit = match clock.effort {
                Effort::Iterations(all) => epoch_length.min(all - clock.spent),
                Effort::Until(_) => epoch_length,
            };
            self.epoch(clock, limit);
            clock.spent += limit;
            epoch += 1;
            if parted {
                self.join();
            } else {
                self.exchange(epoch);
            }
            let share = clock.share(0);
            if matches!(clock.effort, Effort::Until(_)) {
                let spent = (share - before).max(1e-6);
                let wanted = epoch_length as f64 / spent / EPOCHS as f64;
                epoch_length = (wanted as u64).clamp(BEAT, epoch_length * 2);
            }
            if progress(self.progress(share)).is_break() {
                clock.stop.store(true, Ordering::Relaxed);
            }
        }
    }

    /// There are few crews: from now on the road counts, and nobody is left out for a crew less.
    fn settle(&mut self) {
        for chain in &mut self.chains {
            chain.strictness = 8;
            chain.set(&self.best.runs, &self.best.absent);
        }
    }

    fn epoch(&mut self, clock: &Clock<'_, '_>, limit: u64) {
        let heat = self.heat;
        self.chains.par_iter_mut().for_each(|chain| {
            let mut done = 0;
            while done < limit {
                let share = clock.share(done);
                if share >= 1.0 {
                    return;
                }
                let beat = BEAT.min(limit - done);
                chain.run(beat, heat.at(share));
                done += beat;
            }
        });
    }

    /// The best of the chains is kept; now and then the worst goes on from where the best is.
    fn exchange(&mut self, epoch: u64) {
        for chain in &self.chains {
            if chain.best.worth < self.best.worth {
                self.best.clone_from(&chain.best);
            }
        }
        if epoch.is_multiple_of(12) && self.chains.len() > 1 {
            let by_worth = |at: &usize| (self.chains[*at].best.worth, *at);
            let leader = (0..self.chains.len()).min_by_key(by_worth).unwrap_or(0);
            let last = (0..self.chains.len()).max_by_key(by_worth).unwrap_or(0);
            if leader != last {
                let layout = self.chains[leader].layout();
                self.chains[last].set(&layout.runs, &layout.absent);
            }
        }
    }

    /// Gives each chain the runs of one side.
    fn part(&mut self, epoch: u64) {
        let model = self.model;
        let whole = if self.chains[0].state.own.len() == model.crews.len() {
            self.chains[0].layout()
        } else {
            self.best.clone()
        };
        let count = self.chains.len();
        let mut parts: Vec<Part> = vec![Default::default(); count];
        let order = self.sides(&whole, epoch);
        for (at, run) in order.iter().enumerate() {
            let run = &whole.runs[*run];
            parts[at * count / order.len().max(1)].0.push(run.clone());
        }
        // Crews at home and stops without a run are dealt out.
        let home = whole.runs.iter().filter(|(_, nodes)| !goes_out(model, nodes));
        for (at, run) in home.enumerate() {
            parts[at % count].0.push(run.clone());
        }
        for (at, task) in whole.absent.iter().enumerate() {
            parts[(at + epoch as usize) % count].1.push(*task);
        }
        for (chain, (runs, absent)) in self.chains.iter_mut().zip(&parts) {
            chain.set(runs, absent);
        }
    }

    /// The runs that go out, in the order of a sweep over the map whose direction turns from epoch to epoch.
    fn sides(&self, whole: &Layout, epoch: u64) -> Vec<usize> {
        let model = self.model;
        // Without coordinates: by the distance from a run's middle stop to a stop drawn by the epoch.
        let pivot = (epoch.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) as usize % model.tasks;
        let pivot = model.nodes[pivot].place;
        let mut order: Vec<(i64, usize)> = whole
            .runs
            .iter()
            .enumerate()
            .filter(|(_, (_, nodes))| goes_out(model, nodes))
            .map(|(at, (_, nodes))| {
                let places = nodes.iter().map(|node| model.nodes[*node as usize].place).filter(|place| *place != NONE);
                let (sum, count) =
                    places.fold((0, 0), |(sum, count), place| (sum + model.arcs[0].time(pivot, place), count + 1));
                (sum / count.max(1), at)
            })
            .collect();
        order.sort_unstable();
        order.into_iter().map(|(_, at)| at).collect()
    }

    /// Puts the parts together: where they are, and the best of each.
    fn join(&mut self) {
        let worth = self.chains.iter().fold(Worth::default(), |sum, chain| sum.and(chain.best.worth));
        if worth < self.best.worth {
            self.best = Layout { worth, ..Layout::default() };
            for chain in &self.chains {
                self.best.runs.extend(chain.best.runs.iter().cloned());
                self.best.absent.extend_from_slice(&chain.best.absent);
            }
        }
        let mut whole = Layout::default();
        for chain in &self.chains {
            let layout = chain.layout();
            whole.runs.extend(layout.runs);
            whole.absent.extend(layout.absent);
        }
        self.chains[0].set(&whole.runs, &whole.absent);
    }

    fn progress(&self, share: f64) -> Progress {
        Progress {
            share: share.min(1.0),
            iterations: self.chains.iter().map(|chain| chain.rounds).sum(),
            cost: self.best.worth.price as f64 / self.model.scale,
            unassigned: self.best.absent.len() + self.dropped.len(),
        }
    }
}

fn goes_out(model: &Model<'_>, nodes: &[u32]) -> bool {
    nodes.iter().any(|node| (*node as usize) < model.tasks)
}
