//! Interchange: the swap of a site for a candidate that saves most, until none saves anything.
//!
//! One pass over the demands tells for a candidate what each site's leaving would cost (Whitaker 1983; Resende and
//! Werneck 2007): with the nearest and second nearest site of each demand known, a demand is lost, kept, or won.

use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::cells::Cells;
use crate::domain::watch::Watch;

/// Sites and what they cost.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) cost: f64,
    pub(super) sites: Vec<usize>,
}

impl Choice {
    /// The better of two; the first where they cost the same.
    pub(super) fn better(self, other: Self) -> Self {
        if other.cost < self.cost { other } else { self }
    }
}

/// The best of so many descents from random sites, the first from greedy ones.
pub(super) fn search(cells: &Cells, seed: u64, restarts: usize, watch: &dyn Watch) -> Choice {
    let descents: Vec<Choice> = (0..restarts)
        .into_par_iter()
        .map(|restart| {
            let mut order: Vec<usize> = (0..cells.candidates).collect();
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(restart as u64);
            order.shuffle(&mut random);
            let sites = if restart == 0 { greedy(cells) } else { any(cells, &order) };
            order.shuffle(&mut random);
            descend(cells, sites, &order, watch)
        })
        .collect();
    descents.into_iter().reduce(Choice::better).unwrap_or_else(|| {
        let sites = greedy(cells);
        Choice { cost: cells.cost(&sites), sites }
    })
}

/// The fixed sites, then the first of the order.
fn any(cells: &Cells, order: &[usize]) -> Vec<usize> {
    let mut sites: Vec<usize> = (0..cells.candidates).filter(|&site| cells.fixed[site]).collect();
    let wanted = cells.p - sites.len();
    sites.extend(order.iter().copied().filter(|&site| !cells.fixed[site]).take(wanted));
    sites
}

/// The fixed sites, then each time the candidate that saves most.
fn greedy(cells: &Cells) -> Vec<usize> {
    let mut sites: Vec<usize> = (0..cells.candidates).filter(|&site| cells.fixed[site]).collect();
    let mut least = cells.price.clone();
    let lower = |least: &mut [f64], site: usize| {
        least.iter_mut().zip(cells.column(site)).for_each(|(least, &cell)| *least = least.min(cell));
    };
    for &site in &sites {
        lower(&mut least, site);
    }
    let mut free: Vec<usize> = (0..cells.candidates).filter(|&site| !cells.fixed[site]).collect();
    while sites.len() < cells.p {
        let saved = cells.each(&free, |candidate| -> f64 {
            cells.column(candidate).iter().zip(&least).map(|(&cell, &least)| (least - cell).max(0.0)).sum()
        });
        let best = (0..free.len()).max_by(|&a, &b| saved[a].total_cmp(&saved[b]).then(b.cmp(&a)));
        let Some(best) = best else { break };
        let site = free.remove(best);
        lower(&mut least, site);
        sites.push(site);
    }
    sites
}

/// Swaps until a whole round of candidates, in that order, saves nothing.
pub(super) fn descend(cells: &Cells, sites: Vec<usize>, order: &[usize], watch: &dyn Watch) -> Choice {
    let mut standing = Standing::new(cells, sites);
    let mut since = 0;
    let mut at = 0;
    while since < order.len() && !watch.cancelled() {
        let candidate = order[at];
        at = (at + 1) % order.len();
        since += 1;
        if standing.is_site[candidate] {
            continue;
        }
        if let Some(slot) = standing.worth(candidate) {
            standing.swap(slot, candidate);
            since = 0;
        }
    }
    Choice { cost: cells.cost(&standing.sites), sites: standing.sites }
}

/// Sites, and for each demand the nearest two.
struct Standing<'a> {
    cells: &'a Cells,
    sites: Vec<usize>,
    is_site: Vec<bool>,
    /// Slots of the nearest and second nearest site of each demand, and what they cost.
    near: Vec<[u32; 2]>,
    first: Vec<f64>,
    second: Vec<f64>,
    /// What closing the site of each slot would cost.
    loss: Vec<f64>,
    scratch: Vec<f64>,
}

impl<'a> Standing<'a> {
    fn new(cells: &'a Cells, sites: Vec<usize>) -> Self {
        let demands = cells.demands.len();
        let mut is_site = vec![false; cells.candidates];
        for &site in &sites {
            is_site[site] = true;
        }
        let loss = vec![0.0; sites.len()];
        let mut standing = Self {
            cells,
            is_site,
            near: vec![[0; 2]; demands],
            first: vec![0.0; demands],
            second: vec![0.0; demands],
            scratch: loss.clone(),
            loss,
            sites,
        };
        (0..demands).for_each(|demand| standing.look(demand));
        standing.count();
        standing
    }

    /// Finds a demand's nearest two.
    fn look(&mut self, demand: usize) {
        let price = self.cells.price[demand];
        let (mut near, mut first, mut second) = ([0, 0], f64::INFINITY, price);
        for (slot, &site) in self.sites.iter().enumerate() {
            let cell = self.cells.column(site)[demand];
            if cell < first {
                (near, second, first) = ([slot as u32, near[0]], first.min(price), cell);
            } else if cell < second {
                (near[1], second) = (slot as u32, cell);
            }
        }
        (self.near[demand], self.first[demand], self.second[demand]) = (near, first, second);
    }

    fn count(&mut self) {
        self.loss.fill(0.0);
        for (demand, near) in self.near.iter().enumerate() {
            self.loss[near[0] as usize] += self.second[demand] - self.first[demand];
        }
    }

    /// The slot whose site a candidate should take, where that saves something.
    fn worth(&mut self, candidate: usize) -> Option<usize> {
        self.scratch.copy_from_slice(&self.loss);
        let mut won = 0.0;
        for (demand, &cell) in self.cells.column(candidate).iter().enumerate() {
            let second = self.second[demand];
            if cell < second {
                let first = self.first[demand];
                won += (first - cell).max(0.0);
                self.scratch[self.near[demand][0] as usize] -= second - cell.max(first);
            }
        }
        let open = (0..self.sites.len()).filter(|&slot| !self.cells.fixed[self.sites[slot]]);
        let cheapest = open.min_by(|&a, &b| self.scratch[a].total_cmp(&self.scratch[b]))?;
        let saved = won - self.scratch[cheapest];
        (saved > self.cells.noise.max(1e-9 * won)).then_some(cheapest)
    }

    fn swap(&mut self, slot: usize, candidate: usize) {
        self.is_site[self.sites[slot]] = false;
        self.is_site[candidate] = true;
        self.sites[slot] = candidate;
        let column = self.cells.column(candidate);
        for (demand, &cell) in column.iter().enumerate() {
            if self.near[demand].contains(&(slot as u32)) {
                self.look(demand);
            } else if cell < self.first[demand] {
                self.near[demand] = [slot as u32, self.near[demand][0]];
                (self.second[demand], self.first[demand]) = (self.first[demand], cell);
            } else if cell < self.second[demand] {
                (self.near[demand][1], self.second[demand]) = (slot as u32, cell);
            }
        }
        self.count();
    }
}
