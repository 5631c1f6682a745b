//! Roads: imported, kept, served at once; scenarios that close and open them; OSRM's door and its real clients; how far one
//! gets as an area of a question.

use std::{
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    ask::{self, Answer},
    clients::{python, said, script},
    place::{Folder, atlante, attempt, report, run, shared},
    server::Server,
    town::{COMUNE, Town},
};

fn import(data: &str, comune: &str, file: &str) -> Value {
    report(&["import", "--quiet", "--data", data, "--comune", comune, "--roads", file])
}

fn send(server: &Server, token: &str, method: &str, path: &str, more: &[(&str, &str)], body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    headers.extend(more);
    let question = ask::question(&server.address, method, path, &headers, body.as_bytes());
    ask::send(&server.address, &question).unwrap_or_else(|| panic!("no answer:\n{}", server.log_so_far()))
}

fn declare(server: &Server, token: &str, scenario: &Value) -> String {
    let answer = send(server, token, "POST", "/api/scenarios", &[], &scenario.to_string());
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(answer.header("location"), Some(format!("/api/scenarios/{id}").as_str()));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    id
}

/// Ends of some streets of a file of lines, as OSRM writes coordinates.
pub fn ends(file: &str, count: usize) -> Vec<[f64; 2]> {
    let text = std::fs::read_to_string(file).expect("street lines");
    let lines: Value = serde_json::from_str(&text).expect("GeoJSON");
    let features = lines["features"].as_array().expect("features");
    let step = (features.len() / count).max(1);
    let end = |feature: &Value| {
        let mut at = &feature["geometry"]["coordinates"][0];
        while at[0].is_array() {
            at = &at[0];
        }
        [at[0].as_f64().expect("lon"), at[1].as_f64().expect("lat")]
    };
    features.iter().step_by(step).take(count).map(end).collect()
}

fn listed(places: &[[f64; 2]]) -> String {
    places.iter().map(|[lon, lat]| format!("{lon:.6},{lat:.6}")).collect::<Vec<_>>().join(";")
}

fn imported(server: &Server) -> bool {
    server.get("/api/roads").json()["imported"] == true
}

#[test]
fn roads_are_served_a_moment_after_their_import_and_go_along_in_a_move() {
    let town = Town::ready("roads");
    let token = town.token("coordinator", "walker");
    let server = Server::start(&town.data());
    assert!(!imported(&server));
    let places = ends(&town.file("roads.geojson"), 12);
    let table = format!("/table/v1/driving/{}?annotations=duration,distance", listed(&places));
    let refused = server.get(&table);
    assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("NoSegment")), "{}", refused.text());
    assert!(refused.text().contains("atlante import --roads"), "{}", refused.text());
    let [lon, lat] = places[0];
    let reach = format!("/api/isochrone?profile=foot&from={lon},{lat}&minutes=5,10");
    assert_eq!(server.get(&reach).status, 409);

    let first = import(&town.data(), COMUNE, &town.file("roads.geojson"));
    assert_eq!(first["sources"][0]["state"], "read", "{first}");
    assert!(first["sources"][0]["records"].as_u64().is_some_and(|roads| roads > 100), "{first}");
    assert!(server.wait(Duration::from_secs(20), imported), "{}", server.log_so_far());
    let again = import(&town.data(), COMUNE, &town.file("roads.geojson"));
    assert_eq!(again["sources"][0]["state"], "already", "{again}");
    let answer = server.get(&table).json();
    assert_eq!(answer["code"], "Ok", "{answer}");
    let reached = answer["durations"].as_array().expect("rows").iter().flat_map(|row| row.as_array().expect("cells"));
    assert!(reached.filter(|cell| cell.is_f64()).count() == 144, "the town is joined: {answer}");

    let other = town.at("moved");
    run(&["move", "--quiet", "--from", &town.data(), "--to", &other]);
    run(&["check", "--quiet", "--data", &other]);
    let moved = Server::start(&other);
    assert_eq!(moved.get(&table).json(), answer, "the same roads elsewhere");
    assert!(!moved.log_so_far().contains("found anew"), "the order of the roads came along: {}", moved.log_so_far());
    reach_is_an_area(&token, &server, places[0]);
    coordinates_are_enough_for_a_problem(&token, &server, &places);
}

