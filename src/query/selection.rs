//! The rows that a filter found, ready to be counted: how many lie in any span, how many people, and the sums of any
//! property, each in O(1) but for at most a word of rows at both ends of the span, once half of all rows were walked.

use std::{
    ops::Range,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use rayon::prelude::*;

use super::mask::{Mask, rows_of};
use crate::snapshot::{
    Row, Rows, Snapshot, Span,
    bits::Bits,
    column::{Column, Tally},
    schema::Slot,
};

/// Rows of a word: so many are walked at most at each end of a span.
const WORD: u32 = 64;

/// What a filter found in a collection.
pub struct Selection {
    rows: Rows,
    bits: Bits,
    households: Option<Households>,
}

struct Households {
    snapshot: Arc<Snapshot>,
    people: OnceLock<Vec<i64>>,
    sums: Box<[OnceLock<Sums>]>,
    /// Rows that were walked for want of sums.
    walked: AtomicU32,
}

/// What is known of a property over the selected rows.
enum Sums {
    None,
    Marks { known: Bits, set: Bits },
    Numbers { known: Bits, before: Vec<i64> },
}

impl Selection {
    /// Rows of a collection of so many rows.
    pub fn new(rows: Rows, len: u32) -> Self {
        let words = Mask::of_rows(len, &rows).words().to_vec();
        Self { rows, bits: Bits::from_words(words, len).expect("rows past the end were left out"), households: None }
    }

    /// Households of a snapshot: their people and properties can be summed.
    pub fn of_households(rows: Rows, snapshot: Arc<Snapshot>) -> Self {
        let slots = snapshot.schema().properties().len();
        let sums = (0..slots).map(|_| OnceLock::new()).collect();
        let selection = Self::new(rows, snapshot.households());
        let households = Households { people: OnceLock::new(), sums, walked: AtomicU32::new(0), snapshot };
        Self { households: Some(households), ..selection }
    }

    /// The rows.
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }

    /// A bit for each row of the collection.
    pub const fn bits(&self) -> &Bits {
        &self.bits
    }

    /// How many.
    pub fn len(&self) -> u32 {
        self.bits.rank(self.bits.len())
    }

    /// Whether none was found.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many lie in a span.
    pub fn count_in(&self, span: Span) -> u32 {
        self.bits.count_in(span)
    }

    /// People of the households found in a span; none where the rows are not households.
    pub fn people_in(&self, span: Span) -> u32 {
        let Some(Households { snapshot, people, .. }) = &self.households else { return 0 };
        let of_word = |at: usize, word: u64| rows_of(at, word).map(|row| i64::from(snapshot.people_at(row))).sum();
        within(&self.bits, people.get().map(Vec::as_slice), of_word, span) as u32
    }

    /// Makes the sums of these properties on every core, where so many rows more to walk would cost as much: a first tile
    /// of a corner of the town walks its own rows, a tile of all of it sums them for every tile after it.
    pub fn prepare(&self, slots: &[Slot], rows: u32) {
        let Some(households) = &self.households else { return };
        let walked = households.walked.fetch_add(rows, Ordering::Relaxed).saturating_add(rows);
        if walked < self.bits.len() / 2 {
            return;
        }
        households.walked.store(self.bits.len(), Ordering::Relaxed);
        let part = |row: Row| i64::from(households.snapshot.people_at(row));
        let of_word = |at: usize, word: u64| rows_of(at, word).map(part).sum();
        households.people.get_or_init(|| before_words(self.bits.words(), of_word));
        slots.par_iter().for_each(|&slot| {
            households.sums(slot, &self.bits);
        });
    }

    /// What the households found in a span hold of a property; nothing for categories and indexes, and where the rows
    /// are not households.
    pub fn tally(&self, slot: Slot, span: Span) -> Tally {
        let Some(households) = &self.households else { return Tally::default() };
        let column = households.snapshot.column(slot);
        match households.sums[usize::from(slot.0)].get() {
            None => walk(column, &self.bits, span),
            Some(Sums::None) => Tally::default(),
            Some(Sums::Marks { known, set }) => Tally { sum: set.count_in(span).into(), known: known.count_in(span) },
            Some(Sums::Numbers { known, before }) => {
                let Column::Numbers { numbers, .. } = column else { return Tally::default() };
                let of_word = |at: usize, word: u64| numbers.sum_of_word(at, word);
                Tally { sum: within(known, Some(before), of_word, span), known: known.count_in(span) }
            }
        }
    }

    /// Bytes that it takes, with all that may still be made of it.
    pub fn heap_bytes(&self) -> usize {
        let words = self.bits.heap_bytes();
        let sums = self.households.as_ref().map_or(0, |households| (households.sums.len() + 1) * words * 2);
        words + self.rows.bitmap().serialized_size() + sums
    }
}

