//! The populated cells of a resolution, walked range by range.

use h3o::{CellIndex, Resolution};

use crate::domain::geo::BBox;
use crate::snapshot::{Row, Snapshot, Span, grid};

/// The populated cells of a resolution (0 to 12) with their rows, ascending; with a box, those whose own box touches it.
pub fn walk(snapshot: &Snapshot, resolution: Resolution, bbox: Option<BBox>) -> Vec<(CellIndex, Span)> {
    walk_in(snapshot, resolution, snapshot.all(), bbox)
}

/// As [`walk`], within a span that is itself a union of cells of this resolution or coarser.
pub fn walk_in(
    snapshot: &Snapshot,
    resolution: Resolution,
    within: Span,
    bbox: Option<BBox>,
) -> Vec<(CellIndex, Span)> {
    let mut found = Vec::new();
    let mut start = within.start;
    while start < within.end {
        let Some(cell) = snapshot.cell(Row(start)).parent(resolution) else { break };
        let span = snapshot.span_from(cell, start);
        if bbox.is_none_or(|bbox| grid::bbox(cell).touches(&bbox)) {
            found.push((cell, span));
        }
        start = span.end.max(start + 1);
    }
    found
}
