//! CSV (RFC 4180): comma, CRLF, quotes where needed, UTF-8 without mark. A text that a spreadsheet would take for a
//! formula gets an apostrophe before it (OWASP, CSV injection).

use std::{borrow::Cow, io::Write};

use super::{Listed, Source, WriteError, digits, wkt};
use crate::{
    access::{Disclosed, opened::Opened},
    domain::feature::Value,
};

/// How a table of text says where a row is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::publish) enum Place {
    /// It does not.
    Unsaid,
    /// In degrees, in the last columns `lon` and `lat`.
    Degrees,
    /// As well-known text in the last column `geometry`.
    Text,
}

/// Writes a header and the rows. Points stand in the columns `lon` and `lat` after the fields, other shapes as well-known
/// text in `geometry`, unless fields have those names.
pub fn write(rows: &Disclosed<Opened>, out: &mut dyn Write) -> Result<(), WriteError> {
    let source = Listed::new(rows);
    let has = |name: &str| source.fields().iter().any(|field| field.name == name);
    let place = if (0..source.len()).all(|at| source.point(at).is_some()) {
        if has("lon") || has("lat") { Place::Unsaid } else { Place::Degrees }
    } else if has("geometry") {
        Place::Unsaid
    } else {
        Place::Text
    };
    table(&source, place, out)
}

pub(in crate::publish) fn table(source: &dyn Source, place: Place, out: &mut dyn Write) -> Result<(), WriteError> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(64 << 10).from_writer(out);
    let places: &[&str] = match place {
        Place::Unsaid => &[],
        Place::Degrees => &["lon", "lat"],
        Place::Text => &["geometry"],
    };
    let names = source.fields().into_iter().map(|field| field.name).chain(places.iter().copied());
    writer.write_record(names.map(|name| defused(name).into_owned())).map_err(refused)?;
    let mut scratch = Vec::new();
    for at in 0..source.len() {
        let mut written = Ok(());
        source.values(at, &mut |_, value| {
            if written.is_ok() {
                written = cell(value, &mut scratch, &mut writer);
            }
        });
        written.map_err(refused)?;
        match place {
            Place::Unsaid => {}
            Place::Degrees => {
                let point = source.point(at);
                for degrees in [point.map(|point| point.x), point.map(|point| point.y)] {
                    scratch.clear();
                    degrees.map(|degrees| digits::fixed(degrees, 7, &mut scratch));
                    writer.write_field(&scratch).map_err(refused)?;
                }
            }
            Place::Text => {
                scratch.clear();
                if let Some(shape) = source.geometry(at) {
                    wkt::write(&shape, &mut scratch);
                }
                writer.write_field(&scratch).map_err(refused)?;
            }
        }
        writer.write_record(None::<&[u8]>).map_err(refused)?;
    }
    Ok(writer.flush()?)
}

fn cell(value: &Value, scratch: &mut Vec<u8>, writer: &mut csv::Writer<&mut dyn Write>) -> csv::Result<()> {
    match value {
        Value::Null => writer.write_field(""),
        Value::Flag(flag) => writer.write_field(if *flag { "true" } else { "false" }),
        Value::Whole(whole) => {
            scratch.clear();
            digits::whole(*whole, scratch);
            writer.write_field(&scratch)
        }
        Value::Number(number) => writer.write_field(number.to_string()),
        Value::Text(text) => writer.write_field(defused(text).as_bytes()),
        Value::Date(_) | Value::Instant(_) | Value::List(_) => {
            writer.write_field(defused(&value.written().unwrap_or_default()).as_bytes())
        }
    }
}

/// The text with an apostrophe before it where a spreadsheet would run it.
fn defused(text: &str) -> Cow<'_, str> {
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
    use crate::{
        access::opened::Picked,
        publish::{
            features::tests::{opened, shapes},
            table::{Column, Row, Table},
        },
        snapshot::layer::FieldKind,
    };
    use proptest::prelude::*;

    fn written(texts: &[String]) -> Vec<u8> {
        let columns = vec![Column::new("a", FieldKind::Text), Column::new("n", FieldKind::Number)];
        let row = |text: &String| Row {
            id: 1,
            geometry: None,
            values: vec![Value::Text(text.as_str().into()), Value::Number(-1.5)],
        };
        let rows = Table { name: "t".into(), columns, rows: texts.iter().map(row).collect() };
        let mut out = Vec::new();
        table(&rows, Place::Unsaid, &mut out).unwrap();
        out
    }

    #[test]
    fn a_formula_is_defused_and_a_negative_number_is_not() {
        let text = String::from_utf8(written(&["=1+1".into(), "a,\"b\"".into(), "Forlì".into()])).unwrap();
        assert_eq!(text, "a,n\r\n'=1+1,-1.5\r\n\"a,\"\"b\"\"\",-1.5\r\nForlì,-1.5\r\n");
    }

    #[test]
    fn points_stand_in_two_columns_and_other_shapes_in_one() {
        let of = |shapes, picked| {
            let mut out = Vec::new();
            write(&opened(shapes, picked), &mut out).unwrap();
            let mut reader = csv::Reader::from_reader(out.as_slice());
            let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
            let rows: Vec<Vec<String>> =
                reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            (header, rows)
        };
        let (header, rows) = of(shapes()[..1].to_vec(), Picked::All);
        assert_eq!(header[header.len() - 2..], ["lon", "lat"]);
        assert_eq!(rows[0][header.len() - 2..], ["16.1234568", "-38"]);
        assert_eq!(
            rows[0][..7],
            ["-1", "'=Forlì, 1", "0.25", "false", "2026-11-23", "2026-11-23T08:30:00Z", "casa,negozio"]
        );
        let (header, rows) = of(shapes(), Picked::All);
        assert_eq!(header.last().unwrap(), "geometry");
        let shown: Vec<&str> = rows.iter().map(|row| row.last().unwrap().as_str()).collect();
        assert_eq!(shown[0], "POINT (16.1234568 -38)");
        assert_eq!(shown[1], "LINESTRING (16 38,16.5 38.25,17 38)");
        assert_eq!(shown[2], "POLYGON ((16 38,16 39,17 39,16 38))");
        assert_eq!(shown[3], "MULTIPOINT ((1 2),(3 4))");
        assert!(shown[5].starts_with("MULTIPOLYGON (((0 0,0 2,2 2,0 0)),((5 5,"), "{}", shown[5]);
    }

    proptest! {
        #[test]
        fn every_text_comes_back_and_none_runs(texts in prop::collection::vec(any::<String>(), 0..8)) {
            let out = written(&texts);
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
