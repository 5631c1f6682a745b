//! p-center: the smallest radius at which as many demands are covered as can be reached at all.
//!
//! A larger radius covers no fewer, so radii are halved: down with sites that are found, up with proofs that there are none.
//! Where a radius is decided within its work both come at once; else a search looks for sites and a bound for a proof.

use super::{
    bound::Aim,
    branch::Found,
    cells::{Cells, Count},
    covering,
    exact::{self, Decision},
    problem::Problem,
};
use crate::domain::watch::Watch;

/// List entries that a search for a cover looks at while radii are halved, and before the last radius is left.
const LOOK_ENTRIES: u64 = 4_000_000;
const LAST_LOOK_ENTRIES: u64 = 12_000_000;

/// Words that deciding a radius looks at while radii are halved, and before the last radius is left.
const DECIDE_WORDS: u64 = 20_000_000;
const LAST_DECIDE_WORDS: u64 = 400_000_000;

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

/// Radii by their ranks: below `low` it is known that nothing covers as many, `sites` do within `high`.
struct Halving<'a> {
    problem: &'a Problem,
    watch: &'a dyn Watch,
    radii: Vec<f64>,
    low: usize,
    high: usize,
    sites: Vec<usize>,
}

/// The smallest radius, by whatever covers.
pub(super) fn halve(problem: &Problem, seed: u64, watch: &dyn Watch, cover: &Cover<'_>) -> Center {
    let whole = cover(&Cells::cover(problem, f64::INFINITY, Count::Head), Aim::Least);
    let radii = radii(problem);
    let high = radii.len().saturating_sub(1);
    let mut halving = Halving { problem, watch, radii, low: 0, high, sites: whole.sites };
    if whole.cost < 0.5 {
        halving.low = halving.least();
        if problem.terms().capacities.is_none() {
            halving.settle();
            halving.look(seed);
        }
    }
    halving.prove(whole.cost, cover);
    let Halving { radii, low, high, sites, .. } = halving;
    let at = |rank: usize| radii.get(rank).copied().unwrap_or(0.0);
    Center { sites, radius: at(high), bound: at(low), proved: low >= high && whole.proved }
}

