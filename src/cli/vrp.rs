//! `atlante vrp`: a problem in, its solution on standard output and nothing else there.

use std::{io::Write as _, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};

use super::{command::Done, progress::Bar};
use crate::{
    app::{
        Error,
        vrp::{self, Patience},
    },
    domain::watch::Watch,
    publish::vroom,
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
        /// The problem: vehicles, jobs, shipments, matrices; and ours: depots, reloads, locks, done, fairness, objective
        #[arg(long, value_name = "FILE")]
        input: PathBuf,
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

fn seconds(text: &str) -> Result<f64, String> {
    let within = |seconds: &f64| (0.0..=86_400.0).contains(seconds);
    text.parse().ok().filter(within).ok_or_else(|| "seconds, a day at most".to_owned())
}

/// Runs a command of runs. What makes no sense is said twice: on standard output as VROOM says it (code 2), and as an error.
pub async fn run(command: VrpCommand, bar: &Arc<Bar>) -> Result<Done, Error> {
    let VrpCommand::Solve { input, seconds, iterations, seed } = command;
    let patience = iterations.map_or(Patience::Seconds(seconds), Patience::Iterations);
    let watch: Arc<dyn Watch + Send + Sync> = Arc::clone(bar) as _;
    let solved = vrp::solve_file(input, patience, seed, watch).await;
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
