//! `atlante vrp solve` and `POST /api/vrp`: VROOM's own client beside us on the same problems, nonsense, ten thousand jobs.

use std::{fmt::Write as _, path::Path, process::Command};

use serde_json::{Value, json};

use crate::{
    ask,
    clients::{python, said, script},
    place::{Folder, atlante, attempt},
    server::Server,
    town::Town,
};

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// A problem that VROOM reads too.
fn problem(seed: u64, jobs: u64, vehicles: u64) -> Value {
    let dice = &mut Dice(seed);
    let points: Vec<(f64, f64)> = (0..=jobs).map(|_| (dice.below(3_000) as f64, dice.below(3_000) as f64)).collect();
    let row = |a: &(f64, f64)| points.iter().map(|b| (a.0 - b.0).hypot(a.1 - b.1).ceil() as u64).collect::<Vec<_>>();
    let durations: Vec<Vec<u64>> = points.iter().map(row).collect();
    let job = |dice: &mut Dice, id: u64| {
        let open = dice.below(14_000);
        let window = |drawn| if drawn == 0 { [open, open + 7_000] } else { [0, 28_800] };
        json!({
            "id": id, "location_index": id, "setup": 30, "service": 120 + dice.below(200),
            "delivery": [1 + dice.below(3)], "skills": if dice.below(6) == 0 { vec![1] } else { vec![] },
            "priority": dice.below(2) * 10, "time_windows": [window(dice.below(3))],
        })
    };
    let list: Vec<Value> = (1..=jobs - 4).map(|id| job(dice, id)).collect();
    let shipment = |at: u64| {
        json!({
            "amount": [1], "pickup": { "id": 900 + at, "location_index": jobs - 2 * at, "service": 60 },
            "delivery": { "id": 910 + at, "location_index": jobs - 1 - 2 * at, "service": 60 },
        })
    };
    let vehicle = |id: u64| {
        json!({
            "id": id, "start_index": 0, "end_index": 0, "capacity": [22], "skills": [1], "time_window": [0, 28_800],
            "breaks": [{ "id": 1, "service": 1_800, "time_windows": [[12_000, 16_000]] }], "max_tasks": 30,
            "description": format!("crew {id}"),
        })
    };
    json!({
        "jobs": list, "shipments": [shipment(0), shipment(1)], "vehicles": (1..=vehicles).map(vehicle).collect::<Vec<_>>(),
        "matrices": { "car": { "durations": durations } },
    })
}

fn write(place: &Folder, name: &str, problem: &Value) -> String {
    let file = place.at(name);
    std::fs::write(&file, problem.to_string()).expect("a file");
    file
}

fn solve(file: &str, iterations: &str) -> Value {
    let output = attempt(&["--quiet", "vrp", "solve", "--input", file, "--iterations", iterations]);
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).expect("standard output is the solution alone")
}

/// A Python that has VROOM; says aloud where none has.
pub fn vroom() -> Option<String> {
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python").display().to_string();
    python(&[std::env::var("ATLANTE_PYTHON").ok(), Some(local), Some("python3".into())], "vroom")
}

/// What VROOM and we make of each problem.
pub fn beside_vroom(python: &str, files: &[String]) -> Vec<Value> {
    let mut twin = Command::new(python);
    let output = twin.arg(script("vroom_twin.py")).arg(atlante().get_program()).args(files).output();
    let output = output.expect("Python starts");
    assert!(output.status.success(), "{}", said(&output));
    let lines = String::from_utf8_lossy(&output.stdout);
    println!("{lines}");
    let seen: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    assert_eq!(seen.len(), files.len());
    seen
}

