//! A plan worked out: people, roads, stock, points, runs, and a judge at the end.

use std::{ops::ControlFlow, sync::Arc, time::Instant};

use super::{
    fleet::{self, Fleet},
    outcome::{self, Frame},
    people,
    supply::{self, Chosen, Ways},
    terrain::{Planes, Terrain},
    words,
    work::{Stopped, Ticket},
};
use crate::{
    access::{Actor, actor::Role},
    app::{App, Error},
    casework::{
        order::{Depot, Order},
        plan::{Plan, Progress, Result as Found, StockLeft, Target, Work},
    },
    domain::watch::Watch as _,
    logistics::{
        check, explain, plan as runs,
        problem::Problem,
        route::{self, Effort},
    },
    roads::plane::{Snapped, Unsnapped},
};

/// Rounds of search where no time is given: the same plan for the same order, on any machine.
const ROUNDS: u64 = 20_000;

/// Reasons of the roads: they may be others under other closures.
const OF_ROADS: [&str; 5] = ["no_roads", "far_from_roads", "island", "road_closed", "unreachable"];

/// Who ordered a plan, as they stood then.
pub(super) fn orderer(plan: &Plan) -> Result<Actor, Error> {
    let role: Role = plan.role.parse().map_err(Error::internal)?;
    Ok(Actor::named(&plan.by, role))
}

/// Works a plan out; where it was before, what is done or locked stays.
pub(super) async fn compute(app: &Arc<App>, plan: &Arc<Plan>, ticket: &Arc<Ticket>) -> Result<Work, Stopped> {
    ticket.begin("people", 0);
    let order = &plan.order;
    let targets = match (&plan.result, plan.after) {
        (Some(_), _) => plan.targets.clone(),
        (None, Some(before)) => people::left(app, &orderer(plan)?, order, &*app.plan(before).await?).await?,
        (None, None) => people::gather(app, &orderer(plan)?, order).await?,
    };
    ticket.begin("roads", 0);
    let planes = Planes::of(app, order, order.scenario).await?;
    let candidates = match &order.sites {
        Some(sites) if plan.result.is_none() => supply::candidates(app, sites)?,
        _ => Vec::new(),
    };
    let (plan, ticket) = (Arc::clone(plan), Arc::clone(ticket));
    let made = tokio::task::spawn_blocking(move || {
        Draft { order: &plan.order, before: plan.result.as_ref().map(|_| &*plan), ticket }.make(
            targets,
            planes,
            &candidates,
        )
    });
    made.await.map_err(|error| Stopped::Broken(Error::internal(error)))?
}

/// A plan being made.
struct Draft<'a> {
    order: &'a Order,
    before: Option<&'a Plan>,
    ticket: Arc<Ticket>,
}

/// Where the depots meet the road, which households it reaches, and the minutes to each from each depot.
type Reach = (Vec<Option<Snapped>>, Vec<usize>, Vec<Vec<f64>>);

