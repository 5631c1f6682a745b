//! Facts sorted by household, and the situation of one household read off them.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{
    Banks, Benefit, BenefitKind, Citizenship, Device, Income, IncomeKind, Isee, Member, Situation, Tenure, UserArea,
    Waste,
};
use crate::domain::{
    fold::fold,
    household::{Household, HouseholdId},
    period::{Period, age_at},
    person::{Person, PersonId},
    record::{Fact, Support},
};

/// One fact and whom it was joined to; the bank is told by the fact itself.
#[derive(Clone, Copy, Debug)]
pub struct JoinedFact<'a> {
    /// The household of the join; where absent, the person's.
    pub household: Option<HouseholdId>,
    /// The person of the join.
    pub person: Option<PersonId>,
    /// The record's group: `protocollo_dsu` for the two ISEE banks.
    pub group: Option<&'a str>,
    /// What the row says.
    pub fact: &'a Fact,
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    person: u32,
    statement: u32,
    fact: &'a Fact,
}

/// Whether it is for all benefits, how many members it covers, when it was presented.
type Rank = (bool, u16, Option<Date>);

const NOBODY: u32 = u32::MAX;

/// Facts in order of household, ready to be read household by household. Shared between threads.
pub struct Gathered<'a> {
    as_of: Date,
    banks: Banks,
    people: &'a [Person],
    households: &'a [Household],
    entries: Vec<Entry<'a>>,
    starts: Vec<u32>,
    statements: Vec<Option<&'a Fact>>,
}

/// Sorts the facts by household. `people` and `households` are indexed by their ids (dense from zero); a fact that was
/// joined to nobody, or to someone outside them, is left out.
pub fn gather<'a>(
    people: &'a [Person],
    households: &'a [Household],
    facts: impl IntoIterator<Item = JoinedFact<'a>>,
    banks: Banks,
    as_of: Date,
) -> Gathered<'a> {
    let mut protocols: HashMap<&'a str, u32> = HashMap::new();
    let mut statements: Vec<Option<&'a Fact>> = Vec::new();
    let mut joined: Vec<(u32, Entry<'a>)> = Vec::new();
    let mut starts = vec![0_u32; households.len() + 1];
    for row in facts {
        let mut statement = NOBODY;
        if let (Fact::IseeStatement { .. } | Fact::IseeMember { .. }, Some(protocol)) = (row.fact, row.group) {
            statement = *protocols.entry(protocol).or_insert_with(|| {
                statements.push(None);
                statements.len() as u32 - 1
            });
            if matches!(row.fact, Fact::IseeStatement { .. }) {
                statements[statement as usize] = Some(row.fact);
            }
        }
        let of_person = || row.person.and_then(|p| people.get(p.0 as usize)).and_then(|p| p.household);
        let Some(household) = row.household.or_else(of_person).filter(|h| (h.0 as usize) < households.len()) else {
            continue;
        };
        starts[household.0 as usize + 1] += 1;
        joined.push((household.0, Entry { person: row.person.map_or(NOBODY, |p| p.0), statement, fact: row.fact }));
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    Gathered { as_of, banks, people, households, entries: place(&joined, &starts), starts, statements }
}

fn place<'a>(joined: &[(u32, Entry<'a>)], starts: &[u32]) -> Vec<Entry<'a>> {
    let Some(first) = joined.first() else { return Vec::new() };
    let mut entries = vec![first.1; joined.len()];
    let mut next = starts.to_vec();
    for (household, entry) in joined {
        let at = &mut next[*household as usize];
        entries[*at as usize] = *entry;
        *at += 1;
    }
    entries
}

