//! One chain of the annealing: ruin, recreate, keep or take back.

use super::{
    dice::Dice,
    insert::Seeker,
    model::{Model, NONE, Role},
    near::Near,
    recreate::Recreator,
    ruin::Ruiner,
    state::{ABSENT, State},
};

/// How hot it is: what a worse plan may cost more.
#[derive(Clone, Copy, Debug)]
pub struct Heat {
    /// At the start.
    pub from: f64,
    /// At the end.
    pub to: f64,
}

impl Heat {
    /// After a share of the effort.
    pub fn at(&self, share: f64) -> f64 {
        self.from * (self.to / self.from).powf(share.clamp(0.0, 1.0))
    }
}

/// Runs without what is computed along them.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Vehicle and its nodes between start and end.
    pub runs: Vec<(u32, Vec<u32>)>,
    /// Tasks in no run.
    pub absent: Vec<u32>,
    /// What it is worth: less is better.
    pub worth: Worth,
}

/// The order of plans: priorities left out, tasks left out, cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Worth {
    /// Priorities of the tasks left out.
    pub urgent: u64,
    /// Tasks left out.
    pub absent: u64,
    /// What the runs cost.
    pub price: i64,
}

impl Worth {
    /// Of parts that share nothing.
    pub fn and(self, other: Self) -> Self {
        Self { urgent: self.urgent + other.urgent, absent: self.absent + other.absent, price: self.price + other.price }
    }

    /// Of a state.
    pub fn of(model: &Model<'_>, state: &State) -> Self {
        let ends = |task: &u32| model.ends(*task) as u64;
        let urgent = state.absent.iter().map(|task| ends(task) * u64::from(model.priority[*task as usize])).sum();
        Self { urgent, absent: state.absent.iter().map(ends).sum(), price: state.price }
    }
}

/// A chain.
pub struct Chain<'m, 'a> {
    model: &'m Model<'a>,
    near: &'m Near,
    /// Where it is.
    pub state: State,
    /// The best it has seen since it was set.
    pub best: Layout,
    value: i64,
    dice: Dice,
    ruiner: Ruiner,
    recreator: Recreator,
    /// Iterations so far.
    pub rounds: u64,
    /// How many times an absence counts.
    pub strictness: i64,
}

impl<'m, 'a> Chain<'m, 'a> {
    /// A chain that has nothing yet.
    pub fn new(model: &'m Model<'a>, near: &'m Near, seed: u64, number: u64) -> Self {
        let mut dice = Dice::new(seed, number);
        let recreator = Recreator::new(&mut dice);
        Self {
            model,
            near,
            state: State::new(model),
            best: Layout::default(),
            value: 0,
            dice,
            ruiner: Ruiner::default(),
            recreator,
            rounds: 0,
            strictness: 1,
        }
    }

    /// Takes runs over.
    pub fn set(&mut self, runs: &[(u32, Vec<u32>)], absent: &[u32]) {
        self.state.load(self.model, runs.iter().map(|(vehicle, nodes)| (*vehicle, nodes.as_slice())), absent);
        self.value = self.state.value(self.model, self.strictness);
        self.keep();
    }

    /// Sends everybody out for the first time: what is held first, then the rest.
    pub fn begin(&mut self) -> Vec<u32> {
        let model = self.model;
        let runs: Vec<(u32, Vec<u32>)> = (0..model.crews.len())
            .map(|v| (v as u32, (model.crews[v].breaks.0..model.crews[v].breaks.1).collect()))
            .collect();
        let loose = |task: &u32| !matches!(model.nodes[*task as usize].role, Role::Fixed | Role::Delivery);
        let tasks: Vec<u32> = (0..model.tasks as u32).filter(loose).collect();
        self.set(&runs, &tasks);
        let dropped = self.fix();
        self.state.begin();
        let all = std::mem::take(&mut self.state.absent);
        let sole = |task: &u32| (0..model.kinds_of_crews as u32).filter(|kind| model.admits(*task, *kind)).count() == 1;
        let (held, free): (Vec<u32>, Vec<u32>) =
            all.into_iter().partition(|task| !model.problem.locks.is_empty() && sole(task));
        for tasks in [held, free] {
            let fresh = tasks.len();
            self.state.absent.extend(tasks);
            self.recreator.recreate(model, self.near, &mut self.state, fresh, &mut self.dice);
        }
        self.value = self.state.value(model, self.strictness);
        self.keep();
        dropped
    }

    /// Puts in what is held in order; answers what does not fit.
    fn fix(&mut self) -> Vec<u32> {
        let (model, state) = (self.model, &mut self.state);
        let mut dropped = Vec::new();
        for vehicle in 0..model.crews.len() as u32 {
            let mut last = model.start(vehicle);
            for task in &model.fixed[vehicle as usize] {
                if let Some(gap) = Seeker::new(model, *task).seek_after(state, last) {
                    state.link(*task, gap.after);
                    state.refresh(model, vehicle);
                    last = *task;
                } else {
                    state.visits[*task as usize].run = ABSENT;
                    dropped.push(*task);
                }
            }
        }
        dropped
    }

    /// Some iterations at a heat.
    pub fn run(&mut self, iterations: u64, heat: f64) {
        let model = self.model;
        for _ in 0..iterations {
            self.rounds += 1;
            self.state.begin();
            let Some(fresh) = self.ruiner.ruin(model, self.near, &mut self.state, &mut self.dice) else {
                self.state.undo(model);
                continue;
            };
            if model.asks.rich {
                self.ruiner.stir(model, &mut self.state, &mut self.dice);
            }
            self.recreator.recreate(model, self.near, &mut self.state, fresh, &mut self.dice);
            if model.asks.reloads {
                self.ruiner.sweep(model, &mut self.state);
            }
            let value = self.state.value(model, self.strictness);
            if (value as f64) < self.value as f64 - heat * self.dice.unit().ln() {
                self.value = value;
                if Worth::of(model, &self.state) < self.best.worth {
                    self.keep();
                }
            } else {
                self.state.undo(model);
            }
        }
    }

    /// Where it is.
    pub fn layout(&self) -> Layout {
        let mut layout = Layout::default();
        self.write(&mut layout);
        layout
    }

    fn keep(&mut self) {
        let mut best = std::mem::take(&mut self.best);
        self.write(&mut best);
        self.best = best;
    }

    fn write(&self, layout: &mut Layout) {
        let (model, state) = (self.model, &self.state);
        layout.runs.resize(state.own.len(), (NONE, Vec::new()));
        for (vehicle, (name, nodes)) in state.own.iter().zip(&mut layout.runs) {
            *name = *vehicle;
            nodes.clear();
            nodes.extend(state.nodes(model, *vehicle));
        }
        layout.absent.clear();
        layout.absent.extend_from_slice(&state.absent);
        layout.worth = Worth::of(model, state);
    }
}
