//! Scenarios: named sets of closed roads, with who closed them, why and until when. Each change is a version.

use std::{fmt, str::FromStr, sync::Arc};

use geo::{Coord, LineString, MultiPolygon, Polygon};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    event::{InvalidId, StreamId},
    moment,
};

/// Characters of a name at most.
const MAX_NAME: usize = 80;
/// Characters of a reason at most.
const MAX_WHY: usize = 400;
/// Closures of a scenario at most.
pub const MAX_CLOSURES: usize = 1_000;
/// Positions of all its shapes at most.
pub const MAX_POSITIONS: usize = 200_000;

/// Which scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScenarioId(pub StreamId);

impl fmt::Display for ScenarioId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ScenarioId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self)
    }
}

/// What becomes of the bridges over a closed area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bridges {
    /// They lead over the water.
    #[default]
    Stand,
    /// They are closed as the roads below.
    Closed,
}

/// What is closed. Shapes in degrees, longitude first, past the gate of `ingest`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Closure {
    /// Every road that meets an area.
    Area {
        /// The area.
        geometry: Shape,
        /// What becomes of the bridges over it.
        #[serde(default)]
        bridges: Bridges,
    },
    /// Every road of a name.
    Street {
        /// The name, in any spelling of case and accents.
        name: Box<str>,
    },
    /// Every road that a line runs along or crosses.
    Line {
        /// The line.
        geometry: Path,
    },
}

/// Polygons, as GeoJSON writes them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "ShapeWritten", into = "ShapeWritten")]
pub struct Shape(pub Arc<MultiPolygon<f64>>);

/// A line, as GeoJSON writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "PathWritten", into = "PathWritten")]
pub struct Path(pub Arc<LineString<f64>>);

type Positions = Vec<[f64; 2]>;

#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
enum ShapeWritten {
    Polygon { coordinates: Vec<Positions> },
    MultiPolygon { coordinates: Vec<Vec<Positions>> },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
enum PathWritten {
    LineString { coordinates: Positions },
}

fn line(positions: Positions) -> LineString<f64> {
    positions.into_iter().map(|[x, y]| Coord { x, y }).collect()
}

fn positions(line: &LineString<f64>) -> Positions {
    line.coords().map(|at| [at.x, at.y]).collect()
}

impl From<ShapeWritten> for Shape {
    fn from(written: ShapeWritten) -> Self {
        let polygons = match written {
            ShapeWritten::Polygon { coordinates } => vec![coordinates],
            ShapeWritten::MultiPolygon { coordinates } => coordinates,
        };
        let polygon = |rings: Vec<Positions>| {
            let mut rings = rings.into_iter().map(line);
            Polygon::new(rings.next().unwrap_or_else(|| LineString::new(Vec::new())), rings.collect())
        };
        Self(Arc::new(polygons.into_iter().map(polygon).collect()))
    }
}

impl From<Shape> for ShapeWritten {
    fn from(shape: Shape) -> Self {
        let rings = |polygon: &Polygon<f64>| {
            std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(positions).collect::<Vec<_>>()
        };
        match &shape.0.0[..] {
            [polygon] => Self::Polygon { coordinates: rings(polygon) },
            polygons => Self::MultiPolygon { coordinates: polygons.iter().map(rings).collect() },
        }
    }
}

impl From<PathWritten> for Path {
    fn from(PathWritten::LineString { coordinates }: PathWritten) -> Self {
        Self(Arc::new(line(coordinates)))
    }
}

impl From<Path> for PathWritten {
    fn from(path: Path) -> Self {
        Self::LineString { coordinates: positions(&path.0) }
    }
}

/// What an operator declares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Its name.
    pub name: Box<str>,
    /// Why the roads are closed.
    pub why: Box<str>,
    /// Until when it counts; none: until it is withdrawn.
    #[serde(default, with = "moment::text_or_none")]
    pub expires: Option<Timestamp>,
    /// What is closed.
    pub closures: Arc<[Closure]>,
}

/// A part of a draft that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct InvalidDraft {
    /// Which part: `name`, `closures[3].name`.
    pub place: String,
    /// Why.
    pub reason: String,
}

