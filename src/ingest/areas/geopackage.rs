//! GeoPackage rows: a blob (`GP` header and WKB) and attributes, handed in by whoever opened the file.
//! Source: OGC 12-128r19, GeoPackageBinary; OGC 06-103r4, WKB.

use geozero::{ToGeo, wkb::Wkb};

use super::{LayerReading, layer::Layer};
use crate::{
    domain::{feature::Value, watch::Watch},
    ingest::{Error, crs::Crs},
};

/// A row of a feature table.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRow {
    /// The geometry column, as it is stored or as its WKB alone; empty where it is null.
    pub blob: Vec<u8>,
    /// The other columns, in order.
    pub attributes: Vec<(Box<str>, Value)>,
}

/// Reads the rows of a feature table. `crs` is the table's; axis order is always x, y in a GeoPackage.
pub fn read(
    file: &str,
    crs: Crs,
    rows: impl IntoIterator<Item = LayerRow>,
    watch: &dyn Watch,
) -> Result<LayerReading, Error> {
    let mut layer = Layer::new(file, crs);
    watch.begin("layer", 0);
    for row in rows {
        if layer.next_row().is_multiple_of(1024) {
            watch.advance(1024);
            if watch.cancelled() {
                return Err(Error::Stopped);
            }
        }
        let properties = finite(row.attributes, &mut layer);
        layer.take(geometry(&row.blob).map(|geometry| (geometry, properties)))?;
    }
    Ok(layer.finish())
}

fn finite(attributes: Vec<(Box<str>, Value)>, layer: &mut Layer<'_>) -> Vec<(Box<str>, Value)> {
    let checked = attributes.into_iter().map(|(name, value)| match value {
        Value::Number(number) if !number.is_finite() => {
            layer.lose(&name, "a number that is not finite is dropped");
            (name, Value::Null)
        }
        value => (name, value),
    });
    checked.collect()
}

const TRUNCATED: &str = "the geometry is truncated";

/// A GeoPackage blob as a geometry, not yet checked for validity.
fn geometry(blob: &[u8]) -> Result<geo::Geometry<f64>, &'static str> {
    if blob.is_empty() {
        return Err("there is no geometry");
    }
    let [b'G', b'P', _, flags, rest @ ..] = blob else {
        return plain_geometry(blob);
    };
    let envelope = match (flags >> 1) & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err("the geometry has an unknown envelope"),
    };
    if flags & 0x10 != 0 {
        return Err("the geometry is empty");
    }
    plain_geometry(rest.get(4 + envelope..).ok_or(TRUNCATED)?)
}

fn plain_geometry(wkb: &[u8]) -> Result<geo::Geometry<f64>, &'static str> {
    let mut gate = Gate { bytes: wkb, at: 0 };
    gate.geometry(0)?;
    Wkb(&wkb[..gate.at]).to_geo().map_err(|_| "the geometry cannot be read")
}

/// Walks a WKB before the library does: depth, counts bounded by the bytes that remain, known kinds only.
struct Gate<'b> {
    bytes: &'b [u8],
    at: usize,
}

const DEPTH: usize = 8;

impl<'b> Gate<'b> {
    /// Walks one geometry and returns its kind.
    fn geometry(&mut self, depth: usize) -> Result<u32, &'static str> {
        if depth > DEPTH {
            return Err("geometries are nested too deeply");
        }
        let little = match self.take(1)? {
            [0] => false,
            [1] => true,
            _ => return Err("the geometry has an unknown byte order"),
        };
        let kind = self.whole(little)?;
        let dimensions = match kind / 1000 {
            0 => 2,
            1 | 2 => 3,
            3 => 4,
            _ => return Err("the geometry is of an unknown kind"),
        };
        let point = dimensions * 8;
        let kind = kind % 1000;
        match kind {
            1 => {
                self.take(point)?;
            }
            2 => self.points(little, point)?,
            3 => {
                for _ in 0..self.count(little, 4)? {
                    self.points(little, point)?;
                }
            }
            4..=7 => {
                for _ in 0..self.count(little, 5)? {
                    let inner = self.geometry(depth + 1)?;
                    if kind != 7 && inner != kind - 3 {
                        return Err("a part of the geometry is of the wrong kind");
                    }
                }
            }
            _ => return Err("curves and surfaces are not read"),
        }
        Ok(kind)
    }

    fn points(&mut self, little: bool, point: usize) -> Result<(), &'static str> {
        let count = self.count(little, point)?;
        self.take(count * point).map(|_| ())
    }

    /// A count of things of which each takes at least so many bytes.
    fn count(&mut self, little: bool, least: usize) -> Result<usize, &'static str> {
        let count = self.whole(little)? as usize;
        let left = self.bytes.len() - self.at;
        if count > left / least { Err("the geometry counts more than its bytes can hold") } else { Ok(count) }
    }

    fn whole(&mut self, little: bool) -> Result<u32, &'static str> {
        let bytes: [u8; 4] = self.take(4)?.try_into().map_err(|_| TRUNCATED)?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn take(&mut self, count: usize) -> Result<&'b [u8], &'static str> {
        let taken = self.at.checked_add(count).and_then(|end| self.bytes.get(self.at..end)).ok_or(TRUNCATED)?;
        self.at += count;
        Ok(taken)
    }
}
