//! What closes a road: a flooded area, a street by name, a line that somebody drew.

use geo::{LineString, MultiPolygon};

use super::ground::Ground;

/// A closure.
#[derive(Clone, Debug, PartialEq)]
pub enum Closure {
    /// Every road that enters an area (degrees); tunnels and fords too.
    Area {
        /// The area.
        polygon: MultiPolygon<f64>,
        /// What becomes of the bridges over it.
        bridges: Bridges,
    },
    /// Every stretch of a street, by its name as written or spelt otherwise.
    Street {
        /// The name.
        name: String,
    },
    /// The roads that a drawn line crosses, or along which it runs.
    Line {
        /// The line, in degrees.
        geometry: LineString<f64>,
    },
}

/// What becomes of a bridge over a closed area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bridges {
    /// It stands above the water.
    #[default]
    Stand,
    /// It is closed as well.
    Closed,
}

/// The edges of a network that are closed, in order and once each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosedArcs {
    edges: Vec<u32>,
}

impl ClosedArcs {
    /// Nothing is closed.
    pub const fn none() -> Self {
        Self { edges: Vec::new() }
    }

    /// The closed edges: positions in the network.
    pub fn edges(&self) -> &[u32] {
        &self.edges
    }

    /// How many edges are closed.
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether nothing is closed.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }
}

/// The edges, open to the ground's profile, that some closures close.
pub fn closed(ground: &Ground, closures: &[Closure]) -> ClosedArcs {
    let _ = (ground, closures);
    ClosedArcs::none()
}
