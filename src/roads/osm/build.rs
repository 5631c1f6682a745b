//! Ways become edges: cut where roads meet, where something bars the way, and where a node is missing.

use std::collections::{HashMap, HashSet};

use super::{RoadWay, Spots, Ways, turns};
use crate::{
    domain::geo::LonLat,
    roads::{
        FaultReason, Faults, RoadsError,
        edge::{Access, Edge},
        hierarchy::NONE,
        network::{Draft, Network, Restriction},
    },
};

/// Ways on their way to edges.
struct Builder<'a> {
    spots: &'a Spots,
    /// Of each spot: its node in the network, or [`NONE`].
    node: Vec<u32>,
    names: HashMap<&'a str, u32>,
    draft: Draft,
    /// The edges of each way that a restriction names.
    of_way: HashMap<i64, Vec<u32>>,
    /// Edges by their ends and points, to find those that are there twice.
    known: HashMap<(u32, u32, u64), Vec<u32>>,
}

pub(super) fn build(ways: &Ways, spots: &Spots, faults: &mut Faults) -> Result<Network, RoadsError> {
    let named: HashSet<i64> = ways.turns.iter().flat_map(named_ways).collect();
    let mut builder = Builder {
        spots,
        node: vec![NONE; spots.ids.len()],
        names: HashMap::new(),
        draft: Draft { shape_first: vec![0], ..Draft::default() },
        of_way: named.into_iter().map(|way| (way, Vec::new())).collect(),
        known: HashMap::new(),
    };
    let runs: Vec<Vec<Vec<u32>>> = ways.roads.iter().map(|way| builder.runs(way, faults)).collect();
    let meets = junctions(&runs, spots);
    for (way, runs) in ways.roads.iter().zip(&runs) {
        builder.lay(way, runs, &meets, faults);
    }
    if builder.draft.edges.is_empty() {
        return Err(RoadsError::Empty);
    }
    let ground = turns::Ground {
        edges: &builder.draft.edges,
        of_way: &builder.of_way,
        node: &|id| spots.position(id).map(|at| builder.node[at as usize]).filter(|node| *node != NONE),
    };
    let mut restrictions = Vec::new();
    for turn in &ways.turns {
        match ground.resolve(turn) {
            Some(found) => restrictions.extend(found),
            None => faults.count(FaultReason::BrokenRestriction, turn.id),
        }
    }
    let mut draft = builder.draft;
    // The same rule told by several relations is one.
    let mut told = HashSet::new();
    restrictions.retain(|restriction: &Restriction| told.insert(restriction.clone()));
    draft.restrictions = restrictions;
    for (spot, gate) in &spots.gates {
        let node = builder.node[*spot as usize];
        if node != NONE && gate.access != Access::ALL {
            draft.barriers.push((node, gate.access));
        }
    }
    Ok(Network::freeze(draft))
}

fn named_ways(turn: &turns::Turn) -> Vec<i64> {
    let via: &[i64] = match &turn.via {
        turns::Via::Ways(ways) => ways,
        turns::Via::Node(_) => &[],
    };
    turn.from.iter().chain(&turn.to).chain(via).copied().collect()
}

/// The spots where a way must be cut: where ways end or meet, and where not everyone passes.
fn junctions(runs: &[Vec<Vec<u32>>], spots: &Spots) -> Vec<bool> {
    let mut uses = vec![0_u8; spots.ids.len()];
    for run in runs.iter().flatten() {
        for spot in run {
            uses[*spot as usize] = uses[*spot as usize].saturating_add(1);
        }
        for end in [run.first(), run.last()].into_iter().flatten() {
            uses[*end as usize] = 2;
        }
    }
    for (spot, gate) in &spots.gates {
        if gate.access != Access::ALL {
            uses[*spot as usize] = 2;
        }
    }
    uses.into_iter().map(|uses| uses >= 2).collect()
}

