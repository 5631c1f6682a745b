//! Layer 3, questions: filters and what they find, pages of any collection, figures of cells and of the town, the cells
//! of a box, legends, the area index.
//!
//! Answers are exact; whether and how finely they may be shown is for `access` to say.

pub mod aggregate;
pub mod ampi;
pub mod area;
pub mod budget;
pub mod cells;
pub mod collection;
mod cql;
pub mod distance;
pub mod evaluate;
pub mod figures;
pub mod filter;
pub mod legend;
pub mod mask;
pub mod moment;
pub mod nearest;
pub mod page;
pub mod selection;

pub use budget::Budget;
pub use figures::Figures;
pub use filter::Filter;
pub use legend::Legend;
pub use selection::Selection;

#[cfg(test)]
pub(crate) mod invented;
#[cfg(test)]
pub(crate) mod sql;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod twin;
