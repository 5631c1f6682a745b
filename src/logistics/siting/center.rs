//! p-center: the smallest radius at which as many demands are covered as can be reached at all.
//!
//! A larger radius covers no fewer, so radii are halved: down with sites that are found, up with proofs that there are none.

use super::{
    bound::Aim,
    branch::Found,
    cells::{Cells, Count},
    problem::Problem,
};
use crate::domain::watch::Watch;

/// Sites, the radius, and what is known of it.
pub(super) struct Center {
    pub(super) sites: Vec<usize>,
    /// All that can be served is served within it.
    pub(super) radius: f64,
    /// No demand that can be reached is reached at less.
    pub(super) bound: f64,
    pub(super) proved: bool,
}

/// How sites are found that leave out the fewest demands at a radius.
pub(super) type Cover<'a> = dyn Fn(&Cells, Aim) -> Found + 'a;

/// The smallest radius, by whatever covers.
pub(super) fn halve(problem: &Problem, watch: &dyn Watch, cover: &Cover<'_>) -> Center {
    let all = Cells::cover(problem, f64::INFINITY, Count::Head);
    let whole = cover(&all, Aim::Least);
    let radii = radii(problem, &all.demands);
    let covers = |rank: usize, aim: Aim| cover(&Cells::cover(problem, radii[rank], Count::Head), aim);
    let target = Aim::Below(whole.cost + 1.0);
    let mut sites = whole.sites;
    // Below `low` it is known that nothing covers as many; `high` is covered.
    let (mut low, mut high) = (0, radii.len().saturating_sub(1));
    let mut doubted: Option<usize> = None;
    while low < high && !watch.cancelled() {
        let middle = usize::midpoint(low, doubted.map_or(high, |doubted| doubted.min(high)));
        if doubted.is_some_and(|doubted| low >= doubted) {
            break;
        }
        let found = covers(middle, target);
        if found.cost <= whole.cost {
            (sites, high) = (found.sites, middle);
            doubted = doubted.filter(|&doubted| doubted < high);
        } else if found.bound > whole.cost + 0.5 {
            low = middle + 1;
        } else {
            doubted = Some(middle);
        }
    }
    let radius = radii.get(high).copied().unwrap_or(0.0);
    let bound = radii.get(low).copied().unwrap_or(0.0);
    Center { sites, radius, bound, proved: low >= high && whole.proved }
}

/// Every cost that might be the radius, ascending.
fn radii(problem: &Problem, demands: &[usize]) -> Vec<f64> {
    let width = problem.candidates();
    let rows = demands.iter().map(|&demand| &problem.terms().costs[demand * width..(demand + 1) * width]);
    let mut radii: Vec<f64> = rows.flatten().copied().filter(|cost| cost.is_finite()).collect();
    radii.sort_unstable_by(f64::total_cmp);
    radii.dedup();
    radii
}
