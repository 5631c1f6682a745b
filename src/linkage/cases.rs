//! The rows that no code settles: compared with the registry, weighed, and given to the person they fit.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
};

use rayon::prelude::*;

use super::{
    AddressKey, Input, Tier, Unlinked,
    blocking::Index,
    compare::{Comparison, DIFFERENT_BIRTH, MISSING, Pattern, compare, compare_births, edits},
    names::{NameOption, Names},
    registry::Registry,
    study,
    tiers::{Decisions, Fate, Fates, RowRef, has_name_in_common, valid_code},
    traits::{CodeTrait, Traits},
    weights::{Model, Tally, is_excluded},
};
use crate::domain::{
    bank::BankKind,
    record::{CodeEvidence, Identity, Record},
};

/// Bits below the best candidate at which another one no longer counts.
const HOPELESS_BITS: f32 = 24.0;

/// Rows of a bank with a right code that teach what its errors look like, at most about so many.
const LESSONS: usize = 4000;

const NEAR_CODE_WITH_NAME: f32 = 0.9998;
const NEAR_CODE_ALONE: f32 = 0.99;

/// A row that is compared.
pub(super) struct Case {
    pub(super) row: RowRef,
    pub(super) traits: Traits,
    options: Range<u32>,
    pub(super) fallback: Option<u32>,
    candidates: Range<u32>,
}

/// A registered person who may be the one.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    pub(super) person: u32,
    pub(super) pattern: Pattern,
    pub(super) term_frequency: f32,
}

/// A row whose person is known, from which m is learnt.
struct Lesson {
    bank: u32,
    traits: Traits,
    options: Range<u32>,
    person: u32,
}

/// Every such row, with what is known to decide it.
pub(super) struct Cases<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) registry: &'a Registry<'a>,
    decisions: &'a Decisions,
    index: Index,
    pub(super) open_rows: Vec<Case>,
    options: Vec<NameOption>,
    lessons: Vec<Lesson>,
    candidates: Vec<Candidate>,
    pub(super) models: Vec<Model>,
    pub(super) lessons_tally: Vec<Tally>,
    /// How many valid codes of each bank are of registered people, and how many there are.
    pub(super) coverage: Vec<(f64, f64)>,
    pub(super) pairs: u64,
    pub(super) rounds: u32,
}

impl<'a> Cases<'a> {
    /// Packs the open rows and a sample of the settled ones.
    pub(super) fn gather(
        input: &'a Input<'a>,
        registry: &'a Registry<'a>,
        fates: &Fates,
        names: &mut Names,
        decisions: &'a Decisions,
    ) -> Self {
        let (mut cases, mut lessons, mut options) = (Vec::new(), Vec::new(), Vec::new());
        for (b, (bank, bank_fates)) in input.banks.iter().zip(fates.banks()).enumerate() {
            let has_open = bank_fates.iter().any(|fate| matches!(fate, Fate::Open { .. }));
            let named = |record: &Record| record.identity.name.is_some();
            let is_lesson = |fate: &Fate| matches!(fate, Fate::Found { tier: Tier::Code, .. });
            let teachers = bank.records.iter().zip(bank_fates).filter(|(r, f)| is_lesson(f) && named(r)).count();
            for (r, (record, fate)) in bank.records.iter().zip(bank_fates).enumerate() {
                let place = bank.places.get(r).copied().flatten();
                let start = options.len() as u32;
                match fate {
                    Fate::Open { fallback } => {
                        // A code that the name disputes is no evidence for anybody else.
                        let read = if fallback.is_some() { read_without_code } else { read_with_code };
                        let traits = read(record, place, input, names, &mut options);
                        let row = RowRef { bank: b as u32, record: r as u32 };
                        let options = start..options.len() as u32;
                        cases.push(Case { row, traits, options, fallback: *fallback, candidates: 0..0 });
                    }
                    Fate::Found { person, .. }
                        if has_open && is_lesson(fate) && named(record) && is_sampled(record, teachers / LESSONS) =>
                    {
                        let traits = read_without_code(record, place, input, names, &mut options);
                        let options = start..options.len() as u32;
                        lessons.push(Lesson { bank: b as u32, traits, options, person: *person });
                    }
                    _ => {}
                }
            }
        }
        let index = Index::build(names, if cases.is_empty() { &[] } else { &registry.people });
        Self {
            input,
            registry,
            decisions,
            index,
            open_rows: cases,
            options,
            lessons,
            candidates: Vec::new(),
            models: Vec::new(),
            lessons_tally: Vec::new(),
            coverage: input
                .banks
                .iter()
                .zip(fates.banks())
                .map(|(bank, fates)| coverage(bank.records, fates))
                .collect(),
            pairs: 0,
            rounds: 0,
        }
    }

