//! How long work tells how far it is and learns that it should stop.

/// Someone who watches long work. Stages call it from any thread, not more often than every thousand items.
pub trait Watch: Sync {
    /// A step begins; `total` items are ahead (0: unknown).
    fn begin(&self, step: &'static str, total: u64);
    /// So many items of the step are done.
    fn advance(&self, done: u64);
    /// Whether the work should stop at the next clean point.
    fn cancelled(&self) -> bool;
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {
    fn begin(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}
