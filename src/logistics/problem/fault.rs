//! What makes no sense in a problem, and where.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt,
};

use super::{Amount, ByType, Costs, Deed, Draft, End, Lock, Task, Vehicle, Window};

/// Something that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: `vehicles[3].start`.
    pub place: String,
    /// Why.
    pub reason: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// How great a problem may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Stops, both ends of shipments counted.
    pub stops: usize,
    /// Vehicles.
    pub vehicles: usize,
    /// Places of a matrix.
    pub places: usize,
    /// Dimensions of amounts.
    pub dimensions: usize,
    /// Windows of one stop.
    pub windows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { stops: 20_000, vehicles: 5_000, places: 12_000, dimensions: 16, windows: 64 }
    }
}

/// No more faults than anybody reads.
const MOST: usize = 100;

/// No stop takes longer: sums of a run stay far from overflow.
const LONGEST_S: u32 = 100_000_000;

/// Instants beyond this are not instants.
const FAR_S: u64 = 1 << 40;

struct Reader<'a> {
    draft: &'a Draft,
    limits: &'a Limits,
    faults: Vec<Fault>,
    /// The places that all matrices have.
    places: usize,
}

/// Every fault of a draft, at most a hundred.
pub(super) fn faults(draft: &Draft, limits: &Limits) -> Vec<Fault> {
    let places = draft.matrices.values().map(super::Matrix::size).min().unwrap_or(0);
    let mut reader = Reader { draft, limits, faults: Vec::new(), places };
    reader.sizes();
    if reader.faults.is_empty() {
        reader.stops();
        reader.vehicles();
        reader.depots();
        reader.locks();
        reader.done();
    }
    reader.faults.truncate(MOST);
    reader.faults
}

