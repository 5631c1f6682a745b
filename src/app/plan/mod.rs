//! Plans: ordered, worked out, changed by hand, approved, carried out. Every answer is a document of the plan as it stands.
//!
//! ```text
//! order ─► people ─► roads ─► stock ─► points ─► runs ─► judge ─► ready ─► approved ─► outcomes ─► closed
//!                                        └── again: what is done or locked stays ──┘
//! ```
//! What is asked, refused or done is in the audit log before anybody is answered.

mod compute;
mod door;
mod drag;
mod feed;
mod fleet;
mod outcome;
mod people;
mod supply;
mod terrain;
mod words;
mod work;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

pub(super) use self::work::Workers;
pub use self::{
    feed::{Listener, News, listen, news},
    work::{follow, stop},
};
pub use super::casework::{admit, permit};
use super::{
    App, Error,
    casework::{chance, fresh_key, note},
    question,
};
use crate::{
    access::{Actor, Planning, grant},
    casework::{
        event::StreamId,
        order::{Order, People},
        plan::{Code, Command, Locking, Plan, PlanId, Refusal, State, Totals},
        scenario::ScenarioId,
    },
};

/// Longest body of an order.
pub const MAX_BYTES: usize = 2 << 20;
/// Seconds of search for a comparison, at most: somebody waits for it.
const COMPARE_S: f64 = 5.0;

/// What may be asked of a plan again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    #[serde(default, deserialize_with = "given")]
    #[expect(clippy::option_option, reason = "no scenario is not the same as none told")]
    scenario: Option<Option<StreamId>>,
    effort_seconds: Option<f64>,
    seed: Option<u64>,
}

/// Told as `null` is not the same as not told.
#[expect(clippy::option_option, reason = "no scenario is not the same as none told")]
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<StreamId>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    households: Vec<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Locks {
    codes: Option<Vec<Code>>,
    run: Option<Box<str>>,
    locked: bool,
}

/// Orders a plan from JSON and begins to work it out. Answers its id; the same key is the same plan.
///
/// Errors: `Invalid` with the part that makes no sense, `Conflict` where no roads were imported.
pub async fn create(app: &Arc<App>, actor: &Actor, body: Vec<u8>) -> Result<PlanId, Error> {
    permit(actor)?;
    let order: Order = question::read_up_to("body", &body, MAX_BYTES)?;
    begin(app, actor, order, None).await
}

/// What is known of `{"households":[…]}` before it is ordered: how many they are with how many people, which of them have no
/// place on the map, which are no households of the town. Errors: `Invalid` for more than a plan may have.
pub async fn listed(app: &App, actor: &Actor, body: Vec<u8>) -> Result<Vec<u8>, Error> {
    permit(actor)?;
    let asked: Listing = question::read_up_to("body", &body, MAX_BYTES)?;
    if asked.households.len() > people::MOST as usize {
        let reason = format!("{} of them; {} are the most", asked.households.len(), people::MOST);
        return Err(Error::invalid("households", reason));
    }
    let found = people::listed(app, actor, &asked.households.into_iter().collect()).await?;
    let people::Listed { generation, households, people, unplaced, unknown } = found;
    let told = json!({ "generation": generation, "households": households, "people": people, "unplaced": unplaced, "unknown": unknown });
    Ok(told.to_string().into_bytes())
}

/// The candidates that a layer offers for points, in the order in which `sites.fixed` counts them.
pub fn candidates(app: &App, actor: &Actor, layer: &str) -> Result<Vec<u8>, Error> {
    permit(actor)?;
    Ok(json!({ "candidates": supply::of_layer(app, layer)? }).to_string().into_bytes())
}

async fn begin(app: &Arc<App>, actor: &Actor, order: Order, after: Option<PlanId>) -> Result<PlanId, Error> {
    if let Some(fault) = order.faults().into_iter().next() {
        return Err(Error::invalid(&fault.place, fault.reason));
    }
    terrain::profiles(&order)?;
    app.roads()?;
    if let Some(scenario) = order.scenario {
        app.standing(ScenarioId(scenario)).await?;
    }
    if let Some(sites) = &order.sites {
        supply::candidates(app, sites)?;
    }
    let mut dated = Order { day: order.day.or_else(|| Some(today())), ..order.clone() };
    // Those whom another plan left are known by that plan, not by the numbers of today.
    if after.is_none() && dated.people.households.is_some() && dated.people.generation.is_none() {
        dated.people.generation = Some(app.world()?.generation().into());
    }
    people::look(app, actor, &dated).await?;
    let id = match &order.key {
        Some(key) => StreamId(u64::from_le_bytes(first_eight(&format!("plan {} {key}", actor.name())))),
        None => StreamId(chance()?),
    };
    note(app, actor, &format!("plan {id} ordered"), 0).await?;
    let role = actor.capacity().key().into();
    let command = Command::Order { order: Box::new(dated), role, after };
    match app.obey(id, "ordered".parse().map_err(Error::internal)?, actor.name(), command).await {
        Ok(plan) => work::engage(app, &plan),
        // The same key again: the plan that it made.
        Err(refused @ Error::Refused { .. }) => match app.desk.known(id) {
            Some(made) if is_of(&made, order) => {}
            Some(_) => {
                return Err(Error::conflict("key", "the key was given to another order: take a fresh one"));
            }
            None => return Err(refused),
        },
        Err(error) => return Err(error),
    }
    Ok(id)
}

