//! The tree of the segments of all edges: nearest roads, roads in a box.

use super::network::Network;

/// The segments of a network in an R-tree, on a plane in metres around the middle of the network.
#[derive(Debug)]
pub(super) struct Index;

impl Index {
    pub(super) fn plant(network: &Network) -> Self {
        let _ = network;
        Self
    }
}
