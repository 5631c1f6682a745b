//! The OGC APIs asked nonsense: every parameter of every route with every hostile value (row 6 of the fault matrix).

use super::asked::Town;

/// Values as they stand in a URL.
const VALUES: [&str; 34] = [
    "",
    "%20",
    "%00",
    "%ff",
    "%",
    "nan",
    "inf",
    "-inf",
    "-1",
    "0",
    "1e309",
    "9223372036854775808",
    "18446744073709551616",
    "0x10",
    "1,2,3",
    "1,2,3,4,5,6,7",
    "10,10,-10,-10",
    "180,91,-180,-91",
    "170,-10,-170,10",
    "-180,-90,180,90",
    "1e300,1e300,1e301,1e301",
    "nan,nan,nan,nan",
    ",,,",
    "'",
    "%22",
    "%3Cscript%3E",
    "..%2F..%2Fetc%2Fpasswd",
    "%7B%7D",
    "%5B%5D",
    "null",
    "true",
    "%F0%9F%92%A5",
    "http://169.254.169.254/",
    "%0d%0aX-Evil:1",
];

/// Routes with their parameters.
const ROUTES: [(&str, &[&str]); 8] = [
    (
        "/ogc/collections/civics/items",
        &[
            "limit",
            "bbox",
            "bbox-crs",
            "datetime",
            "crs",
            "properties",
            "sortby",
            "cursor",
            "filter",
            "filter-lang",
            "filter-crs",
            "f",
            "number",
        ],
    ),
    ("/ogc/collections/civics/items/1", &["crs", "f"]),
    ("/ogc/collections", &["f"]),
    (
        "/ogc/dggs/H3/zones",
        &[
            "zone-level",
            "compact-zones",
            "parent-zone",
            "bbox",
            "bbox-crs",
            "subset",
            "subset-crs",
            "datetime",
            "filter",
            "filter-lang",
            "filter-crs",
            "limit",
            "cursor",
            "f",
        ],
    ),
    ("/ogc/dggs/H3/zones/871e8e000ffffff/data", &["zone-depth", "properties", "datetime", "f"]),
    ("/ogc/tiles/WebMercatorQuad/0/0/0", &["f"]),
    ("/ogc/styles/fragility", &["f"]),
    ("/ogc/api", &["f"]),
];

#[test]
fn nonsense_is_refused_or_answered_and_nothing_breaks() {
    let town = Town::of(300);
    let mut refused = 0;
    let mut ask = |path: &str| {
        let reply = town.get(path);
        let status = reply.status.as_u16();
        assert!(matches!(status, 200 | 204 | 400 | 404), "{path}: {status} {}", String::from_utf8_lossy(&reply.body));
        if status >= 400 {
            refused += 1;
            assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
            assert_eq!(reply.json()["status"], status);
        }
        assert!(reply.headers.get("x-evil").is_none());
        // A name that is refused is told back, in JSON that no browser takes for a page.
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    };
    for (route, parameters) in ROUTES {
        for parameter in parameters {
            for value in VALUES {
                ask(&format!("{route}?{parameter}={value}"));
            }
        }
    }
    for value in VALUES.iter().filter(|value| !matches!(**value, "" | "%")) {
        for path in [
            "/ogc/collections/{}",
            "/ogc/collections/{}/items",
            "/ogc/collections/civics/items/{}",
            "/ogc/collections/{}/tiles/WebMercatorQuad/0/0/0",
            "/ogc/tiles/{}/0/0/0",
            "/ogc/tiles/WebMercatorQuad/{}/0/0",
            "/ogc/tiles/WebMercatorQuad/0/{}/0",
            "/ogc/styles/{}",
            "/ogc/dggs/{}",
            "/ogc/dggs/H3/zones/{}",
            "/ogc/dggs/H3/zones/{}/data",
        ] {
            ask(&path.replace("{}", value));
        }
    }
    assert!(refused > 900, "only {refused} were refused");
}
