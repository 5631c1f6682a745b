//! The public partition.
