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
    store::{Batch, Begun, Source, SourceHead, SourceId, SourceKind, Store, form},
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
    watch.begin("keeping the roads", payload.len().div_ceil(BATCH_BYTES) as u64);
    for batch in batches(&payload, reading.roads, warnings) {
        if watch.cancelled() {
            return Err(Error::Conflict("stopped; the same command goes on from there".into()));
        }
        let index = batch.index;
        progress.note(&batch);
        if index >= next {
            store.append(progress.id, vec![batch]).await?;
        }
        watch.advance(u64::from(index) + 1);
    }
    progress.finish(store).await
}

/// The stored form of roads in pieces. The roads of a file are counted once, and what is said of them with the first.
fn batches(payload: &[u8], roads: u64, mut warnings: Vec<Reject>) -> impl Iterator<Item = Batch> {
    let rows = u32::try_from(roads).unwrap_or(u32::MAX);
    (0..).zip(payload.chunks(BATCH_BYTES)).map(move |(index, piece)| Batch {
        index,
        first_row: if index == 0 { 1 } else { rows },
        last_row: rows,
        records: if index == 0 { rows } else { 0 },
        payload: piece.to_vec(),
        rejects: Vec::new(),
        warnings: std::mem::take(&mut warnings),
    })
}

/// The roads of a source, and how much in their file could not be used. Where they were stored before the order of their
/// nodes was, it is found and kept: the source that holds them from now on is told first.
///
/// Errors: `Internal` for what cannot be read back.
pub(in crate::app) async fn roads_of(store: &dyn Store, source: &Source) -> Result<(SourceId, Network, u64), Error> {
    const PAGE: u32 = 8;
    let mut payload = Vec::new();
    let mut from = 0;
    loop {
        let page = store.batches(source.id, from..from + PAGE).await?;
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
        let ordered = match network.take_order(order) {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!(error = %error, "no order of the roads is stored: it is found now, and kept");
                let content = [b"roads that were ordered later", &payload[..]].concat();
                Some((*blake3::hash(&content).as_bytes(), form::RoadsForm::write(&network, faults)?))
            }
        };
        Ok::<_, Error>((network, faults, ordered))
    };
    let (network, faults, ordered) = tokio::task::spawn_blocking(read).await.map_err(Error::internal)??;
    let mut id = source.id;
    if let Some((content, payload)) = ordered {
        match keep(store, source, content, &payload).await {
            Ok(kept) => id = kept,
            // They are served all the same.
            Err(error) => tracing::warn!(error = %error, "the order of the roads could not be kept"),
        }
    }
    Ok((id, network, faults))
}

