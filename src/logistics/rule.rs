//! One constraint, one file: what it allows, as the search asks it in constant time.
//!
//! | asked | rules |
//! |---|---|
//! | once, of a crew and a stop | [`skill`] [`territory`] [`lock`] |
//! | of a run as a whole | [`tasks`] [`travel`] [`fairness`] |
//! | of a place in a run | [`window`] [`capacity`] [`pause`] [`setup`] |
//! | of the shape of a run | [`reload`] [`shift`] |

pub mod capacity;
pub mod fairness;
pub mod lock;
pub mod pause;
pub mod reload;
pub mod setup;
pub mod shift;
pub mod skill;
pub mod tasks;
pub mod territory;
pub mod travel;
pub mod window;
