//! What is over of a run: the rest of it begins where and when that ended.

use super::model::NONE;
use crate::logistics::{
    problem::{Deed, Problem, Task},
    timetable::{self, Stop},
};

/// What is over of one vehicle's run.
#[derive(Clone, Debug, Default)]
pub struct Begun {
    /// The tasks, in order.
    pub tasks: Vec<Task>,
    /// The pauses taken.
    pub breaks: Vec<u64>,
    /// How often it has loaded.
    pub reloads: usize,
    /// The steps, as a timetable knows them.
    pub stops: Vec<Stop>,
    /// Where it is, or [`NONE`].
    pub place: u32,
    /// When it is free; `None`: nothing is over.
    pub free_s: Option<i64>,
    /// Fetched since the last loading.
    pub aboard: Vec<i64>,
    /// Of shipments: on board.
    pub shipped: Vec<i64>,
    /// Seconds on the road.
    pub travel_s: i64,
    /// Metres.
    pub distance_m: i64,
    carried: Vec<Task>,
}

impl Begun {
    /// What is over, for each vehicle.
    pub fn all(problem: &Problem) -> Vec<Self> {
        (0..problem.vehicles.len()).map(|vehicle| Self::of(problem, vehicle)).collect()
    }

    /// Whether anything is over.
    pub const fn is_out(&self) -> bool {
        !self.stops.is_empty()
    }

    /// Whether what a delivery brings is on board.
    pub fn carries(&self, delivery: Task) -> bool {
        self.carried.contains(&delivery)
    }

    fn of(problem: &Problem, at: usize) -> Self {
        let vehicle = &problem.vehicles[at];
        let home = vehicle.start.map_or(NONE, |place| place as u32);
        let mut begun = Self { place: home, ..Self::default() };
        let Some(done) = problem.done.get(&vehicle.id) else { return begun };
        for step in done {
            begun.stops.push(match step.deed {
                Deed::Task(task) => Stop::Task(task),
                Deed::Break(id) => Stop::Break(id),
                Deed::Reload(depot) => Stop::Reload(depot),
            });
            match step.deed {
                Deed::Task(task) => begun.tasks.push(task),
                Deed::Break(id) => begun.breaks.push(id),
                Deed::Reload(_) => begun.reloads += 1,
            }
        }
        if begun.stops.is_empty() {
            return begun;
        }
        let table = timetable::of(problem, at, &begun.stops);
        if let Some(last) = table.steps.iter().rfind(|step| step.kind != crate::logistics::plan::Kind::End) {
            begun.free_s = Some(last.leave_s());
            begun.place = last.location.map_or(NONE, |place| place as u32);
            begun.travel_s = last.duration_s as i64;
            begun.distance_m = last.distance_m as i64;
        }
        (begun.aboard, begun.shipped) = (vec![0; problem.dimensions()], vec![0; problem.dimensions()]);
        begun.collect(problem, done.iter().map(|step| step.deed));
        begun
    }

    /// What was fetched since the last loading and is still on board.
    fn collect(&mut self, problem: &Problem, deeds: impl Iterator<Item = Deed>) {
        for deed in deeds {
            match deed {
                Deed::Reload(_) => self.aboard.fill(0),
                Deed::Task(Task::Job(id)) => {
                    if let Some(job) = problem.jobs.iter().find(|job| job.id == id) {
                        for (dimension, aboard) in self.aboard.iter_mut().enumerate() {
                            *aboard += i64::from(job.pickup.of(dimension));
                        }
                    }
                }
                Deed::Task(Task::Pickup(id)) => {
                    let shipment = problem.shipments.iter().find(|shipment| shipment.pickup.id == id);
                    self.carried.extend(shipment.map(|shipment| Task::Delivery(shipment.delivery.id)));
                }
                Deed::Task(_) | Deed::Break(_) => {}
            }
        }
        self.carried.retain(|task| !self.tasks.contains(task));
        for shipment in &problem.shipments {
            if self.carried.contains(&Task::Delivery(shipment.delivery.id)) {
                for (dimension, shipped) in self.shipped.iter_mut().enumerate() {
                    *shipped += i64::from(shipment.amount.of(dimension));
                }
            }
        }
    }
}
