//! The rows that a filter found, ready to be counted: how many lie in any span, how many people, and the sums of any
//! property, each in O(1) but for at most a word of rows at both ends of the span.

use std::sync::{Arc, OnceLock};

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
        Self { households: Some(Households { people: OnceLock::new(), sums, snapshot }), ..selection }
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
        let part = |row: Row| i64::from(snapshot.people_at(row));
        let before = people.get_or_init(|| before_words(&self.bits, part));
        within(&self.bits, before, part, span) as u32
    }

    /// Makes the sums of these properties now, on every core: a tile asks for all of them.
    pub fn prepare(&self, slots: &[Slot]) {
        if let Some(households) = &self.households {
            slots.par_iter().for_each(|&slot| {
                households.sums(slot, &self.bits);
            });
        }
    }

    /// What the households found in a span hold of a property; nothing for categories and indexes, and where the rows
    /// are not households.
    pub fn tally(&self, slot: Slot, span: Span) -> Tally {
        let Some(households) = &self.households else { return Tally::default() };
        let column = households.snapshot.column(slot);
        match households.sums(slot, &self.bits) {
            Sums::None => Tally::default(),
            Sums::Marks { known, set } => Tally { sum: set.count_in(span).into(), known: known.count_in(span) },
            Sums::Numbers { known, before } => {
                let Column::Numbers { numbers, .. } = column else { return Tally::default() };
                let sum = within(known, before, |row| numbers.part(row), span);
                Tally { sum, known: known.count_in(span) }
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
                Self::Numbers { before: before_words(&known, |row| numbers.part(row)), known }
            }
        }
    }
}

/// For each word and the end, the sum of the rows before it.
fn before_words(bits: &Bits, part: impl Fn(Row) -> i64) -> Vec<i64> {
    let mut total = 0;
    let mut before = Vec::with_capacity(bits.words().len() + 1);
    for (at, &word) in bits.words().iter().enumerate() {
        before.push(total);
        total += rows_of(at, word).map(&part).sum::<i64>();
    }
    before.push(total);
    before
}

fn within(bits: &Bits, before: &[i64], part: impl Fn(Row) -> i64, span: Span) -> i64 {
    let up_to = |end: u32| {
        let end = end.min(bits.len());
        let word = (end / WORD) as usize;
        let rest = bits.words().get(word).map_or(0, |bits| bits & ((1 << (end % WORD)) - 1));
        before[word] + rows_of(word, rest).map(&part).sum::<i64>()
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
            let span = Span { start: a.min(b), end: a.max(b) };
            let inside: Vec<Row> = rows.iter().filter(|row| (span.start..span.end).contains(&row.0)).collect();
            prop_assert_eq!(selection.count_in(span) as usize, inside.len());
            prop_assert_eq!(u64::from(selection.len()), rows.len());
            prop_assert_eq!(selection.people_in(span), inside.iter().map(|&row| u32::from(snapshot.people_at(row))).sum::<u32>());
            for slot in (0..snapshot.schema().properties().len() as u16).map(Slot) {
                let each = inside.iter().map(|row| snapshot.tally(slot, Span { start: row.0, end: row.0 + 1 }));
                prop_assert_eq!(selection.tally(slot, span), each.fold(Tally::default(), |sum, one| sum + one));
            }
        }
    }
}
