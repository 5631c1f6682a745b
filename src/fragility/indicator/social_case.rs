//! Cases of the social services that are open.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "social_case",
    dimension: Dimension::Relational,
    banks: &[BankKind::ServiziSociali],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    Measure::count(situation.members.iter().map(|m| m.cases.len()).sum())
}
