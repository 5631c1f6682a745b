//! Texts, days, moments and lists of rows.

use std::borrow::Cow;

use super::{Evaluator, scan, visit};
use crate::{
    domain::{feature::Value, period::days_of},
    query::{
        budget::Spent,
        collection::Column,
        filter::{
            pattern::fold,
            predicate::{Allen, Bound, Comparison, Inclusion, List, Moment, Period, Predicate, Text},
        },
        mask::{Mask, Truth},
    },
    snapshot::{Row, column::NO_CATEGORY},
};

const DAY_NANOS: i128 = 86_400_000_000_000;

/// A day or a moment.
#[derive(Clone, Copy)]
pub(super) enum Stamp {
    /// Days since 1970-01-01.
    Day(i32),
    /// Nanoseconds since its beginning in UTC.
    Instant(i128),
}

impl Stamp {
    /// Days since 1970-01-01.
    pub(super) fn day(self) -> i64 {
        match self {
            Self::Day(day) => day.into(),
            Self::Instant(nanos) => nanos.div_euclid(DAY_NANOS) as i64,
        }
    }
}

impl Evaluator<'_> {
    pub(super) fn flag_at(self, field: usize, row: Row) -> Option<bool> {
        match self.collection.value(self.place(field), row) {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(super) fn text_at<'t>(&'t self, text: &'t Text, row: Row) -> Option<Cow<'t, str>> {
        match text {
            Text::Literal(text) => Some(Cow::Borrowed(text)),
            Text::Folded(folding, inner) => Some(Cow::Owned(fold(*folding, &self.text_at(inner, row)?))),
            Text::Field(field) => match self.column(*field) {
                Column::Plain(values) => match &values[row.0 as usize] {
                    Value::Text(text) => Some(Cow::Borrowed(text)),
                    _ => None,
                },
                _ => match self.collection.value(self.place(*field), row) {
                    Value::Text(text) => Some(Cow::Owned(text.into())),
                    _ => None,
                },
            },
        }
    }

    /// What a predicate of texts says where its field has a text.
    fn says(self, predicate: &Predicate, text_of: impl Fn(&Text) -> Option<String>) -> Result<Option<bool>, Spent> {
        let among = |found: bool, open: bool| if !found && open { None } else { Some(found) };
        Ok(match predicate {
            Predicate::Texts(comparison, a, b) => match (text_of(a), text_of(b)) {
                (Some(a), Some(b)) => Some(comparison.passes(a.cmp(&b))),
                _ => None,
            },
            Predicate::TextAmong { of, list, open } => match text_of(of) {
                Some(text) => among(list.binary_search_by(|one| (**one).cmp(text.as_str())).is_ok(), *open),
                None => None,
            },
            Predicate::Like(of, pattern) => match text_of(of) {
                Some(text) => {
                    let chars: Vec<char> = text.chars().collect();
                    self.budget.spend(pattern.steps(chars.len()))?;
                    Some(pattern.matches(&chars))
                }
                None => None,
            },
            _ => None,
        })
    }

    pub(super) fn texts(self, predicate: &Predicate, wanted: &Mask) -> Result<Truth, Spent> {
        let sides: Vec<&Text> = match predicate {
            Predicate::Texts(_, a, b) => vec![a, b],
            Predicate::TextAmong { of, .. } | Predicate::Like(of, _) => vec![of],
            _ => Vec::new(),
        };
        let mut named = Vec::new();
        for side in &sides {
            visit::of_text(side, &mut |field| named.push(field));
        }
        named.dedup();
        match named.as_slice() {
            [] => {
                let truth = self.says(predicate, |text| self.text_at(text, Row(0)).map(Cow::into_owned))?;
                Ok(Truth::same(self.len, truth))
            }
            [field] if matches!(self.column(*field), Column::Categories(_)) => self.categories(predicate, *field),
            _ => self.each(wanted, 16, |row| self.says(predicate, |text| self.text_at(text, row).map(Cow::into_owned))),
        }
    }

    /// Asks once of each category, then looks up the rows.
    fn categories(self, predicate: &Predicate, field: usize) -> Result<Truth, Spent> {
        let Column::Categories(places) = self.column(field) else { return Ok(Truth::same(self.len, None)) };
        let choices = &self.collection.fields()[self.place(field)].choices;
        let (mut known, mut set) = ([false; 256], [false; 256]);
        for (place, (key, _)) in choices.iter().enumerate().take(usize::from(NO_CATEGORY)) {
            let truth = self.says(predicate, |text| Some(with_field(text, key)))?;
            (known[place], set[place]) = (truth.is_some(), truth == Some(true));
        }
        let mask = |table: &[bool; 256]| Mask::of_words(self.len, scan::packed(places, |at| table[usize::from(at)]));
        Ok(Truth { known: mask(&known), set: mask(&set) })
    }

    pub(super) fn moment_at(self, moment: Moment, row: Row) -> Option<Stamp> {
        let stamp = |value: &Value| match value {
            Value::Date(date) => Some(Stamp::Day(days_of(*date))),
            Value::Instant(instant) => Some(Stamp::Instant(instant.as_nanosecond())),
            _ => None,
        };
        match moment {
            Moment::Day(date) => Some(Stamp::Day(days_of(date))),
            Moment::Instant(instant) => Some(Stamp::Instant(instant.as_nanosecond())),
            Moment::DayField(field) | Moment::InstantField(field) => match self.column(field) {
                Column::Days { known, days } => known.get(row).then(|| Stamp::Day(days[row.0 as usize])),
                Column::Plain(values) => stamp(&values[row.0 as usize]),
                _ => stamp(&self.collection.value(self.place(field), row)),
            },
        }
    }

    pub(super) fn moments(self, comparison: Comparison, a: Moment, b: Moment, wanted: &Mask) -> Result<Truth, Spent> {
        let plain = match (a, b) {
            (Moment::DayField(field), Moment::Day(day)) => Some((field, comparison, day)),
            (Moment::Day(day), Moment::DayField(field)) => Some((field, comparison.turned(), day)),
            _ => None,
        };
        if let Some((field, comparison, day)) = plain
            && let Column::Days { known, days } = self.column(field)
        {
            let set = scan::days(self.len, days, comparison, days_of(day).into()).and(known.words());
            return Ok(Truth { known: Mask::of_bits(known), set });
        }
        self.each(wanted, 16, |row| {
            Ok(match (self.moment_at(a, row), self.moment_at(b, row)) {
                (Some(Stamp::Instant(a)), Some(Stamp::Instant(b))) => Some(comparison.passes(a.cmp(&b))),
                (Some(a), Some(b)) => Some(comparison.passes(a.day().cmp(&b.day()))),
                _ => None,
            })
        })
    }

    pub(super) fn temporal(self, allen: Allen, a: &Period, b: &Period, wanted: &Mask) -> Result<Truth, Spent> {
        let is_day = |bound: Bound| match bound {
            Bound::Open => true,
            Bound::At(moment) => moment.is_day(),
        };
        let days = [a.from, a.to, b.from, b.to].into_iter().all(is_day);
        let end = |bound: Bound, row: Row, last: bool| match bound {
            Bound::Open => Some(if last { i128::MAX } else { i128::MIN }),
            Bound::At(moment) => Some(match self.moment_at(moment, row)? {
                stamp if days => stamp.day().into(),
                Stamp::Day(day) if last => (i128::from(day) + 1) * DAY_NANOS - 1,
                Stamp::Day(day) => i128::from(day) * DAY_NANOS,
                Stamp::Instant(nanos) => nanos,
            }),
        };
        let period = |period: &Period, row| Some((end(period.from, row, false)?, end(period.to, row, true)?));
        self.each(wanted, 32, |row| {
            Ok(match (period(a, row), period(b, row)) {
                (Some(a), Some(b)) => Some(allen.holds(a, b)),
                _ => None,
            })
        })
    }

    /// The texts of a list field, ascending, each once.
    pub(super) fn list_at(self, field: usize, row: Row) -> Option<Vec<Box<str>>> {
        let value = match self.column(field) {
            Column::Plain(values) => Cow::Borrowed(&values[row.0 as usize]),
            _ => Cow::Owned(self.collection.value(self.place(field), row)),
        };
        let Value::List(texts) = &*value else { return None };
        let mut texts = texts.to_vec();
        texts.sort_unstable();
        texts.dedup();
        Some(texts)
    }

    pub(super) fn lists(self, inclusion: Inclusion, a: &List, b: &List, wanted: &Mask) -> Result<Truth, Spent> {
        let turned = match inclusion {
            Inclusion::Contains => Inclusion::ContainedBy,
            Inclusion::ContainedBy => Inclusion::Contains,
            other => other,
        };
        let (inclusion, a, b) = if matches!(a, List::Literal(_)) { (turned, b, a) } else { (inclusion, a, b) };
        if let (List::Field(field), List::Literal(texts)) = (a, b)
            && let Column::Named(marks) = self.column(*field)
        {
            return Ok(self.named(inclusion, marks, texts));
        }
        let list = |list: &List, row| match list {
            List::Literal(texts) => Some(texts.clone()),
            List::Field(field) => self.list_at(*field, row),
        };
        self.each(wanted, 64, |row| {
            Ok(match (list(a, row), list(b, row)) {
                (Some(a), Some(b)) => Some(inclusion.holds(&a, &b)),
                _ => None,
            })
        })
    }

    /// Rows where one of these marks is known.
    pub(super) fn any_known(self, marks: &[usize]) -> Mask {
        marks.iter().fold(Mask::none(self.len), |mask, &mark| match self.collection.column(mark) {
            Column::Marks { known, .. } => mask.or(known.words()),
            _ => mask,
        })
    }

    /// A list that is made of marks, against texts: the marks are combined word by word.
    fn named(self, inclusion: Inclusion, marks: &[usize], texts: &[Box<str>]) -> Truth {
        let names: Vec<&str> = marks.iter().map(|&mark| &*self.collection.fields()[mark].name).collect();
        let is_named = |name: &str| texts.binary_search_by(|text| (**text).cmp(name)).is_ok();
        let set_of = |mark: usize| match self.collection.column(mark) {
            Column::Marks { set, .. } => Some(set),
            _ => None,
        };
        let any = |wanted: bool| {
            let marks = marks.iter().zip(&names).filter(|(_, name)| is_named(name) == wanted);
            marks.filter_map(|(&mark, _)| set_of(mark)).fold(Mask::none(self.len), |mask, set| mask.or(set.words()))
        };
        let every = || {
            if texts.iter().any(|text| !names.contains(&&**text)) {
                return Mask::none(self.len);
            }
            let marks = marks.iter().zip(&names).filter(|(_, name)| is_named(name));
            marks.filter_map(|(&mark, _)| set_of(mark)).fold(Mask::all(self.len), |mask, set| mask.and(set.words()))
        };
        let set = match inclusion {
            Inclusion::Overlaps => any(true),
            Inclusion::Contains => every(),
            Inclusion::ContainedBy => any(false).inverted(),
            Inclusion::Equals => every().without(any(false).words()),
        };
        let known = self.any_known(marks);
        Truth { set: set.and(known.words()), known }
    }
}

/// A text where its field has this value.
fn with_field(text: &Text, value: &str) -> String {
    match text {
        Text::Literal(text) => text.to_string(),
        Text::Field(_) => value.to_owned(),
        Text::Folded(folding, inner) => fold(*folding, &with_field(inner, value)),
    }
}
