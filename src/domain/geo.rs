//! Points, boxes, and the local plane in which metres are measured.

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

    /// Great-circle distance in metres (haversine).
    pub fn distance_m(self, other: Self) -> f64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let (dy, dx) = ((b - a) / 2.0, (other.lon - self.lon).to_radians() / 2.0);
        let h = dy.sin().powi(2) + a.cos() * b.cos() * dx.sin().powi(2);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }
}

/// A plane in metres, true near its origin (within 0.1 % over a comune).
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    origin: LonLat,
    metres_per_lon: f64,
}

/// Metres for one degree of latitude on the sphere.
pub const METRES_PER_LAT: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0;

impl Plane {
    /// A plane around a point.
    pub fn around(origin: LonLat) -> Self {
        Self { origin, metres_per_lon: METRES_PER_LAT * origin.lat.to_radians().cos() }
    }

    /// Metres east and north of the origin.
    pub fn project(&self, point: LonLat) -> [f64; 2] {
        [(point.lon - self.origin.lon) * self.metres_per_lon, (point.lat - self.origin.lat) * METRES_PER_LAT]
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

    #[test]
    fn a_degree_of_latitude_is_111_km() {
        let (a, b) = (LonLat::new(16.3, 38.0).unwrap(), LonLat::new(16.3, 39.0).unwrap());
        assert!((a.distance_m(b) - 111_195.0).abs() < 1.0);
        let [x, y] = Plane::around(a).project(b);
        assert!(x.abs() < 1e-9 && (y - 111_195.0).abs() < 1.0);
    }

    #[test]
    fn what_is_not_on_earth_is_refused() {
        for (lon, lat) in [(181.0, 0.0), (0.0, 91.0), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert!(LonLat::new(lon, lat).is_err());
        }
    }
}
