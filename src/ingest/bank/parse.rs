//! How cells are written: dates, amounts, flags, codes. A refusal says why and never what was written.

use jiff::civil::Date;

use super::draft::Written;
use crate::domain::{
    codice_fiscale::FiscalCode,
    household::Kinship,
    person::{Residence, Sex},
    personal::Personal,
    record::{BirthEvidence, CodeEvidence, IseeRole, Severity},
};

/// How a column is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parser {
    /// As it stands, blanks at both ends trimmed.
    Text,
    /// A day: `dd/mm/yyyy`, `yyyy-mm-dd`, `dd-mm-yy`, `dd.mm.yyyy`.
    Day,
    /// A birth date in the same forms.
    Birth,
    /// A birth date from an office that swaps day and month now and then: the other reading is kept.
    BirthSwapped,
    /// Euro with a decimal comma (or point) and at most two decimals kept: `1.234,56`, `1234,5`, `€ 12`. To cents.
    Amount,
    /// A number with a decimal comma, to hundredths: `2,46`.
    Hundredths,
    /// A whole number from 0 up to this.
    Whole(u32),
    /// A tax year, 1970 to 2100.
    Year,
    /// `S`/`N`, `SI`/`NO`, `1`/`0`, `VERO`/`FALSO`.
    Flag,
    /// `F` or `M`.
    Sex,
    /// Belfiore or Z code.
    Place,
    /// `IS`, `MG`, `FG`, `MA`; any other is [`Kinship::Other`].
    Kinship,
    /// `RESIDENTE`, `DECEDUTO`, `EMIGRATO`, `IRREPERIBILE`.
    Residence,
    /// `D` or `C`.
    Role,
    /// `lieve`, `moderata`, `grave`.
    Severity,
}

impl Parser {
    /// Reads a cell that is trimmed and not missing.
    pub(super) fn read(self, cell: &str) -> Result<Written<'_>, &'static str> {
        Ok(match self {
            Self::Text => Written::Text(cell),
            Self::Day => Written::Date(day(cell)?.0),
            Self::Birth => Written::Birth(birth(cell, Swaps::Never)?),
            Self::BirthSwapped => Written::Birth(birth(cell, Swaps::Sometimes)?),
            Self::Amount | Self::Hundredths => Written::Whole(hundredths(cell)?),
            Self::Whole(most) => Written::Whole(whole(cell, most)?),
            Self::Year => match whole(cell, 2100)? {
                year if year >= 1970 => Written::Whole(year),
                _ => return Err("is not a year from 1970 to 2100"),
            },
            Self::Flag => Written::Flag(flag(cell)?),
            Self::Sex => Written::Sex(sex(cell)?),
            Self::Place => Written::Place(place(cell)?),
            Self::Kinship => Written::Kinship(kinship(cell)),
            Self::Residence => Written::Residence(residence(cell)?),
            Self::Role => Written::Role(role(cell)?),
            Self::Severity => Written::Severity(severity(cell)?),
        })
    }
}

/// Whether a cell says nothing: blanks, dashes, `NULL`, `n.d.` and their like.
pub(super) fn is_missing(cell: &str) -> bool {
    const SIGNS: [&str; 8] = ["NULL", "N.D.", "ND", "N/D", "N.D", "N/A", "#N/D", "#N/A"];
    cell.bytes().all(|b| matches!(b, b' ' | b'-' | b'_' | b'.' | b'*'))
        || (cell.len() <= 4 && SIGNS.iter().any(|sign| sign.eq_ignore_ascii_case(cell)))
}

/// What a text says as a fiscal code: case and blanks do not matter.
pub fn code_evidence(text: &str) -> CodeEvidence {
    let text = text.trim();
    if is_missing(text) {
        return CodeEvidence::Missing;
    }
    if let Ok(code) = FiscalCode::parse(text) {
        return CodeEvidence::Valid(code);
    }
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    CodeEvidence::Broken(Personal::from(plain))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Swaps {
    Never,
    Sometimes,
}

/// Years of two digits up to this one are of this century.
const PIVOT: i16 = 26;

const NO_DATE: &str = "is not a date (dd/mm/yyyy, yyyy-mm-dd or dd-mm-yy)";

/// How a year is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Years {
    Four,
    Two,
}

