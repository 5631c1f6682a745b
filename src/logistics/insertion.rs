//! What it costs to put a stop somewhere else: the price of a drag.

use super::{
    check::Breach,
    plan::Plan,
    problem::{Problem, Task},
};

/// The price of a move.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// Seconds on the road more, of the runs that change together.
    pub extra_s: i64,
    /// Metres more.
    pub extra_m: i64,
    /// What the plan would get wrong that it does not now.
    pub breaches: Vec<Breach>,
    /// The plan as it would be.
    pub plan: Plan,
}

/// Why a move makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMove {
    /// There is no such stop.
    #[error("there is no such stop")]
    NoTask,
    /// There is no such vehicle.
    #[error("there is no such vehicle")]
    NoVehicle,
    /// It was done.
    #[error("the stop is done")]
    Done,
    /// No place in the run: beyond its end, or before what is done.
    #[error("there is no such position in the run, or what is there is done")]
    NoPosition,
}

/// Prices moving a stop (with the other end of its shipment) to a vehicle's run, at a position among the run's tasks (0 first), or where it
/// costs least; `vehicle: None` takes it out of the plan. A position of a shipment is that of the end named.
pub fn price(
    _problem: &Problem,
    _plan: &Plan,
    _task: Task,
    _vehicle: Option<u64>,
    _position: Option<usize>,
) -> Result<Price, NoMove> {
    Err(NoMove::NoTask)
}
