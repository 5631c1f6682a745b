//! What every home of the store must do: one suite, run by the tests of each home over `dyn Store`.

use std::sync::Arc;

use geo::{Geometry, line_string, point, polygon};
use jiff::{Timestamp, civil::date};

use super::{
    Alias, Artefact, Batch, Begun, Change, Generation, GenerationId, Layer, LayerName, NewEvent, Recorded, SourceHead,
    SourceKind, SourceState, Store, StoreError, StoredEvent, Titles, Token, Totals,
    generation::{KEPT, Line},
};
use crate::{
    access::{
        actor::{Actor, Role},
        audit::{self, AuditEvent, Entry, Head, Outcome},
        policy::Action,
        token::TokenHash,
    },
    casework::event::{Stream, StreamId, StreamKind},
    domain::{
        bank::BankKind,
        feature::{Feature, Value},
        place::StreetId,
        reject::Reject,
    },
};

/// A time; the store reads no clock.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub(super) fn head(kind: SourceKind, content: u8) -> SourceHead {
    SourceHead { kind, file: format!("file-{content}.csv"), content: [content; 32], at: at(i64::from(content)) }
}

/// Ten rows: nine records and a reject. The payload differs with the source's content and the index.
pub(super) fn batch(content: u8, index: u32) -> Batch {
    let first_row = index * 10 + 1;
    let text = format!("content {content}, batch {index}: ROSSI MARIA RSSMRA50A41M208X; ");
    Batch {
        index,
        first_row,
        last_row: first_row + 9,
        records: 9,
        payload: text.repeat(40).into_bytes(),
        rejects: vec![reject(first_row, "the date cannot be read")],
        warnings: vec![reject(first_row + 1, "the century was guessed")],
    }
}

fn reject(row: u32, reason: &str) -> Reject {
    Reject { file: "f.csv".into(), row, column: Some("data".into()), reason: reason.into() }
}

pub(super) fn totals(batches: u64) -> Totals {
    Totals { rows: batches * 10, records: batches * 9, rejects: batches }
}

/// Imports a whole source of `count` batches, from wherever it stands.
pub(super) async fn import(store: &dyn Store, kind: SourceKind, content: u8, count: u32) -> Result<Begun, StoreError> {
    let begun = store.begin(head(kind, content)).await?;
    let from = match begun {
        Begun::Already(_) => return Ok(begun),
        Begun::Fresh(_) => 0,
        Begun::Resume { next_batch, .. } => next_batch,
    };
    for index in from..count {
        store.append(begun.id(), vec![batch(content, index)]).await?;
    }
    store.finish(begun.id(), totals(u64::from(count))).await?;
    Ok(begun)
}

pub(super) fn generation(id: u64, artefacts: Vec<(Artefact, Vec<u8>)>) -> Generation {
    Generation {
        id: GenerationId(id),
        line: Line::Served,
        as_of: date(2026, 6, 30),
        at: at(0),
        artefacts,
        figures: vec![figures()],
    }
}

pub(super) fn name(text: &str) -> LayerName {
    text.parse().unwrap()
}

fn figures() -> Layer {
    let cell = polygon![(x: 16.2, y: 38.9), (x: 16.3, y: 38.9), (x: 16.25, y: 39.0), (x: 16.2, y: 38.9)];
    let properties = vec![("fragility".into(), Value::Number(0.25)), ("households".into(), Value::Whole(12))];
    let features = vec![Feature { id: 1, geometry: cell.into(), properties }];
    Layer { name: name("hexes"), titles: Titles { it: "Esagoni".into(), en: "Hexagons".into() }, features }
}

/// A layer with every kind of value, mixed shapes, fields that differ by case and features that lack some.
pub(super) fn awkward_layer() -> Layer {
    let square = polygon![(x: 16.0, y: 38.0), (x: 17.0, y: 38.0), (x: 17.0, y: 39.0), (x: 16.0, y: 38.0)];
    let feature = |id, geometry: Geometry<f64>, properties| Feature { id, geometry, properties };
    let features = vec![
        feature(
            1,
            square.clone().into(),
            vec![
                ("Name".into(), Value::Text("Sant'Eufemia \"Lido\"; drop table store_home".into())),
                ("name".into(), Value::Whole(i64::MIN)),
                ("geom".into(), Value::Flag(true)),
                ("mixed".into(), Value::Number(0.1)),
            ],
        ),
        feature(2, geo::MultiPolygon(vec![square]).into(), vec![("mixed".into(), Value::Text("?".into()))]),
        feature(7, point! {x: 16.5, y: 38.5}.into(), vec![("mixed".into(), Value::Null), ("Name".into(), Value::Null)]),
        feature((1 << 53) - 1, line_string![(x: 16.0, y: 38.0), (x: 16.1, y: 38.1)].into(), vec![]),
    ];
    Layer { name: name("awkward"), titles: Titles { it: "È così".into(), en: "So".into() }, features }
}

