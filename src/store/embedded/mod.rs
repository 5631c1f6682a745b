//! The embedded home.
/// The store of one comune in one SQLite file.
#[derive(Debug)]
pub struct Embedded;
