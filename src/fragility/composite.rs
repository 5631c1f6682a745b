//! Composite figures of areas: Alkire–Foster aggregates and the adjusted Mazziotta–Pareto index (AMPI).

use crate::domain::score::Finding;
use crate::fragility::{
    assessment::{Assessment, Fragile},
    model::Dated,
};

/// Alkire–Foster aggregates of a population (Alkire and Foster 2011). Shares 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct AlkireFoster {
    /// How many were counted.
    pub population: usize,
    /// H: share who are poor.
    pub headcount: f64,
    /// A: mean score among the poor; zero where nobody is.
    pub intensity: f64,
    /// M0 = H · A.
    pub m0: f64,
    /// Share deprived in each indicator.
    pub raw: Vec<f64>,
    /// Share poor and deprived in each indicator.
    pub censored: Vec<f64>,
    /// Share of M0 that each indicator adds: they sum to 1, or are all zero where M0 is.
    pub contributions: Vec<f64>,
}

/// Normalised gaps: for a value below its cut-off, (cut-off − value) / cut-off; else zero. Cut-offs above zero.
pub fn gaps(values: &[Vec<f64>], cutoffs: &[f64]) -> Vec<Vec<f64>> {
    let gap = |(value, cutoff): (&f64, &f64)| if value < cutoff { (cutoff - value) / cutoff } else { 0.0 };
    values.iter().map(|row| row.iter().zip(cutoffs).map(gap).collect()).collect()
}

fn score(gaps: &[f64], weights: &[f64]) -> f64 {
    gaps.iter().zip(weights).filter(|(gap, _)| **gap > 0.0).map(|(_, weight)| weight).sum()
}

/// Above this, a sum of decimal weights counts as having reached k.
const TOLERANCE: f64 = 1e-9;

/// Aggregates of a matrix of gaps (rows: units; columns: indicators; above zero: deprived); weights sum to 1, as k counts.
pub fn alkire_foster(gaps: &[Vec<f64>], weights: &[f64], k: f64) -> AlkireFoster {
    let mut sums = Sums::new(weights.len());
    for row in gaps {
        let c = score(row, weights);
        let deprived =
            row.iter().zip(weights).map(|(gap, weight)| (*gap > 0.0, if *gap > 0.0 { *weight } else { 0.0 }));
        sums.add(c, c >= k - TOLERANCE, deprived);
    }
    sums.finish()
}

/// Mα: mean over everyone of the censored weighted gaps to the power α (α = 0: M0; 1: M1, depth; 2: M2, severity).
pub fn m_alpha(gaps: &[Vec<f64>], weights: &[f64], k: f64, alpha: f64) -> f64 {
    let poor = gaps.iter().filter(|row| score(row, weights) >= k - TOLERANCE);
    let depth = |row: &Vec<f64>| -> f64 {
        row.iter().zip(weights).filter(|(gap, _)| **gap > 0.0).map(|(gap, weight)| weight * gap.powf(alpha)).sum()
    };
    if gaps.is_empty() { 0.0 } else { poor.map(depth).sum::<f64>() / gaps.len() as f64 }
}

/// Aggregates of assessed households. Who is wholly unknown is left out; each unknown indicator of the others has its
/// weight shared out, so M0 = mean of the censored scores holds. Columns: the indicators in force.
pub fn aggregate<'a>(model: &Dated<'_>, assessments: impl IntoIterator<Item = &'a Assessment>) -> AlkireFoster {
    let mut sums = Sums::new(model.indicators.len());
    for assessment in assessments {
        let Some(score) = assessment.score else { continue };
        let deprived = assessment.contributions(model).map(|c| (c.finding == Finding::Deprived, c.amount));
        sums.add(f64::from(score.get()), assessment.standing == Fragile::Yes, deprived);
    }
    sums.finish()
}

/// M0 of a whole from its groups (population, M0): the population-weighted mean (decomposition by subgroup).
pub fn recompose(groups: &[(usize, f64)]) -> f64 {
    let population: usize = groups.iter().map(|(n, _)| n).sum();
    if population == 0 { 0.0 } else { groups.iter().map(|(n, m0)| *n as f64 * m0).sum::<f64>() / population as f64 }
}

