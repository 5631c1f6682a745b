//! Atlante.
pub mod domain;