/// Runs every case on an empty store.
pub(super) async fn run(store: Arc<dyn Store>) {
    empty(&*store).await;
    sources(&*store).await;
    order_of_batches(&*store).await;
    competing_sources(&*store).await;
    generations(&*store).await;
    layers(&*store).await;
    aliases_and_tokens(&*store).await;
    audit_log(&*store).await;
    events(&*store).await;
    many_at_once(store.clone()).await;
    assert_eq!(store.check().await.unwrap(), [], "the suite leaves a sound store");
}

async fn empty(store: &dyn Store) {
    let contents = store.contents().await.unwrap();
    assert!(contents.sources.is_empty() && contents.served.is_none() && contents.audit_head == Head::default());
    assert_eq!(store.check().await.unwrap(), []);
    assert!(matches!(store.artefact(GenerationId(9), Artefact::Snapshot).await, Err(StoreError::Missing(_))));
    assert!(matches!(store.layer(&name("nothing")).await, Err(StoreError::Missing(_))));
}

async fn sources(store: &dyn Store) {
    let kind = || SourceKind::Bank(BankKind::Anagrafe);
    let Begun::Fresh(id) = store.begin(head(kind(), 1)).await.unwrap() else { panic!("new content is fresh") };
    let resume = |next_batch, next_row| Begun::Resume { id, next_batch, next_row };
    assert_eq!(store.begin(head(kind(), 1)).await.unwrap(), resume(0, 1), "begun twice is the same source");
    store.append(id, vec![batch(1, 0), batch(1, 1)]).await.unwrap();
    assert_eq!(store.begin(head(kind(), 1)).await.unwrap(), resume(2, 21));
    store.append(id, vec![batch(1, 1), batch(1, 2)]).await.unwrap();
    let open = store.contents().await.unwrap().sources.pop().unwrap();
    assert_eq!((open.state, open.batches, open.totals), (SourceState::Open, 3, totals(3)), "a repeated batch is once");
    store.finish(id, totals(3)).await.unwrap();
    store.finish(id, totals(3)).await.unwrap();
    assert_eq!(store.begin(head(kind(), 1)).await.unwrap(), Begun::Already(id));

    let back = store.batches(id, 0..u32::MAX).await.unwrap();
    for (index, found) in (0..).zip(&back) {
        let sent = batch(1, index);
        assert_eq!((found.index, found.first_row, found.last_row), (index, sent.first_row, sent.last_row));
        assert_eq!((found.records, &found.payload), (sent.records, &sent.payload));
    }
    assert_eq!(back.len(), 3);
    assert_eq!(store.batches(id, 1..2).await.unwrap(), back[1..2]);
    let rejects = store.rejects(id).await.unwrap();
    let sent: Vec<Reject> = (0..3).flat_map(|i| [batch(1, i).rejects, batch(1, i).warnings].concat()).collect();
    assert_eq!(rejects, sent);
    // The same bytes as another kind are another source.
    let tari = import(store, SourceKind::Bank(BankKind::Tari), 1, 1).await.unwrap();
    assert!(matches!(tari, Begun::Fresh(_)));
    let roads = import(store, SourceKind::Roads, 1, 2).await.unwrap();
    assert!(matches!(roads, Begun::Fresh(_)));
    assert!(store.contents().await.unwrap().sources.iter().any(|source| source.kind == SourceKind::Roads));
}

