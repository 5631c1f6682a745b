use super::{Incomes, oecd_scale};

const INCOMES: [f64; 20] = [
    4200.0, 5100.0, 6800.0, 7900.0, 9100.0, 9900.0, 10850.0, 12300.0, 12300.0, 14100.0, 15800.0, 17250.0, 19900.0,
    22400.0, 26800.0, 31000.0, 44500.0, 0.0, 8600.0, 11200.0,
];
const WEIGHTS: [f64; 20] =
    [1.0, 2.0, 1.0, 1.5, 1.0, 2.0, 1.0, 1.0, 3.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 2.0];

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-7, "{found} is not {expected}");
}

#[test]
fn weighted_sample_as_laeken() {
    let incomes = Incomes::new(INCOMES.into_iter().zip(WEIGHTS)).unwrap();
    close(incomes.mean(), 13_326.923_076_923);
    close(incomes.poverty_threshold(0.6), 6720.0);
    for (share, expected) in
        [(0.4, 7.692_307_692_31), (0.5, 15.384_615_384_6), (0.6, 15.384_615_384_6), (0.7, 19.230_769_230_8)]
    {
        close(incomes.at_risk_percent(incomes.poverty_threshold(share)), expected);
    }
    close(incomes.quintile_ratio(), 3.906_202_723_15);
    close(incomes.median_gap_percent(6720.0).unwrap(), 24.107_142_857_1);
    close(incomes.gini(), 33.078_310_578_3);
    for (p, expected) in [
        (0.1, 5100.0),
        (0.2, 7900.0),
        (0.25, 8600.0),
        (0.5, 11200.0),
        (0.75, 17250.0),
        (0.8, 17250.0),
        (0.9, 22400.0),
        (0.0, 0.0),
        (1.0, 44500.0),
    ] {
        close(incomes.quantile(p), expected);
    }
}

#[test]
fn strata_take_the_threshold_of_the_whole() {
    let stratum = |parity: usize| {
        let rows = INCOMES.into_iter().zip(WEIGHTS).enumerate().filter(move |(i, _)| i % 2 == parity).map(|(_, r)| r);
        Incomes::new(rows).unwrap().at_risk_percent(6720.0)
    };
    close(stratum(0), 8.333_333_333_33);
    close(stratum(1), 21.428_571_428_6);
}

#[test]
fn equal_weights() {
    let incomes = Incomes::new(INCOMES.into_iter().map(|x| (x, 1.0))).unwrap();
    close(incomes.quantile(0.5), 12300.0);
    close(incomes.poverty_threshold(0.6), 7380.0);
    close(incomes.at_risk_percent(7380.0), 20.0);
    close(incomes.gini(), 36.424_137_931);
    close(incomes.quintile_ratio(), 4.2625);
}

#[test]
fn the_numbers_one_to_ten() {
    let toy = Incomes::new((1..=10).map(|x| (f64::from(x), 1.0))).unwrap();
    close(toy.gini(), 30.0);
    close(toy.quintile_ratio(), 10.0 / 6.0);
    close(toy.quantile(0.5), 6.0);
    close(toy.poverty_threshold(0.6), 3.6);
    close(toy.at_risk_percent(3.6), 30.0);
    let weighted = Incomes::new((1..=10).map(|x| (f64::from(x), f64::from(x)))).unwrap();
    for (p, expected) in [(0.2, 5.0), (0.5, 7.0), (0.8, 9.0)] {
        close(weighted.quantile(p), expected);
    }
    assert!(
        Incomes::new([]).is_none() && Incomes::new([(f64::NAN, 1.0)]).is_none() && Incomes::new([(1.0, 0.0)]).is_none()
    );
}

#[test]
fn the_modified_oecd_scale() {
    close(oecd_scale([40, 38, 14, 13]), 2.3);
    close(oecd_scale([77]), 1.0);
    close(oecd_scale([30, 5]), 1.3);
}
