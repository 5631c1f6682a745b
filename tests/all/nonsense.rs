//! Nonsense asked of the real binary (row 6 of the fault matrix): each question gets its status and a problem that says
//! what is wrong; the server lives on, and its log holds no fault and nobody's name.

use crate::{
    ask,
    server::Server,
    town::{Town, leaked},
};

/// Parameters of items and what is nonsense in them.
const ITEMS: &[(&str, &[&str])] = &[
    ("limit", &["0", "-1", "9223372036854775808", "18446744073709551616", "1e3", "abc", "1.5", ""]),
    (
        "bbox",
        &[
            "",
            ",,,",
            "8,40,10",
            "8,40,10,42,1",
            "8,42,10,40",
            "8,40,10,91",
            "8,40,181,42",
            "NaN,40,10,42",
            "NaN,NaN,NaN,NaN",
            "8,40,Infinity,42",
            "1e300,1e300,1e301,1e301",
            "a,b,c,d",
            "8,40,9,10,42,1",
            "8;40;10;42",
        ],
    ),
    ("bbox=8,40,10,42&bbox-crs", &["", "EPSG:9999", "http://www.opengis.net/def/crs/EPSG/0/2056", "sql"]),
    ("crs", &["", "EPSG:9999", "http://www.opengis.net/def/crs/EPSG/0/2056", "http://169.254.169.254/", "4326"]),
    ("filter=1=1&filter-crs", &["EPSG:9999", "http://www.opengis.net/def/crs/EPSG/0/2056"]),
    ("filter=1=1&filter-lang", &["sql", "CQL", ""]),
    (
        "filter",
        &["", "%00", "%ff", "(((", "nothing=1", "1", "1=", "sleep(9)=1", "DEEP", "S_INTERSECTS(geom,POINT(9%2091))"],
    ),
    ("datetime", &["yesterday", "2026-13-01", "2026-02-30", "2026-06-30/2026-01-01", "1e9"]),
    ("properties", &["nothing", "'"]),
    ("sortby", &["nothing", "--members"]),
    ("cursor", &["zz", "0000", "%F0%9F%92%A5"]),
    ("f", &["exe", "../geojson"]),
    ("colour", &["1"]),
];

/// Questions by GET, and what they get.
const GETS: &[(&str, u16)] = &[
    ("/api/count", 400),
    ("/api/count?collection=", 404),
    ("/api/count?collection=nothing", 404),
    ("/api/count?collection=civics&collection=civics", 400),
    ("/api/count?collection=civics&limit=0", 400),
    ("/api/count?collection=civics&filter=", 400),
    ("/api/count?collection=civics&filter=DEEP", 400),
    ("/api/count?collection=civics&filter=nothing=1", 400),
    ("/api/count?collection=civics&filter=1=1&filter-lang=sql", 400),
    ("/api/count?collection=civics&area=", 400),
    ("/api/count?collection=civics&area=%7B", 400),
    ("/api/count?collection=civics&area=%5B%5D", 400),
    ("/api/count?collection=civics&area=DEEP", 400),
    ("/api/count?collection=civics&area=%7B%22type%22:%22bbox%22,%22bbox%22:%5B8,42,10,40%5D%7D", 400),
    ("/api/count?collection=civics&area=%7B%22type%22:%22bbox%22,%22bbox%22:%5B170,40,-170,42%5D%7D", 200),
    ("/api/count?collection=civics&area=%7B%22type%22:%22bbox%22,%22bbox%22:%5BNaN,40,10,42%5D%7D", 400),
    ("/api/fields", 400),
    ("/api/fields?collection=nothing", 404),
    ("/api/hexes?limit=0", 400),
    ("/api/hexes?limit=-1", 400),
    ("/api/hexes?limit=9223372036854775808", 400),
    ("/api/hexes?resolution=256", 400),
    ("/api/hexes?cursor=zz", 400),
    ("/api/hexes/zz", 400),
    ("/api/nothing", 404),
    ("/tiles/hexes/-1/0/0.mvt", 400),
    ("/tiles/hexes/31/0/0.mvt", 404),
    ("/tiles/hexes/40/0/0.mvt", 404),
    ("/tiles/hexes/255/0/0.mvt", 404),
    ("/tiles/hexes/256/0/0.mvt", 400),
    ("/tiles/hexes/2/4/0.mvt", 404),
    ("/tiles/hexes/2/0/4.mvt", 404),
    ("/tiles/hexes/2/-1/0.mvt", 400),
    ("/tiles/hexes/2/4294967296/0.mvt", 400),
    ("/tiles/hexes/2/NaN/0.mvt", 400),
    ("/tiles/hexes/2/0/0.png", 404),
    ("/tiles/nothing/2/0/0.mvt", 404),
    ("/tiles/hexes/2/0/0.mvt?filter=", 400),
    ("/tiles/hexes/2/0/0.mvt?filter=DEEP", 400),
    ("/tiles/hexes/2/0/0.mvt?filter=nothing=1", 400),
    ("/tiles/hexes/2/0/0.mvt?filter-lang=cql2-text", 400),
    ("/tiles/hexes/2/0/0.mvt?colour=1", 400),
    ("/tiles/nothing.json", 404),
    ("/tiles/hexes.xml", 404),
    ("/tiles/hexes.json?filter=nothing=1", 400),
    ("/data/nothing.geojson", 404),
    ("/data/civics.exe", 404),
    ("/data/civics", 404),
    ("/data/.geojson", 404),
    ("/data/..%2f..%2fetc%2fpasswd.csv", 404),
    ("/data/civics.csv?filter-lang=cql2-text", 400),
    ("/data/civics.csv?filter=DEEP", 400),
    ("/data/civics.csv?filter=nothing=1", 400),
    ("/data/civics.csv?filter-lang=sql", 400),
    ("/data/civics.csv?limit=-1", 400),
    ("/ogc/collections/nothing/items", 404),
    ("/ogc/collections/civics/items/0", 404),
    ("/ogc/collections/civics/items/-1", 404),
    ("/ogc/collections/civics/items/9223372036854775808", 404),
    ("/ogc/collections/civics/items?bbox=170,-10,-170,10", 200),
    ("/ogc/collections/civics/items?bbox=-180,-90,180,90", 200),
    ("/ogc/collections/civics/items?limit=4294967295", 200),
    ("/ogc/dggs/H3/zones?zone-level=99", 400),
    ("/ogc/tiles/WebMercatorQuad/99/0/0", 404),
];

