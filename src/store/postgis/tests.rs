use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use super::{
    super::{Embedded, suite},
    *,
};
use crate::{access::audit::Head, domain::bank::BankKind, store::source::SourceKind};

#[path = "../../../tests/all/cluster.rs"]
mod cluster;

use cluster::Cluster;

/// A database and a folder of keys of its own.
struct Place {
    cluster: &'static Cluster,
    url: String,
    keys: PathBuf,
}

impl Place {
    fn new() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let cluster = Cluster::shared()?;
        let name = format!("atlante-keys-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let keys = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&keys).unwrap();
        Some(Self { cluster, url: cluster.database(), keys })
    }

    fn url(&self) -> Url {
        Url::parse(&self.url).unwrap()
    }

    async fn create(&self) -> Postgis {
        Postgis::create(&self.url(), &self.keys, comune()).await.unwrap()
    }

    /// SQL of the owner of the machine, past the store and the wall.
    fn sql(&self, statements: &str) -> String {
        self.cluster.sql(Cluster::name(&self.url), statements)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.keys);
    }
}

fn comune() -> Comune {
    "M208".parse().unwrap()
}

const ANAGRAFE: SourceKind = SourceKind::Bank(BankKind::Anagrafe);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_home_on_a_server_passes_the_suite() {
    let Some(place) = Place::new() else { return };
    suite::run(Arc::new(place.create().await)).await;
}
