//! Numbers of rows, a word of rows at a time.

use jiff::civil::Date;

use super::{Evaluator, scan};
use crate::{
    domain::feature::Value,
    query::{
        budget::Spent,
        collection::Column,
        filter::predicate::{Arithmetic, Comparison, Moment, Number},
        mask::{Mask, Truth},
    },
    snapshot::{Row, column::Values},
};

/// As many numbers are looked for one by one.
const FEW: usize = 16;

/// The numbers of 64 rows.
type Block = [f64; 64];

impl Evaluator<'_> {
    pub(super) fn numbers(self, comparison: Comparison, a: &Number, b: &Number, wanted: &Mask) -> Result<Truth, Spent> {
        let plain = match (a, b) {
            (Number::Field(field), Number::Literal(literal)) => Some((*field, comparison, *literal)),
            (Number::Literal(literal), Number::Field(field)) => Some((*field, comparison.turned(), *literal)),
            _ => None,
        };
        if let Some((field, comparison, literal)) = plain
            && let Column::Numbers { known, values, scale } = self.column(field)
        {
            let set = scan::numbers(self.len, values, scale, comparison, literal).and(known.words());
            return Ok(Truth { known: Mask::of_bits(known), set });
        }
        self.blocks(wanted, &[a, b], |numbers| {
            numbers[0].partial_cmp(&numbers[1]).is_some_and(|order| comparison.passes(order))
        })
    }

    pub(super) fn number_among(self, of: &Number, list: &[f64], open: bool, wanted: &Mask) -> Result<Truth, Spent> {
        if let (Number::Field(field), true) = (of, list.len() <= FEW)
            && let Column::Numbers { known, values, scale } = self.column(*field)
        {
            let equal = |number: &f64| scan::numbers(self.len, values, scale, Comparison::Equal, *number);
            let set = list.iter().fold(Mask::none(self.len), |mask, number| mask.or(equal(number).words()));
            let set = set.and(known.words());
            return Ok(Truth { known: if open { set.clone() } else { Mask::of_bits(known) }, set });
        }
        let is_among = |number: f64| {
            list.binary_search_by(|one| one.partial_cmp(&number).unwrap_or(number.total_cmp(one))).is_ok()
        };
        let mut truth = self.blocks(wanted, &[of], |numbers| is_among(numbers[0]))?;
        if open {
            truth.known = truth.set.clone();
        }
        Ok(truth)
    }

    pub(super) fn number_known(self, number: &Number) -> Result<Mask, Spent> {
        Ok(self.blocks(&Mask::all(self.len), &[number], |_| true)?.known)
    }

    /// Asks of the numbers of each row, where all are known.
    fn blocks(self, wanted: &Mask, numbers: &[&Number], passes: impl Fn(&[f64; 2]) -> bool) -> Result<Truth, Spent> {
        let mut known = vec![0; wanted.words().len()];
        let mut set = known.clone();
        let mut blocks = [[0.0; 64]; 2];
        for (at, _) in wanted.words().iter().enumerate().filter(|(_, word)| **word != 0) {
            let mut all = u64::MAX;
            for (number, block) in numbers.iter().zip(&mut blocks) {
                all &= self.block(number, at, block)?;
            }
            known[at] = all;
            set[at] =
                (0..64).fold(0, |word, bit| word | u64::from(passes(&[blocks[0][bit], blocks[1][bit]])) << bit) & all;
        }
        Ok(Truth { known: Mask::of_words(self.len, known), set: Mask::of_words(self.len, set) })
    }

    /// The numbers of a word of rows, and which of them are known.
    fn block(self, number: &Number, at: usize, out: &mut Block) -> Result<u64, Spent> {
        let rows = (64 * at)..(64 * (at + 1)).min(self.len as usize);
        match number {
            Number::Literal(number) => {
                out.fill(*number);
                Ok(u64::MAX)
            }
            Number::Field(field) => {
                self.budget.spend(64)?;
                Ok(self.field_block(*field, rows, out))
            }
            Number::Of(sign, a, b) => {
                self.budget.spend(64)?;
                let mut right = [0.0; 64];
                let known = self.block(a, at, out)? & self.block(b, at, &mut right)?;
                apply(*sign, out, &right);
                let finite = out.iter().enumerate().fold(0, |word, (bit, x)| word | u64::from(x.is_finite()) << bit);
                Ok(known & finite)
            }
            Number::Age(from, to) => {
                self.budget.spend(256)?;
                Ok(self.age_block(*from, *to, rows, out))
            }
        }
    }

    fn field_block(self, field: usize, rows: std::ops::Range<usize>, out: &mut Block) -> u64 {
        let word = rows.start / 64;
        match self.column(field) {
            Column::Numbers { known, values, scale } => {
                match values {
                    Values::U8(v) => fill(out, &v[rows], |x| scan::shown_whole(x.into(), scale)),
                    Values::U16(v) => fill(out, &v[rows], |x| scan::shown_whole(x.into(), scale)),
                    Values::I32(v) => fill(out, &v[rows], |x| scan::shown_whole(x.into(), scale)),
                    Values::F32(v, parts) => fill(out, &v[rows], |x| scan::shown_fraction(x, *parts)),
                }
                known.words()[word]
            }
            Column::Plain(values) => each(out, rows, |row| number_of(&values[row])),
            _ => {
                let field = self.place(field);
                each(out, rows, |row| number_of(&self.collection.value(field, Row(row as u32))))
            }
        }
    }

    fn age_block(self, from: Moment, to: Date, rows: std::ops::Range<usize>, out: &mut Block) -> u64 {
        let to = (i64::from(to.year()), i64::from(to.month()), i64::from(to.day()));
        each(out, rows, |row| {
            let (year, month, day) = civil(self.moment_at(from, Row(row as u32))?.day());
            Some((to.0 - year - i64::from((to.1, to.2) < (month, day))) as f64)
        })
    }
}

fn fill<T: Copy>(out: &mut Block, values: &[T], shown: impl Fn(T) -> f64) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = shown(*value));
}

fn each(out: &mut Block, rows: std::ops::Range<usize>, number: impl Fn(usize) -> Option<f64>) -> u64 {
    rows.zip(out).enumerate().fold(0, |known, (bit, (row, out))| match number(row) {
        Some(number) => {
            *out = number;
            known | 1 << bit
        }
        None => known,
    })
}

fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Whole(whole) => Some(*whole as f64),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

fn apply(sign: Arithmetic, left: &mut Block, right: &Block) {
    let pairs = left.iter_mut().zip(right);
    match sign {
        Arithmetic::Add => pairs.for_each(|(a, b)| *a += b),
        Arithmetic::Subtract => pairs.for_each(|(a, b)| *a -= b),
        Arithmetic::Multiply => pairs.for_each(|(a, b)| *a *= b),
        Arithmetic::Divide => pairs.for_each(|(a, b)| *a /= b),
        other => pairs.for_each(|(a, b)| *a = other.of(*a, *b)),
    }
}

/// Year, month and day of so many days after 1970-01-01 in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years begin with March, so that the day that may be missing is the last (Hinnant, chrono-compatible algorithms).
    let (era, day_of_era) = ((days + 719_468).div_euclid(146_097), (days + 719_468).rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