impl Draft<'_> {
    fn make(&self, mut targets: Vec<Target>, planes: Planes, candidates: &[Depot]) -> Result<Work, Stopped> {
        let order = self.order;
        let before = self.before.and_then(|plan| plan.result.as_ref());
        let (frame, depots) = match before {
            Some(found) => self.again(found, &mut targets, &planes)?,
            None => self.anew(&mut targets, &planes, candidates)?,
        };
        let fleet = Fleet::new(order, (&depots, &frame.chosen.sites), &targets, &planes, self.before)?;
        if !(0..targets.len()).any(|at| fleet.is_reached(at)) {
            let nobody = Terrain::new(planes, &fleet.spots, &*self.ticket)?;
            let result = outcome::told(&fleet, &nobody, &runs::Plan::default(), self.before, frame);
            return Ok(Work { result, targets });
        }
        self.ticket.begin("matrix", 0);
        let mut terrain = Terrain::new(planes, &fleet.spots, &*self.ticket)?;
        let problem = fleet.problem(std::mem::take(&mut terrain.matrices))?;
        let found = self.search(&problem)?;
        let found = before.and_then(|old| as_it_was(&fleet, &problem, old, &found)).unwrap_or(found);
        self.ticket.begin("check", 0);
        let breaches = check::check(&problem, &found);
        if !breaches.is_empty() {
            let told: Vec<String> = breaches.iter().take(5).map(|breach| format!("{breach:?}")).collect();
            return Err(Stopped::Broken(Error::internal(format!("the checker refuses the runs: {}", told.join("; ")))));
        }
        let result = outcome::told(&fleet, &terrain, &found, self.before, frame);
        drop(fleet);
        Ok(Work { result, targets })
    }

    /// The first time: who can be reached, who is given what, from where.
    fn anew(
        &self,
        targets: &mut [Target],
        planes: &Planes,
        candidates: &[Depot],
    ) -> Result<(Frame, Vec<Depot>), Stopped> {
        let order = self.order;
        let from = if order.depots.is_empty() { candidates } else { &order.depots };
        let (on_road, able, minutes) = self.reach(from, targets, planes, |_| true)?;
        self.ticket.begin("allocation", 0);
        let ways = Ways::new(order, &on_road, (&able, &minutes), None);
        let stock = supply::allocate(order, &ways, targets, None)?;
        let chosen = if order.sites.is_none() {
            Chosen::default()
        } else if order.depots.is_empty() {
            self.ticket.begin("sites", 0);
            supply::choose(order, (candidates, &on_road), (targets, &able), &minutes, &self.ticket)?
        } else {
            self.ticket.begin("sites", 0);
            let snapped: Vec<Option<Snapped>> = candidates.iter().map(|one| planes.snap(one.at, None).ok()).collect();
            let sources: Vec<Snapped> = snapped.iter().copied().flatten().collect();
            let ends: Vec<Snapped> = able.iter().filter_map(|at| snap(planes, &targets[*at]).ok()).collect();
            let minutes = planes.minutes(&sources, &ends, &*self.ticket)?;
            supply::choose(order, (candidates, &snapped), (targets, &able), &minutes, &self.ticket)?
        };
        let depots = fleet::depots(order, &chosen.sites);
        Ok((Frame { chosen, stock }, depots))
    }

    /// Again: points and kits stay; who was cut off may be reached now, and the other way round.
    fn again(&self, found: &Found, targets: &mut [Target], planes: &Planes) -> Result<(Frame, Vec<Depot>), Stopped> {
        let order = self.order;
        let depots = fleet::depots(order, &found.sites);
        let done = |target: &Target| self.before.is_some_and(|plan| plan.outcome(&target.code).is_some());
        for target in targets.iter_mut() {
            if target.refused.as_ref().is_some_and(|reason| OF_ROADS.contains(&&*reason.code)) {
                target.refused = None;
            }
        }
        let (on_road, able, minutes) = self.reach(&depots, targets, planes, |target| !done(target))?;
        let ways = Ways::new(order, &on_road, (&able, &minutes), Some(found));
        let stock: Vec<StockLeft> = supply::allocate(order, &ways, targets, Some(&found.stock))?;
        Ok((Frame { chosen: Chosen::of(found), stock }, depots))
    }

    /// Refuses those whom no road reaches from any of some points. Answers the points on the roads, those who are reached,
    /// and the minutes from each point on a road to each of them.
    fn reach(
        &self,
        from: &[Depot],
        targets: &mut [Target],
        planes: &Planes,
        counts: impl Fn(&Target) -> bool,
    ) -> Result<Reach, Stopped> {
        let (mut able, mut places) = (Vec::new(), Vec::new());
        for (at, target) in targets.iter_mut().enumerate() {
            if target.refused.is_some() || !counts(target) {
                continue;
            }
            match snap(planes, target) {
                Ok(place) => {
                    able.push(at);
                    places.push(place);
                }
                Err(why) => target.refused = Some(words::unsnapped(why)),
            }
        }
        let snapped: Vec<Result<Snapped, Unsnapped>> = from.iter().map(|one| planes.snap(one.at, None)).collect();
        if let Some(Err(why)) = snapped.first().filter(|_| snapped.iter().all(Result::is_err)) {
            return Err(Stopped::Failed(format!("no crew can set out: {why}")));
        }
        let on_road: Vec<Option<Snapped>> = snapped.into_iter().map(Result::ok).collect();
        let sources: Vec<Snapped> = on_road.iter().copied().flatten().collect();
        let mut minutes = planes.minutes(&sources, &places, &*self.ticket)?;
        let reached: Vec<bool> =
            (0..able.len()).map(|column| minutes.iter().any(|row| row[column].is_finite())).collect();
        for (at, reached) in able.iter().zip(&reached) {
            if !reached {
                targets[*at].refused = Some(words::cut_off());
            }
        }
        for row in &mut minutes {
            let mut keep = reached.iter();
            row.retain(|_| keep.next().is_some_and(|kept| *kept));
        }
        let mut keep = reached.iter();
        able.retain(|_| keep.next().is_some_and(|kept| *kept));
        Ok((on_road, able, minutes))
    }

    fn search(&self, problem: &Problem) -> Result<runs::Plan, Stopped> {
        self.ticket.begin("runs", 100);
        let (start, effort) = (Instant::now(), self.order.effort_seconds);
        let spent = || if self.ticket.is_cancelled() { 1.0 } else { (start.elapsed().as_secs_f64() / effort).min(1.0) };
        let progress = |at: route::Progress| {
            self.ticket.set(Progress {
                stage: "runs".into(),
                done: (at.share * 100.0) as u64,
                of: 100,
                cost: at.cost.is_finite().then_some(at.cost),
            });
            if self.ticket.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let effort = if effort > 0.0 { Effort::Until(&spent) } else { Effort::Iterations(ROUNDS) };
        let found = route::solve(problem, effort, self.order.seed, &progress);
        if self.ticket.is_cancelled() { Err(Stopped::Cancelled) } else { Ok(found) }
    }
}

/// The runs as they were, with what can no longer be served left out, where that is better than what was found anew.
fn as_it_was(fleet: &Fleet<'_>, problem: &Problem, old: &Found, anew: &runs::Plan) -> Option<runs::Plan> {
    let mut kept = route::plan(problem, fleet.sequences(old).into_iter());
    let better = kept.totals.tasks >= anew.totals.tasks && kept.totals.cost < anew.totals.cost;
    if !better {
        return None;
    }
    kept.unassigned = explain::explain(problem, &kept);
    kept.totals.unassigned = kept.unassigned.len();
    check::check(problem, &kept).is_empty().then_some(kept)
}

fn snap(planes: &Planes, target: &Target) -> Result<Snapped, Unsnapped> {
    planes.snap(target.at.unwrap_or([f64::NAN; 2]), target.street.as_deref())
}
