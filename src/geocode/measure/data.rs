//! Reads the shared data, for tests only.

use std::{collections::HashMap, fs, path::PathBuf};

use crate::{
    domain::{
        geo::LonLat,
        personal::Personal,
        place::{Access, AccessId, CivicNumber, PointQuality, Street, StreetId},
        record::{AddressParts, WrittenAddress},
    },
    geocode::{Register, RegisterInput, Town},
};

/// The folder of shared data, or nothing, aloud.
pub(crate) fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let data = root.join("data");
    if data.is_dir() {
        Some(data)
    } else {
        say("skipped: no shared data (ATLANTE_SHARED)");
        None
    }
}

/// Prints a line of a report.
pub(crate) fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A town of the shared data.
#[derive(Clone, Copy)]
pub(crate) struct TownFiles {
    pub(crate) folder: &'static str,
    pub(crate) register: &'static str,
    pub(crate) name: &'static str,
    pub(crate) province: &'static str,
    pub(crate) postcode: &'static str,
}

pub(crate) const LAMEZIA: TownFiles = TownFiles {
    folder: "lamezia",
    register: "anncsu_lamezia_indirizzario_20260602.csv",
    name: "LAMEZIA TERME",
    province: "CZ",
    postcode: "88046",
};
pub(crate) const ANAGNI: TownFiles =
    TownFiles { folder: "anagni", register: "anncsu_A269.csv", name: "ANAGNI", province: "FR", postcode: "03012" };

/// Rows of a file by column name.
pub(crate) fn rows(path: impl AsRef<std::path::Path>, separator: u8) -> Vec<HashMap<String, String>> {
    let bytes = fs::read(path).unwrap();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => e.into_bytes().iter().map(|b| char::from(*b)).collect(),
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader.records().map(|r| header.iter().cloned().zip(r.unwrap().iter().map(str::to_owned)).collect()).collect()
}

pub(crate) fn input(town: TownFiles, data: &std::path::Path) -> RegisterInput {
    let mut out = RegisterInput {
        town: Town {
            names: vec![town.name.into()],
            province: town.province.into(),
            postcodes: vec![town.postcode.into()],
        },
        ..RegisterInput::default()
    };
    let mut seen = std::collections::HashSet::new();
    for row in rows(data.join(town.folder).join(town.register), b';') {
        let street = StreetId(row["PROGRESSIVO_NAZIONALE"].parse().unwrap());
        if seen.insert(street) {
            out.streets.push(Street {
                id: street,
                name: row["ODONIMO"].clone(),
                locality: row["LOCALITA'"].clone(),
                other_names: vec![],
            });
        }
        let degree = |k: &str| row[k].replace(',', ".").parse::<f64>().ok();
        let point = degree("COORD_X_COMUNE").zip(degree("COORD_Y_COMUNE")).and_then(|(x, y)| LonLat::new(x, y).ok());
        out.accesses.push(Access {
            id: AccessId(row["PROGRESSIVO_ACCESSO"].parse().unwrap()),
            street,
            number: CivicNumber {
                number: row["CIVICO"].parse().ok(),
                exponent: row["ESPONENTE"].to_uppercase().into(),
                note: row["SPECIFICITA"].clone().into(),
            },
            point,
            quality: PointQuality::Sound,
            postcode: None,
        });
    }
    out
}

pub(crate) fn register(town: TownFiles, data: &std::path::Path) -> Register {
    Register::build(input(town, data))
}

pub(crate) fn text(text: &str) -> WrittenAddress {
    WrittenAddress::Text(Personal::from(text))
}

/// The addresses of a bank with the true access of each.
pub(crate) fn bank(town: TownFiles, bank: &str, data: &std::path::Path) -> Vec<(WrittenAddress, AccessId)> {
    let (separator, column) = match bank {
        "tari" => (b';', "ubicazione"),
        "erp" => (b';', "alloggio"),
        "fragili_asl" => (b';', "INDIRIZZO"),
        "servizi_sociali" => (b'\t', "indirizzo"),
        _ => (b';', ""),
    };
    let folder = data.join(town.folder);
    let truth: HashMap<usize, u64> = rows(folder.join(format!("truth/{bank}.csv")), b',')
        .iter()
        .map(|r| (r["row"].parse().unwrap(), r["progressivo_accesso"].parse().unwrap()))
        .collect();
    rows(folder.join(format!("banks/{bank}.csv")), separator)
        .into_iter()
        .enumerate()
        .filter_map(|(i, row)| {
            let access = AccessId(*truth.get(&(i + 1))?);
            let part = |k: &str| Personal::from(row[k].as_str());
            let written = if column.is_empty() {
                WrittenAddress::Parts(Box::new(AddressParts {
                    kind: part("specie"),
                    name: part("denominazione"),
                    number: part("civico"),
                    exponent: part("esponente"),
                    ..AddressParts::default()
                }))
            } else {
                text(&row[column])
            };
            Some((written, access))
        })
        .collect()
}
