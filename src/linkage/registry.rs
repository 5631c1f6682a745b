//! The spine: the people of the registry, one for each row or for several rows of one person.

use std::cmp::Reverse;

use jiff::civil::Date;

use super::{
    BankRecords,
    compare::{FAR_LEVEL, MISSING, compare_name},
    names::{FixedMap, NO_NAME, Names},
    traits::Traits,
};
use crate::domain::{
    codice_fiscale::FiscalCode,
    household::Kinship,
    person::Residence,
    record::{CodeEvidence, Fact, Record},
};

/// The people of the registry.
pub(super) struct Registry<'a> {
    pub(super) records: &'a [Record],
    /// One a person.
    pub(super) people: Vec<Traits>,
    /// Position of the record that speaks for each person.
    pub(super) principal: Vec<u32>,
    /// Person of each record.
    pub(super) of_record: Vec<u32>,
}

/// Valid codes to the person; [`SHARED`] where two people bear one code.
pub(super) type CodeIndex = FixedMap<FiscalCode, u32>;

/// Two people of the registry bear this code: by itself it decides nothing.
pub(super) const SHARED: u32 = u32::MAX;

impl<'a> Registry<'a> {
    /// Reads the registry and joins the rows that are one person.
    pub(super) fn build(bank: Option<&BankRecords<'a>>, forced: &[(u32, u32)], as_of: Date, names: &mut Names) -> Self {
        let (records, places) = bank.map_or((&[][..], &[][..]), |bank| (bank.records, bank.places));
        let mut options = Vec::new();
        let mut rows = Vec::with_capacity(records.len());
        for (i, record) in records.iter().enumerate() {
            options.clear();
            let place = places.get(i).copied().flatten();
            let mut traits = Traits::read(&record.identity, place, as_of, names, &mut options);
            traits.kinship = Some(registration(record).1);
            rows.push(traits);
        }
        let root = join_duplicates(records, &rows, forced, names);
        let mut best: FixedMap<u32, u32> = FixedMap::default();
        for i in 0..rows.len() as u32 {
            let leader = best.entry(root[i as usize]).or_insert(i);
            if standing(&records[i as usize]) < standing(&records[*leader as usize]) {
                *leader = i;
            }
        }
        let mut registry = Self { records, people: Vec::new(), principal: Vec::new(), of_record: Vec::new() };
        let mut person_of: FixedMap<u32, u32> = FixedMap::default();
        for leader in &root {
            let next = registry.people.len() as u32;
            let person = *person_of.entry(*leader).or_insert(next);
            if person == next {
                let principal = best[leader];
                registry.people.push(rows[principal as usize]);
                registry.principal.push(principal);
            }
            registry.of_record.push(person);
        }
        for person in &registry.people {
            names.count(person.surname, person.given);
        }
        registry
    }

    /// The record that speaks for a person.
    pub(super) fn record(&self, person: u32) -> &'a Record {
        &self.records[self.principal[person as usize] as usize]
    }

    /// Every valid code of the registry.
    pub(super) fn codes(&self) -> CodeIndex {
        let mut index = CodeIndex::default();
        index.reserve(self.people.len());
        for (record, &person) in self.records.iter().zip(&self.of_record) {
            if let CodeEvidence::Valid(code) = record.identity.code {
                index
                    .entry(code)
                    .and_modify(|known| {
                        if *known != person {
                            *known = SHARED;
                        }
                    })
                    .or_insert(person);
            }
        }
        index
    }
}

/// Which row of a person speaks for it: residents first, then the latest.
pub(super) fn standing(record: &Record) -> (u8, Reverse<Option<Date>>) {
    let (residence, _, since) = registration(record);
    let rank = match residence {
        Residence::Resident => 0,
        Residence::Untraceable => 1,
        Residence::Emigrated => 2,
        Residence::Deceased => 3,
        Residence::Unregistered => 4,
    };
    (rank, Reverse(since))
}

/// What a row of the registry says of residence, kinship and since when.
pub(super) fn registration(record: &Record) -> (Residence, Kinship, Option<Date>) {
    match &record.fact {
        Fact::Registration { kinship, residence, since, .. } => (*residence, *kinship, *since),
        _ => (Residence::Unregistered, Kinship::Other, None),
    }
}

/// The first row of each row's person.
fn join_duplicates(records: &[Record], rows: &[Traits], forced: &[(u32, u32)], names: &Names) -> Vec<u32> {
    let mut union = Union::new(rows.len());
    let mut by_code: FixedMap<FiscalCode, Vec<u32>> = FixedMap::default();
    let mut first_of: FixedMap<FiscalCode, u32> = FixedMap::default();
    for (i, record) in records.iter().enumerate() {
        if let CodeEvidence::Valid(code) = record.identity.code {
            let first = *first_of.entry(code).or_insert(i as u32);
            if first != i as u32 {
                by_code.entry(code).or_insert_with(|| vec![first]).push(i as u32);
            }
        }
    }
    for group in by_code.values() {
        for (n, &a) in group.iter().enumerate() {
            for &b in &group[n + 1..] {
                if is_same_person(names, &rows[a as usize], &rows[b as usize]) {
                    union.join(a, b);
                }
            }
        }
    }
    join_without_codes(records, rows, &mut union);
    for &(a, b) in forced {
        union.join(a, b);
    }
    (0..rows.len() as u32).map(|i| union.root(i)).collect()
}

/// Two rows under one code are one person unless name and date both speak against it.
fn is_same_person(names: &Names, a: &Traits, b: &Traits) -> bool {
    let agrees = |level| level <= FAR_LEVEL || level == MISSING;
    let surname = agrees(compare_name(names, a.surname, b.surname));
    let given = agrees(compare_name(names, a.given, b.given));
    surname && given || a.birth == b.birth && (surname || given)
}

/// A row without an ordinary code joins the one person of exactly its name, date, sex and place, if there is only one.
fn join_without_codes(records: &[Record], rows: &[Traits], union: &mut Union) {
    let is_ordinary = |i: usize| matches!(records[i].identity.code, CodeEvidence::Valid(FiscalCode::Ordinary(_)));
    let key = |t: &Traits| (t.surname, t.given, t.birth, t.birth_place, t.sex.map(|sex| sex as u8));
    let mut groups: FixedMap<_, Vec<u32>> = FixedMap::default();
    for (i, row) in
        rows.iter().enumerate().filter(|(i, row)| !is_ordinary(*i) && row.birth.is_known() && row.surname != NO_NAME)
    {
        groups.entry(key(row)).or_default().push(i as u32);
    }
    if groups.is_empty() {
        return;
    }
    for (i, row) in rows.iter().enumerate().filter(|(i, _)| is_ordinary(*i)) {
        if let Some(group) = groups.get_mut(&key(row)) {
            group.push(i as u32);
        }
    }
    for group in groups.values() {
        let codes = group.iter().filter(|&&i| is_ordinary(i as usize)).map(|&i| union.root(i));
        let codes: std::collections::BTreeSet<u32> = codes.collect();
        if codes.len() <= 1 {
            for &i in group {
                union.join(group[0], i);
            }
        }
    }
}

/// Sets of rows that are one person; the root is the least row.
pub(super) struct Union(Vec<u32>);

impl Union {
    pub(super) fn new(len: usize) -> Self {
        Self((0..len as u32).collect())
    }

    pub(super) fn root(&mut self, mut i: u32) -> u32 {
        while self.0[i as usize] != i {
            self.0[i as usize] = self.0[self.0[i as usize] as usize];
            i = self.0[i as usize];
        }
        i
    }

    pub(super) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
