//! Where two tables of one policy differ: what a map must draw anew. It is made from what both tables show and from
//! nothing else, so it tells nobody more than the tables do.

use std::collections::BTreeSet;

use h3o::{CellIndex, Resolution};

use super::{HexFigures, Hexes, RESOLUTIONS};

/// The resolution of the cells by which changes are told: some kilometres wide.
pub const CHANGED_RESOLUTION: Resolution = Resolution::Seven;

/// Where something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Anywhere.
    Everywhere,
    /// In these cells of [`CHANGED_RESOLUTION`]; hexagons that are larger than they are changed with them.
    Cells(BTreeSet<CellIndex>),
}

impl Changes {
    /// Nowhere.
    pub const fn none() -> Self {
        Self::Cells(BTreeSet::new())
    }

    /// What changed in either.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        match (self, other) {
            (Self::Cells(mut cells), Self::Cells(more)) => {
                cells.extend(more);
                Self::Cells(cells)
            }
            _ => Self::Everywhere,
        }
    }

    /// Where `new` shows something else than `old`: another policy or another table of properties changes everything.
    pub(in super::super) fn between(old: &Hexes, new: &Hexes) -> Self {
        if old.policy != new.policy || old.schema != new.schema {
            return Self::Everywhere;
        }
        let mut cells = BTreeSet::new();
        // From fine to coarse: a large hexagon whose change is already told by a smaller one adds nothing.
        for resolution in RESOLUTIONS.into_iter().rev() {
            for hex in differing(old.level(resolution), new.level(resolution)) {
                if resolution >= CHANGED_RESOLUTION {
                    cells.extend(hex.members.iter().filter_map(|cell| cell.parent(CHANGED_RESOLUTION)));
                    continue;
                }
                for &cell in &hex.members {
                    if !cells.iter().any(|told| told.parent(resolution) == Some(cell)) {
                        cells.extend(cell.children(CHANGED_RESOLUTION));
                    }
                }
            }
        }
        Self::Cells(cells)
    }
}

/// What is only in one of two levels, or in both and not alike. Levels are sorted by id.
fn differing<'a>(old: &'a [HexFigures], new: &'a [HexFigures]) -> Vec<&'a HexFigures> {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    let mut found = Vec::new();
    loop {
        match (old.peek(), new.peek()) {
            (Some(a), Some(b)) if a.id == b.id => {
                if !alike(a, b) {
                    found.extend([*a, *b]);
                }
                old.next();
                new.next();
            }
            (Some(a), Some(b)) if u64::from(a.id) < u64::from(b.id) => found.extend(old.next()),
            (_, Some(_)) => found.extend(new.next()),
            (Some(_), None) => found.extend(old.next()),
            (None, None) => return found,
        }
    }
}

fn alike(a: &HexFigures, b: &HexFigures) -> bool {
    a.members == b.members
        && (a.households, a.people) == (b.households, b.people)
        && a.known == b.known
        && a.values.iter().map(|value| value.map(f32::to_bits)).eq(b.values.iter().map(|value| value.map(f32::to_bits)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{super::figure, *};
    use crate::snapshot::{Snapshot, invented};

    /// The obvious way: every hexagon of both tables by resolution and id, with all that it shows, as text.
    fn slowly(old: &Hexes, new: &Hexes) -> BTreeSet<CellIndex> {
        let shown = |hexes: &Hexes| -> BTreeMap<(u8, u64), (Vec<CellIndex>, String)> {
            let all = RESOLUTIONS.into_iter().flat_map(|resolution| hexes.level(resolution));
            all.map(|hex| {
                let figures =
                    format!("{:?} {} {} {:?} {:?}", hex.members, hex.households, hex.people, hex.values, hex.known);
                ((hex.resolution.into(), hex.id.into()), (hex.members.to_vec(), figures))
            })
            .collect()
        };
        let (old, new) = (shown(old), shown(new));
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).filter(|key| old.get(key) != new.get(key)).collect();
        let members =
            keys.into_iter().flat_map(|key| [old.get(key), new.get(key)]).flatten().flat_map(|(m, _)| m.clone());
        let (fine, coarse): (Vec<_>, Vec<_>) = members.partition(|cell| cell.resolution() >= CHANGED_RESOLUTION);
        let mut cells: BTreeSet<_> = fine.iter().filter_map(|cell| cell.parent(CHANGED_RESOLUTION)).collect();
        let told = cells.clone();
        let untold = |cell: &CellIndex| !told.iter().any(|fine| fine.parent(cell.resolution()) == Some(*cell));
        cells.extend(coarse.into_iter().filter(untold).flat_map(|cell| cell.children(CHANGED_RESOLUTION)));
        cells
    }

    fn tables(snapshot: &Snapshot) -> [Hexes; 2] {
        [figure::public(snapshot), figure::exact(snapshot)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn changes_are_where_what_is_shown_differs(seed in any::<u64>(), count in 0_u32..900, moved in 0_usize..4) {
            let mut households = invented::households(seed, count, 4, 0.2);
            let before = tables(&invented::freeze(invented::schema(4), &households));
            for _ in 0..moved.min(households.len()) {
                let last = households.pop();
                if let Some(first) = households.first_mut() {
                    first.people = last.map_or(1, |last| last.people);
                }
            }
            let after = tables(&invented::freeze(invented::schema(4), &households));
            for (old, new) in before.iter().zip(&after) {
                prop_assert_eq!(Changes::between(old, old), Changes::none());
                prop_assert_eq!(Changes::between(old, new), Changes::Cells(slowly(old, new)));
            }
            prop_assert_eq!(Changes::between(&before[0], &before[1]), Changes::Everywhere);
        }
    }
}
