//! Shapes of rows against a shape: boxes first, then the exact question of those whose boxes touch.

use geo::{
    BoundingRect, Coord, CoordsIter, Geometry, Intersects, LineString, LinesIter, PreparedGeometry, Rect, Relate,
};

use super::{
    Evaluator,
    locate::{Locator, Position},
};
use crate::{
    domain::geo::{BBox, LonLat},
    query::{
        budget::{Budget, Spent},
        distance,
        filter::{
            predicate::{Place, Relation},
            shape::Shape,
        },
        mask::{Mask, Truth},
    },
    snapshot::{cover, layer::Shapes},
};

/// Units for a vertex that takes part in an exact question.
const VERTEX_UNITS: u64 = 60;
/// Where fewer than one row in so many is wanted, rows are asked one by one.
const SPARSE: u64 = 16;

impl Evaluator<'_> {
    pub(super) fn spatial(self, relation: Relation, a: &Place, b: &Place, wanted: &Mask) -> Result<Truth, Spent> {
        match (a, b) {
            (Place::Own, Place::Literal(shape)) => self.to_shape(relation, shape, wanted),
            (Place::Literal(shape), Place::Own) => self.to_shape(relation.turned(), shape, wanted),
            (Place::Literal(a), Place::Literal(b)) => {
                self.budget.spend((weight(a) + weight(b)) * VERTEX_UNITS)?;
                Ok(Truth::same(self.len, Some(relation.holds(&a.geometry().relate(b.geometry())))))
            }
            (Place::Own, Place::Own) => self.each(wanted, VERTEX_UNITS, |row| {
                let own = self.collection.geometry(row);
                self.budget.spend(own.coords_count() as u64 * 2 * VERTEX_UNITS)?;
                Ok(Some(relation.holds(&own.relate(&*own))))
            }),
        }
    }

    /// How each row's own shape lies to another.
    fn to_shape(self, relation: Relation, shape: &Shape, wanted: &Mask) -> Result<Truth, Spent> {
        if self.collection.shapes() == Shapes::Points
            && let Some(locator) = Locator::new(shape.geometry(), shape.bounds())
        {
            self.budget.spend(shape.vertices() as u64 * 8)?;
            return self.points(relation, shape, &locator, wanted);
        }
        let near = Mask::of_rows(self.len, &self.collection.in_box(shape.bounds()));
        let other = weight(shape);
        self.budget.spend(other * VERTEX_UNITS)?;
        let prepared = PreparedGeometry::from(shape.geometry());
        let exact = self.each(&near.and(wanted.words()), VERTEX_UNITS, |row| {
            let own = self.collection.geometry(row);
            self.budget.spend((own.coords_count() as u64 + other) * VERTEX_UNITS)?;
            Ok(Some(relation.turned().holds(&prepared.relate(&*own))))
        })?;
        // Shapes whose boxes do not touch are disjoint, and nothing else.
        let set = if relation == Relation::Disjoint { exact.denied().inverted() } else { exact.set };
        Ok(Truth::of(set))
    }

    /// Points against an area.
    fn points(self, relation: Relation, shape: &Shape, locator: &Locator, wanted: &Mask) -> Result<Truth, Spent> {
        let mode = match relation {
            Relation::Intersects | Relation::Disjoint => Some(Mode { inside: true, border: true }),
            Relation::Within => Some(Mode { inside: true, border: false }),
            Relation::Touches => Some(Mode { inside: false, border: true }),
            // A point neither holds an area, nor is one, nor crosses it.
            Relation::Equals | Relation::Overlaps | Relation::Crosses | Relation::Contains => None,
        };
        let Some(mode) = mode else { return self.multiple(relation, shape, wanted, Mask::none(self.len)) };
        let set = match self.collection.snapshot() {
            Some(snapshot) if mode.inside && wanted.count() * SPARSE > u64::from(self.len) => {
                let rows = snapshot.rows_in(&mut Area { locator, mode, budget: self.budget, overspent: None })?;
                Mask::of_rows(self.len, &rows)
            }
            _ => {
                let asked = self.each(wanted, 8, |row| {
                    let Some(point) = self.collection.point(row) else { return Ok(None) };
                    self.budget.spend(locator.edges_at(point))?;
                    Ok(Some(mode.holds(locator.locate(point))))
                })?;
                asked.set
            }
        };
        let set = if relation == Relation::Disjoint { set.inverted() } else { set };
        self.multiple(relation, shape, wanted, set)
    }

    /// Puts right what was said of rows that hold several points.
    fn multiple(self, relation: Relation, shape: &Shape, wanted: &Mask, set: Mask) -> Result<Truth, Spent> {
        if self.collection.snapshot().is_some() {
            return Ok(Truth::of(set));
        }
        let several = self.each(wanted, 4, |row| Ok(Some(self.collection.point(row).is_none())))?.set;
        if several.is_empty() {
            return Ok(Truth::of(set));
        }
        let other = weight(shape);
        let exact = self.each(&several, VERTEX_UNITS, |row| {
            let own = self.collection.geometry(row);
            self.budget.spend((own.coords_count() as u64 + other) * VERTEX_UNITS)?;
            Ok(Some(relation.holds(&own.relate(shape.geometry()))))
        })?;
        Ok(Truth::of(set.without(several.words()).or(exact.set.words())))
    }

    /// Rows whose shape comes within so many metres of another.
    pub(super) fn near(self, shape: &Shape, metres: f64, wanted: &Mask) -> Result<Truth, Spent> {
        let reach = widened(shape.bounds(), metres);
        let near = Mask::of_rows(self.len, &self.collection.in_box(reach)).and(wanted.words());
        let other = shape.vertices() as u64;
        let locator = Locator::new(shape.geometry(), shape.bounds());
        let target = distance::Target::new(shape.geometry());
        let close = self.each(&near, 8, |row| {
            if let Some(point) = self.collection.point(row) {
                self.budget.spend(other * 8)?;
                let at = Coord { x: point.lon(), y: point.lat() };
                // Asked exactly: metres to a line on which the point lies may round to more than none.
                let touches = || match &locator {
                    Some(area) => area.locate(point) != Position::Outside,
                    None => shape.geometry().intersects(&at),
                };
                return Ok(Some(target.from_m(at) <= metres || touches()));
            }
            let own = self.collection.geometry(row);
            self.budget.spend(own.coords_count() as u64 * other * 8)?;
            Ok(Some(distance::between_m(&own, shape.geometry()) <= metres))
        })?;
        Ok(Truth::of(close.set))
    }
}