async fn order_of_batches(store: &dyn Store) {
    let id = store.begin(head(SourceKind::Civics, 2)).await.unwrap().id();
    let gap = store.append(id, vec![batch(2, 1)]).await;
    assert!(matches!(gap, Err(StoreError::Gap { expected: 0, found: 1 })));
    let gap = store.append(id, vec![batch(2, 0), batch(2, 2)]).await;
    assert!(matches!(gap, Err(StoreError::Gap { expected: 1, found: 2 })));
    assert_eq!(store.batches(id, 0..9).await.unwrap(), [], "a call that fails leaves nothing");
    let unknown = super::SourceId(i64::MAX);
    assert!(matches!(store.append(unknown, vec![]).await, Err(StoreError::Missing(_))));
    assert!(matches!(store.batches(unknown, 0..1).await, Err(StoreError::Missing(_))));
    import(store, SourceKind::Civics, 2, 2).await.unwrap();
    store.append(id, vec![batch(2, 1)]).await.unwrap();
    assert!(matches!(store.append(id, vec![batch(2, 2)]).await, Err(StoreError::Conflict(_))));
}

async fn competing_sources(store: &dyn Store) {
    let kind = || SourceKind::Bank(BankKind::Erp);
    let slow = store.begin(head(kind(), 3)).await.unwrap().id();
    store.append(slow, vec![batch(3, 0)]).await.unwrap();
    let quick = import(store, kind(), 4, 2).await.unwrap().id();
    assert!(matches!(store.append(slow, vec![batch(3, 1)]).await, Err(StoreError::Superseded)));
    assert!(matches!(store.finish(slow, totals(1)).await, Err(StoreError::Superseded)));
    // What was superseded is imported anew, and takes the place of the other.
    let Begun::Fresh(again) = import(store, kind(), 3, 2).await.unwrap() else { panic!("superseded is gone") };
    assert!(again != slow);
    assert_eq!(store.batches(quick, 0..9).await.unwrap(), [], "the batches of a superseded source are dropped");
    let sources = store.contents().await.unwrap().sources;
    let complete = sources.iter().filter(|s| s.kind == kind() && s.state == SourceState::Complete);
    assert_eq!(complete.map(|s| s.id).collect::<Vec<_>>(), [again]);
}

async fn generations(store: &dyn Store) {
    // Not a multiple of any chunk, and hard to compress.
    let mut long = vec![0; 17_000_001];
    blake3::Hasher::new().finalize_xof().fill(&mut long);
    let artefacts = || vec![(Artefact::Snapshot, long.clone()), (Artefact::Model, vec![]), (Artefact::Links, vec![7])];
    let head = store.publish(generation(1, artefacts())).await.unwrap();
    let sizes = [(Artefact::Links, 1), (Artefact::Snapshot, 17_000_001), (Artefact::Model, 0)];
    assert_eq!(head.artefacts, sizes);
    assert_eq!(store.contents().await.unwrap().served, Some(head));
    assert!(store.artefact(GenerationId(1), Artefact::Snapshot).await.unwrap() == long);
    assert!(store.artefact(GenerationId(1), Artefact::Model).await.unwrap().is_empty());
    let absent = store.artefact(GenerationId(1), Artefact::Places).await;
    assert!(matches!(absent, Err(StoreError::Missing(_))));

    store.publish(generation(1, vec![(Artefact::Model, b"again".to_vec())])).await.unwrap();
    assert_eq!(store.artefact(GenerationId(1), Artefact::Model).await.unwrap(), b"again");
    assert!(store.artefact(GenerationId(1), Artefact::Snapshot).await.is_err(), "published again is replaced");
    for id in 2..=u64::from(KEPT) + 1 {
        store.publish(generation(id, vec![(Artefact::Snapshot, vec![id as u8; 9])])).await.unwrap();
    }
    assert!(matches!(store.artefact(GenerationId(1), Artefact::Model).await, Err(StoreError::Missing(_))));
    assert!(store.artefact(GenerationId(2), Artefact::Snapshot).await.is_ok(), "the one before is kept");
    assert_eq!(store.contents().await.unwrap().served.unwrap().id, GenerationId(u64::from(KEPT) + 1));
}

