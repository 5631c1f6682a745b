//! Layer 4, the right: who may see what, how finely.
//!
//! An [`Actor`] asks [`grant`] for a purpose and gets a [`Grant`] or a denial; a function of [`disclose`] takes the grant and
//! gives a [`Disclosed`] answer with its audit event. `publish` accepts nothing that is not `Disclosed`.

pub mod actor;
pub mod answer;
pub mod askable;
pub mod audit;
pub mod disclose;
pub mod found;
mod grant;
pub mod hexes;
pub mod opened;
pub mod pass;
pub mod policy;
mod round;
pub mod sheet;
pub mod suppress;
pub mod token;

pub use actor::{Actor, Role};
pub use askable::{Subject, askable};
pub use disclose::Disclosed;
pub use grant::{
    Administer, Denied, ExactFigures, FigurePurpose, Grant, HouseholdRecords, LinkRecords, OpenData, OwnRun, Planning,
    PublicFigures, Purpose, ReadAudit, grant,
};
pub use pass::Pass;

#[cfg(test)]
mod tests;
