//! Cuts a stream into rows of cells, one at a time, with bounded memory whatever the stream holds.
//!
//! Quoting is RFC 4180's (by `csv-core`). Where a quote is opened and never closed, only its own line is
//! lost: cutting goes on at the next line of the file.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::limits::Limits;

const CHUNK: usize = 4096;

pub(super) struct Cutter<'a> {
    source: Box<dyn Read + 'a>,
    core: Reader,
    window: Vec<u8>,
    at: usize,
    filled: usize,
    ended: bool,
    cells: Vec<u8>,
    ends: Vec<usize>,
    width: usize,
    limits: Limits,
}

/// What was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A row: its cells are held by the cutter.
    Row,
    /// A row that is none.
    Damaged(&'static str),
    /// The end of the stream.
    End,
}

pub(super) const UNCLOSED: &str = "a quote is opened and not closed";
const TOO_LONG: &str = "the row is longer than allowed";
const TOO_WIDE: &str = "the row has more columns than allowed";

impl<'a> Cutter<'a> {
    pub(super) fn new(source: Box<dyn Read + 'a>, separator: u8, limits: Limits) -> Self {
        Self {
            source,
            core: ReaderBuilder::new().delimiter(separator).build(),
            window: vec![0; 1 << 18],
            at: 0,
            filled: 0,
            ended: false,
            cells: vec![0; 1 << 14],
            ends: vec![0; limits.columns + 2],
            width: 0,
            limits,
        }
    }

    /// Drops so many bytes, as those of a mark.
    pub(super) fn skip(&mut self, bytes: usize) -> io::Result<()> {
        while self.filled - self.at < bytes && self.fill()? {}
        self.at = (self.at + bytes).min(self.filled);
        Ok(())
    }

    /// How many cells the row has.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// The cells of the row, joined, and where each of them ends.
    pub(super) fn row(&self) -> (&[u8], &[usize]) {
        let ends = &self.ends[..self.width];
        (&self.cells[..ends.last().copied().unwrap_or(0)], ends)
    }

    /// One cell of the row.
    pub(super) fn cell(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.cells[start..self.ends[index]]
    }

    /// The next row. `fits` says whether a row of so many lines and cells may be what it seems; where a row
    /// over several lines does not fit, its first line is taken as damaged.
    pub(super) fn next(&mut self, fits: impl Fn(&Self) -> bool) -> io::Result<Cut> {
        if !self.find_line()? {
            return Ok(Cut::End);
        }
        let (mut taken, mut out, mut ends) = (0, 0, 0);
        self.core.reset();
        self.core.set_line(0);
        loop {
            if self.at + taken == self.filled && !self.ended {
                self.fill()?;
            }
            let from = self.at + taken;
            let to = self.filled.min(from + CHUNK);
            // At the end of the stream a line end is added: whoever swallows it is inside an open quote.
            let over = from == self.filled;
            let input = if over { b"\n" } else { &self.window[from..to] };
            let (result, read, wrote, ended) =
                self.core.read_record(input, &mut self.cells[out..], &mut self.ends[ends..]);
            taken += if over { 0 } else { read };
            out += wrote;
            ends += ended;
            match result {
                ReadRecordResult::Record | ReadRecordResult::End => break,
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => return self.give_up(TOO_WIDE),
                ReadRecordResult::InputEmpty if over => return self.give_up(UNCLOSED),
                ReadRecordResult::InputEmpty => {}
            }
            if taken > self.limits.row_bytes {
                let several = self.core.line() > 0;
                return self.give_up(if several { UNCLOSED } else { TOO_LONG });
            }
            if self.core.line() > self.limits.row_lines as u64 {
                return self.give_up(UNCLOSED);
            }
        }
        self.width = ends;
        let inside = &self.window[self.at..self.at + taken.saturating_sub(1)];
        if self.core.line() > 0 && inside.contains(&b'\n') && !fits(self) {
            return self.give_up(UNCLOSED);
        }
        self.at += taken;
        Ok(Cut::Row)
    }

    /// Goes to the first byte of the next line that is not empty; false at the end.
    fn find_line(&mut self) -> io::Result<bool> {
        loop {
            while self.at < self.filled && matches!(self.window[self.at], b'\r' | b'\n') {
                self.at += 1;
            }
            if self.at < self.filled {
                return Ok(true);
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    /// Leaves the line at which the row began.
    fn give_up(&mut self, reason: &'static str) -> io::Result<Cut> {
        loop {
            if let Some(length) = self.window[self.at..self.filled].iter().position(|b| *b == b'\n') {
                self.at += length + 1;
                return Ok(Cut::Damaged(reason));
            }
            self.at = self.filled;
            if !self.fill()? {
                return Ok(Cut::Damaged(reason));
            }
        }
    }

    /// Reads more behind what is held; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.at > 0 {
            self.window.copy_within(self.at..self.filled, 0);
            self.filled -= self.at;
            self.at = 0;
        }
        if self.filled == self.window.len() {
            self.window.resize(self.window.len() * 2, 0);
        }
        loop {
            match self.source.read(&mut self.window[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.filled += read;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
