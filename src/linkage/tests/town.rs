//! A small invented town: what the laws and the rules are tested on without any file.

use jiff::civil::{Date, date};

use crate::{
    domain::{
        bank::BankKind,
        codice_fiscale::{CodiceFiscale, FiscalCode},
        household::Kinship,
        period::Period,
        person::{Residence, Sex},
        personal::Personal,
        place::{AccessId, StreetId},
        record::{
            BirthEvidence, CodeEvidence, Fact, Identity, IseeRole, Record, RecordKey, Severity, WrittenAddress,
            WrittenName,
        },
        watch::Unwatched,
    },
    linkage::{AddressKey, BankRecords, Decision, FamilyEvidence, Input, Linked, link},
};

pub(super) const AS_OF: Date = date(2026, 6, 30);

const SURNAMES: [&str; 16] = [
    "ROSSI", "BIANCHI", "ESPOSITO", "DE LUCA", "FERRARI", "COLOMBO", "RICCI", "MARINO", "GRECO", "BRUNO", "GALLO",
    "CONTI", "D'ANGELO", "MANCINI", "COSTA", "GIORDANO",
];
const MEN: [&str; 10] =
    ["MARIO", "LUCA", "PAOLO", "GIOVANNI", "ANTONIO", "FRANCESCO", "ANDREA", "PIETRO", "CARLO ALBERTO", "ENZO"];
const WOMEN: [&str; 10] =
    ["ANNA", "MARIA", "LUCIA", "ROSA", "GIULIA", "SARA", "ELENA", "PAOLA", "MARIA TERESA", "IRENE"];

/// Someone of the town.
#[derive(Clone)]
pub(super) struct Resident {
    pub(super) surname: String,
    pub(super) given: String,
    pub(super) sex: Sex,
    pub(super) birth: Date,
    pub(super) kinship: Kinship,
    pub(super) family: u32,
}

impl Resident {
    pub(super) fn code(&self) -> CodiceFiscale {
        CodiceFiscale::derive(&self.surname, &self.given, self.sex, self.birth, *b"H501").unwrap()
    }
}

/// Families of one to five people, the same for every run of a seed.
pub(super) fn invent(families: u32, seed: u64) -> Vec<Resident> {
    let mut state = seed | 1;
    let mut next = move |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let mut out: Vec<Resident> = Vec::new();
    for family in 0..families {
        let surname = SURNAMES[next(16) as usize];
        let head_year = 1935 + next(65) as i16;
        let plan = [Kinship::Head, Kinship::Spouse, Kinship::Child, Kinship::Child, Kinship::Parent];
        let size = 1 + next(5) as usize;
        for &kinship in &plan[..size] {
            let sex = match kinship {
                Kinship::Head => Sex::M,
                Kinship::Spouse => Sex::F,
                _ if next(2) == 0 => Sex::M,
                _ => Sex::F,
            };
            let (own, year) = match kinship {
                Kinship::Child => (surname, head_year + 25 + next(10) as i16),
                Kinship::Parent => (surname, head_year - 25 - next(8) as i16),
                Kinship::Spouse => (SURNAMES[next(16) as usize], head_year + next(6) as i16),
                _ => (surname, head_year),
            };
            let given = if sex == Sex::M { MEN[next(10) as usize] } else { WOMEN[next(10) as usize] };
            let birth = date(year.min(2025), 1 + next(12) as i8, 1 + next(28) as i8);
            let (surname, given) = (own.to_owned(), given.to_owned());
            let resident = Resident { surname, given, sex, birth, kinship, family };
            // One code, one person: omocodia has its own tests.
            if out.iter().all(|other| other.code() != resident.code()) {
                out.push(resident);
            }
        }
    }
    out
}

pub(super) fn place(family: u32) -> AddressKey {
    AddressKey { street: Some(StreetId(u64::from(family / 6))), access: Some(AccessId(u64::from(family / 2))) }
}

