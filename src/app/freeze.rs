//! What was assessed becomes the rows of a snapshot.

use super::error::Error;
use crate::{
    domain::{
        bank::BankKind,
        geo::LonLat,
        household::{Household, Kinship},
        period::days_of,
        person::{Person, Sex},
        record::Severity,
        score::{Dimension, Finding},
    },
    fragility::{
        Assessment, Fragile,
        entitlement::Standing as BenefitStanding,
        model::Dated,
        situation::{BenefitKind, Citizenship, Device, Gathered, Income, IncomeKind, Member, Situation, Tenure},
    },
    snapshot::{
        About, Attribute, Builder, HouseholdRow, PersonRow, Snapshot,
        schema::{self, Indicator, Schema, Sensitivity},
    },
};

/// Per cent from which an invalidity is recognised (a third: d.lgs. 509/1988, art. 3).
const INVALID_FROM: u8 = 34;

/// Attributes of a household, in the order of `schema::household_attributes`.
const OF_HOUSEHOLD: usize = 13;
/// Attributes of a person, in the order of `schema::person_attributes`.
const OF_PERSON: usize = 10;

/// Everyone, every household, and what is known of them.
pub(super) struct Town<'a> {
    pub(super) people: &'a [Person],
    pub(super) households: &'a [Household],
    pub(super) gathered: Gathered<'a>,
    pub(super) assessments: &'a [Assessment],
    /// Where each household lives.
    pub(super) homes: Vec<Option<LonLat>>,
}

/// The snapshot of a town: every household that has a place, with its people.
pub(super) fn freeze(model: &Dated<'_>, about: About, town: &Town<'_>) -> Result<Snapshot, Error> {
    let mut builder = Builder::new(about, schema_of(model)?);
    let mut findings = Vec::with_capacity(model.indicators.len());
    for assessment in town.assessments {
        let position = assessment.household.0 as usize;
        let household = &town.households[position];
        let Some(point) = town.homes[position] else {
            builder.leave_out(u16::try_from(household.members.len()).unwrap_or(u16::MAX));
            continue;
        };
        let Some(situation) = town.gathered.situation(position) else { continue };
        findings.clear();
        findings.extend(model.indicators.iter().map(|indicator| assessment.finding(indicator.position)));
        let values: Vec<[Attribute; OF_PERSON]> =
            situation.members.iter().map(|member| of_member(member, town.people, &situation)).collect();
        let members: Vec<PersonRow<'_>> = situation
            .members
            .iter()
            .zip(&values)
            .map(|(member, attributes)| PersonRow { person: member.person, attributes })
            .collect();
        let row = HouseholdRow {
            household: household.id,
            point,
            members: &members,
            fragility: assessment.score,
            dimensions: assessment.dimensions,
            fragile: fragile(assessment),
            uncovered: uncovered(assessment),
            findings: &findings,
            attributes: &of_household(&situation),
        };
        builder.place(&row).map_err(Error::internal)?;
    }
    builder.freeze().map_err(Error::internal)
}

fn schema_of(model: &Dated<'_>) -> Result<Schema, Error> {
    let indicators: Vec<Indicator> = model
        .indicators
        .iter()
        .map(|indicator| Indicator {
            key: indicator.spec.indicator.key.into(),
            dimension: indicator.spec.indicator.dimension,
            title: schema::Titles::new(&indicator.spec.title.it, &indicator.spec.title.en),
            description: schema::Titles::new(&indicator.spec.description.it, &indicator.spec.description.en),
            sensitivity: match indicator.spec.indicator.dimension {
                Dimension::Health => Sensitivity::Health,
                _ => Sensitivity::Personal,
            },
        })
        .collect();
    Schema::new(&indicators, &schema::household_attributes())
        .and_then(|schema| schema.with_people(&schema::person_attributes()))
        .map_err(Error::internal)
}

fn fragile(assessment: &Assessment) -> Finding {
    match assessment.standing {
        Fragile::Yes => Finding::Deprived,
        Fragile::No => Finding::Sound,
        Fragile::Unknown => Finding::Unknown,
    }
}

fn uncovered(assessment: &Assessment) -> Finding {
    if assessment.uncovered().next().is_some() {
        Finding::Deprived
    } else if assessment.benefits.iter().all(|standing| *standing == BenefitStanding::Unknown) {
        Finding::Unknown
    } else {
        Finding::Sound
    }
}

fn count(count: usize) -> Attribute {
    Attribute::Count(u16::try_from(count).unwrap_or(u16::MAX))
}

