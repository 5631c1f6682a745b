//! Rows held together: one text and the ends of its cells, so that a batch costs two allocations, not one a cell.

/// A header and some rows, every row as wide as the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    header: Vec<String>,
    numbers: Vec<u32>,
    text: String,
    ends: Vec<u32>,
}

/// A row: its number in the file (1 is the first after the header) and its cells.
#[derive(Clone, Copy)]
pub struct RawRow<'a> {
    /// Number of the row.
    pub row: u32,
    text: &'a str,
    ends: &'a [u32],
    start: u32,
}

impl<'a> RawRow<'a> {
    /// A cell as written; empty beyond the last column.
    pub fn cell(&self, column: usize) -> &'a str {
        let Some(&end) = self.ends.get(column) else { return "" };
        let start = if column == 0 { self.start } else { self.ends[column - 1] };
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The cells in order.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> + '_ {
        (0..self.ends.len()).map(|column| self.cell(column))
    }
}

impl std::fmt::Debug for RawRow<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "‹row {} of {} cells›", self.row, self.ends.len())
    }
}

/// Bytes that are no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no batch of rows: {0}")]
pub struct InvalidBatch(&'static str);

const MAGIC: &[u8; 4] = b"ATB1";

impl Batch {
    /// No rows yet.
    pub fn new(header: Vec<String>) -> Self {
        Self { header, ..Self::default() }
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Bytes of all cells.
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Adds a row; cells beyond the header's width are dropped, missing ones are empty.
    pub fn push<'c>(&mut self, row: u32, cells: impl IntoIterator<Item = &'c str>) {
        self.numbers.push(row);
        let mut cells = cells.into_iter();
        for _ in 0..self.header.len() {
            self.text.push_str(cells.next().unwrap_or_default());
            self.ends.push(self.text.len() as u32);
        }
    }

    /// The rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = RawRow<'_>> {
        let width = self.header.len();
        self.numbers.iter().enumerate().map(move |(index, &row)| {
            let first = index * width;
            let start = if first == 0 { 0 } else { self.ends[first - 1] };
            RawRow { row, text: &self.text, ends: &self.ends[first..first + width], start }
        })
    }

    /// The canonical form: `ATB1`, then LEB128 numbers: columns, rows; the header's lengths; the row numbers as
    /// differences; the cells' lengths column by column; then the header's text and, column by column, the
    /// cells' text. Columns together pack better than rows.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.text.len() + self.ends.len() + self.numbers.len() + 64);
        bytes.extend_from_slice(MAGIC);
        put(&mut bytes, self.header.len() as u64);
        put(&mut bytes, self.numbers.len() as u64);
        for name in &self.header {
            put(&mut bytes, name.len() as u64);
        }
        let mut before = 0;
        for &number in &self.numbers {
            put(&mut bytes, u64::from(number.wrapping_sub(before)));
            before = number;
        }
        for column in 0..self.header.len() {
            for row in self.rows() {
                put(&mut bytes, row.cell(column).len() as u64);
            }
        }
        for name in &self.header {
            bytes.extend_from_slice(name.as_bytes());
        }
        for column in 0..self.header.len() {
            for row in self.rows() {
                bytes.extend_from_slice(row.cell(column).as_bytes());
            }
        }
        bytes
    }

    /// Reads the canonical form; hostile bytes give an error, never a large allocation.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidBatch> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(InvalidBatch("not one of ours"))?;
        let columns = take_count(&mut rest)?;
        let rows = take_count(&mut rest)?;
        if columns == 0 && rows > 0 {
            return Err(InvalidBatch("rows without columns"));
        }
        let names: Vec<usize> = (0..columns).map(|_| take_length(&mut rest)).collect::<Result<_, _>>()?;
        let mut numbers = Vec::with_capacity(rows);
        let mut before = 0_u32;
        for _ in 0..rows {
            let step = u32::try_from(take(&mut rest)?).map_err(|_| InvalidBatch("a row number too large"))?;
            before = before.wrapping_add(step);
            numbers.push(before);
        }
        let cells = columns.checked_mul(rows).filter(|cells| *cells <= rest.len()).ok_or(InvalidBatch("too short"))?;
        let lengths: Vec<usize> = (0..cells).map(|_| take_length(&mut rest)).collect::<Result<_, _>>()?;
        let text = std::str::from_utf8(rest).map_err(|_| InvalidBatch("not UTF-8"))?;
        let mut at = 0;
        let mut piece = |length: usize| {
            let piece = text.get(at..).and_then(|rest| rest.get(..length)).ok_or(InvalidBatch("too short"));
            at += piece.map_or(0, str::len);
            piece
        };
        let header = names.into_iter().map(|length| piece(length).map(str::to_owned)).collect::<Result<_, _>>()?;
        let columnwise: Vec<&str> = lengths.into_iter().map(piece).collect::<Result<_, _>>()?;
        let used: usize = columnwise.iter().map(|cell| cell.len()).sum();
        let mut batch =
            Self { header, numbers: Vec::new(), text: String::with_capacity(used), ends: Vec::with_capacity(cells) };
        for (row, number) in numbers.into_iter().enumerate() {
            batch.push(number, (0..columns).map(|column| columnwise[column * rows + row]));
        }
        Ok(batch)
    }
}

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn take(rest: &mut &[u8]) -> Result<u64, InvalidBatch> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let (&byte, tail) = rest.split_first().ok_or(InvalidBatch("too short"))?;
        *rest = tail;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(InvalidBatch("a number too large"))
}

/// A count of things of which each takes at least a byte of what follows.
fn take_count(rest: &mut &[u8]) -> Result<usize, InvalidBatch> {
    let count = take(rest)? as usize;
    if count > rest.len() { Err(InvalidBatch("too short")) } else { Ok(count) }
}

fn take_length(rest: &mut &[u8]) -> Result<usize, InvalidBatch> {
    take(rest).map(|length| length as usize)
}
