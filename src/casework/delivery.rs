//! Deliveries: how it went at a door. Append-only; the last word of a stop is the one that counts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::moment;

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// Everything was handed over.
    Delivered,
    /// Less than everything was handed over.
    Partial,
    /// Nobody was there.
    Absent,
    /// Nobody of theirs lives there.
    WrongAddress,
    /// They did not want it.
    Refused,
    /// No road led there.
    RoadClosed,
    /// The crew never set out.
    VehicleDidNotCome,
}

impl OutcomeKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Delivered,
        Self::Partial,
        Self::Absent,
        Self::WrongAddress,
        Self::Refused,
        Self::RoadClosed,
        Self::VehicleDidNotCome,
    ];

    /// Its word in the API and in the files.
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

    /// Its word on an Italian sheet.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delivered => "consegnato",
            Self::Partial => "parziale",
            Self::Absent => "assente",
            Self::WrongAddress => "indirizzo errato",
            Self::Refused => "rifiutato",
            Self::RoadClosed => "strada chiusa",
            Self::VehicleDidNotCome => "mezzo non arrivato",
        }
    }

    /// Reads the word of the API or of an Italian sheet, whatever its case.
    pub fn named(text: &str) -> Option<Self> {
        let said = text.trim().to_lowercase().replace(['_', '-'], " ");
        Self::ALL.into_iter().find(|kind| said == kind.word() || said == kind.key().replace('_', " "))
    }

    /// Whether the stop is to be visited again by another plan.
    pub const fn is_failed(self) -> bool {
        !matches!(self, Self::Delivered | Self::Refused)
    }
}

/// How it went at a stop, as it is kept and as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How.
    pub kind: OutcomeKind,
    /// Units that were handed over; none where nobody said and the kind says it.
    #[serde(default)]
    pub units: Option<u32>,
    /// When, by the clock of who says it.
    #[serde(with = "moment::text")]
    pub at: Timestamp,
    /// Who says it.
    pub by: Box<str>,
    /// In their words.
    #[serde(default)]
    pub note: Box<str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_an_outcome_is_read_back() {
        for kind in OutcomeKind::ALL {
            assert_eq!(OutcomeKind::named(kind.key()), Some(kind));
            assert_eq!(OutcomeKind::named(&kind.word().to_uppercase()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.key()));
        }
        assert_eq!(OutcomeKind::named("forse"), None);
    }
}
