//! Text → place: written addresses against the frozen register of one comune.
//!
//! **One canonical form.** Register names and queries go through the same steps: fold and lex (`lexer`), cut the tail by the
//! names of this comune (`parse`), read the civic number and what follows it (`civic`), take the DUG off by its table (`dug`),
//! and class the words of the name (`canonical`, `words`, `numeral`): numerals become integers in names only, all saints are
//! one word, abbreviations are spelled out; prepositions, titles, first names and qualifiers are marked as such.
//!
//! **The cascade.** M0 a code is given; M1 the key with its DUG; then every name that shares words with the text is aligned word
//! by word (`align`), and what differs is *named* (`fault`) and costs. The faults of the winner say whether it was M2 (other or
//! no DUG), M3 (optional words), M4 (written as one), M5 (another name or an alias), M6 (fuzzy) or M7 (the civic number decided).
//! Words are found through typing errors by symmetric deletion (`lexicon`), which within its bounds misses nothing: the index
//! and a full scan agree by law, not by luck.
//!
//! **The ladder** (`ladder`) leads from street and number to a door, or as near as the register allows, with a radius.
//!
//! **The score** (`score`) is a logistic model of penalty, margin to the second candidate, rarity of the words found, what the
//! civic number says and a few faults. It is fitted (`measure::calibrate`) on registers of other comuni with invented numbers,
//! seeded noise, and streets that are not there; so a score is the share of right answers among answers with that score.
//! Accept, review and reject are zones of it; some faults (another numeral, two first names that differ, a rival that alone has
//! the number) never accept. A tie is [`Ambiguous`](crate::domain::place::PlaceLevel::Ambiguous): no street is given.
//!
//! **What an accepted row means.** Level `exact` or `exact_no_coordinates`: the access is believed right. Any lower level: the
//! *street* is believed right, the point is an estimate with its radius, and `access` is `None`, so that no wrong door is ever
//! handed on. In a row for review, street and access are a suggestion.

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
pub use register::{Register, RegisterInput, StreetEntry, Town, medoid};
pub use review::{ReviewGroup, review_groups};
pub use score::{ACCEPT, REVIEW};
pub use suggest::{Suggestion, suggest};
pub use suspect::flag_suspects;

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