async fn layers(store: &dyn Store) {
    let layer = awkward_layer();
    store.save(Change::Layer(layer.clone())).await.unwrap();
    assert_eq!(store.layer(&layer.name).await.unwrap(), layer, "every value comes back exactly");
    let short = Layer { features: layer.features[..1].to_vec(), ..layer.clone() };
    store.save(Change::Layer(short.clone())).await.unwrap();
    assert_eq!(store.layer(&layer.name).await.unwrap(), short);
    let bare = Layer { name: name("bare"), features: vec![], ..layer };
    store.save(Change::Layer(bare.clone())).await.unwrap();
    assert_eq!(store.layer(&bare.name).await.unwrap(), bare);
    let heads = store.contents().await.unwrap().layers;
    assert_eq!(heads.iter().map(|h| (h.name.as_str(), h.features)).collect::<Vec<_>>(), [("awkward", 1), ("bare", 0)]);
    store.save(Change::LayerRemoved(bare.name.clone())).await.unwrap();
    assert!(matches!(store.save(Change::LayerRemoved(bare.name.clone())).await, Err(StoreError::Missing(_))));
    // The figures of a generation and the reference layers never take each other's name.
    let clash = Layer { name: name("hexes"), ..short.clone() };
    assert!(matches!(store.save(Change::Layer(clash)).await, Err(StoreError::Conflict(_))));
    let mut clash = generation(77, vec![]);
    clash.figures = vec![short];
    assert!(matches!(store.publish(clash).await, Err(StoreError::Conflict(_))));
    assert_ne!(store.contents().await.unwrap().served.unwrap().id, GenerationId(77), "what fails is not current");
    let twice = Layer { features: vec![awkward_layer().features.remove(0); 2], ..awkward_layer() };
    assert!(matches!(store.save(Change::Layer(twice)).await, Err(StoreError::Conflict(_))));
}

async fn aliases_and_tokens(store: &dyn Store) {
    let alias = |street| Alias { written: "VIA NAZZIONALE".into(), street, at: at(5) };
    store.save(Change::Alias(alias(None))).await.unwrap();
    store.save(Change::Alias(alias(Some(StreetId(u64::MAX))))).await.unwrap();
    assert_eq!(store.contents().await.unwrap().aliases, [alias(Some(StreetId(u64::MAX)))]);
    store.save(Change::AliasRemoved("VIA NAZZIONALE".into())).await.unwrap();
    assert!(matches!(store.save(Change::AliasRemoved("X".into())).await, Err(StoreError::Missing(_))));

    let token = |hash| Token {
        name: "qgis".into(),
        role: Role::CivilProtection,
        hash: TokenHash::from_bytes([hash; 32]),
        created_at: at(6),
        revoked_at: None,
    };
    let revoke = || Change::TokenRevoked { name: "qgis".into(), at: at(7) };
    store.save(Change::Token(token(1))).await.unwrap();
    assert!(matches!(store.save(Change::Token(token(2))).await, Err(StoreError::Conflict(_))));
    store.save(revoke()).await.unwrap();
    assert!(matches!(store.save(revoke()).await, Err(StoreError::Missing(_))));
    store.save(Change::Token(token(2))).await.unwrap();
    let revoked = Token { revoked_at: Some(at(7)), ..token(1) };
    assert_eq!(store.contents().await.unwrap().tokens, [revoked, token(2)]);
}

/// The next entries after a head.
pub(super) fn entries(mut head: Head, count: u64) -> Vec<Entry> {
    let event = AuditEvent::new(&Actor::anonymous(), Action::ALL[0], "households", 3, Outcome::Denied);
    let next = |_| {
        let (entry, after) = audit::append(head, at(9), &event);
        head = after;
        entry
    };
    (0..count).map(next).collect()
}

async fn audit_log(store: &dyn Store) {
    let all = entries(Head::default(), 5);
    store.save(Change::Audit(all[..2].to_vec())).await.unwrap();
    for wrong in [&all[1..2], &all[3..4], &[all[2].clone(), all[4].clone()]] {
        assert!(matches!(store.save(Change::Audit(wrong.to_vec())).await, Err(StoreError::Conflict(_))));
    }
    let other = Entry { prev: [9; 32], ..all[2].clone() };
    assert!(matches!(store.save(Change::Audit(vec![other])).await, Err(StoreError::Conflict(_))), "a fork");
    store.save(Change::Audit(all[2..3].to_vec())).await.unwrap();
    assert_eq!(store.audit(2, 10).await.unwrap(), all[1..3]);
    assert_eq!(store.audit(0, 1).await.unwrap(), all[..1]);
    let head = store.contents().await.unwrap().audit_head;
    assert_eq!(head, Head { count: 3, hash: all[2].hash });
    assert_eq!(audit::verify(&store.audit(0, u32::MAX).await.unwrap(), head), Ok(()));
}

