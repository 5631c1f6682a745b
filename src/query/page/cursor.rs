//! Where a page ended, in a form that clients hand back unread.

use std::{fmt, str::FromStr};

use super::{Order, Question};
use crate::query::collection::Collection;

/// Where the next page begins. Its text is opaque: hexadecimal digits that hold for one generation, question and order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    mark: u64,
    position: u32,
}

/// Not a cursor of this question.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a cursor of this question, or the data has changed: start again")]
pub struct InvalidCursor;

impl Cursor {
    pub(super) const fn new(mark: u64, position: u32) -> Self {
        Self { mark, position }
    }

    pub(super) fn position(&self, mark: u64) -> Result<u32, InvalidCursor> {
        if self.mark == mark { Ok(self.position) } else { Err(InvalidCursor) }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:x}", self.mark, self.position)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !(17..=24).contains(&text.len()) || !hex(text) {
            return Err(InvalidCursor);
        }
        let mark = u64::from_str_radix(&text[..16], 16).map_err(|_| InvalidCursor)?;
        let position = u32::from_str_radix(&text[16..], 16).map_err(|_| InvalidCursor)?;
        Ok(Self { mark, position })
    }
}

/// What a cursor is bound to.
pub(super) fn mark(collection: &dyn Collection, question: &Question<'_>, order: &Order) -> u64 {
    let bits = |b: crate::domain::geo::BBox| [b.west, b.south, b.east, b.north].map(f64::to_bits);
    let narrowing = format!("{:?} {:?}", question.bbox.map(bits), question.datetime);
    mark_of(&[collection.name(), collection.generation(), question.words, order.words(), &narrowing])
}

/// A number for some words.
pub(super) fn mark_of(words: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for text in words {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    }
    let digest = hasher.finalize();
    digest.as_bytes()[..8].iter().fold(0, |mark, &byte| mark << 8 | u64::from(byte))
}