#[test]
fn vroom_and_we_answer_the_same_problems_in_the_same_form() {
    let Some(python) = vroom() else { return };
    let place = Folder::new("vroom");
    let files: Vec<String> = [(1, 20, 3), (2, 40, 4), (3, 80, 8), (4, 60, 2)]
        .into_iter()
        .map(|(seed, jobs, vehicles)| write(&place, &format!("{seed}.json"), &problem(seed, jobs, vehicles)))
        .collect();
    for seen in beside_vroom(&python, &files) {
        assert_eq!(seen["missing"], json!([]), "VROOM's keys that we do not have: {seen}");
        assert_eq!(seen["violations"], json!([]), "{seen}");
        assert_eq!(seen["steps"], json!(["break", "delivery", "end", "job", "pickup", "start"]), "{seen}");
        let of = |who: &str, at: usize| seen[who][at].as_f64().expect("a number");
        assert!(of("atlante", 0) >= of("vroom", 0), "less urgent ones are served: {seen}");
        if of("atlante", 0) > of("vroom", 0) {
            continue;
        }
        assert!(of("atlante", 1) <= of("vroom", 1), "more are left out than VROOM leaves: {seen}");
        let is_as_good = of("atlante", 1) < of("vroom", 1) || of("atlante", 2) <= of("vroom", 2) * 1.02;
        assert!(is_as_good, "more than two hundredths dearer than VROOM: {seen}");
    }
}

/// A hundred random small problems of everything that VROOM knows: every answer is worked out again by somebody else, and
/// is hardly ever worse than VROOM's. (Three thousand, by hand: none wrong, eleven worse, 347 better.)
#[test]
fn a_hundred_random_problems_are_answered_rightly_and_no_worse_than_by_vroom() {
    let Some(python) = vroom() else { return };
    let mut law = Command::new(python);
    let output = law.arg(script("vroom_law.py")).arg(atlante().get_program()).args(["0", "100", "3000"]).output();
    let output = output.expect("Python starts");
    assert!(output.status.success(), "{}", said(&output));
    let told = String::from_utf8_lossy(&output.stdout);
    let sums: Value = serde_json::from_str(told.lines().last().expect("sums")).expect("a line of JSON");
    println!("{sums}");
    assert_eq!((&sums["problems"], &sums["wrong"]), (&json!(100), &json!(0)), "{told}");
    assert!(sums["worse"].as_u64().is_some_and(|worse| worse <= 3), "{told}");
}

