//! Layer 5, what an operator makes: scenarios of closed roads, plans, deliveries. A command becomes events, events a state.
//!
//! ```text
//! command ─► (state) ─► events ─► journal of the store ─► apply ─► state, the same on every node
//! ```

pub mod delivery;
pub mod event;
pub mod link;
pub mod moment;
pub mod order;
pub mod plan;
pub mod scenario;