/// VROOM's problem without matrices: the roads make them, and a stop on no road leaves the others as they are.
fn coordinates_are_enough_for_a_problem(token: &str, server: &Server, places: &[[f64; 2]]) {
    let mut jobs: Vec<Value> = (1..places.len()).map(|at| json!({ "id": at, "location": places[at] })).collect();
    jobs.push(json!({ "id": 99, "location": [0.0, 0.0] }));
    let problem =
        json!({ "vehicles": [{ "id": 1, "start": places[0], "end": places[0], "profile": "car" }], "jobs": jobs });
    let answer = send(server, token, "POST", "/api/vrp?iterations=200", &[], &problem.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let solution = answer.json();
    let left: Vec<&Value> = solution["unassigned"].as_array().expect("jobs").iter().map(|job| &job["id"]).collect();
    assert_eq!(left, [&json!(99)], "{solution}");
    assert!(solution["summary"]["duration"].as_u64().is_some_and(|seconds| seconds > 0), "{solution}");
}

/// Bands lie in each other, and the band asked as an area finds whom the band's own shape finds.
fn reach_is_an_area(token: &str, server: &Server, [lon, lat]: [f64; 2]) {
    let bands = server.get(&format!("/api/isochrone?profile=foot&from={lon},{lat}&minutes=5,10,15")).json();
    let bands = bands["features"].as_array().expect("features");
    let minutes: Vec<f64> = bands.iter().map(|band| band["properties"]["minutes"].as_f64().expect("minutes")).collect();
    assert_eq!(minutes, [15.0, 10.0, 5.0]);
    let count = |area: Value| {
        let question = json!({ "collection": "households", "measures": [{ "count": "households" }], "area": area });
        let answer = send(server, token, "POST", "/api/ask", &[], &question.to_string());
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["total"]["values"][0].clone()
    };
    let mut before = u64::MAX;
    for (band, minutes) in bands.iter().zip(minutes) {
        let asked = json!({ "type": "isochrone", "from": [lon, lat], "minutes": minutes, "profile": "foot" });
        let found = count(asked.clone());
        let alone = server.get(&format!("/api/isochrone?profile=foot&from={lon},{lat}&minutes={minutes}")).json();
        let shape = |band: &Value| json!({ "type": "polygon", "geometry": band["geometry"] });
        assert_eq!(found, count(shape(&alone["features"][0])), "{minutes} minutes");
        assert_eq!(found, count(shape(band)), "{minutes} minutes beside others");
        assert_eq!(alone["features"][0], *band, "a band is the same whatever else is asked");
        let joined =
            json!({ "type": "union", "of": [asked, { "type": "circle", "center": [lon, lat], "radius_m": 1 }] });
        assert!(count(joined).as_u64() >= found.as_u64());
        let found = found.as_u64().expect("a number");
        assert!(found <= before, "{minutes} minutes hold more than a wider band");
        before = found;
    }
    let wrong = json!({ "collection": "households", "area": { "type": "isochrone", "from": [0, 0], "minutes": 5 } });
    let answer = send(server, token, "POST", "/api/ask", &[], &wrong.to_string());
    assert_eq!((answer.status, &answer.json()["parameter"]), (400, &json!("area.from")), "{}", answer.text());
}

#[test]
fn scenarios_close_and_open_in_the_next_answer() {
    let town = Town::ready("scenarios");
    import(&town.data(), COMUNE, &town.file("roads.geojson"));
    let [coordinator, rescue, viewer] =
        [("coordinator", "anna"), ("civil_protection", "bruno"), ("viewer", "carla")].map(|(r, n)| town.token(r, n));
    let mut server = Server::start(&town.data());
    let places = ends(&town.file("roads.geojson"), 10);
    let table = |server: &Server, scenario: &str| {
        let path = format!("/table/v1/car/{}?scenario={scenario}", listed(&places));
        server.get_as(Some(&rescue), &path)
    };
    let open = table(&server, "").json();
    let everything = json!({ "kind": "area", "bridges": "closed", "geometry": { "type": "Polygon", "coordinates":
        [[[-20.0, 30.0], [40.0, 30.0], [40.0, 60.0], [-20.0, 60.0], [-20.0, 30.0]]] } });
    let flood = json!({ "name": "Piena", "why": "Ordinanza 14", "closures": [everything] });
    for (token, status) in [(&viewer, 403), (&"x".repeat(20), 401)] {
        assert_eq!(send(&server, token, "POST", "/api/scenarios", &[], &flood.to_string()).status, status);
        assert_eq!(server.get_as(Some(token), "/api/scenarios").status, status);
    }
    let id = declare(&server, &coordinator, &flood);
    let told = server.get_as(Some(&rescue), &format!("/api/scenarios/{id}")).json();
    assert!(told["closed"]["car"].as_u64().is_some_and(|closed| closed > 100), "{told}");
    assert_eq!((&told["by"], &told["expired"]), (&json!("anna"), &json!(false)));
    assert_eq!(table(&server, &id).json()["code"], "NoSegment", "everything is closed");
    assert_eq!(server.get(&format!("/route/v1/car/{}?scenario={id}", listed(&places[..2]))).status, 401);
    assert_eq!(table(&server, "").json(), open, "who names no scenario drives as before");

    // What was told is on disk, whatever becomes of the server.
    drop(server);
    server = Server::start(&town.data());
    assert_eq!(table(&server, &id).json()["code"], "NoSegment", "everything is still closed");

    let amended = json!({ "name": "Piena", "why": "Il fiume cala", "closures": [] }).to_string();
    let path = format!("/api/scenarios/{id}");
    assert_eq!(send(&server, &rescue, "PUT", &path, &[], &amended).status, 400, "no version was named");
    assert_eq!(send(&server, &rescue, "PUT", &path, &[("If-Match", "\"9\"")], &amended).status, 409);
    let answer = send(&server, &rescue, "PUT", &path, &[("If-Match", "\"1\"")], &amended);
    assert_eq!((answer.status, &answer.json()["version"]), (200, &json!(2)), "{}", answer.text());
    assert_eq!(send(&server, &rescue, "PUT", &path, &[("If-Match", "\"1\"")], &amended).status, 409, "overtaken");
    assert_eq!(table(&server, &id).json(), open, "the water is gone in the next answer");
    assert_eq!(send(&server, &rescue, "DELETE", &path, &[], "").status, 204);
    assert_eq!(table(&server, &id).status, 409, "a withdrawn scenario");
    assert_eq!(table(&server, "00000000deadbeef").status, 404);
    assert_eq!(table(&server, "x").json()["code"], "InvalidValue");
    assert_eq!(server.get_as(Some(&rescue), "/api/scenarios").json()["scenarios"], json!([]));
    a_scenario_expires(&server, &coordinator, |id| table(&server, id));
    let (_, log) = server.stop();
    assert!(!log.contains("ERROR"), "{log}");
}

fn a_scenario_expires(server: &Server, token: &str, table: impl Fn(&str) -> Answer) {
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
    let brief = json!({ "name": "Mercato", "why": "ogni sabato", "expires": soon.to_string(), "closures": [] });
    let id = declare(server, token, &brief);
    assert_eq!(table(&id).status, 200);
    assert!(server.wait(Duration::from_secs(10), |_| table(&id).status == 409), "its time has passed");
    assert!(table(&id).text().contains("expired"));
    let all = server.get_as(Some(token), "/api/scenarios").json();
    assert_eq!((&all["scenarios"][0]["id"], &all["scenarios"][0]["expired"]), (&json!(id), &json!(true)));
    let late = json!({ "name": "x", "why": "x", "expires": "2020-01-01T00:00:00Z", "closures": [] }).to_string();
    assert_eq!(send(server, token, "POST", "/api/scenarios", &[], &late).status, 400);
}

#[test]
fn files_that_are_no_roads_are_refused_and_the_roads_stay() {
    let town = Town::ready("noroads");
    import(&town.data(), COMUNE, &town.file("roads.geojson"));
    let nothing = r#"{"type":"FeatureCollection","features":[]}"#;
    let point = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#;
    // A header that says it unpacks to two gigabytes, in a few bytes.
    let bomb = [&[0, 0, 0, 13, 10, 9][..], b"OSMHeader", &[24, 255, 255, 255, 255, 7], &[0; 40]].concat();
    let mut files: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("noise", (0..5_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect()),
        ("nothing", nothing.into()),
        ("point", point.into()),
        ("broken", nothing[..20].into()),
        ("bomb", bomb),
    ];
    if let Some(data) = shared() {
        let whole = std::fs::read(data.join("osm/valhalla-rome.osm.pbf")).expect("an extract");
        files.push(("cut", whole[..whole.len() * 2 / 3].to_vec()));
        files.push(("spoilt", [&whole[..2_000], &[0xff; 400], &whole[2_400..]].concat()));
    }
    for (name, bytes) in files {
        let path = town.at(name);
        std::fs::write(&path, bytes).expect("a file");
        let begun = Instant::now();
        let output =
            attempt(&["import", "--quiet", "--json", "--data", &town.data(), "--comune", COMUNE, "--roads", &path]);
        assert_eq!(output.status.code(), Some(3), "{name}: {}", said(&output));
        let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!(report["sources"][0]["state"], "refused", "{name}: {report}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{name} took {:?}", begun.elapsed());
        println!("{name}: {}", report["sources"][0]["reason"]);
    }
    let server = Server::start(&town.data());
    assert!(imported(&server), "the roads that were there stay");
}

/// kill -9 at random moments of an import of roads: the store is sound, the old roads or the new ones are served, never a
/// part of them.
#[test]
fn an_import_of_roads_killed_at_random_moments_leaves_old_or_new() {
    let Some(shared) = shared() else { return };
    let folder = Folder::new("killroads");
    let (data, whole) = (folder.at("data"), folder.at("whole"));
    let old = shared.join("anagni/stradario_A269.geojson").display().to_string();
    let new = shared.join("osm/valhalla-liechtenstein-latest.osm.pbf").display().to_string();
    import(&data, "A269", &old);
    let begun = Instant::now();
    import(&whole, "A269", &new);
    let span = begun.elapsed();
    let mut state = 20_261_123_u64;
    for _ in 0..15 {
        let mut child = atlante()
            .args(["import", "--quiet", "--data", &data, "--comune", "A269", "--roads", &new])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sleep(span.mul_f64((state >> 40) as f64 / (1_u64 << 24) as f64));
        let _ = child.kill();
        child.wait().expect("the end of the child");
        run(&["check", "--quiet", "--data", &data]);
    }
    let about = |data: &str| {
        let server = Server::start_unready(data);
        assert!(server.wait(Duration::from_secs(20), imported));
        let about = server.get("/api/roads").json();
        json!([about["source"], about["nodes"], about["edges"], about["length_km"]])
    };
    let found = about(&data);
    let known = ["stradario_A269.geojson", "valhalla-liechtenstein-latest.osm.pbf"];
    assert!(known.contains(&found[0].as_str().expect("a name")), "{found}");
    import(&data, "A269", &new);
    assert_eq!(about(&data), about(&whole));
}

/// The middle of all positions of a collection, and its breadth.
fn frame(value: &Value, least: &mut [f64; 2], most: &mut [f64; 2]) {
    match value.as_array().map(Vec::as_slice) {
        Some([Value::Number(lon), Value::Number(lat), ..]) => {
            for (axis, number) in [lon, lat].into_iter().enumerate() {
                let number = number.as_f64().expect("degrees");
                (least[axis], most[axis]) = (least[axis].min(number), most[axis].max(number));
            }
        }
        Some(values) => values.iter().for_each(|value| frame(value, least, most)),
        None => {}
    }
}

/// Moves every position by so much and brings it nearer to a place.
fn shift(value: &mut Value, from: [f64; 2], to: [f64; 2], scale: f64) {
    match value {
        Value::Array(values) if values.first().is_some_and(Value::is_number) => {
            let at = |axis: usize| values[axis].as_f64().expect("degrees");
            *value = json!([to[0] + (at(0) - from[0]) * scale, to[1] + (at(1) - from[1]) * scale]);
        }
        Value::Array(values) => values.iter_mut().for_each(|value| shift(value, from, to, scale)),
        _ => {}
    }
}

/// Areas that Italy's civil protection really closed, moved onto Anagni, a kilometre or two broad.
fn moved(file: &Path, to: [f64; 2], breadth: f64) -> Value {
    let mut areas: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("a file")).expect("GeoJSON");
    let (mut least, mut most) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let features = areas["features"].as_array_mut().expect("features");
    for feature in features.iter() {
        frame(&feature["geometry"]["coordinates"], &mut least, &mut most);
    }
    let middle = [f64::midpoint(least[0], most[0]), f64::midpoint(least[1], most[1])];
    let scale = (breadth / (most[0] - least[0])).min(1.0);
    for feature in features {
        shift(&mut feature["geometry"]["coordinates"], middle, to, scale);
    }
    areas
}