/// An event of a stream.
pub(super) fn event(id: u64, key: &str) -> NewEvent {
    let body = format!("{{\"door\":\"VIA ROMA 1, RSSMRA50A41M208X\",\"stream\":{id},\"key\":\"{key}\"}}");
    NewEvent {
        stream: Stream { kind: StreamKind::Plan, id: StreamId(id) },
        key: key.parse().unwrap(),
        at: at(9),
        actor: "squadra 1".into(),
        body: body.repeat(30).into_bytes(),
    }
}

async fn events(store: &dyn Store) {
    assert_eq!(store.recorded(0, 10).await.unwrap(), []);
    assert_eq!(store.record(vec![]).await.unwrap(), []);
    let sent = [event(1, "a"), event(1, "b"), event(u64::MAX, "a")];
    let recorded = store.record(sent.to_vec()).await.unwrap();
    assert_eq!(recorded, [Recorded::Now(1), Recorded::Now(2), Recorded::Now(3)], "a key is of its stream");
    let other = NewEvent { body: b"something else".to_vec(), at: at(99), ..event(1, "b") };
    let again = store.record(vec![event(1, "c"), other, event(1, "c"), event(1, "d")]).await.unwrap();
    let expected = [Recorded::Now(4), Recorded::Before(2), Recorded::Before(4), Recorded::Now(5)];
    assert_eq!(again, expected, "twice is once, also within one call, and what came first stays");
    let all = store.recorded(0, 10).await.unwrap();
    let told: Vec<StoredEvent> = sent
        .into_iter()
        .chain([event(1, "c"), event(1, "d")])
        .zip(1..)
        .map(|(event, seq)| StoredEvent { seq, event })
        .collect();
    assert_eq!(all, told, "every event comes back exactly, in order");
    assert_eq!(store.recorded(2, 2).await.unwrap(), told[2..4]);
    assert_eq!(store.recorded(u64::MAX, 2).await.unwrap(), []);
    let long = NewEvent { body: vec![7; super::event::BODY_BYTES_MAX + 1], ..event(1, "long") };
    let refused = store.record(vec![event(1, "e"), long]).await;
    assert!(matches!(refused, Err(StoreError::TooLarge(_))));
    assert_eq!(store.recorded(5, 10).await.unwrap(), [], "a call that fails leaves nothing");
}

/// Imports, small changes and readers together: every one is done once.
async fn many_at_once(store: Arc<dyn Store>) {
    let banks = [BankKind::Redditi, BankKind::Invalidita, BankKind::FragiliAsl, BankKind::ServiziSociali];
    let mut tasks = tokio::task::JoinSet::new();
    for bank in banks {
        let store = store.clone();
        tasks.spawn(async move { import(&*store, SourceKind::Bank(bank), 9, 12).await.map(|_| ()) });
    }
    for n in 0..20_u8 {
        let (store, reader) = (store.clone(), store.clone());
        let teller = store.clone();
        tasks.spawn(async move { teller.record(vec![event(9, "once"), event(9, &n.to_string())]).await.map(|_| ()) });
        tasks.spawn(async move { reader.contents().await.map(|_| ()) });
        let token = Token {
            name: format!("script-{n}").into(),
            role: Role::Viewer,
            hash: TokenHash::from_bytes([100 + n; 32]),
            created_at: at(8),
            revoked_at: None,
        };
        tasks.spawn(async move { store.save(Change::Token(token)).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    let contents = store.contents().await.unwrap();
    assert_eq!(contents.tokens.iter().filter(|t| t.name.starts_with("script-")).count(), 20);
    let told = store.recorded(0, u32::MAX).await.unwrap();
    assert!(told.iter().zip(1..).all(|(event, seq)| event.seq == seq), "no number is twice or left out");
    assert_eq!(told.iter().filter(|told| told.event.stream.id == StreamId(9)).count(), 21, "each is there once");
    for bank in banks {
        let source = contents.sources.iter().find(|s| s.kind == SourceKind::Bank(bank)).unwrap();
        assert_eq!((source.state, source.totals), (SourceState::Complete, totals(12)));
    }
}
