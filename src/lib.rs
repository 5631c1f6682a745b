//! Atlante.
pub mod access;
pub mod app;
pub mod domain;
pub mod http;
pub mod publish;
pub mod query;
pub mod snapshot;
pub mod store;
