//! A pause is taken where the crew is, in its window, by every crew that goes out.
//!
//! As in VROOM, a pause belongs to every run, also where its window opens after the last stop would be over: the crew sets
//! out later, or waits for it. Unlike VROOM, which lets a pause begin in the middle of a drive, it is taken at a stop, so
//! that whoever reads the sheet knows where. A pause after the last stop is therefore over before the drive home begins: where
//! its window opens later than that allows, what is left out says by how much the shift is too short.
//!
//! It has no place of its own: what comes after it is reached from the stop before it. A stop put before a pause
//! therefore changes when the pause ends, which is walked through here, one or two pauses long.

use crate::logistics::problem::{Amount, Break};

/// The most that may be on board during a pause, in a dimension.
pub fn most_on_board(pause: &Break, dimension: usize) -> i64 {
    let most = |amount: &Amount| amount.0.get(dimension).map_or(i64::MAX >> 2, |most| i64::from(*most));
    pause.max_load.as_ref().map_or(i64::MAX >> 2, most)
}
