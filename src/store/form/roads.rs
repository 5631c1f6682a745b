//! A road network.

use serde::{Deserialize, Serialize};

use super::{StoreError, decode, encode};
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
    fn new(network: &Network, faults: u64) -> Self {
        let Parts { nodes, barriers, edges, names, shape_first, shapes, restrictions } = network.to_parts();
        Self { nodes, barriers, edges, names, shape_first, shapes, restrictions, faults }
    }

    /// The stored form of a network with the order of its nodes, which is found here where nobody asked for it before.
    pub fn write(network: &Network, faults: u64) -> Result<Vec<u8>, StoreError> {
        encode(&(Self::new(network, faults), network.order().nodes()))
    }

    /// The form of before orders were stored.
    #[cfg(test)]
    pub fn write_without_order(network: &Network, faults: u64) -> Result<Vec<u8>, StoreError> {
        encode(&Self::new(network, faults))
    }

    /// A stored network, and the order of its nodes: empty where it was stored before orders were. Errors: as [`decode`].
    pub fn read(bytes: &[u8]) -> Result<(Self, Vec<u32>), StoreError> {
        let what = "the road network";
        decode(bytes, what).or_else(|_| Ok((decode(bytes, what)?, Vec::new())))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn triangle() -> Network {
        let nodes = vec![[13.1, 41.7], [13.2, 41.7], [13.1, 41.8]];
        let edge =
            |from: u32, to: u32| (from, to, u32::MAX, 11, 0, 0, 0b10_1010_1010, 0b10_1010_1010, 0.0, 0.0, 0.0, 0.0);
        let ends = [(0, 1), (1, 2), (2, 0)];
        Network::from_parts(Parts {
            edges: ends.iter().map(|(from, to)| edge(*from, *to)).collect(),
            shapes: ends.iter().flat_map(|(from, to)| [nodes[*from as usize], nodes[*to as usize]]).collect(),
            shape_first: vec![0, 2, 4, 6],
            nodes,
            ..Parts::default()
        })
        .unwrap()
    }

    #[test]
    fn a_network_comes_back_with_its_order() {
        let network = triangle();
        let bytes = RoadsForm::write(&network, 7).unwrap();
        let (form, order) = RoadsForm::read(&bytes).unwrap();
        assert_eq!((form.faults(), &order[..]), (7, network.order().nodes()));
        let again = form.into_network().unwrap();
        assert_eq!(again.to_parts(), network.to_parts());
        again.take_order(order).unwrap();
        // What was stored before orders were is read as well.
        let older = RoadsForm::write_without_order(&network, 7).unwrap();
        assert!(RoadsForm::read(&older).unwrap().1.is_empty());
        assert!(RoadsForm::read(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn an_order_that_is_none_of_the_nodes_is_not_taken() {
        for order in [vec![], vec![0, 1], vec![0, 1, 1], vec![0, 1, 3], vec![0, 1, 2, 2], vec![u32::MAX; 3]] {
            let network = triangle();
            assert!(network.take_order(order).is_err());
            assert_eq!(network.order(), triangle().order());
        }
    }
}
