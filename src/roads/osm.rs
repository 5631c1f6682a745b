//! OpenStreetMap PBF files: two passes, first the ways that are roads, then the nodes that they name.

mod build;
mod gate;
mod tags;
#[cfg(test)]
mod tests;
mod turns;

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::{AtomicU64, Ordering},
};

use osmpbf::{Element, PrimitiveBlock};
use rayon::prelude::*;

use self::{
    gate::Frame,
    tags::{Gate, Road, Tags},
    turns::Turn,
};
use super::{FaultReason, Faults, Reading, RoadsError};
use crate::domain::{geo::LonLat, watch::Watch};

/// A way that is a road.
struct RoadWay {
    id: i64,
    nodes: Vec<i64>,
    road: Road,
}

/// What the first pass finds in a block, in the order of the file.
#[derive(Default)]
struct Ways {
    roads: Vec<RoadWay>,
    turns: Vec<Turn>,
    faults: Vec<(FaultReason, i64)>,
}

/// A node that a road names.
struct Spot {
    /// Its position in the sorted identifiers.
    at: u32,
    /// None where its coordinate is not on Earth.
    point: Option<LonLat>,
    gate: Option<Gate>,
}

/// Where the nodes lie and what they say, by their positions in the sorted identifiers.
struct Spots {
    ids: Vec<i64>,
    points: Vec<Option<LonLat>>,
    gates: HashMap<u32, Gate>,
}

impl Spots {
    fn position(&self, id: i64) -> Option<u32> {
        self.ids.binary_search(&id).ok().map(|at| at as u32)
    }
}

/// Nodes that roads may name, for each byte of the file, beside a floor: an honest file spends three bytes on each, a bomb
/// less than a hundredth of one.
const MOST_NAMED: u64 = 2;
const NAMED_FLOOR: u64 = 2_000_000;

/// Reads the roads of an OSM PBF file, whole in memory.
pub fn read(bytes: &[u8], watch: &dyn Watch) -> Result<Reading, RoadsError> {
    let frames = gate::frames(bytes)?;
    let (named, most) = (AtomicU64::new(0), bytes.len() as u64 * MOST_NAMED + NAMED_FLOOR);
    let ways = pass(&frames, "roads of OSM", watch, |block| {
        let mut ways = Ways::default();
        for_each(block, |element| ways.take(element));
        let own = ways.roads.iter().map(|road| road.nodes.len() as u64).sum::<u64>();
        // Whatever comes after too much is not kept.
        if named.fetch_add(own, Ordering::Relaxed) + own > most { Ways::default() } else { ways }
    })?;
    if named.into_inner() > most {
        return Err(RoadsError::TooLarge { at: 0, limit: most, unit: "nodes of roads" });
    }
    let mut all = Ways::default();
    for found in ways {
        all.roads.extend(found.roads);
        all.turns.extend(found.turns);
        all.faults.extend(found.faults);
    }
    if all.roads.is_empty() {
        return Err(RoadsError::Empty);
    }
    let mut faults = Faults::default();
    for (reason, place) in &all.faults {
        faults.count(*reason, *place);
    }
    let spots = locate(&frames, &all.roads, watch, &mut faults)?;
    let network = build::build(&all, &spots, &mut faults)?;
    Ok(Reading { network, faults: faults.0, roads: all.roads.len() as u64 })
}

/// Reads every block, on all cores; what was found comes in the order of the file.
fn pass<T: Send>(
    frames: &[Frame<'_>],
    step: &'static str,
    watch: &dyn Watch,
    read: impl Fn(&PrimitiveBlock) -> T + Sync,
) -> Result<Vec<T>, RoadsError> {
    watch.begin(step, frames.len() as u64);
    let one = |frame: &Frame<'_>| {
        if watch.cancelled() {
            return Err(RoadsError::Cancelled);
        }
        let found = frame.with(&read)?;
        watch.advance(1);
        Ok(found)
    };
    frames.par_iter().map(one).collect()
}

/// The parser's own walk through a block.
fn for_each(block: &PrimitiveBlock, mut each: impl FnMut(&Element<'_>)) {
    block.for_each_element(|element| each(&element));
}

impl Ways {
    fn take(&mut self, element: &Element<'_>) {
        match element {
            Element::Way(way) => {
                let held: Vec<(&str, &str)> = way.tags().collect();
                let mut faults = Vec::new();
                if let Some(road) = tags::road(Tags(&held), &mut faults) {
                    self.roads.push(RoadWay { id: way.id(), nodes: way.refs().collect(), road });
                    self.faults.extend(faults.into_iter().map(|reason| (reason, way.id())));
                }
            }
            Element::Relation(relation) => {
                let held: Vec<(&str, &str)> = relation.tags().collect();
                match turns::turns(relation, Tags(&held)) {
                    Some(Ok(turns)) => self.turns.extend(turns),
                    Some(Err(reason)) => self.faults.push((reason, relation.id())),
                    None => {}
                }
            }
            Element::Node(_) | Element::DenseNode(_) => {}
        }
    }
}

/// The second pass: where the nodes of the roads lie.
fn locate(
    frames: &[Frame<'_>],
    roads: &[RoadWay],
    watch: &dyn Watch,
    faults: &mut Faults,
) -> Result<Spots, RoadsError> {
    let named: HashSet<i64> = roads.iter().flat_map(|road| road.nodes.iter().copied()).collect();
    let mut ids: Vec<i64> = named.into_iter().collect();
    ids.sort_unstable();
    let found = pass(frames, "nodes of OSM", watch, |block| {
        let mut spots = Vec::new();
        for_each(block, |element| {
            let (id, lon, lat) = match element {
                Element::Node(node) => (node.id(), node.lon(), node.lat()),
                Element::DenseNode(node) => (node.id(), node.lon(), node.lat()),
                _ => return,
            };
            let Ok(at) = ids.binary_search(&id) else { return };
            let held: Vec<(&str, &str)> = match element {
                Element::Node(node) => node.tags().collect(),
                Element::DenseNode(node) => node.tags().collect(),
                _ => Vec::new(),
            };
            let gate = tags::gate(Tags(&held));
            spots.push(Spot { at: at as u32, point: LonLat::new(lon, lat).ok(), gate });
        });
        spots
    })?;
    let mut spots = Spots { points: vec![None; ids.len()], gates: HashMap::new(), ids };
    for spot in found.into_iter().flatten() {
        if spot.point.is_none() {
            faults.count(FaultReason::NotOnEarth, spots.ids[spot.at as usize]);
        }
        spots.points[spot.at as usize] = spot.point;
        if let Some(gate) = spot.gate {
            spots.gates.insert(spot.at, gate);
        }
    }
    Ok(spots)
}
