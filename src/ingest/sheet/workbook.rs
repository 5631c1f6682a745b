//! XLSX: the first sheet that has cells, as if it had been saved as CSV.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, SheetVisible, Xlsx};

use super::{
    archive::{self, unreadable},
    limits::Limits,
};
use crate::ingest::Error;

/// Whether a zip is a workbook, and of which kind.
pub(super) enum Kind {
    Xlsx,
    OpenDocument,
    NoWorkbook,
}

pub(super) fn kind(names: &[archive::Entry<'_>]) -> Kind {
    match () {
        () if names.iter().any(|entry| entry.name == "workbook.xml") => Kind::Xlsx,
        () if names.iter().any(|entry| entry.name == "content.xml") => Kind::OpenDocument,
        () => Kind::NoWorkbook,
    }
}

/// The sheet as comma-separated UTF-8. Numbers are written with a decimal comma, as an Italian office's own
/// CSV would have them; dates as `yyyy-mm-dd`.
pub(super) fn to_csv(
    file: &str,
    bytes: &[u8],
    entries: &[archive::Entry<'_>],
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    gate(file, entries, limits)?;
    let damaged = || unreadable(file, "the workbook is damaged");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    for name in sheets {
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else { continue };
        let mut table = Table {
            file,
            limits,
            writer: csv::WriterBuilder::new().flexible(true).from_writer(Vec::new()),
            row: None,
            cells: Vec::new(),
            width: 0,
            bytes: 0,
        };
        while let Some(cell) = cells.next_cell().map_err(|_| damaged())? {
            let (row, column) = cell.get_position();
            table.put(row, column as usize, written(cell.get_value()))?;
        }
        let bytes = table.finish()?;
        if !bytes.is_empty() {
            return Ok(bytes);
        }
    }
    Err(unreadable(file, "the workbook has no cells"))
}

/// Every part is unpacked to nowhere first: what is inside is trusted by the reader of workbooks.
fn gate(file: &str, entries: &[archive::Entry<'_>], limits: &Limits) -> Result<(), Error> {
    let mut left = limits.bytes.min(2 << 30);
    for entry in entries {
        let mut reader = entry.source.reader().take(left + 1);
        let read =
            std::io::copy(&mut reader, &mut std::io::sink()).map_err(|error| archive::explain(file, &error, limits))?;
        left = left.checked_sub(read).ok_or_else(|| Error::TooLarge {
            file: file.to_owned(),
            what: "the uncompressed workbook",
            limit: limits.bytes.min(2 << 30),
        })?;
    }
    Ok(())
}

struct Table<'t> {
    file: &'t str,
    limits: &'t Limits,
    writer: csv::Writer<Vec<u8>>,
    row: Option<u32>,
    cells: Vec<String>,
    /// Columns of the header: a row that ends earlier has empty cells, not missing ones.
    width: usize,
    bytes: u64,
}

/// Bytes of all cells at most: a text that is stored once may stand in a million cells.
const BYTES: u64 = 1 << 30;

impl Table<'_> {
    fn put(&mut self, row: u32, column: usize, text: String) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        if self.row != Some(row) {
            self.end_row()?;
            self.row = Some(row);
        }
        if column >= self.limits.columns {
            let limit = self.limits.columns as u64;
            return Err(Error::TooLarge { file: self.file.to_owned(), what: "the number of columns", limit });
        }
        self.bytes += text.len() as u64 + 1;
        if self.bytes > BYTES.min(self.limits.bytes) {
            let limit = BYTES.min(self.limits.bytes);
            return Err(Error::TooLarge { file: self.file.to_owned(), what: "the text of the workbook", limit });
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Error> {
        if self.row.is_some() {
            if self.width == 0 {
                self.width = self.cells.len();
            } else if self.cells.len() < self.width {
                self.cells.resize(self.width, String::new());
            }
            self.writer
                .write_record(&self.cells)
                .map_err(|_| unreadable(self.file, "a row of the workbook is damaged"))?;
            self.cells.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, Error> {
        self.end_row()?;
        let file = self.file;
        self.writer.into_inner().map_err(|_| unreadable(file, "the workbook is damaged"))
    }
}

fn written(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string().replace('.', ","),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => if *flag { "S" } else { "N" }.to_owned(),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            match (hour, minute, second) {
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
            }
        }
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
    }
}