    /// Pairs compared.
    pub(super) const fn pairs(&self) -> u64 {
        self.pairs
    }

    /// Rounds of expectation–maximisation.
    pub(super) const fn rounds(&self) -> u32 {
        self.rounds
    }

    /// What was learnt of each bank.
    pub(super) fn models(&self) -> Vec<(BankKind, Model)> {
        self.input.banks.iter().zip(&self.models).map(|(bank, model)| (bank.kind, model.clone())).collect()
    }

    /// The cases that are still open.
    pub(super) fn open<'b, 'f>(&'b self, fates: &'f Fates) -> impl Iterator<Item = &'b Case> + use<'a, 'b, 'f> {
        self.open_rows.iter().filter(|case| matches!(fates.get(case.row), Fate::Open { .. }))
    }

    /// The readings of a case's name.
    pub(super) fn options(&self, case: &Case) -> &[NameOption] {
        self.read_options(&case.options)
    }

    /// The record of a case.
    pub(super) fn record(&self, row: RowRef) -> &'a Record {
        &self.input.banks[row.bank as usize].records[row.record as usize]
    }

    fn read_options(&self, range: &Range<u32>) -> &[NameOption] {
        &self.options[range.start as usize..range.end as usize]
    }

    /// Links broken codes to the one person whose code is an edit away, if nothing else speaks against it.
    pub(super) fn match_near_codes(&mut self, names: &Names, fates: &mut Fates) {
        let near: Vec<Option<Fate>> = self.open_rows.par_iter().map(|case| self.near_code(case, names)).collect();
        for (case, fate) in self.open_rows.iter().zip(near) {
            if let Some(fate) = fate {
                fates.set(case.row, fate);
            }
        }
        self.open_rows.retain(|case| matches!(fates.get(case.row), Fate::Open { .. }));
    }

    fn near_code(&self, case: &Case, names: &Names) -> Option<Fate> {
        let record = self.record(case.row);
        let CodeEvidence::Broken(_) = record.identity.code else { return None };
        let name = record.identity.name.as_ref();
        let CodeTrait::Broken(broken) = case.traits.code else {
            return name.is_none().then_some(Fate::Lost(Unlinked::UnknownCode));
        };
        let mut near = Vec::new();
        self.index.push_code(&case.traits, &mut near);
        near.sort_unstable();
        near.dedup();
        near.retain(|&person| {
            let own = &self.registry.people[person as usize];
            own.ordinary_code().is_some_and(|code| edits(broken.as_bytes(), &code) <= 1)
                && !self.is_forbidden(case, person)
        });
        if name.is_none() && !case.traits.birth.is_known() {
            return Some(match near.as_slice() {
                &[person] => Fate::Found { person, tier: Tier::NearCode, score: NEAR_CODE_ALONE },
                [] => Fate::Lost(Unlinked::UnknownCode),
                _ => Fate::Lost(Unlinked::Ambiguous),
            });
        }
        near.retain(|&person| {
            let own = &self.registry.people[person as usize];
            let (pattern, _) = compare(names, &[], &case.traits, own);
            let birth = pattern.level(Comparison::Birth);
            name.is_none_or(|name| has_name_in_common(name, names.text(own.surname), names.text(own.given)))
                && (birth == MISSING || birth <= 2)
        });
        match near.as_slice() {
            &[person] => Some(Fate::Found { person, tier: Tier::NearCode, score: NEAR_CODE_WITH_NAME }),
            _ => None,
        }
    }

    fn is_forbidden(&self, case: &Case, person: u32) -> bool {
        !self.decisions.is_empty()
            && self.decisions.forbidden(self.input, self.registry, case.row).any(|other| other == person)
    }

    /// Compares every case with everyone who shares a key with it.
    pub(super) fn compare(&mut self, names: &Names) {
        self.prepare(names);
        let rated = self.open_rows.par_iter().map(|case| {
            let mut people = Vec::new();
            self.index.candidates(names, &case.traits, self.options(case), &mut people);
            self.rate(case, &people, names)
        });
        let rated = rated.collect();
        self.keep(rated);
    }

    /// Compares every case with everyone: the slow twin.
    #[cfg(test)]
    pub(super) fn compare_everyone(&mut self, names: &Names) {
        self.prepare(names);
        let everyone: Vec<u32> = (0..self.registry.people.len() as u32).collect();
        let rated = self.open_rows.iter().map(|case| self.rate(case, &everyone, names)).collect();
        self.keep(rated);
    }

    fn prepare(&mut self, names: &Names) {
        let u = study::u_of(&self.registry.people, names);
        let registered = self.registry.people.len() as u32;
        let model = |&(known, all): &(f64, f64)| Model::new(u, (known / all) as f32, registered);
        self.models = self.coverage.iter().map(model).collect();
        self.teach(names);
    }

    fn keep(&mut self, rated: Vec<(u32, Vec<Candidate>)>) {
        for (case, (compared, candidates)) in self.open_rows.iter_mut().zip(rated) {
            let start = self.candidates.len() as u32;
            self.pairs += u64::from(compared);
            self.candidates.extend(candidates);
            case.candidates = start..self.candidates.len() as u32;
        }
    }

    fn rate(&self, case: &Case, people: &[u32], names: &Names) -> (u32, Vec<Candidate>) {
        let options = self.options(case);
        let model = &self.models[case.row.bank as usize];
        let mut rated: Vec<(f32, Candidate)> = Vec::new();
        let mut best = f32::MIN;
        for &person in people {
            if let Some(candidate) = self.weigh_pair(case, options, person, names) {
                let weight = model.sum(candidate.pattern) + candidate.term_frequency;
                if weight > best - HOPELESS_BITS {
                    best = best.max(weight);
                    rated.push((weight, candidate));
                }
            }
        }
        rated.retain(|(weight, _)| *weight > best - HOPELESS_BITS);
        (people.len() as u32, rated.into_iter().map(|(_, candidate)| candidate).collect())
    }

    pub(super) fn weigh_pair(
        &self,
        case: &Case,
        options: &[NameOption],
        person: u32,
        names: &Names,
    ) -> Option<Candidate> {
        let own = &self.registry.people[person as usize];
        if is_contradicted(&case.traits, own) {
            return None;
        }
        let (pattern, option) = compare(names, options, &case.traits, own);
        if is_excluded(pattern) || self.is_forbidden(case, person) {
            return None;
        }
        let model = &self.models[case.row.bank as usize];
        let term_frequency =
            options.get(option).map_or(0.0, |option| model.term_frequency(names, *option, pattern).iter().sum());
        Some(Candidate { person, pattern, term_frequency })
    }

    /// The first m of each bank, and the share of its people who are registered, from the rows with a right code.
    fn teach(&mut self, names: &Names) {
        let mut tallies = vec![Tally::default(); self.input.banks.len()];
        for lesson in &self.lessons {
            let own = &self.registry.people[lesson.person as usize];
            let (pattern, _) = compare(names, self.read_options(&lesson.options), &lesson.traits, own);
            tallies[lesson.bank as usize].add(pattern, 1.0);
        }
        for (model, tally) in self.models.iter_mut().zip(&tallies) {
            model.learn(tally, None);
        }
        self.lessons_tally = tallies;
    }

    pub(super) fn candidates_of(&self, case: &Case) -> &[Candidate] {
        &self.candidates[case.candidates.start as usize..case.candidates.end as usize]
    }
}

