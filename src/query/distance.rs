//! Metres between shapes on the ellipsoid WGS84.

pub use crate::domain::geo::metres_per_degree;
use geo::{Coord, Geometry, Intersects, Line, LinesIter, Point, coords_iter::CoordsIter};

/// Metres from a point to a straight piece: in the plane that is true halfway between the point and what is nearest,
/// so within 0.1 % up to some hundred kilometres.
fn to_line_m(at: Coord<f64>, line: Line<f64>) -> f64 {
    let mut lat = at.y;
    let mut metres = 0.0;
    for _ in 0..2 {
        let [x, y] = metres_per_degree(lat);
        let (dx, dy) = ((line.end.x - line.start.x) * x, (line.end.y - line.start.y) * y);
        let (px, py) = ((at.x - line.start.x) * x, (at.y - line.start.y) * y);
        let length2 = dx * dx + dy * dy;
        let t = if length2 > 0.0 { ((px * dx + py * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
        metres = (px - t * dx).hypot(py - t * dy);
        lat = f64::midpoint(at.y, line.start.y + t * (line.end.y - line.start.y));
    }
    metres
}

fn pieces(geometry: &Geometry<f64>) -> Vec<Line<f64>> {
    let point = |point: &Point<f64>| Line::new(point.0, point.0);
    match geometry {
        Geometry::Point(one) => vec![point(one)],
        Geometry::MultiPoint(points) => points.iter().map(point).collect(),
        Geometry::GeometryCollection(parts) => parts.iter().flat_map(pieces).collect(),
        Geometry::Line(line) => vec![*line],
        Geometry::LineString(line) => line.lines_iter().collect(),
        Geometry::MultiLineString(lines) => lines.lines_iter().collect(),
        Geometry::Polygon(polygon) => polygon.lines_iter().collect(),
        Geometry::MultiPolygon(polygons) => polygons.lines_iter().collect(),
        Geometry::Rect(rect) => rect.to_lines().to_vec(),
        Geometry::Triangle(triangle) => triangle.to_lines().to_vec(),
    }
}

/// A shape to which many ways are measured.
pub struct Target(Vec<Line<f64>>);

impl Target {
    /// The border of a shape, or its points.
    pub fn new(geometry: &Geometry<f64>) -> Self {
        Self(pieces(geometry))
    }

    /// The shortest way from a point in metres.
    pub fn from_m(&self, at: Coord<f64>) -> f64 {
        self.0.iter().map(|line| to_line_m(at, *line)).fold(f64::INFINITY, f64::min)
    }
}

/// The shortest way between two shapes in metres; zero where they share a point. Between two lines that do not cross,
/// an end of one of them is nearest.
pub fn between_m(a: &Geometry<f64>, b: &Geometry<f64>) -> f64 {
    if a.intersects(b) {
        return 0.0;
    }
    if let Geometry::Point(point) = a {
        return Target::new(b).from_m(point.0);
    }
    let nearest = |from: &Geometry<f64>, to: &[Line<f64>]| {
        from.coords_iter().flat_map(|at| to.iter().map(move |line| to_line_m(at, *line))).fold(f64::INFINITY, f64::min)
    };
    nearest(a, &pieces(b)).min(nearest(b, &pieces(a)))
}
