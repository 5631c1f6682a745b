//! Members whom the health service follows as severely frail.

use crate::{
    domain::{bank::BankKind, record::Severity, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "severe_frailty",
    dimension: Dimension::Health,
    banks: &[BankKind::FragiliAsl],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    Measure::count(situation.members.iter().filter(|m| m.frailty == Some(Severity::Severe)).count())
}
