//! Households without the registry's family code: who shares a door, sorted out by kinship, date of residence, ISEE
//! nuclei, surnames and ages. The order of rows is no evidence.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{
    Input,
    names::{FixedMap, NameId},
    registry::{Registry, registration},
    tiers::Fates,
    traits::Day,
};
use crate::domain::{
    bank::BankKind,
    fold::fold,
    household::Kinship,
    person::Sex,
    record::{CodeEvidence, Fact, Record, WrittenAddress, WrittenName},
};

/// What is known of a person that tells families apart.
struct Tenant {
    door: u64,
    access: u64,
    kinship: Kinship,
    since: Day,
    surname: NameId,
    birth: Day,
    sex: Option<Sex>,
    citizenship: u64,
    /// The ISEE statements that name the person.
    nuclei: Vec<u32>,
    /// The same however rows are ordered: breaks ties.
    content: u64,
}

/// Bits for and against two people being of one family. Judged, not learnt: with the family code hidden there is
/// nothing to learn from.
mod bits {
    pub(super) const SAME_SINCE: f32 = 6.0;
    pub(super) const OTHER_SINCE: f32 = -3.0;
    pub(super) const SAME_NUCLEUS: f32 = 8.0;
    pub(super) const OTHER_NUCLEUS: f32 = -2.0;
    pub(super) const SAME_SURNAME: f32 = 4.0;
    pub(super) const SPOUSE_SURNAME: f32 = 2.0;
    pub(super) const OTHER_SURNAME: f32 = -3.0;
    pub(super) const SAME_CITIZENSHIP: f32 = 0.5;
    pub(super) const OTHER_CITIZENSHIP: f32 = -1.0;
    pub(super) const WRONG_AGE: f32 = -6.0;
    pub(super) const FAR_AGE: f32 = -3.0;
    pub(super) const SAME_SEX: f32 = -2.0;
}

/// Years between a parent and a child.
const GENERATION: std::ops::RangeInclusive<i64> = 14..=58;

/// The family of everyone, numbered by the first person.
pub(super) fn families(input: &Input<'_>, registry: &Registry<'_>, fates: &Fates) -> Vec<u32> {
    let tenants = tenants(input, registry, fates);
    let mut leader: Vec<Option<u32>> = vec![None; tenants.len()];
    let all: Vec<u32> = (0..tenants.len() as u32).collect();
    settle(&tenants, &all, |tenant| tenant.door, &mut leader);
    let homeless: Vec<u32> = all.iter().copied().filter(|&i| leader[i as usize].is_none()).collect();
    attach_by_nucleus(&tenants, &homeless, &mut leader);
    attach_by_access(&tenants, &homeless, &mut leader);
    gather_rest(&tenants, &homeless, &mut leader);
    number(&leader)
}

fn number(leader: &[Option<u32>]) -> Vec<u32> {
    let mut numbers: FixedMap<u32, u32> = FixedMap::default();
    let family = |(i, leader): (usize, &Option<u32>)| {
        let next = numbers.len() as u32;
        *numbers.entry(leader.unwrap_or(i as u32)).or_insert(next)
    };
    leader.iter().enumerate().map(family).collect()
}

fn tenants(input: &Input<'_>, registry: &Registry<'_>, fates: &Fates) -> Vec<Tenant> {
    let mut nuclei = nuclei(input, registry, fates);
    let tenant = |i: u32| {
        let (record, traits) = (registry.record(i), &registry.people[i as usize]);
        let (_, kinship, since) = registration(record);
        let mut door = DefaultHasher::new();
        match &record.address {
            Some(address) => {
                match traits.access {
                    0 => fold(address.to_line().reveal()).hash(&mut door),
                    access => access.hash(&mut door),
                }
                interior(address).hash(&mut door);
            }
            // No address: a door of one's own.
            None => (i, "none").hash(&mut door),
        }
        let mut citizenship = DefaultHasher::new();
        if let Fact::Registration { citizenship: text, .. } = &record.fact {
            text.hash(&mut citizenship);
        }
        Tenant {
            door: door.finish(),
            access: traits.access,
            kinship,
            since: since.map_or(Day::UNKNOWN, Day::from),
            surname: traits.surname,
            birth: traits.birth,
            sex: traits.sex,
            citizenship: citizenship.finish(),
            nuclei: nuclei.remove(&i).unwrap_or_default(),
            content: content(record),
        }
    };
    (0..registry.people.len() as u32).map(tenant).collect()
}

