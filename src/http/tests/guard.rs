//! Who gets in, what is logged, and what a fault looks like.

use std::sync::Arc;

use axum::http::Method;

use super::asked::{Reply, Town, middle, secret};
use crate::{
    access::{Role, audit},
    app::App,
    http::{Server, router},
};

fn is_problem(reply: &Reply, status: u16) {
    assert_eq!(reply.status.as_u16(), status);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.json()["status"], status);
    assert_eq!(reply.header("x-request-id").len(), 16);
}

#[test]
fn a_credential_in_any_of_three_forms_opens_the_same_door() {
    let town = Town::of(300);
    let token = secret(Role::Viewer);
    let token = token.reveal();
    let basic = |text: String| {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let coded: String = text
            .as_bytes()
            .chunks(3)
            .flat_map(|c| {
                let word = u32::from(c[0]) << 16
                    | u32::from(*c.get(1).unwrap_or(&0)) << 8
                    | u32::from(*c.get(2).unwrap_or(&0));
                (0..=c.len()).map(move |i| DIGITS[(word >> (18 - 6 * i)) as usize & 63] as char)
            })
            .collect();
        format!("Basic {coded}")
    };
    for headers in [
        ("authorization", format!("Bearer {token}")),
        ("authorization", format!("bearer  {token}")),
        ("authorization", basic(format!("viewer:{token}"))),
        ("x-api-key", token.to_owned()),
    ] {
        let reply = town.ask(Method::GET, "/api/town", &[(headers.0, &headers.1)]);
        assert_eq!((reply.status.as_u16(), &reply.json()["role"]), (200, &"viewer".into()), "{headers:?}");
    }
    for headers in [
        ("authorization", format!("Bearer {}x", &token[..token.len() - 1])),
        ("authorization", format!("Bearer {}", secret(Role::Admin).reveal())),
        ("authorization", basic(format!("other:{token}"))),
        ("authorization", "Basic !!!".to_owned()),
        ("authorization", "Digest x".to_owned()),
        ("x-api-key", "guess".to_owned()),
        ("x-api-key", String::new()),
    ] {
        let reply = town.ask(Method::GET, "/api/town", &[(headers.0, &headers.1)]);
        is_problem(&reply, 401);
        assert!(reply.header("www-authenticate").contains("Basic"));
        assert!(!String::from_utf8_lossy(&reply.body).contains("atl_"));
    }
    let both = [("authorization", &*format!("Bearer {token}")), ("x-api-key", token)];
    assert_eq!(town.ask(Method::GET, "/api/town", &both).status, 401);
}

#[test]
fn an_exact_answer_is_in_the_log_before_it_leaves_and_a_public_one_is_not() {
    let town = Town::of(300);
    town.get("/api/town");
    town.get(&format!("/tiles/hexes/{}.mvt", middle(12)));
    assert_eq!(town.memory.log.lock().unwrap().len(), 0);
    town.get_as(Role::Viewer, "/api/hexes?resolution=9");
    town.get_as(Role::Viewer, "/api/hexes?resolution=9");
    assert_eq!(town.memory.log.lock().unwrap().len(), 2, "each document is an event");
    for z in 8..14 {
        town.get_as(Role::Viewer, &format!("/tiles/hexes/{}.mvt", middle(z)));
    }
    let log = town.memory.log.lock().unwrap().clone();
    assert!((3..=4).contains(&log.len()), "tiles of one minute are one event, or two over its end: {}", log.len());
    assert_eq!((&*log[0].actor, &*log[0].object, &*log[0].action), ("viewer", "hexes", "read_exact_figures"));
    let last = log.last().unwrap();
    audit::verify(&log, audit::Head { count: last.seq, hash: last.hash }).unwrap();
}

#[test]
fn the_public_never_sees_the_tiles_of_a_role() {
    let town = Town::of(2_000);
    let path = format!("/tiles/hexes/{}.mvt", middle(13));
    let exact = town.get_as(Role::Social, &path);
    let public = town.get(&path);
    assert_ne!(exact.body, public.body);
    assert_ne!(exact.header("etag"), public.header("etag"));
    assert_eq!(town.get_as(Role::Auditor, &path).body, public.body, "a role without the right sees what is public");
}

