//! An invented town and its store.

use std::{collections::HashSet, fs, path::Path, sync::OnceLock};

use serde_json::Value;

use crate::place::{self, Folder, report, run, table};

/// The comune of every invented town.
pub const COMUNE: &str = "X001";

/// The day of its banks.
pub const AS_OF: &str = "2026-06-30";

/// The ten banks.
pub const BANKS: [&str; 10] = [
    "anagrafe",
    "isee_attestazioni",
    "isee_componenti",
    "prestazioni_inps",
    "redditi",
    "invalidita",
    "fragili_asl",
    "servizi_sociali",
    "tari",
    "erp",
];

/// The files of an invented town and a store beside them.
pub struct Town {
    folder: Folder,
}

impl Town {
    /// Invents the files; the store comes with the import.
    pub fn invent(name: &str, households: u32, seed: u32) -> Self {
        let town = Self { folder: Folder::new(name) };
        let (households, seed) = (households.to_string(), seed.to_string());
        run(&["synth", "--quiet", "--households", &households, "--seed", &seed, "--out", &town.at("town")]);
        town
    }

    /// A town of its own for a test that changes it: a copy of one that was imported and refreshed once.
    pub fn ready(name: &str) -> Self {
        static FIRST: OnceLock<Town> = OnceLock::new();
        let first = FIRST.get_or_init(|| {
            let town = Self::invent("first", 2_500, 11);
            town.import();
            town.refresh();
            town
        });
        Self::copy_of(first, name)
    }

    /// A copy of a town and its store, which nobody has open.
    pub fn copy_of(other: &Self, name: &str) -> Self {
        let town = Self { folder: Folder::new(name) };
        copy(Path::new(&other.at("")), Path::new(&town.at("")));
        town
    }

    /// A path of its folder.
    pub fn at(&self, name: &str) -> String {
        self.folder.at(name)
    }

    /// One of its files.
    pub fn file(&self, name: &str) -> String {
        self.folder.at(&format!("town/{name}"))
    }

    /// A bank's file.
    pub fn bank(&self, name: &str) -> String {
        self.file(&format!("banks/{name}.csv"))
    }

    /// Its store.
    pub fn data(&self) -> String {
        self.folder.at("data")
    }

    /// The arguments of a whole import into a store.
    pub fn whole_import(&self, data: &str) -> Vec<String> {
        let layer = |name: &str, file: &str| format!("{name}={}", self.file(file));
        let mut words: Vec<String> = ["import", "--quiet", "--data", data, "--comune", COMUNE].map(String::from).into();
        for file in ["civics/indirizzario.csv", "civics/stradario.csv"] {
            words.extend(["--civics".to_owned(), self.file(file)]);
        }
        for (name, file) in [
            ("boundary", "boundary.geojson"),
            ("sections", "sections.geojson"),
            ("neighbourhoods", "neighbourhoods.geojson"),
            ("roads", "streets.geojson"),
        ] {
            words.extend(["--layer".to_owned(), layer(name, file)]);
        }
        words.extend(["--banks".to_owned(), self.file("banks")]);
        words
    }

    /// Imports everything.
    pub fn import(&self) -> Value {
        let words = self.whole_import(&self.data());
        report(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Refreshes at the day of the banks.
    pub fn refresh(&self) -> Value {
        report(&["refresh", "--quiet", "--data", &self.data(), "--as-of", AS_OF])
    }

    /// Exports a subject as a table.
    pub fn export(&self, subject: &str) -> Vec<place::Row> {
        let file = self.at(&format!("{subject}.csv"));
        run(&["export", subject, "--quiet", "--data", &self.data(), "--output", &file]);
        table(Path::new(&file))
    }

    /// Exports the hexagons of a resolution to a file of that ending.
    pub fn export_hexes(&self, resolution: u8, ending: &str) -> String {
        let file = self.at(&format!("hexes_{resolution}.{ending}"));
        let resolution = resolution.to_string();
        run(&["export", "hexes", "--quiet", "--data", &self.data(), "--output", &file, "--resolution", &resolution]);
        file
    }

    /// A new token of a role.
    pub fn token(&self, role: &str, name: &str) -> String {
        let made = report(&["token", "add", "--data", &self.data(), "--role", role, "--name", name]);
        made["token"].as_str().expect("a token").to_owned()
    }

    /// `check`: its exit code and its report.
    pub fn check(&self) -> (Option<i32>, Value) {
        let output = place::attempt(&["check", "--json", "--data", &self.data()]);
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }

    /// Every code and surname of the banks, in capitals: what no log and no message may hold.
    pub fn personal_words(&self) -> HashSet<String> {
        let mut words = HashSet::new();
        for bank in BANKS {
            for row in table(Path::new(&self.bank(bank))) {
                for (column, value) in row {
                    let column = column.to_uppercase().replace('_', " ");
                    let code = column.contains("FISCALE") || column == "CF";
                    if code && value.len() >= 11 || column == "COGNOME" && value.len() >= 4 {
                        words.insert(value.trim().to_uppercase());
                    }
                }
            }
        }
        assert!(words.len() > 1_000, "only {} codes and surnames were found", words.len());
        words
    }
}

/// The personal words that a text holds, as whole words whatever their case.
pub fn leaked(text: &str, personal: &HashSet<String>) -> Vec<String> {
    let words: HashSet<String> =
        text.split(|c: char| !c.is_alphanumeric() && c != '\'').map(str::to_uppercase).collect();
    personal.iter().filter(|word| words.contains(*word)).cloned().collect()
}

/// Copies a folder, the closed store in it too.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a readable folder") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a copy");
        }
    }
}
