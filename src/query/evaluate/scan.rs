//! Plain columns compared with a value: the stored numbers that pass lie between two bounds, which are found first, so
//! that the scan compares what is stored and nothing is converted.

use crate::{
    query::{filter::predicate::Comparison, mask::Mask},
    snapshot::column::{SCORE_PARTS, Values},
};

/// The number that is shown for a stored one; never falls while the stored one grows.
pub(super) fn shown_whole(stored: i64, scale: f64) -> f64 {
    stored as f64 / scale
}

/// As [`shown_whole`], of a stored fraction that is summed in so many parts: scores are shown in millionths.
pub(super) fn shown_fraction(stored: f32, parts: i64) -> f64 {
    let number = f64::from(stored);
    if parts == SCORE_PARTS { (number * 1e6).round() / 1e6 } else { number }
}

/// Rows whose stored value is shown as one that passes.
pub(super) fn numbers(len: u32, values: &Values, scale: f64, comparison: Comparison, literal: f64) -> Mask {
    let whole = |min: i64, max: i64| range(min, max, comparison, |stored| shown_whole(stored, scale), literal);
    let words = match values {
        Values::U8(v) => {
            let (low, high) = whole(0, u8::MAX.into());
            between(v, low, high)
        }
        Values::U16(v) => {
            let (low, high) = whole(0, u16::MAX.into());
            between(v, low, high)
        }
        Values::I32(v) => {
            let (low, high) = whole(i32::MIN.into(), i32::MAX.into());
            between(v, low, high)
        }
        Values::F32(v, parts) => {
            let shown = |key: i64| shown_fraction(fraction(key), *parts);
            let (low, high) = range(key(f32::NEG_INFINITY), key(f32::INFINITY), comparison, shown, literal);
            if low > high {
                vec![0; v.len().div_ceil(64)]
            } else {
                let (low, high) = (fraction(low), fraction(high));
                packed(v, |x| x >= low && x <= high)
            }
        }
    };
    finished(len, words, comparison)
}

/// Rows whose day compares so with a day.
pub(super) fn days(len: u32, days: &[i32], comparison: Comparison, literal: i64) -> Mask {
    let (low, high) = range(i32::MIN.into(), i32::MAX.into(), comparison, |day| day as f64, literal as f64);
    finished(len, between(days, low, high), comparison)
}

fn finished(len: u32, words: Vec<u64>, comparison: Comparison) -> Mask {
    let mask = Mask::of_words(len, words);
    if comparison == Comparison::NotEqual { mask.inverted() } else { mask }
}

/// The least and the greatest stored value that pass (that are equal, where unequal is asked); crossed where none does.
fn range(min: i64, max: i64, comparison: Comparison, shown: impl Fn(i64) -> f64, literal: f64) -> (i64, i64) {
    // The first from `min` that passes, one past `max` where none does.
    let first = |passes: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (min, max + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if passes(shown(middle)) { high = middle } else { low = middle + 1 }
        }
        low
    };
    let reaches = || first(&|number| number >= literal);
    let passes = || first(&|number| number > literal);
    match comparison {
        Comparison::Equal | Comparison::NotEqual => (reaches(), passes() - 1),
        Comparison::Less => (min, reaches() - 1),
        Comparison::LessOrEqual => (min, passes() - 1),
        Comparison::Greater => (passes(), max),
        Comparison::GreaterOrEqual => (reaches(), max),
    }
}

/// The order of fractions as whole numbers.
fn key(fraction: f32) -> i64 {
    let bits = fraction.to_bits() as i32;
    i64::from(if bits < 0 { bits ^ i32::MAX } else { bits })
}

fn fraction(key: i64) -> f32 {
    let bits = key as i32;
    f32::from_bits((if bits < 0 { bits ^ i32::MAX } else { bits }) as u32)
}

fn between<T: Copy + PartialOrd + TryFrom<i64>>(values: &[T], low: i64, high: i64) -> Vec<u64> {
    match (T::try_from(low), T::try_from(high)) {
        (Ok(low), Ok(high)) if low <= high => packed(values, |x| x >= low && x <= high),
        _ => vec![0; values.len().div_ceil(64)],
    }
}

/// A bit for each value that passes. Bytes first, then eight of them to eight bits by one product: both loops are
/// vector instructions.
pub(super) fn packed<T: Copy>(values: &[T], passes: impl Fn(T) -> bool) -> Vec<u64> {
    let word = |chunk: &[T]| {
        let mut bytes = [0_u8; 64];
        bytes.iter_mut().zip(chunk).for_each(|(byte, value)| *byte = u8::from(passes(*value)));
        let (eights, _) = bytes.as_chunks::<8>();
        eights.iter().enumerate().fold(0, |word, (at, eight)| {
            word | (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * at)
        })
    };
    values.chunks(64).map(word).collect()
}
