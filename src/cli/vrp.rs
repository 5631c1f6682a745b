//! `atlante vrp`: a problem in, its solution on standard output and nothing else there.

use std::{io::Write as _, sync::Arc};

use super::{argument::VrpCommand, command::Done, progress::Bar};
use crate::{
    app::{
        Error,
        vrp::{self, Patience},
    },
    domain::watch::Watch,
    publish::vroom,
};

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
