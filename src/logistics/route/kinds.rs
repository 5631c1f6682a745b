//! Vehicles that are alike, and which of them may serve what.

use super::{
    begun::Begun,
    model::{Model, Role},
};
use crate::logistics::{
    problem::{Amount, ByType, Skills, Task, Vehicle, Window, Work},
    rule::{self, lock::Locks},
};

/// What the search needs of a job or an end of a shipment.
pub(super) struct Stop<'p> {
    pub(super) task: Task,
    pub(super) place: usize,
    pub(super) windows: &'p [Window],
    pub(super) common: Work,
    pub(super) by_type: &'p ByType,
    pub(super) skills: &'p Skills,
    pub(super) priority: u8,
    pub(super) territory: Option<u32>,
    pub(super) role: Role,
    pub(super) brought: Option<&'p Amount>,
    pub(super) fetched: Option<(&'p Amount, i64)>,
}

impl Model<'_> {
    /// Sorts vehicles into kinds, and says which kind may serve what; answers the tasks held in order.
    pub(super) fn admit(&mut self, stops: &[Stop<'_>], locks: &Locks) -> Vec<(usize, usize, u32)> {
        let vehicles = &self.problem.vehicles;
        let ids: std::collections::HashMap<u64, usize> =
            vehicles.iter().enumerate().map(|(at, v)| (v.id, at)).collect();
        let mut holders: Vec<bool> = self.begun.iter().map(Begun::is_out).collect();
        for lock in &self.problem.locks {
            holders[ids[&lock.vehicle]] = true;
        }
        let mut firsts: Vec<usize> = Vec::new();
        for at in 0..vehicles.len() {
            let twin = |first: &&usize| !holders[**first] && !holders[at] && alike(&vehicles[**first], &vehicles[at]);
            let known = firsts.iter().position(|first| twin(&first));
            let kind = known.unwrap_or_else(|| {
                firsts.push(at);
                firsts.len() - 1
            });
            self.crews[at].kind = kind as u32;
        }
        self.kinds_of_crews = firsts.len();
        let mut ranked = Vec::new();
        for (node, stop) in stops.iter().enumerate() {
            let aboard = match stop.task {
                Task::Delivery(_) if stop.role == Role::Aboard => {
                    self.begun.iter().position(|begun| begun.carries(stop.task))
                }
                _ => None,
            };
            for first in &firsts {
                let vehicle = &vehicles[*first];
                self.admitted.push(
                    rule::skill::admits(vehicle, stop.skills)
                        && rule::territory::admits(vehicle, stop.territory)
                        && locks.admit(vehicle.id, stop.task)
                        && aboard.is_none_or(|carrier| carrier == *first),
                );
            }
            if let (Some(rank), Some(vehicle)) = (locks.rank(stop.task), locks.vehicle(stop.task)) {
                ranked.push((rank, ids[&vehicle], node as u32));
            }
        }
        // A shipment may be served where both of its ends may.
        for node in (0..stops.len()).filter(|node| self.nodes[*node].role == Role::Pickup) {
            for kind in 0..firsts.len() {
                let both = self.admits(node as u32, kind as u32) && self.admits(node as u32 + 1, kind as u32);
                self.admitted[node * firsts.len() + kind] = both;
                self.admitted[(node + 1) * firsts.len() + kind] = both;
            }
        }
        ranked
    }

    pub(super) fn hold(&mut self, mut ranked: Vec<(usize, usize, u32)>) {
        ranked.sort_unstable();
        for (_, vehicle, node) in ranked {
            if self.nodes[node as usize].role == Role::Fixed {
                self.fixed[vehicle].push(node);
            }
        }
    }
}

/// Whether two vehicles differ in their numbers only.
fn alike(a: &Vehicle, b: &Vehicle) -> bool {
    let pauses = |v: &Vehicle| {
        v.breaks
            .iter()
            .map(|pause| (pause.service_s, pause.windows.clone(), pause.max_load.clone()))
            .collect::<Vec<_>>()
    };
    (&a.profile, &a.kind) == (&b.profile, &b.kind)
        && (a.start, a.end) == (b.start, b.end)
        && a.capacity == b.capacity
        && a.skills == b.skills
        && a.window == b.window
        && (a.max_tasks, a.max_travel_time_s, a.max_distance_m) == (b.max_tasks, b.max_travel_time_s, b.max_distance_m)
        && a.speed_factor.to_bits() == b.speed_factor.to_bits()
        && a.costs == b.costs
        && (&a.reloads, a.max_reloads, a.territory) == (&b.reloads, b.max_reloads, b.territory)
        && pauses(a) == pauses(b)
}
