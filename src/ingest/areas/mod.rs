//! Reference layers: GeoJSON, FlatGeobuf and GeoPackage rows become valid features in degrees.
//!
//! A feature is repaired (open rings closed, repeated points and spikes removed, crossing rings cut by the
//! even-odd rule, rings turned the right way) or rejected with a reason; the others go on.

mod dates;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod layer;
mod lenient;
mod repair;
mod rings;
mod shape;

#[cfg(test)]
mod tests;

pub use self::{
    flatgeobuf::read as read_flatgeobuf,
    geojson::read as read_geojson,
    geopackage::{LayerRow, read as read_geopackage_rows},
};

use super::{Error, sheet::unreadable};
use crate::domain::{feature::Feature, reject::Reject, watch::Watch};

/// A layer.
#[derive(Clone, Debug, Default)]
pub struct LayerReading {
    /// Valid features in degrees, longitude first; `id` is the place in the file, from 1.
    pub features: Vec<Feature>,
    /// Features that could not be read or repaired; `row` is the place in the file.
    pub rejects: Vec<Reject>,
    /// What was repaired or left out; for attributes `row` is the first feature in which it was met.
    pub warnings: Vec<Reject>,
}

/// A shape that somebody drew, as it may be asked with: closed by its maker, and sound by OGC Simple Features (points
/// that repeat are taken out). Errors: why it is not sound.
pub fn sound(geometry: geo::Geometry<f64>) -> Result<geo::Geometry<f64>, &'static str> {
    let (geometry, repaired) = repair::geometry(geometry)?;
    match repaired {
        Some(what) if what != repair::CLEANED => Err("its rings cross, overlap or lie wrong"),
        _ => Ok(geometry),
    }
}

/// Reads a file by its magic: GeoJSON or FlatGeobuf. A GeoPackage is opened by the store, which hands in its
/// rows ([`read_geopackage_rows`]).
pub fn read(file: &str, bytes: &[u8], watch: &dyn Watch) -> Result<LayerReading, Error> {
    if bytes.starts_with(b"fgb") {
        return read_flatgeobuf(file, bytes, watch);
    }
    if bytes.starts_with(b"SQLite format 3\0") {
        return Err(unreadable(file, "a GeoPackage is opened by the store: name its table as FILE#TABLE"));
    }
    read_geojson(file, bytes, watch)
}
