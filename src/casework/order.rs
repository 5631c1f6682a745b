//! The order of a plan: what the coordinator asks for. It is its own wire form.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    event::{IdempotencyKey, StreamId},
    moment::{self, Clock},
};

mod gate;

pub use gate::Fault;

/// Longitude and latitude, degrees, WGS 84.
pub type LonLat = [f64; 2];

/// Who is to be reached, with what, from where, by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Its title.
    pub name: Box<str>,
    /// Why: the legal basis or the event, as the audit log shall say it.
    #[serde(default)]
    pub purpose: Box<str>,
    /// Makes an order that is sent twice the same.
    #[serde(default)]
    pub key: Option<IdempotencyKey>,
    /// Who.
    pub people: People,
    /// Which roads are closed.
    #[serde(default)]
    pub scenario: Option<StreamId>,
    /// By what the crews move: `car`, `van`, `truck`, `foot`, `emergency`.
    #[serde(default = "van")]
    pub profile: Box<str>,
    /// Points to be chosen where kits are set down.
    #[serde(default)]
    pub sites: Option<Sites>,
    /// Where crews start from; none: the points that are chosen.
    #[serde(default)]
    pub depots: Vec<Depot>,
    /// What there is; none: as much as is needed.
    #[serde(default)]
    pub stock: Vec<Stock>,
    /// Who comes first, class by class; who is in none comes last.
    #[serde(default)]
    pub priority: Vec<Priority>,
    /// The number of the household by which those of one class are ordered, the greatest first.
    #[serde(default = "fragility")]
    pub need: Box<str>,
    /// How many units a household is given.
    #[serde(default)]
    pub kit_units: KitUnits,
    /// What some need beside the kit.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// By whom.
    pub crews: Vec<Crew>,
    /// How long a stop takes.
    #[serde(default = "five")]
    pub service_minutes: f64,
    /// When households may be visited; none: at any time of a shift.
    #[serde(default)]
    pub windows: Vec<[Clock; 2]>,
    /// What is to be shared fairly among the crews.
    #[serde(default)]
    pub fair: Fair,
    /// On which day; none: the day of the order.
    #[serde(default, with = "moment::text_or_none")]
    pub day: Option<Date>,
    /// How long to look for better runs.
    #[serde(default = "ten")]
    pub effort_seconds: f64,
    /// What chance begins with: the same order with the same seed and effort in rounds gives the same plan.
    #[serde(default = "one")]
    pub seed: u64,
}

fn van() -> Box<str> {
    "van".into()
}

fn fragility() -> Box<str> {
    "fragility".into()
}

fn five() -> f64 {
    5.0
}

fn ten() -> f64 {
    10.0
}

fn one() -> u64 {
    1
}

/// Which households: those of the filter that lie in the area, or a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// CQL2 over the fields of households.
    #[serde(default)]
    pub filter: Option<Box<str>>,
    /// `cql2-text` or `cql2-json`.
    #[serde(default, rename = "filter-lang")]
    pub filter_lang: Option<Box<str>>,
    /// An area, as `POST /api/ask` takes it.
    #[serde(default)]
    pub area: Option<Value>,
    /// The households themselves.
    #[serde(default)]
    pub households: Option<Vec<u64>>,
    /// By the numbers of which data the households are named (`generation` of `/api/town` and of every answer): after another
    /// import they may be others. None: of the data that are served when the plan is ordered.
    #[serde(default)]
    pub generation: Option<Box<str>>,
}

/// Points to be chosen among candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sites {
    /// How many.
    pub count: usize,
    /// The candidates: every feature of a layer.
    #[serde(default)]
    pub layer: Option<Box<str>>,
    /// The candidates, one by one.
    #[serde(default)]
    pub places: Vec<Depot>,
    /// What makes a choice good.
    #[serde(default)]
    pub objective: SiteObjective,
    /// Within how many minutes a household counts as covered.
    #[serde(default)]
    pub within_minutes: Option<f64>,
    /// Units that a point can hold.
    #[serde(default)]
    pub capacity: Option<f64>,
    /// Candidates that are chosen already, by their place in the list.
    #[serde(default)]
    pub fixed: Vec<usize>,
}

