//! Roads that know no vehicle: nodes, edges with what the signs say, turn restrictions.

use std::sync::OnceLock;

use super::{
    RoadsError,
    edge::{Access, Class, Edge, Limits},
    hierarchy::group,
    order::Order,
    snap::Index,
};
use crate::domain::{
    fold::fold,
    geo::{BBox, LonLat},
};

/// A rule about going from one edge to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Restriction {
    /// The edge one comes from.
    pub from: u32,
    /// The node where one leaves it.
    pub at: u32,
    /// The edges between; none for a restriction at a node.
    pub via: Vec<u32>,
    /// The edge that is meant.
    pub to: u32,
    /// What is said of it.
    pub rule: Rule,
    /// The modes that obey: bits of `Mode::bit`.
    pub modes: u8,
}

/// What a restriction says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Not to that edge.
    No,
    /// To that edge only.
    Only,
}

/// Nodes, edges with their shapes and names, and turn restrictions: what a road file says, for every profile.
#[derive(Debug)]
pub struct Network {
    pub(super) nodes: Vec<LonLat>,
    /// Nodes that do not let everyone pass, in order.
    pub(super) barriers: Vec<(u32, Access)>,
    pub(super) edges: Vec<Edge>,
    pub(super) names: Vec<String>,
    pub(super) shape_first: Vec<u32>,
    pub(super) shapes: Vec<LonLat>,
    pub(super) restrictions: Vec<Restriction>,
    lengths_m: Vec<f64>,
    folded: Vec<String>,
    index: OnceLock<Index>,
    order: OnceLock<Order>,
    around: OnceLock<(Vec<u32>, Vec<u32>)>,
}

/// From node, to node, name (`u32::MAX`: none), class, flags, layer, forward and backward access, speed, height, weight and
/// width signs (zero: none).
pub type EdgePart = (u32, u32, u32, u8, u8, i8, u16, u16, f32, f32, f32, f32);

/// From edge, at node, via edges, to edge, whether it is the only one, modes.
pub type RestrictionPart = (u32, u32, Vec<u32>, u32, bool, u8);

/// A network as plain columns, for who stores it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Longitude and latitude of the nodes.
    pub nodes: Vec<[f64; 2]>,
    /// Nodes that do not let everyone pass.
    pub barriers: Vec<(u32, u16)>,
    /// Edges.
    pub edges: Vec<EdgePart>,
    /// Names of streets.
    pub names: Vec<String>,
    /// Where the shape of each edge begins; one more than edges.
    pub shape_first: Vec<u32>,
    /// Longitude and latitude of the points of the shapes, both ends included.
    pub shapes: Vec<[f64; 2]>,
    /// Turn restrictions.
    pub restrictions: Vec<RestrictionPart>,
}

impl Network {
    /// A network of columns that fit each other; its lengths are measured here.
    pub(super) fn freeze(draft: Draft) -> Self {
        let mut network = Self {
            nodes: draft.nodes,
            barriers: draft.barriers,
            edges: draft.edges,
            folded: draft.names.iter().map(|name| fold(name)).collect(),
            names: draft.names,
            shape_first: draft.shape_first,
            shapes: draft.shapes,
            restrictions: draft.restrictions,
            lengths_m: Vec::new(),
            index: OnceLock::new(),
            order: OnceLock::new(),
            around: OnceLock::new(),
        };
        network.barriers.sort_unstable_by_key(|(node, _)| *node);
        network.lengths_m = (0..network.edges.len() as u32)
            .map(|edge| network.shape(edge).windows(2).map(|pair| pair[0].distance_m(pair[1])).sum())
            .collect();
        network
    }

    /// The columns, for who stores them.
    pub fn to_parts(&self) -> Parts {
        let point = |p: &LonLat| [p.lon(), p.lat()];
        let edges = self.edges.iter().map(|edge| {
            (
                edge.from,
                edge.to,
                edge.name.unwrap_or(u32::MAX),
                edge.class as u8,
                edge.flags,
                edge.layer,
                edge.forward.0,
                edge.backward.0,
                edge.speed_kmh.unwrap_or(0.0),
                edge.limits.height_m.unwrap_or(0.0),
                edge.limits.weight_t.unwrap_or(0.0),
                edge.limits.width_m.unwrap_or(0.0),
            )
        });
        let restrictions =
            self.restrictions.iter().map(|r| (r.from, r.at, r.via.clone(), r.to, r.rule == Rule::Only, r.modes));
        Parts {
            nodes: self.nodes.iter().map(point).collect(),
            barriers: self.barriers.iter().map(|(node, access)| (*node, access.0)).collect(),
            edges: edges.collect(),
            names: self.names.clone(),
            shape_first: self.shape_first.clone(),
            shapes: self.shapes.iter().map(point).collect(),
            restrictions: restrictions.collect(),
        }
    }

