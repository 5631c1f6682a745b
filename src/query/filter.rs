//! Filters: CQL2 that was understood, checked against the fields of a collection, and typed.
//!
//! Truth is three-valued as in SQL. Numbers are compared as 64-bit fractions (whole numbers beyond 2^53 lose their last
//! digits); texts by code points; a day against a moment by days in UTC; in periods a day lasts from its first
//! nanosecond to its last, unless both periods are of days, which are then compared as such. What divides by zero or
//! overflows is unknown. Coordinates are degrees, longitude first, unless the vocabulary says otherwise.

use std::hash::{Hash, Hasher};

use super::{collection::Collection, cql};
use crate::{ingest::crs::Crs, snapshot::schema::Sensitivity};

mod check;
mod function;
pub mod gate;
pub mod node;
pub mod pattern;
pub mod predicate;
pub mod shape;
mod when;

pub use self::predicate::Predicate;

/// The functions and operators that a filter may call, in the order in which a client may show them.
pub const FUNCTIONS: [&str; 31] = [
    "casei",
    "accenti",
    "age_at",
    "within_metres",
    "s_intersects",
    "s_equals",
    "s_disjoint",
    "s_touches",
    "s_within",
    "s_overlaps",
    "s_crosses",
    "s_contains",
    "t_after",
    "t_before",
    "t_contains",
    "t_disjoint",
    "t_during",
    "t_equals",
    "t_finishedby",
    "t_finishes",
    "t_intersects",
    "t_meets",
    "t_metby",
    "t_overlappedby",
    "t_overlaps",
    "t_startedby",
    "t_starts",
    "a_equals",
    "a_contains",
    "a_containedby",
    "a_overlaps",
];

/// In which of its two forms a filter is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// `cql2-text`
    #[default]
    Text,
    /// `cql2-json`
    Json,
}

impl Lang {
    /// Its name in `filter-lang`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "cql2-text",
            Self::Json => "cql2-json",
        }
    }

    /// By its name in `filter-lang`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "cql2-text" => Some(Self::Text),
            "cql2-json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// A filter was not understood, or asks for what is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct FilterError {
    /// The character of the filter at which it went wrong, from 0, where that is known.
    pub position: Option<usize>,
    /// Why.
    pub reason: String,
}

/// What a filter may name: the fields of a collection up to a sensitivity.
#[derive(Clone, Copy)]
pub struct Vocabulary<'c> {
    collection: &'c dyn Collection,
    up_to: Sensitivity,
    crs: Option<Crs>,
}

impl<'c> Vocabulary<'c> {
    /// The fields of a collection that are no more sensitive than this.
    pub fn new(collection: &'c dyn Collection, up_to: Sensitivity) -> Self {
        Self { collection, up_to, crs: None }
    }

    /// The same where shapes are written in that system (`filter-crs`), in its authority's axis order.
    pub fn crs(self, crs: Crs) -> Self {
        Self { crs: Some(crs), ..self }
    }
}

/// A filter that was understood. Fields are places in the collection for which it was read.
#[derive(Clone, Debug)]
pub struct Filter {
    predicate: Predicate,
    key: [u8; 16],
}

impl Filter {
    /// Passes every row.
    pub fn everything() -> Self {
        Self::of(Predicate::Constant(Some(true)))
    }

    /// What says this.
    pub(crate) fn of(predicate: Predicate) -> Self {
        let hash = blake3::hash(format!("{predicate:?}").as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&hash.as_bytes()[..16]);
        Self { predicate, key }
    }

    /// The same for filters that say the same in other blanks, brackets, cases or languages.
    pub const fn key(&self) -> [u8; 16] {
        self.key
    }

    /// What it says.
    pub const fn predicate(&self) -> &Predicate {
        &self.predicate
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Filter {}

impl Hash for Filter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// Reads a filter for a collection.
///
/// Errors: not CQL2, too large or too deep, an unknown or closed property, an unknown function, values of kinds that
/// do not fit, a shape that is not sound; with the character where it was found.
pub fn parse(text: &str, lang: Lang, vocabulary: &Vocabulary<'_>) -> Result<Filter, FilterError> {
    let tokens = match lang {
        Lang::Text => gate::scan_text(text)?,
        Lang::Json => gate::scan_json(text)?,
    };
    let node = cql::read(text, lang, &tokens)?;
    let predicate = check::Checker::new(text, lang, &tokens, vocabulary).filter(node)?;
    Ok(Filter::of(predicate))
}

#[cfg(test)]
mod tests;
