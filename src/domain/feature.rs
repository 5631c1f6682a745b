//! A feature of a reference layer: a shape and what is written on it.

use geo::Geometry;
use jiff::{Timestamp, civil::Date};

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
