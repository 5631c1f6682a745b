//! The first answer that a client asks for: what this town is, what can be shown of it, and to whom.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::{hexes, tile::Chart};
use crate::{
    access::{
        Disclosed,
        actor::Capacity,
        hexes::{Hexes, RESOLUTIONS},
        policy::{Action, Verdict, verdict},
        suppress::MIN_HOUSEHOLDS,
    },
    domain::{geo::BBox, score::Dimension},
    snapshot::schema::{Property, Titles},
};

/// What the document says beyond the figures.
pub struct About<'a> {
    /// The generation that is served.
    pub generation: &'a str,
    /// In what capacity the answer is asked for.
    pub capacity: Capacity,
    /// The box of everything that is shown.
    pub bounds: BBox,
    /// Layers beside the hexagons.
    pub charts: &'a [&'a Chart],
}

#[derive(Serialize)]
struct Document<'a> {
    comune: &'a str,
    name: &'a str,
    generation: &'a str,
    as_of: String,
    model: Model<'a>,
    bounds: [f64; 4],
    center: [f64; 2],
    role: &'static str,
    rights: Vec<&'static str>,
    policy: &'static str,
    households: u32,
    people: u32,
    unplaced_households: u32,
    min_households: u32,
    layers: Vec<Layer<'a>>,
    properties: Vec<PropertyRow<'a>>,
    means: BTreeMap<&'a str, Option<f64>>,
    resolutions: Vec<u8>,
    resolution_by_zoom: Vec<u8>,
}

#[derive(Serialize)]
struct Model<'a> {
    id: &'a str,
    version: &'a str,
    title: Words<'a>,
}

#[derive(Serialize)]
struct Layer<'a> {
    name: &'a str,
    title: Words<'a>,
    geometry: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct PropertyRow<'a> {
    key: &'a str,
    title: Words<'a>,
    description: Words<'a>,
    unit: &'static str,
    dimension: Option<&'static str>,
    decimals: u8,
}

#[derive(Serialize)]
struct Words<'a> {
    it: &'a str,
    en: &'a str,
}

impl<'a> From<&'a Titles> for Words<'a> {
    fn from(titles: &'a Titles) -> Self {
        Self { it: &titles.it, en: &titles.en }
    }
}

/// The document as JSON.
pub fn write(figures: &Disclosed<Arc<Hexes>>, about: &About<'_>) -> Vec<u8> {
    let town = figures.town();
    let b = about.bounds;
    let mapped = || figures.schema().mapped();
    let document = Document {
        comune: town.about.comune.as_str(),
        name: &town.about.name,
        generation: about.generation,
        as_of: town.about.as_of.to_string(),
        model: Model {
            id: &town.about.model_id,
            version: &town.about.model_version,
            title: (&town.about.model_title).into(),
        },
        bounds: [b.west, b.south, b.east, b.north],
        center: [f64::midpoint(b.west, b.east), f64::midpoint(b.south, b.north)],
        role: about.capacity.key(),
        rights: rights(about.capacity),
        policy: figures.policy().key(),
        households: town.households,
        people: town.people,
        unplaced_households: town.unplaced_households,
        min_households: MIN_HOUSEHOLDS,
        layers: layers(figures, about.charts),
        properties: mapped().map(|(_, property)| property_row(property)).collect(),
        means: mapped()
            .zip(&town.values)
            .map(|((_, property), value)| (&*property.key, hexes::shown(*value)))
            .collect(),
        resolutions: RESOLUTIONS.map(u8::from).to_vec(),
        resolution_by_zoom: (0..=hexes::ZOOMS.to).map(|zoom| hexes::resolution_of(zoom).into()).collect(),
    };
    super::json(&document)
}

/// The words of what the policy lets a capacity do: a page asks for nothing else.
fn rights(capacity: Capacity) -> Vec<&'static str> {
    Action::ALL.into_iter().filter(|action| verdict(capacity, *action) != Verdict::No).map(Action::key).collect()
}

fn layers<'a>(figures: &Hexes, charts: &[&'a Chart]) -> Vec<Layer<'a>> {
    let finest = RESOLUTIONS[RESOLUTIONS.len() - 1];
    let hexagons = Layer {
        name: "hexes",
        title: Words { it: "Esagoni", en: "Hexagons" },
        geometry: "hexes",
        count: figures.level(finest).len(),
    };
    let rest = charts.iter().map(|chart| Layer {
        name: chart.layer().name(),
        title: chart.layer().titles().into(),
        geometry: chart.kind().name(),
        count: chart.layer().features().len(),
    });
    std::iter::once(hexagons).chain(rest).collect()
}

fn property_row(property: &Property) -> PropertyRow<'_> {
    PropertyRow {
        key: &property.key,
        title: (&property.title).into(),
        description: (&property.description).into(),
        unit: property.unit.key(),
        dimension: property.dimension.map(Dimension::key),
        decimals: property.decimals,
    }
}
