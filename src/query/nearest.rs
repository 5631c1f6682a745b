//! The nearest rows to a point that a selection holds.

use geo::{BoundingRect, Geometry, Point};

use super::{
    budget::{Budget, Spent},
    collection::Collection,
    distance,
    selection::Selection,
};
use crate::domain::geo::LonLat;
use crate::snapshot::{Row, Rows, Snapshot};

/// Most rows that are measured one by one: beyond it the boxes of neighbours are opened from the nearest on.
const FEW: u32 = 16_384;
/// Units of work to measure a distance.
const MEASURE_UNITS: u64 = 16;

/// The `k` nearest of the selected rows with their distance in metres on the ellipsoid (zero inside a shape), nearest first,
/// ties in row order. Where few rows are selected they are measured all; where many are, only those near.
pub fn rows(
    collection: &dyn Collection,
    selection: &Selection,
    point: LonLat,
    k: usize,
    budget: &Budget,
) -> Result<Vec<(Row, f64)>, Spent> {
    if let Some(snapshot) = collection.snapshot() {
        return homes(snapshot, selection, point, k, budget);
    }
    let Some(households) = collection.homes() else { return features(collection, selection, point, k, budget) };
    // The k nearest people live in the k nearest homes of those who are selected.
    budget.spend(u64::from(selection.len()) * MEASURE_UNITS)?;
    let snapshot = households.snapshot();
    let at_home: Rows = selection.rows().iter().map(|row| snapshot.home_of(row)).collect();
    let at_home = Selection::new(at_home, snapshot.households());
    let mut found = Vec::with_capacity(k);
    for (home, metres) in homes(snapshot, &at_home, point, k, budget)? {
        let span = snapshot.people_of(crate::snapshot::Span { start: home.0, end: home.0 + 1 });
        found.extend(span.rows().filter(|&row| selection.bits().get(row)).map(|row| (row, metres)));
    }
    found.sort_by(|a: &(Row, f64), b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    found.truncate(k);
    Ok(found)
}

fn homes(
    snapshot: &Snapshot,
    selection: &Selection,
    point: LonLat,
    k: usize,
    budget: &Budget,
) -> Result<Vec<(Row, f64)>, Spent> {
    if selection.len() > FEW {
        budget.spend(u64::from(selection.len()) + k as u64 * MEASURE_UNITS)?;
        return Ok(snapshot.nearest(point, k, |span| selection.count_in(span) > 0, |row| selection.bits().get(row)));
    }
    budget.spend(u64::from(selection.len()) * MEASURE_UNITS)?;
    let measured = selection.rows().iter().map(|row| (row, point.distance_m(snapshot.point(row))));
    Ok(first(measured.collect(), k))
}

/// The k first by distance, then by row.
fn first(mut found: Vec<(Row, f64)>, k: usize) -> Vec<(Row, f64)> {
    let by = |a: &(Row, f64), b: &(Row, f64)| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0));
    if found.len() > k {
        found.select_nth_unstable_by(k, by);
        found.truncate(k);
    }
    found.sort_unstable_by(by);
    found
}

/// Features by the distance of their boxes, and measured in that order until no box can hold a nearer one.
fn features(
    collection: &dyn Collection,
    selection: &Selection,
    point: LonLat,
    k: usize,
    budget: &Budget,
) -> Result<Vec<(Row, f64)>, Spent> {
    let here = Geometry::Point(Point::new(point.lon(), point.lat()));
    let mut boxes = Vec::with_capacity(selection.len() as usize);
    for row in selection.rows().iter() {
        let geometry = collection.geometry(row);
        budget.spend(MEASURE_UNITS + size(&geometry))?;
        boxes.extend(geometry.bounding_rect().map(|rect| {
            let near = |at: f64, low: f64, high: f64| at.clamp(low, high);
            let (min, max) = (rect.min(), rect.max());
            let corner = LonLat::new(near(point.lon(), min.x, max.x), near(point.lat(), min.y, max.y));
            // What parallels and the ellipsoid bend may bring a shape nearer than the corner of its box.
            (row, corner.map_or(0.0, |corner| point.distance_m(corner) * 0.99))
        }));
    }
    boxes.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let mut found: Vec<(Row, f64)> = Vec::new();
    for (row, at_least) in boxes {
        if found.len() >= k && found.get(k.wrapping_sub(1)).is_none_or(|last| at_least > last.1) {
            break;
        }
        let geometry = collection.geometry(row);
        budget.spend(MEASURE_UNITS + size(&geometry) * 4)?;
        let metres = match &*geometry {
            Geometry::Point(there) => {
                LonLat::new(there.x(), there.y()).map_or(f64::MAX, |there| point.distance_m(there))
            }
            shape => distance::between_m(&here, shape),
        };
        let at = found.partition_point(|other| other.1.total_cmp(&metres).then(other.0.cmp(&row)).is_lt());
        found.insert(at, (row, metres));
        found.truncate(k);
    }
    Ok(found)
}

