//! AMPI, the adjusted Mazziotta–Pareto index, with the vulnerability sign: higher is more fragile, the town is 100.
//!
//! For each dimension, over all zones of one resolution: Δ = (max − min) / 2, goalposts reference − Δ and reference + Δ,
//! r = (x − low) / (high − low) · 60 + 70; then M + S² / M over the zone's dimensions, with the population deviation S
//! (Mazziotta and Pareto 2016; the package Compind with POS polarity and the penalty added).

/// The index of each zone. `town` is the reference of each dimension; a dimension unknown to the town is left out;
/// a zone that does not know one of the others has no index. Where all zones agree on a dimension, it counts 100.
pub fn of<const D: usize>(town: &[Option<f64>; D], zones: &[[Option<f64>; D]]) -> Vec<Option<f64>> {
    let goalposts: [Option<(f64, f64)>; D] = std::array::from_fn(|d| {
        let reference = town[d]?;
        let known = || zones.iter().filter_map(|zone| zone[d]);
        let half = (known().fold(f64::MIN, f64::max) - known().fold(f64::MAX, f64::min)) / 2.0;
        Some((reference - half, 2.0 * half.max(0.0)))
    });
    zones.iter().map(|zone| index(&goalposts, zone)).collect()
}

fn index<const D: usize>(goalposts: &[Option<(f64, f64)>; D], zone: &[Option<f64>; D]) -> Option<f64> {
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for (&(low, width), value) in goalposts.iter().zip(zone).filter_map(|(g, v)| g.as_ref().map(|g| (g, v))) {
        let value = (*value)?;
        let normal = if width > 0.0 { (value - low) / width * 60.0 + 70.0 } else { 100.0 };
        count += 1.0;
        sum += normal;
        squares += normal * normal;
    }
    if count == 0.0 {
        return None;
    }
    let mean: f64 = sum / count;
    let variance = (squares / count - mean * mean).max(0.0);
    Some(if mean == 0.0 { 0.0 } else { mean + variance / mean })
}
