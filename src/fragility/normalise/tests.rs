use std::path::PathBuf;

use super::{
    arithmetic_mean, borda, geometric_mean, kurtosis, min_max, percentile_rank, power_mean, skewness, winsorise,
    z_score,
};

const X: [f64; 10] = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0];

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() < tolerance, "{found} is not {expected}");
}

#[test]
fn small_vectors_as_coinr() {
    let expected = [25.0, 0.0, 37.5, 0.0, 50.0, 100.0, 12.5, 62.5, 50.0, 25.0];
    min_max(&X).into_iter().zip(expected).for_each(|(a, b)| close(a * 100.0, b, 1e-9));
    for (a, b) in z_score(&X).into_iter().zip([-0.364_399_348_6, -1.174_175_679, 0.040_488_816_51]) {
        close(a, b, 1e-9);
    }
    assert_eq!(borda(&X), [3, 0, 5, 0, 6, 9, 2, 8, 6, 3]);
    let ranks = [0.3333, 0.0, 0.5556, 0.0, 0.6667, 1.0, 0.2222, 0.8889, 0.6667, 0.3333];
    percentile_rank(&X).into_iter().zip(ranks).for_each(|(a, b)| close(a, b, 5e-5));
    let weights: Vec<f64> = (1..=10).map(f64::from).collect();
    close(arithmetic_mean(&X, &weights), 4.309_090_909, 1e-9);
    close(geometric_mean(&X, &weights), 3.645_702_719, 1e-9);
    close(power_mean(&X, &weights, -1.0), 2.938_557_435, 1e-9);
    close(power_mean(&X, &weights, -2.0), 2.343_331_796, 1e-9);
    close(skewness(&X).unwrap(), 0.806_457_574_7, 1e-9);
    close(kurtosis(&X).unwrap(), 0.673_909_983_2, 1e-9);
    let tailed = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 100.0];
    close(winsorise(&tailed, 5)[9], 9.0, 1e-12);
    assert_eq!(winsorise(&X, 5), X, "no outlier, nothing changes");
}

#[test]
fn equal_values_do_not_divide_by_zero() {
    assert_eq!(min_max(&[2.0; 3]), [0.0; 3]);
    assert_eq!(z_score(&[2.0; 3]), [0.0; 3]);
    assert_eq!(skewness(&[2.0; 3]), None);
}

type Rows = Vec<(String, Vec<Option<f64>>)>;

fn stage(name: &str) -> Option<(Vec<String>, Rows)> {
    let shared = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")), PathBuf::from);
    let Ok(mut reader) = csv::Reader::from_path(shared.join("data/oracles").join(name)) else {
        println!("skipped: no {name} among the oracles");
        return None;
    };
    let header = reader.headers().unwrap().iter().skip(1).map(str::to_owned).collect();
    let row = |r: csv::StringRecord| (r[0].to_owned(), r.iter().skip(1).map(|c| c.parse().ok()).collect());
    Some((header, reader.records().map(|r| row(r.unwrap())).collect()))
}

#[test]
fn coinr_s_asem_is_normalised_alike() {
    let (Some((names, raw)), Some((_, expected))) = (stage("Raw.csv"), stage("Normalised.csv")) else { return };
    // Columns that COINr neither denominates, imputes nor treats; the others need stages that Atlante does not have.
    for (name, direction) in [
        ("LPI", 1.0),
        ("Ship", 1.0),
        ("Cov4G", 1.0),
        ("Embs", 1.0),
        ("IGOs", 1.0),
        ("UNVote", 1.0),
        ("RTAs", 1.0),
        ("Visa", 1.0),
        ("Renew", 1.0),
        ("CO2", -1.0),
        ("MatCon", -1.0),
        ("FreePress", -1.0),
        ("TolMin", -1.0),
        ("CPI", 1.0),
        ("WomParl", 1.0),
        ("GDPGrow", 1.0),
    ] {
        let j = names.iter().position(|n| n == name).unwrap();
        let column: Vec<f64> = raw.iter().map(|(_, row)| row[j].unwrap() * direction).collect();
        for (found, (unit, row)) in min_max(&column).into_iter().zip(&expected) {
            assert!((found * 100.0 - row[j].unwrap()).abs() < 0.005, "{name} of {unit}: {found}");
        }
    }
}

#[test]
fn coinr_s_asem_is_aggregated_alike() {
    let Some((names, rows)) = stage("Aggregated.csv") else { return };
    let at = |name: &str| names.iter().position(|n| n == name).unwrap();
    let mut from = 0;
    let mut groups: Vec<(usize, std::ops::Range<usize>)> = Vec::new();
    for (group, size) in [
        ("Physical", 8),
        ("ConEcFin", 5),
        ("Political", 3),
        ("Instit", 6),
        ("P2P", 8),
        ("Environ", 5),
        ("Social", 9),
        ("SusEcFin", 5),
    ] {
        groups.push((at(group), from..from + size));
        from += size;
    }
    let mean = |values: &[f64]| arithmetic_mean(values, &vec![1.0; values.len()]);
    let mut top: Vec<(f64, &str)> = Vec::new();
    for (unit, row) in &rows {
        let pillars: Vec<f64> =
            groups.iter().map(|(_, r)| mean(&row[r.clone()].iter().map(|v| v.unwrap()).collect::<Vec<_>>())).collect();
        for ((column, _), pillar) in groups.iter().zip(&pillars) {
            close(*pillar, row[*column].unwrap(), 0.005);
        }
        let index = mean(&[mean(&pillars[..5]), mean(&pillars[5..])]);
        close(index, row[at("Index")].unwrap(), 0.005);
        top.push((index, unit));
    }
    top.sort_by(|a, b| b.0.total_cmp(&a.0));
    let published = [
        ("CHE", 68.38),
        ("NLD", 64.82),
        ("DNK", 64.80),
        ("NOR", 64.47),
        ("BEL", 63.54),
        ("SWE", 63.00),
        ("AUT", 61.90),
        ("LUX", 61.58),
    ];
    for ((found, unit), (expected_unit, expected)) in top.iter().zip(published) {
        assert_eq!(*unit, expected_unit);
        close(*found, expected, 0.005_1);
    }
    assert_eq!((rows.len(), top[50].1), (51, "RUS"));
}
