//! Points, boxes, and metres on the WGS84 ellipsoid.

use geo::{Distance as _, Geodesic, Point};

/// Mean radius of the Earth in metres (IUGG).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A point: finite degrees, longitude −180 to 180, latitude −90 to 90.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

/// Not a point on Earth.
#[derive(Debug, thiserror::Error)]
#[error("longitude {lon}, latitude {lat}: {reason}")]
pub struct InvalidLonLat {
    /// As given.
    pub lon: f64,
    /// As given.
    pub lat: f64,
    /// Why not.
    pub reason: &'static str,
}

impl LonLat {
    /// Checks that both are finite and in range.
    pub fn new(lon: f64, lat: f64) -> Result<Self, InvalidLonLat> {
        let reason = if !lon.is_finite() || !lat.is_finite() {
            "not finite"
        } else if !(-180.0..=180.0).contains(&lon) {
            "longitude out of range"
        } else if !(-90.0..=90.0).contains(&lat) {
            "latitude out of range"
        } else {
            return Ok(Self { lon, lat });
        };
        Err(InvalidLonLat { lon, lat, reason })
    }

    /// Degrees east.
    pub const fn lon(self) -> f64 {
        self.lon
    }

    /// Degrees north.
    pub const fn lat(self) -> f64 {
        self.lat
    }

    /// Distance in metres on the ellipsoid: near points by the radii of curvature between them (true to 0.02 %), far ones by
    /// the geodesic (Karney 2013).
    pub fn distance_m(self, other: Self) -> f64 {
        if self.is_near(other) {
            let [x, y] = self.offset_m(other);
            x.hypot(y)
        } else {
            Geodesic.distance(Point::new(self.lon, self.lat), Point::new(other.lon, other.lat))
        }
    }

    /// Metres east and north from here to a near point (about 200 km): their hypotenuse is the distance.
    pub fn offset_m(self, other: Self) -> [f64; 2] {
        let [x, y] = metres_per_degree(self.lat.midpoint(other.lat));
        let mut turn = other.lon - self.lon;
        if turn.abs() > 180.0 {
            turn -= 360.0_f64.copysign(turn);
        }
        [turn * x, (other.lat - self.lat) * y]
    }

    fn is_near(self, other: Self) -> bool {
        const NEAR: f64 = 2.0;
        let (dx, dy) = ((self.lon - other.lon).abs(), (self.lat - other.lat).abs());
        dy <= NEAR && (dx <= NEAR || dx >= 360.0 - NEAR) && self.lat.abs().max(other.lat.abs()) <= 72.0
    }
}

/// Semi-major axis of WGS84 in metres, and the square of its first eccentricity.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
const ECCENTRICITY_2: f64 = 0.006_694_379_990_141_3;

/// Metres of a degree of longitude and of latitude at a latitude, by the ellipsoid's radii of curvature.
pub fn metres_per_degree(lat: f64) -> [f64; 2] {
    let (sin, cos) = lat.to_radians().sin_cos();
    let w2 = 1.0 - ECCENTRICITY_2 * sin * sin;
    let normal = SEMI_MAJOR_M / w2.sqrt();
    let meridian = normal * (1.0 - ECCENTRICITY_2) / w2;
    [(normal * cos).to_radians(), meridian.to_radians()]
}

/// A plane in metres, true near its origin (within 0.1 % over a comune).
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    origin: LonLat,
    metres_per_degree: [f64; 2],
}

/// Metres for one degree of latitude on the sphere: near enough for a margin, not for a measure.
pub const METRES_PER_LAT: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0;

impl Plane {
    /// A plane around a point.
    pub fn around(origin: LonLat) -> Self {
        Self { origin, metres_per_degree: metres_per_degree(origin.lat) }
    }

    /// Metres east and north of the origin.
    pub fn project(&self, point: LonLat) -> [f64; 2] {
        let [x, y] = self.metres_per_degree;
        [(point.lon - self.origin.lon) * x, (point.lat - self.origin.lat) * y]
    }
}

/// West, south, east, north in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BBox {
    /// Least longitude.
    pub west: f64,
    /// Least latitude.
    pub south: f64,
    /// Greatest longitude.
    pub east: f64,
    /// Greatest latitude.
    pub north: f64,
}

impl BBox {
    /// The smallest box around some points; none for no points.
    pub fn around(points: impl IntoIterator<Item = LonLat>) -> Option<Self> {
        points.into_iter().fold(None, |bbox, p| {
            let b = bbox.unwrap_or(Self { west: p.lon, south: p.lat, east: p.lon, north: p.lat });
            Some(Self {
                west: b.west.min(p.lon),
                south: b.south.min(p.lat),
                east: b.east.max(p.lon),
                north: b.north.max(p.lat),
            })
        })
    }

    /// The smallest box around two boxes.
    pub fn join(self, other: Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    /// Whether the two boxes share a point.
    pub fn touches(&self, other: &Self) -> bool {
        self.west <= other.east && self.east >= other.west && self.south <= other.north && self.north >= other.south
    }

    /// Whether the point lies inside or on the border.
    pub fn contains(&self, p: LonLat) -> bool {
        (self.west..=self.east).contains(&p.lon) && (self.south..=self.north).contains(&p.lat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The judge is Karney's geodesic; over a province the error is a tenth of what is asked for.
    #[test]
    fn metres_are_those_of_the_ellipsoid() {
        let mut worst: f64 = 0.0;
        for lat in [-70.0, -33.0, 0.0, 12.0, 36.6, 38.9, 42.0, 47.0, 65.0] {
            for (dx, dy) in
                [(0.0, 1e-5), (1e-5, 0.0), (0.01, 0.02), (0.3, -0.2), (-1.5, 0.1), (1.2, 1.4), (-1.9, -1.9), (9.0, 3.0)]
            {
                for lon in [16.3, 179.9] {
                    let wrap = |lon: f64| if lon > 180.0 { lon - 360.0 } else { lon };
                    let (a, b) = (LonLat::new(lon, lat).unwrap(), LonLat::new(wrap(lon + dx), lat + dy).unwrap());
                    let judge = Geodesic.distance(Point::new(a.lon, a.lat), Point::new(b.lon, b.lat));
                    worst = worst.max((a.distance_m(b) / judge - 1.0).abs());
                }
            }
        }
        println!("worst error {:.4} %", worst * 100.0);
        assert!(worst < 2e-4, "{worst}");
    }

    #[test]
    fn a_plane_is_true_over_a_comune() {
        let middle = LonLat::new(16.3, 38.97).unwrap();
        for (dx, dy) in [(0.1, 0.0), (0.0, 0.1), (-0.08, 0.06), (0.07, -0.07)] {
            let point = LonLat::new(16.3 + dx, 38.97 + dy).unwrap();
            let [x, y] = Plane::around(middle).project(point);
            assert!((x.hypot(y) / middle.distance_m(point) - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn what_is_not_on_earth_is_refused() {
        for (lon, lat) in [(181.0, 0.0), (0.0, 91.0), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert!(LonLat::new(lon, lat).is_err());
        }
    }
}
