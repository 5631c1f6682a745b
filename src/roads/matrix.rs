//! Many to many: the hierarchy is swept once for sixteen sources.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::hierarchy::{Cost, Hierarchy, Metric, NEVER, NONE, Seed};
use crate::domain::watch::Watch;

/// Sources that are swept together, so that one load of an arc serves them all.
const LANES: usize = 16;

const NEVER_HALF: i32 = 0x3fff_ffff;

/// What a node costs from each source: deciseconds and decimetres.
#[derive(Clone, Copy)]
struct Lane {
    time: [i32; LANES],
    length: [i32; LANES],
}

const EMPTY: Lane = Lane { time: [NEVER_HALF; LANES], length: [NEVER_HALF; LANES] };

/// An arc by which a node is reached from one above it.
#[derive(Clone, Copy)]
struct Step {
    from: u32,
    time: i32,
    length: i32,
}

/// The nodes above some targets, highest first, and the arcs down to them.
struct Funnel {
    /// Of each rank: its position here, or [`NONE`].
    position: Vec<u32>,
    first: Vec<u32>,
    steps: Vec<Step>,
}

impl Funnel {
    fn dig(hierarchy: &Hierarchy, metric: &Metric, targets: &[Vec<Seed>]) -> Self {
        let mut position = vec![NONE; hierarchy.len()];
        let mut ranks = Vec::new();
        for seed in targets.iter().flatten() {
            let mut x = hierarchy.rank(seed.node);
            while x != NONE && position[x as usize] == NONE {
                position[x as usize] = 0;
                ranks.push(x);
                x = hierarchy.parent(x);
            }
        }
        ranks.sort_unstable_by(|a, b| b.cmp(a));
        for (at, rank) in ranks.iter().enumerate() {
            position[*rank as usize] = at as u32;
        }
        let mut first = vec![0];
        let mut steps = Vec::new();
        for rank in &ranks {
            let reached = hierarchy.up(*rank).filter(|arc| metric.arcs[*arc][1] < NEVER);
            steps.extend(reached.map(|arc| {
                let (time, length) = halves(metric.arcs[arc][1]);
                Step { from: position[hierarchy.head[arc] as usize], time, length }
            }));
            first.push(steps.len() as u32);
        }
        Self { position, first, steps }
    }

    /// Carries the costs down, node by node.
    #[expect(clippy::needless_bitwise_bool, reason = "a branch in a lane would keep the lanes apart")]
    fn sweep(&self, lanes: &mut [Lane]) {
        for node in 0..lanes.len() {
            let (above, rest) = lanes.split_at_mut(node);
            let mut best = rest[0];
            for step in &self.steps[self.first[node] as usize..self.first[node + 1] as usize] {
                let from = &above[step.from as usize];
                for lane in 0..LANES {
                    let (time, length) = (from.time[lane] + step.time, from.length[lane] + step.length);
                    let better = (time < best.time[lane]) | ((time == best.time[lane]) & (length < best.length[lane]));
                    best.time[lane] = if better { time } else { best.time[lane] };
                    best.length[lane] = if better { length } else { best.length[lane] };
                }
            }
            rest[0] = best;
        }
    }
}

const fn halves(cost: Cost) -> (i32, i32) {
    ((cost >> 32) as i32, cost as u32 as i32)
}

const fn whole(time: i32, length: i32) -> Cost {
    ((time as u64) << 32) | length as u64
}

/// The cost from every source to every target, row by row; none when cancelled.
pub(super) fn costs(
    hierarchy: &Hierarchy,
    metric: &Metric,
    sources: &[Vec<Seed>],
    targets: &[Vec<Seed>],
    watch: &dyn Watch,
) -> Option<Vec<Cost>> {
    let mut costs = vec![NEVER; sources.len() * targets.len()];
    if costs.is_empty() {
        return Some(costs);
    }
    watch.begin("matrix", sources.len() as u64);
    let funnel = Funnel::dig(hierarchy, metric, targets);
    let nodes = funnel.first.len() - 1;
    let stopped = AtomicBool::new(false);
    let rows = costs.par_chunks_mut(LANES * targets.len()).zip(sources.par_chunks(LANES));
    rows.for_each_init(
        || vec![EMPTY; nodes],
        |lanes, (rows, sources)| {
            if stopped.load(Ordering::Relaxed) || watch.cancelled() {
                stopped.store(true, Ordering::Relaxed);
                return;
            }
            lanes.fill(EMPTY);
            for (lane, seeds) in sources.iter().enumerate() {
                for seed in seeds {
                    hierarchy.climbed(metric, *seed, 0, |rank, cost| {
                        let at = funnel.position[rank as usize];
                        if at != NONE {
                            let held = &mut lanes[at as usize];
                            if cost < whole(held.time[lane], held.length[lane]) {
                                (held.time[lane], held.length[lane]) = halves(cost);
                            }
                        }
                    });
                }
            }
            funnel.sweep(lanes);
            for (column, seeds) in targets.iter().enumerate() {
                for seed in seeds {
                    let reached = &lanes[funnel.position[hierarchy.rank(seed.node) as usize] as usize];
                    for lane in (0..sources.len()).filter(|lane| reached.time[*lane] < NEVER_HALF) {
                        let cell = &mut rows[lane * targets.len() + column];
                        *cell = (*cell).min(whole(reached.time[lane], reached.length[lane]) + seed.cost);
                    }
                }
            }
            watch.advance(sources.len() as u64);
        },
    );
    (!stopped.into_inner()).then_some(costs)
}
