//! In which order the junctions of a network are contracted: by nested dissection of the plane, the slowest part of making a
//! ground. One order of the whole network serves every profile, whose graphs are the network's with some nodes doubled and
//! some roads left out: what separates the network separates them too.

use super::{RoadsError, hierarchy::NONE, network::Network};

/// A permutation of the nodes of a network: the first is contracted first. Any permutation gives the same answers; a good
/// one gives them quickly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order(Vec<u32>);

impl Order {
    /// The order of a network.
    pub(super) fn dissect(network: &Network) -> Self {
        let nodes = network.nodes();
        let ends = || network.edges().iter().filter(|edge| edge.from != edge.to);
        let tails: Vec<u32> = ends().flat_map(|edge| [edge.from, edge.to]).collect();
        let heads: Vec<u32> = ends().flat_map(|edge| [edge.to, edge.from]).collect();
        if tails.is_empty() {
            return Self((0..nodes.len() as u32).collect());
        }
        let (lat, lon): (Vec<f32>, Vec<f32>) = nodes.iter().map(|p| (p.lat() as f32, p.lon() as f32)).unzip();
        Self(cch::inertial_order(nodes.len() as u32, &tails, &heads, &lat, &lon))
    }

    /// A stored order of so many nodes. Errors: `Damaged` for anything but a permutation of them.
    pub fn stored(order: Vec<u32>, nodes: usize) -> Result<Self, RoadsError> {
        let mut met = vec![false; nodes];
        let fits = order.len() == nodes
            && order.iter().all(|node| met.get_mut(*node as usize).is_some_and(|met| !std::mem::replace(met, true)));
        if fits { Ok(Self(order)) } else { Err(RoadsError::Damaged("the order is not one of the nodes")) }
    }

    /// The nodes in their order.
    pub fn nodes(&self) -> &[u32] {
        &self.0
    }

    /// The order of the nodes of a graph that lie at these nodes of the network; those at one place follow each other.
    pub(super) fn of_places(&self, places: &[u32]) -> Vec<u32> {
        let mut rank = vec![NONE; self.0.len()];
        for (at, node) in (0..).zip(&self.0) {
            rank[*node as usize] = at;
        }
        let mut order: Vec<u32> = (0..places.len() as u32).collect();
        order.sort_by_key(|node| rank[places[*node as usize] as usize]);
        order
    }
}
