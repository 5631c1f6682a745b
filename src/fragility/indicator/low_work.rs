//! Work intensity: share of the members of working age (18–59) who earned from work in the last two tax years.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::{IncomeKind, Situation},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "low_work",
    dimension: Dimension::Economic,
    banks: &[BankKind::Anagrafe, BankKind::Redditi],
    direction: Direction::Below,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    if !situation.ages_known() {
        return Measure::Unknown;
    }
    let last = situation.as_of.year() - 2;
    let (mut of_age, mut working) = (0_u32, 0_u32);
    for member in situation.members.iter().filter(|m| m.aged(18..60)) {
        of_age += 1;
        let works = |kind| matches!(kind, IncomeKind::Employment | IncomeKind::SelfEmployment);
        working += u32::from(member.incomes.iter().any(|i| i.year >= last && i.amount > 0 && works(i.kind)));
    }
    if of_age == 0 { Measure::Elsewhere } else { Measure::Value(f64::from(working) / f64::from(of_age)) }
}
