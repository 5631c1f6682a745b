//! One source at a time: a file is read in batches, each batch is on disk before the next.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{
    error::Error,
    import::{CivicTable, ImportOrder, LayerOrder, SHOWN_REJECTS, SourceOutcome, SourceReport},
};
use crate::{
    domain::{bank::BankKind, feature::Feature, reject::Reject, watch::Watch},
    ingest::{
        self, areas, bank,
        civics::{self, Civics, points},
        crs::Crs,
        sheet::{self, Limits},
    },
    store::{Batch, Begun, Change, Layer, SourceHead, SourceId, SourceKind, Store, Titles, Totals, form, geopackage},
};

mod roads;

pub(super) use roads::{import_roads, roads_in, roads_of};

/// Rows of a batch: a few megabytes, a few dozen milliseconds.
const BATCH_ROWS: usize = 20_000;

/// Bumped when a file would be read otherwise than before, so that the same bytes are read again.
const READING: u32 = 1;

/// A file in memory.
struct File {
    name: String,
    bytes: Vec<u8>,
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

async fn open(path: &Path) -> Result<File, Error> {
    let name = name_of(path);
    let bytes = tokio::fs::read(path).await.map_err(|error| Error::invalid(&path.display().to_string(), error))?;
    Ok(File { name, bytes })
}

/// The content of files and of the settings with which they are read.
fn content(files: &[File], settings: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&READING.to_le_bytes());
    hasher.update(settings.as_bytes());
    for file in files {
        hasher.update(&(file.bytes.len() as u64).to_le_bytes());
        hasher.update(&file.bytes);
    }
    *hasher.finalize().as_bytes()
}

fn head(kind: &SourceKind, files: &[File], settings: &str) -> SourceHead {
    SourceHead {
        kind: kind.clone(),
        file: files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(" + "),
        content: content(files, settings),
        at: Timestamp::now(),
    }
}

/// A source on its way: what is told at its end.
struct Progress {
    kind: SourceKind,
    file: String,
    id: SourceId,
    state: SourceOutcome,
    totals: Totals,
    warnings: u64,
    first_rejects: Vec<Reject>,
    first_warnings: Vec<Reject>,
}

impl Progress {
    fn refused(kind: SourceKind, file: String, reason: impl std::fmt::Display) -> SourceReport {
        let state = SourceOutcome::Refused(reason.to_string());
        SourceReport {
            kind,
            file,
            state,
            totals: Totals::default(),
            warnings: 0,
            first_rejects: Vec::new(),
            first_warnings: Vec::new(),
        }
    }

    fn note(&mut self, batch: &Batch) {
        self.totals.rows += u64::from(batch.records) + batch.rejects.len() as u64;
        self.totals.records += u64::from(batch.records);
        self.totals.rejects += batch.rejects.len() as u64;
        self.warnings += batch.warnings.len() as u64;
        let room = SHOWN_REJECTS.saturating_sub(self.first_rejects.len());
        self.first_rejects.extend(batch.rejects.iter().take(room).cloned());
        let room = SHOWN_REJECTS.saturating_sub(self.first_warnings.len());
        self.first_warnings.extend(batch.warnings.iter().take(room).cloned());
    }

    async fn finish(self, store: &dyn Store) -> Result<SourceReport, Error> {
        store.finish(self.id, self.totals).await?;
        Ok(SourceReport {
            kind: self.kind,
            file: self.file,
            state: self.state,
            totals: self.totals,
            warnings: self.warnings,
            first_rejects: self.first_rejects,
            first_warnings: self.first_warnings,
        })
    }
}

/// Announces a source: either it is here already, and its report is all there is to do, or it is to be read from a
/// batch on.
async fn begin(store: &dyn Store, head: SourceHead) -> Result<Result<(Progress, u32), SourceReport>, Error> {
    let (kind, file) = (head.kind.clone(), head.file.clone());
    let begun = store.begin(head).await?;
    let (state, next) = match begun {
        Begun::Fresh(_) => (SourceOutcome::Read, 0),
        Begun::Resume { next_batch, .. } => (SourceOutcome::Resumed, next_batch),
        Begun::Already(id) => {
            let totals =
                store.contents().await?.sources.iter().find(|source| source.id == id).map(|source| source.totals);
            return Ok(Err(SourceReport {
                kind,
                file,
                state: SourceOutcome::Already,
                totals: totals.unwrap_or_default(),
                warnings: 0,
                first_rejects: Vec::new(),
                first_warnings: Vec::new(),
            }));
        }
    };
    let progress = Progress {
        kind,
        file,
        id: begun.id(),
        state,
        totals: Totals::default(),
        warnings: 0,
        first_rejects: Vec::new(),
        first_warnings: Vec::new(),
    };
    Ok(Ok((progress, next)))
}

