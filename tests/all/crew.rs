//! Run sheets, tables that come back, and crews: a plan put into the journal, then everything through the real server.

use std::{path::Path, process::Command};

use atlante::{
    casework::event::{Stream, StreamId, StreamKind},
    store::{Embedded, NewEvent, Store},
};
use serde_json::{Value, json};

use crate::{
    ask::{self, Answer},
    place::has,
    server::Server,
    town::Town,
};

/// The plan of these tests.
pub const PLAN: &str = "00000000000000a7";

/// What must never be read as markup or run as a formula.
const HOSTILE: &str = "<script>document.title='x'</script>";

/// The middle of the town.
fn middle(town: &Town) -> [f64; 2] {
    let text = std::fs::read_to_string(town.file("boundary.geojson")).expect("a boundary");
    let shape: Value = serde_json::from_str(&text).expect("GeoJSON");
    let mut corners = Vec::new();
    gather(&shape["features"][0]["geometry"]["coordinates"], &mut corners);
    let n = corners.len() as f64;
    [0, 1].map(|axis| corners.iter().map(|corner: &[f64; 2]| corner[axis]).sum::<f64>() / n)
}

fn gather(value: &Value, corners: &mut Vec<[f64; 2]>) {
    match value.as_array() {
        Some(pair) if pair.first().is_some_and(Value::is_f64) => {
            corners.push([0, 1].map(|axis| pair[axis].as_f64().expect("a degree")));
        }
        Some(parts) => parts.iter().for_each(|part| gather(part, corners)),
        None => {}
    }
}

fn stop(run: u32, n: u32, [lon, lat]: [f64; 2]) -> Value {
    let turn = f64::from(n) * 0.8 + f64::from(run);
    let door = if n == 2 { HOSTILE.to_owned() } else { format!("Via delle Prove {n}/{run}") };
    let needs: &[&str] = if n == 1 { &["cold-chain"] } else { &[] };
    let notes = if n == 2 { HOSTILE } else { "" };
    json!({
        "code": format!("K{run}{n:02}"), "n": n, "door": door,
        "at": [lon + 0.004 * turn.cos(), lat + 0.003 * turn.sin()],
        "kit": "Kit acqua e viveri", "units": 1 + n % 3, "members": 1 + n % 4,
        "window": ["08:00", "12:30"], "eta": format!("08:{:02}", 5 + n * 5), "leave": format!("08:{:02}", 8 + n * 5),
        "needs": needs, "notes": notes, "locked": false, "outcome": null
    })
}

fn run(number: u32, middle: [f64; 2]) -> Value {
    let stops: Vec<Value> = (1..=5).map(|n| stop(number, n, middle)).collect();
    let mut line = vec![json!(middle)];
    line.extend(stops.iter().map(|stop| stop["at"].clone()));
    line.push(json!(middle));
    json!({
        "id": format!("r{number}"), "crew": format!("c{number}"), "title": format!("Squadra {number}"), "depot": "coc",
        "start": middle, "end": middle, "depart": "08:00", "arrive": "10:10", "duration_s": 7800, "distance_m": 9400,
        "load": 10, "trips": 1, "line": {"type": "LineString", "coordinates": line}, "stops": stops
    })
}

