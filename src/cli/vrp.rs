//! `atlante vrp`: a problem in, its solution on standard output and nothing else there.

use std::{io::Write as _, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};

use super::{
    argument::{Address, HeldArguments, StoreArguments},
    command::Done,
    progress::Bar,
};
use crate::{
    app::{
        Error,
        vrp::{self, Drawing, Ground, Manner, Patience},
    },
    domain::{comune::Comune, watch::Watch},
    publish::vroom,
    store,
};

/// `atlante vrp`
#[derive(Args, Debug)]
pub struct VrpArguments {
    /// What to do with a problem of runs
    #[command(subcommand)]
    pub command: VrpCommand,
}

/// The commands of runs.
#[derive(Debug, Subcommand)]
pub enum VrpCommand {
    /// Read VROOM's problem as JSON, print VROOM's solution as JSON
    Solve {
        /// The problem: vehicles, jobs, shipments, with matrices or coordinates; and ours: depots, reloads, locks, done,
        /// fairness, objective
        #[arg(long, value_name = "FILE")]
        input: PathBuf,
        /// Where the roads are, for a problem of coordinates
        #[command(flatten)]
        ground: GroundArguments,
        /// Write the line of each run too, as Google's encoded polyline (VROOM's -g, and its "options": {"g": true})
        #[arg(long, short)]
        geometry: bool,
        /// Seconds to search, on all cores
        #[arg(long, default_value_t = 10.0, value_parser = seconds)]
        seconds: f64,
        /// Iterations to search instead: the same answer every time
        #[arg(long, conflicts_with = "seconds")]
        iterations: Option<u64>,
        /// Seed: the same seed searches the same way
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// Where the roads of a problem are.
#[derive(Args, Clone, Debug)]
pub struct GroundArguments {
    /// Roads of their own: an OpenStreetMap extract (.osm.pbf), or street lines (GeoJSON, FlatGeobuf)
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    roads: Option<PathBuf>,
    /// Folder of the store whose roads are taken
    #[arg(long)]
    data: Option<PathBuf>,
    /// Database that holds the store, as postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "URL", requires = "data")]
    store: Option<Address>,
    /// Belfiore code, where a database holds several comuni
    #[arg(long, requires = "data")]
    comune: Option<Comune>,
}

impl GroundArguments {
    /// The ground that is meant. Errors: those of the store.
    async fn ground(self) -> Result<Ground, Error> {
        let Self { roads, data, store, comune } = self;
        Ok(match (roads, data) {
            (Some(file), _) => Ground::File(file),
            (None, Some(data)) => {
                let held = HeldArguments { store: StoreArguments { data, store }, comune };
                Ground::Store(store::open(&held.store.place()?, held.comune).await?.store())
            }
            (None, None) => Ground::Bare,
        })
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let within = |seconds: &f64| (0.0..=86_400.0).contains(seconds);
    text.parse().ok().filter(within).ok_or_else(|| "seconds, a day at most".to_owned())
}

/// Runs a command of runs. What makes no sense is said twice: on standard output as VROOM says it (code 2), and as an error.
pub async fn run(command: VrpCommand, bar: &Arc<Bar>) -> Result<Done, Error> {
    let VrpCommand::Solve { input, ground, geometry, seconds, iterations, seed } = command;
    let patience = iterations.map_or(Patience::Seconds(seconds), Patience::Iterations);
    let drawing = if geometry { Drawing::Lines } else { Drawing::AsAsked };
    let watch: Arc<dyn Watch + Send + Sync> = Arc::clone(bar) as _;
    let solved = match ground.ground().await {
        Ok(ground) => vrp::solve_file(input, ground, Manner { patience, seed, drawing }, watch).await,
        Err(error) => Err(error),
    };
    bar.clear();
    let (bytes, done) = match solved {
        Ok(bytes) => (bytes, Ok(Done::Well)),
        Err(error) => (vroom::refusal(&error.to_string()), Err(error)),
    };
    let mut out = std::io::stdout().lock();
    match out.write_all(&bytes).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::internal(error)),
        _ => done,
    }
}
