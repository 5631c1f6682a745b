use std::sync::atomic::AtomicBool;

use super::{
    cluster::{Cluster, Disk},
    *,
};

/// kill -9 of PostgreSQL at moments all over an import: what was acknowledged is there, the same handle goes on, and the
/// store is sound. Matrix, row 13.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_that_was_acknowledged() {
    const KILLS: u64 = 10;
    let Some(cluster) = Cluster::start(Disk::Durable) else { return };
    let keys = scratch();
    let url = Url::parse(&cluster.database()).unwrap();
    let store = Arc::new(Postgis::create(&url, &keys, comune()).await.unwrap());
    let ended = Arc::new(AtomicBool::new(false));
    let kept_so_far = Arc::new(AtomicU32::new(0));
    // A client that tries again whatever happens, and counts what it was promised.
    let client = tokio::spawn({
        let (store, ended, kept_so_far) = (Arc::clone(&store), Arc::clone(&ended), Arc::clone(&kept_so_far));
        async move {
            let id = store.begin(suite::head(ANAGRAFE, 1)).await.unwrap().id();
            let (mut promised, mut unknown) = (0_u32, 0);
            while !ended.load(Ordering::Relaxed) {
                match store.append(id, vec![suite::batch(1, promised)]).await {
                    Ok(()) => {
                        promised += 1;
                        kept_so_far.store(promised, Ordering::Relaxed);
                    }
                    Err(StoreError::Unreachable(_) | StoreError::Busy) => unknown += 1,
                    Err(error) => panic!("{error:?}"),
                }
            }
            (id, promised, unknown)
        }
    });
    for round in 0..KILLS {
        // Under load again, however slow the machine; then at another moment of it each time.
        let wanted = kept_so_far.load(Ordering::Relaxed) + 3;
        while kept_so_far.load(Ordering::Relaxed) < wanted && !client.is_finished() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(round * 7 % 23)).await;
        cluster.kill();
        tokio::time::sleep(Duration::from_millis(60)).await;
        let error = store.contents();
        let answer = tokio::time::timeout(Duration::from_millis(300), error).await;
        assert!(!matches!(answer, Ok(Ok(_))), "nobody answers");
        cluster.launch();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    ended.store(true, Ordering::Relaxed);
    let (id, promised, unknown) = client.await.unwrap();
    let kept = store.batches(id, 0..u32::MAX).await.unwrap();
    println!("{KILLS} kills: {promised} batches promised, {} there, {unknown} answers lost", kept.len());
    assert!(kept.len() as u32 >= promised, "{} of {promised} promised batches are there", kept.len());
    assert!(kept.len() as u32 <= promised + 1, "one may have been kept whose answer was lost");
    for (index, batch) in (0..).zip(&kept) {
        assert_eq!((batch.index, &batch.payload), (index, &suite::batch(1, index).payload));
    }
    assert!(u64::from(promised) >= 3 * KILLS && unknown > 0, "there was load: {promised}, and it was cut: {unknown}");
    assert_eq!(store.check().await.unwrap(), []);
    let _ = std::fs::remove_dir_all(keys);
}

/// A lock that is held too long is somebody else's turn, not a failure.
#[tokio::test]
async fn a_held_lock_is_busy_and_a_cut_connection_is_unreachable() {
    let Some(place) = Place::new() else { return };
    let store = place.create().await;
    suite::import(&store, ANAGRAFE, 1, 1).await.unwrap();
    let mut holder = connect(&place.url()).await.unwrap();
    let mut tx = holder.begin().await.unwrap();
    sqlx::query("select 1 from atlante.home for update").execute(&mut *tx).await.unwrap();
    let begun = std::time::Instant::now();
    let waited = store.save(Change::Audit(suite::entries(Head::default(), 1))).await;
    assert!(matches!(waited, Err(StoreError::Busy)), "{waited:?}");
    assert!(begun.elapsed() < Duration::from_secs(14));
    tx.rollback().await.unwrap();

    // Someone ends every connection while a call runs: it may be done or not, and the next call goes on.
    let cut = async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        place.end_connections();
    };
    let big = suite::generation(3, vec![(Artefact::Snapshot, vec![5; 20 << 20])]);
    let (published, ()) = tokio::join!(store.publish(big), cut);
    assert!(matches!(published, Ok(_) | Err(StoreError::Unreachable(_))), "{published:?}");
    store.save(Change::Audit(suite::entries(Head::default(), 1))).await.unwrap();
    assert_eq!(store.check().await.unwrap(), []);
}
