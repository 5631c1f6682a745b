//! Layer 8, the command line: what is asked, how far it is, what came out.
//!
//! Reports go to standard output (text, or JSON with `--json`), progress and complaints to standard error.

mod argument;
mod command;
mod demo;
mod progress;
mod report;
mod vrp;

pub use argument::{Cli, Command, DemoArguments, ServeArguments};
pub use command::{Done, run};
pub use progress::Bar;
