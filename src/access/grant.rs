//! Proof that an actor may act for a purpose.

use std::marker::PhantomData;

use crate::snapshot::schema::Sensitivity;

use super::{
    actor::Actor,
    audit::{AuditEvent, Outcome},
    policy::{Action, Verdict, verdict},
};

mod sealed {
    pub trait Sealed {}
}

/// For what an actor acts. Only the purposes of this module exist:
///
/// ```compile_fail,E0277
/// use atlante::access::{Purpose, policy::Action};
/// struct Curiosity;
/// impl Purpose for Curiosity {
///     const ACTION: Action = Action::ReadOpenData;
/// }
/// ```
pub trait Purpose: sealed::Sealed {
    /// The action that the policy table judges.
    const ACTION: Action;
}

/// A purpose for which figures of hexagons are read.
pub trait FigurePurpose: Purpose {
    /// Which figures.
    const POLICY: super::hexes::Policy;
}

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident => $action:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Purpose for $name {
            const ACTION: Action = Action::$action;
        }
    )*};
}

purposes! {
    /// To read open data.
    OpenData => ReadOpenData;
    /// To read published figures.
    PublicFigures => ReadPublicFigures;
    /// To read exact figures.
    ExactFigures => ReadExactFigures;
    /// To read households.
    HouseholdRecords => ReadHouseholds;
    /// To read how bank rows were joined and placed.
    LinkRecords => ReadLinks;
    /// To manage.
    Administer => Administer;
    /// To read the audit log.
    ReadAudit => ReadAudit;
    /// To close roads in a scenario, to ask by one, to plan deliveries.
    Planning => Plan;
    /// To drive one run and to tell what happened at its doors.
    OwnRun => DriveRun;
}

impl FigurePurpose for PublicFigures {
    const POLICY: super::hexes::Policy = super::hexes::Policy::Public;
}

impl FigurePurpose for ExactFigures {
    const POLICY: super::hexes::Policy = super::hexes::Policy::Exact;
}

/// Proof that this actor may act for purpose `P`. Only [`grant`] makes one:
///
/// ```compile_fail,E0451
/// use atlante::access::{Actor, ExactFigures, Grant};
/// let forged = Grant::<ExactFigures> { actor: Actor::anonymous(), ceiling: todo!(), purpose: std::marker::PhantomData };
/// ```
///
/// and a grant for one purpose is none for another:
///
/// ```compile_fail,E0308
/// use std::sync::Arc;
/// use atlante::access::{Actor, PublicFigures, disclose, grant};
/// use atlante::snapshot::{Rows, Snapshot};
/// fn leak(snapshot: &Arc<Snapshot>, rows: Rows) {
///     let grant = grant::<PublicFigures>(&Actor::anonymous()).unwrap();
///     disclose::households(&grant, snapshot, rows);
/// }
/// ```
#[derive(Debug)]
pub struct Grant<P> {
    actor: Actor,
    ceiling: Sensitivity,
    purpose: PhantomData<P>,
}

impl<P: Purpose> Grant<P> {
    /// Who holds it.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The greatest sensitivity of a household's value that it opens.
    pub const fn ceiling(&self) -> Sensitivity {
        self.ceiling
    }

    /// What the audit log will say of an answer.
    pub fn event(&self, object: &str, rows: u64) -> AuditEvent {
        AuditEvent::new(&self.actor, P::ACTION, object, rows, Outcome::Allowed)
    }
}

/// The policy says no.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("the role {} may not {}", .actor.capacity().key(), .action.key())]
pub struct Denied {
    actor: Actor,
    action: Action,
}

impl Denied {
    /// What was wanted.
    pub const fn action(&self) -> Action {
        self.action
    }

    /// What the audit log will say of it.
    pub fn event(&self, object: &str) -> AuditEvent {
        AuditEvent::new(&self.actor, self.action, object, 0, Outcome::Denied)
    }
}

/// Asks the policy table.
pub fn grant<P: Purpose>(actor: &Actor) -> Result<Grant<P>, Denied> {
    match verdict(actor.capacity(), P::ACTION) {
        Verdict::UpTo(ceiling) => Ok(Grant { actor: actor.clone(), ceiling, purpose: PhantomData }),
        Verdict::No => Err(Denied { actor: actor.clone(), action: P::ACTION }),
    }
}
