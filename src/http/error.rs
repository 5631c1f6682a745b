//! What went wrong, as an answer: problem details (RFC 9457). The only place where a status code is chosen for a fault.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::app::{Error, error::Refusal};

/// A fault on its way to a client.
#[derive(Debug)]
pub enum Problem {
    /// A use case failed.
    App(Error),
    /// No such address.
    NoSuchPath,
    /// The address is there, the method is not.
    NoSuchMethod,
    /// A parameter is unknown, repeated, or makes no sense.
    Parameter {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The client refuses every coding that there is.
    NoCoding,
    /// Credentials in a form that is not understood.
    Credentials,
    /// None of the bytes asked for are in the file, which has so many.
    Range(u64),
    /// The address takes POST alone.
    OnlyPost,
    /// The address takes these methods alone.
    OtherMethods(&'static str),
    /// The body is not said to be JSON.
    NotJson,
    /// The body is longer than a question may be: 1 MiB.
    TooLarge,
    /// The body did not come in time.
    TooSlow,
    /// The code of this program failed.
    Panic,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}

/// The fault that an answer carries for the log; never sent.
#[derive(Clone, Debug)]
pub struct Blame(pub String);

#[derive(Serialize)]
struct Details<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    /// The word for programs, an extension member of RFC 9457.
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
}

impl Problem {
    /// A parameter that makes no sense.
    pub fn parameter(name: &str, reason: impl Into<String>) -> Self {
        Self::Parameter { name: name.to_owned(), reason: reason.into() }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::App(Error::Invalid { .. }) | Self::Parameter { .. } => StatusCode::BAD_REQUEST,
            Self::App(Error::Unauthenticated(_)) | Self::Credentials => StatusCode::UNAUTHORIZED,
            Self::App(Error::Forbidden(_)) => StatusCode::FORBIDDEN,
            Self::App(Error::Missing(_) | Error::Refused { kind: Refusal::Missing, .. }) | Self::NoSuchPath => {
                StatusCode::NOT_FOUND
            }
            Self::App(Error::Conflict(_) | Error::Refused { kind: Refusal::Conflict, .. }) => StatusCode::CONFLICT,
            Self::App(Error::Unavailable(_) | Error::Costly(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::App(Error::Internal(_)) | Self::Panic => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NoSuchMethod | Self::OnlyPost | Self::OtherMethods(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoCoding => StatusCode::NOT_ACCEPTABLE,
            Self::Range(_) => StatusCode::RANGE_NOT_SATISFIABLE,
        }
    }

    /// The word for programs: the same in every version.
    const fn code(&self) -> &'static str {
        match self {
            Self::App(error) => error.code(),
            Self::NoSuchPath => "not_found",
            Self::NoSuchMethod | Self::OnlyPost | Self::OtherMethods(_) => "method_not_allowed",
            Self::Parameter { .. } => "invalid_parameter",
            Self::NoCoding => "not_acceptable",
            Self::Credentials => "unauthenticated",
            Self::Range(_) => "range_not_satisfiable",
            Self::NotJson => "not_json",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Panic => "fault",
        }
    }

    /// What the client reads. Of a fault of ours it reads a constant.
    fn details(&self) -> Details<'_> {
        let (title, detail, parameter) = match self {
            Self::App(Error::Invalid { place, reason, .. }) => {
                ("Invalid question", reason.as_str(), Some(place.as_str()))
            }
            Self::Parameter { name, reason } => ("Invalid parameter", reason.as_str(), Some(name.as_str())),
            Self::App(Error::Unauthenticated(reason)) => ("Not authenticated", *reason, None),
            Self::Credentials => ("Not authenticated", "use Bearer, Basic with name and token, or X-Api-Key", None),
            Self::App(Error::Forbidden(reason)) => ("Not allowed", reason.as_str(), None),
            Self::App(Error::Refused { kind: Refusal::Missing, reason, .. } | Error::Missing(reason)) => {
                ("Not found", reason.as_str(), None)
            }
            Self::NoSuchPath => ("Not found", "there is nothing at this address", None),
            Self::App(Error::Refused { kind: Refusal::Conflict, reason, .. } | Error::Conflict(reason)) => {
                ("Conflict", reason.as_str(), None)
            }
            Self::App(Error::Unavailable(_)) => ("Not available", "not now: try again in a moment", None),
            Self::App(Error::Internal(_)) | Self::Panic => ("Fault", "something failed inside", None),
            Self::NoSuchMethod => ("Method not allowed", "this address takes GET and HEAD", None),
            Self::App(Error::Costly(_)) => {
                ("Too costly", "the question takes more work than one may: ask for less at once", None)
            }
            Self::OnlyPost => ("Method not allowed", "this address takes POST", None),
            Self::OtherMethods(allowed) => ("Method not allowed", *allowed, None),
            Self::NotJson => ("Unsupported media type", "a question is application/json", None),
            Self::TooLarge => (
                "Content too large",
                "longer than this address reads: a question is 1 MiB at most, a scenario 8 MiB",
                None,
            ),
            Self::TooSlow => ("Request timeout", "the question did not arrive in time", None),
            Self::NoCoding => ("Not acceptable", "every coding was refused by Accept-Encoding", None),
            Self::Range(_) => ("Range not satisfiable", "the file ends before", None),
        };
        let position = if let Self::App(Error::Invalid { position, .. }) = self { *position } else { None };
        Details {
            r#type: "about:blank",
            title,
            status: self.status().as_u16(),
            code: self.code(),
            detail,
            parameter,
            position,
        }
    }

    /// What the log reads of a fault of ours.
    fn blame(&self) -> Option<Blame> {
        match self {
            Self::App(Error::Internal(cause)) => {
                let mut text = cause.to_string();
                let mut deeper = cause.source();
                while let Some(cause) = deeper {
                    text.push_str(": ");
                    text.push_str(&cause.to_string());
                    deeper = cause.source();
                }
                Some(Blame(text))
            }
            Self::App(Error::Unavailable(reason)) => Some(Blame(reason.clone())),
            Self::Panic => Some(Blame("a handler panicked".to_owned())),
            _ => None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = serde_json::to_vec(&self.details()).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            let challenge =
                HeaderValue::from_static("Bearer realm=\"atlante\", Basic realm=\"atlante\", charset=\"UTF-8\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Self::Range(bytes) = self
            && let Ok(range) = HeaderValue::from_str(&format!("bytes */{bytes}"))
        {
            headers.insert(header::CONTENT_RANGE, range);
        }
        match self {
            Self::NoSuchMethod => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
            }
            Self::OtherMethods(allowed) => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
            }
            Self::OnlyPost => {
                headers.insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
            }
            _ => {}
        }
        if status == StatusCode::SERVICE_UNAVAILABLE && !matches!(self, Self::App(Error::Costly(_))) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if let Some(blame) = self.blame() {
            response.extensions_mut().insert(blame);
        }
        response
    }
}
