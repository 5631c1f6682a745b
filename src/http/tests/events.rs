//! The feed as a page hears it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, Request},
};
use futures_util::StreamExt as _;
use serde_json::Value as Json;
use tower::ServiceExt as _;

use super::asked::{Town, secret, world};
use crate::{
    access::{Actor, Role, hexes::RESOLUTIONS},
    app::{Error, World},
    http::{Server, router},
    snapshot::invented::{self, Known},
};

struct Stream(BodyDataStream, HeaderMap);

impl Stream {
    async fn open(router: &axum::Router, role: Option<Role>, heard: Option<&str>) -> Self {
        let mut request = Request::get("/events").header("accept-encoding", "gzip, br");
        if let Some(role) = role {
            request = request.header("authorization", format!("Bearer {}", secret(role).reveal()));
        }
        if let Some(heard) = heard {
            request = request.header("last-event-id", heard);
        }
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        let (parts, body) = response.into_parts();
        Self(body.into_data_stream(), parts.headers)
    }

    /// The next event: its id and its data; none at the end.
    async fn next(&mut self) -> Option<(String, Json)> {
        let chunk = tokio::time::timeout(Duration::from_secs(20), self.0.next()).await.expect("news in time")?;
        let text = String::from_utf8(chunk.unwrap().to_vec()).unwrap();
        assert!(text.contains("event: generation\n") && text.ends_with("\n\n"), "{text}");
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        Some((field("id:"), serde_json::from_str(&field("data:")).unwrap()))
    }
}

fn town_of(households: &[Known]) -> Arc<World> {
    Arc::new(world(invented::freeze(invented::schema(4), households)))
}

fn cells(news: &Json) -> BTreeSet<String> {
    let cells = news["changed"]["cells"].as_array().expect("cells");
    cells.iter().map(|cell| cell.as_str().unwrap().to_owned()).collect()
}

/// The cells of resolution 7 in which the actor's tables of resolution 7 to 10 differ.
fn differing(old: &World, new: &World, actor: &Actor) -> BTreeSet<String> {
    let shown = |world: &World| -> BTreeSet<(String, Vec<String>)> {
        let hexes = world.sight(actor).unwrap().chart.hexes();
        let fine = RESOLUTIONS.into_iter().skip(1).flat_map(|resolution| hexes.level(resolution));
        fine.map(|hex| {
            let figures = format!(
                "{} {:?} {:?} {:?}",
                hex.resolution,
                hex.members,
                (hex.households, hex.people),
                (&hex.values, &hex.known)
            );
            (figures, hex.members.iter().map(|cell| cell.parent(h3o::Resolution::Seven).unwrap().to_string()).collect())
        })
        .collect()
    };
    shown(old).symmetric_difference(&shown(new)).flat_map(|(_, cells)| cells.clone()).collect()
}

