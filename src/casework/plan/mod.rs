//! A plan: an order, what was worked out for it, what was changed by hand, and how the deliveries went. Its serialised
//! form is the answer of `GET /api/plans/{id}`; what it remembers of the households beside that stays inside.

mod apply;
mod decide;
mod left;
mod result;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    apply::{Kept, apply},
    decide::{Command, Locking, Refusal, decide},
    result::{
        ClassServed, Crowded, Line, Reason, Relaxation, Rest, RestKind, Result, Run, Site, StockLeft, Stop, Totals,
        Unserved,
    },
};
pub use super::{
    delivery::{Outcome, Story},
    event::StreamId as PlanId,
    order::Order,
};
use super::{
    event::StreamId,
    moment::{self, Clock},
    order::LonLat,
};

/// What says which stop is meant and nothing else: letters and digits that were drawn for this plan.
pub type Code = Box<str>;

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is being worked out.
    Computing,
    /// It is worked out, and checked.
    Ready,
    /// The coordinator agreed to it.
    Approved,
    /// Every stop has its outcome.
    Closed,
    /// It could not be worked out.
    Failed,
    /// The coordinator did not want to wait.
    Cancelled,
}

impl State {
    /// Its word in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Computing => "computing",
            Self::Ready => "ready",
            Self::Approved => "approved",
            Self::Closed => "closed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How far a computation is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Progress {
    /// What is being done.
    pub stage: Box<str>,
    /// How much of it is done, in whatever it is counted in.
    pub done: u64,
    /// Of how much; 0: nobody knows.
    pub of: u64,
    /// The cost of the best runs so far.
    pub cost: Option<f64>,
}

/// A household on the list of a plan, with all that is needed to plan it again; sealed where it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Its code in this plan.
    pub code: Code,
    /// The household.
    pub household: u64,
    /// Where it is.
    pub at: Option<LonLat>,
    /// Street and number.
    pub door: Box<str>,
    /// The street, as the roads may know it.
    pub street: Option<Box<str>>,
    /// Its class of priority, from 0.
    pub class: u32,
    /// Its need.
    pub need: f64,
    /// How many they are.
    pub members: u32,
    /// What its crew must be able to do.
    pub skills: BTreeSet<Box<str>>,
    /// What whoever comes to the door should know.
    pub notes: Box<str>,
    /// What it is given.
    pub given: Option<Given>,
    /// Why it is given nothing, where it is.
    pub refused: Option<Reason>,
    /// What would change that.
    #[serde(default)]
    pub remedy: Option<Relaxation>,
}

/// What a household is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Which kit; none where the order names no stock.
    pub kit: Option<Box<str>>,
    /// How many units.
    pub units: u32,
    /// From where; none: from wherever its crew loads.
    pub depot: Option<Box<str>>,
    /// Why from there.
    #[serde(default)]
    pub why: Option<Reason>,
}

/// What was worked out, and from what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// What is shown.
    pub result: Result,
    /// Every household of the list.
    pub targets: Vec<Target>,
}

/// What happened to a plan, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It was ordered.
    Ordered {
        /// What.
        order: Box<Order>,
        /// In what capacity whoever ordered it acted: what may be looked at for it, also after a restart.
        role: Box<str>,
        /// The plan whose failed and unserved stops these are.
        #[serde(default)]
        after: Option<PlanId>,
    },
    /// It is to be worked out again; what is done or locked stays.
    Reordered {
        /// Under which closures.
        scenario: Option<StreamId>,
        /// How long to look.
        effort_seconds: f64,
        /// What chance begins with.
        seed: u64,
    },
    /// It was worked out.
    Computed {
        /// Which round of computing: one that was overtaken does not count.
        round: u32,
        /// What came out.
        work: Box<Work>,
    },
    /// It could not be worked out.
    Failed {
        /// Which round.
        round: u32,
        /// Why.
        reason: Box<str>,
    },
    /// Nobody wants to wait for it.
    Cancelled,
    /// A stop was moved by hand.
    Moved {
        /// Which version it was moved in: one that was overtaken does not count.
        version: u32,
        /// What came out.
        result: Box<Result>,
    },
    /// Stops are to stay where they are, or not.
    Locked {
        /// Which.
        codes: Vec<Code>,
        /// Whether.
        locked: bool,
    },
    /// The coordinator agreed to a version.
    Approved {
        /// Which.
        version: u32,
    },
    /// Somebody was at a stop.
    Delivered {
        /// Which.
        code: Code,
        /// How it went.
        outcome: Outcome,
    },
}

