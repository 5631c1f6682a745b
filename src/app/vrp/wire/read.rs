//! From VROOM's words to a draft of a problem.

use std::collections::BTreeMap;

use super::{
    BreakIn, CostsIn, DepotIn, EndIn, FairnessIn, HoldIn, JobIn, LockIn, MatrixIn, ObjectiveIn, PerType, ProblemIn,
    Rows, ShipmentIn, Sort, VehicleIn,
};
use crate::logistics::problem::{
    Amount, Break, ByType, Costs, Deed, Depot, Done, Draft, End, Fairness, Fault, Hold, Job, Lock, Matrix, Objective,
    Shipment, Skills, Task, Vehicle, Window, Work,
};

/// A draft that may still lack matrices.
pub(in crate::app::vrp) struct Asked {
    /// The problem.
    pub(in crate::app::vrp) draft: Draft,
    /// Coordinates (longitude, latitude) by index of the matrices, where they were told.
    pub(in crate::app::vrp) coordinates: Vec<Option<[f64; 2]>>,
}

/// Gives places their index.
struct Places {
    coordinates: Vec<Option<[f64; 2]>>,
    known: BTreeMap<[u64; 2], usize>,
    has_matrices: bool,
    faults: Vec<Fault>,
}

impl Places {
    fn index(&mut self, place: &str, index: Option<usize>, at: Option<[f64; 2]>) -> usize {
        if let Some([lon, lat]) =
            at.filter(|[lon, lat]| !((-180.0..=180.0).contains(lon) && (-90.0..=90.0).contains(lat)))
        {
            self.faults.push(Fault::new(place, format!("[{lon}, {lat}] is not a longitude and a latitude")));
            return 0;
        }
        match (index, at) {
            (Some(index), at) if self.has_matrices => {
                // An index beyond every matrix is told by the check, not by memory.
                if at.is_some() && index < 1 << 16 {
                    self.coordinates.resize(self.coordinates.len().max(index + 1), None);
                    self.coordinates[index] = at;
                }
                index
            }
            (_, Some(at)) => {
                let next = self.coordinates.len();
                let index = *self.known.entry(at.map(f64::to_bits)).or_insert(next);
                if index == next {
                    self.coordinates.push(Some(at));
                }
                index
            }
            (Some(_), None) => {
                self.faults.push(Fault::new(place, "an index without matrices means nothing: give coordinates"));
                0
            }
            (None, None) => {
                self.faults.push(Fault::new(place, "neither location_index nor location"));
                0
            }
        }
    }
}

fn windows(pairs: &[[i64; 2]]) -> Vec<Window> {
    pairs.iter().map(|[from_s, to_s]| Window { from_s: *from_s, to_s: *to_s }).collect()
}

impl ProblemIn {
    /// The draft of the problem. Errors: every fault, with its place.
    pub(in crate::app::vrp) fn draft(self) -> Result<Asked, Vec<Fault>> {
        let mut tables = self.matrices;
        let mut faults = Vec::new();
        if self.options.c {
            faults.push(Fault::new("options.c", "runs that are given are not timed: only problems are solved"));
        }
        if let Some(durations) = self.matrix {
            let table = MatrixIn { durations: Some(durations), distances: None, costs: None };
            if tables.insert("car".to_owned(), table).is_some() {
                faults.push(Fault::new("matrix", "matrices.car is there too: one of them is enough"));
            }
        }
        let has_matrices = !tables.is_empty();
        let mut places = Places { coordinates: Vec::new(), known: BTreeMap::new(), has_matrices, faults };
        let mut matrices = BTreeMap::new();
        for (profile, table) in tables {
            match matrix(&profile, table) {
                Ok(matrix) => drop(matrices.insert(profile, matrix)),
                Err(faults) => places.faults.extend(faults),
            }
        }
        let jobs = self.jobs.into_iter().enumerate().map(|(at, job)| job.read(at, &mut places)).collect();
        let shipments = self.shipments.into_iter().enumerate().map(|(at, one)| one.read(at, &mut places)).collect();
        let numbers: BTreeMap<u64, usize> = self.depots.iter().enumerate().map(|(at, depot)| (depot.id, at)).collect();
        let depots = self.depots.into_iter().enumerate().map(|(at, depot)| depot.read(at, &mut places)).collect();
        let mut done = BTreeMap::new();
        let mut vehicles = Vec::with_capacity(self.vehicles.len());
        for (at, vehicle) in self.vehicles.into_iter().enumerate() {
            let (id, vehicle, over) = vehicle.read(at, &numbers, &mut places);
            if !over.is_empty() {
                done.insert(id, over);
            }
            vehicles.push(vehicle);
        }
        let locks: Vec<Lock> =
            self.locks.iter().enumerate().filter_map(|(at, lock)| lock.read(at, &mut places.faults)).collect();
        let fairness = match self.fairness {
            FairnessIn::None => Fairness::None,
            FairnessIn::Time => Fairness::Time,
            FairnessIn::Stops => Fairness::Stops,
        };
        let objective = match self.objective {
            ObjectiveIn::Cost => Objective::Cost,
            ObjectiveIn::Fleet => Objective::Fleet,
        };
        let draft = Draft { jobs, shipments, vehicles, depots, matrices, locks, done, fairness, objective };
        let Places { coordinates, faults, .. } = places;
        if faults.is_empty() { Ok(Asked { draft, coordinates }) } else { Err(faults) }
    }
}

