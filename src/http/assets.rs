//! `/` and `/assets/…`: the web page, embedded in the program and compressed when it was built.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header},
    response::Response,
};

use super::{
    Server,
    answer::{self, Keep, Parcel, Varies},
    error::Problem,
};
use crate::{access::hexes::Policy, app::cache::Body};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

struct Asset {
    media_type: &'static str,
    body: Arc<Body>,
}

/// The files by path, without the first slash.
static FILES: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    embedded::ASSETS
        .iter()
        .map(|&(path, media_type, identity, brotli, gzip)| {
            let body = Arc::new(Body::precoded(identity, brotli, gzip));
            (path.trim_start_matches('/'), Asset { media_type, body })
        })
        .collect()
});

/// What the page may do: everything of its own, nothing of anybody else's. MapLibre draws in a worker made from a blob,
/// and its styles set inline style attributes.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; child-src blob:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The worker that keeps the crew's page where there is no network.
const CREW_WORKER: &str = "crew/sw.js";

/// `GET /`, `GET /crew` and every path that no other route has.
pub async fn file(State(_): State<Server>, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let path = uri.path().trim_start_matches('/');
    let path = match path {
        "" => "index.html",
        "crew" => "crew.html",
        path => path,
    };
    let asset = FILES.get(path).ok_or(Problem::NoSuchPath)?;
    let parcel = Parcel {
        body: Arc::clone(&asset.body),
        media_type: asset.media_type,
        policy: Policy::Public,
        // The names of built files hold the hash of their content.
        keep: if path.starts_with("assets/") { Keep::Immutable } else { Keep::Revalidated },
        varies: Varies::Coding,
    };
    let mut response = answer::send(&headers, parcel).await?;
    let sent = response.headers_mut();
    sent.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if path == CREW_WORKER {
        // The worker lies below the page that it keeps.
        sent.insert(HeaderName::from_static("service-worker-allowed"), HeaderValue::from_static("/crew"));
    }
    Ok(response)
}
