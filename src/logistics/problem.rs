//! What is to be planned: stops, crews, depots, times between places.
//!
//! VROOM's vocabulary; instants and lengths of time are whole seconds, distances whole metres. Any other unit does as
//! well (tenths, for benchmarks) as long as it is one. Places are indices into the matrices.

mod fault;
mod matrix;
mod work;

use std::collections::BTreeMap;

pub use fault::{Fault, Limits};
pub use matrix::{Matrix, UNREACHABLE};
pub use work::{ByType, Work};

/// Amounts of what is carried, one number a dimension (kits, kilograms, litres); missing dimensions are 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount(pub Vec<u32>);

impl Amount {
    /// The amount in a dimension.
    pub fn of(&self, dimension: usize) -> u32 {
        self.0.get(dimension).copied().unwrap_or(0)
    }

    /// Whether nothing is carried.
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(|amount| *amount == 0)
    }
}

/// Skills, as numbers that whoever asks has chosen; sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skills(Vec<u32>);

impl Skills {
    /// A set of skills.
    pub fn new(skills: impl IntoIterator<Item = u32>) -> Self {
        let mut skills: Vec<u32> = skills.into_iter().collect();
        skills.sort_unstable();
        skills.dedup();
        Self(skills)
    }

    /// Whether it holds all of the others.
    pub fn cover(&self, needed: &Self) -> bool {
        needed.0.iter().all(|skill| self.0.binary_search(skill).is_ok())
    }

    /// What of the needed is not here.
    pub fn lacking<'a>(&'a self, needed: &'a Self) -> impl Iterator<Item = u32> + 'a {
        needed.0.iter().copied().filter(|skill| self.0.binary_search(skill).is_err())
    }

    /// The skills, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }
}

/// When something may begin: both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// From this instant, in seconds.
    pub from_s: i64,
    /// To this instant, in seconds.
    pub to_s: i64,
}

impl Window {
    /// Any time.
    pub const ALWAYS: Self = Self { from_s: -(1 << 40), to_s: 1 << 40 };

    /// Whether an instant lies in it.
    pub const fn holds(&self, at_s: i64) -> bool {
        self.from_s <= at_s && at_s <= self.to_s
    }
}

/// One stop: something brought from the depot, or fetched to it, or only done there.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// Its number, once among jobs and shipments together.
    pub id: u64,
    /// What whoever asks calls it; comes back in the answer.
    pub description: Option<String>,
    /// Index of its place in the matrices.
    pub location: usize,
    /// Time before service, where the crew comes from another place.
    pub setup_s: u32,
    /// Time there.
    pub service_s: u32,
    /// Both, for vehicles of some types.
    pub by_type: ByType,
    /// What is brought, loaded at the depot.
    pub delivery: Amount,
    /// What is fetched, for the depot.
    pub pickup: Amount,
    /// What the crew must be able to do.
    pub skills: Skills,
    /// 0 to 100: where not all can be served, the higher sum is.
    pub priority: u8,
    /// When service may begin; none: any time.
    pub windows: Vec<Window>,
    /// The territory it lies in: only crews of that territory or of none come.
    pub territory: Option<u32>,
}

/// One end of a shipment.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// Its number, once among the ends of its sort.
    pub id: u64,
    /// What whoever asks calls it.
    pub description: Option<String>,
    /// Index of its place in the matrices.
    pub location: usize,
    /// Time before service, where the crew comes from another place.
    pub setup_s: u32,
    /// Time there.
    pub service_s: u32,
    /// Both, for vehicles of some types.
    pub by_type: ByType,
    /// When service may begin; none: any time.
    pub windows: Vec<Window>,
}

impl Job {
    /// How long it takes a vehicle.
    pub fn work(&self, vehicle: &Vehicle) -> Work {
        self.by_type.of(vehicle, Work { setup_s: self.setup_s, service_s: self.service_s })
    }
}

impl End {
    /// How long it takes a vehicle.
    pub fn work(&self, vehicle: &Vehicle) -> Work {
        self.by_type.of(vehicle, Work { setup_s: self.setup_s, service_s: self.service_s })
    }
}

/// Something fetched at one place and brought to another, by the same crew.
#[derive(Clone, Debug, Default)]
pub struct Shipment {
    /// Where it is fetched.
    pub pickup: End,
    /// Where it is brought.
    pub delivery: End,
    /// What is carried between them.
    pub amount: Amount,
    /// What the crew must be able to do.
    pub skills: Skills,
    /// 0 to 100.
    pub priority: u8,
    /// The territory it belongs to.
    pub territory: Option<u32>,
}

/// A pause that a crew takes if it goes out at all.
#[derive(Clone, Debug)]
pub struct Break {
    /// Its number, once a vehicle.
    pub id: u64,
    /// What whoever asks calls it.
    pub description: Option<String>,
    /// How long.
    pub service_s: u32,
    /// When it may begin; none: any time.
    pub windows: Vec<Window>,
    /// The most that may be on board meanwhile.
    pub max_load: Option<Amount>,
}

/// What a vehicle costs: a sum in one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// If it goes out.
    pub fixed: f64,
    /// An hour of travel.
    pub per_hour: f64,
    /// An hour of work at stops: setup and service.
    pub per_task_hour: f64,
    /// A kilometre.
    pub per_km: f64,
}

impl Default for Costs {
    /// A second of travel costs 1.
    fn default() -> Self {
        Self { fixed: 0.0, per_hour: 3600.0, per_task_hour: 0.0, per_km: 0.0 }
    }
}

