//! Road files become a graph, and the graph answers: how long, which way, how far in ten minutes.
