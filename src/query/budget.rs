//! What a question may cost: units of work that are counted, not timed, so that the same question always gets as far.

use std::sync::atomic::{AtomicU64, Ordering};

/// Units that a question may spend unless somebody says otherwise: about a second of one core.
pub const DEFAULT_UNITS: u64 = 400_000_000;

/// Units left. A unit is about two nanoseconds of work: a row looked at, a vertex compared, a character matched.
#[derive(Debug)]
pub struct Budget {
    left: AtomicU64,
    given: u64,
}

/// The question costs more than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the question costs more work than one may ({given} units): ask for less at once")]
pub struct Spent {
    /// What there was.
    pub given: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(DEFAULT_UNITS)
    }
}

impl Budget {
    /// So many units.
    pub const fn new(units: u64) -> Self {
        Self { left: AtomicU64::new(units), given: units }
    }

    /// Takes units before the work is done. Errors: there are not as many left; then none are.
    pub fn spend(&self, units: u64) -> Result<(), Spent> {
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(units));
        taken.map(|_| ()).map_err(|_| {
            self.left.store(0, Ordering::Relaxed);
            Spent { given: self.given }
        })
    }

    /// Units spent so far.
    pub fn spent(&self) -> u64 {
        self.given - self.left.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone() {
        let budget = Budget::new(10);
        assert_eq!(budget.spend(7), Ok(()));
        assert_eq!(budget.spent(), 7);
        assert_eq!(budget.spend(4), Err(Spent { given: 10 }));
        assert_eq!(budget.spend(1), Err(Spent { given: 10 }), "who overdraws has nothing left");
    }
}
