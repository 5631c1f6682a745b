//! The encoding of a whole file: decided on all of its bytes, then kept.

use std::{
    borrow::Cow,
    io::{self, Read},
};

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How the text of a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a mark at its beginning.
    Utf8,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
    /// Windows-1252, which holds ISO-8859-1.
    Windows1252,
}

/// What one pass over the bytes tells.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    pub(super) encoding: Encoding,
    /// Bytes of the byte order mark.
    pub(super) mark: usize,
    /// The first bytes, after the mark, as they are in the file.
    pub(super) head: Vec<u8>,
    /// All bytes.
    pub(super) bytes: u64,
}

const HEAD: usize = 256 << 10;

/// Reads everything once and decides. UTF-8 when the bytes are UTF-8, or nearly: where well-formed accents
/// outnumber broken ones four to one, the broken ones are damage (and their rows will be rejected), not
/// another encoding.
pub(super) fn survey(mut reader: impl Read) -> io::Result<Survey> {
    let mut buffer = vec![0_u8; 1 << 18];
    let mut kept = 0;
    let (mut head, mut bytes) = (Vec::new(), 0_u64);
    let (mut accents, mut broken) = (0_u64, 0_u64);
    loop {
        let read = match reader.read(&mut buffer[kept..]) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        bytes += read as u64;
        if head.len() < HEAD {
            let wanted = (HEAD - head.len()).min(read);
            head.extend_from_slice(&buffer[kept..kept + wanted]);
        }
        let filled = kept + read;
        let rest = weigh(&buffer[..filled], read == 0, &mut accents, &mut broken);
        if read == 0 {
            break;
        }
        buffer.copy_within(filled - rest..filled, 0);
        kept = rest;
    }
    let (encoding, mark) = match head.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16Be, 2),
        _ => match utf16_without_mark(&head) {
            Some(encoding) => (encoding, 0),
            None if broken == 0 || accents >= 4 * broken => (Encoding::Utf8, 0),
            None => (Encoding::Windows1252, 0),
        },
    };
    head.drain(..mark);
    Ok(Survey { encoding, mark, head, bytes })
}

/// Counts well-formed and broken sequences; returns how many bytes at the end wait for more.
fn weigh(mut bytes: &[u8], last: bool, accents: &mut u64, broken: &mut u64) -> usize {
    loop {
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                *accents += if text.is_ascii() { 0 } else { text.bytes().filter(|b| *b >= 0xc0).count() as u64 };
                return 0;
            }
            Err(error) => {
                let (good, rest) = bytes.split_at(error.valid_up_to());
                *accents += good.iter().filter(|b| **b >= 0xc0).count() as u64;
                match error.error_len() {
                    None if !last => return rest.len(),
                    None => {
                        *broken += 1;
                        return 0;
                    }
                    Some(length) => {
                        *broken += 1;
                        bytes = &rest[length..];
                    }
                }
            }
        }
    }
}

/// Latin text in UTF-16 has a zero in every second byte.
fn utf16_without_mark(head: &[u8]) -> Option<Encoding> {
    let sample = &head[..head.len().min(512) & !1];
    let zeros = |side: usize| sample.iter().skip(side).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), sample.len() / 2);
    match () {
        () if half < 4 => None,
        () if odd * 10 >= half * 8 && even == 0 => Some(Encoding::Utf16Le),
        () if even * 10 >= half * 8 && odd == 0 => Some(Encoding::Utf16Be),
        () => None,
    }
}

impl Encoding {
    /// The stream from which rows are cut: the separators of every encoding but UTF-16 are those of ASCII.
    pub(super) fn cut(self, reader: Box<dyn Read + '_>) -> Box<dyn Read + '_> {
        let decoder = match self {
            Self::Utf8 | Self::Windows1252 => return reader,
            Self::Utf16Le => UTF_16LE.new_decoder_without_bom_handling(),
            Self::Utf16Be => UTF_16BE.new_decoder_without_bom_handling(),
        };
        Box::new(Transcoded {
            reader,
            decoder,
            input: vec![0; 1 << 16],
            held: 0,
            output: Vec::new(),
            given: 0,
            ended: false,
        })
    }

    /// A cell as text; none where it is not what the file is written in.
    pub(super) fn decode(self, cell: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Utf8 => std::str::from_utf8(cell).ok().map(Cow::Borrowed),
            Self::Windows1252 => WINDOWS_1252.decode_without_bom_handling_and_without_replacement(cell),
            Self::Utf16Le | Self::Utf16Be => {
                std::str::from_utf8(cell).ok().filter(|text| !text.contains('\u{fffd}')).map(Cow::Borrowed)
            }
        }
    }
}

/// UTF-16 read as UTF-8.
struct Transcoded<'a> {
    reader: Box<dyn Read + 'a>,
    decoder: Decoder,
    input: Vec<u8>,
    held: usize,
    output: Vec<u8>,
    given: usize,
    ended: bool,
}

impl Read for Transcoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() && !self.ended {
            let read = self.reader.read(&mut self.input[self.held..])?;
            self.ended = read == 0;
            let filled = self.held + read;
            // Three bytes of UTF-8 for two of UTF-16, and room for the replacement of a torn end.
            self.output.resize(filled * 3 + 16, 0);
            let (_, used, written, _) =
                self.decoder.decode_to_utf8(&self.input[..filled], &mut self.output, self.ended);
            self.output.truncate(written);
            self.given = 0;
            self.input.copy_within(used..filled, 0);
            self.held = filled - used;
        }
        let count = buffer.len().min(self.output.len() - self.given);
        buffer[..count].copy_from_slice(&self.output[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}
