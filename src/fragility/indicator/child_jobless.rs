//! Children of school age (6–17) in a household where nobody of working age works.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "child_jobless",
    dimension: Dimension::Integration,
    banks: &[BankKind::Anagrafe, BankKind::Redditi],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    if !situation.ages_known() {
        return Measure::Unknown;
    }
    match situation.jobless() {
        Some(true) => Measure::count(situation.members.iter().filter(|m| m.aged(6..18)).count()),
        _ => Measure::Elsewhere,
    }
}
