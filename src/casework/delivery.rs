//! Deliveries: how it went at a door. Append-only.
//!
//! Of several words about one stop the one that counts is that of the last deed: the latest by its own clock (`at`), and of
//! two at the same instant the one with the greater key. When a word arrives decides nothing, so two telephones that were
//! without a network make the same plan in whichever order they come back. A clock that is ahead would win for ever: what
//! lies further ahead than [`AHEAD`] is refused. One that is behind loses to others, and keeps the order of its own.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{event::IdempotencyKey, moment};
use crate::domain::outcome::OutcomeKind;

/// How far the clock of who says something may be ahead of ours.
pub const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// It is said of a deed that is not done yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is said to have happened later than now")]
pub struct NotYet;

/// When a deed was done, as it is told. Errors: [`NotYet`].
pub fn instant(told: Timestamp, now: Timestamp) -> Result<Timestamp, NotYet> {
    if told.duration_since(now) > AHEAD { Err(NotYet) } else { Ok(told) }
}

/// Everything that was said of a stop, in the order of the deeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story(BTreeMap<(Timestamp, IdempotencyKey), Outcome>);

impl Story {
    /// Adds what was said with a key; the same however often, and whatever was added before.
    pub fn add(&mut self, key: IdempotencyKey, outcome: Outcome) {
        self.0.insert((outcome.at, key), outcome);
    }

    /// How it went: what was said of the last deed.
    pub fn last(&self) -> Option<&Outcome> {
        self.0.last_key_value().map(|(_, outcome)| outcome)
    }

    /// Everything, in the order of the deeds.
    pub fn iter(&self) -> impl Iterator<Item = &Outcome> {
        self.0.values()
    }

    /// How much was said.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

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
    fn a_deed_is_not_done_in_the_future() {
        let now = Timestamp::from_second(50_000).unwrap();
        for told in [Timestamp::UNIX_EPOCH, now, now + AHEAD] {
            assert_eq!(instant(told, now), Ok(told), "{told}");
        }
        assert_eq!(instant(now + AHEAD + SignedDuration::from_secs(1), now), Err(NotYet));
    }

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
