//! What is over of each run, and what stays: a run goes on where and when its crew is, after the last deed told.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fleet, crew_of, number, vehicle};
use crate::{
    app::plan::zone,
    casework::{
        delivery::Outcome,
        order::{Crew, Order},
        plan::{Rest, RestKind, Result as Found, Run},
    },
    logistics::{
        problem::{Deed, Done, Hold, Lock, Matrix, Task, Vehicle, Window},
        timetable::Stop,
    },
};

/// A part of a run, by its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Stop(usize),
    Rest(usize),
}

/// When a deed was done by the clock of whoever did it, in seconds of the plan's day; none where that is no time of the
/// crew's shift: what is told in the evening, or tried on another day, says nothing of when.
fn told_s(order: &Order, crew: &Crew, deed: &Outcome) -> Option<i64> {
    let midnight = order.day?.at(0, 0, 0, 0);
    let there = deed.at.to_zoned(zone()).datetime();
    let since_s = there.duration_since(midnight).as_secs();
    let [from, to] = crew.shift.map(|clock| i64::from(clock.seconds()));
    (from..=to).contains(&since_s).then_some(since_s)
}

/// What is over of a run, in the order in which it was done, each with the second in which the crew went on. Stops are in
/// the order of their deeds; what the crew does beside is over before the first deed that was planned after it (a pause
/// whose time has not come is not: the crew was only quick).
fn over(order: &Order, crew: &Crew, run: &Run) -> Vec<(Part, i64)> {
    let told = run.stops.iter().enumerate().filter_map(|(at, stop)| Some((at, stop.outcome.as_ref()?)));
    let mut told: Vec<(usize, &Outcome)> = told.collect();
    told.sort_by_key(|(at, deed)| (deed.at, *at));
    let mut clock_s = i64::MIN;
    let mut left = |(at, deed): (usize, &Outcome)| {
        let planned_s = i64::from(run.stops[at].leave.seconds());
        clock_s = clock_s.max(told_s(order, crew, deed).unwrap_or(planned_s));
        (at, clock_s)
    };
    let done: Vec<(usize, i64)> = told.into_iter().map(&mut left).collect();
    let last_s = done.last().map_or(i64::MIN, |(_, left_s)| *left_s);
    let has_come = |rest: &Rest| rest.kind == RestKind::Reload || i64::from(rest.from.seconds()) <= last_s;
    let before = |rest: &Rest| done.iter().position(|(at, _)| *at >= rest.after as usize).filter(|_| has_come(rest));
    let rests: Vec<Option<usize>> = run.rests.iter().map(before).collect();
    let mut parts = Vec::new();
    let mut clock_s = i64::MIN;
    for (nth, (at, left_s)) in done.iter().enumerate() {
        for (number, rest) in run.rests.iter().enumerate().filter(|(number, _)| rests[*number] == Some(nth)) {
            clock_s = i64::from(rest.to.seconds()).clamp(clock_s, *left_s);
            parts.push((Part::Rest(number), clock_s));
        }
        clock_s = *left_s;
        parts.push((Part::Stop(*at), clock_s));
    }
    parts
}

fn deed(rest: &Rest) -> Deed {
    match rest.kind {
        RestKind::Break => Deed::Break(rest.which.into()),
        RestKind::Reload => Deed::Reload(rest.which as usize),
    }
}

