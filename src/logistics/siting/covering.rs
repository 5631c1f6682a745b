//! Sites that cover everyone, if some are found: demands that stay uncovered weigh more with every step.
//!
//! The site that loses least goes, a candidate that covers an uncovered demand comes (after Gao and others 2015).

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::cells::Cells;
use crate::domain::watch::Watch;

/// Entries that are looked at for each cell at most: a small problem is soon known by heart.
const ENTRIES_A_CELL: u64 = 1_000;

/// Lists of who covers whom, a standing set of sites, and what each candidate's turn would change.
struct Covering {
    /// Of each candidate the demands, of each demand the candidates.
    covers: Vec<Vec<u32>>,
    covered_by: Vec<Vec<u32>>,
    weight: Vec<u64>,
    /// Sites that cover each demand.
    times: Vec<u32>,
    is_site: Vec<bool>,
    /// A site: the weight that only it covers. Others: the weight they would newly cover.
    score: Vec<u64>,
    /// The step in which each last came or went.
    moved: Vec<u64>,
}

/// Sites of `p` that cover everyone, from a set that does not; looks at so many list entries before it gives up.
pub(super) fn search(cells: &Cells, start: &[usize], seed: u64, effort: u64, watch: &dyn Watch) -> Option<Vec<usize>> {
    let mut covering = Covering::new(cells);
    if covering.covered_by.iter().any(Vec::is_empty) {
        return None;
    }
    let mut sites = start.to_vec();
    for &site in &sites {
        covering.turn(site);
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let size = (cells.demands.len() * cells.candidates) as u64;
    let (mut left, mut step) = (effort.min(size * ENTRIES_A_CELL), 0);
    loop {
        let uncovered: Vec<usize> = (0..covering.times.len()).filter(|&demand| covering.times[demand] == 0).collect();
        if uncovered.is_empty() {
            return Some(sites);
        }
        step += 1;
        let free = (0..sites.len()).filter(|&slot| !cells.fixed[sites[slot]]);
        let slot = free.min_by_key(|&slot| {
            let site = sites[slot];
            // What has just come stays for a step.
            (covering.moved[site] + 1 == step && step > 1, covering.score[site], covering.moved[site], site)
        })?;
        let gone = sites[slot];
        let mut spent = covering.turn_in(gone, step);
        let demand = uncovered[random.random_range(0..uncovered.len())];
        let comes = covering.covered_by[demand].iter().map(|&candidate| candidate as usize);
        let comes = comes.filter(|&candidate| !covering.is_site[candidate] && candidate != gone);
        let comes = comes
            .min_by_key(|&candidate| (u64::MAX - covering.score[candidate], covering.moved[candidate], candidate))
            .unwrap_or(gone);
        spent += covering.turn_in(comes, step);
        sites[slot] = comes;
        for &demand in uncovered.iter().filter(|&&demand| covering.times[demand] == 0) {
            covering.weight[demand] += 1;
            for &candidate in &covering.covered_by[demand] {
                covering.score[candidate as usize] += 1;
            }
            spent += covering.covered_by[demand].len() as u64;
        }
        left = left.saturating_sub(spent + (covering.times.len() + sites.len()) as u64);
        if left == 0 || watch.cancelled() {
            return None;
        }
    }
}

impl Covering {
    fn new(cells: &Cells) -> Self {
        let (demands, candidates) = (cells.demands.len(), cells.candidates);
        let mut covered_by = vec![Vec::new(); demands];
        let covers: Vec<Vec<u32>> = (0..candidates)
            .map(|candidate| {
                let column = cells.column(candidate).iter().enumerate();
                column.filter(|(_, cell)| **cell <= 0.0).map(|(demand, _)| demand as u32).collect()
            })
            .collect();
        for (candidate, list) in covers.iter().enumerate() {
            for &demand in list {
                covered_by[demand as usize].push(candidate as u32);
            }
        }
        Self {
            score: covers.iter().map(|list| list.len() as u64).collect(),
            covers,
            covered_by,
            weight: vec![1; demands],
            times: vec![0; demands],
            is_site: vec![false; candidates],
            moved: vec![0; candidates],
        }
    }

    fn turn_in(&mut self, candidate: usize, step: u64) -> u64 {
        self.moved[candidate] = step;
        self.turn(candidate);
        self.covers[candidate].len() as u64 * 4
    }

    /// Makes a candidate a site, or a site none.
    fn turn(&mut self, candidate: usize) {
        let comes = !self.is_site[candidate];
        self.is_site[candidate] = comes;
        for &demand in &self.covers[candidate] {
            let (demand, others) = (demand as usize, &self.covered_by[demand as usize]);
            let weight = self.weight[demand];
            let before = self.times[demand];
            self.times[demand] = if comes { before + 1 } else { before - 1 };
            // Its own score stays: what it covers alone is what it would newly cover.
            let alone = if comes { before } else { before - 1 };
            for &other in others.iter().filter(|&&other| other as usize != candidate) {
                let other = other as usize;
                match (alone, self.is_site[other], comes) {
                    (0, false, true) | (1, true, true) => self.score[other] -= weight,
                    (0, false, false) | (1, true, false) => self.score[other] += weight,
                    _ => {}
                }
            }
        }
    }
}
