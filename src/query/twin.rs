//! The slow twin of the evaluator: one row at a time, as the standard words it.

use std::cmp::Ordering;

use geo::Relate;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    collection::Collection,
    distance,
    filter::{
        pattern::fold,
        predicate::{Bound, List, Moment, Number, Operand, Period, Place, Predicate, Text},
    },
};
use crate::{domain::feature::Value, snapshot::Row};

/// A row of a collection.
#[derive(Clone, Copy)]
pub struct Here<'c> {
    collection: &'c dyn Collection,
    row: Row,
}

/// What a predicate says of a row; none where that is unknown.
pub fn holds(predicate: &Predicate, collection: &dyn Collection, row: Row) -> Option<bool> {
    Here { collection, row }.truth(predicate)
}

#[derive(Clone, Copy, PartialEq)]
enum Stamp {
    Day(Date),
    Instant(Timestamp),
}

impl Stamp {
    fn day(self) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Instant(instant) => instant.to_zoned(TimeZone::UTC).date(),
        }
    }

    fn nanos(self, end: bool) -> i128 {
        match self {
            Self::Instant(instant) => instant.as_nanosecond(),
            Self::Day(day) => {
                let day = if end { day.tomorrow().unwrap_or(day) } else { day };
                let start = day.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_nanosecond());
                start - i128::from(end)
            }
        }
    }
}

impl Here<'_> {
    fn truth(self, predicate: &Predicate) -> Option<bool> {
        match predicate {
            Predicate::Constant(truth) => *truth,
            Predicate::Not(inner) => self.truth(inner).map(|truth| !truth),
            Predicate::And(all) => {
                let all: Vec<Option<bool>> = all.iter().map(|one| self.truth(one)).collect();
                if all.contains(&Some(false)) { Some(false) } else { (!all.contains(&None)).then_some(true) }
            }
            Predicate::Or(all) => {
                let all: Vec<Option<bool>> = all.iter().map(|one| self.truth(one)).collect();
                if all.contains(&Some(true)) { Some(true) } else { (!all.contains(&None)).then_some(false) }
            }
            Predicate::Flag(field) => match self.value(*field) {
                Value::Flag(flag) => Some(flag),
                _ => None,
            },
            Predicate::Truths(comparison, a, b) => Some(comparison.passes(self.truth(a)?.cmp(&self.truth(b)?))),
            Predicate::Unknown(operand) => Some(match &**operand {
                Operand::Truth(truth) => self.truth(truth).is_none(),
                Operand::Number(number) => self.number(number).is_none(),
                Operand::Text(text) => self.text(text).is_none(),
                Operand::Moment(moment) => self.moment(*moment).is_none(),
                Operand::List(list) => self.list(list).is_none(),
            }),
            Predicate::Numbers(comparison, a, b) => {
                Some(comparison.passes(self.number(a)?.partial_cmp(&self.number(b)?)?))
            }
            Predicate::NumberAmong { of, list, open } => {
                let number = self.number(of)?;
                among(list.iter().any(|one| one.partial_cmp(&number) == Some(Ordering::Equal)), *open)
            }
            Predicate::Texts(comparison, a, b) => Some(comparison.passes(self.text(a)?.cmp(&self.text(b)?))),
            Predicate::TextAmong { of, list, open } => {
                let text = self.text(of)?;
                among(list.iter().any(|one| **one == *text), *open)
            }
            Predicate::Like(text, pattern) => Some(pattern.matches(&self.text(text)?.chars().collect::<Vec<_>>())),
            Predicate::Moments(comparison, a, b) => Some(comparison.passes(order(self.moment(*a)?, self.moment(*b)?))),
            Predicate::Spatial(relation, a, b) => Some(relation.holds(&self.shape(a).relate(&self.shape(b)))),
            Predicate::Near(shape, metres) => {
                let own = self.collection.geometry(self.row);
                Some(distance::between_m(&own, shape.geometry()) <= *metres)
            }
            Predicate::Temporal(allen, a, b) => {
                let days = [a, b].iter().all(|period| is_of_days(period));
                Some(allen.holds(self.period(a, days)?, self.period(b, days)?))
            }
            Predicate::Lists(inclusion, a, b) => Some(inclusion.holds(&self.list(a)?, &self.list(b)?)),
        }
    }

    fn value(self, field: usize) -> Value {
        self.collection.value(field, self.row)
    }

    fn number(self, number: &Number) -> Option<f64> {
        match number {
            Number::Literal(number) => Some(*number),
            Number::Field(field) => match self.value(*field) {
                Value::Whole(whole) => Some(whole as f64),
                Value::Number(number) => Some(number),
                _ => None,
            },
            Number::Of(sign, a, b) => {
                Some(sign.of(self.number(a)?, self.number(b)?)).filter(|number| number.is_finite())
            }
            Number::Age(from, to) => {
                let from = self.moment(*from)?.day();
                let had_birthday = (to.month(), to.day()) >= (from.month(), from.day());
                Some(f64::from(i32::from(to.year()) - i32::from(from.year()) - i32::from(!had_birthday)))
            }
        }
    }

    fn text(self, text: &Text) -> Option<String> {
        match text {
            Text::Literal(text) => Some(text.to_string()),
            Text::Field(field) => match self.value(*field) {
                Value::Text(text) => Some(text.into()),
                _ => None,
            },
            Text::Folded(folding, inner) => Some(fold(*folding, &self.text(inner)?)),
        }
    }

    fn moment(self, moment: Moment) -> Option<Stamp> {
        match moment {
            Moment::Day(day) => Some(Stamp::Day(day)),
            Moment::Instant(instant) => Some(Stamp::Instant(instant)),
            Moment::DayField(field) | Moment::InstantField(field) => match self.value(field) {
                Value::Date(day) => Some(Stamp::Day(day)),
                Value::Instant(instant) => Some(Stamp::Instant(instant)),
                _ => None,
            },
        }
    }

    fn shape(self, place: &Place) -> geo::Geometry<f64> {
        match place {
            Place::Own => self.collection.geometry(self.row).into_owned(),
            Place::Literal(shape) => shape.geometry().clone(),
        }
    }

    fn list(self, list: &List) -> Option<Vec<Box<str>>> {
        let mut texts = match list {
            List::Literal(texts) => texts.clone(),
            List::Field(field) => match self.value(*field) {
                Value::List(texts) => texts.to_vec(),
                _ => return None,
            },
        };
        texts.sort_unstable();
        texts.dedup();
        Some(texts)
    }

    fn period(self, period: &Period, days: bool) -> Option<(i128, i128)> {
        const DAY: i128 = 86_400_000_000_000;
        let at = |bound: Bound, end: bool| match bound {
            Bound::Open => Some(if end { i128::MAX } else { i128::MIN }),
            Bound::At(moment) => {
                let stamp = self.moment(moment)?;
                Some(if days { stamp.nanos(false).div_euclid(DAY) } else { stamp.nanos(end) })
            }
        };
        Some((at(period.from, false)?, at(period.to, true)?))
    }
}

fn among(found: bool, open: bool) -> Option<bool> {
    if found {
        Some(true)
    } else if open {
        None
    } else {
        Some(false)
    }
}

fn order(a: Stamp, b: Stamp) -> Ordering {
    match (a, b) {
        (Stamp::Instant(a), Stamp::Instant(b)) => a.cmp(&b),
        _ => a.day().cmp(&b.day()),
    }
}

fn is_of_days(period: &Period) -> bool {
    let day = |bound: Bound| match bound {
        Bound::Open => true,
        Bound::At(moment) => moment.is_day(),
    };
    day(period.from) && day(period.to)
}
