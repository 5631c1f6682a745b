//! The address under which clients see this server.

use axum::http::{HeaderMap, header};

use super::Server;

/// The public address without a final slash: as it was configured, else as the client called us.
pub fn of(server: &Server, headers: &HeaderMap) -> String {
    if let Some(base) = server.public_url() {
        return base.to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| is_host(host));
    format!("http://{}", host.unwrap_or("localhost"))
}

/// The same where a page asks: the origin that its browser tells knows of a proxy that speaks TLS, which we may not.
pub fn of_page(server: &Server, headers: &HeaderMap) -> String {
    let told = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let origin = told.filter(|origin| {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        server.public_url().is_none() && host.is_some_and(is_host)
    });
    origin.map_or_else(|| of(server, headers), ToOwned::to_owned)
}

/// Whether it is a name or an address with an optional port, and nothing that could break out of a document.
fn is_host(host: &str) -> bool {
    (1..=255).contains(&host.len())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'_'))
}
