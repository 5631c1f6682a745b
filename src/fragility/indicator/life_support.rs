//! Members who depend on an electric life-support device at home.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::{Device, Situation},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "life_support",
    dimension: Dimension::Health,
    banks: &[BankKind::FragiliAsl],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    Measure::count(situation.members.iter().filter(|m| m.device == Some(Device::LifeSupport)).count())
}
