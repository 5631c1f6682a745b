//! The packed Hilbert R-tree: the features in the order of the curve, sixteen boxes joined into one, and so on to the root.

use std::io::{self, Write};

use rayon::prelude::*;

/// Boxes in a node.
pub(super) const NODE_SIZE: u16 = 16;

/// Bytes that are handed on at once.
const CHUNK_BYTES: usize = 64 << 10;

/// The order of the curve: cells along a side are two to the power of it.
const ORDER: u32 = 16;

/// West, south, east, north.
type BBox = [f64; 4];

/// A feature in the index.
#[derive(Clone, Copy)]
pub(super) struct Leaf {
    /// Its box.
    pub(super) bbox: BBox,
    /// Its place in the source.
    pub(super) at: u32,
    /// Its size.
    pub(super) bytes: u32,
    /// Its place along the curve.
    pub(super) rank: u32,
}

/// The box around both.
pub(super) fn join(a: BBox, b: BBox) -> BBox {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// Puts the features in the order of the curve.
pub(super) fn sort(leaves: &mut [Leaf], extent: BBox) {
    let side = f64::from((1_u32 << ORDER) - 1);
    let cell = |low: f64, high: f64, from: f64, to: f64| {
        let width = to - from;
        if width > 0.0 { (side * (f64::midpoint(low, high) - from) / width) as u32 } else { 0 }
    };
    leaves.par_iter_mut().for_each(|leaf| {
        let b = leaf.bbox;
        leaf.rank = rank(cell(b[0], b[2], extent[0], extent[2]), cell(b[1], b[3], extent[1], extent[3]));
    });
    // Places break ties, so that the same rows give the same bytes.
    leaves.par_sort_unstable_by_key(|leaf| (leaf.rank, leaf.at));
}

/// How far along the Hilbert curve a cell lies.
fn rank(mut x: u32, mut y: u32) -> u32 {
    let mut rank = 0;
    for bit in (0..ORDER).rev() {
        let (right, up) = (x >> bit & 1, y >> bit & 1);
        rank = (rank << 2) | ((3 * right) ^ up);
        if up == 0 {
            if right == 1 {
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    rank
}

/// Writes the nodes, root first, leaves last. A leaf names the byte at which its feature begins after the index, any other
/// node the place of its first child.
pub(super) fn write(leaves: &[Leaf], out: &mut dyn Write) -> io::Result<()> {
    if leaves.is_empty() {
        return Ok(());
    }
    // From the boxes above the leaves up to the root.
    let mut levels: Vec<Vec<BBox>> = Vec::new();
    let joined = |boxes: &mut dyn Iterator<Item = BBox>| boxes.reduce(join).unwrap_or_default();
    let node = usize::from(NODE_SIZE);
    levels.push(leaves.chunks(node).map(|leaves| joined(&mut leaves.iter().map(|leaf| leaf.bbox))).collect());
    while let Some(last) = levels.last().filter(|level| level.len() > 1) {
        let next = last.chunks(node).map(|boxes| joined(&mut boxes.iter().copied())).collect();
        levels.push(next);
    }
    let mut bytes = Vec::with_capacity(CHUNK_BYTES + 40);
    let mut begin = 0;
    for level in levels.iter().rev() {
        begin += level.len();
        for (place, bbox) in level.iter().enumerate() {
            note(*bbox, (begin + place * node) as u64, &mut bytes);
            hand_on(&mut bytes, CHUNK_BYTES, out)?;
        }
    }
    let mut offset = 0;
    for leaf in leaves {
        note(leaf.bbox, offset, &mut bytes);
        offset += u64::from(leaf.bytes);
        hand_on(&mut bytes, CHUNK_BYTES, out)?;
    }
    hand_on(&mut bytes, 0, out)
}

fn note(bbox: BBox, offset: u64, bytes: &mut Vec<u8>) {
    for side in bbox {
        bytes.extend_from_slice(&side.to_le_bytes());
    }
    bytes.extend_from_slice(&offset.to_le_bytes());
}

fn hand_on(bytes: &mut Vec<u8>, full: usize, out: &mut dyn Write) -> io::Result<()> {
    if bytes.len() >= full.max(1) {
        out.write_all(bytes)?;
        bytes.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_along_the_curve_are_neighbours_on_the_ground() {
        // The first cells of the curve fill the first square of four, and each step goes to the next cell.
        let mut cells: Vec<(u32, u32, u32)> = (0..16).flat_map(|x| (0..16).map(move |y| (rank(x, y), x, y))).collect();
        cells.sort_unstable();
        for (expected, pair) in cells.windows(2).enumerate() {
            assert_eq!(pair[0].0 as usize, expected);
            assert_eq!(pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2), 1, "{pair:?}");
        }
    }
}
