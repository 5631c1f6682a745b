//! Age of the oldest member.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "very_old",
    dimension: Dimension::Health,
    banks: &[BankKind::Anagrafe],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    if !situation.ages_known() {
        return Measure::Unknown;
    }
    situation.members.iter().filter_map(|m| m.age).max().map_or(Measure::Unknown, |age| Measure::Value(f64::from(age)))
}
