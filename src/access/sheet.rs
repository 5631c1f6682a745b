//! Run sheets on their way out: the runs of a plan with the least personal data that delivers. Names are not in them.
//!
//! `app` makes a [`Sheet`] from a plan; [`disclose`](super::disclose) gives it whole to who plans, and to a crew its own run.

pub(super) mod rows;

use geo::LineString;
use jiff::{Timestamp, civil::Date};

pub use rows::Tongue;

use crate::domain::{geo::LonLat, outcome::OutcomeKind};

/// Runs of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// What stands over all of them.
    pub head: Head,
    /// The runs, in the plan's order.
    pub runs: Vec<Run>,
    /// Streets near the runs, for the map: degrees, longitude first.
    pub streets: Vec<LineString<f64>>,
}

/// What stands over all runs of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The plan's id.
    pub plan: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Its version; grows with every change.
    pub version: u64,
    /// On which day it is carried out.
    pub day: Option<Date>,
    /// From which generation of the households it was made.
    pub generation: Box<str>,
    /// When the sheet was made.
    pub made: Option<Timestamp>,
}

/// Seconds since the midnight that begins the plan's day; beyond 24 hours it is the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(pub u32);

impl Clock {
    /// Reads `08:30` or `8:30`; hours up to 47.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.trim().split_once(':')?;
        let number =
            |text: &str| (text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?;
        let (hours, minutes): (u32, u32) = (number(hours)?, number(minutes)?);
        (hours < 48 && minutes < 60).then_some(Self(hours * 3_600 + minutes * 60))
    }
}

impl std::fmt::Display for Clock {
    /// `08:30`, rounded down to the minute; the day after is `01:10+1`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (days, hours, minutes) = (self.0 / 86_400, self.0 / 3_600 % 24, self.0 / 60 % 60);
        write!(f, "{hours:02}:{minutes:02}")?;
        if days > 0 { write!(f, "+{days}") } else { Ok(()) }
    }
}

/// A vehicle's day.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its id in the plan.
    pub id: Box<str>,
    /// From 1, in the plan's order; the same on a sheet of one run.
    pub number: u32,
    /// Who drives.
    pub crew: Box<str>,
    /// From where, where that has a name.
    pub depot: Option<Box<str>>,
    /// From where, on the ground.
    pub start: Option<LonLat>,
    /// When it leaves.
    pub depart: Option<Clock>,
    /// When it is back.
    pub arrive: Option<Clock>,
    /// How long it takes in all.
    pub duration_s: u32,
    /// How far it drives.
    pub distance_m: u32,
    /// Kits on board, all trips together.
    pub load: u32,
    /// How often it loads; 1 is the usual.
    pub trips: u32,
    /// Where it drives: degrees, longitude first.
    pub line: LineString<f64>,
    /// Its stops, in order.
    pub stops: Vec<Stop>,
}

/// A door.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// Short, says nothing of who lives there; unique in the plan.
    pub code: Box<str>,
    /// From 1, in the run's order.
    pub number: u32,
    /// Where.
    pub at: LonLat,
    /// The street and number.
    pub door: Box<str>,
    /// What is brought.
    pub kit: Box<str>,
    /// How many of it.
    pub units: u32,
    /// People who live there, where the kit goes by them.
    pub members: Option<u32>,
    /// Not before, not after.
    pub window: Option<(Clock, Clock)>,
    /// When the vehicle is there.
    pub eta: Option<Clock>,
    /// What the kit needs on its way (cold chain).
    pub needs: Vec<Box<str>>,
    /// How one gets in.
    pub notes: Box<str>,
    /// Metres on foot from the road, where they are worth telling.
    pub walk_m: Option<u32>,
    /// What happened there, where somebody told.
    pub outcome: Option<Told>,
}

/// What happened at a door, as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How it ended.
    pub outcome: OutcomeKind,
    /// Kits handed over, where that was said.
    pub units: Option<u32>,
    /// What the crew wrote.
    pub note: Box<str>,
    /// When.
    pub at: Option<Timestamp>,
}

impl Sheet {
    /// How many stops in all.
    pub fn stops(&self) -> u64 {
        self.runs.iter().map(|run| run.stops.len() as u64).sum()
    }

    /// The same with the run of that id alone; none where it has no such run.
    pub fn only(mut self, run: &str) -> Option<Self> {
        self.runs.retain(|known| *known.id == *run);
        (!self.runs.is_empty()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_reads_what_it_writes() {
        for text in ["00:00", "08:30", "23:59"] {
            assert_eq!(Clock::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Clock(90_600).to_string(), "01:10+1");
        for text in ["", "8", "24:60", "48:00", "-1:00", "08:3x", "+8:00", "008:00"] {
            assert_eq!(Clock::parse(text), None, "{text}");
        }
    }
}
