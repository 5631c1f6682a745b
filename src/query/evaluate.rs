//! Which rows pass a filter.

use super::{
    budget::{Budget, Spent},
    collection::Collection,
    filter::Filter,
    twin,
};
use crate::snapshot::{Row, Rows};

/// The rows for which a filter is true (not false, not unknown). The filter was read for this collection.
///
/// Errors: the budget is spent.
pub fn rows(filter: &Filter, collection: &dyn Collection, budget: &Budget) -> Result<Rows, Spent> {
    budget.spend(u64::from(collection.len()))?;
    Ok((0..collection.len())
        .map(Row)
        .filter(|&row| twin::holds(filter.predicate(), collection, row) == Some(true))
        .collect())
}