fn matrix(profile: &str, table: MatrixIn) -> Result<Matrix, Vec<Fault>> {
    let cells = |name: &str, rows: Option<Rows>| {
        let rows: Vec<Vec<f64>> =
            rows.unwrap_or_default().into_iter().map(|row| row.into_iter().map(|cell| cell.0).collect()).collect();
        let size = rows.len();
        Ok::<_, Vec<Fault>>((Matrix::cells(&format!("matrices.{profile}.{name}"), &rows)?, size))
    };
    if table.durations.is_none() {
        return Err(vec![Fault::new(format!("matrices.{profile}.durations"), "missing")]);
    }
    let (durations, size) = cells("durations", table.durations)?;
    let (distances, _) = cells("distances", table.distances)?;
    let has_costs = table.costs.is_some();
    let (costs, _) = cells("costs", table.costs)?;
    let named = |fault: Fault| vec![Fault::new(format!("matrices.{profile}.{}", fault.place), fault.reason)];
    let matrix = Matrix::new(size, durations, distances).map_err(named)?;
    if has_costs { matrix.with_costs(costs).map_err(named) } else { Ok(matrix) }
}

/// How long a stop takes the types of which something is said.
fn by_type((setup_s, setups): (u32, PerType), (service_s, services): (u32, PerType)) -> ByType {
    let mut works = BTreeMap::new();
    let common = Work { setup_s, service_s };
    for (kind, setup_s) in setups {
        works.insert(kind, Work { setup_s, ..common });
    }
    for (kind, service_s) in services {
        works.entry(kind).or_insert(common).service_s = service_s;
    }
    ByType(works)
}

impl JobIn {
    fn read(self, at: usize, places: &mut Places) -> Job {
        let place = format!("jobs[{at}]");
        if self.amount.is_some() && self.delivery.is_some() {
            places.faults.push(Fault::new(format!("{place}.amount"), "is what delivery was called: give one of them"));
        }
        Job {
            by_type: by_type((self.setup, self.setup_per_type), (self.service, self.service_per_type)),
            id: self.id,
            location: places.index(&place, self.location_index, self.location),
            description: self.description,
            setup_s: self.setup,
            service_s: self.service,
            delivery: Amount(self.delivery.or(self.amount).unwrap_or_default()),
            pickup: Amount(self.pickup),
            skills: Skills::new(self.skills),
            priority: self.priority,
            windows: windows(&self.time_windows),
            territory: self.territory,
        }
    }
}

impl EndIn {
    fn read(self, place: &str, places: &mut Places) -> End {
        End {
            by_type: by_type((self.setup, self.setup_per_type), (self.service, self.service_per_type)),
            id: self.id,
            location: places.index(place, self.location_index, self.location),
            description: self.description,
            setup_s: self.setup,
            service_s: self.service,
            windows: windows(&self.time_windows),
        }
    }
}

