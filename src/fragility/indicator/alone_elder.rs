//! Age of someone who lives alone.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::Situation,
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "alone_elder",
    dimension: Dimension::Relational,
    banks: &[BankKind::Anagrafe],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    match situation.members.as_slice() {
        [only] => only.age.map_or(Measure::Unknown, |age| Measure::Value(f64::from(age))),
        [] => Measure::Unknown,
        _ => Measure::Elsewhere,
    }
}
