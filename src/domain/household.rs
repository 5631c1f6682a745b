//! Households: people who live together.

use super::person::PersonId;

/// A household of one comune: a position, dense from zero, given by the linkage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HouseholdId(pub u32);

/// Place of a person in the anagrafe family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kinship {
    /// IS: in whose name the family sheet is.
    Head,
    /// MG: wife or husband.
    Spouse,
    /// FG: child.
    Child,
    /// MA: mother or father.
    Parent,
    /// Any other relative or cohabitant.
    Other,
}

/// People who live together. The anagrafe family and the ISEE nucleus stay two things.
#[derive(Clone, Debug)]
pub struct Household {
    /// Which.
    pub id: HouseholdId,
    /// Who lives in it, the head first; residents only.
    pub members: Vec<PersonId>,
    /// The current ISEE nucleus that shares most members, and how the two differ.
    pub nucleus: Option<Nucleus>,
}

/// The ISEE nucleus beside a family.
#[derive(Clone, Debug)]
pub struct Nucleus {
    /// Its statement, as a row of `isee_attestazioni` (1 is the first after the header).
    pub statement_row: u32,
    /// Members of the nucleus who are not in the family.
    pub only_in_nucleus: Vec<PersonId>,
    /// Members of the family who are not in the nucleus.
    pub only_in_family: Vec<PersonId>,
}
