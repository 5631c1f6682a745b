//! Sites that serve so much weight and no more; a demand is served whole, by one site.
//!
//! Sites are exchanged one at a time; for each set the demands are given out, those first that would lose most by waiting,
//! then moved and swapped while that saves. Finding the best way to give them out is hard in itself, so an answer is
//! proved only where the bound meets it (each candidate earns the best fraction of demands that its room holds), or where
//! there are so few ways that all are tried (`ways`).

use std::collections::BTreeSet;

use super::{
    bound::Aim,
    branch::{self, Found, WORK_CELLS},
    cells::Cells,
    ways::{self, Verdict},
};
use crate::domain::watch::Watch;

/// Where nobody is served.
pub(super) const NOWHERE: u32 = u32::MAX;

/// Cells that the exchange of sites may look at.
const EXCHANGE_CELLS: u64 = 300_000_000;

/// How much dearer sites may be before they are improved, to be worth it.
const NEAR: f64 = 0.05;

/// Pairs of demands that one improvement may compare.
const PAIRS_MAX: usize = 20_000_000;

/// Who is served by which slot of the sites.
#[derive(Clone, Debug)]
struct Service {
    sites: Vec<usize>,
    /// Demand by demand, what each slot costs it: side by side, because they are looked at together.
    table: Vec<f64>,
    slot: Vec<u32>,
    room: Vec<f64>,
    cost: f64,
}

/// A problem with room.
pub(super) struct Rooms<'a> {
    pub(super) cells: &'a Cells,
    /// One a candidate.
    pub(super) capacities: &'a [f64],
    pub(super) watch: &'a dyn Watch,
}

impl Service {
    /// What each slot costs a demand.
    fn row(&self, demand: usize) -> &[f64] {
        let width = self.sites.len();
        &self.table[demand * width..(demand + 1) * width]
    }
}

