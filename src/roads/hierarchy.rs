//! The customizable contraction hierarchy: order and structure once, weights in milliseconds, answers in microseconds.
//!
//! # Which crate
//! `cch` 0.3 (Rust) and `routingkit-cch` 0.1.4 (RoutingKit's C++) on one invented graph of 160,000 nodes and 424,944 arcs,
//! the least of seven customisations, two cores shared with other work, 2026-11-23:
//!
//! | | `cch` | `routingkit-cch` |
//! |---|---|---|
//! | order | 21.3 s | 16.5 s |
//! | structure | 0.43 s | 0.26 s |
//! | customise | 96 ms (both cores) | 106 ms (one) |
//! | 4,000 arcs closed | the same | 217 ms (partial update) |
//! | matrix 1000 × 1000 | 6.5 s | 8.2 s, every cell equal |
//! | path, unpacked | 415 µs | 425 µs |
//!
//! They are equal in speed and in every answer, so the one without C++ (and without OpenMP) is kept, for what is hard and
//! runs once: the order (of the whole network, [`super::order`]) and the structure. Neither carries a length beside a duration, takes places midway on an edge as
//! several seeds, or sweeps many sources at once; these are written here and in [`super::matrix`], in safe code: weights are
//! pairs, a climb is kept by depth in the elimination tree (no array as large as the graph), subtrees are customised apart.

use super::ground::Arcs;

/// A duration in deciseconds above 32 bits, a length in decimetres below: sums add both, the least is the quickest and, of
/// those, the shortest.
pub(super) type Cost = u64;

/// No way: two of them add without overflow, in both halves.
pub(super) const NEVER: Cost = (HALF_NEVER << 32) | HALF_NEVER;
const HALF_NEVER: u64 = 0x3fff_ffff;

/// Nothing.
pub(super) const NONE: u32 = u32::MAX;

/// From a node, or to a node, at a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seed {
    pub(super) node: u32,
    pub(super) cost: Cost,
}

/// Upwards (forward) and downwards (backward) cost of each arc of the hierarchy, beside the cost of each road.
#[derive(Debug)]
pub(super) struct Metric {
    roads: Vec<Cost>,
    pub(super) arcs: Vec<[Cost; 2]>,
}

/// The structure: nodes by rank, each subtree of the elimination tree contiguous and before its root; arcs lead upwards.
#[derive(Debug)]
pub(super) struct Hierarchy {
    rank: Vec<u32>,
    parent: Vec<u32>,
    /// Steps to the root: the ancestors of a node have each its own.
    pub(super) depth: Vec<u32>,
    /// The least rank in the subtree of each node.
    least: Vec<u32>,
    pub(super) first: Vec<u32>,
    pub(super) head: Vec<u32>,
    head_depth: Vec<u32>,
    tail: Vec<u32>,
    down_first: Vec<u32>,
    down_arc: Vec<u32>,
    /// Of each road arc: its arc in the hierarchy, twice, plus one where it leads down; [`NONE`] for a loop.
    slot: Vec<u32>,
    /// The road arcs of each slot.
    roads_first: Vec<u32>,
    roads: Vec<u32>,
}

/// What one climbed to from a seed: the cost by depth, and the arc by which.
struct Climb {
    start: u32,
    costs: Vec<Cost>,
    by: Vec<u32>,
}

impl Hierarchy {
    /// Builds the structure over an order of the nodes.
    pub(super) fn build(arcs: &Arcs, order: &[u32]) -> Self {
        let graph = cch::graph::Graph { first_out: arcs.first.clone(), head: arcs.head.clone(), weight: Vec::new() };
        let tails = arcs.tails();
        let order = subtrees_together(&elimination_tree(order, &tails, &arcs.head), order);
        Self::of(cch::Cch::build(&graph, &order), &tails, &arcs.head)
    }

    fn of(cch: cch::Cch, tails: &[u32], heads: &[u32]) -> Self {
        let nodes = cch.rank.len();
        let mut depth = vec![0_u32; nodes];
        let mut least: Vec<u32> = (0..nodes as u32).collect();
        for x in (0..nodes).rev() {
            let parent = cch.elimination_tree_parent[x];
            if parent != NONE {
                depth[x] = depth[parent as usize] + 1;
            }
        }
        for x in 0..nodes {
            let parent = cch.elimination_tree_parent[x];
            if parent != NONE {
                least[parent as usize] = least[parent as usize].min(least[x]);
            }
        }
        let slot: Vec<u32> = cch
            .input_arc_to_cch_arc
            .iter()
            .zip(tails.iter().zip(heads))
            .map(|(arc, (tail, head))| match *arc {
                NONE => NONE,
                arc => arc * 2 + u32::from(cch.rank[*tail as usize] > cch.rank[*head as usize]),
            })
            .collect();
        let (roads_first, roads) = group(&slot, cch.up_head.len() * 2);
        Self {
            head_depth: cch.up_head.iter().map(|head| depth[*head as usize]).collect(),
            rank: cch.rank,
            parent: cch.elimination_tree_parent,
            depth,
            least,
            first: cch.up_first_out,
            head: cch.up_head,
            tail: cch.up_tail,
            down_first: cch.down_first_out,
            down_arc: cch.down_to_up,
            slot,
            roads_first,
            roads,
        }
    }