fn content(record: &Record) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let CodeEvidence::Valid(code) = record.identity.code {
        code.reveal().hash(&mut hasher);
    }
    match record.identity.name.as_deref() {
        Some(WrittenName::Parts { surname, given }) => (surname, given).hash(&mut hasher),
        Some(WrittenName::Whole(text)) => text.hash(&mut hasher),
        None => {}
    }
    hasher.finish()
}

fn interior(address: &WrittenAddress) -> String {
    match address {
        WrittenAddress::Parts(parts) => fold(parts.interior.reveal()),
        WrittenAddress::Text(_) => String::new(),
    }
}

/// The statements of each person, by number.
fn nuclei(input: &Input<'_>, registry: &Registry<'_>, fates: &Fates) -> FixedMap<u32, Vec<u32>> {
    let mut numbers: FixedMap<&str, u32> = FixedMap::default();
    let mut of_person: FixedMap<u32, Vec<u32>> = FixedMap::default();
    for (bank, bank_fates) in input.banks.iter().zip(fates.banks()) {
        if bank.kind != BankKind::IseeComponenti {
            continue;
        }
        for (record, fate) in bank.records.iter().zip(bank_fates) {
            if let (Some(group), Some(person)) = (record.group.as_deref(), fate.person()) {
                let next = numbers.len() as u32;
                let number = *numbers.entry(group).or_insert(next);
                if (person as usize) < registry.people.len() {
                    of_person.entry(person).or_default().push(number);
                }
            }
        }
    }
    of_person
}

/// Gives everyone who shares a key with heads of families to the head they fit best; heads lead themselves.
fn settle(tenants: &[Tenant], who: &[u32], key: impl Fn(&Tenant) -> u64, leader: &mut [Option<u32>]) {
    let mut order: Vec<(u64, u64, u32)> =
        who.iter().map(|&i| (key(&tenants[i as usize]), tenants[i as usize].content, i)).collect();
    order.sort_unstable();
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let of = |kinship: fn(&Kinship) -> bool| {
            group.iter().map(|entry| entry.2).filter(move |&i| kinship(&tenants[i as usize].kinship))
        };
        let heads: Vec<u32> = of(|kinship| *kinship == Kinship::Head).collect();
        for &head in &heads {
            leader[head as usize] = Some(head);
        }
        if heads.is_empty() {
            continue;
        }
        let spouses: Vec<u32> = of(|kinship| *kinship == Kinship::Spouse).collect();
        let couples = marry(tenants, &heads, &spouses, leader);
        for person in of(|kinship| !matches!(kinship, Kinship::Head | Kinship::Spouse)) {
            leader[person as usize] = best_head(tenants, person, &heads, &couples);
        }
    }
}

/// Pairs spouses with heads, the best pair first; who is left over has no head here.
fn marry(tenants: &[Tenant], heads: &[u32], spouses: &[u32], leader: &mut [Option<u32>]) -> FixedMap<u32, u32> {
    let mut pairs: Vec<(f32, u32, u32)> = Vec::with_capacity(heads.len() * spouses.len());
    for &spouse in spouses {
        for &head in heads {
            pairs.push((fit(&tenants[spouse as usize], &tenants[head as usize], None), spouse, head));
        }
    }
    // Stable: pairs of one score stay in the order of their contents.
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut couples = FixedMap::default();
    for (_, spouse, head) in pairs {
        if leader[spouse as usize].is_none() && !couples.contains_key(&head) {
            couples.insert(head, spouse);
            leader[spouse as usize] = Some(head);
        }
    }
    couples
}

fn best_head(tenants: &[Tenant], person: u32, heads: &[u32], couples: &FixedMap<u32, u32>) -> Option<u32> {
    let score = |head: u32| {
        let spouse = couples.get(&head).map(|&spouse| &tenants[spouse as usize]);
        fit(&tenants[person as usize], &tenants[head as usize], spouse)
    };
    let best = heads.iter().map(|&head| (score(head), head)).reduce(|a, b| if b.0 > a.0 { b } else { a });
    best.map(|(_, head)| head)
}

