//! In which area of a layer each row lies.

use geo::{Geometry, MultiPolygon};

use crate::query::{
    area::Area,
    budget::{Budget, Spent},
    collection::{Collection, ReferenceLayer},
};
use crate::snapshot::Row;

/// The area of each row: the first, in the layer's order, that holds it or its border. Made once for a collection and a
/// layer, 4 bytes a row.
#[derive(Debug)]
pub struct Assignment {
    areas: Box<[u32]>,
}

const NOWHERE: u32 = u32::MAX;

impl Assignment {
    /// Lays every polygon of the layer over the rows of the collection.
    pub fn new(collection: &dyn Collection, layer: &ReferenceLayer, budget: &Budget) -> Result<Self, Spent> {
        let mut areas = vec![NOWHERE; collection.len() as usize];
        for place in (0..layer.len()).rev() {
            let polygons = match &*layer.geometry(Row(place)) {
                Geometry::Polygon(polygon) => MultiPolygon(vec![polygon.clone()]),
                Geometry::MultiPolygon(polygons) => polygons.clone(),
                _ => continue,
            };
            let Ok(area) = Area::of_polygons(polygons) else { continue };
            for row in area.rows_of(collection, budget)?.iter() {
                areas[row.0 as usize] = place;
            }
        }
        Ok(Self { areas: areas.into() })
    }

    /// The area's row in its layer.
    pub fn area(&self, row: Row) -> Option<Row> {
        self.areas.get(row.0 as usize).copied().filter(|&area| area != NOWHERE).map(Row)
    }

    /// Bytes on the heap.
    pub const fn heap_bytes(&self) -> usize {
        self.areas.len() * 4
    }
}
