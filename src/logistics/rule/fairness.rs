//! Work is spread: the square of each crew's work counts, so an hour costs more where there are many already.

use crate::logistics::problem::Fairness;

/// One crew's unfairness at most: the sum of all crews' stays a number.
const MOST: f64 = (1_u64 << 48) as f64;

/// How much unfairness costs.
#[derive(Clone, Copy, Debug)]
pub struct Fair {
    /// What is measured.
    pub measure: Fairness,
    /// Cost of a squared unit of work.
    pub weight: f64,
}

impl Fair {
    /// Nobody asks.
    pub const NONE: Self = Self { measure: Fairness::None, weight: 0.0 };

    /// The cost of so much work of one crew.
    #[inline]
    pub fn cost(&self, tasks: u32, busy: i64) -> i64 {
        let work = match self.measure {
            Fairness::None => return 0,
            Fairness::Time => busy as f64,
            Fairness::Stops => f64::from(tasks),
        };
        (self.weight * work * work).min(MOST) as i64
    }
}
