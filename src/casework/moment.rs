//! Times as they are written in a plan: a time of the day (`08:00`), a day, an instant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Seconds of two days: a shift may end after midnight, as `26:00`.
const END_S: u32 = 48 * 3600;

/// A time of the day, in seconds from midnight; beyond `24:00` it is of the next day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clock(u32);

/// Not a time of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time of the day is HH:MM")]
pub struct InvalidClock;

impl Clock {
    /// A time by its seconds from midnight; none beyond the end of the next day.
    pub const fn from_seconds(seconds: u32) -> Option<Self> {
        if seconds <= END_S { Some(Self(seconds)) } else { None }
    }

    /// Seconds from midnight.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds) = (self.0 / 3600, self.0 / 60 % 60, self.0 % 60);
        write!(f, "{hours:02}:{minutes:02}")?;
        if seconds > 0 { write!(f, ":{seconds:02}") } else { Ok(()) }
    }
}

impl FromStr for Clock {
    type Err = InvalidClock;

    fn from_str(text: &str) -> Result<Self, InvalidClock> {
        let parts = text.split(':').map(|part| match part.len() {
            2 if part.bytes().all(|b| b.is_ascii_digit()) => part.parse::<u32>().map_err(|_| InvalidClock),
            _ => Err(InvalidClock),
        });
        let parts = parts.collect::<Result<Vec<u32>, _>>()?;
        let (hours, minutes, seconds) = match parts[..] {
            [hours, minutes] => (hours, minutes, 0),
            [hours, minutes, seconds] => (hours, minutes, seconds),
            _ => return Err(InvalidClock),
        };
        if minutes > 59 || seconds > 59 {
            return Err(InvalidClock);
        }
        Self::from_seconds(hours * 3600 + minutes * 60 + seconds).ok_or(InvalidClock)
    }
}

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// For `#[serde(with = …)]`: what prints itself and reads itself back (instants, days), as text.
pub mod text {
    use super::{Deserialize, Deserializer, Serializer, fmt};

    /// Writes it as text.
    pub fn serialize<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads it from text.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: std::str::FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// As [`text`], where there may be none.
pub mod text_or_none {
    use super::{Deserialize, Deserializer, Serializer, fmt};

    /// Writes it as text, or `null`.
    pub fn serialize<T: fmt::Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// Reads it from text, or `null`.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: std::str::FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_the_day_is_what_it_is_written_as() {
        for (text, seconds) in [("00:00", 0), ("08:05", 29_100), ("23:59:59", 86_399), ("26:00", 93_600)] {
            assert_eq!(text.parse(), Ok(Clock(seconds)), "{text}");
            assert_eq!(Clock(seconds).to_string(), text);
        }
        for wrong in ["", "8:00", "08:60", "08", "08:00:00:00", "49:00", "0a:00", "-1:00", "08:00:99"] {
            assert_eq!(wrong.parse::<Clock>(), Err(InvalidClock), "{wrong}");
        }
    }
}
