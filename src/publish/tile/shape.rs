//! Shapes on their way into a tile: projected once, then cut, rounded, and written as drawing commands.

use geo::Geometry;

use super::{
    address::{self, EXTENT, TileAddress},
    clip,
    wire::zigzag,
};
use crate::domain::geo::LonLat;

/// Units beyond the tile's side that are still drawn, so that strokes and hexagons meet at the seam.
pub const BUFFER: u32 = 128;

/// A ring or a line: points of the unit square of Web Mercator.
pub type Path = Vec<[f64; 2]>;

/// A shape in the unit square of Web Mercator.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Points.
    Points(Vec<[f64; 2]>),
    /// Lines of two points or more.
    Lines(Vec<Path>),
    /// Polygons: the exterior first, then the holes; no repeated last point.
    Polygons(Vec<Vec<Path>>),
}

/// What kind of geometry a feature of a tile has (MVT 4.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Points.
    Point = 1,
    /// Lines.
    Line = 2,
    /// Polygons.
    Polygon = 3,
}

impl Kind {
    /// The name used in the API and in TileJSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Line => "line",
            Self::Polygon => "polygon",
        }
    }
}

const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE_PATH: u32 = 7;

impl Shape {
    /// Projects a geometry in degrees (longitude first). Empty for a geometry without a drawable part; a collection
    /// gives the parts of its greatest dimension.
    pub fn of(geometry: &Geometry<f64>) -> Self {
        match geometry {
            Geometry::Point(p) => Self::Points(projected([p.0])),
            Geometry::MultiPoint(points) => Self::Points(projected(points.iter().map(|p| p.0))),
            Geometry::Line(l) => Self::Lines(vec![projected([l.start, l.end])]),
            Geometry::LineString(l) => Self::Lines(vec![projected(l.coords().copied())]),
            Geometry::MultiLineString(lines) => {
                Self::Lines(lines.iter().map(|l| projected(l.coords().copied())).collect())
            }
            Geometry::Polygon(p) => Self::Polygons(vec![rings(p)]),
            Geometry::MultiPolygon(polygons) => Self::Polygons(polygons.iter().map(rings).collect()),
            Geometry::Rect(r) => Self::Polygons(vec![rings(&r.to_polygon())]),
            Geometry::Triangle(t) => Self::Polygons(vec![rings(&t.to_polygon())]),
            Geometry::GeometryCollection(parts) => Self::of_parts(parts.iter()),
        }
    }

    fn of_parts<'a>(parts: impl Iterator<Item = &'a Geometry<f64>>) -> Self {
        let (mut points, mut lines, mut polygons) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            match Self::of(part) {
                Self::Points(more) => points.extend(more),
                Self::Lines(more) => lines.extend(more),
                Self::Polygons(more) => polygons.extend(more),
            }
        }
        if !polygons.is_empty() {
            Self::Polygons(polygons)
        } else if !lines.is_empty() {
            Self::Lines(lines)
        } else {
            Self::Points(points)
        }
    }

    /// Its box in the unit square.
    pub fn bounds(&self) -> clip::Box4 {
        let merge = |a: clip::Box4, b: clip::Box4| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])];
        match self {
            Self::Points(points) => clip::around(points),
            Self::Lines(lines) => lines.iter().map(|l| clip::around(l)).fold(clip::around(&[]), merge),
            Self::Polygons(polygons) => {
                polygons.iter().filter_map(|p| p.first()).map(|r| clip::around(r)).fold(clip::around(&[]), merge)
            }
        }
    }

    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Points(_) => Kind::Point,
            Self::Lines(_) => Kind::Line,
            Self::Polygons(_) => Kind::Polygon,
        }
    }

    /// The drawing commands in a tile, written over `commands`; empty where nothing of the shape is seen there.
    /// Lines and rings lose the points that lie within `tolerance` units of the drawn line.
    pub fn draw(&self, tile: TileAddress, tolerance: f64, commands: &mut Vec<u32>) {
        commands.clear();
        let mut pen = Pen { at: [0, 0], commands };
        match self {
            Self::Points(points) => pen.points(points.iter().map(|&p| tile.place(p))),
            Self::Lines(lines) => lines.iter().for_each(|line| pen.line(&placed(line, tile), tolerance)),
            Self::Polygons(polygons) => polygons.iter().for_each(|polygon| pen.polygon(polygon, tile, tolerance)),
        }
    }
}

fn projected(coords: impl IntoIterator<Item = geo::Coord<f64>>) -> Path {
    coords.into_iter().filter_map(|c| LonLat::new(c.x, c.y).ok()).map(address::project).collect()
}

fn rings(polygon: &geo::Polygon<f64>) -> Vec<Path> {
    std::iter::once(polygon.exterior())
        .chain(polygon.interiors())
        .map(|ring| {
            let mut points = projected(ring.coords().copied());
            if points.len() > 1 && points.first() == points.last() {
                points.pop();
            }
            points
        })
        .collect()
}

fn placed(path: &[[f64; 2]], tile: TileAddress) -> Path {
    path.iter().map(|&p| tile.place(p)).collect()
}

