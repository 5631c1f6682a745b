//! `atlante vrp solve` with coordinates alone: the roads of a store or of a file, VROOM beside us on the same times.

use serde_json::{Value, json};

use crate::{
    clients::said,
    place::{attempt, report},
    roads::ends,
    server::Server,
    town::{COMUNE, Town},
    vrp::{beside_vroom, vroom},
};

/// A town with its roads, a problem of coordinates, and where it lies.
struct Ground {
    town: Town,
    places: Vec<[f64; 2]>,
}

impl Ground {
    fn new() -> Self {
        let town = Town::ready("vrp-roads");
        let file = town.file("roads.geojson");
        report(&["import", "--quiet", "--data", &town.data(), "--comune", COMUNE, "--roads", &file]);
        Self { places: ends(&file, 14), town }
    }

    /// Jobs at the places, with coordinates or with their index.
    fn problem(&self, place: impl Fn(usize) -> Value) -> Value {
        let with = |mut value: Value, more: Value| {
            let members = more.as_object().cloned().unwrap_or_default();
            value.as_object_mut().expect("an object").extend(members);
            value
        };
        let job = |at: usize| with(json!({ "id": at, "service": 120, "delivery": [1] }), place(at));
        let jobs: Vec<Value> = (1..self.places.len()).map(job).collect();
        let vehicle = |id: u64| json!({ "id": id, "capacity": [8], "time_window": [0, 28_800] });
        json!({ "jobs": jobs, "vehicles": [vehicle(1), vehicle(2)] })
    }

    fn of_coordinates(&self) -> Value {
        let mut problem = self.problem(|at| json!({ "location": self.places[at] }));
        for vehicle in problem["vehicles"].as_array_mut().expect("vehicles") {
            (vehicle["start"], vehicle["end"]) = (json!(self.places[0]), json!(self.places[0]));
        }
        problem
    }

    fn write(&self, name: &str, problem: &Value) -> String {
        let file = self.town.at(name);
        std::fs::write(&file, problem.to_string()).expect("a file");
        file
    }
}

fn solve(file: &str, more: &[&str]) -> Value {
    let mut arguments = vec!["--quiet", "vrp", "solve", "--input", file, "--iterations", "3000"];
    arguments.extend(more);
    let output = attempt(&arguments);
    assert!(output.status.success(), "{}", said(&output));
    let mut answer: Value = serde_json::from_slice(&output.stdout).expect("a solution alone");
    answer["summary"]["computing_times"].take();
    answer
}

/// Google's encoded polyline, five decimals, as longitude and latitude.
fn decoded(text: &str) -> Vec<[f64; 2]> {
    let (mut at, mut line, mut bytes) = ([0_i64; 2], Vec::new(), text.bytes());
    while bytes.len() > 0 {
        for axis in &mut at {
            let (mut value, mut shift) = (0_i64, 0);
            for byte in bytes.by_ref() {
                value |= i64::from((byte - 63) & 31) << shift;
                shift += 5;
                if byte - 63 < 32 {
                    break;
                }
            }
            *axis += if value & 1 == 1 { !(value >> 1) } else { value >> 1 };
        }
        line.push([at[1] as f64 / 1e5, at[0] as f64 / 1e5]);
    }
    line
}