    /// The rank of a node of the graph.
    pub(super) fn rank(&self, node: u32) -> u32 {
        self.rank[node as usize]
    }

    /// The next node up the elimination tree, or [`NONE`].
    pub(super) fn parent(&self, rank: u32) -> u32 {
        self.parent[rank as usize]
    }

    /// How many nodes.
    pub(super) fn len(&self) -> usize {
        self.rank.len()
    }

    pub(super) fn up(&self, rank: u32) -> std::ops::Range<usize> {
        self.first[rank as usize] as usize..self.first[rank as usize + 1] as usize
    }

    /// The weights of all arcs from the costs of the roads, by lower triangles, on all cores.
    pub(super) fn customise(&self, roads: Vec<Cost>) -> Metric {
        let mut arcs = vec![[NEVER; 2]; self.head.len()];
        for (cost, slot) in roads.iter().zip(&self.slot) {
            if *slot != NONE {
                let held = &mut arcs[*slot as usize / 2][*slot as usize % 2];
                *held = (*held).min(*cost);
            }
        }
        let deepest = self.depth.iter().max().map_or(0, |depth| *depth as usize + 1);
        self.relax(0..self.len(), &mut arcs, deepest, 64);
        Metric { roads, arcs }
    }

    /// Relaxes the triangles of a forest of whole subtrees; `arcs` are theirs. `splits` bounds the recursion.
    fn relax(&self, nodes: std::ops::Range<usize>, arcs: &mut [[Cost; 2]], deepest: usize, splits: u32) {
        const SMALL: usize = 1024;
        let mut top = nodes.end;
        if nodes.len() > SMALL && splits > 0 {
            while top > nodes.start && self.least[top - 1] as usize <= nodes.start {
                top -= 1;
            }
        } else {
            top = nodes.start;
        }
        if top > nodes.start {
            let half = nodes.start.midpoint(top);
            let mut cut = self.least[top - 1] as usize;
            while cut > half && self.least[cut - 1] as usize > nodes.start {
                cut = self.least[cut - 1] as usize;
            }
            let base = self.first[nodes.start] as usize;
            let below = &mut arcs[..self.first[top] as usize - base];
            let (left, right) = below.split_at_mut(self.first[cut] as usize - base);
            rayon::join(
                || self.relax(nodes.start..cut, left, deepest, splits - 1),
                || self.relax(cut..top, right, deepest, splits - 1),
            );
        }
        let base = self.first[nodes.start] as usize;
        let mut place = vec![0_u32; deepest];
        for x in top..nodes.end {
            self.relax_node(x, base, arcs, &mut place);
        }
    }

    /// Relaxes the lower triangles whose upper arc leaves a node.
    fn relax_node(&self, x: usize, base: usize, arcs: &mut [[Cost; 2]], place: &mut [u32]) {
        let (from, to) = (self.first[x] as usize, self.first[x + 1] as usize);
        let (below, own) = arcs.split_at_mut(from - base);
        let own = &mut own[..to - from];
        for (at, depth) in self.head_depth[from..to].iter().enumerate() {
            place[*depth as usize] = at as u32;
        }
        for bottom in &self.down_arc[self.down_first[x] as usize..self.down_first[x + 1] as usize] {
            let bottom = *bottom as usize;
            let end = self.first[self.tail[bottom] as usize + 1] as usize;
            let [up, down] = below[bottom - base];
            if up == NEVER && down == NEVER {
                continue;
            }
            let sides = &below[bottom + 1 - base..end - base];
            for (side, depth) in sides.iter().zip(&self.head_depth[bottom + 1..end]) {
                let held = &mut own[place[*depth as usize] as usize];
                held[0] = held[0].min(down + side[0]);
                held[1] = held[1].min(up + side[1]);
            }
        }
    }

