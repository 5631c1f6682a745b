//! How an address was read and which streets were weighed: what a reviewer sees.

use super::{
    canonical::{self, Name},
    cascade::{self, Scratch},
    civic::Written,
    register::Register,
};
use crate::domain::{
    personal::Personal,
    place::{PlaceLevel, Placement, StreetId},
    record::WrittenAddress,
};

/// How one address was read and judged.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// DUG as understood, or empty.
    pub kind: &'static str,
    /// Words of the street's name as understood.
    pub words: Vec<Personal>,
    /// Civic number as understood, with exponent; empty where none is written.
    pub number: Personal,
    /// Whether the text says that there is no number.
    pub says_no_number: bool,
    /// Streets weighed, best first.
    pub candidates: Vec<CandidateExplanation>,
    /// Total of the second candidate less that of the first; absent where there is one only.
    pub margin: Option<f32>,
    /// The answer.
    pub placement: Placement,
}

/// One street that was weighed.
#[derive(Clone, Debug)]
pub struct CandidateExplanation {
    /// Which.
    pub street: StreetId,
    /// Its official name.
    pub name: String,
    /// Named faults of name and number.
    pub faults: Vec<&'static str>,
    /// What the name's faults cost.
    pub name_penalty: f32,
    /// What name and number cost together.
    pub total_penalty: f32,
    /// How near this street comes to the number.
    pub level: PlaceLevel,
}

/// Most candidates shown.
const SHOWN: usize = 8;

/// Locates an address and tells how.
pub fn explain(register: &Register, written: &WrittenAddress) -> Explanation {
    let mut scratch = Scratch::default();
    let placement = cascade::locate_with(register, written, &mut scratch);
    cascade::search(register, &mut scratch);
    let mut name = Name::default();
    let reading = scratch.parsed.readings.first().copied().unwrap_or_default();
    canonical::read(&scratch.parsed.lexed, reading.from, reading.to, &mut name);
    let number = match reading.civic.written {
        Written::Number => format!("{}{}", reading.civic.number, reading.civic.exponent.as_str()),
        Written::Metres => format!("{} m", reading.civic.number),
        Written::Nothing | Written::WithoutNumber => String::new(),
    };
    let found = &scratch.candidates;
    Explanation {
        kind: name.dugs.first().map_or("", |d| d.name()),
        words: name.parts.iter().map(|p| Personal::from(p.raw(&scratch.parsed.lexed))).collect(),
        number: Personal::from(number),
        says_no_number: reading.civic.written == Written::WithoutNumber,
        margin: found.get(1).map(|second| second.total - found[0].total),
        candidates: found
            .iter()
            .take(SHOWN)
            .map(|c| {
                let street = &register.streets[c.street as usize].street;
                CandidateExplanation {
                    street: street.id,
                    name: street.name.clone(),
                    faults: c.aligned.faults.with(c.step.faults).names(),
                    name_penalty: c.aligned.penalty,
                    total_penalty: c.total,
                    level: c.step.level,
                }
            })
            .collect(),
        placement,
    }
}