/// Bodies of questions, and what they get.
const BODIES: &[(&str, u16)] = &[
    ("", 400),
    ("{", 400),
    ("[]", 400),
    ("null", 400),
    ("\"civics\"", 400),
    ("\u{0}", 400),
    (r#"{"collection":7}"#, 400),
    (r#"{"collection":"nothing"}"#, 404),
    (r#"{"collection":"civics","collection":"civics"}"#, 400),
    (r#"{"collection":"civics","colour":1}"#, 400),
    (r#"{"collection":"civics","limit":0}"#, 400),
    (r#"{"collection":"civics","limit":-1}"#, 400),
    (r#"{"collection":"civics","limit":9223372036854775808999}"#, 400),
    (r#"{"collection":"civics","limit":1.5}"#, 400),
    (r#"{"collection":"civics","limit":NaN}"#, 400),
    (r#"{"collection":"civics","cursor":"zz"}"#, 400),
    (r#"{"collection":"civics","date":"1990-01-01"}"#, 409),
    (r#"{"collection":"civics","date":"2026-02-30"}"#, 400),
    (r#"{"collection":"civics","filter":"nothing = 1"}"#, 400),
    (r#"{"collection":"civics","filter":["1"]}"#, 400),
    (r#"{"collection":"civics","filter":"1=1","filter-lang":"sql"}"#, 400),
    (r#"{"collection":"civics","area":{"type":"bbox","bbox":[8,42,10,40]}}"#, 400),
    (r#"{"collection":"civics","area":{"type":"bbox","bbox":[170,40,-170,42]}}"#, 200),
    (r#"{"collection":"civics","area":{"type":"bbox","bbox":[-180,-90,180,90]}}"#, 200),
    (r#"{"collection":"civics","area":{"type":"bbox","bbox":[1e300,40,1e301,42]}}"#, 400),
    (r#"{"collection":"civics","area":{"type":"circle","center":[8,91],"radius_m":1}}"#, 400),
    (r#"{"collection":"civics","area":{"type":"circle","center":[8,40],"radius_m":1e999}}"#, 400),
    (r#"{"collection":"civics","area":{"type":"disc"}}"#, 400),
    (r#"{"collection":"civics","group":{"by":"hex","resolution":16}}"#, 400),
    (r#"{"collection":"civics","group":{"by":"layer","layer":"nothing"}}"#, 400),
    (r#"{"collection":"civics","measures":[{"sum":"nothing"}]}"#, 400),
    (r#"{"collection":"civics","nearest":{"to":[8,91],"k":1}}"#, 400),
    (r#"{"collection":"civics","nearest":{"to":[8,40],"k":-1}}"#, 400),
    (r#"{"collection":"civics","nearest":{"to":[8,40],"k":9223372036854775808}}"#, 400),
];

/// What is asked of one server, and how it answers.
struct Asker<'s> {
    server: &'s Server,
    token: String,
    cases: u32,
    wrong: Vec<String>,
}

impl Asker<'_> {
    /// Sends these bytes; one of these statuses shall come back, with a problem unless the protocol itself is broken.
    fn send(&mut self, name: &str, bytes: &[u8], wanted: &[u16]) {
        self.cases += 1;
        let name: String = name.chars().take(160).collect();
        let Some(answer) = ask::send(&self.server.address, bytes) else {
            if !wanted.contains(&0) {
                self.wrong.push(format!("{name}: no answer"));
            }
            return;
        };
        if !wanted.contains(&answer.status) {
            self.wrong.push(format!("{name}: {}, not {wanted:?}: {}", answer.status, answer.text()));
            return;
        }
        let is_ours = answer.status >= 400 && !wanted.contains(&0);
        if is_ours {
            let kind = answer.header("content-type").unwrap_or_default();
            let says = kind == "application/problem+json"
                && answer.json()["status"] == answer.status
                && answer.json()["detail"].as_str().is_some_and(|detail| !detail.is_empty());
            if !says {
                self.wrong.push(format!("{name}: {} without a problem: {}", answer.status, answer.text()));
            }
        }
    }

    fn get(&mut self, path: &str, headers: &[(&str, &str)], status: u16) {
        // A filter and an area that are nested deep, yet short enough for a query.
        let path = path.replace("DEEP", &"(".repeat(2_000)).replace('\'', "%27").replace('"', "%22");
        let bearer = format!("Bearer {}", self.token);
        let headers = [headers, &[("Authorization", bearer.as_str())]].concat();
        self.send(&path, &ask::question(&self.server.address, "GET", &path, &headers, b""), &[status]);
    }

    fn post(&mut self, media: &str, body: &[u8], wanted: &[u16]) {
        let name = format!("{media}: {}", String::from_utf8_lossy(body));
        let headers = [("Content-Type", media)];
        let bytes = ask::question(&self.server.address, "POST", "/api/ask", &headers, body);
        self.send(&name, &bytes, wanted);
    }
}

/// What the protocol forbids, or what is larger than it may be. 0: the connection may end without an answer.
fn raw(asker: &mut Asker<'_>) {
    let long = "a".repeat(65_536);
    for path in
        ["/api/town", "/ogc/collections/civics/items", "/tiles/hexes/2/0/0.mvt", "/data/civics.csv", "/api/count"]
    {
        let address = asker.server.address.clone();
        let bytes = ask::question(&address, "GET", path, &[("X-Long", long.as_str())], b"");
        asker.send("a header of 64 kB", &bytes, &[431, 0]);
        let many: Vec<(&str, &str)> = vec![("X-Many", "1"); 2_000];
        asker.send("2,000 headers", &ask::question(&address, "GET", path, &many, b""), &[431, 0]);
        let bytes = ask::question(&address, "GET", &format!("{path}?{long}"), &[], b"");
        asker.send("an address of 64 kB", &bytes, &[414, 431, 0]);
        let bytes = ask::question(&address, "GET", &format!("{path}?filter={}", &long[..20_000]), &[], b"");
        asker.send("a query of 20 kB", &bytes, &[400]);
        for method in ["PUT", "DELETE", "PATCH", "POST", "TRACE", "PROPFIND"] {
            asker.send(&format!("{method} {path}"), &ask::question(&address, method, path, &[], b""), &[405]);
        }
        for head in ["HTTP/9.9", "HTTP/1.1\r\nHost: a\r\nX-Nul: \0", "HTTP/1.1\r\nContent-Length: -1", "\0"] {
            asker.send(head, format!("GET {path} {head}\r\n\r\n").as_bytes(), &[400, 0]);
        }
    }
}

#[test]
fn nonsense_is_refused_and_the_server_lives() {
    let town = Town::ready("nonsense");
    let personal = town.personal_words();
    let server = Server::start(&town.data());
    let token = town.token("social", "nonsense");
    let mut asker = Asker { server: &server, token, cases: 0, wrong: Vec::new() };
    for collection in ["civics", "hexes_9", "households"] {
        for (parameter, values) in ITEMS {
            for value in *values {
                asker.get(&format!("/ogc/collections/{collection}/items?{parameter}={value}"), &[], 400);
            }
        }
    }
    for (path, status) in GETS {
        asker.get(path, &[], *status);
    }
    for (range, status) in [("bytes=99999999999-", 416), ("bytes=5-2", 200), ("lines=1-2", 200), ("bytes=-0", 416)] {
        asker.get("/data/civics.csv", &[("Range", range)], status);
    }
    for (body, status) in BODIES {
        asker.post("application/json", body.as_bytes(), &[*status]);
    }
    for depth in [100, 10_000, 500_000] {
        asker.post("application/json", &b"[".repeat(depth), &[400]);
    }
    asker.post("application/json", &b" ".repeat((1 << 20) + 1), &[413]);
    asker.post("application/json", &b" ".repeat(32 << 20), &[413, 0]);
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/form-data", ""] {
        asker.post(media, br#"{"collection":"civics"}"#, &[415]);
    }
    raw(&mut asker);
    let Asker { cases, wrong, .. } = asker;
    println!("{cases} nonsensical questions, {} answered otherwise than said", wrong.len());
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 350, "{cases}");
    assert_eq!(server.get("/api/town").status, 200, "the server lives");
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
    for word in ["\"ERROR\"", "\"WARN\"", "panicked"] {
        assert!(!log.contains(word), "{log}");
    }
    assert_eq!(leaked(&log, &personal), Vec::<String>::new());
}
