//! The deterministic tiers, and what becomes of each row.

use rayon::prelude::*;

use super::{
    Input, RecordKey, Tier, Unlinked, Verdict,
    compare::{FAR_LEVEL, compare_name_texts},
    names::{FixedMap, Names},
    registry::{CodeIndex, Registry, SHARED, Union},
};
use crate::domain::{
    bank::BankKind,
    codice_fiscale::{CodiceFiscale, FiscalCode},
    fold::fold,
    record::{CodeEvidence, Fact, IseeRole, Record, WrittenName},
};

/// Probability given to the deterministic tiers: code with a name that agrees, code alone, code against the name.
const SURE: f32 = 0.9999;
const CODE_ALONE: f32 = 0.999;
pub(super) const DISPUTED: f32 = 0.6;

/// A row: the bank's position in the input, the record's in the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct RowRef {
    pub(super) bank: u32,
    pub(super) record: u32,
}

/// What has become of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fate {
    /// It has a person.
    Found { person: u32, tier: Tier, score: f32 },
    /// It must be compared; if nobody fits, the code of `fallback` decides.
    Open { fallback: Option<u32> },
    /// Its code is valid and nobody's of the registry, and it says nothing else.
    Stranger,
    /// It has none.
    Lost(Unlinked),
}

impl Fate {
    pub(super) const fn person(&self) -> Option<u32> {
        if let Self::Found { person, .. } = self { Some(*person) } else { None }
    }

    pub(super) const fn tier(&self) -> Tier {
        match self {
            Self::Found { tier, .. } => *tier,
            Self::Open { .. } | Self::Stranger => Tier::Unlinked(Unlinked::Ambiguous),
            Self::Lost(reason) => Tier::Unlinked(*reason),
        }
    }

    pub(super) const fn score(&self) -> f32 {
        if let Self::Found { score, .. } = self { *score } else { 0.0 }
    }
}

/// What has become of every row.
pub(super) struct Fates(Vec<Vec<Fate>>);

impl Fates {
    pub(super) fn get(&self, row: RowRef) -> Fate {
        self.0[row.bank as usize][row.record as usize]
    }

    pub(super) fn set(&mut self, row: RowRef, fate: Fate) {
        self.0[row.bank as usize][row.record as usize] = fate;
    }

    pub(super) fn banks(&self) -> &[Vec<Fate>] {
        &self.0
    }

    pub(super) fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}

/// What people decided, by rows.
#[derive(Default)]
pub(super) struct Decisions {
    same: Vec<(RowRef, RowRef)>,
    different: Vec<(RowRef, RowRef)>,
    registry_pairs: Vec<(u32, u32)>,
}

impl Decisions {
    /// Finds the rows that the decisions name; a row that is gone settles nothing.
    pub(super) fn read(input: &Input<'_>) -> Self {
        let mut decisions = Self::default();
        if input.decided.is_empty() {
            return decisions;
        }
        let wanted: std::collections::BTreeSet<RecordKey> =
            input.decided.iter().flat_map(|decision| [decision.one, decision.other]).collect();
        let mut rows: FixedMap<RecordKey, RowRef> = FixedMap::default();
        for (b, bank) in input.banks.iter().enumerate() {
            for (r, record) in bank.records.iter().enumerate() {
                let key = RecordKey { bank: bank.kind, row: record.row };
                if wanted.contains(&key) {
                    rows.insert(key, RowRef { bank: b as u32, record: r as u32 });
                }
            }
        }
        for decision in input.decided {
            let (Some(&one), Some(&other)) = (rows.get(&decision.one), rows.get(&decision.other)) else { continue };
            match decision.verdict {
                Verdict::Same => decisions.same.push((one, other)),
                Verdict::Different => decisions.different.push((one, other)),
            }
            let both = [decision.one.bank, decision.other.bank] == [BankKind::Anagrafe; 2];
            if both && decision.verdict == Verdict::Same {
                decisions.registry_pairs.push((one.record, other.record));
            }
        }
        decisions
    }

    /// Pairs of rows of the registry that are one person.
    pub(super) fn registry_pairs(&self) -> &[(u32, u32)] {
        &self.registry_pairs
    }

