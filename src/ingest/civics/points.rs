//! The Comune's own civic points, which lend their places to a register that has none.

use super::{
    civic_number,
    coordinates::{self, Place, Side},
    register::At,
};
use crate::{
    domain::{
        feature::{Feature, Value},
        fold::fold,
        geo::LonLat,
        place::CivicNumber,
        reject::Reject,
        watch::Watch,
    },
    ingest::{
        Error, areas,
        crs::{Crs, Transform},
        sheet::{self, Limits},
    },
};

/// A door as the Comune itself drew it.
#[derive(Clone, Debug, PartialEq)]
pub struct CivicPoint {
    /// The street as written, without a code in front.
    pub street_text: String,
    /// What is written at the door.
    pub number: CivicNumber,
    /// Where it is.
    pub point: LonLat,
}

/// The points of a file.
#[derive(Clone, Debug, Default)]
pub struct PointReading {
    /// In the order of the file.
    pub points: Vec<CivicPoint>,
    /// Rows or features that give no point.
    pub rejects: Vec<Reject>,
    /// What was put right.
    pub warnings: Vec<Reject>,
    /// Rows or features, good and bad.
    pub rows: u64,
}

const STREET: [&str; 9] =
    ["TOPONIMO", "ODONIMO", "NOME VIA", "VIA", "STRADA", "DENOMINAZIONE VIA", "STREET", "ADDR STREET", "INDIRIZZO"];
const KIND: [&str; 3] = ["DUG", "SPECIE", "TIPO VIA"];
const NAME: [&str; 3] = ["DUF", "DENOMINAZIONE", "NOME"];
const NUMBER: [&str; 8] =
    ["CIVICO", "NUMERO CIVICO", "NUMERO", "NUM CIV", "NUM CIVICO", "CIV", "HOUSENUMBER", "ADDR HOUSENUMBER"];
const EXPONENT: [&str; 6] = ["ESP LETT ES", "ESPONENTE", "ESP", "BARRATO", "LETTERA", "SUBALTERNO"];
const X: [&str; 11] =
    ["LON", "LONGITUDE", "LONGITUDINE", "LNG", "COORD X COMUNE", "COORD X", "COORDX", "X", "EST", "EASTING", "X COORD"];
const Y: [&str; 11] = [
    "LAT",
    "LATITUDE",
    "LATITUDINE",
    "COORD Y COMUNE",
    "COORD Y",
    "COORDY",
    "Y",
    "NORD",
    "NORTHING",
    "Y COORD",
    "LATIT",
];

/// Which column says what.
struct Columns {
    street: Vec<usize>,
    number: usize,
    exponent: Option<usize>,
}

impl Columns {
    fn new(folded: &[String]) -> Result<Self, Vec<String>> {
        let street = match (find(folded, &STREET), find(folded, &KIND), find(folded, &NAME)) {
            (Some(whole), ..) => vec![whole],
            (None, Some(kind), Some(name)) => vec![kind, name],
            (None, ..) => Vec::new(),
        };
        match (find(folded, &NUMBER), street.is_empty()) {
            (Some(number), false) => Ok(Self { street, number, exponent: find(folded, &EXPONENT) }),
            (number, no_street) => {
                let street = no_street.then(|| STREET[0].to_owned());
                Err(street.into_iter().chain(number.is_none().then(|| NUMBER[0].to_owned())).collect())
            }
        }
    }

    fn read<'c>(&self, cell: impl Fn(usize) -> &'c str) -> Option<(String, CivicNumber)> {
        let parts: Vec<&str> =
            self.street.iter().map(|&column| cell(column).trim()).filter(|part| !part.is_empty()).collect();
        let street = parts.join(" ");
        let street_text = without_code(&street).to_owned();
        // Where the number's column has letters of its own, the Comune's tables keep an older exponent beside it.
        let written = cell(self.number).trim();
        let own = written.trim_start_matches(|c: char| c.is_ascii_digit());
        let exponent = if own.is_empty() { self.exponent.map(&cell).unwrap_or_default() } else { "" };
        let number = civic_number(written, exponent, "");
        (!fold(&street_text).is_empty()).then_some((street_text, number))
    }
}

fn find(folded: &[String], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| folded.iter().position(|column| column == name))
}

