//! A layer that grows feature by feature.

use std::collections::BTreeMap;

use geo::{Coord, Geometry, MapCoords};

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

/// Degrees past the end of the Earth that a file may owe to rounding: a tenth of a millimetre.
const DUST: f64 = 1e-9;

/// Whether a number is so near to zero that products of such numbers vanish, and no predicate can tell sides.
fn is_dust(number: f64) -> bool {
    number != 0.0 && number.abs() < 1e-15
}

/// A feature as read: its shape, not yet judged, and its attributes.
pub(super) type Read = (Geometry<f64>, Vec<(Box<str>, Value)>);

pub(super) struct Layer<'f> {
    file: &'f str,
    transform: Transform,
    reading: LayerReading,
    /// What attributes lost: column and reason, first feature, how many features.
    losses: BTreeMap<(String, &'static str), (u32, u32)>,
    /// Places of features that lie in Italy only if latitude stands before longitude.
    turned: Vec<usize>,
    /// Whether something lies outside Italy either way: then nothing is turned.
    abroad: bool,
    next: u32,
}

/// How a shape lies to Italy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lie {
    Italy,
    Turned,
    Abroad,
}

impl<'f> Layer<'f> {
    pub(super) fn new(file: &'f str, crs: Crs) -> Self {
        let (reading, losses) = (LayerReading::default(), BTreeMap::new());
        Self { file, transform: Transform::new(crs), reading, losses, turned: Vec::new(), abroad: false, next: 1 }
    }

    /// Takes the next feature, or what was found in its place.
    pub(super) fn take(&mut self, found: Result<Read, &'static str>) -> Result<(), Error> {
        let row = self.next;
        self.next = row.checked_add(1).ok_or_else(|| unreadable(self.file, "the layer has too many features"))?;
        let made = found.and_then(|(geometry, properties)| {
            let (geometry, lie) = self.to_degrees(geometry)?;
            let (geometry, repaired) = repair::geometry(geometry)?;
            Ok((geometry, properties, lie, repaired))
        });
        match made {
            Ok((geometry, properties, lie, repaired)) => {
                match lie {
                    Lie::Italy => {}
                    Lie::Turned => self.turned.push(self.reading.features.len()),
                    Lie::Abroad => self.abroad = true,
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

    /// Coordinates in degrees, finite and on Earth; and how they lie to Italy.
    fn to_degrees(&self, mut geometry: Geometry<f64>) -> Result<(Geometry<f64>, Lie), &'static str> {
        use geo::CoordsIter;
        if geometry.coords_iter().any(|c| !c.x.is_finite() || !c.y.is_finite()) {
            return Err("a coordinate is not a finite number");
        }
        if geometry.coords_iter().next().is_none() {
            return Err("the geometry is empty");
        }
        if !self.transform.crs().is_degrees() {
            let to = |c: Coord<f64>| match self.transform.to_degrees(c.x, c.y) {
                Some(point) => Ok(geo::coord! { x: point.lon(), y: point.lat() }),
                None => Err("a coordinate is outside its coordinate system"),
            };
            geometry = geometry.try_map_coords(to)?;
        }
        if geometry.coords_iter().any(|c| is_dust(c.x) || is_dust(c.y)) {
            let swept = |number: f64| if is_dust(number) { 0.0 } else { number };
            geometry = geometry.map_coords(|c| Coord { x: swept(c.x), y: swept(c.y) });
        }
        // Every coordinate: the library's box of a polygon is that of its outer ring alone, wherever its holes lie.
        let (mut min, mut max) = (Coord { x: f64::MAX, y: f64::MAX }, Coord { x: f64::MIN, y: f64::MIN });
        for c in geometry.coords_iter() {
            (min.x, min.y) = (min.x.min(c.x), min.y.min(c.y));
            (max.x, max.y) = (max.x.max(c.x), max.y.max(c.y));
        }
        let italy = |a: (f64, f64), b: (f64, f64)| a.0 >= 6.0 && a.1 <= 19.0 && b.0 >= 35.0 && b.1 <= 48.0;
        let lie = if italy((min.y, max.y), (min.x, max.x)) {
            Lie::Turned
        } else if italy((min.x, max.x), (min.y, max.y)) {
            Lie::Italy
        } else {
            Lie::Abroad
        };
        let largest = min.x.abs().max(max.x.abs()).max(min.y.abs()).max(max.y.abs());
        match () {
            () if largest > 1000.0 => Err("the coordinates are in metres, or their system is not declared"),
            () if min.x < -180.0 - DUST || max.x > 180.0 + DUST => Err("a longitude is out of range"),
            () if min.y < -90.0 - DUST || max.y > 90.0 + DUST => Err("a latitude is out of range"),
            () if min.x < -180.0 || max.x > 180.0 || min.y < -90.0 || max.y > 90.0 => {
                let on_earth = |c: Coord<f64>| Coord { x: c.x.clamp(-180.0, 180.0), y: c.y.clamp(-90.0, 90.0) };
                Ok((geometry.map_coords(on_earth), lie))
            }
            () => Ok((geometry, lie)),
        }
    }

    /// A layer of Italy has its turned features put right; in a layer of the world they may be where they should.
    fn turn(&mut self) {
        if self.abroad {
            return;
        }
        for at in std::mem::take(&mut self.turned) {
            let feature = &mut self.reading.features[at];
            let geometry = feature.geometry.map_coords(|c| Coord { x: c.y, y: c.x });
            // Rings turn the other way; what was sound stays sound.
            if let Ok((geometry, _)) = repair::geometry(geometry) {
                feature.geometry = geometry;
            }
            let row = u32::try_from(feature.id).unwrap_or(u32::MAX);
            self.warn(row, "latitude stood before longitude: put right");
        }
    }

    pub(super) fn finish(mut self) -> LayerReading {
        self.turn();
        for ((column, reason), (row, features)) in self.losses {
            let more =
                if features > 1 { format!(", here and in {} more features", features - 1) } else { String::new() };
            let reason = format!("{reason}{more}");
            self.reading.warnings.push(Reject { file: self.file.to_owned(), row, column: Some(column), reason });
        }
        self.reading
    }
}
