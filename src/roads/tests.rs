//! Roads from small sketches, from noise and from real files; the judge is Dijkstra.

mod bad;
mod guide;
mod judge;
pub(in crate::roads) mod laws;
mod real;
mod shut;
mod signs;
mod sketch;
mod traps;
mod wish;

use std::path::PathBuf;

/// The folder of shared data, where it is.
fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let data = root.join("data");
    if !data.is_dir() {
        eprintln!("skipped: the shared data are not here");
        return None;
    }
    Some(data)
}
