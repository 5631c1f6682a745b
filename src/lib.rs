//! Atlante.
pub mod domain;
pub mod fragility;
