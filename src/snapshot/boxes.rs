//! The box of every few rows: rows lie by H3 cell, so a few neighbours in the table are neighbours in the town.

use roaring::RoaringBitmap;

use crate::domain::geo::BBox;

use super::rows::Rows;

/// Rows to a box.
const BLOCK: usize = 256;

/// Boxes of consecutive rows: 16 bytes for 256 rows.
#[derive(Debug)]
pub(super) struct Boxes(Vec<[i32; 4]>);

impl Boxes {
    /// Of points in units of 10⁻⁷ degrees, longitude first.
    pub(super) fn new(points: &[[i32; 2]]) -> Self {
        let around = |block: &[[i32; 2]]| {
            block.iter().fold([i32::MAX, i32::MAX, i32::MIN, i32::MIN], |[w, s, e, n], &[lon, lat]| {
                [w.min(lon), s.min(lat), e.max(lon), n.max(lat)]
            })
        };
        Self(points.chunks(BLOCK).map(around).collect())
    }

    /// The rows whose point lies in a box or on its border.
    pub(super) fn rows_in(&self, points: &[[i32; 2]], bbox: BBox) -> Rows {
        let degrees = |units: i32| f64::from(units) / 1e7;
        let mut rows = RoaringBitmap::new();
        for (&[west, south, east, north], start) in self.0.iter().zip((0..).step_by(BLOCK)) {
            let own = BBox { west: degrees(west), south: degrees(south), east: degrees(east), north: degrees(north) };
            if !own.touches(&bbox) {
                continue;
            }
            let end = points.len().min(start + BLOCK);
            let whole =
                bbox.west <= own.west && own.east <= bbox.east && bbox.south <= own.south && own.north <= bbox.north;
            if whole {
                rows.insert_range(start as u32..end as u32);
                continue;
            }
            for at in start..end {
                let [lon, lat] = points[at].map(degrees);
                if (bbox.west..=bbox.east).contains(&lon) && (bbox.south..=bbox.north).contains(&lat) {
                    rows.insert(at as u32);
                }
            }
        }
        rows.into()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.0.capacity() * 16
    }
}
