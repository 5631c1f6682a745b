//! Waste tax unpaid, in euro.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "waste_arrears",
    dimension: Dimension::Economic,
    banks: &[BankKind::Tari],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    Measure::euro(situation.waste.map(|waste| waste.arrears))
}
