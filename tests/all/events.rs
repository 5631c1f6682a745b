//! The feed of the real binary, read as a browser reads it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{place::attempt, server::Server, town::Town};

/// A stream of events that is being read.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(address: &str, token: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a bound");
        let token = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
        write!(stream, "GET /events HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n{token}\r\n")
            .expect("sent");
        Self(BufReader::new(stream))
    }

    /// The data of the next event.
    fn next(&mut self) -> Value {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.0.read_line(&mut line).expect("a line in time"), 0, "the stream ended");
            if let Some(data) = line.strip_prefix("data: ") {
                return serde_json::from_str(data).expect("JSON");
            }
        }
    }

    /// Whether the stream ends, without another event, within the bound.
    fn ends(mut self) -> bool {
        let mut rest = String::new();
        loop {
            rest.clear();
            match self.0.read_line(&mut rest) {
                Ok(0) => return true,
                Ok(_) if rest.starts_with("data: ") => return false,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }
}

type Tables = BTreeMap<(u8, String), Value>;

fn tables(server: &Server, token: &str) -> Tables {
    (7..=10)
        .flat_map(|resolution| server.hexes(Some(token), resolution).into_iter().map(move |row| (resolution, row)))
        .map(|(resolution, row)| ((resolution, row["id"].as_str().expect("an id").to_owned()), row))
        .collect()
}

/// The cells of resolution 7 in which two tables differ.
fn differing(before: &Tables, after: &Tables) -> BTreeSet<String> {
    let keys = before.keys().chain(after.keys()).filter(|key| before.get(*key) != after.get(*key));
    keys.map(|(_, id)| {
        let cell: h3o::CellIndex = id.parse().expect("a cell");
        cell.parent(h3o::Resolution::Seven).expect("a finer cell").to_string()
    })
    .collect()
}

#[test]
fn a_refresh_is_heard_with_the_cells_that_changed_and_a_stop_ends_the_stream() {
    let town = Town::ready("feed");
    let token = town.token("viewer", "ascolto");
    let server = Server::start(&town.data());
    let mut public = Stream::open(&server.address, None);
    let mut exact = Stream::open(&server.address, Some(&token));
    let generation = server.get("/api/town").json()["generation"].clone();
    for stream in [&mut public, &mut exact] {
        let first = stream.next();
        assert_eq!((&first["generation"], &first["changed"]["cells"]), (&generation, &Value::Null));
    }
    let metrics = server.get("/metrics").text();
    assert!(metrics.contains("atlante_listeners 2"), "{metrics}");
    let before = tables(&server, &token);
    let begun = Instant::now();
    attempt(&["refresh", "--quiet", "--data", &town.data(), "--as-of", "2026-05-31"]);
    let refreshed = begun.elapsed();
    let heard = exact.next();
    assert!(begun.elapsed() < refreshed + Duration::from_secs(5), "heard after {:?}", begun.elapsed());
    assert_eq!(heard["as_of"], "2026-05-31");
    assert_eq!(heard["generation"], server.get("/api/town").json()["generation"]);
    let cells: BTreeSet<String> = serde_json::from_value(heard["changed"]["cells"].clone()).expect("cells");
    let differing = differing(&before, &tables(&server, &token));
    assert!(cells.is_superset(&differing) && !differing.is_empty(), "a month changes something, and all of it is told");
    // Beside them only cells of larger hexagons in which nothing finer differs.
    let around = |cell: &String| cell.parse::<h3o::CellIndex>().expect("a cell").parent(h3o::Resolution::Six);
    assert!(cells.difference(&differing).all(|more| !differing.iter().any(|cell| around(cell) == around(more))));
    let told = public.next();
    assert!(told["changed"]["cells"].is_array() && told["generation"] == heard["generation"], "{told}");

    let begun = Instant::now();
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(begun.elapsed() < Duration::from_secs(5), "a listener holds the server up for {:?}", begun.elapsed());
    assert!(!log.contains("\"ERROR\"") && !log.contains("\"WARN\""), "{log}");
    assert!(public.ends() && exact.ends());
}
