//! What of a record takes part in a comparison, packed.

use jiff::civil::Date;

use super::{
    AddressKey,
    names::{NO_NAME, NameId, NameOption, Names},
};
use crate::domain::{
    codice_fiscale::{CodiceFiscale, FiscalCode},
    household::Kinship,
    person::Sex,
    record::{BirthEvidence, CodeEvidence, Identity},
};

/// A day as one number, zero where none is known; equal numbers are equal days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Day(u32);

impl Day {
    pub(super) const UNKNOWN: Self = Self(0);

    pub(super) const fn is_known(self) -> bool {
        self.0 != 0
    }

    pub(super) const fn year(self) -> u32 {
        self.0 >> 9
    }

    pub(super) const fn month(self) -> u32 {
        self.0 >> 5 & 15
    }

    pub(super) const fn day(self) -> u32 {
        self.0 & 31
    }

    pub(super) const fn key(self) -> u64 {
        self.0 as u64
    }

    /// Day and month exchanged, where that makes another day of the same year.
    pub(super) const fn swapped(self) -> Self {
        if self.0 != 0 && self.day() <= 12 && self.day() != self.month() {
            Self(self.year() << 9 | self.day() << 5 | self.month())
        } else {
            Self::UNKNOWN
        }
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(u32::from(date.year().max(0).unsigned_abs()) << 9 | (date.month() as u32) << 5 | date.day() as u32)
    }
}

/// The code, as far as it takes part in a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum CodeTrait {
    #[default]
    Missing,
    Ordinary(CodiceFiscale),
    /// Provisional or STP: says nothing against an ordinary one.
    Interim,
    Broken(BrokenCode),
}

/// A text that is near a code: at most eighteen characters are kept, all ASCII.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct BrokenCode {
    bytes: [u8; 18],
    len: u8,
}

impl BrokenCode {
    fn new(text: &str) -> Option<Self> {
        let mut bytes = [b' '; 18];
        let written = text.as_bytes();
        if !(12..=18).contains(&written.len()) {
            return None;
        }
        bytes[..written.len()].copy_from_slice(written);
        Some(Self { bytes, len: written.len() as u8 })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl std::fmt::Debug for BrokenCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("‹broken code›")
    }
}

/// One side of a comparison. Names are apart, since a record may be read in several ways.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    pub(super) surname: NameId,
    pub(super) given: NameId,
    pub(super) birth: Day,
    pub(super) other_birth: Day,
    /// Zero where unknown.
    pub(super) birth_place: [u8; 4],
    pub(super) sex: Option<Sex>,
    /// Zero where unknown, else the register's number and one.
    pub(super) street: u64,
    /// Zero where unknown, else the register's number and one.
    pub(super) access: u64,
    pub(super) code: CodeTrait,
    /// Known of who is registered.
    pub(super) kinship: Option<Kinship>,
}

impl Traits {
    /// Packs an identity; names are read into `options`, the first of which becomes the traits' own.
    pub(super) fn read(
        identity: &Identity,
        place: Option<AddressKey>,
        as_of: Date,
        names: &mut Names,
        options: &mut Vec<NameOption>,
    ) -> Self {
        let start = options.len();
        if let Some(name) = &identity.name {
            names.options(name, options);
        }
        let (surname, given) = options.get(start).map_or((NO_NAME, NO_NAME), |first| (first.surname, first.given));
        let code = read_code(&identity.code);
        let ordinary = if let CodeTrait::Ordinary(code) = code { Some(code) } else { None };
        let (birth, other_birth) = read_birth(identity.birth, ordinary, as_of);
        Self {
            surname,
            given,
            birth,
            other_birth,
            birth_place: identity.birth_place.or(ordinary.map(|code| code.place())).unwrap_or_default(),
            sex: identity.sex.or(ordinary.map(|code| code.sex())),
            street: place.and_then(|key| key.street).map_or(0, |street| street.0.wrapping_add(1)),
            access: place.and_then(|key| key.access).map_or(0, |access| access.0.wrapping_add(1)),
            code,
            kinship: None,
        }
    }

    pub(super) const fn ordinary_code(&self) -> Option<CodiceFiscale> {
        if let CodeTrait::Ordinary(code) = self.code { Some(code) } else { None }
    }
}

fn read_code(code: &CodeEvidence) -> CodeTrait {
    match code {
        CodeEvidence::Missing => CodeTrait::Missing,
        CodeEvidence::Valid(FiscalCode::Ordinary(code)) => CodeTrait::Ordinary(*code),
        CodeEvidence::Valid(FiscalCode::Provisional(_) | FiscalCode::Stp(_)) => CodeTrait::Interim,
        CodeEvidence::Broken(text) => BrokenCode::new(text.reveal()).map_or(CodeTrait::Missing, CodeTrait::Broken),
    }
}

fn read_birth(birth: Option<BirthEvidence>, code: Option<CodiceFiscale>, as_of: Date) -> (Day, Day) {
    match (birth, code) {
        (Some(birth), _) => (birth.date.into(), birth.other.map_or(Day::UNKNOWN, Day::from)),
        (None, Some(code)) => {
            let date = code.birth(as_of);
            let century_before = Date::new(date.year() - 100, date.month(), date.day());
            (date.into(), century_before.map_or(Day::UNKNOWN, Day::from))
        }
        (None, None) => (Day::UNKNOWN, Day::UNKNOWN),
    }
}
