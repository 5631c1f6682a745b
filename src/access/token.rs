//! API tokens: random, shown once, stored as a hash.

use std::fmt;

/// A token as its holder keeps it: `atl_` and 64 hexadecimal digits. `Debug` is redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

/// Not a token.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a token: atl_ and 64 hexadecimal digits")]
pub struct InvalidToken;

/// What the store keeps of a token: BLAKE3 of it. 256 random bits need no slow hash. Comparison takes constant time.
#[derive(Clone, Copy, Debug)]
pub struct TokenHash(blake3::Hash);

impl Secret {
    const PREFIX: &'static str = "atl_";

    /// A token of 32 random bytes, which the caller takes from the operating system.
    pub fn of(random: [u8; 32]) -> Self {
        Self(format!("{}{}", Self::PREFIX, blake3::Hash::from_bytes(random).to_hex()).into())
    }

    /// Reads what a client sends.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let digits = text.strip_prefix(Self::PREFIX).ok_or(InvalidToken)?;
        let fits = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if fits { Ok(Self(text.into())) } else { Err(InvalidToken) }
    }

    /// The token itself, to show once to whom it is for.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the store keeps.
    pub fn hash(&self) -> TokenHash {
        TokenHash(blake3::hash(self.0.as_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹token›")
    }
}

impl TokenHash {
    /// As stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(blake3::Hash::from_bytes(bytes))
    }

    /// To store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Display for TokenHash {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_hex())
    }
}

impl PartialEq for TokenHash {
    /// Constant time (`blake3::Hash` compares so).
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for TokenHash {}
