use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use super::{
    super::{Artefact, Begun, Change, GenerationId, Layer, SourceId, Store, suite},
    *,
};
use crate::{access::audit::Head, domain::bank::BankKind, store::source::SourceKind};

mod carriage;
#[path = "../../../tests/all/cluster.rs"]
mod cluster;
mod judge;
mod kill;

use cluster::Cluster;

/// A database and a folder of keys of its own.
struct Place {
    cluster: &'static Cluster,
    url: String,
    keys: PathBuf,
}

/// A folder that goes away with the test.
fn scratch() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("atlante-keys-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

impl Place {
    fn new() -> Option<Self> {
        let cluster = Cluster::shared()?;
        Some(Self { cluster, url: cluster.database(), keys: scratch() })
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

    /// Ends every connection of the program to this database.
    fn end_connections(&self) {
        self.sql(
            "select pg_terminate_backend(pid, 2000) from pg_stat_activity
             where datname = current_database() and usename = 'atlante'",
        );
    }

    /// SQL of the role of the program.
    fn sql_of_program(&self, statements: &str) -> String {
        let output = self.cluster.psql(Cluster::name(&self.url), "atlante", statements);
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap().trim().to_owned()
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

/// A store with something of everything.
async fn fill(store: &dyn Store) {
    suite::import(store, ANAGRAFE, 1, 3).await.unwrap();
    store.publish(suite::generation(1, vec![(Artefact::Snapshot, vec![1; 9 << 20])])).await.unwrap();
    store.save(Change::Layer(suite::awkward_layer())).await.unwrap();
    store.save(Change::Audit(suite::entries(Head::default(), 3))).await.unwrap();
    store.record(vec![suite::event(1, "a"), suite::event(1, "b")]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_home_on_a_server_passes_the_suite() {
    let Some(place) = Place::new() else { return };
    suite::run(Arc::new(place.create().await)).await;
}

#[tokio::test]
async fn what_was_stored_is_there_for_the_next_who_opens() {
    let Some(place) = Place::new() else { return };
    let none = Postgis::open(&place.url(), &place.keys, None).await;
    assert!(matches!(none, Err(StoreError::NotThere(_))));
    let (one, two) = tokio::join!(place.create(), place.create());
    let id = suite::import(&one, ANAGRAFE, 1, 3).await.unwrap().id();
    one.publish(suite::generation(5, vec![(Artefact::Snapshot, vec![1, 2, 3])])).await.unwrap();
    one.close().await;
    assert_eq!(two.begin(suite::head(ANAGRAFE, 1)).await.unwrap(), Begun::Already(id));
    let alone = Postgis::open(&place.url(), &place.keys, None).await.unwrap();
    assert_eq!(alone.comune(), comune(), "the only comune need not be named");
    assert_eq!(alone.artefact(GenerationId(5), Artefact::Snapshot).await.unwrap(), [1, 2, 3]);

    // Another comune of the same database shares nothing with the first.
    let other: Comune = "A269".parse().unwrap();
    let unknown = Postgis::open(&place.url(), &place.keys, Some(other)).await;
    assert!(matches!(unknown, Err(StoreError::NotThere(_))));
    let second = Postgis::create(&place.url(), &place.keys, other).await.unwrap();
    assert!(second.contents().await.unwrap().sources.is_empty());
    assert!(matches!(second.batches(id, 0..1).await, Err(StoreError::Missing(_))));
    suite::run(Arc::new(second)).await;
    assert_eq!(two.contents().await.unwrap().sources.len(), 1);
    assert_eq!(two.check().await.unwrap(), []);
    let which = Postgis::open(&place.url(), &place.keys, None).await;
    assert!(matches!(which, Err(StoreError::Which(held)) if held == "A269, M208"));
}

#[tokio::test]
async fn a_key_that_is_not_right_and_a_schema_from_later_are_named() {
    let Some(place) = Place::new() else { return };
    place.create().await.close().await;
    let elsewhere = scratch();
    let missing = Postgis::open(&place.url(), &elsewhere, None).await;
    assert!(matches!(missing, Err(StoreError::KeyMissing(_))));
    let missing = Postgis::create(&place.url(), &elsewhere, comune()).await;
    assert!(matches!(missing, Err(StoreError::KeyMissing(_))), "a lost key is not replaced by a new one");
    let other = Place { cluster: place.cluster, url: place.cluster.database(), keys: elsewhere.clone() };
    other.create().await.close().await;
    assert!(matches!(Postgis::open(&place.url(), &elsewhere, None).await, Err(StoreError::KeyWrong(_))));
    place.sql("insert into atlante._sqlx_migrations values (9999, 'later', now(), true, '', 0)");
    let newer = Postgis::open(&place.url(), &place.keys, None).await;
    assert!(matches!(newer, Err(StoreError::Newer { found: 9999, .. })));
}

#[tokio::test]
async fn a_password_shows_nowhere() {
    let address = "postgres://atlante:Segretissima1946@127.0.0.1:1/nowhere";
    let url = Url::parse(address).unwrap();
    assert_eq!(format!("{url} {url:?}").matches("Segretissima1946").count(), 0);
    let error = Postgis::open(&url, Path::new("/nowhere"), None).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(_)));
    assert!(!format!("{error} {error:?}").contains("Segretissima1946"), "{error:?}");
    for wrong in ["mysql://x:Segretissima1946@y/z", "postgres://a:Segretissima1946@b:port/c", "Segretissima1946"] {
        let error = Url::parse(wrong).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("Segretissima1946"), "{error:?}");
    }
}

#[tokio::test]
async fn nothing_personal_is_readable_on_the_server_and_the_wall_hides_the_rest() {
    let Some(place) = Place::new() else { return };
    let store = place.create().await;
    fill(&store).await;
    for word in ["RSSMRA50A41M208X", "ROSSI", "the date cannot be read"] {
        let found = format!(
            "select count(*) from atlante.batch where position('{word}'::bytea in payload) > 0
             or position('{word}'::bytea in troubles) > 0"
        );
        assert_eq!(place.sql(&found), "0", "{word} lies open");
    }
    for table in ["source", "batch", "generation", "artefact", "chunk", "audit", "event", "change"] {
        let count = format!("select count(*) > 0 from atlante.{table}");
        assert_eq!(place.sql(&count), "t", "{table} has rows");
        assert_eq!(place.sql_of_program(&count), "f", "{table}: nobody said for which comune");
        let as_other = format!("begin; set local app.comuni = 'A269'; {count}; commit");
        assert_eq!(place.sql_of_program(&as_other), "f", "{table}: for another comune");
        let own = format!("begin; set local app.comuni = 'M208'; {count}; commit");
        assert_eq!(place.sql_of_program(&own), "t", "{table}: for its own");
    }
    place.sql_of_program(
        "set app.comuni = 'M208'; update atlante.audit set actor = 'nobody'; delete from atlante.audit",
    );
    assert_eq!(place.sql("select count(*) from atlante.audit where actor <> 'nobody'"), "3", "the log only grows");
    place.sql_of_program(
        "set app.comuni = 'M208'; update atlante.event set actor = 'nobody'; delete from atlante.event",
    );
    assert_eq!(place.sql("select count(*) from atlante.event where actor <> 'nobody'"), "2", "and so do the events");
}

/// Every way of changing what lies in the store is found, and names where.
#[tokio::test]
async fn tampering_is_found() {
    let Some(place) = Place::new() else { return };
    let swap = "update atlante.batch set (payload, hash, length) =
        (select payload, hash, length from atlante.batch b where b.idx = 1 - batch.idx) where idx < 2";
    let cases = [
        ("update atlante.batch set payload = 'x' where idx = 1", "store_batch/1/1/payload"),
        ("update atlante.batch set troubles = 'x', troubles_hash = 'x' where idx = 0", "store_batch/1/0/troubles"),
        (swap, "store_batch/1/0/payload"),
        ("delete from atlante.batch where idx = 2", "source 1 (file-1.csv)"),
        ("update atlante.source set records = records + 1", "source 1 (file-1.csv)"),
        ("delete from atlante.chunk where idx = 1", "generation 0000000000000001, snapshot"),
        ("update atlante.artefact set length = length - 1", "generation 0000000000000001, snapshot"),
        ("update atlante.home set served = 'ffffffffffffffff'", "generations"),
        ("update atlante.layer set bytes = 'x'", "store_layer/awkward"),
        ("delete from atlante.feature where id = 7", "layer awkward"),
        ("drop view atlante_m208.awkward", "layer awkward"),
        ("delete from atlante.shown where name = 'awkward'", "layer awkward"),
        ("delete from atlante.audit where seq = 3", "audit log"),
        ("update atlante.audit set actor = 'x'", "audit log"),
        ("delete from atlante.event where seq = 2", "events"),
        ("update atlante.event set at = '2026-01-01T00:00:00Z' where seq = 1", "event 1"),
    ];
    let sound = place.create().await;
    fill(&sound).await;
    assert_eq!(sound.check().await.unwrap(), []);
    sound.close().await;
    for (sql, wanted) in cases {
        let name = format!("{}_copy", Cluster::name(&place.url));
        place.end_connections();
        place.cluster.sql("postgres", &format!("create database {name} template {}", Cluster::name(&place.url)));
        place.cluster.sql(&name, sql);
        let url = Url::parse(&place.url.replace(Cluster::name(&place.url), &name)).unwrap();
        let store = Postgis::open(&url, &place.keys, None).await.unwrap();
        let faults = store.check().await.unwrap();
        assert!(faults.iter().any(|fault| fault.place == wanted), "{sql}: {faults:?}");
        store.close().await;
        place.cluster.sql("postgres", &format!("drop database {name} with (force)"));
    }
}

#[tokio::test]
async fn every_change_is_told_in_its_own_transaction() {
    let Some(place) = Place::new() else { return };
    let store = place.create().await;
    fill(&store).await;
    let gap = store.append(SourceId(1), vec![suite::batch(1, 9)]).await;
    assert!(gap.is_err(), "what fails tells nothing");
    // What is told can be read when no older transaction of the whole server is under way: other tests have some.
    let mut told = String::new();
    for _ in 0..600 {
        told = place.sql(
            "select string_agg(object || ' ' || op, ', ' order by (xid, seq)) from atlante.change
             where xid < pg_snapshot_xmin(pg_current_snapshot())",
        );
        if told.ends_with("event record") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(
        told,
        "source/1 begin, source/1 append, source/1 append, source/1 append, source/1 finish, \
         generation/0000000000000001 served, layer/awkward save, audit append, event record"
    );
    let revisions = place.sql("select string_agg(revision::text, ' ' order by seq) from atlante.change");
    assert_eq!(revisions, "1 2 3 4 5 6 7 8 9");
}

/// What QGIS will see: typed columns and shapes, values, no table of ours that holds anything personal.
#[tokio::test]
async fn gdal_opens_the_views() {
    let Some(place) = Place::new() else { return };
    if Command::new("ogrinfo").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: ogrinfo is not installed");
        return;
    }
    let store = place.create().await;
    store.save(Change::Layer(suite::awkward_layer())).await.unwrap();
    store.publish(suite::generation(1, vec![])).await.unwrap();
    let source = format!("{} schemas=atlante_m208", place.cluster.for_gdal(&place.url));
    let output = Command::new("ogrinfo").args(["-ro", "-al", &source]).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success() && !text.contains("ERROR") && !text.contains("Warning"), "{text}");
    for line in [
        "Layer name: awkward",
        "Layer name: hexes",
        "Feature Count: 4",
        "Geometry: Polygon",
        "fragility (Real) = 0.25",
        "households (Integer64) = 12",
        "name_2 (Integer64) = -9223372036854775808",
        "geom_2 (Integer(Boolean)) = 1",
        "fid (Integer64) = 9007199254740991",
        "MULTIPOLYGON (((16 38,17 38,17 39,16 38)))",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("payload"), "{text}");
    place.sql_of_program("delete from atlante_m208.hexes; update atlante_m208.hexes set households = 0");
    assert_eq!(place.sql("select households from atlante_m208.hexes"), "12", "the views can only be read");
    // A box is looked for by the index of its type.
    let plan = "set enable_seqscan = off; explain select * from atlante_m208.hexes
                where geom && st_makeenvelope(16, 38, 17, 39, 4326)";
    assert!(place.sql(plan).contains("feature_polygon"), "{}", place.sql(plan));
}

/// A caller that goes away in the middle leaves neither half a change nor a stuck writer.
#[tokio::test]
async fn an_abandoned_call_is_rolled_back() {
    let Some(place) = Place::new() else { return };
    let store = Arc::new(place.create().await);
    let id = store.begin(suite::head(ANAGRAFE, 1)).await.unwrap().id();
    for micros in (0..12_000).step_by(600) {
        let task = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.append(id, (0..20).map(|index| suite::batch(1, index)).collect()).await }
        });
        tokio::time::sleep(Duration::from_micros(micros)).await;
        task.abort();
        let _ = task.await;
        let kept = store.batches(id, 0..99).await.unwrap().len();
        assert!(kept == 0 || kept == 20, "{kept} batches of one call");
    }
    suite::import(&*store, ANAGRAFE, 1, 20).await.unwrap();
    assert_eq!(store.check().await.unwrap(), []);
}
