//! The figures of the issue, by the truth of the shared banks.

use std::{collections::HashMap, time::Instant};

use super::banks::{AS_OF, Bank, Truth, read_town};
use crate::{
    domain::{
        bank::BankKind,
        record::{CodeEvidence, Fact, Record},
        watch::Unwatched,
    },
    linkage::{BankRecords, FamilyEvidence, Input, Link, Linked, link},
};

/// Whether the addresses are known (by truth, standing in for the geocoder).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Places {
    Known,
    Unknown,
}

pub(super) fn run(banks: &[Bank], family: FamilyEvidence, places: Places) -> (Linked, String) {
    let inputs: Vec<BankRecords<'_>> = banks
        .iter()
        .map(|bank| BankRecords {
            kind: bank.kind,
            records: &bank.records,
            places: if places == Places::Known { &bank.places } else { &[] },
        })
        .collect();
    let (start, cpu) = (Instant::now(), cpu_s());
    let linked = link(&Input { banks: &inputs, family, as_of: AS_OF, decided: &[] }, &Unwatched).unwrap();
    let spent = format!("{:.2} s by the clock, {:.2} s of processor", start.elapsed().as_secs_f64(), cpu_s() - cpu);
    (linked, spent)
}

/// Seconds of processor that this process has used (other tests that run at the same time count too).
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// Which linkage person each true person is, by the registry's rows.
pub(super) fn people_by_truth(banks: &[Bank], linked: &Linked) -> HashMap<u32, u32> {
    let mut of = HashMap::new();
    for (bank, links) in by_bank(banks, linked) {
        if bank.kind == BankKind::Anagrafe {
            of.extend(bank.truth.iter().zip(links).map(|(truth, link)| (truth.person, link.person.unwrap().0)));
        }
    }
    of
}

fn by_bank<'a>(banks: &'a [Bank], linked: &'a Linked) -> impl Iterator<Item = (&'a Bank, &'a [Link])> + 'a {
    let mut start = 0;
    banks.iter().map(move |bank| {
        let links = &linked.links[start..start + bank.records.len()];
        start += bank.records.len();
        (bank, links)
    })
}

/// Rows, rows given to somebody registered, rows given to the right person.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figures {
    pub(super) rows: u32,
    pub(super) linked: u32,
    pub(super) right: u32,
}

impl Figures {
    pub(super) fn recall(self) -> f64 {
        f64::from(self.right) / f64::from(self.rows.max(1))
    }
    pub(super) fn precision(self) -> f64 {
        f64::from(self.right) / f64::from(self.linked.max(1))
    }
}

/// Figures of the rows of a bank that pass a test, told from the truth.
pub(super) fn figures(banks: &[Bank], linked: &Linked, kind: BankKind, only: impl Fn(&Record) -> bool) -> Figures {
    let of = people_by_truth(banks, linked);
    let mut figures = Figures::default();
    for (bank, links) in by_bank(banks, linked).filter(|(bank, _)| bank.kind == kind) {
        for ((record, truth), link) in bank.records.iter().zip(&bank.truth).zip(links) {
            if !only(record) {
                continue;
            }
            figures.rows += 1;
            figures.linked += u32::from(link.person.is_some());
            let is_right = link.person.map(|person| person.0) == of.get(&truth.person).copied();
            figures.right += u32::from(is_right);
        }
    }
    figures
}

fn has_valid_code(record: &Record) -> bool {
    matches!(record.identity.code, CodeEvidence::Valid(_))
}

fn print_all(banks: &[Bank], linked: &Linked) {
    for bank in banks {
        let with = figures(banks, linked, bank.kind, has_valid_code);
        let without = figures(banks, linked, bank.kind, |record| matches!(record.identity.code, CodeEvidence::Missing));
        let broken =
            figures(banks, linked, bank.kind, |record| matches!(record.identity.code, CodeEvidence::Broken(_)));
        println!(
            "{:20} code: {:6} rows R {:.4} | none: {:4} rows R {:.4} P {:.4} | broken: {:4} rows R {:.4} P {:.4}",
            bank.kind.name(),
            with.rows,
            with.recall(),
            without.rows,
            without.recall(),
            without.precision(),
            broken.rows,
            broken.recall(),
            broken.precision(),
        );
    }
    println!("{:?}", linked.report);
}

/// Share of people in the right household, of pairs found and of pairs right, households exactly right.
pub(super) fn household_figures(banks: &[Bank], linked: &Linked) -> (f64, f64, f64, f64) {
    let (bank, links) = by_bank(banks, linked).find(|(bank, _)| bank.kind == BankKind::Anagrafe).unwrap();
    let mut cells: HashMap<(u32, u32), u64> = HashMap::new();
    let mut truths: HashMap<u32, u64> = HashMap::new();
    let mut founds: HashMap<u32, u64> = HashMap::new();
    for (truth, link) in bank.truth.iter().zip(links) {
        let Some(found) = link.household else { continue };
        *cells.entry((truth.household, found.0)).or_default() += 1;
        *truths.entry(truth.household).or_default() += 1;
        *founds.entry(found.0).or_default() += 1;
    }
    let pairs = |n: &u64| n * (n - 1) / 2;
    let both: u64 = cells.values().map(pairs).sum();
    let exact: u64 = cells.iter().filter(|((t, f), n)| truths[t] == **n && founds[f] == **n).map(|(_, n)| n).sum();
    let exact_households = cells.iter().filter(|((t, f), n)| truths[t] == **n && founds[f] == **n).count();
    let people: u64 = truths.values().sum();
    (
        exact as f64 / people as f64,
        both as f64 / truths.values().map(pairs).sum::<u64>() as f64,
        both as f64 / founds.values().map(pairs).sum::<u64>() as f64,
        exact_households as f64 / truths.len() as f64,
    )
}

