//! Laws of the frozen world, each against a plain walk over what the test knows.

use h3o::Resolution;
use proptest::prelude::*;

use super::{
    bits::Bits,
    cover::{Relation, Shape},
    grid, invented, *,
};
use crate::domain::{
    geo::{BBox, LonLat},
    household::HouseholdId,
    score::Finding,
};
use crate::snapshot::schema::{Schema, Slot};

fn snapped(point: LonLat) -> LonLat {
    LonLat::new((point.lon() * 1e7).round() / 1e7, (point.lat() * 1e7).round() / 1e7).unwrap()
}

/// A coarser cell is the parent of the row cell: near its border that is not always the cell that covers the point.
fn parent_of(point: LonLat, resolution: Resolution) -> h3o::CellIndex {
    grid::cell_at(snapped(point), grid::ROW_RESOLUTION).parent(resolution).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn rank_counts_set_bits(bits in prop::collection::vec(any::<bool>(), 0..2000), a in 0u32..2100, b in 0u32..2100) {
        let packed = Bits::new(bits.iter().copied());
        let span = Span { start: a, end: b };
        let slow = bits.iter().enumerate().filter(|(at, bit)| **bit && (a..b).contains(&(*at as u32))).count();
        prop_assert_eq!(packed.count_in(span) as usize, slow);
        prop_assert!((0..2100).all(|at| packed.get(Row(at)) == bits.get(at as usize).copied().unwrap_or(false)));
    }

    #[test]
    fn a_cell_is_one_span((snapshot, known) in invented::worlds(600), at in any::<prop::sample::Index>(), r in 0u8..=12) {
        let resolution = Resolution::try_from(r).unwrap();
        let cell = match known.len() {
            0 => grid::cell_at(LonLat::new(16.3, 38.9).unwrap(), resolution),
            n => parent_of(known[at.index(n)].point, resolution),
        };
        let inside: Vec<u32> = known.iter().filter(|k| parent_of(k.point, resolution) == cell).map(|k| k.id).collect();
        let mut found: Vec<u32> = snapshot.span(cell).rows().map(|row| snapshot.household(row).0).collect();
        found.sort_unstable();
        prop_assert_eq!(found, inside);
    }

    #[test]
    fn a_box_holds_its_cell(lon in -180.0..180.0f64, lat in -75.0..75.0f64, r in 4u8..=12) {
        let cell = grid::cell_at(LonLat::new(lon, lat).unwrap(), Resolution::try_from(r).unwrap());
        let bbox = grid::bbox(cell);
        for corner in cell.boundary().iter() {
            let west = corner.lng() - bbox.west;
            let around = if west > 180.0 { -360.0 } else if west < -180.0 { 360.0 } else { 0.0 };
            let x = corner.lng() + around;
            prop_assert!(bbox.west <= x && x <= bbox.east && (bbox.south..=bbox.north).contains(&corner.lat()));
        }
    }

    #[test]
    fn sums_are_those_of_a_walk((snapshot, known) in invented::worlds(600), a in 0u32..700, b in 0u32..700) {
        let span = Span { start: a.min(snapshot.households()), end: b.min(snapshot.households()) };
        let inside: Vec<&invented::Known> = span.rows()
            .map(|row| known.iter().find(|k| k.id == snapshot.household(row).0).unwrap()).collect();
        prop_assert_eq!(snapshot.people_in(span), inside.iter().map(|k| u32::from(k.people)).sum::<u32>());
        let fragile = snapshot.tally(Schema::FRAGILE, span);
        prop_assert_eq!(fragile.sum as usize, inside.iter().filter(|k| k.findings[0] == Finding::Deprived).count());
        prop_assert_eq!(fragile.known as usize, inside.iter().filter(|k| k.findings[0] != Finding::Unknown).count());
        let score = snapshot.tally(Slot(2), span);
        let slow: f64 = inside.iter().filter_map(|k| k.scores[1]).map(f64::from).sum();
        prop_assert!((score.sum as f64 / column::SCORE_PARTS as f64 - slow).abs() < 1e-6);
        let isee = snapshot.tally(snapshot.schema().slot("isee").unwrap(), span);
        let cents: i64 = inside.iter().map(|k| if let Attribute::Cents(c) = k.attributes[3] { c.into() } else { 0 }).sum();
        prop_assert_eq!(isee.sum, cents);
    }

    #[test]
    fn a_row_says_what_was_placed((snapshot, known) in invented::worlds(200)) {
        for k in &known {
            let row = snapshot.row_of(HouseholdId(k.id)).unwrap();
            prop_assert_eq!(snapshot.household(row).0, k.id);
            prop_assert!(snapshot.point(row).distance_m(k.point) < 0.02);
            prop_assert_eq!(snapshot.people_at(row), k.people);
            let values: Vec<Cell> = (0..snapshot.schema().properties().len()).map(|s| snapshot.value(Slot(s as u16), row)).collect();
            prop_assert_eq!(values[0], Cell::Score(k.scores[0]));
            prop_assert_eq!(values[1], Cell::Finding(k.findings[0]));
            prop_assert_eq!(values[7], Cell::Absent);
            prop_assert_eq!(values[8], Cell::Finding(k.findings[1]));
            for (slot, finding) in snapshot.schema().indicators().zip(&k.findings[2..]) {
                prop_assert_eq!(values[slot.0 as usize], Cell::Finding(*finding));
            }
            for (slot, attribute) in snapshot.schema().attributes().zip(&k.attributes) {
                prop_assert_eq!(values[slot.0 as usize], Cell::Attribute(*attribute));
            }
        }
        prop_assert_eq!(snapshot.row_of(HouseholdId(0)), None);
    }

    #[test]
    fn a_shape_holds_what_a_walk_finds((snapshot, known) in invented::worlds(300), dx in -0.1..0.1, dy in -0.1..0.1, side in 0.0..0.2) {
        let (west, south) = (invented::LAMEZIA.0 + dx, invented::LAMEZIA.1 + dy);
        let mut frame = Frame { bbox: BBox { west, south, east: west + side, north: south + side }, looked: 0 };
        let rows: Vec<Row> = snapshot.rows_in(&mut frame).unwrap().iter().collect();
        let slow: Vec<Row> = snapshot.all().rows().filter(|&row| frame.bbox.contains(snapshot.point(row))).collect();
        prop_assert_eq!(rows, slow);
        prop_assert!(frame.looked <= known.len());
    }

    #[test]
    fn the_nearest_are_those_of_a_sort((snapshot, _) in invented::worlds(300), dx in -0.9..0.9, dy in -0.9..0.9, k in 0usize..40, few in 1u32..9) {
        let point = LonLat::new(invented::LAMEZIA.0 + dx, invented::LAMEZIA.1 + dy).unwrap();
        let wanted = |row: Row| row.0.is_multiple_of(few);
        let mut slow: Vec<(Row, f64)> =
            snapshot.all().rows().filter(|&row| wanted(row)).map(|row| (row, point.distance_m(snapshot.point(row)))).collect();
        slow.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        slow.truncate(k);
        prop_assert_eq!(snapshot.nearest(point, k, |_| true, wanted), slow);
    }
}