impl Rooms<'_> {
    /// Sites and a bound; see [`Self::serve`] for who goes where.
    pub(super) fn minimise(&self, seed: u64, aim: Aim) -> Found {
        let open = branch::minimise(self.cells, seed, aim, self.watch);
        let start = self.improved(open.sites.clone());
        if start.cost <= open.cost + self.cells.noise {
            // There is room for all where they would go anyway.
            return open;
        }
        let mut bound = open.bound;
        let mut best = start;
        let satisfied = |cost: f64| matches!(aim, Aim::Below(below) if cost < below);
        if !satisfied(best.cost) {
            best = self.exchange(best);
        }
        if !satisfied(best.cost) {
            bound = bound.max(self.raise(&mut best, aim));
        }
        let (mut sites, mut cost) = (best.sites, best.cost);
        let target = |cost: f64| if let Aim::Below(below) = aim { below.min(cost) } else { cost };
        if !satisfied(cost) && !self.cells.proves(bound, target(cost)) {
            match ways::sites(self, target(cost)) {
                Verdict::Cheaper(found) => (bound, cost, sites) = (found.cost, found.cost, found.sites),
                Verdict::Nothing => bound = target(cost),
                Verdict::Unknown => {}
            }
        }
        let bound = bound.min(target(cost));
        let proved = self.cells.proves(bound, cost);
        sites.sort_unstable();
        Found { sites, cost, bound: if proved { cost } else { bound }, proved }
    }

    /// For each demand of the cells the candidate that serves it.
    pub(super) fn serve(&self, sites: &[usize]) -> Vec<Option<usize>> {
        let mut sites = sites.to_vec();
        sites.sort_unstable();
        let mut service = self.improved(sites);
        if let Verdict::Cheaper(found) = ways::service(self, &service.sites, service.cost) {
            service.slot = found.slot;
        }
        let candidate = |slot: &u32| service.sites.get(*slot as usize).copied();
        service.slot.iter().map(candidate).collect()
    }

    pub(super) fn fits(room: f64, load: f64) -> bool {
        load <= room + 1e-9 * room.abs().max(load)
    }

    /// Gives the demands out: first who would lose most by going elsewhere.
    fn given(&self, sites: Vec<usize>) -> Service {
        let (cells, count) = (self.cells, self.cells.demands.len());
        let mut first = cells.price.clone();
        let mut second = cells.price.clone();
        let mut table = vec![0.0; count * sites.len()];
        for (slot, &site) in sites.iter().enumerate() {
            for (demand, &cell) in cells.column(site).iter().enumerate() {
                table[demand * sites.len() + slot] = cell;
                if cell < first[demand] {
                    (second[demand], first[demand]) = (first[demand], cell);
                } else {
                    second[demand] = second[demand].min(cell);
                }
            }
        }
        let mut order: Vec<usize> = (0..count).collect();
        let regret = |demand: usize| second[demand] - first[demand];
        order.sort_unstable_by(|&a, &b| {
            regret(b).total_cmp(&regret(a)).then(cells.load[b].total_cmp(&cells.load[a])).then(a.cmp(&b))
        });
        let room = sites.iter().map(|&site| self.capacities[site]).collect();
        let mut service = Service { sites, table, slot: vec![NOWHERE; count], room, cost: cells.price.iter().sum() };
        for demand in order {
            self.shift(&mut service, demand);
        }
        service
    }

    /// What a demand costs where it is.
    fn stands(&self, service: &Service, demand: usize) -> f64 {
        match service.slot[demand] {
            NOWHERE => self.cells.price[demand],
            slot => service.row(demand)[slot as usize],
        }
    }

    fn put(&self, service: &mut Service, demand: usize, slot: u32) {
        service.cost -= self.stands(service, demand);
        if let Some(room) = service.room.get_mut(service.slot[demand] as usize) {
            *room += self.cells.load[demand];
        }
        service.slot[demand] = slot;
        if let Some(room) = service.room.get_mut(slot as usize) {
            *room -= self.cells.load[demand];
        }
        service.cost += self.stands(service, demand);
    }

    /// Moves a demand to the cheapest slot with room; whether that saved something.
    fn shift(&self, service: &mut Service, demand: usize) -> bool {
        let load = self.cells.load[demand];
        let mut best = (self.stands(service, demand) - self.cells.noise, None);
        for (slot, &cell) in service.row(demand).iter().enumerate() {
            if cell < best.0 && Self::fits(service.room[slot], load) {
                best = (cell, Some(slot as u32));
            }
        }
        best.1.is_some_and(|slot| {
            self.put(service, demand, slot);
            true
        })
    }

    /// Lets a demand take the place of another that loses less; whether one was found.
    fn push(&self, service: &mut Service, demand: usize) -> bool {
        let (stands, load) = (self.stands(service, demand), self.cells.load[demand]);
        let from = service.slot[demand];
        let saves: Vec<f64> = service.row(demand).iter().map(|cell| stands - cell).collect();
        for other in 0..service.slot.len() {
            let to = service.slot[other];
            let saved = saves.get(to as usize).copied().unwrap_or(0.0);
            if saved <= self.cells.noise || to == from {
                continue;
            }
            let (other_stands, other_load) = (service.row(other)[to as usize], self.cells.load[other]);
            if !Self::fits(service.room[to as usize] + other_load, load) {
                continue;
            }
            // The other goes where there is room, or nowhere.
            let mut goes = (self.cells.price[other], NOWHERE);
            for (slot, &cell) in service.row(other).iter().enumerate().filter(|(slot, _)| *slot != to as usize) {
                let freed = if slot as u32 == from { load } else { 0.0 };
                if cell < goes.0 && Self::fits(service.room[slot] + freed, other_load) {
                    goes = (cell, slot as u32);
                }
            }
            if saved - (goes.0 - other_stands) > self.cells.noise.max(1e-9 * saved) {
                self.put(service, other, goes.1);
                self.put(service, demand, to);
                return true;
            }
        }
        false
    }

    /// Given out, then moved and swapped while that saves.
    fn improved(&self, sites: Vec<usize>) -> Service {
        let mut service = self.given(sites);
        let count = self.cells.demands.len();
        let mut pairs = PAIRS_MAX;
        let mut saved = true;
        while saved && !self.watch.cancelled() {
            saved = false;
            for demand in 0..count {
                saved |= self.shift(&mut service, demand);
                let least = service.row(demand).iter().copied().fold(f64::INFINITY, f64::min);
                if pairs > 0 && self.stands(&service, demand) > least + self.cells.noise {
                    pairs = pairs.saturating_sub(count);
                    saved |= self.push(&mut service, demand);
                }
            }
        }
        // The running sum has drifted.
        self.costed(service)
    }

    /// With the sum of its cost made anew.
    fn costed(&self, mut service: Service) -> Service {
        service.cost = (0..service.slot.len()).map(|demand| self.stands(&service, demand)).sum();
        service
    }

    /// Exchanges one site at a time for the candidate that saves most, while work is left.
    fn exchange(&self, mut best: Service) -> Service {
        let each = (self.cells.demands.len() * (self.cells.p + 8)).max(1) as u64;
        let mut work = EXCHANGE_CELLS;
        let (mut slot, mut since) = (0, 0);
        while since < best.sites.len() && work > 0 && !self.watch.cancelled() {
            let sites = best.sites.clone();
            since += 1;
            slot = (slot + 1) % sites.len();
            if self.cells.fixed[sites[slot]] {
                continue;
            }
            let others: Vec<usize> =
                (0..self.cells.candidates).filter(|candidate| !sites.contains(candidate)).collect();
            work = work.saturating_sub(each * others.len() as u64);
            let with = |candidate: usize| {
                let mut sites = sites.clone();
                sites[slot] = candidate;
                sites
            };
            let costs = self.cells.each(&others, |candidate| self.given(with(candidate)).cost);
            let mut ranked: Vec<usize> = (0..others.len()).collect();
            ranked.sort_by(|&a, &b| costs[a].total_cmp(&costs[b]).then(a.cmp(&b)));
            for &rank in ranked.iter().take(3) {
                let mut sites = with(others[rank]);
                sites.sort_unstable();
                let found = self.improved(sites);
                if found.cost < best.cost - self.cells.noise.max(1e-9 * best.cost) {
                    (best, since) = (found, 0);
                    break;
                }
            }
        }
        best
    }

    /// Raises the bound by subgradient steps; sites that the relaxation takes are tried.
    fn raise(&self, best: &mut Service, aim: Aim) -> f64 {
        let (cells, count) = (self.cells, self.cells.demands.len());
        let all: Vec<usize> = (0..cells.candidates).collect();
        let steps = (WORK_CELLS / 16 / (count * cells.candidates).max(1) as u64).clamp(40, 400);
        let mut payments: Vec<f64> = (0..count).map(|demand| self.stands(best, demand)).collect();
        let mut kept = payments.clone();
        let mut heading = vec![0.0; count];
        let (mut bound, mut stride, mut idle) = (0.0, 1.0, 0);
        let mut tried = BTreeSet::new();
        for _ in 0..steps {
            let earned = cells.each(&all, |candidate| self.fill(candidate, &payments, |_, _| {}));
            let earned = |candidate: &usize| earned[*candidate];
            let (mut chosen, mut free): (Vec<usize>, Vec<usize>) = all.iter().partition(|&&site| cells.fixed[site]);
            free.sort_by(|a, b| earned(a).total_cmp(&earned(b)).then(a.cmp(b)));
            chosen.extend(free.iter().take(cells.p - chosen.len()));
            let now = payments.iter().sum::<f64>() + chosen.iter().map(earned).sum::<f64>();
            idle += 1;
            if now > bound {
                (bound, idle) = (now, 0);
                kept.copy_from_slice(&payments);
                chosen.sort_unstable();
                // What is far behind before it is improved stays behind.
                let is_near = |cost: f64| cost <= best.cost + NEAR * best.cost.abs();
                if tried.insert(chosen.clone()) && is_near(self.given(chosen.clone()).cost) {
                    let found = self.improved(chosen.clone());
                    if found.cost < best.cost {
                        *best = found;
                    }
                }
            }
            let target = if let Aim::Below(below) = aim { below.min(best.cost) } else { best.cost };
            if cells.proves(bound, target) || best.cost < target || stride < 0.005 || self.watch.cancelled() {
                break;
            }
            let mut missing = vec![1.0; count];
            for &site in &chosen {
                self.fill(site, &payments, |demand, part| missing[demand] -= part);
            }
            heading.iter_mut().zip(&missing).for_each(|(heading, missing)| *heading = missing + 0.5 * *heading);
            let length: f64 = heading.iter().map(|part| part * part).sum();
            if idle >= 12 {
                (stride, idle) = (stride / 2.0, 0);
                payments.copy_from_slice(&kept);
            }
            let by = stride * (target - now).max(cells.noise) / length.max(1e-9);
            for ((payment, heading), &price) in payments.iter_mut().zip(&heading).zip(&cells.price) {
                *payment = (*payment + by * heading).clamp(0.0, price);
            }
        }
        bound
    }

    /// The most that a candidate can earn, negative; `took` hears of each demand that it takes for that, and which part.
    fn fill(&self, candidate: usize, payments: &[f64], mut took: impl FnMut(usize, f64)) -> f64 {
        let column = self.cells.column(candidate);
        let load = |offer: &(f64, u32)| self.cells.load[offer.1 as usize];
        let mut offers: Vec<(f64, u32)> = (0..column.len())
            .filter(|&demand| payments[demand] > column[demand])
            .map(|demand| ((column[demand] - payments[demand]) / self.cells.load[demand], demand as u32))
            .collect();
        let mut room = self.capacities[candidate];
        let mut earned = 0.0;
        let mut open = offers.as_mut_slice();
        // The best that fit, halved out of the rest: their order among themselves does not matter.
        while !open.is_empty() && room > 0.0 {
            let half = open.len().div_ceil(2);
            if half < open.len() {
                open.select_nth_unstable_by(half - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            }
            let (best, rest) = open.split_at_mut(half);
            let wanted: f64 = best.iter().map(load).sum();
            if wanted > room && half > 1 {
                open = best;
                continue;
            }
            for offer in best.iter() {
                let part = load(offer).min(room);
                earned += offer.0 * part;
                room -= part;
                took(offer.1 as usize, part / load(offer));
            }
            open = rest;
        }
        earned
    }
}
