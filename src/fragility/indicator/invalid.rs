//! The highest percentage of invalidity in the household.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "invalid",
    dimension: Dimension::Health,
    banks: &[BankKind::Invalidita],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    let percent = situation.members.iter().filter_map(|m| m.invalidity).map(|(percent, _)| percent).max();
    percent.map_or(Measure::Elsewhere, |percent| Measure::Value(f64::from(percent)))
}