#[test]
fn coordinates_are_solved_on_the_roads_of_a_store_or_a_file() {
    let ground = Ground::new();
    let mut problem = ground.of_coordinates();
    problem["jobs"].as_array_mut().expect("jobs").push(json!({ "id": 99, "location": [0.0, 0.0] }));
    let file = ground.write("p.json", &problem);
    let (data, roads) = (ground.town.data(), ground.town.file("roads.geojson"));

    let bare = attempt(&["--quiet", "vrp", "solve", "--input", &file, "--iterations", "10"]);
    assert_eq!(bare.status.code(), Some(1), "{}", said(&bare));
    let told: Value = serde_json::from_slice(&bare.stdout).expect("VROOM's refusal");
    let error = told["error"].as_str().expect("an error");
    assert!(told["code"] == 2 && error.contains("--roads") && error.contains("matrices"), "{error}");
    for wrong in [vec!["--roads", &file], vec!["--roads", "/nowhere.pbf"], vec!["--data", "/nowhere"]] {
        let mut arguments = vec!["--quiet", "vrp", "solve", "--input", &file];
        arguments.extend(&wrong);
        assert_eq!(attempt(&arguments).status.code(), Some(1), "{wrong:?}");
    }

    let answer = solve(&file, &["--data", &data]);
    let left: Vec<(&Value, &Value)> =
        answer["unassigned"].as_array().expect("a list").iter().map(|left| (&left["id"], &left["reason"])).collect();
    assert_eq!(left, [(&json!(99), &json!("unreachable"))], "one that is on no road leaves the others as they are");
    assert!(answer["summary"]["distance"].as_u64().is_some_and(|metres| metres > 0), "{answer}");
    assert_eq!(answer["summary"]["violations"], json!([]));
    assert!(answer["routes"][0].get("geometry").is_none(), "nobody asked for lines");
    assert_eq!(solve(&file, &["--roads", &roads]), answer, "the same roads from their file");

    let drawn = solve(&file, &["--roads", &roads, "-g"]);
    for route in drawn["routes"].as_array().expect("routes") {
        let line = decoded(route["geometry"].as_str().expect("a line"));
        let ends = [line[0], line[line.len() - 1]];
        for [lon, lat] in ends {
            let [at_lon, at_lat] = ground.places[0];
            assert!((lon - at_lon).abs() < 1e-3 && (lat - at_lat).abs() < 1e-3, "{ends:?} is home");
        }
        assert!(line.len() > 4, "{line:?}");
    }
    problem["options"] = json!({ "g": true });
    let asked = ground.write("g.json", &problem);
    assert_eq!(solve(&asked, &["--data", &data]), drawn, "as VROOM is asked in the problem");

    problem["vehicles"][1]["profile"] = json!("foot");
    let mixed = solve(&ground.write("m.json", &problem), &["--data", &data]);
    assert_eq!(mixed["summary"]["violations"], json!([]));
    problem["vehicles"][1]["profile"] = json!("boat");
    let boat = attempt(&["--quiet", "vrp", "solve", "--input", &ground.write("b.json", &problem), "--data", &data]);
    assert!(boat.status.code() == Some(1) && said(&boat).contains("emergency"), "{}", said(&boat));
}

/// The times of OSRM's door are handed to VROOM; from coordinates we find no dearer runs than it does on them.
#[test]
fn vroom_finds_no_better_runs_on_the_same_times() {
    let Some(python) = vroom() else { return };
    let ground = Ground::new();
    let server = Server::start(&ground.town.data());
    let listed: Vec<String> = ground.places.iter().map(|[lon, lat]| format!("{lon},{lat}")).collect();
    let table = server.get(&format!("/table/v1/car/{}?annotations=duration", listed.join(";"))).json();
    let whole = |cell: &Value| json!((cell.as_f64().expect("a way") + 0.5).floor() as u64);
    let row = |row: &Value| -> Vec<Value> { row.as_array().expect("a row").iter().map(whole).collect() };
    let durations: Vec<Vec<Value>> = table["durations"].as_array().expect("rows").iter().map(row).collect();
    let mut problem = ground.problem(|at| json!({ "location_index": at }));
    for vehicle in problem["vehicles"].as_array_mut().expect("vehicles") {
        (vehicle["start_index"], vehicle["end_index"]) = (json!(0), json!(0));
    }
    problem["matrices"] = json!({ "car": { "durations": durations } });
    let file = ground.write("matrix.json", &problem);
    let seen = beside_vroom(&python, &[file]).remove(0);
    let plain = solve(&ground.write("plain.json", &ground.of_coordinates()), &["--data", &ground.town.data()]);
    println!("{seen}, from coordinates {}", plain["summary"]["cost"]);
    let (vroom, ours) = (&seen["vroom"], &seen["atlante"]);
    assert_eq!((&vroom[1], &ours[1], &plain["summary"]["unassigned"]), (&json!(0), &json!(0), &json!(0)));
    let cost = |value: &Value| value.as_f64().expect("a cost");
    assert!(cost(&ours[2]) <= cost(&vroom[2]) * 1.01, "{seen}");
    assert!((cost(&plain["summary"]["cost"]) - cost(&ours[2])).abs() <= cost(&ours[2]) * 0.01, "{plain}");
}
