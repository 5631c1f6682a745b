//! What holds of every input, however noisy.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;

use super::town::{Filled, Resident, case, frail, invent, key, linked, member, parts, place, registry, whole};
use crate::{
    domain::{
        bank::BankKind,
        person::{PersonId, Residence},
        record::{CodeEvidence, Record, RecordKey},
    },
    linkage::{FamilyEvidence, Linked, Tier},
};

/// How a row is spoilt.
#[derive(Clone, Copy, Debug)]
struct Noise {
    who: usize,
    typo: u8,
    birth: u8,
    code: u8,
    placed: bool,
}

fn noise() -> impl Strategy<Value = Noise> {
    (0_usize..400, 0_u8..6, 0_u8..6, 0_u8..6, any::<bool>()).prop_map(|(who, typo, birth, code, placed)| Noise {
        who,
        typo,
        birth,
        code,
        placed,
    })
}

fn spoilt_name(resident: &Resident, typo: u8) -> (String, String) {
    let (surname, given) = (resident.surname.clone(), resident.given.clone());
    match typo {
        0 => (format!("{surname}E"), given),
        1 => (surname, given[..given.len() - 1].to_owned()),
        2 => (given, surname),
        3 => (surname, given.split(' ').next().unwrap().to_owned()),
        _ => (surname, given),
    }
}

fn spoilt(residents: &[Resident], bank: BankKind, row: u32, noise: Noise) -> (Record, bool) {
    let resident = &residents[noise.who % residents.len()];
    let (surname, given) = spoilt_name(resident, noise.typo);
    let birth = match noise.birth {
        0 => None,
        1 => resident.birth.with().day(1).build().ok(),
        _ => Some(resident.birth),
    };
    let own = resident.code();
    let text = match noise.code {
        0 | 1 => String::new(),
        2 => format!("{}9{}", &own.reveal()[..4], &own.reveal()[5..]),
        3 => own.omocodes()[5].reveal().to_owned(),
        _ => own.reveal().to_owned(),
    };
    let record = match bank {
        BankKind::FragiliAsl => frail(row, whole(&format!("{surname} {given}")), birth, &text),
        BankKind::IseeComponenti => member(row, &format!("D{}", resident.family), parts(&surname, &given), &text),
        _ => case(row, parts(&surname, &given), birth, &text),
    };
    (record, noise.placed)
}

fn town(seed: u64, rows: &[(u8, Noise)]) -> (Vec<Resident>, Vec<Filled>) {
    let residents = invent(60, seed);
    let mut banks = vec![registry(&residents)];
    let kinds = [BankKind::FragiliAsl, BankKind::ServiziSociali, BankKind::IseeComponenti];
    for (b, kind) in kinds.into_iter().enumerate() {
        let (mut records, mut places) = (Vec::new(), Vec::new());
        for (i, (_, noise)) in rows.iter().enumerate().filter(|(_, (bank, _))| usize::from(*bank) == b) {
            let (record, placed) = spoilt(&residents, kind, i as u32 + 1, *noise);
            let family = residents[noise.who % residents.len()].family;
            records.push(record);
            places.push(placed.then(|| place(family)));
        }
        banks.push((kind, records, places));
    }
    (residents, banks)
}

/// Rows that are one person, and people of one household, whatever the numbers.
fn partition(linked: &Linked) -> (BTreeSet<BTreeSet<RecordKey>>, BTreeSet<BTreeSet<RecordKey>>) {
    let mut people: BTreeMap<PersonId, BTreeSet<RecordKey>> = BTreeMap::new();
    let mut homes: BTreeMap<u32, BTreeSet<RecordKey>> = BTreeMap::new();
    for link in &linked.links {
        if let Some(person) = link.person {
            people.entry(person).or_default().insert(link.record);
        }
        if let Some(home) = link.household {
            homes.entry(home.0).or_default().insert(link.record);
        }
    }
    (people.into_values().collect(), homes.into_values().collect())
}

