//! Places: the official register's streets and accesses, and where an address was put.

use super::{geo::LonLat, personal::Personal};

/// PROGRESSIVO_NAZIONALE: a street of the national register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreetId(pub u64);

/// PROGRESSIVO_ACCESSO: an access (a door with its civic number) of the national register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccessId(pub u64);

/// A street of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Street {
    /// Which.
    pub id: StreetId,
    /// ODONIMO, as the register spells it: DUG and DUF together.
    pub name: String,
    /// LOCALITA', or empty.
    pub locality: String,
    /// Names in other languages (DIZIONE_LINGUA1, DIZIONE_LINGUA2).
    pub other_names: Vec<String>,
}

/// An access of the register.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// Which.
    pub id: AccessId,
    /// Its street.
    pub street: StreetId,
    /// What is written at the door.
    pub number: CivicNumber,
    /// Where; absent where the register has none or it failed the gate (0,0, out of range).
    pub point: Option<LonLat>,
    /// How sure the point is.
    pub quality: PointQuality,
    /// CAP, where the table has it.
    pub postcode: Option<Box<str>>,
}

/// A civic number in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CivicNumber {
    /// CIVICO; absent for a door without number (PROGRESSIVO_SNC).
    pub number: Option<u32>,
    /// ESPONENTE, folded: `A`, `BIS`.
    pub exponent: Box<str>,
    /// Colour or metric note: ROSSO, NERO.
    pub note: Box<str>,
}

/// What is thought of an access's point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PointQuality {
    /// Nothing speaks against it.
    #[default]
    Sound,
    /// Taken from the Comune's own points, not from the register.
    Borrowed,
    /// Outside the comune.
    OutsideComune,
    /// Far from the other doors of its street.
    FarFromStreet,
}

/// How near to the door an address was put: the ladder, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlaceLevel {
    /// The access itself.
    Exact,
    /// The access itself, whose coordinates are not known.
    ExactNoCoordinates,
    /// Same number, another exponent.
    OtherExponent,
    /// Between two doors of the same parity.
    Interpolated,
    /// The nearest number of the street.
    Nearest,
    /// The street (medoid of its accesses).
    Street,
    /// The locality.
    Locality,
    /// The comune.
    Comune,
    /// Several streets fit and none is better.
    Ambiguous,
    /// Nothing fits.
    NotFound,
}

impl PlaceLevel {
    /// The name used in exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::ExactNoCoordinates => "exact_no_coordinates",
            Self::OtherExponent => "other_exponent",
            Self::Interpolated => "interpolated",
            Self::Nearest => "nearest",
            Self::Street => "street",
            Self::Locality => "locality",
            Self::Comune => "comune",
            Self::Ambiguous => "ambiguous",
            Self::NotFound => "not_found",
        }
    }
}

/// How the street was found: the cascade, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlaceMethod {
    /// M0: the code was given.
    Code,
    /// M1: exact key with DUG.
    ExactKey,
    /// M2: exact name, other or no DUG, unique.
    ExactName,
    /// M3: exact after optional words, unique.
    OptionalWords,
    /// M4: compact key (glued words).
    CompactKey,
    /// M5: alias, old name, other language.
    Alias,
    /// M6: fuzzy.
    Fuzzy,
    /// M7: a tie broken by which street has that civic.
    CivicTie,
    /// No street.
    None,
}

impl PlaceMethod {
    /// The name used in exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "M0",
            Self::ExactKey => "M1",
            Self::ExactName => "M2",
            Self::OptionalWords => "M3",
            Self::CompactKey => "M4",
            Self::Alias => "M5",
            Self::Fuzzy => "M6",
            Self::CivicTie => "M7",
            Self::None => "",
        }
    }
}

/// What is to be done with a placement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlaceStatus {
    /// Taken.
    Accept,
    /// A person decides.
    Review,
    /// Not taken.
    Reject,
}

impl PlaceStatus {
    /// The name used in exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Review => "review",
            Self::Reject => "reject",
        }
    }
}

/// Where an address was put, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The access, where one was found.
    pub access: Option<AccessId>,
    /// The street, where one was found.
    pub street: Option<StreetId>,
    /// How near.
    pub level: PlaceLevel,
    /// How the street was found.
    pub method: PlaceMethod,
    /// Calibrated probability that the answer is right, 0 to 1.
    pub score: f32,
    /// Accept, review or reject.
    pub status: PlaceStatus,
    /// Where, where known.
    pub point: Option<LonLat>,
    /// Radius in metres within which the door is expected.
    pub uncertainty_m: Option<f32>,
    /// Named faults that cost score, in the order found.
    pub faults: Vec<&'static str>,
}

/// A spelling that a person settled once for all: the folded text means this street.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The spelling of the street, without number, folded.
    pub spelling: Personal,
    /// The street it means.
    pub street: StreetId,
}
