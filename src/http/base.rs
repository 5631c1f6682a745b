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

/// Whether it is a name or an address with an optional port, and nothing that could break out of a document.
fn is_host(host: &str) -> bool {
    (1..=255).contains(&host.len())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']' | b'_'))
}
