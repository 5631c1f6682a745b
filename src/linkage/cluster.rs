//! People whom the registry does not know: the rows that are left, joined among themselves.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::civil::Date;

use super::{
    Tier, Unlinked,
    blocking::Index,
    cases::{Case, Cases, is_contradicted},
    compare::{Comparison, compare},
    names::{FixedMap, NO_NAME, Names},
    registry::Union,
    tiers::{Fate, Fates, RowRef, valid_code},
    traits::Traits,
    weights::is_excluded,
};
use crate::domain::{
    codice_fiscale::FiscalCode,
    person::{Person, PersonId, Residence, Sex},
    personal::Personal,
};

/// Probability from which two rows are one stranger, and the share of strangers' rows expected to have another.
const ACCEPTED: f32 = 0.95;
const EXPECTED_PAIRS: f32 = 0.5;

/// Probability of a stranger known by a valid code, and by name.
const BY_CODE: f32 = 0.99;
const BY_NAME: f32 = 0.9;

/// Somebody of whom only other banks speak.
pub(super) struct Stranger {
    code: Option<FiscalCode>,
    surname: u32,
    given: u32,
    birth: Option<Date>,
    sex: Option<Sex>,
}

impl Stranger {
    /// As a person without household.
    pub(super) fn person(&self, id: PersonId, names: &Names, as_of: Date) -> Person {
        let ordinary = self.code.and_then(|code| code.ordinary());
        Person {
            id,
            codes: self.code.into_iter().collect(),
            surname: Personal::from(names.text(self.surname)),
            given: Personal::from(names.text(self.given)),
            birth: self.birth.or(ordinary.map(|code| code.birth(as_of))),
            sex: self.sex.or(ordinary.map(|code| code.sex())),
            household: None,
            residence: Residence::Unregistered,
        }
    }
}

/// Makes people of what is left; rows that speak of nobody in particular stay without.
pub(super) fn strangers(cases: &Cases<'_>, names: &Names, fates: &mut Fates) -> Vec<Stranger> {
    let open = leave_unsure(cases, fates);
    let mut rows: Vec<(RowRef, Option<&Case>)> = open.iter().map(|case| (case.row, Some(*case))).collect();
    for (b, bank) in fates.banks().iter().enumerate() {
        let strangers = bank.iter().enumerate().filter(|(_, fate)| matches!(fate, Fate::Stranger));
        rows.extend(strangers.map(|(r, _)| (RowRef { bank: b as u32, record: r as u32 }, None)));
    }
    rows.sort_unstable_by_key(|(row, _)| *row);
    let mut union = Union::new(rows.len());
    join_by_code(cases, &rows, &mut union);
    join_by_likeness(cases, names, &rows, &mut union);
    let mut people: Vec<Stranger> = Vec::new();
    let mut number: FixedMap<u32, u32> = FixedMap::default();
    let first = cases.registry.people.len() as u32;
    for (i, (row, case)) in rows.iter().enumerate() {
        let next = people.len() as u32;
        let at = *number.entry(union.root(i as u32)).or_insert(next);
        if at == next {
            people.push(Stranger { code: None, surname: NO_NAME, given: NO_NAME, birth: None, sex: None });
        }
        let record = cases.record(*row);
        let stranger = &mut people[at as usize];
        stranger.code = stranger.code.or(valid_code(record));
        stranger.birth = stranger.birth.or(record.identity.birth.map(|birth| birth.date));
        stranger.sex = stranger.sex.or(record.identity.sex);
        if let (Some(case), NO_NAME) = (case, stranger.surname) {
            (stranger.surname, stranger.given) = (case.traits.surname, case.traits.given);
        }
        let score = if valid_code(record).is_some() { BY_CODE } else { BY_NAME };
        fates.set(*row, Fate::Found { person: first + at, tier: Tier::Unregistered, score });
    }
    people
}

/// Settles the open rows that may well be of someone registered, or that say too little; returns the others.
fn leave_unsure<'a>(cases: &'a Cases<'_>, fates: &mut Fates) -> Vec<&'a Case> {
    let mut settled = Vec::new();
    let mut left = Vec::new();
    for case in cases.open(fates) {
        let has_code = valid_code(cases.record(case.row)).is_some();
        let traits = &case.traits;
        if !has_code && cases.posterior(case, |_| true).absent < 0.5 {
            settled.push((case.row, Unlinked::Ambiguous));
        } else if !has_code && (traits.given == NO_NAME || (!traits.birth.is_known() && traits.street == 0)) {
            settled.push((case.row, Unlinked::Weak));
        } else {
            left.push(case);
        }
    }
    for (row, reason) in settled {
        fates.set(row, Fate::Lost(reason));
    }
    left
}

