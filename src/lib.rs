//! Atlante.
pub mod domain;
pub mod fragility;
pub mod synth;
