//! VROOM's problem in JSON, with ours beside: depots, reloads, territories, locks, what is done, fairness, objective.
//!
//! A key that nothing reads does not stop a problem, as it stops none in VROOM: the solution tells it among what it
//! `ignored` (`steps` too, from which VROOM may begin its search). What would ask for another answer is refused (`options.c`).

mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_ignored::Path;

pub(super) use self::read::Asked;
use crate::logistics::problem::{Costs, Fault};

/// Keys that nothing read, at most so many told.
const IGNORED_MAX: usize = 20;

/// A problem as it came, and the places in it that nothing reads. Errors: the place where it is no such problem, and why.
pub(super) fn parse(bytes: &[u8]) -> Result<(ProblemIn, Vec<String>), Fault> {
    let mut ignored = Vec::new();
    let json = &mut serde_json::Deserializer::from_slice(bytes);
    let read = serde_ignored::deserialize(&mut *json, |path| {
        if ignored.len() < IGNORED_MAX {
            ignored.push(place(&path));
        }
    });
    match read.and_then(|problem| json.end().map(|()| problem)) {
        Ok(problem) => Ok((problem, ignored)),
        Err(error) => Err(fault(bytes, &error)),
    }
}

/// Reads once more, slower, to say where it fails.
fn fault(bytes: &[u8], error: &serde_json::Error) -> Fault {
    let json = &mut serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, ProblemIn>(json) {
        Err(error) if error.path().iter().len() > 0 => Fault::new(error.path().to_string(), error.inner().to_string()),
        _ => Fault::new("problem", error.to_string()),
    }
}

/// A place as faults write it: `vehicles[0].steps`.
fn place(path: &Path<'_>) -> String {
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", place(parent)),
        Path::Map { parent, key } => match place(parent) {
            outer if outer.is_empty() => key.clone(),
            outer => format!("{outer}.{key}"),
        },
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => place(parent),
    }
}

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

/// How VROOM is told that the lines of the runs are wanted (`g`).
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OptionsIn {
    pub(super) g: bool,
    /// VROOM's plan mode, which we do not have.
    c: bool,
}

type Rows = Vec<Vec<Cell>>;

/// Seconds by type of vehicle.
type PerType = BTreeMap<Box<str>, u32>;

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
    setup_per_type: PerType,
    #[serde(default)]
    service_per_type: PerType,
    delivery: Option<Vec<u32>>,
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
    setup_per_type: PerType,
    #[serde(default)]
    service_per_type: PerType,
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
    per_task_hour: f64,
    per_km: f64,
}

impl Default for CostsIn {
    fn default() -> Self {
        let Costs { fixed, per_hour, per_task_hour, per_km } = Costs::default();
        Self { fixed, per_hour, per_task_hour, per_km }
    }
}

#[derive(Deserialize)]
struct VehicleIn {
    id: u64,
    description: Option<String>,
    r#type: Option<Box<str>>,
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
