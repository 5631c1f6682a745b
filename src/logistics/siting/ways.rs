//! Sites with room, where there are few enough of everything to try every way.
//!
//! Each set of sites in the order of what it costs with room for all; in each, demands one after the other, the heaviest
//! first, cut off where the rest costs too much even if every site had room.

use super::capacity::{NOWHERE, Rooms};

/// Nodes that one search may look at: a tenth of a second.
const NODES: u64 = 4_000_000;

/// Sets of sites that are worth listing.
const SETS_MAX: usize = 20_000;

/// A way to serve.
#[derive(Debug, PartialEq)]
pub(super) struct Way {
    pub(super) sites: Vec<usize>,
    /// For each demand the place of its site among them, or [`NOWHERE`].
    pub(super) slot: Vec<u32>,
    pub(super) cost: f64,
}

/// The cheapest way to serve, if it is cheaper than what was asked for.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is.
    Cheaper(Way),
    /// There is none.
    Nothing,
    /// There are more ways than one can try.
    Unknown,
}

/// Every way to serve at all, of those that cost less than `below`.
pub(super) fn sites(rooms: &Rooms<'_>, below: f64) -> Verdict {
    let Some(sets) = sets(rooms) else { return Verdict::Unknown };
    let mut ranked: Vec<(f64, Vec<usize>)> = sets.into_iter().map(|set| (rooms.cells.cost(&set), set)).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut tree = Tree { rooms, nodes: NODES, below, best: None };
    let mut chosen = Vec::new();
    for (least, set) in ranked {
        if least >= tree.below - rooms.cells.noise || tree.nodes == 0 || rooms.watch.cancelled() {
            break;
        }
        let before = tree.below;
        tree.set(&set);
        if tree.below < before {
            chosen = set;
        }
    }
    tree.verdict(chosen)
}

/// Every way to serve from these sites, of those that cost less than `below`.
pub(super) fn service(rooms: &Rooms<'_>, set: &[usize], below: f64) -> Verdict {
    let mut tree = Tree { rooms, nodes: 2 * NODES, below, best: None };
    tree.set(set);
    tree.verdict(set.to_vec())
}

/// All sets of `p` sites with the fixed ones; none where there are too many.
fn sets(rooms: &Rooms<'_>) -> Option<Vec<Vec<usize>>> {
    let cells = rooms.cells;
    let mut sets = vec![Vec::new()];
    for candidate in 0..cells.candidates {
        let left = cells.candidates - candidate;
        let mut longer = Vec::new();
        for set in sets {
            if set.len() < cells.p {
                longer.push([&set[..], &[candidate]].concat());
            }
            if !cells.fixed[candidate] && set.len() + left > cells.p {
                longer.push(set);
            }
        }
        sets = longer;
        if sets.len() > SETS_MAX {
            return None;
        }
    }
    sets.retain(|set| set.len() == cells.p);
    Some(sets)
}

struct Tree<'a> {
    rooms: &'a Rooms<'a>,
    nodes: u64,
    below: f64,
    best: Option<Vec<u32>>,
}

/// What one set of sites offers each demand.
struct Offers {
    /// Demands, the heaviest first.
    order: Vec<usize>,
    /// For each of the order, what each slot costs, the cheapest first; those that cost less than leaving out.
    slots: Vec<Vec<(f64, u32)>>,
    /// What those from each of the order on cost at least.
    rest: Vec<f64>,
}

impl Tree<'_> {
    fn set(&mut self, sites: &[usize]) {
        let cells = self.rooms.cells;
        let mut order: Vec<usize> = (0..cells.demands.len()).collect();
        order.sort_by(|&a, &b| cells.load[b].total_cmp(&cells.load[a]).then(a.cmp(&b)));
        let offered = |&demand: &usize| {
            let costs = sites.iter().zip(0_u32..).map(|(&site, slot)| (cells.column(site)[demand], slot));
            let mut slots: Vec<(f64, u32)> = costs.filter(|(cost, _)| *cost < cells.price[demand]).collect();
            slots.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            slots
        };
        let slots: Vec<Vec<(f64, u32)>> = order.iter().map(offered).collect();
        let mut rest = vec![0.0; order.len() + 1];
        for at in (0..order.len()).rev() {
            rest[at] = rest[at + 1] + slots[at].first().map_or(cells.price[order[at]], |(cost, _)| *cost);
        }
        let mut room: Vec<f64> = sites.iter().map(|&site| self.rooms.capacities[site]).collect();
        let mut slot = vec![NOWHERE; order.len()];
        self.walk(&Offers { order, slots, rest }, 0, 0.0, &mut room, &mut slot);
    }

    fn walk(&mut self, offers: &Offers, at: usize, cost: f64, room: &mut [f64], slot: &mut [u32]) {
        if self.nodes == 0 || cost + offers.rest[at] >= self.below - self.rooms.cells.noise {
            return;
        }
        self.nodes -= 1;
        let Some(&demand) = offers.order.get(at) else {
            (self.below, self.best) = (cost, Some(slot.to_vec()));
            return;
        };
        let load = self.rooms.cells.load[demand];
        for &(by, to) in &offers.slots[at] {
            let left = room[to as usize];
            if Rooms::fits(left, load) {
                room[to as usize] = left - load;
                slot[demand] = to;
                self.walk(offers, at + 1, cost + by, room, slot);
                room[to as usize] = left;
            }
        }
        slot[demand] = NOWHERE;
        self.walk(offers, at + 1, cost + self.rooms.cells.price[demand], room, slot);
    }

    fn verdict(self, sites: Vec<usize>) -> Verdict {
        match self.best {
            _ if self.nodes == 0 || self.rooms.watch.cancelled() => Verdict::Unknown,
            Some(slot) => Verdict::Cheaper(Way { sites, slot, cost: self.below }),
            None => Verdict::Nothing,
        }
    }
}
