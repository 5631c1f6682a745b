//! Casework: what operators made of plans and scenarios, folded from the journal and kept in memory, the same on every node.
//!
//! A command is decided on the state that this node knows, its event is on disk before anybody is answered, and the fold is
//! the same everywhere: an event that another node's event overtook changes nothing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use rand::{TryRngCore as _, rngs::OsRng};
use tokio::sync::watch;

use super::{App, Error};
use crate::{
    access::{Actor, Grant, Planning, grant, pass},
    casework::{
        event::{IdempotencyKey, Stream, StreamId, StreamKind},
        link,
        plan::{self, Code, Command, Event, Kept, Outcome, Plan, PlanId, Refusal},
        scenario::{self, Scenario, ScenarioId},
    },
    store::{NewEvent, Recorded, StoredEvent},
};

/// Events that are read at once.
const PAGE: u32 = 200;

/// Every plan and every scenario, as far as the journal was read.
pub(super) struct Desk {
    state: Mutex<State>,
    reading: tokio::sync::Mutex<()>,
    deciding: tokio::sync::Mutex<()>,
    told: watch::Sender<()>,
    /// Who works on what here.
    pub(super) workers: super::plan::Workers,
}

#[derive(Default)]
struct State {
    plans: BTreeMap<PlanId, Arc<Plan>>,
    scenarios: BTreeMap<ScenarioId, Arc<Scenario>>,
    links: BTreeMap<StreamId, pass::Link>,
    seen: u64,
}

/// What somebody says of a stop.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What makes it the same however often it is sent.
    pub key: IdempotencyKey,
    /// Which stop.
    pub code: Code,
    /// How it went.
    pub outcome: Outcome,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is on disk.
    Accepted,
    /// It was on disk before.
    Known,
    /// It cannot be.
    Refused(Refusal),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::None | Refusal::Stop | Refusal::Run => Self::missing(refusal.code(), &refusal),
            Refusal::Already | Refusal::State(_) | Refusal::Overtaken | Refusal::Key => {
                Self::conflict(refusal.code(), &refusal)
            }
        }
    }
}

impl State {
    /// Takes an event of the journal; what is of other work, or cannot follow, changes nothing.
    fn take(&mut self, stored: StoredEvent) {
        self.seen = self.seen.max(stored.seq);
        let StoredEvent { seq, event } = stored;
        match event.stream.kind {
            StreamKind::Plan => self.take_plan(seq, &event),
            StreamKind::Scenario => self.take_scenario(seq, &event),
            StreamKind::Link => self.take_link(seq, &event),
        }
    }

    fn take_scenario(&mut self, seq: u64, event: &NewEvent) {
        let id = ScenarioId(event.stream.id);
        let Ok(body) = serde_json::from_slice::<scenario::Event>(&event.body) else {
            tracing::error!(seq, "an event of a scenario cannot be read");
            return;
        };
        let state = self.scenarios.remove(&id).map(Arc::unwrap_or_clone);
        if let Some(after) = scenario::apply(state, id, body, &event.actor, event.at) {
            self.scenarios.insert(id, Arc::new(after));
        }
    }

    fn take_plan(&mut self, seq: u64, event: &NewEvent) {
        let id = event.stream.id;
        let Ok(body) = serde_json::from_slice::<Event>(&event.body) else {
            tracing::error!(seq, "an event of a plan cannot be read");
            return;
        };
        let state = self.plans.remove(&id).map(Arc::unwrap_or_clone);
        if let Some(after) = plan::apply(id, state, body, Kept { key: &event.key, at: event.at, by: &event.actor }) {
            self.plans.insert(id, Arc::new(after));
        }
    }
}

impl State {
    fn take_link(&mut self, seq: u64, event: &NewEvent) {
        let id = event.stream.id;
        let Ok(body) = serde_json::from_slice::<link::Event>(&event.body) else {
            tracing::error!(seq, "an event of a link cannot be read");
            return;
        };
        if let Some(link) = link::apply(id, self.links.remove(&id), body, event.at) {
            self.links.insert(id, link);
        }
    }
}

impl Desk {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::default(),
            reading: tokio::sync::Mutex::new(()),
            deciding: tokio::sync::Mutex::new(()),
            told: watch::Sender::new(()),
            workers: super::plan::Workers::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As far as the journal was read.
    pub(super) fn known(&self, id: PlanId) -> Option<Arc<Plan>> {
        self.state().plans.get(&id).cloned()
    }

    /// Every link that was given to a crew, as far as the journal was read.
    pub(super) fn links(&self) -> Vec<pass::Link> {
        self.state().links.values().cloned().collect()
    }

    /// Every plan, as far as the journal was read.
    pub(super) fn all(&self) -> Vec<Arc<Plan>> {
        self.state().plans.values().cloned().collect()
    }

    /// A scenario, as far as the journal was read.
    pub(super) fn scenario(&self, id: ScenarioId) -> Option<Arc<Scenario>> {
        self.state().scenarios.get(&id).cloned()
    }

    /// Every scenario, as far as the journal was read; withdrawn ones too.
    pub(super) fn scenarios(&self) -> Vec<Arc<Scenario>> {
        self.state().scenarios.values().cloned().collect()
    }

    /// Wakes whoever listens.
    pub(super) fn tell(&self) {
        self.told.send_replace(());
    }