fn shuffled(banks: &[Filled], seed: u64) -> Vec<Filled> {
    banks
        .iter()
        .map(|(kind, records, places)| {
            let mut order: Vec<usize> = (0..records.len()).collect();
            order.sort_by_key(|&i| {
                (i as u64 + 1).wrapping_mul(seed | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17)
            });
            (*kind, order.iter().map(|&i| records[i].clone()).collect(), order.iter().map(|&i| places[i]).collect())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_decides_nothing(
        seed in 0_u64..1000, order in any::<u64>(), rows in proptest::collection::vec((0_u8..3, noise()), 0..60),
    ) {
        let (_, banks) = town(seed, &rows);
        for family in [FamilyEvidence::Shown, FamilyEvidence::Hidden] {
            let one = linked(&banks, family, &[]);
            let other = linked(&shuffled(&banks, order), family, &[]);
            prop_assert_eq!(partition(&one), partition(&other));
        }
    }

    #[test]
    fn links_keep_their_promises(
        seed in 0_u64..1000, rows in proptest::collection::vec((0_u8..3, noise()), 0..80),
    ) {
        let (residents, banks) = town(seed, &rows);
        let out = linked(&banks, FamilyEvidence::Hidden, &[]);
        // One link a record, in the order of the input; every number points somewhere.
        let expected: Vec<RecordKey> =
            banks.iter().flat_map(|(kind, records, _)| records.iter().map(|r| key(*kind, r.row))).collect();
        prop_assert_eq!(out.links.iter().map(|link| link.record).collect::<Vec<_>>(), expected);
        for (i, person) in out.people.iter().enumerate() {
            prop_assert_eq!(person.id.0 as usize, i);
            prop_assert!(person.household.is_none_or(|home| (home.0 as usize) < out.households.len()));
        }
        for (i, household) in out.households.iter().enumerate() {
            prop_assert_eq!(household.id.0 as usize, i);
            prop_assert!(!household.members.is_empty());
            for member in &household.members {
                prop_assert_eq!(out.people[member.0 as usize].household, Some(household.id));
                prop_assert_eq!(out.people[member.0 as usize].residence, Residence::Resident);
            }
        }
        for link in &out.links {
            prop_assert_eq!(link.person.is_none(), matches!(link.tier, Tier::Unlinked(_)));
            prop_assert!((0.0..=1.0).contains(&link.score) && (link.person.is_some() || link.score == 0.0));
        }
        prop_assert_eq!(out.report.registered as usize, residents.len());
        forbidden_clusters_never_occur(&banks, &out)?;
    }
}

/// No person has rows with two valid ordinary codes that agree with their names; no row of a bank that has one row a
/// person shares its person with another, unless both say the same.
fn forbidden_clusters_never_occur(banks: &[Filled], out: &Linked) -> Result<(), TestCaseError> {
    let records = banks.iter().flat_map(|(kind, records, _)| records.iter().map(move |record| (*kind, record)));
    let mut codes: HashMap<PersonId, BTreeSet<String>> = HashMap::new();
    let mut frail: HashMap<PersonId, Vec<&Record>> = HashMap::new();
    for ((kind, record), link) in records.zip(&out.links) {
        let Some(person) = link.person else { continue };
        if let CodeEvidence::Valid(code) = record.identity.code {
            codes.entry(person).or_default().insert(code.reveal().to_owned());
        }
        if kind == BankKind::FragiliAsl {
            frail.entry(person).or_default().push(record);
        }
    }
    for codes in codes.values() {
        prop_assert_eq!(codes.len(), 1);
    }
    for rows in frail.values().filter(|rows| rows.len() > 1) {
        let by_evidence = |r: &&&Record| matches!(r.identity.code, CodeEvidence::Missing);
        let bare: Vec<_> = rows.iter().filter(by_evidence).map(|r| (&r.identity.name, r.identity.birth)).collect();
        prop_assert!(bare.windows(2).all(|pair| pair[0].1 == pair[1].1), "two rows of two dates on one person");
    }
    Ok(())
}
