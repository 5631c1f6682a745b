//! The slow twin: every choice of sites, and with capacities every way to serve.

use super::{Objective, Problem};

/// Lost (what is left out: weight, or heads for p-center) and cost of the best choice.
pub(super) fn best(problem: &Problem) -> (f64, f64) {
    let mut least = (f64::INFINITY, f64::INFINITY);
    for set in 0_u32..1 << problem.candidates() {
        let sites: Vec<usize> = (0..problem.candidates()).filter(|site| set >> site & 1 == 1).collect();
        let terms = problem.terms();
        if sites.len() != terms.p || terms.fixed.iter().any(|site| !sites.contains(site)) {
            continue;
        }
        let mut room: Vec<f64> = terms.capacities.clone().unwrap_or(vec![f64::INFINITY; terms.candidates]);
        serve(problem, &sites, 0, &mut room, (0.0, 0.0), &mut least);
    }
    least
}

fn serve(
    problem: &Problem,
    sites: &[usize],
    demand: usize,
    room: &mut [f64],
    (lost, cost): (f64, f64),
    least: &mut (f64, f64),
) {
    let terms = problem.terms();
    if demand == problem.demands() {
        if lost < least.0 - 1e-9 || (lost < least.0 + 1e-9 && cost < least.1) {
            *least = (lost, cost);
        }
        return;
    }
    let weight = terms.weights[demand];
    let near: Vec<usize> = match terms.capacities {
        Some(_) => sites.to_vec(),
        // Without capacities the nearest is as good as any.
        None => sites
            .iter()
            .copied()
            .min_by(|&a, &b| problem.cost(demand, a).total_cmp(&problem.cost(demand, b)))
            .into_iter()
            .collect(),
    };
    for site in near {
        let by = problem.cost(demand, site);
        let reach = if let Objective::MaxCover { cover } = terms.objective { cover } else { f64::INFINITY };
        if by.is_infinite() || by > reach || room[site] < weight - 1e-9 {
            continue;
        }
        room[site] -= weight;
        let cost = match terms.objective {
            Objective::PMedian => cost + weight * by,
            Objective::PCenter if weight > 0.0 => cost.max(by),
            Objective::PCenter | Objective::MaxCover { .. } => cost,
        };
        serve(problem, sites, demand + 1, room, (lost, cost), least);
        room[site] += weight;
    }
    let head = if weight > 0.0 { 1.0 } else { 0.0 };
    match terms.objective {
        Objective::PMedian => serve(problem, sites, demand + 1, room, (lost + weight, cost), least),
        Objective::PCenter => serve(problem, sites, demand + 1, room, (lost + head, cost), least),
        Objective::MaxCover { .. } => {
            serve(problem, sites, demand + 1, room, (lost + weight, cost + weight), least);
        }
    }
}