/// A box laid over rows.
struct Frame {
    bbox: BBox,
    looked: usize,
}

impl Shape for Frame {
    type Stop = std::convert::Infallible;

    fn relation(&mut self, bbox: &BBox) -> Result<Relation, Self::Stop> {
        let corners = [(bbox.west, bbox.south), (bbox.east, bbox.north)].map(|(x, y)| LonLat::new(x, y).unwrap());
        Ok(if corners.iter().all(|&corner| self.bbox.contains(corner)) {
            Relation::Inside
        } else if self.bbox.touches(bbox) {
            Relation::Border
        } else {
            Relation::Outside
        })
    }

    fn contains(&mut self, point: LonLat) -> bool {
        self.looked += 1;
        self.bbox.contains(point)
    }
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    use crate::domain::score::Score;
    let mut builder = Builder::new(invented::about(), invented::schema(1));
    let attributes = [Attribute::Unknown; 16];
    let row = HouseholdRow {
        household: HouseholdId(4),
        point: LonLat::new(16.3, 38.9).unwrap(),
        members: &[],
        fragility: Some(Score::ZERO),
        dimensions: [None; 5],
        fragile: Finding::Sound,
        uncovered: Finding::Unknown,
        findings: &[Finding::Sound],
        attributes: &attributes,
    };
    let few = HouseholdRow { findings: &[], ..row.clone() };
    assert!(matches!(builder.place(&few), Err(InvalidRow::Width { what: "findings", .. })));
    let mut wrong = attributes;
    wrong[0] = Attribute::Flag(true);
    let wrong = HouseholdRow { attributes: &wrong, ..row.clone() };
    assert_eq!(builder.place(&wrong), Err(InvalidRow::Kind { household: 4, key: "members".into() }));
    let mut wrong = attributes;
    wrong[4] = Attribute::Category(4);
    assert!(builder.place(&HouseholdRow { attributes: &wrong, ..row.clone() }).is_err());
    builder.place(&row).unwrap();
    builder.place(&row).unwrap();
    assert_eq!(builder.freeze().err(), Some(InvalidRow::Twice { household: 4 }));
}

#[test]
fn a_schema_with_bad_keys_is_refused() {
    use super::schema::{InvalidSchema, Kind, household_attributes};
    let mut attributes = household_attributes();
    attributes[0].key = "fragile".into();
    assert_eq!(Schema::new(&[], &attributes), Err(InvalidSchema::Duplicate("fragile".into())));
    attributes[0].key = "Città".into();
    assert_eq!(Schema::new(&[], &attributes), Err(InvalidSchema::Key("Città".into())));
    attributes[0].key = "share".into();
    attributes[0].kind = Kind::Finding;
    assert_eq!(Schema::new(&[], &attributes), Err(InvalidSchema::Attribute("share".into())));
    let schema = Schema::new(&[], &household_attributes()).unwrap();
    assert_eq!(schema.slot("fragility"), Some(Schema::FRAGILITY));
    assert_eq!((schema.slot("ampi"), schema.slot("uncovered")), (Some(Schema::AMPI), Some(Schema::UNCOVERED)));
    for dimension in crate::domain::score::Dimension::ALL {
        assert_eq!(schema.slot(dimension.key()), Some(Schema::dimension(dimension)));
    }
}

/// The measure that the issue asks for: bytes a household.
#[test]
fn a_household_takes_little() {
    let (snapshot, _) = invented::world(9, 20_000, 20, 0.1);
    let bytes = snapshot.heap_bytes() as f64 / f64::from(snapshot.households());
    println!("snapshot: {bytes:.1} bytes a household, 20 indicators, 7 attributes");
    assert!(bytes <= 200.0);
}