/// A day, and how its year was written.
fn day(cell: &str) -> Result<(Date, Years), &'static str> {
    // A time behind the date, as spreadsheets write it, says nothing.
    let cell = cell.split([' ', 'T']).next().unwrap_or_default();
    let mut parts = cell.split(['/', '-', '.']);
    let (Some(a), Some(b), Some(c), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return eight_digits(cell);
    };
    if a.len() == 4 {
        return Ok((date(number(a, 4)?, number(b, 2)?, number(c, 2)?)?, Years::Four));
    }
    let (day, month) = (number(a, 2)?, number(b, 2)?);
    match c.len() {
        4 => Ok((date(number(c, 4)?, month, day)?, Years::Four)),
        2 => {
            let short = number(c, 2)?;
            let year = if short <= PIVOT { 2000 + short } else { 1900 + short };
            Ok((date(year, month, day)?, Years::Two))
        }
        _ => Err(NO_DATE),
    }
}

/// `yyyymmdd`
fn eight_digits(cell: &str) -> Result<(Date, Years), &'static str> {
    match (cell.len(), cell.get(..4), cell.get(4..6), cell.get(6..)) {
        (8, Some(y), Some(m), Some(d)) => Ok((date(number(y, 4)?, number(m, 2)?, number(d, 2)?)?, Years::Four)),
        _ => Err(NO_DATE),
    }
}

fn number(text: &str, most: usize) -> Result<i16, &'static str> {
    let fits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().map_err(|_| NO_DATE) } else { Err(NO_DATE) }
}

fn date(year: i16, month: i16, day: i16) -> Result<Date, &'static str> {
    if !(1800..=2200).contains(&year) {
        return Err("is a date outside the years 1800 to 2200");
    }
    Date::new(year, month as i8, day as i8).map_err(|_| "is a day that no calendar has")
}

/// A birth date and its other reading. Where day and month may be swapped that reading wins over the century.
fn birth(cell: &str, swaps: Swaps) -> Result<BirthEvidence, &'static str> {
    let (date, years) = match day(cell) {
        Ok(read) => read,
        Err(reason) if swaps == Swaps::Sometimes => day(&swapped(cell).ok_or(reason)?)?,
        Err(reason) => return Err(reason),
    };
    let swap = || Date::new(date.year(), date.day(), date.month()).ok().filter(|other| *other != date);
    let century = || Date::new(date.year() - 100, date.month(), date.day()).ok();
    let mut other = if swaps == Swaps::Sometimes { swap() } else { None };
    if other.is_none() && years == Years::Two && date.year() >= 2000 {
        other = century();
    }
    Ok(BirthEvidence { date, other })
}

/// `02/25/1990` → `25/02/1990`
fn swapped(cell: &str) -> Option<String> {
    let mut parts = cell.splitn(3, ['/', '-', '.']);
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    (a.len() <= 2).then(|| format!("{b}/{a}/{c}"))
}

