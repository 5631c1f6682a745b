//! The gate of shapes in a filter: well-known text becomes a sound geometry, or says why not.

use geo::{
    BoundingRect, Coord, CoordsIter, Geometry, GeometryCollection, LineString, MapCoords, MultiLineString, MultiPoint,
    MultiPolygon, Point, Polygon, Rect,
};

use crate::{
    domain::geo::BBox,
    ingest::{
        areas,
        crs::{Crs, Transform},
    },
};

/// Points of all shapes of a filter together.
pub const VERTICES_MAX: usize = 10_000;

/// A sound shape in degrees, longitude first.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    geometry: Geometry<f64>,
    bounds: BBox,
    vertices: usize,
}

impl Shape {
    /// A shape that passes the gate: finite, on Earth, not empty, sound. `crs` says in which system the coordinates are,
    /// in the axis order of its authority; CRS84 where it is none.
    pub fn new(geometry: Geometry<f64>, crs: Option<Crs>) -> Result<Self, &'static str> {
        if crs.is_some_and(Crs::is_northing_first) {
            return Self::eastward(geometry.map_coords(|c| Coord { x: c.y, y: c.x }), crs);
        }
        Self::eastward(geometry, crs)
    }

    /// The same where the easting comes first.
    fn eastward(geometry: Geometry<f64>, crs: Option<Crs>) -> Result<Self, &'static str> {
        let vertices = geometry.coords_count();
        if vertices == 0 {
            return Err("the geometry is empty");
        }
        if vertices > VERTICES_MAX {
            return Err("the geometry has more than 10,000 points");
        }
        if geometry.coords_iter().any(|c| !c.x.is_finite() || !c.y.is_finite()) {
            return Err("a coordinate is not a finite number");
        }
        let geometry = match crs.map(Transform::new).filter(|transform| !transform.crs().is_degrees()) {
            None => geometry,
            Some(transform) => geometry.try_map_coords(|c| match transform.to_degrees(c.x, c.y) {
                Some(point) => Ok(Coord { x: point.lon(), y: point.lat() }),
                None => Err("a coordinate is outside its coordinate system"),
            })?,
        };
        let on_earth = |c: Coord<f64>| (-180.0..=180.0).contains(&c.x) && (-90.0..=90.0).contains(&c.y);
        if !geometry.coords_iter().all(on_earth) {
            return Err("a coordinate is not on Earth: longitude −180 to 180 comes first, then latitude −90 to 90");
        }
        let geometry = areas::sound(geometry)?;
        let bounds = geometry.bounding_rect().ok_or("the geometry is empty")?;
        let bounds = BBox { west: bounds.min().x, south: bounds.min().y, east: bounds.max().x, north: bounds.max().y };
        Ok(Self { vertices: geometry.coords_count(), geometry, bounds })
    }

    /// A box; one whose west lies east of its east goes over the antimeridian. A box without width or height is a line
    /// or a point.
    pub fn of_box(sides: [f64; 4], crs: Option<Crs>) -> Result<Self, &'static str> {
        let [a, b, c, d] = sides;
        let (west, south, east, north) =
            if crs.is_some_and(Crs::is_northing_first) { (b, a, d, c) } else { (a, b, c, d) };
        if !sides.iter().all(|side| side.is_finite()) {
            return Err("a side of the box is not a finite number");
        }
        if south > north {
            return Err("the south of the box lies north of its north");
        }
        let is_degrees = crs.is_none_or(|crs| Transform::new(crs).crs().is_degrees());
        if west <= east {
            return Self::eastward(boxed(west, south, east, north), crs);
        }
        if !is_degrees {
            return Err("the west of the box lies east of its east");
        }
        let halves = [boxed(west, south, 180.0, north), boxed(-180.0, south, east, north)];
        if let [Geometry::Polygon(one), Geometry::Polygon(other)] = halves {
            return Self::eastward(MultiPolygon(vec![one, other]).into(), crs);
        }
        Err("a box over the antimeridian needs width and height")
    }

    /// The geometry.
    pub const fn geometry(&self) -> &Geometry<f64> {
        &self.geometry
    }

    /// The box around it.
    pub const fn bounds(&self) -> BBox {
        self.bounds
    }

    /// How many points it has.
    pub const fn vertices(&self) -> usize {
        self.vertices
    }
}

fn boxed(west: f64, south: f64, east: f64, north: f64) -> Geometry<f64> {
    let (low, high) = (Coord { x: west, y: south }, Coord { x: east, y: north });
    match (west < east, south < north) {
        (true, true) => Rect::new(low, high).to_polygon().into(),
        (false, false) => Point(low).into(),
        _ => LineString(vec![low, high]).into(),
    }
}

/// Reads well-known text (OGC 06-103r4, clause 7); heights and measures are left out.
pub fn read_wkt(text: &str) -> Result<Geometry<f64>, &'static str> {
    let mut reader = Reader { rest: text, vertices: 0 };
    let geometry = reader.geometry(0)?;
    if reader.rest.trim_start().is_empty() { Ok(geometry) } else { Err("something follows the geometry") }
}

struct Reader<'t> {
    rest: &'t str,
    vertices: usize,
}

const MISFIT: &str = "the geometry cannot be read";

