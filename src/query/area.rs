//! Areas: shapes that a question draws on the map, and the rows that lie in them.
//!
//! Over households a shape is laid on the boxes of neighbouring rows: what lies wholly inside is taken unseen, only rows near
//! the border are judged one by one. Features of a layer belong where their geometry meets the area.

use std::sync::Arc;

use geo::{BoundingRect, CoordsIter, Geometry, Intersects, MultiPolygon};
use h3o::{CellIndex, Resolution};
use roaring::RoaringBitmap;

use super::{
    budget::{Budget, Spent},
    collection::Collection,
    page,
};
use crate::domain::geo::{BBox, LonLat};
use crate::snapshot::{
    Row, Rows, Snapshot, Span,
    cover::{Relation, Shape},
    grid,
};

mod gate;
mod mosaic;
mod outline;
mod reach;

pub use gate::{InvalidArea, MAX_PARTS, MAX_RADIUS_M, MAX_VERTICES, MAX_WIDTH_M};

use self::{mosaic::Mosaic, reach::Reach};

/// A part of the Earth. Made only by the gate: its places are finite and in range, its rings closed and uncrossed.
#[derive(Clone, Debug)]
pub struct Area(Form);

#[derive(Clone, Debug)]
enum Form {
    /// Inside polygons or on their border.
    Polygons(Arc<Mosaic>, Arc<MultiPolygon<f64>>),
    /// Counted in one of these cells, ascending.
    Cells(Arc<[CellIndex]>),
    /// Within metres of a point or a line.
    Reach(Arc<Reach>),
    /// In a box, which crosses the antimeridian where `west` is greater than `east`.
    Box(BBox),
    /// In one at least.
    Union(Arc<[Area]>),
    /// In the first and in none of the others.
    Difference(Arc<[Area]>),
    /// In all.
    Intersection(Arc<[Area]>),
}

impl Area {
    /// The households of a snapshot that live in it.
    pub fn rows(&self, snapshot: &Snapshot, budget: &Budget) -> Result<Rows, Spent> {
        match &self.0 {
            Form::Polygons(mosaic, _) => snapshot.rows_in(&mut Laid { shape: &**mosaic, budget }),
            Form::Reach(reach) => snapshot.rows_in(&mut Laid { shape: &**reach, budget }),
            Form::Box(bbox) => {
                let boxes = halves(*bbox).map(|half| snapshot.rows_in(&mut Laid { shape: &half, budget }));
                Ok(any(boxes.collect::<Result<_, _>>()?))
            }
            Form::Cells(cells) => {
                budget.spend(cells.len() as u64 * 16)?;
                let (coarse, fine): (Vec<CellIndex>, Vec<CellIndex>) =
                    cells.iter().partition(|cell| cell.resolution() <= grid::ROW_RESOLUTION);
                let spans: Vec<Span> = coarse.iter().map(|&cell| snapshot.span(cell)).collect();
                let exact = fine.iter().flat_map(|&cell| rows_of_fine(snapshot, cell));
                Ok(any(vec![Rows::of_spans(&spans), exact.collect()]))
            }
            Form::Union(parts) => Ok(any(each(parts, |part| part.rows(snapshot, budget))?)),
            Form::Difference(parts) => Ok(less(each(parts, |part| part.rows(snapshot, budget))?)),
            Form::Intersection(parts) => Ok(all(each(parts, |part| part.rows(snapshot, budget))?)),
        }
    }