/// Imports a bank.
pub(super) async fn import_bank(
    store: &dyn Store,
    bank: BankKind,
    path: &Path,
    watch: &dyn Watch,
) -> Result<SourceReport, Error> {
    let kind = SourceKind::Bank(bank);
    // A file that is not there does not keep the others out.
    let file = match open(path).await {
        Ok(file) => file,
        Err(reason) => return Ok(Progress::refused(kind, name_of(path), reason)),
    };
    let name = file.name.clone();
    // A file that is not the bank's must not open a source of it.
    if let Err(reason) = first_look(bank, &file) {
        return Ok(Progress::refused(kind, name, &reason));
    }
    watch.begin(bank.name(), rows_about(&file.bytes));
    let files = [file];
    let (mut progress, next) = match begin(store, head(&kind, &files, bank.name())).await? {
        Ok(begun) => begun,
        Err(report) => return Ok(report),
    };
    let [file] = files;
    let (sender, mut receiver) = mpsc::channel(2);
    let reader = tokio::task::spawn_blocking(move || read_bank(bank, &file, &sender));
    while let Some(batch) = receiver.recv().await {
        if watch.cancelled() {
            return Err(Error::Conflict(
                "stopped; what was read is kept, and the same command goes on from there".into(),
            ));
        }
        progress.note(&batch);
        if batch.index >= next {
            store.append(progress.id, vec![batch]).await?;
        }
        watch.advance(progress.totals.rows);
    }
    match reader.await.map_err(Error::internal)? {
        Ok(()) => progress.finish(store).await,
        Err(reason) => Ok(Progress::refused(kind, name, &reason)),
    }
}

fn first_look(bank: BankKind, file: &File) -> Result<(), ingest::Error> {
    let mut sheet = sheet::open(&file.name, &file.bytes, &Limits::default())?;
    bank::Reader::new(bank, sheet.file(), sheet.header())?;
    // An export that went wrong must not take the place of a full bank.
    if sheet.next_chunk(1)?.is_none() {
        let reason = "the file has a header and no rows".to_owned();
        return Err(ingest::Error::Unreadable { file: file.name.clone(), reason });
    }
    Ok(())
}

/// How many rows a text has, to show how far its reading is; nothing is known of a compressed one.
fn rows_about(bytes: &[u8]) -> u64 {
    let plain = bytes.first().is_some_and(|first| first.is_ascii_graphic() || *first == 0xef);
    if plain { bytes.split(|byte| *byte == b'\n').count() as u64 } else { 0 }
}

