//! The gate before the parser of PBF: frames, sizes, counts; what passes unpacks to what it says, and to no more.

use std::{io::Read as _, panic};

use osmpbf::{BlobReader, PrimitiveBlock};

use crate::roads::RoadsError;

/// A header of a block, by the format.
const MAX_HEADER: usize = 64 * 1024;

/// An unpacked block, by the format.
const MAX_BLOCK: u64 = 32 * 1024 * 1024;

/// Elements, and texts, of a block: writers put eight thousand there; a parsed one takes hundreds of bytes.
const MAX_ELEMENTS: u64 = 200_000;

/// An unpacked file, in sizes of the packed one, beside a floor: honest files unpack to five times their size.
const MAX_RATIO: u64 = 40;
const FLOOR: u64 = 64 * 1024 * 1024;

/// A block of the file, still packed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// The byte where it begins.
    at: u64,
    packed: &'a [u8],
    is_zlib: bool,
    size: u64,
}

/// The blocks of data of a file; its header is looked at.
pub(super) fn frames(bytes: &[u8]) -> Result<Vec<Frame<'_>>, RoadsError> {
    if bytes.is_empty() {
        return Err(RoadsError::Empty);
    }
    let mut frames = Vec::new();
    let mut headed = false;
    let (mut at, mut total) = (0, 0);
    while at < bytes.len() {
        let place = at as u64;
        let wrong = |reason| RoadsError::NotPbf { at: place, reason };
        let short = RoadsError::Truncated { at: place };
        let Some((size, rest)) = bytes[at..].split_first_chunk::<4>() else {
            return Err(if headed { short } else { wrong("no block begins here") });
        };
        let size = u32::from_be_bytes(*size) as usize;
        if size == 0 || size > MAX_HEADER {
            return Err(wrong("its header is longer than the format allows"));
        }
        let (kind, length) = header(rest.get(..size).ok_or(if headed { short } else { wrong("no header fits") })?)
            .ok_or(wrong("its header cannot be read"))?;
        let blob = rest.get(size..size + length).ok_or(RoadsError::Truncated { at: place })?;
        at += 4 + size + length;
        if !headed && kind != b"OSMHeader" {
            return Err(wrong("the file does not begin with an OSM header"));
        }
        let frame = frame(place, blob)?;
        total += frame.size;
        let limit = (bytes.len() as u64 * MAX_RATIO).max(FLOOR);
        if total > limit {
            return Err(RoadsError::TooLarge { at: place, limit, unit: "bytes in all" });
        }
        match kind {
            b"OSMHeader" => {
                headed = true;
                check_features(&frame)?;
            }
            b"OSMData" => frames.push(frame),
            _ => {}
        }
    }
    Ok(frames)
}

/// Kind and length of the block that a header announces.
fn header(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let (mut kind, mut length): (&[u8], _) = (b"", None);
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(name)) => kind = name,
            (3, Value::Number(size)) if size <= MAX_BLOCK => length = Some(size as usize),
            (3, _) => return None,
            _ => {}
        }
    }
    Some((kind, length?))
}

fn frame(at: u64, blob: &[u8]) -> Result<Frame<'_>, RoadsError> {
    let wrong = |reason| RoadsError::NotPbf { at, reason };
    let (mut size, mut raw, mut zlib) = (None, None, None);
    for field in Fields(blob) {
        match field.ok_or(wrong("its frame cannot be read"))? {
            (1, Value::Bytes(bytes)) => raw = Some(bytes),
            (2, Value::Number(number)) => size = Some(number),
            (3, Value::Bytes(bytes)) => zlib = Some(bytes),
            (4..=7, Value::Bytes(_)) => return Err(wrong("it is packed in a way other than zlib")),
            _ => {}
        }
    }
    let frame = match (raw, zlib) {
        (Some(raw), _) => Frame { at, packed: raw, is_zlib: false, size: raw.len() as u64 },
        (None, Some(packed)) => {
            let size = size.ok_or(wrong("it does not say to what size it unpacks"))?;
            Frame { at, packed, is_zlib: true, size }
        }
        (None, None) => return Err(wrong("it is empty")),
    };
    if frame.size >= MAX_BLOCK {
        return Err(RoadsError::TooLarge { at, limit: MAX_BLOCK, unit: "bytes" });
    }
    Ok(frame)
}

