//! A written address → readings: which lexemes are the street, which the civic number, which the tail.

use super::{
    canonical::route,
    civic::{self, Civic, Exponent, Written},
    dug,
    lexer::{Gap, Lexed},
    numeral, words,
};
use crate::domain::{fold::fold, record::AddressParts};

/// The words that a tail may hold: names of this comune, of its localities, its province and postcodes, all folded.
#[derive(Clone, Debug, Default)]
pub(super) struct TownWords {
    names: Vec<Vec<Box<str>>>,
    localities: Vec<Vec<Box<str>>>,
    province: Box<str>,
    postcodes: Vec<Box<str>>,
}

impl TownWords {
    /// From names as they are written.
    pub(super) fn new<'a>(
        names: impl IntoIterator<Item = &'a str>,
        localities: impl IntoIterator<Item = &'a str>,
        province: &str,
        postcodes: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let split = |text: &str| fold(text).split(' ').map(Box::from).collect::<Vec<Box<str>>>();
        Self {
            names: names.into_iter().filter(|n| !n.trim().is_empty()).map(split).collect(),
            localities: localities.into_iter().map(split).collect(),
            province: fold(province).into(),
            postcodes: postcodes.into_iter().map(|p| fold(p).into()).collect(),
        }
    }

    /// Whether a word belongs to the comune's own name.
    pub(super) fn has_name_word(&self, word: &str) -> bool {
        self.names.iter().any(|n| n.iter().any(|w| &**w == word))
    }

    /// The locality of a folded name.
    pub(super) fn locality(&self, name: &str) -> Option<u16> {
        let folded = fold(name);
        self.localities.iter().position(|l| l.iter().map(|w| &**w).eq(folded.split(' '))).map(|i| i as u16)
    }
}

/// One way to read the text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// Lexemes of the street.
    pub(super) from: usize,
    /// One past them.
    pub(super) to: usize,
    /// The number.
    pub(super) civic: Civic,
    /// Lexemes of staircase, interior and the like.
    pub(super) rest: (usize, usize),
}

/// A text read.
#[derive(Clone, Debug, Default)]
pub(super) struct Parsed {
    /// Letters and digits.
    pub(super) lexed: Lexed,
    /// Ways to read them, likeliest first.
    pub(super) readings: Vec<Reading>,
    /// Locality named beside the street.
    pub(super) locality: Option<u16>,
    civic_lexed: Lexed,
}

impl Parsed {
    fn clear(&mut self) {
        self.lexed.clear();
        self.civic_lexed.clear();
        self.readings.clear();
        self.locality = None;
    }

    /// Reads an address written on one line.
    pub(super) fn read_text(&mut self, text: &str, town: &TownWords) {
        self.clear();
        self.lexed.push(text, Gap::SPACE);
        self.lexed.join_abbreviations(words::is_abbreviation);
        let to = self.strip_tail(town);
        self.read_range(to, town);
    }

    /// Reads a text that is a street and nothing else.
    pub(super) fn read_street(&mut self, text: &str) {
        self.clear();
        self.lexed.push(text, Gap::SPACE);
        self.lexed.join_abbreviations(words::is_abbreviation);
        let to = self.lexed.lexemes.len();
        self.readings.push(Reading { from: 0, to, civic: Civic::default(), rest: (to, to) });
    }

    /// Reads an address in columns.
    pub(super) fn read_parts(&mut self, parts: &AddressParts, town: &TownWords) {
        self.clear();
        self.lexed.push(parts.kind.reveal(), Gap::SPACE);
        self.lexed.push(parts.name.reveal(), Gap::SPACE);
        self.lexed.join_abbreviations(words::is_abbreviation);
        if parts.number.reveal().trim().is_empty() {
            let to = self.strip_tail(town);
            self.read_range(to, town);
            if let Some(first) = self.readings.first_mut()
                && first.civic.written == Written::Number
                && first.civic.exponent.is_empty()
            {
                first.civic.exponent = Exponent::of(parts.exponent.reveal());
            }
        } else {
            let to = self.strip_tail(town);
            let civic = self.read_number_field(parts);
            self.readings.push(Reading { from: 0, to, civic, rest: (to, to) });
        }
        if self.locality.is_none() && !parts.locality.is_empty() {
            self.locality = town.locality(parts.locality.reveal());
        }
    }

