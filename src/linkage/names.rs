//! Names as numbers: every folded name is kept once, with its letters, its sound and how common it is.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher},
};

use crate::domain::{fold::fold, personal::Personal, record::WrittenName};

/// A map whose hashing is the same in every run.
pub(super) type FixedMap<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// A set whose hashing is the same in every run.
pub(super) type FixedSet<T> = HashSet<T, BuildHasherDefault<DefaultHasher>>;

/// A folded name, by its position in [`Names`].
pub(super) type NameId = u32;

/// No name was written.
pub(super) const NO_NAME: NameId = u32::MAX;

/// A way to read a written name as surname and given name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameOption {
    pub(super) surname: NameId,
    pub(super) given: NameId,
    pub(super) order: NameOrder,
}

/// Whether surname and given name stand where the bank declares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameOrder {
    Kept,
    Swapped,
}

/// Every distinct folded name.
#[derive(Default)]
pub(super) struct Names {
    ids: FixedMap<Box<str>, NameId>,
    entries: Vec<Name>,
}

struct Name {
    text: Box<str>,
    sound: u32,
    surname_count: u32,
    given_count: u32,
}

impl Names {
    /// The number of a folded name.
    pub(super) fn intern(&mut self, folded: &str) -> NameId {
        if folded.is_empty() {
            return NO_NAME;
        }
        if let Some(&id) = self.ids.get(folded) {
            return id;
        }
        let id = self.entries.len() as NameId;
        self.entries.push(Name { text: folded.into(), sound: sound(folded), surname_count: 0, given_count: 0 });
        self.ids.insert(folded.into(), id);
        id
    }

    /// The folded name; empty where none was written.
    pub(super) fn text(&self, id: NameId) -> &str {
        self.entries.get(id as usize).map_or("", |name| &name.text)
    }

    /// What the name sounds like; zero where none was written.
    pub(super) fn sound(&self, id: NameId) -> u32 {
        self.entries.get(id as usize).map_or(0, |name| name.sound)
    }

    /// What its first word sounds like.
    pub(super) fn first_sound(&self, id: NameId) -> u32 {
        match self.text(id).split_once(' ') {
            Some((first, _)) => sound(first),
            None => self.sound(id),
        }
    }

    /// Notes one more person of this name.
    pub(super) fn count(&mut self, surname: NameId, given: NameId) {
        if let Some(name) = self.entries.get_mut(surname as usize) {
            name.surname_count += 1;
        }
        if let Some(name) = self.entries.get_mut(given as usize) {
            name.given_count += 1;
        }
    }

    /// How many registered people bear this surname.
    pub(super) fn surname_count(&self, id: NameId) -> u32 {
        self.entries.get(id as usize).map_or(0, |name| name.surname_count)
    }

    /// How many registered people bear this given name.
    pub(super) fn given_count(&self, id: NameId) -> u32 {
        self.entries.get(id as usize).map_or(0, |name| name.given_count)
    }

    /// The ways to read a written name, the declared one first.
    pub(super) fn options(&mut self, written: &WrittenName, out: &mut Vec<NameOption>) {
        match written {
            WrittenName::Parts { surname, given } => {
                let (surname, given) = (self.intern_personal(surname), self.intern_personal(given));
                push_both_orders(out, surname, given);
            }
            WrittenName::Whole(text) => {
                let folded = fold(text.reveal());
                let start = out.len();
                for (at, _) in folded.match_indices(' ').take(5) {
                    let (head, tail) = (self.intern(&folded[..at]), self.intern(&folded[at + 1..]));
                    push_both_orders(out, head, tail);
                }
                if out.len() == start && !folded.is_empty() {
                    let surname = self.intern(&folded);
                    out.push(NameOption { surname, given: NO_NAME, order: NameOrder::Kept });
                }
            }
        }
    }

    fn intern_personal(&mut self, text: &Personal) -> NameId {
        self.intern(&fold(text.reveal()))
    }
}

fn push_both_orders(out: &mut Vec<NameOption>, surname: NameId, given: NameId) {
    if surname == NO_NAME && given == NO_NAME {
        return;
    }
    out.push(NameOption { surname, given, order: NameOrder::Kept });
    if surname != given {
        out.push(NameOption { surname: given, given: surname, order: NameOrder::Swapped });
    }
}

