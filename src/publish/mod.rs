//! Layer 6, what leaves the house: disclosed answers as bytes, in the formats of the world.
//!
//! | for whom | module |
//! |---|---|
//! | maps | [`tile`] (MVT 2.1), [`hexes`], [`households`], [`tilejson`], [`style`], [`qgis`] |
//! | the web page and scripts | [`town`], [`legend`], [`listing`], [`card`], [`answer`], [`change`] (JSON) |
//! | files | [`features`] of collections, [`table`] of other records |
//! | crews | [`runsheet`] (a page to print, GPX), [`crew`] (JSON) |
//!
//! Nothing gets in that `access` has not disclosed; the same input gives the same bytes.

pub mod answer;
pub mod card;
pub mod change;
pub mod crew;
pub mod features;
pub mod hexes;
pub mod households;
pub mod isochrone;
pub mod legend;
pub mod listing;
pub mod ogc;
pub mod osrm;
pub mod qgis;
pub mod runsheet;
pub mod style;
pub mod table;
pub mod tile;
pub mod tilejson;
pub mod town;
pub mod vroom;

/// A document as JSON.
fn json(document: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("our documents have text keys and finite numbers")
}
