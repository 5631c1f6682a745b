use super::{Areas, compare_methods, drop_one, ranks, spearman, sweep_k, vary_weights};

fn town() -> Vec<Vec<f64>> {
    (0..40_u32).map(|i| (0..4_u32).map(|j| f64::from((i * 7 + j * i * i + 3 * j) % 31) / 31.0).collect()).collect()
}

#[test]
fn the_same_seed_gives_the_same_ranges_and_they_hold_the_rank() {
    let values = town();
    let areas = Areas { values: &values, weights: &[0.4, 0.3, 0.2, 0.1] };
    let ranges = vary_weights(&areas, 200, 7);
    assert_eq!(ranges, vary_weights(&areas, 200, 7));
    assert!(
        ranges
            .iter()
            .all(|r| r.least <= r.rank && r.rank <= r.greatest && r.least <= r.median && r.median <= r.greatest)
    );
    assert!(ranges.iter().any(|r| r.least < r.greatest), "weights matter somewhere");
}

#[test]
fn an_indicator_that_says_nothing_can_be_dropped() {
    let values: Vec<Vec<f64>> = (0..10).map(|i| vec![f64::from(i), 1.0]).collect();
    let shifts = drop_one(&Areas { values: &values, weights: &[0.5, 0.5] });
    assert!(shifts[1].abs() < 1e-12 && shifts[0] > 1.0, "{shifts:?}");
}

#[test]
fn spearman_by_hand() {
    assert_eq!(spearman(&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0]), Some(1.0));
    assert_eq!(spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]), Some(-1.0));
    assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
    // Two ties: scipy.stats.spearmanr([1,2,2,4],[1,3,2,4]) = 0.9486832980505139.
    assert!((spearman(&[1.0, 2.0, 2.0, 4.0], &[1.0, 3.0, 2.0, 4.0]).unwrap() - 0.948_683_298).abs() < 1e-9);
    assert_eq!(ranks(&[0.5, 0.9, 0.5]), [2, 1, 2]);
}

#[test]
fn a_higher_k_never_finds_more() {
    let scores: Vec<f64> = town().iter().map(|row| row.iter().sum::<f64>() / 4.0).collect();
    let sweep = sweep_k(&scores, &[0.2, 0.33, 0.4, 0.5]);
    assert!(sweep.is_sorted_by(|a, b| a.1 >= b.1 && a.2 >= b.2));
}

#[test]
fn methods_agree_on_one_indicator() {
    let values: Vec<Vec<f64>> = (0..20).map(|i| vec![f64::from(i * i)]).collect();
    let agreement = compare_methods(&Areas { values: &values, weights: &[1.0] });
    assert_eq!((agreement.min_max_percentile, agreement.min_max_ampi), (Some(1.0), Some(1.0)));
    assert!(agreement.changed_quintile.abs() < 1e-12);
}
