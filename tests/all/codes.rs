//! Every fault of roads, scenarios, plans, runs and crews has a word for programs beside its words (RFC 9457).

use serde_json::{Value, json};

use crate::{ask, server::Server, town::Town};

const NOBODY: &str = "0123456789abcdef";

/// Method and address of all that may be asked of them.
const ROUTES: [(&str, &str); 22] = [
    ("GET", "/api/isochrone?profile=foot&from=13.1,41.7&minutes=5"),
    ("GET", "/api/isochrone?profile=boat"),
    ("POST", "/api/vrp"),
    ("GET", "/api/scenarios/0123456789abcdef"),
    ("POST", "/api/scenarios"),
    ("PUT", "/api/scenarios/0123456789abcdef"),
    ("DELETE", "/api/scenarios/0123456789abcdef"),
    ("POST", "/api/plans"),
    ("GET", "/api/plans/0123456789abcdef"),
    ("DELETE", "/api/plans/0123456789abcdef"),
    ("POST", "/api/plans/0123456789abcdef/moves"),
    ("POST", "/api/plans/0123456789abcdef/locks"),
    ("POST", "/api/plans/0123456789abcdef/replan"),
    ("GET", "/api/plans/0123456789abcdef/compare"),
    ("POST", "/api/plans/0123456789abcdef/approve"),
    ("POST", "/api/plans/0123456789abcdef/next"),
    ("GET", "/api/plans/0123456789abcdef/events"),
    ("GET", "/api/plans/0123456789abcdef/sheet"),
    ("GET", "/api/plans/0123456789abcdef/runs.csv"),
    ("POST", "/api/plans/0123456789abcdef/runs/1/link"),
    ("GET", "/crew/api/run"),
    ("POST", "/crew/api/events"),
];

/// Sends a question that must be refused; answers the word.
fn code(server: &Server, token: Option<&str>, (method, path): (&str, &str), (media, body): (&str, &str)) -> String {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("Content-Type", media)];
    headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
    let answer = ask::send(&server.address, &ask::question(&server.address, method, path, &headers, body.as_bytes()));
    let answer = answer.unwrap_or_else(|| panic!("no answer to {method} {path}"));
    let said = format!("{method} {path} {body}: {} {}", answer.status, answer.text());
    assert!(answer.status >= 400, "{said}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{said}");
    let told: Value = answer.json();
    assert_eq!(told["status"], answer.status, "{said}");
    assert!(told["title"].is_string() && told["detail"].is_string(), "{said}");
    let code = told["code"].as_str().unwrap_or_else(|| panic!("{said}")).to_owned();
    assert!(!code.is_empty() && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{said}");
    code
}

#[test]
fn every_fault_has_its_word() {
    let town = Town::ready("codes");
    let token = town.token("coordinator", "Centrale");
    let viewer = town.token("viewer", "Chi guarda");
    let server = Server::start(&town.data());
    let coordinator = Some(token.as_str());
    for route in ROUTES {
        for token in [None, Some("atl_wrong"), Some(viewer.as_str()), coordinator] {
            for body in [("application/json", "{"), ("application/json", "{\"a\":1}"), ("text/plain", "x")] {
                code(&server, token, route, body);
            }
        }
        code(&server, coordinator, ("PATCH", route.1), ("application/json", "{}"));
    }
    let plain = ("application/json", "{}");
    let path = |rest: &str| format!("/api/plans/{NOBODY}{rest}");
    let scenario = format!("/api/scenarios/{NOBODY}");
    let order = json!({ "name": "x", "people": { "filter": "fragile = true" }, "crews": [] }).to_string();
    for (method, path, body, word) in [
        ("GET", path(""), "{}", "no_such_plan"),
        ("POST", path("/approve"), "{}", "no_such_plan"),
        ("GET", scenario, "{}", "no_such_scenario"),
        ("GET", "/api/isochrone?profile=foot&from=13.1,41.7&minutes=5".to_owned(), "{}", "no_roads"),
        ("GET", "/api/plans?odd=1".to_owned(), "{}", "invalid_parameter"),
        ("POST", "/api/plans".to_owned(), order.as_str(), "invalid"),
        ("PATCH", "/api/plans".to_owned(), "{}", "method_not_allowed"),
        ("POST", "/api/vrp".to_owned(), "{\"vehicles\":[]}", "invalid"),
    ] {
        assert_eq!(code(&server, coordinator, (method, &path), ("application/json", body)), word, "{method} {path}");
    }
    assert_eq!(code(&server, coordinator, ("POST", "/api/vrp"), ("text/plain", "x")), "not_json");
    assert_eq!(code(&server, Some(&viewer), ("GET", &path("")), plain), "forbidden");
    assert_eq!(code(&server, None, ("GET", "/crew/api/run"), plain), "unauthenticated");
}