    /// What the quickest way from some seeds to others costs, or [`NEVER`].
    pub(super) fn path_cost(&self, metric: &Metric, from: &[Seed], to: &[Seed]) -> Cost {
        let (ups, downs) = self.climbs(metric, from, to);
        self.meet(&ups, &downs).0
    }

    /// The quickest way from some seeds to others: its cost, the seeds it begins and ends with, and the road arcs.
    pub(super) fn path(&self, metric: &Metric, from: &[Seed], to: &[Seed]) -> Option<Found> {
        let (ups, downs) = self.climbs(metric, from, to);
        let (cost, from, to, depth) = self.meet(&ups, &downs);
        if cost >= NEVER {
            return None;
        }
        let mut roads = Vec::new();
        let mut rise = self.arcs_to(&ups[from], depth);
        rise.reverse();
        for arc in rise {
            self.unpack(metric, arc, 0, &mut roads);
        }
        for arc in self.arcs_to(&downs[to], depth) {
            self.unpack(metric, arc, 1, &mut roads);
        }
        Some(Found { cost, from, to, roads })
    }

    fn climbs(&self, metric: &Metric, from: &[Seed], to: &[Seed]) -> (Vec<Climb>, Vec<Climb>) {
        (
            from.iter().map(|seed| self.climb(metric, *seed, 0)).collect(),
            to.iter().map(|seed| self.climb(metric, *seed, 1)).collect(),
        )
    }

    /// Where two climbs meet at the least cost: the cost, which climbs, at which depth.
    fn meet(&self, ups: &[Climb], downs: &[Climb]) -> (Cost, usize, usize, usize) {
        let mut best = (NEVER, 0, 0, 0);
        for (i, up) in ups.iter().enumerate() {
            for (j, down) in downs.iter().enumerate() {
                let Some(shared) = self.shared_depth(up.start, down.start) else { continue };
                for depth in 0..=shared as usize {
                    let cost = up.costs[depth].saturating_add(down.costs[depth]);
                    if cost < best.0 {
                        best = (cost, i, j, depth);
                    }
                }
            }
        }
        best
    }

    fn climb(&self, metric: &Metric, seed: Seed, side: usize) -> Climb {
        let start = self.rank(seed.node);
        let deep = self.depth[start as usize] as usize;
        let mut climb = Climb { start, costs: vec![NEVER; deep + 1], by: vec![NONE; deep + 1] };
        climb.costs[deep] = seed.cost;
        let mut x = start;
        while x != NONE {
            let cost = climb.costs[self.depth[x as usize] as usize];
            if cost < NEVER {
                for arc in self.up(x) {
                    let held = &mut climb.costs[self.head_depth[arc] as usize];
                    let through = cost + metric.arcs[arc][side];
                    if through < *held {
                        *held = through;
                        climb.by[self.head_depth[arc] as usize] = arc as u32;
                    }
                }
            }
            x = self.parent(x);
        }
        climb
    }

    /// Every node that a seed climbs to, with its cost: from the seed upwards.
    pub(super) fn climbed(&self, metric: &Metric, seed: Seed, side: usize, mut each: impl FnMut(u32, Cost)) {
        let climb = self.climb(metric, seed, side);
        let mut x = climb.start;
        while x != NONE {
            let cost = climb.costs[self.depth[x as usize] as usize];
            if cost < NEVER {
                each(x, cost);
            }
            x = self.parent(x);
        }
    }

    /// The depth of the lowest node above both; none in different components.
    fn shared_depth(&self, mut a: u32, mut b: u32) -> Option<u32> {
        while a != b {
            if a < b {
                a = self.parent(a);
            } else {
                b = self.parent(b);
            }
            if a == NONE || b == NONE {
                return None;
            }
        }
        Some(self.depth[a as usize])
    }

    /// The arcs of a climb from the node at a depth back to its start.
    fn arcs_to(&self, climb: &Climb, mut depth: usize) -> Vec<u32> {
        let mut arcs = Vec::new();
        while climb.by[depth] != NONE {
            let arc = climb.by[depth];
            arcs.push(arc);
            depth = self.depth[self.tail[arc as usize] as usize] as usize;
        }
        arcs
    }