impl Draft {
    /// Checks that a draft says what it must and is within bounds. `now` is the moment at which it is declared.
    pub fn check(&self, now: Timestamp) -> Result<(), InvalidDraft> {
        let refuse = |place: &str, reason: String| Err(InvalidDraft { place: place.to_owned(), reason });
        for (place, text, most) in [("name", &self.name, MAX_NAME), ("why", &self.why, MAX_WHY)] {
            check_text(place, text, most)?;
        }
        if self.expires.is_some_and(|expires| expires <= now) {
            return refuse("expires", "has passed already".to_owned());
        }
        if self.closures.len() > MAX_CLOSURES {
            return refuse("closures", format!("{}: at most {MAX_CLOSURES}", self.closures.len()));
        }
        let mut vertices = 0;
        for (at, closure) in self.closures.iter().enumerate() {
            match closure {
                Closure::Street { name } => check_text(&format!("closures[{at}].name"), name, MAX_NAME)?,
                Closure::Area { geometry, .. } => {
                    let rings = |polygon: &Polygon<f64>| {
                        polygon.exterior().0.len() + polygon.interiors().iter().map(|ring| ring.0.len()).sum::<usize>()
                    };
                    vertices += geometry.0.iter().map(rings).sum::<usize>();
                }
                Closure::Line { geometry } => vertices += geometry.0.0.len(),
            }
        }
        if vertices > MAX_POSITIONS {
            return refuse("closures", format!("{vertices} positions: at most {MAX_POSITIONS}"));
        }
        Ok(())
    }
}

fn check_text(place: &str, text: &str, most: usize) -> Result<(), InvalidDraft> {
    let refuse = |reason: String| Err(InvalidDraft { place: place.to_owned(), reason });
    if text.trim().is_empty() {
        return refuse("empty".to_owned());
    }
    if text.chars().count() > most {
        return refuse(format!("longer than {most} characters"));
    }
    if text.chars().any(char::is_control) {
        return refuse("holds control characters".to_owned());
    }
    Ok(())
}

/// What an operator wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A new scenario.
    Declare(Draft),
    /// Another draft in place of a version.
    Amend {
        /// What it shall be.
        draft: Draft,
        /// The version that the operator saw.
        of: u64,
    },
    /// It counts no more.
    Withdraw,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "draft", rename_all = "lowercase")]
pub enum Event {
    /// It was declared.
    Declared(Draft),
    /// It was given another draft.
    Amended(Draft),
    /// It was withdrawn.
    Withdrawn,
}

/// Why a command is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such scenario.
    #[error("there is no such scenario")]
    Unknown,
    /// There is one of that number.
    #[error("there is a scenario of that number already")]
    Taken,
    /// It was withdrawn.
    #[error("the scenario was withdrawn")]
    Withdrawn,
    /// Somebody changed it meanwhile.
    #[error("the scenario is at version {version} by now: look at it, then change that")]
    Stale {
        /// Where it is.
        version: u64,
    },
}

impl Refused {
    /// Its word in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "no_such_scenario",
            Self::Taken => "already",
            Self::Withdrawn => "scenario_withdrawn",
            Self::Stale { .. } => "overtaken",
        }
    }
}

/// A scenario as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Which.
    pub id: ScenarioId,
    /// What was declared.
    pub draft: Draft,
    /// From 1, one more with each change.
    pub version: u64,
    /// Who changed it last.
    pub by: Box<str>,
    /// When.
    pub at: Timestamp,
    /// Whether it still stands.
    pub standing: Standing,
}

/// Whether a scenario stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Declared,
    /// It was withdrawn.
    Withdrawn,
}

impl Scenario {
    /// Whether its time has passed.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.draft.expires.is_some_and(|expires| expires <= now)
    }
}

/// What follows from a command.
pub fn decide(state: Option<&Scenario>, command: Command) -> Result<Event, Refused> {
    match (state, command) {
        (None, Command::Declare(draft)) => Ok(Event::Declared(draft)),
        (Some(_), Command::Declare(_)) => Err(Refused::Taken),
        (None, _) => Err(Refused::Unknown),
        (Some(scenario), _) if scenario.standing == Standing::Withdrawn => Err(Refused::Withdrawn),
        (Some(scenario), Command::Amend { of, .. }) if of != scenario.version => {
            Err(Refused::Stale { version: scenario.version })
        }
        (Some(_), Command::Amend { draft, .. }) => Ok(Event::Amended(draft)),
        (Some(_), Command::Withdraw) => Ok(Event::Withdrawn),
    }
}

