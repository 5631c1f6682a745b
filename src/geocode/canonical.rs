//! Lexemes of a street → its DUG and the parts of its name. The register and the queries both come through here.

use super::{
    dug::{self, Dug},
    lexer::{Gap, Lexed},
    numeral,
    words::{self, Class},
};

/// A word of a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    /// First byte in the lexer's buffer.
    pub(super) start: u32,
    /// One past its last byte.
    pub(super) end: u32,
    /// What it is here.
    pub(super) class: Class,
    /// Its value, where it may be a numeral.
    pub(super) number: Option<u32>,
    /// Its canonical spelling, where that is not the written one.
    pub(super) canonical: Option<&'static str>,
    /// Whether a dot follows: an abbreviation.
    pub(super) is_dotted: bool,
}

impl Part {
    /// As written.
    pub(super) fn raw<'a>(&self, lexed: &'a Lexed) -> &'a str {
        &lexed.buffer[self.start as usize..self.end as usize]
    }

    /// As keys hold it; numerals are handled by their value.
    pub(super) fn canonical<'a>(&self, lexed: &'a Lexed) -> &'a str {
        self.canonical.unwrap_or_else(|| self.raw(lexed))
    }

    /// Whether keys may leave it out.
    pub(super) fn is_light(&self) -> bool {
        matches!(self.class, Class::Preposition | Class::InnerDug)
    }
}

/// A street's words.
#[derive(Clone, Debug, Default)]
pub(super) struct Name {
    /// What the DUG may be, likeliest first; empty where none is written.
    pub(super) dugs: Vec<Dug>,
    /// Whether the DUG was recognised through a typing error.
    pub(super) is_dug_misspelled: bool,
    /// The words.
    pub(super) parts: Vec<Part>,
}

impl Name {
    fn clear(&mut self) {
        self.dugs.clear();
        self.is_dug_misspelled = false;
        self.parts.clear();
    }
}

/// Whether the first word is taken for a DUG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstWord {
    /// Where it can be one.
    Dug,
    /// Never: BELVEDERE CASTELLONE, the DUG being left out.
    Name,
}

/// Reads the lexemes `from..to` as DUG and name.
pub(super) fn read(lexed: &Lexed, from: usize, to: usize, name: &mut Name) {
    read_as(lexed, from, to, FirstWord::Dug, name);
}

/// Reads the lexemes `from..to`, the first word being a DUG or not.
pub(super) fn read_as(lexed: &Lexed, from: usize, to: usize, first: FirstWord, name: &mut Name) {
    name.clear();
    let to = to.min(lexed.lexemes.len());
    let mut at = from;
    let mut leading = None;
    if first == FirstWord::Dug
        && is_ordinal(lexed, at)
        && at + 2 < to
        && !dug::meanings(lexed.at(at + 1)).is_empty()
        && lexed.at(at + 1).len() > 1
    {
        // "2^ TRAVERSA DI VIA ROMA", "PRIMA TRAVERSA VIA ROMA".
        leading = Some(at);
        at += 1;
    }
    if first == FirstWord::Dug {
        at = read_dug(lexed, at, to, name);
    }
    if let Some(ordinal) = leading {
        push_part(lexed, ordinal, to, &mut name.parts);
    }
    while at < to {
        at = push_part(lexed, at, to, &mut name.parts);
    }
    settle(&mut name.parts);
}

fn is_ordinal(lexed: &Lexed, at: usize) -> bool {
    let word = lexed.at(at);
    let Some(lexeme) = lexed.lexemes.get(at) else { return false };
    let is_marked = word.len() == 1 && numeral::roman(word).is_some() && (word != "V" || lexeme.after.has(Gap::DEGREE));
    lexeme.is_number || numeral::value(word).is_some() || is_marked
}

