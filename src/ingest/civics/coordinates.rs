//! The gate of coordinates: what is in Italy passes, what is swapped is put right, the rest is no point.

use crate::{domain::geo::LonLat, ingest::crs::Transform};

/// Italy with its seas: west, east, south, north.
const ITALY: (f64, f64, f64, f64) = (6.0, 19.0, 35.0, 48.0);

/// What two cells say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// Nothing is written.
    Unknown,
    /// A point in Italy.
    Sound(LonLat),
    /// x and y were swapped and are put right.
    Swapped(LonLat),
    /// No point, and why.
    Refused(Side, &'static str),
}

/// Which cell is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    X,
    Y,
}

pub(super) const SWAPPED: &str = "x and y are swapped: put right";

/// Reads x (easting, longitude) and y (northing, latitude).
pub(super) fn place(x: &str, y: &str, transform: &Transform) -> Place {
    let (x, y) = (x.trim(), y.trim());
    if x.is_empty() && y.is_empty() {
        return Place::Unknown;
    }
    let x = match decimal(x) {
        Ok(x) => x,
        Err(reason) => return Place::Refused(Side::X, reason),
    };
    match decimal(y) {
        Ok(y) => judge(x, y, transform),
        Err(reason) => Place::Refused(Side::Y, reason),
    }
}

/// Judges two numbers.
pub(super) fn judge(x: f64, y: f64, transform: &Transform) -> Place {
    let degrees = transform.crs().is_degrees();
    let (small, large) = (x.abs().max(y.abs()) <= 180.0, x.abs().max(y.abs()) > 1000.0);
    if x == 0.0 && y == 0.0 {
        return Place::Refused(Side::X, "the coordinates are 0,0");
    }
    if degrees && large {
        return Place::Refused(Side::X, "the coordinates are in metres, degrees are expected");
    }
    if !degrees && small {
        return Place::Refused(Side::X, "the coordinates are in degrees, metres are expected");
    }
    let inside = |p: &LonLat| (ITALY.0..=ITALY.1).contains(&p.lon()) && (ITALY.2..=ITALY.3).contains(&p.lat());
    if let Some(point) = transform.to_degrees(x, y).filter(inside) {
        return Place::Sound(point);
    }
    match transform.to_degrees(y, x).filter(inside) {
        Some(point) => Place::Swapped(point),
        None => Place::Refused(Side::X, "the coordinates are outside Italy"),
    }
}

/// A number with a decimal comma or point.
pub(super) fn decimal(text: &str) -> Result<f64, &'static str> {
    const NO_NUMBER: &str = "the coordinate is not a number";
    if text.is_empty() {
        return Err("one of the two coordinates is empty");
    }
    if text.len() > 40
        || !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b',' | b'.' | b'-' | b'+' | b'e' | b'E'))
    {
        return Err(NO_NUMBER);
    }
    let plain = if text.contains(',') { text.replace('.', "").replace(',', ".") } else { text.to_owned() };
    let value: f64 = plain.parse().map_err(|_| NO_NUMBER)?;
    if value.is_finite() { Ok(value) } else { Err("the coordinate is not finite") }
}
