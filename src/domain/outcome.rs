//! How it ended at a door.

use std::{fmt, str::FromStr};

/// How it ended at a door: the reasons for non-delivery are those that the next plan is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutcomeKind {
    /// All of it was handed over.
    Delivered,
    /// Less than was planned was handed over.
    Partial,
    /// Nobody opened.
    Absent,
    /// There is no such door, or others live there.
    WrongAddress,
    /// It was not wanted.
    Refused,
    /// The road is closed.
    RoadClosed,
    /// The vehicle did not come so far.
    VehicleDidNotCome,
}

/// Not an outcome.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an outcome: delivered, partial, absent, wrong_address, refused, road_closed or vehicle_did_not_come")]
pub struct InvalidOutcome;

impl OutcomeKind {
    /// Every outcome, in the order of a sheet.
    pub const ALL: [Self; 7] = [
        Self::Delivered,
        Self::Partial,
        Self::Absent,
        Self::WrongAddress,
        Self::Refused,
        Self::RoadClosed,
        Self::VehicleDidNotCome,
    ];

    /// The word of the API and of the journal.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Partial => "partial",
            Self::Absent => "absent",
            Self::WrongAddress => "wrong_address",
            Self::Refused => "refused",
            Self::RoadClosed => "road_closed",
            Self::VehicleDidNotCome => "vehicle_did_not_come",
        }
    }

    /// For people: Italian, English.
    pub const fn titles(self) -> (&'static str, &'static str) {
        match self {
            Self::Delivered => ("Consegnato", "Delivered"),
            Self::Partial => ("In parte", "In part"),
            Self::Absent => ("Assente", "Absent"),
            Self::WrongAddress => ("Indirizzo errato", "Wrong address"),
            Self::Refused => ("Rifiutato", "Refused"),
            Self::RoadClosed => ("Strada chiusa", "Road closed"),
            Self::VehicleDidNotCome => ("Mezzo non arrivato", "Vehicle did not come"),
        }
    }

    /// Whether the stop is to be visited again by another plan.
    pub const fn is_failed(self) -> bool {
        !matches!(self, Self::Delivered | Self::Refused)
    }

    /// Whether something was handed over.
    pub const fn is_served(self) -> bool {
        matches!(self, Self::Delivered | Self::Partial)
    }
}

impl FromStr for OutcomeKind {
    type Err = InvalidOutcome;

    fn from_str(text: &str) -> Result<Self, InvalidOutcome> {
        Self::ALL.into_iter().find(|outcome| outcome.key() == text).ok_or(InvalidOutcome)
    }
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}
