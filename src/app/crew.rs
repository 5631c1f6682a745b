//! Crews: a link for one shift, the run that it opens, and what the crew tells of its doors.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use jiff::Timestamp;
use rand::TryRngCore as _;
use serde::{Deserialize, Serialize};

use super::{
    App, Error,
    casework::{Delivered, Delivery, fresh_key, permit},
    sheet,
};
use crate::{
    access::{
        Actor, OwnRun, Pass, disclose, grant,
        pass::{self, Closed},
        token::Secret,
    },
    casework::{
        delivery,
        event::{IdempotencyKey, Stream, StreamId, StreamKind},
        link,
        plan::Refusal,
    },
    domain::outcome::OutcomeKind,
    ingest::outcomes::NOTE_MAX,
    publish,
    store::NewEvent,
};

/// Bytes of what a crew tells at once at most.
pub const MAX_BYTES: usize = 256 << 10;

/// Events that a crew tells at once at most.
const EVENTS_MAX: usize = 500;

/// Hours that a link is good at most: a shift, with what may come between.
const HOURS_MAX: u32 = 48;

/// Letters of a key that a telephone makes.
const KEY_MAX: usize = 48;

/// Requests of one link in one minute at most.
const PER_MINUTE: u32 = 120;

/// Requests with tokens that no link has, of all together, in one minute at most.
const STRANGERS_PER_MINUTE: u32 = 600;

/// Links whose minute is remembered at most.
const REMEMBERED_MAX: usize = 10_000;

/// A link that was just given.
pub struct Given {
    /// Its token, which is nowhere else from now on.
    pub token: Secret,
    /// Not good from then on.
    pub expires: Timestamp,
}

/// Counts requests, minute by minute.
#[derive(Default)]
pub(super) struct Turnstile(Mutex<HashMap<Box<str>, (i64, u32)>>);

impl Turnstile {
    /// Lets one more through. Errors: `Unavailable` where it was too many in this minute.
    fn pass(&self, who: &str, most: u32, now: Timestamp) -> Result<(), Error> {
        let minute = now.as_second().div_euclid(60);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= REMEMBERED_MAX {
            seen.retain(|_, (then, _)| *then == minute);
        }
        let count = seen.entry(who.into()).or_insert((minute, 0));
        if count.0 != minute {
            *count = (minute, 0);
        }
        count.1 += 1;
        if count.1 > most { Err(Error::Unavailable("too many requests of one link".to_owned())) } else { Ok(()) }
    }
}

/// Gives a crew the link of its run: on disk when answered; links that the run had before stay good.
///
/// Errors: `Forbidden`, `Missing` for the plan or the run, `Invalid` for the hours.
pub async fn give(app: &App, actor: &Actor, plan: &str, run: &str, hours: u32) -> Result<Given, Error> {
    let grant = permit(actor)?;
    if !(1..=HOURS_MAX).contains(&hours) {
        return Err(Error::invalid("hours", format!("1 to {HOURS_MAX}")));
    }
    let id = sheet::id_of(plan)?;
    app.plan(id).await?.run(run).ok_or_else(sheet::no_run)?;
    let mut random = [0; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut random).map_err(Error::internal)?;
    let token = Secret::of(random);
    let expires = Timestamp::now() + Duration::from_secs(u64::from(hours) * 3_600);
    app.journal.keep(&[grant.event(&format!("plan {id} run {run} link"), 1)]).await?;
    let event = link::Event::given(id, run, &token.hash(), expires);
    let id = rand::rngs::OsRng.try_next_u64().map_err(Error::internal)?;
    let stream = Stream { kind: StreamKind::Link, id: StreamId(id) };
    app.note_link(stream, &event, actor.name()).await?;
    Ok(Given { token, expires })
}

