//! The OGC APIs on their way out: Features (17-069r4, 18-058r1, 19-079r2, 23-058r1), Tiles (20-057), Styles (20-009),
//! DGGS (21-038r1). Documents as JSON; where a document speaks of a collection it is written from disclosed rows.

pub mod collection;
mod crs;
pub mod dggs;
pub mod items;
pub mod landing;
pub mod link;
pub mod openapi;
pub mod schema;
pub mod styles;
pub mod tiles;
pub mod zones;

pub use crs::{InvalidReference, Reference};
pub use link::Link;
