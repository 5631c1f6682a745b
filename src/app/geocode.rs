//! Geocode any CSV: its columns stay as they are, the answer is added behind them.

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
};

use super::{error::Error, import::CivicTable, rebuild, source};
use crate::{
    domain::{
        comune::Comune,
        personal::Personal,
        place::{PlaceStatus, Placement},
        record::WrittenAddress,
        watch::Watch,
    },
    geocode::{Register, RegisterInput, Town},
    ingest::sheet::{self, Batch, Limits},
};

/// What to geocode on what.
#[derive(Clone, Debug)]
pub struct GeocodeOrder {
    /// Files of the civic register.
    pub civics: Vec<PathBuf>,
    /// Layout of the register.
    pub table: CivicTable,
    /// The comune, where the register holds several.
    pub comune: Option<Comune>,
    /// The CSV.
    pub input: PathBuf,
    /// Its column.
    pub column: String,
    /// Where the answer goes.
    pub output: PathBuf,
}

/// How it went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GeocodeReport {
    /// Rows of the input.
    pub rows: u64,
    /// Accepted.
    pub accepted: u64,
    /// For a person to decide.
    pub review: u64,
    /// Not placed.
    pub rejected: u64,
    /// Rows that could not be read: they are not in the output.
    pub unreadable: u64,
    /// Streets of the register.
    pub streets: u64,
    /// Accesses of the register.
    pub accesses: u64,
    /// Milliseconds spent in geocoding alone.
    pub geocoding_ms: u64,
}

const ADDED: [&str; 13] = [
    "access_id",
    "street_id",
    "street",
    "number",
    "exponent",
    "lon",
    "lat",
    "level",
    "method",
    "score",
    "status",
    "uncertainty_m",
    "faults",
];

/// Geocodes the file.
pub async fn geocode(order: &GeocodeOrder, watch: &dyn Watch) -> Result<GeocodeReport, Error> {
    let civics = source::read_civics(&order.civics, &order.table, order.comune, watch).await?;
    let register = Register::build(RegisterInput {
        town: Town::default(),
        streets: civics.streets,
        accesses: civics.accesses,
        aliases: Vec::new(),
    });
    let place = order.input.display().to_string();
    let bytes = tokio::fs::read(&order.input).await.map_err(|error| Error::invalid(&place, error))?;
    let name = order.input.file_name().map_or_else(|| place.clone(), |name| name.to_string_lossy().into_owned());
    let read = |error: crate::ingest::Error| Error::invalid("--input", error);
    let mut sheet = sheet::open(&name, &bytes, &Limits::default()).map_err(read)?;
    let column = column(sheet.header(), &order.column)?;
    let mut report = GeocodeReport {
        streets: register.streets().len() as u64,
        accesses: register.accesses().len() as u64,
        ..GeocodeReport::default()
    };
    let mut writer = Output::create(&order.output, sheet.header())?;
    while let Some(chunk) = sheet.next_chunk(50_000).map_err(read)? {
        report.rows += (chunk.batch.len() + chunk.rejects.len()) as u64;
        report.unreadable += chunk.rejects.len() as u64;
        let written: Vec<WrittenAddress> =
            chunk.batch.rows().map(|row| WrittenAddress::Text(Personal::from(row.cell(column)))).collect();
        let addresses: Vec<&WrittenAddress> = written.iter().collect();
        let began = std::time::Instant::now();
        let placements = rebuild::locate_all(&register, &addresses, watch)?;
        report.geocoding_ms += began.elapsed().as_millis() as u64;
        for placement in &placements {
            match placement.status {
                PlaceStatus::Accept => report.accepted += 1,
                PlaceStatus::Review => report.review += 1,
                PlaceStatus::Reject => report.rejected += 1,
            }
        }
        writer.write(&register, &chunk.batch, &placements)?;
    }
    writer.finish(&order.output)?;
    Ok(report)
}

fn column(header: &[String], wanted: &str) -> Result<usize, Error> {
    let exact = header.iter().position(|name| name == wanted);
    exact.or_else(|| header.iter().position(|name| name.eq_ignore_ascii_case(wanted))).ok_or_else(|| {
        Error::invalid("--column", format!("no column is named \"{wanted}\"; there are {}", header.join(", ")))
    })
}

/// The answer being written beside its file.
struct Output {
    part: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
}

impl Output {
    fn create(path: &Path, header: &[String]) -> Result<Self, Error> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let file = File::create(&part).map_err(|error| refused(&part, error))?;
        let mut writer = csv::Writer::from_writer(BufWriter::with_capacity(1 << 20, file));
        // A column of the input that has one of our names keeps it; ours then says whose it is.
        let added = ADDED.map(|name| {
            if header.iter().any(|theirs| theirs == name) { format!("atlante_{name}") } else { name.to_owned() }
        });
        writer.write_record(header.iter().chain(&added)).map_err(|error| refused(&part, error))?;
        Ok(Self { part, writer })
    }

    fn write(&mut self, register: &Register, batch: &Batch, placements: &[Placement]) -> Result<(), Error> {
        let width = batch.header().len();
        for (row, placement) in batch.rows().zip(placements) {
            let answer = answer(register, placement);
            let cells = (0..width).map(|index| row.cell(index)).chain(answer.iter().map(String::as_str));
            self.writer.write_record(cells).map_err(|error| refused(&self.part, error))?;
        }
        Ok(())
    }

    fn finish(mut self, path: &Path) -> Result<(), Error> {
        self.writer.flush().map_err(|error| refused(&self.part, error))?;
        std::fs::rename(&self.part, path).map_err(|error| refused(path, error))
    }
}

fn refused(path: &Path, error: impl std::fmt::Display) -> Error {
    Error::invalid(&path.display().to_string(), error)
}

fn answer(register: &Register, placement: &Placement) -> [String; 13] {
    let street = placement.street.and_then(|id| register.street(id));
    let access = placement.access.and_then(|id| register.access(id));
    let degrees = |value: f64| format!("{value:.7}");
    [
        placement.access.map_or_else(String::new, |id| id.0.to_string()),
        placement.street.map_or_else(String::new, |id| id.0.to_string()),
        street.map_or_else(String::new, |entry| entry.street.name.clone()),
        access.and_then(|access| access.number.number).map_or_else(String::new, |number| number.to_string()),
        access.map_or_else(String::new, |access| access.number.exponent.to_string()),
        placement.point.map_or_else(String::new, |point| degrees(point.lon())),
        placement.point.map_or_else(String::new, |point| degrees(point.lat())),
        placement.level.name().to_owned(),
        placement.method.name().to_owned(),
        format!("{:.4}", placement.score),
        placement.status.name().to_owned(),
        placement.uncertainty_m.map_or_else(String::new, |metres| format!("{metres:.0}")),
        placement.faults.join(" "),
    ]
}
