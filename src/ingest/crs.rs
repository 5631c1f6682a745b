//! Coordinate systems in which Italian offices publish, brought to degrees and back.
//!
//! Axis order in files: x is the easting or longitude column, y the northing or latitude column, whatever
//! order the authority declares. Out come ETRF2000/WGS 84 degrees, longitude first (the two are taken as one:
//! they differ by decimetres, less than the width of a door).

use std::{fmt, str::FromStr};

use proj4rs::Proj;

use crate::domain::geo::LonLat;

/// A coordinate system, by its EPSG code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Crs {
    /// EPSG:4326, WGS 84 degrees.
    Wgs84,
    /// EPSG:6706, RDN2008 degrees (ETRF2000).
    Rdn2008,
    /// EPSG:3003, Monte Mario / Italy zone 1 (Gauss-Boaga west).
    MonteMario1,
    /// EPSG:3004, Monte Mario / Italy zone 2 (Gauss-Boaga east).
    MonteMario2,
    /// EPSG:32632, WGS 84 / UTM 32N.
    Utm32,
    /// EPSG:32633, WGS 84 / UTM 33N.
    Utm33,
    /// EPSG:6707, RDN2008 / UTM 32N (N-E).
    Rdn2008Utm32NorthEast,
    /// EPSG:6708, RDN2008 / UTM 33N (N-E).
    Rdn2008Utm33NorthEast,
    /// EPSG:6709, RDN2008 / UTM 34N (N-E).
    Rdn2008Utm34NorthEast,
    /// EPSG:7791, RDN2008 / UTM 32N.
    Rdn2008Utm32,
    /// EPSG:7792, RDN2008 / UTM 33N.
    Rdn2008Utm33,
    /// EPSG:7793, RDN2008 / UTM 34N.
    Rdn2008Utm34,
    /// EPSG:3035, ETRS89 / LAEA Europe.
    Laea,
    /// EPSG:3857, WGS 84 / Pseudo-Mercator.
    WebMercator,
}

/// Not a coordinate system we read.
#[derive(Debug, thiserror::Error)]
#[error(
    "\"{0}\" is not a coordinate system we read: EPSG 4326, 6706, 3003, 3004, 32632, 32633, 6707, 6708, 6709, 7791, 7792, 7793, 3035, 3857"
)]
pub struct InvalidCrs(pub String);

/// Position of Monte Mario in WGS 84 for the peninsula (EPSG:1660), accuracy 4 m.
const MONTE_MARIO: &str = "+ellps=intl +towgs84=-104.1,-49.1,-9.9,0.971,-2.917,0.714,-11.68 +units=m +no_defs";

impl Crs {
    /// Every system, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::Wgs84,
        Self::Rdn2008,
        Self::MonteMario1,
        Self::MonteMario2,
        Self::Utm32,
        Self::Utm33,
        Self::Rdn2008Utm32NorthEast,
        Self::Rdn2008Utm33NorthEast,
        Self::Rdn2008Utm34NorthEast,
        Self::Rdn2008Utm32,
        Self::Rdn2008Utm33,
        Self::Rdn2008Utm34,
        Self::Laea,
        Self::WebMercator,
    ];

    /// The EPSG code.
    pub const fn epsg(self) -> u16 {
        match self {
            Self::Wgs84 => 4326,
            Self::Rdn2008 => 6706,
            Self::MonteMario1 => 3003,
            Self::MonteMario2 => 3004,
            Self::Utm32 => 32632,
            Self::Utm33 => 32633,
            Self::Rdn2008Utm32NorthEast => 6707,
            Self::Rdn2008Utm33NorthEast => 6708,
            Self::Rdn2008Utm34NorthEast => 6709,
            Self::Rdn2008Utm32 => 7791,
            Self::Rdn2008Utm33 => 7792,
            Self::Rdn2008Utm34 => 7793,
            Self::Laea => 3035,
            Self::WebMercator => 3857,
        }
    }

    /// The system of an EPSG code.
    pub fn from_epsg(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|crs| u32::from(crs.epsg()) == code)
    }

    /// Whether the authority names the northing or latitude before the easting or longitude.
    pub const fn is_northing_first(self) -> bool {
        matches!(
            self,
            Self::Wgs84
                | Self::Rdn2008
                | Self::Rdn2008Utm32NorthEast
                | Self::Rdn2008Utm33NorthEast
                | Self::Rdn2008Utm34NorthEast
                | Self::Laea
        )
    }

    /// Whether coordinates are degrees already.
    pub const fn is_degrees(self) -> bool {
        matches!(self, Self::Wgs84 | Self::Rdn2008)
    }

    fn definition(self) -> Option<String> {
        let gauss = |lon, x| format!("+proj=tmerc +lat_0=0 +lon_0={lon} +k=0.9996 +x_0={x} +y_0=0 {MONTE_MARIO}");
        Some(match self {
            Self::Wgs84 | Self::Rdn2008 => return None,
            Self::MonteMario1 => gauss(9, 1_500_000),
            Self::MonteMario2 => gauss(15, 2_520_000),
            Self::Utm32 => "+proj=utm +zone=32 +datum=WGS84 +units=m +no_defs".to_owned(),
            Self::Utm33 => "+proj=utm +zone=33 +datum=WGS84 +units=m +no_defs".to_owned(),
            Self::Rdn2008Utm32 | Self::Rdn2008Utm32NorthEast => {
                "+proj=utm +zone=32 +ellps=GRS80 +towgs84=0,0,0 +units=m +no_defs".to_owned()
            }
            Self::Rdn2008Utm33 | Self::Rdn2008Utm33NorthEast => {
                "+proj=utm +zone=33 +ellps=GRS80 +towgs84=0,0,0 +units=m +no_defs".to_owned()
            }
            Self::Rdn2008Utm34 | Self::Rdn2008Utm34NorthEast => {
                "+proj=utm +zone=34 +ellps=GRS80 +towgs84=0,0,0 +units=m +no_defs".to_owned()
            }
            Self::WebMercator => {
                "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs"
                    .to_owned()
            }
            Self::Laea => {
                "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80 +towgs84=0,0,0 +units=m \
                           +no_defs"
                    .to_owned()
            }
        })
    }
}

