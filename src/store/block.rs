//! Blocks: bytes on their way to a blob and back, many at once on every core. Every home keeps the same blocks under the
//! same names of their places, so that a block can be carried from one to another as it is.

use std::{collections::BTreeSet, sync::Arc};

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use serde::{Deserialize, Serialize};

use super::{
    error::StoreError,
    generation::{Artefact, GenerationId},
    source::{Batch, SourceId, SourceKind},
    vault::{Secrecy, Vault},
};
use crate::domain::reject::Reject;

/// Small enough to be held twice, large enough that a gigabyte is a hundred rows.
const CHUNK_BYTES: usize = 8 << 20;
/// Chunks of one artefact: 8 GiB.
const CHUNKS_MAX: usize = 1024;

/// Where a batch's payload lies.
pub(super) fn payload_place(source: i64, index: i64) -> String {
    format!("store_batch/{source}/{index}/payload")
}

/// Where a batch's rejects lie.
pub(super) fn troubles_place(source: i64, index: i64) -> String {
    format!("store_batch/{source}/{index}/troubles")
}

/// Where a chunk lies; the number of chunks is part of it, so that no tail can be cut off.
pub(super) fn chunk_place(generation: &str, artefact: Artefact, index: usize, chunks: usize) -> String {
    format!("store_chunk/{generation}/{artefact}/{index}/{chunks}")
}

/// Where a layer's exact features lie.
pub(super) fn layer_place(name: &str) -> String {
    format!("store_layer/{name}")
}

/// Bytes as they lie in a blob.
pub(super) struct Block {
    /// Bytes before compression.
    pub(super) length: i64,
    /// blake3 of `bytes`.
    pub(super) hash: Vec<u8>,
    /// Compressed, sealed where personal.
    pub(super) bytes: Vec<u8>,
}

/// A block read from the store, and where it lay.
pub(super) struct Found {
    /// Table and keys.
    pub(super) place: String,
    /// What is stored.
    pub(super) block: Block,
}

/// Compresses and seals.
pub(super) fn pack(vault: &Vault, secrecy: Secrecy, place: &str, bytes: &[u8]) -> Result<Block, StoreError> {
    let sealed = vault.seal(secrecy, place, bytes)?;
    Ok(Block { length: bytes.len() as i64, hash: blake3::hash(&sealed).as_bytes().to_vec(), bytes: sealed })
}

/// Verifies and opens.
pub(super) fn unpack(vault: &Vault, secrecy: Secrecy, found: &Found) -> Result<Vec<u8>, StoreError> {
    let Found { place, block } = found;
    if blake3::hash(&block.bytes).as_bytes()[..] != block.hash[..] {
        return Err(StoreError::Corrupt(format!("{place} is not what was written")));
    }
    vault.unseal(secrecy, place, usize::try_from(block.length).unwrap_or(usize::MAX), &block.bytes)
}

/// Opens many.
pub(super) async fn unpack_all(
    vault: &Arc<Vault>,
    secrecy: Secrecy,
    found: Vec<Found>,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let vault = Arc::clone(vault);
    compute(move || found.into_par_iter().map(|found| unpack(&vault, secrecy, &found)).collect()).await
}

/// Runs work for the processor off the threads that wait.
pub(super) async fn compute<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let stopped = |_| StoreError::Unreachable("the work was stopped".to_owned());
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}

/// Rejects and warnings of a batch as they are stored.
#[derive(Serialize, Deserialize)]
struct Troubles {
    rejects: Vec<Trouble>,
    warnings: Vec<Trouble>,
}

#[derive(Serialize, Deserialize)]
struct Trouble {
    file: String,
    row: u32,
    column: Option<String>,
    reason: String,
}

impl From<&Reject> for Trouble {
    fn from(reject: &Reject) -> Self {
        let Reject { file, row, column, reason } = reject.clone();
        Self { file, row, column, reason }
    }
}

impl From<Trouble> for Reject {
    fn from(trouble: Trouble) -> Self {
        let Trouble { file, row, column, reason } = trouble;
        Self { file, row, column, reason }
    }
}

/// A batch ready for the disk.
pub(super) struct PackedBatch {
    pub(super) index: u32,
    pub(super) first_row: u32,
    pub(super) last_row: u32,
    pub(super) records: u32,
    /// Rows that became no record.
    pub(super) refused: usize,
    pub(super) payload: Block,
    pub(super) troubles: Block,
}

