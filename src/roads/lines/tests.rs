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
