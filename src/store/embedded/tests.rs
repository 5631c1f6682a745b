use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use super::{
    super::{Artefact, Batch, Begun, Change, GenerationId, Layer, Store as _, Totals, suite},
    *,
};
use crate::{access::audit::Head, domain::bank::BankKind, store::source::SourceKind};

/// A folder that goes away with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("atlante-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join(FILE)
    }

    fn key(&self) -> PathBuf {
        self.0.join("keys").join("M208.key")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn comune() -> Comune {
    "M208".parse().unwrap()
}

async fn create(scratch: &Scratch) -> Embedded {
    Embedded::create(&scratch.0, comune()).await.unwrap()
}

/// SQL of a stranger, past the store.
async fn meddle(scratch: &Scratch, sql: &str) -> Result<(), StoreError> {
    let mut connection = SqliteConnection::connect_with(&options(&scratch.file())).await?;
    sqlx::raw_sql(sql).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

const ANAGRAFE: SourceKind = SourceKind::Bank(BankKind::Anagrafe);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_home_passes_the_suite() {
    let scratch = Scratch::new();
    suite::run(Arc::new(create(&scratch).await)).await;
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let scratch = Scratch::new();
    let store = create(&scratch).await;
    let id = suite::import(&store, ANAGRAFE, 1, 3).await.unwrap().id();
    store.publish(suite::generation(5, vec![(Artefact::Snapshot, vec![1, 2, 3])])).await.unwrap();
    store.close().await.unwrap();
    assert!(!scratch.0.join("atlante.gpkg-wal").exists(), "closed, the file alone is the store");
    let store = Embedded::open(&scratch.0).await.unwrap();
    assert_eq!(store.comune(), comune());
    assert_eq!(store.begin(suite::head(ANAGRAFE, 1)).await.unwrap(), Begun::Already(id));
    assert_eq!(store.artefact(GenerationId(5), Artefact::Snapshot).await.unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn a_folder_is_opened_for_what_it_is() {
    let scratch = Scratch::new();
    assert!(matches!(Embedded::open(&scratch.0).await, Err(StoreError::Absent)));
    create(&scratch).await.close().await.unwrap();
    let other = Embedded::create(&scratch.0, "A269".parse().unwrap()).await;
    assert!(matches!(other, Err(StoreError::OtherComune { .. })));
    meddle(&scratch, "insert into _sqlx_migrations values (9999, 'later', '', 1, x'00', 0)").await.unwrap();
    assert!(matches!(Embedded::open(&scratch.0).await, Err(StoreError::Newer { found: 9999, .. })));

    let foreign = Scratch::new();
    meddle(&foreign, "create table roads (id integer)").await.unwrap();
    assert!(matches!(Embedded::create(&foreign.0, comune()).await, Err(StoreError::Foreign(_))));
    std::fs::write(foreign.file(), "name;surname\n".repeat(1000)).unwrap();
    assert!(matches!(Embedded::open(&foreign.0).await, Err(StoreError::Foreign(_))));
}

#[tokio::test]
async fn nothing_personal_is_readable_without_the_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    let store = create(&scratch).await;
    suite::import(&store, ANAGRAFE, 1, 2).await.unwrap();
    let secret = b"RSSMRA50A41M208X".repeat(1000);
    store.publish(suite::generation(1, vec![(Artefact::Snapshot, secret)])).await.unwrap();
    store.record(vec![suite::event(1, "a")]).await.unwrap();
    store.close().await.unwrap();
    let bytes = std::fs::read(scratch.file()).unwrap();
    for word in ["RSSMRA50A41M208X", "ROSSI", "the date cannot be read", "VIA ROMA 1"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word} lies open");
    }
    for path in [scratch.key(), scratch.file()] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_key_that_is_not_right_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    create(&scratch).await.close().await.unwrap();
    let key = std::fs::read_to_string(scratch.key()).unwrap();
    for wrong in [&"0".repeat(64), "not a key", &key[..40]] {
        std::fs::write(scratch.key(), wrong).unwrap();
        assert!(matches!(Embedded::open(&scratch.0).await, Err(StoreError::KeyWrong(_))));
    }
    std::fs::write(scratch.key(), &key).unwrap();
    std::fs::set_permissions(scratch.key(), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(Embedded::open(&scratch.0).await, Err(StoreError::KeyExposed(_))));
    std::fs::remove_file(scratch.key()).unwrap();
    assert!(matches!(Embedded::open(&scratch.0).await, Err(StoreError::KeyMissing(_))));
    assert!(matches!(Embedded::create(&scratch.0, comune()).await, Err(StoreError::KeyMissing(_))));
    assert!(!scratch.key().exists(), "a lost key is not replaced by a new one");
}

/// Every way of changing what lies in the store is found, and names where.
#[tokio::test]
async fn tampering_is_found() {
    let cases = [
        ("update store_batch set payload = zeroblob(length(payload)) where idx = 1", "store_batch/1/1/payload"),
        ("update store_batch set troubles = x'00', troubles_hash = x'00' where idx = 0", "store_batch/1/0/troubles"),
        // Two sealed blocks change places, hashes and all: only the seal knows.
        (
            "update store_batch set (payload, hash, length) =
                 (select payload, hash, length from store_batch b where b.idx = 1 - store_batch.idx) where idx < 2",
            "store_batch/1/0/payload",
        ),
        ("delete from store_batch where idx = 1", "source 1 (file-1.csv)"),
        ("delete from store_batch where idx = 2", "source 1 (file-1.csv)"),
        ("update store_batch set records = records + 1 where idx = 1", "source 1 (file-1.csv)"),
        ("update store_source set records = records + 1", "source 1 (file-1.csv)"),
        ("delete from store_chunk where idx = 1", "generation 0000000000000001, snapshot"),
        ("update store_chunk set bytes = x'00' where idx = 1", "store_chunk/0000000000000001/snapshot/1/2"),
        ("update store_artefact set length = length - 1", "generation 0000000000000001, snapshot"),
        ("update store_home set served = 'ffffffffffffffff'", "generations"),
        ("update store_layer set bytes = x'00'", "store_layer/awkward"),
        ("delete from gpkg_geometry_columns where table_name = 'awkward'", "layer awkward"),
        ("drop trigger store_audit_no_delete; delete from store_audit where seq = 1", "audit log"),
        ("drop trigger store_audit_no_delete; delete from store_audit where seq = 3", "audit log"),
        ("drop trigger store_audit_no_update; update store_audit set actor = 'nobody' where seq = 2", "audit log"),
        ("delete from store_event where seq = 1", "events"),
        ("delete from store_event where seq = 2", "events"),
        ("drop trigger store_event_no_update; update store_event set actor = 'x' where seq = 2", "event 2"),
        ("drop trigger store_event_no_update; update store_event set body = x'00' where seq = 1", "event 1"),
        ("pragma foreign_keys = off; delete from store_source", "keys"),
    ];
    for (sql, place) in cases {
        let scratch = Scratch::new();
        let store = create(&scratch).await;
        suite::import(&store, ANAGRAFE, 1, 3).await.unwrap();
        store.publish(suite::generation(1, vec![(Artefact::Snapshot, vec![1; 9 << 20])])).await.unwrap();
        store.save(Change::Layer(suite::awkward_layer())).await.unwrap();
        store.save(Change::Audit(suite::entries(Head::default(), 3))).await.unwrap();
        store.record(vec![suite::event(1, "a"), suite::event(1, "b")]).await.unwrap();
        assert_eq!(store.check().await.unwrap(), []);
        meddle(&scratch, sql).await.unwrap();
        let faults = store.check().await.unwrap();
        assert!(faults.iter().any(|fault| fault.place == place), "{sql}: {faults:?}");
    }
}

#[tokio::test]
async fn what_was_tampered_with_is_not_served() {
    let scratch = Scratch::new();
    let store = create(&scratch).await;
    let id = suite::import(&store, ANAGRAFE, 1, 1).await.unwrap().id();
    store.publish(suite::generation(1, vec![(Artefact::Snapshot, vec![1; 1000])])).await.unwrap();
    meddle(&scratch, "update store_batch set length = length - 1; update store_chunk set length = 999").await.unwrap();
    assert!(matches!(store.batches(id, 0..1).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(store.artefact(GenerationId(1), Artefact::Snapshot).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn the_audit_log_cannot_be_edited() {
    let scratch = Scratch::new();
    let store = create(&scratch).await;
    store.save(Change::Audit(suite::entries(Head::default(), 1))).await.unwrap();
    for sql in ["update store_audit set rows = 0", "delete from store_audit"] {
        assert!(meddle(&scratch, sql).await.is_err(), "{sql}");
    }
    assert_eq!(store.audit(1, 9).await.unwrap().len(), 1);
}

/// Two programs on one folder: each waits for its turn, and the same import done by both is done once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_wait_for_each_other() {
    let scratch = Scratch::new();
    let (one, two) = tokio::join!(create(&scratch), create(&scratch));
    let (a, b) = tokio::join!(suite::import(&one, ANAGRAFE, 1, 30), suite::import(&two, ANAGRAFE, 1, 30));
    a.unwrap();
    b.unwrap();
    let sources = two.contents().await.unwrap().sources;
    assert_eq!(sources.len(), 1);
    assert_eq!(sources[0].totals, suite::totals(30));
    assert_eq!(one.check().await.unwrap(), []);
}

/// Leaves room for so many more pages, on the connection that writes.
async fn leave_room(store: &Embedded, pages: i64) {
    let mut writer = store.writer().await;
    let connection = &mut writer.connection;
    let (used,): (i64,) = sqlx::query_as("pragma page_count").fetch_one(&mut *connection).await.unwrap();
    sqlx::query(&format!("pragma max_page_count = {}", used + pages)).execute(connection).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_an_error_that_leaves_the_store_sound() {
    let scratch = Scratch::new();
    let store = create(&scratch).await;
    suite::import(&store, ANAGRAFE, 1, 2).await.unwrap();
    let mut noise = vec![0; 2 << 20];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let id = store.begin(suite::head(SourceKind::Civics, 2)).await.unwrap().id();
    leave_room(&store, 20).await;
    let large = Batch { payload: noise.clone(), ..suite::batch(2, 0) };
    assert!(matches!(store.append(id, vec![large]).await, Err(StoreError::Full)));
    // Small changes go on at once, without a restart.
    store.save(Change::Audit(suite::entries(Head::default(), 1))).await.unwrap();
    leave_room(&store, 20).await;
    let large = suite::generation(1, vec![(Artefact::Snapshot, noise)]);
    assert!(matches!(store.publish(large).await, Err(StoreError::Full)));
    assert_eq!(store.contents().await.unwrap().served, None);
    assert_eq!(store.check().await.unwrap(), []);
    // Room again: the same import goes on.
    suite::import(&store, SourceKind::Civics, 2, 2).await.unwrap();
    assert_eq!(store.check().await.unwrap(), []);
}

/// The same on a disk of four megabytes, filled up to the last page by somebody else. Needs the right to mount.
#[tokio::test]
async fn a_disk_that_is_really_full_loses_nothing() {
    let scratch = Scratch::new();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
        .arg(&scratch.0)
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("skipped: a small disk cannot be mounted here");
        return;
    }
    let _unmount = Unmount(scratch.0.clone());
    let store = create(&scratch).await;
    let ballast = scratch.0.join("ballast");
    std::fs::write(&ballast, vec![1; 2_500_000]).unwrap();
    let mut noise = vec![0; 60_000];
    blake3::Hasher::new().finalize_xof().fill(&mut noise);
    let id = store.begin(suite::head(ANAGRAFE, 1)).await.unwrap().id();
    let noisy = |index| Batch { payload: noise.clone(), ..suite::batch(1, index) };
    let mut kept = 0;
    let error = loop {
        match store.append(id, vec![noisy(kept)]).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert!(kept > 0);
    assert_eq!(store.batches(id, 0..99).await.unwrap().len(), kept as usize, "what was acknowledged is there");
    assert_eq!(store.check().await.unwrap(), []);
    store.close().await.ok();
    std::fs::remove_file(ballast).unwrap();
    let store = create(&scratch).await;
    assert_eq!(store.batches(id, 0..99).await.unwrap().len(), kept as usize, "also after a restart");
    suite::import(&store, ANAGRAFE, 1, kept + 5).await.unwrap();
    assert_eq!(store.check().await.unwrap(), []);
}

struct Unmount(PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// A caller that goes away in the middle leaves neither half a change nor a stuck writer.
#[tokio::test]
async fn an_abandoned_call_is_rolled_back() {
    let scratch = Scratch::new();
    let store = Arc::new(create(&scratch).await);
    let id = store.begin(suite::head(ANAGRAFE, 1)).await.unwrap().id();
    for micros in (0..4000).step_by(200) {
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

const KILLED_FOLDER: &str = "ATLANTE_TEST_KILLED_FOLDER";
const KILLED_BATCHES: u32 = 400;

/// Not a test of its own: what the next test starts in another process and kills.
#[tokio::test]
async fn import_until_killed() {
    let Some(folder) = std::env::var_os(KILLED_FOLDER) else { return };
    let store = Embedded::create(Path::new(&folder), comune()).await.unwrap();
    suite::import(&store, ANAGRAFE, 1, KILLED_BATCHES).await.unwrap();
    store.publish(suite::generation(1, vec![(Artefact::Snapshot, vec![3; 4 << 20])])).await.unwrap();
}

/// kill -9 at moments all over an import: the store is sound, and a second run ends where an undisturbed one does.
#[tokio::test]
async fn a_killed_import_is_resumed() {
    let mut undisturbed = None;
    for round in 0..12_u64 {
        let scratch = Scratch::new();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::embedded::tests::import_until_killed"])
            .env(KILLED_FOLDER, &scratch.0)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(15 + round * round * 9));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = create(&scratch).await;
        assert_eq!(store.check().await.unwrap(), [], "round {round}");
        let begun = suite::import(&store, ANAGRAFE, 1, KILLED_BATCHES).await.unwrap();
        assert_eq!(store.check().await.unwrap(), [], "round {round}, resumed from {begun:?}");
        let batches = store.batches(begun.id(), 0..u32::MAX).await.unwrap();
        assert_eq!(batches.len(), KILLED_BATCHES as usize);
        let same = undisturbed.get_or_insert_with(|| batches.clone());
        assert!(*same == batches, "round {round} ends elsewhere");
    }
}

/// What QGIS will see: GDAL lists the layers of a copy of the file, their shapes and values, and no table of ours.
#[tokio::test]
async fn gdal_opens_a_copy() {
    if Command::new("ogrinfo").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: ogrinfo is not installed");
        return;
    }
    let scratch = Scratch::new();
    let store = create(&scratch).await;
    store.save(Change::Layer(suite::awkward_layer())).await.unwrap();
    store.publish(suite::generation(1, vec![])).await.unwrap();
    store.close().await.unwrap();
    let copy = scratch.0.join("copy.gpkg");
    std::fs::copy(scratch.file(), &copy).unwrap();
    let output = Command::new("ogrinfo").args(["-ro", "-al"]).arg(&copy).output().unwrap();
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
        "OGRFeature(awkward):9007199254740991",
        "MULTIPOLYGON (((16 38,17 38,17 39,16 38)))",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("store_batch") && !text.contains("store_token"), "{text}");
}

/// Rows as a bank has them: about 100 bytes each, with the entropy of names, codes and dates.
fn bank_like(rows: u32, seed: u32) -> Vec<u8> {
    let mut noise = vec![0; rows as usize * 16];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut noise);
    let mut bytes = Vec::with_capacity(rows as usize * 110);
    for row in noise.chunks(16) {
        let name = |at: usize| {
            ["ROSSI", "ESPOSITO", "RUSSO", "GRECO", "GALLO", "MARINO", "BRUNO", "LEONE"][row[at] as usize & 7]
        };
        bytes.extend(name(0).bytes().chain(name(1).bytes()));
        bytes.extend(row.iter().map(|b| b'A' + (b % 26)));
        bytes.extend(b"VIA NAZIONALE SNC - 88046 LAMEZIA TERME (CZ);C;1960-01-01;");
        bytes.extend(&row[..10]);
    }
    bytes
}

/// The figures asked of the store; `cargo test --release --lib store_figures -- --ignored --nocapture` prints them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measure, not a law"]
async fn store_figures() {
    use std::time::Instant;
    const ROWS: u32 = 20_000;
    for (what, batches) in [("300,000 rows (Lamezia)", 15), ("4,500,000 rows (1,000,000 people)", 225)] {
        let scratch = Scratch::new();
        let store = create(&scratch).await;
        let id = store.begin(suite::head(ANAGRAFE, 1)).await.unwrap().id();
        let mut spent = Duration::ZERO;
        for index in 0..batches {
            let batch = Batch {
                index,
                first_row: index * ROWS + 1,
                last_row: (index + 1) * ROWS,
                records: ROWS,
                payload: bank_like(ROWS, index),
                rejects: vec![],
                warnings: vec![],
            };
            let start = Instant::now();
            store.append(id, vec![batch]).await.unwrap();
            spent += start.elapsed();
        }
        let rows = u64::from(batches * ROWS);
        let start = Instant::now();
        store.finish(id, Totals { rows, records: rows, rejects: 0 }).await.unwrap();
        println!("{what}: append {spent:.2?} ({} batches), finish {:.2?}", batches, start.elapsed());
        let start = Instant::now();
        let bytes: usize = store.batches(id, 0..u32::MAX).await.unwrap().iter().map(|batch| batch.payload.len()).sum();
        println!(
            "  read back {:.2?} ({} MB, {} MB on disk)",
            start.elapsed(),
            bytes >> 20,
            std::fs::metadata(scratch.file()).unwrap().len() >> 20
        );
        let start = Instant::now();
        assert_eq!(store.check().await.unwrap(), []);
        println!("  check {:.2?}", start.elapsed());
    }
    let scratch = Scratch::new();
    let store = create(&scratch).await;
    let snapshot = bank_like(1_000_000, 7);
    let start = Instant::now();
    store.publish(suite::generation(1, vec![(Artefact::Snapshot, snapshot.clone())])).await.unwrap();
    println!("snapshot of {} MB: publish {:.2?}", snapshot.len() >> 20, start.elapsed());
    store.close().await.unwrap();
    let start = Instant::now();
    let store = Embedded::open(&scratch.0).await.unwrap();
    let opened = start.elapsed();
    assert!(store.artefact(GenerationId(1), Artefact::Snapshot).await.unwrap() == snapshot);
    println!("  open {opened:.2?}, open and read {:.2?}", start.elapsed());
    let start = Instant::now();
    for _ in 0..100 {
        store.contents().await.unwrap();
    }
    println!("contents {:.2?}", start.elapsed() / 100);
    let entries = suite::entries(Head::default(), 100);
    let start = Instant::now();
    for entry in entries {
        store.save(Change::Audit(vec![entry])).await.unwrap();
    }
    println!("audit entry, synced {:.2?}", start.elapsed() / 100);
    let features: Vec<_> = (1..=20_000)
        .map(|id| crate::domain::feature::Feature { id, ..suite::awkward_layer().features[0].clone() })
        .collect();
    let layer = Layer { features, ..suite::awkward_layer() };
    let start = Instant::now();
    store.save(Change::Layer(layer)).await.unwrap();
    println!("layer of 20,000 features, saved {:.2?}", start.elapsed());
    let start = Instant::now();
    store.layer(&suite::name("awkward")).await.unwrap();
    println!("  read {:.2?}", start.elapsed());
}
