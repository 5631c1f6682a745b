//! XLSX (ISO/IEC 29500) for whoever works in a spreadsheet: numbers as numbers, days as days, texts always as texts, so
//! that none is ever run. Sheets are gathered in files without a name, which vanish with the program.

use std::{io::Write, path::Path};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::error::StoreError;
use crate::{
    access::{Disclosed, opened::Opened},
    domain::{feature::Value, watch::Watch},
    query::collection::FieldKind,
    snapshot::Row,
};

/// Rows of a sheet, its header aside; a sheet holds 1,048,576. What is beyond goes on in another sheet.
const ROWS_MAX: usize = 1_000_000;
/// Columns of a sheet.
const COLUMNS_MAX: usize = 16_384;
/// Characters of a cell (as UTF-16 counts them); what is beyond is cut off.
const TEXT_MAX: usize = 32_767;
/// Whole numbers beyond this lose digits in a spreadsheet, and are written as text.
const WHOLE_MAX: u64 = 999_999_999_999_999;

/// Writes one or more sheets of rows and a last one that says what the columns are; answers how many rows. Points stand in
/// the columns `lon` and `lat` after the fields unless fields have those names; other shapes are left out. Sheets are
/// gathered in `folder`.
///
/// Errors: `Unreachable` for the disk, `TooLarge` for too many fields, `Conflict` when a watcher wants it stopped.
pub fn write(
    rows: &Disclosed<Opened>,
    folder: &Path,
    out: impl Write + Send,
    watch: &dyn Watch,
) -> Result<u64, StoreError> {
    let fields: Vec<(&str, FieldKind)> = rows.fields().map(|field| (&*field.name, field.kind)).collect();
    let all: Vec<Row> = rows.rows().collect();
    let has_points = all.iter().all(|&row| rows.point(row).is_some());
    let has_degrees = has_points && !fields.iter().any(|(name, _)| matches!(*name, "lon" | "lat"));
    if fields.len() + 2 > COLUMNS_MAX {
        return Err(StoreError::TooLarge("a sheet of so many fields".to_owned()));
    }
    let mut workbook = Workbook::new();
    workbook.set_tempdir(folder).map_err(|error| refused(&error))?;
    let looks = Looks::new();
    let header = fields.iter().map(|(name, _)| *name).chain(["lon", "lat"].into_iter().filter(|_| has_degrees));
    let header: Vec<&str> = header.collect();
    let mut done = 0;
    // No rows are a sheet with a header.
    let pieces = all.len().div_ceil(ROWS_MAX).max(1);
    for piece in 0..pieces {
        let rows_here = &all[piece * ROWS_MAX..all.len().min((piece + 1) * ROWS_MAX)];
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(|error| refused(&error))?;
        let name = if piece == 0 { rows.name().to_owned() } else { format!("{}_{}", rows.name(), piece + 1) };
        sheet.set_name(named(&name)).map_err(|error| refused(&error))?;
        head(sheet, &header, &looks).map_err(|error| refused(&error))?;
        for (line, &row) in (1..).zip(rows_here) {
            one(sheet, line, rows, row, &looks).map_err(|error| refused(&error))?;
            if has_degrees && let Some(point) = rows.point(row) {
                for (column, degrees) in (fields.len() as u16..).zip([point.lon(), point.lat()]) {
                    sheet.write_number(line, column, (degrees * 1e7).round() / 1e7).map_err(|error| refused(&error))?;
                }
            }
            done += 1;
            if done % 1_000 == 0 {
                watch.advance(done);
                if watch.cancelled() {
                    return Err(StoreError::Conflict("stopped before the file was whole".to_owned()));
                }
            }
        }
        if !rows_here.is_empty() {
            sheet
                .autofilter(0, 0, rows_here.len() as u32, header.len().max(1) as u16 - 1)
                .map_err(|error| refused(&error))?;
        }
    }
    explain(&mut workbook, rows, &looks).map_err(|error| refused(&error))?;
    workbook.save_to_writer(out).map_err(|error| refused(&error))?;
    Ok(done)
}

/// How cells look; Excel shows days and thousands as the reader's own system does.
struct Looks {
    head: Format,
    day: Format,
    moment: Format,
}

impl Looks {
    fn new() -> Self {
        Self {
            head: Format::new().set_bold(),
            // Numbers 14 and 22 of the standard are the reader's own short day and moment.
            day: Format::new().set_num_format_index(14),
            moment: Format::new().set_num_format_index(22),
        }
    }
}

fn head(sheet: &mut Worksheet, names: &[&str], looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    for (column, name) in (0..).zip(names) {
        sheet.set_column_width(column, (name.chars().count() + 4).clamp(10, 40) as f64)?;
        sheet.write_string_with_format(0, column, cut(name), &looks.head)?;
    }
    Ok(())
}

