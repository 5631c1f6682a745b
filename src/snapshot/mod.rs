//! Layer 2, the frozen world: how the placed households of a comune lie so that questions are answered fast.
//!
//! Rows are sorted by H3 cell (resolution 12), so a parent cell at any coarser resolution is one contiguous [`Span`],
//! found by binary search; block sums over every column answer count, sum and mean of any span in O(1).
//! People lie in the order of their households, so the people of a span of households are one span.
//! A [`Snapshot`] is built once, never edited, swapped whole.

pub mod bits;
pub mod builder;
mod bytes;
pub mod column;
pub mod cover;
pub mod encode;
pub mod grid;
pub mod layer;
pub mod people;
pub mod rows;
pub mod schema;
mod world;

#[cfg(test)]
pub(crate) mod invented;
#[cfg(test)]
mod tests;

pub use builder::{Attribute, Builder, HouseholdRow, InvalidRow, PersonRow};
pub use encode::InvalidSnapshot;
pub use people::People;
pub use rows::{Row, Rows, Span};
pub use world::{About, Cell, Snapshot, Unplaced};
