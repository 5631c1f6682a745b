//! Events: what was done, once and for ever. Each belongs to a stream (a scenario, a plan) and has a key, so that what is
//! sent twice is kept once.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Characters of a key at most.
pub const KEY_MAX: usize = 64;

/// What a stream is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StreamKind {
    /// A set of closed roads.
    Scenario,
    /// A plan and what was delivered by it.
    Plan,
    /// A link by which a crew sees its run.
    Link,
}

impl StreamKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Scenario, Self::Plan, Self::Link];

    /// Its name in the store and in the log.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Plan => "plan",
            Self::Link => "link",
        }
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == name)
    }
}

/// The number of a stream, 16 hexadecimal digits where it is written: it says nothing of what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub u64);

/// Not 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 16 hexadecimal digits, lower case")]
pub struct InvalidId;

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for StreamId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let plain = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let number = plain.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or(InvalidId)
    }
}

impl Serialize for StreamId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Whose events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stream {
    /// What it is about.
    pub kind: StreamKind,
    /// Which.
    pub id: StreamId,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.key(), self.id)
    }
}

/// What makes an event the same however often it is sent: 1 to 64 letters, digits or `-_.:`, unique within its stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdempotencyKey(Box<str>);

/// Not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has 1 to 64 letters, digits or -_.:")]
pub struct InvalidKey;

impl IdempotencyKey {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
        if plain && (1..=KEY_MAX).contains(&text.len()) { Ok(Self(text.into())) } else { Err(InvalidKey) }
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for IdempotencyKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IdempotencyKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_keys_are_what_they_are_written_as() {
        for number in [0, 1, 0xab, u64::MAX] {
            assert_eq!(StreamId(number).to_string().parse(), Ok(StreamId(number)));
        }
        for wrong in ["", "1", "00000000000000AB", "0000000000000000a", "+000000000000000"] {
            assert_eq!(wrong.parse::<StreamId>(), Err(InvalidId), "{wrong}");
        }
        assert_eq!("a-Z_0.9:".parse::<IdempotencyKey>().unwrap().as_str(), "a-Z_0.9:");
        for wrong in [String::new(), "a b".into(), "è".into(), "a/b".into(), "x".repeat(65)] {
            assert_eq!(wrong.parse::<IdempotencyKey>(), Err(InvalidKey), "{wrong}");
        }
    }
}
