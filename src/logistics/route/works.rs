//! How long stops take which crew, what that costs, and for how many a task counts.

use super::{
    arcs::FAR,
    kinds::Stop,
    model::{Crew, Model, Role},
};
use crate::logistics::problem::{Vehicle, Work};

impl Crew {
    /// What so many seconds of work at stops cost.
    #[inline]
    pub fn labour(&self, work: i64) -> i64 {
        (self.labour * work as f64).min(FAR as f64) as i64
    }
}

impl Model<'_> {
    /// How many stops a task stands for: both ends where it is the fetching of a shipment.
    #[inline]
    pub fn ends(&self, task: u32) -> i64 {
        if self.nodes[task as usize].role == Role::Pickup { 2 } else { 1 }
    }

    /// How long setting up takes, and the service, with that crew.
    #[inline]
    pub fn work(&self, node: u32, crew: &Crew) -> (i64, i64) {
        if crew.sort == 0 || node as usize >= self.tasks {
            let node = &self.nodes[node as usize];
            return (node.setup, node.service);
        }
        self.works[node as usize * self.sorts + crew.sort as usize - 1]
    }

    /// What tasks take the types of vehicles of which something is said.
    pub(super) fn add_works(&mut self, stops: &[Stop<'_>]) {
        let mut firsts: Vec<&Vehicle> = Vec::new();
        for (vehicle, crew) in self.problem.vehicles.iter().zip(&mut self.crews) {
            let Some(kind) = vehicle.kind.as_deref() else { continue };
            if stops.iter().all(|stop| !stop.by_type.0.contains_key(kind)) {
                continue;
            }
            let known = firsts.iter().position(|first| first.kind == vehicle.kind);
            let sort = known.unwrap_or_else(|| {
                firsts.push(vehicle);
                firsts.len() - 1
            });
            crew.sort = sort as u32 + 1;
        }
        self.sorts = firsts.len();
        for stop in stops {
            let work = |first: &&Vehicle| {
                let Work { setup_s, service_s } = stop.by_type.of(first, stop.common);
                (i64::from(setup_s), i64::from(service_s))
            };
            self.works.extend(firsts.iter().map(work));
        }
    }
}