#[test]
fn the_issues_figures_are_reached() {
    for town in ["lamezia", "anagni"] {
        let Some(banks) = read_town(town) else { return };
        for places in [Places::Known, Places::Unknown] {
            let (linked, spent) = run(&banks, FamilyEvidence::Hidden, places);
            println!("== {town}, addresses {places:?}: {spent}");
            print_all(&banks, &linked);
            for bank in &banks {
                assert!(figures(&banks, &linked, bank.kind, has_valid_code).recall() >= 0.9995, "{}", bank.kind);
            }
            for kind in [BankKind::FragiliAsl, BankKind::ServiziSociali] {
                let found = figures(&banks, &linked, kind, |record| !has_valid_code(record));
                assert!(found.recall() >= 0.995 && found.precision() >= 0.999, "{kind}: {found:?}");
            }
            let (people, recall, precision, exact) = household_figures(&banks, &linked);
            println!(
                "households hidden: people {people:.4}, pairs R {recall:.4} P {precision:.4}, households {exact:.4}"
            );
            assert!(people >= 0.99);
        }
    }
}

/// Without any code at all nothing teaches but the data themselves.
#[test]
fn rows_find_their_people_without_any_code() {
    let Some(mut banks) = read_town("lamezia") else { return };
    let kinds = [BankKind::FragiliAsl, BankKind::ServiziSociali, BankKind::Tari, BankKind::Erp];
    for bank in banks.iter_mut().filter(|bank| kinds.contains(&bank.kind)) {
        bank.records.iter_mut().for_each(|record| record.identity.code = CodeEvidence::Missing);
    }
    for places in [Places::Known, Places::Unknown] {
        let (linked, spent) = run(&banks, FamilyEvidence::Shown, places);
        for kind in kinds {
            let found = figures(&banks, &linked, kind, |_| true);
            println!(
                "no codes, {places:?}: {kind} R {:.4} P {:.4} {found:?} {spent}",
                found.recall(),
                found.precision()
            );
        }
    }
}

/// One person in ten is taken out of the registry: their rows must not go to their relatives and namesakes.
#[test]
fn who_is_not_registered_is_nobody_else() {
    let Some(mut banks) = read_town("lamezia") else { return };
    let gone = |truth: &Truth| truth.person.wrapping_mul(2_654_435_761) >> 16 & 1023 < 102;
    let registry = banks.iter_mut().find(|bank| bank.kind == BankKind::Anagrafe).unwrap();
    let keep: Vec<bool> = registry.truth.iter().map(|truth| !gone(truth)).collect();
    let mut at = keep.iter();
    registry.records.retain(|_| *at.next().unwrap());
    let mut at = keep.iter();
    registry.places.retain(|_| *at.next().unwrap());
    registry.truth.retain(|truth| !gone(truth));
    for places in [Places::Known, Places::Unknown] {
        let (linked, _) = run(&banks, FamilyEvidence::Shown, places);
        let of = people_by_truth(&banks, &linked);
        let registered = linked.report.registered;
        for (bank, links) in by_bank(&banks, &linked).filter(|(bank, _)| bank.kind != BankKind::Anagrafe) {
            let (mut here, mut right, mut away, mut wrong, mut stolen) = (0, 0, 0, 0, 0);
            let mut strangers: HashMap<u32, std::collections::BTreeSet<u32>> = HashMap::new();
            for (truth, link) in bank.truth.iter().zip(links) {
                let found = link.person.map(|person| person.0);
                if let Some(person) = of.get(&truth.person) {
                    here += 1;
                    right += u32::from(found == Some(*person));
                    wrong += u32::from(found.is_some_and(|found| found != *person && found < registered));
                    continue;
                }
                away += 1;
                stolen += u32::from(found.is_some_and(|found| found < registered));
                if let Some(found) = found.filter(|found| *found >= registered) {
                    strangers.entry(found).or_default().insert(truth.person);
                }
            }
            assert!(f64::from(stolen) <= 0.02 * f64::from(away) && wrong == 0, "{}: {stolen} of {away}", bank.kind);
            let mixed = strangers.values().filter(|people| people.len() > 1).count();
            println!(
                "open world, {places:?}: {:18} here {here} right {right} wrong {wrong} | away {away} given to others {stolen}, strangers {} mixed {mixed}",
                bank.kind.name(),
                strangers.len(),
            );
        }
        println!("unregistered {}", linked.report.unregistered);
    }
}

/// The date of residence is strong evidence here, where families move as one: how well without it?
#[test]
fn households_are_rebuilt_without_the_date_of_residence() {
    let Some(mut banks) = read_town("lamezia") else { return };
    for record in banks.iter_mut().filter(|bank| bank.kind == BankKind::Anagrafe).flat_map(|bank| &mut bank.records) {
        if let Fact::Registration { since, .. } = &mut record.fact {
            *since = None;
        }
    }
    for places in [Places::Known, Places::Unknown] {
        let (linked, _) = run(&banks, FamilyEvidence::Hidden, places);
        let (people, recall, precision, exact) = household_figures(&banks, &linked);
        println!(
            "without since, {places:?}: people {people:.4}, pairs R {recall:.4} P {precision:.4}, households {exact:.4}"
        );
        assert!(people > 0.98);
    }
}
