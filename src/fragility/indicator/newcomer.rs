//! Years of residence of a household without Italian citizens.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::{Citizenship, Situation},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "newcomer",
    dimension: Dimension::Integration,
    banks: &[BankKind::Anagrafe],
    direction: Direction::Below,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    if situation.members.iter().any(|m| m.citizenship == Citizenship::Italian) {
        return Measure::Elsewhere;
    }
    situation.years_resident().map_or(Measure::Unknown, |years| Measure::Value(f64::from(years)))
}