/// A plan as it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// Which.
    pub id: PlanId,
    /// Its title.
    pub name: Box<str>,
    /// How often it was worked out or changed by hand.
    pub version: u32,
    /// Where it stands.
    pub state: State,
    /// How far its computation is.
    pub progress: Progress,
    /// What went wrong with the last computation.
    pub reason: Option<Box<str>>,
    /// When it was ordered.
    #[serde(with = "moment::text")]
    pub at: Timestamp,
    /// By whom.
    pub by: Box<str>,
    /// When it was last changed.
    #[serde(with = "moment::text")]
    pub changed: Timestamp,
    /// The plan whose failed and unserved stops these are.
    pub after: Option<PlanId>,
    /// What was ordered, with the closures and the effort of the last computation.
    pub order: Order,
    /// What was worked out; while it is worked out again, what held before.
    pub result: Option<Result>,
    /// In what capacity whoever ordered it acted.
    #[serde(skip)]
    pub role: Box<str>,
    /// Rounds of computing.
    #[serde(skip)]
    pub round: u32,
    /// Where the computation of this round falls back to when it is cancelled or fails.
    #[serde(skip)]
    pub fallback: Option<State>,
    /// Every household of the list.
    #[serde(skip)]
    pub targets: Vec<Target>,
    /// Everything that was said of each stop.
    #[serde(skip)]
    pub told: BTreeMap<Code, Story>,
    /// The runs in which each stop was at some time: their crews may have been there, whoever has it now.
    #[serde(skip)]
    pub shown: BTreeMap<Code, BTreeSet<Box<str>>>,
    /// The stops that stay where they are.
    #[serde(skip)]
    pub locked: BTreeSet<Code>,
}

impl Plan {
    /// The stop of a code, and its run.
    pub fn stop(&self, code: &str) -> Option<(&Run, &Stop)> {
        let runs = self.result.iter().flat_map(|result| &result.runs);
        runs.flat_map(|run| run.stops.iter().map(move |stop| (run, stop))).find(|(_, stop)| &*stop.code == code)
    }

    /// A run by its name.
    pub fn run(&self, id: &str) -> Option<&Run> {
        self.result.iter().flat_map(|result| &result.runs).find(|run| &*run.id == id)
    }

    /// Whether a stop is or was in a run: a crew without a network does not hear that it has gone to another.
    pub fn was_shown(&self, code: &str, run: &str) -> bool {
        self.shown.get(code).is_some_and(|runs| runs.contains(run))
    }

    /// How it went at a stop, by the last deed.
    pub fn outcome(&self, code: &str) -> Option<&Outcome> {
        self.told.get(code).and_then(Story::last)
    }

    /// Whether the same was told of a stop, whenever that was.
    pub fn was_told(&self, code: &str, said: &Outcome) -> bool {
        let same = |one: &Outcome| (one.kind, one.units, &one.note) == (said.kind, said.units, &said.note);
        self.told.get(code).is_some_and(|told| told.iter().any(same))
    }

    /// Whether every stop has its outcome.
    pub fn is_done(&self) -> bool {
        let stops = self.result.iter().flat_map(|result| &result.runs).flat_map(|run| &run.stops);
        let mut count = 0;
        let all = stops.inspect(|_| count += 1).all(|stop| stop.outcome.is_some());
        all && count > 0
    }
}
