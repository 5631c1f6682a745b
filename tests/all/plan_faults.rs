//! What goes wrong with plans, on the real binary over Anagni: each a clear answer, and nothing fails inside.

use std::{collections::BTreeSet, path::Path};

use serde_json::{Value, json};

use crate::{
    ask,
    place::{Folder, run, shared},
    plan::{Anagni, order, ordered, settled, told},
    server::Server,
};

/// The order of a few households, changed.
fn small(change: &Value) -> Value {
    let mut order = order(0.2);
    order["people"] = json!({ "filter": "fragile = true and alone = true and oldest >= 95" });
    for (name, value) in change.as_object().expect("an object") {
        order[name] = value.clone();
    }
    order
}

/// Nobody can be given anything, or nobody is anywhere: a plan without runs that says why, and replans and goes on.
fn nobody_is_reached(server: &Server, token: &str) {
    for (change, code) in [
        (json!({ "stock": [{ "kit": "A", "units": 0 }] }), "no_stock"),
        (json!({ "stock": [{ "kit": "A", "units": 9, "expires": "2026-11-01" }], "needs": [] }), "kit_expired"),
        (json!({ "people": { "households": [99_999_999_u64, u64::MAX] } }), "no_place"),
    ] {
        let mut order = small(&change);
        order["needs"] = json!([]);
        let id = ordered(server, token, &order);
        let plan = settled(server, token, &id);
        assert_eq!(plan["state"], "ready", "{change}: {}", plan["reason"]);
        let unserved = plan["result"]["unserved"].as_array().expect("unserved");
        assert!(!unserved.is_empty() && unserved.iter().all(|one| one["reason"]["code"] == code), "{change}: {plan}");
        told(server, token, "POST", &format!("/api/plans/{id}/replan"), None, 202);
        assert_eq!(settled(server, token, &id)["state"], "ready", "{change}");
        let stray = json!({ "code": "ZZZZZ", "run": "1" });
        told(server, token, "POST", &format!("/api/plans/{id}/moves"), Some(&stray), 404);
        let drag = json!({ "code": unserved[0]["code"], "run": "1", "try": true });
        told(server, token, "POST", &format!("/api/plans/{id}/moves"), Some(&drag), 409);
    }
}

/// A key is of one order and one event.
fn keys(server: &Server, token: &str) {
    let first = ordered(server, token, &small(&json!({ "key": "ordine-1" })));
    assert_eq!(ordered(server, token, &small(&json!({ "key": "ordine-1" }))), first, "twice is once");
    told(server, token, "POST", "/api/plans", Some(&small(&json!({ "key": "ordine-1", "name": "Altro" }))), 409);
    let listed = |generation: Value| small(&json!({ "people": { "households": [1, 2, 3], "generation": generation } }));
    let town = told(server, token, "GET", "/api/town", None, 200);
    let refused = told(server, token, "POST", "/api/plans", Some(&listed(json!("0123456789abcdef"))), 409);
    assert_eq!(refused["code"], "generation", "the numbers of another day are other households: {refused}");
    settled(server, token, &ordered(server, token, &listed(town["generation"].clone())));
    settled(server, token, &first);
    told(server, token, "POST", &format!("/api/plans/{first}/replan"), Some(&json!({ "seed": 9 })), 202);
    assert_eq!(ordered(server, token, &small(&json!({ "key": "ordine-1" }))), first, "replanned, it is the same order");

    let plan = settled(server, token, &first);
    let run = &plan["result"]["runs"][0];
    let path = format!("/api/plans/{first}/runs/{}/link", run["id"].as_str().expect("a run"));
    let link = told(server, token, "POST", &path, None, 201);
    let crew = link["url"].as_str().expect("a link").trim_start_matches("/crew#").to_owned();
    let event = |outcome: &str| {
        let code = &run["stops"][0]["code"];
        json!({ "events": [{ "key": "chiave-1", "code": code, "outcome": outcome, "at": "2026-11-20T09:00:00Z" }] })
    };
    let tell = |outcome: &str| told(server, &crew, "POST", "/crew/api/events", Some(&event(outcome)), 200);
    assert_eq!(tell("delivered")["accepted"], json!(["chiave-1"]));
    assert_eq!(tell("delivered")["known"], json!(["chiave-1"]));
    assert_eq!(tell("refused")["refused"], json!([{ "key": "chiave-1", "reason": "key" }]), "it is kept nowhere");
}

