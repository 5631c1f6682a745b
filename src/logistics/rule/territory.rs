//! A crew of a territory serves what lies in it, and what lies in none; a crew of none goes anywhere.

use crate::logistics::problem::Vehicle;

/// Whether the crew comes there.
pub fn admits(vehicle: &Vehicle, territory: Option<u32>) -> bool {
    vehicle.territory.is_none() || territory.is_none() || vehicle.territory == territory
}
