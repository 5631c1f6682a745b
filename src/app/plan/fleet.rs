//! A plan in the words of the search: stops, crews, what is done, what is held.

mod held;

use std::collections::BTreeMap;

use super::{
    terrain::{self, Planes, Spots, Visited},
    work::Stopped,
};
use crate::{
    app::Error,
    casework::{
        order::{Crew, Depot, End, Fair, Order},
        plan::{Plan, Result as Found, Run, Site, Target},
    },
    logistics::problem::{Amount, Break, Draft, Fairness, Job, Limits, Matrix, Problem, Skills, Vehicle, Window},
    roads::profile::Profile,
};

/// Seconds that loading takes between two trips.
const RELOAD_S: u32 = 600;

/// A plan on its way to the search.
pub(super) struct Fleet<'a> {
    pub(super) order: &'a Order,
    pub(super) depots: &'a [Depot],
    pub(super) targets: &'a [Target],
    /// What held before, where it is planned again.
    before: Option<&'a Plan>,
    pub(super) spots: Spots,
    /// The place of each target, where it is to be reached.
    places: Vec<Option<usize>>,
    depot_places: Vec<usize>,
    /// The depot of each crew.
    pub(super) starts: Vec<usize>,
    ends: Vec<Option<usize>>,
    pub(super) profiles: Vec<Profile>,
    pub(super) skills: Vec<Box<str>>,
}

/// The number of a target among the jobs.
pub(super) const fn number(at: usize) -> u64 {
    at as u64 + 1
}

/// The number of a crew among the vehicles.
pub(super) const fn vehicle(crew: usize) -> u64 {
    crew as u64 + 1
}

/// A run and the place of its crew in the order.
pub(super) fn crew_of(order: &Order, run: &Run) -> Option<usize> {
    order.crews.iter().position(|crew| crew.id == run.crew)
}

/// The points where crews start: those of the order, else those that were chosen.
pub(super) fn depots(order: &Order, sites: &[Site]) -> Vec<Depot> {
    if !order.depots.is_empty() {
        return order.depots.clone();
    }
    sites.iter().map(|site| Depot { id: site.id.clone(), title: site.title.clone(), at: site.at }).collect()
}

/// The depot of each crew: its own; else where it was; else shared out, by what is to be carried from each, among those on
/// an open road. Where there is no depot at all (nobody is given anything, so no point was chosen) nobody sets out.
fn starts(order: &Order, (depots, on_road): (&[Depot], &[bool]), sites: &[Site], before: Option<&Found>) -> Vec<usize> {
    if depots.is_empty() {
        return vec![0; order.crews.len()];
    }
    let open: Vec<usize> = (0..depots.len()).filter(|at| on_road[*at]).collect();
    let open = if open.is_empty() { (0..depots.len()).collect() } else { open };
    let place = |id: &str| depots.iter().position(|depot| *depot.id == *id);
    let load = |depot: &Depot| sites.iter().find(|site| site.id == depot.id).map_or(1.0, |site| site.load.max(0.001));
    let loads: Vec<f64> = depots.iter().map(load).collect();
    let mut crews = vec![0_u32; depots.len()];
    let known = |crew: &Crew| {
        let was = || before?.runs.iter().find(|run| run.crew == crew.id).and_then(|run| place(&run.depot));
        crew.depot.as_deref().and_then(place).or_else(was)
    };
    let fixed: Vec<Option<usize>> = order.crews.iter().map(known).collect();
    for depot in fixed.iter().flatten() {
        crews[*depot] += 1;
    }
    let share = |fixed: Option<usize>| {
        fixed.unwrap_or_else(|| {
            // Nobody loads where nobody starts: each point has a crew before any has a second.
            let worth =
                |at: &usize| if crews[*at] == 0 { 1e12 + loads[*at] } else { loads[*at] / f64::from(crews[*at] + 1) };
            let best = open.iter().copied().max_by(|a, b| worth(a).total_cmp(&worth(b)).then(b.cmp(a))).unwrap_or(0);
            crews[best] += 1;
            best
        })
    };
    fixed.into_iter().map(share).collect()
}