    /// For those who wake listeners from elsewhere.
    pub(super) fn teller(&self) -> watch::Sender<()> {
        self.told.clone()
    }

    /// Hears of everything that is told from now on.
    pub(super) fn listen(&self) -> watch::Receiver<()> {
        self.told.subscribe()
    }
}

/// The actor's grant to plan. The public is asked who it is.
pub fn permit(actor: &Actor) -> Result<Grant<Planning>, Error> {
    match grant::<Planning>(actor) {
        Ok(granted) => Ok(granted),
        Err(_) if *actor == Actor::anonymous() => {
            Err(Error::Unauthenticated("this is for who plans: show a token of a role that may"))
        }
        Err(denied) => Err(denied.into()),
    }
}

/// As [`permit`]; that somebody was denied is in the audit log before he hears it.
pub async fn admit(app: &App, actor: &Actor) -> Result<(), Error> {
    if let Err(denied) = grant::<Planning>(actor)
        && *actor != Actor::anonymous()
    {
        app.journal.note(actor, &denied.event("plans"), "plans denied").await?;
    }
    permit(actor).map(drop)
}

/// What is done goes to the audit log first.
pub(super) async fn note(app: &App, actor: &Actor, object: &str, rows: u64) -> Result<(), Error> {
    app.journal.keep(&[permit(actor)?.event(object, rows)]).await
}

impl App {
    /// Reads what the journal has that was not read yet: also what other nodes wrote.
    pub(super) async fn catch_up(&self) -> Result<(), Error> {
        let Some(store) = &self.store else { return Ok(()) };
        let _one = self.desk.reading.lock().await;
        let mut news = false;
        loop {
            let seen = self.desk.state().seen;
            let events = store.recorded(seen, PAGE).await?;
            let last = events.len() < PAGE as usize;
            news |= !events.is_empty();
            let mut state = self.desk.state();
            for event in events {
                state.take(event);
            }
            drop(state);
            if last {
                break;
            }
        }
        if news {
            self.desk.tell();
        }
        Ok(())
    }

    /// A plan as it stands now, whoever asks: the caller has looked at the right. Errors: `Missing`.
    pub(super) async fn plan(&self, id: PlanId) -> Result<Arc<Plan>, Error> {
        self.catch_up().await?;
        self.desk.known(id).ok_or_else(|| Refusal::None.into())
    }

    /// Does something to a plan: on disk when answered. Answers the plan as it is then.
    pub(super) async fn obey(
        &self,
        id: PlanId,
        key: IdempotencyKey,
        by: &str,
        command: Command,
    ) -> Result<Arc<Plan>, Error> {
        let store = self.store.as_ref().ok_or_else(|| Error::Unavailable("there is no store".to_owned()))?;
        let deciding = self.desk.deciding.lock().await;
        self.catch_up().await?;
        let event = plan::decide(self.desk.known(id).as_deref(), command)?;
        store.record(vec![new_event(id, key, by, &event)?]).await?;
        self.catch_up().await?;
        drop(deciding);
        self.desk.known(id).ok_or_else(|| Refusal::None.into())
    }

    /// Keeps what was said of stops, all of it in one transaction: on disk when answered, once however often it is sent.
    pub(super) async fn deliver(
        &self,
        id: PlanId,
        by: &str,
        deliveries: Vec<Delivery>,
    ) -> Result<Vec<Delivered>, Error> {
        let store = self.store.as_ref().ok_or_else(|| Error::Unavailable("there is no store".to_owned()))?;
        let _deciding = self.desk.deciding.lock().await;
        let plan = self.plan(id).await?;
        let mut answers = Vec::with_capacity(deliveries.len());
        let (mut events, mut places) = (Vec::new(), Vec::new());
        for Delivery { key, code, outcome } in deliveries {
            match plan::decide(Some(&plan), Command::Deliver { code, outcome }) {
                Err(refusal) => answers.push(Delivered::Refused(refusal)),
                Ok(event) => {
                    events.push(new_event(id, key, by, &event)?);
                    if let Event::Delivered { code, outcome } = event {
                        places.push(((answers.len(), code), outcome));
                    }
                    answers.push(Delivered::Known);
                }
            }
        }
        if !events.is_empty() {
            let recorded = store.record(events).await?;
            let after = self.plan(id).await?;
            for (((place, code), said), recorded) in places.into_iter().zip(recorded) {
                answers[place] = match recorded {
                    Recorded::Now(_) => Delivered::Accepted,
                    Recorded::Before(_) if after.was_told(&code, &said) => Delivered::Known,
                    Recorded::Before(_) => Delivered::Refused(Refusal::Key),
                };
            }
        }
        Ok(answers)
    }
}

fn new_event(id: PlanId, key: IdempotencyKey, by: &str, event: &Event) -> Result<NewEvent, Error> {
    let body = serde_json::to_vec(event).map_err(Error::internal)?;
    let stream = Stream { kind: StreamKind::Plan, id };
    Ok(NewEvent { stream, key, at: Timestamp::now(), actor: by.into(), body })
}

/// A key that nobody else has.
pub(super) fn fresh_key() -> Result<IdempotencyKey, Error> {
    format!("{:016x}{:016x}", chance()?, chance()?).parse().map_err(Error::internal)
}

/// A number that nobody can guess.
pub(super) fn chance() -> Result<u64, Error> {
    OsRng.try_next_u64().map_err(Error::internal)
}
