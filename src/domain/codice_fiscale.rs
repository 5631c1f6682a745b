//! Fiscal codes: the ordinary one with its omocodes, the provisional one, those of the health service.
//! Source: DM 23-12-1976 (composition, check tables, omocodia); Partita IVA check digit: DM 23-12-1976 art. 7;
//! STP: DPR 394/1999 art. 43; ENI: Accordo Stato-Regioni 20-12-2012.

use std::fmt;

use jiff::civil::Date;

use super::{fold::fold, person::Sex};

/// Any code by which the administration knows a person.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FiscalCode {
    /// Sixteen characters, check letter right, any of the 128 omocodes.
    Ordinary(CodiceFiscale),
    /// Eleven digits with the Partita IVA check digit.
    Provisional([u8; 11]),
    /// `STP` (or `ENI`, citizens of the Union not enrolled) and thirteen digits.
    Stp([u8; 16]),
}

/// An ordinary code: upper case, well formed, its check letter right.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodiceFiscale([u8; 16]);

/// Why a text is no fiscal code; never the text itself, which is personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFiscalCode {
    /// Neither 16 nor 11 characters.
    #[error("a fiscal code has 16 characters, a provisional one 11 digits; this has {0}")]
    Length(usize),
    /// A letter where a digit belongs, or the other way round. Counted from 1.
    #[error("character {0} of the fiscal code cannot stand there")]
    Character(u8),
    /// Month letter, day or both do not make a day of any year with those two digits.
    #[error("the birth date in the fiscal code is not a day")]
    Date,
    /// The last character does not follow from the others.
    #[error("the check character of the fiscal code is wrong")]
    Check,
}

/// Positions (0-based) of the digits that omocodia may replace, in the order of assignment: from the right.
pub const OMOCODE_POSITIONS: [usize; 7] = [14, 13, 12, 10, 9, 7, 6];

const OMOCODE_LETTERS: &[u8; 10] = b"LMNPQRSTUV";
const MONTH_LETTERS: &[u8; 12] = b"ABCDEHLMPRST";
const ODD_VALUES: [u8; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

impl FiscalCode {
    /// Reads a code of any kind; case and blanks do not matter.
    pub fn parse(text: &str) -> Result<Self, InvalidFiscalCode> {
        let mut bytes = [0_u8; 16];
        let mut count = 0;
        for c in text.chars().filter(|c| !c.is_whitespace()) {
            if let Some(slot) = bytes.get_mut(count) {
                *slot = u8::try_from(c).unwrap_or(b'?').to_ascii_uppercase();
            }
            count += 1;
        }
        match count {
            11 => {
                let mut digits = [0_u8; 11];
                digits.copy_from_slice(&bytes[..11]);
                provisional(digits).map(Self::Provisional)
            }
            16 if matches!(&bytes[..3], b"STP" | b"ENI") && bytes[3].is_ascii_digit() => {
                match first_non_digit(&bytes, 3) {
                    Some(at) => Err(InvalidFiscalCode::Character(at)),
                    None => Ok(Self::Stp(bytes)),
                }
            }
            16 => CodiceFiscale::from_bytes(bytes).map(Self::Ordinary),
            other => Err(InvalidFiscalCode::Length(other)),
        }
    }

    /// The characters of the code; whoever calls this answers for where they go.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Ordinary(code) => code.reveal(),
            Self::Provisional(digits) => std::str::from_utf8(digits).unwrap_or_default(),
            Self::Stp(code) => std::str::from_utf8(code).unwrap_or_default(),
        }
    }

    /// The ordinary code, where it is one.
    pub const fn ordinary(&self) -> Option<CodiceFiscale> {
        match self {
            Self::Ordinary(code) => Some(*code),
            Self::Provisional(_) | Self::Stp(_) => None,
        }
    }
}

fn first_non_digit(bytes: &[u8], from: usize) -> Option<u8> {
    (from..bytes.len()).find(|&i| !bytes[i].is_ascii_digit()).map(|i| i as u8 + 1)
}

fn provisional(digits: [u8; 11]) -> Result<[u8; 11], InvalidFiscalCode> {
    if let Some(at) = first_non_digit(&digits, 0) {
        return Err(InvalidFiscalCode::Character(at));
    }
    let sum: u32 = (0..10).map(|i| partita_iva_value(i, digits[i])).sum();
    let check = b'0' + ((10 - sum % 10) % 10) as u8;
    if digits[10] == check && digits != [b'0'; 11] { Ok(digits) } else { Err(InvalidFiscalCode::Check) }
}

