//! The nodes of the graph: junctions by zone, and, only where a turn is restricted, one more for each way of arriving.

use std::collections::HashMap;

use super::{
    edge::Way,
    ground::directed,
    hierarchy::{NONE, group},
    network::{Network, Restriction, Rule},
    profile::Profile,
    zone::Zones,
};

/// The graph of a profile, not yet in rows.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// Of each node: its place, a node of the network.
    pub(super) places: Vec<u32>,
    pub(super) tails: Vec<u32>,
    pub(super) heads: Vec<u32>,
    /// Of each arc: its directed edge.
    pub(super) edges: Vec<u32>,
    /// Of each directed edge: the node to which it leads whoever sets out on it; [`NONE`] where it is closed.
    pub(super) exits: Vec<u32>,
    /// Directed edges, each with a node from which it is entered.
    pub(super) entries: Vec<(u32, u32)>,
}

/// A restriction as directed edges.
struct Turn {
    via: Vec<u32>,
    to: u32,
    rule: Rule,
}

/// The restrictions that are under way when one arrives at a node: each with how many of its via edges are behind.
type Pending = Vec<(u32, u32)>;

/// What may be done at a node before turns are looked at: by which directed edge, to which node (or [`NONE`]: the way ends
/// on that edge).
struct Plan {
    first: Vec<u32>,
    moves: Vec<(u32, u32)>,
    places: Vec<u32>,
    exits: Vec<u32>,
}

/// The graph of a profile: zones apart, turns held.
pub(super) fn expand(network: &Network, profile: Profile, zones: &Zones) -> Traffic {
    let plan = plan(network, zones);
    let (turns, starts) = turns(network, profile);
    let mut traffic =
        Traffic { places: plan.places.clone(), exits: vec![NONE; plan.exits.len()], ..Traffic::default() };
    let mut known: HashMap<(u32, Pending), u32> = HashMap::new();
    let mut ahead: Vec<(u32, u32, Pending)> = (0..plan.places.len() as u32).map(|n| (n, n, Pending::new())).collect();
    let mut arrive = |traffic: &mut Traffic, ahead: &mut Vec<_>, node: u32, pending: Pending| {
        if pending.is_empty() {
            return node;
        }
        *known.entry((node, pending)).or_insert_with_key(|(node, pending)| {
            let state = traffic.places.len() as u32;
            traffic.places.push(plan.places[*node as usize]);
            ahead.push((state, *node, pending.clone()));
            state
        })
    };
    let begun = |edge: u32| -> Pending {
        starts.get(&edge).map(|turns| turns.iter().map(|turn| (*turn, 0)).collect()).unwrap_or_default()
    };
    for (edge, node) in plan.exits.iter().enumerate().filter(|(_, node)| **node != NONE) {
        let pending = begun(edge as u32);
        traffic.exits[edge] = arrive(&mut traffic, &mut ahead, *node, pending);
    }
    while let Some((state, node, pending)) = ahead.pop() {
        let row = plan.first[node as usize] as usize..plan.first[node as usize + 1] as usize;
        for (edge, head) in &plan.moves[row] {
            if !allows(&turns, &pending, *edge) {
                continue;
            }
            traffic.entries.push((*edge, state));
            if *head == NONE {
                continue;
            }
            let mut next = begun(*edge);
            for (turn, behind) in &pending {
                if turns[*turn as usize].via.get(*behind as usize) == Some(edge) {
                    next.push((*turn, behind + 1));
                }
            }
            next.sort_unstable();
            next.dedup();
            let head = arrive(&mut traffic, &mut ahead, *head, next);
            traffic.tails.push(state);
            traffic.heads.push(head);
            traffic.edges.push(*edge);
        }
    }
    traffic
}

/// Whether the restrictions under way let one go on by a directed edge.
fn allows(turns: &[Turn], pending: &Pending, edge: u32) -> bool {
    let due = || {
        pending
            .iter()
            .map(|(turn, behind)| (&turns[*turn as usize], *behind as usize))
            .filter(|(turn, behind)| turn.via.len() == *behind)
            .map(|(turn, _)| turn)
    };
    let forbidden = due().any(|turn| turn.rule == Rule::No && turn.to == edge);
    let mut only = due().filter(|turn| turn.rule == Rule::Only).peekable();
    !forbidden && (only.peek().is_none() || only.any(|turn| turn.to == edge))
}

