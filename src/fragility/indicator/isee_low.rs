//! ISEE in force at or below the cut-off, in euro.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "isee_low",
    dimension: Dimension::Economic,
    banks: &[BankKind::IseeAttestazioni, BankKind::IseeComponenti],
    direction: Direction::AtMost,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    Measure::euro(situation.isee.map(|isee| isee.ordinary))
}
