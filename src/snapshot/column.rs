//! Typed columns with block sums: count and sum of any span in O(1).

use super::{
    bits::Bits,
    rows::{Row, Span},
};

/// Rows between two stored sums; a span adds at most this many values at each end.
const BLOCK: usize = 32;

/// Parts of one in which scores are summed: whole numbers add up to the same sum in any order.
pub const SCORE_PARTS: i64 = 1 << 30;
/// Parts of one in which other fractions are summed.
pub const NUMBER_PARTS: i64 = 1 << 12;
/// The greatest magnitude of a `Number`.
pub const NUMBER_LIMIT: f32 = 16_777_216.0;

/// What a span holds of a property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sum of what is known, in the column's parts of one (1 where the column holds whole numbers or bits).
    pub sum: i64,
    /// Households whose value is known.
    pub known: u32,
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { sum: self.sum + other.sum, known: self.known + other.known }
    }
}

/// Plain values of one width.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Small counts.
    U8(Vec<u8>),
    /// Counts.
    U16(Vec<u16>),
    /// Cents.
    I32(Vec<i32>),
    /// Scores and other fractions, summed in so many parts of one.
    F32(Vec<f32>, i64),
}

impl Values {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::I32(v) => v.len(),
            Self::F32(v, _) => v.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Parts of one in which they are summed.
    pub const fn parts(&self) -> i64 {
        match self {
            Self::F32(_, parts) => *parts,
            Self::U8(_) | Self::U16(_) | Self::I32(_) => 1,
        }
    }

    fn part(&self, at: usize) -> i64 {
        match self {
            Self::U8(v) => v[at].into(),
            Self::U16(v) => v[at].into(),
            Self::I32(v) => v[at].into(),
            Self::F32(v, parts) => to_parts(v[at], *parts),
        }
    }

    fn sum(&self, from: usize, to: usize) -> i64 {
        match self {
            Self::U8(v) => v[from..to].iter().map(|&x| i64::from(x)).sum(),
            Self::U16(v) => v[from..to].iter().map(|&x| i64::from(x)).sum(),
            Self::I32(v) => v[from..to].iter().map(|&x| i64::from(x)).sum(),
            Self::F32(v, parts) => v[from..to].iter().map(|&x| to_parts(x, *parts)).sum(),
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::U8(v) => v.capacity(),
            Self::U16(v) => v.capacity() * 2,
            Self::I32(v) => v.capacity() * 4,
            Self::F32(v, _) => v.capacity() * 4,
        }
    }
}

/// Added and taken away again, it leaves the nearest whole number (ties to even) in two additions, where `round` is a call.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

fn to_parts(value: f32, parts: i64) -> i64 {
    let exact = f64::from(value) * parts as f64;
    ((exact + ROUNDER) - ROUNDER) as i64
}

fn sum_of_bits<T: Copy>(values: &[T], word: usize, mut bits: u64, part: impl Fn(T) -> i64) -> i64 {
    let mut total = 0;
    while bits != 0 {
        total += part(values[word * 64 + bits.trailing_zeros() as usize]);
        bits &= bits - 1;
    }
    total
}

/// Numbers by row with block sums.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    values: Values,
    sums: Vec<i64>,
}

impl Numbers {
    /// Sums the values by block; unknown rows must hold zero.
    pub fn new(values: Values) -> Self {
        let mut sums = Vec::with_capacity(values.len() / BLOCK + 1);
        let mut total = 0;
        for from in (0..values.len()).step_by(BLOCK) {
            sums.push(total);
            total += values.sum(from, values.len().min(from + BLOCK));
        }
        sums.push(total);
        Self { values, sums }
    }

    /// Sum of the first rows, in the values' parts of one.
    pub(super) fn before(&self, end: u32) -> i64 {
        let end = (end as usize).min(self.values.len());
        self.sums[end / BLOCK] + self.values.sum(end / BLOCK * BLOCK, end)
    }

    /// The row in which a running sum of no negative values passes a position: the sum before it is not above, the sum
    /// with it is. The row count where the whole sum is not above.
    pub(super) fn row_at(&self, position: i64) -> u32 {
        let block = self.sums.partition_point(|&sum| sum <= position).saturating_sub(1);
        let mut sum = self.sums.get(block).copied().unwrap_or_default();
        let end = self.values.len();
        for at in (block * BLOCK).min(end)..end {
            sum += self.values.part(at);
            if sum > position {
                return at as u32;
            }
        }
        end as u32
    }