impl Reader<'_> {
    fn word(&mut self) -> String {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_ascii_uppercase()
    }

    fn take(&mut self, sign: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, sign: char) -> Result<(), &'static str> {
        if self.take(sign) { Ok(()) } else { Err(MISFIT) }
    }

    /// Items in brackets with commas between.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, &'static str>) -> Result<Vec<T>, &'static str> {
        self.expect('(')?;
        let mut items = vec![item(self)?];
        while self.take(',') {
            items.push(item(self)?);
        }
        self.expect(')')?;
        Ok(items)
    }

    fn number(&mut self) -> Option<f64> {
        self.rest = self.rest.trim_start();
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        let number = number.parse().ok()?;
        self.rest = rest;
        Some(number)
    }

    fn coord(&mut self) -> Result<Coord<f64>, &'static str> {
        self.vertices += 1;
        if self.vertices > VERTICES_MAX {
            return Err("the geometry has more than 10,000 points");
        }
        let (Some(x), Some(y)) = (self.number(), self.number()) else {
            return Err("a coordinate is not a pair of numbers");
        };
        if self.number().is_some() && self.number().is_some() && self.number().is_some() {
            return Err("a coordinate has more than four numbers");
        }
        Ok(Coord { x, y })
    }

    fn line(&mut self) -> Result<LineString<f64>, &'static str> {
        self.list(Self::coord).map(LineString)
    }

    fn ring(&mut self) -> Result<LineString<f64>, &'static str> {
        let ring = self.line()?;
        if ring.0.len() < 4 || ring.0.first() != ring.0.last() {
            return Err("a ring is not closed: its last point is its first, and it has four or more");
        }
        Ok(ring)
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, &'static str> {
        let mut rings = self.list(Self::ring)?.into_iter();
        let shell = rings.next().ok_or(MISFIT)?;
        Ok(Polygon::new(shell, rings.collect()))
    }

    fn point(&mut self) -> Result<Point<f64>, &'static str> {
        if self.take('(') {
            let point = self.coord()?;
            self.expect(')')?;
            return Ok(Point(point));
        }
        self.coord().map(Point)
    }

    fn geometry(&mut self, depth: usize) -> Result<Geometry<f64>, &'static str> {
        let mut kind = self.word();
        if !matches!(self.rest.trim_start().chars().next(), Some('(')) {
            match self.word().as_str() {
                "Z" | "M" | "ZM" => {}
                "EMPTY" => return Err("the geometry is empty"),
                _ => return Err(MISFIT),
            }
        }
        // The marker may stand without a blank before it.
        for marker in ["ZM", "Z", "M"] {
            if let Some(bare) = kind.strip_suffix(marker).filter(|_| kind != "M" && kind != "Z") {
                kind = bare.to_owned();
                break;
            }
        }
        Ok(match kind.as_str() {
            "POINT" => self.point()?.into(),
            "LINESTRING" => self.line()?.into(),
            "POLYGON" => self.polygon()?.into(),
            "MULTIPOINT" => MultiPoint(self.list(Self::point)?).into(),
            "MULTILINESTRING" => MultiLineString(self.list(Self::line)?).into(),
            "MULTIPOLYGON" => MultiPolygon(self.list(Self::polygon)?).into(),
            "GEOMETRYCOLLECTION" if depth == 0 => {
                Geometry::GeometryCollection(GeometryCollection(self.list(|reader| reader.geometry(depth + 1))?))
            }
            _ => return Err(MISFIT),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_text_is_read() {
        for (text, points) in [
            ("POINT(1 2)", 1),
            ("point z (1 2 3)", 1),
            ("POINTZM(1 2 3 4)", 1),
            ("LINESTRING(0 0,1 1.5)", 2),
            ("POLYGON((0 0,1 0,1 1,0 0),(0.2 0.1,0.4 0.1,0.4 0.2,0.2 0.1))", 8),
            ("MULTIPOINT(1 2, (3 4))", 2),
            ("MULTILINESTRING Z((0 0 1,1 1 1),(2 2 2,3 3 3))", 4),
            ("MULTIPOLYGON(((0 0,1 0,1 1,0 0)))", 4),
            ("GEOMETRYCOLLECTION(POINT(7.02 49.92), POLYGON((0 0, 10 0, 10 10, 0 0)))", 5),
        ] {
            assert_eq!(read_wkt(text).map(|g| g.coords_count()), Ok(points), "{text}");
        }
    }

    #[test]
    fn what_is_no_sound_shape_is_refused() {
        for text in [
            "",
            "POINT",
            "POINT EMPTY",
            "POINT()",
            "POINT(1)",
            "POINT(1 2 3 4 5)",
            "POINT(1e 2)",
            "POLYGON(0 0,1 1)",
            "POLYGON((0 0,1 0,1 1))",
            "POLYGON((0 0,1 0,0 0))",
            "CIRCLE(0 0)",
            "POINT(1 2) x",
            "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2)))",
            "POINT(-",
            "LINESTRING(0 0,)",
        ] {
            assert!(read_wkt(text).is_err(), "{text}");
        }
        for text in [
            "POINT(181 0)",
            "POINT(0 91)",
            "POINT(1e300 0)",
            "LINESTRING(1 1,1 1)",
            "POLYGON((0 0,1 1,1 0,0 1,0 0))",
            "POLYGON((0 0,1 0,2 0,0 0))",
            "MULTIPOLYGON(((0 0,2 0,2 2,0 0)),((1 0,3 0,3 2,1 0)))",
        ] {
            assert!(Shape::new(read_wkt(text).unwrap(), None).is_err(), "{text}");
        }
        assert!(Shape::of_box([0.0, 1.0, 1.0, 0.0], None).is_err());
        assert!(Shape::of_box([f64::NAN, 1.0, 1.0, 2.0], None).is_err());
        assert!(Shape::of_box([150.0, -90.0, -150.0, 90.0], None).unwrap().bounds().west < -179.9);
        assert!(matches!(Shape::of_box([1.0, 1.0, 1.0, 1.0], None).unwrap().geometry(), Geometry::Point(_)));
    }
}
