//! Makes a geometry valid by OGC Simple Features, or says why it cannot be.

use std::panic;

use geo::{
    Area, BooleanOps, BoundingRect, Contains, CoordsIter, Euclidean, Geometry, GeometryCollection, Length, LineString,
    MultiLineString, MultiPolygon, Polygon, Rect, Validation,
    bool_ops::{FillRule, OpType, unary_union},
    coordinate_position::{CoordPos, coord_pos_relative_to_ring},
    orient::{Direction, Orient},
};

use super::rings::{Contacts, clean, contacts};

const UNREPAIRED: &str = "the rings cross and could not be repaired";

/// What was done to a geometry, where anything was.
type Repaired = Option<&'static str>;

/// Points up to which the library's judge is asked, which is exact and looks at every pair of edges.
const JUDGED: usize = 2_000;

const CUT: &str = "rings that cross or lie wrong were cut by the even-odd rule";
pub(super) const CLEANED: &str = "repeated points or spikes were removed";
const MERGED: &str = "polygons that overlap were merged";
/// Width of a ring that encloses nothing: a ten-thousandth of a millimetre. The overlay lays a grid over what it is given,
/// and its numbers overflow where that is all but a point.
const LEAST_DEGREES: f64 = 1e-12;
const EMPTY: &str = "the polygon encloses no area";

/// The valid geometry, and what was done.
pub(super) fn geometry(geometry: Geometry<f64>) -> Result<(Geometry<f64>, Repaired), &'static str> {
    Ok(match geometry {
        Geometry::Point(_) | Geometry::MultiPoint(_) => (geometry, None),
        Geometry::Line(line) => (Geometry::LineString(self::line(&LineString::from(line))?), None),
        Geometry::LineString(line) => (Geometry::LineString(self::line(&line)?), None),
        Geometry::MultiLineString(lines) => {
            let count = lines.0.len();
            let lines: Vec<_> = lines.0.iter().filter_map(|line| self::line(line).ok()).collect();
            match lines.len() {
                0 => return Err(NO_LENGTH),
                left => {
                    let what = (left < count).then_some("lines without length were removed");
                    (Geometry::MultiLineString(MultiLineString(lines)), what)
                }
            }
        }
        Geometry::Polygon(polygon) => areas(&[polygon])?,
        Geometry::MultiPolygon(polygons) => match areas(&polygons.0)? {
            (Geometry::Polygon(single), what) => (Geometry::MultiPolygon(MultiPolygon(vec![single])), what),
            other => other,
        },
        Geometry::Rect(rect) => areas(&[rect.to_polygon()])?,
        Geometry::Triangle(triangle) => areas(&[triangle.to_polygon()])?,
        Geometry::GeometryCollection(parts) => {
            let mut what = None;
            let mut valid = Vec::with_capacity(parts.0.len());
            for part in parts.0 {
                let (part, repaired) = self::geometry(part)?;
                what = what.or(repaired);
                valid.push(part);
            }
            (Geometry::GeometryCollection(GeometryCollection(valid)), what)
        }
    })
}

const NO_LENGTH: &str = "the line has no length";

fn line(line: &LineString<f64>) -> Result<LineString<f64>, &'static str> {
    let mut points = line.0.clone();
    points.dedup();
    if points.len() < 2 { Err(NO_LENGTH) } else { Ok(LineString(points)) }
}

/// Valid polygons, one or several.
fn areas(polygons: &[Polygon<f64>]) -> Result<(Geometry<f64>, Repaired), &'static str> {
    let mut what = None;
    let mut cleaned = Vec::with_capacity(polygons.len());
    for polygon in polygons {
        match clean_polygon(polygon) {
            Some((polygon, changed)) => {
                what = what.or(changed.then_some(CLEANED));
                cleaned.push(polygon);
            }
            None => what = Some(CLEANED),
        }
    }
    if cleaned.is_empty() {
        return Err(EMPTY);
    }
    let mut valid = MultiPolygon(cleaned);
    match judge(&valid) {
        Judgement::Sound => {}
        Judgement::Tangled => return Err("the rings cross too often to be repaired"),
        Judgement::Doubtful => {
            let (rebuilt, merged) = guarded(|| rebuild(&valid)).ok_or(UNREPAIRED)?;
            if !same(&valid, &rebuilt) {
                valid = rebuilt;
                what = Some(if merged { MERGED } else { CUT });
            }
        }
        Judgement::Broken => {
            let merged;
            (valid, merged) = guarded(|| rebuild(&valid)).ok_or(UNREPAIRED)?;
            what = Some(if merged { MERGED } else { CUT });
        }
    }
    if valid.0.is_empty() || valid.unsigned_area() <= 0.0 {
        return Err(EMPTY);
    }
    if matches!(what, Some(CUT | MERGED)) && contacts(&rings(&valid)) >= Contacts::Crossing {
        return Err(UNREPAIRED);
    }
    let mut valid = valid.orient(Direction::Default);
    Ok(match valid.0.len() {
        1 => (Geometry::Polygon(valid.0.remove(0)), what),
        _ => (Geometry::MultiPolygon(valid), what),
    })
}

/// Without repeated points, spikes and holes that are none.
fn clean_polygon(polygon: &Polygon<f64>) -> Option<(Polygon<f64>, bool)> {
    let seen = |ring: &LineString<f64>| {
        ring.bounding_rect().is_some_and(|bounds| bounds.width().max(bounds.height()) >= LEAST_DEGREES)
    };
    let clean = |ring: &LineString<f64>| clean(ring).filter(|(ring, _)| seen(ring));
    let (exterior, mut changed) = clean(polygon.exterior())?;
    let mut interiors = Vec::with_capacity(polygon.interiors().len());
    for ring in polygon.interiors() {
        match clean(ring) {
            Some((ring, fewer)) => {
                changed |= fewer;
                interiors.push(ring);
            }
            None => changed = true,
        }
    }
    Some((Polygon::new(exterior, interiors), changed))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Judgement {
    Sound,
    /// Rings touch in points, or lie in each other: the overlay tells.
    Doubtful,
    Broken,
    Tangled,
}

fn rings(polygons: &MultiPolygon<f64>) -> Vec<&LineString<f64>> {
    polygons.0.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors())).collect()
}