/// Takes every link of a run back; answers how many were good until now.
///
/// Errors: `Forbidden`, `Missing` for the plan or the run.
pub async fn take_back(app: &App, actor: &Actor, plan: &str, run: &str) -> Result<u32, Error> {
    let grant = permit(actor)?;
    let id = sheet::id_of(plan)?;
    app.plan(id).await?.run(run).ok_or_else(sheet::no_run)?;
    let (plan, now) = (id.to_string(), Timestamp::now());
    let is_good = |link: &pass::Link| link.revoked.is_none() && link.expires > now;
    let links = app.desk.links();
    let own = links.iter().filter(|link| *link.plan == *plan && *link.run == *run && is_good(link));
    let ids: Vec<StreamId> = own.filter_map(|link| link.id.parse().ok()).collect();
    app.journal.keep(&[grant.event(&format!("plan {id} run {run} link taken back"), ids.len() as u64)]).await?;
    for &id in &ids {
        app.note_link(Stream { kind: StreamKind::Link, id }, &link::Event::TakenBack, actor.name()).await?;
    }
    Ok(ids.len() as u32)
}

/// Who shows the token of a link. Errors: `Unauthenticated`, `Unavailable` for too many requests.
pub async fn enter(app: &App, token: &str) -> Result<Pass, Error> {
    let refused = |closed| {
        Error::Unauthenticated(match closed {
            Closed::Unknown => "the link is not known",
            Closed::Expired => "the link's shift is over: ask for another",
            Closed::Revoked => "the link was taken back: ask for another",
        })
    };
    let now = Timestamp::now();
    let Ok(token) = Secret::parse(token) else {
        app.turnstile.pass("", STRANGERS_PER_MINUTE, now)?;
        return Err(refused(Closed::Unknown));
    };
    app.catch_up().await?;
    let links = app.desk.links();
    match pass::admit(links.iter(), &token, now) {
        Ok(pass) => {
            app.turnstile.pass(pass.actor().name(), PER_MINUTE, now)?;
            Ok(pass)
        }
        Err(closed) => {
            app.turnstile.pass("", STRANGERS_PER_MINUTE, now)?;
            Err(refused(closed))
        }
    }
}

/// The run of a link, as JSON; in the audit log before it leaves. Errors: `Missing` where the plan has it no more.
pub async fn run(app: &App, pass: &Pass) -> Result<Vec<u8>, Error> {
    let grant = grant::<OwnRun>(pass.actor())?;
    let plan = app.plan(sheet::id_of(pass.plan())?).await?;
    let (own, event) = disclose::own_run(&grant, pass, sheet::of(&plan)?).ok_or_else(sheet::no_run)?;
    app.journal.keep(&[event]).await?;
    publish::crew::write(&own, pass.expires()).ok_or_else(sheet::no_run)
}