/// Reads a bank's file and sends its batches; ends early, without error, where nobody takes them any more.
fn read_bank(bank: BankKind, file: &File, sender: &mpsc::Sender<Batch>) -> Result<(), ingest::Error> {
    let mut sheet = sheet::open(&file.name, &file.bytes, &Limits::default())?;
    let reader = bank::Reader::new(bank, sheet.file(), sheet.header())?;
    let (mut index, mut first_row) = (0, 1);
    while let Some(chunk) = sheet.next_chunk(BATCH_ROWS)? {
        let reading = reader.read(&chunk.batch);
        let mut rejects = chunk.rejects;
        rejects.extend(reading.rejects);
        rejects.sort_by_key(|reject| reject.row);
        let batch = Batch {
            index,
            first_row,
            last_row: sheet.rows(),
            records: reading.records.len() as u32,
            payload: chunk.batch.encode(),
            rejects,
            warnings: reading.warnings,
        };
        index += 1;
        first_row = sheet.rows() + 1;
        if sender.blocking_send(batch).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn layout(table: &CivicTable) -> Result<civics::Layout, Error> {
    let Some(map) = &table.map else { return Ok(civics::Layout::Anncsu) };
    let map: civics::ColumnMap = map.parse().map_err(|error: ingest::Error| Error::invalid("--map", error))?;
    let crs = match &table.crs {
        Some(crs) => crs.parse().map_err(|error: ingest::crs::InvalidCrs| Error::invalid("--crs", error))?,
        None => Crs::Wgs84,
    };
    Ok(civics::Layout::Mapped { map: Box::new(map), crs })
}

/// Reads a civic register from files, without a store.
pub(super) async fn read_civics(
    paths: &[PathBuf],
    table: &CivicTable,
    comune: Option<crate::domain::comune::Comune>,
    watch: &dyn Watch,
) -> Result<Civics, Error> {
    let mut files = Vec::new();
    for path in paths {
        files.push(open(path).await?);
    }
    let layout = layout(table)?;
    let views: Vec<civics::File<'_>> =
        files.iter().map(|file| civics::File { name: &file.name, bytes: &file.bytes }).collect();
    civics::read(&views, &layout, comune, &Limits::default(), watch).map_err(|error| Error::invalid("--civics", error))
}

/// Imports the civic register.
pub(super) async fn import_civics(
    store: &dyn Store,
    order: &ImportOrder,
    watch: &dyn Watch,
) -> Result<SourceReport, Error> {
    let mut files = Vec::new();
    for path in &order.civics {
        match open(path).await {
            Ok(file) => files.push(file),
            Err(reason) => return Ok(Progress::refused(SourceKind::Civics, name_of(path), reason)),
        }
    }
    let layout = layout(&order.table)?;
    let settings = format!("{} {:?}", order.comune, order.table);
    let head = head(&SourceKind::Civics, &files, &settings);
    let views: Vec<civics::File<'_>> =
        files.iter().map(|file| civics::File { name: &file.name, bytes: &file.bytes }).collect();
    let read = civics::read(&views, &layout, Some(order.comune), &Limits::default(), watch);
    let civics = match read {
        Ok(civics) => civics,
        Err(ingest::Error::Stopped) => return Err(Error::Conflict("stopped before the register was read".into())),
        Err(reason) => return Ok(Progress::refused(SourceKind::Civics, head.file, &reason)),
    };
    let (progress, next) = match begin(store, head).await? {
        Ok(begun) => begun,
        Err(report) => return Ok(report),
    };
    let payload = form::encode(&form::Civics::new(&civics.streets, &civics.accesses))?;
    let Civics { rejects, warnings, rows, .. } = civics;
    keep_whole(store, progress, next, Whole { rows, payload, rejects, warnings }).await
}

/// A source that is one batch.
struct Whole {
    rows: u64,
    payload: Vec<u8>,
    rejects: Vec<Reject>,
    warnings: Vec<Reject>,
}

async fn keep_whole(store: &dyn Store, mut progress: Progress, next: u32, whole: Whole) -> Result<SourceReport, Error> {
    let rows = u32::try_from(whole.rows).unwrap_or(u32::MAX);
    let batch = Batch {
        index: 0,
        first_row: 1,
        last_row: rows,
        records: rows.saturating_sub(whole.rejects.len() as u32),
        payload: whole.payload,
        rejects: whole.rejects,
        warnings: whole.warnings,
    };
    progress.note(&batch);
    if next == 0 {
        store.append(progress.id, vec![batch]).await?;
    }
    progress.finish(store).await
}

/// Imports the Comune's own civic points.
pub(super) async fn import_points(store: &dyn Store, path: &Path, watch: &dyn Watch) -> Result<SourceReport, Error> {
    let files = match open(path).await {
        Ok(file) => [file],
        Err(reason) => return Ok(Progress::refused(SourceKind::CivicPoints, name_of(path), reason)),
    };
    let head = head(&SourceKind::CivicPoints, &files, "points");
    let [file] = files;
    let reading = match points::read(&file.name, &file.bytes, Crs::Wgs84, &Limits::default(), watch) {
        Ok(reading) => reading,
        Err(ingest::Error::Stopped) => return Err(Error::Conflict("stopped before the points were read".into())),
        Err(reason) => return Ok(Progress::refused(SourceKind::CivicPoints, head.file, &reason)),
    };
    let (progress, next) = match begin(store, head).await? {
        Ok(begun) => begun,
        Err(report) => return Ok(report),
    };
    let points = reading.points.iter().map(|p| (p.street_text.as_str(), &p.number, p.point));
    let payload = form::encode(&form::CivicPoints::new(points))?;
    let whole = Whole { rows: reading.rows, payload, rejects: reading.rejects, warnings: reading.warnings };
    keep_whole(store, progress, next, whole).await
}

/// Imports a reference layer.
pub(super) async fn import_layer(
    store: &dyn Store,
    order: &LayerOrder,
    watch: &dyn Watch,
) -> Result<SourceReport, Error> {
    let kind = SourceKind::Layer(order.name.clone());
    let files = match open(&order.file).await {
        Ok(file) => [file],
        Err(reason) => return Ok(Progress::refused(kind, name_of(&order.file), reason)),
    };
    let head = head(&kind, &files, order.table.as_deref().unwrap_or_default());
    let [file] = files;
    watch.begin("reference layer", 0);
    let reading = if file.bytes.starts_with(b"SQLite format 3\0") {
        read_geopackage(&file.name, order, watch).await.map_err(|reason| format!("{}: {reason}", file.name))
    } else {
        areas::read(&file.name, &file.bytes, watch).map_err(|reason| reason.to_string())
    };
    let reading = match reading {
        Ok(reading) => reading,
        Err(reason) => return Ok(Progress::refused(kind, head.file, reason)),
    };
    let (progress, next) = match begin(store, head).await? {
        Ok(begun) => begun,
        Err(report) => return Ok(report),
    };
    let rows = reading.features.len() as u64 + reading.rejects.len() as u64;
    let layer = Layer { name: order.name.clone(), titles: titles(&order.name), features: reading.features };
    store.save(Change::Layer(layer)).await?;
    let whole = Whole { rows, payload: Vec::new(), rejects: reading.rejects, warnings: reading.warnings };
    keep_whole(store, progress, next, whole).await
}

async fn read_geopackage(file: &str, order: &LayerOrder, watch: &dyn Watch) -> Result<areas::LayerReading, String> {
    let tables = geopackage::read(&order.file, order.table.as_deref()).await.map_err(|error| error.to_string())?;
    let [table] = <[geopackage::Table; 1]>::try_from(tables).map_err(|tables| {
        let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        format!("the file holds {} tables: choose one as FILE#TABLE among {}", names.len(), names.join(", "))
    })?;
    let crs = match table.srs.organization.as_str() {
        organization if organization.eq_ignore_ascii_case("EPSG") => {
            u32::try_from(table.srs.code).ok().and_then(Crs::from_epsg)
        }
        _ => None,
    };
    let crs =
        crs.ok_or_else(|| format!("{}:{} is not a system that is read", table.srs.organization, table.srs.code))?;
    let rejects = table.rejects;
    let rows = table
        .rows
        .into_iter()
        .map(|row| areas::LayerRow { blob: row.wkb.unwrap_or_default(), attributes: row.properties });
    let mut reading = areas::read_geopackage_rows(file, crs, rows, watch).map_err(|error| error.to_string())?;
    reading.rejects.extend(rejects);
    Ok(reading)
}

/// Titles of the layers that have an Italian name everywhere; others keep their own.
fn titles(name: &crate::store::LayerName) -> Titles {
    let (it, en) = match name.as_str() {
        "boundary" => ("Confine comunale", "Municipal boundary"),
        "sections" => ("Sezioni di censimento", "Census sections"),
        "neighbourhoods" => ("Quartieri", "Neighbourhoods"),
        "roads" | "streets_lines" => ("Strade", "Roads"),
        other => (other, other),
    };
    Titles { it: it.into(), en: en.into() }
}

/// The records of a bank, as its current source has them; none where it was never imported.
pub(super) async fn records_of(
    store: &dyn Store,
    source: SourceId,
    bank: BankKind,
    file: &str,
) -> Result<Vec<crate::domain::record::Record>, Error> {
    const PAGE: u32 = 32;
    let mut records = Vec::new();
    let mut from = 0;
    loop {
        let page = store.batches(source, Range { start: from, end: from + PAGE }).await?;
        if page.is_empty() {
            return Ok(records);
        }
        from += page.len() as u32;
        let file = file.to_owned();
        let read =
            tokio::task::spawn_blocking(move || decode_page(bank, &file, &page)).await.map_err(Error::internal)?;
        records.extend(read?.into_iter().flatten());
    }
}

fn decode_page(
    bank: BankKind,
    file: &str,
    page: &[crate::store::StoredBatch],
) -> Result<Vec<Vec<crate::domain::record::Record>>, Error> {
    use rayon::prelude::*;
    page.par_iter()
        .map(|stored| {
            let batch = sheet::Batch::decode(&stored.payload).map_err(Error::internal)?;
            Ok(bank::read(bank, file, &batch).map_err(Error::internal)?.records)
        })
        .collect()
}

/// The one payload of a source that is one batch.
pub(super) async fn payload_of(store: &dyn Store, source: SourceId) -> Result<Option<Vec<u8>>, Error> {
    Ok(store.batches(source, 0..1).await?.into_iter().next().map(|batch| batch.payload))
}

/// The features of a layer.
pub(super) async fn features_of(store: &dyn Store, name: &str) -> Result<Option<Vec<Feature>>, Error> {
    let name = name.parse().map_err(|error| Error::invalid("layer", error))?;
    match store.layer(&name).await {
        Ok(layer) => Ok(Some(layer.features)),
        Err(crate::store::StoreError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
