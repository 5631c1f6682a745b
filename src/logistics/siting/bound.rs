//! The Lagrangian bound: each demand pays for being served, each candidate earns what it can, the best `p` are opened.
//!
//! Whatever the demands pay, no sites cost less than what comes out (Daskin 2013, chapter 6). Subgradient steps raise the
//! payments of demands that nobody serves and lower those that several do. A candidate whose opening, or closing, would
//! bring the bound to the best known cost is decided.

use super::{
    cells::Cells,
    interchange::{self, Choice},
};
use crate::domain::watch::Watch;

/// How much of the last heading is in the next: without it the steps swing across the valley of the bound.
const LEAN: f64 = 0.7;

/// Sites decided and not decided, and what demands pay.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) payments: Vec<f64>,
    pub(super) open: Vec<usize>,
    pub(super) free: Vec<usize>,
    /// Nothing in here costs less.
    pub(super) bound: f64,
}

/// How the steps go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Steps at most.
    pub(super) steps: u32,
    /// Length of the first.
    pub(super) stride: f64,
    /// Steps without gain after which the length is halved.
    pub(super) patience: u32,
    /// The length below which it ends.
    pub(super) least: f64,
}

/// When a search has what it wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Aim {
    /// Never before the best is proved.
    Least,
    /// With the first sites that cost less; what costs as much is of no interest.
    Below(f64),
}

/// Whether there can be something better in a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No.
    Done,
    /// Perhaps.
    Left,
}

/// The best so far, and the work that may still be done for a better one or for its proof.
pub(super) struct Hunt<'a> {
    pub(super) cells: &'a Cells,
    pub(super) best: Choice,
    pub(super) aim: Aim,
    /// Cells that may still be looked at.
    pub(super) work: u64,
    pub(super) watch: &'a dyn Watch,
}

/// What the candidates of a node earn, and which are taken.
struct Round {
    bound: f64,
    earned: Vec<f64>,
    /// Places in `free`, those taken first.
    order: Vec<usize>,
    taken: usize,
}

