//! A feature of a reference layer: a shape and what is written on it.

use geo::Geometry;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// A feature. Geometry in degrees, longitude first; valid by OGC Simple Features once past the gate of `ingest`.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Unique in its layer, from 1, below 2^53.
    pub id: u64,
    /// The shape.
    pub geometry: Geometry<f64>,
    /// Attributes in the order of the layer's fields; no nested values.
    pub properties: Vec<(Box<str>, Value)>,
}

/// A plain value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing written.
    Null,
    /// True or false.
    Flag(bool),
    /// Whole number.
    Whole(i64),
    /// Finite number.
    Number(f64),
    /// Text.
    Text(Box<str>),
    /// A day.
    Date(Date),
    /// A moment.
    Instant(Timestamp),
    /// Texts, in order.
    List(Box<[Box<str>]>),
}

impl Value {
    /// A day as it is written (RFC 3339, `2026-06-30`); none for anything else.
    pub fn day(text: &str) -> Option<Self> {
        let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        plain.then(|| text.parse().ok().map(Self::Date))?
    }

    /// A moment as it is written (RFC 3339); one without its distance from UTC is taken as UTC. None for anything else.
    pub fn instant(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_digit() || b"-+:.TtZz ".contains(&b);
        if !(16..=40).contains(&text.len()) || !text.bytes().all(plain) {
            return None;
        }
        let in_utc = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        text.parse().ok().or_else(in_utc).map(Self::Instant)
    }

    /// As it is written where only text can stand: RFC 3339 for days and moments, `true` and `false`, a list with commas
    /// between; none for nothing.
    pub fn written(&self) -> Option<String> {
        Some(match self {
            Self::Null => return None,
            Self::Flag(flag) => flag.to_string(),
            Self::Whole(whole) => whole.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Instant(instant) => instant.to_string(),
            Self::List(texts) => texts.join(","),
        })
    }
}
