//! Stretches of time, as a question names them (OGC 17-069r4, 7.15.4).

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};

use super::collection::{Collection, FieldKind};
use crate::domain::feature::Value;
use crate::snapshot::{Row, Rows};

/// From a moment to a moment, both included; open where none is said. A day is its 24 hours in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// First moment.
    pub start: Option<Timestamp>,
    /// Last moment.
    pub end: Option<Timestamp>,
}

/// Not an interval.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a day, a moment (RFC 3339), or two of them with / between, where .. or nothing is open")]
pub struct InvalidInterval;

impl Interval {
    /// Reads `2026-06-30`, `2026-06-30T10:00:00Z`, `a/b`, `a/..`, `../b`. Errors: anything else, an end before its start.
    pub fn parse(text: &str) -> Result<Self, InvalidInterval> {
        let open = |text: &str| text.is_empty() || text == "..";
        let interval = match text.split_once('/') {
            None => {
                let (start, end) = bounds(text)?;
                Self { start: Some(start), end: Some(end) }
            }
            Some((start, end)) if open(start) && open(end) => return Err(InvalidInterval),
            Some((start, end)) => Self {
                start: if open(start) { None } else { Some(bounds(start)?.0) },
                end: if open(end) { None } else { Some(bounds(end)?.1) },
            },
        };
        match (interval.start, interval.end) {
            (Some(start), Some(end)) if end < start => Err(InvalidInterval),
            _ => Ok(interval),
        }
    }

    /// Whether something from `first` to `last` shares a moment with it.
    pub fn meets(&self, first: Timestamp, last: Timestamp) -> bool {
        self.start.is_none_or(|start| last >= start) && self.end.is_none_or(|end| first <= end)
    }

    /// Rows of which a day or a moment lies inside, in whichever field; none where no field is of time.
    pub fn rows(&self, collection: &dyn Collection) -> Option<Rows> {
        let of_time = |kind| matches!(kind, FieldKind::Date | FieldKind::Instant);
        let fields: Vec<usize> =
            (0..collection.fields().len()).filter(|&at| of_time(collection.fields()[at].kind)).collect();
        if fields.is_empty() {
            return None;
        }
        let inside = |row: &Row| fields.iter().any(|&field| self.holds(&collection.value(field, *row)));
        Some((0..collection.len()).map(Row).filter(inside).collect())
    }

    fn holds(&self, value: &Value) -> bool {
        match value {
            Value::Date(date) => day(*date).is_some_and(|(first, last)| self.meets(first, last)),
            Value::Instant(instant) => self.meets(*instant, *instant),
            _ => false,
        }
    }
}

fn bounds(text: &str) -> Result<(Timestamp, Timestamp), InvalidInterval> {
    // RFC 3339 writes no zone names and no weeks; jiff would take both.
    let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b':' | b'.' | b'T' | b't' | b'Z' | b'z');
    if text.len() > 40 || !text.bytes().all(plain) {
        return Err(InvalidInterval);
    }
    if text.len() == 10 {
        return text.parse().ok().and_then(day).ok_or(InvalidInterval);
    }
    let moment = text.parse().map_err(|_| InvalidInterval)?;
    Ok((moment, moment))
}

fn day(date: Date) -> Option<(Timestamp, Timestamp)> {
    let utc = TimeZone::fixed(Offset::UTC);
    let first = date.to_zoned(utc.clone()).ok()?.timestamp();
    let next = date.tomorrow().ok()?.to_zoned(utc).ok()?.timestamp();
    Some((first, next.checked_sub(jiff::SignedDuration::from_nanos(1)).ok()?))
}
