//! Years since the household came to its home.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "recent_move",
    dimension: Dimension::Housing,
    banks: &[BankKind::Anagrafe],
    direction: Direction::Below,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    situation.years_resident().map_or(Measure::Unknown, |years| Measure::Value(f64::from(years)))
}
