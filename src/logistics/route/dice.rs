//! The search's chance: seeded, the same on every machine.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

/// Where one chain's chance comes from.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The chance of a chain.
    pub fn new(seed: u64, chain: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(chain);
        Self(rng)
    }

    /// Below a bound, which is not 0.
    #[inline]
    pub fn below(&mut self, bound: usize) -> usize {
        ((u64::from(self.0.next_u32()) * bound as u64) >> 32) as usize
    }

    /// From 0 to 1, neither.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (f64::from(self.0.next_u32()) + 0.5) / 4_294_967_296.0
    }

    /// How many times a chance of one in a hundred fails before it comes.
    #[inline]
    pub fn until_blink(&mut self) -> u32 {
        const LN_MISS: f64 = -0.010_050_335_853_501_44;
        (self.unit().ln() / LN_MISS) as u32
    }
}
