//! Run sheets: what a crew takes along. A page to print, GPX for a navigator; tables and GeoJSON are written by
//! [`features`](super::features) from the same disclosed sheet ([`Disclosed::stops`], [`Disclosed::map`]).
//!
//! A sheet says a code, a door, kits and how one gets in; never who lives there.

mod code;
mod frame;
pub mod gpx;
mod map;
mod page;
mod stop;
mod text;
mod words;

#[cfg(test)]
mod tests;

use crate::access::{
    Disclosed,
    sheet::{Sheet, Tongue},
};

/// The sheets of every run as one page of HTML to be printed on A4: totals first, then each run on pages of its own.
/// It loads nothing and runs nothing.
pub fn html(sheet: &Disclosed<Sheet>, tongue: Tongue) -> String {
    page::write(sheet, tongue)
}

/// The square code of a text (ISO/IEC 18004) as SVG, to be held before a telephone's camera. Empty for a text too long for any code.
pub fn square(text: &str) -> String {
    code::svg(text, "QR")
}

/// What the page may do (`Content-Security-Policy`): show itself.
pub const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'self'";
