//! Layer 5, what an operator makes: scenarios of closed roads, plans, deliveries. A command becomes events, events a state.
