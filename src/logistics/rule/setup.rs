//! Setting up takes time where the crew comes from another place.

/// The time to set up.
#[inline]
pub const fn time(setup: i64, from: u32, here: u32) -> i64 {
    if from == here { 0 } else { setup }
}
