//! A body on its way out: its coding, its strong tag, what may keep it, and 304 where the client has it (RFC 9110, 9111).

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{encoding, error::Problem};
use crate::{access::hexes::Policy, app::cache};
use std::sync::Arc;

/// How long an answer may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// For ever: its address names its content.
    Immutable,
    /// A short while, then asked for again with its tag.
    Shortly,
    /// Asked for again each time, with its tag.
    Revalidated,
}

/// What depends on the request's headers: every answer says so, so that no cache mixes them up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Varies {
    /// By coding alone: the same for everybody.
    Coding,
    /// By coding and by who asks.
    CodingAndActor,
    /// By these and by the format that is wanted.
    CodingActorAndFormat,
}

/// An answer to be sent.
pub struct Parcel {
    /// The bytes.
    pub body: Arc<cache::Body>,
    /// Media type.
    pub media_type: &'static str,
    /// For whom it is.
    pub policy: Policy,
    /// For how long.
    pub keep: Keep,
    /// By what it varies.
    pub varies: Varies,
}

/// Sends the body in the coding that the client likes best, or says that it has it already.
pub async fn send(request: &HeaderMap, parcel: Parcel) -> Result<Response, Problem> {
    let wanted = encoding::choose(request).ok_or(Problem::NoCoding)?;
    let coding = parcel.body.worth(wanted);
    let tag = parcel.body.tag(coding);
    let fresh = has(request, tag);
    let mut response = if fresh {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        Response::new(Body::from(parcel.body.bytes(coding).await?))
    };
    let headers = response.headers_mut();
    headers.reserve(10);
    if let Ok(tag) = HeaderValue::from_maybe_shared(tag.clone()) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, keep(parcel.policy, parcel.keep));
    headers.insert(header::VARY, vary(parcel.varies));
    if !fresh {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(parcel.media_type));
        if let Some(name) = encoding::name(coding) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
    }
    Ok(response)
}

/// Whether the client holds this very representation (`If-None-Match`; RFC 9110, 13.1.2, weak comparison).
pub(super) fn has(request: &HeaderMap, tag: &[u8]) -> bool {
    request.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.as_bytes().split(|&b| b == b',').any(|one| {
            let one = one.trim_ascii();
            one == b"*" || opaque(one) == opaque(tag)
        })
    })
}

/// A tag without its mark of weakness.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

const fn keep(policy: Policy, keep: Keep) -> HeaderValue {
    HeaderValue::from_static(match (policy, keep) {
        (Policy::Public, Keep::Immutable) => "public, max-age=31536000, immutable",
        (Policy::Public, Keep::Shortly) => "public, max-age=30, must-revalidate",
        (Policy::Public, Keep::Revalidated) => "public, no-cache",
        (Policy::Exact, Keep::Immutable) => "private, max-age=3600, immutable",
        (Policy::Exact, Keep::Shortly) => "private, max-age=30, must-revalidate",
        (Policy::Exact, Keep::Revalidated) => "private, no-cache",
    })
}

const fn vary(varies: Varies) -> HeaderValue {
    HeaderValue::from_static(match varies {
        Varies::Coding => "Accept-Encoding",
        Varies::CodingAndActor => "Accept-Encoding, Authorization, X-Api-Key",
        Varies::CodingActorAndFormat => "Accept, Accept-Encoding, Authorization, X-Api-Key",
    })
}
