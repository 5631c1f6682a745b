//! A bit for every row, with a rank directory: how many are set before any row, in O(1).

use super::rows::{Row, Span};

const BLOCK_WORDS: usize = 8;

/// Bits by row. Bits past the last row are zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    ranks: Vec<u32>,
    len: u32,
}

impl Bits {
    /// One bit for each item, in row order.
    pub fn new(bits: impl ExactSizeIterator<Item = bool>) -> Self {
        let len = bits.len() as u32;
        let mut words = vec![0u64; bits.len().div_ceil(64)];
        for (at, bit) in bits.enumerate() {
            words[at / 64] |= u64::from(bit) << (at % 64);
        }
        Self::ranked(words, len)
    }

    /// From words, least significant bit first; none where the words do not fit the length or stray bits are set.
    pub fn from_words(words: Vec<u64>, len: u32) -> Option<Self> {
        let tail = len % 64;
        let stray = tail != 0 && words.last().is_some_and(|last| last >> tail != 0);
        (words.len() == (len as usize).div_ceil(64) && !stray).then(|| Self::ranked(words, len))
    }

    fn ranked(words: Vec<u64>, len: u32) -> Self {
        let mut ranks = Vec::with_capacity(words.len() / BLOCK_WORDS + 1);
        let mut total = 0;
        for block in words.chunks(BLOCK_WORDS) {
            ranks.push(total);
            total += block.iter().map(|word| word.count_ones()).sum::<u32>();
        }
        ranks.push(total);
        Self { words, ranks, len }
    }

    /// How many rows.
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Whether there are no rows.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bit of a row; false past the end.
    pub fn get(&self, row: Row) -> bool {
        self.words.get(row.0 as usize / 64).is_some_and(|word| word >> (row.0 % 64) & 1 == 1)
    }

    /// How many are set before a position (at most the length).
    pub fn rank(&self, end: u32) -> u32 {
        let end = end.min(self.len) as usize;
        let block = end / 64 / BLOCK_WORDS;
        let whole = &self.words[block * BLOCK_WORDS..end / 64];
        let mut count = self.ranks[block] + whole.iter().map(|word| word.count_ones()).sum::<u32>();
        if !end.is_multiple_of(64) {
            count += (self.words[end / 64] & ((1 << (end % 64)) - 1)).count_ones();
        }
        count
    }

    /// How many are set in a span.
    pub fn count_in(&self, span: Span) -> u32 {
        if span.is_empty() { 0 } else { self.rank(span.end) - self.rank(span.start) }
    }

    /// The words, least significant bit first.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Whether every bit set here is set there.
    pub fn within(&self, other: &Self) -> bool {
        self.len == other.len && self.words.iter().zip(&other.words).all(|(a, b)| a & !b == 0)
    }

    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.words.capacity() * 8 + self.ranks.capacity() * 4
    }
}
