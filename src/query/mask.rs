//! A bit for every row, to be combined word by word while a filter is evaluated; and pairs of them that hold a truth of
//! three values.

use roaring::RoaringBitmap;

use crate::snapshot::{Row, Rows, bits::Bits};

/// A bit for every row. Bits past the last row are zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    words: Vec<u64>,
    len: u32,
}

impl Mask {
    /// No row of so many.
    pub fn none(len: u32) -> Self {
        Self { words: vec![0; len.div_ceil(64) as usize], len }
    }

    /// Every row of so many.
    pub fn all(len: u32) -> Self {
        let mut mask = Self { words: vec![u64::MAX; len.div_ceil(64) as usize], len };
        mask.trim();
        mask
    }

    /// Word by word; what lies past the last row is cut off.
    pub fn of_words(len: u32, words: Vec<u64>) -> Self {
        let mut mask = Self { words, len };
        mask.words.resize(len.div_ceil(64) as usize, 0);
        mask.trim();
        mask
    }

    /// The rows of a set.
    pub fn of_rows(len: u32, rows: &Rows) -> Self {
        let mut mask = Self::none(len);
        for row in rows.iter().take_while(|row| row.0 < len) {
            mask.words[row.0 as usize / 64] |= 1 << (row.0 % 64);
        }
        mask
    }

    /// As the bits are.
    pub fn of_bits(bits: &Bits) -> Self {
        Self { words: bits.words().to_vec(), len: bits.len() }
    }

    fn trim(&mut self) {
        if !self.len.is_multiple_of(64)
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }

    /// How many rows there are.
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// How many are in.
    pub fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether none is in.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// The words, least significant bit first.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Keeps the rows that are there too.
    pub fn and(mut self, other: &[u64]) -> Self {
        self.words.iter_mut().zip(other).for_each(|(a, b)| *a &= b);
        self
    }

    /// Takes the rows that are there too.
    pub fn or(mut self, other: &[u64]) -> Self {
        self.words.iter_mut().zip(other).for_each(|(a, b)| *a |= b);
        self
    }

    /// Keeps the rows that are not there.
    pub fn without(mut self, other: &[u64]) -> Self {
        self.words.iter_mut().zip(other).for_each(|(a, b)| *a &= !b);
        self
    }

    /// The rows that are not in.
    pub fn inverted(mut self) -> Self {
        self.words.iter_mut().for_each(|word| *word = !*word);
        self.trim();
        self
    }

    /// The rows as a set.
    pub fn rows(&self) -> Rows {
        let bytes: Vec<u8> = self.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        RoaringBitmap::from_lsb0_bytes(0, &bytes).into()
    }
}

/// The rows of a word, ascending.
pub fn rows_of(at: usize, mut word: u64) -> impl Iterator<Item = Row> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(Row(at as u32 * 64 + bit))
    })
}

/// True, false or unknown of every row. What is set is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Rows where it is true or false.
    pub known: Mask,
    /// Rows where it is true.
    pub set: Mask,
}

impl Truth {
    /// The same of so many rows.
    pub fn same(len: u32, truth: Option<bool>) -> Self {
        let fill = |all: bool| if all { Mask::all(len) } else { Mask::none(len) };
        Self { known: fill(truth.is_some()), set: fill(truth == Some(true)) }
    }

    /// True or false everywhere.
    pub fn of(set: Mask) -> Self {
        Self { known: Mask::all(set.len()), set }
    }

    /// The contrary.
    pub fn negated(self) -> Self {
        let set = self.known.clone().without(self.set.words());
        Self { known: self.known, set }
    }

    /// Rows where it is false.
    pub fn denied(&self) -> Mask {
        self.known.clone().without(self.set.words())
    }

    /// True where both are; false where one is.
    pub fn and(self, other: &Self) -> Self {
        let denied = self.denied().or(other.denied().words());
        let known = self.known.and(other.known.words()).or(denied.words());
        Self { known, set: self.set.and(other.set.words()) }
    }

    /// True where one is; false where both are.
    pub fn or(self, other: &Self) -> Self {
        let set = self.set.or(other.set.words());
        Self { known: self.known.and(other.known.words()).or(set.words()), set }
    }
}