/// Takes the DUG off the front, where a name is left behind it; gives where the name begins.
fn read_dug(lexed: &Lexed, from: usize, to: usize, name: &mut Name) -> usize {
    if from + 1 >= to {
        return from;
    }
    let word = lexed.at(from);
    let lexeme = lexed.lexemes[from];
    if word.len() > 7 && word.starts_with("LUNGO") && dug::spelled(word).is_none() {
        return from;
    }
    let meanings = dug::meanings(word);
    let is_spelled = meanings.first().is_some_and(|d| d.name() == word);
    // A single letter is a DUG only with its dot (V. ROMA), two letters only as an abbreviation that stands first.
    if !meanings.is_empty() && (is_spelled || word.len() > 1 || lexeme.after.has(Gap::DOT) || word == "V") {
        name.dugs.extend_from_slice(meanings);
        let next = lexed.at(from + 1);
        let is_doubled = from + 2 < to && dug::spelled(next).is_some_and(|d| meanings.contains(&d)) && is_spelled;
        return from + if is_doubled { 2 } else { 1 };
    }
    if let Some(road) = route(word)
        && (lexed.lexemes[from + 1].is_number || lexeme.after.has(Gap::DOT))
    {
        name.dugs.extend(dug::spelled("STRADA"));
        name.parts.push(Part {
            start: lexeme.start,
            end: lexeme.end,
            class: Class::Qualifier,
            number: None,
            canonical: Some(road),
            is_dotted: false,
        });
        return from + 1;
    }
    if let Some(found) = dug::misspelled(word) {
        name.dugs.push(found);
        name.is_dug_misspelled = true;
        return from + 1;
    }
    from
}

/// The qualifier of a route's initials.
pub(super) fn route(word: &str) -> Option<&'static str> {
    Some(match word {
        "SP" => "PROVINCIALE",
        "SS" => "STATALE",
        "SR" => "REGIONALE",
        "SC" => "COMUNALE",
        _ => return None,
    })
}

/// Appends the word at a position; gives the next position.
fn push_part(lexed: &Lexed, at: usize, to: usize, parts: &mut Vec<Part>) -> usize {
    let lexeme = lexed.lexemes[at];
    let word = lexed.text(lexeme);
    let is_dotted = lexeme.after.has(Gap::DOT);
    let mut part =
        Part { start: lexeme.start, end: lexeme.end, class: Class::Word, number: None, canonical: None, is_dotted };
    if lexeme.is_number {
        part.class = Class::Number;
        part.number = word.parse().ok();
        if at + 1 < to && lexed.lexemes[at + 1].before.is_glued() {
            let tail = lexed.at(at + 1);
            if tail == "BRE" {
                part.canonical = part.number.and_then(numeral::month);
                part.class = Class::Word;
                part.number = None;
                parts.push(part);
                return at + 2;
            }
            if matches!(tail, "A" | "O") && at + 2 < to {
                parts.push(part);
                return at + 2;
            }
        }
        parts.push(part);
        return at + 1;
    }
    if word.len() == 1 {
        classify_letter(&mut part, word, lexed, at, to);
    } else if let Some(road) = route(word).filter(|_| at + 1 < to && lexed.lexemes[at + 1].is_number) {
        part.class = Class::Qualifier;
        part.canonical = Some(road);
    } else {
        classify_word(&mut part, word);
    }
    parts.push(part);
    at + 1
}

fn classify_letter(part: &mut Part, word: &str, lexed: &Lexed, at: usize, to: usize) {
    part.class = Class::Initial;
    if lexed.lexemes[at].after.has(Gap::APOSTROPHE) || (!part.is_dotted && matches!(word, "A" | "E" | "O")) {
        part.class = Class::Preposition;
        return;
    }
    if word == "S" {
        part.canonical = Some(words::SAINT);
    }
    if part.is_dotted {
        return;
    }
    let next = lexed.at(at + 1);
    let ends = at + 1 >= to || matches!(next, "DI" | "VIA" | "V") || lexed.lexemes[at].after.has(Gap::DEGREE);
    if let Some(n) = numeral::roman(word) {
        part.number = Some(n);
        if ends {
            part.class = Class::Number;
        }
    }
}

fn classify_word(part: &mut Part, word: &str) {
    if let Some(n) = words::numeral(word) {
        part.class = Class::Number;
        part.number = Some(n);
    } else if let Some(meaning) = words::meaning(word) {
        part.class = meaning.class;
        part.canonical = (meaning.canonical != word).then_some(meaning.canonical);
    } else if is_inner(word) {
        part.class = Class::InnerDug;
    } else if part.is_dotted
        && let [dug, ..] = dug::meanings(word)
        && is_inner(dug.name())
    {
        part.class = Class::InnerDug;
        part.canonical = Some(dug.name());
    }
}

fn is_inner(word: &str) -> bool {
    matches!(
        word,
        "VIA"
            | "VIALE"
            | "PIAZZA"
            | "VICO"
            | "VICOLO"
            | "CORSO"
            | "LARGO"
            | "TRAVERSA"
            | "CONTRADA"
            | "LOCALITA"
            | "STRADA"
            | "FRAZIONE"
            | "PIAZZALE"
            | "PIAZZETTA"
    )
}