struct Sums {
    population: usize,
    poor: usize,
    scores: f64,
    raw: Vec<usize>,
    censored: Vec<usize>,
    amounts: Vec<f64>,
}

impl Sums {
    fn new(indicators: usize) -> Self {
        Self {
            population: 0,
            poor: 0,
            scores: 0.0,
            raw: vec![0; indicators],
            censored: vec![0; indicators],
            amounts: vec![0.0; indicators],
        }
    }

    fn add(&mut self, score: f64, poor: bool, deprived: impl Iterator<Item = (bool, f64)>) {
        self.population += 1;
        if poor {
            self.poor += 1;
            self.scores += score;
        }
        for (j, (deprived, amount)) in deprived.enumerate() {
            self.raw[j] += usize::from(deprived);
            if poor {
                self.censored[j] += usize::from(deprived);
                self.amounts[j] += amount;
            }
        }
    }

    fn finish(self) -> AlkireFoster {
        let n = self.population.max(1) as f64;
        let total: f64 = self.amounts.iter().sum();
        let share = |counts: &[usize]| counts.iter().map(|c| *c as f64 / n).collect();
        AlkireFoster {
            population: self.population,
            headcount: self.poor as f64 / n,
            intensity: if self.poor == 0 { 0.0 } else { self.scores / self.poor as f64 },
            m0: self.scores / n,
            raw: share(&self.raw),
            censored: share(&self.censored),
            contributions: self.amounts.iter().map(|a| if total > 0.0 { a / total } else { 0.0 }).collect(),
        }
    }
}

/// Whether more of an indicator means more of the phenomenon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polarity {
    /// More is more.
    Positive,
    /// More is less.
    Negative,
}

/// The sign of AMPI's penalty for imbalance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Penalty {
    /// M + S·cv: the phenomenon is bad (vulnerability), imbalance makes it worse. What Atlante shows.
    Vulnerability,
    /// M − S·cv: the phenomenon is good (well-being).
    Wellbeing,
}

/// AMPI's goalposts of one indicator: reference ± half the range over all units and years; they map to 70 and 130.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goalposts {
    low: f64,
    high: f64,
    polarity: Polarity,
}

impl Goalposts {
    /// Goalposts around a reference (here the town's own value, so that the town is 100); none where there are no
    /// finite values.
    pub fn around(values: impl IntoIterator<Item = f64>, reference: f64, polarity: Polarity) -> Option<Self> {
        let mut range: Option<(f64, f64)> = None;
        for value in values.into_iter().filter(|v| v.is_finite()) {
            let (low, high) = range.unwrap_or((value, value));
            range = Some((low.min(value), high.max(value)));
        }
        let half = range.map(|(low, high)| (high - low) / 2.0)?;
        reference.is_finite().then_some(Self { low: reference - half, high: reference + half, polarity })
    }

    /// The value on the scale where the reference is 100; 100 where all units are equal.
    pub fn normalise(&self, value: f64) -> f64 {
        let span = self.high - self.low;
        if span <= 0.0 {
            return 100.0;
        }
        let from = match self.polarity {
            Polarity::Positive => value - self.low,
            Polarity::Negative => self.high - value,
        };
        from / span * 60.0 + 70.0
    }
}

/// AMPI of one unit: mean of the normalised values and a penalty by their spread, M ± S·cv, with S the population
/// deviation and cv = S / M (Mazziotta and Pareto 2016; as Compind 3.2). Unknown values are left out; none where all are.
pub fn ampi(values: &[Option<f64>], goalposts: &[Option<Goalposts>], penalty: Penalty) -> Option<f64> {
    let known = || values.iter().zip(goalposts).filter_map(|(v, g)| Some(g.as_ref()?.normalise((*v)?)));
    let n = known().count() as f64;
    if n < 1.0 {
        return None;
    }
    let mean = known().sum::<f64>() / n;
    let variance = known().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
    let spread = variance / mean;
    Some(match penalty {
        Penalty::Vulnerability => mean + spread,
        Penalty::Wellbeing => mean - spread,
    })
}

#[cfg(test)]
mod tests;
