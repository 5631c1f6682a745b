//! Areas as polygons, where a line or a polygon of a layer must be compared with them.

use geo::{BooleanOps, Coord, CoordsIter, LineString, MultiPolygon, Polygon, unary_union};
use h3o::CellIndex;

use super::{Area, Form, halves};
use crate::domain::geo::BBox;
use crate::query::budget::{Budget, Spent};

/// Units of work for each vertex that is combined.
const VERTEX_UNITS: u64 = 1_000;

impl Area {
    /// Its polygons in degrees; circles and corridors are true to 0.01 % of their width.
    pub(super) fn outline(&self, budget: &Budget) -> Result<MultiPolygon<f64>, Spent> {
        let parts = |parts: &[Self]| -> Result<Vec<MultiPolygon<f64>>, Spent> {
            let outlines: Vec<_> = parts.iter().map(|part| part.outline(budget)).collect::<Result<_, _>>()?;
            spend(budget, &outlines)?;
            Ok(outlines)
        };
        Ok(match &self.0 {
            Form::Polygons(_, polygons) => MultiPolygon::clone(polygons),
            Form::Box(bbox) => MultiPolygon(halves(*bbox).map(rectangle).collect()),
            Form::Cells(cells) => joined(cells.iter().map(|&cell| hexagon(cell)).collect(), budget)?,
            Form::Reach(reach) => {
                joined(reach.outlines().map(|ring| Polygon::new(ring, Vec::new())).collect(), budget)?
            }
            Form::Union(of) => parts(of)?.into_iter().reduce(|a, b| a.union(&b)).unwrap_or(MultiPolygon(vec![])),
            Form::Difference(of) => {
                parts(of)?.into_iter().reduce(|a, b| a.difference(&b)).unwrap_or(MultiPolygon(vec![]))
            }
            Form::Intersection(of) => {
                parts(of)?.into_iter().reduce(|a, b| a.intersection(&b)).unwrap_or(MultiPolygon(vec![]))
            }
        })
    }
}

fn joined(polygons: Vec<Polygon<f64>>, budget: &Budget) -> Result<MultiPolygon<f64>, Spent> {
    spend(budget, &polygons)?;
    Ok(if polygons.len() == 1 { MultiPolygon(polygons) } else { unary_union(&polygons) })
}

fn spend(budget: &Budget, shapes: &[impl CoordsIter]) -> Result<(), Spent> {
    budget.spend(shapes.iter().map(|shape| shape.coords_count() as u64).sum::<u64>() * VERTEX_UNITS)
}

fn rectangle(BBox { west, south, east, north }: BBox) -> Polygon<f64> {
    let ring = [(west, south), (east, south), (east, north), (west, north), (west, south)];
    Polygon::new(LineString::from(ring.to_vec()), Vec::new())
}

fn hexagon(cell: CellIndex) -> Polygon<f64> {
    let ring: Vec<Coord<f64>> = cell.boundary().iter().map(|p| Coord { x: p.lng(), y: p.lat() }).collect();
    Polygon::new(LineString(ring), Vec::new())
}
