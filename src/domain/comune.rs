//! The code of a municipality.

use std::{fmt, str::FromStr};

/// A Belfiore (cadastral) code: a letter and three digits, as `M208`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Comune([u8; 4]);

impl Comune {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Not a Belfiore code.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a Belfiore code: a letter and three digits, as M208")]
pub struct InvalidComune(pub String);

impl FromStr for Comune {
    type Err = InvalidComune;

    fn from_str(text: &str) -> Result<Self, InvalidComune> {
        match text.trim().as_bytes() {
            &[letter, a, b, c] if letter.is_ascii_alphabetic() && [a, b, c].iter().all(u8::is_ascii_digit) => {
                Ok(Self([letter.to_ascii_uppercase(), a, b, c]))
            }
            _ => Err(InvalidComune(text.chars().take(16).collect())),
        }
    }
}

impl fmt::Display for Comune {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Comune {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
