//! The table of contents of the server.

use axum::{
    Router,
    http::Method,
    middleware,
    routing::{MethodRouter, get, post},
};

use super::{
    Server, addresses, assets, data, error::Problem, events, figures, health, observe, ogc, osrm, plans, qgis,
    questions, roads, sheets, styles, tiles, vrp,
};

/// Every route but those of the OGC APIs, the page first.
const TEMPLATES: [&str; 32] = [
    "/{*asset}",
    "/api/town",
    "/api/legend",
    "/api/hexes",
    "/api/hexes/{id}",
    "/api/addresses",
    "/api/fields",
    "/api/count",
    "/api/ask",
    "/api/roads",
    "/api/vrp",
    "/api/isochrone",
    "/api/scenarios",
    "/api/scenarios/{id}",
    "/route/v1/{profile}/{coordinates}",
    "/table/v1/{profile}/{coordinates}",
    "/nearest/v1/{profile}/{coordinates}",
    "/match/{*rest}",
    "/trip/{*rest}",
    "/tile/{*rest}",
    "/route/{*rest}",
    "/table/{*rest}",
    "/nearest/{*rest}",
    "/tiles/{file}",
    "/tiles/{layer}/{z}/{x}/{y}",
    "/styles/{file}",
    "/data/{file}",
    "/qgis/{file}",
    "/events",
    "/healthz",
    "/readyz",
    "/metrics",
];

/// The page, which answers every address that is no route.
pub const PAGE: &str = TEMPLATES[0];

/// Every route, the page first, as metrics and the log name them.
pub fn templates() -> impl Iterator<Item = &'static str> {
    TEMPLATES.into_iter().chain(ogc::TEMPLATES).chain(sheets::TEMPLATES).chain(plans::TEMPLATES)
}

/// The server as a service.
pub fn build(server: Server) -> Router {
    Router::new()
        .route("/api/town", only(get(figures::town)))
        .route("/api/legend", only(get(figures::legend)))
        .route("/api/hexes", only(get(figures::listing)))
        .route("/api/hexes/{id}", only(get(figures::card)))
        .route("/api/addresses", only(get(addresses::search)))
        .route("/api/fields", only(get(questions::fields)))
        .route("/api/count", only(get(questions::count)))
        .route("/api/ask", only_post(post(questions::ask)))
        .route("/api/vrp", only_post(post(vrp::solve)))
        .route("/api/roads", only(get(roads::about)))
        .route("/api/isochrone", only(get(roads::isochrone)))
        .route("/api/scenarios", these("GET, HEAD, POST, OPTIONS", get(roads::scenarios).post(roads::declare)))
        .route(
            "/api/scenarios/{id}",
            these("GET, HEAD, PUT, DELETE, OPTIONS", get(roads::scenario).put(roads::amend).delete(roads::withdraw)),
        )
        .route("/route/v1/{profile}/{coordinates}", only(get(osrm::route)))
        .route("/table/v1/{profile}/{coordinates}", only(get(osrm::table)))
        .route("/nearest/v1/{profile}/{coordinates}", only(get(osrm::nearest)))
        .route("/match/{*rest}", only(get(osrm::other)))
        .route("/trip/{*rest}", only(get(osrm::other)))
        .route("/tile/{*rest}", only(get(osrm::other)))
        .route("/route/{*rest}", only(get(osrm::astray)))
        .route("/table/{*rest}", only(get(osrm::astray)))
        .route("/nearest/{*rest}", only(get(osrm::astray)))
        .route("/tiles/{file}", only(get(tiles::describe)))
        .route("/tiles/{layer}/{z}/{x}/{y}", only(get(tiles::tile)))
        .route("/styles/{file}", only(get(styles::style)))
        .route("/data/{file}", only(get(data::file)))
        .route("/qgis/{file}", only(get(qgis::file)))
        .merge(ogc::routes())
        .merge(sheets::routes())
        .merge(plans::routes())
        .route("/events", only(get(events::listen)))
        .route("/healthz", only(get(health::alive)))
        .route("/readyz", only(get(health::ready)))
        .route("/metrics", only(get(health::metrics)))
        .fallback_service(only(get(assets::file)).with_state(server.clone()))
        .layer(middleware::from_fn_with_state(server.clone(), observe::request))
        .with_state(server)
}

/// GET, HEAD and OPTIONS; any other method is told so.
pub fn only(methods: MethodRouter<Server>) -> MethodRouter<Server> {
    methods.options(observe::options).fallback(|_: Method| async { Problem::NoSuchMethod })
}

/// POST and OPTIONS; any other method is told so.
fn only_post(methods: MethodRouter<Server>) -> MethodRouter<Server> {
    methods.options(observe::options_of_post).fallback(|_: Method| async { Problem::OnlyPost })
}

/// These methods, as they are named to who tries another.
pub fn these(allowed: &'static str, methods: MethodRouter<Server>) -> MethodRouter<Server> {
    let options = move || async move { observe::permitted(allowed) };
    methods.options(options).fallback(move |_: Method| async move { Problem::OtherMethods(allowed) })
}
