//! Age of the youngest where several live together and nobody younger is there to care.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "elder_couple",
    dimension: Dimension::Relational,
    banks: &[BankKind::Anagrafe],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    match situation.members.len() {
        0 => Measure::Unknown,
        1 => Measure::Elsewhere,
        _ if !situation.ages_known() => Measure::Unknown,
        _ => {
            let youngest = situation.members.iter().filter_map(|m| m.age).min();
            youngest.map_or(Measure::Unknown, |age| Measure::Value(f64::from(age)))
        }
    }
}
