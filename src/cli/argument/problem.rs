//! The arguments of the commands that solve a whole problem from a file.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
