//! What can go wrong in a use case, in nine kinds, each with a word for programs. The edges decide what each looks like: a status code, an exit code.

use std::fmt;

use crate::{
    query::{budget::Spent, filter::FilterError},
    store::StoreError,
};

/// A use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was asked makes no sense: says which part, and why.
    #[error("{place}: {reason}")]
    Invalid {
        /// Which parameter, file or field.
        place: String,
        /// Why.
        reason: String,
        /// The character at which it goes wrong, from 0, where that is known.
        position: Option<u32>,
    },
    /// Credentials were shown and are not good, or are needed and were not shown.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The actor may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such thing.
    #[error("{0}")]
    Missing(String),
    /// It does not fit what is there.
    #[error("{0}")]
    Conflict(String),
    /// It cannot be done to what is there, or what is there is not: the word says why, for programs.
    #[error("{reason}")]
    Refused {
        /// Whether it is missing, or in the way.
        kind: Refusal,
        /// The word: lower case and `_`, the same in every version.
        code: &'static str,
        /// In words.
        reason: String,
    },
    /// Not now: nothing is loaded yet, the store is away.
    #[error("{0}")]
    Unavailable(String),
    /// Never: it takes more work than one question may.
    #[error(transparent)]
    Costly(Spent),
    /// A fault of ours, or of the machine. Its cause is for the log alone.
    #[error("something failed inside")]
    Internal(#[source] Cause),
}

/// What stands against a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such thing.
    Missing,
    /// It does not fit what is there.
    Conflict,
}

/// Why something failed inside.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// A fault of ours.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    /// What was asked does not fit what is there; `code` says why, for programs.
    pub fn conflict(code: &'static str, reason: impl fmt::Display) -> Self {
        Self::Refused { kind: Refusal::Conflict, code, reason: reason.to_string() }
    }

    /// What was asked for is not there; `code` says what, for programs.
    pub fn missing(code: &'static str, reason: impl fmt::Display) -> Self {
        Self::Refused { kind: Refusal::Missing, code, reason: reason.to_string() }
    }

    /// The word for programs (RFC 9457, an extension of its problem details): the same in every version.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::Unauthenticated(_) => "unauthenticated",
            Self::Forbidden(_) => "forbidden",
            Self::Missing(_) => "not_found",
            Self::Conflict(_) => "conflict",
            Self::Refused { code, .. } => code,
            Self::Unavailable(_) => "unavailable",
            Self::Costly(_) => "too_costly",
            Self::Internal(_) => "fault",
        }
    }

    /// A part of a question that makes no sense.
    pub fn invalid(place: &str, reason: impl fmt::Display) -> Self {
        Self::Invalid { place: place.to_owned(), reason: reason.to_string(), position: None }
    }
}

impl From<FilterError> for Error {
    fn from(error: FilterError) -> Self {
        let position = error.position.and_then(|at| u32::try_from(at).ok());
        Self::Invalid { place: "filter".to_owned(), reason: error.reason, position }
    }
}

impl From<Spent> for Error {
    fn from(spent: Spent) -> Self {
        Self::Costly(spent)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing(what) => Self::Missing(format!("{what} is not in the store")),
            StoreError::Conflict(_) | StoreError::OtherComune { .. } => Self::Conflict(error.to_string()),
            StoreError::Which(_) => Self::invalid("--comune", error),
            StoreError::Address(_) => Self::invalid("--store", error),
            StoreError::Full
            | StoreError::Busy
            | StoreError::Unreachable(_)
            | StoreError::Absent
            | StoreError::NotThere(_)
            | StoreError::Arriving(_) => Self::Unavailable(error.to_string()),
            _ => Self::internal(error),
        }
    }
}

impl From<crate::access::Denied> for Error {
    fn from(denied: crate::access::Denied) -> Self {
        Self::Forbidden(denied.to_string())
    }
}