fn cents(amount: Option<i64>) -> Attribute {
    let fit = |amount: i64| amount.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
    amount.map_or(Attribute::Unknown, |amount| Attribute::Cents(fit(amount)))
}

/// What a bank says; unknown where it was not present.
fn by(bank: BankKind, situation: &Situation, said: impl FnOnce() -> Attribute) -> Attribute {
    if situation.banks.contains(bank) { said() } else { Attribute::Unknown }
}

/// Members, minors, over 75, ISEE, tenure, alone, home care, attendance allowance, invalid members, TARI arrears, age of the
/// oldest, income, benefits.
fn of_household(situation: &Situation) -> [Attribute; OF_HOUSEHOLD] {
    const PUBLIC_HOUSING: u8 = 2;
    let members = &situation.members;
    let aged = |said: &dyn Fn() -> usize| if situation.ages_known() { count(said()) } else { Attribute::Unknown };
    let oldest = || members.iter().filter_map(|member| member.age).max().unwrap_or_default();
    let paid = || members.iter().flat_map(|member| &member.benefits);
    [
        count(members.len()),
        aged(&|| situation.minors()),
        aged(&|| members.iter().filter(|member| member.aged(76..)).count()),
        cents(situation.isee.map(|isee| isee.ordinary)),
        match situation.tenure {
            Tenure::PublicHousing { .. } => Attribute::Category(PUBLIC_HOUSING),
            Tenure::Unknown => Attribute::Unknown,
        },
        Attribute::Flag(members.len() == 1),
        by(BankKind::ServiziSociali, situation, || Attribute::Flag(members.iter().any(|member| member.home_care))),
        by(BankKind::PrestazioniInps, situation, || {
            Attribute::Flag(members.iter().any(|member| member.receives(BenefitKind::Attendance)))
        }),
        by(BankKind::Invalidita, situation, || {
            count(members.iter().filter(|member| member.invalid_from(INVALID_FROM)).count())
        }),
        cents(situation.waste.map(|waste| waste.arrears)),
        aged(&|| oldest().into()),
        cents(situation.last_income()),
        by(BankKind::PrestazioniInps, situation, || {
            count(paid().filter(|benefit| benefit.kind != BenefitKind::Attendance).count())
        }),
    ]
}

/// Birth, sex, kinship, citizenship, income, its source, invalidity, attendance allowance, frailty, life support.
fn of_member(member: &Member, people: &[Person], situation: &Situation) -> [Attribute; OF_PERSON] {
    let place = |place: Option<u8>| place.map_or(Attribute::Unknown, Attribute::Category);
    let birth = people.get(member.person.0 as usize).and_then(|person| person.birth);
    let income = member.incomes.iter().max_by_key(|income| (income.year, income.amount));
    let last = || member.incomes.iter().filter(|other| income.is_some_and(|income| other.year == income.year));
    [
        birth.map_or(Attribute::Unknown, |birth| Attribute::Day(days_of(birth))),
        place(member.sex.map(|sex| u8::from(sex == Sex::M))),
        place(member.kinship.map(|kinship| match kinship {
            Kinship::Head => 0,
            Kinship::Spouse => 1,
            Kinship::Child => 2,
            Kinship::Parent => 3,
            Kinship::Other => 4,
        })),
        place(match member.citizenship {
            Citizenship::Italian => Some(0),
            Citizenship::European => Some(1),
            Citizenship::Foreign => Some(2),
            Citizenship::Unknown => None,
        }),
        cents(income.map(|_| last().map(|income| income.amount).sum())),
        place(income.map(source)),
        by(BankKind::Invalidita, situation, || {
            Attribute::Count(member.invalidity.map_or(0, |(percent, _)| percent.into()))
        }),
        by(BankKind::PrestazioniInps, situation, || Attribute::Flag(member.receives(BenefitKind::Attendance))),
        by(BankKind::FragiliAsl, situation, || {
            Attribute::Category(match member.frailty {
                None => 0,
                Some(Severity::Mild) => 1,
                Some(Severity::Moderate) => 2,
                Some(Severity::Severe) => 3,
            })
        }),
        by(BankKind::FragiliAsl, situation, || Attribute::Flag(member.device == Some(Device::LifeSupport))),
    ]
}

const fn source(income: &Income) -> u8 {
    match income.kind {
        IncomeKind::Employment => 0,
        IncomeKind::SelfEmployment => 1,
        IncomeKind::Pension => 2,
        IncomeKind::Other => 3,
    }
}
