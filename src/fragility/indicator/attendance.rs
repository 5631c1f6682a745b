//! Members to whom the attendance allowance or L. 104 art. 3 c. 3 was granted.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::{Member, Situation},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "attendance",
    dimension: Dimension::Health,
    banks: &[BankKind::Invalidita],
    direction: Direction::AtLeast,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    let granted = |m: &&Member| m.invalidity.is_some_and(|(_, support)| support.attendance || support.severe);
    Measure::count(situation.members.iter().filter(granted).count())
}
