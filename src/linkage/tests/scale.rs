//! A town of a million: fifteen Lamezias with other names, dates, codes and doors.

use jiff::ToSpan;

use super::{
    banks::{Bank, read_town},
    measure::{Places, figures, run},
};
use crate::{
    domain::{
        bank::BankKind,
        codice_fiscale::{CodiceFiscale, FiscalCode},
        personal::Personal,
        place::{AccessId, StreetId},
        record::{CodeEvidence, Record, WrittenName},
    },
    linkage::{AddressKey, FamilyEvidence},
};

const COPIES: u32 = 15;
const CONSONANTS: &[u8] = b"BCDFGLMNPRSTVZ";

/// The name in the copy's own language: its consonants exchanged.
fn renamed(text: &Personal, copy: u32) -> Personal {
    let turn = (copy % 5) as usize * 3;
    let letter = |c: char| match CONSONANTS.iter().position(|&known| char::from(known) == c.to_ascii_uppercase()) {
        Some(at) => char::from(CONSONANTS[(at + turn) % CONSONANTS.len()]),
        None => c,
    };
    Personal::from(text.reveal().chars().map(letter).collect::<String>())
}

fn recoded(code: &CodeEvidence, copy: u32) -> CodeEvidence {
    let shift = |text: &str| -> String {
        let mut bytes = text.as_bytes().to_vec();
        for byte in bytes.iter_mut().take(6) {
            if byte.is_ascii_uppercase() {
                *byte = b'A' + (*byte - b'A' + copy as u8) % 26;
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    match code {
        CodeEvidence::Valid(FiscalCode::Ordinary(code)) => {
            let text = shift(code.reveal());
            let letters = (b'A'..=b'Z').map(|last| format!("{}{}", &text[..15], char::from(last)));
            let code = letters.into_iter().find_map(|text| CodiceFiscale::parse(&text).ok()).unwrap();
            CodeEvidence::Valid(FiscalCode::Ordinary(code))
        }
        CodeEvidence::Broken(text) => {
            let text = shift(text.reveal());
            FiscalCode::parse(&text).map_or_else(|_| CodeEvidence::Broken(Personal::from(text)), CodeEvidence::Valid)
        }
        other => other.clone(),
    }
}

fn copied(record: &Record, row: u32, copy: u32) -> Record {
    let mut record = record.clone();
    record.row = row;
    record.identity.code = recoded(&record.identity.code, copy);
    if let Some(name) = record.identity.name.as_deref_mut() {
        match name {
            WrittenName::Parts { surname, given } => {
                *surname = renamed(surname, copy);
                *given = renamed(given, copy);
            }
            WrittenName::Whole(text) => *text = renamed(text, copy),
        }
    }
    if let Some(birth) = &mut record.identity.birth {
        let days = (i64::from(copy / 5) * 41).days();
        birth.date = birth.date.checked_sub(days).unwrap();
        birth.other = birth.other.map(|other| other.checked_sub(days).unwrap());
    }
    record.group = record.group.map(|group| format!("{group}-{copy}").into());
    record
}

#[test]
#[ignore = "a minute and four gigabytes: run it by name"]
fn a_million_people_are_linked() {
    let Some(town) = read_town("lamezia") else { return };
    let banks: Vec<Bank> = town
        .iter()
        .map(|bank| {
            let mut big = Bank { kind: bank.kind, records: Vec::new(), places: Vec::new(), truth: Vec::new() };
            for copy in 0..COPIES {
                for (i, record) in bank.records.iter().enumerate() {
                    big.records.push(copied(record, copy * bank.records.len() as u32 + i as u32 + 1, copy));
                    let far = u64::from(copy) << 40;
                    big.places.push(bank.places[i].map(|key| AddressKey {
                        street: key.street.map(|street| StreetId(street.0 + far)),
                        access: key.access.map(|access| AccessId(access.0 + far)),
                    }));
                    let mut truth = bank.truth[i];
                    truth.person += copy * 1_000_000;
                    truth.household += copy * 1_000_000;
                    big.truth.push(truth);
                }
            }
            big
        })
        .collect();
    println!("rows {}", banks.iter().map(|bank| bank.records.len()).sum::<usize>());
    let before = memory("VmRSS");
    for family in [FamilyEvidence::Shown, FamilyEvidence::Hidden] {
        let (linked, spent) = run(&banks, family, Places::Known);
        println!("{family:?}: {spent}, {} MiB beside the input", (memory("VmHWM") - before) / 1024);
        println!("{:?}", linked.report);
        for kind in [BankKind::FragiliAsl, BankKind::ServiziSociali, BankKind::Tari] {
            let found =
                figures(&banks, &linked, kind, |record| !matches!(record.identity.code, CodeEvidence::Valid(_)));
            println!("{kind}: R {:.4} P {:.4}", found.recall(), found.precision());
        }
    }
}

/// A line of the process's status, in KiB.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found =
        status.lines().find_map(|text| text.strip_prefix(line)?.trim_start_matches(':').trim().strip_suffix(" kB"));
    found.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
}
