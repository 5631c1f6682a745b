//! VROOM's problem in JSON, with ours beside: depots, reloads, territories, locks, what is done, fairness, objective.
//!
//! Keys that VROOM has and we do not read (`steps` of vehicles, options but `g`) are passed over, as VROOM passes over ours.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::logistics::problem::{
    Amount, Break, Costs, Deed, Depot, Done, Draft, End, Fairness, Fault, Hold, Job, Lock, Matrix, Objective, Shipment,
    Skills, Task, Vehicle, Window,
};

/// A problem as it comes.
#[derive(Deserialize)]
pub(super) struct ProblemIn {
    #[serde(default)]
    jobs: Vec<JobIn>,
    #[serde(default)]
    shipments: Vec<ShipmentIn>,
    #[serde(default)]
    vehicles: Vec<VehicleIn>,
    #[serde(default)]
    depots: Vec<DepotIn>,
    #[serde(default)]
    matrices: BTreeMap<String, MatrixIn>,
    /// As VROOM named the only one, once.
    #[serde(default)]
    matrix: Option<Rows>,
    #[serde(default)]
    locks: Vec<LockIn>,
    #[serde(default)]
    fairness: FairnessIn,
    #[serde(default)]
    objective: ObjectiveIn,
    #[serde(default)]
    pub(super) options: OptionsIn,
}

/// How VROOM is told that the lines of the runs are wanted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OptionsIn {
    pub(super) g: bool,
}

type Rows = Vec<Vec<Cell>>;

/// A number, or null where there is no way.
#[derive(Clone, Copy)]
struct Cell(f64);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::INFINITY)))
    }
}

#[derive(Deserialize)]
struct MatrixIn {
    durations: Option<Rows>,
    distances: Option<Rows>,
    costs: Option<Rows>,
}

#[derive(Deserialize)]
struct JobIn {
    id: u64,
    description: Option<String>,
    location: Option<[f64; 2]>,
    location_index: Option<usize>,
    #[serde(default)]
    setup: u32,
    #[serde(default)]
    service: u32,
    #[serde(default)]
    delivery: Vec<u32>,
    /// As VROOM named deliveries, once.
    amount: Option<Vec<u32>>,
    #[serde(default)]
    pickup: Vec<u32>,
    #[serde(default)]
    skills: Vec<u32>,
    #[serde(default)]
    priority: u8,
    #[serde(default)]
    time_windows: Vec<[i64; 2]>,
    territory: Option<u32>,
}

#[derive(Deserialize)]
struct EndIn {
    id: u64,
    description: Option<String>,
    location: Option<[f64; 2]>,
    location_index: Option<usize>,
    #[serde(default)]
    setup: u32,
    #[serde(default)]
    service: u32,
    #[serde(default)]
    time_windows: Vec<[i64; 2]>,
}

#[derive(Deserialize)]
struct ShipmentIn {
    pickup: EndIn,
    delivery: EndIn,
    #[serde(default)]
    amount: Vec<u32>,
    #[serde(default)]
    skills: Vec<u32>,
    #[serde(default)]
    priority: u8,
    territory: Option<u32>,
}

#[derive(Deserialize)]
struct BreakIn {
    id: u64,
    description: Option<String>,
    #[serde(default)]
    service: u32,
    #[serde(default)]
    time_windows: Vec<[i64; 2]>,
    max_load: Option<Vec<u32>>,
}

#[derive(Deserialize)]
#[serde(default)]
struct CostsIn {
    fixed: f64,
    per_hour: f64,
    per_km: f64,
}

impl Default for CostsIn {
    fn default() -> Self {
        let Costs { fixed, per_hour, per_km } = Costs::default();
        Self { fixed, per_hour, per_km }
    }
}

#[derive(Deserialize)]
struct VehicleIn {
    id: u64,
    description: Option<String>,
    profile: Option<String>,
    start: Option<[f64; 2]>,
    start_index: Option<usize>,
    end: Option<[f64; 2]>,
    end_index: Option<usize>,
    capacity: Option<Vec<u32>>,
    #[serde(default)]
    costs: CostsIn,
    #[serde(default)]
    skills: Vec<u32>,
    time_window: Option<[i64; 2]>,
    #[serde(default)]
    breaks: Vec<BreakIn>,
    speed_factor: Option<f64>,
    max_tasks: Option<usize>,
    max_travel_time: Option<u32>,
    max_distance: Option<u32>,
    /// Numbers of depots.
    #[serde(default)]
    reloads: Vec<u64>,
    max_reloads: Option<usize>,
    territory: Option<u32>,
    #[serde(default)]
    done: Vec<DoneIn>,
}

#[derive(Deserialize)]
struct DepotIn {
    id: u64,
    location: Option<[f64; 2]>,
    location_index: Option<usize>,
    #[serde(default)]
    service: u32,
    #[serde(default)]
    time_windows: Vec<[i64; 2]>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sort {
    Job,
    Pickup,
    Delivery,
    Break,
    Reload,
}

#[derive(Deserialize)]
struct DoneIn {
    r#type: Sort,
    id: u64,
    left: Option<i64>,
}

#[derive(Deserialize)]
struct LockIn {
    r#type: Sort,
    id: u64,
    vehicle: u64,
    #[serde(default)]
    hold: HoldIn,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum HoldIn {
    #[default]
    Vehicle,
    Order,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FairnessIn {
    #[default]
    None,
    Time,
    Stops,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ObjectiveIn {
    #[default]
    Cost,
    Fleet,
}

/// A draft that may still lack matrices.
pub(super) struct Asked {
    /// The problem.
    pub(super) draft: Draft,
    /// Coordinates (longitude, latitude) by index of the matrices, where they were told.
    pub(super) coordinates: Vec<Option<[f64; 2]>>,
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
    pub(super) fn draft(self) -> Result<Asked, Vec<Fault>> {
        let mut tables = self.matrices;
        if let Some(durations) = self.matrix {
            let table = MatrixIn { durations: Some(durations), distances: None, costs: None };
            tables.entry("car".to_owned()).or_insert(table);
        }
        let has_matrices = !tables.is_empty();
        let mut places = Places { coordinates: Vec::new(), known: BTreeMap::new(), has_matrices, faults: Vec::new() };
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

impl JobIn {
    fn read(self, at: usize, places: &mut Places) -> Job {
        Job {
            id: self.id,
            location: places.index(&format!("jobs[{at}]"), self.location_index, self.location),
            description: self.description,
            setup_s: self.setup,
            service_s: self.service,
            delivery: Amount(self.amount.unwrap_or(self.delivery)),
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
        let costs = Costs { fixed: self.costs.fixed, per_hour: self.costs.per_hour, per_km: self.costs.per_km };
        let plain = Vehicle::new(self.id, self.profile.as_deref().unwrap_or("car"));
        let vehicle = Vehicle {
            description: self.description,
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