/// The layers of a junction: on through roads; on others, after setting out there; on others, to arrive there.
const THROUGH: usize = 0;
const OUT: usize = 1;
const HOME: usize = 2;

/// The nodes: a way is first on other roads (if it begins there), then on through roads, then on others again (if it ends
/// there). A junction of the through zone where two other roads meet is in all three layers, since one may cross it without
/// leaving them.
fn plan(network: &Network, zones: &Zones) -> Plan {
    let directed_edges = || (0..network.edges().len() as u32 * 2).filter(|edge| zones.is_open(*edge));
    let mut others: Vec<Vec<u32>> = vec![Vec::new(); zones.junctions.len()];
    for edge in directed_edges().filter(|edge| !zones.carries_through(*edge)) {
        let (tail, head) = zones.ends(edge);
        for junction in [tail, head] {
            let held = &mut others[junction as usize];
            if held.last() != Some(&(edge / 2)) {
                held.push(edge / 2);
            }
        }
    }
    let is_crossed = |junction: u32| !zones.is_through(junction) || others[junction as usize].len() > 1;
    let mut places = Vec::new();
    let mut nodes = vec![[NONE; 3]; zones.junctions.len()];
    let mut node = |junction: u32, layer: usize| {
        let layer = match (is_crossed(junction), layer) {
            (true, _) => layer,
            (false, HOME) => return NONE,
            (false, _) => THROUGH,
        };
        let held = &mut nodes[junction as usize][layer];
        if *held == NONE {
            *held = places.len() as u32;
            places.push(zones.junctions[junction as usize]);
        }
        *held
    };
    let (mut tails, mut moves) = (Vec::new(), Vec::new());
    let mut exits = vec![NONE; network.edges().len() * 2];
    for edge in directed_edges() {
        let (tail, head) = zones.ends(edge);
        let carries = zones.carries_through(edge);
        let steps: &[(usize, usize)] = match (carries, zones.is_through(tail), is_crossed(tail)) {
            (true, _, false) => &[(THROUGH, THROUGH)],
            (true, _, true) => &[(THROUGH, THROUGH), (OUT, THROUGH)],
            (false, false, _) => &[(OUT, OUT), (HOME, HOME)],
            (false, true, false) => &[(THROUGH, HOME)],
            (false, true, true) => &[(THROUGH, HOME), (OUT, OUT), (HOME, HOME)],
        };
        exits[edge as usize] = node(head, if carries { THROUGH } else { OUT });
        for (from, to) in steps {
            tails.push(node(tail, *from));
            moves.push((edge, node(head, *to)));
        }
    }
    let (first, order) = group(&tails, places.len());
    Plan { first, moves: order.iter().map(|at| moves[*at as usize]).collect(), places, exits }
}

/// The restrictions that a profile obeys, and those that begin on each directed edge.
fn turns(network: &Network, profile: Profile) -> (Vec<Turn>, HashMap<u32, Vec<u32>>) {
    let mut turns = Vec::new();
    let mut starts: HashMap<u32, Vec<u32>> = HashMap::new();
    for restriction in network.restrictions().iter().filter(|r| r.modes & profile.mode().bit() != 0) {
        if let Some((from, turn)) = directions(network, restriction) {
            starts.entry(from).or_default().push(turns.len() as u32);
            turns.push(turn);
        }
    }
    (turns, starts)
}

/// A restriction as directed edges, beside the one it begins on; nothing where its edges do not meet.
fn directions(network: &Network, restriction: &Restriction) -> Option<(u32, Turn)> {
    let edges = network.edges();
    let leaving = |edge: u32, node: u32| Way::BOTH.into_iter().find(|way| edges[edge as usize].ends(*way).0 == node);
    let from = Way::BOTH.into_iter().find(|way| edges[restriction.from as usize].ends(*way).1 == restriction.at)?;
    let mut node = restriction.at;
    let mut via = Vec::with_capacity(restriction.via.len());
    for edge in &restriction.via {
        let way = leaving(*edge, node)?;
        node = edges[*edge as usize].ends(way).1;
        via.push(directed(*edge, way));
    }
    let to = directed(restriction.to, leaving(restriction.to, node)?);
    Some((directed(restriction.from, from), Turn { via, to, rule: restriction.rule }))
}