    /// The rows of any collection that lie in it: households by where they live, features where their geometry meets it.
    pub fn rows_of(&self, collection: &dyn Collection, budget: &Budget) -> Result<Rows, Spent> {
        if let Some(snapshot) = collection.snapshot() {
            return self.rows(snapshot, budget);
        }
        if let Some(homes) = collection.homes() {
            budget.spend(u64::from(collection.len()) / 8)?;
            return Ok(homes.snapshot().spread(&self.rows(homes.snapshot(), budget)?));
        }
        budget.spend(u64::from(collection.len()) / 8)?;
        let near = match self.bounds() {
            Some(bounds) => page::in_box(collection, bounds),
            None => return Ok(Rows::default()),
        };
        let mut outline = None;
        let mut found = RoaringBitmap::new();
        for row in near.iter() {
            let geometry = collection.geometry(row);
            let inside = if let Geometry::Point(point) = &*geometry {
                budget.spend(16)?;
                LonLat::new(point.x(), point.y()).is_ok_and(|point| self.contains(point))
            } else {
                self.meets(&geometry, &mut outline, budget)?
            };
            if inside {
                found.insert(row.0);
            }
        }
        Ok(found.into())
    }

    /// Whether a point is in it or on its border.
    pub fn contains(&self, point: LonLat) -> bool {
        match &self.0 {
            Form::Polygons(mosaic, _) => mosaic.contains(point),
            Form::Reach(reach) => reach.contains(point),
            Form::Box(bbox) => halves(*bbox).any(|half| half.contains(point)),
            Form::Cells(cells) => in_cells(cells, point),
            Form::Union(parts) => parts.iter().any(|part| part.contains(point)),
            Form::Difference(parts) => {
                let mut parts = parts.iter();
                parts.next().is_some_and(|first| first.contains(point)) && !parts.any(|part| part.contains(point))
            }
            Form::Intersection(parts) => parts.iter().all(|part| part.contains(point)),
        }
    }

    /// A box that holds it, perhaps with room to spare; none where nothing can be in it.
    pub fn bounds(&self) -> Option<BBox> {
        match &self.0 {
            Form::Polygons(mosaic, _) => Some(mosaic.bounds()),
            Form::Reach(reach) => Some(reach.bounds()),
            Form::Box(bbox) => halves(*bbox).reduce(BBox::join),
            Form::Cells(cells) => cells.iter().map(|&cell| grid::bbox(cell)).reduce(BBox::join),
            Form::Union(parts) => parts.iter().filter_map(Self::bounds).reduce(BBox::join),
            Form::Difference(parts) => parts.first().and_then(Self::bounds),
            Form::Intersection(parts) => {
                let mut boxes = parts.iter().map(Self::bounds);
                let first = boxes.next()??;
                boxes.try_fold(first, |a, b| shared(a, b?))
            }
        }
    }

    /// Whether a geometry has a point in it. Its outline is made at the first geometry that needs it.
    fn meets(
        &self,
        geometry: &Geometry<f64>,
        outline: &mut Option<MultiPolygon<f64>>,
        budget: &Budget,
    ) -> Result<bool, Spent> {
        if let (Form::Polygons(mosaic, _), Some(rect)) = (&self.0, geometry.bounding_rect()) {
            let bbox = BBox { west: rect.min().x, south: rect.min().y, east: rect.max().x, north: rect.max().y };
            let (relation, looked) = mosaic.relation(&bbox);
            budget.spend(looked)?;
            if relation != Relation::Border {
                return Ok(relation == Relation::Inside);
            }
        }
        if outline.is_none() {
            *outline = Some(self.outline(budget)?);
        }
        let Some(outline) = outline else { return Ok(false) };
        budget.spend(geometry.coords_count() as u64 * outline.coords_count() as u64)?;
        Ok(geometry.intersects(outline))
    }
}

/// Rows that live in a cell finer than rows are sorted by.
fn rows_of_fine(snapshot: &Snapshot, cell: CellIndex) -> impl Iterator<Item = Row> {
    let span = cell.parent(grid::ROW_RESOLUTION).map_or_else(Span::default, |parent| snapshot.span(parent));
    span.rows().filter(move |&row| grid::cell_at(snapshot.point(row), cell.resolution()) == cell)
}

