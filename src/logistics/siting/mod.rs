//! Where to set `p` points among candidates, and how far from the best that is at most.
//!
//! All three objectives are one: sums of cells, at most one cell a demand, a declared price for a demand that is left out.
//! *p-median* prices a cell at weight times cost; *max-cover* at nothing within the cover, and leaving out at the weight;
//! *p-center* asks of each radius whether all can be covered (`center`), which is decided (`exact`) where that is cheap. An interchange search (`interchange`) finds
//! sites, a Lagrangian bound (`bound`) says how good they are, and where a gap is left a tree of open and closed sites
//! (`branch`) closes it if that is cheap. Capacities take demands whole (`capacity`).
//!
//! Resende and Werneck 2007 (interchange), Beasley 1985 and Daskin 2013 (bound and fixing).

mod bound;
mod branch;
mod capacity;
mod cells;
mod center;
mod covering;
mod exact;
mod interchange;
mod problem;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;
mod ways;

pub use problem::{CELLS_MAX, Fault, Objective, Problem, Terms};

use self::{
    bound::Aim,
    capacity::Rooms,
    cells::{Cells, Count},
};
use crate::domain::watch::Watch;

/// Sites, who goes where, and how good that is.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Candidates that are opened, ascending; `p` of them.
    pub sites: Vec<usize>,
    /// For each demand the candidate that serves it; none where no site reaches it (or covers it, or has room for it).
    pub assignment: Vec<Option<usize>>,
    /// p-median: sum of weight × cost of the served. p-center: the largest cost of a served demand that has a weight.
    /// Max-cover: the weight that is not covered.
    pub cost: f64,
    /// No choice that serves as much weight (p-center: as many demands) costs less than this.
    pub lower_bound: f64,
    /// Nothing is better, neither in what is served nor in cost.
    pub proved: bool,
    /// Weight of the demands that are served (max-cover: covered).
    pub served: f64,
    /// Demands that no candidate can serve at all, whatever is opened.
    pub unreachable: Vec<usize>,
    /// What there is no room for.
    pub crowd: Crowd,
}

/// What the sites are too small for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crowd {
    /// Demands with a weight that an open site reaches (covers), and none has room for.
    pub demands: Vec<usize>,
    /// Their weight.
    pub weight: f64,
    /// By how much the demands that can be reached weigh more than any `p` sites hold together: so much is left out
    /// whatever is opened. 0 where they do not.
    pub short: f64,
}

impl Answer {
    /// How much of the cost may be too much: 0 is the best there is, 0.006 "within 0.6 %".
    pub fn gap(&self) -> f64 {
        if self.cost > 0.0 { ((self.cost - self.lower_bound) / self.cost).max(0.0) } else { 0.0 }
    }
}

/// Chooses the sites: the same answer for the same problem and seed, on any number of cores. When `watch` cancels, the
/// best so far is answered, with a bound that holds.
pub fn solve(problem: &Problem, seed: u64, watch: &dyn Watch) -> Answer {
    let terms = problem.terms();
    let minimise = |cells: &Cells, aim: Aim| match &terms.capacities {
        Some(capacities) => Rooms { cells, capacities, watch }.minimise(seed, aim),
        None => branch::minimise(cells, seed, aim, watch),
    };
    let serve = |cells: &Cells, sites: &[usize], reach: f64| {
        let mut assignment = nearest(problem, sites, reach);
        if let Some(capacities) = &terms.capacities {
            let served = Rooms { cells, capacities, watch }.serve(sites);
            cells.demands.iter().zip(served).for_each(|(&demand, site)| assignment[demand] = site);
        }
        assignment
    };
    match terms.objective {
        Objective::PCenter => {
            let center = center::halve(problem, seed, watch, &minimise);
            let cells = Cells::cover(problem, center.radius, Count::Head);
            let assignment = serve(&cells, &center.sites, f64::INFINITY);
            let cost = farthest(problem, &assignment);
            answer(problem, center.sites, assignment, cost, (center.bound, center.proved))
        }
        Objective::MaxCover { cover } => {
            let cells = Cells::cover(problem, cover, Count::Weight);
            let found = minimise(&cells, Aim::Least);
            let assignment = serve(&cells, &found.sites, cover);
            let missed: Vec<usize> = (0..assignment.len()).filter(|&demand| assignment[demand].is_none()).collect();
            let cost = total(problem, &missed);
            answer(problem, found.sites, assignment, cost, (cost - (found.cost - found.bound), found.proved))
        }
        Objective::PMedian => {
            let cells = Cells::median(problem);
            let found = minimise(&cells, Aim::Least);
            let assignment = serve(&cells, &found.sites, f64::INFINITY);
            let cost = sum(problem, &assignment);
            // The rest of the search's cost is for those left out.
            let bound = if found.proved { cost } else { cost - (found.cost - found.bound) };
            answer(problem, found.sites, assignment, cost, (bound, found.proved))
        }
    }
}

