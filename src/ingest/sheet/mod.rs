//! Tables: bytes and a file name become a header and numbered rows, whatever the office exported.
//!
//! Read are CSV (separators `;` `,` tab `|`; UTF-8 with or without mark, UTF-16, ISO-8859-1, Windows-1252;
//! CRLF, LF or both), the same in gzip or zip, and XLSX. Rows come in batches, so that a caller holds one
//! batch and commits it before it asks for the next.

mod archive;
mod batch;
mod cutter;
mod encoding;
mod limits;
mod separator;
mod workbook;

#[cfg(test)]
mod tests;

use std::io::{Cursor, Read};

pub(super) use archive::unreadable;
pub use batch::{Batch, InvalidBatch, RawRow};
pub use encoding::Encoding;
pub use limits::Limits;

use self::{
    archive::{Container, Source},
    cutter::{Cut, Cutter},
};
use super::Error;
use crate::domain::reject::Reject;

/// A table that is being read.
pub struct Sheet<'a> {
    file: String,
    header: Vec<String>,
    named: usize,
    encoding: Encoding,
    separator: u8,
    rows: u32,
    ended: bool,
    cutter: Cutter<'a>,
    limits: Limits,
}

/// Some rows of a table, and the rows among them that could not be read.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The good rows.
    pub batch: Batch,
    /// The bad ones.
    pub rejects: Vec<Reject>,
}

/// Bytes of cells after which a batch is handed over, however few rows it has.
const BATCH_BYTES: usize = 32 << 20;

/// Opens the one table of a file: CSV, XLSX, gzip, or a zip that holds a single table. `file` is the name
/// without its folder, as it will stand in rejects.
pub fn open<'a>(file: &str, bytes: &'a [u8], limits: &Limits) -> Result<Sheet<'a>, Error> {
    match archive::container(bytes) {
        Container::Text => Sheet::text(file, Source::plain(bytes, *limits), *limits),
        Container::Gzip => Sheet::text(file, Source::gzip(bytes, *limits), *limits),
        Container::Zip => {
            let entries = archive::entries(file, bytes, limits)?;
            match workbook::kind(&entries) {
                workbook::Kind::Xlsx => {
                    let csv = workbook::to_csv(file, bytes, &entries, limits)?;
                    Sheet::cut(file, Box::new(Cursor::new(csv)), 0, Encoding::Utf8, b',', *limits)
                }
                workbook::Kind::OpenDocument => {
                    Err(unreadable(file, "an OpenDocument sheet is not read: save it as CSV or XLSX"))
                }
                workbook::Kind::NoWorkbook => match entries.as_slice() {
                    [] => Err(unreadable(file, "the zip holds no file")),
                    [entry] => Sheet::text(file, entry.source, *limits),
                    several => {
                        Err(unreadable(file, format!("the zip holds {} files and only one is expected", several.len())))
                    }
                },
            }
        }
        Container::OldExcel => Err(unreadable(file, "an old Excel file (.xls) is not read: save it as XLSX or CSV")),
        Container::Other(what) => Err(unreadable(file, format!("this is {what}, not a table"))),
    }
}

/// The tables of a file one after another: as [`open`], but a zip may hold several, as the national registers do.
/// Each is opened when it is asked for, and has the name that it has in the zip.
pub fn open_all<'a>(
    file: &str,
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<impl Iterator<Item = Result<Sheet<'a>, Error>> + use<'a>, Error> {
    let limits = *limits;
    let mut whole = None;
    let mut parts = Vec::new();
    if archive::container(bytes) == Container::Zip {
        let entries = archive::entries(file, bytes, &limits)?;
        if matches!(workbook::kind(&entries), workbook::Kind::NoWorkbook) && entries.len() != 1 {
            parts = entries;
        }
    }
    if parts.is_empty() {
        whole = Some(open(file, bytes, &limits)?);
    }
    let parts = parts.into_iter().map(move |entry| Sheet::text(&entry.name, entry.source, limits));
    Ok(whole.into_iter().map(Ok).chain(parts))
}

