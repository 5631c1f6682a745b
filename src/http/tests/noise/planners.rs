//! The parsers of what planners, crews and clients of OSRM send.

use super::feed;
use crate::{
    casework::{order::Order, plan::Event, scenario::Draft},
    http::osrm::asked::{Options, coordinates, profile},
    ingest::outcomes,
};

const ORDER: &str = r#"{"name":"Acqua","purpose":"x","key":"a-1","people":{"filter":"fragile","filter-lang":"cql2-text",
    "area":{"type":"circle","center":[13.1,41.7],"radius_m":500},"households":[1,2]},"scenario":"00000000000000ff","profile":"van",
    "sites":{"count":1,"places":[{"id":"x","title":"X","at":[13.1,41.7]},{"id":"y","at":[13.2,41.7]}],"objective":"max-cover",
    "within_minutes":10,"capacity":40,"fixed":[0]},"depots":[{"id":"a","at":[13.1,41.7]}],
    "stock":[{"kit":"A","units":380,"depot":"a","lot":"7","expires":"2026-12-01","members":[1,2],"needs":["cold-chain"]}],
    "priority":[{"title":"anziani","filter":"oldest >= 85"}],"need":"fragility","kit_units":{"per":"member"},
    "needs":[{"filter":"oldest >= 95","skill":"cold-chain"}],
    "crews":[{"id":"1","shift":["22:00","26:00"],"capacity":50,"end":[13.0,41.0],"skills":["cold-chain"],"max_stops":9,"reloads":true,
    "breaks":[{"from":"12:00","to":"13:00","minutes":30}]},{"id":"2","end":"open","depot":"a","shift":["08:00","14:00"],"capacity":1}],
    "service_minutes":4.5,"windows":[["08:00","20:00"]],"fair":"time","day":"2026-11-24","effort_seconds":1,"seed":1}"#;

#[test]
fn orders() {
    let examples = [ORDER.as_bytes().to_vec()];
    let words = ["\"crews\":", "[\"08:00\",\"26:00\"]", "\"depot\":\"a\"", "\"48:00\"", "\"2026-02-29\"", "null"];
    feed("orders", 4_000, &examples, &words, |bytes| {
        let Ok(order) = serde_json::from_slice::<Order>(bytes) else { return false };
        let faults = order.faults();
        assert!(faults.iter().all(|fault| !fault.reason.is_empty()));
        let text = serde_json::to_string(&order).unwrap();
        // A number of seventeen digits may be read back a hair beside itself.
        assert_eq!(serde_json::from_str::<Order>(&text).unwrap().faults(), faults, "an order is read back as it was");
        faults.is_empty()
    });
}

#[test]
fn journal() {
    let delivered = r#"{"event":"delivered","code":"AB2CD","outcome":{"kind":"partial","units":1,"at":"2026-11-24T09:00:00Z","by":"x","note":"y"}}"#;
    let again = r#"{"event":"reordered","scenario":null,"effort_seconds":1.5,"seed":18446744073709551615}"#;
    let ordered = format!(r#"{{"event":"ordered","order":{ORDER},"role":"coordinator","after":null}}"#);
    let flood = r#"{"name":"Piena","why":"x","expires":"2026-11-24T06:00:00Z","closures":[{"kind":"street","name":"Via Roma"},
        {"kind":"area","geometry":{"type":"Polygon","coordinates":[[[13.1,41.7],[13.2,41.7],[13.2,41.8],[13.1,41.7]]]},"bridges":"closed"}]}"#;
    let examples = [delivered, again, &ordered, flood].map(|text| text.as_bytes().to_vec());
    feed(
        "events of casework",
        4_000,
        &examples,
        &["\"event\":\"cancelled\"", "\"kind\":\"absent\"", "null"],
        |bytes| {
            let draft = serde_json::from_slice::<Draft>(bytes).map(|draft| draft.check(jiff::Timestamp::UNIX_EPOCH));
            draft.is_ok() || serde_json::from_slice::<Event>(bytes).is_ok()
        },
    );
}

#[test]
fn ways() {
    let examples = [
        "car/13.16,41.74;13.12,41.72?steps=true&geometries=geojson&overview=full&annotations=duration,speed",
        "driving/polyline(_p~iF~ps|U_ulLnnqC)?sources=0;1&destinations=all&radiuses=50;unlimited",
        "foot/polyline6(_p~iF~ps|U).json?number=3&hints=;&bearings=;",
    ]
    .map(|text| text.as_bytes().to_vec());
    let words =
        [";", ",", "?", "&", "=", "polyline(", "radiuses=", "sources=", "%3B", "_p~iF~ps|U", "~~~~~~~~", "??????"];
    feed("OSRM's addresses", 20_000, &examples, &words, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let (path, query) = text.split_once('?').unwrap_or((&text, ""));
        let (who, places) = path.split_once('/').unwrap_or((path, ""));
        let names = ["steps", "geometries", "overview", "annotations", "sources", "destinations", "number"];
        let (Ok(_), Ok(places)) = (profile(who), coordinates(places)) else { return false };
        let Ok(options) = Options::read(Some(query), &names) else { return false };
        options.radiuses(places.len()).is_ok()
            && options.places("sources", places.len()).is_ok_and(|all| all.iter().all(|at| *at < places.len()))
    });
}

#[test]
fn outcomes_that_come_back() {
    let examples = [
        "codice;esito;unità;nota\r\nAB2CD;consegnato;1;\"al vicino; in chiesa\"\r\nEF3GH;assente;;\r\n",
        "giro,n,codice,porta,esito,unità,nota\n1,1,AB2CD,VIA ROMA 1,in parte,2,x\n1,2,EF3GH,VIA PO 2,,,\n",
        "code\toutcome\tunits\tnote\nAB2CD\tdelivered\t\tok\n",
    ]
    .map(|text| text.as_bytes().to_vec());
    let words = ["codice", "esito", "consegnato", "\"", ";", "\r\n", "AB2CD", "99999999999"];
    feed("outcomes", 6_000, &examples, &words, |bytes| {
        let Ok(read) = outcomes::read("noise", bytes) else { return false };
        assert!(read.rejects.iter().all(|reject| !reject.reason.is_empty()));
        read.lines.iter().all(|line| line.note.chars().count() <= outcomes::NOTE_MAX)
    });
}
