//! Stock that is scarce, given to those who come first: by class, then need, then a declared tie-break.
//!
//! A claim is refused a kit only when nobody after it gets that kit, so every refusal can be explained to whoever was
//! refused. What is given never exceeds what is there, at any depot.
//!
//! Stock lies at depots, and a crew carries what its own depot holds. Therefore whatever a claim gets, it gets from one
//! depot. Which one is the last thing that is decided, after who comes first:
//!
//! 1. of the depots that reach the claim, those that have all it asks for; where none has, those that have most of it;
//! 2. of these, the one whose kit is made for the narrowest range of sizes, so that a wide kit stays for a great family;
//! 3. of these, the one that is nearest by road ([`Leg::time_s`]; a depot where nobody sets out comes after all others);
//! 4. of these, the one whose lot expires soonest, then by kit, lot and depot.
//!
//! At that depot the lots are taken in the order of 2 and 4. A decision tells how far its depot is and which nearer ones had
//! nothing (left) for it. A claim without depots takes from anywhere, in the order of 2 and 4, from several at once if need
//! be.

mod rank;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;

use std::collections::BTreeSet;

use jiff::civil::Date;

/// What a kit meets and a household needs, as `cold-chain`. A kit is for those who need all of it, and nothing else.
pub type Needs = BTreeSet<String>;

/// A household that should get something.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Whose it is; each once.
    pub id: u64,
    /// Its declared class; 0 comes first.
    pub class: u32,
    /// How great the need is: the greater comes first within a class. Finite.
    pub need: f64,
    /// Decides where class and need are the same: the smaller comes first. The same tie too: the smaller id.
    pub tie: u64,
    /// Members of the household, 1 at least: they decide the kit.
    pub members: u32,
    /// Units that are asked for: 1, or one a member.
    pub units: u32,
    /// What the kit must meet. Needs of the ride alone (a ramp, a 4×4) do not belong here.
    pub needs: Needs,
    /// The depots that reach it, each once; none: from anywhere.
    pub depots: Option<Vec<Leg>>,
}

/// The way from a depot to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which depot.
    pub depot: String,
    /// Seconds by road.
    pub time_s: u32,
    /// Whether a crew sets out from there.
    pub crew: Crew,
}

/// Whether a depot has a crew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Crew {
    /// Somebody sets out from there.
    There,
    /// Nobody does: its kits are given where no other are left.
    None,
}

/// A lot of kits at a depot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    /// What is in it.
    pub kit: String,
    /// Where it lies.
    pub depot: String,
    /// Its lot, where that is known.
    pub lot: Option<String>,
    /// The last day on which it may be given; none: it keeps.
    pub expires: Option<Date>,
    /// Units there are.
    pub units: u32,
    /// The household that it is made for, in members, both ends included.
    pub serves: (u32, u32),
    /// What it meets; it is for those who need all of that and nothing else.
    pub meets: Needs,
}

/// Units of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which lot, by its place in the list.
    pub stock: usize,
    /// How many, 1 at least.
    pub units: u32,
}

/// Why a claim got nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No kit lies at its depot.
    Depot,
    /// No kit there meets just its needs.
    Needs,
    /// No kit there that meets its needs is for a household of its size.
    Size,
    /// All that suits it is past its day.
    Expired,
    /// All that suits it went to those before it.
    Exhausted,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Depot, Self::Needs, Self::Size, Self::Expired, Self::Exhausted];

    /// Its name in files and answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Depot => "no_kit_at_depot",
            Self::Needs => "no_kit_for_needs",
            Self::Size => "no_kit_of_size",
            Self::Expired => "kit_expired",
            Self::Exhausted => "stock_exhausted",
        }
    }
}

/// What a claim gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These units; `short` of what was asked for, because no more were left there.
    Given {
        /// One lot or several.
        shares: Vec<Share>,
        /// Units that are missing; 0: it got all.
        short: u32,
    },
    /// Nothing.
    Not(Reason),
}

/// What was decided of a claim, and what was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its claim's id.
    pub claim: u64,
    /// Its claim's place in the list that was given.
    pub position: usize,
    /// Its place in the order in which all were decided; 1 was first.
    pub rank: u32,
    /// What it gets.
    pub outcome: Outcome,
    /// Units that would suit it, left after it was served, at every depot that reaches it.
    pub left: u64,
    /// Where it gets it from; none: nothing is given, or it is given from anywhere.
    pub source: Option<Source>,
}

/// The depot that serves a claim, and why not a nearer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The way from it.
    pub leg: Leg,
    /// Nearer depots with a crew that did not have what it gets, nearest first.
    pub passed: Vec<String>,
}

/// Who gets what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// By rank.
    pub decisions: Vec<Decision>,
    /// Units left of each stock, in the order given; those expired are left whole.
    pub left: Vec<u32>,
}

/// Why nothing can be allocated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Fault {
    /// Which claim or stock, by its place in the list, as `claims[12].need`.
    pub place: String,
    /// Why.
    pub reason: &'static str,
}

/// Gives the stock to the claims on that day.
///
/// Claims go by class, need (greatest first), tie, id. Each takes of the kits that suit it, by the rule of this module.
/// Neither list's order matters. Errors: a number that makes no sense, an id or a depot that is there twice.
pub fn allocate(claims: &[Claim], stock: &[Stock], day: Date) -> Result<Allocation, Fault> {
    rank::allocate(claims, stock, day)
}