impl<'a> Sheet<'a> {
    fn text(file: &str, source: Source<'a>, limits: Limits) -> Result<Self, Error> {
        let failed = |error: std::io::Error| archive::explain(file, &error, &limits);
        let mut magic = Vec::new();
        source.reader().take(16).read_to_end(&mut magic).map_err(failed)?;
        match archive::container(&magic) {
            Container::Text => {}
            Container::Other(what) => return Err(unreadable(file, format!("this is {what}, not a table"))),
            Container::Gzip | Container::Zip | Container::OldExcel => {
                return Err(Error::Refused {
                    file: file.to_owned(),
                    reason: "an archive inside an archive".to_owned(),
                });
            }
        }
        let survey = encoding::survey(source.reader()).map_err(failed)?;
        if survey.bytes <= survey.mark as u64 {
            return Err(unreadable(file, "the file is empty"));
        }
        let mut head = Vec::new();
        let whole = survey.bytes == (survey.head.len() + survey.mark) as u64;
        // The last bytes of a cut head may be half a letter: the separators are not among them.
        survey.encoding.cut(Box::new(survey.head.as_slice())).read_to_end(&mut head).map_err(failed)?;
        if head.iter().take(4096).any(|b| *b == 0) {
            return Err(unreadable(file, "the file is binary, not text"));
        }
        let separator = separator::sniff(&head, whole, &limits);
        let mut raw = source.reader();
        let mut mark = [0_u8; 3];
        raw.read_exact(&mut mark[..survey.mark]).map_err(failed)?;
        Self::cut(file, survey.encoding.cut(raw), 0, survey.encoding, separator, limits)
    }

