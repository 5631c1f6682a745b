//! The one form of all objectives: a price a cell, a price for leaving a demand out.

use rayon::prelude::*;

use super::problem::{Objective, Problem, Terms};

/// Above so much, prices lose the thousandths that proofs need.
const PRICES_MAX: f64 = 1e13;

/// The part of all the weight below which what is left out is not told apart, where weights have no step.
const GRAIN: f64 = 1e-4;

/// What counts for covering: each demand as much as its weight, or each as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Weight,
    Head,
}

/// Priced cells of the demands that count and that some candidate can serve.
#[derive(Debug)]
pub(super) struct Cells {
    /// Their places in the problem.
    pub(super) demands: Vec<usize>,
    pub(super) candidates: usize,
    /// Candidate by candidate; never above the price of leaving the demand out.
    table: Vec<f64>,
    /// What leaving each out costs.
    pub(super) price: Vec<f64>,
    /// Room that each takes.
    pub(super) load: Vec<f64>,
    pub(super) p: usize,
    pub(super) fixed: Vec<bool>,
    /// All sums are multiples of it; 0 where no such number is known.
    step: f64,
    /// Differences below it are noise.
    pub(super) noise: f64,
}

impl Cells {
    /// Weight × cost. Leaving out costs more than serving could save: by the least step of the weights, or where they have
    /// none by a [`GRAIN`] of them all; as far as floats count that far.
    pub(super) fn median(problem: &Problem) -> Self {
        let terms = problem.terms();
        let finite = |cost: &f64| cost.is_finite();
        let farthest = terms.costs.iter().copied().filter(finite).fold(0.0, f64::max);
        let partial: Vec<bool> = terms.costs.chunks(terms.candidates).map(|row| !row.iter().all(finite)).collect();
        let may_miss = terms.capacities.is_some();
        let risky = || terms.weights.iter().zip(&partial).filter(|(w, part)| (**part || may_miss) && **w > 0.0);
        let least = risky().map(|(weight, _)| *weight).fold(f64::INFINITY, f64::min);
        let missed: f64 = risky().map(|(weight, _)| *weight).sum();
        let total: f64 = terms.weights.iter().sum();
        let unit = if farthest > 0.0 { farthest } else { 1.0 };
        let grain = Some(step(&[], &terms.weights)).filter(|step| *step > 0.0).unwrap_or(GRAIN * total).min(least);
        let grain = grain.max(f64::MIN_POSITIVE);
        let penalty = (unit * (1.0 + total / grain)).min(PRICES_MAX / missed).max(2.0 * unit);
        Self::priced(
            terms,
            |demand, cost| cost.is_finite().then(|| terms.weights[demand] * cost),
            |demand| terms.weights[demand] * if partial[demand] || may_miss { penalty } else { unit },
        )
    }

    /// Nothing within the radius; leaving out costs what the demand counts.
    pub(super) fn cover(problem: &Problem, radius: f64, count: Count) -> Self {
        let terms = problem.terms();
        Self::priced(
            terms,
            |_, cost| (cost <= radius && cost.is_finite()).then_some(0.0),
            |demand| match count {
                Count::Weight => terms.weights[demand],
                Count::Head => 1.0,
            },
        )
    }

    fn priced(terms: &Terms, cell: impl Fn(usize, f64) -> Option<f64>, price: impl Fn(usize) -> f64) -> Self {
        let width = terms.candidates;
        let row = |demand: usize| &terms.costs[demand * width..(demand + 1) * width];
        let counts = |&demand: &usize| terms.weights[demand] > 0.0 && row(demand).iter().any(|cost| cost.is_finite());
        let demands: Vec<usize> = (0..terms.weights.len()).filter(counts).collect();
        let height = demands.len();
        let prices: Vec<f64> = demands.iter().map(|&demand| price(demand)).collect();
        let mut table = vec![0.0; height * width];
        for (at, &demand) in demands.iter().enumerate() {
            for (candidate, &cost) in row(demand).iter().enumerate() {
                table[candidate * height + at] = cell(demand, cost).map_or(prices[at], |priced| priced.min(prices[at]));
            }
        }
        let mut fixed = vec![false; width];
        terms.fixed.iter().for_each(|&site| fixed[site] = true);
        let load = demands.iter().map(|&demand| terms.weights[demand]).collect();
        let step = step(&table, &prices);
        let noise = 1e-13 * prices.iter().sum::<f64>() + f64::MIN_POSITIVE;
        Self { demands, candidates: width, table, price: prices, load, p: terms.p, fixed, step, noise }
    }

    /// Some demands and candidates of it; `p` is no more than there are.
    pub(super) fn part(&self, demands: &[usize], candidates: &[usize]) -> Self {
        let pick = |list: &[f64]| -> Vec<f64> { demands.iter().map(|&demand| list[demand]).collect() };
        Self {
            demands: demands.iter().map(|&demand| self.demands[demand]).collect(),
            candidates: candidates.len(),
            table: candidates.iter().flat_map(|&candidate| pick(self.column(candidate))).collect(),
            price: pick(&self.price),
            load: pick(&self.load),
            p: self.p.min(candidates.len()),
            fixed: candidates.iter().map(|&candidate| self.fixed[candidate]).collect(),
            step: self.step,
            noise: self.noise,
        }
    }

    /// What a candidate costs each demand.
    pub(super) fn column(&self, candidate: usize) -> &[f64] {
        let height = self.demands.len();
        &self.table[candidate * height..(candidate + 1) * height]
    }

    /// Whether a bound says that nothing is better than `cost`.
    pub(super) fn proves(&self, bound: f64, cost: f64) -> bool {
        let better = if self.step > 0.0 { 0.99 * self.step } else { 1e-9 * cost };
        bound >= cost - better.max(self.noise)
    }

    /// What these sites cost.
    pub(super) fn cost(&self, sites: &[usize]) -> f64 {
        let mut least = self.price.clone();
        for &site in sites {
            least.iter_mut().zip(self.column(site)).for_each(|(least, &cell)| *least = least.min(cell));
        }
        least.iter().sum()
    }

    /// Work on so many candidates, on both cores where it is worth it; the answers in their order.
    pub(super) fn each<T: Send>(&self, candidates: &[usize], work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        if candidates.len() * self.demands.len() > 1 << 18 {
            candidates.par_iter().with_min_len(8).map(|&candidate| work(candidate)).collect()
        } else {
            candidates.iter().map(|&candidate| work(candidate)).collect()
        }
    }
}

/// The largest step of thousandths, at least, of which every cell is a multiple.
fn step(table: &[f64], prices: &[f64]) -> f64 {
    let sum: f64 = prices.iter().sum();
    for scale in [1.0, 10.0, 100.0, 1000.0] {
        if sum * scale > PRICES_MAX {
            return 0.0;
        }
        let mut common = 0;
        let whole = table.iter().chain(prices).all(|cell| {
            let scaled = cell * scale;
            let whole = scaled.round();
            if common != 1 {
                common = gcd(common, whole as u64);
            }
            (scaled - whole).abs() <= 1e-9 * whole.max(1.0)
        });
        if whole {
            return common as f64 / scale;
        }
    }
    0.0
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Which radius an objective covers within; none for p-median.
pub(super) fn radius(objective: Objective) -> Option<f64> {
    match objective {
        Objective::PMedian => None,
        Objective::PCenter => Some(f64::INFINITY),
        Objective::MaxCover { cover } => Some(cover),
    }
}
