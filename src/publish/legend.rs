//! The legend of a map of hexagons, as JSON.

use std::sync::Arc;

use h3o::Resolution;
use serde::Serialize;

use super::hexes;
use crate::{
    access::{Disclosed, hexes::Hexes},
    query::legend,
    snapshot::schema::Slot,
};

#[derive(Serialize)]
struct Document<'a> {
    property: &'a str,
    resolution: u8,
    breaks: Vec<f64>,
    counts: Vec<u32>,
    households: Vec<u32>,
    histogram: Histogram,
    unknown: u32,
    min: Option<f64>,
    max: Option<f64>,
    merged: usize,
}

#[derive(Serialize)]
struct Histogram {
    edges: Vec<f64>,
    counts: Vec<u32>,
}

/// Classes of a mapped property over the hexagons of a resolution.
pub fn write(figures: &Disclosed<Arc<Hexes>>, slot: Slot, resolution: Resolution) -> Vec<u8> {
    let property = figures.schema().property(slot);
    let level = figures.level(resolution);
    let values = level.iter().map(|hex| (hex.value(slot), hex.households));
    let legend = legend::classify(values, hexes::shown_decimals(property));
    super::json(&Document {
        property: &property.key,
        resolution: resolution.into(),
        breaks: legend.breaks,
        counts: legend.counts,
        households: legend.households,
        histogram: Histogram { edges: legend.edges, counts: legend.bins },
        unknown: legend.unknown,
        min: legend.min,
        max: legend.max,
        merged: level.iter().filter(|hex| hex.is_pool()).count(),
    })
}
