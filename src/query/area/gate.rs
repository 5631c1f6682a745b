//! The one gate to areas: bounded, finite, in range, closed, uncrossed, of some size.

use std::sync::Arc;

use geo::{
    Coord, LineString, MultiPolygon, Orientation, Polygon,
    kernels::{Kernel as _, RobustKernel},
};
use h3o::CellIndex;

use super::{Area, Form, mosaic::Mosaic, reach::Reach};
use crate::domain::geo::{BBox, LonLat};

/// Most vertices of an area's polygons or line; most cells.
pub const MAX_VERTICES: usize = 100_000;
/// Greatest radius of a circle.
pub const MAX_RADIUS_M: f64 = 1_000_000.0;
/// Greatest width of a corridor to each side.
pub const MAX_WIDTH_M: f64 = 100_000.0;
/// Longest line of a corridor.
const MAX_LINE_M: f64 = 5_000_000.0;
/// Most areas in a union, a difference or an intersection.
pub const MAX_PARTS: usize = 64;
/// Pairs of edges that are looked at to find a crossing.
const MAX_PAIRS: u64 = 20_000_000;

/// Not an area.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{place}: {reason}")]
pub struct InvalidArea {
    /// Which part: `coordinates[0][3]`, `radius_m`.
    pub place: String,
    /// Why.
    pub reason: String,
}

fn refuse<T>(place: impl Into<String>, reason: impl Into<String>) -> Result<T, InvalidArea> {
    Err(InvalidArea { place: place.into(), reason: reason.into() })
}

impl Area {
    /// Polygons as GeoJSON writes them: of each polygon the exterior ring, then its holes; each ring closed, longitude first.
    /// A point is in the area if it is in any polygon or on its border. Rings may touch, not cross.
    pub fn polygons(polygons: &[Vec<Vec<[f64; 2]>>]) -> Result<Self, InvalidArea> {
        let vertices: usize = polygons.iter().flatten().map(Vec::len).sum();
        if vertices > MAX_VERTICES {
            return refuse("coordinates", format!("{vertices} positions: at most {MAX_VERTICES}"));
        }
        let mut checked = Vec::with_capacity(polygons.len());
        for (at, rings) in polygons.iter().enumerate() {
            let place = if polygons.len() == 1 { String::new() } else { format!("[{at}]") };
            let mut lines = Vec::with_capacity(rings.len());
            for (ring, positions) in rings.iter().enumerate() {
                lines.push(checked_ring(&format!("coordinates{place}[{ring}]"), positions)?);
            }
            let mut lines = lines.into_iter();
            let Some(exterior) = lines.next() else {
                return refuse(format!("coordinates{place}"), "a polygon without a ring");
            };
            checked.push(Polygon::new(exterior, lines.collect()));
        }
        let polygons = MultiPolygon(checked);
        let Some(mosaic) = Mosaic::new(&polygons) else { return refuse("coordinates", "empty") };
        match mosaic.crossing(MAX_PAIRS) {
            Ok(None) => Ok(Self(Form::Polygons(Arc::new(mosaic), Arc::new(polygons)))),
            Ok(Some(at)) => {
                let reason = format!("edges cross near {:.6}, {:.6}: which side is meant is not clear", at.x, at.y);
                refuse("coordinates", reason)
            }
            Err(_) => refuse("coordinates", "too intricate: too many edges lie beside each other"),
        }
    }

    /// Polygons that passed the gate of `ingest`: those of a layer.
    pub fn of_polygons(polygons: MultiPolygon<f64>) -> Result<Self, InvalidArea> {
        match Mosaic::new(&polygons) {
            Some(mosaic) => Ok(Self(Form::Polygons(Arc::new(mosaic), Arc::new(polygons)))),
            None => refuse("geometry", "empty"),
        }
    }

    /// H3 cells of any resolutions: who is counted in them.
    pub fn cells(mut cells: Vec<CellIndex>) -> Result<Self, InvalidArea> {
        if cells.is_empty() {
            return refuse("ids", "empty");
        }
        if cells.len() > MAX_VERTICES {
            return refuse("ids", format!("{} cells: at most {MAX_VERTICES}", cells.len()));
        }
        cells.sort_unstable();
        cells.dedup();
        Ok(Self(Form::Cells(cells.into())))
    }

