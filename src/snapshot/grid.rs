//! H3: the cell of a point, and the rows of a cell.
//!
//! An index holds its resolution in bits 52 to 55 and one digit of three bits for each resolution, the coarsest highest;
//! digits finer than the cell's own resolution are 7. All row cells are of resolution 12, so their numeric order is the
//! order of the hierarchy, and the descendants of a cell lie between its digits followed by zeros and by sevens.

use h3o::{CellIndex, LatLng, Resolution};

use crate::domain::geo::{BBox, LonLat, METRES_PER_LAT};

use super::rows::Span;

/// The resolution by which rows are sorted: about 300 m², finer than a building.
pub const ROW_RESOLUTION: Resolution = Resolution::Twelve;

/// The cell of a point.
pub fn cell_at(point: LonLat, resolution: Resolution) -> CellIndex {
    LatLng::new(point.lat(), point.lon()).expect("a LonLat is finite").to_cell(resolution)
}

/// The least and the greatest row cell under a cell; none for cells finer than rows.
fn reach(cell: CellIndex) -> Option<(u64, u64)> {
    let depth = u64::from(u8::from(ROW_RESOLUTION));
    let own = u64::from(u8::from(cell.resolution()));
    if own > depth {
        return None;
    }
    let raw = u64::from(cell) & !(0xf << 52) | depth << 52;
    let free = ((1u64 << (3 * (depth - own))) - 1) << (3 * (15 - depth));
    Some((raw & !free, raw | free))
}

/// The rows of a cell among sorted row cells; empty for cells finer than rows.
pub(super) fn span_of(cells: &[u64], cell: CellIndex) -> Span {
    let Some((low, high)) = reach(cell) else { return Span::default() };
    let start = cells.partition_point(|&c| c < low);
    let end = start + cells[start..].partition_point(|&c| c <= high);
    Span { start: start as u32, end: end as u32 }
}

/// The rows of a cell that begins at a row, by doubling steps: cheap where cells are small.
pub(super) fn span_after(cells: &[u64], cell: CellIndex, start: u32) -> Span {
    let Some((_, high)) = reach(cell) else { return Span { start, end: start } };
    let from = (start as usize).min(cells.len());
    let mut step = 8;
    while cells.get(from + step).is_some_and(|&c| c <= high) {
        step *= 2;
    }
    let window = &cells[from..(from + step).min(cells.len())];
    Span { start, end: (from + window.partition_point(|&c| c <= high)) as u32 }
}

/// Where a cell's centre is.
pub fn center(cell: CellIndex) -> LonLat {
    let center = LatLng::from(cell);
    LonLat::new(center.lng(), center.lat()).expect("the centre of a cell is on Earth")
}

/// A box that holds a cell, a little wider than its border: the centre and 1.3 mean edges each way. Seven times cheaper
/// than walking the border.
pub fn bbox(cell: CellIndex) -> BBox {
    let center = center(cell);
    let reach = 1.3 * cell.resolution().edge_length_m() / METRES_PER_LAT;
    let (lat, lon) = (center.lat(), center.lon());
    let shrink = (lat.abs() + reach).min(89.0).to_radians().cos();
    BBox { west: lon - reach / shrink, south: lat - reach, east: lon + reach / shrink, north: lat + reach }
}
