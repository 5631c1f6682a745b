//! A register that grows row by row.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use super::{
    Civics,
    coordinates::{self, Place, Side},
};
use crate::{
    domain::{
        comune::Comune,
        fold::fold,
        geo::LonLat,
        place::{Access, AccessId, Street, StreetId},
        reject::Reject,
    },
    ingest::Error,
};

/// Ids that we make stay below this, so that they survive JSON.
const ID_MASK: u64 = (1 << 53) - 1;

pub(super) struct Register {
    comune: Option<Comune>,
    civics: Civics,
    streets: HashMap<StreetId, usize>,
    accesses: HashMap<AccessId, u32>,
    made: HashMap<u64, String>,
    others: BTreeMap<String, u64>,
}

/// Where a row stands.
#[derive(Clone, Copy)]
pub(super) struct At<'f> {
    pub(super) file: &'f str,
    pub(super) row: u32,
}

impl At<'_> {
    pub(super) fn note(self, column: Option<&str>, reason: impl Into<String>) -> Reject {
        Reject { file: self.file.to_owned(), row: self.row, column: column.map(str::to_owned), reason: reason.into() }
    }
}

impl Register {
    pub(super) fn new(comune: Option<Comune>) -> Self {
        Self {
            comune,
            civics: Civics::default(),
            streets: HashMap::new(),
            accesses: HashMap::new(),
            made: HashMap::new(),
            others: BTreeMap::new(),
        }
    }

    /// Whether the row is of the comune that is read; others are counted.
    pub(super) fn wants(&mut self, comune: &str) -> bool {
        let comune = comune.trim();
        if self.comune.is_none_or(|wanted| wanted.as_str().eq_ignore_ascii_case(comune)) {
            self.civics.rows += 1;
            return true;
        }
        self.civics.skipped += 1;
        if let Some(count) = self.others.get_mut(comune) {
            *count += 1;
        } else if self.others.len() < 8 {
            let code: String = comune.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
            self.others.insert(if code.is_empty() { "(none)".to_owned() } else { code }, 1);
        }
        false
    }

    /// A row of a table that does not tell comuni apart.
    pub(super) const fn count(&mut self) {
        self.civics.rows += 1;
    }

    /// Rows so far: of the comune, of others.
    pub(super) const fn counts(&self) -> (u64, u64) {
        (self.civics.rows, self.civics.skipped)
    }

    /// A file that gave rows, and none of them of the comune, is another comune's.
    pub(super) fn must_have_grown(&self, file: &str, before: (u64, u64)) -> Result<(), Error> {
        let (rows, skipped) = self.counts();
        match self.comune {
            Some(wanted) if rows == before.0 && skipped > before.1 => {
                let mut found: Vec<&str> = self.others.keys().map(String::as_str).collect();
                if self.others.len() == 8 {
                    found.push("…");
                }
                Err(Error::OtherComune { file: file.to_owned(), found: found.join(", "), wanted: wanted.to_string() })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn reject(&mut self, reject: Reject) {
        self.civics.rejects.push(reject);
    }

    /// Rows that the sheet refused: whose they are is not known, so they count as the comune's.
    pub(super) fn reject_all(&mut self, rejects: Vec<Reject>) {
        self.civics.rows += rejects.len() as u64;
        self.civics.rejects.extend(rejects);
    }

    pub(super) fn warn(&mut self, warning: Reject) {
        self.civics.warnings.push(warning);
    }

    /// The place in a row, with a warning where it is not as it should be.
    pub(super) fn point(&mut self, place: Place, at: At<'_>, x: &str, y: &str) -> Option<LonLat> {
        match place {
            Place::Unknown => None,
            Place::Sound(point) => Some(point),
            Place::Swapped(point) => {
                self.warn(at.note(Some(x), coordinates::SWAPPED));
                Some(point)
            }
            Place::Refused(side, reason) => {
                self.warn(at.note(Some(if side == Side::X { x } else { y }), reason));
                None
            }
        }
    }

    /// Adds a street or completes it; the first name stays.
    pub(super) fn street(&mut self, street: Street, at: At<'_>) {
        match self.streets.entry(street.id) {
            Entry::Vacant(entry) => {
                entry.insert(self.civics.streets.len());
                self.civics.streets.push(street);
            }
            Entry::Occupied(entry) => {
                let known = &mut self.civics.streets[*entry.get()];
                if known.name != street.name && fold(&known.name) != fold(&street.name) {
                    if !known.other_names.contains(&street.name) {
                        known.other_names.push(street.name);
                        self.warn(at.note(None, "the street has another name elsewhere: both are kept"));
                    }
                    return;
                }
                if known.locality.is_empty() {
                    known.locality = street.locality;
                }
                for name in street.other_names {
                    if !known.other_names.contains(&name) {
                        known.other_names.push(name);
                    }
                }
            }
        }
    }

    /// As [`Self::street`], from a table whose locality belongs to the door: a street that runs through several
    /// has none of its own.
    pub(super) fn street_of_quarter(&mut self, street: Street, at: At<'_>) {
        if let Some(&index) = self.streets.get(&street.id) {
            let known = &mut self.civics.streets[index];
            if known.locality != street.locality {
                known.locality = String::new();
            }
            if known.name == street.name {
                return;
            }
            return self.street(Street { locality: String::new(), ..street }, at);
        }
        self.street(street, at);
    }

    /// Adds an access; a second one with the same id is rejected.
    pub(super) fn access(&mut self, access: Access, at: At<'_>) {
        match self.accesses.entry(access.id) {
            Entry::Vacant(entry) => {
                entry.insert(at.row);
                self.civics.accesses.push(access);
            }
            Entry::Occupied(entry) => {
                let reason = format!("the access is already given by row {}", entry.get());
                self.reject(at.note(None, reason));
            }
        }
    }

    /// An id for what has none: the same text always gets the same number.
    pub(super) fn make_id(&mut self, key: String) -> u64 {
        let mut id = fnv1a(key.as_bytes()) & ID_MASK;
        loop {
            match self.made.entry(id) {
                Entry::Vacant(entry) => {
                    entry.insert(key);
                    return id;
                }
                Entry::Occupied(entry) if *entry.get() == key => return id,
                Entry::Occupied(_) => id = (id + 1) & ID_MASK,
            }
        }
    }

    /// An id for an access: doors that say the same are told apart by their order.
    pub(super) fn make_access_id(&mut self, key: &str) -> u64 {
        let mut order = 1_u32;
        loop {
            let id = self.make_id(if order == 1 { key.to_owned() } else { format!("{key}|{order}") });
            if !self.accesses.contains_key(&AccessId(id)) {
                return id;
            }
            order += 1;
        }
    }

    pub(super) fn finish(self) -> Civics {
        let mut civics = self.civics;
        civics.streets.sort_by_key(|street| street.id);
        civics
    }
}

/// FNV-1a, 64 bits: fixed for ever, so that ids made today are those made tomorrow.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
