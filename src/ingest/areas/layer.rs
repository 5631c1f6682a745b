//! A layer that grows feature by feature.

use std::collections::BTreeMap;

use geo::{Geometry, MapCoords};

use super::{LayerReading, repair};
use crate::{
    domain::{
        feature::{Feature, Value},
        reject::Reject,
    },
    ingest::{
        Error,
        crs::{Crs, Transform},
        sheet::unreadable,
    },
};

/// A feature as read: its shape, not yet judged, and its attributes.
pub(super) type Read = (Geometry<f64>, Vec<(Box<str>, Value)>);

pub(super) struct Layer<'f> {
    file: &'f str,
    transform: Transform,
    reading: LayerReading,
    /// What attributes lost: column and reason, first feature, how many features.
    losses: BTreeMap<(String, &'static str), (u32, u32)>,
    next: u32,
}

impl<'f> Layer<'f> {
    pub(super) fn new(file: &'f str, crs: Crs) -> Self {
        let (reading, losses) = (LayerReading::default(), BTreeMap::new());
        Self { file, transform: Transform::new(crs), reading, losses, next: 1 }
    }

    /// Takes the next feature, or what was found in its place.
    pub(super) fn take(&mut self, found: Result<Read, &'static str>) -> Result<(), Error> {
        let row = self.next;
        self.next = row.checked_add(1).ok_or_else(|| unreadable(self.file, "the layer has too many features"))?;
        let made = found.and_then(|(geometry, properties)| {
            let (geometry, swapped) = self.to_degrees(geometry)?;
            let (geometry, repaired) = repair::geometry(geometry)?;
            Ok((geometry, properties, swapped, repaired))
        });
        match made {
            Ok((geometry, properties, swapped, repaired)) => {
                if swapped {
                    self.warn(row, "latitude stood before longitude: put right");
                }
                if let Some(what) = repaired {
                    self.warn(row, what);
                }
                self.reading.features.push(Feature { id: u64::from(row), geometry, properties });
            }
            Err(reason) => {
                let reason = reason.to_owned();
                self.reading.rejects.push(Reject { file: self.file.to_owned(), row, column: None, reason });
            }
        }
        Ok(())
    }

    /// The number that the next feature will have.
    pub(super) const fn next_row(&self) -> u32 {
        self.next
    }

    /// An attribute of the coming feature was left out.
    pub(super) fn lose(&mut self, column: &str, reason: &'static str) {
        let loss = self.losses.entry((column.chars().take(80).collect(), reason)).or_insert((self.next, 0));
        loss.1 += 1;
    }

    fn warn(&mut self, row: u32, reason: &str) {
        let reason = reason.to_owned();
        self.reading.warnings.push(Reject { file: self.file.to_owned(), row, column: None, reason });
    }

    /// Coordinates in degrees, finite and on Earth; and whether they had to be swapped.
    fn to_degrees(&self, mut geometry: Geometry<f64>) -> Result<(Geometry<f64>, bool), &'static str> {
        use geo::{BoundingRect, CoordsIter};
        if geometry.coords_iter().any(|c| !c.x.is_finite() || !c.y.is_finite()) {
            return Err("a coordinate is not a finite number");
        }
        if geometry.coords_iter().next().is_none() {
            return Err("the geometry is empty");
        }
        if !self.transform.crs().is_degrees() {
            let to = |c: geo::Coord<f64>| match self.transform.to_degrees(c.x, c.y) {
                Some(point) => Ok(geo::coord! { x: point.lon(), y: point.lat() }),
                None => Err("a coordinate is outside its coordinate system"),
            };
            geometry = geometry.try_map_coords(to)?;
        }
        let bounds = geometry.bounding_rect().ok_or("the geometry is empty")?;
        let (min, max) = (bounds.min(), bounds.max());
        let italy = |a: (f64, f64), b: (f64, f64)| a.0 >= 6.0 && a.1 <= 19.0 && b.0 >= 35.0 && b.1 <= 48.0;
        if italy((min.y, max.y), (min.x, max.x)) {
            return Ok((geometry.map_coords(|c| geo::coord! { x: c.y, y: c.x }), true));
        }
        let largest = min.x.abs().max(max.x.abs()).max(min.y.abs()).max(max.y.abs());
        match () {
            () if largest > 1000.0 => Err("the coordinates are in metres, or their system is not declared"),
            () if min.x < -180.0 || max.x > 180.0 => Err("a longitude is out of range"),
            () if min.y < -90.0 || max.y > 90.0 => Err("a latitude is out of range"),
            () => Ok((geometry, false)),
        }
    }

    pub(super) fn finish(mut self) -> LayerReading {
        for ((column, reason), (row, features)) in self.losses {
            let more =
                if features > 1 { format!(", here and in {} more features", features - 1) } else { String::new() };
            let reason = format!("{reason}{more}");
            self.reading.warnings.push(Reject { file: self.file.to_owned(), row, column: Some(column), reason });
        }
        self.reading
    }
}
