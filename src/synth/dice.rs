//! Seeded chance: one stream for each (seed, stage, index), so that work in any order gives the same town.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream of chance is for.
#[derive(Clone, Copy)]
pub(super) enum Stage {
    Plan,
    Streets,
    Doors,
    Household,
    Rows,
}

pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, stage: Stage, index: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ (stage as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        random.set_stream(index);
        Self(random)
    }

    /// 0 to 1.
    pub(super) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// `low` to `high`, both included.
    pub(super) fn whole(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// A position below `len` (0 for an empty list).
    pub(super) fn index(&mut self, len: usize) -> usize {
        self.0.random_range(0..len.max(1))
    }

    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    pub(super) fn word(&mut self, words: &[&'static str]) -> &'static str {
        words[self.index(words.len())]
    }

    /// A position, the first ones more often: the way names are spread in a town.
    pub(super) fn skewed(&mut self, len: usize) -> usize {
        ((self.unit().powf(1.7) * len as f64) as usize).min(len.saturating_sub(1))
    }

    /// Mean 0, deviation 1.
    pub(super) fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.unit(), self.unit());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// A position by its weight.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (position, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return position;
            }
        }
        weights.len().saturating_sub(1)
    }
}
