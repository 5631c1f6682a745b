//! Minors who live with one adult only.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "lone_parent",
    dimension: Dimension::Relational,
    banks: &[BankKind::Anagrafe],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    if !situation.ages_known() {
        return Measure::Unknown;
    }
    let minors = situation.minors();
    if situation.members.len() == minors + 1 { Measure::count(minors) } else { Measure::Elsewhere }
}
