//! Days, moments and periods as they are written.

use jiff::{Timestamp, civil::Date};

use super::{
    check::{Checked, Checker, Piece},
    node::Node,
    predicate::{Bound, Moment, Period},
};
use crate::domain::period::days_of;

impl Checker<'_, '_> {
    pub(super) fn day(&self, text: &str) -> Checked<Date> {
        match text.parse::<Date>() {
            Ok(date) if text.len() == 10 => Ok(date),
            _ => self.fail(self.here(), format!("this is not a day such as {}", example("date"))),
        }
    }

    pub(super) fn instant(&self, text: &str) -> Checked<Timestamp> {
        match text.parse::<Timestamp>() {
            Ok(instant) => Ok(instant),
            Err(_) => self.fail(self.here(), format!("this is not a moment such as {}", example("timestamp"))),
        }
    }

    /// A day or a moment from a bare text.
    pub(super) fn moment_of(&self, text: &str) -> Checked<Moment> {
        if text.len() == 10 { self.day(text).map(Moment::Day) } else { self.instant(text).map(Moment::Instant) }
    }

    pub(super) fn period(&mut self, bounds: Vec<Node>) -> Checked<Period> {
        let count = bounds.len();
        let Ok([from, to]) = <[Node; 2]>::try_from(bounds) else {
            self.come_to_call("interval");
            return self.fail(self.here(), format!("interval takes 2 arguments, not {count}"));
        };
        let from = self.bound(from)?;
        let start = self.here();
        let to = self.bound(to)?;
        if let (Bound::At(a), Bound::At(z)) = (from, to)
            && let (Some((first, _)), Some((_, last))) = (extent(a), extent(z))
            && first > last
        {
            return self.fail(start, "the period ends before it begins");
        }
        Ok(Period { from, to })
    }

    fn bound(&mut self, node: Node) -> Checked<Bound> {
        if let Node::Text(text) = &node {
            self.come_to_text();
            return if text == ".." { Ok(Bound::Open) } else { self.moment_of(text).map(Bound::At) };
        }
        match self.piece(node)? {
            Piece::Moment(moment) => Ok(Bound::At(moment)),
            other => self.fail(self.here(), format!("{} stands where a day or a moment is needed", other.kind())),
        }
    }
}

/// The first and the last nanosecond of a moment that is written.
fn extent(moment: Moment) -> Option<(i128, i128)> {
    const DAY: i128 = 86_400_000_000_000;
    match moment {
        Moment::Instant(instant) => Some((instant.as_nanosecond(), instant.as_nanosecond())),
        Moment::Day(date) => {
            let start = i128::from(days_of(date)) * DAY;
            Some((start, start + DAY - 1))
        }
        Moment::DayField(_) | Moment::InstantField(_) => None,
    }
}

pub(super) fn example(of: &str) -> &'static str {
    if of == "date" { "'2026-06-30'" } else { "'2026-06-30T12:00:00Z'" }
}
