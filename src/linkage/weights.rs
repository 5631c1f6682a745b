//! Fellegi–Sunter: what each level of agreement weighs, learnt from the data (Fellegi & Sunter 1969; the
//! expectation–maximisation of m as in Winkler 2000; term frequencies as in Splink).

use super::{
    compare::{Comparison, DIFFERENT_NAME, EXACT, LEVELS, Level, MISSING, Pattern},
    names::{NameOption, Names},
};

/// Probability of each level of each comparison.
pub(super) type Table = [[f32; LEVELS]; Comparison::ALL.len()];

/// How each level falls among people who are the same, before any data is seen.
const PRIOR_M: Table = [
    [0.90, 0.04, 0.04, 0.015, 0.005],
    [0.85, 0.07, 0.05, 0.02, 0.01],
    [0.95, 0.05, 0.0, 0.0, 0.0],
    [0.94, 0.02, 0.03, 0.005, 0.005],
    [0.97, 0.03, 0.0, 0.0, 0.0],
    [0.995, 0.005, 0.0, 0.0, 0.0],
    [0.80, 0.12, 0.08, 0.0, 0.0],
    [0.80, 0.12, 0.08, 0.0, 0.0],
    [0.93, 0.065, 0.005, 0.0, 0.0],
    [0.41, 0.24, 0.31, 0.03, 0.01],
];

/// How each level falls among people who are not the same, where the town is too small to tell.
const PRIOR_U: Table = [
    [0.005, 0.001, 0.003, 0.01, 0.981],
    [0.01, 0.005, 0.005, 0.01, 0.97],
    [0.9, 0.1, 0.0, 0.0, 0.0],
    [0.00004, 0.00004, 0.004, 0.01, 0.98592],
    [0.4, 0.6, 0.0, 0.0, 0.0],
    [0.5, 0.5, 0.0, 0.0, 0.0],
    [0.0001, 0.003, 0.9969, 0.0, 0.0],
    [0.03, 0.01, 0.96, 0.0, 0.0],
    [0.000001, 0.00005, 0.999949, 0.0, 0.0],
    [0.41, 0.24, 0.31, 0.03, 0.01],
];

/// How many pairs the prior of m counts for, and that of u.
const PRIOR_M_PAIRS: f64 = 40.0;
const PRIOR_U_PAIRS: f64 = 1.0;

/// A probability is counted in these fractions, so that sums do not depend on their order.
pub(super) const FRACTION: f64 = (1_u64 << 24) as f64;

/// What is learnt of one bank: m is the bank's own, u the town's.
#[derive(Clone, Debug)]
pub struct Model {
    /// m before any data of the bank.
    beforehand: Table,
    m: Table,
    u: Table,
    log2: Table,
    /// Share of the bank's people who are in the registry.
    coverage: f32,
    /// People in the registry.
    registered: u32,
}

/// Levels counted over pairs, each pair by its probability.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally([[u64; LEVELS]; Comparison::ALL.len()]);

impl Tally {
    /// Counts a pair.
    pub(super) fn add(&mut self, pattern: Pattern, probability: f32) {
        let amount = (f64::from(probability) * FRACTION) as u64;
        for (comparison, counts) in Comparison::ALL.into_iter().zip(&mut self.0) {
            if let Some(count) = counts.get_mut(usize::from(pattern.level(comparison))) {
                *count += amount;
            }
        }
    }

    /// Counts other pairs too.
    pub(super) fn merge(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.0.iter_mut().flatten().zip(other.0.iter().flatten()) {
            *mine += theirs;
        }
        self
    }

    fn shares(&self, prior: &Table, prior_pairs: f64) -> Table {
        let mut out = *prior;
        for (i, row) in out.iter_mut().enumerate() {
            let counts = self.0[i].map(|count| count as f64 / FRACTION);
            let total = counts.iter().sum::<f64>() + prior_pairs;
            for (share, count) in row.iter_mut().zip(counts) {
                *share = ((count + prior_pairs * f64::from(*share)) / total) as f32;
            }
        }
        out
    }
}

