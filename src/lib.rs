//! Atlante.
pub mod access;
pub mod domain;
pub mod query;
pub mod snapshot;
