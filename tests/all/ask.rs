//! A plain HTTP/1.1 client: one question, one connection.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Asks `method path` of `address` with these headers; `None` where nobody answers.
pub fn ask(address: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Option<Answer> {
    send(address, &question(address, method, path, headers, b""))
}

/// The bytes of a question; a body goes with its length.
pub fn question(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut question = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        question.extend([name, ": ", value, "\r\n"]);
    }
    if !body.is_empty() {
        question.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
    }
    [question.as_bytes(), b"\r\n", body].concat()
}

/// Sends these bytes, as far as they are taken, and reads what comes back; `None` where nothing does.
pub fn send(address: &str, question: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(90))).ok()?;
    stream.set_write_timeout(Some(Duration::from_secs(30))).ok()?;
    // Who is told too much may answer before all is said.
    let _ = stream.write_all(question);
    let mut bytes = Vec::new();
    let mut piece = [0; 16_384];
    while let Ok(length) = stream.read(&mut piece) {
        if length == 0 {
            break;
        }
        bytes.extend_from_slice(&piece[..length]);
    }
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into())).collect();
    let mut answer = Answer { status, headers, body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = unchunked(&answer.body)?;
    }
    Some(answer)
}

fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size =
            usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 4 + size..)?;
    }
}
