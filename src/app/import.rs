//! Import: files in, batches kept, people and places rebuilt.
//!
//! Every source is announced with the hash of its content, kept batch by batch, and marked complete at its end, so that
//! the same file twice is once and an interrupted import goes on where it stopped.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{
    error::Error,
    rebuild::{self, Rebuilt},
    source,
};
use crate::{
    domain::{bank::BankKind, comune::Comune, reject::Reject, watch::Watch},
    store::{LayerName, SourceKind, Store, Totals},
};

/// What to import.
#[derive(Clone, Debug)]
pub struct ImportOrder {
    /// Whose.
    pub comune: Comune,
    /// Files of the civic register, which complete each other.
    pub civics: Vec<PathBuf>,
    /// How to read a civic table that is not in ANNCSU's layout.
    pub table: CivicTable,
    /// The Comune's own civic points.
    pub civic_points: Option<PathBuf>,
    /// Reference layers.
    pub layers: Vec<LayerOrder>,
    /// The road network.
    pub roads: Option<PathBuf>,
    /// Banks.
    pub banks: Vec<(BankKind, PathBuf)>,
}

/// The layout of a civic table.
#[derive(Clone, Debug, Default)]
pub struct CivicTable {
    /// `street=DUG+DUF,number=…`; none for ANNCSU's layouts.
    pub map: Option<String>,
    /// `EPSG:3003`; none for degrees.
    pub crs: Option<String>,
}

/// A reference layer to read.
#[derive(Clone, Debug)]
pub struct LayerOrder {
    /// Its name.
    pub name: LayerName,
    /// Its file.
    pub file: PathBuf,
    /// The table, of a GeoPackage that holds several.
    pub table: Option<String>,
}

/// What came of an import.
#[derive(Debug)]
pub struct ImportReport {
    /// One for each file or set of files.
    pub sources: Vec<SourceReport>,
    /// What became of people, households and places.
    pub outcome: Outcome,
}

/// What became of people, households and places.
#[derive(Debug)]
pub enum Outcome {
    /// They were rebuilt from all that the store holds.
    Rebuilt(Box<Rebuilt>),
    /// Nothing new came in: they stand as they were.
    Unchanged,
    /// No bank was imported yet.
    NoBank,
}

/// What came of one source.
#[derive(Debug)]
pub struct SourceReport {
    /// Of what.
    pub kind: SourceKind,
    /// From which file.
    pub file: String,
    /// How it went.
    pub state: SourceOutcome,
    /// Rows, records, rejects.
    pub totals: Totals,
    /// Cells that were taken as missing, features that were repaired.
    pub warnings: u64,
    /// The first rejects, to show.
    pub first_rejects: Vec<Reject>,
    /// The first warnings, to show.
    pub first_warnings: Vec<Reject>,
}

/// How a source went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceOutcome {
    /// Read from its start.
    Read,
    /// Read from where an earlier import was interrupted.
    Resumed,
    /// It was here already.
    Already,
    /// Refused as a whole; the rest went on.
    Refused(String),
}

/// Rejects that a report shows.
pub const SHOWN_REJECTS: usize = 5;

/// Imports all that is ordered. A file that is refused does not stop the others; it is told in the report.
pub async fn import(store: &dyn Store, order: ImportOrder, watch: &dyn Watch) -> Result<ImportReport, Error> {
    let mut sources = Vec::new();
    if !order.civics.is_empty() {
        sources.push(source::import_civics(store, &order, watch).await?);
    }
    if let Some(points) = &order.civic_points {
        sources.push(source::import_points(store, points, watch).await?);
    }
    for layer in &order.layers {
        sources.push(source::import_layer(store, layer, watch).await?);
    }
    let mut roads = Vec::new();
    if let Some(file) = &order.roads {
        roads.push(source::import_roads(store, file, watch).await?);
    }
    for (bank, file) in &order.banks {
        sources.push(source::import_bank(store, *bank, file, watch).await?);
    }
    let changed = sources.iter().any(|source| matches!(source.state, SourceOutcome::Read | SourceOutcome::Resumed));
    // Nobody lives elsewhere because of a road.
    sources.append(&mut roads);
    let stale = changed || !rebuild::is_current(store).await?;
    let outcome = if stale {
        let rebuilt = rebuild::rebuild(store, Timestamp::now(), watch).await?;
        rebuilt.map_or(Outcome::NoBank, |rebuilt| Outcome::Rebuilt(Box::new(rebuilt)))
    } else {
        Outcome::Unchanged
    };
    Ok(ImportReport { sources, outcome })
}

/// The bank files of a folder: one a bank, named after it, whatever its ending. Errors: unreadable folder, a bank with
/// two files, no bank at all.
pub fn banks_in(folder: &Path) -> Result<Vec<(BankKind, PathBuf)>, Error> {
    let place = folder.display().to_string();
    let entries = std::fs::read_dir(folder).map_err(|error| Error::invalid(&place, error))?;
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| p.is_file()).collect();
    files.sort();
    let mut banks = Vec::new();
    for bank in BankKind::ALL {
        let named = |path: &&PathBuf| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
                let stem = name.split('.').next().unwrap_or_default();
                stem.eq_ignore_ascii_case(bank.name())
            })
        };
        let mut mine = files.iter().filter(named);
        if let Some(file) = mine.next() {
            if mine.next().is_some() {
                return Err(Error::invalid(
                    &place,
                    format!("two files are named {bank}: name one with --bank {bank}=FILE"),
                ));
            }
            banks.push((bank, file.clone()));
        }
    }
    if banks.is_empty() {
        return Err(Error::invalid(&place, "no file here is named after a bank, as anagrafe.csv"));
    }
    Ok(banks)
}
