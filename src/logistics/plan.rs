//! What comes out: who goes where and when, and who is left out, and why.

use super::problem::Task;

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The run begins.
    Start,
    /// A job, or an end of a shipment.
    Task(Task),
    /// A pause, by its number.
    Break(u64),
    /// Loading at the depot of that index: the next trip begins.
    Reload(usize),
    /// The run ends.
    End,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub kind: Kind,
    /// Where, an index of the matrices; a pause is where the step before it is. `None`: nowhere in particular.
    pub location: Option<usize>,
    /// When the crew is there.
    pub arrival_s: i64,
    /// How long it waits before it begins.
    pub waiting_s: i64,
    /// Setting up.
    pub setup_s: u32,
    /// The service itself.
    pub service_s: u32,
    /// On board when it leaves, by dimension.
    pub load: Vec<i64>,
    /// Metres since the run began.
    pub distance_m: u64,
    /// Seconds on the road since the run began.
    pub duration_s: u64,
    /// Whether it is over: it was so, and no planning moves it.
    pub done: Over,
}

/// Whether a step is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// It was done.
    Done,
    /// It is planned.
    Ahead,
}

impl Step {
    /// When the crew leaves.
    pub fn leave_s(&self) -> i64 {
        self.arrival_s + self.waiting_s + i64::from(self.setup_s) + i64::from(self.service_s)
    }
}

/// What one vehicle does.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Which vehicle, by number.
    pub vehicle: u64,
    /// Steps in order, the start first.
    pub steps: Vec<Step>,
    /// What it costs, the fixed part within.
    pub cost: f64,
    /// Seconds on the road.
    pub travel_s: u64,
    /// Metres.
    pub distance_m: u64,
    /// Seconds of service.
    pub service_s: u64,
    /// Seconds of setting up.
    pub setup_s: u64,
    /// Seconds of waiting.
    pub waiting_s: u64,
}

impl Run {
    /// The tasks in order.
    pub fn tasks(&self) -> impl Iterator<Item = Task> + '_ {
        self.steps.iter().filter_map(|step| match step.kind {
            Kind::Task(task) => Some(task),
            _ => None,
        })
    }
}

/// Why a stop is not served, in the words of the constraint that stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No road leads there and on.
    Unreachable,
    /// No crew has the skills.
    Skills,
    /// No crew of its territory.
    Territory,
    /// It is held by a vehicle that cannot serve it.
    Locked,
    /// It does not fit on board.
    Capacity,
    /// Its window cannot be met.
    Window,
    /// The windows of stops after it would be missed.
    OtherWindows,
    /// The shift is too short.
    Shift,
    /// The pause would not be taken in time.
    Break,
    /// The crew has its most stops.
    Tasks,
    /// The crew has its most time on the road.
    TravelTime,
    /// The crew has its most metres.
    Distance,
    /// Each of several stands in the way of another crew: no single one would be enough.
    Several,
    /// Nothing stands in the way of it alone: the search found no better use of the crews.
    Effort,
}

impl Reason {
    /// The word used in documents.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Skills => "skills",
            Self::Territory => "territory",
            Self::Locked => "locked",
            Self::Capacity => "capacity",
            Self::Window => "window",
            Self::OtherWindows => "other_windows",
            Self::Shift => "shift",
            Self::Break => "break",
            Self::Tasks => "max_tasks",
            Self::TravelTime => "max_travel_time",
            Self::Distance => "max_distance",
            Self::Several => "several",
            Self::Effort => "effort",
        }
    }
}

/// The least change that would serve a stop, found by trying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relaxation {
    /// Its window opens so much earlier.
    WindowEarlier {
        /// So many seconds.
        by_s: i64,
        /// The vehicle that would come.
        vehicle: u64,
    },
    /// Its window closes so much later.
    WindowLater {
        /// So many seconds.
        by_s: i64,
        /// The vehicle that would come.
        vehicle: u64,
    },
    /// A shift begins so much earlier.
    ShiftEarlier {
        /// So many seconds.
        by_s: i64,
        /// Whose.
        vehicle: u64,
    },
    /// A shift ends so much later.
    ShiftLater {
        /// So many seconds.
        by_s: i64,
        /// Whose.
        vehicle: u64,
    },
    /// A vehicle carries so much more.
    Capacity {
        /// Which dimension.
        dimension: usize,
        /// So much.
        by: u32,
        /// Which vehicle.
        vehicle: u64,
    },
    /// A vehicle makes one stop more.
    Tasks {
        /// How many more.
        by: usize,
        /// Which vehicle.
        vehicle: u64,
    },
    /// A crew may be longer on the road.
    TravelTime {
        /// So many seconds.
        by_s: u64,
        /// Whose.
        vehicle: u64,
    },
    /// A crew may drive further.
    Distance {
        /// So many metres.
        by_m: u64,
        /// Whose.
        vehicle: u64,
    },
    /// A crew learns a skill.
    Skill {
        /// Which.
        skills: Vec<u32>,
        /// Whose.
        vehicle: u64,
    },
    /// A crew comes from another territory.
    Territory {
        /// Which vehicle.
        vehicle: u64,
    },
    /// A stop is no longer held by its vehicle.
    Unlock {
        /// The vehicle that would come.
        vehicle: u64,
    },
    /// One more crew like this one, with the skills that are needed.
    Crew {
        /// Like which vehicle.
        like: u64,
        /// Skills that it needs and the other has not.
        skills: Vec<u32>,
    },
}

/// A stop that nobody serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unassigned {
    /// Which; of a shipment both ends are named.
    pub task: Task,
    /// The constraint that stands in the way at the least price.
    pub reason: Reason,
    /// The others that stand in the way of some crew.
    pub others: Vec<Reason>,
    /// What would serve it, the cheapest; `None` where nothing that was tried would.
    pub relaxation: Option<Relaxation>,
}

/// Sums.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// What it costs.
    pub cost: f64,
    /// Vehicles that go out.
    pub runs: usize,
    /// Stops served.
    pub tasks: usize,
    /// Stops not served.
    pub unassigned: usize,
    /// Priorities served, both ends of a shipment counted.
    pub priority: u64,
    /// Seconds on the road.
    pub travel_s: u64,
    /// Metres.
    pub distance_m: u64,
    /// Seconds of service.
    pub service_s: u64,
    /// Seconds of setting up.
    pub setup_s: u64,
    /// Seconds of waiting.
    pub waiting_s: u64,
}

/// A plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Runs of the vehicles that go out, in the order of the problem's vehicles.
    pub runs: Vec<Run>,
    /// Who is left out.
    pub unassigned: Vec<Unassigned>,
    /// Sums.
    pub totals: Totals,
    /// Iterations of the search.
    pub iterations: u64,
}