/// The state after an event; an event that cannot follow changes nothing.
pub fn apply(state: Option<Scenario>, id: ScenarioId, event: Event, by: &str, at: Timestamp) -> Option<Scenario> {
    let (draft, version, standing) = match (&state, event) {
        (None, Event::Declared(draft)) => (draft, 1, Standing::Declared),
        (Some(before), Event::Amended(draft)) if before.standing == Standing::Declared => {
            (draft, before.version + 1, Standing::Declared)
        }
        (Some(before), Event::Withdrawn) if before.standing == Standing::Declared => {
            (before.draft.clone(), before.version + 1, Standing::Withdrawn)
        }
        _ => return state,
    };
    Some(Scenario { id, draft, version, by: by.into(), at, standing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn draft(text: &str) -> Draft {
        serde_json::from_str(text).unwrap()
    }

    const FLOOD: &str = r#"{"name":"Piena del Sacco","why":"Ordinanza 14","expires":"2026-11-24T06:00:00Z","closures":[
        {"kind":"area","geometry":{"type":"Polygon","coordinates":[[[13.1,41.7],[13.2,41.7],[13.2,41.8],[13.1,41.7]]]},"bridges":"closed"},
        {"kind":"street","name":"Via Casilina"},
        {"kind":"line","geometry":{"type":"LineString","coordinates":[[13.1,41.7],[13.2,41.8]]}}]}"#;

    #[test]
    fn a_draft_is_its_own_json() {
        let flood = draft(FLOOD);
        flood.check(now()).unwrap();
        let written = serde_json::to_value(&flood).unwrap();
        assert_eq!(written, serde_json::from_str::<serde_json::Value>(FLOOD).unwrap());
        assert_eq!(serde_json::from_value::<Draft>(written).unwrap(), flood);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_its_place() {
        let said = |change: &dyn Fn(&mut Draft)| {
            let mut draft = draft(FLOOD);
            change(&mut draft);
            draft.check(now()).unwrap_err().to_string()
        };
        assert_eq!(said(&|d| d.name = " ".into()), "name: empty");
        assert_eq!(said(&|d| d.why = "x".repeat(401).into()), "why: longer than 400 characters");
        assert_eq!(said(&|d| d.name = "a\nb".into()), "name: holds control characters");
        assert_eq!(said(&|d| d.expires = Some(now())), "expires: has passed already");
        let streets = vec![Closure::Street { name: "Via Roma".into() }; MAX_CLOSURES + 1];
        assert_eq!(said(&|d| d.closures = streets.clone().into()), "closures: 1001: at most 1000");
        let nameless = vec![Closure::Street { name: "".into() }];
        assert_eq!(said(&|d| d.closures = nameless.clone().into()), "closures[0].name: empty");
    }

    #[test]
    fn versions_follow_each_other_and_a_withdrawn_scenario_stays_so() {
        let id = ScenarioId(StreamId(7));
        let does = |state: Option<Scenario>, command: Command, by: &str| {
            let event = decide(state.as_ref(), command)?;
            Ok::<_, Refused>(apply(state, id, event, by, now()))
        };
        let (flood, wider) = (draft(FLOOD), Draft { name: "Piena".into(), ..draft(FLOOD) });
        let one = does(None, Command::Declare(flood.clone()), "anna").unwrap();
        assert_eq!(does(one.clone(), Command::Declare(flood.clone()), "x"), Err(Refused::Taken));
        let amend = |of| Command::Amend { draft: wider.clone(), of };
        assert_eq!(does(None, amend(1), "x"), Err(Refused::Unknown));
        assert_eq!(does(one.clone(), amend(2), "x"), Err(Refused::Stale { version: 1 }));
        let two = does(one, amend(1), "bruno").unwrap();
        let seen = two.as_ref().unwrap();
        assert_eq!((&*seen.draft.name, seen.version, &*seen.by), ("Piena", 2, "bruno"));
        assert!(!seen.has_expired(now()) && seen.has_expired("2026-11-24T06:00:00Z".parse().unwrap()));
        let gone = does(two, Command::Withdraw, "anna").unwrap();
        assert_eq!(gone.as_ref().unwrap().standing, Standing::Withdrawn);
        assert_eq!(does(gone.clone(), amend(3), "x"), Err(Refused::Withdrawn));
        // Two nodes wrote at once: what cannot follow changes nothing.
        assert_eq!(apply(gone.clone(), id, Event::Amended(flood), "x", now()), gone);
    }
}
