//! The ISEE nucleus beside the family: which statement is current, who is in one and not in the other, and why that
//! may be lawful.

use jiff::civil::Date;

use super::{
    Input, Link,
    names::{FixedMap, FixedSet},
    registry::{Registry, registration},
};
use crate::domain::{
    bank::BankKind,
    household::{Household, HouseholdId, Kinship, Nucleus},
    period::age_at,
    person::{Person, PersonId, Residence},
    record::Fact,
};

/// A member in whom a household and its nucleus differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The household.
    pub household: HouseholdId,
    /// Who is in one of the two only.
    pub person: PersonId,
    /// The likely reason.
    pub reason: Reason,
}

/// Why someone may be in the nucleus and not in the family, or the other way round (DPCM 159/2013 art. 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// In the nucleus: a spouse with another residence (art. 3 c. 2).
    SpouseElsewhere,
    /// In the nucleus: a child under 26 who lives elsewhere and depends on the parents for tax (art. 3 c. 5).
    DependentChildElsewhere,
    /// In the nucleus: lived here, and has died, moved away or is not found.
    NoLongerResident,
    /// In the nucleus: not registered in this comune.
    NotRegistered,
    /// In the nucleus: registered in another family, no rule seen that explains it.
    OtherHousehold,
    /// In the family: born after the statement.
    BornAfter,
    /// In the family: came to live here after the statement.
    MovedInAfter,
    /// In the family: has a nucleus of their own, as an adult without ties or a separated spouse may (art. 3 c. 3).
    OwnNucleus,
    /// In the family: a minor who follows the other parent (art. 3 c. 4, art. 7).
    MinorElsewhere,
    /// In the family: no rule seen that explains it.
    LeftOut,
}

impl Reason {
    /// The name used in exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SpouseElsewhere => "spouse_elsewhere",
            Self::DependentChildElsewhere => "dependent_child_elsewhere",
            Self::NoLongerResident => "no_longer_resident",
            Self::NotRegistered => "not_registered",
            Self::OtherHousehold => "other_household",
            Self::BornAfter => "born_after",
            Self::MovedInAfter => "moved_in_after",
            Self::OwnNucleus => "own_nucleus",
            Self::MinorElsewhere => "minor_elsewhere",
            Self::LeftOut => "left_out",
        }
    }
}

/// Age until which a child who lives elsewhere and is dependent stays in the parents' nucleus.
const DEPENDENT_CHILD_AGE: u8 = 26;
const MAJORITY_AGE: u8 = 18;
/// Least years between a parent and a child.
const GENERATION_YEARS: i16 = 14;

/// A statement that is valid on the day.
struct Statement<'a> {
    protocol: &'a str,
    row: u32,
    presented: Option<Date>,
    members: Vec<PersonId>,
}

/// Finds each household's nucleus and explains the differences.
pub(super) fn attach(
    input: &Input<'_>,
    registry: &Registry<'_>,
    links: &[Link],
    people: &[Person],
    households: &mut [Household],
) -> Vec<Difference> {
    let statements = current_statements(input, links);
    let mut best: FixedMap<HouseholdId, (usize, usize)> = FixedMap::default();
    let mut has_nucleus: FixedSet<PersonId> = FixedSet::default();
    for (i, statement) in statements.iter().enumerate() {
        has_nucleus.extend(&statement.members);
        let mut homes: Vec<HouseholdId> =
            statement.members.iter().filter_map(|person| resident_home(&people[person.0 as usize])).collect();
        homes.sort_unstable();
        for run in homes.chunk_by(|a, b| a == b) {
            let slot = best.entry(run[0]).or_insert((run.len(), i));
            let head = households[run[0].0 as usize].members.first();
            // Most members, then the head's own, then the latest.
            let rank = |(overlap, i): (usize, usize)| {
                let statement = &statements[i];
                let has_head = head.is_some_and(|head| statement.members.contains(head));
                (overlap, has_head, statement.presented, statement.protocol)
            };
            if rank((run.len(), i)) > rank(*slot) {
                *slot = (run.len(), i);
            }
        }
    }
    let mut differences = Vec::new();
    for household in households {
        let Some(&(_, i)) = best.get(&household.id) else { continue };
        let statement = &statements[i];
        let only = |a: &[PersonId], b: &[PersonId]| a.iter().copied().filter(|p| !b.contains(p)).collect::<Vec<_>>();
        let nucleus = Nucleus {
            statement_row: statement.row,
            only_in_nucleus: only(&statement.members, &household.members),
            only_in_family: only(&household.members, &statement.members),
        };
        let judge = Judge { input, registry, people, household, statement, has_nucleus: &has_nucleus };
        let outside = nucleus.only_in_nucleus.iter().map(|&person| (person, judge.only_in_nucleus(person)));
        let inside = nucleus.only_in_family.iter().map(|&person| (person, judge.only_in_family(person)));
        let id = household.id;
        differences.extend(outside.chain(inside).map(|(person, reason)| Difference { household: id, person, reason }));
        household.nucleus = Some(nucleus);
    }
    differences
}

