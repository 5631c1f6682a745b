//! Atlante.
pub mod domain;
pub mod geocode;