impl Hunt<'_> {
    /// Whether the search is over: told to stop, out of work, or satisfied.
    pub(super) fn over(&self) -> bool {
        let satisfied = matches!(self.aim, Aim::Below(cost) if self.best.cost < cost);
        satisfied || self.work == 0 || self.watch.cancelled()
    }

    /// Only what costs less is of interest.
    pub(super) fn target(&self) -> f64 {
        match self.aim {
            Aim::Least => self.best.cost,
            Aim::Below(cost) => self.best.cost.min(cost),
        }
    }

    /// Everything undecided but what is fixed; demands pay what lies between the nearest and the second nearest site.
    pub(super) fn root(&self) -> Node {
        let cells = self.cells;
        let mut first = cells.price.clone();
        let mut second = cells.price.clone();
        for &site in &self.best.sites {
            for (demand, &cell) in cells.column(site).iter().enumerate() {
                if cell < first[demand] {
                    (second[demand], first[demand]) = (first[demand], cell);
                } else {
                    second[demand] = second[demand].min(cell);
                }
            }
        }
        let payments = first.iter().zip(&second).map(|(first, second)| f64::midpoint(*first, *second)).collect();
        let (open, free) = (0..cells.candidates).partition(|&candidate| cells.fixed[candidate]);
        Node { payments, open, free, bound: 0.0 }
    }

    fn offer(&mut self, sites: Vec<usize>) {
        let cost = self.cells.cost(&sites);
        if cost < self.best.cost {
            self.best = Choice { cost, sites };
        }
    }

    /// Raises the bound of a node and decides what it can.
    pub(super) fn tighten(&mut self, node: &mut Node, pace: Pace) -> Verdict {
        let mut payments = node.payments.clone();
        let mut heading = vec![0.0; payments.len()];
        let (mut stride, mut idle) = (pace.stride, 0);
        for _ in 0..pace.steps {
            if let Some(verdict) = self.leaf(node) {
                return verdict;
            }
            self.work = self.work.saturating_sub(((node.open.len() + node.free.len()) * payments.len()) as u64);
            let round = self.round(node, &payments);
            let chosen: Vec<usize> =
                node.open.iter().copied().chain(round.order[..round.taken].iter().map(|&at| node.free[at])).collect();
            idle += 1;
            if round.bound > node.bound {
                idle = if round.bound > node.bound + 1e-4 * (self.target() - node.bound) { 0 } else { idle };
                node.bound = round.bound;
                node.payments.copy_from_slice(&payments);
                self.offer(chosen.clone());
            }
            if self.cells.proves(node.bound, self.target()) {
                return Verdict::Done;
            }
            let length = self.head(&chosen, &payments, &mut heading);
            self.decide(node, &round);
            if length == 0.0 {
                // Everyone is served once: these sites cost what the bound says.
                self.offer(chosen);
                return if self.cells.proves(node.bound, self.target()) { Verdict::Done } else { Verdict::Left };
            }
            if idle >= pace.patience {
                (stride, idle) = (stride / 2.0, 0);
                payments.copy_from_slice(&node.payments);
            }
            if stride < pace.least || self.over() {
                break;
            }
            let by = stride * (self.target() - round.bound).max(self.cells.noise) / length;
            for ((payment, heading), &price) in payments.iter_mut().zip(&heading).zip(&self.cells.price) {
                *payment = (*payment + by * heading).clamp(0.0, price);
            }
        }
        self.leaf(node).unwrap_or(Verdict::Left)
    }

    /// A node without a choice.
    fn leaf(&mut self, node: &Node) -> Option<Verdict> {
        let wanted = self.cells.p.checked_sub(node.open.len());
        match wanted {
            None => Some(Verdict::Done),
            Some(wanted) if wanted > node.free.len() => Some(Verdict::Done),
            Some(0) => {
                self.offer(node.open.clone());
                Some(Verdict::Done)
            }
            Some(wanted) if wanted == node.free.len() => {
                self.offer(node.open.iter().chain(&node.free).copied().collect());
                Some(Verdict::Done)
            }
            Some(_) => None,
        }
    }

    fn round(&self, node: &Node, payments: &[f64]) -> Round {
        let earn = |candidate| earned(self.cells.column(candidate), payments);
        let earned = self.cells.each(&node.free, earn);
        let taken = self.cells.p - node.open.len();
        let mut order: Vec<usize> = (0..earned.len()).collect();
        let by = |a: &usize, b: &usize| earned[*a].total_cmp(&earned[*b]).then(a.cmp(b));
        // The worst taken stands last among the taken, the best left behind first among the others.
        order.select_nth_unstable_by(taken - 1, by);
        order[taken..].select_nth_unstable_by(0, by);
        let open: f64 = self.cells.each(&node.open, earn).iter().sum();
        let free: f64 = order[..taken].iter().map(|&at| earned[at]).sum();
        Round { bound: payments.iter().sum::<f64>() + open + free, earned, order, taken }
    }

    /// The way up, leaning on the last one; its squared length.
    fn head(&self, chosen: &[usize], payments: &[f64], heading: &mut [f64]) -> f64 {
        let mut missing = vec![1.0; payments.len()];
        for &site in chosen {
            for ((missing, &cell), &payment) in missing.iter_mut().zip(self.cells.column(site)).zip(payments) {
                *missing -= if cell < payment { 1.0 } else { 0.0 };
            }
        }
        let mut any = false;
        for (demand, missing) in missing.iter_mut().enumerate() {
            // A payment at its limit cannot go farther.
            if *missing > 0.0 && payments[demand] >= self.cells.price[demand] {
                *missing = 0.0;
            }
            any |= *missing != 0.0;
            heading[demand] = *missing + LEAN * heading[demand];
        }
        if any { heading.iter().map(|part| part * part).sum() } else { 0.0 }
    }

    /// Closes what would be too dear to open, opens what would be too dear to close.
    fn decide(&self, node: &mut Node, round: &Round) {
        let Round { bound, earned, order, taken } = round;
        let (worst, next) = (earned[order[taken - 1]], earned[order[*taken]]);
        let mut keep = vec![true; earned.len()];
        for &at in &order[..*taken] {
            if self.cells.proves(bound - earned[at] + next, self.target()) {
                keep[at] = false;
                node.open.push(node.free[at]);
            }
        }
        for &at in &order[*taken..] {
            keep[at] = !self.cells.proves(bound + earned[at] - worst, self.target());
        }
        let mut kept = keep.iter();
        node.free.retain(|_| kept.next().is_some_and(|keep| *keep));
    }

    /// An interchange from the best so far of a node's relaxation.
    pub(super) fn polish(&mut self, node: &Node) {
        let order: Vec<usize> = (0..self.cells.candidates).collect();
        let Some(wanted) = self.cells.p.checked_sub(node.open.len()).filter(|&wanted| wanted <= node.free.len()) else {
            return;
        };
        if wanted == 0 || wanted == node.free.len() {
            return;
        }
        let round = self.round(node, &node.payments);
        let sites = node.open.iter().copied().chain(round.order[..round.taken].iter().map(|&at| node.free[at]));
        let found = interchange::descend(self.cells, sites.collect(), &order, self.watch);
        if found.cost < self.best.cost {
            self.best = found;
        }
    }
}

/// What a candidate earns: the sum of what demands pay above its cells, as a negative number.
fn earned(column: &[f64], payments: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (cells, rest) = column.as_chunks::<8>();
    let (paid, paid_rest) = payments.as_chunks::<8>();
    for (cells, paid) in cells.iter().zip(paid) {
        for lane in 0..8 {
            let profit = cells[lane] - paid[lane];
            lanes[lane] += if profit < 0.0 { profit } else { 0.0 };
        }
    }
    let tail: f64 = rest.iter().zip(paid_rest).map(|(cell, paid)| (cell - paid).min(0.0)).sum();
    lanes.iter().sum::<f64>() + tail
}
