//! Who asks.

use std::{fmt, str::FromStr};

/// A role that a token or an account may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Anybody: what is published.
    Public,
    /// Offices that read figures: exact hexagons, no households.
    Viewer,
    /// Coordinates social work: households without health.
    Coordinator,
    /// Social workers: households without health.
    Social,
    /// Health services: households with health.
    Health,
    /// Civil protection: households with health, for an event (DPC decree 10-3-2025).
    CivilProtection,
    /// Keeps the system; sees no personal data.
    Admin,
    /// Reads the audit log; sees no personal data.
    Auditor,
}

/// Not a role.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a role: public, viewer, coordinator, social, health, civil_protection, admin or auditor")]
pub struct InvalidRole;

impl Role {
    /// Every role, the public first.
    pub const ALL: [Self; 8] = [
        Self::Public,
        Self::Viewer,
        Self::Coordinator,
        Self::Social,
        Self::Health,
        Self::CivilProtection,
        Self::Admin,
        Self::Auditor,
    ];

    /// The word used in the API, the store and the command line.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Viewer => "viewer",
            Self::Coordinator => "coordinator",
            Self::Social => "social",
            Self::Health => "health",
            Self::CivilProtection => "civil_protection",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        Self::ALL.into_iter().find(|role| role.key() == text).ok_or(InvalidRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// In what capacity an actor acts: by a role, or as the operator at the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capacity {
    /// By a role.
    Role(Role),
    /// By a link that a coordinator gave to a crew for one run and one shift.
    Crew,
    /// At the machine: owns the data folder, so can read it whole; what is exported is audited all the same.
    LocalOperator,
}

impl Capacity {
    /// Every capacity.
    pub fn all() -> impl Iterator<Item = Self> {
        Role::ALL.into_iter().map(Self::Role).chain([Self::Crew, Self::LocalOperator])
    }

    /// The word used in the audit log.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Role(role) => role.key(),
            Self::Crew => "crew",
            Self::LocalOperator => "local_operator",
        }
    }
}

/// Someone who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    name: Box<str>,
    capacity: Capacity,
}

impl Actor {
    /// Nobody in particular: the public.
    pub fn anonymous() -> Self {
        Self { name: "anonymous".into(), capacity: Capacity::Role(Role::Public) }
    }

    /// Whom a checked token or account names.
    pub fn named(name: &str, role: Role) -> Self {
        Self { name: name.into(), capacity: Capacity::Role(role) }
    }

    /// A crew that came in by its link.
    pub(super) fn crew(name: &str) -> Self {
        Self { name: name.into(), capacity: Capacity::Crew }
    }

    /// The operator of the command line, who owns the data folder.
    pub fn local_operator(name: &str) -> Self {
        Self { name: name.into(), capacity: Capacity::LocalOperator }
    }

    /// The name in the audit log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// In what capacity.
    pub const fn capacity(&self) -> Capacity {
        self.capacity
    }
}
