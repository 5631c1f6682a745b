//! People become households: the registry's families, or households rebuilt without them.

use super::{
    FamilyEvidence, Input,
    names::{FixedMap, Names},
    rebuild,
    registry::{Registry, registration},
    tiers::Fates,
};
use crate::domain::{
    household::{Household, HouseholdId, Kinship},
    person::{Person, PersonId, Residence},
    personal::Personal,
    record::BirthEvidence,
};

/// Families of the registered people, residents or not.
pub(super) struct Families {
    of_person: Vec<u32>,
    /// Members, the head first.
    members: Vec<Vec<u32>>,
    /// The household of each family that has a resident.
    ids: Vec<Option<HouseholdId>>,
    residents: Vec<bool>,
}

/// Puts everyone of the registry in a family.
pub(super) fn families(input: &Input<'_>, registry: &Registry<'_>, fates: &Fates) -> Families {
    let of_person = match input.family {
        FamilyEvidence::Shown => shown(registry),
        FamilyEvidence::Hidden => rebuild::families(input, registry, fates),
    };
    let count = of_person.iter().max().map_or(0, |last| *last as usize + 1);
    let mut members = vec![Vec::new(); count];
    for (person, family) in of_person.iter().enumerate() {
        members[*family as usize].push(person as u32);
    }
    let resident = |person: u32| registration(registry.record(person)).0 == Residence::Resident;
    let residents: Vec<bool> = (0..registry.people.len() as u32).map(resident).collect();
    for family in &mut members {
        family.sort_by_key(|&person| (rank(registry, person), registry.people[person as usize].birth, person));
    }
    let mut next = 0;
    let ids = members
        .iter()
        .map(|family: &Vec<u32>| {
            family.iter().any(|&person| residents[person as usize]).then(|| {
                next += 1;
                HouseholdId(next - 1)
            })
        })
        .collect();
    Families { of_person, members, ids, residents }
}

/// Place of a person in the family: head, spouse, parents, children by age, others.
fn rank(registry: &Registry<'_>, person: u32) -> u8 {
    match registration(registry.record(person)).1 {
        Kinship::Head => 0,
        Kinship::Spouse => 1,
        Kinship::Parent => 2,
        Kinship::Child => 3,
        Kinship::Other => 4,
    }
}

/// Families by `codice_famiglia`; who has none is alone. Numbered by the first person.
fn shown(registry: &Registry<'_>) -> Vec<u32> {
    let mut numbers: FixedMap<&str, u32> = FixedMap::default();
    let mut next = 0;
    let mut of_person = Vec::with_capacity(registry.people.len());
    for person in 0..registry.people.len() as u32 {
        let fresh = next;
        let family = match registry.record(person).group.as_deref() {
            Some(group) => *numbers.entry(group).or_insert(fresh),
            None => fresh,
        };
        next += u32::from(family == fresh);
        of_person.push(family);
    }
    of_person
}

impl Families {
    /// Everyone of a person's family; nobody for who is not registered.
    pub(super) fn relatives(&self, person: u32) -> &[u32] {
        self.of_person.get(person as usize).map_or(&[], |family| &self.members[*family as usize])
    }

    /// The households, without nuclei.
    pub(super) fn households(&self) -> Vec<Household> {
        let families = self.members.iter().zip(&self.ids);
        families
            .filter_map(|(family, id)| {
                let residents = family.iter().filter(|&&person| self.residents[person as usize]);
                Some(Household {
                    id: (*id)?,
                    members: residents.map(|&person| PersonId(person)).collect(),
                    nucleus: None,
                })
            })
            .collect()
    }
}

/// The registered people, in order.
pub(super) fn people(registry: &Registry<'_>, names: &Names, families: &Families) -> Vec<Person> {
    let person = |i: usize| {
        let (traits, record) = (&registry.people[i], registry.record(i as u32));
        Person {
            id: PersonId(i as u32),
            codes: super::tiers::valid_code(record).into_iter().collect(),
            surname: Personal::from(names.text(traits.surname)),
            given: Personal::from(names.text(traits.given)),
            birth: record.identity.birth.map(|BirthEvidence { date, .. }| date),
            sex: traits.sex,
            household: families.ids[families.of_person[i] as usize],
            residence: registration(record).0,
        }
    };
    (0..registry.people.len()).map(person).collect()
}
