//! Fast answers against plain walks over households.

use std::collections::BTreeMap;

use h3o::{CellIndex, Resolution};
use proptest::prelude::*;

use super::{ampi, cells, figures, legend};
use crate::domain::{geo::BBox, score::Finding};
use crate::snapshot::{
    Attribute, Cell, Row, Snapshot, Span, column, grid,
    invented::{self, Known},
    schema::{Kind, Slot},
};

/// The slow twin: every household is asked.
fn slow(snapshot: &Snapshot, rows: &[Row], slot: Slot) -> (i64, u32) {
    let part = |row: Row| match snapshot.value(slot, row) {
        Cell::Score(score) => score.map(|s| (f64::from(s) * column::SCORE_PARTS as f64).round_ties_even() as i64),
        Cell::Finding(Finding::Unknown)
        | Cell::Absent
        | Cell::Attribute(Attribute::Unknown | Attribute::Day(_) | Attribute::Category(_)) => None,
        Cell::Finding(finding) => Some(i64::from(finding == Finding::Deprived)),
        Cell::Attribute(Attribute::Count(count)) => Some(count.into()),
        Cell::Attribute(Attribute::Cents(cents)) => Some(cents.into()),
        Cell::Attribute(Attribute::Flag(flag)) => Some(flag.into()),
        Cell::Attribute(Attribute::Number(x)) => {
            Some((f64::from(x) * column::NUMBER_PARTS as f64).round_ties_even() as i64)
        }
    };
    let parts: Vec<i64> = rows.iter().filter_map(|&row| part(row)).collect();
    (parts.iter().sum(), parts.len() as u32)
}