fn one(sheet: &mut Worksheet, line: u32, rows: &Opened, row: Row, looks: &Looks) -> Result<(), XlsxError> {
    for (column, value) in (0..).zip(rows.values(row)) {
        match &value {
            Value::Null => {}
            Value::Flag(flag) => {
                sheet.write_boolean(line, column, *flag)?;
            }
            Value::Whole(whole) if whole.unsigned_abs() <= WHOLE_MAX => {
                sheet.write_number(line, column, *whole as f64)?;
            }
            Value::Number(number) if number.is_finite() => {
                sheet.write_number(line, column, *number)?;
            }
            Value::Text(text) => {
                sheet.write_string(line, column, cut(text))?;
            }
            Value::Date(day) => match dated(day.at(0, 0, 0, 0)) {
                Some(day) => drop(sheet.write_datetime_with_format(line, column, day, &looks.day)?),
                None => drop(sheet.write_string(line, column, day.to_string())?),
            },
            Value::Instant(instant) => match dated(utc(*instant)) {
                Some(moment) => drop(sheet.write_datetime_with_format(line, column, moment, &looks.moment)?),
                None => drop(sheet.write_string(line, column, instant.to_string())?),
            },
            other => {
                sheet.write_string(line, column, cut(&other.written().unwrap_or_default()))?;
            }
        }
    }
    Ok(())
}

/// The last sheet: field, name for people, what it says.
fn explain(workbook: &mut Workbook, rows: &Opened, looks: &Looks) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(if rows.name() == "campi" { "campi_" } else { "campi" })?;
    head(sheet, &["campo", "titolo", "descrizione"], looks)?;
    for (line, field) in (1..).zip(rows.fields()) {
        for (column, text) in (0..).zip([&*field.name, &*field.title.it, &*field.description.it]) {
            sheet.write_string(line, column, cut(text))?;
        }
    }
    Ok(())
}

/// Spreadsheets know no zones: moments are written in UTC.
fn utc(instant: Timestamp) -> DateTime {
    instant.to_zoned(TimeZone::UTC).datetime()
}

/// None before 1900, where a spreadsheet has no days.
fn dated(moment: DateTime) -> Option<ExcelDateTime> {
    let year = u16::try_from(moment.year()).ok().filter(|year| *year >= 1900)?;
    let day = ExcelDateTime::from_ymd(year, moment.month() as u8, moment.day() as u8).ok()?;
    day.and_hms(moment.hour() as u16, moment.minute() as u8, f64::from(moment.second())).ok()
}

fn cut(text: &str) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > TEXT_MAX
    });
    end.map_or(text, |(end, _)| &text[..end])
}

/// A sheet's name: 31 characters at most, none of those that stand for something else.
fn named(name: &str) -> String {
    name.chars().map(|c| if r"[]:*?/\'".contains(c) { '_' } else { c }).take(31).collect()
}

fn refused(error: &XlsxError) -> StoreError {
    StoreError::Unreachable(format!("the spreadsheet could not be written: {error}"))
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _, Xlsx};
    use geo::{Geometry, point};

    use super::*;
    use crate::{domain::watch::Unwatched, store::geopackage::write::tests::opened};

    #[test]
    fn numbers_are_numbers_days_are_days_and_nothing_runs() {
        let shapes: Vec<Geometry<f64>> = vec![point!(x: 16.5, y: 38.5).into(), point!(x: 16.123456789, y: 38.0).into()];
        let mut bytes = Vec::new();
        assert_eq!(write(&opened(shapes), &std::env::temp_dir(), &mut bytes, &Unwatched).unwrap(), 2);
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["prova", "campi"]);
        let sheet = book.worksheet_range("prova").unwrap();
        let text = |cell: &Data| cell.to_string();
        let header: Vec<String> = sheet.rows().next().unwrap().iter().map(text).collect();
        assert_eq!(header, ["fid", "nome", "quota", "vero", "giorno", "istante", "usi", "lon", "lat"]);
        let row: Vec<Data> = sheet.rows().nth(1).unwrap().to_vec();
        assert_eq!(row[0], Data::Float(1.0));
        assert_eq!(row[1], Data::String("=1+1".into()), "a text, not a formula");
        assert!(book.worksheet_formula("prova").unwrap().is_empty());
        assert_eq!((&row[2], &row[3]), (&Data::Float(-0.5), &Data::Bool(true)));
        assert!(matches!(&row[4], Data::DateTime(day) if (day.as_f64() - 46_349.0).abs() < 1e-9), "{:?}", row[4]);
        assert!(matches!(&row[5], Data::DateTime(_)));
        assert_eq!(row[6], Data::String("casa,negozio".into()));
        let second: Vec<Data> = sheet.rows().nth(2).unwrap().to_vec();
        assert_eq!((&second[1], &second[7]), (&Data::Empty, &Data::Float(16.1234568)));
        assert_eq!(book.worksheet_range("campi").unwrap().rows().count(), 8);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "😀".repeat(20_000);
        assert_eq!(cut(&text).encode_utf16().count(), TEXT_MAX - 1);
        assert_eq!(cut("breve"), "breve");
    }
}
