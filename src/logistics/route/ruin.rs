//! Strings of neighbouring stops are taken out of runs that lie near each other.

use super::{
    dice::Dice,
    model::{Model, Role},
    near::Near,
    state::{ABSENT, FOREIGN, State},
};
use crate::logistics::problem::Objective;

/// Stops taken out of an iteration, on average.
const REMOVED: f64 = 10.0;

/// The longest string.
const LONGEST: f64 = 10.0;

/// The chance that a string keeps some stops in its middle.
const SPLIT: f64 = 0.5;

/// The chance that one more is kept.
const DEEPER: f64 = 0.01;

/// Where no more runs than this are, now and then a whole one is emptied: another crew may be the better one for it.
const FEW: usize = 12;

/// What is needed again and again.
#[derive(Default)]
pub struct Ruiner {
    ruined: Vec<u32>,
    string: Vec<u32>,
    out: Vec<u32>,
}

impl Ruiner {
    /// Takes strings out; answers how many stops were added to the absent, or `None` where a run does not hold without them.
    pub fn ruin(&mut self, model: &Model<'_>, near: &Near, state: &mut State, dice: &mut Dice) -> Option<usize> {
        let before = state.absent.len();
        let planned = state.busy.iter().map(|run| state.runs[*run as usize].tasks).sum::<u32>();
        if planned == 0 {
            return Some(0);
        }
        let mean = f64::from(planned) / state.busy.len() as f64;
        let longest = LONGEST.min(mean);
        let most = 4.0 * REMOVED / (1.0 + longest) - 1.0;
        let strings = (dice.unit() * most + 1.0) as usize;
        self.ruined.clear();
        let seed = Self::seed(model, state, dice)?;
        let mut holds = true;
        let often = match model.problem.objective {
            Objective::Fleet => 16,
            Objective::Cost if state.busy.len() <= FEW => 32,
            Objective::Cost => usize::MAX,
        };
        if often < usize::MAX && dice.below(often) == 0 {
            holds &= self.empty(model, state, dice);
        }
        for at in 0..=near.around(seed).len() {
            let task = if at == 0 { seed } else { near.around(seed)[at - 1] };
            let run = state.visits[task as usize].run;
            if run >= FOREIGN || self.ruined.contains(&run) {
                continue;
            }
            self.ruined.push(run);
            holds &= self.take(model, state, task, longest, dice);
            if self.ruined.len() >= strings {
                break;
            }
        }
        holds.then(|| state.absent.len() - before)
    }

    /// Now and then moves a pause of a run that was touched, or puts a loading in.
    pub fn stir(&mut self, model: &Model<'_>, state: &mut State, dice: &mut Dice) {
        self.out.clear();
        self.out.extend_from_slice(state.log.touched());
        for at in 0..self.out.len() {
            let run = self.out[at];
            let crew = &model.crews[run as usize];
            if crew.breaks.0 < crew.breaks.1 && dice.below(4) == 0 {
                let pause = crew.breaks.0 + dice.below((crew.breaks.1 - crew.breaks.0) as usize) as u32;
                let before = state.visits[pause as usize].prev;
                state.unlink(pause, FOREIGN);
                let after = anywhere(model, state, run, dice);
                state.link(pause, after);
                if !state.refresh(model, run) {
                    state.unlink(pause, FOREIGN);
                    state.link(pause, before);
                    state.refresh(model, run);
                }
            }
            let loads = crew.reloads.0..crew.reloads.1;
            if loads.is_empty() || dice.below(4) != 0 {
                continue;
            }
            let used = loads.clone().filter(|load| state.visits[*load as usize].run == run).count();
            let reload = crew.reloads.0 + dice.below(loads.len()) as u32;
            if (used as u32) < crew.loads && state.visits[reload as usize].run == FOREIGN {
                let after = anywhere(model, state, run, dice);
                state.link(reload, after);
                if !state.refresh(model, run) {
                    state.unlink(reload, FOREIGN);
                    state.refresh(model, run);
                }
            }
        }
    }

    /// Takes loadings out that nobody needs in the runs that were touched.
    pub fn sweep(&mut self, model: &Model<'_>, state: &mut State) {
        self.out.clear();
        self.out.extend_from_slice(state.log.touched());
        for at in 0..self.out.len() {
            drop_reloads(model, state, self.out[at]);
        }
    }

