//! Atlante.

pub mod access;
pub mod app;
pub mod cli;
pub mod domain;
pub mod fragility;
pub mod geocode;
pub mod http;
pub mod ingest;
pub mod linkage;
pub mod publish;
pub mod query;
pub mod snapshot;
pub mod store;
pub mod synth;
