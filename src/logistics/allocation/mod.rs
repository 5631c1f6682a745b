//! Stock that is scarce, given to those who come first: by class, then need, then a declared tie-break.
//!
//! A claim is refused a kit only when nobody after it gets that kit, so every refusal can be explained to whoever was
//! refused. What is given never exceeds what is there.

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
    /// Where it must come from; none: from anywhere.
    pub depot: Option<String>,
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
    /// These units; `short` of what was asked for, because no more were left.
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
    /// Units that would suit it, left after it was served.
    pub left: u64,
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
/// Claims go by class, need (greatest first), tie, id. Each takes of the kits that suit it: those made for the narrowest
/// range of sizes first, of these the soonest to expire, then by kit, lot and depot. Neither list's order matters.
/// Errors: a number that makes no sense, an id that is there twice.
pub fn allocate(claims: &[Claim], stock: &[Stock], day: Date) -> Result<Allocation, Fault> {
    rank::allocate(claims, stock, day)
}
