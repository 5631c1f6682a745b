//! Pages of a collection: some rows in an order, so many at a time, from where the page before ended.
//!
//! Nothing is counted off: a page costs its own rows, so the five-hundredth is as fast as the first. In row order the next
//! page begins behind the last row; in a sorted order behind the last rank.

use std::ops::{Bound, Range};

use roaring::RoaringBitmap;

use super::{collection::Collection, moment::Interval};
use crate::domain::geo::BBox;
use crate::snapshot::{Row, Rows};

mod cursor;
mod order;

pub use cursor::{Cursor, InvalidCursor};
pub use order::{Direction, Order, compare};

/// Which rows of a collection, before they are paged. Conditions hold together; none is every row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    /// What a filter found.
    pub filter: Option<&'a Rows>,
    /// The filter in canonical words, or anything else that chose its rows: it binds a cursor to the question.
    pub words: &'a str,
    /// Rows whose box touches this one, degrees; where `west` is greater than `east` it crosses the antimeridian.
    pub bbox: Option<BBox>,
    /// Rows with a day or a moment inside; asks nothing of a collection that has no such fields.
    pub datetime: Option<Interval>,
}

/// Rows of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The rows, in order; empty past the end.
    pub rows: Vec<Row>,
    /// How many rows there are on all pages together.
    pub matched: u64,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
}

/// The rows that answer a question, whole: bitmaps combined.
pub fn matching(collection: &dyn Collection, question: &Question<'_>) -> Rows {
    let mut bitmap = question.filter.map_or_else(|| every(collection.len()), |rows| rows.bitmap().clone());
    if let Some(bbox) = question.bbox {
        bitmap &= in_box(collection, bbox).bitmap();
    }
    if let Some(interval) = question.datetime
        && let Some(during) = interval.rows(collection)
    {
        bitmap &= during.bitmap();
    }
    bitmap.into()
}

/// A page of the rows that answer a question. Errors: a cursor of another question, order or generation.
///
/// `limit` may differ from page to page; zero gives no rows and no next page, only the count.
pub fn of(
    collection: &dyn Collection,
    question: &Question<'_>,
    order: &Order,
    limit: usize,
    cursor: Option<&Cursor>,
) -> Result<Page, InvalidCursor> {
    let mark = cursor::mark(collection, question, order);
    let from = cursor.map_or(Ok(0), |cursor| cursor.position(mark))?;
    let narrowed;
    let rows = if let Question { filter: Some(rows), bbox: None, datetime: None, .. } = question {
        *rows
    } else {
        narrowed = matching(collection, question);
        &narrowed
    };
    let (rows, matched, next) = cut(rows, order, limit, from);
    Ok(Page { rows, matched, next: next.map(|position| Cursor::new(mark, position)) })
}

/// So many rows from a position of the order, how many there are in all, and the position behind the last one given.
fn cut(rows: &Rows, order: &Order, limit: usize, from: u32) -> (Vec<Row>, u64, Option<u32>) {
    let matched = rows.len();
    if limit == 0 {
        return (Vec::new(), matched, None);
    }
    let mut positions = order.positions(rows.bitmap(), from, limit.saturating_add(1));
    let more = positions.len() > limit;
    positions.truncate(limit);
    let next = positions.last().filter(|_| more).map(|last| last + 1);
    (positions.into_iter().map(|position| order.row(position)).collect(), matched, next)
}

/// A page of a list of so many things in an order that does not change. `words` say what list it is (generation, question):
/// they bind the cursor to it.
pub fn slice(
    words: &[&str],
    len: usize,
    limit: usize,
    cursor: Option<&Cursor>,
) -> Result<(Range<usize>, Option<Cursor>), InvalidCursor> {
    let mark = cursor::mark_of(words);
    let from = cursor.map_or(Ok(0), |cursor| cursor.position(mark))?;
    let from = (from as usize).min(len);
    let to = len.min(from.saturating_add(limit));
    let next = (to < len && limit > 0).then(|| Cursor::new(mark, to as u32));
    Ok((from..to, next))
}

/// Rows whose box touches a box that may cross the antimeridian.
pub fn in_box(collection: &dyn Collection, bbox: BBox) -> Rows {
    if bbox.west <= bbox.east {
        return collection.in_box(bbox);
    }
    let west = collection.in_box(BBox { east: 180.0, ..bbox });
    let east = collection.in_box(BBox { west: -180.0, ..bbox });
    (west.bitmap() | east.bitmap()).into()
}

fn every(len: u32) -> RoaringBitmap {
    let mut bitmap = RoaringBitmap::new();
    bitmap.insert_range((Bound::Included(0), Bound::Excluded(len)));
    bitmap
}

#[cfg(test)]
mod tests;