impl Fleet<'_> {
    /// The place of a code among the targets.
    fn position(&self, code: &str) -> Option<usize> {
        self.targets.iter().position(|target| *target.code == *code).filter(|at| self.places[*at].is_some())
    }

    fn deed(&self, run: &Run, part: Part) -> Option<Deed> {
        match part {
            Part::Stop(at) => self.position(&run.stops[at].code).map(|at| Deed::Task(Task::Job(number(at)))),
            Part::Rest(number) => Some(deed(&run.rests[number])),
        }
    }

    /// What is over, and what stays.
    pub(super) fn held(&self) -> (BTreeMap<u64, Vec<Done>>, Vec<Lock>) {
        let (mut done, mut locks) = (BTreeMap::new(), Vec::new());
        let runs = self.before.and_then(|plan| plan.result.as_ref()).map(|result| result.runs.as_slice());
        for run in runs.unwrap_or_default() {
            let Some(crew) = crew_of(self.order, run) else { continue };
            let parts = over(self.order, &self.order.crews[crew], run);
            let deed = |(part, left_s)| Some(Done { deed: self.deed(run, part)?, left_s: Some(left_s) });
            let deeds: Vec<Done> = parts.into_iter().filter_map(deed).collect();
            if !deeds.is_empty() {
                done.insert(vehicle(crew), deeds);
            }
            for stop in run.stops.iter().filter(|stop| stop.locked && stop.outcome.is_none()) {
                let Some(position) = self.position(&stop.code) else { continue };
                locks.push(Lock { task: Task::Job(number(position)), vehicle: vehicle(crew), hold: Hold::Order });
            }
        }
        (done, locks)
    }

    /// Gives a crew that is late the time to take its pauses and come back: nobody can help it any more.
    pub(super) fn excuse(&self, vehicle: &mut Vehicle, done: &[Done], matrices: &BTreeMap<String, Matrix>) {
        let Some(mut clock_s) = done.last().and_then(|last| last.left_s) else { return };
        let place = done.iter().rev().find_map(|one| match one.deed {
            Deed::Task(Task::Job(id)) => self.places[id.saturating_sub(1) as usize],
            Deed::Reload(depot) => self.depot_places.get(depot).copied(),
            Deed::Task(_) | Deed::Break(_) => None,
        });
        for pause in &mut vehicle.breaks {
            if done.iter().any(|one| one.deed == Deed::Break(pause.id)) {
                continue;
            }
            for window in &mut pause.windows {
                window.to_s = window.to_s.max(clock_s);
                clock_s = clock_s.max(window.from_s);
            }
            clock_s += i64::from(pause.service_s);
        }
        let way = |(from, to): (usize, usize)| matrices.get(&vehicle.profile)?.duration_s(from, to);
        clock_s += place.zip(vehicle.end).and_then(way).map_or(0, i64::from);
        vehicle.window = vehicle.window.map(|window| Window { to_s: window.to_s.max(clock_s), ..window });
    }

    /// The runs of a result as sequences of steps, what is over first, by the place of the crew.
    pub(in crate::app::plan) fn sequences(&self, found: &Found) -> Vec<(usize, Vec<Stop>)> {
        let of = |run: &Run| {
            let crew = crew_of(self.order, run)?;
            let over = over(self.order, &self.order.crews[crew], run);
            let mut parts: Vec<Part> = over.into_iter().map(|(part, _)| part).collect();
            let done: BTreeSet<Part> = parts.iter().copied().collect();
            let rests = |at: usize| {
                let here = run.rests.iter().enumerate().filter(move |(_, rest)| rest.after as usize == at);
                here.map(|(number, _)| Part::Rest(number))
            };
            let ahead =
                (0..=run.stops.len()).flat_map(|at| rests(at).chain((at < run.stops.len()).then_some(Part::Stop(at))));
            parts.extend(ahead.filter(|part| !done.contains(part)));
            let step = |part: Part| {
                Some(match self.deed(run, part)? {
                    Deed::Reload(depot) => Stop::Reload(depot),
                    Deed::Break(id) => Stop::Break(id),
                    Deed::Task(task) => Stop::Task(task),
                })
            };
            Some((crew, parts.into_iter().filter_map(step).collect()))
        };
        found.runs.iter().filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order() -> Order {
        let crew = serde_json::json!({ "id": "a", "shift": ["08:00", "14:00"], "capacity": 5 });
        let order = serde_json::json!({
            "name": "Acqua", "people": { "filter": "fragile" }, "depots": [], "crews": [crew], "day": "2026-11-24",
        });
        serde_json::from_value(order).unwrap()
    }

    /// A run of five stops, a quarter of an hour each from 08:15 on, a pause after the second, loading after the third. Of
    /// the stops those are done that have a time.
    fn run(told: [Option<&str>; 5]) -> Run {
        let clock = |quarter: usize| format!("{:02}:{:02}", 8 + quarter / 4, quarter % 4 * 15);
        let stop = |(at, told): (usize, Option<&str>)| {
            let outcome = told.map(|at| serde_json::json!({ "kind": "delivered", "at": at, "by": "a" }));
            let (eta, leave) = (clock(at + 1), clock(at + 2));
            serde_json::json!({
                "code": format!("K{at}"), "n": at + 1, "at": [13.1, 41.7], "door": "", "kit": null, "units": 1, "members": 1,
                "window": null, "eta": eta, "leave": leave, "needs": [], "notes": "", "locked": false, "outcome": outcome,
            })
        };
        let rest = |kind: &str, after: usize| serde_json::json!({ "kind": kind, "which": 0, "after": after, "from": clock(after + 1), "to": clock(after + 1) });
        let run = serde_json::json!({
            "id": "1", "crew": "a", "title": "", "depot": "", "start": [13.1, 41.7], "end": null, "depart": "08:00",
            "arrive": "10:00", "duration_s": 0, "distance_m": 0, "load": 5, "trips": 1,
            "line": { "type": "LineString", "coordinates": [] },
            "stops": told.into_iter().enumerate().map(stop).collect::<Vec<_>>(),
            "rests": [rest("break", 2), rest("reload", 3)],
        });
        serde_json::from_value(run).unwrap()
    }

    fn minutes(told: [Option<&str>; 5]) -> Vec<(Part, i64)> {
        let order = order();
        over(&order, &order.crews[0], &run(told)).into_iter().map(|(part, left_s)| (part, left_s / 60)).collect()
    }

    #[test]
    fn a_run_goes_on_where_and_when_its_crew_is() {
        use Part::{Rest, Stop};
        assert_eq!(minutes([None; 5]), []);
        // In the order of the plan, later than planned: 08:50 in Rome is 07:50 in Greenwich.
        let late = [Some("2026-11-24T07:50:00Z"), Some("2026-11-24T08:20:00Z"), None, None, None];
        assert_eq!(minutes(late), [(Stop(0), 530), (Stop(1), 560)]);
        // The fourth before the first: the crew stands at the first, has loaded, and has not paused, for it is only 08:40.
        let turned = [Some("2026-11-24T07:40:00Z"), None, None, Some("2026-11-24T07:30:00Z"), None];
        assert_eq!(minutes(turned), [(Rest(1), 510), (Stop(3), 510), (Stop(0), 520)]);
        // The same an hour later: it has paused too.
        let later = [Some("2026-11-24T08:40:00Z"), None, None, Some("2026-11-24T08:30:00Z"), None];
        assert_eq!(minutes(later), [(Rest(0), 525), (Rest(1), 540), (Stop(3), 570), (Stop(0), 580)]);
        // On another day, or long after the shift: the order is known, the times are those of the plan.
        for day in ["2026-11-20T08:", "2026-11-24T20:"] {
            let told = |minute: &str| format!("{day}{minute}:00Z");
            let (first, second) = (told("10"), told("20"));
            let seen = minutes([Some(&second), Some(&first), None, None, None]);
            assert_eq!(seen, [(Stop(1), 525), (Stop(0), 525)], "{day}");
        }
    }

    proptest! {
        /// Whatever is told and when: each deed is once, in the order it was told, and no clock runs backwards.
        #[test]
        fn no_clock_runs_backwards(told in prop::array::uniform5(prop::option::of(0_i64..200_000))) {
            let noon = "2026-11-23T12:00:00Z".parse::<jiff::Timestamp>().unwrap();
            let texts = told.map(|after| after.map(|s| (noon + jiff::SignedDuration::from_secs(s)).to_string()));
            let order = order();
            let seen = over(&order, &order.crews[0], &run(texts.each_ref().map(Option::as_deref)));
            prop_assert!(seen.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{seen:?}");
            let mut stops: Vec<usize> = (0..5).filter(|at| told[*at].is_some()).collect();
            stops.sort_by_key(|at| (told[*at], *at));
            let order: Vec<usize> = seen.iter().filter_map(|(part, _)| match part {
                Part::Stop(at) => Some(*at),
                Part::Rest(_) => None,
            }).collect();
            prop_assert_eq!(stops, order);
            let parts: BTreeSet<Part> = seen.iter().map(|(part, _)| *part).collect();
            prop_assert_eq!(parts.len(), seen.len());
        }
    }
}