/// Puts a plan of two runs into the journal of a town's store, approved.
pub fn plant(town: &Town) {
    let middle = middle(town);
    let crew = |n: u32| {
        let (id, title) = (format!("c{n}"), format!("Squadra {n}"));
        json!({"id": id, "title": title, "shift": ["08:00", "14:00"], "capacity": 60})
    };
    let crews = [crew(1), crew(2)];
    let order = json!({
        "name": "Prova generale", "purpose": "prova", "people": {}, "day": "2026-11-24",
        "depots": [{"id": "coc", "title": "Palestra comunale", "at": middle}],
        "crews": crews
    });
    let result = json!({
        "sites": [], "lower_bound": null, "proved": false, "allocation": [], "stock": [], "unserved": [],
        "runs": [run(1, middle), run(2, middle)],
        "totals": {"households": 10, "stops": 10, "units": 20, "distance_m": 18800, "duration_s": 15600, "crews": 2,
                   "served_share": 1.0}
    });
    let bodies = [
        json!({"event": "ordered", "order": order, "role": "coordinator"}),
        json!({"event": "computed", "round": 1, "work": {"result": result, "targets": []}}),
        json!({"event": "approved", "version": 1}),
    ];
    let stream = Stream { kind: StreamKind::Plan, id: PLAN.parse::<StreamId>().expect("an id") };
    let events = (1..).zip(&bodies).map(|(n, body)| NewEvent {
        stream,
        key: format!("seed-{n}").parse().expect("a key"),
        at: jiff::Timestamp::now(),
        actor: "centrale".into(),
        body: body.to_string().into_bytes(),
    });
    let events: Vec<NewEvent> = events.collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = Embedded::open(Path::new(&town.data())).await.expect("the store opens");
        store.record(events).await.expect("a journal");
    });
}

/// Asks with a bearer's token and perhaps a body.
pub fn asked(server: &Server, token: &str, method: &str, path: &str, body: &[u8]) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    let question = ask::question(&server.address, method, path, &headers, body);
    ask::send(&server.address, &question).unwrap_or_else(|| panic!("no answer to {path}:\n{}", server.log_so_far()))
}

fn plans(rest: &str) -> String {
    format!("/api/plans/{PLAN}/{rest}")
}

#[test]
fn sheets_leave_for_whoever_plans_and_tables_come_back() {
    let town = Town::ready("sheets");
    let (token, viewer) = (town.token("coordinator", "Centrale"), town.token("viewer", "Ufficio"));
    plant(&town);
    let server = Server::start(&town.data());
    let get = |path: &str| asked(&server, &token, "GET", &plans(path), b"");

    let page = get("sheet");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{}", page.text());
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    let html = page.text();
    assert!(html.contains("&lt;script&gt;document") && !html.contains("<script"), "markup of others is text");
    assert_eq!(html.matches("class=\"qr\"").count(), 10);
    assert!(html.contains("Palestra comunale") && html.contains("martedì 24 novembre 2026"));
    let one = get("sheet?run=r2&lang=en").text();
    assert!(one.contains("K205") && !one.contains("K105") && one.contains("Tuesday 24 November 2026"));
    assert_eq!((get("sheet?run=r9").status, get("sheet?lang=de").status), (404, 400));
    assert_eq!(asked(&server, &token, "GET", "/api/plans/00000000000000ff/sheet", b"").status, 404);
    for path in ["sheet", "runs.csv", "runs.gpx"] {
        assert_eq!(asked(&server, &viewer, "GET", &plans(path), b"").status, 403, "{path}");
        assert!(matches!(server.get(&plans(path)).status, 401 | 403), "{path}");
    }
    let audited = crate::process::sqlite(&town, "select count(*) from store_audit where object like 'plan %sheet'");
    assert!(audited.is_none_or(|count| count.parse::<u32>().is_ok_and(|count| count >= 2)));

    gpx(&town, &get("runs.gpx"));
    let map = get("runs.geojson").json();
    assert_eq!(map["features"].as_array().map(Vec::len), Some(12));
    back_and_forth(&server, &token, &get("runs.csv").text());

    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("\"ERROR\""), "{log}");
}

