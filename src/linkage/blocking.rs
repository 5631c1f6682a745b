//! Which pairs are worth comparing: several passes, each a key that both sides share.

use rayon::prelude::*;

use super::{
    names::{NO_NAME, NameOption, Names},
    traits::{CodeTrait, Traits},
};

/// A pass of blocking.
#[derive(Clone, Copy)]
enum Pass {
    Birth,
    SurnameYear,
    Access,
    FullName,
    CodeHead,
    CodeTail,
}

impl Pass {
    const ALL: [Self; 6] =
        [Self::Birth, Self::SurnameYear, Self::Access, Self::FullName, Self::CodeHead, Self::CodeTail];
}

/// A block larger than this says too little to be worth its pairs.
const LARGEST_BLOCK: usize = 20_000;

/// People by their keys.
pub(super) struct Index {
    passes: [Vec<(u64, u32)>; 6],
}

impl Index {
    /// Indexes people, each under the reading of its own fields.
    pub(super) fn build(names: &Names, people: &[Traits]) -> Self {
        let passes = Pass::ALL.map(|pass| {
            let mut keys: Vec<(u64, u32)> = people
                .par_iter()
                .enumerate()
                .filter_map(|(i, person)| Some((key_of(names, pass, person)?, i as u32)))
                .collect();
            keys.par_sort_unstable();
            keys
        });
        Self { passes }
    }

    /// Everyone who shares a key with the record, each once, in order.
    pub(super) fn candidates(&self, names: &Names, traits: &Traits, options: &[NameOption], out: &mut Vec<u32>) {
        out.clear();
        let days = [traits.birth, traits.other_birth, traits.birth.swapped(), traits.other_birth.swapped()];
        for day in days.into_iter().filter(|day| day.is_known()) {
            self.push(Pass::Birth, day.key(), out);
        }
        for option in options {
            if option.surname != NO_NAME && traits.birth.is_known() {
                for day in &days[..2] {
                    self.push(Pass::SurnameYear, surname_year(names, option.surname, day.year()), out);
                }
            }
            if option.surname != NO_NAME && option.given != NO_NAME {
                self.push(Pass::FullName, full_name(names, option.surname, option.given), out);
            }
        }
        if traits.access != 0 {
            self.push(Pass::Access, traits.access, out);
        }
        self.push_code(traits, out);
        out.sort_unstable();
        out.dedup();
    }

    /// Everyone whose code has the same first or the same last half: any single edit leaves one half whole.
    pub(super) fn push_code(&self, traits: &Traits, out: &mut Vec<u32>) {
        if let CodeTrait::Broken(code) = traits.code {
            let bytes = code.as_bytes();
            self.push(Pass::CodeHead, half(&bytes[..8]), out);
            self.push(Pass::CodeTail, half(&bytes[bytes.len() - 8..]), out);
        }
    }

    fn push(&self, pass: Pass, key: u64, out: &mut Vec<u32>) {
        let keys = &self.passes[pass as usize];
        let start = keys.partition_point(|(known, _)| *known < key);
        let block = keys[start..].iter().take_while(|(known, _)| *known == key).take(LARGEST_BLOCK + 1);
        let before = out.len();
        out.extend(block.map(|(_, person)| *person));
        if out.len() - before > LARGEST_BLOCK {
            out.truncate(before);
        }
    }
}

fn key_of(names: &Names, pass: Pass, person: &Traits) -> Option<u64> {
    let named = person.surname != NO_NAME;
    match pass {
        Pass::Birth => person.birth.is_known().then(|| person.birth.key()),
        Pass::SurnameYear => {
            (named && person.birth.is_known()).then(|| surname_year(names, person.surname, person.birth.year()))
        }
        Pass::Access => (person.access != 0).then_some(person.access),
        Pass::FullName => (named && person.given != NO_NAME).then(|| full_name(names, person.surname, person.given)),
        Pass::CodeHead => person.ordinary_code().map(|code| half(&code.as_bytes()[..8])),
        Pass::CodeTail => person.ordinary_code().map(|code| half(&code.as_bytes()[8..])),
    }
}

fn surname_year(names: &Names, surname: u32, year: u32) -> u64 {
    u64::from(names.sound(surname)) << 32 | u64::from(year)
}

/// The same for both orders of surname and name.
fn full_name(names: &Names, surname: u32, given: u32) -> u64 {
    let (a, b) = (names.first_sound(surname), names.first_sound(given));
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

fn half(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |key, byte| key << 8 | u64::from(*byte))
}
