//! Laws of the partition, and the attacker who subtracts.

use std::collections::{BTreeMap, BTreeSet};

use h3o::{CellIndex, Resolution};
use proptest::prelude::*;

use super::*;
use crate::snapshot::invented::{self, freeze, schema};

/// The slow twin: the same rule over sets of households, no spans, no order of rows.
fn slow(snapshot: &Snapshot) -> Vec<BTreeMap<u64, BTreeSet<u32>>> {
    let all: BTreeSet<u32> = snapshot.all().rows().map(|row| row.0).collect();
    if all.len() < 10 {
        return vec![BTreeMap::new(); 5];
    }
    let cell = |row: u32, r: Resolution| u64::from(snapshot.cell(Row(row)).parent(r).unwrap());
    let common = (0..=5u8).rev().map(|r| Resolution::try_from(r).unwrap()).find_map(|r| {
        let cells: BTreeSet<u64> = all.iter().map(|&row| cell(row, r)).collect();
        (cells.len() == 1).then(|| *cells.first().unwrap())
    });
    let mut bases: BTreeMap<u64, u32> = BTreeMap::new();
    for &row in &all {
        *bases.entry(cell(row, Resolution::Zero)).or_default() += 1;
    }
    let most = bases.into_iter().max_by_key(|&(_, count)| count).unwrap().0;
    let mut level = BTreeMap::from([(common.unwrap_or(most), all)]);
    let mut levels = Vec::new();
    for r in RESOLUTIONS {
        let mut next: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
        for (id, rows) in level {
            let mut children: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            for row in rows {
                children.entry(cell(row, r)).or_default().insert(row);
            }
            let (mut alone, small): (Vec<_>, Vec<_>) = children.into_iter().partition(|(_, rows)| rows.len() >= 10);
            let mut pool: BTreeSet<u32> = small.into_iter().flat_map(|(_, rows)| rows).collect();
            alone.sort_by_key(|(id, rows)| (rows.len(), *id));
            let mut alone = alone.into_iter();
            while (1..10).contains(&pool.len()) {
                pool.extend(alone.next().unwrap().1);
            }
            next.extend(alone);
            if !pool.is_empty() {
                assert!(next.insert(id, pool).is_none(), "two zones share an id");
            }
        }
        levels.push(next.clone());
        level = next;
    }
    levels
}

fn rows(zone: &Zone) -> BTreeSet<u32> {
    zone.spans.iter().flat_map(|span| span.rows()).map(|row| row.0).collect()
}

fn check(snapshot: &Snapshot) {
    let partition = Partition::new(snapshot);
    let placed = snapshot.households() as usize;
    for (at, (level, twin)) in partition.levels().iter().zip(slow(snapshot)).enumerate() {
        let zones: BTreeMap<u64, BTreeSet<u32>> = level.iter().map(|zone| (zone.id.into(), rows(zone))).collect();
        assert_eq!(zones.len(), level.len(), "ids are unique");
        assert_eq!(zones, twin);
        let covered: BTreeSet<u32> = zones.values().flatten().copied().collect();
        let counted: usize = zones.values().map(BTreeSet::len).sum();
        let expected = if placed < 10 { 0 } else { placed };
        assert_eq!((covered.len(), counted), (expected, expected), "zones partition the town");
        for zone in level {
            assert!(zone.households >= 10 && zone.households as usize == rows(zone).len());
            assert!(zone.members.is_sorted() && zone.members.iter().all(|m| m.resolution() == RESOLUTIONS[at]));
            assert_eq!(zone.members.len() == 1, zone.id == zone.members[0]);
            if at > 0 {
                let parent = &partition.levels()[at - 1][zone.parent as usize];
                assert!(rows(zone).is_subset(&rows(parent)), "finer refines coarser");
            }
            for &member in &zone.members {
                let found = climb(&zones, member);
                let astride = zone.id.resolution() == Resolution::Zero && found.is_none();
                assert!(found == Some(zone.id) || astride, "a member climbs to its zone");
            }
        }
    }
}

/// From a cell up through its parents to the first published id.
fn climb(zones: &BTreeMap<u64, BTreeSet<u32>>, cell: CellIndex) -> Option<CellIndex> {
    let up = (0..=u8::from(cell.resolution())).rev().filter_map(|r| cell.parent(Resolution::try_from(r).unwrap()));
    up.into_iter().find(|&id| zones.contains_key(&id.into()))
}

/// All published sets, the town among them: whatever two of them leave of each other is nobody or at least ten households.
fn attack(snapshot: &Snapshot) -> usize {
    let partition = Partition::new(snapshot);
    let zones = partition.levels().iter().flatten().map(rows);
    let mut sets: Vec<BTreeSet<u32>> = zones.chain([snapshot.all().rows().map(|row| row.0).collect()]).collect();
    sets.sort();
    sets.dedup();
    let mut tried = 0;
    for (at, a) in sets.iter().enumerate() {
        for b in &sets[at + 1..] {
            for rest in [a.difference(b).count(), b.difference(a).count(), a.intersection(b).count()] {
                assert!(rest == 0 || rest >= 10, "{rest} households can be told apart");
                tried += 1;
            }
        }
    }
    tried
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn zones_keep_their_laws((snapshot, _) in invented::worlds(1500)) {
        check(&snapshot);
    }

    #[test]
    fn subtraction_tells_nobody_apart((snapshot, _) in invented::worlds(250)) {
        if snapshot.households() >= 10 {
            attack(&snapshot);
        }
    }
}

#[test]
fn nine_households_are_nobodys_business() {
    for (count, levels) in [(9, 0), (10, 5)] {
        let snapshot = invented::world(4, count, 1, 0.3).0;
        assert_eq!(Partition::new(&snapshot).levels().iter().map(Vec::len).sum::<usize>(), levels);
    }
}

/// Two base cells of H3 meet near 45.4° N, 9.3° E or wherever two neighbours at resolution 0 do: found by walking east.
#[test]
fn a_town_astride_two_base_cells_is_still_divided() {
    use crate::domain::geo::LonLat;
    use crate::snapshot::grid::cell_at;
    let base = |lon: f64| cell_at(LonLat::new(lon, 42.0).unwrap(), Resolution::Twelve).parent(Resolution::Zero);
    let (mut west, mut east) = (6.0, 40.0);
    assert_ne!(base(west), base(east));
    while east - west > 1e-5 {
        let middle = f64::midpoint(west, east);
        if base(middle) == base(west) { west = middle } else { east = middle }
    }
    let mut households = invented::households(8, 300, 1, 0.02);
    for known in &mut households {
        let lon = known.point.lon() - invented::LAMEZIA.0 + east;
        known.point = LonLat::new(lon, known.point.lat() - invented::LAMEZIA.1 + 42.0).unwrap();
    }
    let snapshot = freeze(schema(1), &households);
    let partition = Partition::new(&snapshot);
    assert!(attack(&snapshot) > 0);
    for level in partition.levels() {
        assert_eq!(level.iter().map(|zone| zone.households).sum::<u32>(), 300);
        let ids: BTreeSet<u64> = level.iter().map(|zone| zone.id.into()).collect();
        assert_eq!(ids.len(), level.len());
    }
}
