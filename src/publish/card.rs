//! The card of one hexagon: every figure with its denominator and the town's beside it, as JSON.

use std::sync::Arc;

use serde::Serialize;

use super::hexes;
use crate::access::{
    Disclosed,
    hexes::{HexFigures, Hexes},
};

#[derive(Serialize)]
struct Document<'a> {
    id: String,
    resolution: u8,
    merged: u32,
    households: u32,
    people: u32,
    policy: &'static str,
    as_of: String,
    center: [f64; 2],
    values: Vec<Figure<'a>>,
}

#[derive(Serialize)]
struct Figure<'a> {
    key: &'a str,
    value: Option<f64>,
    town: Option<f64>,
    known: u32,
    unknown: u32,
    households: u32,
}

/// The card of a hexagon of these figures.
pub fn write(figures: &Disclosed<Arc<Hexes>>, hex: &HexFigures) -> Vec<u8> {
    let town = figures.town();
    let values = figures.schema().mapped().map(|(slot, property)| {
        let at = usize::from(slot.0);
        let known = hex.known.get(at).copied().unwrap_or(0);
        Figure {
            key: &property.key,
            value: hexes::shown(hex.value(slot)),
            town: hexes::shown(town.values.get(at).copied().flatten()),
            known,
            unknown: hex.households.saturating_sub(known),
            households: hex.households,
        }
    });
    super::json(&Document {
        id: hex.id.to_string(),
        resolution: hex.resolution.into(),
        merged: hexes::merged_of(hex),
        households: hex.households,
        people: hex.people,
        policy: figures.policy().key(),
        as_of: town.about.as_of.to_string(),
        center: [hex.center.lon(), hex.center.lat()],
        values: values.collect(),
    })
}
