//! A crew with a depot to load at goes several times: each trip carries what fits.

use crate::logistics::problem::Vehicle;

/// The depots at which a vehicle may load, each as often as it still may, for a problem of so many tasks.
pub fn places(vehicle: &Vehicle, tasks: usize, loaded: usize) -> impl Iterator<Item = usize> + '_ {
    let most = vehicle.max_reloads.saturating_sub(loaded).min(tasks);
    vehicle.reloads.iter().flat_map(move |depot| std::iter::repeat_n(*depot, most))
}
