//! Square metres of the home for each member.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "overcrowded",
    dimension: Dimension::Housing,
    banks: &[BankKind::Anagrafe, BankKind::Tari],
    direction: Direction::Below,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    match (situation.waste, situation.members.len()) {
        (Some(waste), people @ 1..) if waste.area_m2 > 0 => Measure::Value(f64::from(waste.area_m2) / people as f64),
        _ => Measure::Unknown,
    }
}
