//! Blocks: bytes on their way to a blob and back, many at once on every core.

use std::sync::Arc;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::super::{
    error::StoreError,
    vault::{Secrecy, Vault},
};

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
    super::compute(move || found.into_par_iter().map(|found| unpack(&vault, secrecy, &found)).collect()).await
}