/// GDAL reads the GPX.
fn gpx(town: &Town, answer: &Answer) {
    assert_eq!(answer.status, 200);
    if !has("ogrinfo") {
        return;
    }
    let file = town.at("runs.gpx");
    std::fs::write(&file, &answer.body).expect("a file");
    let output = Command::new("ogrinfo").args(["-so", "-al", &file]).output().expect("ogrinfo starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let counts: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("Feature Count: ")).collect();
    // Waypoints, routes, tracks, points of routes, points of tracks.
    assert_eq!(counts, ["10", "0", "2", "0", "14"], "{said}");
}

/// The table as a coordinator fills it in, with one word that is none and one stop that is of another plan.
fn fill(csv: &str) -> String {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let place = |name: &str| header.iter().position(|known| known == name).unwrap_or_else(|| panic!("no {name}"));
    let (code, outcome, units, note) = (place("codice"), place("esito"), place("unità"), place("nota"));
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    writer.write_record(&header).expect("a header");
    let mut rows: Vec<Vec<String>> =
        reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
    for row in &mut rows {
        let said = match row[code].as_str() {
            "K101" => ["Consegnato", "", ""],
            "K103" => ["in parte", "1", "citofono rotto"],
            "K104" => ["forse", "", ""],
            _ => continue,
        };
        for (column, text) in [outcome, units, note].into_iter().zip(said) {
            text.clone_into(&mut row[column]);
        }
    }
    let mut other = rows[0].clone();
    "ZZZZ".clone_into(&mut other[code]);
    "assente".clone_into(&mut other[outcome]);
    rows.push(other);
    for row in &rows {
        writer.write_record(row).expect("a row");
    }
    String::from_utf8(writer.into_inner().expect("rows")).expect("text")
}

/// The CSV filled in comes back; the XLSX with what was told comes back too.
fn back_and_forth(server: &Server, token: &str, csv: &str) {
    let filled = fill(csv);
    let post = |body: &[u8]| asked(server, token, "POST", &plans("outcomes"), body);
    let first = post(filled.as_bytes());
    assert_eq!(first.status, 200, "{}", first.text());
    let told = first.json();
    assert_eq!((&told["accepted"], &told["known"]), (&json!(2), &json!(0)), "{told}\n{filled}");
    let rejects: Vec<(u64, &str)> = told["rejects"]
        .as_array()
        .expect("rejects")
        .iter()
        .map(|r| (r["row"].as_u64().expect("a row"), r["column"].as_str().expect("a column")))
        .collect();
    assert_eq!(rejects, [(4, "esito"), (11, "codice")], "{told}");
    let again = post(filled.as_bytes()).json();
    assert_eq!((&again["accepted"], &again["known"]), (&json!(0), &json!(2)), "{again}");

    let book = asked(server, token, "GET", &plans("runs.xlsx"), b"");
    assert!(book.body.starts_with(b"PK"), "a workbook");
    let told = post(&book.body).json();
    assert_eq!((&told["accepted"], &told["known"], &told["rejects"]), (&json!(0), &json!(2), &json!([])), "{told}");
    assert_eq!(post(b"codice,unita\nK101,1\n").status, 400);
    assert_eq!(post(b"\x00\x01\x02").status, 400);
}

#[test]
fn a_link_opens_one_run_for_one_shift_and_what_is_told_twice_is_once() {
    let town = Town::ready("crews");
    let token = town.token("coordinator", "Centrale");
    plant(&town);
    let server = Server::start(&town.data());
    let made = asked(&server, &token, "POST", &plans("runs/r1/link"), b"{\"hours\":6}");
    assert_eq!(made.status, 201, "{}", made.text());
    let url = made.json()["url"].as_str().expect("an address").to_owned();
    let link = url.strip_prefix("/crew#").expect("the token is in the fragment").to_owned();
    let crew = |method: &str, path: &str, body: &[u8]| asked(&server, &link, method, path, body);

    let run = crew("GET", "/crew/api/run", b"").json();
    assert_eq!((&run["run"]["id"], run["run"]["stops"].as_array().map(Vec::len)), (&json!("r1"), Some(5)));
    assert_eq!(asked(&server, &token, "GET", "/crew/api/run", b"").status, 401, "a coordinator is no crew");
    assert_eq!(asked(&server, &link, "GET", &plans("sheet"), b"").status, 401, "a crew is nobody else");
    assert_eq!(server.get("/crew/api/run").status, 401);

    let event = |key: &str, code: &str, outcome: &str, units: Value| json!({"key": key, "code": code, "outcome": outcome, "units": units, "note": HOSTILE, "at": "2026-11-20T08:11:00Z"});
    let body = json!({"events": [
        event("aaaaaaaa-1", "K101", "delivered", Value::Null),
        event("aaaaaaaa-2", "K102", "partial", json!(1)),
        event("aaaaaaaa-3", "K201", "delivered", Value::Null),
        event("aaaaaaaa-4", "K103", "eaten", Value::Null),
        event("aaaaaaaa-5", "K103", "partial", Value::Null),
        event("short", "K103", "absent", Value::Null),
        {"key": "aaaaaaaa-7"},
        {"key": "aaaaaaaa-8", "code": "K103", "outcome": "absent", "at": "2096-01-01T00:00:00Z"},
    ]})
    .to_string();
    let first = crew("POST", "/crew/api/events", body.as_bytes()).json();
    assert_eq!(first["accepted"], json!(["aaaaaaaa-1", "aaaaaaaa-2"]), "{first}");
    let reasons: Vec<&str> = first["refused"]
        .as_array()
        .expect("refused")
        .iter()
        .map(|one| one["reason"].as_str().expect("a reason"))
        .collect();
    assert_eq!(reasons, ["run", "outcome", "units", "key", "event", "at"]);
    let again = crew("POST", "/crew/api/events", body.as_bytes()).json();
    assert_eq!((&again["accepted"], &again["known"]), (&json!([]), &json!(["aaaaaaaa-1", "aaaaaaaa-2"])));
    assert_eq!(crew("POST", "/crew/api/events", b"{}").status, 400);
    // A telephone without a network comes back late: what happened before does not undo what happened after.
    for (key, outcome, at) in [("aaaaaaaa-9", "delivered", "09:30"), ("aaaaaaaa-0", "absent", "09:10")] {
        let at = format!("2026-11-20T{at}:00Z");
        let late = json!({"events": [{"key": key, "code": "K103", "outcome": outcome, "at": at}]}).to_string();
        assert_eq!(crew("POST", "/crew/api/events", late.as_bytes()).json()["accepted"], json!([key]));
    }
    let run = crew("GET", "/crew/api/run", b"").json();
    let stops = run["run"]["stops"].as_array().expect("stops");
    let stop = stops.iter().find(|stop| stop["code"] == "K103").expect("the stop");
    assert_eq!(stop["outcome"]["kind"], "delivered", "{stop}");

    let html = asked(&server, &token, "GET", &plans("sheet?run=r1"), b"").text();
    assert_eq!(html.matches("class=\"box on\"").count(), 3, "the coordinator sees what was told");
    assert!(!html.contains("<script"));

    let other = asked(&server, &token, "POST", &plans("runs/r1/link"), b"").json();
    assert_ne!(other["url"].as_str(), Some(url.as_str()), "another link is another token");
    let taken = asked(&server, &token, "DELETE", &plans("runs/r1/link"), b"").json();
    assert_eq!(taken["revoked"], 2);
    assert_eq!(crew("GET", "/crew/api/run", b"").status, 401, "taken back");
    for wrong in ["{\"hours\":0}", "{\"hours\":500}", "{\"days\":1}"] {
        assert_eq!(asked(&server, &token, "POST", &plans("runs/r1/link"), wrong.as_bytes()).status, 400, "{wrong}");
    }
    assert_eq!(asked(&server, &token, "POST", &plans("runs/r9/link"), b"").status, 404);
    let secret = link.trim_start_matches("atl_");
    let (_, log) = server.stop();
    assert!(!log.contains(secret) && !log.contains("\"ERROR\""), "{log}");
    let held = std::fs::read(format!("{}/atlante.gpkg", town.data())).expect("the store");
    assert!(!held.windows(secret.len()).any(|window| window == secret.as_bytes()), "the token is nowhere on disk");
}
