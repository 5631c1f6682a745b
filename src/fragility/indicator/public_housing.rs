//! Whether the home is public housing (1) or not (0).

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::{Situation, Tenure},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "public_housing",
    dimension: Dimension::Housing,
    banks: &[BankKind::Erp],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    Measure::count(usize::from(matches!(situation.tenure, Tenure::PublicHousing { .. })))
}