/// Packs the batches of a source.
pub(super) async fn pack_batches(
    vault: &Arc<Vault>,
    kind: SourceKind,
    source: SourceId,
    batches: Vec<Batch>,
) -> Result<Vec<PackedBatch>, StoreError> {
    let vault = Arc::clone(vault);
    compute(move || batches.into_par_iter().map(|batch| pack_batch(&vault, &kind, source, &batch)).collect()).await
}

fn pack_batch(vault: &Vault, kind: &SourceKind, source: SourceId, batch: &Batch) -> Result<PackedBatch, StoreError> {
    let stored = |rejects: &[Reject]| rejects.iter().map(Trouble::from).collect();
    let troubles = Troubles { rejects: stored(&batch.rejects), warnings: stored(&batch.warnings) };
    let troubles = postcard::to_stdvec(&troubles).map_err(|_| StoreError::Encode("rejects"))?;
    let index = i64::from(batch.index);
    // Row 0 speaks of a whole file, which is no row.
    let refused: BTreeSet<u32> = batch.rejects.iter().map(|reject| reject.row).filter(|row| *row > 0).collect();
    Ok(PackedBatch {
        index: batch.index,
        first_row: batch.first_row,
        last_row: batch.last_row,
        records: batch.records,
        refused: refused.len(),
        payload: pack(vault, kind.secrecy(), &payload_place(source.0, index), &batch.payload)?,
        troubles: pack(vault, kind.secrecy(), &troubles_place(source.0, index), &troubles)?,
    })
}

/// The rejects, then the warnings, of each of these batches in their order.
pub(super) fn read_troubles(batches: Vec<Vec<u8>>) -> Result<Vec<Reject>, StoreError> {
    let mut rejects = Vec::new();
    for bytes in batches {
        let troubles: Troubles =
            postcard::from_bytes(&bytes).map_err(|_| StoreError::Corrupt("rejects cannot be decoded".to_owned()))?;
        rejects.extend(troubles.rejects.into_iter().chain(troubles.warnings).map(Reject::from));
    }
    Ok(rejects)
}

/// An artefact ready for the disk.
pub(super) struct PackedArtefact {
    pub(super) artefact: Artefact,
    /// Bytes before compression.
    pub(super) length: usize,
    pub(super) chunks: Vec<Block>,
}

/// Cuts the artefacts of a generation into chunks and packs them.
pub(super) async fn pack_artefacts(
    vault: &Arc<Vault>,
    id: GenerationId,
    artefacts: Vec<(Artefact, Vec<u8>)>,
) -> Result<Vec<PackedArtefact>, StoreError> {
    let vault = Arc::clone(vault);
    compute(move || {
        let id = id.to_string();
        let pack_one = |(artefact, bytes): (Artefact, Vec<u8>)| {
            let parts: Vec<&[u8]> = bytes.chunks(CHUNK_BYTES).collect();
            if parts.len() > CHUNKS_MAX {
                return Err(StoreError::TooLarge(format!("artefact {artefact}")));
            }
            let count = parts.len();
            let chunk = |(index, part): (usize, &[u8])| {
                pack(&vault, artefact.secrecy(), &chunk_place(&id, artefact, index, count), part)
            };
            let parts: Vec<(usize, &[u8])> = parts.into_iter().enumerate().collect();
            let chunks = parts.into_par_iter().map(chunk).collect::<Result<_, _>>()?;
            Ok(PackedArtefact { artefact, length: bytes.len(), chunks })
        };
        artefacts.into_iter().map(pack_one).collect()
    })
    .await
}

/// Opens an artefact's chunks and joins them; `length` is that of the whole.
pub(super) async fn join_chunks(
    vault: &Arc<Vault>,
    id: GenerationId,
    artefact: Artefact,
    length: i64,
    chunks: Vec<Found>,
) -> Result<Vec<u8>, StoreError> {
    let parts = unpack_all(vault, artefact.secrecy(), chunks).await?;
    let bytes = match <[Vec<u8>; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => parts.concat(),
    };
    if bytes.len() as i64 == length {
        Ok(bytes)
    } else {
        Err(StoreError::Corrupt(format!("{artefact} of generation {id} is cut short")))
    }
}
