//! The grammar of civic numbers and of what follows them.

use super::lexer::{Gap, Lexed};

/// An exponent: a few letters or digits, kept without a heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Exponent {
    bytes: [u8; 8],
    len: u8,
}

impl Exponent {
    /// Letters and digits of a text; blanks and signs drop out, what is too long is cut.
    pub(super) fn of(text: &str) -> Self {
        let mut out = Self::default();
        out.push(text);
        out
    }

    fn push(&mut self, text: &str) {
        for b in text.bytes().filter(u8::is_ascii_alphanumeric) {
            if usize::from(self.len) < self.bytes.len() {
                self.bytes[usize::from(self.len)] = b.to_ascii_uppercase();
                self.len += 1;
            }
        }
    }

    /// The letters.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// Whether there is none.
    pub(super) const fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// What a text says of the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Written {
    /// Nothing.
    #[default]
    Nothing,
    /// Says that there is none: snc, s.n.c., SN, 0.
    WithoutNumber,
    /// A number.
    Number,
    /// A distance in metres along the road: km 3+400.
    Metres,
}

/// A civic number as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Civic {
    /// What is written.
    pub(super) written: Written,
    /// The number, or metres.
    pub(super) number: u32,
    /// Exponent.
    pub(super) exponent: Exponent,
    /// Whether `ROSSO` or `R` was written apart.
    pub(super) is_red: bool,
}

/// Greatest number that a door has: metric towns go to six digits.
const MAX_NUMBER_DIGITS: usize = 6;

/// Reads a civic number that begins at a number; gives where the rest begins.
pub(super) fn read(lexed: &Lexed, at: usize, to: usize) -> Option<(Civic, usize)> {
    let text = lexed.at(at);
    if !lexed.lexemes.get(at)?.is_number || text.len() > MAX_NUMBER_DIGITS {
        return None;
    }
    let number = lexed.number(at)?;
    let mut civic = Civic { written: Written::Number, number, ..Civic::default() };
    let mut next = at + 1;
    if next < to && is_exponent(lexed, next, to) {
        let word = lexed.at(next);
        match word {
            "ROSSO" | "ROSSA" => civic.is_red = true,
            "NERO" | "NERA" => {}
            _ => civic.exponent.push(word),
        }
        next += 1;
        // A3, BIS/1, 2 BIS 1.
        while next < to && !civic.exponent.is_empty() && continues_exponent(lexed, next, to) {
            civic.exponent.push(lexed.at(next));
            next += 1;
        }
    }
    if matches!(lexed.at(next), "ROSSO" | "ROSSA" | "NERO" | "NERA") && next < to {
        civic.is_red = lexed.at(next).starts_with('R');
        next += 1;
    }
    if number == 0 {
        civic.written = Written::WithoutNumber;
    }
    Some((civic, next))
}

fn is_exponent(lexed: &Lexed, at: usize, to: usize) -> bool {
    let lexeme = lexed.lexemes[at];
    let word = lexed.text(lexeme);
    let followed_by_number = at + 1 < to && lexed.lexemes[at + 1].is_number;
    let is_latin = matches!(
        word,
        "BIS" | "TER" | "QUATER" | "QUINQUIES" | "SEXIES" | "SEPTIES" | "OCTIES" | "ROSSO" | "ROSSA" | "NERO" | "NERA"
    );
    if lexeme.before.has(Gap::DEGREE) {
        return false;
    }
    if lexeme.before.is_glued() {
        return word.len() <= 3 || is_latin;
    }
    if lexeme.before.has(Gap::COMMA.with(Gap::BRACKET)) {
        return word.len() == 1 && !lexeme.is_number && at + 1 >= to && lexeme.before.has(Gap::COMMA);
    }
    if lexeme.before.has(Gap::SLASH.with(Gap::DASH)) {
        if is_unit(lexed, at, to) {
            return false;
        }
        return if lexeme.is_number { word.len() <= 4 } else { word.len() <= 3 || is_latin };
    }
    if is_latin {
        return true;
    }
    // "86 a interno 3", "3 e sc. B"; but "10 P 3" is a floor.
    word.len() == 1
        && !lexeme.is_number
        && !(followed_by_number && matches!(word, "P" | "I" | "S" | "N") && !lexed.lexemes[at + 1].before.is_glued())
}

fn continues_exponent(lexed: &Lexed, at: usize, to: usize) -> bool {
    let lexeme = lexed.lexemes[at];
    let word = lexed.text(lexeme);
    let is_tight = lexeme.before.is_glued() || lexeme.before == Gap::SLASH || lexeme.before == Gap::DASH;
    is_tight && word.len() <= 3 && !is_unit(lexed, at, to)
}

