//! What a listener hears when another world is served.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use super::{hexes, tile::MAX_ZOOM};
use crate::access::{
    Disclosed,
    hexes::{CHANGED_RESOLUTION, Changes},
};

/// What the news says beside the changed cells.
pub struct Change<'a> {
    /// The generation that is served now.
    pub generation: &'a str,
    /// The day at which its households were assessed.
    pub as_of: Date,
    /// Reference layers that changed; none where that is not known, so any of them may have.
    pub layers: Option<BTreeSet<&'a str>>,
}

#[derive(Serialize)]
struct Document<'a> {
    generation: &'a str,
    as_of: String,
    changed: Changed<'a>,
}

#[derive(Serialize)]
struct Changed<'a> {
    /// Of the cells.
    resolution: u8,
    /// From this zoom on only tiles that touch a cell changed; below it, where hexagons are larger than the cells, all
    /// did if any cell did.
    from_zoom: u8,
    /// Null is all.
    cells: Option<Vec<String>>,
    /// Null is all.
    layers: &'a Option<BTreeSet<&'a str>>,
}

/// The news as JSON in one line.
pub fn write(change: &Change<'_>, changes: &Disclosed<Changes>) -> String {
    let cells = match &**changes {
        Changes::Everywhere => None,
        Changes::Cells(cells) => Some(cells.iter().map(ToString::to_string).collect()),
    };
    let from_zoom = (0..=MAX_ZOOM).find(|&zoom| hexes::resolution_of(zoom) >= CHANGED_RESOLUTION).unwrap_or_default();
    let document = Document {
        generation: change.generation,
        as_of: change.as_of.to_string(),
        changed: Changed { resolution: CHANGED_RESOLUTION.into(), from_zoom, cells, layers: &change.layers },
    };
    String::from_utf8_lossy(&super::json(&document)).into_owned()
}
