//! Civic registers: the official one (ANNCSU, INDIR and STRAD in their published layouts, national files
//! included) and any other table through a column map.
//!
//! Source of the layouts: ANNCSU open data, Agenzia delle Entrate and ISTAT (HVD, Reg. UE 2023/138).

mod anncsu;
mod coordinates;
mod map;
mod mapped;
pub mod points;
mod register;

#[cfg(test)]
mod tests;

pub use map::ColumnMap;

use self::register::Register;
use super::{
    Error,
    crs::Crs,
    sheet::{self, Limits},
};
use crate::domain::{
    comune::Comune,
    place::{Access, CivicNumber, Street},
    reject::Reject,
    watch::Watch,
};

/// A file as it was handed in: its name without folder, and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Name, as it will stand in rejects.
    pub name: &'a str,
    /// Content: CSV, XLSX, gzip or zip.
    pub bytes: &'a [u8],
}

/// How the tables are laid out.
#[derive(Clone, Debug)]
pub enum Layout {
    /// INDIR and STRAD as ANNCSU publishes them: degrees (EPSG:6706), X is the longitude.
    Anncsu,
    /// Any table: which column says what, and the system of its coordinates.
    Mapped {
        /// Which column says what.
        map: Box<ColumnMap>,
        /// The system of `x` and `y`.
        crs: Crs,
    },
}

/// A register: streets sorted by id, accesses in the order of the files.
#[derive(Clone, Debug, Default)]
pub struct Civics {
    /// Streets, also those without accesses where STRAD was given.
    pub streets: Vec<Street>,
    /// Accesses; a point that failed the gate is absent, and a warning says why.
    pub accesses: Vec<Access>,
    /// Rows that could not be read.
    pub rejects: Vec<Reject>,
    /// Cells that could not be read, or were put right, in rows that were.
    pub warnings: Vec<Reject>,
    /// Rows of the comune, good and bad.
    pub rows: u64,
    /// Rows of other comuni, passed over.
    pub skipped: u64,
}

/// Rows read at a time.
const BATCH: usize = 1 << 14;

/// Reads one register from one or more files that complete each other. With a comune, rows of others are
/// passed over; a file that has none of the comune's is an error. Zips are read as streams.
///
/// Errors: a file that is no table, lacks columns, or holds other comuni only; [`Error::Stopped`].
pub fn read(
    files: &[File<'_>],
    layout: &Layout,
    comune: Option<Comune>,
    limits: &Limits,
    watch: &dyn Watch,
) -> Result<Civics, Error> {
    let mut register = Register::new(comune);
    watch.begin("civics", 0);
    for file in files {
        let before = register.counts();
        for sheet in sheet::open_all(file.name, file.bytes, limits)? {
            let mut sheet = sheet?;
            let reader = match layout {
                Layout::Anncsu => Reader::Anncsu(anncsu::Reader::new(sheet.file(), sheet.header())?),
                Layout::Mapped { map, crs } => {
                    Reader::Mapped(mapped::Reader::new(sheet.file(), sheet.header(), map, *crs)?)
                }
            };
            while let Some(chunk) = sheet.next_chunk(BATCH)? {
                if watch.cancelled() {
                    return Err(Error::Stopped);
                }
                watch.advance((chunk.batch.len() + chunk.rejects.len()) as u64);
                register.reject_all(chunk.rejects);
                for row in chunk.batch.rows() {
                    match &reader {
                        Reader::Anncsu(reader) => reader.take(row, &mut register),
                        Reader::Mapped(reader) => reader.take(row, &mut register),
                    }
                }
            }
        }
        register.must_have_grown(file.name, before)?;
    }
    Ok(register.finish())
}

enum Reader {
    Anncsu(anncsu::Reader),
    Mapped(mapped::Reader),
}

/// A civic number from its columns. The number's column may hold the exponent as well: `12A`, `12/A`, `12 bis`.
/// `0` and `snc` are doors without number.
pub(super) fn civic_number(number: &str, exponent: &str, note: &str) -> CivicNumber {
    use crate::domain::fold::fold;
    let folded = fold(number);
    let digits = folded.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = folded.split_at(digits);
    let value = digits.parse().ok().filter(|value| *value > 0);
    let rest = rest.trim();
    let unnumbered = matches!(rest, "SNC" | "S N C" | "SN" | "S N");
    let own = fold(exponent);
    let joined = match (rest, own.as_str()) {
        (rest, "") if !unnumbered => rest.to_owned(),
        ("", own) => own.to_owned(),
        (rest, own) if rest == own || unnumbered => own.to_owned(),
        (rest, own) => format!("{rest} {own}"),
    };
    CivicNumber { number: value, exponent: joined.into(), note: fold(note).into() }
}
