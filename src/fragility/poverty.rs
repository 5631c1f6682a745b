//! Poverty and inequality of weighted incomes, by the conventions of the R package laeken.
//!
//! The weighted quantile is the first value whose cumulated share of weight is strictly above p (p = 0: the least,
//! p = 1: the greatest). Eurostat's own text averages when p is hit exactly; laeken does not, and neither do we.

/// Incomes with weights above zero, sorted; at least one.
#[derive(Clone, Debug)]
pub struct Incomes {
    sorted: Vec<(f64, f64)>,
    total: f64,
}

impl Incomes {
    /// Takes (income, weight); none where there are none, or one is not finite or weighs nothing.
    pub fn new(values: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let mut sorted: Vec<(f64, f64)> = values.into_iter().collect();
        if sorted.is_empty() || sorted.iter().any(|(x, w)| !x.is_finite() || !w.is_finite() || *w <= 0.0) {
            return None;
        }
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total = sorted.iter().map(|(_, w)| w).sum();
        Some(Self { sorted, total })
    }

    /// The weighted quantile (see the module).
    pub fn quantile(&self, p: f64) -> f64 {
        if p <= 0.0 {
            return self.sorted[0].0;
        }
        let mut cumulated = 0.0;
        for (x, w) in &self.sorted {
            cumulated += w;
            // Shares that are equal on paper differ by rounding.
            if cumulated / self.total > p + 1e-12 {
                return *x;
            }
        }
        self.sorted[self.sorted.len() - 1].0
    }

    /// Weighted mean.
    pub fn mean(&self) -> f64 {
        self.sorted.iter().map(|(x, w)| x * w).sum::<f64>() / self.total
    }

    /// At-risk-of-poverty threshold: a share of the median (Eurostat: 0.6).
    pub fn poverty_threshold(&self, share: f64) -> f64 {
        share * self.quantile(0.5)
    }

    /// Per cent of the weight below the threshold (AROP).
    pub fn at_risk_percent(&self, threshold: f64) -> f64 {
        let below: f64 = self.sorted.iter().filter(|(x, _)| *x < threshold).map(|(_, w)| w).sum();
        100.0 * below / self.total
    }

    /// Gini coefficient, 0 to 100.
    pub fn gini(&self) -> f64 {
        let (mut cumulated, mut rank_sum, mut squares, mut income) = (0.0, 0.0, 0.0, 0.0);
        for (x, w) in &self.sorted {
            cumulated += w;
            rank_sum += w * x * cumulated;
            squares += w * w * x;
            income += w * x;
        }
        100.0 * ((2.0 * rank_sum - squares) / (self.total * income) - 1.0)
    }

    /// S80/S20: income above the fourth quintile over income up to the first.
    pub fn quintile_ratio(&self) -> f64 {
        let (first, fourth) = (self.quantile(0.2), self.quantile(0.8));
        let sum = |keep: &dyn Fn(f64) -> bool| -> f64 {
            self.sorted.iter().filter(|(x, _)| keep(*x)).map(|(x, w)| x * w).sum()
        };
        sum(&|x| x > fourth) / sum(&|x| x <= first)
    }

    /// Relative median poverty gap in per cent: how far the median poor is below the threshold; none where nobody is poor.
    pub fn median_gap_percent(&self, threshold: f64) -> Option<f64> {
        let poor = Self::new(self.sorted.iter().copied().filter(|(x, _)| *x < threshold))?;
        Some(100.0 * (threshold - poor.quantile(0.5)) / threshold)
    }
}

/// Modified OECD scale: 1 for the first adult, 0.5 for each other aged 14 or more, 0.3 for each child.
pub fn oecd_scale(ages: impl IntoIterator<Item = u8>) -> f64 {
    let (mut adults, mut children) = (0_u32, 0_u32);
    for age in ages {
        if age >= 14 { adults += 1 } else { children += 1 }
    }
    1.0 + 0.5 * f64::from(adults.max(1) - 1) + 0.3 * f64::from(children)
}

#[cfg(test)]
mod tests;