/// What was told is what differs, and beside it only cells of larger hexagons in which nothing finer differs.
fn agree(news: &Json, old: &World, new: &World, actor: &Actor) {
    let (told, fine) = (cells(news), differing(old, new, actor));
    assert!(told.is_superset(&fine), "{actor:?}: {:?} are not told", fine.difference(&told));
    let around = |cell: &String| cell.parse::<h3o::CellIndex>().unwrap().parent(h3o::Resolution::Six);
    for more in told.difference(&fine) {
        assert!(!fine.iter().any(|cell| around(cell) == around(more)), "{actor:?}: {more} does not differ");
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_turn_is_told_to_each_as_finely_as_it_may_see() {
    let town = Town::of(10);
    let mut households = invented::households(3, 3_000, 4, 0.15);
    let first = town_of(&households);
    town.app.swap(Arc::clone(&first));
    // Someone moves away from a place where many live: the public's rounded figures may well not show it.
    households.swap_remove(1_500);
    let second = town_of(&households);
    runtime().block_on(async {
        let viewer = Actor::named("viewer", Role::Viewer);
        let mut public = Stream::open(&town.router, None, None).await;
        let mut exact = Stream::open(&town.router, Some(Role::Viewer), None).await;
        for stream in [&mut public, &mut exact] {
            assert_eq!(stream.1["content-type"], "text/event-stream");
            assert!(stream.1.get("content-encoding").is_none(), "a stream is not coded");
            assert!(stream.1["cache-control"].to_str().unwrap().contains("no-store"));
            assert_eq!(stream.1["access-control-allow-origin"], "*");
            let (id, news) = stream.next().await.unwrap();
            assert_eq!((id.as_str(), &news["changed"]["cells"]), (first.generation(), &Json::Null));
            assert_eq!(news["as_of"], "2026-06-30");
        }
        assert_eq!(town.app.listeners(), 2);
        let logged = town.memory.log.lock().unwrap().len();
        assert_eq!(logged, 1, "the exact listener is in the log, the public is not");
        town.app.swap(Arc::clone(&second));
        for (stream, actor) in [(&mut public, &Actor::anonymous()), (&mut exact, &viewer)] {
            let (id, news) = stream.next().await.unwrap();
            assert_eq!((id.as_str(), &news["generation"]), (second.generation(), &second.generation().into()));
            agree(&news, &first, &second, actor);
            assert_eq!((&news["changed"]["resolution"], &news["changed"]["from_zoom"]), (&7.into(), &9.into()));
            assert_eq!(news["changed"]["layers"], serde_json::json!([]));
        }
        // Who comes back hears what it missed; who was away too long, or never here, that all may have changed.
        let mut back = Stream::open(&town.router, None, Some(first.generation())).await;
        agree(&back.next().await.unwrap().1, &first, &second, &Actor::anonymous());
        let mut same = Stream::open(&town.router, None, Some(second.generation())).await;
        assert!(cells(&same.next().await.unwrap().1).is_empty());
        let mut stranger = Stream::open(&town.router, None, Some("0000000000000000")).await;
        assert_eq!(stranger.next().await.unwrap().1["changed"]["cells"], Json::Null);
        drop((public, exact, back, same, stranger));
        assert_eq!(town.app.listeners(), 0, "who has gone is not counted");
    });
}

#[test]
fn a_listener_that_slept_through_many_turns_hears_of_them_at_once() {
    let town = Town::of(10);
    let worlds: Vec<_> = (200..225).map(|count| town_of(&invented::households(5, count, 4, 0.1))).collect();
    runtime().block_on(async {
        let mut slow = Stream::open(&town.router, None, None).await;
        slow.next().await.unwrap();
        for world in &worlds {
            town.app.swap(Arc::clone(world));
        }
        let (id, news) = slow.next().await.unwrap();
        assert_eq!((id.as_str(), &news["changed"]["cells"]), (worlds[24].generation(), &Json::Null));
        assert!(tokio::time::timeout(Duration::from_millis(50), slow.0.next()).await.is_err(), "nothing more");
    });
}

#[test]
fn streams_end_with_the_server_and_are_bounded() {
    let town = Town::of(10);
    let server = Server::new(Arc::clone(&town.app), None);
    let router = router::build(server.clone());
    runtime().block_on(async {
        let mut stream = Stream::open(&router, None, None).await;
        stream.next().await.unwrap();
        server.stop();
        assert!(stream.next().await.is_none());
        drop(stream);
        let listeners: Vec<_> = (0..1_024).map(|_| town.app.listen(None).unwrap()).collect();
        assert!(matches!(town.app.listen(None), Err(Error::Unavailable(_))), "the server is full");
        drop(listeners);
        assert_eq!(town.app.listeners(), 0);
    });
}

#[test]
fn a_bad_credential_and_a_parameter_are_told_at_once() {
    let town = Town::of(10);
    assert_eq!(town.ask(axum::http::Method::GET, "/events", &[("x-api-key", "guess")]).status, 401);
    assert_eq!(town.get("/events?x=1").status, 400);
}
