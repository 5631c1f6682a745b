//! What was disclosed, as bytes in the formats of the world: tiles, TileJSON, styles, GeoJSON, FlatGeobuf, CSV.

pub mod csv;
pub mod flatgeobuf;
pub mod geojson;
pub mod hexes;
pub mod style;
pub mod table;
pub mod tile;
pub mod tilejson;
