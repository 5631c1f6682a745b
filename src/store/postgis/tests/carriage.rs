use std::{fmt::Write as _, sync::atomic::AtomicU64};

use super::{
    super::super::{self as store, Place as Where, carriage::carry},
    *,
};
use crate::domain::watch::{Unwatched, Watch};

/// Stops a move after so many steps forward.
struct Impatient(AtomicU64);

impl Watch for Impatient {
    fn begin(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn cancelled(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
    }
}

/// What a store holds, as text: also what a cheap look does not tell.
async fn told(store: &dyn Store) -> String {
    let contents = store.contents().await.unwrap();
    let mut text = format!("{contents:?}");
    for source in &contents.sources {
        let _ = write!(text, "{:?}", store.batches(source.id, 0..u32::MAX).await.unwrap());
        let _ = write!(text, "{:?}", store.rejects(source.id).await.unwrap());
    }
    for head in contents.served.iter().chain(&contents.rebuilt) {
        for (artefact, _) in &head.artefacts {
            let bytes = store.artefact(head.id, *artefact).await.unwrap();
            let _ = write!(text, "{artefact} {}", blake3::hash(&bytes));
        }
    }
    for layer in &contents.layers {
        let _ = write!(text, "{:?}", store.layer(&layer.name).await.unwrap());
    }
    for told in store.recorded(0, u32::MAX).await.unwrap() {
        let _ = write!(text, "{told:?} {} {}", told.event.at, blake3::hash(&told.event.body));
    }
    text + &format!("{:?}", store.audit(0, u32::MAX).await.unwrap())
}

fn figures() -> Vec<Layer> {
    suite::generation(0, vec![]).figures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comune_moves_there_and_back_and_is_the_same() {
    let Some(place) = Place::new() else { return };
    let (first, back) = (scratch(), scratch());
    let home = store::create(&Where::Folder(first.clone()), comune()).await.unwrap();
    suite::run(home.store()).await;
    let before = told(&*home.store()).await;

    let server = Where::Server { url: place.url(), keys: place.keys.clone() };
    // Cut short again and again, it goes on; until its end nobody can open what is there.
    let mut cut = 0;
    loop {
        match carry(&home, comune(), &server, &Impatient(AtomicU64::new(cut * 3 + 1))).await {
            Ok(arrival) => {
                arrival.settle(figures()).await.unwrap();
                break;
            }
            Err(StoreError::Conflict(reason)) => assert!(reason.contains("stopped"), "{reason}"),
            Err(error) => panic!("{error:?}"),
        }
        let unfinished = store::open(&server, None).await;
        assert!(matches!(unfinished, Err(StoreError::Arriving(_))));
        cut += 1;
        assert!(cut < 200, "it comes to an end");
    }
    assert!(cut > 2, "it was cut {cut} times");
    let there = store::open(&server, None).await.unwrap();
    assert_eq!(told(&*there.store()).await, before);
    assert_eq!(place.sql("select count(*) from atlante_m208.hexes"), "1");
    // What is full is not moved into.
    let again = carry(&home, comune(), &server, &Unwatched).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));

    let folder = Where::Folder(back.clone());
    let carriage = carry(&there, comune(), &folder, &Unwatched).await.unwrap().settle(figures()).await.unwrap();
    assert_eq!(carriage.audit_entries, 3);
    let home = store::open(&folder, None).await.unwrap();
    assert_eq!(told(&*home.store()).await, before);
    assert_eq!(home.store().check().await.unwrap(), []);
    // Numbers go on where they stopped.
    let next = suite::import(&*home.store(), ANAGRAFE, 77, 1).await.unwrap();
    let old = suite::import(&*there.store(), ANAGRAFE, 77, 1).await.unwrap();
    assert_eq!(next, old);
    for path in [first, back] {
        let _ = std::fs::remove_dir_all(path);
    }
}

#[tokio::test]
async fn a_move_whose_source_changed_starts_anew_and_a_foreign_key_is_refused() {
    let Some(place) = Place::new() else { return };
    let folder = scratch();
    let home = store::create(&Where::Folder(folder.clone()), comune()).await.unwrap();
    fill(&*home.store()).await;
    let server = Where::Server { url: place.url(), keys: place.keys.clone() };
    assert!(carry(&home, comune(), &server, &Impatient(AtomicU64::new(3))).await.is_err());
    // The bank is imported anew meanwhile: what arrived of the old one must not stay.
    suite::import(&*home.store(), ANAGRAFE, 2, 2).await.unwrap();
    carry(&home, comune(), &server, &Unwatched).await.unwrap().settle(figures()).await.unwrap();
    let there = store::open(&server, None).await.unwrap();
    assert_eq!(told(&*there.store()).await, told(&*home.store()).await);

    let other = Place { cluster: place.cluster, url: place.cluster.database(), keys: scratch() };
    other.create().await.close().await;
    let server = Where::Server { url: other.url(), keys: other.keys.clone() };
    let refused = carry(&home, comune(), &server, &Unwatched).await;
    assert!(matches!(refused, Err(StoreError::KeyWrong(_))));
    let _ = std::fs::remove_dir_all(folder);
}
