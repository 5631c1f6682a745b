//! Rows joined to people, beside a comparison of each with everybody.

use std::time::Instant;

use atlante::{
    domain::{
        bank::BankKind,
        fold::fold,
        record::{CodeEvidence, Record, WrittenName},
        watch::Unwatched,
    },
    linkage::{BankRecords, FamilyEvidence, Input, Linked, link},
};
use jiff::civil::date;

use crate::{Table, gauge::least, town::Town};

pub fn measure(table: &mut Table) {
    let town = Town::real();
    let banks = town.records();
    let only = |kinds: &[BankKind]| -> Vec<(BankKind, &[Record])> {
        banks.iter().filter(|(kind, _)| kinds.contains(kind)).map(|(kind, rows)| (*kind, rows.as_slice())).collect()
    };
    let some = only(&[BankKind::Anagrafe, BankKind::FragiliAsl, BankKind::ServiziSociali]);
    let spine = only(&[BankKind::Anagrafe]);
    let (_, spent) = least(3, || run(&some));
    let uncoded: Vec<&Record> = some
        .iter()
        .filter(|(kind, _)| *kind != BankKind::Anagrafe)
        .flat_map(|(_, rows)| rows.iter().filter(|row| matches!(row.identity.code, CodeEvidence::Missing)))
        .collect();
    let registry: &[Record] = spine.first().map_or(&[], |(_, rows)| rows);
    let everyone: Vec<String> = registry.iter().filter_map(name_of).collect();
    let sample: Vec<String> =
        uncoded.iter().step_by((uncoded.len() / 40).max(1)).filter_map(|row| name_of(row)).collect();
    let begun = Instant::now();
    let near = sample.iter().filter(|name| everyone.iter().any(|other| likeness(name, other) > 0.85)).count();
    let brute_s = begun.elapsed().as_secs_f64() / sample.len().max(1) as f64 * uncoded.len() as f64;
    table.beside(
        format!(
            "linkage: {} rows without code of {}, registry of {} read in",
            uncoded.len(),
            town.name,
            registry.len()
        ),
        "≤ 1 s",
        spent.to_string(),
        format!("each with everybody: {brute_s:.1} s (from {})", sample.len()),
        Some(brute_s / spent.wall_s),
    );
    assert!(near > 0 || sample.is_empty(), "the twin finds people too");
    let all: Vec<(BankKind, &[Record])> = banks.iter().map(|(kind, rows)| (*kind, rows.as_slice())).collect();
    let rows: usize = all.iter().map(|(_, rows)| rows.len()).sum();
    let (linked, spent) = least(3, || run(&all));
    table.note(
        format!("linkage: all {rows} rows of {}, {} people", town.name, linked.people.len()),
        "",
        spent.to_string(),
    );
}

fn run(banks: &[(BankKind, &[Record])]) -> Linked {
    let banks: Vec<BankRecords<'_>> =
        banks.iter().map(|&(kind, records)| BankRecords { kind, records, places: &[] }).collect();
    let input = Input { banks: &banks, family: FamilyEvidence::Shown, as_of: date(2026, 6, 30), decided: &[] };
    link(&input, &Unwatched).expect("nobody stops it")
}

fn name_of(row: &Record) -> Option<String> {
    Some(fold(&match row.identity.name.as_deref()? {
        WrittenName::Parts { surname, given } => format!("{} {}", surname.reveal(), given.reveal()),
        WrittenName::Whole(text) => text.reveal().to_owned(),
    }))
}

/// The share of letters that two names have in common in order (longest common subsequence): the twin's plain measure.
fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut row = vec![0_u16; b.len() + 1];
    for x in a {
        let mut corner = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { corner + 1 } else { above.max(row[j]) };
            corner = above;
        }
    }
    2.0 * f64::from(row[b.len()]) / (a.len() + b.len()).max(1) as f64
}