    /// People of the registry that the row is decided not to be.
    pub(super) fn forbidden<'a>(
        &'a self,
        input: &'a Input<'_>,
        registry: &'a Registry<'_>,
        row: RowRef,
    ) -> impl Iterator<Item = u32> + 'a {
        self.different.iter().filter_map(move |&(one, other)| {
            let across = match row {
                _ if row == one => other,
                _ if row == other => one,
                _ => return None,
            };
            let is_registry = input.banks[across.bank as usize].kind == BankKind::Anagrafe;
            is_registry.then(|| registry.of_record[across.record as usize])
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.same.is_empty() && self.different.is_empty()
    }
}

/// Applies what people decided, over everything else: rows that are one person take the surest of their people, rows
/// that are two people part.
pub(super) fn apply_decisions(input: &Input<'_>, decisions: &Decisions, fates: &mut Fates) {
    if decisions.is_empty() {
        return;
    }
    let mut rows: Vec<RowRef> = decisions.same.iter().flat_map(|&(one, other)| [one, other]).collect();
    rows.sort_unstable();
    rows.dedup();
    let at = |row: RowRef| rows.binary_search(&row).unwrap_or_default() as u32;
    let mut union = Union::new(rows.len());
    for &(one, other) in &decisions.same {
        union.join(at(one), at(other));
    }
    let mut best: FixedMap<u32, (Tier, u32)> = FixedMap::default();
    for (i, &row) in rows.iter().enumerate() {
        if let Fate::Found { person, tier, .. } = fates.get(row) {
            let slot = best.entry(union.root(i as u32)).or_insert((tier, person));
            *slot = (*slot).min((tier, person));
        }
    }
    for (i, &row) in rows.iter().enumerate() {
        let is_registry = input.banks[row.bank as usize].kind == BankKind::Anagrafe;
        if let (Some(&(_, person)), false) = (best.get(&union.root(i as u32)), is_registry) {
            fates.set(row, Fate::Found { person, tier: Tier::Decided, score: 1.0 });
        }
    }
    for &(one, other) in &decisions.different {
        let (a, b) = (fates.get(one), fates.get(other));
        if a.person().is_some() && a.person() == b.person() {
            let loser = if (a.tier(), -a.score()) <= (b.tier(), -b.score()) { other } else { one };
            fates.set(loser, Fate::Lost(Unlinked::Decided));
        }
    }
}

/// Links by code what can be, every row by itself.
pub(super) fn by_code(input: &Input<'_>, registry: &Registry<'_>, names: &Names, decisions: &Decisions) -> Fates {
    let codes = registry.codes();
    let expected = expected_codes(registry, names);
    let judge = Judge { input, registry, names, codes: &codes, expected: &expected, decisions };
    let banks = input.banks.iter().enumerate().map(|(b, bank)| {
        if bank.kind == BankKind::Anagrafe {
            let found = |&person: &u32| Fate::Found { person, tier: Tier::Registry, score: 1.0 };
            return registry.of_record.iter().map(found).collect();
        }
        let rows = bank.records.par_iter().enumerate();
        rows.map(|(r, record)| judge.fate(RowRef { bank: b as u32, record: r as u32 }, record)).collect()
    });
    Fates(banks.collect())
}

struct Judge<'a> {
    input: &'a Input<'a>,
    registry: &'a Registry<'a>,
    names: &'a Names,
    codes: &'a CodeIndex,
    expected: &'a FixedMap<CodiceFiscale, u32>,
    decisions: &'a Decisions,
}

impl Judge<'_> {
    fn fate(&self, row: RowRef, record: &Record) -> Fate {
        let has_name = record.identity.name.is_some();
        let code = match &record.identity.code {
            CodeEvidence::Valid(code) => code,
            CodeEvidence::Broken(_) => return Fate::Open { fallback: None },
            CodeEvidence::Missing if has_name => return Fate::Open { fallback: None },
            CodeEvidence::Missing => return Fate::Lost(Unlinked::NoIdentity),
        };
        let (person, tier) = match self.codes.get(code) {
            Some(&SHARED) if has_name => return Fate::Open { fallback: None },
            Some(&SHARED) => return Fate::Lost(Unlinked::Ambiguous),
            Some(&person) => (person, Tier::Code),
            None => match code.ordinary().and_then(|code| self.expected.get(&code.base())) {
                Some(&person) if person != SHARED => (person, Tier::Provisional),
                _ if has_name => return Fate::Open { fallback: None },
                _ => return Fate::Stranger,
            },
        };
        if !self.decisions.is_empty()
            && self.decisions.forbidden(self.input, self.registry, row).any(|other| other == person)
        {
            return if has_name { Fate::Open { fallback: None } } else { Fate::Lost(Unlinked::Decided) };
        }
        match self.agreement(record, person) {
            Agreement::Against => Fate::Open { fallback: Some(person) },
            Agreement::For => Fate::Found { person, tier, score: SURE },
            Agreement::Silent => Fate::Found { person, tier, score: CODE_ALONE },
        }
    }

    fn agreement(&self, record: &Record, person: u32) -> Agreement {
        let Some(name) = &record.identity.name else { return Agreement::Silent };
        let own = &self.registry.people[person as usize];
        if has_name_in_common(name, self.names.text(own.surname), self.names.text(own.given)) {
            return Agreement::For;
        }
        let birth = record.identity.birth.map(|birth| birth.date.into());
        if birth == Some(own.birth) { Agreement::For } else { Agreement::Against }
    }
}

