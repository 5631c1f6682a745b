//! The legend of a choropleth map: class borders that divide the hexagons evenly and read well, counts, histogram.

/// How a map of one property at one resolution is classed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    /// Class borders, strictly ascending, one more than there are classes. A value belongs to the last class whose lower
    /// border it reaches; the last border only bounds the greatest value. Five to seven classes where the values differ
    /// enough, fewer where they do not, none where nothing is known.
    pub breaks: Vec<f64>,
    /// Hexagons per class.
    pub counts: Vec<u32>,
    /// Households per class.
    pub households: Vec<u32>,
    /// Edges of the histogram's 20 equal bins (21 numbers), from the first border to the last; empty where nothing is known.
    pub edges: Vec<f64>,
    /// Hexagons per bin.
    pub bins: Vec<u32>,
    /// Hexagons whose value is not known.
    pub unknown: u32,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
}

const CLASSES: u32 = 6;
const BINS: usize = 20;

/// Classes some hexagons: the value, if known, and the households of each.
pub fn classify(hexes: impl Iterator<Item = (Option<f64>, u32)>) -> Legend {
    let mut unknown = 0;
    let mut known: Vec<(f64, u32)> = Vec::new();
    for (value, households) in hexes {
        match value.filter(|value| value.is_finite()) {
            Some(value) => known.push((value, households)),
            None => unknown += 1,
        }
    }
    known.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (Some(&(min, _)), Some(&(max, _))) = (known.first(), known.last()) else {
        return Legend { unknown, ..Legend::default() };
    };
    let breaks = borders(&known, min, max);
    let mut counts = vec![0; breaks.len() - 1];
    let mut households = counts.clone();
    let mut bins = vec![0; BINS];
    let (low, width) = (breaks[0], (breaks[breaks.len() - 1] - breaks[0]) / BINS as f64);
    for (value, weight) in known {
        let class = breaks[1..breaks.len() - 1].partition_point(|&border| border <= value);
        counts[class] += 1;
        households[class] += weight;
        bins[(((value - low) / width).max(0.0) as usize).min(BINS - 1)] += 1;
    }
    let edges = (0..=BINS).map(|at| plain(low + width * at as f64)).collect();
    Legend { breaks, counts, households, edges, bins, unknown, min: Some(min), max: Some(max) }
}

/// Borders near the quantiles of what is still to be classed, moved to the roundest number that keeps the classes about even.
/// Equal values never part: those that alone fill a class close it, and the rest is divided anew.
fn borders(known: &[(f64, u32)], min: f64, max: f64) -> Vec<f64> {
    let count = known.len();
    let at = |place: f64| known[(place.round() as usize).min(count - 1)].0;
    let mut inner: Vec<f64> = Vec::new();
    let mut from = 0;
    for classes in (2..=CLASSES).rev() {
        let size = (count - from) as f64 / f64::from(classes);
        let target = from as f64 + size;
        let next = from + known[from..].partition_point(|&(value, _)| value <= known[from].0);
        let Some(&(least, _)) = known.get(next) else { break };
        let border = if next as f64 >= target {
            let gap = least - known[from].0;
            roundest(least - gap * 0.5, least, least)
        } else {
            let low = at(target - 0.3 * size).max(least);
            roundest(low, at(target + 0.3 * size).max(low), at(target).max(low))
        };
        inner.push(border);
        from += known[from..].partition_point(|&(value, _)| value < border);
        if from >= count {
            break;
        }
    }
    let reach = inner.first().map_or(min.abs().max(1.0), |first| first - min);
    let first = roundest(if min >= 0.0 { (min - reach).max(0.0) } else { min - reach }, min, min);
    let reach = inner.last().map_or(max.abs().max(1.0), |last| (max - last).max(1e-6)) / 4.0;
    let last = roundest(max, max + reach, max);
    inner.dedup();
    inner.retain(|&border| border > first && border < last);
    let mut borders = vec![first];
    borders.append(&mut inner);
    borders.push(if last > first { last } else { plain(first + 1.0) });
    borders
}

/// The number with the fewest digits in a closed range; of those, the nearest to the wish.
fn roundest(low: f64, high: f64, wish: f64) -> f64 {
    for exponent in (-6..=9).rev() {
        for factor in [5.0, 2.0, 1.0] {
            let step = factor * 10f64.powi(exponent);
            let (least, most) = ((low / step).ceil(), (high / step).floor());
            if least <= most {
                let border = plain((wish / step).round().clamp(least, most) * step);
                if (low..=high).contains(&border) {
                    return border;
                }
            }
        }
    }
    wish.clamp(low, high)
}

/// Without the dust of binary fractions.
fn plain(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}
