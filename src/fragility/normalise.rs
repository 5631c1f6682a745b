//! Putting indicators on one scale, and joining them (OECD/JRC handbook 2008, steps 4–6; the conventions of COINr).
//!
//! Values are finite; ties share the lowest rank.

/// (x − min) / (max − min), 0 to 1; all zero where the values are equal.
pub fn min_max(values: &[f64]) -> Vec<f64> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter().map(|x| if high > low { (x - low) / (high - low) } else { 0.0 }).collect()
}

/// (x − mean) / sample standard deviation; all zero where the values are equal.
pub fn z_score(values: &[f64]) -> Vec<f64> {
    let (mean, deviation) = moments(values);
    values.iter().map(|x| if deviation > 0.0 { (x - mean) / deviation } else { 0.0 }).collect()
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

/// How many values are lower (Borda points).
pub fn borda(values: &[f64]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    values.iter().map(|x| sorted.partition_point(|y| y < x)).collect()
}

/// Share of the other values that are lower, 0 to 1 (PERCENTRANK.INC, as the CDC's SVI).
pub fn percentile_rank(values: &[f64]) -> Vec<f64> {
    let others = values.len().saturating_sub(1).max(1) as f64;
    borda(values).into_iter().map(|lower| lower as f64 / others).collect()
}

/// Sample skewness (G1, as Excel and COINr); none for fewer than three values or equal ones.
pub fn skewness(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let (mean, deviation) = moments(values);
    if values.len() < 3 || deviation <= 0.0 {
        return None;
    }
    let cubes: f64 = values.iter().map(|x| ((x - mean) / deviation).powi(3)).sum();
    Some(n / ((n - 1.0) * (n - 2.0)) * cubes)
}

/// Sample excess kurtosis (G2); none for fewer than four values or equal ones.
pub fn kurtosis(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let (mean, deviation) = moments(values);
    if values.len() < 4 || deviation <= 0.0 {
        return None;
    }
    let fourths: f64 = values.iter().map(|x| ((x - mean) / deviation).powi(4)).sum();
    let scale = n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0));
    Some(scale * fourths - 3.0 * (n - 1.0).powi(2) / ((n - 2.0) * (n - 3.0)))
}

/// Pulls outliers to the next value, one at a time and at most `points`, while |skewness| > 2 and kurtosis > 3.5.
pub fn winsorise(values: &[f64], points: usize) -> Vec<f64> {
    let mut out = values.to_vec();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let (mut low, mut high) = (0, order.len().saturating_sub(1));
    for _ in 0..points {
        let (Some(skew), Some(kurt)) = (skewness(&out), kurtosis(&out)) else { break };
        if skew.abs() <= 2.0 || kurt <= 3.5 || low + 1 >= high {
            break;
        }
        if skew > 0.0 {
            high -= 1;
            let next = values[order[high]];
            order[high..].iter().for_each(|i| out[*i] = next);
        } else {
            low += 1;
            let next = values[order[low]];
            order[..low].iter().for_each(|i| out[*i] = next);
        }
    }
    out
}

fn weighted(values: &[f64], weights: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let sum: f64 = weights.iter().sum();
    values.iter().zip(weights).map(|(x, w)| f(*x) * w).sum::<f64>() / sum
}

/// Weighted arithmetic mean: full compensation.
pub fn arithmetic_mean(values: &[f64], weights: &[f64]) -> f64 {
    weighted(values, weights, |x| x)
}

/// Weighted geometric mean of values above zero: low values weigh more.
pub fn geometric_mean(values: &[f64], weights: &[f64]) -> f64 {
    weighted(values, weights, f64::ln).exp()
}

/// Weighted power mean of values above zero; `p` = −1 is the harmonic one. `p` is not zero.
pub fn power_mean(values: &[f64], weights: &[f64], p: f64) -> f64 {
    weighted(values, weights, |x| x.powf(p)).powf(1.0 / p)
}

#[cfg(test)]
mod tests;
