//! Text → place.
mod align;
mod canonical;
mod cascade;
mod civic;
mod dug;
mod edit;
mod fault;
mod ladder;
mod lexer;
mod lexicon;
mod numeral;
mod parse;
mod register;
mod score;
mod words;

pub use cascade::{Scratch, locate, locate_coded, locate_with};
pub use register::{Register, RegisterInput, StreetEntry, Town};
pub use score::{ACCEPT, REVIEW};

#[cfg(test)]
mod measure;