    /// The road arcs of an arc of the hierarchy, in driving order; `side` 0 drives it up, 1 down.
    fn unpack(&self, metric: &Metric, arc: u32, side: usize, roads: &mut Vec<u32>) {
        let mut stack = vec![(arc, side)];
        while let Some((arc, side)) = stack.pop() {
            let cost = metric.arcs[arc as usize][side];
            let slot = arc as usize * 2 + side;
            let held = &self.roads[self.roads_first[slot] as usize..self.roads_first[slot + 1] as usize];
            if let Some(road) = held.iter().find(|road| metric.roads[**road as usize] == cost) {
                roads.push(*road);
                continue;
            }
            let (x, z) = (self.tail[arc as usize] as usize, self.head[arc as usize]);
            for bottom in &self.down_arc[self.down_first[x] as usize..self.down_first[x + 1] as usize] {
                let end = self.first[self.tail[*bottom as usize] as usize + 1] as usize;
                let begin = *bottom as usize + 1;
                let Ok(at) = self.head[begin..end].binary_search(&z) else { continue };
                let middle = (begin + at) as u32;
                let (first, second) = if side == 0 { (*bottom, middle) } else { (middle, *bottom) };
                if metric.arcs[first as usize][1] + metric.arcs[second as usize][0] == cost {
                    stack.push((second, 0));
                    stack.push((first, 1));
                    break;
                }
            }
        }
    }

    /// The least cost from some seeds to every node, by rank; [`NEVER`] where there is no way.
    pub(super) fn reach(&self, metric: &Metric, seeds: &[Seed]) -> Vec<Cost> {
        let mut costs = vec![NEVER; self.len()];
        for seed in seeds {
            self.climbed(metric, *seed, 0, |node, cost| {
                costs[node as usize] = costs[node as usize].min(cost);
            });
        }
        for x in (0..self.len()).rev() {
            let mut best = costs[x];
            for arc in self.up(x as u32) {
                best = best.min(costs[self.head[arc] as usize] + metric.arcs[arc][1]);
            }
            costs[x] = best;
        }
        costs
    }
}

/// A way that was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) cost: Cost,
    /// Which of the seeds it begins with.
    pub(super) from: usize,
    /// Which of the seeds it ends with.
    pub(super) to: usize,
    /// The road arcs in driving order.
    pub(super) roads: Vec<u32>,
}

/// The parent of each rank in the elimination tree of a graph, without its fill (Liu 1986): from each node upwards to what
/// was joined below it, by paths that are cut short.
fn elimination_tree(order: &[u32], tails: &[u32], heads: &[u32]) -> Vec<u32> {
    let mut rank = vec![0_u32; order.len()];
    for (at, node) in (0..).zip(order) {
        rank[*node as usize] = at;
    }
    let ranks = |arc: usize| (rank[tails[arc] as usize], rank[heads[arc] as usize]);
    let uppers: Vec<u32> = (0..tails.len()).map(|arc| ranks(arc).0.max(ranks(arc).1)).collect();
    let (first, arcs) = group(&uppers, order.len());
    let mut parent = vec![NONE; order.len()];
    let mut above = vec![NONE; order.len()];
    for x in 0..order.len() {
        for arc in &arcs[first[x] as usize..first[x + 1] as usize] {
            let (a, b) = ranks(*arc as usize);
            let mut below = a.min(b) as usize;
            while below < x {
                let next = std::mem::replace(&mut above[below], x as u32);
                if next == NONE {
                    parent[below] = x as u32;
                    break;
                }
                below = next as usize;
            }
        }
    }
    parent
}

/// The same elimination tree in an order where every subtree is contiguous and ends with its root.
fn subtrees_together(parent: &[u32], order: &[u32]) -> Vec<u32> {
    let mut size = vec![1_u32; parent.len()];
    for x in 0..parent.len() {
        if parent[x] != NONE {
            size[parent[x] as usize] += size[x];
        }
    }
    let mut next = vec![0_u32; parent.len()];
    let mut next_tree = 0;
    let mut ordered = vec![0_u32; parent.len()];
    for x in (0..parent.len()).rev() {
        let begin = if parent[x] == NONE { &mut next_tree } else { &mut next[parent[x] as usize] };
        let first = *begin;
        *begin += size[x];
        next[x] = first;
        ordered[(first + size[x] - 1) as usize] = order[x];
    }
    ordered
}

/// The positions of each key, in rows.
pub(super) fn group(keys: &[u32], rows: usize) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0_u32; rows + 1];
    for key in keys.iter().filter(|key| **key != NONE) {
        first[*key as usize + 1] += 1;
    }
    for row in 0..rows {
        first[row + 1] += first[row];
    }
    let mut next = first.clone();
    let mut positions = vec![0_u32; first[rows] as usize];
    for (position, key) in keys.iter().enumerate().filter(|(_, key)| **key != NONE) {
        positions[next[*key as usize] as usize] = position as u32;
        next[*key as usize] += 1;
    }
    (first, positions)
}
