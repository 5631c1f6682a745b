//! A stop dragged to another run: what it costs, and, where that is wanted, the plan as it is then.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    fleet::{self, Fleet},
    note,
    outcome::{self, Frame},
    permit,
    supply::Chosen,
    terrain::Planes,
    words,
    work::{Stopped, Ticket},
};
use crate::{
    access::Actor,
    app::{App, Error, casework::fresh_key, question},
    casework::plan::{Code, Command, Plan, PlanId, Refusal, Result as Found},
    logistics::{
        check::Wrong,
        insertion::{self, NoMove, Price},
        problem::Task,
        route,
    },
};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    code: Code,
    run: Box<str>,
    n: Option<usize>,
    #[serde(default = "yes", rename = "try")]
    trial: bool,
    #[serde(default)]
    force: bool,
}

fn yes() -> bool {
    true
}

/// What became of a drag.
pub enum Dragged {
    /// What it costs, or what it did, as JSON.
    Told(Vec<u8>),
    /// It would break a rule, and nobody insisted: what, as JSON.
    Refused(Vec<u8>),
}

/// `{"code","run","n"?,"try":true,"force"?}`.
pub(super) async fn drag(app: &Arc<App>, actor: &Actor, id: PlanId, body: Vec<u8>) -> Result<Dragged, Error> {
    permit(actor)?;
    let asked: Asked = question::read_up_to("body", &body, super::MAX_BYTES)?;
    let plan = app.plan(id).await?;
    if plan.result.is_none() {
        return Err(Refusal::State(plan.state).into());
    }
    let planes = Planes::of(app, &plan.order, plan.order.scenario).await?;
    let priced = {
        let (app, plan, asked) = (Arc::clone(app), Arc::clone(&plan), asked.clone());
        tokio::task::spawn_blocking(move || price(&app, &plan, planes, &asked)).await.map_err(Error::internal)?
    };
    let (price, result) = priced?;
    let breaches: Vec<Value> = price.breaches.iter().map(|breach| json!(words::breach(breach))).collect();
    let told = |version: u32| {
        let told = json!({
            "extra_s": price.extra_s, "extra_m": price.extra_m, "breaches": breaches, "version": version,
        });
        told.to_string().into_bytes()
    };
    if asked.trial {
        return Ok(Dragged::Told(told(plan.version)));
    }
    // A crew cannot be made to carry what lies at another depot: its kit is not on board, whoever insists.
    let is_absent = price.breaches.iter().any(|breach| breach.kind == Wrong::Territory);
    if is_absent || (!breaches.is_empty() && !asked.force) {
        return Ok(Dragged::Refused(told(plan.version)));
    }
    let Some(result) = result else { return Ok(Dragged::Told(told(plan.version))) };
    note(app, actor, &format!("plan {id} changed by hand"), 1).await?;
    let command = Command::Move { version: plan.version, result: Box::new(result) };
    let plan = app.obey(id, fresh_key()?, actor.name(), command).await?;
    Ok(Dragged::Told(told(plan.version)))
}

/// What a drag costs, and, where it is no trial, the plan as it is then.
fn price(app: &App, plan: &Plan, planes: Planes, asked: &Asked) -> Result<(Price, Option<Found>), Stopped> {
    let Some(found) = &plan.result else { return Err(Error::from(Refusal::State(plan.state)).into()) };
    let order = &plan.order;
    let crew = order.crews.iter().enumerate().map(|(at, _)| fleet::vehicle(at));
    let vehicle = crew.into_iter().find(|number| number.to_string() == *asked.run);
    let vehicle = vehicle.ok_or_else(|| Error::from(Refusal::Run))?;
    let at = plan.targets.iter().position(|target| target.code == asked.code);
    let at = at.ok_or_else(|| Error::from(Refusal::Stop))?;
    if let (None, Some(reason)) = (&plan.targets[at].given, &plan.targets[at].refused) {
        return Err(Stopped::Failed(format!("nothing is to be handed over there: {}", reason.en)));
    }
    let depots = fleet::depots(order, &found.sites);
    let fleet = Fleet::new(order, (&depots, &found.sites), &plan.targets, &planes, Some(plan))?;
    let ticket = Ticket::new(tokio::sync::watch::Sender::new(()));
    let mut terrain = app.desk.workers.kept.terrain(planes, &fleet.spots, &ticket)?;
    let problem = fleet.problem(std::mem::take(&mut terrain.matrices))?;
    let now = route::plan(&problem, fleet.sequences(found).into_iter());
    let position = asked.n.map(|n| n.saturating_sub(1));
    let task = Task::Job(fleet::number(at));
    let price = insertion::price(&problem, &now, task, Some(vehicle), position).map_err(|no| match no {
        NoMove::NoTask => Error::from(Refusal::Stop),
        NoMove::NoVehicle => Error::from(Refusal::Run),
        NoMove::Done => Error::conflict("stop_is_done", no),
        NoMove::NoPosition => Error::conflict("no_such_position", no),
    })?;
    if asked.trial {
        return Ok((price, None));
    }
    let frame = Frame { chosen: Chosen::of(found), stock: found.stock.clone() };
    let mut result = outcome::told(&fleet, &terrain, &price.plan, Some(plan), frame);
    // Who was left out and still is keeps the reason that was found for it.
    let served = |code: &Code| result.runs.iter().any(|run| run.stops.iter().any(|stop| stop.code == *code));
    let unserved = found.unserved.iter().filter(|one| !served(&one.code)).cloned().collect();
    result.unserved = unserved;
    result.allocation = outcome::classes(&fleet, &result.unserved);
    Ok((price, Some(result)))
}
