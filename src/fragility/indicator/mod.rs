//! The indicators: one file each. An indicator measures a situation; the model file says from which value on the
//! household is deprived, and how much that weighs.
//!
//! A new indicator is a new file here, a line in [`ALL`], and its table in the model file.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::situation::Situation,
};

mod alone_elder;
mod attendance;
mod child_jobless;
mod elder_couple;
mod foreign;
mod income_poor;
mod invalid;
mod isee_low;
mod life_support;
mod lone_parent;
mod low_work;
mod newcomer;
mod no_income;
mod overcrowded;
mod public_housing;
mod recent_move;
mod rent_arrears;
mod severe_frailty;
mod social_case;
mod unemployed;
mod very_old;
mod waste_arrears;

/// Every indicator, by dimension.
pub const ALL: &[&Indicator] = &[
    &isee_low::INDICATOR,
    &income_poor::INDICATOR,
    &no_income::INDICATOR,
    &low_work::INDICATOR,
    &waste_arrears::INDICATOR,
    &attendance::INDICATOR,
    &invalid::INDICATOR,
    &life_support::INDICATOR,
    &severe_frailty::INDICATOR,
    &very_old::INDICATOR,
    &alone_elder::INDICATOR,
    &elder_couple::INDICATOR,
    &lone_parent::INDICATOR,
    &social_case::INDICATOR,
    &foreign::INDICATOR,
    &newcomer::INDICATOR,
    &unemployed::INDICATOR,
    &child_jobless::INDICATOR,
    &overcrowded::INDICATOR,
    &public_housing::INDICATOR,
    &rent_arrears::INDICATOR,
    &recent_move::INDICATOR,
];

/// How one indicator is read off a situation.
#[derive(Debug)]
pub struct Indicator {
    /// Its key in the model file and in properties.
    pub key: &'static str,
    /// The dimension it belongs to.
    pub dimension: Dimension,
    /// The banks without any of which nothing can be said.
    pub banks: &'static [BankKind],
    /// Which side of the cut-off is deprivation.
    pub direction: Direction,
    /// Reads the value off a situation whose banks are all present.
    pub measure: fn(&Situation) -> Measure,
}

/// Which side of the cut-off is deprivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The cut-off and above.
    AtLeast,
    /// The cut-off and below.
    AtMost,
    /// Below the cut-off.
    Below,
}

impl Direction {
    /// Whether a value is deprivation.
    pub fn deprived(self, value: f64, cutoff: f64) -> bool {
        match self {
            Self::AtLeast => value >= cutoff,
            Self::AtMost => value <= cutoff,
            Self::Below => value < cutoff,
        }
    }
}

/// What an indicator reads, in the unit of its cut-off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// A number.
    Value(f64),
    /// The indicator does not concern such a household: not deprived.
    Elsewhere,
    /// The source is silent.
    Unknown,
}

impl Measure {
    /// Euro from cents; silence where absent.
    pub(super) fn euro(cents: Option<i64>) -> Self {
        cents.map_or(Self::Unknown, |cents| Self::Value(cents as f64 / 100.0))
    }

    /// A count of people.
    pub(super) fn count(people: usize) -> Self {
        Self::Value(people as f64)
    }
}

/// The indicator of a key.
pub fn find(key: &str) -> Option<&'static Indicator> {
    ALL.iter().copied().find(|indicator| indicator.key == key)
}
