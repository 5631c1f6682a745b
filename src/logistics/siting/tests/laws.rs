//! What holds for every problem: small ones are solved by every choice there is.

use proptest::prelude::*;

use crate::{
    domain::watch::Unwatched,
    logistics::siting::{Answer, Objective, Problem, Terms, solve, twin},
};

/// A cost that is whole or not, now and then of no use.
fn cost() -> impl Strategy<Value = f64> {
    prop_oneof![4 => (0_u32..30).prop_map(f64::from), 2 => 0.0..30.0, 1 => Just(f64::INFINITY)]
}

/// Whole or eighths: sums of any weights may differ by as little as one likes.
fn weight() -> impl Strategy<Value = f64> {
    prop_oneof![3 => (0_u32..6).prop_map(f64::from), 1 => (0_u32..48).prop_map(|eighths| f64::from(eighths) / 8.0)]
}

fn objective() -> impl Strategy<Value = Objective> {
    prop_oneof![
        Just(Objective::PMedian),
        Just(Objective::PCenter),
        (0.0..20.0).prop_map(|cover| Objective::MaxCover { cover })
    ]
}

fn terms(demands: std::ops::Range<usize>) -> impl Strategy<Value = Terms> {
    (demands, 1_usize..8).prop_flat_map(|(demands, candidates)| {
        let fixed = prop::sample::subsequence((0..candidates).collect::<Vec<_>>(), 0..=candidates.min(2));
        (
            prop::collection::vec(weight(), demands),
            prop::collection::vec(cost(), demands * candidates),
            1..=candidates,
            objective(),
            fixed,
        )
            .prop_map(move |(weights, costs, p, objective, mut fixed)| {
                fixed.truncate(p);
                Terms { weights, candidates, costs, p, objective, capacities: None, fixed }
            })
    })
}

/// What an answer leaves out, counted from its assignment, and what the assignment costs.
fn counted(problem: &Problem, answer: &Answer) -> (f64, f64) {
    let terms = problem.terms();
    let (mut lost, mut cost) = (0.0, 0.0_f64);
    for (demand, site) in answer.assignment.iter().enumerate() {
        let weight = terms.weights[demand];
        let by = site.map(|site| {
            assert!(answer.sites.contains(&site), "served by a site");
            problem.cost(demand, site)
        });
        match (terms.objective, by) {
            (Objective::PMedian, Some(by)) => cost += weight * by,
            (Objective::PMedian, None) => lost += weight,
            (Objective::PCenter, Some(by)) if weight > 0.0 => cost = cost.max(by),
            (Objective::PCenter, None) if weight > 0.0 => lost += 1.0,
            (Objective::MaxCover { cover }, Some(by)) => assert!(by <= cover),
            (Objective::MaxCover { .. }, None) => (lost, cost) = (lost + weight, cost + weight),
            _ => {}
        }
    }
    (lost, cost)
}

fn check_form(problem: &Problem, answer: &Answer) {
    let terms = problem.terms();
    assert_eq!(answer.sites.len(), terms.p);
    assert!(answer.sites.is_sorted_by(|a, b| a < b) && answer.sites.iter().all(|&site| site < terms.candidates));
    assert!(terms.fixed.iter().all(|site| answer.sites.contains(site)), "what is fixed is open");
    assert!(answer.lower_bound <= answer.cost && (0.0..=1.0).contains(&answer.gap()));
    let (_, cost) = counted(problem, answer);
    assert!((cost - answer.cost).abs() < 1e-6, "{cost} is said to be {}", answer.cost);
    let served: f64 =
        (0..terms.weights.len()).filter(|&d| answer.assignment[d].is_some()).map(|d| terms.weights[d]).sum();
    assert!((served - answer.served).abs() < 1e-6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn without_capacities_the_best_choice_is_found_and_proved(terms in terms(1..9), seed in 0_u64..5) {
        let problem = Problem::checked(terms).expect("a problem");
        let answer = solve(&problem, seed, &Unwatched);
        check_form(&problem, &answer);
        let (lost, least) = twin::best(&problem);
        let (lost_here, _) = counted(&problem, &answer);
        prop_assert!((lost_here - lost).abs() < 1e-6, "{} left out, {} must be", lost_here, lost);
        prop_assert!((answer.cost - least).abs() < 1e-6, "{:?}, best {}", answer, least);
        prop_assert!(answer.proved, "{:?}", answer);
    }

    #[test]
    fn with_capacities_nobody_is_overloaded_and_few_are_served_best(
        terms in terms(1..7),
        rooms in prop::collection::vec(prop_oneof![(0_u32..12).prop_map(f64::from), Just(f64::INFINITY)], 8),
    ) {
        let capacities = rooms[..terms.candidates].to_vec();
        let problem = Problem::checked(Terms { capacities: Some(capacities.clone()), ..terms }).expect("a problem");
        let answer = solve(&problem, 1, &Unwatched);
        check_form(&problem, &answer);
        let mut load = vec![0.0; problem.candidates()];
        for (demand, site) in answer.assignment.iter().enumerate() {
            if let Some(site) = site {
                load[*site] += problem.terms().weights[demand];
            }
        }
        prop_assert!(load.iter().zip(&capacities).all(|(load, room)| *load <= room + 1e-6), "{:?}", load);
        let (lost, least) = twin::best(&problem);
        let (lost_here, _) = counted(&problem, &answer);
        prop_assert!(lost_here > lost - 1e-6);
        prop_assert!(answer.lower_bound <= least + 1e-6, "{:?}, best {}", answer, least);
        // Radii are asked one by one of a search that need not end: a center may stay unproved.
        if answer.proved || problem.terms().objective != Objective::PCenter {
            prop_assert!((lost_here - lost).abs() < 1e-6 && (answer.cost - least).abs() < 1e-6, "{:?}, best {}", answer, least);
            prop_assert!(answer.proved, "{:?}", answer);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_answer_on_one_core(terms in terms(1..9)) {
        let problem = Problem::checked(terms).expect("a problem");
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        prop_assert_eq!(solve(&problem, 3, &Unwatched), one.install(|| solve(&problem, 3, &Unwatched)));
    }
}
