use jiff::civil::date;

use super::{DEFAULT, Model, ModelError};
use crate::{
    domain::score::Dimension,
    fragility::{
        indicator,
        isee::{City, Declaration, compute},
    },
};

fn edited(from: &str, to: &str) -> ModelError {
    assert!(DEFAULT.contains(from), "the shipped model holds {from:?}");
    Model::parse(&DEFAULT.replacen(from, to, 1)).expect_err("an edit that must be refused")
}

#[test]
fn the_shipped_model_is_whole() {
    let model = Model::shipped();
    assert_eq!(model.indicators().len(), indicator::ALL.len(), "every indicator is in the model");
    let dated = model.at(date(2026, 6, 30)).unwrap();
    assert_eq!(dated.indicators.len(), indicator::ALL.len(), "every indicator is in force today");
    let sum: f64 = dated.indicators.iter().map(|i| i.weight).sum();
    assert!((sum - 1.0).abs() < 1e-12);
    for dimension in Dimension::ALL {
        let inside = dated.indicators.iter().filter(|i| i.spec.indicator.dimension == dimension);
        assert!((inside.map(|i| i.weight).sum::<f64>() - 0.2).abs() < 1e-12, "{dimension}");
    }
}

#[test]
fn weights_out_of_force_go_to_the_others() {
    let model = Model::shipped();
    let dated = model.at(date(2024, 6, 30)).unwrap();
    assert!(dated.indicators.iter().all(|i| i.spec.indicator.key != "isee_low"), "no cut-off before 2025");
    assert!((dated.indicators.iter().map(|i| i.weight).sum::<f64>() - 1.0).abs() < 1e-12);
    assert!(matches!(model.at(date(2020, 1, 1)), Err(ModelError::OutOfDate { .. })));
}

#[test]
fn a_bad_model_is_refused_with_its_place() {
    let unknown_key = edited("k = 0.20", "k = 0.20\nkk = 1").to_string();
    assert!(unknown_key.contains("kk") && unknown_key.contains("line"), "{unknown_key}");
    for (from, to, place) in [
        ("k = 0.20", "k = 0.0", "k"),
        ("k = 0.20", "k = nan", "k"),
        ("weight = 0.3\n", "weight = 0.4\n", "weights of the indicators of economic"),
        ("weight = 0.2\n", "weight = 0.3\n", "weights of the dimensions"),
        ("key = \"isee_low\"", "key = \"isee_lo\"", "indicator isee_lo"),
        ("dimension = \"economic\"", "dimension = \"health\"", "indicator isee_low, dimension"),
        ("banks = [\"isee_attestazioni\", \"isee_componenti\"]", "banks = [\"tari\"]", "indicator isee_low, banks"),
        ("to = 2025-12-31\nvalue = 9530", "to = 2026-02-01\nvalue = 9530", "indicator isee_low, cutoff"),
        ("value = 9530", "value = inf", "indicator isee_low, cutoff"),
        ("from = 2025-01-01\nto = 2025-12-31", "from = 2025-12-31\nto = 2025-01-01", "indicator isee_low, cutoff"),
        ("isee_max = 9360.0", "isee_maximum = 9360.0", "benefit.adi"),
        ("isee_max = 9360.0", "isee_max = -1.0", "benefit.adi, isee_max"),
        ("it = \"ISEE basso\"", "it = \"\"", "indicator isee_low, title"),
        ("from = 2022-03-01", "from = \"2022-03-01\"", "benefit.auu"),
    ] {
        match edited(from, to) {
            ModelError::Invalid { place: found, .. } => assert_eq!(found, place, "{to}"),
            other => panic!("{to}: {other}"),
        }
    }
    assert!(matches!(Model::parse(&"#".repeat(2 << 20)), Err(ModelError::Syntax(_))));
    assert!(matches!(Model::parse("\u{0}"), Err(ModelError::Syntax(_))));
}

#[test]
fn isee_by_hand() {
    let model = Model::shipped();
    let (day, parameters) = (date(2026, 6, 30), model.parameters());
    let (ordinary, inclusion) = (parameters.isee_ordinary.at(day).unwrap(), parameters.isee_inclusion.at(day).unwrap());
    let vectors = [
        ((18000.0, 80000.0, 9000.0, 0, 1), 22266.67, 18600.00, None),
        ((32000.0, 120000.0, 20000.0, 2, 4), 17479.67, 14635.42, Some(13281.25)),
        ((28000.0, 140000.0, 15000.0, 3, 5), 13158.47, 11161.29, Some(9935.48)),
    ];
    for ((income, home, mobile, children, members), old, new, metro) in vectors {
        let declared = Declaration { income, home, mobile, members, children, city: City::Other };
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 0.005, "{found} is not {expected}");
        close(compute(ordinary, &declared), old);
        close(compute(inclusion, &declared), new);
        if let Some(metro) = metro {
            close(compute(inclusion, &Declaration { city: City::MetropolitanCapital, ..declared }), metro);
        }
    }
    assert!(parameters.isee_inclusion.at(date(2025, 12, 31)).is_none(), "the second ISEE begins in 2026");
}
