//! The public partition: zones of at least ten households, nested from level to level.
//!
//! Built top-down from the town. Inside a zone, the cells of the next resolution with ten households or more stand alone; the
//! others are pooled into one zone, and a pool of fewer than ten absorbs the smallest cells that stood alone until it has ten.
//! So every zone has ten households, finer zones refine coarser ones, and whatever two published sets differ by is a union
//! of published zones: nothing smaller than a zone can be had by subtraction (d.lgs 33/2013 art. 26 c. 4; SISTAN's rule
//! against linkable results on one population; the quadtree merge that Eurostat's geographic differencing work recommends).
//!
//! What it does not guard against: two publications of different days. Where zones change between them, what differs may be
//! fewer than ten households; their sensitive figures are still rounded, their number and their people are not.

use h3o::{CellIndex, Resolution};

use crate::query::cells;
use crate::snapshot::{Row, Snapshot, Span};

/// The least households of a published zone.
pub const MIN_HOUSEHOLDS: u32 = 10;

/// The resolutions at which figures are published.
pub const RESOLUTIONS: [Resolution; 5] =
    [Resolution::Six, Resolution::Seven, Resolution::Eight, Resolution::Nine, Resolution::Ten];

/// A published zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its own cell where it stands alone; for a pool, the id of the zone it was pooled in, which is coarser.
    /// Unique at a level. From a member cell, the first parent that is an id of the level is this one.
    pub id: CellIndex,
    /// Its populated cells at the level's resolution, ascending; at least two in a pool.
    pub members: Vec<CellIndex>,
    /// Its rows, ascending and disjoint.
    pub spans: Vec<Span>,
    /// Households, at least ten.
    pub households: u32,
    /// The place of the zone it refines, one level up; 0 at the first level, under the town.
    pub parent: u32,
}

/// The nested zones of a snapshot; none at all in a town of fewer than ten placed households.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    levels: [Vec<Zone>; 5],
}

impl Partition {
    /// Divides the town. The same snapshot gives the same zones.
    pub fn new(snapshot: &Snapshot) -> Self {
        let mut levels: [Vec<Zone>; 5] = Default::default();
        let Some(town) = town(snapshot) else { return Self { levels } };
        let mut coarser = vec![town];
        for (level, resolution) in levels.iter_mut().zip(RESOLUTIONS) {
            for (at, zone) in coarser.iter().enumerate() {
                split(snapshot, zone, at as u32, resolution, level);
            }
            level.sort_unstable_by_key(|zone| u64::from(zone.id));
            coarser.clone_from(level);
        }
        Self { levels }
    }

    /// The zones of each resolution of [`RESOLUTIONS`], ascending by id.
    pub const fn levels(&self) -> &[Vec<Zone>; 5] {
        &self.levels
    }
}

/// The zone of all placed households, named by the finest cell (resolution 5 at most) that holds them all; by the most
/// populated cell of resolution 0 where the town lies astride two.
fn town(snapshot: &Snapshot) -> Option<Zone> {
    let all = snapshot.all();
    if all.len() < MIN_HOUSEHOLDS {
        return None;
    }
    let ends = [all.start, all.end - 1].map(|row| snapshot.cell(Row(row)));
    let common = (0..=5u8).rev().find_map(|r| {
        let [first, last] = ends.map(|cell| cell.parent(Resolution::try_from(r).ok()?));
        if first == last { first } else { None }
    });
    let most = || {
        let bases = cells::walk(snapshot, Resolution::Zero, None);
        bases.into_iter().max_by_key(|(_, span)| span.len()).map(|(cell, _)| cell)
    };
    let id = common.or_else(most)?;
    Some(Zone { id, members: Vec::new(), spans: vec![all], households: all.len(), parent: 0 })
}

/// Divides a zone into cells that stand alone and a pool.
fn split(snapshot: &Snapshot, zone: &Zone, at: u32, resolution: Resolution, into: &mut Vec<Zone>) {
    let found = zone.spans.iter().flat_map(|&span| cells::walk_in(snapshot, resolution, span, None));
    let (mut standing, mut pool): (Vec<_>, Vec<_>) = found.partition(|(_, span)| span.len() >= MIN_HOUSEHOLDS);
    if !pool.is_empty() {
        standing.sort_unstable_by_key(|&(cell, span)| std::cmp::Reverse((span.len(), u64::from(cell))));
        let mut pooled: u32 = pool.iter().map(|(_, span)| span.len()).sum();
        while pooled < MIN_HOUSEHOLDS {
            let Some(smallest) = standing.pop() else { break };
            pooled += smallest.1.len();
            pool.push(smallest);
        }
        pool.sort_unstable_by_key(|&(cell, _)| u64::from(cell));
        into.push(zone_of(zone.id, &pool, at));
    }
    into.extend(standing.into_iter().map(|alone| zone_of(alone.0, &[alone], at)));
}

fn zone_of(id: CellIndex, cells: &[(CellIndex, Span)], parent: u32) -> Zone {
    let mut spans: Vec<Span> = Vec::new();
    for &(_, span) in cells {
        match spans.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => spans.push(span),
        }
    }
    let households = spans.iter().map(|span| span.len()).sum();
    Zone { id, members: cells.iter().map(|&(cell, _)| cell).collect(), spans, households, parent }
}

#[cfg(test)]
mod tests;