fn judge(polygons: &MultiPolygon<f64>) -> Judgement {
    match contacts(&rings(polygons)) {
        Contacts::Tangled => Judgement::Tangled,
        Contacts::None if nested_well(polygons) => Judgement::Sound,
        // The library's judge is exact and slow; it looks at pairs of edges.
        Contacts::None | Contacts::Touching if polygons.coords_count() <= JUDGED && polygons.is_valid() => {
            Judgement::Sound
        }
        Contacts::None | Contacts::Touching => Judgement::Doubtful,
        Contacts::Crossing => Judgement::Broken,
    }
}

/// Whether holes lie in their polygon and not in each other, and polygons not in each other. No rings touch,
/// so one point of a ring tells for all. Where that would take too long the answer is no: the overlay is
/// quicker, and leaves sound polygons as they are.
fn nested_well(polygons: &MultiPolygon<f64>) -> bool {
    let mut budget = 200_000_000_usize;
    let holes = polygons.0.iter().all(|polygon| {
        let outer = Ring::new(polygon.exterior());
        let holes: Vec<Ring<'_>> = polygon.interiors().iter().map(Ring::new).collect();
        holes.iter().all(|hole| hole.is_inside(&outer, &mut budget) == Some(true)) && apart(&holes, &mut budget)
    });
    if !holes {
        return false;
    }
    // A polygon inside another is fine where it lies in a hole: the overlay tells.
    let exteriors: Vec<Ring<'_>> = polygons.0.iter().map(|polygon| Ring::new(polygon.exterior())).collect();
    apart(&exteriors, &mut budget)
}

/// Whether no ring lies in another.
fn apart(rings: &[Ring<'_>], budget: &mut usize) -> bool {
    let mut sorted: Vec<&Ring<'_>> = rings.iter().collect();
    sorted.sort_by(|one, other| one.bounds.min().x.total_cmp(&other.bounds.min().x));
    for (index, one) in sorted.iter().enumerate() {
        for other in sorted[index + 1..].iter().take_while(|other| other.bounds.min().x <= one.bounds.max().x) {
            let Some(left) = budget.checked_sub(1) else { return false };
            *budget = left;
            if one.is_inside(other, budget) != Some(false) || other.is_inside(one, budget) != Some(false) {
                return false;
            }
        }
    }
    true
}

/// A ring and its box.
struct Ring<'r> {
    line: &'r LineString<f64>,
    bounds: Rect<f64>,
}

impl<'r> Ring<'r> {
    fn new(line: &'r LineString<f64>) -> Self {
        let bounds = line.bounding_rect().unwrap_or_else(|| Rect::new((0.0, 0.0), (0.0, 0.0)));
        Self { line, bounds }
    }

    /// Whether this ring lies in the other; none where there is no time left to tell.
    fn is_inside(&self, outer: &Self, budget: &mut usize) -> Option<bool> {
        let boxed = outer.bounds.contains(&self.bounds.min()) && outer.bounds.contains(&self.bounds.max());
        if !boxed {
            return Some(false);
        }
        *budget = budget.checked_sub(outer.line.0.len())?;
        Some(coord_pos_relative_to_ring(self.line.0[0], outer.line) == CoordPos::Inside)
    }
}

/// Whether the overlay found nothing to change: as many polygons and rings, the same area, and rings as long: a needle
/// has no area to speak of.
fn same(before: &MultiPolygon<f64>, after: &MultiPolygon<f64>) -> bool {
    let (one, other) = (before.unsigned_area(), after.unsigned_area());
    let length = |polygons: &MultiPolygon<f64>| rings(polygons).into_iter().map(|ring| Euclidean.length(ring)).sum();
    let (long, again): (f64, f64) = (length(before), length(after));
    before.0.len() == after.0.len()
        && (long - again).abs() <= 1e-6 * long.max(again)
        && rings(before).len() == rings(after).len()
        && (one - other).abs() <= 1e-6 * one.max(other)
}

/// The overlay is a stranger's: where it breaks on a ring, the ring is at fault.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(panic::AssertUnwindSafe(work)).ok()
}

/// Each polygon by the even-odd rule (by the non-zero rule where that leaves nothing, as for a ring drawn
/// twice), then all together; whether they had to be merged.
fn rebuild(polygons: &MultiPolygon<f64>) -> (MultiPolygon<f64>, bool) {
    let nothing = MultiPolygon::<f64>(Vec::new());
    let mut parts = Vec::with_capacity(polygons.0.len());
    for polygon in &polygons.0 {
        let mut cut = polygon.boolean_op_with_fill_rule(&nothing, OpType::Union, FillRule::EvenOdd);
        if cut.0.is_empty() {
            cut = polygon.boolean_op_with_fill_rule(&nothing, OpType::Union, FillRule::NonZero);
        }
        parts.extend(cut.orient(Direction::Default).0);
    }
    if polygons.0.len() < 2 {
        return (MultiPolygon(parts), false);
    }
    let before: f64 = parts.iter().map(Area::unsigned_area).sum();
    let whole = unary_union(&parts);
    let merged = whole.unsigned_area() < before * (1.0 - 1e-9);
    (whole, merged)
}
