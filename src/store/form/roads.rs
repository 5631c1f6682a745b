//! A road network.

use serde::{Deserialize, Serialize};

use crate::roads::{
    RoadsError,
    network::{EdgePart, Network, Parts, RestrictionPart},
};

/// A network, column by column.
#[derive(Serialize, Deserialize)]
pub struct RoadsForm {
    nodes: Vec<[f64; 2]>,
    barriers: Vec<(u32, u16)>,
    edges: Vec<EdgePart>,
    names: Vec<String>,
    shape_first: Vec<u32>,
    shapes: Vec<[f64; 2]>,
    restrictions: Vec<RestrictionPart>,
    faults: u64,
}

impl RoadsForm {
    /// The stored form of a network, and of how much in its file could not be used.
    pub fn new(network: &Network, faults: u64) -> Self {
        let Parts { nodes, barriers, edges, names, shape_first, shapes, restrictions } = network.to_parts();
        Self { nodes, barriers, edges, names, shape_first, shapes, restrictions, faults }
    }

    /// How much in the file could not be used.
    pub const fn faults(&self) -> u64 {
        self.faults
    }

    /// The network. Errors: parts that do not fit each other.
    pub fn into_network(self) -> Result<Network, RoadsError> {
        let Self { nodes, barriers, edges, names, shape_first, shapes, restrictions, .. } = self;
        Network::from_parts(Parts { nodes, barriers, edges, names, shape_first, shapes, restrictions })
    }
}
