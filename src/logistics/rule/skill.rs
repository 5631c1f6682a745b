//! A crew has every skill that a stop needs.

use crate::logistics::problem::{Skills, Vehicle};

/// Whether the crew can.
pub fn admits(vehicle: &Vehicle, needed: &Skills) -> bool {
    vehicle.skills.cover(needed)
}
