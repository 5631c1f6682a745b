//! What the search found, in the words of a plan.

use std::collections::BTreeMap;

use super::{
    fleet::{self, Fleet},
    supply::Chosen,
    terrain::Terrain,
    words::{self, clock},
};
use crate::{
    casework::{
        moment::Clock,
        plan::{
            ClassServed, Line, Plan, Reason, Rest, RestKind, Result as Found, Run, StockLeft, Stop, Totals, Unserved,
        },
    },
    logistics::{
        plan::{self as runs, Kind, Step, Unassigned},
        problem::Task,
    },
};

/// What a plan is made of beside its runs.
pub(super) struct Frame {
    pub(super) chosen: Chosen,
    pub(super) stock: Vec<StockLeft>,
}

/// What the search found.
pub(super) fn told(
    fleet: &Fleet<'_>,
    terrain: &Terrain,
    found: &runs::Plan,
    before: Option<&Plan>,
    frame: Frame,
) -> Found {
    let runs: Vec<Run> = found.runs.iter().map(|run| self::run(fleet, terrain, run, before)).collect();
    let unserved = unserved(fleet, &found.unassigned);
    let allocation = classes(fleet, &unserved);
    let totals = totals(fleet.targets.len(), &runs);
    let Frame { chosen, stock } = frame;
    Found {
        sites: chosen.sites,
        lower_bound: chosen.lower_bound,
        proved: chosen.proved,
        crowded: chosen.crowded,
        allocation,
        stock,
        runs,
        unserved,
        totals,
    }
}

/// Sums over runs.
pub(super) fn totals(households: usize, runs: &[Run]) -> Totals {
    let stops = runs.iter().map(|run| run.stops.len() as u32).sum();
    Totals {
        households: households as u32,
        stops,
        units: runs.iter().map(|run| run.load).sum(),
        distance_m: runs.iter().map(|run| u64::from(run.distance_m)).sum(),
        duration_s: runs.iter().map(|run| u64::from(run.duration_s)).sum(),
        crews: runs.len() as u32,
        served_share: if households == 0 { 0.0 } else { f64::from(stops) / households as f64 },
    }
}

fn run(fleet: &Fleet<'_>, terrain: &Terrain, run: &runs::Run, before: Option<&Plan>) -> Run {
    let at = run.vehicle.saturating_sub(1) as usize;
    let crew = &fleet.order.crews[at];
    let depot = &fleet.depots[fleet.starts[at]];
    let (mut stops, mut rests): (Vec<Stop>, Vec<Rest>) = (Vec::new(), Vec::new());
    for step in &run.steps {
        let rest = |kind, which| Rest {
            kind,
            which,
            after: stops.len() as u32,
            from: clock(step.arrival_s + step.waiting_s),
            to: clock(step.leave_s()),
        };
        match step.kind {
            Kind::Task(Task::Job(id)) => {
                let n = stops.len() as u32 + 1;
                let walk = step.location.map_or(0, |place| terrain.walk_m(fleet.profiles[at], place));
                stops.push(stop(fleet, step, id, [n, walk], before));
            }
            Kind::Break(id) => rests.push(rest(RestKind::Break, id as u32)),
            Kind::Reload(depot) => rests.push(rest(RestKind::Reload, depot as u32)),
            Kind::Start | Kind::End | Kind::Task(_) => {}
        }
    }
    let depart = run.steps.first().map_or(0, Step::leave_s);
    let arrive = run.steps.last().map_or(0, |step| step.arrival_s);
    let mut places: Vec<usize> = run.steps.iter().filter_map(|step| step.location).collect();
    places.dedup();
    let end = match crew.end {
        crate::casework::order::End::Depot => Some(depot.at),
        crate::casework::order::End::Open => None,
        crate::casework::order::End::At(at) => Some(at),
    };
    Run {
        id: run.vehicle.to_string().into(),
        crew: crew.id.clone(),
        title: if crew.title.is_empty() { crew.id.clone() } else { crew.title.clone() },
        depot: depot.id.clone(),
        start: depot.at,
        end,
        depart: clock(depart),
        arrive: clock(arrive),
        duration_s: u32::try_from(arrive - depart).unwrap_or(0),
        distance_m: u32::try_from(run.distance_m).unwrap_or(u32::MAX),
        load: stops.iter().map(|stop| stop.units).sum(),
        trips: 1 + rests.iter().filter(|rest| rest.kind == RestKind::Reload).count() as u32,
        line: Line::LineString { coordinates: terrain.line(fleet.profiles[at], &places, &fleet.spots) },
        stops,
        rests,
    }
}

