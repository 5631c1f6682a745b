//! Which part of the roads is open to through traffic, which to those who arrive or set out only, which is cut off.

use super::{
    edge::{Class, Level, Way},
    ground::directed,
    hierarchy::{NONE, group},
    network::Network,
    profile::{Profile, Vehicle},
};

/// The roads of a network by what they are to a profile.
///
/// Through traffic has the largest strongly connected part of the roads that are open to all. The rest (private roads,
/// restricted zones, and what lies behind them) is where a way may begin or end: whoever has left it is on through roads,
/// whoever enters it again stays. So a private road is never a short cut, and nothing becomes unreachable by that.
#[derive(Debug)]
pub(super) struct Zones {
    /// Of each directed edge: what it is to the profile.
    levels: Vec<Level>,
    /// Of each directed edge: the junctions where it begins and ends. A barrier that stops the profile makes a junction of
    /// its own for every edge end.
    ends: Vec<(u32, u32)>,
    /// Of each junction: its node in the network.
    pub(super) junctions: Vec<u32>,
    /// Of each junction: whether through traffic passes.
    through: Vec<bool>,
    /// Of each junction: whether it is in the largest component.
    main: Vec<bool>,
}

impl Zones {
    pub(super) fn survey(network: &Network, profile: Profile, vehicle: &Vehicle) -> Self {
        let mode = profile.mode();
        let mut junctions: Vec<u32> = (0..network.nodes().len() as u32).collect();
        let mut levels = Vec::with_capacity(network.edges().len() * 2);
        let mut ends = Vec::with_capacity(network.edges().len() * 2);
        for edge in network.edges() {
            let mut junction = |node: u32| {
                if network.barrier(node).level(mode) == Level::No {
                    junctions.push(node);
                    junctions.len() as u32 - 1
                } else {
                    node
                }
            };
            let (from, to) = (junction(edge.from), junction(edge.to));
            ends.push((from, to));
            ends.push((to, from));
            let guarded = [edge.from, edge.to].iter().any(|node| network.barrier(*node).level(mode) == Level::End);
            for way in Way::BOTH {
                let level = profile.level(edge, way, vehicle);
                levels.push(if guarded { level.min(Level::End) } else { level });
            }
        }
        let mut zones = Self { levels, ends, through: Vec::new(), main: Vec::new(), junctions };
        zones.through = zones.largest(Level::Yes);
        zones.main = zones.largest(Level::End);
        zones
    }

    /// The junctions of the largest strongly connected part of the directed edges of a level at least.
    fn largest(&self, least: Level) -> Vec<bool> {
        let used = |at: usize| self.levels[at] >= least;
        let tails: Vec<u32> =
            self.ends.iter().enumerate().map(|(at, (tail, _))| if used(at) { *tail } else { NONE }).collect();
        let (first, arcs) = group(&tails, self.junctions.len());
        let heads: Vec<u32> = arcs.iter().map(|arc| self.ends[*arc as usize].1).collect();
        let component = components(&first, &heads);
        let mut sizes = vec![0_u32; component.iter().max().map_or(0, |last| *last as usize + 1)];
        for c in &component {
            sizes[*c as usize] += 1;
        }
        // The first of the largest, so that the answer does not depend on the order of a sort.
        let largest = (0..sizes.len()).rev().max_by_key(|c| sizes[*c]).filter(|c| sizes[*c] > 1);
        component.iter().map(|c| Some(*c as usize) == largest).collect()
    }

    /// Whether the profile may use a directed edge at all.
    pub(super) fn is_open(&self, directed: u32) -> bool {
        self.levels[directed as usize] != Level::No
    }

    /// The junctions where a directed edge begins and ends.
    pub(super) fn ends(&self, directed: u32) -> (u32, u32) {
        self.ends[directed as usize]
    }

    /// Whether through traffic passes a junction.
    pub(super) fn is_through(&self, junction: u32) -> bool {
        self.through[junction as usize]
    }

    /// Whether a directed edge is for through traffic.
    pub(super) fn carries_through(&self, directed: u32) -> bool {
        let (tail, head) = self.ends(directed);
        self.levels[directed as usize] == Level::Yes && self.is_through(tail) && self.is_through(head)
    }

    /// Of each edge: whether the ground that it is on holds some of the mainland: joined to it by roads of whatever kind, be
    /// they closed to the profile or one-way, or by a ferry that takes it.
    pub(super) fn joined(&self, network: &Network, mainland: &[bool]) -> Vec<bool> {
        let mut above: Vec<u32> = (0..network.nodes().len() as u32).collect();
        for (at, edge) in (0..).zip(network.edges()) {
            let first = directed(at, Way::Forward);
            if edge.class != Class::Ferry || self.is_open(first) || self.is_open(first + 1) {
                let (a, b) = (root(&mut above, edge.from), root(&mut above, edge.to));
                above[a as usize] = b;
            }
        }
        let mut holds = vec![false; above.len()];
        for (edge, _) in network.edges().iter().zip(mainland).filter(|(_, mainland)| **mainland) {
            holds[root(&mut above, edge.from) as usize] = true;
        }
        network.edges().iter().map(|edge| holds[root(&mut above, edge.from) as usize]).collect()
    }

    /// Of each edge: whether it is open, and both its ends are in the largest component.
    pub(super) fn mainland(&self, network: &Network) -> Vec<bool> {
        let edges = 0..network.edges().len() as u32;
        edges
            .map(|edge| {
                let at = directed(edge, Way::Forward);
                let (from, to) = self.ends(at);
                (self.is_open(at) || self.is_open(at + 1)) && self.main[from as usize] && self.main[to as usize]
            })
            .collect()
    }
}

/// Whoever stands for all that are joined to a node; the path there is cut short.
fn root(above: &mut [u32], mut node: u32) -> u32 {
    while above[node as usize] != node {
        let next = above[node as usize];
        above[node as usize] = above[next as usize];
        node = next;
    }
    node
}

/// The strongly connected component of each node of a graph in rows (Tarjan 1972, with its stack on the heap).
fn components(first: &[u32], heads: &[u32]) -> Vec<u32> {
    let nodes = first.len() - 1;
    let mut component = vec![NONE; nodes];
    let mut number = vec![NONE; nodes];
    let mut low = vec![0_u32; nodes];
    let mut next_arc: Vec<u32> = first[..nodes].to_vec();
    let (mut open, mut calls) = (Vec::new(), Vec::new());
    let (mut numbered, mut found) = (0_u32, 0_u32);
    for root in 0..nodes as u32 {
        if number[root as usize] != NONE {
            continue;
        }
        calls.push(root);
        while let Some(x) = calls.last().copied() {
            let at = x as usize;
            if number[at] == NONE {
                number[at] = numbered;
                low[at] = numbered;
                numbered += 1;
                open.push(x);
            }
            if next_arc[at] < first[at + 1] {
                let y = heads[next_arc[at] as usize];
                next_arc[at] += 1;
                if number[y as usize] == NONE {
                    calls.push(y);
                } else if component[y as usize] == NONE {
                    low[at] = low[at].min(number[y as usize]);
                }
                continue;
            }
            calls.pop();
            if let Some(above) = calls.last() {
                low[*above as usize] = low[*above as usize].min(low[at]);
            }
            if low[at] == number[at] {
                while let Some(y) = open.pop() {
                    component[y as usize] = found;
                    if y == x {
                        break;
                    }
                }
                found += 1;
            }
        }
    }
    component
}
