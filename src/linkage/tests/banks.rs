//! The shared banks as records, read plainly: `ingest` is a sibling and stays unknown here.

use std::{collections::HashMap, path::PathBuf};

use jiff::civil::{Date, date};

use crate::{
    domain::{
        bank::BankKind,
        codice_fiscale::FiscalCode,
        household::Kinship,
        period::Period,
        person::{Residence, Sex},
        personal::Personal,
        place::{AccessId, StreetId},
        record::{
            AddressParts, BirthEvidence, CodeEvidence, Fact, Identity, IseeRole, Record, Severity, Support,
            WrittenAddress, WrittenName,
        },
    },
    linkage::AddressKey,
};

pub(super) const AS_OF: Date = date(2026, 6, 30);

/// A bank, its rows' addresses by truth, and whom each row speaks of.
pub(super) struct Bank {
    pub(super) kind: BankKind,
    pub(super) records: Vec<Record>,
    pub(super) places: Vec<Option<AddressKey>>,
    pub(super) truth: Vec<Truth>,
}

/// The truth about a row.
#[derive(Clone, Copy)]
pub(super) struct Truth {
    pub(super) person: u32,
    pub(super) household: u32,
}

/// Every bank of a town, or nothing (said aloud) where the shared data are not here.
pub(super) fn read_town(town: &str) -> Option<Vec<Bank>> {
    let root = std::env::var("ATLANTE_SHARED")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from)
        .join("data")
        .join(town);
    if !root.is_dir() {
        println!("skipped: the shared data of {town} are not here");
        return None;
    }
    let streets = read_streets(&root);
    Some(BankKind::ALL.into_iter().map(|kind| read_bank(&root, kind, &streets)).collect())
}

/// Street of each access, by the register of either town.
fn read_streets(root: &std::path::Path) -> HashMap<u64, u64> {
    let mut streets = HashMap::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !(name.contains("indirizzario") || name.starts_with("anncsu_A")) {
            continue;
        }
        let text: String = std::fs::read(&path).unwrap().iter().map(|&b| b as char).collect();
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap().split(';').collect();
        let at = |column: &str| header.iter().position(|cell| cell.contains(column)).unwrap();
        let (street, access) = (at("PROGRESSIVO_NAZIONALE"), at("PROGRESSIVO_ACCESSO"));
        for line in lines {
            let cells: Vec<&str> = line.split(';').collect();
            if let (Ok(access), Ok(street)) = (cells[access].trim().parse(), cells[street].trim().parse()) {
                streets.insert(access, street);
            }
        }
    }
    streets
}

fn read_bank(root: &std::path::Path, kind: BankKind, streets: &HashMap<u64, u64>) -> Bank {
    let bytes = std::fs::read(root.join("banks").join(format!("{}.csv", kind.name()))).unwrap();
    let text = String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().iter().map(|&b| b as char).collect());
    let delimiter = match kind {
        BankKind::Redditi => b'|',
        BankKind::ServiziSociali => b'\t',
        _ => b';',
    };
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let mut records = Vec::new();
    for (i, row) in reader.records().enumerate() {
        let row = row.unwrap();
        let cells: Vec<&str> = row.iter().map(str::trim).collect();
        records.push(read_record(kind, i as u32 + 1, &cells));
    }
    let mut truth = Vec::new();
    let mut places = Vec::new();
    let mut reader = csv::Reader::from_path(root.join("truth").join(format!("{}.csv", kind.name()))).unwrap();
    for (row, record) in reader.records().zip(&records) {
        let row = row.unwrap();
        truth.push(Truth { person: row[1].parse().unwrap(), household: row[2].parse().unwrap() });
        let access = row[3].parse::<u64>().ok().filter(|_| record.address.is_some());
        places.push(access.map(|access| AddressKey {
            street: streets.get(&access).map(|&street| StreetId(street)),
            access: Some(AccessId(access)),
        }));
    }
    assert_eq!(truth.len(), records.len());
    Bank { kind, records, places, truth }
}

fn code(text: &str) -> CodeEvidence {
    let clean: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    match FiscalCode::parse(&clean) {
        _ if clean.is_empty() => CodeEvidence::Missing,
        Ok(code) => CodeEvidence::Valid(code),
        Err(_) => CodeEvidence::Broken(Personal::from(clean)),
    }
}

fn day(text: &str) -> Option<Date> {
    birth(text).map(|birth| birth.date)
}

