//! Bodies that come, bounded in bytes and time, and answers that nothing on the way may keep.

use std::time::Duration;

use axum::{
    body::{self, Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use super::error::Problem;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_mins(1);

/// A body of so many bytes at most. Errors: `TooSlow`, `TooLarge`.
pub(super) async fn read(body: Body, most_bytes: usize) -> Result<Bytes, Problem> {
    let reading = tokio::time::timeout(PATIENCE, body::to_bytes(body, most_bytes));
    reading.await.map_err(|_| Problem::TooSlow)?.map_err(|_| Problem::TooLarge)
}

/// As [`read`], of a body that is said to be JSON. Errors: `NotJson` too.
pub(super) async fn read_json(headers: &HeaderMap, body: Body, most_bytes: usize) -> Result<Vec<u8>, Problem> {
    if !is_json(headers) {
        return Err(Problem::NotJson);
    }
    Ok(read(body, most_bytes).await?.into())
}

/// As [`read_json`], where an empty body says that nothing is told. Errors: `NotJson` for anything else that is not said
/// to be JSON, which would be passed over otherwise.
pub(super) async fn read_json_or_nothing(
    headers: &HeaderMap,
    body: Body,
    most_bytes: usize,
) -> Result<Vec<u8>, Problem> {
    let bytes = read(body, most_bytes).await?;
    if bytes.is_empty() || is_json(headers) { Ok(bytes.into()) } else { Err(Problem::NotJson) }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|media| {
        let media = media.trim();
        media.eq_ignore_ascii_case("application/json") || media.eq_ignore_ascii_case("application/geo+json")
    })
}

/// Doors and tokens are in no cache on the way, and in no page of another origin.
pub(super) fn kept_by_nobody(mut response: Response, media_type: &'static str) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("Authorization, X-Api-Key"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    response
}

/// JSON that nobody keeps.
pub(super) fn json(status: StatusCode, text: Vec<u8>) -> Response {
    let mut response = kept_by_nobody(Response::new(Body::from(text)), "application/json");
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_is_not_said_to_be_json_is_refused_and_not_passed_over() {
        let said =
            |media: &'static str| HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media))]);
        let told = async |headers: HeaderMap, body: &'static str| {
            read_json_or_nothing(&headers, Body::from(body), 9).await.map_err(|problem| format!("{problem:?}"))
        };
        assert_eq!(told(HeaderMap::new(), "").await, Ok(Vec::new()));
        assert_eq!(told(said("application/json; charset=utf-8"), "{}").await, Ok(b"{}".to_vec()));
        assert_eq!(told(HeaderMap::new(), "{}").await, Err("NotJson".to_owned()));
        assert_eq!(told(said("text/plain"), "{}").await, Err("NotJson".to_owned()));
        assert_eq!(told(HeaderMap::new(), "0123456789").await, Err("TooLarge".to_owned()));
    }
}
