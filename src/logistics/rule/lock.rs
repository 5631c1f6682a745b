//! A stop that is held stays with its vehicle; one held in order is not moved within its run either.

use std::collections::BTreeMap;

use crate::logistics::problem::{Hold, Problem, Task};

/// Who holds what.
#[derive(Debug, Default)]
pub struct Locks {
    held: BTreeMap<Task, (u64, Hold, usize)>,
}

impl Locks {
    /// The locks of a problem; the last one of a task counts.
    pub fn of(problem: &Problem) -> Self {
        let locks = problem.locks.iter().enumerate();
        Self { held: locks.map(|(rank, lock)| (lock.task, (lock.vehicle, lock.hold, rank))).collect() }
    }

    /// The vehicle that holds a task.
    pub fn vehicle(&self, task: Task) -> Option<u64> {
        self.held.get(&task).map(|held| held.0)
    }

    /// The rank of a task that is held in order.
    pub fn rank(&self, task: Task) -> Option<usize> {
        self.held.get(&task).filter(|held| held.1 == Hold::Order).map(|held| held.2)
    }

    /// Whether a vehicle may serve a task.
    pub fn admit(&self, vehicle: u64, task: Task) -> bool {
        self.vehicle(task).is_none_or(|holder| holder == vehicle)
    }
}
