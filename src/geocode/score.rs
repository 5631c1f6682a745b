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
    /// Words of the query that weigh.
    pub(super) words: u8,
    /// Faults of name and DUG.
    pub(super) faults: Faults,
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
pub const ACCEPT: f32 = 0.96;
/// Least score that is worth a reviewer's look.
pub const REVIEW: f32 = 0.25;

/// Score of an exact key with its DUG: measured, not modelled.
pub(super) const EXACT: f32 = 0.999;
/// Score of an alias, an old name or another language.
pub(super) const ALIAS: f32 = 0.995;
/// Most that a single word two edits away may reach.
pub(super) const NEVER_ALONE: f32 = 0.9;

/// How many inputs the model has.
pub(super) const INPUTS: usize = 18;

/// What the logistic model weighs.
pub(super) fn inputs(f: &Features) -> [f32; INPUTS] {
    let flag = |is: bool| f32::from(u8::from(is));
    let has = |faults: Faults| flag(f.faults.has(faults));
    let typo = f.faults.has(Faults::TYPO.with(Faults::TYPOS));
    [
        1.0,
        f.penalty,
        f.margin.min(1.0),
        f.margin.min(0.3),
        f.found.min(10.0),
        flag(f.civic == CivicEvidence::Found),
        flag(f.civic == CivicEvidence::Missing),
        flag(typo),
        flag(typo && f.words <= 1),
        has(Faults::WORD_MISSING.with(Faults::WORD_EXTRA)),
        has(Faults::DUG_OTHER),
        has(Faults::DUG_NEAR),
        has(Faults::FIRST_NAME),
        has(Faults::FIRST_NAME_EXTRA),
        flag(typo && f.faults.has(Faults::FIRST_NAME.with(Faults::FIRST_NAME_EXTRA).with(Faults::TITLE).with(Faults::SAINT))),
        has(Faults::OTHER_WORD),
        has(Faults::TYPOS),
        has(Faults::ORDER),
    ]
}

/// Weights of [`inputs`], fitted by `measure::calibrate` on registers of 70 other comuni with invented numbers, seeded
/// noise and one query in eight for a street that is not there; rerun it when a cost changes.
const WEIGHTS: [f32; INPUTS] = [-0.937, -1.738, 2.229, 10.568, 0.267, 0.878, -1.788, -0.131, -1.043, -3.304, -1.102, -2.247, 1.595, -6.794, -3.716, -2.926, -0.456, -0.316];

/// P(right) of a candidate.
pub(super) fn probability(f: &Features) -> f32 {
    let z: f32 = WEIGHTS.iter().zip(inputs(f)).map(|(w, x)| w * x).sum();
    1.0 / (1.0 + (-z).exp())
}

/// The zone of a score.
pub(super) fn zone(score: f32, faults: Faults) -> PlaceStatus {
    if score >= ACCEPT && !faults.has(Faults::CIVIC_ELSEWHERE.with(Faults::FIRST_NAME_CONFLICT).with(Faults::NUMERAL)) {
        PlaceStatus::Accept
    } else if score >= REVIEW {
        PlaceStatus::Review
    } else {
        PlaceStatus::Reject
    }
}
