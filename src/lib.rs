//! Atlante.
pub mod domain;
pub mod publish;
