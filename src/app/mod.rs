//! Layer 7, use cases.
pub mod cache;
pub mod error;
