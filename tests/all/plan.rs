//! Plans on the real binary, over the streets, the doors and the banks of Anagni: ordered, worked out, carried out by two
//! crews, planned again when a road closes; killed while computing and while crews sync, nothing acknowledged is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    ask::{self, Answer},
    place::{Folder, run, shared},
    server::Server,
};

/// About four hundred households: fragile, and alone.
const IN_NEED: &str = "fragile = true and alone = true";

/// Candidates for points in the town: id, longitude, latitude.
const CANDIDATES: [(&str, f64, f64); 10] = [
    ("cattedrale", 13.1615, 41.7437),
    ("stazione", 13.1210, 41.7190),
    ("osteria", 13.1000, 41.7300),
    ("san-bartolomeo", 13.1450, 41.7560),
    ("tufano", 13.1950, 41.7250),
    ("collacciano", 13.1300, 41.7420),
    ("pantanello", 13.1750, 41.7600),
    ("paduni", 13.1130, 41.7060),
    ("vallefredda", 13.1520, 41.7280),
    ("finocchieto", 13.0900, 41.7450),
];

/// The town of Anagni with its roads, ready to be served.
pub struct Anagni {
    folder: Folder,
    pub coordinator: String,
    pub viewer: String,
}

impl Anagni {
    pub fn new(shared: &Path) -> Self {
        let folder = Folder::new("plan");
        let data = folder.at("data");
        let at = |path: &str| shared.join("anagni").join(path).to_str().expect("a UTF-8 path").to_owned();
        let boundary = format!("boundary={}", at("comune_A269_anagni.geojson"));
        run(&[
            "import",
            "--quiet",
            "--data",
            &data,
            "--comune",
            "A269",
            "--civics",
            &at("anncsu_A269.csv"),
            "--civic-points",
            &at("civici_kml_A269.csv"),
            "--layer",
            &boundary,
            "--roads",
            &at("stradario_A269.geojson"),
            "--banks",
            &at("banks"),
        ]);
        run(&["refresh", "--quiet", "--data", &data, "--as-of", "2026-06-30"]);
        let token = |role: &str| {
            let made = run(&["token", "add", "--data", &data, "--role", role, "--name", role]);
            String::from_utf8_lossy(&made.stdout).trim().to_owned()
        };
        Self { coordinator: token("coordinator"), viewer: token("viewer"), folder }
    }

    pub fn data(&self) -> String {
        self.folder.at("data")
    }
}

fn asked(server: &Server, token: &str, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
    let bearer = format!("Bearer {token}");
    let body = body.map(ToString::to_string).unwrap_or_default();
    let mut headers = vec![("Authorization", bearer.as_str())];
    if !body.is_empty() {
        headers.push(("Content-Type", "application/json"));
    }
    ask::send(&server.address, &ask::question(&server.address, method, path, &headers, body.as_bytes()))
}

