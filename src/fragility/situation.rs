//! What the banks together say of one household on one day.
//!
//! [`gather`] sorts the facts by household once (a counting sort, 16 bytes a fact); a [`Situation`] is then
//! built when it is asked for, so a million people never stand in memory as situations.

mod gather;

use jiff::civil::Date;

use crate::domain::{
    bank::BankKind,
    household::{HouseholdId, Kinship},
    period::age_at,
    person::{PersonId, Sex},
    record::{Severity, Support},
};

pub use gather::{Gathered, JoinedFact, gather};

/// A set of banks: which exports were present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Banks(u16);

impl Banks {
    /// Every bank.
    pub const ALL: Self = Self((1 << BankKind::ALL.len()) - 1);

    /// Whether the bank was present.
    pub const fn contains(self, bank: BankKind) -> bool {
        self.0 & (1 << bank as u16) != 0
    }

    /// Whether all of them were present.
    pub fn contain_all(self, banks: &[BankKind]) -> bool {
        banks.iter().all(|bank| self.contains(*bank))
    }

    /// The same set without a bank.
    pub const fn without(self, bank: BankKind) -> Self {
        Self(self.0 & !(1 << bank as u16))
    }
}

impl FromIterator<BankKind> for Banks {
    fn from_iter<I: IntoIterator<Item = BankKind>>(banks: I) -> Self {
        Self(banks.into_iter().fold(0, |set, bank| set | 1 << bank as u16))
    }
}

/// A benefit by what it is for; the codes are those of the INPS export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BenefitKind {
    /// ADI, assegno di inclusione (d.l. 48/2023).
    Adi,
    /// SFL, supporto formazione e lavoro (d.l. 48/2023).
    Sfl,
    /// AUU, assegno unico e universale (d.lgs. 230/2021).
    Auu,
    /// IND.ACC, indennità di accompagnamento (l. 18/1980).
    Attendance,
    /// PENS, pension of any kind.
    Pension,
    /// NASPI, unemployment (d.lgs. 22/2015).
    Naspi,
    /// Anything else.
    Other,
}

/// A benefit that runs on the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Benefit {
    /// Which.
    pub kind: BenefitKind,
    /// Euro cents a month.
    pub monthly: i64,
}

/// Where most of an income comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncomeKind {
    /// DIPENDENTE.
    Employment,
    /// AUTONOMO.
    SelfEmployment,
    /// PENSIONE.
    Pension,
    /// Anything else.
    Other,
}

/// Income of a tax year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Income {
    /// Tax year.
    pub year: i16,
    /// Euro cents.
    pub amount: i64,
    /// Where most of it comes from.
    pub kind: IncomeKind,
}

/// A device at home, by what happens when the power fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// Keeps someone alive (DM Salute 13-1-2011, annex A): ventilator, oxygen, dialysis, pump.
    LifeSupport,
    /// Helps, but not for life: a bed.
    Aid,
}

/// Citizenship, as far as fragility asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Citizenship {
    /// Italian.
    Italian,
    /// Of another State of the European Union.
    European,
    /// Of a State outside the European Union, or of none.
    Foreign,
    /// The registry is missing or silent.
    Unknown,
}

/// User area of the ISTAT survey on the comuni's social services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserArea {
    /// POV.
    Poverty,
    /// FAM.
    Family,
    /// DIS.
    Disability,
    /// ELD.
    Elderly,
    /// ADD.
    Addiction,
    /// IMMNOM.
    Migration,
    /// MULBEN, or anything else.
    Mixed,
}

/// A member of the household and what the banks say of this person.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Full years on the day.
    pub age: Option<u8>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Place in the family.
    pub kinship: Option<Kinship>,
    /// Citizenship.
    pub citizenship: Citizenship,
    /// Resident since.
    pub since: Option<Date>,
    /// Incomes, any year.
    pub incomes: Vec<Income>,
    /// Benefits that run on the day.
    pub benefits: Vec<Benefit>,
    /// The gravest invalidity report up to the day: percentage and what it grants.
    pub invalidity: Option<(u8, Support)>,
    /// The gravest degree of frailty.
    pub frailty: Option<Severity>,
    /// Device at home.
    pub device: Option<Device>,
    /// Social services' cases open on the day.
    pub cases: Vec<UserArea>,
    /// Whether one of those cases is care at home.
    pub home_care: bool,
}