/// The u table of a town from pairs of different people.
pub(super) fn u_table(tally: &Tally) -> Table {
    let mut u = tally.shares(&PRIOR_U, PRIOR_U_PAIRS);
    // Two right codes are never one edit apart: what a broken code is worth is known beforehand.
    u[Comparison::Code as usize] = PRIOR_U[Comparison::Code as usize];
    u
}

impl Model {
    /// A model with m from the prior.
    pub(super) fn new(u: Table, coverage: f32, registered: u32) -> Self {
        let mut beforehand = PRIOR_M;
        // Until a bank shows whom it prefers, it prefers nobody.
        beforehand[Comparison::Kinship as usize] = u[Comparison::Kinship as usize];
        let log2 = [[0.0; LEVELS]; Comparison::ALL.len()];
        let mut model = Self { beforehand, m: beforehand, u, log2, coverage, registered };
        model.weigh();
        model
    }

    /// Replaces m by what the pairs show, and the coverage; returns by how much m moved at most.
    pub(super) fn learn(&mut self, matches: &Tally, coverage: Option<f32>) -> f32 {
        let before = self.m;
        self.m = matches.shares(&self.beforehand, PRIOR_M_PAIRS);
        // Codes one edit away are settled before: the broken ones that are left would teach the wrong lesson.
        self.m[Comparison::Code as usize] = self.beforehand[Comparison::Code as usize];
        self.coverage = coverage.unwrap_or(self.coverage);
        self.weigh();
        before.iter().flatten().zip(self.m.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    fn weigh(&mut self) {
        for comparison in Comparison::ALL {
            let i = comparison as usize;
            for level in 0..comparison.levels().len() {
                self.log2[i][level] = (self.m[i][level].max(1e-7) / self.u[i][level].max(1e-7)).log2();
            }
        }
    }

    /// Probability of the level among the same people, and among different ones.
    pub(super) fn m_u(&self, comparison: Comparison, level: Level) -> (f32, f32) {
        let (i, j) = (comparison as usize, usize::from(level));
        (self.m[i][j], self.u[i][j])
    }

    /// Weight of a comparison's level in bits; nothing where one side is silent.
    pub(super) fn weight(&self, comparison: Comparison, level: Level) -> f32 {
        if level == MISSING { 0.0 } else { self.log2[comparison as usize][usize::from(level)] }
    }

    /// Sum of the weights, without term frequency.
    pub(super) fn sum(&self, pattern: Pattern) -> f32 {
        Comparison::ALL.into_iter().map(|comparison| self.weight(comparison, pattern.level(comparison))).sum()
    }

    /// What a rare or a common surname adds or takes, and a given name; where names are exactly equal.
    pub(super) fn term_frequency(&self, names: &Names, option: NameOption, pattern: Pattern) -> [f32; 2] {
        let registered = self.registered.max(1) as f32;
        let term = |comparison: Comparison, count: u32| {
            if pattern.level(comparison) == EXACT {
                let average = self.u[comparison as usize][usize::from(EXACT)];
                (average / (count.max(1) as f32 / registered)).log2().clamp(-9.0, 9.0)
            } else {
                0.0
            }
        };
        [
            term(Comparison::Surname, names.surname_count(option.surname)),
            term(Comparison::Given, names.given_count(option.given)),
        ]
    }

    /// Bits before any evidence: one of the registered, if the person is registered at all.
    pub(super) fn prior(&self) -> f32 {
        (self.coverage / self.registered.max(1) as f32).log2()
    }

    /// Bits for the person being in nobody's row of the registry.
    pub(super) fn absent(&self) -> f32 {
        (1.0 - self.coverage).max(1e-6).log2()
    }
}

/// Whether a pair is out of the question whatever else agrees: two given names that have nothing in common are two
/// people (brothers share all the rest, twins the birth date as well).
pub(super) fn is_excluded(pattern: Pattern) -> bool {
    pattern.level(Comparison::Given) == DIFFERENT_NAME && pattern.level(Comparison::Code) != EXACT
}
