//! The vault: what is personal is compressed, then sealed with a key of the comune that lies beside the store.
//!
//! A sealed block is `nonce (24) ‖ XChaCha20-Poly1305(zstd(bytes))`; the associated data names the place of the block
//! (comune, table, keys), so that a block moved elsewhere does not open. A plain block is zstd alone.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, AeadCore as _, KeyInit as _, OsRng, Payload},
};

use super::error::StoreError;
use crate::domain::comune::Comune;

/// Whether a block is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// Compressed and sealed.
    Sealed,
    /// Compressed only.
    Plain,
}

const NONCE_BYTES: usize = 24;
/// Fast, and within a few percent of the higher levels on rows of a bank.
const ZSTD_LEVEL: i32 = 1;
/// A block never opens to more than this, whatever its length says.
pub(super) const BLOCK_BYTES_MAX: usize = 1 << 30;

/// The key of a comune. Prints nothing of itself.
#[derive(Clone)]
pub(super) struct Vault {
    cipher: XChaCha20Poly1305,
    /// For keyed hashes of short or guessable contents.
    hash_key: [u8; 32],
    comune: Comune,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("comune", &self.comune).finish_non_exhaustive()
    }
}

/// Where the key of a comune lies.
pub(super) fn key_path(folder: &Path, comune: Comune) -> PathBuf {
    folder.join("keys").join(format!("{comune}.key"))
}

/// Puts the key of a comune that is moved into another folder too. Errors: [`StoreError::KeyWrong`] where that folder
/// holds another key of the comune; those of a key that cannot be read or written.
pub(super) fn copy_key(from: &Path, to: &Path, comune: Comune) -> Result<(), StoreError> {
    let shown = || format!("keys/{comune}.key");
    let old = Vault::open(from, comune)?.ok_or_else(|| StoreError::KeyMissing(shown()))?;
    if Vault::open(to, comune)?.is_none() {
        let text = fs::read_to_string(key_path(from, comune))?;
        let key = blake3::Hash::from_hex(text.trim()).map_err(|_| StoreError::KeyWrong(shown()))?;
        Vault::keep(to, comune, *key.as_bytes())?;
    }
    match Vault::open(to, comune)? {
        Some(new) if new.fingerprint() == old.fingerprint() => Ok(()),
        _ => Err(StoreError::KeyWrong(shown())),
    }
}

impl Vault {
    fn new(key: [u8; 32], comune: Comune) -> Self {
        let hash_key = blake3::derive_key("atlante store 2026 content hash", &key);
        let seal_key = blake3::derive_key("atlante store 2026 seal", &key);
        Self { cipher: XChaCha20Poly1305::new(Key::from_slice(&seal_key)), hash_key, comune }
    }

    /// Reads the key of a comune. `None` when there is no key file.
    pub(super) fn open(folder: &Path, comune: Comune) -> Result<Option<Self>, StoreError> {
        let path = key_path(folder, comune);
        let shown = || format!("keys/{comune}.key");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidData => return Err(StoreError::KeyWrong(shown())),
            Err(error) => return Err(StoreError::Unreachable(format!("{}: {error}", shown()))),
        };
        let mode = fs::metadata(&path).map_or(0, |meta| meta.permissions().mode());
        if mode & 0o077 != 0 {
            return Err(StoreError::KeyExposed(shown()));
        }
        let key = blake3::Hash::from_hex(text.trim()).map_err(|_| StoreError::KeyWrong(shown()))?;
        Ok(Some(Self::new(*key.as_bytes(), comune)))
    }

    /// Makes a new key and its file (mode 0600, on disk when this returns); takes the one that is there if another
    /// process was faster.
    pub(super) fn create(folder: &Path, comune: Comune) -> Result<Self, StoreError> {
        Self::keep(folder, comune, XChaCha20Poly1305::generate_key(&mut OsRng).into())
    }

    fn keep(folder: &Path, comune: Comune, key: [u8; 32]) -> Result<Self, StoreError> {
        let path = key_path(folder, comune);
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
            _ => StoreError::Unreachable(format!("keys/{comune}.key: {error}")),
        };
        let keys = folder.join("keys");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&keys).map_err(failed)?;
        // Written aside and linked: nobody ever reads half a key, and a key that exists is never replaced.
        let draft = keys.join(format!(".{comune}.{}.new", std::process::id()));
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(failed)?;
        let written = writeln!(file, "{}", blake3::Hash::from_bytes(key).to_hex()).and_then(|()| file.sync_all());
        let linked = written.and_then(|()| fs::hard_link(&draft, &path));
        fs::remove_file(&draft).map_err(failed)?;
        match linked {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Self::open(folder, comune)?.ok_or_else(|| StoreError::KeyMissing(format!("keys/{comune}.key")));
            }
            Err(error) => return Err(failed(error)),
        }
        fs::File::open(&keys).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(Self::new(key, comune))
    }

    /// What tells this key from another without showing it.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        self.keyed_hash(b"fingerprint")
    }

    /// A hash that only the key's holder can compute.
    pub(super) fn keyed_hash(&self, content: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.hash_key, content).as_bytes()
    }

    /// Compresses, and seals where asked. `place` names where the block is kept: table and keys.
    pub(super) fn seal(&self, secrecy: Secrecy, place: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let packed = zstd::bulk::compress(bytes, ZSTD_LEVEL).map_err(|_| StoreError::Encode("a block"))?;
        match secrecy {
            Secrecy::Plain => Ok(packed),
            Secrecy::Sealed => {
                let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
                let aad = self.associated(place, bytes.len());
                let payload = Payload { msg: &packed, aad: aad.as_bytes() };
                let sealed = self.cipher.encrypt(&nonce, payload).map_err(|_| StoreError::Encode("a block"))?;
                Ok([nonce.as_slice(), &sealed].concat())
            }
        }
    }

    /// Opens what [`seal`](Self::seal) made for the same place; `length` is that of the bytes.
    pub(super) fn unseal(
        &self,
        secrecy: Secrecy,
        place: &str,
        length: usize,
        block: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let broken = || StoreError::Corrupt(format!("{place} is not what was written"));
        if length > BLOCK_BYTES_MAX {
            return Err(broken());
        }
        let bytes = match secrecy {
            Secrecy::Plain => zstd::bulk::decompress(block, length),
            Secrecy::Sealed => {
                let (nonce, sealed) = block.split_at_checked(NONCE_BYTES).ok_or_else(broken)?;
                let aad = self.associated(place, length);
                let payload = Payload { msg: sealed, aad: aad.as_bytes() };
                let packed = self.cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| broken())?;
                zstd::bulk::decompress(&packed, length)
            }
        };
        bytes.ok().filter(|bytes| bytes.len() == length).ok_or_else(broken)
    }

    fn associated(&self, place: &str, length: usize) -> String {
        format!("atlante/1/{}/{place}/{length}", self.comune)
    }
}
