//! Fragility's words: dimensions, scores, and what is not known.

use std::fmt;

/// A dimension of fragility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// Income, ISEE, arrears.
    Economic,
    /// Health and autonomy.
    Health,
    /// Living alone, lone parents, no network.
    Relational,
    /// Language, work, schooling.
    Integration,
    /// Home.
    Housing,
}

impl Dimension {
    /// In the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Economic, Self::Health, Self::Relational, Self::Integration, Self::Housing];

    /// The key used in properties and files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Economic => "economic",
            Self::Health => "health",
            Self::Relational => "relational",
            Self::Integration => "integration",
            Self::Housing => "housing",
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// Whether a household is deprived in an indicator: a missing bank makes it unknown, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// Beyond the cut-off.
    Deprived,
    /// Within it.
    Sound,
    /// The source is missing or silent.
    Unknown,
}

/// A share or a score: finite, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(f32);

/// Not within 0 and 1.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not between 0 and 1")]
pub struct InvalidScore(pub f32);

impl Score {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);

    /// Checks the range.
    pub fn new(value: f32) -> Result<Self, InvalidScore> {
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(InvalidScore(value)) }
    }

    /// The number.
    pub const fn get(self) -> f32 {
        self.0
    }
}