impl ShipmentIn {
    fn read(self, at: usize, places: &mut Places) -> Shipment {
        Shipment {
            pickup: self.pickup.read(&format!("shipments[{at}].pickup"), places),
            delivery: self.delivery.read(&format!("shipments[{at}].delivery"), places),
            amount: Amount(self.amount),
            skills: Skills::new(self.skills),
            priority: self.priority,
            territory: self.territory,
        }
    }
}

impl DepotIn {
    fn read(self, at: usize, places: &mut Places) -> Depot {
        Depot {
            id: self.id,
            location: places.index(&format!("depots[{at}]"), self.location_index, self.location),
            service_s: self.service,
            windows: windows(&self.time_windows),
        }
    }
}

impl LockIn {
    fn read(&self, at: usize, faults: &mut Vec<Fault>) -> Option<Lock> {
        let Deed::Task(task) = deed(self.r#type, self.id, &BTreeMap::new())? else {
            faults.push(Fault::new(format!("locks[{at}].type"), "job, pickup or delivery can be locked"));
            return None;
        };
        let hold = match self.hold {
            HoldIn::Vehicle => Hold::Vehicle,
            HoldIn::Order => Hold::Order,
        };
        Some(Lock { task, vehicle: self.vehicle, hold })
    }
}

fn deed(sort: Sort, id: u64, depots: &BTreeMap<u64, usize>) -> Option<Deed> {
    Some(match sort {
        Sort::Job => Deed::Task(Task::Job(id)),
        Sort::Pickup => Deed::Task(Task::Pickup(id)),
        Sort::Delivery => Deed::Task(Task::Delivery(id)),
        Sort::Break => Deed::Break(id),
        Sort::Reload => Deed::Reload(*depots.get(&id)?),
    })
}

impl VehicleIn {
    fn read(self, at: usize, depots: &BTreeMap<u64, usize>, places: &mut Places) -> (u64, Vehicle, Vec<Done>) {
        let mut end = |name: &str, index: Option<usize>, coordinates: Option<[f64; 2]>| {
            let is_told = index.is_some() || coordinates.is_some();
            is_told.then(|| places.index(&format!("vehicles[{at}].{name}"), index, coordinates))
        };
        let (start, end) = (end("start", self.start_index, self.start), end("end", self.end_index, self.end));
        let mut number = |place: String, id: u64| {
            let index = depots.get(&id).copied();
            if index.is_none() {
                places.faults.push(Fault::new(place, format!("there is no depot {id}")));
            }
            index
        };
        let reload = |(n, id): (usize, &u64)| number(format!("vehicles[{at}].reloads[{n}]"), *id);
        let reloads = self.reloads.iter().enumerate().filter_map(reload).collect();
        let mut done = Vec::with_capacity(self.done.len());
        for (n, step) in self.done.iter().enumerate() {
            if let Some(deed) = deed(step.r#type, step.id, depots) {
                done.push(Done { deed, left_s: step.left });
            } else {
                let place = format!("vehicles[{at}].done[{n}]");
                places.faults.push(Fault::new(place, format!("there is no depot {}", step.id)));
            }
        }
        let pause = |pause: BreakIn| Break {
            id: pause.id,
            description: pause.description,
            service_s: pause.service,
            windows: windows(&pause.time_windows),
            max_load: pause.max_load.map(Amount),
        };
        // VROOM's instants begin at 0.
        let window =
            self.time_window.map_or(Window { from_s: 0, ..Window::ALWAYS }, |[from_s, to_s]| Window { from_s, to_s });
        let CostsIn { fixed, per_hour, per_task_hour, per_km } = self.costs;
        let costs = Costs { fixed, per_hour, per_task_hour, per_km };
        let plain = Vehicle::new(self.id, self.profile.as_deref().unwrap_or("car"));
        let vehicle = Vehicle {
            description: self.description,
            kind: self.r#type,
            start,
            end,
            capacity: self.capacity.map(Amount),
            skills: Skills::new(self.skills),
            window: Some(window),
            breaks: self.breaks.into_iter().map(pause).collect(),
            max_tasks: self.max_tasks,
            max_travel_time_s: self.max_travel_time,
            max_distance_m: self.max_distance,
            speed_factor: self.speed_factor.unwrap_or(1.0),
            costs,
            reloads,
            max_reloads: self.max_reloads.unwrap_or(plain.max_reloads),
            territory: self.territory,
            ..plain
        };
        (self.id, vehicle, done)
    }
}