impl FromStr for Crs {
    type Err = InvalidCrs;

    /// Reads `EPSG:3003`, `epsg:3003`, `3003`, `urn:ogc:def:crs:EPSG::3003`, `urn:ogc:def:crs:OGC:1.3:CRS84`.
    fn from_str(text: &str) -> Result<Self, InvalidCrs> {
        let last = text.trim().rsplit([':', '/']).next().unwrap_or_default();
        if last.eq_ignore_ascii_case("CRS84") {
            return Ok(Self::Wgs84);
        }
        let invalid = || InvalidCrs(text.chars().take(64).collect());
        last.parse().ok().and_then(Self::from_epsg).ok_or_else(invalid)
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EPSG:{}", self.epsg())
    }
}

/// Brings points of one system to degrees. Made once for a file: the constants of the projection are kept.
pub struct Transform {
    crs: Crs,
    projections: Option<(Proj, Proj)>,
}

impl Transform {
    /// From a system to degrees.
    pub fn new(crs: Crs) -> Self {
        let projections = crs.definition().map(|definition| {
            let source = Proj::from_proj_string(&definition).expect("the definitions above are read by a test");
            let degrees = Proj::from_proj_string("+proj=longlat +datum=WGS84 +no_defs").expect("a constant");
            (source, degrees)
        });
        Self { crs, projections }
    }

    /// The system that is read.
    pub const fn crs(&self) -> Crs {
        self.crs
    }

    /// The point in degrees; none where x and y are not finite or far outside what the system can say.
    pub fn to_degrees(&self, x: f64, y: f64) -> Option<LonLat> {
        let Some((source, degrees)) = &self.projections else {
            return LonLat::new(x, y).ok();
        };
        if !(x.is_finite() && y.is_finite() && x.abs() < 1e8 && y.abs() < 1e8) {
            return None;
        }
        let mut point = (x, y, 0.0);
        proj4rs::transform::transform(source, degrees, &mut point).ok()?;
        LonLat::new(point.0.to_degrees(), point.1.to_degrees()).ok()
    }

    /// The x and y of a point, as [`to_degrees`](Self::to_degrees) takes them; none where the system cannot say it.
    pub fn from_degrees(&self, point: LonLat) -> Option<[f64; 2]> {
        let Some((target, degrees)) = &self.projections else {
            return Some([point.lon(), point.lat()]);
        };
        let mut place = (point.lon().to_radians(), point.lat().to_radians(), 0.0);
        proj4rs::transform::transform(degrees, target, &mut place).ok()?;
        (place.0.is_finite() && place.1.is_finite()).then_some([place.0, place.1])
    }
}

#[cfg(test)]
mod tests;
