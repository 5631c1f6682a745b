//! Layer 8, the web.
mod encoding;