/// The day it is in Italy, wherever the server's clock stands: a plan's day stays that of its order.
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(zone()).date()
}

/// The clock that crews carry: Italy's.
fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Europe/Rome").unwrap_or_else(|_| jiff::tz::TimeZone::system())
}

/// Whether a plan was made by this order; what replanning changes of an order does not count. The plan's order was in the
/// journal: this one is written and read too, for a number of seventeen digits may come back a hair beside itself.
fn is_of(plan: &Plan, order: Order) -> bool {
    let made = &plan.order;
    let mut dated = Order { day: order.day.or(made.day), ..order };
    dated.people.generation = dated.people.generation.or_else(|| made.people.generation.clone());
    let kept = serde_json::to_vec(&dated).ok().and_then(|text| serde_json::from_slice::<Order>(&text).ok());
    kept.is_some_and(|kept| {
        let (scenario, effort_seconds, seed) = (made.scenario, made.effort_seconds, made.seed);
        *made == if plan.round == 1 { kept } else { Order { scenario, effort_seconds, seed, ..kept } }
    })
}

fn first_eight(text: &str) -> [u8; 8] {
    let mut eight = [0; 8];
    eight.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    eight
}

/// Every plan, the newest first, as JSON.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<u8>, Error> {
    permit(actor)?;
    app.catch_up().await?;
    let mut all = app.desk.all();
    all.sort_by_key(|plan| std::cmp::Reverse((plan.at, plan.id)));
    let one = |plan: &Arc<Plan>| {
        let result = plan.result.as_ref();
        json!({
            "id": plan.id, "name": plan.name, "state": plan.state, "day": plan.order.day.map(|day| day.to_string()),
            "at": plan.at.to_string(), "by": plan.by, "version": plan.version,
            "stops": result.map_or(0, |result| result.totals.stops),
            "runs": result.map_or(0, |result| result.runs.len()),
            "unserved": result.map_or(0, |result| result.unserved.len()),
        })
    };
    Ok(json!({ "plans": all.iter().map(one).collect::<Vec<Value>>() }).to_string().into_bytes())
}

/// A plan as it stands, as JSON.
pub async fn get(app: &App, actor: &Actor, id: PlanId) -> Result<Vec<u8>, Error> {
    let grant = grant::<Planning>(actor)?;
    let plan = app.plan(id).await?;
    let object = format!("plan {id}");
    // A screen looks again and again: an actor's looks at one plan are one event a minute.
    app.journal.note(actor, &grant.event(&object, plan.targets.len() as u64), &object).await?;
    written(app, &plan)
}

/// A plan on its way out, with the progress of whoever works on it here.
fn written(app: &App, plan: &Arc<Plan>) -> Result<Vec<u8>, Error> {
    let ticket = app.desk.workers.ticket(plan.id).filter(|_| plan.state == State::Computing);
    match ticket {
        None => serde_json::to_vec(&**plan),
        Some(ticket) => serde_json::to_vec(&Plan { progress: ticket.progress(), ..(**plan).clone() }),
    }
    .map_err(Error::internal)
}

/// Does something to a plan that needs no body, and answers the plan.
async fn change(app: &App, actor: &Actor, id: PlanId, verb: &str, command: Command) -> Result<Arc<Plan>, Error> {
    note(app, actor, &format!("plan {id} {verb}"), 0).await?;
    app.obey(id, fresh_key()?, actor.name(), command).await
}

/// Stops waiting for a computation.
pub async fn cancel(app: &App, actor: &Actor, id: PlanId) -> Result<Vec<u8>, Error> {
    let plan = change(app, actor, id, "cancelled", Command::Cancel).await?;
    app.desk.workers.cancel(id, plan.round);
    written(app, &plan)
}

/// Agrees to a plan.
pub async fn approve(app: &App, actor: &Actor, id: PlanId) -> Result<Vec<u8>, Error> {
    let plan = change(app, actor, id, "approved", Command::Approve).await?;
    written(app, &plan)
}