fn size(geometry: &Geometry<f64>) -> u64 {
    use geo::CoordsIter as _;
    geometry.coords_count() as u64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use geo::{LineString, Polygon};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::feature::Feature;
    use crate::query::collection::{Households, People, ReferenceLayer};
    use crate::snapshot::{
        invented::{self, LAMEZIA},
        layer::Layer,
        schema::Titles,
    };

    /// The slow twin: every selected row is measured, all are sorted.
    fn slow(collection: &dyn Collection, selection: &Selection, point: LonLat, k: usize) -> Vec<(Row, f64)> {
        let here = Geometry::Point(Point::new(point.lon(), point.lat()));
        let metres = |row: Row| match collection.point(row) {
            Some(there) => point.distance_m(there),
            None => distance::between_m(&here, &collection.geometry(row)),
        };
        let mut all: Vec<(Row, f64)> = selection.rows().iter().map(|row| (row, metres(row))).collect();
        all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        all.truncate(k);
        all
    }

    fn some(len: u32, share: u32) -> Selection {
        let rows = (0..len).map(Row).filter(|row| (row.0.wrapping_mul(2_654_435_761) >> 16) % 100 < share).collect();
        Selection::new(rows, len)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_nearest_are_those_of_a_sort((snapshot, _) in invented::worlds(400), share in 0u32..=100, dx in -0.5..0.5, dy in -0.5..0.5, k in 0usize..60) {
            let point = LonLat::new(LAMEZIA.0 + dx, LAMEZIA.1 + dy).unwrap();
            let households = Arc::new(Households::new(Arc::new(snapshot)));
            let people = People::new(Arc::clone(&households));
            for collection in [&*households as &dyn Collection, &people] {
                let selection = some(collection.len(), share);
                let found = rows(collection, &selection, point, k, &Budget::default()).unwrap();
                prop_assert_eq!(found, slow(collection, &selection, point, k));
            }
            let selection = some(households.len(), share);
            let snapshot = households.snapshot();
            let opened = snapshot.nearest(point, k, |span| selection.count_in(span) > 0, |row| selection.bits().get(row));
            prop_assert_eq!(opened, slow(&*households, &selection, point, k));
        }

        #[test]
        fn the_nearest_features_too(corners in prop::collection::vec((-0.5..0.5f64, -0.5..0.5f64, 0.001..0.3f64), 0..80), share in 0u32..=100, k in 0usize..30) {
            let feature = |(at, &(x, y, side)): (usize, &(f64, f64, f64))| {
                let (x, y) = (LAMEZIA.0 + x, LAMEZIA.1 + y);
                let line = LineString::from(vec![(x, y), (x + side, y), (x + side / 3.0, y + side)]);
                let geometry = match at % 3 {
                    0 => Geometry::from(line),
                    1 => Geometry::from(Point::new(x, y)),
                    _ => Geometry::from(Polygon::new(line, vec![])),
                };
                Feature { id: at as u64 + 1, geometry, properties: vec![] }
            };
            let features = corners.iter().enumerate().map(feature).collect();
            let layer = ReferenceLayer::new(Arc::new(Layer::freeze("l", Titles::default(), features)));
            let selection = some(layer.len(), share);
            let point = LonLat::new(LAMEZIA.0, LAMEZIA.1).unwrap();
            let found = rows(&layer, &selection, point, k, &Budget::default()).unwrap();
            prop_assert_eq!(found, slow(&layer, &selection, point, k));
        }
    }
}
