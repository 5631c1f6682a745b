//! Fragility: a household and what the banks say of it become scores.
//!
//! A [`Model`] (a versioned TOML file) names indicators in five dimensions, their cut-offs and weights by date.
//! [`gather`] makes a [`Situation`] of every household, [`assess`] makes an [`Assessment`] of a situation by
//! Alkire–Foster counting: the contributions of the indicators sum to the score. What a missing bank hides is unknown,
//! never zero, and the weights are shared out among what is known.
//!
//! Rules are deterministic and explained (`docs/domain.md`, point 7): nothing here is learned from people.

mod assessment;
pub mod composite;
pub mod entitlement;
pub mod indicator;
pub mod isee;
pub mod model;
pub mod normalise;
pub mod poverty;
pub mod sensitivity;
pub mod situation;

pub use assessment::{Assessment, Contribution, Fragile, assess, assess_all, explain, measure};
pub use model::{Dated, Language, Model, ModelError, Text};
pub use situation::{Gathered, JoinedFact, Situation, gather};

#[cfg(test)]
mod tests;