#[test]
fn areas_that_were_really_closed_close_the_roads_of_anagni() {
    let Some(shared) = shared() else { return };
    let folder = Folder::new("anagni");
    let (data, lines) = (folder.at("data"), shared.join("anagni/stradario_A269.geojson").display().to_string());
    import(&data, "A269", &lines);
    let token = report(&["token", "add", "--data", &data, "--role", "civil_protection", "--name", "coc"]);
    let token = token["token"].as_str().expect("a token").to_owned();
    let server = Server::start_unready(&data);
    assert!(server.wait(Duration::from_secs(20), imported));
    let middle = [13.158, 41.743];
    let places = ends(&lines, 60);
    // Places far from the middle stay on open roads, so that what changes is the way between them.
    let far = |at: &&[f64; 2]| (at[0] - middle[0]).hypot(at[1] - middle[1]) > 0.035;
    let mut around: Vec<[f64; 2]> = places.iter().filter(far).copied().collect();
    around.truncate(20);
    assert!(around.len() >= 10, "{around:?}");
    let table = |places: &[[f64; 2]], scenario: &str| {
        server.get_as(Some(&token), &format!("/table/v1/van/{}?scenario={scenario}", listed(places))).json()
    };
    let open = table(&around, "");
    let cells = |table: &Value| -> Vec<Option<f64>> {
        let rows = table["durations"].as_array().unwrap_or_else(|| panic!("{table}")).iter();
        rows.flat_map(|row| row.as_array().expect("cells").iter().map(Value::as_f64)).collect()
    };
    for (file, breadth) in [("niscemi_area_interdetta.geojson", 0.02), ("vesuvio_zona_rossa.geojson", 0.03)] {
        let mut areas = moved(&shared.join("protezione_civile").join(file), middle, breadth);
        (areas["name"], areas["why"]) = (json!(file), json!("prova"));
        let id = declare(&server, &token, &areas);
        let told = server.get_as(Some(&token), &format!("/api/scenarios/{id}")).json();
        assert!(told["closed"]["van"].as_u64().is_some_and(|closed| closed > 5), "{file}: {}", told["closed"]);
        let (before, after) = (cells(&open), cells(&table(&around, &id)));
        let longer = before.iter().zip(&after).filter(|(before, after)| match (before, after) {
            (Some(before), Some(after)) => after > before,
            (before, after) => before.is_some() && after.is_none(),
        });
        let (longer, quicker) = (
            longer.count(),
            before.iter().zip(&after).filter(|(b, a)| matches!((b, a), (Some(b), Some(a)) if a < b)).count(),
        );
        println!(
            "{file}: {} edges closed to a van, {longer} of {} ways longer or gone",
            told["closed"]["van"],
            before.len()
        );
        assert!(longer > 0 && quicker == 0, "{file}: {longer} longer, {quicker} quicker");
        // A depot in the middle of what is closed.
        let depot = format!("/route/v1/van/{}?scenario={id}", listed(&[middle, around[0]]));
        let cut_off = server.get_as(Some(&token), &depot);
        assert_eq!(server.get(&depot.replace(&format!("?scenario={id}"), "")).status, 200);
        let code = cut_off.json()["code"].clone();
        assert!(cut_off.status == 400 && [json!("NoSegment"), json!("NoRoute")].contains(&code), "{}", cut_off.text());
        assert_eq!(send(&server, &token, "DELETE", &format!("/api/scenarios/{id}"), &[], "").status, 204);
    }
    assert_eq!(table(&around, ""), open);
}

#[test]
fn the_clients_of_osrm_speak_to_our_door() {
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python").display().to_string();
    let candidates = [std::env::var("ATLANTE_PYTHON").ok(), Some(local), Some("python3".into())];
    let Some(python) = python(&candidates, "routingpy") else { return };
    let Some(shared) = shared() else { return };
    let folder = Folder::new("osrm");
    let data = folder.at("data");
    import(&data, "A269", &shared.join("osm/valhalla-liechtenstein-latest.osm.pbf").display().to_string());
    let server = Server::start_unready(&data);
    assert!(server.wait(Duration::from_secs(20), imported));
    let places = ["9.5209,47.1410", "9.5330,47.2100", "9.51,47.06", "9.53,47.17"];
    let output = Command::new(python).arg(script("osrm.py")).args([&server.address, "-"]).args(places).output();
    let output = output.expect("Python starts");
    println!("{}", said(&output));
    assert!(output.status.success(), "{}", said(&output));
}