impl<'a> Builder<'a> {
    /// The nodes of a way without those that are missing: one run where none is.
    fn runs(&self, way: &RoadWay, faults: &mut Faults) -> Vec<Vec<u32>> {
        let mut runs = vec![Vec::new()];
        for id in &way.nodes {
            let spot = self.spots.position(*id).filter(|spot| self.spots.points[*spot as usize].is_some());
            let Some(run) = runs.last_mut() else { break };
            match spot {
                Some(spot) if run.last() != Some(&spot) => run.push(spot),
                Some(_) => {}
                None => {
                    faults.count(FaultReason::MissingNode, way.id);
                    runs.push(Vec::new());
                }
            }
        }
        runs.retain(|run| run.len() >= 2);
        if runs.is_empty() {
            faults.count(FaultReason::NoLength, way.id);
        }
        runs
    }

    /// Cuts the runs of a way into edges.
    fn lay(&mut self, way: &'a RoadWay, runs: &[Vec<u32>], meets: &[bool], faults: &mut Faults) {
        let mut template = way.road.edge;
        template.name = way.road.name.as_deref().map(|name| {
            let names = &mut self.draft.names;
            *self.names.entry(name).or_insert_with(|| {
                names.push(name.to_owned());
                names.len() as u32 - 1
            })
        });
        if let Some(seconds) = way.road.duration_s {
            let metres: f64 = runs.iter().map(|run| length_m(&self.points(run))).sum();
            template.speed_kmh = Some((metres / seconds * 3.6) as f32).filter(|speed| *speed > 0.0);
        }
        for run in runs {
            let mut begin = 0;
            for at in 1..run.len() {
                if meets[run[at] as usize] {
                    self.edge(way.id, template, &run[begin..=at], faults);
                    begin = at;
                }
            }
        }
    }

    fn edge(&mut self, way: i64, mut edge: Edge, run: &[u32], faults: &mut Faults) {
        for gate in run.iter().filter_map(|spot| self.spots.gates.get(spot)) {
            edge.limits = edge.limits.and(gate.limits);
            edge.flags |= if gate.is_ford { Edge::FORD } else { 0 };
        }
        let shape = self.points(run);
        edge.from = self.node(run[0]);
        edge.to = self.node(run[run.len() - 1]);
        let key = (edge.from.min(edge.to), edge.from.max(edge.to), mark(&shape));
        let alike = self.known.entry(key).or_default();
        let twin = alike.iter().find(|other| is_twin(&self.draft, **other, &edge, &shape)).copied();
        let number = twin.unwrap_or_else(|| {
            let number = self.draft.edges.len() as u32;
            alike.push(number);
            self.draft.edges.push(edge);
            self.draft.shapes.extend(shape);
            self.draft.shape_first.push(self.draft.shapes.len() as u32);
            number
        });
        if twin.is_some() {
            faults.count(FaultReason::Duplicate, way);
        }
        if let Some(edges) = self.of_way.get_mut(&way) {
            edges.push(number);
        }
    }

    fn node(&mut self, spot: u32) -> u32 {
        if self.node[spot as usize] == NONE
            && let Some(point) = self.spots.points[spot as usize]
        {
            self.node[spot as usize] = self.draft.nodes.len() as u32;
            self.draft.nodes.push(point);
        }
        self.node[spot as usize]
    }

    fn points(&self, run: &[u32]) -> Vec<LonLat> {
        run.iter().filter_map(|spot| self.spots.points[*spot as usize]).collect()
    }
}

/// A number that lines of other points hardly share, and that is the same in either direction: many ways may lie between
/// the same two nodes, and each would be compared with all of them.
fn mark(points: &[LonLat]) -> u64 {
    let one = |point: &LonLat| {
        (point.lon().to_bits() ^ point.lat().to_bits().rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    points.iter().fold(0, |sum, point| u64::wrapping_add(sum, one(point)))
}

fn length_m(points: &[LonLat]) -> f64 {
    points.windows(2).map(|pair| pair[0].distance_m(pair[1])).sum()
}

/// Whether an edge that is there says the same of the same points, in either direction.
fn is_twin(draft: &Draft, other: u32, edge: &Edge, shape: &[LonLat]) -> bool {
    let held = &draft.edges[other as usize];
    let points =
        &draft.shapes[draft.shape_first[other as usize] as usize..draft.shape_first[other as usize + 1] as usize];
    let same = held.class == edge.class && held.layer == edge.layer && points.len() == shape.len();
    let along = held.forward == edge.forward && held.backward == edge.backward && points == shape;
    let against =
        held.forward == edge.backward && held.backward == edge.forward && points.iter().eq(shape.iter().rev());
    same && (along || against)
}
