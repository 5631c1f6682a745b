//! The towns that are measured: Lamezia where the shared data are at hand, an invented one elsewhere.

use std::path::{Path, PathBuf};

use atlante::{
    app::{
        self,
        import::{CivicTable, ImportOrder, LayerOrder},
    },
    domain::{bank::BankKind, record::Record, watch::Unwatched},
    geocode::{Register, RegisterInput, Town as Named},
    ingest::{
        bank,
        civics::{self, Civics},
        sheet::{self, Limits},
    },
    synth,
};

use crate::gauge::Folder;

/// A town's files.
pub struct Town {
    pub name: &'static str,
    comune: &'static str,
    civics: Vec<PathBuf>,
    layers: Vec<(&'static str, PathBuf)>,
    banks: PathBuf,
    words: Named,
    /// Keeps an invented town's files while they are read.
    _folder: Option<Folder>,
}

/// Households of the invented town that stands in for Lamezia.
const STAND_IN: u32 = 28_000;

impl Town {
    /// Lamezia, else the invented town.
    pub fn real() -> Self {
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
        let shared = std::env::var_os("ATLANTE_SHARED").map_or_else(beside, PathBuf::from).join("data/lamezia");
        if !shared.is_dir() {
            return Self::invented(STAND_IN);
        }
        Self {
            name: "Lamezia",
            comune: "M208",
            civics: vec![
                shared.join("anncsu_lamezia_indirizzario_20260602.csv"),
                shared.join("anncsu_lamezia_stradario_20260602.csv"),
            ],
            layers: vec![
                ("boundary", shared.join("comune_M208_lamezia_terme.geojson")),
                ("sections", shared.join("istat_sezioni_censimento_lamezia.geojson")),
            ],
            banks: shared.join("banks"),
            words: named("LAMEZIA TERME", "CZ", "88046"),
            _folder: None,
        }
    }

    /// An invented town of so many households, written to a folder of its own.
    pub fn invented(households: u32) -> Self {
        let folder = Folder::new("town");
        let root = folder.path().to_path_buf();
        let write = app::invent::write_town(households, 1, &root);
        runtime().block_on(write).expect("the invented town can be written");
        Self {
            name: "invented town",
            comune: synth::COMUNE,
            civics: vec![root.join("civics/indirizzario.csv"), root.join("civics/stradario.csv")],
            layers: vec![("boundary", root.join("boundary.geojson")), ("sections", root.join("sections.geojson"))],
            banks: root.join("banks"),
            words: named(synth::NAME, "", synth::POSTCODE),
            _folder: Some(folder),
        }
    }

    /// What an import of it is told.
    pub fn order(&self) -> ImportOrder {
        let layer = |(name, file): &(&str, PathBuf)| LayerOrder {
            name: name.parse().expect("a layer's name"),
            file: file.clone(),
            table: None,
        };
        ImportOrder {
            comune: self.comune.parse().expect("a comune's code"),
            civics: self.civics.clone(),
            table: CivicTable::default(),
            civic_points: None,
            layers: self.layers.iter().map(layer).collect(),
            banks: app::import::banks_in(&self.banks).expect("a folder of banks"),
            roads: None,
        }
    }

    /// Its civic register.
    pub fn register(&self) -> Register {
        let files: Vec<(String, Vec<u8>)> = self.civics.iter().map(|path| read(path)).collect();
        let files: Vec<civics::File<'_>> = files.iter().map(|(name, bytes)| civics::File { name, bytes }).collect();
        let civics = civics_of(&files);
        Register::build(RegisterInput {
            town: self.words.clone(),
            streets: civics.streets,
            accesses: civics.accesses,
            aliases: Vec::new(),
        })
    }

    /// The records of every bank.
    pub fn records(&self) -> Vec<(BankKind, Vec<Record>)> {
        let order = self.order();
        order.banks.iter().map(|(kind, path)| (*kind, records_of(*kind, path))).collect()
    }
}

/// A register of files in ANNCSU's layout.
pub fn civics_of(files: &[civics::File<'_>]) -> Civics {
    civics::read(files, &civics::Layout::Anncsu, None, &Limits::default(), &Unwatched).expect("a civic register")
}

fn records_of(kind: BankKind, path: &Path) -> Vec<Record> {
    let (name, bytes) = read(path);
    let mut sheet = sheet::open(&name, &bytes, &Limits::default()).expect("a table");
    let reader = bank::Reader::new(kind, sheet.file(), sheet.header()).expect("a bank");
    let mut records = Vec::new();
    while let Some(chunk) = sheet.next_chunk(20_000).expect("readable rows") {
        records.extend(reader.read(&chunk.batch).records);
    }
    records
}

fn named(name: &str, province: &str, postcode: &str) -> Named {
    Named { names: vec![name.into()], province: province.into(), postcodes: vec![postcode.into()] }
}

fn read(path: &Path) -> (String, Vec<u8>) {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    (name, std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// A runtime with as many threads as there are cores.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}