#[test]
fn a_wrong_parameter_is_named() {
    let town = Town::of(300);
    for (path, parameter) in [
        ("/api/town?x=1", "x"),
        ("/api/legend", "property"),
        ("/api/legend?property=nothing", "property"),
        ("/api/legend?property=isee", "property"),
        ("/api/legend?property=fragility&resolution=5", "resolution"),
        ("/api/legend?property=fragility&resolution=-1", "resolution"),
        ("/api/hexes?limit=0", "limit"),
        ("/api/hexes?limit=9223372036854775808000", "limit"),
        ("/api/hexes?limit=1001", "limit"),
        ("/api/hexes?order=up", "order"),
        ("/api/hexes?sort=%3Cscript%3E", "sort"),
        ("/api/hexes?cursor=zz", "cursor"),
        ("/api/hexes/nothing", "id"),
        ("/api/addresses", "q"),
        ("/api/addresses?q=a&limit=21", "limit"),
        ("/api/addresses?q=a&q=b", "q"),
        ("/tiles/hexes/1/0/0.mvt?token=secret", "token"),
        ("/tiles/hexes.json?x", "x"),
    ] {
        let reply = town.get(path);
        is_problem(&reply, 400);
        assert_eq!(reply.json()["parameter"], parameter, "{path}");
        assert!(!String::from_utf8_lossy(&reply.body).contains("secret"));
    }
}

#[test]
fn what_is_not_there_is_said_to_be_not_there() {
    let town = Town::of(300);
    for path in [
        "/nothing",
        "/assets/../../etc/passwd",
        "/assets/%2e%2e/x",
        "/api",
        "/styles/x.json",
        "/styles/fragility",
        "/tiles/x.json",
        "/api/hexes/8a1e9a50a0affff",
    ] {
        is_problem(&town.get(path), 404);
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        for path in ["/api/town", "/tiles/hexes.json", "/healthz", "/"] {
            let reply = town.ask(method.clone(), path, &[]);
            is_problem(&reply, 405);
            assert!(reply.header("allow").contains("GET"));
        }
    }
}

#[test]
fn any_origin_may_ask_and_every_answer_is_dressed() {
    let town = Town::of(300);
    let preflight = [
        ("origin", "https://other.example"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "authorization"),
    ];
    let reply = town.ask(Method::OPTIONS, &format!("/tiles/hexes/{}.mvt", middle(12)), &preflight);
    assert_eq!(reply.status, 204);
    assert!(reply.header("access-control-allow-headers").contains("Authorization"));
    assert!(!reply.header("access-control-allow-methods").contains("POST"));
    for path in ["/api/town", "/nothing", "/healthz", "/tiles/hexes/99/0/0.mvt"] {
        let reply = town.get(path);
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert_eq!(reply.header("access-control-allow-credentials"), "");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
    }
}

#[test]
fn a_server_without_data_lives_but_is_not_ready() {
    let empty = router::build(Server::new(Arc::new(App::without_store()), None));
    let town = Town { router: empty, ..Town::of(10) };
    assert_eq!(town.get("/healthz").status, 200);
    is_problem(&town.get("/readyz"), 503);
    is_problem(&town.get("/api/town"), 503);
    assert_eq!(Town::of(10).get("/readyz").status, 200);
}

#[test]
fn metrics_count_requests_by_route_and_never_by_what_was_typed() {
    let town = Town::of(300);
    town.get("/api/addresses?q=via%20segreta%201");
    town.get("/nothing/segreta");
    let path = format!("/tiles/hexes/{}.mvt", middle(12));
    town.get(&path);
    town.get(&path);
    let text = String::from_utf8(town.get("/metrics").body.to_vec()).unwrap();
    assert!(
        text.contains("atlante_http_requests_total{route=\"/tiles/{layer}/{z}/{x}/{y}\",status=\"200\"} 2"),
        "{text}"
    );
    assert!(text.contains("atlante_cache_hits_total 1"));
    assert!(text.contains("atlante_households 300"));
    assert!(!text.contains("segreta"));
    assert!(text.lines().all(|line| line.starts_with('#') || line.split_whitespace().count() == 2));
}

#[test]
fn a_style_names_only_what_the_server_serves() {
    let town = Town::of(300);
    for name in ["fragility", "basemap", "households"] {
        let style = town.get(&format!("/styles/{name}.json")).json();
        assert_eq!(style["version"], 8);
        for (_, source) in style["sources"].as_object().unwrap() {
            let url = source["url"].as_str().unwrap();
            let path = url.strip_prefix("https://mappa.example.it").expect("absolute, under the public address");
            assert_eq!(town.get_as(Role::Social, path).status, 200, "{url}");
        }
    }
}
