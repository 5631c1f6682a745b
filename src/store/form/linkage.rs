//! People, households and links.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        bank::BankKind,
        codice_fiscale::FiscalCode,
        household::{Household, HouseholdId, Nucleus},
        person::{Person, PersonId, Residence, Sex},
        personal::Personal,
    },
    linkage::Link,
};

const RESIDENCES: [Residence; 5] =
    [Residence::Resident, Residence::Deceased, Residence::Emigrated, Residence::Untraceable, Residence::Unregistered];

/// A person.
#[derive(Serialize, Deserialize)]
pub struct PersonForm {
    codes: Vec<Box<str>>,
    surname: Box<str>,
    given: Box<str>,
    birth: Option<(i16, i8, i8)>,
    sex: Option<bool>,
    household: Option<u32>,
    residence: u8,
}

#[derive(Serialize, Deserialize)]
struct NucleusForm {
    statement_row: u32,
    only_in_nucleus: Vec<u32>,
    only_in_family: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct HouseholdForm {
    members: Vec<u32>,
    nucleus: Option<NucleusForm>,
}

/// Everyone and every household, in the order of their ids.
#[derive(Serialize, Deserialize)]
pub struct PeopleForm {
    people: Vec<PersonForm>,
    households: Vec<HouseholdForm>,
}

fn ids(people: &[PersonId]) -> Vec<u32> {
    people.iter().map(|person| person.0).collect()
}

fn people(ids: Vec<u32>) -> Vec<PersonId> {
    ids.into_iter().map(PersonId).collect()
}

impl PeopleForm {
    /// The stored form.
    pub fn new(people: &[Person], households: &[Household]) -> Self {
        let people = people.iter().map(|person| PersonForm {
            codes: person.codes.iter().map(|code| code.reveal().into()).collect(),
            surname: person.surname.reveal().into(),
            given: person.given.reveal().into(),
            birth: person.birth.map(|day| (day.year(), day.month(), day.day())),
            sex: person.sex.map(|sex| sex == Sex::F),
            household: person.household.map(|household| household.0),
            residence: RESIDENCES.iter().position(|r| *r == person.residence).unwrap_or_default() as u8,
        });
        let households = households.iter().map(|household| HouseholdForm {
            members: ids(&household.members),
            nucleus: household.nucleus.as_ref().map(|nucleus| NucleusForm {
                statement_row: nucleus.statement_row,
                only_in_nucleus: ids(&nucleus.only_in_nucleus),
                only_in_family: ids(&nucleus.only_in_family),
            }),
        });
        Self { people: people.collect(), households: households.collect() }
    }

    /// Everyone and every household.
    pub fn into_parts(self) -> (Vec<Person>, Vec<Household>) {
        let everyone = self.people.into_iter().enumerate().map(|(index, form)| Person {
            id: PersonId(index as u32),
            codes: form.codes.iter().filter_map(|code| FiscalCode::parse(code).ok()).collect(),
            surname: Personal::new(form.surname),
            given: Personal::new(form.given),
            birth: form.birth.and_then(|(year, month, day)| Date::new(year, month, day).ok()),
            sex: form.sex.map(|female| if female { Sex::F } else { Sex::M }),
            household: form.household.map(HouseholdId),
            residence: RESIDENCES.get(usize::from(form.residence)).copied().unwrap_or(Residence::Unregistered),
        });
        let households = self.households.into_iter().enumerate().map(|(index, form)| Household {
            id: HouseholdId(index as u32),
            members: people(form.members),
            nucleus: form.nucleus.map(|nucleus| Nucleus {
                statement_row: nucleus.statement_row,
                only_in_nucleus: people(nucleus.only_in_nucleus),
                only_in_family: people(nucleus.only_in_family),
            }),
        });
        (everyone.collect(), households.collect())
    }
}

/// A link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkForm {
    bank: u8,
    /// Row of the bank.
    pub row: u32,
    person: Option<u32>,
    household: Option<u32>,
    /// The tier, by its place in the list of names that goes before.
    pub tier: u8,
    /// Probability that the link is right.
    pub score: f32,
}

impl LinkForm {
    /// The stored form; `tiers` gathers the names of the tiers as they occur.
    pub fn new(link: &Link, tiers: &mut Vec<Box<str>>) -> Self {
        let name = link.tier.name();
        let tier = tiers.iter().position(|known| **known == *name).unwrap_or_else(|| {
            tiers.push(name.into());
            tiers.len() - 1
        });
        Self {
            bank: link.record.bank as u8,
            row: link.record.row,
            person: link.person.map(|person| person.0),
            household: link.household.map(|household| household.0),
            tier: tier as u8,
            score: link.score,
        }
    }

    /// The bank.
    pub fn bank(&self) -> BankKind {
        BankKind::ALL[usize::from(self.bank).min(BankKind::ALL.len() - 1)]
    }

    /// The person.
    pub fn person(&self) -> Option<PersonId> {
        self.person.map(PersonId)
    }

    /// The household.
    pub fn household(&self) -> Option<HouseholdId> {
        self.household.map(HouseholdId)
    }
}