fn join_by_code(cases: &Cases<'_>, rows: &[(RowRef, Option<&Case>)], union: &mut Union) {
    let mut first: FixedMap<FiscalCode, u32> = FixedMap::default();
    for (i, (row, _)) in rows.iter().enumerate() {
        if let Some(code) = valid_code(cases.record(*row)) {
            union.join(*first.entry(code).or_insert(i as u32), i as u32);
        }
    }
}

/// Joins rows by Fellegi–Sunter, surest first, never two codes nor two sexes and dates.
fn join_by_likeness(cases: &Cases<'_>, names: &Names, rows: &[(RowRef, Option<&Case>)], union: &mut Union) {
    let named = representatives(cases, names, rows);
    if named.len() < 2 {
        return;
    }
    let traits: Vec<Traits> = named.iter().map(|(_, case)| case.traits).collect();
    let index = Index::build(names, &traits);
    let prior = (EXPECTED_PAIRS / named.len() as f32).log2();
    let needed = (ACCEPTED / (1.0 - ACCEPTED)).log2();
    let mut pairs = Vec::new();
    let mut near = Vec::new();
    for (a, (_, case)) in named.iter().enumerate() {
        index.candidates(names, &case.traits, cases.options(case), &mut near);
        for &b in near.iter().filter(|&&b| b as usize != a) {
            let bits = likeness(cases, names, case, named[b as usize].1);
            if let Some(bits) = bits.map(|bits| bits + prior).filter(|bits| *bits >= needed) {
                pairs.push((bits, a as u32, b));
            }
        }
    }
    let content: Vec<u64> = named.iter().map(|(_, case)| content_of(names, &case.traits)).collect();
    let key = |a: u32, b: u32| {
        let (a, b) = (content[a as usize], content[b as usize]);
        (a.min(b), a.max(b))
    };
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then_with(|| key(x.1, x.2).cmp(&key(y.1, y.2))));
    let mut members: FixedMap<u32, Vec<u32>> = FixedMap::default();
    for (n, (i, _)) in named.iter().enumerate() {
        members.entry(union.root(*i)).or_default().push(n as u32);
    }
    for (_, a, b) in pairs {
        let (a, b) = (union.root(named[a as usize].0), union.root(named[b as usize].0));
        if a == b || !may_join(&traits, &members[&a], &members[&b]) {
            continue;
        }
        union.join(a, b);
        let (kept, gone) = (a.min(b), a.max(b));
        let moved = members.remove(&gone).unwrap_or_default();
        members.entry(kept).or_default().extend(moved);
    }
}

/// Rows to be compared: those without a valid code, and of each code the row that says most.
fn representatives<'a>(cases: &Cases<'_>, names: &Names, rows: &[(RowRef, Option<&'a Case>)]) -> Vec<(u32, &'a Case)> {
    let named = || rows.iter().enumerate().filter_map(|(i, (_, case))| Some((i as u32, (*case)?)));
    let code = |case: &Case| valid_code(cases.record(case.row));
    let worth = |case: &Case| (case.traits.given != NO_NAME, case.traits.access != 0, content_of(names, &case.traits));
    let mut best: FixedMap<FiscalCode, (u32, &Case)> = FixedMap::default();
    for (i, case) in named() {
        if let Some(code) = code(case) {
            let slot = best.entry(code).or_insert((i, case));
            if worth(case) > worth(slot.1) {
                *slot = (i, case);
            }
        }
    }
    named().filter(|(i, case)| code(case).is_none_or(|code| best[&code].0 == *i)).collect()
}

fn may_join(traits: &[Traits], a: &[u32], b: &[u32]) -> bool {
    a.iter().all(|&x| b.iter().all(|&y| !is_contradicted(&traits[x as usize], &traits[y as usize])))
}

fn likeness(cases: &Cases<'_>, names: &Names, a: &Case, b: &Case) -> Option<f32> {
    if is_contradicted(&a.traits, &b.traits) {
        return None;
    }
    let (pattern, option) = compare(names, cases.options(a), &a.traits, &b.traits);
    // Without a date on both sides only a shared door says that a name is one person's.
    if is_excluded(pattern) || pattern.level(Comparison::Given) == super::compare::MISSING {
        return None;
    }
    let model = &cases.models[a.row.bank as usize];
    let terms = cases.options(a).get(option).map(|option| model.term_frequency(names, *option, pattern));
    Some(model.sum(pattern) + terms.map_or(0.0, |terms| terms.iter().sum()))
}

fn content_of(names: &Names, traits: &Traits) -> u64 {
    let mut hasher = DefaultHasher::new();
    (names.text(traits.surname), names.text(traits.given), traits.birth, traits.access).hash(&mut hasher);
    hasher.finish()
}