    /// A network of stored columns; refused where they do not fit each other.
    pub fn from_parts(parts: Parts) -> Result<Self, RoadsError> {
        let nodes = parts.nodes.len();
        let count = parts.edges.len();
        if count == 0 {
            return Err(RoadsError::Empty);
        }
        if u32::try_from(nodes.max(count).max(parts.shapes.len())).is_err() {
            return Err(RoadsError::Damaged("more than can be counted"));
        }
        let fits = parts.shape_first.len() == count + 1
            && parts.shape_first.first() == Some(&0)
            && parts.shape_first.last().is_some_and(|last| *last as usize == parts.shapes.len())
            && parts.shape_first.windows(2).all(|pair| pair[0] + 1 < pair[1]);
        if !fits {
            return Err(RoadsError::Damaged("the shapes do not fit the edges"));
        }
        let point =
            |[lon, lat]: &[f64; 2]| LonLat::new(*lon, *lat).map_err(|_| RoadsError::Damaged("a point is not on Earth"));
        let edge = |part: &EdgePart| edge_of(part, nodes, parts.names.len());
        let known = |edge: u32| (edge as usize) < count;
        let turn = |(from, at, via, to, only, modes): RestrictionPart| {
            let fits = known(from) && known(to) && via.iter().all(|edge| known(*edge)) && (at as usize) < nodes;
            let rule = if only { Rule::Only } else { Rule::No };
            let turn = Restriction { from, at, via, to, rule, modes };
            fits.then_some(turn).ok_or(RoadsError::Damaged("a turn restriction names no edge"))
        };
        if parts.barriers.iter().any(|(node, _)| *node as usize >= nodes) {
            return Err(RoadsError::Damaged("a barrier names no node"));
        }
        Ok(Self::freeze(Draft {
            nodes: parts.nodes.iter().map(point).collect::<Result<_, _>>()?,
            barriers: parts.barriers.iter().map(|(node, access)| (*node, Access(*access))).collect(),
            edges: parts.edges.iter().map(edge).collect::<Result<_, _>>()?,
            shapes: parts.shapes.iter().map(point).collect::<Result<_, _>>()?,
            restrictions: parts.restrictions.into_iter().map(turn).collect::<Result<_, _>>()?,
            names: parts.names,
            shape_first: parts.shape_first,
        }))
    }

    /// The nodes.
    pub fn nodes(&self) -> &[LonLat] {
        &self.nodes
    }

    /// The edges.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The turn restrictions.
    pub fn restrictions(&self) -> &[Restriction] {
        &self.restrictions
    }

    /// The points of an edge as drawn, both ends included.
    pub fn shape(&self, edge: u32) -> &[LonLat] {
        let edge = edge as usize;
        &self.shapes[self.shape_first[edge] as usize..self.shape_first[edge + 1] as usize]
    }

    /// Metres of an edge.
    pub fn length_m(&self, edge: u32) -> f64 {
        self.lengths_m[edge as usize]
    }

    /// Metres of all edges.
    pub fn total_m(&self) -> f64 {
        self.lengths_m.iter().sum()
    }

    /// The name of an edge's street.
    pub fn name(&self, edge: u32) -> Option<&str> {
        self.edges[edge as usize].name.map(|name| self.names[name as usize].as_str())
    }

    /// The same, folded for comparison.
    pub(super) fn folded(&self, edge: u32) -> Option<&str> {
        self.edges[edge as usize].name.map(|name| self.folded[name as usize].as_str())
    }

    /// Who may pass a node.
    pub fn barrier(&self, node: u32) -> Access {
        let found = self.barriers.binary_search_by_key(&node, |(node, _)| *node);
        found.map_or(Access::ALL, |at| self.barriers[at].1)
    }

    /// The box around all roads.
    pub fn bbox(&self) -> Option<BBox> {
        BBox::around(self.shapes.iter().copied())
    }

    /// The edges that meet at a node, as directed edges that leave it; found for all nodes when it is first asked for.
    pub(super) fn leaving(&self, node: u32) -> &[u32] {
        let (first, arms) = self.around.get_or_init(|| {
            let tails: Vec<u32> = self.edges.iter().flat_map(|edge| [edge.from, edge.to]).collect();
            group(&tails, self.nodes.len())
        });
        &arms[first[node as usize] as usize..first[node as usize + 1] as usize]
    }

    /// The edges of which some segment lies near a box in degrees: its own box touches it. In order, once each.
    pub fn near(&self, around: BBox) -> Vec<u32> {
        let index = self.index();
        let corners =
            [[around.west, around.south], [around.east, around.north]].map(|corner| index.flat.project(corner));
        let mut edges: Vec<u32> = index.within(corners[0], corners[1]).map(|segment| segment.edge).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// The order in which its nodes are contracted, found when it is first asked for: seconds for a province.
    pub fn order(&self) -> &Order {
        self.order.get_or_init(|| Order::dissect(self))
    }

    /// Takes an order that was found before. Errors: `Damaged` for one of other nodes; it is then found anew when asked for.
    pub fn take_order(&self, nodes: Vec<u32>) -> Result<(), RoadsError> {
        let order = Order::stored(nodes, self.nodes.len())?;
        // Where one was found already, it is as good.
        self.order.set(order).ok();
        Ok(())
    }

    /// The tree of the edges' segments, planted when it is first asked for.
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::plant(self))
    }
}

fn edge_of(part: &EdgePart, nodes: usize, names: usize) -> Result<Edge, RoadsError> {
    let (from, to, name, class, flags, layer, forward, backward, speed, height, weight, width) = *part;
    let sign = |value: f32| (value.is_finite() && value > 0.0).then_some(value);
    let Some((class, _)) = Class::ALL.get(class as usize) else {
        return Err(RoadsError::Damaged("an edge is of no known class"));
    };
    if from as usize >= nodes || to as usize >= nodes || (name != u32::MAX && name as usize >= names) {
        return Err(RoadsError::Damaged("an edge names no node or no name"));
    }
    Ok(Edge {
        from,
        to,
        name: (name != u32::MAX).then_some(name),
        class: *class,
        flags,
        layer,
        forward: Access(forward),
        backward: Access(backward),
        speed_kmh: sign(speed),
        limits: Limits { height_m: sign(height), weight_t: sign(weight), width_m: sign(width) },
    })
}

/// A network while it is read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) nodes: Vec<LonLat>,
    pub(super) barriers: Vec<(u32, Access)>,
    pub(super) edges: Vec<Edge>,
    pub(super) names: Vec<String>,
    pub(super) shape_first: Vec<u32>,
    pub(super) shapes: Vec<LonLat>,
    pub(super) restrictions: Vec<Restriction>,
}
