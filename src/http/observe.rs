//! Around every request: its id, its time, its line in the log, and the headers that every answer carries.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use super::{
    Server,
    error::{Blame, Problem},
    router,
};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs the request; whatever happens, an answer leaves, with its id.
pub async fn request(State(server): State<Server>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let template = request.extensions().get::<MatchedPath>().map_or(router::PAGE, known_template);
    let method = request.method().clone();
    let id = server.next_request_id();
    let mut response = guarded(next.run(request)).await;
    dress(response.headers_mut(), &id);
    let (status, took) = (response.status(), begun.elapsed());
    server.metrics().note(template, status.as_u16(), took);
    // The URL itself stays out of the log: it may hold an address that somebody typed.
    let (code, took_us) = (status.as_u16(), took.as_micros() as u64);
    if let Some(Blame(cause)) = response.extensions_mut().remove() {
        tracing::error!(request.id = %id, request.route = template, request.method = %method, response.status = code, duration_us = took_us, cause, "request failed");
    } else {
        tracing::debug!(request.id = %id, request.route = template, request.method = %method, response.status = code, duration_us = took_us, "request answered");
    }
    response
}

/// Runs a handler; a panic in it is an answer like any other fault, not a connection that breaks off.
async fn guarded(handler: impl Future<Output = Response>) -> Response {
    let mut handler = pin!(handler);
    std::future::poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(context)))
            .unwrap_or_else(|_| std::task::Poll::Ready(Problem::Panic.into_response()))
    })
    .await
}

/// The template of the router's own table, which lives as long as the program.
fn known_template(matched: &MatchedPath) -> &'static str {
    router::templates().find(|&known| known == matched.as_str()).unwrap_or(router::PAGE)
}

/// What every answer carries. Any page may read the public answers; credentials are sent by header alone, never by
/// cookie, so another site can send none that its user did not give it.
fn dress(headers: &mut HeaderMap, id: &str) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "Accept-Ranges, Content-Crs, Content-Range, ETag, Link, OGC-NumberMatched, OGC-NumberReturned, X-Request-Id",
        ),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

/// `OPTIONS`: what may be done here, also before a request of another origin (Fetch standard, CORS preflight).
pub async fn options() -> Response {
    permitted("GET, HEAD, OPTIONS")
}

/// As [`options`], where questions are sent.
pub async fn options_of_post() -> Response {
    permitted("POST, OPTIONS")
}

/// What may be done at an address.
pub fn permitted(methods: &'static str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(methods));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
    let allowed = HeaderValue::from_static(
        "Authorization, X-Api-Key, If-None-Match, If-Match, Last-Event-ID, Accept, Content-Type",
    );
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// Request ids: a number that grows, over a start that differs from run to run.
pub struct Ids {
    start: u64,
    next: AtomicU64,
}

impl Ids {
    /// Ids of one run of the program.
    pub fn new(start: u64) -> Self {
        Self { start, next: AtomicU64::new(0) }
    }

    /// The next id: 16 hexadecimal digits.
    pub fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}", self.start.wrapping_add(number))
    }
}