/// A pause whose window opens long after the work is done is part of the run, as it is VROOM's: the crew sets out later.
#[test]
fn a_pause_after_the_last_stop_is_taken_as_vroom_takes_it() {
    let Some(python) = vroom() else { return };
    let place = Folder::new("pause");
    let windows = [[0, 100], [300, 400], [10_000, 12_000], [17_000, 18_500]];
    let file = |window: &[i64; 2]| {
        let jobs: Vec<Value> = (1..3).map(|id| json!({ "id": id, "location_index": id, "service": 100 })).collect();
        let pause = json!({ "id": 1, "service": 600, "time_windows": [window] });
        let vehicle =
            json!({ "id": 1, "start_index": 0, "end_index": 0, "time_window": [0, 20_000], "breaks": [pause] });
        let durations = json!([[0, 500, 600], [500, 0, 200], [600, 200, 0]]);
        let problem = json!({ "jobs": jobs, "vehicles": [vehicle], "matrices": { "car": { "durations": durations } } });
        write(&place, &format!("{}.json", window[0]), &problem)
    };
    let files: Vec<String> = windows.iter().map(file).collect();
    for (seen, [from, to]) in beside_vroom(&python, &files).into_iter().zip(windows) {
        assert_eq!((&seen["vroom"][1], &seen["atlante"][1]), (&json!(0), &json!(0)), "{seen}");
        assert_eq!(seen["vroom"][2], seen["atlante"][2], "it costs the same: {seen}");
        for who in seen["breaks"].as_array().expect("both") {
            let begun: Vec<i64> = who.as_array().expect("a list").iter().filter_map(Value::as_i64).collect();
            assert!(begun.len() == 1 && (from..=to).contains(&begun[0]), "once, within {from} to {to}: {seen}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_reasons_are_told() {
    let place = Folder::new("vrp-seed");
    let mut asked = problem(7, 24, 2);
    asked["jobs"][3]["skills"] = json!([77]);
    asked["jobs"][4]["time_windows"] = json!([[0, 1]]);
    let file = write(&place, "p.json", &asked);
    let (mut first, mut second) = (solve(&file, "400"), solve(&file, "400"));
    first["summary"]["computing_times"].take();
    second["summary"]["computing_times"].take();
    assert_eq!(first, second);
    let left = first["unassigned"].as_array().expect("a list");
    let of =
        |id: u64| left.iter().find(|left| left["id"] == id).unwrap_or_else(|| panic!("{id} is left out: {left:?}"));
    assert_eq!((&of(4)["reason"], &of(4)["relaxation"]["skills"]), (&json!("skills"), &json!([77])));
    assert_eq!(of(5)["reason"], "window");
    // Whether a later window or an earlier start is less of a change is a matter of the run that it would join.
    let change = &of(5)["relaxation"]["change"];
    assert!(change == "window_later" || change == "shift_earlier", "{change}");
}

/// The road closed behind a crew: what it did is done, what is left is for others, and no rule is broken by it.
#[test]
fn who_is_cut_off_harms_nobody_else() {
    let place = Folder::new("vrp-cut-off");
    let way = |from: u64, to: u64| match (from, to) {
        _ if from == to => json!(0),
        (1, _) | (_, 1) => Value::Null,
        _ => json!(100 + from * 10 + to),
    };
    let rows: Vec<Vec<Value>> = (0..4).map(|from| (0..4).map(|to| way(from, to)).collect()).collect();
    let crew = |id: u64| json!({ "id": id, "start_index": 0, "end_index": 0 });
    let mut stranded = crew(1);
    stranded["done"] = json!([{ "type": "job", "id": 1, "left": 500 }]);
    let job = |id: u64| json!({ "id": id, "location_index": id });
    let asked = json!({
        "jobs": [job(1), job(2), job(3)], "vehicles": [stranded, crew(2)], "matrices": { "car": { "durations": rows } },
    });
    let answer = solve(&write(&place, "asked.json", &asked), "100");
    assert_eq!(
        (&answer["summary"]["violations"], &answer["summary"]["unassigned"]),
        (&json!([]), &json!(0)),
        "{answer}"
    );
    let jobs = |route: &Value| -> Vec<u64> {
        route["steps"].as_array().expect("steps").iter().filter_map(|step| step["job"].as_u64()).collect()
    };
    let mut runs: Vec<Vec<u64>> = answer["routes"].as_array().expect("routes").iter().map(jobs).collect();
    for run in &mut runs {
        run.sort_unstable();
    }
    assert_eq!(runs, [vec![1], vec![2, 3]], "{answer}");
    assert!(answer["summary"]["cost"].as_u64().is_some_and(|cost| cost < 1_000), "{answer}");
}

#[test]
fn what_nothing_reads_stops_nothing_and_is_told() {
    let place = Folder::new("vrp-ignored");
    let mut asked = problem(3, 8, 2);
    asked["vehicles"][1]["steps"] = json!([{ "type": "start" }, { "type": "job", "id": 1 }, { "type": "end" }]);
    asked["jobs"][0]["colour"] = json!("red");
    asked["options"] = json!({ "g": false, "t": 4 });
    asked["note"] = json!({ "of": "the client" });
    let file = write(&place, "asked.json", &asked);
    let mut told: Vec<Value> = solve(&file, "50")["ignored"].as_array().expect("a list").clone();
    told.sort_by_key(Value::to_string);
    assert_eq!(told, [json!("jobs[0].colour"), json!("note"), json!("options.t"), json!("vehicles[1].steps")]);
}

#[test]
fn nonsense_is_told_with_its_place() {
    let place = Folder::new("vrp-nonsense");
    let good = problem(1, 12, 2);
    let mut cases: Vec<(&str, Value, &str)> = Vec::new();
    let mut case = |name, change: &dyn Fn(&mut Value), told| {
        let mut bad = good.clone();
        change(&mut bad);
        cases.push((name, bad, told));
    };
    case("no vehicles", &|p| p["vehicles"] = json!([]), "vehicles");
    case("a negative cell", &|p| p["matrices"]["car"]["durations"][1][2] = json!(-1), "matrices.car.durations[1][2]");
    case(
        "a cell too great",
        &|p| p["matrices"]["car"]["durations"][0][1] = json!(1e300),
        "matrices.car.durations[0][1]",
    );
    case("no number", &|p| p["matrices"]["car"]["durations"][0][1] = json!("NaN"), "matrices.car.durations[0][1]");
    case("not square", &|p| drop(p["matrices"]["car"]["durations"][2].as_array_mut().unwrap().pop()), "durations[2]");
    case("an id twice", &|p| p["jobs"][1]["id"] = json!(1), "jobs[1].id");
    case("a vehicle twice", &|p| p["vehicles"][1]["id"] = json!(1), "vehicles[1].id");
    case("an unknown profile", &|p| p["vehicles"][0]["profile"] = json!("boat"), "vehicles[0].profile");
    case("a place that is none", &|p| p["jobs"][0]["location_index"] = json!(99), "jobs[0].location_index");
    case("a far place", &|p| p["jobs"][0]["location_index"] = json!(u64::MAX >> 1), "jobs[0].location_index");
    case("a window that ends first", &|p| p["jobs"][0]["time_windows"] = json!([[9, 3]]), "jobs[0].time_windows[0]");
    case("no speed", &|p| p["vehicles"][0]["speed_factor"] = json!(0), "vehicles[0].speed_factor");
    case("the plan mode", &|p| p["options"] = json!({ "c": true }), "options.c");
    case("metres of no road", &|p| p["vehicles"][0]["max_distance"] = json!(9), "vehicles[0].max_distance");
    case("a price of no metres", &|p| p["vehicles"][0]["costs"] = json!({ "per_km": 9 }), "vehicles[0].costs.per_km");
    case("a name of old beside", &|p| p["jobs"][0]["amount"] = json!([1]), "jobs[0].amount");
    case(
        "a dear stop of a type",
        &|p| p["jobs"][2]["setup_per_type"] = json!({ "van": -3 }),
        "jobs[2].setup_per_type.van",
    );
    case("an endless stop", &|p| p["jobs"][2]["service"] = json!(u32::MAX), "jobs[2].service");
    case(
        "the first of all instants",
        &|p| p["vehicles"][0]["time_window"] = json!([i64::MIN, 0]),
        "vehicles[0].time_windows[0]: no instant",
    );
    case(
        "costs twice",
        &|p| {
            p["matrices"]["car"]["costs"] = p["matrices"]["car"]["durations"].clone();
            p["vehicles"][0]["costs"] = json!({ "per_hour": 7_200 });
        },
        "vehicles[0].costs.per_hour",
    );
    case("a lock on nothing", &|p| p["locks"] = json!([{ "type": "job", "id": 55, "vehicle": 1 }]), "locks[0]");
    case("no depot", &|p| p["vehicles"][0]["reloads"] = json!([5]), "vehicles[0].reloads[0]");
    case(
        "no matrices, no roads",
        &|p| {
            p["matrices"] = json!({});
            p["vehicles"].as_array_mut().unwrap().iter_mut().for_each(|v| v["start"] = json!([13.1, 41.7]));
            *p = json!({ "vehicles": [{ "id": 1, "start": [13.1, 41.7] }], "jobs": [{ "id": 1, "location": [13.2, 41.7] }] });
        },
        "matrices",
    );
    for (name, bad, told) in &cases {
        let file = write(&place, "bad.json", bad);
        let output = attempt(&["--quiet", "vrp", "solve", "--input", &file, "--iterations", "10"]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("VROOM's refusal");
        assert_eq!(answer["code"], 2, "{name}");
        assert!(answer["error"].as_str().is_some_and(|error| error.contains(told)), "{name}: {answer}");
    }
}

#[test]
fn what_cannot_be_reached_harms_nobody_else() {
    let place = Folder::new("vrp-island");
    let mut asked = problem(5, 16, 2);
    for at in 0..17 {
        if at != 3 {
            asked["matrices"]["car"]["durations"][3][at] = Value::Null;
            asked["matrices"]["car"]["durations"][at][3] = Value::Null;
        }
    }
    let answer = solve(&write(&place, "p.json", &asked), "300");
    let left = answer["unassigned"].as_array().expect("a list");
    assert_eq!(left.iter().map(|left| &left["id"]).collect::<Vec<_>>(), [&json!(3)], "{answer}");
    assert_eq!(left[0]["reason"], "unreachable");
    assert_eq!(answer["summary"]["violations"], json!([]));
}

#[test]
fn ten_thousand_jobs_are_answered() {
    let place = Folder::new("vrp-great");
    let dice = &mut Dice(9);
    // Ten thousand households at six hundred doors, and sixty crews that cannot reach them all.
    let points: Vec<(i64, i64)> = (0..600).map(|_| (dice.below(9_000) as i64, dice.below(9_000) as i64)).collect();
    let mut text = String::from("{\"matrices\":{\"car\":{\"durations\":[");
    for (at, a) in points.iter().enumerate() {
        let row: Vec<String> = points.iter().map(|b| ((a.0 - b.0).abs() + (a.1 - b.1).abs()).to_string()).collect();
        let _ = write!(text, "{}[{}]", if at == 0 { "" } else { "," }, row.join(","));
    }
    text.push_str("]}},\"jobs\":[");
    for id in 0..10_000 {
        let comma = if id == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{{\"id\":{id},\"location_index\":{},\"service\":120,\"delivery\":[1]}}",
            dice.below(600)
        );
    }
    text.push_str("],\"vehicles\":[");
    for id in 0..60 {
        let comma = if id == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}{{\"id\":{id},\"start_index\":0,\"end_index\":0,\"capacity\":[150],\"time_window\":[0,28800]}}"
        );
    }
    text.push_str("]}");
    let file = place.at("great.json");
    std::fs::write(&file, text).expect("a file");
    let begun = std::time::Instant::now();
    let answer = solve(&file, "200");
    println!("10,000 jobs, 200 iterations: {:.1} s", begun.elapsed().as_secs_f64());
    let planned: usize = answer["routes"]
        .as_array()
        .expect("routes")
        .iter()
        .map(|route| route["steps"].as_array().expect("steps").len() - 2)
        .sum();
    let left = answer["unassigned"].as_array().expect("a list").len();
    assert_eq!(planned + left, 10_000);
    assert_eq!(answer["summary"]["violations"], json!([]));
    assert!(left > 0 && answer["unassigned"].as_array().expect("a list").iter().all(|left| left["reason"].is_string()));
    assert!(begun.elapsed().as_secs() < 120, "it took {:?}", begun.elapsed());
}

#[test]
fn the_door_is_for_those_who_plan() {
    let town = Town::ready("vrp-door");
    let coordinator = town.token("coordinator", "plans");
    let viewer = town.token("viewer", "looks");
    let server = Server::start(&town.data());
    let post = |token: Option<&str>, path: &str, body: &str| {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        let bytes = ask::question(&server.address, "POST", path, &headers, body.as_bytes());
        ask::send(&server.address, &bytes).expect("an answer")
    };
    let asked = problem(3, 20, 3).to_string();
    for (token, status) in [(None, 401), (Some(viewer.as_str()), 403)] {
        assert_eq!(post(token, "/api/vrp?iterations=10", &asked).status, status);
    }
    let answer = post(Some(&coordinator), "/api/vrp?iterations=200&seed=4", &asked);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let solution: Value = serde_json::from_str(&answer.text()).expect("JSON");
    assert_eq!((&solution["code"], &solution["summary"]["violations"]), (&json!(0), &json!([])));
    let refused = post(Some(&coordinator), "/api/vrp", r#"{"vehicles":[],"matrices":{"car":{"durations":[[0]]}}}"#);
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("vehicles"), "{}", refused.text());
    for query in ["seconds=61", "seconds=-1", "seconds=NaN", "iterations=x", "seconds=1&iterations=1", "speed=2"] {
        assert_eq!(post(Some(&coordinator), &format!("/api/vrp?{query}"), &asked).status, 400, "{query}");
    }
}
