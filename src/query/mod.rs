//! Layer 3, questions: figures of cells and of the town, the cells of a box, legends, the area index; pages of any
//! collection.
//!
//! Answers are exact; whether and how finely they may be shown is for `access` to say.

pub mod ampi;
pub mod area;
pub mod budget;
pub mod cells;
pub mod collection;
pub mod figures;
pub mod legend;
pub mod moment;
pub mod page;

pub use figures::Figures;
pub use legend::Legend;

#[cfg(test)]
mod tests;