impl Gathered<'_> {
    /// How many households.
    pub fn len(&self) -> usize {
        self.households.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.households.is_empty()
    }

    /// The day.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The situation of the household at a position of the slice that was given; none past its end.
    pub fn situation(&self, position: usize) -> Option<Situation> {
        let household = self.households.get(position)?;
        let range = self.starts[position] as usize..self.starts[position + 1] as usize;
        let entries = &self.entries[range];
        let mut situation = Situation {
            household: household.id,
            as_of: self.as_of,
            banks: self.banks,
            members: household.members.iter().map(|id| self.member(*id)).collect(),
            isee: self.isee(household, entries),
            waste: None,
            tenure: Tenure::Unknown,
        };
        for entry in entries {
            situation.take(entry);
        }
        Some(situation)
    }

    fn member(&self, id: PersonId) -> Member {
        let person = self.people.get(id.0 as usize);
        Member {
            person: id,
            age: person.and_then(|p| p.birth).map(|birth| age_at(birth, self.as_of)),
            sex: person.and_then(|p| p.sex),
            kinship: None,
            citizenship: Citizenship::Unknown,
            since: None,
            incomes: Vec::new(),
            benefits: Vec::new(),
            invalidity: None,
            frailty: None,
            device: None,
            cases: Vec::new(),
            home_care: false,
        }
    }

    /// The statement in force that covers most of the household; an ordinary or current one before those for minors
    /// or university, then the last presented.
    fn isee(&self, household: &Household, entries: &[Entry<'_>]) -> Option<Isee> {
        let mut covered: Vec<(u32, u16)> = Vec::new();
        for entry in entries {
            let member =
                matches!(entry.fact, Fact::IseeMember { .. }) && household.members.contains(&PersonId(entry.person));
            if entry.statement == NOBODY || !member && !matches!(entry.fact, Fact::IseeStatement { .. }) {
                continue;
            }
            match covered.iter_mut().find(|(statement, _)| *statement == entry.statement) {
                Some((_, n)) => *n += u16::from(member),
                None => covered.push((entry.statement, u16::from(member))),
            }
        }
        covered
            .into_iter()
            .filter_map(|(statement, covered)| self.in_force(statement, covered))
            .max_by_key(|(rank, isee)| (*rank, isee.ordinary))
            .map(|(_, isee)| isee)
    }

    fn in_force(&self, statement: u32, covered: u16) -> Option<(Rank, Isee)> {
        let Some(Fact::IseeStatement { validity, kind, isee, isee_inclusione, isr, .. }) =
            self.statements.get(statement as usize).copied().flatten()
        else {
            return None;
        };
        let general = !matches!(fold(kind).as_str(), "MINORENNI" | "UNIVERSITA");
        let found = Isee { ordinary: *isee, inclusion: *isee_inclusione, isr: *isr, covered };
        validity.contains(self.as_of).then_some(((general, covered, validity.from), found))
    }
}

impl Situation {
    fn take(&mut self, entry: &Entry<'_>) {
        match entry.fact {
            Fact::WasteTax { area_m2, occupants, arrears } => self.take_waste(*area_m2, *occupants, *arrears),
            Fact::PublicHousing { arrears_months, .. } => {
                let before = match self.tenure {
                    Tenure::PublicHousing { arrears_months } => arrears_months,
                    Tenure::Unknown => 0,
                };
                self.tenure = Tenure::PublicHousing { arrears_months: before.max(*arrears_months) };
            }
            fact => {
                let as_of = self.as_of;
                if let Some(member) = self.members.iter_mut().find(|m| m.person.0 == entry.person) {
                    member.take(fact, as_of);
                }
            }
        }
    }

    fn take_waste(&mut self, area_m2: u32, occupants: u16, arrears: i64) {
        let waste = self.waste.get_or_insert(Waste { area_m2, occupants, arrears: 0 });
        waste.arrears = waste.arrears.saturating_add(arrears);
        if area_m2 > waste.area_m2 {
            (waste.area_m2, waste.occupants) = (area_m2, occupants);
        }
    }
}

