//! Scenarios: who closes which roads, why and until when; kept in the journal of casework, the same on every node.

use std::sync::Arc;

use jiff::Timestamp;
use rand::TryRngCore as _;
use serde_json::{Value, json};

use super::{
    App, Error,
    casework::{note, permit},
    question, roads,
};
use crate::{
    access::Actor,
    casework::{
        event::{Stream, StreamId, StreamKind},
        scenario::{self, Command, Draft, InvalidDraft, Refused, Scenario, ScenarioId, Standing},
    },
    store::{NewEvent, Recorded},
};

mod drawn;

/// Longest body of a scenario: some hundred thousand positions.
pub const MAX_BYTES: usize = 8 << 20;
/// Tries to write while others write.
const TRIES: u32 = 5;
/// Scenarios that stand at most.
const MAX_STANDING: usize = 500;

impl From<InvalidDraft> for Error {
    fn from(invalid: InvalidDraft) -> Self {
        Self::invalid(&invalid.place, invalid.reason)
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown => Self::missing(refused.code(), refused),
            _ => Self::conflict(refused.code(), refused),
        }
    }
}

impl App {
    /// The scenario of that number, where it stands now.
    ///
    /// Errors: `Missing` where there is none, `Conflict` where it was withdrawn or its time has passed.
    pub(super) async fn standing(&self, id: ScenarioId) -> Result<Arc<Scenario>, Error> {
        self.catch_up().await?;
        let found = self.desk.scenario(id);
        let scenario = found.ok_or(Refused::Unknown)?;
        if scenario.standing == Standing::Withdrawn {
            return Err(Refused::Withdrawn.into());
        }
        if let Some(expires) = scenario.draft.expires.filter(|_| scenario.has_expired(Timestamp::now())) {
            return Err(Error::conflict(
                "scenario_expired",
                format_args!("the scenario \"{}\" expired at {expires}", scenario.draft.name),
            ));
        }
        Ok(scenario)
    }
}

/// Every scenario that was not withdrawn, the newest first, as JSON; those whose time has passed say so.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<u8>, Error> {
    permit(actor)?;
    app.catch_up().await?;
    let mut standing: Vec<Arc<Scenario>> = app.desk.scenarios();
    standing.retain(|scenario| scenario.standing == Standing::Declared);
    standing.sort_by_key(|scenario| std::cmp::Reverse((scenario.at, scenario.id)));
    let mut told = Vec::with_capacity(standing.len());
    for scenario in standing {
        told.push(tell(app, &scenario).await?);
    }
    Ok(json!({ "scenarios": told }).to_string().into_bytes())
}

/// A scenario, as JSON, with its version.
pub async fn get(app: &App, actor: &Actor, id: ScenarioId) -> Result<Told, Error> {
    permit(actor)?;
    app.catch_up().await?;
    let found = app.desk.scenario(id);
    let scenario = found.filter(|scenario| scenario.standing == Standing::Declared).ok_or(Refused::Unknown)?;
    told(app, &scenario).await
}

/// A scenario on its way out.
pub struct Told {
    /// Which.
    pub id: ScenarioId,
    /// Its version.
    pub version: u64,
    /// JSON.
    pub body: Vec<u8>,
}

/// What a request says beside its body: they complete a collection of shapes that has no room for them.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Its name.
    pub name: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// Until when (RFC 3339).
    pub expires: Option<String>,
}

/// Declares a scenario from JSON.
pub async fn declare(app: &App, actor: &Actor, words: Words, body: Vec<u8>) -> Result<Told, Error> {
    permit(actor)?;
    let draft = roads::aside(move || drawn::read(&body, &words)).await??;
    draft.check(Timestamp::now())?;
    app.catch_up().await?;
    let standing = app.desk.scenarios().iter().filter(|scenario| scenario.standing == Standing::Declared).count();
    if standing >= MAX_STANDING {
        return Err(Error::conflict(
            "too_many_scenarios",
            format_args!("{MAX_STANDING} scenarios stand already: withdraw those that are over"),
        ));
    }
    let id = ScenarioId(StreamId(rand::rngs::OsRng.try_next_u64().map_err(Error::internal)?));
    note(app, actor, &format!("scenario {id} declared"), 0).await?;
    follow_through(app, actor, id, Command::Declare(draft)).await
}

/// Gives a scenario another draft, where it is still at the version that the operator saw.
pub async fn amend(app: &App, actor: &Actor, id: ScenarioId, of: u64, body: Vec<u8>) -> Result<Told, Error> {
    note(app, actor, &format!("scenario {id} amended"), 0).await?;
    let draft: Draft = roads::aside(move || drawn::read(&body, &Words::default())).await??;
    draft.check(Timestamp::now())?;
    follow_through(app, actor, id, Command::Amend { draft, of }).await
}

/// Withdraws a scenario: its roads are open from the next answer on.
pub async fn withdraw(app: &App, actor: &Actor, id: ScenarioId) -> Result<(), Error> {
    note(app, actor, &format!("scenario {id} withdrawn"), 0).await?;
    follow_through(app, actor, id, Command::Withdraw).await.map(|_| ())
}

/// Decides on a command and keeps what follows. The key of an event is the version that it makes, so that of two who
/// change the same version one is refused, whichever node they ask.
async fn follow_through(app: &App, actor: &Actor, id: ScenarioId, command: Command) -> Result<Told, Error> {
    let store = app.store.as_ref().ok_or_else(|| Error::Unavailable("there is no store".to_owned()))?;
    for _ in 0..TRIES {
        app.catch_up().await?;
        let before = app.desk.scenario(id);
        let event = scenario::decide(before.as_deref(), command.clone())?;
        let version = before.map_or(0, |scenario| scenario.version) + 1;
        let new = NewEvent {
            stream: Stream { kind: StreamKind::Scenario, id: id.0 },
            key: format!("v{version}").parse().map_err(Error::internal)?,
            at: Timestamp::now(),
            actor: actor.name().into(),
            body: serde_json::to_vec(&event).map_err(Error::internal)?,
        };
        let recorded = store.record(vec![new]).await?;
        app.catch_up().await?;
        if matches!(recorded[..], [Recorded::Now(_)]) {
            let after = app.desk.scenario(id).ok_or(Refused::Unknown)?;
            return told(app, &after).await;
        }
    }
    Err(Error::Unavailable("the scenario is being changed by others".to_owned()))
}

async fn told(app: &App, scenario: &Scenario) -> Result<Told, Error> {
    let body = tell(app, scenario).await?.to_string().into_bytes();
    Ok(Told { id: scenario.id, version: scenario.version, body })
}

/// A scenario as the API tells it: how many edges it closes to each profile, where there are roads.
async fn tell(app: &App, scenario: &Scenario) -> Result<Value, Error> {
    let mut told = serde_json::to_value(&scenario.draft).map_err(Error::internal)?;
    let mut closed = serde_json::Map::new();
    if app.roads().is_ok() && scenario.standing == Standing::Declared {
        for (profile, count) in roads::closed_edges(app, scenario).await? {
            closed.insert(profile.key().to_owned(), count.into());
        }
    }
    let more = json!({
        "id": scenario.id,
        "version": scenario.version,
        "by": scenario.by,
        "at": scenario.at.to_string(),
        "expired": scenario.has_expired(Timestamp::now()),
        "closed": if closed.is_empty() { Value::Null } else { closed.into() },
    });
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    Ok(told)
}

/// Reads JSON past the gate of bytes and depth.
fn json_of(bytes: &[u8]) -> Result<Value, Error> {
    question::read_up_to("body", bytes, MAX_BYTES)
}