pub(super) fn parts(surname: &str, given: &str) -> WrittenName {
    WrittenName::Parts { surname: surname.into(), given: given.into() }
}

pub(super) fn whole(text: &str) -> WrittenName {
    WrittenName::Whole(text.into())
}

pub(super) fn code(text: &str) -> CodeEvidence {
    match FiscalCode::parse(text) {
        _ if text.is_empty() => CodeEvidence::Missing,
        Ok(code) => CodeEvidence::Valid(code),
        Err(_) => CodeEvidence::Broken(Personal::from(text)),
    }
}

pub(super) fn born(date: Date) -> BirthEvidence {
    BirthEvidence { date, other: None }
}

/// The registry's row of a resident.
pub(super) fn registered(row: u32, resident: &Resident) -> Record {
    Record {
        row,
        identity: Identity {
            code: CodeEvidence::Valid(FiscalCode::Ordinary(resident.code())),
            name: Some(Box::new(parts(&resident.surname, &resident.given))),
            birth: Some(born(resident.birth)),
            birth_place: Some(*b"H501"),
            sex: Some(resident.sex),
        },
        group: Some(format!("F{}", resident.family).into()),
        address: Some(Box::new(WrittenAddress::Text(Personal::from(format!("VIA ROMA {}", resident.family / 2))))),
        fact: Fact::Registration {
            kinship: resident.kinship,
            residence: Residence::Resident,
            citizenship: "Italia".into(),
            since: Some(date(1990 + (resident.family % 30) as i16, 1, 1)),
        },
    }
}

/// A row of the health service.
pub(super) fn frail(row: u32, name: impl Into<Option<WrittenName>>, birth: Option<Date>, text: &str) -> Record {
    Record {
        row,
        identity: Identity {
            code: code(text),
            name: name.into().map(Box::new),
            birth: birth.map(born),
            ..Identity::default()
        },
        group: None,
        address: None,
        fact: Fact::Frailty { device: None, severity: Severity::Mild },
    }
}

/// A row of a bank that may have several of one person.
pub(super) fn case(row: u32, name: impl Into<Option<WrittenName>>, birth: Option<Date>, text: &str) -> Record {
    let fact = Fact::SocialCase { area: "ELD".into(), service: "pasti".into(), period: Period::default() };
    Record { fact, ..frail(row, name, birth, text) }
}

/// A member of an ISEE nucleus.
pub(super) fn member(row: u32, protocol: &str, name: impl Into<Option<WrittenName>>, text: &str) -> Record {
    let fact = Fact::IseeMember { role: IseeRole::Member };
    Record { group: Some(protocol.into()), fact, ..frail(row, name, None, text) }
}

/// A statement.
pub(super) fn statement(row: u32, protocol: &str, validity: Period, text: &str) -> Record {
    let fact = Fact::IseeStatement {
        validity,
        kind: "ordinario".into(),
        isee: 0,
        isee_inclusione: None,
        scale: 100,
        isr: 0,
        isp: 0,
    };
    Record { group: Some(protocol.into()), fact, ..frail(row, None, None, text) }
}

/// A bank under test: its records and their places.
pub(super) type Filled = (BankKind, Vec<Record>, Vec<Option<AddressKey>>);

pub(super) fn registry(residents: &[Resident]) -> Filled {
    let records = residents.iter().enumerate().map(|(i, resident)| registered(i as u32 + 1, resident)).collect();
    (BankKind::Anagrafe, records, residents.iter().map(|resident| Some(place(resident.family))).collect())
}

pub(super) fn linked(banks: &[Filled], family: FamilyEvidence, decided: &[Decision]) -> Linked {
    let banks: Vec<BankRecords<'_>> =
        banks.iter().map(|(kind, records, places)| BankRecords { kind: *kind, records, places }).collect();
    link(&Input { banks: &banks, family, as_of: AS_OF, decided }, &Unwatched).unwrap()
}

pub(super) fn key(bank: BankKind, row: u32) -> RecordKey {
    RecordKey { bank, row }
}