impl Member {
    fn take(&mut self, fact: &Fact, as_of: Date) {
        let runs = |period: &Period| period.contains(as_of);
        match fact {
            Fact::Registration { kinship, citizenship, since, .. } => {
                self.kinship = Some(*kinship);
                self.since = *since;
                self.citizenship = read_citizenship(citizenship);
            }
            Fact::Benefit { code, monthly, period } if runs(period) => {
                self.benefits.push(Benefit { kind: BenefitKind::read(code), monthly: *monthly });
            }
            Fact::Income { year, amount, kind } => {
                self.incomes.push(Income { year: *year, amount: *amount, kind: read_income_kind(kind) });
            }
            Fact::Invalidity { percent, support, date } if date.is_none_or(|date| date <= as_of) => {
                let (p, s) = self.invalidity.unwrap_or_default();
                let granted =
                    Support { attendance: s.attendance || support.attendance, severe: s.severe || support.severe };
                self.invalidity = Some((p.max(*percent), granted));
            }
            Fact::Frailty { device, severity } => {
                self.frailty = self.frailty.max(Some(*severity));
                let device = device.as_deref().filter(|d| !d.is_empty()).map(read_device);
                self.device =
                    if self.device == Some(Device::LifeSupport) { self.device } else { device.or(self.device) };
            }
            Fact::SocialCase { area, service, period } if runs(period) => {
                self.cases.push(read_area(area));
                self.home_care |= is_home_care(service);
            }
            _ => {}
        }
    }
}

fn read_citizenship(text: &str) -> Citizenship {
    match fold(text).as_str() {
        "" => Citizenship::Unknown,
        "ITALIA" | "ITALIANA" | "IT" | "ITA" | "380" => Citizenship::Italian,
        state if UNION.contains(&state) => Citizenship::European,
        _ => Citizenship::Foreign,
    }
}

/// The States of the European Union beside Italy, as registries write them.
#[rustfmt::skip]
const UNION: [&str; 30] = [
    "AUSTRIA", "BELGIO", "BULGARIA", "CECHIA", "CIPRO", "CROAZIA", "DANIMARCA", "ESTONIA", "FINLANDIA", "FRANCIA",
    "GERMANIA", "GRECIA", "IRLANDA", "LETTONIA", "LITUANIA", "LUSSEMBURGO", "MALTA", "OLANDA", "PAESI BASSI", "POLONIA",
    "PORTOGALLO", "REPUBBLICA CECA", "REPUBBLICA SLOVACCA", "ROMANIA", "SLOVACCHIA", "SLOVENIA", "SPAGNA", "SVEZIA",
    "UNGHERIA", "UNIONE EUROPEA",
];

/// SAD and ADI by their names or their SIUSS codes (DM 206/2014: A2.07 and A2.08). A comune's sheet that says only `ADI`
/// among its services means care; the benefit of that name is INPS's.
fn is_home_care(service: &str) -> bool {
    let service = fold(service);
    let starts = |name: &str| service == name || service.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
    ["ASSISTENZA DOMICILIARE", "SERVIZIO DI ASSISTENZA DOMICILIARE", "SAD", "ADI", "A2 07", "A2 08"]
        .into_iter()
        .any(starts)
}

fn read_income_kind(text: &str) -> IncomeKind {
    match fold(text).as_str() {
        "DIPENDENTE" => IncomeKind::Employment,
        "AUTONOMO" | "IMPRESA" => IncomeKind::SelfEmployment,
        "PENSIONE" => IncomeKind::Pension,
        _ => IncomeKind::Other,
    }
}

/// A device that is not known as an aid counts as life support: the cautious reading in a power cut.
fn read_device(text: &str) -> Device {
    if fold(text).starts_with("LETTO") { Device::Aid } else { Device::LifeSupport }
}

fn read_area(text: &str) -> UserArea {
    match fold(text).as_str() {
        "POV" => UserArea::Poverty,
        "FAM" => UserArea::Family,
        "DIS" => UserArea::Disability,
        "ELD" => UserArea::Elderly,
        "ADD" => UserArea::Addiction,
        "IMMNOM" => UserArea::Migration,
        _ => UserArea::Mixed,
    }
}

impl BenefitKind {
    fn read(code: &str) -> Self {
        match fold(code).as_str() {
            "ADI" => Self::Adi,
            "SFL" => Self::Sfl,
            "AUU" => Self::Auu,
            "IND ACC" | "INDACC" => Self::Attendance,
            "PENS" => Self::Pension,
            "NASPI" => Self::Naspi,
            _ => Self::Other,
        }
    }
}