    fn read_number_field(&mut self, parts: &AddressParts) -> Civic {
        let lexed = &mut self.civic_lexed;
        lexed.push(parts.number.reveal(), Gap::SPACE);
        lexed.join_abbreviations(words::is_abbreviation);
        let to = lexed.lexemes.len();
        let mut at = 0;
        while is_marker(lexed, at, to) {
            at += 1;
        }
        let mut civic = if civic::read_without_number(lexed, at, to).is_some() {
            Civic { written: Written::WithoutNumber, ..Civic::default() }
        } else if let Some((civic, _)) = civic::read_kilometres(lexed, at, to) {
            civic
        } else {
            civic::read(lexed, at, to).map(|(c, _)| c).unwrap_or_default()
        };
        if civic.written == Written::Number && !parts.exponent.is_empty() {
            let exponent = Exponent::of(&fold(parts.exponent.reveal()));
            if civic.exponent.is_empty() {
                civic.exponent = exponent;
            }
        }
        civic
    }

    /// Cuts CAP, comune, province and locality off the end; gives where the rest ends.
    fn strip_tail(&mut self, town: &TownWords) -> usize {
        let mut to = self.lexed.lexemes.len();
        let mut stripped_town = false;
        if town.names.is_empty()
            && let Some(start) = self.postal_tail(to)
        {
            to = start;
        }
        loop {
            let before = to;
            if to > 1 && self.lexed.at(to - 1) == "ITALIA" && self.is_parted(to - 1) {
                to -= 1;
            }
            if let Some(start) = self.ends_with(to, &town.names)
                && start > 0
                && (self.is_parted(start) || self.follows_number(start))
            {
                to = start;
                stripped_town = true;
            }
            if to > 1 && self.is_province(to - 1, town) {
                to -= 1;
            }
            if to > 1 && self.is_postcode(to - 1, town, stripped_town) {
                to -= 1;
            }
            if let Some((start, locality)) = self.ends_with_locality(to, town)
                && start > 0
                && (self.is_parted(start) || self.follows_number(start))
            {
                to = start;
                self.locality = Some(locality);
                if to > 1 && matches!(self.lexed.at(to - 1), "FRAZ" | "FRAZIONE" | "LOC" | "LOCALITA" | "FR") {
                    to -= 1;
                }
            }
            if to == before {
                return to;
            }
        }
    }

    /// Where a CAP and the words behind it begin, whatever town they name: for a register whose comune has no name here.
    fn postal_tail(&self, to: usize) -> Option<usize> {
        const WORDS: usize = 7;
        let at = (to.saturating_sub(WORDS + 1)..to.saturating_sub(1)).rev().find(|at| self.is_five_digits(*at))?;
        let words = self.lexed.lexemes[at + 1..to].iter().all(|lexeme| !lexeme.is_number);
        let before = self.lexed.lexemes[at].before.has(Gap::DASH.with(Gap::COMMA).with(Gap::BRACKET))
            || self.lexed.lexemes[..at].iter().any(|lexeme| lexeme.is_number);
        (at >= 2 && words && before).then_some(at)
    }

    fn is_parted(&self, at: usize) -> bool {
        self.lexed.lexemes[at].before.has(Gap::DASH.with(Gap::COMMA).with(Gap::BRACKET))
            || self.is_five_digits(at.wrapping_sub(1))
    }

    fn is_five_digits(&self, at: usize) -> bool {
        self.lexed.lexemes.get(at).is_some_and(|l| l.is_number) && self.lexed.at(at).len() == 5
    }

