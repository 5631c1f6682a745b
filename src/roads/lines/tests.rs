use super::*;
use crate::{domain::watch::Unwatched, roads::edge::Class};

fn street(name: &str, points: &[(f64, f64)]) -> StreetLine {
    let at = |(x, y): &(f64, f64)| (12.5 + x * 1e-3, 42.0 + y * 1e-3);
    StreetLine {
        geometry: points.iter().map(at).collect(),
        name: Some(name.to_owned()),
        class: None,
        oneway: Oneway::Both,
    }
}

fn counts(lines: &[StreetLine]) -> (usize, usize) {
    let network = read(lines, &Unwatched).expect("good lines").network;
    (network.edges().len(), network.nodes().len())
}

#[test]
fn lines_are_noded_where_they_cross_touch_and_end() {
    let across = street("VIA ROMA", &[(0.0, 0.0), (10.0, 0.0)]);
    assert_eq!(counts(&[across.clone(), street("VIA PO", &[(5.0, -5.0), (5.0, 5.0)])]), (4, 5), "a crossing");
    assert_eq!(counts(&[across.clone(), street("VIA PO", &[(5.0, 0.0), (5.0, 5.0)])]), (3, 4), "a side street");
    assert_eq!(counts(&[across.clone(), street("VIA PO", &[(5.0, 0.003), (5.0, 5.0)])]), (3, 4), "a short gap");
    assert_eq!(counts(&[across.clone(), street("VIA PO", &[(5.0, 0.05), (5.0, 5.0)])]), (2, 4), "a gap");
    assert_eq!(counts(&[across.clone(), street("VIA PO", &[(10.0, 0.002), (15.0, 0.0)])]), (2, 3), "end to end");
    assert_eq!(counts(&[across.clone(), street("VIA PO", &[(3.0, 0.0), (7.0, 0.0)])]), (3, 4), "one on the other");
    assert_eq!(counts(&[across.clone(), across.clone()]), (1, 2), "the same twice");
    let bent = street("VIA PO", &[(0.0, 5.0), (5.0, 0.0), (10.0, 5.0)]);
    assert_eq!(counts(&[across, bent]), (4, 5), "a bend that touches");
    let knot = street("VIA PO", &[(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0)]);
    assert_eq!(counts(&[knot]), (3, 3), "a line that crosses itself");
    let ring = street("PIAZZA", &[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]);
    assert_eq!(counts(&[ring]), (1, 1), "a ring");
}

#[test]
fn classes_come_from_the_dug() {
    for (dug, name, class, flags) in [
        ("VIA", "VIA ROMA", Class::Residential, 0),
        ("STRADA PROVINCIALE", "", Class::Secondary, 0),
        ("Strada Vicinale", "", Class::Service, 0),
        ("", "VICOLO CHIUSO", Class::LivingStreet, 0),
        ("SCALINATA", "", Class::Steps, 0),
        ("", "PONTE VECCHIO", Class::Residential, Edge::BRIDGE),
        ("SOTTOPASSO", "", Class::Residential, Edge::TUNNEL),
        ("VIA", "VIA DEL PONTE", Class::Residential, 0),
        ("primary", "VIA ROMA", Class::Primary, 0),
    ] {
        assert_eq!(dug::class(dug, name), (class, flags), "{dug} {name}");
    }
}

#[test]
fn bad_lines_are_counted_and_the_rest_stands() {
    let good = street("VIA ROMA", &[(0.0, 0.0), (10.0, 0.0)]);
    let mut lost = good.clone();
    lost.geometry.0[0].x = f64::NAN;
    let point = street("VIA PO", &[(3.0, 3.0), (3.0, 3.0)]);
    let reading = read(&[good, lost.clone(), point], &Unwatched).expect("one good line");
    assert_eq!((reading.network.edges().len(), reading.roads), (1, 1));
    let faults: Vec<_> = reading.faults.iter().map(|fault| (fault.reason, fault.count, fault.first)).collect();
    assert_eq!(faults, [(FaultReason::NotOnEarth, 1, 1), (FaultReason::NoLength, 2, 1)]);
    assert!(matches!(read(&[lost], &Unwatched), Err(RoadsError::Empty)));
    assert!(matches!(read(&[], &Unwatched), Err(RoadsError::Empty)));
}

/// A comb across a comb is no town: it is refused before it fills the memory.
#[test]
fn lines_that_meet_without_end_are_refused() {
    let at = |n: u32| f64::from(n) * 0.1;
    let rows = (0..750).map(|n| street("VIA", &[(-1.0, at(n)), (76.0, at(n))]));
    let columns = (0..750).map(|n| street("VIA", &[(at(n), -1.0), (at(n), 76.0)]));
    let comb: Vec<StreetLine> = rows.chain(columns).collect();
    assert!(matches!(read(&comb, &Unwatched), Err(RoadsError::Tangled { .. })));
    let town: Vec<StreetLine> = comb.into_iter().step_by(10).collect();
    assert_eq!(counts(&town).1, 75 * 75 + 4 * 75);
}

/// Seeded noise: honest streets with points moved, doubled, dropped, or sent to the ends of the Earth and beyond. Whatever
/// is read is whole. `ATLANTE_FUZZ` names the turns of a long run.
#[test]
fn noise_is_noded_or_refused() {
    let turns = std::env::var("ATLANTE_FUZZ").ok().and_then(|turns| turns.parse().ok()).unwrap_or(1_500);
    let mut dice = crate::roads::tests::laws::Dice(0x5eed);
    let odd =
        [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e308, -180.0, 180.0, 90.0, -90.0, 0.0, f64::MIN_POSITIVE, 1e-300];
    let (mut whole, mut refused) = (0, 0);
    for _ in 0..turns {
        let mut lines: Vec<StreetLine> = (0..=dice.roll(6))
            .map(|_| {
                let points: Vec<(f64, f64)> = (0..dice.roll(7))
                    .map(|_| (dice.roll(6) as f64 + dice.part().powi(9), dice.roll(6) as f64))
                    .collect();
                street("VIA", &points)
            })
            .collect();
        for _ in 0..dice.roll(4) {
            let line = dice.roll(lines.len() as u64) as usize;
            let points = &mut lines[line].geometry.0;
            if points.is_empty() {
                continue;
            }
            let at = dice.roll(points.len() as u64) as usize;
            match dice.roll(5) {
                0 => points[at].x = odd[dice.roll(11) as usize],
                1 => points[at].y = odd[dice.roll(11) as usize],
                2 => points.insert(at, points[at]),
                3 => points[at].x += 1e-9 * dice.part(),
                _ => drop(points.remove(at)),
            }
        }
        match read(&lines, &Unwatched) {
            Ok(reading) => {
                whole += 1;
                let network = Network::from_parts(reading.network.to_parts()).expect("what is read is whole");
                if whole % 40 == 0 {
                    crate::roads::ground::Ground::build(network.into(), crate::roads::profile::Profile::Car);
                }
            }
            Err(RoadsError::Empty) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(whole > 0 && refused > 0, "{whole} {refused}");
}
