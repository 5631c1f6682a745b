//! Sheets of an invented plan with hostile words in it. With `ATLANTE_PICTURES` set to a folder they are written there.

use geo::{LineString, line_string};
use jiff::civil::date;

use super::*;
use crate::{
    access::{
        Actor, Planning, Role, disclose, grant,
        sheet::{Clock, Head, Run, Stop, Told},
    },
    domain::{geo::LonLat, outcome::OutcomeKind},
    publish::features::{self, Format},
};

const HOSTILE: &str = "<script>alert('x')</script> & \"=1+1\" </style>";

fn stop(run: u32, number: u32, at: (f64, f64)) -> Stop {
    let doors =
        ["Via Vittorio Emanuele 112", "Contrada Cangiano SNC", "Vicolo San Pancrazio 3/B", "Via Casilina km 58,300"];
    Stop {
        code: format!("K{run}{number:02}").into(),
        number,
        at: LonLat::new(at.0, at.1).unwrap(),
        door: doors[number as usize % doors.len()].into(),
        kit: if number % 5 == 2 { "Kit famiglia numerosa" } else { "Kit acqua e viveri" }.into(),
        units: 1 + number % 2,
        members: (!number.is_multiple_of(3)).then_some(number % 6 + 1),
        window: (!number.is_multiple_of(4)).then_some((Clock(8 * 3_600), Clock(12 * 3_600 + 1_800))),
        eta: Some(Clock(8 * 3_600 + number * 540)),
        needs: if number % 6 == 1 { vec!["cold-chain".into()] } else { vec![] },
        notes: match number % 4 {
            0 => {
                "Citofono non funziona: chiamare dal cancello verde, poi scala B, secondo piano senza ascensore.".into()
            }
            2 => "Cane in cortile.".into(),
            _ => "".into(),
        },
        walk_m: (number == 3).then_some(340),
        outcome: None,
    }
}

fn run(number: u32, stops: u32) -> Run {
    let at = |n: u32| {
        let angle = f64::from(n) * 0.45 + f64::from(number);
        let reach = 0.004 + f64::from(n % 5) * 0.003;
        (13.155 + reach * angle.cos() * 1.3, 41.742 + reach * angle.sin())
    };
    let stops: Vec<Stop> = (1..=stops).map(|n| stop(number, n, at(n))).collect();
    let corners = stops.iter().flat_map(|stop| {
        let (x, y) = (stop.at.lon(), stop.at.lat());
        [geo::coord! {x: x - 0.0007, y: y}, geo::coord! {x: x, y: y}]
    });
    let home = geo::coord! {x: 13.155, y: 41.742};
    let line: LineString<f64> = std::iter::once(home).chain(corners).chain([home]).collect();
    Run {
        id: format!("r{number}").into(),
        number,
        crew: ["Gruppo comunale – Furgone 1", "Croce Rossa – Mezzo 2"][number as usize % 2].into(),
        depot: Some("Palestra I.C. Anagni 2, Via della Sanità 20".into()),
        start: LonLat::new(home.x, home.y).ok(),
        depart: Some(Clock(8 * 3_600)),
        arrive: Some(Clock(11 * 3_600 + 42 * 60)),
        duration_s: 13_320,
        distance_m: 18_430,
        load: stops.iter().map(|stop| stop.units).sum(),
        trips: 1,
        line,
        stops,
    }
}

fn sheet() -> Sheet {
    let steps = || (0..30).map(|i| f64::from(i) * 0.002);
    let across = steps().map(|d| line_string![(x: 13.12, y: 41.715 + d), (x: 13.19, y: 41.713 + d * 1.02)]);
    let along = steps().map(|d| line_string![(x: 13.125 + d, y: 41.71), (x: 13.124 + d * 1.05, y: 41.775)]);
    Sheet {
        head: Head {
            plan: "00000000000000a7".into(),
            name: "Alluvione valle del Sacco – acqua e viveri".into(),
            version: 3,
            day: Some(date(2026, 11, 24)),
            generation: "3f9c01aa7be2d410".into(),
            made: None,
        },
        runs: vec![run(1, 17), run(2, 4)],
        streets: across.chain(along).collect(),
    }
}

fn open(sheet: Sheet) -> Disclosed<Sheet> {
    let grant = grant::<Planning>(&Actor::named("centrale", Role::Coordinator)).unwrap();
    disclose::sheet(&grant, sheet).0
}

fn picture(name: &str, text: &str) {
    if let Ok(folder) = std::env::var("ATLANTE_PICTURES") {
        std::fs::write(format!("{folder}/{name}"), text).unwrap();
    }
}

fn hostile() -> Sheet {
    let mut sheet = sheet();
    sheet.head.name = HOSTILE.into();
    let run = &mut sheet.runs[0];
    (run.crew, run.depot) = (HOSTILE.into(), Some(HOSTILE.into()));
    for stop in &mut run.stops {
        (stop.door, stop.kit, stop.notes, stop.code) = (HOSTILE.into(), HOSTILE.into(), HOSTILE.into(), HOSTILE.into());
        stop.needs = vec![HOSTILE.into()];
        stop.outcome =
            Some(Told { outcome: OutcomeKind::Partial, units: Some(1), note: "=HYPERLINK(\"x\")".into(), at: None });
    }
    sheet
}