    /// Whether what stands before is a number or its exponent: a street's name does not go on behind it.
    fn follows_number(&self, at: usize) -> bool {
        let before = self.lexed.lexemes[..at].iter().rev().take(2).position(|l| l.is_number);
        at >= 3
            && match before {
                Some(0) => at >= 2 && !self.lexed.lexemes[at - 1].before.is_glued(),
                Some(_) => self.lexed.at(at - 1).len() <= 3,
                None => false,
            }
    }

    fn ends_with(&self, to: usize, names: &[Vec<Box<str>>]) -> Option<usize> {
        names.iter().filter(|n| self.matches(to, n)).map(|n| to - n.len()).min()
    }

    fn ends_with_locality(&self, to: usize, town: &TownWords) -> Option<(usize, u16)> {
        town.localities
            .iter()
            .enumerate()
            .filter(|(_, n)| self.matches(to, n))
            .map(|(i, n)| (to - n.len(), i as u16))
            .min()
    }

    fn matches(&self, to: usize, name: &[Box<str>]) -> bool {
        name.len() <= to && name.iter().enumerate().all(|(i, w)| self.lexed.at(to - name.len() + i) == &**w)
    }

    fn is_province(&self, at: usize, town: &TownWords) -> bool {
        let word = self.lexed.at(at);
        word.len() == 2
            && !self.lexed.lexemes[at].is_number
            && (word == &*town.province || self.lexed.lexemes[at].before.has(Gap::BRACKET))
            && (self.lexed.lexemes[at].before.has(Gap::BRACKET.with(Gap::COMMA).with(Gap::DASH))
                || self.ends_with(at, &town.names).is_some())
    }

    fn is_postcode(&self, at: usize, town: &TownWords, stripped_town: bool) -> bool {
        if !self.is_five_digits(at) {
            return false;
        }
        let lexeme = self.lexed.lexemes[at];
        stripped_town
            || lexeme.before.has(Gap::DASH.with(Gap::BRACKET))
            || town.postcodes.iter().any(|p| &**p == self.lexed.at(at))
            || (lexeme.before.has(Gap::COMMA) && self.lexed.lexemes[..at].iter().any(|l| l.is_number))
    }

    /// Finds the readings of the lexemes before `to`, likeliest first.
    fn read_range(&mut self, to: usize, town: &TownWords) {
        if to == 0 {
            return;
        }
        let name_from = usize::from(to > 1 && !dug::meanings(self.lexed.at(0)).is_empty());
        if let Some(reading) = self.read_marked(name_from + 1, to) {
            self.readings.push(reading);
            self.push_spaced_exponent(reading);
            return;
        }
        let whole = Reading { from: 0, to, civic: Civic::default(), rest: (to, to) };
        let mut weak = None;
        for at in name_from + 1..to {
            if let Some(cut) = self.cut_at_unit(at, to, name_from) {
                self.readings.push(cut);
                break;
            }
            let Some((civic, rest)) = civic::read(&self.lexed, at, to) else { continue };
            let reading = Reading { from: 0, to: at, civic, rest: (rest, to) };
            let is_road_number = self.is_road_number(at);
            let ends = rest >= to || civic::is_unit(&self.lexed, rest, to) || self.is_locality_note(rest, to, town);
            if ends && !is_road_number {
                self.readings.insert(0, reading);
                break;
            }
            let before_comma = self.lexed.lexemes[at].before.has(Gap::COMMA);
            let is_aside = rest < to
                && self.lexed.lexemes[rest].before.has(Gap::COMMA.with(Gap::DASH).with(Gap::BRACKET))
                && !self.lexed.lexemes[rest].is_number;
            if !is_road_number && (is_aside || before_comma) || (is_road_number && ends) {
                weak = Some(reading);
            }
            if !is_road_number {
                self.push_spaced_exponent(reading);
            }
        }
        let is_sure =
            self.readings.first().is_some_and(|r| r.to < to && self.lexed.lexemes[r.to].before.has(Gap::COMMA));
        self.readings.extend(weak);
        if !is_sure {
            self.readings.push(whole);
        }
    }

