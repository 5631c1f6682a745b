//! `/healthz`, `/readyz`, `/metrics`: for those who watch over the server.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{Server, error::Problem};

/// `GET /healthz`: the program runs.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: a snapshot is loaded and the store answers.
pub async fn ready(State(server): State<Server>) -> Result<&'static str, Problem> {
    server.app().ready().await?;
    Ok("ready\n")
}

/// `GET /metrics`: counters as Prometheus reads them (text format 0.0.4).
pub async fn metrics(State(server): State<Server>) -> Response {
    let mut response = server.metrics().write(server.app()).into_response();
    let media_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}
