//! Atlante.
pub mod domain;
pub mod linkage;