    /// What is within a radius of a point.
    pub fn circle(center: LonLat, radius_m: f64) -> Result<Self, InvalidArea> {
        if !(0.0..=MAX_RADIUS_M).contains(&radius_m) {
            return refuse("radius_m", format!("not between 0 and {MAX_RADIUS_M}"));
        }
        Ok(Self(Form::Reach(Arc::new(Reach::around(center, radius_m)))))
    }

    /// What is within a width of a line, to each side and around its ends. Between two places the line is straight in
    /// degrees, as GeoJSON has it.
    pub fn corridor(line: &[[f64; 2]], width_m: f64) -> Result<Self, InvalidArea> {
        if !(0.0..=MAX_WIDTH_M).contains(&width_m) {
            return refuse("width_m", format!("not between 0 and {MAX_WIDTH_M}"));
        }
        if line.len() > MAX_VERTICES {
            return refuse("line", format!("{} positions: at most {MAX_VERTICES}", line.len()));
        }
        if line.len() < 2 {
            return refuse("line", "fewer than two positions");
        }
        let mut places = Vec::with_capacity(line.len());
        for (at, &[lon, lat]) in line.iter().enumerate() {
            places.push(position(&format!("line.coordinates[{at}]"), lon, lat)?);
        }
        let length_m: f64 = places.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
        if length_m > MAX_LINE_M {
            return refuse("line", format!("{:.0} km long: at most {:.0}", length_m / 1e3, MAX_LINE_M / 1e3));
        }
        match Reach::along(&places, width_m) {
            Some(reach) => Ok(Self(Form::Reach(Arc::new(reach)))),
            None => refuse("line", "empty"),
        }
    }

    /// A box, border included; where `west` is greater than `east` it crosses the antimeridian.
    pub fn bbox(bbox: BBox) -> Result<Self, InvalidArea> {
        position("bbox[0..2]", bbox.west, bbox.south)?;
        position("bbox[2..4]", bbox.east, bbox.north)?;
        if bbox.south > bbox.north {
            return refuse("bbox", "south of its south: the order is west, south, east, north");
        }
        Ok(Self(Form::Box(bbox)))
    }

    /// What is in one of some areas at least.
    pub fn union(of: Vec<Self>) -> Result<Self, InvalidArea> {
        some(of).map(|of| Self(Form::Union(of)))
    }

    /// What is in the first and in none of the others.
    pub fn difference(of: Vec<Self>) -> Result<Self, InvalidArea> {
        some(of).map(|of| Self(Form::Difference(of)))
    }

    /// What is in all of some areas.
    pub fn intersection(of: Vec<Self>) -> Result<Self, InvalidArea> {
        some(of).map(|of| Self(Form::Intersection(of)))
    }
}

fn some(of: Vec<Area>) -> Result<Arc<[Area]>, InvalidArea> {
    match of.len() {
        0 => refuse("of", "empty"),
        1..=MAX_PARTS => Ok(of.into()),
        many => refuse("of", format!("{many} areas: at most {MAX_PARTS}")),
    }
}

fn position(place: &str, lon: f64, lat: f64) -> Result<LonLat, InvalidArea> {
    LonLat::new(lon, lat).or_else(|invalid| refuse(place, invalid.reason))
}

fn checked_ring(place: &str, positions: &[[f64; 2]]) -> Result<LineString<f64>, InvalidArea> {
    for (at, &[lon, lat]) in positions.iter().enumerate() {
        position(&format!("{place}[{at}]"), lon, lat)?;
    }
    if positions.len() < 4 {
        return refuse(place, "fewer than four positions");
    }
    if positions.first() != positions.last() {
        return refuse(place, "not closed: the last position must be the first");
    }
    let ring: LineString<f64> = positions.iter().map(|&[x, y]| Coord { x, y }).collect();
    let first = ring[0];
    let second = ring.coords().find(|&&other| other != first).copied().unwrap_or(first);
    if ring.coords().all(|&other| RobustKernel::orient2d(first, second, other) == Orientation::Collinear) {
        return refuse(place, "encloses nothing");
    }
    Ok(ring)
}