/// The box of what is drawn, in units of the tile.
const fn window() -> clip::Box4 {
    let (least, most) = (-(BUFFER as f64), (EXTENT + BUFFER) as f64);
    [least, least, most, most]
}

const fn command(id: u32, count: u32) -> u32 {
    id | count << 3
}

/// Writes commands relative to where it stands.
struct Pen<'a> {
    at: [i32; 2],
    commands: &'a mut Vec<u32>,
}

impl Pen<'_> {
    fn step(&mut self, to: [i32; 2]) {
        self.commands.push(zigzag(to[0] - self.at[0]));
        self.commands.push(zigzag(to[1] - self.at[1]));
        self.at = to;
    }

    fn points(&mut self, points: impl Iterator<Item = [f64; 2]>) {
        let w = window();
        let seen: Vec<[i32; 2]> =
            points.filter(|p| w[0] <= p[0] && p[0] <= w[2] && w[1] <= p[1] && p[1] <= w[3]).map(rounded).collect();
        if seen.is_empty() {
            return;
        }
        self.commands.push(command(MOVE_TO, seen.len() as u32));
        for point in seen {
            self.step(point);
        }
    }

    fn line(&mut self, line: &[[f64; 2]], tolerance: f64) {
        for run in clip::line(line, window()) {
            let run = grid(&simplified(run, tolerance));
            if run.len() >= 2 {
                self.path(&run);
            }
        }
    }

    /// Moves to the first point and draws to the others.
    fn path(&mut self, points: &[[i32; 2]]) {
        self.commands.push(command(MOVE_TO, 1));
        self.step(points[0]);
        self.commands.push(command(LINE_TO, points.len() as u32 - 1));
        for &point in &points[1..] {
            self.step(point);
        }
    }

    fn polygon(&mut self, polygon: &[Path], tile: TileAddress, tolerance: f64) {
        for (i, ring) in polygon.iter().enumerate() {
            let mut ring = placed(ring, tile);
            let bounds = clip::around(&ring);
            if !clip::within(bounds, window()) {
                ring = if clip::touch(bounds, window()) { clip::ring(&ring, window()) } else { Vec::new() };
            }
            if tolerance > 0.0 && ring.len() > 8 {
                ring = simplified_ring(ring, tolerance);
            }
            let ring = wound(grid_ring(&ring), if i == 0 { Side::Exterior } else { Side::Hole });
            match ring {
                Some(ring) => {
                    self.path(&ring);
                    self.commands.push(command(CLOSE_PATH, 1));
                }
                // A hole without its exterior would be read as an exterior.
                None if i == 0 => return,
                None => {}
            }
        }
    }
}

fn rounded(p: [f64; 2]) -> [i32; 2] {
    [p[0].round() as i32, p[1].round() as i32]
}

/// Rounded, no point twice in a row.
fn grid(points: &[[f64; 2]]) -> Vec<[i32; 2]> {
    let mut out: Vec<[i32; 2]> = Vec::with_capacity(points.len());
    for &point in points {
        let point = rounded(point);
        if out.last() != Some(&point) {
            out.push(point);
        }
    }
    out
}

fn grid_ring(points: &[[f64; 2]]) -> Vec<[i32; 2]> {
    let mut out = grid(points);
    while out.len() > 1 && out.first() == out.last() {
        out.pop();
    }
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Exterior,
    Hole,
}

/// The ring turned as MVT 4.3.3.3 wants it; none for a ring that rounding collapsed.
fn wound(mut ring: Vec<[i32; 2]>, side: Side) -> Option<Vec<[i32; 2]>> {
    let area = twice_area(&ring);
    if ring.len() < 3 || area == 0 {
        return None;
    }
    if (area > 0) != (side == Side::Exterior) {
        ring.reverse();
    }
    Some(ring)
}

/// Twice the signed area by the surveyor's formula; positive is clockwise on a screen (y downward).
pub(super) fn twice_area(ring: &[[i32; 2]]) -> i64 {
    let mut area = 0_i64;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        area += i64::from(a[0]) * i64::from(b[1]) - i64::from(b[0]) * i64::from(a[1]);
    }
    area
}

fn simplified(points: Path, tolerance: f64) -> Path {
    use geo::Simplify;
    if tolerance <= 0.0 || points.len() < 3 {
        return points;
    }
    let line: geo::LineString<f64> = points.iter().map(|p| (p[0], p[1])).collect();
    line.simplify(tolerance).coords().map(|c| [c.x, c.y]).collect()
}

fn simplified_ring(mut points: Path, tolerance: f64) -> Path {
    // Closed and cut where it is widest, so that both ends of the simplified line are true corners.
    let far = (0..points.len()).max_by(|&a, &b| points[a][0].total_cmp(&points[b][0])).unwrap_or(0);
    points.rotate_left(far);
    let half = points.len() / 2;
    let mut first = simplified(points[..=half].to_vec(), tolerance);
    let mut rest = points[half..].to_vec();
    rest.push(points[0]);
    let second = simplified(rest, tolerance);
    first.extend(&second[1..second.len() - 1]);
    first
}