    /// "VIA ROMA 12 3", "VIA ROMA 12 ESC int. 4": a short word or number behind the number may be its exponent.
    fn push_spaced_exponent(&mut self, reading: Reading) {
        let (rest, to) = reading.rest;
        if rest >= to || !reading.civic.exponent.is_empty() || reading.civic.written != Written::Number {
            return;
        }
        let is_last = rest + 1 >= to || civic::is_unit(&self.lexed, rest + 1, to);
        let is_short = self.lexed.at(rest).len() <= if self.lexed.lexemes[rest].is_number { 4 } else { 3 };
        if is_last && is_short && !civic::is_unit(&self.lexed, rest, to) {
            let civic = Civic { exponent: Exponent::of(self.lexed.at(rest)), ..reading.civic };
            self.readings.push(Reading { civic, rest: (rest + 1, to), ..reading });
        }
    }

    /// "VIA ROSSI INT 5": a unit without a civic number before it.
    fn cut_at_unit(&self, at: usize, to: usize, name_from: usize) -> Option<Reading> {
        let is_plain = matches!(self.lexed.at(at), "INT" | "INTERNO" | "SC" | "SCALA");
        (is_plain && at > name_from && civic::is_unit(&self.lexed, at, to) && at + 2 >= to.min(at + 2))
            .then(|| Reading { from: 0, to: at, civic: Civic::default(), rest: (at, to) })
            .filter(|_| {
                !self.lexed.lexemes[at + 1..to].iter().any(|l| l.is_number)
                    || matches!(self.lexed.at(at), "INT" | "INTERNO" | "SC")
            })
    }

    /// A civic number behind `n.`, `civico`, `km`, or the word that there is none.
    fn read_marked(&self, from: usize, to: usize) -> Option<Reading> {
        for at in from..to {
            if let Some(rest) = civic::read_without_number(&self.lexed, at, to) {
                let civic = Civic { written: Written::WithoutNumber, ..Civic::default() };
                let name_to = self.drop_markers(at, from);
                return Some(Reading { from: 0, to: name_to, civic, rest: (rest, to) });
            }
            if let Some((civic, rest)) = civic::read_kilometres(&self.lexed, at, to) {
                return Some(Reading { from: 0, to: at, civic, rest: (rest, to) });
            }
            if is_marker(&self.lexed, at, to) {
                let mut number = at + 1;
                while is_marker(&self.lexed, number, to) {
                    number += 1;
                }
                if route(self.lexed.at(at - 1)).is_some() || is_road_word(self.lexed.at(at - 1)) {
                    continue;
                }
                if let Some((civic, rest)) = civic::read(&self.lexed, number, to) {
                    return Some(Reading { from: 0, to: at, civic, rest: (rest, to) });
                }
            }
        }
        None
    }

    fn drop_markers(&self, at: usize, from: usize) -> usize {
        if at > from && matches!(self.lexed.at(at - 1), "N" | "NR" | "NUM" | "CIV" | "CIVICO") { at - 1 } else { at }
    }

    /// Whether the number at a position names a road: SS 18, STRADA PROVINCIALE 118.
    fn is_road_number(&self, at: usize) -> bool {
        let previous = self.lexed.at(at - 1);
        let previous = if matches!(previous, "N" | "NR") && at >= 2 { self.lexed.at(at - 2) } else { previous };
        (route(previous).is_some() && at <= 2) || is_road_word(previous)
    }

    fn is_locality_note(&self, at: usize, to: usize, town: &TownWords) -> bool {
        let word = self.lexed.at(at);
        let marks = matches!(word, "FRAZ" | "FRAZIONE" | "LOC" | "LOCALITA" | "CONTRADA" | "CDA");
        let is_town = |w: &str| town.has_name_word(w) || town.localities.iter().any(|l| l.iter().any(|x| &**x == w));
        (marks && at + 1 < to) || (at..to).all(|i| is_town(self.lexed.at(i)))
    }
}

