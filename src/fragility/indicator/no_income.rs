//! No income of the last tax years and no pension or allowance that runs: value is the number of sources.

use crate::{
    domain::{bank::BankKind, score::Dimension},
    fragility::{
        indicator::{Direction, Indicator, Measure},
        situation::{BenefitKind, Situation},
    },
};

pub(super) const INDICATOR: Indicator = Indicator {
    key: "no_income",
    dimension: Dimension::Economic,
    banks: &[BankKind::Redditi, BankKind::PrestazioniInps],
    direction: Direction::Below,
    measure,
};

fn measure(situation: &Situation) -> Measure {
    let earns = |amount: i64| amount > 0;
    let sources = situation.members.iter().map(|m| {
        let incomes = m.incomes.iter().filter(|i| earns(i.amount)).count();
        incomes + m.benefits.iter().filter(|b| b.kind != BenefitKind::Auu && earns(b.monthly)).count()
    });
    Measure::count(sources.sum())
}