/// Whether a point is counted in one of some cells: by way of the cell by which rows are sorted, since cells do not nest.
fn in_cells(cells: &[CellIndex], point: LonLat) -> bool {
    let own = grid::cell_at(point, grid::ROW_RESOLUTION);
    (0..=15).filter_map(|resolution| Resolution::try_from(resolution).ok()).any(|resolution| {
        let cell = match own.parent(resolution) {
            Some(cell) => cell,
            None => grid::cell_at(point, resolution),
        };
        let held = cells.binary_search(&cell).is_ok();
        held && (resolution <= grid::ROW_RESOLUTION || cell.parent(grid::ROW_RESOLUTION) == Some(own))
    })
}

fn halves(bbox: BBox) -> impl Iterator<Item = BBox> {
    let (first, second) = if bbox.west <= bbox.east {
        (bbox, None)
    } else {
        (BBox { east: 180.0, ..bbox }, Some(BBox { west: -180.0, ..bbox }))
    };
    std::iter::once(first).chain(second)
}

fn shared(a: BBox, b: BBox) -> Option<BBox> {
    a.touches(&b).then(|| BBox {
        west: a.west.max(b.west),
        south: a.south.max(b.south),
        east: a.east.min(b.east),
        north: a.north.min(b.north),
    })
}

fn each(parts: &[Area], rows: impl Fn(&Area) -> Result<Rows, Spent>) -> Result<Vec<Rows>, Spent> {
    parts.iter().map(rows).collect()
}

fn any(sets: Vec<Rows>) -> Rows {
    sets.into_iter().map(RoaringBitmap::from).reduce(|a, b| a | b).unwrap_or_default().into()
}

fn all(sets: Vec<Rows>) -> Rows {
    sets.into_iter().map(RoaringBitmap::from).reduce(|a, b| a & b).unwrap_or_default().into()
}

fn less(sets: Vec<Rows>) -> Rows {
    sets.into_iter().map(RoaringBitmap::from).reduce(|a, b| a - b).unwrap_or_default().into()
}

/// A shape that is laid over rows as far as the budget goes.
struct Laid<'a, T> {
    shape: &'a T,
    budget: &'a Budget,
}

/// How it is laid.
trait Layable {
    fn relation(&self, bbox: &BBox) -> (Relation, u64);
    fn cost(&self, point: LonLat) -> u64;
    fn contains(&self, point: LonLat) -> bool;
}

impl<T: Layable> Shape for Laid<'_, T> {
    type Stop = Spent;

    fn relation(&mut self, bbox: &BBox) -> Result<Relation, Spent> {
        let (relation, looked) = self.shape.relation(bbox);
        let middle = LonLat::new(bbox.west, bbox.south).map_or(1, |point| self.shape.cost(point));
        // Should the box be a leaf on the border, each of its rows will cost as much.
        let rows = if relation == Relation::Border { middle * 16 } else { 0 };
        self.budget.spend(looked + rows)?;
        Ok(relation)
    }

    fn contains(&mut self, point: LonLat) -> bool {
        self.shape.contains(point)
    }
}

impl Layable for Mosaic {
    fn relation(&self, bbox: &BBox) -> (Relation, u64) {
        self.relation(bbox)
    }

    fn cost(&self, point: LonLat) -> u64 {
        self.cost(point.lat())
    }

    fn contains(&self, point: LonLat) -> bool {
        self.contains(point)
    }
}

impl Layable for Reach {
    fn relation(&self, bbox: &BBox) -> (Relation, u64) {
        self.relation(bbox)
    }

    fn cost(&self, _: LonLat) -> u64 {
        16 + self.len() as u64 / 16
    }

    fn contains(&self, point: LonLat) -> bool {
        self.contains(point)
    }
}

impl Layable for BBox {
    fn relation(&self, bbox: &BBox) -> (Relation, u64) {
        let inside =
            self.west <= bbox.west && bbox.east <= self.east && self.south <= bbox.south && bbox.north <= self.north;
        (
            if inside {
                Relation::Inside
            } else if self.touches(bbox) {
                Relation::Border
            } else {
                Relation::Outside
            },
            1,
        )
    }

    fn cost(&self, _: LonLat) -> u64 {
        1
    }

    fn contains(&self, point: LonLat) -> bool {
        self.contains(point)
    }
}

#[cfg(test)]
mod tests;