fn is_road_word(word: &str) -> bool {
    matches!(word, "PROVINCIALE" | "STATALE" | "REGIONALE" | "PROV" | "STAT" | "AUTOSTRADA")
}

/// Whether a word announces the civic number: N., NR., NUM., CIV.
fn is_marker(lexed: &Lexed, at: usize, to: usize) -> bool {
    at + 1 < to
        && matches!(lexed.at(at), "N" | "NR" | "NUM" | "NUMERO" | "CIV" | "CIVICO" | "NC" | "NCIV" | "NO")
        && (lexed.lexemes[at + 1].is_number || is_marker(lexed, at + 1, to))
        && numeral::value(lexed.at(at)).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, u32, String) {
        read_in(text, &TownWords::new(["Lamezia Terme"], ["Sambiase"], "CZ", ["88046"]))
    }

    fn read_in(text: &str, town: &TownWords) -> (String, u32, String) {
        let mut parsed = Parsed::default();
        parsed.read_text(text, town);
        let r = parsed.readings[0];
        let name = (r.from..r.to).map(|i| parsed.lexed.at(i)).collect::<Vec<_>>().join(" ");
        (name, r.civic.number, r.civic.exponent.as_str().to_owned())
    }

    #[test]
    fn a_cap_and_what_follows_part_where_the_comune_has_no_name() {
        let town = TownWords::default();
        for text in [
            "Corso Roma 12 - 15121 Alessandria",
            "Corso Roma 12, 15121 Alessandria AL, Italia",
            "Corso Roma 12 15121 Alessandria (AL)",
            "CORSO ROMA N.12 - 15121 San Salvatore Monferrato",
        ] {
            assert_eq!(read_in(text, &town), ("CORSO ROMA".to_owned(), 12, String::new()), "{text}");
        }
        assert_eq!(read_in("Via dei Mille 12345", &town).0, "VIA DEI MILLE");
    }

    #[test]
    fn street_number_and_tail_part() {
        for (text, name, number, exponent) in [
            ("Via Roma 12", "VIA ROMA", 12, ""),
            ("Via IV Novembre, n. 3/A int. 5 - 88046 Lamezia Terme (CZ)", "VIA IV NOVEMBRE", 3, "A"),
            ("VIA 4 NOVEMBRE 12", "VIA 4 NOVEMBRE", 12, ""),
            ("via CIMABUE n. 11 scala C", "VIA CIMABUE", 11, ""),
            ("VIA GIORGIO LA PIRA, n. 25 - 88046 Lamezia Terme", "VIA GIORGIO LA PIRA", 25, ""),
            ("V. Tommaso Maria Fusco, 1 a int. 14", "V TOMMASO MARIA FUSCO", 1, "A"),
            ("STRADA PROVINCIALE 26 ANAGNI ACUTO, 5B", "STRADA PROVINCIALE 26 ANAGNI ACUTO", 5, "B"),
            ("Via dei Patrioti Nicastresi 1848 12", "VIA DEI PATRIOTI NICASTRESI 1848", 12, ""),
            ("VIA ROMA 5 SAMBIASE", "VIA ROMA", 5, ""),
            ("VIA ROMA 5, 88046 LAMEZIA TERME CZ", "VIA ROMA", 5, ""),
            ("Via UGO LA MALFA, S.N.C.", "VIA UGO LA MALFA", 0, ""),
            ("SS 18 km 3+400", "SS 18", 3400, ""),
            ("S.P. 118, 24", "SP 118", 24, ""),
            ("VIA LAMEZIA TERME 4", "VIA LAMEZIA TERME", 4, ""),
            ("Via Roma 12 c/o Rossi", "VIA ROMA", 12, ""),
            ("Via Roma", "VIA ROMA", 0, ""),
            ("Via Roma int. 5", "VIA ROMA", 0, ""),
        ] {
            assert_eq!(read(text), (name.to_owned(), number, exponent.to_owned()), "{text}");
        }
    }
}
