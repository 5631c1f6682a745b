//! Turn restrictions: relations of ways and nodes become rules about edges.

use std::collections::HashMap;

use osmpbf::{RelMemberType, Relation};

use super::tags::Tags;
use crate::roads::{
    FaultReason,
    edge::{Access, Edge, Level, Mode, Way},
    network::{Restriction, Rule},
};

/// A restriction as the file says it.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) id: i64,
    pub(super) from: Vec<i64>,
    pub(super) via: Via,
    pub(super) to: Vec<i64>,
    rule: Rule,
    modes: u8,
}

/// Where the turn is.
#[derive(Clone, Debug)]
pub(super) enum Via {
    Node(i64),
    Ways(Vec<i64>),
}

/// Ways of one role at most, and ways between: a relation of more is none that a sign could tell.
const MOST_WAYS: usize = 32;

/// What a relation says: a rule for each value of its keys; an error where it is a restriction that is not applied, nothing
/// where it is none.
pub(super) fn turns(relation: &Relation<'_>, tags: Tags<'_>) -> Option<Result<Vec<Turn>, FaultReason>> {
    let kind = tags.get("type").filter(|kind| *kind == "restriction" || kind.starts_with("restriction:"))?;
    let rules = match rules(kind, tags)? {
        Ok(rules) => rules,
        Err(reason) => return Some(Err(reason)),
    };
    let excepted = tags.get("except").unwrap_or_default().split(';').filter_map(|who| modes_of(who.trim()));
    let excepted = excepted.fold(0, |modes, excepted| modes | excepted);
    let (mut from, mut to, mut nodes, mut ways) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for member in relation.members() {
        match (member.role().unwrap_or_default(), member.member_type) {
            ("from", RelMemberType::Way) => from.push(member.member_id),
            ("to", RelMemberType::Way) => to.push(member.member_id),
            ("via", RelMemberType::Node) => nodes.push(member.member_id),
            ("via", RelMemberType::Way) => ways.push(member.member_id),
            _ => {}
        }
    }
    if [from.len(), to.len(), ways.len()].iter().any(|count| *count > MOST_WAYS) || from.is_empty() || to.is_empty() {
        return Some(Err(FaultReason::BrokenRestriction));
    }
    let via = match (&nodes[..], &ways[..]) {
        ([node], []) => Via::Node(*node),
        ([], [_, ..]) => Via::Ways(ways),
        _ => return Some(Err(FaultReason::BrokenRestriction)),
    };
    let one = |(value, modes): (&str, u8)| {
        let rule = match value {
            _ if value.starts_with("no_") => Rule::No,
            _ if value.starts_with("only_") => Rule::Only,
            _ => return Err(FaultReason::UnknownRestriction),
        };
        if !matches!(value, "no_entry" | "no_exit") && (from.len() > 1 || to.len() > 1) {
            return Err(FaultReason::BrokenRestriction);
        }
        let (from, via, to) = (from.clone(), via.clone(), to.clone());
        Ok(Turn { id: relation.id(), from, via, to, rule, modes: modes & !excepted })
    };
    Some(rules.into_iter().map(one).collect())
}

/// The values of a restriction's keys, each with the modes that it binds; nothing where it binds none of ours.
fn rules<'a>(kind: &str, tags: Tags<'a>) -> Option<Result<Vec<(&'a str, u8)>, FaultReason>> {
    // As restrictions for some were written once: `type=restriction:hgv`.
    let bound = match kind.strip_prefix("restriction:") {
        Some(who) => modes_of(who)?,
        None => u8::MAX,
    };
    let mut rules: Vec<(&str, u8)> = Vec::new();
    for (key, value) in tags.0 {
        let Some(modes) = modes(key).map(|modes| modes & bound) else { continue };
        match rules.iter_mut().find(|(held, _)| held == value) {
            Some((_, held)) => *held |= modes,
            None => rules.push((*value, modes)),
        }
    }
    if !rules.is_empty() {
        return Some(Ok(rules));
    }
    if tags.0.iter().any(|(key, _)| key.starts_with("restriction") && key.ends_with(":conditional")) {
        return Some(Err(FaultReason::ConditionalRestriction));
    }
    // A rule for bicycles or buses is none of ours.
    let foreign = tags.0.iter().any(|(key, _)| key.starts_with("restriction:"));
    if foreign { None } else { Some(Err(FaultReason::UnknownRestriction)) }
}

const MOTOR: u8 = Mode::Car.bit() | Mode::Goods.bit() | Mode::Heavy.bit() | Mode::Emergency.bit();

/// The modes that a key of a restriction binds.
fn modes(key: &str) -> Option<u8> {
    match key {
        "restriction" => Some(MOTOR),
        _ => key.strip_prefix("restriction:").and_then(modes_of),
    }
}

