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
    let mut files: BTreeMap<String, (BufWriter<File>, u64)> = BTreeMap::new();
    let mut failed: Option<std::io::Error> = None;
    town.write(&mut |name, bytes| {
        if failed.is_none()
            && let Err(error) = put(folder, &mut files, name, bytes)
        {
            failed = Some(error);
        }
    });
    let refused = |error: std::io::Error| Error::invalid(&folder.display().to_string(), error);
    if let Some(error) = failed {
        return Err(refused(error));
    }
    let mut lengths = Vec::with_capacity(files.len());
    for (name, (mut file, length)) in files {
        file.flush().map_err(refused)?;
        lengths.push((name, length));
    }
    Ok(lengths)
}

/// Files come in pieces, several side by side.
fn put(
    folder: &Path,
    files: &mut BTreeMap<String, (BufWriter<File>, u64)>,
    name: &str,
    bytes: &[u8],
) -> std::io::Result<()> {
    if !files.contains_key(name) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        files.insert(name.to_owned(), (BufWriter::with_capacity(1 << 20, File::create(path)?), 0));
    }
    match files.get_mut(name) {
        Some((file, length)) => {
            *length += bytes.len() as u64;
            file.write_all(bytes)
        }
        None => Ok(()),
    }
}