/// Puts the same roads, with their order, in the place of a source; what could not be read in it stays told. Whoever keeps
/// the same at once, on another node, does so together; an import that ends meanwhile wins.
async fn keep(store: &dyn Store, source: &Source, content: [u8; 32], payload: &[u8]) -> Result<SourceId, Error> {
    let head = SourceHead { kind: SourceKind::Roads, file: source.file.clone(), content, at: source.begun_at };
    let begun = store.begin(head).await?;
    if let Begun::Already(id) = begun {
        return Ok(id);
    }
    let warnings = store.rejects(source.id).await?;
    for batch in batches(payload, source.totals.records, warnings) {
        store.append(begun.id(), vec![batch]).await?;
    }
    store.finish(begun.id(), source.totals).await?;
    Ok(begun.id())
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
    use crate::{
        domain::{feature::Value, watch::Unwatched},
        store::{SourceState, Totals, embedded::Embedded},
    };

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

    fn network() -> Network {
        let street = |points: [(f64, f64); 2]| StreetLine {
            geometry: points.into_iter().collect(),
            name: Some("VIA ROMA".to_owned()),
            class: None,
            oneway: Oneway::Both,
        };
        let lines = [street([(13.0, 41.0), (13.01, 41.0)]), street([(13.005, 40.99), (13.005, 41.01)])];
        lines::read(&lines, &Unwatched).unwrap().network
    }

    #[tokio::test]
    async fn roads_stored_without_their_order_are_kept_with_it_once() {
        let folder = std::env::temp_dir().join(format!("atlante-roads-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let store = Embedded::create(&folder, "A269".parse().unwrap()).await.unwrap();
        let network = network();
        let older = form::RoadsForm::write_without_order(&network, 3).unwrap();
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        let head = SourceHead { kind: SourceKind::Roads, file: "strade.geojson".to_owned(), content: [7; 32], at };
        let Begun::Fresh(first) = store.begin(head).await.unwrap() else { panic!("nothing is there") };
        let told = Reject { file: "strade.geojson".to_owned(), row: 0, column: None, reason: "once".to_owned() };
        store.append(first, batches(&older, 2, vec![told.clone()]).collect()).await.unwrap();
        store.finish(first, Totals { rows: 2, records: 2, rejects: 0 }).await.unwrap();
        let complete = async || {
            let sources = store.contents().await.unwrap().sources;
            sources.into_iter().find(|source| source.state == SourceState::Complete).unwrap()
        };
        let source = complete().await;
        assert_eq!(source.id, first);
        let (kept, read, faults) = roads_of(&store, &source).await.unwrap();
        assert_eq!((read.to_parts(), faults), (network.to_parts(), 3));
        assert_ne!(kept, first);
        let again = complete().await;
        assert_eq!((again.id, again.file.as_str(), again.begun_at), (kept, "strade.geojson", at));
        assert_eq!(again.totals, source.totals);
        let reasons: Vec<String> = store.rejects(kept).await.unwrap().into_iter().map(|told| told.reason).collect();
        assert_eq!(reasons, [told.reason]);
        // The next who reads finds it there.
        let (same, _, _) = roads_of(&store, &again).await.unwrap();
        assert_eq!(same, kept);
        store.close().await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// Seeded noise in a file of streets: nothing panics. `ATLANTE_FUZZ` names the turns of a long run.
    #[test]
    fn noise_in_a_file_of_streets_is_read_or_refused() {
        const HONEST: &str = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"name":"VIA ROMA","dug":"VIA","oneway":"yes"},"geometry":
            {"type":"LineString","coordinates":[[13.0,41.0],[13.01,41.0,7],[13.02,41.01]]}},
            {"type":"Feature","properties":{"name":"2 - VIA PO"},"geometry":
            {"type":"MultiLineString","coordinates":[[[13.01,40.9],[13.01,41.2]],[[-13.5,41],[1e2,4.1e1]]]}}]}"#;
        let turns = std::env::var("ATLANTE_FUZZ").ok().and_then(|turns| turns.parse().ok()).unwrap_or(1_000);
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let signs = b"0123456789-+.eE,[]{}\":\\ \x00\xff";
        let (mut whole, mut refused) = (0, 0);
        for _ in 0..turns {
            let mut bytes = HONEST.as_bytes().to_vec();
            for _ in 0..=next() % 3 {
                let at = next() as usize % bytes.len();
                match next() % 5 {
                    0 => bytes.truncate(at.max(1)),
                    1 => drop(bytes.remove(at)),
                    2 => bytes.insert(at, signs[next() as usize % signs.len()]),
                    3 => bytes[at] ^= 1 << (next() % 8),
                    _ => bytes[at] = signs[next() as usize % signs.len()],
                }
                if bytes.is_empty() {
                    break;
                }
            }
            let file = File { name: "strade.geojson".to_owned(), bytes };
            match read(&file, &Unwatched) {
                Ok((reading, _)) => {
                    whole += 1;
                    Network::from_parts(reading.network.to_parts()).expect("what is read is whole");
                }
                Err(_) => refused += 1,
            }
        }
        assert!(whole > 0 && refused > 0, "{whole} {refused}");
    }
}
