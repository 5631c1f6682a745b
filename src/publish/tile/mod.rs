//! Vector tiles: Mapbox Vector Tile 2.1 in the Web Mercator square, our own encoder, the same bytes for the same input.

mod address;
mod chart;
pub mod clip;
#[cfg(test)]
pub mod decode;
mod layer;
mod shape;
#[cfg(test)]
mod tests;
mod wire;

pub use address::{EXTENT, InvalidTileAddress, MAX_ZOOM, TileAddress, project};
pub use chart::{Chart, MAX_TILE_BYTES, Order, Zooms};
pub use layer::{Attribute, Key, LayerWriter};
pub use shape::{BUFFER, Kind, Path, Shape};
