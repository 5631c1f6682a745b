//! A tree of candidates opened and closed, depth first, each node cut off by its bound.

use super::{
    bound::{Aim, Hunt, Node, Pace, Verdict},
    cells::Cells,
    interchange,
};
use crate::domain::watch::Watch;

/// Cells that one search looks at beside the root's steps: about half a second of one core.
pub(super) const WORK_CELLS: u64 = 1_500_000_000;

/// Cells that the descents from random sites may look at, roughly.
const DESCENT_CELLS: usize = 200_000_000;

const INNER: Pace = Pace { steps: 40, stride: 1.0, patience: 10, least: 0.02 };

/// The root's pace: patient where steps are cheap, because a root that ends early is paid for by every node below it.
pub(super) fn root_pace(size: usize) -> Pace {
    let steps = (WORK_CELLS / size.max(1) as u64).clamp(150, 3000) as u32;
    Pace { steps, stride: 1.5, patience: (steps / 40).clamp(6, 30), least: 0.001 }
}

/// The best sites found, and what nothing costs less than.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) sites: Vec<usize>,
    pub(super) cost: f64,
    pub(super) bound: f64,
    pub(super) proved: bool,
}

/// Sites of least cost, or of a cost that is low enough.
pub(super) fn minimise(cells: &Cells, seed: u64, aim: Aim, watch: &dyn Watch) -> Found {
    let size = (cells.demands.len() * cells.candidates).max(1);
    let restarts = (DESCENT_CELLS / 20 / size).clamp(2, 16);
    let best = interchange::search(cells, seed, restarts, watch);
    // A question of yes or no is one of many.
    let share = if aim == Aim::Least { 1 } else { 8 };
    let mut hunt = Hunt { cells, best, aim, work: (WORK_CELLS / share).max(150 * size as u64), watch };
    let mut root = hunt.root();
    let verdict = if hunt.over() { Verdict::Left } else { hunt.tighten(&mut root, root_pace(size)) };
    if verdict == Verdict::Done {
        return hunt.found(f64::INFINITY);
    }
    hunt.polish(&root);
    let bound = descend(&mut hunt, root);
    hunt.found(bound)
}

/// Walks the tree; the least bound of what was not looked into, infinite where nothing is left.
fn descend(hunt: &mut Hunt<'_>, root: Node) -> f64 {
    let mut stack = vec![root];
    while let Some(mut node) = stack.pop() {
        if hunt.cells.proves(node.bound, hunt.target()) {
            continue;
        }
        if hunt.over() {
            stack.push(node);
            break;
        }
        if hunt.tighten(&mut node, INNER) == Verdict::Done {
            continue;
        }
        let Some(candidate) = hunt.branch(&node) else {
            continue;
        };
        node.free.retain(|&free| free != candidate);
        let mut opened = node.clone();
        opened.open.push(candidate);
        stack.push(opened);
        stack.push(node);
    }
    stack.iter().map(|node| node.bound).fold(f64::INFINITY, f64::min)
}

impl Hunt<'_> {
    /// The undecided candidate that earns most; none where there is no choice.
    fn branch(&self, node: &Node) -> Option<usize> {
        let earn = |candidate: usize| -> f64 {
            self.cells.column(candidate).iter().zip(&node.payments).map(|(cell, paid)| (cell - paid).min(0.0)).sum()
        };
        let earned = self.cells.each(&node.free, earn);
        let best = (0..earned.len()).min_by(|&a, &b| earned[a].total_cmp(&earned[b]))?;
        Some(node.free[best])
    }

    fn found(self, left: f64) -> Found {
        let bound = left.max(0.0).min(self.target());
        let Self { cells, best, .. } = self;
        let proved = cells.proves(bound, best.cost);
        let mut sites = best.sites;
        sites.sort_unstable();
        Found { sites, cost: best.cost, bound: if proved { best.cost } else { bound }, proved }
    }
}