    /// Sum over a span, in the values' parts of one.
    pub fn sum_in(&self, span: Span) -> i64 {
        if span.is_empty() { 0 } else { self.before(span.end) - self.before(span.start) }
    }

    /// The value of a row, in the values' parts of one.
    pub fn part(&self, row: Row) -> i64 {
        self.values.part(row.0 as usize)
    }

    /// Sum over the rows of a word whose bit is set, in the values' parts of one; words hold 64 rows each.
    pub fn sum_of_word(&self, word: usize, bits: u64) -> i64 {
        match &self.values {
            Values::U8(v) => sum_of_bits(v, word, bits, i64::from),
            Values::U16(v) => sum_of_bits(v, word, bits, i64::from),
            Values::I32(v) => sum_of_bits(v, word, bits, i64::from),
            Values::F32(v, parts) => sum_of_bits(v, word, bits, |x| to_parts(x, *parts)),
        }
    }

    /// The values.
    pub const fn values(&self) -> &Values {
        &self.values
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.values.heap_bytes() + self.sums.capacity() * 8
    }
}

/// The category of a row that has none.
pub const NO_CATEGORY: u8 = u8::MAX;

/// A property of every row.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// An index of areas: no row has it.
    Absent,
    /// Findings and flags. What is set is known.
    Marks {
        /// Rows where it is known.
        known: Bits,
        /// Rows where it is deprived or true.
        set: Bits,
    },
    /// Numbers, which may be unknown.
    Numbers {
        /// Rows where it is known.
        known: Bits,
        /// The values, zero where unknown.
        numbers: Numbers,
    },
    /// Days since 1970-01-01.
    Days {
        /// Rows where it is known.
        known: Bits,
        /// The days, zero where unknown.
        days: Vec<i32>,
    },
    /// The place of a category's entry, [`NO_CATEGORY`] where unknown.
    Categories(Vec<u8>),
}

impl Column {
    /// What a span holds; nothing for indexes, days and categories.
    pub fn tally(&self, span: Span) -> Tally {
        match self {
            Self::Absent | Self::Days { .. } | Self::Categories(_) => Tally::default(),
            Self::Marks { known, set } => Tally { sum: set.count_in(span).into(), known: known.count_in(span) },
            Self::Numbers { known, numbers } => Tally { sum: numbers.sum_in(span), known: known.count_in(span) },
        }
    }

    /// What each of many spans holds: cheaper than one by one where spans follow each other.
    pub fn tallies(&self, spans: &[Span]) -> Vec<Tally> {
        let each = |before: &dyn Fn(u32) -> Tally| {
            let (mut at, mut last) = (0, Tally::default());
            let mut tally = |span: &Span| {
                let start = if span.start == at { last } else { before(span.start) };
                (at, last) = (span.end, before(span.end));
                Tally { sum: last.sum - start.sum, known: last.known - start.known }
            };
            spans.iter().map(|span| if span.is_empty() { Tally::default() } else { tally(span) }).collect()
        };
        match self {
            Self::Absent | Self::Days { .. } | Self::Categories(_) => vec![Tally::default(); spans.len()],
            Self::Marks { known, set } => each(&|end| Tally { sum: set.rank(end).into(), known: known.rank(end) }),
            Self::Numbers { known, numbers } => each(&|end| Tally { sum: numbers.before(end), known: known.rank(end) }),
        }
    }

    /// Parts of one in which its sums are.
    pub const fn parts(&self) -> i64 {
        match self {
            Self::Numbers { numbers, .. } => numbers.values().parts(),
            Self::Absent | Self::Marks { .. } | Self::Days { .. } | Self::Categories(_) => 1,
        }
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Marks { known, set } => known.heap_bytes() + set.heap_bytes(),
            Self::Numbers { known, numbers } => known.heap_bytes() + numbers.heap_bytes(),
            Self::Days { known, days } => known.heap_bytes() + days.capacity() * 4,
            Self::Categories(v) => v.capacity(),
        }
    }
}
