//! Area index.
