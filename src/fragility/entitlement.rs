//! Benefits due against benefits received, by dated thresholds: the uncovered need.
//!
//! A rule never says "due" on what it does not know: where a bank that it needs is missing, the answer is unknown.
//! What is found here is a hint for a person who then checks, never a decision.

use crate::{
    domain::bank::BankKind,
    fragility::{
        isee,
        model::parameters::{Adi, Parameters},
        situation::{BenefitKind, Member, Situation},
    },
};

/// The benefits that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Benefit {
    /// Assegno di inclusione.
    Adi,
    /// Assegno unico e universale.
    Auu,
    /// Indennità di accompagnamento.
    Attendance,
    /// Bonus sociale for power, gas and water.
    BonusSociale,
}

impl Benefit {
    /// In the order of [`judge`].
    pub const ALL: [Self; 4] = [Self::Adi, Self::Auu, Self::Attendance, Self::BonusSociale];

    /// The key used in exports.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Adi => "adi",
            Self::Auu => "auu",
            Self::Attendance => "accompagnamento",
            Self::BonusSociale => "bonus_sociale",
        }
    }
}

/// How a household stands to a benefit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// By the rules of the day it is not due.
    NotDue,
    /// It is received (whether due or not).
    Received,
    /// Due and not received.
    Uncovered,
    /// Due; no bank says whether it is received.
    Unverified,
    /// What the rule asks for is not known.
    Unknown,
}

/// How the household stands to each benefit, in the order of [`Benefit::ALL`].
pub fn judge(parameters: &Parameters, situation: &Situation) -> [Standing; 4] {
    [
        judge_adi(parameters, situation),
        judge_auu(parameters, situation),
        judge_attendance(parameters, situation),
        judge_bonus_sociale(parameters, situation),
    ]
}

const PAID: BankKind = BankKind::PrestazioniInps;

fn receives(situation: &Situation, kind: BenefitKind) -> bool {
    situation.members.iter().any(|m| m.receives(kind))
}

fn judge_adi(parameters: &Parameters, situation: &Situation) -> Standing {
    let Some(adi) = parameters.adi.at(situation.as_of) else { return Standing::NotDue };
    if !situation.banks.contain_all(&[PAID, BankKind::Anagrafe]) || !situation.ages_known() {
        return Standing::Unknown;
    }
    if receives(situation, BenefitKind::Adi) {
        return Standing::Received;
    }
    if !opens_adi(adi, situation) {
        return Standing::NotDue;
    }
    let Some(statement) = situation.isee else { return Standing::Unknown };
    let euro = |cents: i64| cents as f64 / 100.0;
    if euro(statement.for_inclusion()) > adi.isee_max {
        return Standing::NotDue;
    }
    let income =
        if situation.banks.contains(BankKind::Redditi) { situation.last_income().unwrap_or(0) } else { statement.isr };
    let old = situation.members.iter().all(|m| m.aged(adi.old_age..));
    let limit = if old { adi.income_old_max } else { adi.income_max };
    let due = euro(income) < limit * isee::adi_scale(adi, &situation.members);
    if due { Standing::Uncovered } else { Standing::NotDue }
}

/// Whether the household has a member who opens the right, and has lived here long enough. Who came later may have lived
/// elsewhere in Italy, which the registry of one comune does not say: such a household is left out.
fn opens_adi(adi: &Adi, situation: &Situation) -> bool {
    let opens = |m: &Member| m.aged(..18) || m.aged(adi.senior_age..) || m.invalid_from(isee::DISABILITY_PERCENT);
    situation.members.iter().any(opens) && situation.years_resident().is_none_or(|years| years >= adi.residence_years)
}

fn judge_auu(parameters: &Parameters, situation: &Situation) -> Standing {
    let Some(auu) = parameters.auu.at(situation.as_of) else { return Standing::NotDue };
    if !situation.banks.contain_all(&[PAID, BankKind::Anagrafe]) {
        return Standing::Unknown;
    }
    let children = situation.members.iter().filter(|m| m.aged(..auu.age_below)).count();
    if children == 0 {
        return if situation.ages_known() { Standing::NotDue } else { Standing::Unknown };
    }
    if receives(situation, BenefitKind::Auu) { Standing::Received } else { Standing::Uncovered }
}

fn judge_attendance(parameters: &Parameters, situation: &Situation) -> Standing {
    if parameters.attendance.at(situation.as_of).is_none() {
        return Standing::NotDue;
    }
    if !situation.banks.contain_all(&[PAID, BankKind::Invalidita]) {
        return Standing::Unknown;
    }
    let granted = |m: &&Member| m.invalidity.is_some_and(|(_, support)| support.attendance);
    if situation.members.iter().filter(granted).any(|m| !m.receives(BenefitKind::Attendance)) {
        return Standing::Uncovered;
    }
    if receives(situation, BenefitKind::Attendance) { Standing::Received } else { Standing::NotDue }
}

fn judge_bonus_sociale(parameters: &Parameters, situation: &Situation) -> Standing {
    let Some(bonus) = parameters.bonus_sociale.at(situation.as_of) else { return Standing::NotDue };
    if !situation.banks.contain_all(&[BankKind::IseeAttestazioni, BankKind::IseeComponenti]) {
        return Standing::Unknown;
    }
    let Some(statement) = situation.isee else { return Standing::Unknown };
    let large = situation.minors() >= usize::from(bonus.large_children);
    let limit = if large { bonus.isee_max_large } else { bonus.isee_max };
    if statement.ordinary as f64 / 100.0 <= limit { Standing::Unverified } else { Standing::NotDue }
}
