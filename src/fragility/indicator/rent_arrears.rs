//! Months of rent unpaid in public housing.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::{Situation, Tenure},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "rent_arrears",
    dimension: Dimension::Housing,
    banks: &[BankKind::Erp],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    match situation.tenure {
        Tenure::PublicHousing { arrears_months } => Measure::Value(f64::from(arrears_months)),
        Tenure::Unknown => Measure::Elsewhere,
    }
}