/// Fixes stops where they are, or lets them go: `{"codes":[…]|"run":id,"locked":true}`.
pub async fn lock(app: &App, actor: &Actor, id: PlanId, body: Vec<u8>) -> Result<Vec<u8>, Error> {
    permit(actor)?;
    let asked: Locks = question::read_up_to("body", &body, MAX_BYTES)?;
    let which = match (asked.codes, asked.run) {
        (Some(codes), None) => Locking::Stops(codes),
        (None, Some(run)) => Locking::Run(run),
        _ => return Err(Error::invalid("codes", "either codes or run")),
    };
    let (verb, command) =
        if asked.locked { ("locked", Command::Lock(which)) } else { ("unlocked", Command::Unlock(which)) };
    let plan = change(app, actor, id, verb, command).await?;
    written(app, &plan)
}

/// Works a plan out again: `{"scenario"?,"effort_seconds"?,"seed"?}`; what is done or locked stays.
pub async fn replan(app: &Arc<App>, actor: &Actor, id: PlanId, body: Vec<u8>) -> Result<Vec<u8>, Error> {
    permit(actor)?;
    let asked: Again = if body.is_empty() { Again::default() } else { question::read_up_to("body", &body, MAX_BYTES)? };
    if asked.effort_seconds.is_some_and(|effort| !(0.0..=600.0).contains(&effort)) {
        return Err(Error::invalid("effort_seconds", "a number from 0 to 600"));
    }
    if let Some(scenario) = asked.scenario.flatten() {
        app.standing(ScenarioId(scenario)).await?;
    }
    let Again { scenario, effort_seconds, seed } = asked;
    let plan = change(app, actor, id, "planned again", Command::Replan { scenario, effort_seconds, seed }).await?;
    work::engage(app, &plan);
    written(app, &plan)
}

/// The scenario where it stands: closures that are over close nothing to those who are left.
async fn standing(app: &App, scenario: Option<StreamId>) -> Result<Option<StreamId>, Error> {
    let Some(id) = scenario else { return Ok(None) };
    match app.standing(ScenarioId(id)).await {
        Ok(_) => Ok(Some(id)),
        Err(Error::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A new plan of the failed and unserved stops of another. Answers its id.
pub async fn next(app: &Arc<App>, actor: &Actor, id: PlanId) -> Result<PlanId, Error> {
    note(app, actor, &format!("plan {id} continued"), 0).await?;
    let plan = app.plan(id).await?;
    let left = plan.left();
    if left.is_empty() {
        return Err(Error::conflict("nobody_left", "nobody is left: no stop failed and nobody is unserved"));
    }
    let scenario = standing(app, plan.order.scenario).await?;
    let order = Order {
        name: format!("{} (seguito)", plan.name).into(),
        key: None,
        scenario,
        stock: plan.stock_left(),
        day: plan.order.day.max(Some(today())),
        people: People { households: Some(left), ..People::default() },
        ..plan.order.clone()
    };
    begin(app, actor, order, Some(id)).await
}

/// What a plan would be under another scenario (none: with every road open), beside what it is. Nothing is kept.
pub async fn compare(app: &Arc<App>, actor: &Actor, id: PlanId, scenario: Option<StreamId>) -> Result<Vec<u8>, Error> {
    note(app, actor, &format!("plan {id} compared"), 0).await?;
    let plan = app.plan(id).await?;
    let base = plan.result.as_ref().ok_or_else(|| Error::from(Refusal::State(plan.state)))?;
    let mut other = (*plan).clone();
    other.order.scenario = scenario;
    other.order.effort_seconds = other.order.effort_seconds.min(COMPARE_S);
    let _seat = app.desk.workers.seat().await?;
    let ticket = Arc::new(work::Ticket::new(tokio::sync::watch::Sender::new(())));
    let _leaving = work::Leaving(Arc::clone(&ticket));
    let work = compute::compute(app, &Arc::new(other), &ticket).await?;
    let reached = |totals: &Totals| json!(totals);
    let before: std::collections::BTreeSet<&Code> = base.unserved.iter().map(|one| &one.code).collect();
    let unreachable: Vec<&Code> =
        work.result.unserved.iter().map(|one| &one.code).filter(|code| !before.contains(code)).collect();
    let run_of = |result: &crate::casework::plan::Result| -> std::collections::BTreeMap<Code, Box<str>> {
        let stops = result.runs.iter().flat_map(|run| run.stops.iter().map(|stop| (stop.code.clone(), run.id.clone())));
        stops.collect()
    };
    let (old, new) = (run_of(base), run_of(&work.result));
    let changed = new.iter().filter(|(code, run)| old.get(*code).is_some_and(|was| was != *run)).count();
    let told = json!({
        "scenario": scenario, "base": reached(&base.totals), "other": reached(&work.result.totals),
        "unreachable": unreachable, "changed": changed,
    });
    Ok(told.to_string().into_bytes())
}

/// Puts a stop elsewhere, or says what that would cost: see [`drag`].
pub async fn drag(app: &Arc<App>, actor: &Actor, id: PlanId, body: Vec<u8>) -> Result<Dragged, Error> {
    drag::drag(app, actor, id, body).await
}

pub use self::drag::Dragged;
