//! Members who receive the unemployment benefit.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::{BenefitKind, Situation},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "unemployed",
    dimension: Dimension::Integration,
    banks: &[BankKind::PrestazioniInps],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    Measure::count(situation.members.iter().filter(|m| m.receives(BenefitKind::Naspi)).count())
}