fn partita_iva_value(index: usize, digit: u8) -> u32 {
    let value = u32::from(digit - b'0');
    match index % 2 {
        0 => value,
        _ if value < 5 => value * 2,
        _ => value * 2 - 9,
    }
}

impl CodiceFiscale {
    /// Reads an ordinary code; case and blanks do not matter.
    pub fn parse(text: &str) -> Result<Self, InvalidFiscalCode> {
        match FiscalCode::parse(text)? {
            FiscalCode::Ordinary(code) => Ok(code),
            FiscalCode::Provisional(_) => Err(InvalidFiscalCode::Length(11)),
            FiscalCode::Stp(_) => Err(InvalidFiscalCode::Character(4)),
        }
    }

    /// The code, without omocodia, that belongs to these data; `place` is the Belfiore code, or the Z-code abroad.
    pub fn derive(
        surname: &str,
        given: &str,
        sex: Sex,
        birth: Date,
        place: [u8; 4],
    ) -> Result<Self, InvalidFiscalCode> {
        let mut bytes = [0_u8; 16];
        bytes[..3].copy_from_slice(&surname_code(surname));
        bytes[3..6].copy_from_slice(&given_code(given));
        let year = birth.year().rem_euclid(100) as u8;
        let day = birth.day() as u8 + if sex == Sex::F { 40 } else { 0 };
        write_two_digits(&mut bytes, 6, year);
        bytes[8] = MONTH_LETTERS[birth.month() as usize - 1];
        write_two_digits(&mut bytes, 9, day);
        bytes[11..15].copy_from_slice(&place.map(|c| c.to_ascii_uppercase()));
        bytes[15] = b'A';
        if let Err(at) = check_shape(&bytes) {
            return Err(InvalidFiscalCode::Character(at));
        }
        bytes[15] = check_letter(&bytes);
        Ok(Self(bytes))
    }

    fn from_bytes(bytes: [u8; 16]) -> Result<Self, InvalidFiscalCode> {
        check_shape(&bytes).map_err(InvalidFiscalCode::Character)?;
        if bytes[15] != check_letter(&bytes) {
            return Err(InvalidFiscalCode::Check);
        }
        let code = Self(bytes);
        let year = i16::from(code.year_of_century());
        if [1900, 2000].iter().any(|century| Date::new(century + year, code.month(), code.day()).is_ok()) {
            Ok(code)
        } else {
            Err(InvalidFiscalCode::Date)
        }
    }

    /// The sixteen characters.
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The sixteen characters as bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The birth date. The code has two digits of the year only: of the dates that fit, the latest that is not
    /// after `reference`, so a person of a hundred years or more reads as a child.
    pub fn birth(&self, reference: Date) -> Date {
        let year = i16::from(self.year_of_century());
        let mut century = reference.year().div_euclid(100) * 100;
        // A century and a leap day away at most: the shape was checked on the 1900s and the 2000s.
        for _ in 0..9 {
            if let Ok(date) = Date::new(century + year, self.month(), self.day())
                && date <= reference
            {
                return date;
            }
            century -= 100;
        }
        Date::new(2000 + year, self.month(), self.day()).unwrap_or_default()
    }

    /// Whether the code's day, month and two digits of the year are those of this date.
    pub fn is_birth(&self, date: Date) -> bool {
        date.year().rem_euclid(100) == i16::from(self.year_of_century())
            && date.month() == self.month()
            && date.day() == self.day()
    }

    /// The sex.
    pub fn sex(&self) -> Sex {
        if self.day_field() > 40 { Sex::F } else { Sex::M }
    }

    /// Belfiore code of the birth place (Z-code abroad), digits restored. It may be one that has ceased.
    pub fn place(&self) -> [u8; 4] {
        let base = restore_digits(&self.0);
        [base[11], base[12], base[13], base[14]]
    }

    /// The code with every digit restored and its check letter anew. The same base under another omocode is
    /// **another person**: this groups candidates, it never joins them.
    pub fn base(&self) -> Self {
        let mut bytes = restore_digits(&self.0);
        bytes[15] = check_letter(&bytes);
        Self(bytes)
    }

    /// Whether omocodia replaced a digit.
    pub fn is_omocode(&self) -> bool {
        OMOCODE_POSITIONS.iter().any(|&i| !self.0[i].is_ascii_digit())
    }

