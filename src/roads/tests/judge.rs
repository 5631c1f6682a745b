//! The slow, obvious twin of the hierarchy.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::roads::{
    hierarchy::{Cost, NEVER, Seed},
    plane::{Matrix, Plane, Snapped, seeds},
};

/// The least cost from some seeds to every node (Dijkstra 1959).
pub(super) fn reach(plane: &Plane, from: &[Seed]) -> Vec<Cost> {
    let arcs = plane.ground().arcs();
    let mut costs = vec![NEVER; plane.ground().nodes()];
    let mut ahead: BinaryHeap<Reverse<(Cost, u32)>> = from.iter().map(|s| Reverse((s.cost, s.node))).collect();
    while let Some(Reverse((cost, node))) = ahead.pop() {
        if cost >= costs[node as usize] {
            continue;
        }
        costs[node as usize] = cost;
        for arc in arcs.first[node as usize]..arcs.first[node as usize + 1] {
            let edge = arcs.edge[arc as usize] / 2;
            if !plane.is_closed(edge) {
                ahead.push(Reverse((cost + plane.ground().cost(edge), arcs.head[arc as usize])));
            }
        }
    }
    costs
}

/// The cost from one place to others.
pub(super) fn costs(plane: &Plane, from: &Snapped, to: &[Snapped]) -> Vec<Cost> {
    let reached = reach(plane, &seeds(&plane.sources(from)));
    let cost = |to: &Snapped| {
        let ways = plane.targets(to).into_iter().map(|(seed, _)| reached[seed.node as usize] + seed.cost);
        let direct = plane.direct(from, to).map(|(_, cost)| cost);
        ways.chain(direct).min().unwrap_or(NEVER).min(NEVER)
    };
    to.iter().map(cost).collect()
}

/// Durations as the matrix says them.
pub(super) fn durations(plane: &Plane, from: &Snapped, to: &[Snapped]) -> Vec<u32> {
    let said = |cost: Cost| if cost < NEVER { (cost >> 32) as u32 } else { Matrix::UNREACHABLE };
    costs(plane, from, to).into_iter().map(said).collect()
}
