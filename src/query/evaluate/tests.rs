//! The evaluator against its slow twin, and the laws of three values.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{
    query::{
        collection::{Households, People},
        invented::{Inventor, layer},
        sql, twin,
    },
    snapshot::{invented, layer::Shapes},
};

/// Filters asked in a test: a thousand in each of two.
const CASES: u32 = 25;
const FILTERS: u64 = 20;

fn agree(collection: &dyn Collection, seed: u64) -> Result<(), TestCaseError> {
    let mut inventor = Inventor::new(seed, collection);
    for _ in 0..FILTERS {
        let filter = inventor.filter();
        let fast = rows(&filter, collection, &Budget::new(u64::MAX)).unwrap();
        let slow: Rows = (0..collection.len())
            .map(Row)
            .filter(|&row| twin::holds(filter.predicate(), collection, row) == Some(true))
            .collect();
        prop_assert_eq!(fast, slow, "{:?}", filter.predicate());
        if let Some(sql) = sql::condition(filter.predicate(), collection) {
            prop_assert_eq!(sql.matches('(').count(), sql.matches(')').count(), "{}", sql);
        }
        let all = Mask::all(collection.len());
        let evaluator = Evaluator { collection, people: None, budget: &Budget::new(u64::MAX), len: collection.len() };
        let truth = evaluator.truth(filter.predicate(), &all).unwrap();
        for row in (0..collection.len()).map(Row) {
            let is = |mask: &Mask| mask.words()[row.0 as usize / 64] >> (row.0 % 64) & 1 == 1;
            let found = is(&truth.known).then(|| is(&truth.set));
            let slow = twin::holds(filter.predicate(), collection, row);
            prop_assert_eq!(found, slow, "row {} of {:?}", row.0, filter.predicate());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn households_and_people_are_found_as_the_twin_finds_them(world in any::<u64>(), count in 0u32..150, seed in any::<u64>()) {
        let (snapshot, _) = invented::world(world, count, 3, 0.05);
        let households = Arc::new(Households::new(Arc::new(snapshot)));
        agree(&*households, seed)?;
        agree(&People::new(households), seed)?;
    }

    #[test]
    fn features_are_found_as_the_twin_finds_them(world in any::<u64>(), count in 0u64..150, seed in any::<u64>()) {
        for (at, shapes) in [Shapes::Points, Shapes::Lines, Shapes::Polygons, Shapes::Mixed].into_iter().enumerate() {
            agree(&layer(world, count / (1 + at as u64), shapes), seed)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// No distance at all asks whether a point lies on a line, which no rounding may deny.
    #[test]
    fn what_is_near_is_what_the_twin_measures(world in any::<u64>(), seed in any::<u64>()) {
        for shapes in [Shapes::Points, Shapes::Mixed] {
            let collection = layer(world, 100, shapes);
            let mut inventor = Inventor::new(seed, &collection);
            for metres in [0.0, 0.0, 0.0, 0.0, 111_000.0] {
                let predicate = Predicate::Near(inventor.shape(), metres);
                let (all, budget) = (Mask::all(collection.len()), Budget::new(u64::MAX));
                let evaluator = Evaluator { collection: &collection, people: None, budget: &budget, len: collection.len() };
                let fast = evaluator.truth(&predicate, &all).unwrap().set;
                for row in (0..collection.len()).map(Row) {
                    let found = fast.words()[row.0 as usize / 64] >> (row.0 % 64) & 1 == 1;
                    prop_assert_eq!(Some(found), twin::holds(&predicate, &collection, row), "row {} of {:?}", row.0, predicate);
                }
            }
        }
    }
}

/// The tables of SQL: what is known of one side may be enough.
#[test]
fn three_values_combine_as_in_sql() {
    let values = [None, Some(false), Some(true)];
    let len = 9;
    let of = |pick: &dyn Fn(usize) -> Option<bool>| {
        let word =
            |holds: &dyn Fn(Option<bool>) -> bool| (0..9).fold(0, |word, at| word | u64::from(holds(pick(at))) << at);
        let known = Mask::of_words(len, vec![word(&|truth| truth.is_some())]);
        Truth { set: Mask::of_words(len, vec![word(&|truth| truth == Some(true))]), known }
    };
    let (a, b) = (of(&|at| values[at / 3]), of(&|at| values[at % 3]));
    let and = |a: Option<bool>, b: Option<bool>| match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    };
    let or = |x: Option<bool>, y: Option<bool>| and(x.map(|t| !t), y.map(|t| !t)).map(|t| !t);
    assert_eq!(a.clone().and(&b), of(&|at| and(values[at / 3], values[at % 3])));
    assert_eq!(a.clone().or(&b), of(&|at| or(values[at / 3], values[at % 3])));
    assert_eq!(a.clone().negated(), of(&|at| values[at / 3].map(|truth| !truth)));
    assert_eq!(a.clone().negated().negated(), a);
    // De Morgan.
    assert_eq!(a.clone().and(&b).negated(), a.clone().negated().or(&b.clone().negated()));
    for comparison in [Comparison::Equal, Comparison::NotEqual, Comparison::Less, Comparison::GreaterOrEqual] {
        let expected = of(&|at| Some(comparison.passes(values[at / 3]?.cmp(&values[at % 3]?))));
        assert_eq!(compared(comparison, a.clone(), &b), expected);
    }
}
