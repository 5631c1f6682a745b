//! People, as the linkage knows them.

use jiff::civil::Date;

use super::{codice_fiscale::FiscalCode, household::HouseholdId, personal::Personal};

/// A person of one comune: a position, dense from zero, given by the linkage. Never a fiscal code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId(pub u32);

/// Sex as the registry writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Female.
    F,
    /// Male.
    M,
}

/// What the banks together say of a person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// The codes seen for this person, best evidence first.
    pub codes: Vec<FiscalCode>,
    /// Surname, folded.
    pub surname: Personal,
    /// Given name, folded.
    pub given: Personal,
    /// Birth date on which the banks agree most.
    pub birth: Option<Date>,
    /// Sex, by field or by code.
    pub sex: Option<Sex>,
    /// The anagrafe family or the rebuilt household.
    pub household: Option<HouseholdId>,
    /// Whether the registry says that the person lives here.
    pub residence: Residence,
}

/// What the registry says of someone's residence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Residence {
    /// Lives here.
    Resident,
    /// Dead.
    Deceased,
    /// Moved away.
    Emigrated,
    /// Not found at the address.
    Untraceable,
    /// Not in the registry: known from another bank only.
    Unregistered,
}
