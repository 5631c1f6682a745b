//! Members with Italian citizenship: none is deprivation.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::{Citizenship, Situation},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "foreign",
    dimension: Dimension::Integration,
    banks: &[BankKind::Anagrafe],
    direction: Direction::Below,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    if situation.members.iter().all(|m| m.citizenship == Citizenship::Unknown) {
        return Measure::Unknown;
    }
    Measure::count(situation.members.iter().filter(|m| m.citizenship == Citizenship::Italian).count())
}