/// What makes a choice of points good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteObjective {
    /// The way of all together is short.
    #[default]
    PMedian,
    /// The longest way is short.
    PCenter,
    /// Many are within the time.
    MaxCover,
}

/// A place where crews start, load, end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Depot {
    /// Its name in the order.
    pub id: Box<str>,
    /// Its title.
    #[serde(default)]
    pub title: Box<str>,
    /// Where it is.
    pub at: LonLat,
}

/// Kits of one kind in one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stock {
    /// Which kit.
    pub kit: Box<str>,
    /// Its title.
    #[serde(default)]
    pub title: Box<str>,
    /// Where it is; none: wherever it is needed.
    #[serde(default)]
    pub depot: Option<Box<str>>,
    /// How many.
    pub units: u32,
    /// The lot.
    #[serde(default)]
    pub lot: Option<Box<str>>,
    /// The last day on which it may be handed over.
    #[serde(default, with = "moment::text_or_none")]
    pub expires: Option<Date>,
    /// For households of how many, from and to.
    #[serde(default)]
    pub members: Option<[u32; 2]>,
    /// What its transport needs: `cold-chain`.
    #[serde(default)]
    pub needs: Vec<Box<str>>,
}

/// A class of priority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    /// Its title.
    pub title: Box<str>,
    /// Who is in it: CQL2.
    pub filter: Box<str>,
}

/// How many units a household is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitUnits {
    /// One for what.
    pub per: Per,
}

/// One unit for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// For each household.
    #[default]
    Household,
    /// For each of its members.
    Member,
}

/// What some need beside the kit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Who: CQL2.
    pub filter: Box<str>,
    /// What: a skill of the crew.
    pub skill: Box<str>,
}

/// Who sets out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crew {
    /// Its name in the order.
    pub id: Box<str>,
    /// Its title.
    #[serde(default)]
    pub title: Box<str>,
    /// Where it starts; none: the depot that suits it.
    #[serde(default)]
    pub depot: Option<Box<str>>,
    /// Where it ends.
    #[serde(default)]
    pub end: End,
    /// From when to when.
    pub shift: [Clock; 2],
    /// Units that it carries at once.
    pub capacity: u32,
    /// What it can do.
    #[serde(default)]
    pub skills: Vec<Box<str>>,
    /// By what it moves; none: as the plan says.
    #[serde(default)]
    pub profile: Option<Box<str>>,
    /// When it rests.
    #[serde(default)]
    pub breaks: Vec<Break>,
    /// Stops at most.
    #[serde(default)]
    pub max_stops: Option<u32>,
    /// Whether it may come back to load again.
    #[serde(default)]
    pub reloads: bool,
}

/// Where a crew ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum End {
    /// Where it started.
    #[default]
    Depot,
    /// At its last stop.
    Open,
    /// Somewhere else.
    At(LonLat),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WrittenEnd {
    Word(Box<str>),
    At(LonLat),
}

impl Serialize for End {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Depot => WrittenEnd::Word("depot".into()),
            Self::Open => WrittenEnd::Word("open".into()),
            Self::At(at) => WrittenEnd::At(*at),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for End {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || serde::de::Error::custom("an end is \"depot\", \"open\" or [lon, lat]");
        match WrittenEnd::deserialize(deserializer).map_err(|_| wrong())? {
            WrittenEnd::Word(word) if &*word == "depot" => Ok(Self::Depot),
            WrittenEnd::Word(word) if &*word == "open" => Ok(Self::Open),
            WrittenEnd::At(at) => Ok(Self::At(at)),
            WrittenEnd::Word(_) => Err(wrong()),
        }
    }
}

/// A rest within a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// Not before.
    pub from: Clock,
    /// Begun by then.
    pub to: Clock,
    /// How long.
    pub minutes: f64,
}

/// What is shared fairly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fair {
    /// Nothing: the least work of all together.
    #[default]
    None,
    /// Time.
    Time,
    /// Stops.
    Stops,
}
