//! Compressed files: gzip and zip, behind limits. An archive is never unpacked to memory or disk as a whole:
//! a [`Source`] is read as a stream, as often as needed.

use std::io::{self, BufReader, Cursor, Read};

use flate2::{
    Crc,
    read::{DeflateDecoder, MultiGzDecoder},
};
use zip::{CompressionMethod, ZipArchive};

use super::limits::Limits;
use crate::ingest::Error;

/// Bytes of one table, still compressed.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    bytes: &'a [u8],
    packing: Packing,
    limits: Limits,
}

#[derive(Clone, Copy, Debug)]
enum Packing {
    Plain,
    Gzip,
    Deflated { crc: u32 },
    Stored { crc: u32 },
}

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Gzip,
    Zip,
    OldExcel,
    Other(&'static str),
    Text,
}

/// Looks at the magic numbers.
pub(super) fn container(bytes: &[u8]) -> Container {
    const OTHERS: [(&[u8], &str); 9] = [
        (b"%PDF", "a PDF"),
        (b"SQLite format 3\0", "a SQLite database or GeoPackage"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\xfd7zXZ\0", "an xz archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"PAR1", "a Parquet file"),
        (b"fgb\x03", "a FlatGeobuf"),
    ];
    match bytes {
        [0x1f, 0x8b, ..] => Container::Gzip,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Container::Zip,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Container::OldExcel,
        _ => OTHERS
            .iter()
            .find(|(magic, _)| bytes.starts_with(magic))
            .map_or(Container::Text, |(_, name)| Container::Other(name)),
    }
}

impl<'a> Source<'a> {
    pub(super) const fn plain(bytes: &'a [u8], limits: Limits) -> Self {
        Self { bytes, packing: Packing::Plain, limits }
    }

    pub(super) const fn gzip(bytes: &'a [u8], limits: Limits) -> Self {
        Self { bytes, packing: Packing::Gzip, limits }
    }

    /// The bytes from their beginning; passing a limit is an I/O error of kind `FileTooLarge`.
    pub(super) fn reader(&self) -> Box<dyn Read + 'a> {
        let allowed = match self.packing {
            Packing::Plain | Packing::Stored { .. } => self.limits.bytes,
            Packing::Gzip | Packing::Deflated { .. } => {
                let ratio = (self.bytes.len() as u64).saturating_mul(self.limits.ratio).max(self.limits.free_bytes);
                ratio.min(self.limits.bytes)
            }
        };
        let bounded = |inner: Box<dyn Read + 'a>, crc| Bounded { inner, left: allowed, crc };
        match self.packing {
            Packing::Plain => Box::new(bounded(Box::new(self.bytes), None)),
            Packing::Stored { crc } => Box::new(bounded(Box::new(self.bytes), Some((Crc::new(), crc)))),
            Packing::Gzip => {
                Box::new(bounded(Box::new(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, self.bytes))), None))
            }
            Packing::Deflated { crc } => {
                Box::new(bounded(Box::new(DeflateDecoder::new(self.bytes)), Some((Crc::new(), crc))))
            }
        }
    }
}

/// Counts what passes, stops at the limit, checks the sum at the end.
struct Bounded<'a> {
    inner: Box<dyn Read + 'a>,
    left: u64,
    crc: Option<(Crc, u32)>,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read as u64 > self.left {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.left -= read as u64;
        if let Some((sum, wanted)) = &mut self.crc {
            sum.update(&buffer[..read]);
            if read == 0 && !buffer.is_empty() && sum.sum() != *wanted {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the check sum is wrong"));
            }
        }
        Ok(read)
    }
}

/// Says what a failed read means.
pub(super) fn explain(file: &str, error: &io::Error, limits: &Limits) -> Error {
    match error.kind() {
        io::ErrorKind::FileTooLarge => Error::TooLarge {
            file: file.to_owned(),
            what: "the uncompressed size, or its ratio to the compressed size,",
            limit: limits.bytes,
        },
        io::ErrorKind::UnexpectedEof => unreadable(file, "the compressed data end too early: the file is truncated"),
        _ => unreadable(file, "the compressed data are damaged"),
    }
}

pub(in crate::ingest) fn unreadable(file: &str, reason: impl Into<String>) -> Error {
    Error::Unreadable { file: file.to_owned(), reason: reason.into() }
}

/// A file inside a zip: its name without folders, and its bytes.
pub(super) struct Entry<'a> {
    pub(super) name: String,
    pub(super) source: Source<'a>,
}

/// The files of a zip, in the order of its directory. Refuses the whole archive when a name, a link, an
/// overlap or a count is hostile: an honest archive has none.
pub(super) fn entries<'a>(file: &str, bytes: &'a [u8], limits: &Limits) -> Result<Vec<Entry<'a>>, Error> {
    let refused = |reason: &str| Error::Refused { file: file.to_owned(), reason: reason.to_owned() };
    let mut archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|_| unreadable(file, "the zip has no readable directory: it is truncated or damaged"))?;
    if archive.len() > limits.entries {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            what: "the number of files in the zip",
            limit: limits.entries as u64,
        });
    }
    let mut found = Vec::new();
    let mut spans = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| unreadable(file, "an entry of the zip is damaged"))?;
        let name = entry.name().to_owned();
        if name.contains(['\\', '\0']) || name.starts_with('/') || name.contains(':') || entry.enclosed_name().is_none()
        {
            return Err(refused("a name in the zip leads out of it"));
        }
        if entry.is_symlink() {
            return Err(refused("the zip holds a symbolic link"));
        }
        if entry.encrypted() {
            return Err(refused("the zip is encrypted"));
        }
        let start = usize::try_from(entry.data_start()).unwrap_or(usize::MAX);
        let length = usize::try_from(entry.compressed_size()).unwrap_or(usize::MAX);
        let data = start
            .checked_add(length)
            .and_then(|end| bytes.get(start..end))
            .ok_or_else(|| unreadable(file, "the zip is truncated"))?;
        spans.push((entry.header_start(), start as u64 + length as u64));
        if entry.is_dir() || is_litter(&name) {
            continue;
        }
        let crc = entry.crc32();
        let packing = match entry.compression() {
            CompressionMethod::Stored => Packing::Stored { crc },
            CompressionMethod::Deflated => Packing::Deflated { crc },
            _ => return Err(refused("the zip is packed in a way that is not read here (only deflate and stored are)")),
        };
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        found.push(Entry { name, source: Source { bytes: data, packing, limits: *limits } });
    }
    spans.sort_unstable();
    if spans.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err(refused("files in the zip overlap"));
    }
    Ok(found)
}

/// What archivers leave beside the data.
fn is_litter(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("__MACOSX/") || matches!(last, ".DS_Store" | "Thumbs.db") || last.is_empty()
}
