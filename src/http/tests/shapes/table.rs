//! One table: a shape, and what comes of it in files, in filters, in questions.

use super::{Doors, Rings, fits};

fn square(x: f64, y: f64, side: f64) -> Vec<[f64; 2]> {
    vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
}

fn turned(ring: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    ring.into_iter().map(|[x, y]| [y, x]).collect()
}

/// The square with one number put in the place of its second longitude or latitude.
fn with(x: f64, y: f64) -> Rings {
    vec![vec![[8.0, 40.0], [x, y], [10.0, 42.0], [8.0, 42.0], [8.0, 40.0]]]
}

/// A ring whose every edge crosses most others.
fn star(points: u32) -> Vec<[f64; 2]> {
    let turn = |at: u32| f64::from(at * (points / 2) % points) * std::f64::consts::TAU / f64::from(points);
    (0..=points).map(|at| [10.0 + turn(at).cos(), 42.0 + turn(at).sin()]).collect()
}

/// Its name; its rings; what is found in files, filters, areas: see [`fits`].
type Case = (&'static str, Rings, &'static str, &'static str, &'static str);

const OFF: &str = "not on Earth";
const RANGE: &str = "out of range";

#[expect(clippy::too_many_lines, reason = "a table")]
fn rings() -> Vec<Case> {
    let whole = || square(8.0, 40.0, 2.0);
    let ring = |ring: &[[f64; 2]]| vec![ring.to_vec()];
    let hole = |hole: Vec<[f64; 2]>| vec![whole(), hole];
    vec![
        ("a square", vec![whole()], "=4", "=4", "=4"),
        ("turned the other way", vec![whole().into_iter().rev().collect()], "=4", "=4", "=4"),
        ("unclosed", ring(&whole()[..4]), "=4", "not closed", "not closed"),
        ("a bow-tie", ring(&[[8., 40.], [10., 42.], [10., 40.], [8., 42.], [8., 40.]]), "=2", "cross", "cross"),
        (
            "a spike",
            ring(&[[8., 40.], [10., 40.], [10., 42.], [9., 42.], [9., 44.], [9., 42.], [8., 42.], [8., 40.]]),
            "=4",
            "=4",
            "=4",
        ),
        (
            "a spike at the seam",
            ring(&[[8., 40.], [10., 40.], [10., 42.], [8., 42.], [8., 40.], [7., 39.5], [8., 40.]]),
            "=4",
            "=4",
            "=4",
        ),
        (
            "a spike half way back",
            ring(&[[8., 40.], [10., 40.], [10., 42.], [9., 42.], [9., 44.], [9., 41.], [8., 41.], [8., 40.]]),
            "=3",
            "=3",
            "=3",
        ),
        ("each point twice", vec![whole().into_iter().flat_map(|p| [p, p]).collect()], "=4", "=4", "=4"),
        ("drawn twice", vec![[whole(), whole()[1..].to_vec()].concat()], "=4", "=4|cross", "=0|=4"),
        ("a point", vec![vec![[8., 40.]; 5]], "no area", "no area", "encloses nothing"),
        (
            "a line there and back",
            ring(&[[8., 40.], [9., 41.], [10., 42.], [9., 41.], [8., 40.]]),
            "no area",
            "no area",
            "encloses nothing",
        ),
        ("three positions", ring(&[[8., 40.], [9., 41.], [8., 40.]]), "no area", "four", "four"),
        ("one position", ring(&[[8., 40.]]), "no area", "four", "four"),
        ("an empty ring", vec![vec![]], "do not fit|no area|empty", "CQL2|four|empty|cannot", "four"),
        ("no ring", vec![], "empty|no area", "CQL2|empty|cannot|no function", "empty|without a ring"),
        ("not a number", with(f64::NAN, 40.0), "number", "CQL2|number|no property", "expected|NaN"),
        ("infinite", with(f64::INFINITY, 40.0), "number", "CQL2|number|no property", "expected"),
        ("infinite to the west", with(f64::NEG_INFINITY, 40.0), "number", "CQL2|number|no property", "number|expected"),
        ("infinite to the north", with(10.0, f64::INFINITY), "number", "CQL2|number|no property", "expected"),
        ("1e300", with(1e300, 40.0), "metres", "not on Earth|CQL2", RANGE),
        ("-1e300 to the north", with(10.0, -1e300), "metres", "not on Earth|CQL2", RANGE),
        ("the least number", with(5e-324, 40.0), "=6.8", "cross", "cross"),
        ("latitude 91", with(10.0, 91.0), "latitude", OFF, RANGE),
        ("latitude -90.01", with(10.0, -90.01), "latitude", OFF, RANGE),
        ("longitude 181", with(181.0, 40.0), "longitude", OFF, RANGE),
        ("longitude -180.01", with(-180.01, 40.0), "longitude", OFF, RANGE),
        ("over the antimeridian", vec![square(179.0, 40.0, 2.0)], "longitude", OFF, RANGE),
        ("axes swapped", vec![turned(square(8.0, 40.0, 2.0))], "=4", "=0", "=0"),
        ("metres", vec![square(367_000.0, 4_653_000.0, 100.0)], "metres", OFF, RANGE),
        ("far from here", vec![square(-60.0, -20.0, 2.0)], "=4", "=0", "=0"),
        (
            "the whole Earth",
            ring(&[[-180., -90.], [180., -90.], [180., 90.], [-180., 90.], [-180., -90.]]),
            "=64800",
            "=36",
            "=36",
        ),
        ("a hole", hole(square(8.5, 40.5, 1.0)), "=3", "=3", "=3"),
        ("a hole that is turned", hole(square(8.5, 40.5, 1.0).into_iter().rev().collect()), "=3", "=3", "=3"),
        ("a hole outside", hole(square(11.0, 40.0, 1.0)), "=5", "lie wrong", "=4"),
        ("a hole across", hole(square(9.5, 40.5, 1.0)), "=4", "cross", "cross"),
        ("a hole with latitude 91", hole(square(8.5, 90.5, 1.0)), "latitude", OFF, RANGE),
        (
            "a hole at 1e150",
            hole(vec![[9., 41.], [1e150, 41.], [9., 1e150], [9., 41.]]),
            "metres",
            "not on Earth|CQL2",
            RANGE,
        ),
        ("a hole as large", hole(whole()), "no area|=4", "lie wrong|no area", "=0|=4"),
        ("a hole without area", hole(vec![[9., 41.]; 4]), "=4", "=4", "encloses nothing"),
        (
            "a hole in a hole",
            vec![whole(), square(8.2, 40.2, 1.6), square(8.5, 40.5, 1.0)],
            "=2.44",
            "lie wrong",
            "=2.44",
        ),
        ("the same hole twice", vec![whole(), square(8.5, 40.5, 1.0), square(8.5, 40.5, 1.0)], "=4", "lie wrong", "=4"),
        (
            "a ring that touches itself",
            ring(&[[8., 40.], [10., 40.], [9., 41.], [10., 42.], [8., 42.], [9., 41.], [8., 40.]]),
            "=2",
            "=2|lie wrong",
            "=2",
        ),
        ("no wider than an ant", vec![square(8.0, 40.0, 1e-9)], "=0", "=0", "=0"),
        ("as small as numbers are", vec![square(0.0, 0.0, 1e-315)], "no area", "no area|CQL2", "encloses nothing"),
        ("no wider than nothing", vec![square(8.0, 40.0, 1e-16)], "no area", "no area|four", "encloses nothing"),
        ("a star of 2,001 points", vec![star(2_001)], "=3.14|cross|=1|=2|=0", "cross", "cross"),
        (
            "a star of 20,001 points",
            vec![star(20_001)],
            "cross too often",
            "are the most|10,000|too often",
            "cross|intricate",
        ),
        (
            "a thousand holes",
            [
                vec![whole()],
                (0..1_000)
                    .map(|at| square(8.01 + f64::from(at % 32) * 0.06, 40.01 + f64::from(at / 32) * 0.06, 1e-4))
                    .collect(),
            ]
            .concat(),
            "=4",
            "=4",
            "=4",
        ),
        ("ten thousand points in one", vec![vec![[8.0, 40.0]; 10_000]], "no area", "no area|four", "encloses nothing"),
    ]
}

#[test]
fn every_shape_at_every_door_gets_its_answer_or_a_reason() {
    let doors = Doors::new();
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for (name, rings, file, filter, area) in rings() {
        for (door, outcome) in doors.all(&rings) {
            let wanted = match door {
                "area" => area,
                door if door.starts_with("filter") => filter,
                _ => file,
            };
            cases += 1;
            if !fits(&outcome, wanted) {
                wrong.push(format!("{name}, {door}: {outcome:?}, not {wanted}"));
            }
        }
    }
    eprintln!("{cases} cases of shapes at six doors");
    assert!(cases >= 240, "{cases}");
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
}
