//! Which tile: the checked z/x/y of WebMercatorQuad, and its place in the Web Mercator square.

use crate::domain::geo::{BBox, LonLat};

/// Greatest zoom that has tiles.
pub const MAX_ZOOM: u8 = 22;

/// Units along the side of a tile.
pub const EXTENT: u32 = 4096;

/// Greatest latitude of Web Mercator, in degrees.
const MAX_LATITUDE: f64 = 85.051_128_779_806_59;

/// A tile of WebMercatorQuad (OGC 17-083r4): `x` from the antimeridian eastward, `y` from the north southward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileAddress {
    z: u8,
    x: u32,
    y: u32,
}

/// Not a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTileAddress {
    /// Deeper than any tile.
    #[error("zoom {0} is over {MAX_ZOOM}")]
    Zoom(u8),
    /// Outside the square of its zoom.
    #[error("{axis} {value} is over {most} at zoom {z}")]
    Outside {
        /// `x` or `y`.
        axis: &'static str,
        /// As given.
        value: u32,
        /// The greatest that is there.
        most: u32,
        /// The zoom.
        z: u8,
    },
}

impl TileAddress {
    /// Checks zoom and range.
    pub const fn new(z: u8, x: u32, y: u32) -> Result<Self, InvalidTileAddress> {
        if z > MAX_ZOOM {
            return Err(InvalidTileAddress::Zoom(z));
        }
        let most = (1_u32 << z) - 1;
        if x > most {
            return Err(InvalidTileAddress::Outside { axis: "x", value: x, most, z });
        }
        if y > most {
            return Err(InvalidTileAddress::Outside { axis: "y", value: y, most, z });
        }
        Ok(Self { z, x, y })
    }

    /// Zoom.
    pub const fn z(self) -> u8 {
        self.z
    }

    /// Column.
    pub const fn x(self) -> u32 {
        self.x
    }

    /// Row.
    pub const fn y(self) -> u32 {
        self.y
    }

    /// The tile's box in the unit square of Web Mercator, `buffer` units of [`EXTENT`] wider on each side:
    /// `[x least, y least, x greatest, y greatest]`, y southward.
    pub fn square(self, buffer: u32) -> [f64; 4] {
        let side = 1.0 / f64::from(1_u32 << self.z);
        let pad = side * f64::from(buffer) / f64::from(EXTENT);
        let (x, y) = (f64::from(self.x) * side, f64::from(self.y) * side);
        [x - pad, y - pad, x + side + pad, y + side + pad]
    }

    /// The same box in degrees.
    pub fn bounds(self, buffer: u32) -> BBox {
        let [x0, y0, x1, y1] = self.square(buffer);
        BBox { west: longitude(x0), south: latitude(y1), east: longitude(x1), north: latitude(y0) }
    }

    /// A point of the unit square in units of this tile, not yet rounded.
    pub fn place(self, point: [f64; 2]) -> [f64; 2] {
        let scale = f64::from(1_u32 << self.z);
        let extent = f64::from(EXTENT);
        [(point[0] * scale - f64::from(self.x)) * extent, (point[1] * scale - f64::from(self.y)) * extent]
    }
}

/// A point in the unit square of Web Mercator (EPSG:3857 shifted and scaled): x eastward, y southward.
pub fn project(point: LonLat) -> [f64; 2] {
    let lat = point.lat().clamp(-MAX_LATITUDE, MAX_LATITUDE).to_radians();
    let y = 0.5 - lat.tan().asinh() / std::f64::consts::TAU;
    [point.lon() / 360.0 + 0.5, y]
}

fn longitude(x: f64) -> f64 {
    ((x - 0.5) * 360.0).clamp(-180.0, 180.0)
}

fn latitude(y: f64) -> f64 {
    ((0.5 - y) * std::f64::consts::TAU).sinh().atan().to_degrees().clamp(-90.0, 90.0)
}