#[test]
fn a_sheet_says_every_stop_once_in_order_and_the_totals_first() {
    let html = html(&open(sheet()), Tongue::Italian);
    picture("sheet.html", &html);
    assert_eq!(html.matches("<tr class=\"stop\">").count(), 21);
    assert_eq!(html.matches("class=\"qr\"").count(), 21);
    assert_eq!(html.matches("href=\"geo:41.").count(), 21);
    let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} is not there"));
    assert!(at("class=\"totals\"") < at("class=\"map\"") && at("class=\"map\"") < at("K101"));
    assert!(at("K101") < at("K117") && at("K117") < at("K201"));
    for said in ["martedì 24 novembre 2026", "18,4 km", "3 h 42 min", "catena del freddo", "08:00–12:30", "versione 3"]
    {
        assert!(html.contains(said), "{said}");
    }
    assert_eq!(html.matches("a piedi 340 m dalla strada").count(), 2);
    assert_eq!(html.matches("Mezzo non arrivato").count(), 21);
    assert!(html.contains("counter(page)") && html.contains("3f9c01aa7be2d410"));
}

#[test]
fn one_run_has_no_cover_and_english_is_english() {
    let html = html(&open(sheet().only("r2").unwrap()), Tongue::English);
    picture("sheet-en.html", &html);
    assert!(!html.contains("class=\"cover\"") && !html.contains("K101") && html.contains("K204"));
    assert!(html.contains("Tuesday 24 November 2026") && html.contains("18.4 km") && html.contains("Wrong address"));
    assert!(!html.contains("Consegnato") && html.contains("on foot 340 m from the road"));
}

#[test]
fn hostile_words_stay_words() {
    let sheet = open(hostile());
    let html = html(&sheet, Tongue::Italian);
    picture("hostile.html", &html);
    assert!(!html.contains("<script") && html.matches("</style>").count() == 1);
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
    let mut gpx = Vec::new();
    gpx::write(&sheet, Tongue::Italian, &mut gpx).unwrap();
    let gpx = String::from_utf8(gpx).unwrap();
    assert!(!gpx.contains("<script"));
    picture("hostile.gpx", &gpx);
    let mut csv = Vec::new();
    features::write(&sheet.stops(Tongue::Italian), Format::Csv, &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{csv}");
    picture("hostile.csv", &csv);
}

#[test]
fn the_table_that_leaves_comes_back() {
    let mut csv = Vec::new();
    features::write(&open(sheet()).stops(Tongue::Italian), Format::Csv, &mut csv).unwrap();
    let text = String::from_utf8(csv.clone()).unwrap();
    let header = text.lines().next().unwrap();
    assert_eq!(
        header,
        "giro,squadra,n,codice,porta,kit,da_consegnare,componenti,dalle,alle,arrivo_previsto,bisogni,accesso,\
         esito,unità,nota,lon,lat"
    );
    assert_eq!(text.lines().count(), 22);
    let mut geojson = Vec::new();
    features::write(&open(sheet()).map(), Format::GeoJson, &mut geojson).unwrap();
    let read: geojson::FeatureCollection = String::from_utf8(geojson).unwrap().parse().unwrap();
    let kinds = |kind: &str| read.features.iter().filter(|f| f.property("kind").unwrap() == kind).count();
    assert_eq!((kinds("run"), kinds("stop")), (2, 21));
}

#[test]
fn gpx_has_a_waypoint_for_each_stop_and_a_track_for_each_run() {
    let mut gpx = Vec::new();
    gpx::write(&open(sheet()), Tongue::Italian, &mut gpx).unwrap();
    let gpx = String::from_utf8(gpx).unwrap();
    picture("runs.gpx", &gpx);
    assert_eq!((gpx.matches("<wpt ").count(), gpx.matches("<trk>").count()), (21, 2));
    // The schema wants waypoints before tracks.
    assert!(gpx.rfind("<wpt ").unwrap() < gpx.find("<trk>").unwrap());
}

#[test]
fn a_plan_of_nothing_and_a_run_of_nothing_are_said() {
    let mut empty = sheet();
    empty.runs = vec![run(1, 0)];
    assert!(html(&open(empty.clone()), Tongue::Italian).contains("Nessuna fermata"));
    empty.runs.clear();
    assert!(html(&open(empty), Tongue::Italian).contains("non ha giri"));
}

/// A square code is a drawing that names nothing but what it says; what fits in no code is none.
#[test]
fn a_square_code_is_drawn_for_the_screen() {
    let svg = square("https://atlante.example/crew#atl_5a5a");
    assert!(svg.starts_with("<svg class=\"qr\" viewBox=\"0 0 ") && svg.ends_with("</svg>"), "{svg}");
    assert!(svg.matches("<path").count() == 2 && !svg.contains("atl_5a5a"));
    assert_ne!(svg, square("https://atlante.example/crew#atl_5a5b"));
    assert_eq!(square(&"x".repeat(10_000)), "");
}

/// Four hundred stops are dots: no mark stands away from its place, none over another, each run has its number once.
#[test]
fn a_map_of_very_many_stops_stays_a_map() {
    let many: Vec<Run> = (1..=3).map(|number| run(number, 120)).collect();
    let crowded = Sheet { runs: many, ..sheet() };
    let html = html(&open(crowded), Tongue::Italian);
    let maps: Vec<&str> =
        html.split("<svg class=\"map\"").skip(1).map(|map| map.split("</svg>").next().unwrap()).collect();
    assert_eq!(maps.len(), 4, "the map of all, and one a run");
    assert_eq!(maps[0].matches("class=\"dot\"").count(), 360);
    assert_eq!(maps[0].matches("class=\"stop\"").count(), 3, "one number a run");
    for map in &maps[1..] {
        let numbered = map.matches("class=\"stop\"").count();
        assert_eq!(map.matches("class=\"dot\"").count(), 120);
        assert!((2..=120).contains(&numbered) && !map.contains("class=\"leader\""), "{numbered}");
    }
}
