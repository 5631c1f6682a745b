//! The one policy table: capacity × action.

use crate::snapshot::schema::Sensitivity;

use super::actor::{Capacity, Role};

/// What someone may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Read reference layers, streets, civic numbers: open data.
    ReadOpenData,
    /// Read the published figures: zones of ten households or more, rounded.
    ReadPublicFigures,
    /// Read exact figures of any hexagon.
    ReadExactFigures,
    /// Read households one by one, as far as the sensitivity allows.
    ReadHouseholds,
    /// Read which rows of the banks were joined, their addresses, and what was rejected.
    ReadLinks,
    /// Manage tokens, imports, refreshes.
    Administer,
    /// Read the audit log.
    ReadAudit,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 7] = [
        Self::ReadOpenData,
        Self::ReadPublicFigures,
        Self::ReadExactFigures,
        Self::ReadHouseholds,
        Self::ReadLinks,
        Self::Administer,
        Self::ReadAudit,
    ];

    /// The word used in the audit log.
    pub const fn key(self) -> &'static str {
        match self {
            Self::ReadOpenData => "read_open_data",
            Self::ReadPublicFigures => "read_public_figures",
            Self::ReadExactFigures => "read_exact_figures",
            Self::ReadHouseholds => "read_households",
            Self::ReadLinks => "read_links",
            Self::Administer => "administer",
            Self::ReadAudit => "read_audit",
        }
    }
}

/// What the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No.
    No,
    /// Yes, values up to a sensitivity.
    UpTo(Sensitivity),
}

/// Looks the table up.
pub const fn verdict(capacity: Capacity, action: Action) -> Verdict {
    use Role::{Admin, Auditor, CivilProtection, Coordinator, Health, Public, Social, Viewer};
    use Verdict::{No, UpTo};
    match (action, capacity) {
        (Action::ReadOpenData, _) => UpTo(Sensitivity::Public),
        (Action::ReadPublicFigures, _) => UpTo(Sensitivity::Aggregate),
        (
            Action::ReadExactFigures,
            Capacity::Role(Viewer | Coordinator | Social | Health | CivilProtection) | Capacity::LocalOperator,
        ) => UpTo(Sensitivity::Aggregate),
        (Action::ReadHouseholds, Capacity::Role(Coordinator | Social)) => UpTo(Sensitivity::Personal),
        (Action::ReadHouseholds, Capacity::Role(Health | CivilProtection) | Capacity::LocalOperator) => {
            UpTo(Sensitivity::Health)
        }
        (Action::ReadLinks, Capacity::Role(Coordinator) | Capacity::LocalOperator) => UpTo(Sensitivity::Personal),
        (Action::Administer, Capacity::Role(Admin) | Capacity::LocalOperator)
        | (Action::ReadAudit, Capacity::Role(Auditor) | Capacity::LocalOperator) => UpTo(Sensitivity::Public),
        (Action::ReadExactFigures, Capacity::Role(Public | Admin | Auditor))
        | (Action::ReadHouseholds, Capacity::Role(Public | Viewer | Admin | Auditor))
        | (
            Action::ReadLinks,
            Capacity::Role(Public | Viewer | Social | Health | CivilProtection | Admin | Auditor),
        )
        | (
            Action::Administer,
            Capacity::Role(Public | Viewer | Coordinator | Social | Health | CivilProtection | Auditor),
        )
        | (
            Action::ReadAudit,
            Capacity::Role(Public | Viewer | Coordinator | Social | Health | CivilProtection | Admin),
        ) => No,
    }
}