/// Asks, and expects a status.
pub fn told(server: &Server, token: &str, method: &str, path: &str, body: Option<&Value>, status: u16) -> Value {
    let answer = asked(server, token, method, path, body).unwrap_or_else(|| panic!("no answer to {path}"));
    assert_eq!(answer.status, status, "{method} {path}: {}\n{}", answer.text(), server.log_so_far());
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

pub fn order(effort_seconds: f64) -> Value {
    let places: Vec<Value> =
        CANDIDATES.iter().map(|(id, lon, lat)| json!({ "id": id, "title": id, "at": [lon, lat] })).collect();
    let crews: Vec<Value> = (1..=6)
        .map(|n| {
            let skills = if n <= 3 { json!(["cold-chain"]) } else { json!([]) };
            json!({
                "id": format!("sq{n}"), "title": format!("Squadra {n}"), "shift": ["08:00", "18:00"], "capacity": 60,
                "skills": skills, "reloads": true,
                "breaks": [{ "from": "12:00", "to": "14:00", "minutes": 30 }],
            })
        })
        .collect();
    json!({
        "name": "Acqua e pasti", "purpose": "prova di piano", "people": { "filter": IN_NEED },
        "profile": "van", "sites": { "count": 3, "places": places, "objective": "p-median" }, "depots": [],
        "stock": [
            { "kit": "A", "title": "Pasto e acqua", "units": 380, "needs": [] },
            { "kit": "B", "title": "Pasto e insulina", "units": 40, "needs": ["cold-chain"] },
        ],
        "priority": [{ "title": "anziani", "filter": "oldest >= 85" }], "need": "fragility",
        "needs": [{ "filter": "oldest >= 95", "skill": "cold-chain" }],
        "crews": crews, "service_minutes": 4, "windows": [["08:00", "20:00"]], "fair": "none", "day": "2026-11-24",
        "effort_seconds": effort_seconds, "seed": 1,
    })
}

/// Waits until a plan is no longer computing.
pub fn settled(server: &Server, token: &str, id: &str) -> Value {
    let path = format!("/api/plans/{id}");
    let begun = Instant::now();
    loop {
        let plan = told(server, token, "GET", &path, None, 200);
        if plan["state"] != "computing" {
            return plan;
        }
        assert!(begun.elapsed() < Duration::from_mins(2), "it never ends: {}", plan["progress"]);
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub fn ordered(server: &Server, token: &str, order: &Value) -> String {
    told(server, token, "POST", "/api/plans", Some(order), 202)["id"].as_str().expect("an id").to_owned()
}

fn runs(plan: &Value) -> &Vec<Value> {
    plan["result"]["runs"].as_array().expect("runs")
}

fn stops(run: &Value) -> &Vec<Value> {
    run["stops"].as_array().expect("stops")
}

fn texts<'a>(values: impl IntoIterator<Item = &'a Value>, key: &str) -> Vec<String> {
    values.into_iter().map(|value| value[key].as_str().expect("a text").to_owned()).collect()
}

/// What must hold of any plan that is ready.
fn makes_sense(plan: &Value, households: u64) {
    let result = &plan["result"];
    let unserved = result["unserved"].as_array().expect("unserved");
    let all: Vec<&Value> = runs(plan).iter().flat_map(stops).collect();
    assert_eq!(all.len() as u64 + unserved.len() as u64, households, "everybody is served or told why not");
    let codes: BTreeSet<String> = texts(all.iter().copied().chain(unserved), "code").into_iter().collect();
    assert_eq!(codes.len() as u64, households, "each has a code of its own");
    assert!(codes.iter().all(|code| code.len() == 5), "{codes:?}");
    for one in unserved {
        let reason = &one["reason"];
        assert!(reason["it"].as_str().is_some_and(|it| !it.is_empty()) && reason["code"].is_string(), "{one}");
    }
    for run in runs(plan) {
        let (from, to) = (run["depart"].as_str().expect("a time"), run["arrive"].as_str().expect("a time"));
        assert!(from >= "08:00" && to <= "18:00", "{from} to {to} is within the shift");
        assert!(run["line"]["coordinates"].as_array().is_some_and(|line| line.len() > stops(run).len() / 2));
        for (n, stop) in (1_u64..).zip(stops(run)) {
            assert_eq!(stop["n"], n);
            assert!(stop["units"].as_u64().expect("units") > 0);
        }
        for stop in stops(run).iter().filter(|stop| stop["kit"] == "B") {
            assert!(["sq1", "sq2", "sq3"].contains(&run["crew"].as_str().expect("a crew")), "cold chain: {stop}");
        }
    }
    let by_kit = |kit: &str| -> u64 {
        all.iter().filter(|stop| stop["kit"] == kit).map(|stop| stop["units"].as_u64().expect("units")).sum()
    };
    assert!(by_kit("A") <= 380 && by_kit("B") <= 40, "what is given never exceeds what is there");
    assert!(!plan.to_string().contains("household\":"), "no household is named");
}

fn crew_token(server: &Server, coordinator: &str, id: &str, run: &str) -> String {
    let path = format!("/api/plans/{id}/runs/{run}/link");
    let link = told(server, coordinator, "POST", &path, Some(&json!({ "hours": 12 })), 201);
    link["url"].as_str().expect("a link").trim_start_matches("/crew#").to_owned()
}

fn events(codes: &[String], outcome: &str) -> Value {
    let one = |code: &String| json!({ "key": format!("{code}-{outcome}"), "code": code, "outcome": outcome, "at": "2026-11-20T09:00:00Z" });
    json!({ "events": codes.iter().map(one).collect::<Vec<Value>>() })
}

/// The codes of a plan whose stop was told of.
fn done(plan: &Value) -> BTreeSet<String> {
    let all = runs(plan).iter().flat_map(stops).filter(|stop| !stop["outcome"].is_null());
    texts(all, "code").into_iter().collect()
}

#[test]
fn from_the_order_to_the_doors_of_anagni() {
    let Some(shared) = shared() else { return };
    let town = Anagni::new(&shared);
    let (mut server, token) = (Server::start(&town.data()), town.coordinator.clone());
    let roads = told(&server, &token, "GET", "/api/roads", None, 200);
    assert_eq!(roads["imported"], true);
    let filter = IN_NEED.replace(' ', "%20").replace('>', "%3E").replace('=', "%3D");
    let count = told(&server, &token, "GET", &format!("/api/count?collection=households&filter={filter}"), None, 200);
    let households = count["households"].as_u64().or(count["matched"].as_u64()).expect("a count");
    assert!((300..=520).contains(&households), "{count}");
    for (who, status) in [(&town.viewer, 403), (&"nobody".to_owned(), 401)] {
        told(&server, who, "POST", "/api/plans", Some(&order(1.0)), status);
    }

    // Killed while it computes, it is worked out at the next start.
    let id = ordered(&server, &token, &order(6.0));
    std::thread::sleep(Duration::from_millis(700));
    drop(server);
    server = Server::start(&town.data());
    let begun = Instant::now();
    let plan = settled(&server, &token, &id);
    assert_eq!(plan["state"], "ready", "{}", plan["reason"]);
    makes_sense(&plan, households);
    assert_eq!(plan["result"]["sites"].as_array().map(Vec::len), Some(3));
    println!(
        "anagni: {} stops of {households} in {} runs, {:.1} km, in {:.1} s",
        plan["result"]["totals"]["stops"],
        runs(&plan).len(),
        plan["result"]["totals"]["distance_m"].as_f64().unwrap_or_default() / 1e3,
        begun.elapsed().as_secs_f64()
    );

    let path = format!("/api/plans/{id}");
    told(&server, &token, "POST", &format!("{path}/approve"), None, 200);
    told(&server, &token, "POST", &format!("{path}/approve"), None, 409);
    let half = carried_out(&mut server, &town, &id, &plan);
    closed_and_planned_again(&server, &town, &id, &half);
    moved_and_continued(&server, &token, &id);
    let check = run(&["check", "--quiet", "--data", &town.data()]);
    assert!(check.status.success());
}

/// Two crews sync half of their stops, twice, while the server is killed under them: all that was acknowledged is there.
fn carried_out(server: &mut Server, town: &Anagni, id: &str, plan: &Value) -> BTreeSet<String> {
    let mut acknowledged = BTreeSet::new();
    let path = format!("/api/plans/{id}");
    for (run, kill) in runs(plan).iter().zip([true, false]) {
        let name = run["id"].as_str().expect("a run");
        let crew = crew_token(server, &town.coordinator, id, name);
        let codes = texts(stops(run), "code");
        let first = &codes[..codes.len() / 2];
        for (n, code) in first.iter().enumerate() {
            let sent = asked(
                server,
                &crew,
                "POST",
                "/crew/api/events",
                Some(&events(std::slice::from_ref(code), "delivered")),
            );
            let answer = sent.expect("an answer").json();
            assert_eq!(answer["accepted"].as_array().map(Vec::len), Some(1), "{answer}");
            acknowledged.insert(code.clone());
            if kill && n == first.len() / 2 {
                // One more goes out, and nobody hears what became of it.
                let bytes = ask::question(
                    &server.address,
                    "POST",
                    "/crew/api/events",
                    &[("Authorization", &format!("Bearer {crew}")), ("Content-Type", "application/json")],
                    events(&first[n + 1..n + 2], "delivered").to_string().as_bytes(),
                );
                let address = server.address.clone();
                let sending = std::thread::spawn(move || ask::send(&address, &bytes).map(|answer| answer.status));
                *server = Server::start_after_kill(server, &town.data());
                let heard = sending.join().expect("a thread");
                println!("killed while syncing: {heard:?}");
            }
        }
        let again = asked(server, &crew, "POST", "/crew/api/events", Some(&events(first, "delivered")));
        let again = again.expect("an answer").json();
        assert_eq!(again["known"].as_array().map(Vec::len), Some(first.len()), "twice is once: {again}");
    }
    let plan = told(server, &town.coordinator, "GET", &path, None, 200);
    assert_eq!(done(&plan), acknowledged, "nothing acknowledged is lost, nothing is there twice");
    acknowledged
}

/// A road closes; the plan is worked out again within five seconds, and what is done stays as it was.
fn closed_and_planned_again(server: &Server, town: &Anagni, id: &str, half: &BTreeSet<String>) {
    let (path, token) = (format!("/api/plans/{id}"), &town.coordinator);
    let before = told(server, token, "GET", &path, None, 200);
    // The road of the last stop of the first run, and what lies around it.
    let last = stops(&runs(&before)[0]).last().expect("a stop").clone();
    let (lon, lat) = (last["at"][0].as_f64().expect("lon"), last["at"][1].as_f64().expect("lat"));
    let (d, e) = (0.0016, 0.0012);
    let ring =
        json!([[lon - d, lat - e], [lon + d, lat - e], [lon + d, lat + e], [lon - d, lat + e], [lon - d, lat - e]]);
    let scenario = json!({
        "name": "Frana", "why": "prova", "expires": null,
        "closures": [{ "kind": "area", "geometry": { "type": "Polygon", "coordinates": [ring] }, "bridges": "closed" }],
    });
    let scenario = told(server, token, "POST", "/api/scenarios", Some(&scenario), 201)["id"].clone();
    let compared = told(
        server,
        token,
        "GET",
        &format!("{path}/compare?scenario={}", scenario.as_str().expect("an id")),
        None,
        200,
    );
    assert!(compared["unreachable"].as_array().is_some_and(|cut| !cut.is_empty()), "{compared}");

    let begun = Instant::now();
    let again = json!({ "scenario": scenario, "effort_seconds": 3 });
    told(server, token, "POST", &format!("{path}/replan"), Some(&again), 202);
    let after = settled(server, token, id);
    let took_s = begun.elapsed().as_secs_f64();
    assert_eq!(after["state"], "ready", "{}", after["reason"]);
    let count = |plan: &Value| plan["result"]["totals"]["stops"].as_u64().expect("stops");
    println!("{} stops planned again, {} of them done, in {took_s:.2} s", count(&after), half.len());
    assert!(took_s < 15.0, "{took_s}");
    assert_eq!(done(&after), *half);
    let prefix = |plan: &Value| -> BTreeMap<String, Vec<Value>> {
        let of = |run: &Value| {
            let over = stops(run).iter().take_while(|stop| !stop["outcome"].is_null()).cloned().collect();
            (run["id"].as_str().expect("an id").to_owned(), over)
        };
        runs(plan).iter().map(of).filter(|(_, over): &(String, Vec<Value>)| !over.is_empty()).collect()
    };
    assert_eq!(prefix(&after), prefix(&before), "what is done is as it was: crew, order, times");
    let reasons: BTreeSet<String> = after["result"]["unserved"]
        .as_array()
        .expect("unserved")
        .iter()
        .map(|one| one["reason"]["code"].as_str().expect("a code").to_owned())
        .collect();
    assert!(reasons.contains("road_closed") || reasons.contains("unreachable"), "{reasons:?}");
    assert!(count(&after) + 60 > count(&before), "the rest of the plan is unharmed");
}

fn moved_and_continued(server: &Server, token: &str, id: &str) {
    let path = format!("/api/plans/{id}");
    let plan = told(server, token, "GET", &path, None, 200);
    let (from, to) = (&runs(&plan)[2], &runs(&plan)[3]);
    // One that any crew can serve: what is held by a crew without the skill is rightly left out.
    let anyones = |stop: &&Value| stop["needs"].as_array().is_some_and(Vec::is_empty);
    let code = stops(from).iter().find(anyones).expect("a stop without needs")["code"].clone();
    let trial = json!({ "code": code, "run": to["id"], "try": true, "force": false });
    let price = told(server, token, "POST", &format!("{path}/moves"), Some(&trial), 200);
    assert!(price["extra_s"].is_i64() && price["breaches"].is_array(), "{price}");
    assert_eq!(told(server, token, "GET", &path, None, 200)["version"], plan["version"], "a trial changes nothing");
    let real = json!({ "code": code, "run": to["id"], "try": false, "force": true });
    told(server, token, "POST", &format!("{path}/moves"), Some(&real), 200);
    let moved = told(server, token, "GET", &path, None, 200);
    let there = runs(&moved).iter().find(|run| run["id"] == to["id"]).expect("the run");
    assert!(stops(there).iter().any(|stop| stop["code"] == code), "it is with the other crew");
    assert_eq!(moved["version"], plan["version"].as_u64().expect("a version") + 1);
    let locks = json!({ "codes": [code], "locked": true });
    let locked = told(server, token, "POST", &format!("{path}/locks"), Some(&locks), 200);
    let held: Vec<&Value> = runs(&locked).iter().flat_map(stops).filter(|stop| stop["locked"] == true).collect();
    assert_eq!(held.len(), 1);
    told(server, token, "POST", &format!("{path}/replan"), Some(&json!({ "effort_seconds": 1 })), 202);
    let after = settled(server, token, id);
    assert_eq!(after["state"], "ready", "{}", after["reason"]);
    let there = runs(&after).iter().find(|run| run["id"] == to["id"]);
    let holds = there.is_some_and(|run| stops(run).iter().any(|stop| stop["code"] == code));
    let left = after["result"]["unserved"].as_array().expect("unserved").iter().find(|one| one["code"] == code);
    assert!(holds, "what is locked stays with its crew: {price}; left out: {left:?}");

    let left = after["result"]["unserved"].as_array().expect("unserved").len();
    let next =
        told(server, token, "POST", &format!("{path}/next"), None, 201)["id"].as_str().expect("an id").to_owned();
    let next = settled(server, token, &next);
    assert_eq!(next["after"], *id);
    assert_eq!(next["result"]["totals"]["households"], left as u64, "those who were left out");
    let all = told(server, token, "GET", "/api/plans", None, 200);
    assert_eq!(all["plans"].as_array().map(Vec::len), Some(2));
}