    fn cut(
        file: &str,
        reader: Box<dyn Read + 'a>,
        skip: usize,
        encoding: Encoding,
        separator: u8,
        limits: Limits,
    ) -> Result<Self, Error> {
        let failed = |error: std::io::Error| archive::explain(file, &error, &limits);
        let mut cutter = Cutter::new(reader, separator, limits);
        cutter.skip(skip).map_err(failed)?;
        let too_wide =
            || Error::TooLarge { file: file.to_owned(), what: "the number of columns", limit: limits.columns as u64 };
        match cutter.next(|_| true).map_err(failed)? {
            Cut::Row if cutter.width() > limits.columns => return Err(too_wide()),
            Cut::Row => {}
            Cut::Damaged(cutter::UNCLOSED) => {
                return Err(unreadable(file, "the header opens a quote that is not closed"));
            }
            Cut::Damaged(_) => return Err(too_wide()),
            Cut::End => return Err(unreadable(file, "the file has no header")),
        }
        let header = header(file, &cutter, encoding, &limits)?;
        let named = header.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        let header = header
            .into_iter()
            .enumerate()
            .map(|(index, name)| if name.is_empty() { format!("column {}", index + 1) } else { name })
            .collect();
        Ok(Self { file: file.to_owned(), header, named, encoding, separator, rows: 0, ended: false, cutter, limits })
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The names of the columns, as written, blanks trimmed; a column without name at the end is `column N`.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// How the text is written.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What stands between cells; none in a table of one column.
    pub fn separator(&self) -> Option<char> {
        (self.separator != separator::NONE).then(|| char::from(self.separator))
    }

    /// Rows read so far, good and bad.
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// The next rows, at most so many (and fewer where they are large); none at the end of the table.
    pub fn next_chunk(&mut self, max_rows: usize) -> Result<Option<Chunk>, Error> {
        if self.ended {
            return Ok(None);
        }
        let mut chunk = Chunk { batch: Batch::new(self.header.clone()), rejects: Vec::new() };
        while chunk.batch.len() + chunk.rejects.len() < max_rows.max(1) && chunk.batch.text_bytes() < BATCH_BYTES {
            let (named, width) = (self.named, self.header.len());
            let cut = self.cutter.next(|cutter| fits(cutter, named, width));
            let cut = match cut {
                Ok(cut) => cut,
                Err(error) => return Err(archive::explain(&self.file, &error, &self.limits)),
            };
            if cut == Cut::End {
                self.ended = true;
                break;
            }
            if self.rows == self.limits.rows {
                let limit = u64::from(self.limits.rows);
                return Err(Error::TooLarge { file: self.file.clone(), what: "the number of rows", limit });
            }
            self.rows += 1;
            let taken = match cut {
                Cut::Damaged(reason) => Err((None, reason.to_owned())),
                _ => self.take(&mut chunk.batch),
            };
            if let Err((column, reason)) = taken {
                chunk.rejects.push(Reject { file: self.file.clone(), row: self.rows, column, reason });
            }
        }
        let empty = chunk.batch.is_empty() && chunk.rejects.is_empty();
        Ok((!empty).then_some(chunk))
    }

    /// Moves the row in the cutter into the batch, or says why it cannot be.
    fn take(&self, batch: &mut Batch) -> Result<(), (Option<String>, String)> {
        let (width, cutter) = (self.header.len(), &self.cutter);
        if !fits(cutter, self.named, width) {
            return Err((None, format!("the row has {} cells, the header {}", cutter.width(), self.named)));
        }
        let (bytes, ends) = cutter.row();
        let column = |index: usize| self.header.get(index).cloned();
        let mut start = 0;
        for (index, &end) in ends.iter().enumerate() {
            if end - start > self.limits.field_bytes {
                return Err((column(index), format!("the cell is longer than {} bytes", self.limits.field_bytes)));
            }
            start = end;
        }
        if bytes.contains(&0) {
            return Err((None, "the row holds a zero byte".to_owned()));
        }
        if let Ok(text) = std::str::from_utf8(bytes)
            && self.encoding == Encoding::Utf8
            && ends.iter().all(|end| text.is_char_boundary(*end))
        {
            let cells = ends.iter().scan(0, |start, &end| Some(&text[std::mem::replace(start, end)..end]));
            batch.push(self.rows, cells);
            return Ok(());
        }
        let mut cells = Vec::with_capacity(ends.len());
        for index in 0..ends.len() {
            let cell = self.encoding.decode(cutter.cell(index));
            cells.push(cell.ok_or_else(|| (column(index), "the cell is not in the encoding of the file".to_owned()))?);
        }
        batch.push(self.rows, cells.iter().map(AsRef::as_ref));
        Ok(())
    }
}

/// As many cells as names, or as columns; more only where they are empty (a separator too many at the end).
fn fits(cutter: &Cutter<'_>, named: usize, width: usize) -> bool {
    cutter.width() >= named && (width..cutter.width()).all(|index| cutter.cell(index).is_empty())
}

/// The names of the columns. A refusal tells positions, not names: where the header is missing, its place is
/// taken by a row of data.
fn header(file: &str, cutter: &Cutter<'_>, encoding: Encoding, limits: &Limits) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::with_capacity(cutter.width());
    for index in 0..cutter.width() {
        let cell = cutter.cell(index);
        let name = encoding
            .decode(cell)
            .filter(|name| cell.len() <= limits.field_bytes.min(4096) && !name.contains('\0'))
            .ok_or_else(|| unreadable(file, format!("the name of column {} cannot be read", index + 1)))?;
        names.push(name.trim().trim_start_matches('\u{feff}').to_owned());
    }
    let named = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
    if named == 0 {
        return Err(unreadable(file, "the header is empty"));
    }
    if let Some(missing) = names[..named].iter().position(String::is_empty) {
        return Err(unreadable(file, format!("column {} has no name in the header", missing + 1)));
    }
    let mut sorted: Vec<usize> = (0..named).collect();
    sorted.sort_by_key(|&index| (&names[index], index));
    match sorted.windows(2).find(|pair| names[pair[0]] == names[pair[1]]) {
        Some(pair) => Err(unreadable(
            file,
            format!("columns {} and {} have the same name in the header", pair[0] + 1, pair[1] + 1),
        )),
        None => Ok(names),
    }
}