/// A name needs a head: where only light words are left, they are the name.
fn settle(parts: &mut [Part]) {
    let light = |c: Class| matches!(c, Class::FirstName | Class::Title | Class::Qualifier | Class::InnerDug);
    let has_word = parts.iter().any(|p| p.class == Class::Word);
    let Some(last) = parts.iter().rposition(|p| !matches!(p.class, Class::Preposition | Class::Number)) else {
        if let Some(head) = parts.iter_mut().rfind(|p| p.class == Class::Preposition) {
            head.class = Class::Word;
        }
        return;
    };
    if light(parts[last].class) {
        parts[last].class = Class::Word;
    }
    if !has_word {
        for part in parts.iter_mut().filter(|p| p.class == Class::FirstName) {
            part.class = Class::Word;
        }
    }
}

/// A 64-bit digest of the words of a name, with what `keep` leaves.
#[derive(Clone, Copy)]
pub(super) struct Key(u64);

impl Key {
    /// Begins with the DUG, or with [`Dug::NONE`] where it does not matter.
    pub(super) fn start(dug: Dug) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ u64::from(dug.0))
    }

    /// Adds the bytes of a word.
    pub(super) fn word(self, bytes: &[u8]) -> Self {
        let mut h = self.0 ^ 0x2545_f491_4f6c_dd1d;
        for chunk in bytes.chunks(8) {
            let mut block = [0_u8; 8];
            block[..chunk.len()].copy_from_slice(chunk);
            h = mix(h ^ u64::from_le_bytes(block));
        }
        Self(mix(h ^ bytes.len() as u64))
    }

    /// Adds a numeral.
    pub(super) fn number(self, n: u32) -> Self {
        Self(mix(self.0 ^ 0x5bd1_e995 ^ (u64::from(n) << 20)))
    }

    /// The digest.
    pub(super) fn finish(self) -> u64 {
        self.0
    }
}

fn mix(mut h: u64) -> u64 {
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 32;
    h = h.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 29)
}

/// Adds the parts of a name to a key.
pub(super) fn digest(mut key: Key, lexed: &Lexed, parts: &[Part], keep: impl Fn(&Part) -> bool) -> u64 {
    for part in parts.iter().filter(|p| keep(p)) {
        key = match (part.class, part.number) {
            (Class::Number, Some(n)) => key.number(n),
            _ => key.word(part.canonical(lexed).as_bytes()),
        };
    }
    key.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> u64 {
        let mut lexed = Lexed::default();
        lexed.push(text, Gap::SPACE);
        lexed.join_abbreviations(words::is_abbreviation);
        let mut name = Name::default();
        read(&lexed, 0, lexed.lexemes.len(), &mut name);
        digest(Key::start(name.dugs.first().copied().unwrap_or_default()), &lexed, &name.parts, |p| !p.is_light())
    }

    #[test]
    fn many_spellings_one_key() {
        for same in [
            &["VIA QUATTRO NOVEMBRE", "V. IV Novembre", "via 4 novembre"][..],
            &["PIAZZA SAN GIOVANNI XXIII", "P.zza S. Giovanni Ventitreesimo", "PIAZZA S.GIOVANNI 23"],
            &["VIALE GENERALE DALLA CHIESA", "V.le Gen. Dalla Chiesa"],
            &[
                "VICO PRIMO DI VIA SAN GIOVANNI",
                "v.co i di via s. giovanni",
                "VICO 1° VIA S.GIOVANNI",
                "1^ VICO VIA SAN GIOVANNI",
            ],
            &["VIA XX SETTEMBRE", "Via 20 7bre", "VIA VENTI SETTEMBRE"],
            &["STRADA PROVINCIALE 118 ANAGNI PALIANO", "S.P. 118 Anagni-Paliano", "Str. Prov. 118 Anagni Paliano"],
            &["CONTRADA DELL' ACQUA", "C.da dell’Acqua", "C/DA DELL ACQUA", "CONTRADA ACQUA"],
            &["VIA FRATELLI ROSSELLI", "Via F.lli Rosselli"],
        ] {
            for other in &same[1..] {
                assert_eq!(key(same[0]), key(other), "{} / {other}", same[0]);
            }
        }
        assert_ne!(key("VIA ROMA"), key("PIAZZA ROMA"));
        assert_ne!(key("VIA NUOVA"), key("VIA VECCHIA"));
    }
}
