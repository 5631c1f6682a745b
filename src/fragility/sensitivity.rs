//! How far the ranking of areas depends on choices (docs/domain.md, section 3.3). Seeded: same input, same answer.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::fragility::{
    composite::{Goalposts, Penalty, Polarity, ampi},
    normalise::{min_max, percentile_rank},
};

/// Areas (rows) by indicators (columns), finite, more is worse; and the weights that sum to 1.
#[derive(Clone, Debug)]
pub struct Areas<'a> {
    /// Rows of equal length.
    pub values: &'a [Vec<f64>],
    /// One a column.
    pub weights: &'a [f64],
}

/// Where an area's rank moved; rank 1 is the worst off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankRange {
    /// With the model's weights.
    pub rank: usize,
    /// Least rank of all draws.
    pub least: usize,
    /// Median rank.
    pub median: usize,
    /// Greatest rank.
    pub greatest: usize,
}

/// Weights vary by so much at most, as in the JRC's audits.
const SPREAD: f64 = 0.25;

impl Areas<'_> {
    fn scores(&self, weights: &[f64]) -> Vec<f64> {
        self.values.iter().map(|row| row.iter().zip(weights).map(|(x, w)| x * w).sum()).collect()
    }

    fn column(&self, j: usize) -> Vec<f64> {
        self.values.iter().map(|row| row[j]).collect()
    }
}

/// Ranks: 1 for the greatest; ties share the best rank.
pub fn ranks(scores: &[f64]) -> Vec<usize> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    scores.iter().map(|x| sorted.partition_point(|y| y > x) + 1).collect()
}

/// Monte Carlo over weights ± 25 %: the range of each area's rank.
pub fn vary_weights(areas: &Areas<'_>, draws: usize, seed: u64) -> Vec<RankRange> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut seen: Vec<Vec<usize>> = vec![Vec::with_capacity(draws); areas.values.len()];
    for _ in 0..draws {
        let drawn: Vec<f64> =
            areas.weights.iter().map(|w| w * random.random_range(1.0 - SPREAD..=1.0 + SPREAD)).collect();
        let sum: f64 = drawn.iter().sum();
        let scaled: Vec<f64> = drawn.iter().map(|w| w / sum).collect();
        for (area, rank) in ranks(&areas.scores(&scaled)).into_iter().enumerate() {
            seen[area].push(rank);
        }
    }
    let range = |(rank, mut drawn): (usize, Vec<usize>)| {
        drawn.push(rank);
        drawn.sort_unstable();
        RankRange { rank, least: drawn[0], median: drawn[drawn.len() / 2], greatest: drawn[drawn.len() - 1] }
    };
    ranks(&areas.scores(areas.weights)).into_iter().zip(seen).map(range).collect()
}

/// For each indicator left out in turn, the mean absolute shift of rank.
pub fn drop_one(areas: &Areas<'_>) -> Vec<f64> {
    let base = ranks(&areas.scores(areas.weights));
    let without = |j: usize| {
        let rest = 1.0 - areas.weights[j];
        let weight = |(i, w): (usize, &f64)| if i == j || rest <= 0.0 { 0.0 } else { w / rest };
        let weights: Vec<f64> = areas.weights.iter().enumerate().map(weight).collect();
        let shifted = ranks(&areas.scores(&weights));
        let shift: usize = base.iter().zip(&shifted).map(|(a, b)| a.abs_diff(*b)).sum();
        shift as f64 / base.len().max(1) as f64
    };
    (0..areas.weights.len()).map(without).collect()
}

/// (k, H, M0) for each cut-off; `scores` are household scores.
pub fn sweep_k(scores: &[f64], cutoffs: &[f64]) -> Vec<(f64, f64, f64)> {
    let n = scores.len().max(1) as f64;
    let at = |k: &f64| {
        let poor = || scores.iter().filter(|c| **c >= k - 1e-9);
        (*k, poor().count() as f64 / n, poor().sum::<f64>() / n)
    };
    cutoffs.iter().map(at).collect()
}

/// Spearman's rank correlation with mean ranks for ties; none for fewer than two values or constant ones.
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (mean_ranks(a), mean_ranks(b));
    let n = a.len() as f64;
    if a.len() < 2 || a.len() != b.len() {
        return None;
    }
    let centre = f64::midpoint(n, 1.0);
    let sum = |x: &[f64], y: &[f64]| -> f64 { x.iter().zip(y).map(|(x, y)| (x - centre) * (y - centre)).sum() };
    let scale = (sum(&a, &a) * sum(&b, &b)).sqrt();
    (scale > 0.0).then(|| sum(&a, &b) / scale)
}

fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |x: &f64| (sorted.partition_point(|y| y < x) + sorted.partition_point(|y| y <= x) + 1) as f64 / 2.0;
    values.iter().map(rank).collect()
}

/// How far three ways to build the index agree (Spearman).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Weighted mean of min–max against weighted mean of percentile ranks.
    pub min_max_percentile: Option<f64>,
    /// Weighted mean of min–max against AMPI.
    pub min_max_ampi: Option<f64>,
    /// Share of the areas whose quintile differs between min–max and AMPI, 0 to 1.
    pub changed_quintile: f64,
}

/// Compares min–max, percentile ranks and AMPI (vulnerability, reference: the mean of the areas).
pub fn compare_methods(areas: &Areas<'_>) -> Agreement {
    let columns: Vec<Vec<f64>> = (0..areas.weights.len()).map(|j| areas.column(j)).collect();
    let joined = |f: &dyn Fn(&[f64]) -> Vec<f64>| -> Vec<f64> {
        let scaled: Vec<Vec<f64>> = columns.iter().map(|column| f(column)).collect();
        let unit = |i: usize| scaled.iter().zip(areas.weights).map(|(column, w)| column[i] * w).sum();
        (0..areas.values.len()).map(unit).collect()
    };
    let posts: Vec<Option<Goalposts>> = columns
        .iter()
        .map(|c| {
            Goalposts::around(c.iter().copied(), c.iter().sum::<f64>() / c.len().max(1) as f64, Polarity::Positive)
        })
        .collect();
    let index = |row: &Vec<f64>| {
        let row: Vec<Option<f64>> = row.iter().copied().map(Some).collect();
        ampi(&row, &posts, Penalty::Vulnerability).unwrap_or(100.0)
    };
    let ampi: Vec<f64> = areas.values.iter().map(index).collect();
    let (scaled, percentile) = (joined(&min_max), joined(&percentile_rank));
    let quintile =
        |scores: &[f64]| -> Vec<usize> { ranks(scores).iter().map(|r| (r - 1) * 5 / scores.len()).collect() };
    let changed = quintile(&scaled).iter().zip(quintile(&ampi)).filter(|(a, b)| **a != *b).count();
    Agreement {
        min_max_percentile: spearman(&scaled, &percentile),
        min_max_ampi: spearman(&scaled, &ampi),
        changed_quintile: changed as f64 / areas.values.len().max(1) as f64,
    }
}

#[cfg(test)]
mod tests;