    /// Takes everything out of the shortest of three runs.
    fn empty(&mut self, model: &Model<'_>, state: &mut State, dice: &mut Dice) -> bool {
        let mut run = state.busy[dice.below(state.busy.len())];
        for _ in 0..2 {
            let other = state.busy[dice.below(state.busy.len())];
            if state.runs[other as usize].tasks < state.runs[run as usize].tasks {
                run = other;
            }
        }
        self.ruined.push(run);
        self.out.clear();
        let loose = |node: &u32| (*node as usize) < model.tasks && model.nodes[*node as usize].role != Role::Fixed;
        self.out.extend(state.nodes(model, run).filter(loose));
        state.touch(model, run);
        for at in 0..self.out.len() {
            remove(model, state, self.out[at]);
        }
        drop_reloads(model, state, run);
        state.refresh(model, run)
    }

    /// Where the strings are around: any stop of this state.
    fn seed(model: &Model<'_>, state: &State, dice: &mut Dice) -> Option<u32> {
        if !state.absent.is_empty() && dice.below(2) == 0 {
            return Some(state.absent[dice.below(state.absent.len())]);
        }
        (0..64).map(|_| dice.below(model.tasks) as u32).find(|task| state.visits[*task as usize].run < FOREIGN)
    }

    /// Takes a string around a stop out of its run.
    fn take(&mut self, model: &Model<'_>, state: &mut State, task: u32, longest: f64, dice: &mut Dice) -> bool {
        let run = state.visits[task as usize].run;
        self.string.clear();
        let mut here = 0;
        let (mut node, end) = (state.visits[model.start(run) as usize].next, model.end(run));
        while node != end {
            if node == task {
                here = self.string.len();
            }
            if (node as usize) < model.tasks && model.nodes[node as usize].role != Role::Fixed {
                self.string.push(node);
            }
            node = state.visits[node as usize].next;
        }
        let size = self.string.len();
        if size == 0 {
            return true;
        }
        let here = here.min(size - 1);
        let length = ((dice.unit() * longest.min(size as f64) + 1.0) as usize).min(size);
        let mut kept = 0;
        if length > 1 && length < size && dice.unit() < SPLIT {
            kept = 1;
            while length + kept < size && dice.unit() < DEEPER {
                kept += 1;
            }
        }
        let span = length + kept;
        let (low, high) = (here.saturating_sub(span - 1), here.min(size - span));
        let from = low + dice.below(high - low + 1);
        let hole = if kept == 0 { 0 } else { 1 + dice.below(length - 1).min(length - 1) };
        self.out.clear();
        for at in 0..span {
            if kept == 0 || at < hole || at >= hole + kept {
                self.out.push(self.string[from + at]);
            }
        }
        state.touch(model, run);
        for at in 0..self.out.len() {
            remove(model, state, self.out[at]);
        }
        drop_reloads(model, state, run);
        state.refresh(model, run)
    }
}

/// Takes a stop, and its mate, out of its run.
pub fn remove(model: &Model<'_>, state: &mut State, task: u32) {
    let mate = model.nodes[task as usize].mate;
    for node in [task, mate] {
        if (node as usize) < model.tasks && state.visits[node as usize].run < FOREIGN {
            state.unlink(node, ABSENT);
            if model.nodes[node as usize].role != Role::Delivery {
                state.absent.push(node);
            }
        }
    }
}

/// A node of a run after which there may be another.
fn anywhere(model: &Model<'_>, state: &State, run: u32, dice: &mut Dice) -> u32 {
    let nodes = state.visits[model.end(run) as usize].rank.max(1) as usize;
    let mut node = model.start(run);
    for _ in 0..dice.below(nodes) {
        let next = state.visits[node as usize].next;
        if next == model.end(run) {
            break;
        }
        node = next;
    }
    node
}

/// Takes out the loadings that the run holds without.
pub fn drop_reloads(model: &Model<'_>, state: &mut State, run: u32) {
    let crew = &model.crews[run as usize];
    for reload in crew.reloads.0..crew.reloads.1 {
        let visit = state.visits[reload as usize];
        if visit.run != run {
            continue;
        }
        let before = state.runs[run as usize].price;
        state.unlink(reload, FOREIGN);
        if !state.refresh(model, run) || state.runs[run as usize].price > before {
            state.link(reload, visit.prev);
            state.refresh(model, run);
        }
    }
}
