//! Fits the score: registers of other comuni with invented numbers, seeded noise, strangers; logistic regression.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

use super::{
    data::{self, say},
    goal::{eponym, odonimi},
    noise::{self, CLASSES},
};
use crate::{
    domain::place::{Access, AccessId, CivicNumber, PointQuality, Street, StreetId},
    geocode::{Register, RegisterInput, Scratch, cascade, score},
};

/// A comune of the national list with invented doors.
fn invented(comune: &str, names: &[String], rng: &mut ChaCha8Rng) -> Register {
    let mut input = RegisterInput::default();
    input.town.names.push(comune.into());
    let mut id = 0;
    for (i, name) in names.iter().enumerate() {
        let street = StreetId(i as u64);
        input.streets.push(Street { id: street, name: name.clone(), locality: String::new(), other_names: vec![] });
        for number in 1..=rng.random_range(2..40_u32) {
            if rng.random_bool(0.75) {
                input.accesses.push(Access {
                    id: AccessId(id),
                    street,
                    number: CivicNumber { number: Some(number), ..CivicNumber::default() },
                    point: None,
                    quality: PointQuality::Sound,
                    postcode: None,
                });
                id += 1;
            }
        }
    }
    Register::build(input)
}

const N: usize = score::INPUTS;

fn features(scratch: &Scratch) -> [f64; N] {
    let f = cascade::features(&scratch.candidates);
    score::inputs(&f).map(f64::from)
}

#[test]
#[ignore = "fits the constants of score.rs; run by hand when costs change"]
fn fit_the_score() {
    let Some(data) = data::shared() else { return };
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut rows: Vec<([f64; N], f64)> = Vec::new();
    let mut strangers_at = Vec::new();
    for region in ["08", "09", "15", "16", "19"] {
        let mut towns: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (comune, name) in odonimi(&data, region) {
            towns.entry(comune).or_default().push(name);
        }
        let towns: Vec<_> = towns.into_iter().filter(|(_, n)| (150..2500).contains(&n.len())).collect();
        for t in 0..14 {
            let (comune, names) = &towns[rng.random_range(0..towns.len())];
            let strangers = &towns[(t * 7 + 1) % towns.len()].1;
            let register = invented(comune, names, &mut rng);
            let own_eponyms: std::collections::HashSet<String> = names.iter().map(|n| eponym(n)).collect();
            let mut scratch = Scratch::default();
            for _ in 0..1500 {
                let is_stranger = rng.random_bool(0.12);
                let (name, street) = if is_stranger {
                    (&strangers[rng.random_range(0..strangers.len())], None)
                } else {
                    let i = rng.random_range(0..names.len());
                    (&names[i], Some(i as u32))
                };
                let mut text = name.clone();
                for _ in 0..rng.random_range(0..=2) {
                    let class = CLASSES[rng.random_range(0..CLASSES.len())];
                    text = noise::misspelled(class, &text, &mut rng).unwrap_or(text);
                }
                let own = street.map(|s| register.accesses_of(StreetId(u64::from(s)))).filter(|d| !d.is_empty() && rng.random_bool(0.95));
                let number = own.map_or(rng.random_range(1..40), |d| d[rng.random_range(0..d.len())].number.number.unwrap_or(1));
                if !rng.random_bool(0.06) {
                    text = format!("{text} {number}");
                }
                cascade::read(&register, &data::text(&text), &mut scratch.parsed);
                cascade::search(&register, &mut scratch);
                let Some(best) = scratch.candidates.first() else { continue };
                if is_stranger && own_eponyms.contains(&eponym(name)) {
                    continue;
                }
                let same = street.is_some_and(|s| best.street == s);
                if is_stranger {
                    strangers_at.push(rows.len());
                }
                rows.push((features(&scratch), f64::from(u8::from(same))));
            }
        }
    }
    let weights = fit(&rows);
    say(&format!("fig fitted on {} rows: {weights:.3?}", rows.len()));
    for threshold in [0.9, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.9925, 0.995] {
        let accepted = |i: usize| sigmoid(&weights, &rows[i].0) >= threshold;
        let all = (0..rows.len()).filter(|i| accepted(*i)).count() as f64;
        let right: f64 = (0..rows.len()).filter(|i| accepted(*i)).map(|i| rows[i].1).sum();
        let strange = strangers_at.iter().filter(|i| accepted(**i)).count() as f64;
        say(&format!(
            "fig   from {threshold}: R {:.4} P {:.4} strangers {:.4}",
            right / (rows.len() - strangers_at.len()) as f64,
            right / all,
            strange / strangers_at.len() as f64
        ));
    }
    for (low, high) in [(0.0, 0.25), (0.25, 0.5), (0.5, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 0.98), (0.98, 0.99), (0.99, 0.995), (0.995, 0.999), (0.999, 1.01)] {
        let inside: Vec<f64> = rows.iter().filter(|(x, _)| (low..high).contains(&sigmoid(&weights, x))).map(|r| r.1).collect();
        let right = inside.iter().sum::<f64>() / inside.len().max(1) as f64;
        say(&format!("fig   score {low:.3}-{high:.3}: {:6} rows, right {right:.4}", inside.len()));
    }
}

fn sigmoid(w: &[f64; N], x: &[f64; N]) -> f64 {
    let z: f64 = w.iter().zip(x).map(|(a, b)| a * b).sum();
    1.0 / (1.0 + (-z).exp())
}

/// Newton's method with a little ridge.
fn fit(rows: &[([f64; N], f64)]) -> [f64; N] {
    let mut w = [0.0; N];
    for _ in 0..30 {
        let mut gradient = w.map(|v| -0.01 * v);
        let mut hessian = [[0.0; N]; N];
        for (i, row) in hessian.iter_mut().enumerate() {
            row[i] = 0.01;
        }
        for (x, y) in rows {
            let p = sigmoid(&w, x);
            for i in 0..N {
                gradient[i] += (y - p) * x[i];
                for j in 0..N {
                    hessian[i][j] += p * (1.0 - p) * x[i] * x[j];
                }
            }
        }
        let step = solve(hessian, gradient);
        for i in 0..N {
            w[i] += step[i];
        }
    }
    w
}

fn solve(mut a: [[f64; N]; N], mut b: [f64; N]) -> [f64; N] {
    for i in 0..N {
        let pivot = (i..N).max_by(|x, y| a[*x][i].abs().total_cmp(&a[*y][i].abs())).unwrap();
        a.swap(i, pivot);
        b.swap(i, pivot);
        for r in i + 1..N {
            let f = a[r][i] / a[i][i];
            for c in i..N {
                a[r][c] -= f * a[i][c];
            }
            b[r] -= f * b[i];
        }
    }
    let mut x = [0.0; N];
    for i in (0..N).rev() {
        let s: f64 = (i + 1..N).map(|c| a[i][c] * x[c]).sum();
        x[i] = (b[i] - s) / a[i][i];
    }
    x
}
