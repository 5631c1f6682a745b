//! The road network: an OSM extract, or the lines of a comune's own street map.

use std::{path::Path, sync::Arc};

use geo::{Geometry, LineString};

use super::{File, Progress, begin, head, name_of, open};
use crate::{
    app::{error::Error, import::SourceReport},
    domain::{feature::Feature, reject::Reject, watch::Watch},
    ingest::areas,
    roads::{
        Fault, Reading, RoadsError,
        lines::{self, Oneway, StreetLine},
        network::Network,
        osm,
    },
    store::{Batch, SourceId, SourceKind, Store, form},
};

/// Longest file that is read: a large region of OpenStreetMap.
const MAX_FILE_BYTES: u64 = 2 << 30;
/// Bytes of a batch.
const BATCH_BYTES: usize = 8 << 20;
/// Columns in which a street's name is looked for, the first that is filled wins.
const NAMES: [&str; 8] = ["toponimo", "denominazione", "nome_via", "nome", "odonimo", "via", "name", "street"];
/// Columns in which its kind is looked for: a DUG, or a class of OpenStreetMap.
const CLASSES: [&str; 5] = ["highway", "fclass", "dug", "classe", "class"];
/// Columns in which its direction is looked for.
const ONEWAYS: [&str; 3] = ["oneway", "senso_unico", "senso"];

/// Imports the roads. What is stored is the network, with the order of its nodes, so that a server has it at once.
pub(in crate::app) async fn import_roads(
    store: &dyn Store,
    path: &Path,
    watch: &dyn Watch,
) -> Result<SourceReport, Error> {
    let kind = SourceKind::Roads;
    let files = match bounded(path).await {
        Ok(file) => [file],
        Err(reason) => return Ok(Progress::refused(kind, name_of(path), reason)),
    };
    let head = head(&kind, &files, "roads with their order");
    let [file] = files;
    watch.begin("roads", 0);
    let (reading, mut warnings) = match read(&file, watch) {
        Ok(read) => read,
        Err(Refusal::Stopped) => return Err(Error::Conflict("stopped before the roads were read".into())),
        Err(Refusal::Reason(reason)) => {
            return Ok(Progress::refused(kind, head.file, format!("{}: {reason}", file.name)));
        }
    };
    let (mut progress, next) = match begin(store, head).await? {
        Ok(begun) => begun,
        Err(report) => return Ok(report),
    };
    let faults = warnings.len() as u64 + reading.faults.iter().map(|fault| fault.count).sum::<u64>();
    warnings.extend(reading.faults.iter().map(|fault| told(fault, &file.name)));
    watch.begin("ordering the roads", 0);
    let payload = form::RoadsForm::write(&reading.network, faults)?;
    let rows = u32::try_from(reading.roads).unwrap_or(u32::MAX);
    watch.begin("keeping the roads", payload.len().div_ceil(BATCH_BYTES) as u64);
    for (index, piece) in (0..).zip(payload.chunks(BATCH_BYTES)) {
        if watch.cancelled() {
            return Err(Error::Conflict("stopped; the same command goes on from there".into()));
        }
        // The roads of a file are counted once, with its first piece.
        let batch = Batch {
            index,
            first_row: if index == 0 { 1 } else { rows },
            last_row: rows,
            records: if index == 0 { rows } else { 0 },
            payload: piece.to_vec(),
            rejects: Vec::new(),
            warnings: if index == 0 { std::mem::take(&mut warnings) } else { Vec::new() },
        };
        progress.note(&batch);
        if index >= next {
            store.append(progress.id, vec![batch]).await?;
        }
        watch.advance(u64::from(index) + 1);
    }
    progress.finish(store).await
}

/// The roads of a source, and how much in their file could not be used. Errors: `Internal` for what cannot be read back.
pub(in crate::app) async fn roads_of(store: &dyn Store, source: SourceId) -> Result<(Network, u64), Error> {
    const PAGE: u32 = 8;
    let mut payload = Vec::new();
    let mut from = 0;
    loop {
        let page = store.batches(source, from..from + PAGE).await?;
        if page.is_empty() {
            break;
        }
        from += page.len() as u32;
        payload.extend(page.into_iter().flat_map(|batch| batch.payload));
    }
    let read = move || {
        let (form, order) = form::RoadsForm::read(&payload)?;
        let faults = form.faults();
        let network = form.into_network().map_err(Error::internal)?;
        if let Err(error) = network.take_order(order) {
            tracing::warn!(error = %error, "no order of the roads is stored: it is found anew, which takes its time");
        }
        Ok((network, faults))
    };
    tokio::task::spawn_blocking(read).await.map_err(Error::internal)?
}