/// Bits for a person being of the family of a head, whose spouse is known or not.
fn fit(person: &Tenant, head: &Tenant, spouse: Option<&Tenant>) -> f32 {
    let mut sum = 0.0;
    if person.since.is_known() && head.since.is_known() {
        sum += if person.since == head.since { bits::SAME_SINCE } else { bits::OTHER_SINCE };
    }
    let shared = |a: &Tenant, b: &Tenant| a.nuclei.iter().any(|nucleus| b.nuclei.contains(nucleus));
    if shared(person, head) || spouse.is_some_and(|spouse| shared(person, spouse)) {
        sum += bits::SAME_NUCLEUS;
    } else if !person.nuclei.is_empty() && !head.nuclei.is_empty() {
        sum += bits::OTHER_NUCLEUS;
    }
    sum += if person.citizenship == head.citizenship { bits::SAME_CITIZENSHIP } else { bits::OTHER_CITIZENSHIP };
    let years = if person.birth.is_known() && head.birth.is_known() {
        i64::from(person.birth.year()) - i64::from(head.birth.year())
    } else {
        return sum;
    };
    let surname = match () {
        () if person.surname == head.surname => bits::SAME_SURNAME,
        () if spouse.is_some_and(|spouse| spouse.surname == person.surname) => bits::SPOUSE_SURNAME,
        () if person.kinship == Kinship::Child => bits::OTHER_SURNAME,
        () => 0.0,
    };
    sum + match person.kinship {
        Kinship::Child => surname + if GENERATION.contains(&years) { 0.0 } else { bits::WRONG_AGE },
        Kinship::Parent => surname + if GENERATION.contains(&-years) { 0.0 } else { bits::WRONG_AGE },
        Kinship::Spouse => {
            let far = if years.abs() > 25 { bits::FAR_AGE } else { -0.1 * years.abs() as f32 };
            far + if person.sex.is_some() && person.sex == head.sex { bits::SAME_SEX } else { 0.0 }
        }
        Kinship::Head | Kinship::Other => surname,
    }
}

/// Who has no head at the door goes with those who share a current or past ISEE nucleus.
fn attach_by_nucleus(tenants: &[Tenant], homeless: &[u32], leader: &mut [Option<u32>]) {
    if homeless.is_empty() {
        return;
    }
    let mut heads: FixedMap<u32, Vec<u32>> = FixedMap::default();
    for (i, tenant) in tenants.iter().enumerate() {
        if let Some(head) = leader[i] {
            for &nucleus in &tenant.nuclei {
                heads.entry(nucleus).or_default().push(head);
            }
        }
    }
    for &person in homeless {
        let mut near: Vec<u32> =
            tenants[person as usize].nuclei.iter().flat_map(|n| heads.get(n).into_iter().flatten().copied()).collect();
        near.sort_unstable();
        near.dedup();
        if let &[head] = near.as_slice() {
            leader[person as usize] = Some(head);
        }
    }
}

/// Then with a head of the same access, whatever is written of stairs and interior, if they fit.
fn attach_by_access(tenants: &[Tenant], homeless: &[u32], leader: &mut [Option<u32>]) {
    let mut heads: FixedMap<u64, Vec<u32>> = FixedMap::default();
    for &person in homeless.iter().filter(|&&i| leader[i as usize].is_none() && tenants[i as usize].access != 0) {
        heads.entry(tenants[person as usize].access).or_default();
    }
    for (i, tenant) in tenants.iter().enumerate().filter(|(_, tenant)| tenant.kinship == Kinship::Head) {
        if let Some(known) = heads.get_mut(&tenant.access) {
            known.push(i as u32);
        }
    }
    for known in heads.values_mut() {
        known.sort_unstable_by_key(|&i| (tenants[i as usize].content, i));
    }
    for &person in homeless.iter().filter(|&&i| leader[i as usize].is_none()).collect::<Vec<_>>() {
        let tenant = &tenants[person as usize];
        let Some(known) = heads.get(&tenant.access) else { continue };
        if let Some(head) = best_head(tenants, person, known, &FixedMap::default())
            && fit(tenant, &tenants[head as usize], None) >= bits::SAME_SINCE
        {
            leader[person as usize] = Some(head);
        }
    }
}

/// Who is still left makes a family with the others left at the same door.
fn gather_rest(tenants: &[Tenant], homeless: &[u32], leader: &mut [Option<u32>]) {
    let mut first: FixedMap<u64, u32> = FixedMap::default();
    for &person in homeless {
        if leader[person as usize].is_none() {
            leader[person as usize] = Some(*first.entry(tenants[person as usize].door).or_insert(person));
        }
    }
}
