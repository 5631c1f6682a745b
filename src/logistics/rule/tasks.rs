//! A run has at most so many stops.

/// Whether so many more are allowed.
#[inline]
pub const fn allows(tasks: u32, more: u32, most: u32) -> bool {
    tasks + more <= most
}
