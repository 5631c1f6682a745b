//! A server over an invented town, and the ways to ask it.

use std::{
    ops::Range,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use jiff::Timestamp;
use serde_json::Value as Json;
use tower::ServiceExt;

use crate::{
    access::{
        Role,
        audit::{Entry, Head},
        token::Secret,
    },
    app::{App, Ingredients, World},
    domain::{
        feature::{Feature, Value},
        geo::LonLat,
        place::{Access, AccessId, CivicNumber, PointQuality, Street, StreetId},
        reject::Reject,
    },
    http::{Server, router},
    snapshot::{Snapshot, invented, layer::Layer, schema::Titles},
    store::{self, Answer, Change, Contents, Store, StoreError},
};

/// A store that holds tokens and the audit log in memory.
pub(super) struct Memory {
    tokens: Vec<store::Token>,
    pub(super) log: Mutex<Vec<Entry>>,
    told: Mutex<Vec<store::StoredEvent>>,
}

fn absent<'a, T: Send + 'a>() -> Answer<'a, T> {
    Box::pin(async { Err(StoreError::Absent) })
}

impl Store for Memory {
    fn begin(&self, _: store::SourceHead) -> Answer<'_, store::Begun> {
        absent()
    }
    fn append(&self, _: store::SourceId, _: Vec<store::Batch>) -> Answer<'_, ()> {
        absent()
    }
    fn finish(&self, _: store::SourceId, _: store::Totals) -> Answer<'_, ()> {
        absent()
    }
    fn batches(&self, _: store::SourceId, _: Range<u32>) -> Answer<'_, Vec<store::StoredBatch>> {
        absent()
    }
    fn rejects(&self, _: store::SourceId) -> Answer<'_, Vec<Reject>> {
        absent()
    }
    fn publish(&self, _: store::Generation) -> Answer<'_, store::GenerationHead> {
        absent()
    }
    fn artefact(&self, _: store::GenerationId, _: store::Artefact) -> Answer<'_, Vec<u8>> {
        absent()
    }
    fn layer(&self, _: &store::LayerName) -> Answer<'_, store::Layer> {
        absent()
    }
    fn check(&self) -> Answer<'_, Vec<store::Fault>> {
        absent()
    }
    fn record(&self, new: Vec<store::NewEvent>) -> Answer<'_, Vec<store::Recorded>> {
        Box::pin(async move {
            let mut told = self.told.lock().unwrap();
            let mut kept = Vec::new();
            for event in new {
                let same = |old: &&store::StoredEvent| old.event.stream == event.stream && old.event.key == event.key;
                if let Some(old) = told.iter().find(same) {
                    kept.push(store::Recorded::Before(old.seq));
                    continue;
                }
                let seq = told.len() as u64 + 1;
                told.push(store::StoredEvent { seq, event });
                kept.push(store::Recorded::Now(seq));
            }
            Ok(kept)
        })
    }
    fn recorded(&self, after: u64, limit: u32) -> Answer<'_, Vec<store::StoredEvent>> {
        Box::pin(async move {
            let told = self.told.lock().unwrap();
            Ok(told.iter().filter(|told| told.seq > after).take(limit as usize).cloned().collect())
        })
    }
    fn save(&self, change: Change) -> Answer<'_, ()> {
        Box::pin(async move {
            let Change::Audit(entries) = change else { return Err(StoreError::Absent) };
            let mut log = self.log.lock().unwrap();
            if entries[0].seq != log.len() as u64 + 1 {
                return Err(StoreError::Conflict("not the next".into()));
            }
            log.extend(entries);
            Ok(())
        })
    }
    fn contents(&self) -> Answer<'_, Contents> {
        Box::pin(async {
            let log = self.log.lock().unwrap();
            Ok(Contents {
                comune: "M208".parse().unwrap(),
                sources: Vec::new(),
                rebuilt: None,
                served: None,
                layers: Vec::new(),
                aliases: Vec::new(),
                tokens: self.tokens.clone(),
                audit_head: log.last().map_or_else(Head::default, |e| Head { count: e.seq, hash: e.hash }),
            })
        })
    }
    fn audit(&self, _: u64, _: u32) -> Answer<'_, Vec<Entry>> {
        Box::pin(async { Ok(self.log.lock().unwrap().clone()) })
    }
}

