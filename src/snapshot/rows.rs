//! Positions in the snapshot's columns.

use roaring::RoaringBitmap;

/// A position in the snapshot's columns: every index speaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row(pub u32);

/// Contiguous rows: `start` included, `end` not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First row.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

impl Span {
    /// How many rows.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The rows.
    pub fn rows(self) -> impl ExactSizeIterator<Item = Row> {
        (self.start..self.end).map(Row)
    }
}

/// A set of rows: what a filter evaluates to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows(RoaringBitmap);

impl Rows {
    /// Every row of some spans.
    pub fn of_spans(spans: &[Span]) -> Self {
        let mut bitmap = RoaringBitmap::new();
        for span in spans.iter().filter(|s| !s.is_empty()) {
            bitmap.insert_range(span.start..span.end);
        }
        Self(bitmap)
    }

    /// How many.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many lie in a span.
    pub fn count_in(&self, span: Span) -> u64 {
        if span.is_empty() { 0 } else { self.0.range_cardinality(span.start..span.end) }
    }

    /// Whether a row is in.
    pub fn contains(&self, row: Row) -> bool {
        self.0.contains(row.0)
    }

    /// In ascending order.
    pub fn iter(&self) -> impl Iterator<Item = Row> + '_ {
        self.0.iter().map(Row)
    }

    /// The bitmap itself, to combine.
    pub const fn bitmap(&self) -> &RoaringBitmap {
        &self.0
    }
}

impl From<RoaringBitmap> for Rows {
    fn from(bitmap: RoaringBitmap) -> Self {
        Self(bitmap)
    }
}

impl From<Rows> for RoaringBitmap {
    fn from(rows: Rows) -> Self {
        rows.0
    }
}

impl FromIterator<Row> for Rows {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        Self(rows.into_iter().map(|row| row.0).collect())
    }
}
