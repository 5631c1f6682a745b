//! The ten banks. A bank is data: tables of columns (name → field → parser), one small file each; another
//! export of the same office is another table, not new code.

mod anagrafe;
mod draft;
mod erp;
mod fragili_asl;
mod invalidita;
mod isee_attestazioni;
mod isee_componenti;
mod parse;
mod prestazioni_inps;
mod redditi;
mod servizi_sociali;
mod tari;

#[cfg(test)]
mod tests;

use self::{draft::Draft, parse::Parser};
use super::{
    Error,
    sheet::{Batch, RawRow},
};
use crate::domain::{
    bank::BankKind,
    fold::fold,
    record::{CodeEvidence, Fact, Identity, Record},
    reject::Reject,
};

pub use parse::code_evidence;

/// The tables in which a bank may come.
#[derive(Debug)]
pub struct Mapping {
    /// Which bank.
    pub bank: BankKind,
    /// One for every export that is known, the likeliest first.
    pub tables: &'static [Table],
    assemble: fn(&Draft<'_>) -> Result<Fact, Gap>,
}

/// The columns of one export.
#[derive(Debug)]
pub struct Table {
    /// Who exports like this.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
}

/// A column of an export.
#[derive(Debug)]
pub struct Column {
    /// Its name, folded (`domain::fold`).
    pub name: &'static str,
    /// What it says.
    pub field: Field,
    /// How it is written.
    pub parser: Parser,
    /// What becomes of a row in which it cannot be read.
    pub need: Need,
}

/// What becomes of a row whose cell is empty or cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Empty or unreadable: the row is rejected.
    Required,
    /// Empty: fine. Unreadable: the row is rejected, because without the value it would say something else.
    IfWritten,
    /// Empty: fine. Unreadable: the value is missing and a warning says so.
    Optional,
}

/// What a column may say. A table names each at most once, but for address parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Field {
    Code,
    Surname,
    Given,
    WholeName,
    Birth,
    BirthPlace,
    Sex,
    Group,
    AddressText,
    AddressKind,
    AddressName,
    AddressNumber,
    AddressExponent,
    AddressStaircase,
    AddressInterior,
    AddressLocality,
    AddressPostcode,
    Kinship,
    Residence,
    Citizenship,
    Since,
    From,
    To,
    Kind,
    Service,
    Isee,
    IseeInclusione,
    Isr,
    Isp,
    Scale,
    Role,
    Amount,
    Year,
    Percent,
    Attendance,
    Severe,
    Date,
    Device,
    Severity,
    AreaM2,
    Occupants,
    Months,
    /// Read by nobody; it may be absent.
    Unused,
}

impl Field {
    const COUNT: usize = Self::Unused as usize + 1;
}

/// A fact cannot be made: the table has no column for a field without which there is none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap(pub(super) &'static str);

/// What a batch says.
#[derive(Debug, Default)]
pub struct Reading {
    /// One for each good row.
    pub records: Vec<Record>,
    /// One for each bad row.
    pub rejects: Vec<Reject>,
    /// Cells of good rows that could not be read and are taken as missing.
    pub warnings: Vec<Reject>,
}

/// The tables of a bank.
pub fn mapping(bank: BankKind) -> &'static Mapping {
    match bank {
        BankKind::Anagrafe => &anagrafe::MAPPING,
        BankKind::IseeAttestazioni => &isee_attestazioni::MAPPING,
        BankKind::IseeComponenti => &isee_componenti::MAPPING,
        BankKind::PrestazioniInps => &prestazioni_inps::MAPPING,
        BankKind::Redditi => &redditi::MAPPING,
        BankKind::Invalidita => &invalidita::MAPPING,
        BankKind::FragiliAsl => &fragili_asl::MAPPING,
        BankKind::ServiziSociali => &servizi_sociali::MAPPING,
        BankKind::Tari => &tari::MAPPING,
        BankKind::Erp => &erp::MAPPING,
    }
}

/// A bank's table laid over the header of a file: reads its batches.
#[derive(Debug)]
pub struct Reader {
    file: String,
    mapping: &'static Mapping,
    table: &'static Table,
    /// Column of the table, position in the file.
    places: Vec<(&'static Column, usize)>,
}

impl Reader {
    /// Chooses the table whose columns the header has. Columns of the file that no table knows are ignored.
    pub fn new(bank: BankKind, file: &str, header: &[String]) -> Result<Self, Error> {
        let mapping = mapping(bank);
        let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
        let mut nearest: Option<Vec<String>> = None;
        for table in mapping.tables {
            let missing = missing(table, &folded);
            if missing.is_empty() {
                return Self::over(mapping, table, file, &folded);
            }
            if nearest.as_ref().is_none_or(|best| missing.len() < best.len()) {
                nearest = Some(missing);
            }
        }
        let missing = nearest.unwrap_or_default();
        Err(Error::WrongBank { file: file.to_owned(), bank, missing, hint: hint(bank, &folded) })
    }

