//! Invent: an invented town written to a folder, in the formats in which offices export.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

use super::error::Error;
use crate::synth;

/// Writes the town's files and answers their names and lengths.
pub async fn write_town(households: u32, seed: u64, folder: &Path) -> Result<Vec<(String, u64)>, Error> {
    let folder = folder.to_path_buf();
    tokio::task::spawn_blocking(move || write(households, seed, &folder)).await.map_err(Error::internal)?
}

fn write(households: u32, seed: u64, folder: &Path) -> Result<Vec<(String, u64)>, Error> {
    let town = synth::town(households, seed);
    let mut open: Option<(String, BufWriter<File>)> = None;
    let mut lengths: BTreeMap<String, u64> = BTreeMap::new();
    let mut failed: Option<std::io::Error> = None;
    town.write(&mut |name, bytes| {
        if failed.is_none()
            && let Err(error) = put(folder, &mut open, name, bytes)
        {
            failed = Some(error);
        }
        *lengths.entry(name.to_owned()).or_default() += bytes.len() as u64;
    });
    let ended = match (failed, open) {
        (Some(error), _) => Err(error),
        (None, Some((_, mut file))) => file.flush(),
        (None, None) => Ok(()),
    };
    ended.map_err(|error| Error::invalid(&folder.display().to_string(), error))?;
    Ok(lengths.into_iter().collect())
}

/// Files come one after another, each in pieces.
fn put(
    folder: &Path,
    open: &mut Option<(String, BufWriter<File>)>,
    name: &str,
    bytes: &[u8],
) -> std::io::Result<()> {
    if open.as_ref().is_none_or(|(current, _)| current != name) {
        if let Some((_, mut file)) = open.take() {
            file.flush()?;
        }
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        *open = Some((name.to_owned(), BufWriter::with_capacity(1 << 20, File::create(path)?)));
    }
    match open {
        Some((_, file)) => file.write_all(bytes),
        None => Ok(()),
    }
}
