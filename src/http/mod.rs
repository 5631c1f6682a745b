//! Layer 8, the web: from a URL to a use case of `app` and back. [`router`] is the table of contents, `error` the only
//! place where a fault gets its status code.

mod actor;
mod addresses;
mod answer;
mod assets;
mod base;
mod body;
mod data;
mod encoding;
mod error;
mod events;
mod figures;
mod health;
mod metrics;
mod observe;
mod ogc;
mod osrm;
mod parameters;
mod plans;
mod qgis;
mod questions;
mod roads;
pub mod router;
pub mod serve;
mod sheets;
mod stall;
mod styles;
#[cfg(test)]
mod tests;
mod tiles;
mod vrp;

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use tokio::sync::watch;

pub use serve::{Limits, run, told_to_stop};

use crate::app::App;

/// What every handler needs. Cheap to clone.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    app: Arc<App>,
    public_url: Option<Box<str>>,
    metrics: metrics::Metrics,
    ids: observe::Ids,
    stopping: watch::Sender<bool>,
}

impl Server {
    /// A server of that product. `public_url` is the address under which clients see it, where that is not the one by
    /// which they call it (a proxy stands between).
    pub fn new(app: Arc<App>, public_url: Option<&str>) -> Self {
        let start = RandomState::new().hash_one("request ids");
        Self(Arc::new(Shared {
            app,
            public_url: public_url.map(|url| url.trim_end_matches('/').into()),
            metrics: metrics::Metrics::default(),
            ids: observe::Ids::new(start),
            stopping: watch::Sender::new(false),
        }))
    }

    fn app(&self) -> &App {
        &self.0.app
    }

    /// The product, for work that goes on when its answer has left.
    fn shared_app(&self) -> &Arc<App> {
        &self.0.app
    }

    fn public_url(&self) -> Option<&str> {
        self.0.public_url.as_deref()
    }

    fn metrics(&self) -> &metrics::Metrics {
        &self.0.metrics
    }

    /// Tells every answer that would go on for ever to end.
    fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Done when the server stops.
    async fn stopping(&self) {
        // The sender lives as long as this server.
        self.0.stopping.subscribe().wait_for(|stopping| *stopping).await.ok();
    }

    fn next_request_id(&self) -> String {
        self.0.ids.next()
    }
}