impl Member {
    /// Whether the age is known and within the range.
    pub fn aged(&self, range: impl std::ops::RangeBounds<u8>) -> bool {
        self.age.is_some_and(|age| range.contains(&age))
    }

    /// Whether a benefit of the kind runs.
    pub fn receives(&self, kind: BenefitKind) -> bool {
        self.benefits.iter().any(|benefit| benefit.kind == kind)
    }

    /// Whether a report says invalid at least so many per cent.
    pub fn invalid_from(&self, percent: u8) -> bool {
        self.invalidity.is_some_and(|(p, _)| p >= percent)
    }
}

/// The ISEE statement in force for the household. Amounts in euro cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isee {
    /// ISEE for ordinary benefits.
    pub ordinary: i64,
    /// ISEE for ADI, SFL, AUU and the bonuses (from 2026).
    pub inclusion: Option<i64>,
    /// ISR: the income part.
    pub isr: i64,
    /// How many members of the household the nucleus covers.
    pub covered: u16,
}

impl Isee {
    /// The ISEE that counts for ADI, SFL and AUU: the one of 2026 where the statement has it.
    pub fn for_inclusion(&self) -> i64 {
        self.inclusion.unwrap_or(self.ordinary)
    }
}

/// The waste-tax position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waste {
    /// Square metres of the largest home.
    pub area_m2: u32,
    /// Declared occupants of it.
    pub occupants: u16,
    /// Unpaid, euro cents, all positions.
    pub arrears: i64,
}

/// By what right the home is held, as far as the banks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenure {
    /// Public housing, with the months of rent unpaid.
    PublicHousing {
        /// Months unpaid.
        arrears_months: u16,
    },
    /// No bank says.
    Unknown,
}

/// What the banks say of a household on a day.
#[derive(Clone, Debug)]
pub struct Situation {
    /// Which.
    pub household: HouseholdId,
    /// The day.
    pub as_of: Date,
    /// Which banks were present.
    pub banks: Banks,
    /// Members, the head first.
    pub members: Vec<Member>,
    /// ISEE in force.
    pub isee: Option<Isee>,
    /// Waste tax.
    pub waste: Option<Waste>,
    /// Tenure.
    pub tenure: Tenure,
}

impl Situation {
    /// Income of the household in the last tax year that any member shows, euro cents; none where no member has an income row.
    pub fn last_income(&self) -> Option<i64> {
        let incomes = || self.members.iter().flat_map(|m| &m.incomes);
        let year = incomes().map(|income| income.year).max()?;
        Some(incomes().filter(|income| income.year == year).map(|income| income.amount).sum())
    }

    /// Whether nobody of working age (18–59) earned from work in the last two tax years before the day; none where
    /// nobody is of that age.
    pub fn jobless(&self) -> Option<bool> {
        let last = self.as_of.year() - 2;
        let mut workers = self.members.iter().filter(|m| m.aged(18..60)).peekable();
        workers.peek()?;
        Some(!workers.any(|m| {
            m.incomes.iter().any(|i| {
                i.year >= last && i.amount > 0 && matches!(i.kind, IncomeKind::Employment | IncomeKind::SelfEmployment)
            })
        }))
    }

    /// Members younger than 18.
    pub fn minors(&self) -> usize {
        self.members.iter().filter(|m| m.aged(..18)).count()
    }

    /// Full years since the first of the members came to live here.
    pub fn years_resident(&self) -> Option<u8> {
        self.members.iter().filter_map(|m| m.since).min().map(|since| age_at(since, self.as_of))
    }

    /// Whether every age is known: without it, who lives with whom cannot be judged.
    pub fn ages_known(&self) -> bool {
        !self.members.is_empty() && self.members.iter().all(|m| m.age.is_some())
    }
}
