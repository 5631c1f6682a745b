//! The legend of a map of hexagons, as JSON.

use std::sync::Arc;

use h3o::Resolution;
use serde::Serialize;

use crate::{
    access::{Disclosed, hexes::Hexes},
    snapshot::schema::Slot,
};

#[derive(Serialize)]
struct Document<'a> {
    property: &'a str,
    resolution: u8,
    breaks: &'a [f64],
    counts: &'a [u32],
    households: &'a [u32],
    histogram: Histogram<'a>,
    unknown: u32,
    min: Option<f64>,
    max: Option<f64>,
    merged: usize,
}

#[derive(Serialize)]
struct Histogram<'a> {
    edges: &'a [f64],
    counts: &'a [u32],
}

/// Classes of a mapped property over the hexagons of a resolution; none for a property that maps do not show.
pub fn write(figures: &Disclosed<Arc<Hexes>>, slot: Slot, resolution: Resolution) -> Option<Vec<u8>> {
    let legend = figures.legend(resolution, slot)?;
    Some(super::json(&Document {
        property: &figures.schema().property(slot).key,
        resolution: resolution.into(),
        breaks: &legend.breaks,
        counts: &legend.counts,
        households: &legend.households,
        histogram: Histogram { edges: &legend.edges, counts: &legend.bins },
        unknown: legend.unknown,
        min: legend.min,
        max: legend.max,
        merged: figures.level(resolution).iter().filter(|hex| hex.is_pool()).count(),
    }))
}