/// What a valid code against another, or a sex and a birth date against another, rule out.
pub(super) fn is_contradicted(a: &Traits, b: &Traits) -> bool {
    if let (Some(one), Some(other)) = (a.ordinary_code(), b.ordinary_code()) {
        return one != other;
    }
    let births_differ = a.birth.is_known() && b.birth.is_known() && compare_births(a, b) == DIFFERENT_BIRTH;
    births_differ && a.sex.is_some() && b.sex.is_some() && a.sex != b.sex
}

/// How many valid codes of the bank the registry knows, and how many there are; a hundred known ones and a doubt are
/// taken for granted beforehand.
fn coverage(records: &[Record], fates: &[Fate]) -> (f64, f64) {
    let (mut known, mut all) = (100.0, 101.0);
    for (_, fate) in records.iter().zip(fates).filter(|(record, _)| valid_code(record).is_some()) {
        all += 1.0;
        known += f64::from(u8::from(matches!(fate, Fate::Found { .. } | Fate::Open { fallback: Some(_) })));
    }
    (known, all)
}

fn is_sampled(record: &Record, one_in: usize) -> bool {
    let Some(code) = valid_code(record) else { return false };
    let mut hasher = DefaultHasher::new();
    code.reveal().hash(&mut hasher);
    one_in < 2 || hasher.finish().is_multiple_of(one_in as u64)
}

fn read_with_code(
    record: &Record,
    place: Option<AddressKey>,
    input: &Input<'_>,
    names: &mut Names,
    options: &mut Vec<NameOption>,
) -> Traits {
    Traits::read(&record.identity, place, input.as_of, names, options)
}

/// The traits of a row as they would be had it no code.
fn read_without_code(
    record: &Record,
    place: Option<AddressKey>,
    input: &Input<'_>,
    names: &mut Names,
    options: &mut Vec<NameOption>,
) -> Traits {
    let Identity { name, birth, birth_place, sex, .. } = record.identity.clone();
    let bare = Identity { code: CodeEvidence::Missing, name, birth, birth_place, sex };
    Traits::read(&bare, place, input.as_of, names, options)
}
