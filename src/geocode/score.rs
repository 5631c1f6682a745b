//! Penalties → probability that the answer is right, and the three zones.

use super::fault::Faults;
use crate::domain::place::PlaceStatus;

/// What the probability is computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Features {
    /// Cost of the faults of name and DUG.
    pub(super) penalty: f32,
    /// Total cost of the second candidate less that of the first, at most 2.
    pub(super) margin: f32,
    /// Rarity of the words found.
    pub(super) found: f32,
    /// What the number says.
    pub(super) civic: CivicEvidence,
}

/// What the number says of the street.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum CivicEvidence {
    /// No number is written.
    #[default]
    None,
    /// The door is there.
    Found,
    /// The number is there with another exponent.
    OtherExponent,
    /// It is not there.
    Missing,
}

/// Least score that is accepted.
pub const ACCEPT: f32 = 0.95;
/// Least score that is worth a reviewer's look.
pub const REVIEW: f32 = 0.25;

/// Score of an exact key with its DUG: measured, not modelled.
pub(super) const EXACT: f32 = 0.999;
/// Score of an alias, an old name or another language.
pub(super) const ALIAS: f32 = 0.995;
/// Most that a single word two edits away may reach.
pub(super) const NEVER_ALONE: f32 = 0.9;

/// P(right) of a candidate.
pub(super) fn probability(f: Features) -> f32 {
    let civic = match f.civic {
        CivicEvidence::Found => 1.0,
        CivicEvidence::None => 0.0,
        CivicEvidence::OtherExponent => -0.2,
        CivicEvidence::Missing => -1.2,
    };
    let z = 3.6 - 3.6 * f.penalty + 2.0 * f.margin.min(2.0) + 0.25 * f.found.min(8.0) + civic;
    1.0 / (1.0 + (-z).exp())
}

/// The zone of a score.
pub(super) fn zone(score: f32, faults: Faults) -> PlaceStatus {
    if score >= ACCEPT && !faults.has(Faults::CIVIC_ELSEWHERE.with(Faults::FIRST_NAME_CONFLICT)) {
        PlaceStatus::Accept
    } else if score >= REVIEW {
        PlaceStatus::Review
    } else {
        PlaceStatus::Reject
    }
}