/// Cents, or hundredths. A comma is the decimal sign; without one, a single point with one or two digits behind
/// it is; other points, blanks and apostrophes part thousands.
fn hundredths(cell: &str) -> Result<i64, &'static str> {
    const NO_NUMBER: &str = "is not a number with a decimal comma";
    let cell = cell.trim_start_matches(['€', ' ']).trim_end_matches(['€', ' ']);
    let cell = cell.strip_prefix("EUR").or_else(|| cell.strip_suffix("EUR")).unwrap_or(cell).trim();
    let (negative, digits) = match cell.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, cell.strip_prefix('+').unwrap_or(cell)),
    };
    let (units, decimals) = match digits.rsplit_once(',') {
        Some((units, decimals)) => (units, decimals),
        None => match digits.rsplit_once('.') {
            Some((units, decimals)) if !units.contains('.') && decimals.len() != 3 => (units, decimals),
            _ => (digits, ""),
        },
    };
    let mut value: i64 = 0;
    let mut seen = 0;
    for b in units.bytes() {
        match b {
            b'0'..=b'9' => {
                value = value.checked_mul(10).and_then(|v| v.checked_add(i64::from(b - b'0'))).ok_or("is too large")?;
                seen += 1;
            }
            b'.' | b'\'' | b' ' if seen > 0 => {}
            _ => return Err(NO_NUMBER),
        }
    }
    if (seen == 0 && decimals.is_empty()) || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NO_NUMBER);
    }
    let digit = |at: usize| decimals.as_bytes().get(at).map_or(0, |b| i64::from(b - b'0'));
    let round = i64::from(digit(2) >= 5);
    let cents = value
        .checked_mul(100)
        .and_then(|v| v.checked_add(digit(0) * 10 + digit(1) + round))
        .filter(|cents| *cents <= 10_000_000_000_000)
        .ok_or("is too large")?;
    Ok(if negative { -cents } else { cents })
}

fn whole(cell: &str, most: u32) -> Result<i64, &'static str> {
    let value = hundredths(cell).map_err(|_| "is not a whole number")?;
    match value {
        value if value % 100 != 0 => Err("is not a whole number"),
        value if value < 0 => Err("is below zero"),
        value if value / 100 > i64::from(most) => Err("is larger than can be"),
        value => Ok(value / 100),
    }
}

fn flag(cell: &str) -> Result<bool, &'static str> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(cell));
    match () {
        () if is(&["S", "SI", "SÌ", "Sì", "Y", "1", "VERO", "TRUE", "X"]) => Ok(true),
        () if is(&["N", "NO", "0", "FALSO", "FALSE"]) => Ok(false),
        () => Err("is neither S nor N"),
    }
}

fn sex(cell: &str) -> Result<Sex, &'static str> {
    match cell {
        "F" | "f" | "2" => Ok(Sex::F),
        "M" | "m" | "1" => Ok(Sex::M),
        _ => Err("is neither F nor M"),
    }
}

fn place(cell: &str) -> Result<[u8; 4], &'static str> {
    match cell.as_bytes() {
        &[letter, a, b, c] if letter.is_ascii_alphabetic() && [a, b, c].iter().all(u8::is_ascii_digit) => {
            Ok([letter.to_ascii_uppercase(), a, b, c])
        }
        _ => Err("is not a Belfiore code or a Z-code (a letter and three digits)"),
    }
}

fn kinship(cell: &str) -> Kinship {
    match cell.to_ascii_uppercase().as_str() {
        "IS" => Kinship::Head,
        "MG" => Kinship::Spouse,
        "FG" => Kinship::Child,
        "MA" => Kinship::Parent,
        _ => Kinship::Other,
    }
}

fn residence(cell: &str) -> Result<Residence, &'static str> {
    match cell.to_ascii_uppercase().as_str() {
        "RESIDENTE" | "R" => Ok(Residence::Resident),
        "DECEDUTO" | "DECEDUTA" | "D" => Ok(Residence::Deceased),
        "EMIGRATO" | "EMIGRATA" | "E" => Ok(Residence::Emigrated),
        "IRREPERIBILE" | "I" => Ok(Residence::Untraceable),
        _ => Err("is none of RESIDENTE, DECEDUTO, EMIGRATO, IRREPERIBILE"),
    }
}

fn role(cell: &str) -> Result<IseeRole, &'static str> {
    match cell {
        "D" | "d" => Ok(IseeRole::Declarant),
        "C" | "c" => Ok(IseeRole::Member),
        _ => Err("is neither D nor C"),
    }
}

fn severity(cell: &str) -> Result<Severity, &'static str> {
    match cell.to_lowercase().as_str() {
        "lieve" => Ok(Severity::Mild),
        "moderata" | "moderato" | "media" => Ok(Severity::Moderate),
        "grave" => Ok(Severity::Severe),
        _ => Err("is none of lieve, moderata, grave"),
    }
}
