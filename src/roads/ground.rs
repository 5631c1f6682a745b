//! A network as one profile meets it.

use std::sync::Arc;

use super::{
    edge::Way,
    hierarchy::{Cost, Hierarchy, NONE, group},
    network::Network,
    profile::{Profile, Vehicle},
    states::{self, Traffic},
    zone::Zones,
};

/// A network under a profile: the graph in rows (CSR), and the order in which its hierarchy is contracted. Built once;
/// shared by every [`super::plane::Plane`] of the profile.
#[derive(Debug)]
pub struct Ground {
    network: Arc<Network>,
    profile: Profile,
    arcs: Arcs,
    /// Of each directed edge: the node where one leaves it; [`NONE`] where it is closed to the profile.
    exits: Vec<u32>,
    entries_first: Vec<u32>,
    entries: Vec<u32>,
    /// Of each edge: whether both its ends are in the largest component.
    mainland: Vec<bool>,
    /// Of each edge: whether one could walk from it to there.
    joined: Vec<bool>,
    costs: Vec<Cost>,
    pub(super) hierarchy: Hierarchy,
}

/// The graph in rows: the arcs that leave node `n` are at `first[n]..first[n + 1]`.
#[derive(Debug)]
pub(super) struct Arcs {
    pub(super) first: Vec<u32>,
    pub(super) head: Vec<u32>,
    /// The directed edge of each arc: twice the edge, plus one backwards.
    pub(super) edge: Vec<u32>,
}

impl Arcs {
    /// The node that each arc leaves.
    pub(super) fn tails(&self) -> Vec<u32> {
        let rows = self.first.windows(2).enumerate();
        rows.flat_map(|(node, row)| std::iter::repeat_n(node as u32, (row[1] - row[0]) as usize)).collect()
    }
}

/// A directed edge: twice the edge, plus one backwards.
pub(super) const fn directed(edge: u32, way: Way) -> u32 {
    edge * 2 + way as u32
}

impl Ground {
    /// The ground of a profile with its usual vehicle.
    pub fn build(network: Arc<Network>, profile: Profile) -> Self {
        Self::build_for(network, profile, &profile.vehicle())
    }

    /// The ground of a profile with a vehicle of given measures.
    pub fn build_for(network: Arc<Network>, profile: Profile, vehicle: &Vehicle) -> Self {
        let zones = Zones::survey(&network, profile, vehicle);
        let Traffic { places, tails, heads, edges, exits, entries } = states::expand(&network, profile, &zones);
        let (first, order) = group(&tails, places.len());
        let arcs = Arcs {
            first,
            head: order.iter().map(|arc| heads[*arc as usize]).collect(),
            edge: order.iter().map(|arc| edges[*arc as usize]).collect(),
        };
        let hierarchy = Hierarchy::build(&arcs, &network.order().of_places(&places));
        let directed: Vec<u32> = entries.iter().map(|(directed, _)| *directed).collect();
        let (entries_first, order) = group(&directed, network.edges().len() * 2);
        let mainland = zones.mainland(&network);
        let costs = (0..network.edges().len() as u32).map(|edge| cost(&network, profile, edge)).collect();
        Self {
            exits,
            entries_first,
            entries: order.iter().map(|entry| entries[*entry as usize].1).collect(),
            joined: zones.joined(&network, &mainland),
            mainland,
            costs,
            hierarchy,
            arcs,
            network,
            profile,
        }
    }

    /// The roads.
    pub const fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The profile.
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// How many nodes the graph has: more than the network where turns are restricted or roads are private, fewer where
    /// roads are closed to the profile.
    pub fn nodes(&self) -> usize {
        self.arcs.first.len() - 1
    }

    /// Whether an edge is open to the profile in some direction.
    pub fn is_open(&self, edge: u32) -> bool {
        Way::BOTH.iter().any(|way| self.exit(edge, *way) != NONE)
    }

    /// Whether an edge is joined to the largest part of the roads.
    pub(super) fn is_mainland(&self, edge: u32) -> bool {
        self.mainland[edge as usize]
    }

    /// Whether an edge lies on the same piece of land as the largest part of the roads, as far as roads tell.
    pub(super) fn is_joined(&self, edge: u32) -> bool {
        self.joined[edge as usize]
    }

    pub(super) fn exit(&self, edge: u32, way: Way) -> u32 {
        self.exits[directed(edge, way) as usize]
    }

    /// The nodes from which one enters an edge in a direction.
    pub(super) fn entries(&self, edge: u32, way: Way) -> &[u32] {
        let row = directed(edge, way) as usize;
        &self.entries[self.entries_first[row] as usize..self.entries_first[row + 1] as usize]
    }

    /// What the whole of an edge costs.
    pub(super) fn cost(&self, edge: u32) -> Cost {
        self.costs[edge as usize]
    }

    pub(super) const fn arcs(&self) -> &Arcs {
        &self.arcs
    }
}

/// Deciseconds, one at least, and decimetres of an edge.
fn cost(network: &Network, profile: Profile, edge: u32) -> Cost {
    let metres = network.length_m(edge);
    let speed_kmh = profile.speed_kmh(&network.edges()[edge as usize]);
    let deciseconds = (metres / speed_kmh * 36.0).round().clamp(1.0, 1e8) as u64;
    (deciseconds << 32) | (metres * 10.0).round().min(1e9) as u64
}