fn answer(
    problem: &Problem,
    mut sites: Vec<usize>,
    assignment: Vec<Option<usize>>,
    cost: f64,
    (bound, proved): (f64, bool),
) -> Answer {
    sites.sort_unstable();
    let served = (0..assignment.len()).filter(|&demand| assignment[demand].is_some()).collect::<Vec<_>>();
    let reach = cells::radius(problem.terms().objective).unwrap_or(f64::INFINITY);
    let unreachable = unreachable(problem, reach);
    Answer {
        crowd: crowd(problem, &sites, &assignment, (reach, &unreachable)),
        sites,
        cost,
        lower_bound: if proved { cost } else { bound.clamp(0.0, cost) },
        proved,
        served: total(problem, &served),
        unreachable,
        assignment,
    }
}

/// Each demand to its nearest site within reach; the first in the list of candidates where two are as near.
fn nearest(problem: &Problem, sites: &[usize], reach: f64) -> Vec<Option<usize>> {
    let site_of = |demand: usize| {
        let costs = sites.iter().map(|&site| (problem.cost(demand, site), site));
        let least = costs.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        least.filter(|(cost, _)| cost.is_finite() && *cost <= reach).map(|(_, site)| site)
    };
    (0..problem.demands()).map(site_of).collect()
}

fn total(problem: &Problem, demands: &[usize]) -> f64 {
    demands.iter().map(|&demand| problem.terms().weights[demand]).sum()
}

fn sum(problem: &Problem, assignment: &[Option<usize>]) -> f64 {
    let served = assignment.iter().enumerate().filter_map(|(demand, site)| Some((demand, (*site)?)));
    served.map(|(demand, site)| problem.terms().weights[demand] * problem.cost(demand, site)).sum()
}

fn farthest(problem: &Problem, assignment: &[Option<usize>]) -> f64 {
    let served = assignment.iter().enumerate().filter_map(|(demand, site)| Some((demand, (*site)?)));
    served
        .filter(|(demand, _)| problem.terms().weights[*demand] > 0.0)
        .map(|(demand, site)| problem.cost(demand, site))
        .fold(0.0, f64::max)
}

fn crowd(
    problem: &Problem,
    sites: &[usize],
    assignment: &[Option<usize>],
    (reach, unreachable): (f64, &[usize]),
) -> Crowd {
    let terms = problem.terms();
    let Some(capacities) = &terms.capacities else { return Crowd::default() };
    let reaches = |demand: usize| {
        let costs = sites.iter().map(|&site| problem.cost(demand, site));
        costs.into_iter().any(|cost| cost.is_finite() && cost <= reach)
    };
    let left = |&demand: &usize| assignment[demand].is_none() && terms.weights[demand] > 0.0 && reaches(demand);
    let demands: Vec<usize> = (0..assignment.len()).filter(left).collect();
    // The most that any choice holds: what is fixed, and the greatest of the others.
    let (mut fixed, mut free) = (0.0, Vec::with_capacity(capacities.len()));
    for (site, capacity) in capacities.iter().enumerate() {
        if terms.fixed.contains(&site) { fixed += capacity } else { free.push(*capacity) }
    }
    free.sort_by(|a, b| b.total_cmp(a));
    let most = fixed + free.iter().take(terms.p - terms.fixed.len()).sum::<f64>();
    let all: f64 = terms.weights.iter().sum();
    let need = all - total(problem, unreachable);
    // Demands that nobody weighs, or sums that round, are not short of anything.
    let short = if need > most + 1e-9 * all { need - most } else { 0.0 };
    Crowd { weight: total(problem, &demands), demands, short }
}

fn unreachable(problem: &Problem, reach: f64) -> Vec<usize> {
    let none = |&demand: &usize| {
        let mut costs = (0..problem.candidates()).map(|candidate| problem.cost(demand, candidate));
        costs.all(|cost| cost.is_infinite() || cost > reach)
    };
    (0..problem.demands()).filter(none).collect()
}
