//! What a plan leaves to the next one: who was not reached, and what is still there to be handed over.

use std::collections::BTreeSet;

use super::{super::order::Stock, Code, Plan, Target};

impl Plan {
    /// The households that another plan should reach: those whose stop failed and those that were left out.
    pub fn left(&self) -> Vec<u64> {
        self.left_targets().map(|target| target.household).collect()
    }

    /// The stock that another plan starts from: what nobody was given, and what did not come to its door. A unit is in one
    /// plan's hands only, however many follow each other.
    pub fn stock_left(&self) -> Vec<Stock> {
        let mut stock = self.order.stock.clone();
        let Some(result) = &self.result else { return stock };
        for (one, left) in stock.iter_mut().zip(&result.stock) {
            one.units = left.left;
        }
        for target in self.left_targets() {
            let Some(given) = &target.given else { continue };
            let handed = self.outcome(&target.code).filter(|outcome| outcome.kind.is_served());
            let back = given.units.saturating_sub(handed.map_or(0, |outcome| outcome.units.unwrap_or(given.units)));
            let is_of = |one: &&mut Stock| {
                given.kit.as_ref() == Some(&one.kit) && (given.depot.is_none() || given.depot == one.depot)
            };
            if let Some(one) = stock.iter_mut().find(is_of) {
                one.units = one.units.saturating_add(back);
            }
        }
        stock
    }

    fn left_targets(&self) -> impl Iterator<Item = &Target> {
        let unserved = self.result.iter().flat_map(|result| &result.unserved).map(|one| &one.code);
        let unserved: BTreeSet<&Code> = unserved.collect();
        self.targets.iter().filter(move |target| match self.outcome(&target.code) {
            Some(outcome) => outcome.kind.is_failed(),
            None => unserved.contains(&target.code),
        })
    }
}