/// A number for what a name sounds like: its consonants as Italian says them, doubles and vowels away.
fn sound(folded: &str) -> u32 {
    let bytes: &[u8] = folded.as_bytes();
    let mut hasher = DefaultHasher::new();
    let mut last = 0_u8;
    let mut kept = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        let next = bytes.get(i + 1).copied().unwrap_or(b' ');
        let plain = match byte {
            b'A' | b'E' | b'I' | b'O' | b'U' | b'Y' | b'J' if i == 0 => b'A',
            b'A' | b'E' | b'I' | b'O' | b'U' | b'Y' | b'J' | b'H' | b' ' => continue,
            b'C' | b'K' | b'Q' => b'K',
            b'S' | b'Z' | b'X' => b'S',
            b'V' | b'W' => b'V',
            b'P' if next == b'H' => b'F',
            b'B' | b'P' => b'P',
            b'D' | b'T' => b'T',
            b'M' | b'N' => b'N',
            other => other,
        };
        if plain != last && kept < 6 {
            plain.hash(&mut hasher);
            kept += 1;
        }
        last = plain;
    }
    (hasher.finish() as u32) | 1
}

/// Jaro–Winkler similarity of two ASCII names, 0 to 1; letters after the sixty-fourth are not read.
/// Winkler 1990, prefix scale 0.1 over at most four letters.
pub(super) fn jaro_winkler(a: &str, b: &str) -> f32 {
    let (a, b) = (&a.as_bytes()[..a.len().min(64)], &b.as_bytes()[..b.len().min(64)]);
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let (mut in_a, mut in_b) = (0_u64, 0_u64);
    for (i, letter) in a.iter().enumerate() {
        let end = (i + reach + 1).min(b.len());
        if let Some(j) = (i.saturating_sub(reach)..end).find(|&j| in_b >> j & 1 == 0 && b[j] == *letter) {
            in_a |= 1 << i;
            in_b |= 1 << j;
        }
    }
    let matches = in_a.count_ones();
    if matches == 0 {
        return 0.0;
    }
    let mut moved = 0;
    let mut rest = in_b;
    for (i, letter) in a.iter().enumerate() {
        if in_a >> i & 1 == 1 {
            moved += u32::from(b[rest.trailing_zeros() as usize] != *letter);
            rest &= rest - 1;
        }
    }
    let m = matches as f32;
    let jaro = (m / a.len() as f32 + m / b.len() as f32 + (m - (moved / 2) as f32) / m) / 3.0;
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count() as f32;
    jaro + prefix * 0.1 * (1.0 - jaro)
}

/// Whether every word of the shorter name is a word of the longer, or its initial.
pub(super) fn is_part(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let fits = |word: &str| long.split(' ').any(|other| other == word || (word.len() == 1 && other.starts_with(word)));
    !short.is_empty() && (long.contains(' ') || short.len() == 1) && short.split(' ').all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jaro_winkler_gives_the_published_values() {
        for (a, b, expected) in [
            ("MARTHA", "MARHTA", 0.9611),
            ("DWAYNE", "DUANE", 0.84),
            ("DIXON", "DICKSONX", 0.8133),
            ("ROSSI", "ROSSI", 1.0),
            ("ABC", "XYZ", 0.0),
            ("", "ROSSI", 0.0),
        ] {
            assert!((jaro_winkler(a, b) - expected).abs() < 1e-4, "{a} {b}: {}", jaro_winkler(a, b));
        }
    }

    #[test]
    fn a_part_of_a_compound_name_is_known() {
        assert!(is_part("SANDRO", "SANDRO ELMO") && is_part("ROSSI BIANCHI", "BIANCHI") && is_part("G", "GIOVANNI"));
        assert!(!is_part("DALLA", "DALLAPE") && !is_part("ANNA", "MARIA") && !is_part("", "MARIA LUISA"));
    }

    #[test]
    fn a_name_is_read_in_both_orders() {
        let mut names = Names::default();
        let mut out = Vec::new();
        names.options(&WrittenName::Whole(Personal::from("Dè Luca  Anna")), &mut out);
        let read: Vec<_> = out.iter().map(|o| (names.text(o.surname), names.text(o.given))).collect();
        assert_eq!(read, [("DE", "LUCA ANNA"), ("LUCA ANNA", "DE"), ("DE LUCA", "ANNA"), ("ANNA", "DE LUCA")]);
    }
}