/// A scenario that was withdrawn under a plan.
fn withdrawn(server: &Server, token: &str) {
    let scenario =
        json!({ "name": "Piena", "why": "prova", "closures": [{ "kind": "street", "name": "Via Casilina" }] });
    let scenario = told(server, token, "POST", "/api/scenarios", Some(&scenario), 201)["id"].clone();
    let stock = json!([{ "kit": "A", "units": 3 }]);
    let id = ordered(server, token, &small(&json!({ "scenario": scenario, "stock": stock, "needs": [] })));
    assert_eq!(settled(server, token, &id)["state"], "ready");
    let path = format!("/api/scenarios/{}", scenario.as_str().expect("an id"));
    told(server, token, "DELETE", &path, None, 204);
    let next = told(server, token, "POST", &format!("/api/plans/{id}/next"), None, 201);
    let next = settled(server, token, next["id"].as_str().expect("an id"));
    assert_eq!((&next["state"], &next["order"]["scenario"]), (&json!("ready"), &Value::Null), "its roads are open");
    told(server, token, "POST", &format!("/api/plans/{id}/replan"), Some(&json!({ "scenario": scenario })), 409);
    let kept = settled(server, token, &id);
    assert!(kept["result"]["runs"].is_array());
    let unknown = format!("/api/plans/{id}/compare?scenario=00000000000000ff");
    told(server, token, "GET", &unknown, None, 404);
    // A body that is not said to be JSON would be passed over.
    let headers = [("Authorization", &*format!("Bearer {token}")), ("Content-Type", "text/plain")];
    let again = format!("/api/plans/{id}/replan");
    let sent = ask::question(&server.address, "POST", &again, &headers, b"{\"seed\": 2}");
    assert_eq!(ask::send(&server.address, &sent).expect("an answer").status, 415);
    for (method, path) in [("GET", "sheet"), ("GET", "runs.csv"), ("POST", "outcomes"), ("POST", "runs/1/link")] {
        let strange = ask::question(&server.address, method, &format!("/api/plans/{id}/{path}"), &[], b"");
        assert_eq!(ask::send(&server.address, &strange).expect("an answer").status, 401, "{path}");
    }
}

/// The register is read again, and every household has another number: whom a plan left is who is reached next.
fn renumbered(server: &Server, town: &Anagni, shared: &Path) {
    let token = &town.coordinator;
    let order = small(&json!({ "stock": [{ "kit": "A", "units": 3 }], "needs": [] }));
    let id = ordered(server, token, &order);
    let before = settled(server, token, &id);
    let doors = |list: &Value| -> BTreeSet<String> {
        list.as_array().into_iter().flatten().map(|one| one["door"].as_str().expect("a door").to_owned()).collect()
    };
    let left = doors(&before["result"]["unserved"]);
    assert!(left.len() > 3);
    let banks = Folder::new("plan-banks");
    for bank in std::fs::read_dir(shared.join("anagni/banks")).expect("the banks") {
        let bank = bank.expect("a bank");
        let mut bytes = std::fs::read(bank.path()).expect("a bank");
        if bank.file_name() == "anagrafe.csv" {
            let text = String::from_utf8(bytes).expect("UTF-8");
            let first = text.lines().nth(1).and_then(|line| line.split(';').next()).expect("a household").to_owned();
            bytes =
                text.split_inclusive('\n').filter(|line| !line.starts_with(&first)).collect::<String>().into_bytes();
        }
        std::fs::write(banks.at(bank.file_name().to_str().expect("a name")), bytes).expect("a bank is written");
    }
    run(&["import", "--quiet", "--data", &town.data(), "--comune", "A269", "--banks", &banks.at("")]);
    run(&["refresh", "--quiet", "--data", &town.data(), "--as-of", "2026-06-30"]);
    let next = told(server, token, "POST", &format!("/api/plans/{id}/next"), None, 201);
    let next = settled(server, token, next["id"].as_str().expect("an id"));
    let mut reached = doors(&next["result"]["unserved"]);
    let stops = next["result"]["runs"].as_array().into_iter().flatten();
    stops.for_each(|run| reached.extend(doors(&run["stops"])));
    assert_eq!(reached, left, "nobody else is visited");
}

#[test]
fn what_goes_wrong_with_plans_is_told_and_nothing_fails_inside() {
    let Some(shared) = shared() else { return };
    let town = Anagni::new(&shared);
    let (server, token) = (Server::start(&town.data()), town.coordinator.clone());
    nobody_is_reached(&server, &token);
    keys(&server, &token);
    withdrawn(&server, &token);
    renumbered(&server, &town, &shared);
    told(&server, &town.viewer, "GET", "/api/plans", None, 403);
    let (_, log) = server.stop();
    assert!(!log.contains("panicked") && !log.contains("\"ERROR\""), "{log}");
}