/// The network of a file that is not imported: its name, and how much in it could not be used. Errors: `Invalid` where it
/// cannot be read or holds no roads, `Conflict` when stopped.
pub(in crate::app) async fn roads_in(
    path: &Path,
    watch: Arc<dyn Watch + Send + Sync>,
) -> Result<(String, Network, u64), Error> {
    let (place, file) = (path.display().to_string(), bounded(path).await?);
    let work = move || match read(&file, watch.as_ref()) {
        Ok((reading, warnings)) => {
            let faults = warnings.len() as u64 + reading.faults.iter().map(|fault| fault.count).sum::<u64>();
            Ok((file.name, reading.network, faults))
        }
        Err(Refusal::Stopped) => Err(Error::Conflict("stopped before the roads were read".into())),
        Err(Refusal::Reason(reason)) => Err(Error::invalid(&place, reason)),
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

async fn bounded(path: &Path) -> Result<File, Error> {
    let place = path.display().to_string();
    let about = tokio::fs::metadata(path).await.map_err(|error| Error::invalid(&place, error))?;
    if about.len() > MAX_FILE_BYTES {
        let reason = format!("{} bytes: at most {MAX_FILE_BYTES}; cut it to the region first", about.len());
        return Err(Error::invalid(&place, reason));
    }
    open(path).await
}

/// Why a file is not taken.
enum Refusal {
    Stopped,
    Reason(String),
}

impl From<RoadsError> for Refusal {
    fn from(error: RoadsError) -> Self {
        match error {
            RoadsError::Cancelled => Self::Stopped,
            error => Self::Reason(error.to_string()),
        }
    }
}

/// Reads a file by its content: what begins as text is GeoJSON, what begins as FlatGeobuf is that, all else must be OSM PBF.
fn read(file: &File, watch: &dyn Watch) -> Result<(Reading, Vec<Reject>), Refusal> {
    let start = file.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if file.bytes.is_empty() {
        return Err(Refusal::Reason("the file is empty".to_owned()));
    }
    if !matches!(start, Some(b'{' | b'[' | 0xef)) && !file.bytes.starts_with(b"fgb") {
        return Ok((osm::read(&file.bytes, watch)?, Vec::new()));
    }
    let layer = match areas::read(&file.name, &file.bytes, watch) {
        Ok(layer) => layer,
        Err(crate::ingest::Error::Stopped) => return Err(Refusal::Stopped),
        Err(error) => return Err(Refusal::Reason(error.to_string())),
    };
    let mut warnings = layer.rejects;
    warnings.extend(layer.warnings);
    let mut streets = Vec::new();
    for feature in layer.features {
        let row = u32::try_from(feature.id).unwrap_or(u32::MAX);
        match lines_of(&feature) {
            Some(lines) => streets.extend(lines.into_iter().map(|geometry| street(&feature, geometry))),
            None => warnings.push(Reject {
                file: file.name.clone(),
                row,
                column: None,
                reason: "not a line: it is no street".to_owned(),
            }),
        }
    }
    Ok((lines::read(&streets, watch)?, warnings))
}

fn lines_of(feature: &Feature) -> Option<Vec<LineString<f64>>> {
    match &feature.geometry {
        Geometry::LineString(line) => Some(vec![line.clone()]),
        Geometry::MultiLineString(lines) => Some(lines.0.clone()),
        _ => None,
    }
}

fn street(feature: &Feature, geometry: LineString<f64>) -> StreetLine {
    let named = |names: &[&str]| {
        let of = |name: &str| {
            let mut found = feature.properties.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
            found.find_map(|(_, value)| value.written()).filter(|text| !text.trim().is_empty())
        };
        names.iter().find_map(|name| of(name))
    };
    let oneway = match named(&ONEWAYS).as_deref().map(str::trim) {
        Some("yes" | "true" | "1" | "si" | "F" | "FT") => Oneway::Forward,
        Some("-1" | "reverse" | "B" | "TF") => Oneway::Backward,
        _ => Oneway::Both,
    };
    StreetLine {
        geometry,
        name: named(&NAMES).map(|name| without_code(&name).to_owned()),
        class: named(&CLASSES),
        oneway,
    }
}

/// A name without the code that some registers write before it: `1 - VIA ROMA`.
fn without_code(name: &str) -> &str {
    match name.split_once(" - ") {
        Some((code, rest)) if !code.trim().is_empty() && code.trim().bytes().all(|b| b.is_ascii_digit()) => rest.trim(),
        _ => name.trim(),
    }
}

/// A kind of fault, as the report and `export rejects` tell it.
fn told(fault: &Fault, file: &str) -> Reject {
    Reject {
        file: file.to_owned(),
        row: 0,
        column: None,
        reason: format!("{} (first at {}), {} in all", fault.reason, fault.first, fault.count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feature::Value;

    #[test]
    fn a_name_is_written_without_its_code() {
        for (written, name) in [
            ("1 - VIA RAFFAELE AMBROSETTI", "VIA RAFFAELE AMBROSETTI"),
            ("  Via Roma ", "Via Roma"),
            ("VIA A - B", "VIA A - B"),
            (" - x", "- x"),
        ] {
            assert_eq!(without_code(written), name);
        }
    }

    #[test]
    fn columns_are_found_by_any_of_their_names() {
        let text = |text: &str| Value::Text(text.into());
        let feature = Feature {
            id: 3,
            geometry: Geometry::Point(geo::Point::new(0.0, 0.0)),
            properties: vec![
                ("name".into(), Value::Null),
                ("TOPONIMO".into(), text("12 - VIA ROMA")),
                ("DUG".into(), text("VIA")),
                ("oneway".into(), text("-1")),
            ],
        };
        let street = street(&feature, LineString::new(Vec::new()));
        assert_eq!((street.name.as_deref(), street.class.as_deref()), (Some("VIA ROMA"), Some("VIA")));
        assert_eq!(street.oneway, Oneway::Backward);
        assert!(lines_of(&feature).is_none());
    }
}