/// `31/12/1950`, `1950-12-31`, `31-12-50`.
fn birth(text: &str) -> Option<BirthEvidence> {
    let parts: Vec<i16> = text.split(['/', '-']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let &[a, b, c] = parts.as_slice() else { return None };
    let (year, month, day) = if a > 31 { (a, b, c) } else { (c, b, a) };
    if year >= 100 {
        return Some(BirthEvidence { date: Date::new(year, month as i8, day as i8).ok()?, other: None });
    }
    let (late, early) =
        (Date::new(2000 + year, month as i8, day as i8), Date::new(1900 + year, month as i8, day as i8));
    match late {
        Ok(late) if late <= AS_OF => Some(BirthEvidence { date: late, other: early.ok() }),
        _ => Some(BirthEvidence { date: early.ok()?, other: None }),
    }
}

fn whole(text: &str) -> Option<Box<WrittenName>> {
    (!text.is_empty()).then(|| Box::new(WrittenName::Whole(Personal::from(text))))
}

fn parts(surname: &str, given: &str) -> WrittenName {
    WrittenName::Parts { surname: Personal::from(surname), given: Personal::from(given) }
}

fn address(text: &str) -> WrittenAddress {
    WrittenAddress::Text(Personal::from(text))
}

fn registration(row: u32, c: &[&str]) -> Record {
    let kinship = match c[8] {
        "IS" => Kinship::Head,
        "MG" => Kinship::Spouse,
        "FG" => Kinship::Child,
        "MA" => Kinship::Parent,
        _ => Kinship::Other,
    };
    let residence = match c[16] {
        "RESIDENTE" => Residence::Resident,
        "DECEDUTO" => Residence::Deceased,
        "EMIGRATO" => Residence::Emigrated,
        _ => Residence::Untraceable,
    };
    let interior = [c[13], c[14]].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    Record {
        row,
        identity: Identity {
            code: code(c[1]),
            name: Some(Box::new(parts(c[2], c[3]))),
            birth: birth(c[5]),
            birth_place: c[6].as_bytes().try_into().ok(),
            sex: Some(if c[4] == "F" { Sex::F } else { Sex::M }),
        },
        group: Some(c[0].into()),
        address: Some(Box::new(WrittenAddress::Parts(Box::new(AddressParts {
            kind: c[9].into(),
            name: c[10].into(),
            number: c[11].into(),
            exponent: c[12].into(),
            interior: interior.into(),
            ..AddressParts::default()
        })))),
        fact: Fact::Registration { kinship, residence, citizenship: c[7].into(), since: day(c[15]) },
    }
}

fn read_record(kind: BankKind, row: u32, c: &[&str]) -> Record {
    let by_code = |text: &str| Identity { code: code(text), ..Identity::default() };
    let record = |identity, group: Option<&str>, address, fact| Record {
        row,
        identity,
        group: group.map(Box::from),
        address,
        fact,
    };
    let cents = 0;
    match kind {
        BankKind::Anagrafe => registration(row, c),
        BankKind::IseeAttestazioni => {
            let validity = Period { from: day(c[1]), to: day(c[2]) };
            let kind = c[3].into();
            let fact =
                Fact::IseeStatement { validity, kind, isee: cents, isee_inclusione: None, scale: 100, isr: 0, isp: 0 };
            record(by_code(c[4]), Some(c[0]), None, fact)
        }
        BankKind::IseeComponenti => {
            let role = if c[4] == "D" { IseeRole::Declarant } else { IseeRole::Member };
            let identity = Identity { name: Some(Box::new(parts(c[2], c[3]))), ..by_code(c[1]) };
            record(identity, Some(c[0]), None, Fact::IseeMember { role })
        }
        BankKind::PrestazioniInps => {
            let period = Period { from: day(c[4]), to: day(c[5]) };
            record(by_code(c[0]), None, None, Fact::Benefit { code: c[1].into(), monthly: cents, period })
        }
        BankKind::Redditi => {
            let fact = Fact::Income { year: c[1].parse().unwrap(), amount: cents, kind: c[3].into() };
            record(by_code(c[0]), None, None, fact)
        }
        BankKind::Invalidita => {
            record(by_code(c[0]), None, None, Fact::Invalidity { percent: 0, support: Support::default(), date: None })
        }
        BankKind::FragiliAsl => {
            let identity = Identity { name: whole(c[0]), birth: birth(c[1]), ..by_code(c[3]) };
            let fact = Fact::Frailty { device: None, severity: Severity::Mild };
            record(identity, None, Some(Box::new(address(c[2]))), fact)
        }
        BankKind::ServiziSociali => {
            let identity = Identity { name: Some(Box::new(parts(c[1], c[2]))), birth: birth(c[3]), ..by_code(c[4]) };
            let fact = Fact::SocialCase { area: c[6].into(), service: c[7].into(), period: Period::default() };
            record(identity, None, Some(Box::new(address(c[5]))), fact)
        }
        BankKind::Tari => {
            let identity = Identity { name: whole(c[1]), ..by_code(c[2]) };
            record(
                identity,
                None,
                Some(Box::new(address(c[3]))),
                Fact::WasteTax { area_m2: 0, occupants: 0, arrears: cents },
            )
        }
        BankKind::Erp => {
            let identity = Identity { name: whole(c[1]), ..by_code(c[2]) };
            record(
                identity,
                None,
                Some(Box::new(address(c[3]))),
                Fact::PublicHousing { rent: cents, arrears_months: 0 },
            )
        }
    }
}
