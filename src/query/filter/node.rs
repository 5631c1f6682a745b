//! A filter as it was written, before anybody asked whether it makes sense.

use geo::Geometry;

/// A piece of a filter.
#[derive(Clone, Debug)]
pub enum Node {
    /// An operation or a function, its name in lower case.
    Call(String, Vec<Self>),
    /// A property by its name.
    Property(String),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// True or false.
    Truth(bool),
    /// Nothing.
    Null,
    /// `DATE(…)`
    Date(Box<Self>),
    /// `TIMESTAMP(…)`
    Timestamp(Box<Self>),
    /// `INTERVAL(…)`
    Interval(Vec<Self>),
    /// `BBOX(…)`
    Box(Vec<Self>),
    /// A list.
    List(Vec<Self>),
    /// A shape, or why it cannot be read.
    Shape(Result<Geometry<f64>, String>),
}