/// A crew with its vehicle, for one shift.
#[derive(Clone, Debug)]
pub struct Vehicle {
    /// Its number.
    pub id: u64,
    /// What whoever asks calls it.
    pub description: Option<String>,
    /// Its type: stops may take some types longer than others.
    pub kind: Option<Box<str>>,
    /// Which matrix it drives by.
    pub profile: String,
    /// Where it begins; none: at its first stop.
    pub start: Option<usize>,
    /// Where it ends; none: at its last stop.
    pub end: Option<usize>,
    /// What it can carry; a problem's dimensions that it does not name are 0, none named: without bound.
    pub capacity: Option<Amount>,
    /// What the crew can do.
    pub skills: Skills,
    /// The shift.
    pub window: Option<Window>,
    /// Its pauses, in order.
    pub breaks: Vec<Break>,
    /// The most stops.
    pub max_tasks: Option<usize>,
    /// The most time on the road.
    pub max_travel_time_s: Option<u32>,
    /// The most metres.
    pub max_distance_m: Option<u32>,
    /// Twice as fast as the matrix says: 2.
    pub speed_factor: f64,
    /// What it costs.
    pub costs: Costs,
    /// Where it may load anew: indices of depots. None: one trip.
    pub reloads: Vec<usize>,
    /// The most times that it loads anew.
    pub max_reloads: usize,
    /// Its territory: it serves this one, and what lies in none.
    pub territory: Option<u32>,
}

impl Vehicle {
    /// A vehicle without any bound.
    pub fn new(id: u64, profile: &str) -> Self {
        Self {
            id,
            description: None,
            kind: None,
            profile: profile.to_owned(),
            start: None,
            end: None,
            capacity: None,
            skills: Skills::default(),
            window: None,
            breaks: Vec::new(),
            max_tasks: None,
            max_travel_time_s: None,
            max_distance_m: None,
            speed_factor: 1.0,
            costs: Costs::default(),
            reloads: Vec::new(),
            max_reloads: 8,
            territory: None,
        }
    }
}

/// Where goods are loaded in the middle of a run.
#[derive(Clone, Debug, Default)]
pub struct Depot {
    /// Its number.
    pub id: u64,
    /// Index of its place in the matrices.
    pub location: usize,
    /// Time to load.
    pub service_s: u32,
    /// When loading may begin; none: any time.
    pub windows: Vec<Window>,
}

/// A stop, as those who lock and undo name it: jobs and shipments have numbers of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Task {
    /// A job, by number.
    Job(u64),
    /// The fetching end of a shipment, by its number.
    Pickup(u64),
    /// The bringing end of a shipment, by its number.
    Delivery(u64),
}

/// How firmly a stop is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// By its vehicle, anywhere in the run.
    Vehicle,
    /// By its vehicle, after the stops so held that come before it in the list.
    Order,
}

/// A stop that stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Which.
    pub task: Task,
    /// With which vehicle, by number.
    pub vehicle: u64,
    /// How.
    pub hold: Hold,
}

/// What a crew has already done today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A stop.
    Task(Task),
    /// A pause, by its number.
    Break(u64),
    /// Loading, at the depot of that index.
    Reload(usize),
}

/// A step that is over: whatever is planned comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// What.
    pub deed: Deed,
    /// When the crew left, where that is known.
    pub left_s: Option<i64>,
}

/// What is fair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Fairness {
    /// Nobody asks.
    #[default]
    None,
    /// Every crew works about as long (road and service).
    Time,
    /// Every crew has about as many stops.
    Stops,
}

/// What is best, after the most urgent and the most stops are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Objective {
    /// The least cost.
    #[default]
    Cost,
    /// The fewest vehicles, then the least cost.
    Fleet,
}

/// Everything before it is checked.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Stops.
    pub jobs: Vec<Job>,
    /// Pairs of stops.
    pub shipments: Vec<Shipment>,
    /// Crews.
    pub vehicles: Vec<Vehicle>,
    /// Where to load anew.
    pub depots: Vec<Depot>,
    /// Times and distances by profile.
    pub matrices: BTreeMap<String, Matrix>,
    /// What stays.
    pub locks: Vec<Lock>,
    /// What is over, by vehicle number, in order.
    pub done: BTreeMap<u64, Vec<Done>>,
    /// What is fair.
    pub fairness: Fairness,
    /// What is best.
    pub objective: Objective,
}

/// A problem that makes sense: only [`Problem::checked`] makes one.
#[derive(Clone, Debug)]
pub struct Problem(Draft);

impl std::ops::Deref for Problem {
    type Target = Draft;

    fn deref(&self) -> &Draft {
        &self.0
    }
}

impl Problem {
    /// Checks a draft. Errors: every fault, each with its place (`vehicles[3].start`) and reason.
    pub fn checked(draft: Draft, limits: &Limits) -> Result<Self, Vec<Fault>> {
        let faults = fault::faults(&draft, limits);
        if faults.is_empty() { Ok(Self(draft)) } else { Err(faults) }
    }

    /// What it was made of, to be changed and checked again.
    pub fn into_draft(self) -> Draft {
        self.0
    }

    /// How many dimensions amounts have.
    pub fn dimensions(&self) -> usize {
        let jobs = self.jobs.iter().flat_map(|job| [job.delivery.0.len(), job.pickup.0.len()]);
        let shipments = self.shipments.iter().map(|shipment| shipment.amount.0.len());
        let vehicles = self.vehicles.iter().filter_map(|vehicle| vehicle.capacity.as_ref().map(|c| c.0.len()));
        jobs.chain(shipments).chain(vehicles).max().unwrap_or(0)
    }
}
