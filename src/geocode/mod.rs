//! Text → place.
mod align;
mod borrow;
mod canonical;
mod cascade;
mod civic;
mod dug;
mod edit;
mod explain;
mod fault;
mod ladder;
mod lexer;
mod lexicon;
mod numeral;
mod parse;
mod register;
mod review;
mod score;
mod suggest;
mod suspect;
mod words;

pub use borrow::{BorrowReport, OwnPoint};
pub use cascade::{Scratch, locate, locate_coded, locate_with};
pub use explain::{CandidateExplanation, Explanation, explain};
pub use register::{Register, RegisterInput, StreetEntry, Town};
pub use review::{ReviewGroup, review_groups};
pub use score::{ACCEPT, REVIEW};
pub use suggest::{Suggestion, suggest};
pub use suspect::flag_suspects;

#[cfg(test)]
mod measure;