impl Households {
    fn sums(&self, slot: Slot, found: &Bits) -> &Sums {
        self.sums[usize::from(slot.0)].get_or_init(|| Sums::of(self.snapshot.column(slot), found))
    }
}

impl Sums {
    fn of(column: &Column, found: &Bits) -> Self {
        let both = |bits: &Bits| {
            let words = bits.words().iter().zip(found.words()).map(|(a, b)| a & b).collect();
            Bits::from_words(words, found.len()).expect("bits of one length, none past it")
        };
        match column {
            Column::Absent | Column::Days { .. } | Column::Categories(_) => Self::None,
            Column::Marks { known, set } => Self::Marks { known: both(known), set: both(set) },
            Column::Numbers { known, numbers } => {
                let known = both(known);
                Self::Numbers { before: before_words(known.words(), |at, word| numbers.sum_of_word(at, word)), known }
            }
        }
    }
}

/// What the rows of a span that were found hold, one by one.
fn walk(column: &Column, found: &Bits, span: Span) -> Tally {
    let words = || words_in(found, span);
    let count = |bits: &Bits| words().map(|(at, word)| (word & bits.words()[at]).count_ones()).sum::<u32>();
    match column {
        Column::Absent | Column::Days { .. } | Column::Categories(_) => Tally::default(),
        Column::Marks { known, set } => Tally { sum: count(set).into(), known: count(known) },
        Column::Numbers { known, numbers } => {
            let both = words().map(|(at, word)| (at, word & known.words()[at]));
            both.fold(Tally::default(), |sum, (at, word)| {
                sum + Tally { sum: numbers.sum_of_word(at, word), known: word.count_ones() }
            })
        }
    }
}

/// The words that a span touches, without the bits that are outside.
fn words_in(bits: &Bits, span: Span) -> impl Iterator<Item = (usize, u64)> {
    let (start, end) = (span.start.min(bits.len()), span.end.min(bits.len()));
    let touched: Range<usize> = if start < end { (start / WORD) as usize..end.div_ceil(WORD) as usize } else { 0..0 };
    touched.map(move |at| {
        let first = at as u32 * WORD;
        let mut word = bits.words()[at];
        if start > first {
            word &= u64::MAX << (start - first);
        }
        if end - first < WORD {
            word &= (1 << (end - first)) - 1;
        }
        (at, word)
    })
}

/// For each word and the end, the sum of what the words before it hold.
fn before_words(words: &[u64], of_word: impl Fn(usize, u64) -> i64) -> Vec<i64> {
    let mut total = 0;
    let mut before = Vec::with_capacity(words.len() + 1);
    for (at, &word) in words.iter().enumerate() {
        before.push(total);
        total += of_word(at, word);
    }
    before.push(total);
    before
}

/// What the rows of a span hold: by the sums before each word where there are some, else word by word.
fn within(bits: &Bits, before: Option<&[i64]>, of_word: impl Fn(usize, u64) -> i64, span: Span) -> i64 {
    let Some(before) = before else { return words_in(bits, span).map(|(at, word)| of_word(at, word)).sum() };
    let up_to = |end: u32| {
        let end = end.min(bits.len());
        let word = (end / WORD) as usize;
        let rest = bits.words().get(word).map_or(0, |bits| bits & ((1 << (end % WORD)) - 1));
        before[word] + of_word(word, rest)
    };
    if span.is_empty() { 0 } else { up_to(span.end) - up_to(span.start) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::snapshot::invented;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn sums_of_a_span_equal_a_walk((snapshot, _) in invented::worlds(400), seed in any::<u64>(), a in 0u32..420, b in 0u32..420) {
            let keep = |row: &Row| (seed >> (row.0 % 61)) & 1 == 1;
            let all = snapshot.all();
            let rows: Rows = all.rows().filter(keep).collect();
            let snapshot = Arc::new(snapshot);
            let selection = Selection::of_households(rows.clone(), Arc::clone(&snapshot));
            let slots: Vec<Slot> = (0..snapshot.schema().properties().len() as u16).map(Slot).collect();
            // Half of the cases walk, half have sums.
            selection.prepare(&slots, if seed % 2 == 0 { 0 } else { u32::MAX });
            let span = Span { start: a.min(b), end: a.max(b) };
            let inside: Vec<Row> = rows.iter().filter(|row| (span.start..span.end).contains(&row.0)).collect();
            prop_assert_eq!(selection.count_in(span) as usize, inside.len());
            prop_assert_eq!(u64::from(selection.len()), rows.len());
            prop_assert_eq!(selection.people_in(span), inside.iter().map(|&row| u32::from(snapshot.people_at(row))).sum::<u32>());
            for slot in slots {
                let each = inside.iter().map(|row| snapshot.tally(slot, Span { start: row.0, end: row.0 + 1 }));
                prop_assert_eq!(selection.tally(slot, span), each.fold(Tally::default(), |sum, one| sum + one));
            }
        }
    }
}