fn modes_of(who: &str) -> Option<u8> {
    Some(match who {
        "motorcar" => Mode::Car.bit(),
        "goods" => Mode::Goods.bit(),
        "hgv" => Mode::Heavy.bit(),
        "emergency" => Mode::Emergency.bit(),
        "motor_vehicle" | "vehicle" => MOTOR,
        _ => return None,
    })
}

fn is_driven(access: Access) -> bool {
    [Mode::Car, Mode::Goods, Mode::Heavy, Mode::Emergency].iter().any(|mode| access.level(*mode) != Level::No)
}

/// The edges of the ways that restrictions name, and the nodes of the network by their identifiers.
pub(super) struct Ground<'a> {
    pub(super) edges: &'a [Edge],
    pub(super) of_way: &'a HashMap<i64, Vec<u32>>,
    pub(super) node: &'a dyn Fn(i64) -> Option<u32>,
}

impl Ground<'_> {
    /// The restrictions of edges that one of the file means: one a pair of its ways.
    pub(super) fn resolve(&self, turn: &Turn) -> Option<Vec<Restriction>> {
        let mut found = Vec::new();
        for from in &turn.from {
            for to in &turn.to {
                found.push(match &turn.via {
                    Via::Node(node) => self.at_node(turn, *from, (self.node)(*node)?, *to)?,
                    Via::Ways(ways) => self.along(turn, *from, ways, *to)?,
                });
            }
        }
        Some(found)
    }

    fn at_node(&self, turn: &Turn, from: i64, at: u32, to: i64) -> Option<Restriction> {
        let from = self.only(from, |edge, way| edge.ends(way).1 == at)?;
        let to = self.only(to, |edge, way| edge.ends(way).0 == at)?;
        Some(Restriction { from, at, via: Vec::new(), to, rule: turn.rule, modes: turn.modes })
    }

    /// The ways between are followed as they meet, whatever their order in the relation.
    fn along(&self, turn: &Turn, from: i64, ways: &[i64], to: i64) -> Option<Restriction> {
        for way in ways {
            let (first, last) = self.ends_of(*way)?;
            for begin in [first, last] {
                let Some(from) = self.only(from, |edge, way| edge.ends(way).1 == begin) else { continue };
                let Some((via, at)) = self.chain(*way, ways, begin) else { continue };
                if let Some(to) = self.only(to, |edge, way| edge.ends(way).0 == at) {
                    return Some(Restriction { from, at: begin, via, to, rule: turn.rule, modes: turn.modes });
                }
            }
        }
        None
    }

    /// The edges of all the ways, from the first on, and the node where they end.
    fn chain(&self, first: i64, ways: &[i64], mut at: u32) -> Option<(Vec<u32>, u32)> {
        let mut left: Vec<i64> = ways.to_vec();
        let mut next = left.iter().position(|way| *way == first)?;
        let mut via = Vec::new();
        loop {
            self.follow(left.remove(next), &mut at, &mut via)?;
            if left.is_empty() {
                return Some((via, at));
            }
            next = left.iter().position(|way| self.ends_of(*way).is_some_and(|(a, b)| a == at || b == at))?;
        }
    }

    /// The edges of a way from one of its ends to the other.
    fn follow(&self, way: i64, at: &mut u32, via: &mut Vec<u32>) -> Option<()> {
        let (edges, (first, last)) = (self.of_way.get(&way)?, self.ends_of(way)?);
        if first == last {
            return None;
        }
        if *at == first {
            via.extend(edges);
            *at = last;
        } else if *at == last {
            via.extend(edges.iter().rev());
            *at = first;
        } else {
            return None;
        }
        Some(())
    }

    /// The nodes where a way begins and ends; none where a missing node cut it.
    fn ends_of(&self, way: i64) -> Option<(u32, u32)> {
        let edges = self.of_way.get(&way)?;
        let whole = edges.windows(2).all(|pair| self.edge(pair[0]).to == self.edge(pair[1]).from);
        whole.then(|| Some((self.edge(*edges.first()?).from, self.edge(*edges.last()?).to)))?
    }

    /// The one edge of a way that can be driven in some direction that fits.
    fn only(&self, way: i64, fits: impl Fn(&Edge, Way) -> bool) -> Option<u32> {
        let fits = |edge: &&u32| {
            let edge = self.edge(**edge);
            Way::BOTH.iter().any(|way| is_driven(edge.access(*way)) && fits(edge, *way))
        };
        let mut found = self.of_way.get(&way)?.iter().filter(fits);
        let first = found.next()?;
        found.next().is_none().then_some(*first)
    }

    fn edge(&self, edge: u32) -> &Edge {
        &self.edges[edge as usize]
    }
}
