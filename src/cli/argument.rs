//! The arguments of every command.

use std::{net::SocketAddr, path::PathBuf, str::FromStr as _};

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;

use super::vrp::VrpArguments;
use crate::{
    access::Role,
    app::export::Subject,
    domain::{bank::BankKind, comune::Comune},
    publish::features::Format,
    store::{Place, StoreError, Url},
};

/// Where a municipality's fragile households are, and how help reaches them.
#[derive(Debug, Parser)]
#[command(name = "atlante", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Print a machine-readable report on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Show no progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Invent a town, take it through the whole path, then serve it
    Demo(DemoArguments),
    /// Write an invented town: civics, streets, areas, banks and their truth
    Synth(SynthArguments),
    /// Read banks, the civic register and reference layers into the store; link and geocode them
    Import(ImportArguments),
    /// Assess every household at a date and freeze the snapshot that is served
    Refresh(RefreshArguments),
    /// Serve the map, the tiles and the API
    Serve(ServeArguments),
    /// Geocode a column of any CSV on a civic register
    Geocode(GeocodeArguments),
    /// Write links, addresses, rejects or any collection to a file
    Export(ExportArguments),
    /// Say why a row was given to that person and put at that place
    Explain(ExplainArguments),
    /// Addresses that a person decides: list them, settle a spelling once for all
    Review(ReviewArguments),
    /// Add, list or revoke API tokens
    Token(TokenArguments),
    /// Verify the store's integrity and the audit chain
    Check(CheckArguments),
    /// Carry a comune from one store to another, between a folder and a database, and verify it there
    Move(MoveArguments),
    /// Choose where to set points among candidates
    Siting(SitingArguments),
    /// Plan runs: who goes where and when
    Vrp(VrpArguments),
}

/// `atlante demo`
#[derive(Args, Debug)]
pub struct DemoArguments {
    /// Households of the invented town
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(10..=12_000_000))]
    pub households: u32,
    /// Seed: the same seed makes the same town
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder of the demo's files and store
    #[arg(long, default_value = ".demo")]
    pub data: PathBuf,
}

/// `atlante synth`
#[derive(Args, Debug)]
pub struct SynthArguments {
    /// Households of the invented town
    #[arg(long, value_parser = clap::value_parser!(u32).range(10..=12_000_000))]
    pub households: u32,
    /// Seed: the same seed makes the same town, byte for byte
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Folder to write to
    #[arg(long)]
    pub out: PathBuf,
}

/// Where a store is made.
#[derive(Args, Clone, Debug)]
pub struct StoreArguments {
    /// Folder of the store; beside a database, the folder that holds the key of the comune (keys/M208.key)
    #[arg(long)]
    pub data: PathBuf,
    /// Database that holds the store, as postgres://USER@HOST/DATABASE; keep its password in ~/.pgpass or PGPASSWORD
    /// (default: ATLANTE_STORE, or the folder alone)
    #[arg(long, value_name = "URL")]
    pub store: Option<Address>,
}

impl StoreArguments {
    /// A folder, whatever the environment says.
    pub fn folder(data: PathBuf) -> Self {
        Self { data, store: Some(Address(String::new())) }
    }

    /// The place that is meant. Errors: an address that is not PostgreSQL's.
    pub fn place(&self) -> Result<Place, StoreError> {
        let told = self.store.as_ref().map(|address| address.0.clone());
        match told.or_else(|| std::env::var("ATLANTE_STORE").ok()).filter(|address| !address.is_empty()) {
            Some(address) => Ok(Place::Server { url: Url::parse(&address)?, keys: self.data.clone() }),
            None => Ok(Place::Folder(self.data.clone())),
        }
    }
}

/// Where a store is that was made before.
#[derive(Args, Clone, Debug)]
pub struct HeldArguments {
    /// Where the store is
    #[command(flatten)]
    pub store: StoreArguments,
    /// Belfiore code, where a database holds several comuni
    #[arg(long)]
    pub comune: Option<Comune>,
}

/// The address of a database. It may hold a password, and so prints nothing of itself.
#[derive(Clone)]
pub struct Address(String);

impl Address {
    /// The folder that is meant, where it is no database.
    fn folder(&self) -> Option<PathBuf> {
        (!self.0.contains("://")).then(|| PathBuf::from(&self.0))
    }
}

impl From<String> for Address {
    fn from(address: String) -> Self {
        Self(address)
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a store")
    }
}

