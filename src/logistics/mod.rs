//! Needs, stock and crews become a plan: where the points are, who gets what, which crew goes where, and why.

pub mod allocation;
pub mod siting;
