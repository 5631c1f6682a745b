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
}

impl RoadsForm {
    /// The stored form of a network.
    pub fn new(network: &Network) -> Self {
        let Parts { nodes, barriers, edges, names, shape_first, shapes, restrictions } = network.to_parts();
        Self { nodes, barriers, edges, names, shape_first, shapes, restrictions }
    }

    /// The network. Errors: parts that do not fit each other.
    pub fn into_network(self) -> Result<Network, RoadsError> {
        let Self { nodes, barriers, edges, names, shape_first, shapes, restrictions } = self;
        Network::from_parts(Parts { nodes, barriers, edges, names, shape_first, shapes, restrictions })
    }
}
