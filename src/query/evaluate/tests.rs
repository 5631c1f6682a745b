//! The evaluator against its slow twin, and the laws of three values.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{
    query::{
        collection::{Households, People},
        invented::{Inventor, layer},
        twin,
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
        let all = Mask::all(collection.len());
        let evaluator = Evaluator { collection, people: None, budget: &Budget::new(u64::MAX), len: collection.len() };
        let truth = evaluator.truth(filter.predicate(), &all).unwrap();
        for row in (0..collection.len()).map(Row) {
            let is = |mask: &Mask| mask.words()[row.0 as usize / 64] >> (row.0 % 64) & 1 == 1;
            let found = is(&truth.known).then(|| is(&truth.set));
            let slow = twin::holds(filter.predicate(), collection, row);
            // Of what is false already, nobody asks whether it is rather unknown, nor the other way round: where the whole is
            // asked it must be the same.
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
