//! Of what one may ask questions, and by which fields.

use crate::snapshot::schema::Sensitivity;

use super::{
    actor::Actor,
    grant::{Denied, ExactFigures, HouseholdRecords, OpenData, PublicFigures, grant},
};

/// What questions are asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A reference layer.
    Layer,
    /// The figures of hexagons.
    Hexes,
    /// Households.
    Households,
    /// People.
    People,
}

/// The greatest sensitivity of a field by which an actor may filter, group and measure; errors where the actor may ask
/// nothing of it. Who reads exact figures but no households (a viewer) asks by what is not health, and is answered with
/// counts alone: see [`disclose::answer`](super::disclose::answer).
pub fn askable(actor: &Actor, subject: Subject) -> Result<Sensitivity, Denied> {
    match subject {
        Subject::Layer => grant::<OpenData>(actor).map(|grant| grant.ceiling()),
        Subject::Hexes => grant::<PublicFigures>(actor).map(|grant| grant.ceiling()),
        Subject::Households | Subject::People => match grant::<HouseholdRecords>(actor) {
            Ok(grant) => Ok(grant.ceiling()),
            Err(_) => grant::<ExactFigures>(actor).map(|_| Sensitivity::Personal),
        },
    }
}
