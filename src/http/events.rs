//! `/events`: server-sent events (WHATWG HTML, 9.2). A stream is never coded nor kept, and ends when the server stops.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, stream};

use super::{Server, actor, error::Problem, parameters::Parameters};
use crate::app::{Error, feed::Listener};

/// A silent stream says so often that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How soon a client that lost its stream should come back.
const RETRY: Duration = Duration::from_secs(3);

/// `GET /events`: `event: generation` at once and at every turn to another world; its id is the generation, and
/// `Last-Event-ID` tells from where the client's picture is.
pub async fn listen(
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Parameters::read(query.as_deref(), &[])?;
    // A credential that is not good is told before anything streams.
    actor::of(&server, &headers).await?;
    let heard = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let listener = server.app().listen(heard)?;
    Ok(streamed(news(server, headers, listener)))
}

/// A stream of news that no proxy holds back.
pub(super) fn streamed(news: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let events = Sse::new(news).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    let mut response = events.into_response();
    let sent = response.headers_mut();
    sent.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    sent.insert(header::VARY, HeaderValue::from_static("Authorization, X-Api-Key"));
    // A proxy that gathers an answer before it passes it on would pass none of this on (nginx's word).
    sent.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// The news one by one. Who listens is asked anew each time, so that a revoked credential hears nothing more.
fn news(
    server: Server,
    headers: HeaderMap,
    listener: Listener,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    stream::unfold((server, headers, listener), |(server, headers, mut listener)| async move {
        let next = async {
            server.app().turned(&mut listener).await;
            let actor = actor::of(&server, &headers).await.ok()?;
            match server.app().news(&mut listener, &actor).await {
                Ok(news) => Some(news),
                Err(error) => {
                    if let Error::Internal(cause) = error {
                        tracing::error!(cause, "a listener could not be told");
                    }
                    None
                }
            }
        };
        let news = tokio::select! {
            news = next => news?,
            () = server.stopping() => return None,
        };
        let event = Event::default().event("generation").id(&*news.generation).retry(RETRY).data(news.text);
        Some((Ok(event), (server, headers, listener)))
    })
}