/// The token of a role.
pub(super) fn secret(role: Role) -> Secret {
    Secret::of([role as u8 + 1; 32])
}

/// A server and what stands behind it.
pub(super) struct Town {
    pub(super) router: Router,
    pub(super) app: Arc<App>,
    pub(super) memory: Arc<Memory>,
}

/// What came back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(super) fn point(id: u64, lon: f64, lat: f64) -> Feature {
    Feature {
        id,
        geometry: geo::point!(x: lon, y: lat).into(),
        properties: vec![("nome".into(), Value::Text(format!("<b>{id}</b>").into())), ("n".into(), Value::Null)],
    }
}

/// A world of an invented town with a register of one street and a layer of points.
pub(super) fn world(snapshot: Snapshot) -> World {
    let doors = (1..=30_u64).map(|n| Access {
        id: AccessId(n),
        street: StreetId(1),
        number: CivicNumber {
            number: Some(n as u32),
            exponent: if n == 2 { "A".into() } else { "".into() },
            note: "".into(),
        },
        point: LonLat::new(16.30 + n as f64 * 1e-4, 38.96).ok(),
        quality: PointQuality::Sound,
        postcode: None,
    });
    let street = Street { id: StreetId(1), name: "VIA ROMA".into(), locality: String::new(), other_names: Vec::new() };
    let shelters = Layer::freeze("shelters", Titles::new("Aree di attesa", "Shelters"), vec![point(1, 16.31, 38.97)]);
    World::new(Ingredients {
        snapshot: Arc::new(snapshot),
        layers: vec![shelters],
        streets: &[street],
        accesses: &doors.collect::<Vec<_>>(),
    })
    .unwrap()
}

impl Town {
    /// A town of so many households.
    pub(super) fn of(households: u32) -> Self {
        let tokens = Role::ALL
            .into_iter()
            .map(|role| store::Token {
                name: role.key().into(),
                role,
                hash: secret(role).hash(),
                created_at: Timestamp::UNIX_EPOCH,
                revoked_at: (role == Role::Admin).then_some(Timestamp::UNIX_EPOCH),
            })
            .collect();
        let memory = Arc::new(Memory { tokens, log: Mutex::default(), told: Mutex::default() });
        let app = Arc::new(App::new(memory.clone()));
        app.swap(Arc::new(world(invented::world(7, households, 4, 0.05).0)));
        Self { router: router::build(Server::new(app.clone(), Some("https://mappa.example.it/"))), app, memory }
    }

    pub(super) fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(method, path, headers, Body::empty())
    }

    /// A question in JSON by a role.
    pub(super) fn post(&self, role: Role, path: &str, body: &(impl ToString + ?Sized)) -> Reply {
        let token = format!("Bearer {}", secret(role).reveal());
        let mut headers = vec![("content-type", "application/json")];
        if role != Role::Public {
            headers.push(("authorization", &token));
        }
        self.send(Method::POST, path, &headers, Body::from(body.to_string()))
    }

    pub(super) fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = axum::body::to_bytes(body, 10 << 20).await.unwrap();
            Reply { status: parts.status, headers: parts.headers, body }
        })
    }

    pub(super) fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, &[])
    }

    pub(super) fn get_as(&self, role: Role, path: &str) -> Reply {
        self.ask(Method::GET, path, &[("authorization", &format!("Bearer {}", secret(role).reveal()))])
    }
}

/// The tile at the middle of the invented town.
pub(super) fn middle(z: u8) -> String {
    let [x, y] = crate::publish::tile::project(LonLat::new(16.31, 38.965).unwrap());
    let side = f64::from(1_u32 << z);
    format!("{z}/{}/{}", (x * side) as u32, (y * side) as u32)
}
