//! An invented town, Borgo Atlante (X001, no comune's code): its register, streets, areas, the ten banks with the
//! dirt of real offices' exports, and the truth. Nobody in it exists.
//!
//! Everything follows from the number of households and a seed: same seed, same bytes. The proportions are those of the
//! test town whose truth the project measures itself against; the names are written by hand in `words`.

mod address;
mod areas;
mod bank;
mod dice;
mod ground;
mod people;
mod register;
mod roads;
mod spelling;
mod streets;
mod words;
mod world;

pub use world::{Town, town};

/// Belfiore code of the invented comune.
pub const COMUNE: &str = "X001";
/// Its ISTAT code.
pub const ISTAT: &str = "999001";
/// Its name.
pub const NAME: &str = "Borgo Atlante";
/// Its CAP.
pub const POSTCODE: &str = "99010";

#[cfg(test)]
mod tests;
