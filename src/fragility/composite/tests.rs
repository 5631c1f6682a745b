use super::{Goalposts, Penalty, Polarity, alkire_foster, ampi, gaps, m_alpha, recompose};

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-7, "{found} is not {expected}");
}

fn example() -> Vec<Vec<f64>> {
    let y = [[13.1, 14.0, 4.0, 1.0], [15.2, 7.0, 5.0, 0.0], [12.5, 10.0, 1.0, 0.0], [20.0, 11.0, 3.0, 1.0]];
    gaps(&y.map(|row| row.to_vec()), &[13.0, 12.0, 3.0, 1.0])
}

#[test]
fn alkire_and_foster_s_own_example() {
    let (gaps, weights) = (example(), [0.25; 4]);
    let counts: Vec<usize> = gaps.iter().map(|row| row.iter().filter(|g| **g > 0.0).count()).collect();
    assert_eq!(counts, [0, 2, 4, 1]);
    for (k, headcount, intensity, m0, m1) in [
        (0.25, 0.75, 0.583_333_333_3, 0.4375, 0.210_737_179_5),
        (0.5, 0.5, 0.75, 0.375, 0.205_528_846_2),
        (0.75, 0.25, 1.0, 0.25, 0.116_987_179_5),
    ] {
        let found = alkire_foster(&gaps, &weights, k);
        close(found.headcount, headcount);
        close(found.intensity, intensity);
        close(found.m0, m0);
        close(m_alpha(&gaps, &weights, k, 0.0), m0);
        close(m_alpha(&gaps, &weights, k, 1.0), m1);
        close(found.contributions.iter().sum(), 1.0);
        let recomposed: f64 = found.censored.iter().map(|h| h * 0.25).sum();
        close(recomposed, m0);
    }
    close(m_alpha(&gaps, &weights, 0.5, 2.0), 0.165_457_039);
}

#[test]
fn groups_recompose_the_whole() {
    let gaps = example();
    let (a, b) = (alkire_foster(&gaps[..1], &[0.25; 4], 0.5), alkire_foster(&gaps[1..], &[0.25; 4], 0.5));
    close(recompose(&[(a.population, a.m0), (b.population, b.m0)]), 0.375);
}

#[test]
fn ampi_as_compind() {
    let columns = [[10.0, 20.0, 30.0, 40.0], [5.0, 15.0, 10.0, 20.0], [2.0, 8.0, 4.0, 6.0]];
    let posts: Vec<Option<Goalposts>> = columns
        .iter()
        .map(|c| Goalposts::around(c.iter().copied(), c.iter().sum::<f64>() / 4.0, Polarity::Positive))
        .collect();
    let expected =
        [(70.0, 70.0), (112.424_242_4, 107.575_757_6), (97.586_206_9, 95.747_126_4), (124.054_054_1, 122.612_612_6)];
    for (i, (vulnerability, wellbeing)) in expected.into_iter().enumerate() {
        let row: Vec<Option<f64>> = columns.iter().map(|c| Some(c[i])).collect();
        close(ampi(&row, &posts, Penalty::Vulnerability).unwrap(), vulnerability);
        close(ampi(&row, &posts, Penalty::Wellbeing).unwrap(), wellbeing);
    }
    assert_eq!(ampi(&[None, None, None], &posts, Penalty::Vulnerability), None);
    close(ampi(&[Some(25.0), None, None], &posts, Penalty::Vulnerability).unwrap(), 100.0);
}

#[test]
fn a_negative_indicator_mirrors_the_scale() {
    let values = [1.0, 3.0, 7.0];
    let up = Goalposts::around(values, 3.0, Polarity::Positive).unwrap();
    let down = Goalposts::around(values, 3.0, Polarity::Negative).unwrap();
    for v in values {
        close(up.normalise(v) + down.normalise(v), 200.0);
    }
}
