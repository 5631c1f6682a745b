//! The separator of a table, told from its header and first rows.

use super::{
    cutter::{Cut, Cutter},
    limits::Limits,
};

/// A separator that no table uses: for a table of one column.
pub(super) const NONE: u8 = 0x1f;

const CANDIDATES: [u8; 4] = *b";,\t|";
const ROWS: usize = 40;

/// Looks at the first bytes, already UTF-8 or of one byte a letter. The separator that cuts most rows into as
/// many cells as the header wins, then the one that makes most columns.
pub(super) fn sniff(head: &[u8], whole: bool, limits: &Limits) -> u8 {
    let end = if whole { head.len() } else { head.iter().rposition(|b| *b == b'\n').map_or(head.len(), |at| at + 1) };
    let best =
        CANDIDATES.into_iter().filter_map(|separator| Some((weigh(&head[..end], separator, limits)?, separator)));
    best.max_by_key(|(weight, _)| *weight).map_or(NONE, |(_, separator)| separator)
}

/// Share of rows that fit, in hundredths, and columns; none where the header is not cut at all.
fn weigh(head: &[u8], separator: u8, limits: &Limits) -> Option<(usize, usize)> {
    // A header wider than allowed must still be seen as one, to be refused for what it is.
    let limits = Limits { columns: limits.columns * 4, ..*limits };
    let mut cutter = Cutter::new(Box::new(head), separator, limits);
    let width = match cutter.next(|_| true).ok()? {
        Cut::Row => cutter.width(),
        Cut::Damaged(_) => limits.columns,
        Cut::End => return None,
    };
    if width < 2 {
        return None;
    }
    let (mut rows, mut fitting) = (0_usize, 0_usize);
    while rows < ROWS {
        match cutter.next(|row| row.width() == width).ok()? {
            Cut::End => break,
            Cut::Row if cutter.width() == width => fitting += 1,
            Cut::Row | Cut::Damaged(_) => {}
        }
        rows += 1;
    }
    Some(((fitting * 100).checked_div(rows).unwrap_or(100), width))
}
