//! A run sheet that comes back filled in: what happened at each door.
//!
//! Columns, in any order and among others: `codice`, `esito`, `unità`, `nota` (or `code`, `outcome`, `units`, `note`).
//! Rows without an outcome were not visited yet and are passed over.

use super::{
    Error,
    sheet::{self, Limits, RawRow},
};
use crate::domain::{fold::fold, outcome::OutcomeKind, reject::Reject};

/// A row that says what happened at a door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Row after the header, from 1.
    pub row: u32,
    /// The stop's code, in capitals.
    pub code: String,
    /// How it ended.
    pub outcome: OutcomeKind,
    /// Kits handed over, where that is said.
    pub units: Option<u32>,
    /// What the crew wrote; may be empty.
    pub note: String,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The good rows, in order.
    pub lines: Vec<Line>,
    /// The others: row, column, reason; never what was written.
    pub rejects: Vec<Reject>,
    /// Rows without an outcome.
    pub blank: u32,
}

/// Letters of a note at most.
pub const NOTE_MAX: usize = 500;

/// Kits handed over at one door at most.
const UNITS_MAX: u32 = 10_000;

/// Bytes of a code at most.
const CODE_MAX: usize = 32;

/// Rows that are read at once.
const ROWS: usize = 4_096;

/// What a filled sheet may hold at most: a plan has 10,000 stops, some come back twice.
pub const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    ratio: 200,
    free_bytes: 1 << 20,
    columns: 256,
    field_bytes: 16 << 10,
    row_bytes: 256 << 10,
    row_lines: 32,
    rows: 50_000,
    entries: 256,
};

/// Where the columns stand.
struct Columns {
    code: usize,
    outcome: usize,
    units: Option<usize>,
    note: Option<usize>,
    names: Vec<String>,
}

/// Reads a table that came back, CSV or XLSX. Errors: no table, too large, or without the columns `codice` and `esito`.
pub fn read(file: &str, bytes: &[u8]) -> Result<Reading, Error> {
    let mut sheet = sheet::open(file, bytes, &LIMITS)?;
    let columns = columns(file, sheet.header())?;
    let mut reading = Reading::default();
    while let Some(chunk) = sheet.next_chunk(ROWS)? {
        for row in chunk.batch.rows() {
            match line(&row, &columns) {
                Ok(Some(line)) => reading.lines.push(line),
                Ok(None) => reading.blank += 1,
                Err((column, reason)) => {
                    let column = column.and_then(|at| columns.names.get(at).cloned());
                    reading.rejects.push(Reject { file: file.to_owned(), row: row.row, column, reason });
                }
            }
        }
        reading.rejects.extend(chunk.rejects);
    }
    reading.rejects.sort_by_key(|reject| reject.row);
    Ok(reading)
}

fn columns(file: &str, header: &[String]) -> Result<Columns, Error> {
    let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
    let find = |names: &[&str]| names.iter().find_map(|wanted| folded.iter().position(|name| name == wanted));
    let (code, outcome) = (find(&["CODICE", "CODE"]), find(&["ESITO", "OUTCOME"]));
    let (Some(code), Some(outcome)) = (code, outcome) else {
        let missing = [("codice", code), ("esito", outcome)].into_iter().filter(|(_, at)| at.is_none());
        let missing = missing.map(|(name, _)| name.to_owned()).collect();
        return Err(Error::MissingColumns { file: file.to_owned(), missing });
    };
    let (units, note) = (find(&["UNITA", "UNITS"]), find(&["NOTA", "NOTE"]));
    Ok(Columns { code, outcome, units, note, names: header.to_vec() })
}

type Refusal = (Option<usize>, String);

fn line(row: &RawRow<'_>, columns: &Columns) -> Result<Option<Line>, Refusal> {
    let cell = |at: Option<usize>| at.map_or("", |at| row.cell(at)).trim();
    let said = cell(Some(columns.outcome));
    if said.is_empty() {
        return Ok(None);
    }
    let at = |column: usize, reason: &str| (Some(column), reason.to_owned());
    let code = cell(Some(columns.code)).to_uppercase();
    if code.is_empty() {
        return Err(at(columns.code, "the code is missing"));
    }
    if code.len() > CODE_MAX || !code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(at(columns.code, "not the code of a stop"));
    }
    let outcome = outcome(said).ok_or_else(|| {
        let known: Vec<&str> = OutcomeKind::ALL.iter().map(|outcome| outcome.titles().0).collect();
        (Some(columns.outcome), format!("not an outcome: {}", known.join(", ").to_lowercase()))
    })?;
    let units = units(cell(columns.units)).map_err(|reason| (columns.units, reason.to_owned()))?;
    match outcome {
        OutcomeKind::Partial if units.is_none_or(|units| units == 0) => {
            return Err((columns.units, "what was handed over in part needs its number".to_owned()));
        }
        OutcomeKind::Delivered | OutcomeKind::Partial => {}
        _ if units.is_some_and(|units| units > 0) => {
            return Err((columns.units, "nothing is handed over with this outcome".to_owned()));
        }
        _ => {}
    }
    let note = note(cell(columns.note));
    if note.chars().count() > NOTE_MAX {
        return Err((columns.note, format!("longer than {NOTE_MAX} letters")));
    }
    Ok(Some(Line { row: row.row, code, outcome, units, note }))
}