enum Agreement {
    For,
    Silent,
    Against,
}

/// Whether the written name shares the surname or the given name, in either place, up to a slip of the pen.
pub(super) fn has_name_in_common(name: &WrittenName, surname: &str, given: &str) -> bool {
    let like = |a: &str, b: &str| !a.is_empty() && (a == b || compare_name_texts(a, b) <= FAR_LEVEL);
    match name {
        WrittenName::Parts { surname: a, given: b } => {
            let (a, b) = (fold(a.reveal()), fold(b.reveal()));
            like(&a, surname) || like(&b, given) || like(&a, given) || like(&b, surname)
        }
        WrittenName::Whole(text) => {
            let text = fold(text.reveal());
            let starts = |part: &str| !part.is_empty() && (text.starts_with(part) || text.ends_with(part));
            starts(surname)
                || starts(given)
                || text
                    .split(' ')
                    .any(|word| word.len() > 2 && surname.split(' ').chain(given.split(' ')).any(|own| like(word, own)))
        }
    }
}

/// A statement's declarant is the member who signed it: where one of the two rows has its person, so has the other.
pub(super) fn share_declarants(input: &Input<'_>, fates: &mut Fates) {
    let mut found: FixedMap<&str, Option<u32>> = FixedMap::default();
    let mut missing = Vec::new();
    for (b, (bank, bank_fates)) in input.banks.iter().zip(fates.banks()).enumerate() {
        for (r, (record, fate)) in bank.records.iter().zip(bank_fates).enumerate() {
            let signs =
                matches!(record.fact, Fact::IseeStatement { .. } | Fact::IseeMember { role: IseeRole::Declarant });
            let Some(group) = record.group.as_deref().filter(|_| signs) else { continue };
            match fate.person() {
                Some(person) => {
                    let known = found.entry(group).or_insert(Some(person));
                    // Two signers of one statement: neither speaks for a third row.
                    *known = known.filter(|known| *known == person);
                }
                None if valid_code(record).is_none() => {
                    missing.push((RowRef { bank: b as u32, record: r as u32 }, group));
                }
                None => {}
            }
        }
    }
    for (row, group) in missing {
        if let Some(&Some(person)) = found.get(group) {
            fates.set(row, Fate::Found { person, tier: Tier::Declarant, score: CODE_ALONE });
        }
    }
}

/// For who has no ordinary code in the registry: the code that their data make.
fn expected_codes(registry: &Registry<'_>, names: &Names) -> FixedMap<CodiceFiscale, u32> {
    let mut expected = FixedMap::default();
    for (i, person) in registry.people.iter().enumerate().filter(|(_, person)| person.ordinary_code().is_none()) {
        let record = registry.record(i as u32);
        let (Some(birth), Some(sex), Some(place)) =
            (record.identity.birth, record.identity.sex, record.identity.birth_place)
        else {
            continue;
        };
        let (surname, given) = (names.text(person.surname), names.text(person.given));
        if let Ok(code) = CodiceFiscale::derive(surname, given, sex, birth.date, place) {
            expected.entry(code).and_modify(|known| *known = SHARED).or_insert(i as u32);
        }
    }
    expected
}

/// A valid code of a row, whatever it is.
pub(super) fn valid_code(record: &Record) -> Option<FiscalCode> {
    if let CodeEvidence::Valid(code) = record.identity.code { Some(code) } else { None }
}
