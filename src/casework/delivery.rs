//! Deliveries: how it went at a door. Append-only; the last word of a stop is the one that counts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::moment;
use crate::domain::outcome::OutcomeKind;

/// How it went at a stop, as it is kept and as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How.
    #[serde(with = "word")]
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

/// The word of the API and of the journal.
mod word {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::OutcomeKind;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands what it writes by reference")]
    pub(super) fn serialize<S: Serializer>(kind: &OutcomeKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(kind.key())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OutcomeKind, D::Error> {
        Box::<str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_kept_by_its_word_and_read_back() {
        for kind in OutcomeKind::ALL {
            let outcome = Outcome { kind, units: None, at: Timestamp::UNIX_EPOCH, by: "x".into(), note: "".into() };
            let text = serde_json::to_string(&outcome).unwrap();
            assert!(text.contains(&format!("\"{}\"", kind.key())), "{text}");
            assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
        }
        assert!("forse".parse::<OutcomeKind>().is_err());
    }
}