/// The outcome that a cell says, in Italian or English, as a person writes it.
fn outcome(said: &str) -> Option<OutcomeKind> {
    let said = fold(said);
    Some(match said.as_str() {
        "CONSEGNATO" | "CONSEGNATA" | "CONSEGNATI" | "DELIVERED" | "OK" | "SI" => OutcomeKind::Delivered,
        "IN PARTE" | "PARZIALE" | "PARTIAL" | "IN PART" => OutcomeKind::Partial,
        "ASSENTE" | "ASSENTI" | "ABSENT" => OutcomeKind::Absent,
        "INDIRIZZO ERRATO" | "INDIRIZZO SBAGLIATO" | "WRONG ADDRESS" => OutcomeKind::WrongAddress,
        "RIFIUTATO" | "RIFIUTATA" | "RIFIUTA" | "RIFIUTO" | "REFUSED" => OutcomeKind::Refused,
        "STRADA CHIUSA" | "STRADA INTERROTTA" | "ROAD CLOSED" => OutcomeKind::RoadClosed,
        "MEZZO NON ARRIVATO" | "VEHICLE DID NOT COME" => OutcomeKind::VehicleDidNotCome,
        _ => return None,
    })
}

/// A whole number; spreadsheets write `2` as `2,0` too.
fn units(said: &str) -> Result<Option<u32>, &'static str> {
    if said.is_empty() {
        return Ok(None);
    }
    let whole = said
        .split_once([',', '.'])
        .map_or(said, |(whole, rest)| if !rest.is_empty() && rest.bytes().all(|b| b == b'0') { whole } else { said });
    let plain = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    let number = plain.then(|| whole.parse::<u32>().ok()).flatten().filter(|units| *units <= UNITS_MAX);
    number.map(Some).ok_or("not a whole number of kits")
}

/// A note on one line. The apostrophe that keeps a spreadsheet from running it is taken away again.
fn note(said: &str) -> String {
    let said = said.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(said);
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sheet_comes_back_with_what_is_wrong_named() {
        let text = "\u{feff}n;Codice;porta;ESITO;Unità;Nota\r\n\
            1;a1b2;Via Roma 1;Consegnato;;\r\n\
            2;A1B3;Via Roma 2;in parte;2,0;'=manca uno\r\n\
            3;A1B4;Via Roma 3;;;\r\n\
            4;;Via Roma 4;assente;;\r\n\
            5;A1B6;Via Roma 5;boh;;\r\n\
            6;A1B7;Via Roma 6;In parte;;\r\n\
            7;A1B8;Via Roma 7;Rifiutato;3;\r\n\
            8;A1B9;Via Roma 8;wrong address;;citofono rotto\r\n\
            9;A1C1;Via Roma 9;consegnato;-1;\r\n";
        let reading = read("giri.csv", text.as_bytes()).unwrap();
        let lines: Vec<_> = reading.lines.iter().map(|l| (l.row, l.code.as_str(), l.outcome, l.units)).collect();
        assert_eq!(
            lines,
            [
                (1, "A1B2", OutcomeKind::Delivered, None),
                (2, "A1B3", OutcomeKind::Partial, Some(2)),
                (8, "A1B9", OutcomeKind::WrongAddress, None)
            ]
        );
        assert_eq!((reading.lines[1].note.as_str(), reading.blank), ("=manca uno", 1));
        let rejects: Vec<_> = reading.rejects.iter().map(|r| (r.row, r.column.as_deref().unwrap())).collect();
        assert_eq!(rejects, [(4, "Codice"), (5, "ESITO"), (6, "Unità"), (7, "Unità"), (9, "Unità")]);
        assert!(reading.rejects.iter().all(|r| !r.reason.contains("boh")), "what was written is not repeated");
    }

    #[test]
    fn english_headers_are_read_and_missing_ones_named() {
        let reading = read("runs.csv", b"code,outcome,units,note\nQ7,road closed,,\nQ8,partial,1,x\n").unwrap();
        assert_eq!(reading.lines.len(), 2);
        let error = read("runs.csv", b"code,units\nQ7,1\n").unwrap_err().to_string();
        assert!(error.contains("esito") && !error.contains("codice"), "{error}");
    }

    #[test]
    fn every_title_of_an_outcome_is_read_back() {
        for known in OutcomeKind::ALL {
            let (italian, english) = known.titles();
            for said in [italian, english, known.key()] {
                assert_eq!(outcome(said), Some(known), "{said}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_stop_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut text = b"codice,esito,unita,nota\n".to_vec();
            text.extend(bytes);
            if let Ok(reading) = read("x.csv", &text) {
                for line in reading.lines {
                    prop_assert!(line.code.len() <= CODE_MAX && line.note.chars().count() <= NOTE_MAX);
                    prop_assert!(!line.note.contains(char::is_control));
                }
            }
        }
    }
}