fn rows_of(snapshot: &Snapshot, resolution: Resolution) -> BTreeMap<u64, Vec<Row>> {
    let mut rows: BTreeMap<u64, Vec<Row>> = BTreeMap::new();
    for row in snapshot.all().rows() {
        rows.entry(snapshot.cell(row).parent(resolution).unwrap().into()).or_default().push(row);
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn cells_and_figures_equal_a_walk((snapshot, _) in invented::worlds(500), r in 0u8..=12) {
        let resolution = Resolution::try_from(r).unwrap();
        let slow_cells = rows_of(&snapshot, resolution);
        let fast = cells::walk(&snapshot, resolution, None);
        prop_assert_eq!(fast.len(), slow_cells.len());
        let spans: Vec<Span> = fast.iter().map(|&(_, span)| span).collect();
        let single: Vec<_> = spans.iter().map(|&span| figures::of(&snapshot, &[span])).collect();
        prop_assert_eq!(figures::of_each(&snapshot, &spans), single);
        for ((cell, span), (raw, rows)) in fast.iter().zip(&slow_cells) {
            prop_assert_eq!(u64::from(*cell), *raw);
            prop_assert_eq!(&span.rows().collect::<Vec<_>>(), rows);
            let fast = figures::of_cell(&snapshot, *cell);
            prop_assert_eq!(fast.households as usize, rows.len());
            prop_assert_eq!(fast.people, rows.iter().map(|&row| u32::from(snapshot.people_at(row))).sum::<u32>());
            for (slot, tally) in fast.tallies.iter().enumerate() {
                prop_assert_eq!((tally.sum, tally.known), slow(&snapshot, rows, Slot(slot as u16)));
            }
        }
    }

    #[test]
    fn a_box_holds_the_cells_that_touch_it((snapshot, _) in invented::worlds(300), x in -0.1..0.1, y in -0.1..0.1, w in 0.0..0.2) {
        let bbox = BBox { west: 16.31 + x, south: 38.965 + y, east: 16.31 + x + w, north: 38.965 + y + w };
        let slow: Vec<CellIndex> = cells::walk(&snapshot, Resolution::Nine, None).into_iter().map(|(cell, _)| cell)
            .filter(|&cell| {
                let b = grid::bbox(cell);
                b.west <= bbox.east && b.east >= bbox.west && b.south <= bbox.north && b.north >= bbox.south
            }).collect();
        let fast: Vec<CellIndex> = cells::walk(&snapshot, Resolution::Nine, Some(bbox)).into_iter().map(|(cell, _)| cell).collect();
        prop_assert_eq!(fast, slow);
    }

    #[test]
    fn a_legend_counts_every_hexagon_once(values in prop::collection::vec((prop::option::weighted(0.9, prop_oneof![
        Just(0.0), 0.0..1.0f64, (0u32..5).prop_map(|x| f64::from(x) / 4.0), -50.0..400.0f64]), 1u32..50), 0..400)) {
        let legend = legend::classify(values.iter().copied());
        let known: Vec<(f64, u32)> = values.iter().filter_map(|&(v, n)| v.map(|v| (v, n))).collect();
        prop_assert_eq!(legend.unknown as usize, values.len() - known.len());
        prop_assert_eq!(legend.counts.iter().sum::<u32>() as usize, known.len());
        prop_assert_eq!(legend.bins.iter().sum::<u32>() as usize, known.len());
        if known.is_empty() {
            prop_assert!(legend.breaks.is_empty() && legend.edges.is_empty());
            return Ok(());
        }
        prop_assert!(legend.breaks.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", legend.breaks);
        prop_assert!((2..=8).contains(&legend.breaks.len()) && legend.counts.len() + 1 == legend.breaks.len());
        prop_assert!(legend.breaks[0] <= legend.min.unwrap() + 1e-9 && *legend.breaks.last().unwrap() >= legend.max.unwrap() - 1e-9);
        for (class, (&count, &households)) in legend.counts.iter().zip(&legend.households).enumerate() {
            let last = class + 1 == legend.counts.len();
            let inside = |v: f64| (class == 0 || legend.breaks[class] <= v) && (last || v < legend.breaks[class + 1]);
            prop_assert_eq!(count as usize, known.iter().filter(|(v, _)| inside(*v)).count());
            prop_assert_eq!(households, known.iter().filter(|(v, _)| inside(*v)).map(|(_, n)| n).sum::<u32>());
        }
    }
}

#[test]
fn borders_divide_evenly_and_read_well() {
    let values = (0..1000).map(|at| (Some((f64::from(at) / 1000.0).powi(3)), 1));
    let legend = legend::classify(values);
    println!("{:?} {:?}", legend.breaks, legend.counts);
    assert_eq!(legend.counts.len(), 6);
    assert!(legend.counts.iter().all(|&count| (90..=260).contains(&count)), "{:?}", legend.counts);
    assert!(legend.breaks.iter().all(|b| format!("{b}").len() <= 6), "{:?}", legend.breaks);
    assert_eq!((legend.breaks[0], legend.breaks[6]), (0.0, 1.0));
    assert_eq!(legend::classify([(Some(0.0), 4); 3].into_iter()).counts, [3]);
    let mostly_zero = (0..100).map(|at| (Some(if at < 80 { 0.0 } else { f64::from(at - 79) / 100.0 }), 1));
    let legend = legend::classify(mostly_zero);
    println!("{:?} {:?}", legend.breaks, legend.counts);
    assert!(legend.counts[0] >= 80 && legend.counts.len() >= 4, "{legend:?}");
}

/// The oracle of Compind: three indicators of four areas, reference the column means.
#[test]
fn ampi_equals_compind() {
    let zones = [[10.0, 5.0, 2.0], [20.0, 15.0, 8.0], [30.0, 10.0, 4.0], [40.0, 20.0, 6.0]].map(|z| z.map(Some));
    let index = ampi::of(&[Some(25.0), Some(12.5), Some(5.0)], &zones);
    for (found, expected) in index.iter().zip([70.0, 112.4242424, 97.5862069, 124.0540541]) {
        assert!((found.unwrap() - expected).abs() < 1e-6, "{index:?}");
    }
    let partly = ampi::of(&[Some(25.0), None, Some(5.0)], &[[Some(10.0), None, Some(2.0)], [None, None, Some(8.0)]]);
    assert!(partly[0].is_some() && partly[1].is_none());
    assert_eq!(ampi::of(&[None], &[[Some(1.0)]]), [None]);
    assert_eq!(ampi::of(&[Some(0.2)], &[[Some(0.2)], [Some(0.2)]]), [Some(100.0), Some(100.0)]);
}

#[test]
fn a_figure_is_a_mean_or_a_share() {
    let (snapshot, known): (Snapshot, Vec<Known>) = invented::world(21, 400, 3, 0.05);
    let town = figures::town(&snapshot);
    assert_eq!((town.households, town.people), (400, known.iter().map(|k| u32::from(k.people)).sum()));
    for (slot, property) in (0..).map(Slot).zip(snapshot.schema().properties()) {
        let value = town.value(&snapshot, slot);
        match property.kind {
            Kind::Score | Kind::Finding | Kind::Flag => {
                assert!((0.0..=1.0).contains(&value.unwrap()), "{}", property.key);
            }
            Kind::Index | Kind::Day | Kind::Category(_) => assert_eq!(value, None),
            Kind::Count => assert!((0.0..100.0).contains(&value.unwrap())),
            Kind::Cents if *property.key == *"isee" => {
                assert!((20_000.0..40_000.0).contains(&value.unwrap()), "{value:?}");
            }
            Kind::Cents => assert!((0.0..90_000.0).contains(&value.unwrap()), "{value:?}"),
            Kind::Number => assert!(value.unwrap().abs() < 300.0),
        }
    }
}
