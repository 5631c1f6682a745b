//! How long a stop takes, and whom.

use std::collections::BTreeMap;

use super::Vehicle;

/// How long a stop takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Time before service, where the crew comes from another place.
    pub setup_s: u32,
    /// Time there.
    pub service_s: u32,
}

/// How long a stop takes vehicles of some types, where it takes them longer or shorter than the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByType(pub BTreeMap<Box<str>, Work>);

impl ByType {
    /// How long it takes a vehicle; `common` where nothing is said of its type.
    pub fn of(&self, vehicle: &Vehicle, common: Work) -> Work {
        vehicle.kind.as_deref().and_then(|kind| self.0.get(kind)).copied().unwrap_or(common)
    }
}
