//! A feature of a reference layer: a shape and what is written on it.

use geo::Geometry;

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
}
