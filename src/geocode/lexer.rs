//! Text → lexemes: upper-case ASCII words and numbers, and what stood between them.

use crate::domain::fold::letters;

/// What stood between two lexemes, as flags; no flag means that a letter met a digit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap(u8);

impl Gap {
    pub(super) const SPACE: Self = Self(1);
    pub(super) const DOT: Self = Self(2);
    pub(super) const SLASH: Self = Self(4);
    pub(super) const DASH: Self = Self(8);
    pub(super) const COMMA: Self = Self(16);
    pub(super) const APOSTROPHE: Self = Self(32);
    pub(super) const BRACKET: Self = Self(64);
    pub(super) const DEGREE: Self = Self(128);

    /// Whether letter and digit met without anything between.
    pub(super) const fn is_glued(self) -> bool {
        self.0 == 0
    }

    /// Whether any of the flags is set.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Both.
    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A run of letters or of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lexeme {
    /// First byte in the buffer.
    pub(super) start: u32,
    /// One past its last byte.
    pub(super) end: u32,
    /// Whether it is a run of digits.
    pub(super) is_number: bool,
    /// What stood before it.
    pub(super) before: Gap,
    /// What stands behind it.
    pub(super) after: Gap,
}

/// Longest text that is read: what lies beyond is cut, an address is never so long.
const MAX_TEXT_BYTES: usize = 400;
/// Most lexemes that are kept.
const MAX_LEXEMES: usize = 40;

/// A text taken apart. The buffer holds the letters and digits without any blank, so that joining two neighbours is a longer slice.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexed {
    pub(super) buffer: String,
    pub(super) lexemes: Vec<Lexeme>,
}

impl Lexed {
    /// The letters of a lexeme.
    pub(super) fn text(&self, lexeme: Lexeme) -> &str {
        &self.buffer[lexeme.start as usize..lexeme.end as usize]
    }

    /// The letters of the lexeme at a position, empty beyond the end.
    pub(super) fn at(&self, index: usize) -> &str {
        self.lexemes.get(index).map_or("", |&l| self.text(l))
    }

    /// The value of the number at a position.
    pub(super) fn number(&self, index: usize) -> Option<u32> {
        let lexeme = self.lexemes.get(index)?;
        if lexeme.is_number { self.text(*lexeme).parse().ok() } else { None }
    }

    /// Forgets everything, keeps the memory.
    pub(super) fn clear(&mut self) {
        self.buffer.clear();
        self.lexemes.clear();
    }

    /// Appends a text; its first lexeme is parted from what was there by `gap`.
    pub(super) fn push(&mut self, text: &str, gap: Gap) {
        let mut between = if self.lexemes.is_empty() { Gap::SPACE } else { gap };
        if let Some(last) = self.lexemes.last_mut() {
            last.after.add(gap);
        }
        let mut open = false;
        let end = text.floor_char_boundary(MAX_TEXT_BYTES);
        for c in text[..end].chars() {
            let plain: &str = match c {
                'A'..='Z' | 'a'..='z' | '0'..='9' => "",
                _ => letters(c).unwrap_or("\0"),
            };
            if plain == "\0" {
                let gap = gap_of(c);
                let Some(gap) = gap else { continue };
                between.add(gap);
                if let Some(last) = self.lexemes.last_mut() {
                    last.after.add(gap);
                }
                open = false;
                continue;
            }
            let is_number = c.is_ascii_digit();
            let fits = open && self.lexemes.last().is_some_and(|l| l.is_number == is_number);
            if !fits {
                if self.lexemes.len() == MAX_LEXEMES {
                    return;
                }
                let start = self.buffer.len() as u32;
                let before = if open { Gap::default() } else { between };
                self.lexemes.push(Lexeme { start, end: start, is_number, before, after: Gap::default() });
                open = true;
                between = Gap::default();
            }
            if plain.is_empty() {
                self.buffer.push(c.to_ascii_uppercase());
            } else {
                self.buffer.push_str(plain);
            }
            if let Some(last) = self.lexemes.last_mut() {
                last.end = self.buffer.len() as u32;
            }
        }
    }

    /// Joins what dots or slashes part without a blank (`V.LE`, `C/DA`, `S.N.C.`) where the whole is a known abbreviation.
    pub(super) fn join_abbreviations(&mut self, is_known: impl Fn(&str) -> bool) {
        let mut at = 0;
        while at < self.lexemes.len() {
            for span in (2..=3).rev() {
                let Some(run) = self.lexemes.get(at..at + span) else { continue };
                let tight = run[1..]
                    .iter()
                    .all(|l| !l.is_number && (l.before == Gap::DOT || l.before == Gap::SLASH) && !l.before.is_glued())
                    && !run[0].is_number;
                let (first, last) = (run[0], run[span - 1]);
                if tight && is_known(&self.buffer[first.start as usize..last.end as usize]) {
                    self.lexemes[at] = Lexeme { end: last.end, after: last.after.with(Gap::DOT), ..first };
                    self.lexemes.drain(at + 1..at + span);
                    break;
                }
            }
            at += 1;
        }
    }
}

fn gap_of(c: char) -> Option<Gap> {
    Some(match c {
        '.' => Gap::DOT,
        '/' | '\\' | '|' => Gap::SLASH,
        '-' | '–' | '—' | '_' | '+' => Gap::DASH,
        ',' | ';' | ':' => Gap::COMMA,
        '\'' | '’' | '‘' | '`' | '´' | 'ʼ' => Gap::APOSTROPHE,
        '(' | ')' | '[' | ']' | '"' | '«' | '»' => Gap::BRACKET,
        '°' | '^' | 'º' | 'ª' | '*' => Gap::DEGREE,
        // A combining accent belongs to the letter before it.
        '\u{300}'..='\u{36f}' => return None,
        _ => Gap::SPACE,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lex(text: &str) -> Vec<String> {
        let mut lexed = Lexed::default();
        lexed.push(text, Gap::SPACE);
        lexed.join_abbreviations(|w| ["VLE", "SNC", "CDA"].contains(&w));
        lexed.lexemes.iter().map(|&l| lexed.text(l).to_owned()).collect()
    }

    #[test]
    fn letters_and_digits_part_and_abbreviations_join() {
        assert_eq!(lex("V.le Dell’Università 12/A int.3"), ["VLE", "DELL", "UNIVERSITA", "12", "A", "INT", "3"]);
        assert_eq!(lex("c/da Bò, s.n.c."), ["CDA", "BO", "SNC"]);
        assert_eq!(lex("12bis G.B."), ["12", "BIS", "G", "B"]);
        assert!(lex(" ,;--").is_empty());
    }

    #[test]
    fn no_text_is_too_long() {
        let mut lexed = Lexed::default();
        lexed.push(&"à 1".repeat(10_000), Gap::SPACE);
        assert!(lexed.lexemes.len() <= MAX_LEXEMES && lexed.buffer.len() <= MAX_TEXT_BYTES);
    }
}