#[derive(Deserialize)]
struct TellingForm {
    events: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventForm {
    key: String,
    code: String,
    outcome: String,
    #[serde(default)]
    units: Option<u32>,
    #[serde(default)]
    note: Option<String>,
    at: String,
}

/// What became of what a crew told.
#[derive(Default, Serialize)]
pub struct Heard {
    /// Keys of what is on disk now.
    pub accepted: Vec<String>,
    /// Keys of what was on disk before.
    pub known: Vec<String>,
    /// What cannot be kept.
    pub refused: Vec<Unheard>,
}

/// An event that cannot be kept.
#[derive(Serialize)]
pub struct Unheard {
    /// Its key; empty where it has none.
    pub key: String,
    /// `event`, `key`, `outcome`, `units`, `note`: this of it is not good; `at`: it is said to have happened later than now;
    /// `run`: the stop never was in the link's run; `plan`: the plan takes no more.
    pub reason: &'static str,
}

/// Keeps what a crew tells of its doors: on disk when answered, once however often it is sent, each on its own.
///
/// Errors: `Invalid` for what is no list of events.
pub async fn tell(app: &App, pass: &Pass, bytes: Bytes) -> Result<Heard, Error> {
    let grant = grant::<OwnRun>(pass.actor())?;
    let form: TellingForm = serde_json::from_slice(&bytes).map_err(|error| Error::invalid("events", error))?;
    if form.events.len() > EVENTS_MAX {
        return Err(Error::invalid("events", format!("more than {EVENTS_MAX} at once")));
    }
    let id = sheet::id_of(pass.plan())?;
    let plan = app.plan(id).await?;
    // The coordinator reads who drives; which link it was is in the audit log.
    let by = plan.run(pass.run()).map_or_else(|| pass.actor().name().into(), |run| run.title.clone());
    let mut heard = Heard::default();
    let (mut keys, mut deliveries) = (Vec::new(), Vec::new());
    for event in form.events {
        let key = event.get("key").and_then(|key| key.as_str()).unwrap_or_default();
        let key: String = key.chars().take(KEY_MAX).collect();
        let own = |code: &str| plan.was_shown(code, pass.run());
        match delivery(event, pass, &by)
            .and_then(|delivery| if own(&delivery.code) { Ok(delivery) } else { Err("run") })
        {
            Ok(delivery) => {
                keys.push(key);
                deliveries.push(delivery);
            }
            Err(reason) => heard.refused.push(Unheard { key, reason }),
        }
    }
    let object = format!("plan {} run {} events", pass.plan(), pass.run());
    app.journal.keep(&[grant.event(&object, deliveries.len() as u64)]).await?;
    let answers = app.deliver(id, pass.actor().name(), deliveries).await?;
    for (key, answer) in keys.into_iter().zip(answers) {
        match answer {
            Delivered::Accepted => heard.accepted.push(key),
            Delivered::Known => heard.known.push(key),
            Delivered::Refused(refusal) => {
                let reason = match refusal {
                    Refusal::Stop => "run",
                    Refusal::Key => "key",
                    _ => "plan",
                };
                heard.refused.push(Unheard { key, reason });
            }
        }
    }
    Ok(heard)
}

/// An event of a telephone as a delivery, or which part of it is not good.
fn delivery(event: serde_json::Value, pass: &Pass, by: &str) -> Result<Delivery, &'static str> {
    let form: EventForm = serde_json::from_value(event).map_err(|_| "event")?;
    let plain = form.key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !plain || !(8..=KEY_MAX).contains(&form.key.len()) {
        return Err("key");
    }
    // Of two crews that make the same key neither hides the other's event; a new link of a run knows the old one's.
    let run = blake3::hash(pass.run().as_bytes()).to_hex();
    let key: IdempotencyKey = format!("c{}.{}", &run[..12], form.key).parse().map_err(|_| "key")?;
    let outcome: OutcomeKind = form.outcome.parse().map_err(|_| "outcome")?;
    let units = match (outcome, form.units) {
        (OutcomeKind::Partial, None | Some(0)) => return Err("units"),
        (_, Some(units)) if units > 10_000 || (units > 0 && !outcome.is_served()) => return Err("units"),
        (_, units) => units,
    };
    let note = form.note.unwrap_or_default();
    if note.chars().count() > NOTE_MAX {
        return Err("note");
    }
    let note: String = note.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let told: Timestamp = form.at.parse().map_err(|_| "event")?;
    let at = delivery::instant(told, Timestamp::now()).map_err(|_| "at")?;
    let outcome = delivery::Outcome { kind: outcome, units, at, by: by.into(), note: note.trim().into() };
    Ok(Delivery { key, code: form.code.into(), outcome })
}

impl App {
    /// Keeps what happened to a link: on disk, and known here, when answered.
    async fn note_link(&self, stream: Stream, event: &link::Event, by: &str) -> Result<(), Error> {
        let store = self.store.as_ref().ok_or_else(|| Error::Unavailable("there is no store".to_owned()))?;
        let body = serde_json::to_vec(event).map_err(Error::internal)?;
        let event = NewEvent { stream, key: fresh_key()?, at: Timestamp::now(), actor: by.into(), body };
        store.record(vec![event]).await?;
        self.catch_up().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_passes_so_often_in_a_minute_and_again_in_the_next() {
        let turnstile = Turnstile::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        assert!((0..3).all(|_| turnstile.pass("a", 3, at(0)).is_ok()));
        assert!(turnstile.pass("a", 3, at(59)).is_err() && turnstile.pass("b", 3, at(59)).is_ok());
        assert!(turnstile.pass("a", 3, at(60)).is_ok());
    }
}
