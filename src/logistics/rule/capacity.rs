//! What is on board never exceeds what the vehicle carries, in any dimension, on any leg.
//!
//! What is brought is on board from the last loading, what is fetched until the next, what is shipped between its ends.
//! For each leg the room left is known; a stop that brings `d` and fetches `q` fits after a step where every leg of the
//! trip up to it has room for `d` and every leg from it on has room for `q`.

/// Room without bound.
pub const BOUNDLESS: i64 = i64::MAX >> 2;

/// Whether every dimension has room.
#[inline]
pub fn fits(room: &[i64], amount: &[i64]) -> bool {
    room.iter().zip(amount).all(|(room, amount)| amount <= room || *amount == 0)
}