fn check_features(frame: &Frame<'_>) -> Result<(), RoadsError> {
    let mut bytes = Vec::new();
    frame.unpack(&mut bytes)?;
    for field in Fields(&bytes) {
        let field = field.ok_or(RoadsError::NotPbf { at: frame.at, reason: "the OSM header cannot be read" })?;
        if let (4, Value::Bytes(feature)) = field
            && !matches!(feature, b"OsmSchema-V0.6" | b"DenseNodes")
        {
            return Err(RoadsError::NotPbf { at: frame.at, reason: "the file needs a feature that is not known" });
        }
    }
    Ok(())
}

impl Frame<'_> {
    /// Adds exactly the announced bytes.
    fn unpack(&self, into: &mut Vec<u8>) -> Result<(), RoadsError> {
        if !self.is_zlib {
            into.extend_from_slice(self.packed);
            return Ok(());
        }
        let before = into.len();
        let mut inflater = flate2::read::ZlibDecoder::new(self.packed).take(self.size + 1);
        let read = inflater.read_to_end(into);
        if read.is_err() || (into.len() - before) as u64 != self.size {
            return Err(RoadsError::NotPbf { at: self.at, reason: "it does not unpack to the size it says" });
        }
        Ok(())
    }

    /// The block, parsed.
    pub(super) fn parse(&self) -> Result<PrimitiveBlock, RoadsError> {
        let wrong = |reason| RoadsError::NotPbf { at: self.at, reason };
        let blob_size = 1 + varint_length(self.size) as u64 + self.size;
        let mut header = vec![0x0a, 7];
        header.extend_from_slice(b"OSMData");
        header.push(0x18);
        push_varint(&mut header, blob_size);
        let mut bytes = Vec::with_capacity(header.len() + 16 + self.size as usize);
        bytes.extend_from_slice(&(header.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&header);
        bytes.push(0x0a);
        push_varint(&mut bytes, self.size);
        let begin = bytes.len();
        self.unpack(&mut bytes)?;
        match census(&bytes[begin..]) {
            None => return Err(wrong("its content cannot be read")),
            Some(count) if count > MAX_ELEMENTS => {
                return Err(RoadsError::TooLarge { at: self.at, limit: MAX_ELEMENTS, unit: "elements" });
            }
            Some(_) => {}
        }
        let blob = guarded(|| BlobReader::new(bytes.as_slice()).next()).flatten();
        let block = blob.and_then(Result::ok).and_then(|blob| guarded(|| blob.to_primitiveblock().ok()).flatten());
        block.ok_or(wrong("its content cannot be read"))
    }

    /// What a reader of the parsed block found; a parser that breaks on it is an error of the file.
    pub(super) fn with<T>(&self, read: impl FnOnce(&PrimitiveBlock) -> T) -> Result<T, RoadsError> {
        let block = self.parse()?;
        guarded(|| read(&block)).ok_or(RoadsError::NotPbf { at: self.at, reason: "its content contradicts itself" })
    }
}

/// The parser is a stranger's: where it breaks, the file is at fault.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(panic::AssertUnwindSafe(work)).ok()
}

/// The greater of the number of texts and of elements in a block.
fn census(block: &[u8]) -> Option<u64> {
    let (mut texts, mut elements) = (0, 0);
    for field in Fields(block) {
        match field? {
            (1, Value::Bytes(table)) => {
                for text in Fields(table) {
                    text?;
                    texts += 1;
                }
            }
            (2, Value::Bytes(group)) => {
                elements += 1;
                for element in Fields(group) {
                    element?;
                    elements += 1;
                }
            }
            _ => {}
        }
    }
    Some(texts.max(elements))
}

/// A value of a protobuf field.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

/// The fields of a protobuf message; `None` once where it cannot be read.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Other)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Other)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

fn varint_length(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

pub(super) fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