/// What a shape weighs in an exact question: its vertices, and each pair of its edges whose boxes meet, for each of which
/// the library keeps a node. Lines may run over themselves a thousand times.
fn weight(shape: &Shape) -> u64 {
    let mut boxes = Vec::new();
    edges(shape.geometry(), &mut boxes);
    boxes.sort_by(|a, b| a.min().x.total_cmp(&b.min().x));
    let met = |(at, edge): (usize, &Rect<f64>)| {
        let beside = boxes[at + 1..].iter().take_while(|other| other.min().x <= edge.max().x);
        beside.filter(|other| other.min().y <= edge.max().y && other.max().y >= edge.min().y).count() as u64
    };
    shape.vertices() as u64 + boxes.iter().enumerate().map(met).sum::<u64>()
}

/// The boxes of the edges of a shape.
fn edges(geometry: &Geometry<f64>, boxes: &mut Vec<Rect<f64>>) {
    let mut add = |line: &LineString<f64>| boxes.extend(line.lines().map(|edge| edge.bounding_rect()));
    match geometry {
        Geometry::LineString(line) => add(line),
        Geometry::MultiLineString(lines) => lines.iter().for_each(add),
        Geometry::Polygon(polygon) => boxes.extend(polygon.lines_iter().map(|edge| edge.bounding_rect())),
        Geometry::MultiPolygon(polygons) => boxes.extend(polygons.lines_iter().map(|edge| edge.bounding_rect())),
        Geometry::GeometryCollection(parts) => parts.iter().for_each(|part| edges(part, boxes)),
        _ => {}
    }
}

/// A box that holds all within so many metres of a box, with some to spare.
fn widened(bbox: BBox, metres: f64) -> BBox {
    let lat = bbox.south.abs().max(bbox.north.abs());
    let [_, high] = distance::metres_per_degree(0.0);
    let rise = metres * 1.01 / high;
    let top = (lat + rise).min(89.9);
    let [wide, _] = distance::metres_per_degree(top);
    let side = if lat + rise > 89.9 { 360.0 } else { metres * 1.01 / wide };
    BBox { west: bbox.west - side, south: bbox.south - rise, east: bbox.east + side, north: bbox.north + rise }
}

/// Which points of an area pass.
#[derive(Clone, Copy)]
struct Mode {
    inside: bool,
    border: bool,
}

impl Mode {
    fn holds(self, position: Position) -> bool {
        match position {
            Position::Inside => self.inside,
            Position::Border => self.border,
            Position::Outside => false,
        }
    }
}

/// An area laid over the households.
struct Area<'l> {
    locator: &'l Locator,
    mode: Mode,
    budget: &'l Budget,
    overspent: Option<Spent>,
}

impl cover::Shape for Area<'_> {
    type Stop = Spent;

    fn relation(&mut self, bbox: &BBox) -> Result<cover::Relation, Spent> {
        if let Some(spent) = self.overspent {
            return Err(spent);
        }
        if !self.locator.bounds().touches(bbox) {
            return Ok(cover::Relation::Outside);
        }
        let (crossed, looked) = self.locator.may_cross(bbox);
        self.budget.spend(looked)?;
        if crossed {
            return Ok(cover::Relation::Border);
        }
        // No edge comes near: all of it lies as one corner does.
        let corner = LonLat::new(bbox.west, bbox.south).map(|corner| self.locator.locate(corner));
        Ok(match corner {
            Ok(Position::Inside) => cover::Relation::Inside,
            Ok(Position::Outside) => cover::Relation::Outside,
            _ => cover::Relation::Border,
        })
    }

    fn contains(&mut self, point: LonLat) -> bool {
        self.overspent = self.overspent.or(self.budget.spend(self.locator.edges_at(point) + 4).err());
        self.mode.holds(self.locator.locate(point))
    }
}
