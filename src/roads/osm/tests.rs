use super::tags::{metres, speed, tonnes};

#[test]
fn signs_are_read_as_they_are_written() {
    for (text, value) in [
        ("3.8", Some(Some(3.8))),
        ("3,8 m", Some(Some(3.8))),
        ("380 cm", Some(Some(3.8))),
        ("12'6\"", Some(Some(3.81))),
        ("12'", Some(Some(3.6576))),
        ("none", Some(None)),
        ("high", None),
        ("-3", None),
        ("", None),
    ] {
        let read = metres(text);
        let near = |a: Option<f32>, b: Option<f32>| a.zip(b).map_or(a == b, |(a, b)| (a - b).abs() < 1e-4);
        assert!(read.zip(value).map_or(read == value, |(a, b)| near(a, b)), "{text}: {read:?}");
    }
    for (text, value) in [
        ("3.5", Some(Some(3.5))),
        ("3.5 t", Some(Some(3.5))),
        ("8000 kg", Some(Some(8.0))),
        ("no_sign", Some(None)),
        ("heavy", None),
    ] {
        assert_eq!(tonnes(text), value, "{text}");
    }
    for (text, value) in [
        ("50", Some(Some(50.0))),
        ("50 km/h", Some(Some(50.0))),
        ("IT:urban", Some(Some(50.0))),
        ("IT:zone30", Some(Some(30.0))),
        ("none", Some(None)),
        ("walk", Some(Some(7.0))),
        ("50;30", Some(Some(50.0))),
        ("fast", None),
        ("0", None),
    ] {
        assert_eq!(speed(text), value, "{text}");
    }
    assert!(speed("30 mph").is_some_and(|mph| mph.is_some_and(|kmh| (kmh - 48.28).abs() < 0.01)));
}