/// Whether a unit (staircase, interior, floor, building, care of) begins here: as a whole word with its value.
pub(super) fn is_unit(lexed: &Lexed, at: usize, to: usize) -> bool {
    let word = lexed.at(at);
    let has_value = at + 1 < to;
    match word {
        "INT" | "INTERNO" | "INTERNI" | "INTER" | "SC" | "SCALA" | "SCA" | "PIANO" | "PAL" | "PALAZZINA"
        | "PALAZZO" | "PALAZZ" | "PALAZ" | "LOTTO" | "LOT" | "ED" | "EDIF" | "EDIFICIO" | "PRESSO" | "BLOCCO"
        | "BL" | "CORPO" | "COND" | "CONDOMINIO" | "APP" | "APPARTAMENTO" | "APPART" | "APPTO" | "FABBRICATO"
        | "FABB" | "FABBR" | "FAB" | "ISOLATO" | "ISOL" | "TORRE" | "SUB" | "COMPLESSO" | "RESIDENCE" | "RESID"
        | "CO" | "STABILE" | "UNITA" | "LATO" | "BOX" | "PIA" | "PALAZZINE" | "SCALE" => has_value,
        "PT" | "PS" | "PIANTERRENO" | "PR" | "SEMINTERRATO" => true,
        "P" | "I" => has_value && (lexed.lexemes[at + 1].is_number || matches!(lexed.at(at + 1), "T" | "TERRA" | "S")),
        "C" => lexed.at(at + 1) == "O" && lexed.lexemes[at].after.has(Gap::SLASH),
        // "2° piano", "I piano".
        _ => {
            has_value
                && lexed.at(at + 1) == "PIANO"
                && (lexed.lexemes[at].is_number || super::numeral::value(word).is_some())
        }
    }
}

/// Whether "without number" is written here; gives where the rest begins.
pub(super) fn read_without_number(lexed: &Lexed, at: usize, to: usize) -> Option<usize> {
    let word = lexed.at(at);
    match word {
        "SNC" | "SNCIV" => Some(at + 1),
        "SN" if at + 1 >= to || is_unit(lexed, at + 1, to) => Some(at + 1),
        "S" if lexed.at(at + 1) == "N" && at + 1 < to => {
            if lexed.at(at + 2) == "C" && at + 2 < to {
                Some(at + 3)
            } else if at + 2 >= to || lexed.at(at + 2) == "CIV" || is_unit(lexed, at + 2, to) {
                Some((at + 2 + usize::from(lexed.at(at + 2) == "CIV")).min(to))
            } else {
                None
            }
        }
        "SENZA" if lexed.at(at + 1).starts_with("NUM") && at + 1 < to => {
            Some((at + 2 + usize::from(lexed.at(at + 2) == "CIVICO")).min(to))
        }
        _ => None,
    }
}

/// Reads a distance: `KM 3+400`, `KM. 12,500`, `KM 7`; gives where the rest begins.
pub(super) fn read_kilometres(lexed: &Lexed, at: usize, to: usize) -> Option<(Civic, usize)> {
    if !matches!(lexed.at(at), "KM" | "CHILOMETRO") || at + 1 >= to {
        return None;
    }
    let whole = lexed.number(at + 1).filter(|n| *n < 1000)?;
    let mut metres = whole * 1000;
    let mut next = at + 2;
    if next < to
        && lexed.lexemes[next].is_number
        && lexed.lexemes[next].before.has(Gap::DASH.with(Gap::COMMA).with(Gap::DOT))
    {
        let text = lexed.at(next);
        if text.len() <= 3 {
            let scale = [1000, 100, 10, 1][text.len()];
            metres += lexed.number(next)? * scale;
            next += 1;
        }
    }
    Some((Civic { written: Written::Metres, number: metres, ..Civic::default() }, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn civic(text: &str) -> (u32, String, bool) {
        let mut lexed = Lexed::default();
        lexed.push(text, Gap::SPACE);
        lexed.join_abbreviations(super::super::words::is_abbreviation);
        let to = lexed.lexemes.len();
        let (c, _) = read(&lexed, 0, to).unwrap();
        (c.number, c.exponent.as_str().to_owned(), c.is_red)
    }

    #[test]
    fn every_form_of_a_civic_number() {
        for (text, number, exponent) in [
            ("12", 12, ""),
            ("12A", 12, "A"),
            ("12/A", 12, "A"),
            ("12 a", 12, "A"),
            ("12-A", 12, "A"),
            ("12bis", 12, "BIS"),
            ("12/bis", 12, "BIS"),
            ("12 BIS", 12, "BIS"),
            ("12/3", 12, "3"),
            ("12-14", 12, "14"),
            ("12r", 12, "R"),
            ("2-C interno 7", 2, "C"),
            ("3 e sc. A", 3, "E"),
            ("6/BIS1", 6, "BIS1"),
            ("12/A3", 12, "A3"),
            ("10 P 3", 10, ""),
            ("86 a interno 3", 86, "A"),
            ("7, int. 3", 7, ""),
            ("5/i", 5, "I"),
        ] {
            assert_eq!(civic(text), (number, exponent.to_owned(), false), "{text}");
        }
        assert!(civic("12 rosso").2);
    }

    #[test]
    fn kilometres_and_missing_numbers() {
        let mut lexed = Lexed::default();
        lexed.push("km 3+400", Gap::SPACE);
        assert_eq!(read_kilometres(&lexed, 0, 3).map(|(c, n)| (c.number, n)), Some((3400, 3)));
        for text in ["snc", "s.n.c.", "S. N. C.", "SN", "senza numero"] {
            lexed.clear();
            lexed.push(text, Gap::SPACE);
            lexed.join_abbreviations(super::super::words::is_abbreviation);
            assert!(read_without_number(&lexed, 0, lexed.lexemes.len()).is_some(), "{text}");
        }
    }
}
