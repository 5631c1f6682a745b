//! Questions that are valid and dear, asked of the real binary: each ends with an answer, or with 503 and a reason, within a
//! bounded time; others are answered meanwhile; memory stays bounded.

use std::{
    fmt::Write as _,
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    ask,
    place::run,
    server::Server,
    town::{COMUNE, Town},
};

/// How long a dear question may take where four others are asked at once on two cores. Alone it takes some seconds.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a small question may take meanwhile.
const MEANWHILE: Duration = Duration::from_secs(5);
/// The most memory that the server may hold.
const MEMORY_KB: u64 = 1 << 20;

fn ring(points: u32, open: &str, between: &str, close: &str) -> String {
    let turn = |at: u32| f64::from(at % points) * std::f64::consts::TAU / f64::from(points);
    let places: Vec<String> = (0..=points)
        .map(|at| {
            let radius = if at % 2 == 0 { 0.2 } else { 0.199 };
            let (x, y) = (13.4 + radius * turn(at).cos(), 42.0 + radius * turn(at).sin());
            format!("{open}{x:.6}{between}{y:.6}{close}")
        })
        .collect();
    places.join(",")
}

/// 20,000 areas of forty points, each with a text of a thousand letters.
fn large_layer() -> String {
    let mut text = r#"{"type":"FeatureCollection","features":["#.to_owned();
    for at in 0..20_000_u32 {
        let (x, y) = (13.2 + f64::from(at % 200) * 0.002, 41.8 + f64::from(at / 200) * 0.004);
        let corner = |turn: u32| {
            let angle = f64::from(turn % 40) * std::f64::consts::TAU / 40.0;
            format!("[{:.6},{:.6}]", x + 0.0015 * angle.cos(), y + 0.0015 * angle.sin())
        };
        let ring: Vec<String> = (0..=40).map(corner).collect();
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(
            text,
            r#"{comma}{{"type":"Feature","properties":{{"note":"{}","n":{at}}},"geometry":{{"type":"Polygon","coordinates":[[{}]]}}}}"#,
            "a".repeat(1_000),
            ring.join(",")
        );
    }
    text + "]}"
}

/// Questions by their names.
fn dear() -> Vec<(&'static str, String)> {
    let filter = |filter: &str| format!(r#"{{"collection":"large","filter":"{filter}"}}"#);
    let polygon = |points| {
        let ring = ring(points, "[", ",", "]");
        format!(
            r#"{{"collection":"large","area":{{"type":"polygon","geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}}}"#
        )
    };
    let wkt = ring(9_000, "", " ", "");
    let likes: Vec<String> = (0..900).map(|at| format!("casei(note) like '%a%{at}%b'")).collect();
    let numbers: Vec<String> = (0..40).map(|at| format!("(n*{at}+1)/3 = n^2")).collect();
    let circle = r#"{"type":"circle","center":[13.4,42.0],"radius_m":20000}"#;
    let many = vec![circle; 60].join(",");
    vec![
        ("an area of 45,000 points", polygon(45_000)),
        ("overlaps with 9,000 points", filter(&format!("S_OVERLAPS(geom,POLYGON(({wkt})))"))),
        ("not within 9,000 points", filter(&format!("NOT S_WITHIN(geom,POLYGON(({wkt})))"))),
        ("a pattern of 500 parts", filter(&format!("note like '{}b'", "%a".repeat(500)))),
        ("a pattern of any letters", filter(&format!("casei(accenti(note)) like '{}b'", "%a_".repeat(300)))),
        ("900 patterns", filter(&likes.join(" or "))),
        ("sums and powers", filter(&numbers.join(" or "))),
        ("60 circles", format!(r#"{{"collection":"large","area":{{"type":"intersection","of":[{many}]}}}}"#)),
        (
            "every door by 20,000 areas",
            r#"{"collection":"civics","group":{"by":"layer","layer":"large"},"measures":[{"count":"features"}]}"#
                .to_owned(),
        ),
    ]
}

#[test]
fn dear_questions_end_and_others_are_answered_meanwhile() {
    let town = Town::ready("costs");
    let file = town.at("large.geojson");
    fs::write(&file, large_layer()).expect("a file to write");
    let data = town.data();
    run(&["import", "--quiet", "--data", &data, "--comune", COMUNE, "--layer", &format!("large={file}")]);
    let server = Server::start(&data);
    let before = server.peak_kb();
    let too_many =
        format!(r#"{{"collection":"large","filter":"S_INTERSECTS(geom,POLYGON(({})))"}}"#, ring(50_000, "", " ", ""));
    let post = |body: &str| {
        let headers = [("Content-Type", "application/json")];
        let begun = Instant::now();
        let bytes = ask::question(&server.address, "POST", "/api/ask", &headers, body.as_bytes());
        (ask::send(&server.address, &bytes).expect("an answer"), begun.elapsed())
    };
    let (refused, _) = post(&too_many);
    assert_eq!(refused.status, if too_many.len() > 1 << 20 { 413 } else { 400 }, "{}", refused.text());
    let (questions, post) = (dear(), &post);
    let (done, mut slowest) = (AtomicBool::new(false), Duration::ZERO);
    thread::scope(|scope| {
        let meanwhile = scope.spawn(|| {
            let mut slowest = Duration::ZERO;
            while !done.load(Ordering::Relaxed) {
                for path in ["/healthz", "/api/town", "/ogc/collections/civics/items?limit=5&filter=1=1"] {
                    let begun = Instant::now();
                    assert_eq!(server.get(path).status, 200, "{path}");
                    slowest = slowest.max(begun.elapsed());
                }
                thread::sleep(Duration::from_millis(20));
            }
            slowest
        });
        let mut answers = Vec::new();
        for some in questions.chunks(4) {
            let asked: Vec<_> = some.iter().map(|(name, body)| (name, scope.spawn(move || post(body)))).collect();
            answers.extend(asked.into_iter().map(|(name, asked)| (name, asked.join())));
        }
        done.store(true, Ordering::Relaxed);
        for (name, answer) in answers {
            let (answer, took) = answer.unwrap_or_else(|_| panic!("{name}: no answer"));
            println!("{name}: {} in {took:?}", answer.status);
            let told = matches!(answer.status, 200 | 503);
            assert!(told && took < PATIENCE, "{name}: {} in {took:?}: {}", answer.status, answer.text());
            if answer.status == 503 {
                assert_eq!(answer.json()["title"], "Too costly", "{name}");
            }
        }
        slowest = meanwhile.join().expect("the others");
    });
    let peak = server.peak_kb();
    println!("meanwhile: at most {slowest:?}; memory {} MB, before {} MB", peak >> 10, before >> 10);
    assert!(slowest < MEANWHILE, "others waited {slowest:?}");
    assert!(peak < MEMORY_KB, "{peak} kB");
    let (status, log) = server.stop();
    assert!(status.success() && !log.contains("\"ERROR\"") && !log.contains("panicked"), "{log}");
}