/// `atlante import`
#[derive(Args, Debug)]
pub struct ImportArguments {
    /// Where the store is
    #[command(flatten)]
    pub store: StoreArguments,
    /// Belfiore code of the comune, as M208
    #[arg(long)]
    pub comune: Comune,
    /// Civic register: ANNCSU INDIR or STRAD (CSV or national zip), or any table with --map
    #[arg(long, value_name = "FILE")]
    pub civics: Vec<PathBuf>,
    /// The Comune's own civic points, for accesses that the register leaves without coordinates
    #[arg(long, value_name = "FILE")]
    pub civic_points: Option<PathBuf>,
    /// Reference layer: GeoJSON, FlatGeobuf or GeoPackage; "boundary" is the comune's border
    #[arg(long = "layer", value_name = "NAME=FILE[#TABLE]", value_parser = layer)]
    pub layers: Vec<LayerArgument>,
    /// Road network: an OpenStreetMap extract (.osm.pbf), or street lines (GeoJSON, FlatGeobuf)
    #[arg(long, value_name = "FILE")]
    pub roads: Option<PathBuf>,
    /// One bank
    #[arg(long = "bank", value_name = "KIND=FILE", value_parser = bank)]
    pub banks: Vec<(BankKind, PathBuf)>,
    /// Folder with one file a bank, named after it: anagrafe.csv, tari.csv.gz, erp.xlsx…
    #[arg(long = "banks", value_name = "DIR")]
    pub banks_folder: Option<PathBuf>,
    /// Columns of a civic table that is not ANNCSU's
    #[command(flatten)]
    pub table: CivicTableArguments,
}

/// How to read a civic table that is not in ANNCSU's layout.
#[derive(Args, Clone, Debug, Default)]
pub struct CivicTableArguments {
    /// Columns: street=DUG+DUF,street_id=…,number=…,exponent=…,locality=…,postcode=…,access_id=…,x=…,y=…
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    pub map: Option<String>,
    /// Coordinate system of x and y
    #[arg(long, value_name = "EPSG:CODE", default_value = "EPSG:4326")]
    pub crs: String,
}

/// A reference layer to read.
#[derive(Clone, Debug)]
pub struct LayerArgument {
    /// Name under which it is served.
    pub name: String,
    /// File.
    pub file: PathBuf,
    /// Table of a GeoPackage.
    pub table: Option<String>,
}

fn layer(text: &str) -> Result<LayerArgument, String> {
    let (name, file) = text.split_once('=').ok_or("write NAME=FILE or NAME=FILE#TABLE")?;
    let fits = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if name.is_empty() || name.len() > 40 || !fits || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(format!("\"{name}\": a layer's name has lower-case letters, digits and _, at most 40"));
    }
    if crate::app::load::RESERVED_LAYERS.contains(&name) {
        return Err(format!("\"{name}\" is made by Atlante itself; choose another name"));
    }
    let (file, table) = match file.split_once('#') {
        Some((file, table)) => (file, Some(table.to_owned())),
        None => (file, None),
    };
    Ok(LayerArgument { name: name.to_owned(), file: file.into(), table })
}

fn bank(text: &str) -> Result<(BankKind, PathBuf), String> {
    let (kind, file) = text.split_once('=').ok_or("write KIND=FILE, as tari=tari.csv")?;
    Ok((kind.parse().map_err(|e: crate::domain::bank::InvalidBank| e.to_string())?, file.into()))
}

/// `atlante refresh`
#[derive(Args, Debug)]
pub struct RefreshArguments {
    /// Where the store is
    #[command(flatten)]
    pub held: HeldArguments,
    /// Day at which households are assessed (default: today)
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Date>,
    /// Fragility model (default: the one shipped)
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
}

/// `atlante serve`
#[derive(Args, Clone, Debug)]
pub struct ServeArguments {
    /// Where the store is
    #[command(flatten)]
    pub held: HeldArguments,
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address under which clients reach this server (default: http:// and the listening address)
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
}

/// `atlante geocode`
#[derive(Args, Debug)]
pub struct GeocodeArguments {
    /// Civic register
    #[arg(long, value_name = "FILE", required = true)]
    pub civics: Vec<PathBuf>,
    /// CSV to geocode
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// Column that holds the address
    #[arg(long, value_name = "NAME")]
    pub column: String,
    /// CSV to write
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Belfiore code, where the register holds several comuni
    #[arg(long)]
    pub comune: Option<Comune>,
    /// Columns of a civic table that is not ANNCSU's
    #[command(flatten)]
    pub table: CivicTableArguments,
}

/// `atlante export`
#[derive(Args, Debug)]
pub struct ExportArguments {
    /// What to write: links, addresses, rejects; or a collection: households, hexes, or a layer by its name
    #[arg(value_parser = subject)]
    pub subject: Subject,
    /// Where the store is
    #[command(flatten)]
    pub held: HeldArguments,
    /// File to write; its ending is the format
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Format, where the file's ending does not say it: geojson, geojsons, fgb, gpkg, csv or xlsx
    #[arg(long, value_parser = format)]
    pub format: Option<Format>,
    /// Only the rows of a collection that this CQL2 text finds
    #[arg(long, value_name = "CQL2")]
    pub filter: Option<String>,
    /// H3 resolution of the hexes (default: the finest published)
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=15))]
    pub resolution: Option<u8>,
}

