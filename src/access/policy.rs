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
    /// Close roads in a scenario, ask by one, plan deliveries.
    Plan,
    /// Read the one run of a link and tell what happened at its doors.
    DriveRun,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 9] = [
        Self::ReadOpenData,
        Self::ReadPublicFigures,
        Self::ReadExactFigures,
        Self::ReadHouseholds,
        Self::ReadLinks,
        Self::Administer,
        Self::ReadAudit,
        Self::Plan,
        Self::DriveRun,
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
            Self::Plan => "plan",
            Self::DriveRun => "drive_run",
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

const YES: Verdict = Verdict::UpTo(Sensitivity::Public);
const AREAS: Verdict = Verdict::UpTo(Sensitivity::Aggregate);
const PERSONAL: Verdict = Verdict::UpTo(Sensitivity::Personal);
const HEALTH: Verdict = Verdict::UpTo(Sensitivity::Health);
const NO: Verdict = Verdict::No;

/// The table: a row for each capacity, a column for each action in the order of [`Action::ALL`].
const fn row(capacity: Capacity) -> [Verdict; 9] {
    match capacity {
        Capacity::Role(Role::Public) => [YES, AREAS, NO, NO, NO, NO, NO, NO, NO],
        Capacity::Role(Role::Viewer) => [YES, AREAS, AREAS, NO, NO, NO, NO, NO, NO],
        Capacity::Role(Role::Coordinator) => [YES, AREAS, AREAS, PERSONAL, PERSONAL, NO, NO, PERSONAL, NO],
        Capacity::Role(Role::Social) => [YES, AREAS, AREAS, PERSONAL, NO, NO, NO, NO, NO],
        Capacity::Role(Role::Health) => [YES, AREAS, AREAS, HEALTH, NO, NO, NO, NO, NO],
        Capacity::Role(Role::CivilProtection) => [YES, AREAS, AREAS, HEALTH, NO, NO, NO, HEALTH, NO],
        Capacity::Role(Role::Admin) => [YES, AREAS, NO, NO, NO, YES, NO, NO, NO],
        Capacity::Role(Role::Auditor) => [YES, AREAS, NO, NO, NO, NO, YES, NO, NO],
        Capacity::Crew => [YES, AREAS, NO, NO, NO, NO, NO, NO, PERSONAL],
        Capacity::LocalOperator => [YES, AREAS, AREAS, HEALTH, PERSONAL, YES, YES, HEALTH, NO],
    }
}

/// Looks the table up.
pub const fn verdict(capacity: Capacity, action: Action) -> Verdict {
    row(capacity)[action as usize]
}
