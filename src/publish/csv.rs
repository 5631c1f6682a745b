//! CSV (RFC 4180): comma, CRLF, quotes where needed, UTF-8 without mark. A text that a spreadsheet would take for a
//! formula gets an apostrophe before it (OWASP, CSV injection).

use std::{borrow::Cow, io::Write};

use super::table::{Table, WriteError};
use crate::domain::feature::Value;

/// Writes header and rows; geometry is left out, since a table has its coordinates in columns.
pub fn write(table: &Table, out: impl Write) -> Result<(), WriteError> {
    let mut writer = Writer::new(out, table.columns.iter().map(|column| column.name.as_str()))?;
    for row in &table.rows {
        writer.row(&row.values)?;
    }
    writer.finish()
}

/// Writes row by row, for what does not fit in memory.
pub struct Writer<W: Write> {
    inner: csv::Writer<W>,
}

impl<W: Write> Writer<W> {
    /// Writes the header.
    pub fn new<'a>(out: W, header: impl IntoIterator<Item = &'a str>) -> Result<Self, WriteError> {
        let mut inner = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        inner.write_record(header.into_iter().map(|name| defused(name).into_owned())).map_err(refused)?;
        Ok(Self { inner })
    }

    /// Writes a row.
    pub fn row(&mut self, values: &[Value]) -> Result<(), WriteError> {
        for value in values {
            let cell = match value {
                Value::Null => Cow::Borrowed(""),
                Value::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
                Value::Whole(whole) => Cow::Owned(whole.to_string()),
                Value::Number(number) => Cow::Owned(number.to_string()),
                Value::Text(text) => defused(text),
                Value::Date(_) | Value::Instant(_) | Value::List(_) => {
                    let text = value.written().unwrap_or_default();
                    Cow::Owned(defused(&text).into_owned())
                }
            };
            self.inner.write_field(cell.as_bytes()).map_err(refused)?;
        }
        self.inner.write_record(None::<&[u8]>).map_err(refused)
    }

    /// Hands everything to the destination.
    pub fn finish(mut self) -> Result<(), WriteError> {
        Ok(self.inner.flush()?)
    }
}

/// The text with an apostrophe before it where a spreadsheet would run it.
pub fn defused(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn refused(error: csv::Error) -> WriteError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => WriteError::Io(error),
        other => WriteError::Format { format: "CSV", reason: format!("{other:?}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::table::{Column, ColumnKind, Row};
    use proptest::prelude::*;

    fn table(texts: Vec<String>) -> Table {
        let columns = vec![Column::new("a", ColumnKind::Text), Column::new("n", ColumnKind::Number)];
        let rows = texts
            .into_iter()
            .enumerate()
            .map(|(i, text)| Row {
                id: i as u64,
                geometry: None,
                values: vec![Value::Text(text.into()), Value::Number(-1.5)],
            })
            .collect();
        Table { name: "t".into(), columns, rows }
    }

    #[test]
    fn a_formula_is_defused_and_a_negative_number_is_not() {
        let mut out = Vec::new();
        write(&table(vec!["=1+1".into(), "a,\"b\"".into(), "Forlì".into()]), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "a,n\r\n'=1+1,-1.5\r\n\"a,\"\"b\"\"\",-1.5\r\nForlì,-1.5\r\n");
    }

    proptest! {
        #[test]
        fn every_text_comes_back_and_none_runs(texts in prop::collection::vec(any::<String>(), 0..8)) {
            let mut out = Vec::new();
            write(&table(texts.clone()), &mut out).unwrap();
            let mut reader = csv::Reader::from_reader(out.as_slice());
            let back: Vec<String> = reader.records().map(|r| r.unwrap()[0].to_owned()).collect();
            prop_assert_eq!(back.len(), texts.len());
            for (text, read) in texts.iter().zip(back) {
                prop_assert!(!read.starts_with(['=', '+', '-', '@', '\t', '\r']));
                let defused = format!("'{text}");
                prop_assert!(&read == text || read == defused);
            }
        }
    }
}
