//! What is worked out for an order.

use serde::{Deserialize, Serialize};

use super::{Clock, Code, LonLat, Outcome};

/// What is worked out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Result {
    /// The points that were chosen.
    pub sites: Vec<Site>,
    /// What no choice of points can be better than.
    pub lower_bound: Option<f64>,
    /// Whether the choice of points is the best there is.
    pub proved: bool,
    /// Who the points have no room for, where they are too small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowded: Option<Crowded>,
    /// Who is given something, by class.
    pub allocation: Vec<ClassServed>,
    /// What is left.
    pub stock: Vec<StockLeft>,
    /// Who goes where.
    pub runs: Vec<Run>,
    /// Who is left out, and why.
    pub unserved: Vec<Unserved>,
    /// All together.
    pub totals: Totals,
}

/// A point that was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Its place among the candidates.
    pub index: usize,
    /// Its name among the depots.
    pub id: Box<str>,
    /// Its title.
    pub title: Box<str>,
    /// Where it is.
    pub at: LonLat,
    /// Units of the households that it is the point of.
    pub load: f64,
}

/// Points that are too small: the households are served all the same, beyond what the points hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crowded {
    /// Households for which no point that was chosen has room.
    pub households: u32,
    /// Their units.
    pub units: f64,
    /// Units that as many points cannot hold, whichever are chosen.
    pub short: f64,
    /// In Italian.
    pub it: Box<str>,
    /// In English.
    pub en: Box<str>,
}

/// How a class of priority fared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassServed {
    /// Which, from 0.
    pub class: u32,
    /// Its title.
    pub title: Box<str>,
    /// Households in it.
    pub asked: u32,
    /// Households that a run reaches.
    pub served: u32,
    /// Why others are not, and how many.
    pub reasons: std::collections::BTreeMap<Box<str>, u32>,
}

/// What is left of a stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLeft {
    /// Which kit.
    pub kit: Box<str>,
    /// Where; none: wherever it is needed.
    pub depot: Option<Box<str>>,
    /// The lot.
    pub lot: Option<Box<str>>,
    /// What there was.
    pub units: u32,
    /// What is left.
    pub left: u32,
}

/// What a crew does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its name.
    pub id: Box<str>,
    /// Whose: a crew of the order.
    pub crew: Box<str>,
    /// The crew's title.
    pub title: Box<str>,
    /// The depot where it starts.
    pub depot: Box<str>,
    /// Where that is.
    pub start: LonLat,
    /// Where it ends; none: at its last stop.
    pub end: Option<LonLat>,
    /// When it starts.
    pub depart: Clock,
    /// When it is back.
    pub arrive: Clock,
    /// From start to end.
    pub duration_s: u32,
    /// How far.
    pub distance_m: u32,
    /// Units that it hands over.
    pub load: u32,
    /// How often it loads.
    pub trips: u32,
    /// The way.
    pub line: Line,
    /// Its stops in their order.
    pub stops: Vec<Stop>,
    /// What it does beside: rests, and coming back to load.
    #[serde(default)]
    pub rests: Vec<Rest>,
}

/// A line, as GeoJSON writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Line {
    /// A line.
    LineString {
        /// Longitude and latitude, degrees.
        coordinates: Vec<LonLat>,
    },
}

/// What a crew does beside its stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// What.
    pub kind: RestKind,
    /// Which of its breaks, or which depot, from 0.
    #[serde(default)]
    pub which: u32,
    /// After how many stops.
    pub after: u32,
    /// From.
    pub from: Clock,
    /// To.
    pub to: Clock,
}

/// What a crew does beside its stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RestKind {
    /// It rests.
    Break,
    /// It loads again.
    Reload,
}

/// A door where something is handed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    /// What says which stop is meant, and nothing else.
    pub code: Code,
    /// From 1.
    pub n: u32,
    /// Where.
    pub at: LonLat,
    /// Street and number.
    pub door: Box<str>,
    /// Which kit.
    pub kit: Option<Box<str>>,
    /// How many units.
    pub units: u32,
    /// Why the kit comes from the depot of this run, where several have stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Reason>,
    /// How many live there.
    pub members: u32,
    /// When it may be visited.
    pub window: Option<[Clock; 2]>,
    /// When the crew is expected.
    pub eta: Clock,
    /// When it goes on.
    pub leave: Clock,
    /// What the crew must be able to do.
    pub needs: Vec<Box<str>>,
    /// What whoever comes to the door should know.
    pub notes: Box<str>,
    /// Metres from the road where the vehicle stops to the door, as the crow flies.
    #[serde(default)]
    pub from_road_m: u32,
    /// Whether it stays where it is.
    pub locked: bool,
    /// How it went.
    pub outcome: Option<Outcome>,
}

/// Metres from the road from which a crew is told that it walks.
pub const WALK_M: u32 = 50;

impl Stop {
    /// Metres that the crew walks from the road, where they are worth telling.
    pub fn walk_m(&self) -> Option<u32> {
        (self.from_road_m > WALK_M).then_some(self.from_road_m)
    }
}

/// A household that no run reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unserved {
    /// What says which household is meant, and nothing else.
    pub code: Code,
    /// Where it is, where that is known.
    pub at: Option<LonLat>,
    /// Street and number.
    pub door: Box<str>,
    /// Its class of priority, from 0.
    pub class: u32,
    /// Why.
    pub reason: Reason,
    /// The cheapest thing that would change it.
    pub relaxation: Option<Relaxation>,
}

/// Why something is not, as a code and in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `no_place`, `unreachable`, `no_stock`, `skill`, `capacity`, `window`, `shift`, …
    pub code: Box<str>,
    /// In Italian.
    pub it: Box<str>,
    /// In English.
    pub en: Box<str>,
}

impl Reason {
    /// A reason and its words.
    pub fn new(code: &str, it: impl Into<Box<str>>, en: impl Into<Box<str>>) -> Self {
        Self { code: code.into(), it: it.into(), en: en.into() }
    }
}

/// What would have to change, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxation {
    /// In Italian.
    pub it: Box<str>,
    /// In English.
    pub en: Box<str>,
}

/// All together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Households on the list.
    pub households: u32,
    /// Households that a run reaches.
    pub stops: u32,
    /// Units that are handed over.
    pub units: u32,
    /// How far all crews go.
    pub distance_m: u64,
    /// How long all crews are out.
    pub duration_s: u64,
    /// Crews that set out.
    pub crews: u32,
    /// Households reached, of those on the list: 0 to 1.
    pub served_share: f64,
}