impl Reader<'_> {
    fn fault(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        if self.faults.len() < MOST {
            self.faults.push(Fault::new(place, reason));
        }
    }

    fn sizes(&mut self) {
        let (draft, limits) = (self.draft, self.limits);
        if draft.vehicles.is_empty() {
            self.fault("vehicles", "there is none: nobody can go out");
        }
        let stops = draft.jobs.len() + 2 * draft.shipments.len();
        for (place, count, most) in [
            ("jobs", stops, limits.stops),
            ("vehicles", draft.vehicles.len(), limits.vehicles),
            ("depots", draft.depots.len(), limits.vehicles),
        ] {
            if count > most {
                self.fault(place, format!("{count}, at most {most} are planned at once"));
            }
        }
        for (profile, matrix) in &draft.matrices {
            if matrix.size() > limits.places {
                let reason = format!("{} places, at most {} are planned at once", matrix.size(), limits.places);
                self.fault(format!("matrices.{profile}"), reason);
            }
        }
    }

    fn stops(&mut self) {
        let draft = self.draft;
        let mut seen = HashSet::new();
        for (at, job) in draft.jobs.iter().enumerate() {
            let place = format!("jobs[{at}]");
            if !seen.insert(job.id) {
                self.fault(format!("{place}.id"), format!("{} is there twice", job.id));
            }
            self.location(&place, job.location);
            self.work(&place, (job.setup_s, job.service_s), &job.by_type);
            self.windows(&place, &job.windows);
            self.amount(&format!("{place}.delivery"), &job.delivery);
            self.amount(&format!("{place}.pickup"), &job.pickup);
            self.priority(&place, job.priority);
        }
        let (mut fetched, mut brought) = (HashSet::new(), HashSet::new());
        for (at, shipment) in draft.shipments.iter().enumerate() {
            let place = format!("shipments[{at}]");
            self.end(&format!("{place}.pickup"), &shipment.pickup, &mut fetched);
            self.end(&format!("{place}.delivery"), &shipment.delivery, &mut brought);
            self.amount(&format!("{place}.amount"), &shipment.amount);
            self.priority(&place, shipment.priority);
        }
    }

    fn end(&mut self, place: &str, end: &End, seen: &mut HashSet<u64>) {
        if !seen.insert(end.id) {
            self.fault(format!("{place}.id"), format!("{} is there twice", end.id));
        }
        self.location(place, end.location);
        self.work(place, (end.setup_s, end.service_s), &end.by_type);
        self.windows(place, &end.windows);
    }

    fn work(&mut self, place: &str, (setup_s, service_s): (u32, u32), by_type: &ByType) {
        let common = [("setup".to_owned(), setup_s), ("service".to_owned(), service_s)];
        let own = by_type.0.iter().flat_map(|(kind, work)| {
            [(format!("setup_per_type.{kind}"), work.setup_s), (format!("service_per_type.{kind}"), work.service_s)]
        });
        for (name, seconds) in common.into_iter().chain(own).filter(|(_, seconds)| *seconds > LONGEST_S) {
            self.fault(format!("{place}.{name}"), format!("{seconds} s, at most {LONGEST_S}"));
        }
    }

    fn location(&mut self, place: &str, location: usize) {
        if location >= self.places {
            let reason = format!("{location} is no place of the matrices, which have {}", self.places);
            self.fault(format!("{place}.location_index"), reason);
        }
    }

    fn windows(&mut self, place: &str, windows: &[Window]) {
        if windows.len() > self.limits.windows {
            self.fault(format!("{place}.time_windows"), format!("more than {}", self.limits.windows));
        }
        for (at, window) in windows.iter().enumerate() {
            let place = format!("{place}.time_windows[{at}]");
            if window.from_s > window.to_s {
                self.fault(&place, "ends before it begins");
            }
            if [window.from_s, window.to_s].iter().any(|at| at.unsigned_abs() > FAR_S) {
                self.fault(&place, "no instant is so far");
            }
        }
        let apart = windows.windows(2).all(|pair| pair[0].to_s < pair[1].from_s);
        if !apart {
            self.fault(format!("{place}.time_windows"), "are not in order, or overlap");
        }
    }

    fn amount(&mut self, place: &str, amount: &Amount) {
        if amount.0.len() > self.limits.dimensions {
            let reason = format!("{} dimensions, at most {}", amount.0.len(), self.limits.dimensions);
            self.fault(place, reason);
        }
    }

    fn priority(&mut self, place: &str, priority: u8) {
        if priority > 100 {
            self.fault(format!("{place}.priority"), format!("{priority} is not from 0 to 100"));
        }
    }

    fn vehicles(&mut self) {
        let draft = self.draft;
        let mut seen = HashSet::new();
        for (at, vehicle) in draft.vehicles.iter().enumerate() {
            let place = format!("vehicles[{at}]");
            if !seen.insert(vehicle.id) {
                self.fault(format!("{place}.id"), format!("{} is there twice", vehicle.id));
            }
            if !draft.matrices.contains_key(&vehicle.profile) {
                let known: Vec<&str> = draft.matrices.keys().map(String::as_str).collect();
                let reason = format!("there is no matrix {:?}, only {}", vehicle.profile, known.join(", "));
                self.fault(format!("{place}.profile"), reason);
            }
            for location in [vehicle.start, vehicle.end].into_iter().flatten() {
                self.location(&place, location);
            }
            self.windows(&place, vehicle.window.as_slice());
            if let Some(capacity) = &vehicle.capacity {
                self.amount(&format!("{place}.capacity"), capacity);
            }
            if !(0.01..=100.0).contains(&vehicle.speed_factor) {
                self.fault(format!("{place}.speed_factor"), format!("{} is not possible", vehicle.speed_factor));
            }
            self.costs(&place, vehicle);
            if vehicle.breaks.len() > self.limits.windows || vehicle.max_reloads > self.limits.windows {
                self.fault(&place, format!("more than {} breaks or reloads", self.limits.windows));
            }
            let mut breaks = BTreeSet::new();
            for (number, pause) in vehicle.breaks.iter().enumerate() {
                let place = format!("{place}.breaks[{number}]");
                if !breaks.insert(pause.id) {
                    self.fault(format!("{place}.id"), format!("{} is there twice", pause.id));
                }
                self.windows(&place, &pause.windows);
                self.work(&place, (0, pause.service_s), &ByType::default());
            }
            for (number, depot) in vehicle.reloads.iter().enumerate() {
                if *depot >= draft.depots.len() {
                    let reason = format!("there are {} depots", draft.depots.len());
                    self.fault(format!("{place}.reloads[{number}]"), reason);
                }
            }
        }
    }

    /// What it costs, and whether the matrices know what that is counted by.
    fn costs(&mut self, place: &str, vehicle: &Vehicle) {
        let costs = vehicle.costs;
        let of_road = [("per_hour", costs.per_hour), ("per_km", costs.per_km)];
        let all = [("fixed", costs.fixed), ("per_task_hour", costs.per_task_hour)].into_iter().chain(of_road);
        for (name, cost) in all.filter(|(_, cost)| !(0.0..=1e9).contains(cost)) {
            self.fault(format!("{place}.costs.{name}"), format!("{cost} is not a number from 0 to 1,000,000,000"));
        }
        let Some(matrix) = self.draft.matrices.get(&vehicle.profile) else { return };
        let plain = Costs::default();
        for ((name, cost), plain) in of_road.iter().zip([plain.per_hour, plain.per_km]) {
            if !matrix.costs().is_empty() && cost.to_bits() != plain.to_bits() {
                let reason = format!("matrices.{}.costs says what the road costs", vehicle.profile);
                self.fault(format!("{place}.costs.{name}"), reason);
            }
        }
        if matrix.size() > 0 && matrix.distances_m().is_empty() {
            let metres = [("costs.per_km", costs.per_km > 0.0), ("max_distance", vehicle.max_distance_m.is_some())];
            for (name, _) in metres.into_iter().filter(|(_, is_asked)| *is_asked) {
                self.fault(format!("{place}.{name}"), format!("matrices.{}.distances is missing", vehicle.profile));
            }
        }
    }

    fn depots(&mut self) {
        for (at, depot) in self.draft.depots.iter().enumerate() {
            let place = format!("depots[{at}]");
            self.location(&place, depot.location);
            self.work(&place, (0, depot.service_s), &ByType::default());
            self.windows(&place, &depot.windows);
        }
    }

    fn tasks(&self) -> HashSet<Task> {
        let jobs = self.draft.jobs.iter().map(|job| Task::Job(job.id));
        let ends = self.draft.shipments.iter().flat_map(|s| [Task::Pickup(s.pickup.id), Task::Delivery(s.delivery.id)]);
        jobs.chain(ends).collect()
    }

    fn locks(&mut self) {
        let draft = self.draft;
        let tasks = self.tasks();
        let vehicles: HashSet<u64> = draft.vehicles.iter().map(|vehicle| vehicle.id).collect();
        let mut held: BTreeMap<Task, u64> = BTreeMap::new();
        for (at, Lock { task, vehicle, .. }) in draft.locks.iter().enumerate() {
            let place = format!("locks[{at}]");
            if !tasks.contains(task) {
                self.fault(&place, format!("there is no {task:?}"));
            }
            if !vehicles.contains(vehicle) {
                self.fault(&place, format!("there is no vehicle {vehicle}"));
            }
            if held.insert(*task, *vehicle).is_some_and(|other| other != *vehicle) {
                self.fault(&place, format!("{task:?} is held by two vehicles"));
            }
        }
    }

    fn done(&mut self) {
        let draft = self.draft;
        let tasks = self.tasks();
        let mut seen = BTreeSet::new();
        for (id, steps) in &draft.done {
            let Some(vehicle) = draft.vehicles.iter().find(|vehicle| vehicle.id == *id) else {
                self.fault(format!("done.{id}"), format!("there is no vehicle {id}"));
                continue;
            };
            let mut left_s = i64::MIN;
            for (at, step) in steps.iter().enumerate() {
                let place = format!("done.{id}[{at}]");
                match step.deed {
                    Deed::Task(task) if !tasks.contains(&task) => self.fault(&place, format!("there is no {task:?}")),
                    Deed::Task(task) if !seen.insert(task) => self.fault(&place, format!("{task:?} is done twice")),
                    Deed::Break(id) if !vehicle.breaks.iter().any(|pause| pause.id == id) => {
                        self.fault(&place, format!("there is no break {id}"));
                    }
                    Deed::Reload(depot) if depot >= draft.depots.len() => {
                        self.fault(&place, format!("there is no depot {depot}"));
                    }
                    _ => {}
                }
                if step.left_s.is_some_and(|left| left < left_s || left.unsigned_abs() > FAR_S) {
                    self.fault(&place, "left before the step before it");
                }
                left_s = step.left_s.unwrap_or(left_s);
            }
        }
        for shipment in &draft.shipments {
            let (fetched, brought) = (Task::Pickup(shipment.pickup.id), Task::Delivery(shipment.delivery.id));
            let at = |task| {
                draft.done.iter().find_map(|(vehicle, steps)| {
                    Some((*vehicle, steps.iter().position(|step| step.deed == Deed::Task(task))?))
                })
            };
            match (at(fetched), at(brought)) {
                (None, Some((vehicle, n))) => self.fault(format!("done.{vehicle}[{n}]"), "brought but not fetched"),
                (Some(from), Some(to)) if from.0 != to.0 || from.1 > to.1 => {
                    self.fault(
                        format!("done.{}[{}]", to.0, to.1),
                        "brought before it was fetched, or by another vehicle",
                    );
                }
                _ => {}
            }
        }
    }
}