/// `1 - VIA RAFFAELE AMBROSETTI` → `VIA RAFFAELE AMBROSETTI`
fn without_code(street: &str) -> &str {
    match street.split_once(" - ") {
        Some((code, name)) if !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit()) => name.trim(),
        _ => street.trim(),
    }
}

/// Reads a table (CSV, XLSX, gzip, zip) or a GeoJSON of points; which column says what is told by its name.
/// `crs` is the system of a table's coordinates; GeoJSON is in degrees or says otherwise itself.
pub fn read(file: &str, bytes: &[u8], crs: Crs, limits: &Limits, watch: &dyn Watch) -> Result<PointReading, Error> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if start.trim_ascii_start().first() == Some(&b'{') {
        return features(file, bytes, watch);
    }
    let mut sheet = sheet::open(file, bytes, limits)?;
    let folded: Vec<String> = sheet.header().iter().map(|name| fold(name)).collect();
    let columns = Columns::new(&folded);
    let (Ok(columns), Some(x), Some(y)) = (&columns, find(&folded, &X), find(&folded, &Y)) else {
        let mut missing = columns.err().unwrap_or_default();
        missing.extend(find(&folded, &X).is_none().then(|| X[0].to_owned()));
        missing.extend(find(&folded, &Y).is_none().then(|| Y[0].to_owned()));
        return Err(Error::MissingColumns { file: file.to_owned(), missing });
    };
    let names = [sheet.header()[x].clone(), sheet.header()[y].clone()];
    let transform = Transform::new(crs);
    let mut reading = PointReading::default();
    while let Some(chunk) = sheet.next_chunk(super::BATCH)? {
        if watch.cancelled() {
            return Err(Error::Stopped);
        }
        reading.rejects.extend(chunk.rejects);
        for row in chunk.batch.rows() {
            let at = At { file, row: row.row };
            let place = coordinates::place(row.cell(x), row.cell(y), &transform);
            reading.add(columns.read(|column| row.cell(column)), place, at, &names);
        }
    }
    reading.rows = u64::from(sheet.rows());
    Ok(reading)
}

impl PointReading {
    fn add(&mut self, door: Option<(String, CivicNumber)>, place: Place, at: At<'_>, names: &[String; 2]) {
        let Some((street_text, number)) = door else {
            return self.rejects.push(at.note(None, "the street is empty"));
        };
        let point = match place {
            Place::Sound(point) => point,
            Place::Swapped(point) => {
                self.warnings.push(at.note(Some(&names[0]), coordinates::SWAPPED));
                point
            }
            Place::Unknown => return self.rejects.push(at.note(Some(&names[0]), "the coordinates are empty")),
            Place::Refused(side, reason) => {
                return self.rejects.push(at.note(Some(&names[usize::from(side == Side::Y)]), reason));
            }
        };
        self.points.push(CivicPoint { street_text, number, point });
    }
}

fn features(file: &str, bytes: &[u8], watch: &dyn Watch) -> Result<PointReading, Error> {
    let layer = areas::read_geojson(file, bytes, watch)?;
    let mut reading = PointReading {
        rows: layer.features.len() as u64 + layer.rejects.len() as u64,
        rejects: layer.rejects,
        warnings: layer.warnings,
        ..PointReading::default()
    };
    let transform = Transform::new(Crs::Wgs84);
    let names = ["longitude".to_owned(), "latitude".to_owned()];
    for feature in &layer.features {
        let at = At { file, row: u32::try_from(feature.id).unwrap_or(u32::MAX) };
        match &feature.geometry {
            geo::Geometry::Point(point) => {
                reading.add(door(feature), coordinates::judge(point.x(), point.y(), &transform), at, &names);
            }
            _ => reading.rejects.push(at.note(None, "the feature is not a point")),
        }
    }
    Ok(reading)
}

fn door(feature: &Feature) -> Option<(String, CivicNumber)> {
    let folded: Vec<String> = feature.properties.iter().map(|(key, _)| fold(key)).collect();
    let values: Vec<String> = feature.properties.iter().map(|(_, value)| written(value)).collect();
    Columns::new(&folded).ok()?.read(|column| values.get(column).map(String::as_str).unwrap_or_default())
}

fn written(value: &Value) -> String {
    if matches!(value, Value::Flag(_)) { String::new() } else { value.written().unwrap_or_default() }
}
