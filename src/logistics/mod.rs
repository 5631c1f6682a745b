//! Needs, stock and crews become a plan: where the points are, who gets what, which crew goes where, and why.

pub mod allocation;
pub mod check;
pub mod explain;
pub mod insertion;
pub mod plan;
pub mod problem;
pub mod route;
pub mod rule;
pub mod siting;
pub mod timetable;