/// A stop with its number and its metres from the road.
fn stop(fleet: &Fleet<'_>, step: &Step, id: u64, [n, walk]: [u32; 2], before: Option<&Plan>) -> Stop {
    let target = &fleet.targets[id.saturating_sub(1) as usize];
    let given = target.given.as_ref();
    let begins = clock(step.arrival_s + step.waiting_s);
    let window = fleet.order.windows.iter().find(|[from, to]| (*from..=*to).contains(&begins)).copied();
    // What is done keeps the times that the crew had on paper.
    let done = before.filter(|plan| plan.outcome(&target.code).is_some()).and_then(|plan| plan.stop(&target.code));
    let (eta, leave): (Clock, Clock) =
        done.map_or_else(|| (clock(step.arrival_s), clock(step.leave_s())), |(_, stop)| (stop.eta, stop.leave));
    Stop {
        code: target.code.clone(),
        n,
        at: target.at.unwrap_or_default(),
        door: target.door.clone(),
        kit: given.and_then(|given| given.kit.clone()),
        units: given.map_or(0, |given| given.units),
        source: given.and_then(|given| given.why.clone()),
        members: target.members,
        window,
        eta,
        leave,
        needs: target.skills.iter().cloned().collect(),
        notes: target.notes.clone(),
        from_road_m: done.map_or(walk, |(_, stop)| stop.from_road_m),
        locked: before.is_some_and(|plan| plan.locked.contains(&target.code)),
        outcome: before.and_then(|plan| plan.outcome(&target.code)).cloned(),
    }
}

fn unserved(fleet: &Fleet<'_>, unassigned: &[Unassigned]) -> Vec<Unserved> {
    let crew = |vehicle: u64| {
        let crew = fleet.order.crews.get(vehicle.saturating_sub(1) as usize);
        crew.map_or_else(
            String::new,
            |crew| if crew.title.is_empty() { crew.id.to_string() } else { crew.title.to_string() },
        )
    };
    let skills = |numbers: &[u32]| {
        let names = numbers.iter().filter_map(|at| fleet.skills.get(*at as usize)).map(|name| &**name);
        names.collect::<Vec<_>>().join(", ")
    };
    let by_number: BTreeMap<u64, &Unassigned> = unassigned
        .iter()
        .filter_map(|one| match one.task {
            Task::Job(id) => Some((id, one)),
            Task::Pickup(_) | Task::Delivery(_) => None,
        })
        .collect();
    let one = |(at, target): (usize, &crate::casework::plan::Target)| {
        let left = by_number.get(&fleet::number(at));
        let (reason, relaxation): (Reason, _) = match (left, &target.refused) {
            (Some(left), _) => {
                let change = left.relaxation.as_ref();
                (words::unassigned(left.reason), change.map(|change| words::relaxation(change, &crew, &skills)))
            }
            (None, Some(reason)) if !fleet.is_reached(at) => (reason.clone(), target.remedy.clone()),
            _ => return None,
        };
        let (code, door) = (target.code.clone(), target.door.clone());
        Some(Unserved { code, at: target.at, door, class: target.class, reason, relaxation })
    };
    fleet.targets.iter().enumerate().filter_map(one).collect()
}

/// How the classes fare.
pub(super) fn classes(fleet: &Fleet<'_>, unserved: &[Unserved]) -> Vec<ClassServed> {
    let last = fleet.order.priority.len() as u32;
    let title = |class: u32| match fleet.order.priority.get(class as usize) {
        Some(class) => class.title.clone(),
        None => "—".into(),
    };
    let class = |class: u32| {
        let asked = fleet.targets.iter().filter(|target| target.class == class).count() as u32;
        let mut reasons: BTreeMap<Box<str>, u32> = BTreeMap::new();
        for one in unserved.iter().filter(|one| one.class == class) {
            *reasons.entry(one.reason.code.clone()).or_default() += 1;
        }
        let served = asked - reasons.values().sum::<u32>().min(asked);
        ClassServed { class, title: title(class), asked, served, reasons }
    };
    (0..=last).map(class).collect()
}
