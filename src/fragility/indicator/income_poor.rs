//! Equivalent income of the last tax year below the cut-off, in euro (modified OECD scale).

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        poverty,
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "income_poor",
    dimension: Dimension::Economic,
    banks: &[BankKind::Anagrafe, BankKind::Redditi],
    direction: Direction::Below,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    if !situation.ages_known() {
        return Measure::Unknown;
    }
    let ages = situation.members.iter().filter_map(|m| m.age);
    let income = situation.last_income().unwrap_or(0) as f64 / 100.0;
    Measure::Value(income / poverty::oecd_scale(ages))
}