fn resident_home(person: &Person) -> Option<HouseholdId> {
    person.household.filter(|_| person.residence == Residence::Resident)
}

/// Statements valid at the day, with everyone they name.
fn current_statements<'a>(input: &Input<'a>, links: &[Link]) -> Vec<Statement<'a>> {
    let mut statements: Vec<Statement<'a>> = Vec::new();
    let mut by_protocol: FixedMap<&str, usize> = FixedMap::default();
    for kind in [BankKind::IseeAttestazioni, BankKind::IseeComponenti] {
        let mut start = 0;
        for bank in input.banks {
            let bank_links = &links[start..start + bank.records.len()];
            start += bank.records.len();
            if bank.kind != kind {
                continue;
            }
            for (record, link) in bank.records.iter().zip(bank_links) {
                let Some(protocol) = record.group.as_deref() else { continue };
                if let Fact::IseeStatement { validity, .. } = &record.fact
                    && validity.contains(input.as_of)
                {
                    by_protocol.entry(protocol).or_insert(statements.len());
                    let (row, presented) = (record.row, validity.from);
                    statements.push(Statement { protocol, row, presented, members: Vec::new() });
                }
                if let (Some(&at), Some(person)) = (by_protocol.get(protocol), link.person) {
                    statements[at].members.push(person);
                }
            }
        }
    }
    for statement in &mut statements {
        statement.members.sort_unstable();
        statement.members.dedup();
    }
    statements
}

struct Judge<'a> {
    input: &'a Input<'a>,
    registry: &'a Registry<'a>,
    people: &'a [Person],
    household: &'a Household,
    statement: &'a Statement<'a>,
    has_nucleus: &'a FixedSet<PersonId>,
}

impl Judge<'_> {
    fn person(&self, id: PersonId) -> &Person {
        &self.people[id.0 as usize]
    }

    fn kinship(&self, id: PersonId) -> Option<(Kinship, Option<Date>)> {
        if (id.0 as usize) < self.registry.people.len() {
            let (_, kinship, since) = registration(self.registry.record(id.0));
            Some((kinship, since))
        } else {
            None
        }
    }

    fn age(&self, id: PersonId) -> Option<u8> {
        self.person(id).birth.map(|birth| age_at(birth, self.input.as_of))
    }

    fn only_in_nucleus(&self, id: PersonId) -> Reason {
        let person = self.person(id);
        match person.residence {
            Residence::Unregistered => return Reason::NotRegistered,
            Residence::Deceased | Residence::Emigrated | Residence::Untraceable => return Reason::NoLongerResident,
            Residence::Resident => {}
        }
        let year = |id: PersonId| self.person(id).birth.map(Date::year);
        let has_parent_here =
            self.household.members.iter().any(|&other| {
                year(other).zip(year(id)).is_some_and(|(parent, child)| child - parent >= GENERATION_YEARS)
            });
        let has_couple =
            self.household.members.iter().any(|&other| matches!(self.kinship(other), Some((Kinship::Spouse, _))));
        match self.age(id) {
            Some(age) if age < DEPENDENT_CHILD_AGE && has_parent_here => Reason::DependentChildElsewhere,
            Some(age) if age >= MAJORITY_AGE && !has_couple => Reason::SpouseElsewhere,
            _ => Reason::OtherHousehold,
        }
    }

    fn only_in_family(&self, id: PersonId) -> Reason {
        let after = |date: Option<Date>| date.zip(self.statement.presented).is_some_and(|(date, then)| date > then);
        let is_minor = self.age(id).is_some_and(|age| age < MAJORITY_AGE);
        match () {
            () if after(self.person(id).birth) => Reason::BornAfter,
            () if after(self.kinship(id).and_then(|(_, since)| since)) => Reason::MovedInAfter,
            () if self.has_nucleus.contains(&id) && is_minor => Reason::MinorElsewhere,
            () if self.has_nucleus.contains(&id) => Reason::OwnNucleus,
            () => Reason::LeftOut,
        }
    }
}