    fn over(mapping: &'static Mapping, table: &'static Table, file: &str, folded: &[String]) -> Result<Self, Error> {
        let mut places = Vec::with_capacity(table.columns.len());
        for column in table.columns {
            let mut at = folded.iter().enumerate().filter(|(_, name)| *name == column.name).map(|(index, _)| index);
            let first = at.next();
            if at.next().is_some() {
                let reason = format!("two columns of the header are named {}", column.name);
                return Err(Error::Unreadable { file: file.to_owned(), reason });
            }
            places.extend(first.map(|index| (column, index)));
        }
        Ok(Self { file: file.to_owned(), mapping, table, places })
    }

    /// The table that was chosen.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// Reads a batch: each row becomes a record or a reject.
    pub fn read(&self, batch: &Batch) -> Reading {
        let mut reading = Reading { records: Vec::with_capacity(batch.len()), ..Reading::default() };
        for row in batch.rows() {
            match self.record(row, batch.header(), &mut reading.warnings) {
                Ok(record) => reading.records.push(record),
                Err(reject) => reading.rejects.push(reject),
            }
        }
        reading
    }

    fn record(&self, row: RawRow<'_>, header: &[String], warnings: &mut Vec<Reject>) -> Result<Record, Reject> {
        let note = |column: Option<usize>, reason: &str| Reject {
            file: self.file.clone(),
            row: row.row,
            column: column.and_then(|index| header.get(index).cloned()),
            reason: reason.to_owned(),
        };
        let mut draft = Draft::default();
        let before = warnings.len();
        for &(column, index) in &self.places {
            let cell = row.cell(index).trim();
            let refused = if parse::is_missing(cell) {
                if column.need == Need::Required { Some("is empty") } else { None }
            } else {
                match column.parser.read(cell) {
                    Ok(value) => {
                        draft.set(column.field, value);
                        None
                    }
                    Err(reason) if column.need == Need::Optional => {
                        warnings.push(note(Some(index), reason));
                        None
                    }
                    Err(reason) => Some(reason),
                }
            };
            if let Some(reason) = refused {
                warnings.truncate(before);
                return Err(note(Some(index), reason));
            }
        }
        self.finish(row.row, &draft).map_err(|reason| {
            warnings.truncate(before);
            note(None, reason)
        })
    }

    fn finish(&self, row: u32, draft: &Draft<'_>) -> Result<Record, &'static str> {
        let identity = Identity {
            code: draft.code(),
            name: draft.name(),
            birth: draft.birth(),
            birth_place: draft.place(),
            sex: draft.sex(),
        };
        let address = draft.address();
        if matches!(identity.code, CodeEvidence::Missing) && identity.name.is_none() && address.is_none() {
            return Err("no code, no name and no address: nothing says who this is about");
        }
        let fact = (self.mapping.assemble)(draft).map_err(|gap| gap.0)?;
        let group = draft.text(Field::Group).map(Into::into);
        Ok(Record { row, identity, group, address: address.map(Box::new), fact })
    }
}

/// Reads a batch of a bank in one call: [`Reader::new`] and [`Reader::read`].
pub fn read(bank: BankKind, file: &str, batch: &Batch) -> Result<Reading, Error> {
    Ok(Reader::new(bank, file, batch.header())?.read(batch))
}

/// Columns that the header lacks. Even an optional one is missed: a bank that has lost its codes must not pass
/// in silence; an export that never had them is another table.
fn missing(table: &Table, folded: &[String]) -> Vec<String> {
    let absent = |column: &&Column| column.field != Field::Unused && !folded.iter().any(|name| name == column.name);
    table.columns.iter().filter(absent).map(|column| column.name.to_owned()).collect()
}

/// What the file may be instead.
fn hint(bank: BankKind, folded: &[String]) -> String {
    if folded.len() == 1 {
        return "; the header has a single column: the separator must be ; , tab or |".to_owned();
    }
    let others = BankKind::ALL.into_iter().filter(|other| *other != bank);
    let fits = |other: &BankKind| mapping(*other).tables.iter().any(|table| missing(table, folded).is_empty());
    match others.into_iter().find(fits) {
        Some(other) => format!("; it looks like {other}"),
        None => String::new(),
    }
}

/// A column of a table; the tables read like tables.
const fn column(name: &'static str, field: Field, parser: Parser, need: Need) -> Column {
    Column { name, field, parser, need }
}