impl Halving<'_> {
    /// The rank at which each demand has a candidate; everyone is served, so none can be better off than that.
    fn least(&self) -> usize {
        let rows = rows(self.problem);
        let nearest = rows.map(|row| row.iter().copied().fold(f64::INFINITY, f64::min));
        self.rank(nearest.fold(0.0, f64::max))
    }

    fn rank(&self, radius: f64) -> usize {
        self.radii.partition_point(|&other| other < radius).min(self.high)
    }

    /// Where no capacities are: everyone goes to the nearest site, which may be nearer than the radius.
    fn settle(&mut self) {
        let nearest = |row: &[f64]| self.sites.iter().map(|&site| row[site]).fold(f64::INFINITY, f64::min);
        let radius = rows(self.problem).map(nearest).fold(0.0, f64::max);
        self.high = self.rank(radius).max(self.low);
    }

    fn found(&mut self, rank: usize, sites: Vec<usize>) {
        (self.sites, self.high) = (sites, rank);
        if self.problem.terms().capacities.is_none() {
            self.settle();
        }
    }

    fn cells(&self, rank: usize) -> Cells {
        Cells::cover(self.problem, self.radii[rank], Count::Head)
    }

    /// Smaller radii, as far as they are decided or covers are found quickly.
    fn look(&mut self, seed: u64) {
        let mut low = self.low;
        while low < self.high && !self.watch.cancelled() {
            let middle = usize::midpoint(low, self.high);
            if !self.is_covered(middle, seed, (DECIDE_WORDS, LOOK_ENTRIES)) {
                low = middle + 1;
            }
        }
        while self.low < self.high && !self.watch.cancelled() {
            if !self.is_covered(self.high - 1, seed, (LAST_DECIDE_WORDS, LAST_LOOK_ENTRIES)) {
                break;
            }
        }
    }

    /// Takes the sites that cover a radius, if there are some; learns where there are none.
    fn is_covered(&mut self, rank: usize, seed: u64, (words, entries): (u64, u64)) -> bool {
        let decision = exact::decide(self.problem, self.radii[rank], words);
        let sites = match decision {
            Decision::Impossible => {
                self.low = self.low.max(rank + 1);
                return false;
            }
            Decision::Covered(sites) => Some(self.filled(sites)),
            Decision::Unknown => self.search(rank, seed, entries),
        };
        let Some(sites) = sites else { return false };
        self.found(rank, sites);
        true
    }

    /// Sites that cover a radius, if some are found among those that decide.
    fn search(&self, rank: usize, seed: u64, entries: u64) -> Option<Vec<usize>> {
        let cells = self.cells(rank);
        let (demands, candidates) = exact::essence(&cells);
        let wanted = cells.p.min(candidates.len());
        let mut start: Vec<usize> =
            self.sites.iter().filter_map(|site| candidates.binary_search(site).ok()).take(wanted).collect();
        let others = (0..candidates.len()).filter(|site| !start.contains(site));
        let others: Vec<usize> = others.take(wanted - start.len()).collect();
        start.extend(others);
        let found = covering::search(&cells.part(&demands, &candidates), &start, seed, entries, self.watch)?;
        Some(self.filled(found.into_iter().map(|site| candidates[site]).collect()))
    }

    /// As many sites as are asked for: what is not needed goes to the first candidates.
    fn filled(&self, mut sites: Vec<usize>) -> Vec<usize> {
        let terms = self.problem.terms();
        let missing = terms.p.saturating_sub(sites.len());
        let others: Vec<usize> = (0..terms.candidates).filter(|site| !sites.contains(site)).take(missing).collect();
        sites.extend(others);
        sites
    }

    /// Sites that leave out no more than `lost`, or a bound that says that there are none, or neither.
    fn ask(&self, cells: &Cells, lost: f64, cover: &Cover<'_>) -> Found {
        let aim = Aim::Below(lost + 1.0);
        if lost > 0.5 || self.problem.terms().capacities.is_some() {
            return cover(cells, aim);
        }
        let (demands, candidates) = exact::essence(cells);
        let mut found = cover(&cells.part(&demands, &candidates), aim);
        found.sites.iter_mut().for_each(|site| *site = candidates[*site]);
        let others = (0..cells.candidates).filter(|candidate| candidates.binary_search(candidate).is_err());
        found.sites.extend(others.take(cells.p.saturating_sub(candidates.len())));
        found
    }

    /// Closes in from both sides; `lost` are left out at any radius.
    fn prove(&mut self, lost: f64, cover: &Cover<'_>) {
        // If nothing covers just below the best, all is proved at once.
        let mut try_at = self.high.checked_sub(1);
        let mut doubted = usize::MAX;
        while let Some(rank) = try_at.filter(|&rank| rank >= self.low && rank < self.high.min(doubted)) {
            let found = self.ask(&self.cells(rank), lost, cover);
            if found.cost <= lost + 0.5 {
                self.found(rank, found.sites);
            } else if found.bound > lost + 0.5 {
                self.low = rank + 1;
            } else {
                doubted = rank;
            }
            if self.watch.cancelled() {
                break;
            }
            let end = self.high.min(doubted);
            try_at = (self.low < end).then(|| usize::midpoint(self.low, end));
        }
    }
}

/// The costs of every demand that counts and that somebody reaches.
fn rows(problem: &Problem) -> impl Iterator<Item = &[f64]> {
    let terms = problem.terms();
    let rows = terms.costs.chunks(terms.candidates).zip(&terms.weights);
    rows.filter(|(row, weight)| **weight > 0.0 && row.iter().any(|cost| cost.is_finite())).map(|(row, _)| row)
}

/// Every cost that might be the radius, ascending.
fn radii(problem: &Problem) -> Vec<f64> {
    let mut radii: Vec<f64> = rows(problem).flatten().copied().filter(|cost| cost.is_finite()).collect();
    radii.sort_unstable_by(f64::total_cmp);
    radii.dedup();
    radii
}