fn subject(text: &str) -> Result<Subject, String> {
    Ok(match text {
        "links" => Subject::Links,
        "addresses" => Subject::Addresses,
        "rejects" => Subject::Rejects,
        name if crate::store::LayerName::from_str(name).is_ok() => Subject::Collection(name.into()),
        _ => return Err("links, addresses, rejects, households, hexes, or the name of a layer".to_owned()),
    })
}

fn format(text: &str) -> Result<Format, String> {
    Format::of_key(text).ok_or_else(|| format!("one of {}", Format::ALL.map(Format::key).join(", ")))
}

/// `atlante explain`
#[derive(Args, Debug)]
pub struct ExplainArguments {
    /// Where the store is
    #[command(flatten)]
    pub held: HeldArguments,
    /// The bank
    #[arg(long, value_name = "KIND")]
    pub bank: BankKind,
    /// The row, from 1 after the header
    #[arg(long)]
    pub row: u32,
}

/// `atlante review`
#[derive(Args, Debug)]
pub struct ReviewArguments {
    /// What to do
    #[command(subcommand)]
    pub command: ReviewCommand,
}

/// The review commands.
#[derive(Debug, Subcommand)]
pub enum ReviewCommand {
    /// Write the spellings that wait for a decision, with reason and suggestion
    List {
        /// Where the store is
        #[command(flatten)]
        held: HeldArguments,
        /// CSV to write
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Always take this spelling for that street
    Settle {
        /// Where the store is
        #[command(flatten)]
        held: HeldArguments,
        /// The street as it is written, without civic number
        #[arg(long)]
        spelling: String,
        /// Its number in the register (PROGRESSIVO_NAZIONALE)
        #[arg(long)]
        street: u64,
    },
}

/// `atlante token`
#[derive(Args, Debug)]
pub struct TokenArguments {
    /// What to do with tokens
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// The token commands.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it once
    Add {
        /// Where the store is
        #[command(flatten)]
        held: HeldArguments,
        /// What its holder may do
        #[arg(long, value_parser = role)]
        role: Role,
        /// Whose it is
        #[arg(long)]
        name: String,
    },
    /// List tokens, without their secrets
    List {
        /// Where the store is
        #[command(flatten)]
        held: HeldArguments,
    },
    /// Revoke the tokens of a name
    Revoke {
        /// Where the store is
        #[command(flatten)]
        held: HeldArguments,
        /// Whose
        #[arg(long)]
        name: String,
        /// Only those of this role
        #[arg(long, value_parser = role)]
        role: Option<Role>,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::ALL
        .into_iter()
        .find(|role| role.key() == text)
        .ok_or_else(|| format!("one of {}", Role::ALL.map(Role::key).join(", ")))
}

/// `atlante check`
#[derive(Args, Debug)]
pub struct CheckArguments {
    /// Where the store is
    #[command(flatten)]
    pub held: HeldArguments,
}

/// `atlante move`
#[derive(Args, Debug)]
pub struct MoveArguments {
    /// Store that has the comune: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "FOLDER|URL")]
    pub from: Address,
    /// Store that gets it: it has nothing of the comune yet, or is left from the same move, interrupted
    #[arg(long, value_name = "FOLDER|URL")]
    pub to: Address,
    /// Belfiore code, where a database holds several comuni
    #[arg(long)]
    pub comune: Option<Comune>,
    /// Folder that holds the keys beside a database (default: the folder on the other side)
    #[arg(long, value_name = "FOLDER")]
    pub keys: Option<PathBuf>,
}

impl MoveArguments {
    /// From where, to where. Errors: two databases without a folder for the keys, an address that is not PostgreSQL's.
    pub fn places(&self) -> Result<(Place, Place), StoreError> {
        let keys = match (&self.keys, self.from.folder(), self.to.folder()) {
            (Some(keys), ..) => keys.clone(),
            (None, Some(folder), _) | (None, None, Some(folder)) => folder,
            (None, None, None) => {
                return Err(StoreError::Address("between two databases, say with --keys where the keys lie"));
            }
        };
        let place = |address: &Address| -> Result<Place, StoreError> {
            match address.folder() {
                Some(folder) => Ok(Place::Folder(folder)),
                None => Ok(Place::Server { url: Url::parse(&address.0)?, keys: keys.clone() }),
            }
        };
        Ok((place(&self.from)?, place(&self.to)?))
    }
}

/// `atlante siting`
#[derive(Args, Debug)]
pub struct SitingArguments {
    /// What to do with a siting problem
    #[command(subcommand)]
    pub command: SitingCommand,
}

/// The siting commands.
#[derive(Debug, Subcommand)]
pub enum SitingCommand {
    /// Read a problem as JSON, print sites, assignment, cost and bound as JSON
    Solve {
        /// The problem: {"weights":[…],"costs":[[demand × candidate]],"p":k,"objective":"p-median"|"p-center"|"max-cover",
        /// "cover":…,"capacities":[…],"fixed":[…]}; null where a candidate cannot serve
        #[arg(long, value_name = "FILE")]
        input: PathBuf,
        /// Seed: the same seed gives the same answer
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}
