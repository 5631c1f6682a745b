//! Road files become a graph, and the graph answers: how long, which way, how far in ten minutes.
//!
//! A file ([`osm`], [`lines`]) becomes a [`network::Network`], which knows no vehicle; a network under a [`profile::Profile`]
//! becomes a [`ground::Ground`] (the graph, its hierarchy); a ground under closures ([`closure`]) becomes a [`plane::Plane`]
//! (weights), and that answers. Durations are `u32` deciseconds, lengths `f64` metres, points WGS84 longitude and latitude.

pub mod closure;
pub mod edge;
pub mod ground;
pub mod guide;
mod hierarchy;
mod isochrone;
pub mod lines;
mod matrix;
pub mod network;
pub mod order;
pub mod osm;
mod path;
pub mod plane;
pub mod profile;
mod snap;
mod states;
mod zone;

#[cfg(test)]
mod tests;

use std::fmt;

/// A road file that was read: what stands, and what did not.
#[derive(Debug)]
pub struct Reading {
    /// The roads.
    pub network: network::Network,
    /// What was left out or mended, by reason; empty for a clean file.
    pub faults: Vec<Fault>,
    /// How many roads (ways, lines) were taken from the file.
    pub roads: u64,
}

/// How often one thing was wrong in a road file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was wrong.
    pub reason: FaultReason,
    /// How often.
    pub count: u64,
    /// The first place: the identifier in the file (OSM way or relation), or the number of the line from zero.
    pub first: i64,
}

/// What can be wrong in a road file without making it useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultReason {
    /// A road names a node that the file does not hold: the road is cut there.
    MissingNode,
    /// A coordinate is not on Earth.
    NotOnEarth,
    /// A road of fewer than two points, or without length.
    NoLength,
    /// The same edge twice: kept once.
    Duplicate,
    /// A turn restriction whose members are missing, do not meet, or meet more than once.
    BrokenRestriction,
    /// A turn restriction of a kind that is not known.
    UnknownRestriction,
    /// A rule of turning, access or measure that holds at some times only: it is not applied.
    ConditionalRestriction,
    /// A value (height, weight, width, speed) that cannot be read: it is not applied.
    UnreadableValue,
}

impl FaultReason {
    /// A key for an API.
    pub const fn key(self) -> &'static str {
        match self {
            Self::MissingNode => "missing-node",
            Self::NotOnEarth => "not-on-earth",
            Self::NoLength => "no-length",
            Self::Duplicate => "duplicate",
            Self::BrokenRestriction => "broken-restriction",
            Self::UnknownRestriction => "unknown-restriction",
            Self::ConditionalRestriction => "conditional-restriction",
            Self::UnreadableValue => "unreadable-value",
        }
    }
}

impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingNode => "a road names a node that the file does not hold",
            Self::NotOnEarth => "a coordinate is not on Earth",
            Self::NoLength => "a road without length",
            Self::Duplicate => "the same stretch of road twice",
            Self::BrokenRestriction => "a turn restriction whose members do not meet",
            Self::UnknownRestriction => "a turn restriction of an unknown kind",
            Self::ConditionalRestriction => "a rule that holds at some times only",
            Self::UnreadableValue => "a limit that cannot be read",
        })
    }
}

/// Faults by reason, while a file is read.
#[derive(Debug, Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn count(&mut self, reason: FaultReason, place: i64) {
        match self.0.iter_mut().find(|fault| fault.reason == reason) {
            Some(fault) => fault.count += 1,
            None => self.0.push(Fault { reason, count: 1, first: place }),
        }
    }
}

/// Why a road file, or stored roads, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RoadsError {
    /// Nothing in it is a road.
    #[error("no road is in the file")]
    Empty,
    /// The file ends in the middle of a block.
    #[error("the file ends in the middle of the block at byte {at}")]
    Truncated {
        /// Where the block begins.
        at: u64,
    },
    /// A block is not what an OSM PBF holds.
    #[error("the block at byte {at} is not OSM PBF: {reason}")]
    NotPbf {
        /// Where the block begins.
        at: u64,
        /// Why not.
        reason: &'static str,
    },
    /// A block, or all of them, would unpack to more than is sane.
    #[error("the block at byte {at} would unpack to more than {limit} {unit}")]
    TooLarge {
        /// Where the block begins.
        at: u64,
        /// What is allowed.
        limit: u64,
        /// Of what.
        unit: &'static str,
    },
    /// Lines that meet more often than streets do.
    #[error("the lines meet each other more than {limit} times: they are no streets")]
    Tangled {
        /// What is allowed.
        limit: usize,
    },
    /// Stored parts that do not fit each other.
    #[error("the stored roads are damaged: {0}")]
    Damaged(&'static str),
    /// Somebody gave up waiting.
    #[error("reading the roads was cancelled")]
    Cancelled,
}
