//! A crew leaves not before its shift begins and is back before it ends.

use crate::logistics::problem::{Vehicle, Window};

/// The shift of a vehicle.
pub fn of(vehicle: &Vehicle) -> Window {
    vehicle.window.unwrap_or(Window::ALWAYS)
}