    /// All 128 forms of the base, the base first; bit `n` of the position replaces the n-th digit from the right.
    pub fn omocodes(&self) -> [Self; 128] {
        let base = restore_digits(&self.0);
        std::array::from_fn(|mask| {
            let mut bytes = base;
            for (bit, &i) in OMOCODE_POSITIONS.iter().enumerate() {
                if mask >> bit & 1 == 1 {
                    bytes[i] = OMOCODE_LETTERS[usize::from(bytes[i] - b'0')];
                }
            }
            bytes[15] = check_letter(&bytes);
            Self(bytes)
        })
    }

    /// The last letter, which follows from the other fifteen.
    pub const fn check(&self) -> u8 {
        self.0[15]
    }

    /// Whether the first six letters are those of this surname and given name.
    pub fn is_name(&self, surname: &str, given: &str) -> bool {
        self.0[..3] == surname_code(surname) && self.0[3..6] == given_code(given)
    }

    fn year_of_century(&self) -> u8 {
        digit(self.0[6]) * 10 + digit(self.0[7])
    }

    fn month(&self) -> i8 {
        MONTH_LETTERS.iter().position(|&letter| letter == self.0[8]).unwrap_or_default() as i8 + 1
    }

    fn day_field(&self) -> u8 {
        digit(self.0[9]) * 10 + digit(self.0[10])
    }

    fn day(&self) -> i8 {
        let field = self.day_field() as i8;
        if field > 40 { field - 40 } else { field }
    }
}

/// The three letters of a surname: consonants, then vowels, then X.
pub fn surname_code(surname: &str) -> [u8; 3] {
    let (consonants, vowels) = split_letters(surname);
    first_three(consonants.iter().chain(&vowels))
}

/// The three letters of a given name: with four or more consonants the first, third and fourth.
pub fn given_code(given: &str) -> [u8; 3] {
    let (consonants, vowels) = split_letters(given);
    match consonants.as_slice() {
        &[first, _, third, fourth, ..] => [first, third, fourth],
        _ => first_three(consonants.iter().chain(&vowels)),
    }
}

fn split_letters(name: &str) -> (Vec<u8>, Vec<u8>) {
    fold(name)
        .bytes()
        .filter(u8::is_ascii_uppercase)
        .partition(|letter| !matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U'))
}

fn first_three<'a>(letters: impl Iterator<Item = &'a u8>) -> [u8; 3] {
    let mut out = [b'X'; 3];
    for (slot, letter) in out.iter_mut().zip(letters) {
        *slot = *letter;
    }
    out
}

fn write_two_digits(bytes: &mut [u8; 16], at: usize, value: u8) {
    bytes[at] = b'0' + value / 10;
    bytes[at + 1] = b'0' + value % 10;
}

/// A digit, or the letter that omocodia put in its place.
fn digit(byte: u8) -> u8 {
    if byte.is_ascii_digit() {
        byte - b'0'
    } else {
        OMOCODE_LETTERS.iter().position(|&letter| letter == byte).unwrap_or_default() as u8
    }
}

fn restore_digits(bytes: &[u8; 16]) -> [u8; 16] {
    let mut out = *bytes;
    for i in OMOCODE_POSITIONS {
        out[i] = b'0' + digit(out[i]);
    }
    out
}

fn check_shape(bytes: &[u8; 16]) -> Result<(), u8> {
    for (i, &byte) in bytes.iter().enumerate() {
        let fits = match i {
            6 | 7 | 9 | 10 | 12 | 13 | 14 => byte.is_ascii_digit() || OMOCODE_LETTERS.contains(&byte),
            8 => MONTH_LETTERS.contains(&byte),
            _ => byte.is_ascii_uppercase(),
        };
        if !fits {
            return Err(i as u8 + 1);
        }
    }
    Ok(())
}

/// The check letter of fifteen characters (the sixteenth is not read).
fn check_letter(bytes: &[u8; 16]) -> u8 {
    let mut sum = 0_u32;
    for (i, &byte) in bytes[..15].iter().enumerate() {
        let value = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
        sum += u32::from(if i % 2 == 0 { ODD_VALUES[usize::from(value)] } else { value });
    }
    b'A' + (sum % 26) as u8
}

impl fmt::Debug for CodiceFiscale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹codice fiscale›")
    }
}

impl fmt::Debug for FiscalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹fiscal code›")
    }
}

#[cfg(test)]
mod tests;
