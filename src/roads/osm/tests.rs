use super::tags::{Sign, metres, speed, tonnes};

#[test]
fn signs_are_read_as_they_are_written() {
    for (text, value) in [
        ("3.8", Some(Sign::At(3.8))),
        ("3,8 m", Some(Sign::At(3.8))),
        ("380 cm", Some(Sign::At(3.8))),
        ("12'6\"", Some(Sign::At(3.81))),
        ("12'", Some(Sign::At(3.6576))),
        ("none", Some(Sign::Free)),
        ("high", None),
        ("-3", None),
        ("", None),
    ] {
        let read = metres(text);
        let near = match (read, value) {
            (Some(Sign::At(a)), Some(Sign::At(b))) => (a - b).abs() < 1e-4,
            (a, b) => a == b,
        };
        assert!(near, "{text}: {read:?}");
    }
    for (text, value) in [
        ("3.5", Some(Sign::At(3.5))),
        ("3.5 t", Some(Sign::At(3.5))),
        ("8000 kg", Some(Sign::At(8.0))),
        ("no_sign", Some(Sign::Free)),
        ("heavy", None),
    ] {
        assert_eq!(tonnes(text), value, "{text}");
    }
    for (text, value) in [
        ("50", Some(Sign::At(50.0))),
        ("50 km/h", Some(Sign::At(50.0))),
        ("IT:urban", Some(Sign::At(50.0))),
        ("IT:zone30", Some(Sign::At(30.0))),
        ("none", Some(Sign::Free)),
        ("walk", Some(Sign::At(7.0))),
        ("50;30", Some(Sign::At(50.0))),
        ("fast", None),
        ("0", None),
    ] {
        assert_eq!(speed(text), value, "{text}");
    }
    assert!(matches!(speed("30 mph"), Some(Sign::At(kmh)) if (kmh - 48.28).abs() < 0.01));
}
