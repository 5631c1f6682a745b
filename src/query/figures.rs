//! Figures: what some rows hold of every property.
/// todo
pub struct Figures {}
