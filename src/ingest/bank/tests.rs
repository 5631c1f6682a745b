use std::{path::PathBuf, time::Instant};

use super::*;
use crate::ingest::sheet::{self, Limits};

/// The folder of shared data, where it is.
fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let data = root.join("data");
    if !data.is_dir() {
        say("skipped: the shared data are not here");
        return None;
    }
    Some(data)
}

fn say(text: &str) {
    eprintln!("{text}");
}

#[test]
fn every_row_of_both_towns_becomes_a_record_or_a_reject() {
    let Some(data) = shared() else { return };
    for town in ["lamezia", "anagni"] {
        for bank in BankKind::ALL {
            let name = format!("{bank}.csv");
            let bytes = std::fs::read(data.join(town).join("banks").join(&name)).unwrap();
            let truth = std::fs::read_to_string(data.join(town).join("truth").join(&name)).unwrap();
            let rows = truth.lines().count() - 1;
            let start = Instant::now();
            let mut sheet = sheet::open(&name, &bytes, &Limits::default()).unwrap();
            let reader = Reader::new(bank, sheet.file(), sheet.header()).unwrap();
            let (mut records, mut rejects, mut warnings) = (0, Vec::new(), Vec::new());
            while let Some(chunk) = sheet.next_chunk(10_000).unwrap() {
                let reading = reader.read(&chunk.batch);
                records += reading.records.len();
                rejects.extend(chunk.rejects);
                rejects.extend(reading.rejects);
                warnings.extend(reading.warnings);
            }
            let rate = rows as f64 / start.elapsed().as_secs_f64();
            say(&format!(
                "{town} {bank}: {rows} rows, {records} records, {} rejects, {} warnings, {rate:.0} rows/s {:?} {:?}",
                rejects.len(), warnings.len(), rejects.first(), warnings.first(),
            ));
            assert_eq!(records + rejects.len(), rows, "{town} {bank}");
            assert_eq!(sheet.rows() as usize, rows, "{town} {bank}");
        }
    }
}

/// `ATLANTE_FIGURE=path cargo test --release -- a_million --nocapture`
#[test]
fn a_million_rows() {
    let Some(path) = std::env::var_os("ATLANTE_FIGURE") else { return say("skipped: ATLANTE_FIGURE names no file") };
    let bytes = std::fs::read(path).unwrap();
    let start = Instant::now();
    let mut sheet = sheet::open("anagrafe.csv", &bytes, &Limits::default()).unwrap();
    let opened = start.elapsed();
    let reader = Reader::new(BankKind::Anagrafe, sheet.file(), sheet.header()).unwrap();
    let (mut cutting, mut reading, mut packing, mut records) = (0.0, 0.0, 0.0, 0);
    loop {
        let at = Instant::now();
        let Some(chunk) = sheet.next_chunk(20_000).unwrap() else { break };
        cutting += at.elapsed().as_secs_f64();
        let at = Instant::now();
        records += reader.read(&chunk.batch).records.len();
        reading += at.elapsed().as_secs_f64();
        let at = Instant::now();
        let packed = chunk.batch.encode();
        assert_eq!(sheet::Batch::decode(&packed).unwrap().len(), chunk.batch.len());
        packing += at.elapsed().as_secs_f64();
    }
    say(&format!("{records} records: survey {opened:?}, rows {cutting:.2} s, records {reading:.2} s, encode+decode {packing:.2} s"));
}