/// Whether a crew starts from each of an order's own depots, of which some lie on an open road.
pub(super) fn staffed(order: &Order, on_road: &[bool], before: Option<&Found>) -> Vec<bool> {
    let starts = starts(order, (&order.depots, on_road), &[], before);
    (0..order.depots.len()).map(|depot| starts.contains(&depot)).collect()
}

impl<'a> Fleet<'a> {
    /// Lays the places of a plan out. Errors: those of profiles.
    pub(super) fn new(
        order: &'a Order,
        (depots, sites): (&'a [Depot], &[Site]),
        targets: &'a [Target],
        planes: &Planes,
        before: Option<&'a Plan>,
    ) -> Result<Self, Error> {
        let mut spots = Spots::default();
        let depot_places: Vec<usize> = depots.iter().map(|depot| spots.add(depot.at, None, Visited::NotYet)).collect();
        let found = before.and_then(|plan| plan.result.as_ref());
        let on_road: Vec<bool> = depots.iter().map(|depot| planes.snap(depot.at, None).is_ok()).collect();
        let starts = starts(order, (depots, &on_road), sites, found);
        let end = |(crew, start): (&Crew, &usize)| match crew.end {
            End::Depot => depot_places.get(*start).copied(),
            End::Open => None,
            End::At(at) => Some(spots.add(at, None, Visited::NotYet)),
        };
        let ends = order.crews.iter().zip(&starts).map(end).collect();
        let place = |target: &Target| {
            let told = before.filter(|plan| plan.outcome(&target.code).is_some());
            let done = told.is_some();
            // A crew was there after it had left the runs: nobody goes again.
            if told.is_some_and(|plan| plan.stop(&target.code).is_none()) {
                return None;
            }
            let at = target.at.filter(|_| target.given.is_some() && (done || target.refused.is_none()))?;
            Some(spots.add(at, target.street.as_deref(), if done { Visited::Before } else { Visited::NotYet }))
        };
        let places = targets.iter().map(place).collect();
        let (_, profiles) = terrain::profiles(order)?;
        let mut skills: Vec<Box<str>> = targets.iter().flat_map(|target| target.skills.iter().cloned()).collect();
        skills.extend(order.crews.iter().flat_map(|crew| crew.skills.iter().cloned()));
        skills.sort();
        skills.dedup();
        Ok(Self { order, depots, targets, before, spots, places, depot_places, starts, ends, profiles, skills })
    }

    /// Whether stock is bound to depots: then a stop belongs to the crews of the depot where its kit lies.
    fn is_bound(&self) -> bool {
        self.depots.len() > 1
            && self.targets.iter().any(|t| t.given.as_ref().is_some_and(|given| given.depot.is_some()))
    }

    fn named(&self, skills: impl Iterator<Item = &'a Box<str>>) -> Skills {
        Skills::new(skills.filter_map(|skill| self.skills.binary_search(skill).ok()).map(|at| at as u32))
    }

    fn job(&self, at: usize, location: usize, windows: &[Window]) -> Job {
        let target = &self.targets[at];
        let given = target.given.as_ref();
        let depot = given.and_then(|given| given.depot.as_deref()).filter(|_| self.is_bound());
        let territory = depot.and_then(|id| self.depots.iter().position(|depot| *depot.id == *id));
        Job {
            id: number(at),
            location,
            service_s: (self.order.service_minutes * 60.0).round() as u32,
            delivery: Amount(vec![given.map_or(0, |given| given.units)]),
            skills: self.named(target.skills.iter()),
            // Each class outweighs several of the next: where not all can be served, those of the first are.
            priority: [100, 40, 16, 6, 2].get(target.class as usize).copied().unwrap_or(0),
            windows: windows.to_vec(),
            territory: territory.map(|at| at as u32),
            ..Job::default()
        }
    }

    fn vehicle(&self, at: usize, crew: &'a Crew) -> Vehicle {
        let start = self.starts[at];
        let rest = |(id, rest): (u64, &crate::casework::order::Break)| Break {
            id,
            description: None,
            service_s: (rest.minutes * 60.0).round() as u32,
            windows: vec![Window { from_s: rest.from.seconds().into(), to_s: rest.to.seconds().into() }],
            max_load: None,
        };
        let [from, to] = crew.shift;
        Vehicle {
            start: self.depot_places.get(start).copied(),
            end: self.ends[at],
            capacity: Some(Amount(vec![crew.capacity])),
            skills: self.named(crew.skills.iter()),
            window: Some(Window { from_s: from.seconds().into(), to_s: to.seconds().into() }),
            breaks: (0..).zip(&crew.breaks).map(rest).collect(),
            max_tasks: crew.max_stops.map(|stops| stops as usize),
            reloads: if crew.reloads { vec![start] } else { Vec::new() },
            territory: self.is_bound().then_some(start as u32),
            ..Vehicle::new(vehicle(at), self.profiles[at].key())
        }
    }

    /// The problem over these matrices. Errors: `Broken` where it makes no sense, which its gate should have seen.
    pub(super) fn problem(&self, matrices: BTreeMap<String, Matrix>) -> Result<Problem, Stopped> {
        let windows = windows(self.order);
        let jobs = self.places.iter().enumerate().filter_map(|(at, place)| Some(self.job(at, (*place)?, &windows)));
        let depot = |(id, location): (u64, &usize)| crate::logistics::problem::Depot {
            id,
            location: *location,
            service_s: RELOAD_S,
            windows: Vec::new(),
        };
        let (done, locks) = self.held();
        let mut vehicles: Vec<Vehicle> =
            self.order.crews.iter().enumerate().map(|(at, crew)| self.vehicle(at, crew)).collect();
        for vehicle in &mut vehicles {
            if let Some(done) = done.get(&vehicle.id) {
                self.excuse(vehicle, done, &matrices);
            }
        }
        let draft = Draft {
            jobs: jobs.collect(),
            vehicles,
            depots: (0..).zip(&self.depot_places).map(depot).collect(),
            matrices,
            locks,
            done,
            fairness: match self.order.fair {
                Fair::None => Fairness::None,
                Fair::Time => Fairness::Time,
                Fair::Stops => Fairness::Stops,
            },
            ..Draft::default()
        };
        Problem::checked(draft, &Limits::default()).map_err(|faults| {
            let told: Vec<String> = faults.iter().take(3).map(ToString::to_string).collect();
            Stopped::Failed(format!("the runs cannot be planned: {}", told.join("; ")))
        })
    }

    /// Whether a target is among the stops of the problem.
    pub(super) fn is_reached(&self, at: usize) -> bool {
        self.places[at].is_some()
    }
}

/// When households may be visited, in order and apart.
fn windows(order: &Order) -> Vec<Window> {
    let mut all: Vec<[i64; 2]> =
        order.windows.iter().map(|[from, to]| [from.seconds().into(), to.seconds().into()]).collect();
    all.sort_unstable();
    let mut apart: Vec<Window> = Vec::with_capacity(all.len());
    for [from_s, to_s] in all {
        match apart.last_mut() {
            Some(last) if from_s <= last.to_s => last.to_s = last.to_s.max(to_s),
            _ => apart.push(Window { from_s, to_s }),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(crews: usize) -> Order {
        let crew = |n: usize| serde_json::json!({ "id": n.to_string(), "shift": ["08:00", "14:00"], "capacity": 5 });
        let order = serde_json::json!({
            "name": "Acqua", "people": { "filter": "fragile" }, "depots": [],
            "crews": (0..crews).map(crew).collect::<Vec<_>>(),
        });
        serde_json::from_value(order).unwrap()
    }

    fn depots(count: usize) -> Vec<Depot> {
        (0..count).map(|n| Depot { id: n.to_string().into(), title: "".into(), at: [13.1, 41.7] }).collect()
    }

    #[test]
    fn nobody_sets_out_where_no_point_was_chosen() {
        assert_eq!(starts(&order(3), (&[], &[]), &[], None), [0, 0, 0]);
    }

    #[test]
    fn no_crew_waits_at_a_depot_that_no_road_reaches() {
        let depots = depots(3);
        let shared = starts(&order(4), (&depots, &[true, false, true]), &[], None);
        assert!(!shared.contains(&1) && shared.contains(&0) && shared.contains(&2), "{shared:?}");
        assert_eq!(starts(&order(2), (&depots[..2], &[false, false]), &[], None), [0, 1]);
    }
}
