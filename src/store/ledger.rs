//! The small things: aliases, tokens, audit entries, and what the store holds.

use jiff::Timestamp;

use super::{
    error::StoreError,
    generation::GenerationHead,
    layer::{Layer, LayerHead, LayerName},
    source::Source,
};
use crate::{
    access::{
        actor::Role,
        audit::{Entry, Head},
        token::TokenHash,
    },
    domain::{comune::Comune, place::StreetId},
};

/// One small change to the store.
#[derive(Debug)]
pub enum Change {
    /// Saves a reference layer, in place of the one of the same name.
    Layer(Layer),
    /// Removes a reference layer.
    LayerRemoved(LayerName),
    /// Adds an alias, in place of the one with the same text.
    Alias(Alias),
    /// Removes the alias with this text.
    AliasRemoved(Box<str>),
    /// Adds a token. [`Conflict`](super::StoreError::Conflict) when the name is taken by one that is not revoked.
    Token(Token),
    /// Revokes a token. [`Missing`](super::StoreError::Missing) when there is none of that name.
    TokenRevoked {
        /// Its name.
        name: Box<str>,
        /// Now.
        at: Timestamp,
    },
    /// Adds entries to the audit log. [`Conflict`](super::StoreError::Conflict) when the first is not the next: another
    /// process wrote meanwhile; read the head and chain again.
    Audit(Vec<Entry>),
}

/// A way of writing a street that an operator settled once for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The street as the banks write it, folded; no civic number, no name of a person who lives there.
    pub written: Box<str>,
    /// The street it stands for; none: known not to be a street of the town.
    pub street: Option<StreetId>,
    /// Since.
    pub at: Timestamp,
}

/// An API token, without the token itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Unique among those that are not revoked.
    pub name: Box<str>,
    /// What its holder may be.
    pub role: Role,
    /// What is kept of the token itself.
    pub hash: TokenHash,
    /// Since.
    pub created_at: Timestamp,
    /// Until, where it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}

/// What the store holds, without payloads.
#[derive(Clone, Debug)]
pub struct Contents {
    /// Whose store it is.
    pub comune: Comune,
    /// Every source, oldest first.
    pub sources: Vec<Source>,
    /// The people and places that hold.
    pub rebuilt: Option<GenerationHead>,
    /// The generation that is served.
    pub served: Option<GenerationHead>,
    /// Reference layers, by name.
    pub layers: Vec<LayerHead>,
    /// Aliases, by text.
    pub aliases: Vec<Alias>,
    /// Tokens, oldest first; revoked ones too.
    pub tokens: Vec<Token>,
    /// Where the audit log ends.
    pub audit_head: Head,
}

/// Something that [`check`](super::Store::check) found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: `source 3, batch 2`, `generation …, snapshot`, `pages`.
    pub place: String,
    /// What.
    pub reason: String,
}

/// What a check has found so far.
#[derive(Default)]
pub(super) struct Faults {
    /// In the order in which they were found.
    pub(super) list: Vec<Fault>,
}

impl Faults {
    pub(super) fn add(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.list.push(Fault { place: place.into(), reason: reason.into() });
    }

    /// Damage is a finding; what keeps us from reading at all is an error.
    pub(super) fn take<T>(&mut self, place: &str, result: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error @ StoreError::Corrupt(_)) => {
                self.add(place, error.to_string());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
