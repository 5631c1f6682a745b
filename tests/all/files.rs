//! Files: every collection in every format says the same, to every reader; parts over HTTP; what is personal leaves no trace.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{
    ask::{self, Answer},
    place::{has, report, run, skip},
    server::Server,
    town::Town,
};

const ENDINGS: [&str; 6] = ["fgb", "gpkg", "geojson", "geojsons", "csv", "xlsx"];

/// What GDAL says of a file to one question in its SQL: the numbers of its one row.
fn gdal(file: &str, sql: &str) -> Vec<f64> {
    let mut command = Command::new("ogrinfo");
    command.args(["-q", "-ro", file, "-dialect", "SQLite", "-sql", sql]);
    if Path::new(file).extension().is_some_and(|ending| ending == "csv") {
        command.args(["-oo", "AUTODETECT_TYPE=YES"]);
    }
    // A sheet of texts alone gives GDAL no sign of which row is the header.
    let output = command.env("OGR_XLSX_HEADERS", "FORCE").output().expect("ogrinfo starts");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !text.contains("ERROR"), "{file}: {text}");
    let numbers = text.lines().filter_map(|line| line.trim().split_once(" = ")?.1.parse().ok());
    numbers.collect()
}

#[test]
fn every_collection_in_every_format_says_the_same_to_gdal() {
    if !has("ogrinfo") {
        return;
    }
    let town = Town::ready("formats");
    for (subject, sql) in [
        (
            "households",
            "select count(*) a, sum(people) b, sum(fragile in (1, '1', 'true', 'TRUE', 'True')) c, round(sum(fragility), 3) d from households",
        ),
        ("hexes", "select count(*) a, sum(people) b, sum(households) c, round(sum(fragility), 3) d from hexes"),
        ("civics", "select count(*) a, sum(length(number)) b, sum(length(street)) c from civics"),
        ("sections", "select count(*) a from sections"),
    ] {
        let mut answers = Vec::new();
        for ending in ENDINGS {
            let file = town.at(&format!("{subject}.{ending}"));
            let told = report(&["export", subject, "--quiet", "--data", &town.data(), "--output", &file]);
            let answer = gdal(&file, sql);
            assert_eq!(told["rows"].as_f64(), answer.first().copied(), "{file}");
            assert!(!Path::new(&format!("{file}.part")).exists(), "what has its name is whole");
            answers.push((ending, answer));
        }
        for (ending, answer) in &answers {
            let close = answer.iter().zip(&answers[0].1).all(|(a, b)| (a - b).abs() < 1e-2);
            assert!(close && answer.len() == answers[0].1.len(), "{subject}.{ending}: {answers:?}");
        }
    }
    // Where a shape can be read, it is at the same place.
    for subject in ["hexes", "civics", "households"] {
        let extent = |ending: &str| {
            let output = Command::new("ogrinfo")
                .args(["-ro", "-al", "-so", &town.at(&format!("{subject}.{ending}"))])
                .output()
                .expect("ogrinfo starts");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.lines().find(|line| line.starts_with("Extent")).map(str::to_owned).expect("an extent")
        };
        let first = extent("geojson");
        for ending in ["fgb", "gpkg", "geojsons"] {
            assert_eq!(extent(ending), first, "{subject}.{ending}");
        }
    }
}

#[test]
fn an_export_is_narrowed_by_a_filter_and_named_by_its_format() {
    let town = Town::ready("narrowed");
    let all = town.export("households");
    let file = town.at("some.dat");
    let words = ["export", "households", "--quiet", "--data", &town.data(), "--output", &file, "--format", "csv"];
    let told = report(&[&words[..], &["--filter", "people >= 3 AND fragile"]].concat());
    let wanted =
        all.iter().filter(|row| row["people"].parse::<u32>().is_ok_and(|n| n >= 3) && row["fragile"] == "true");
    assert_eq!(told["rows"].as_u64(), Some(wanted.count() as u64));
    assert!(told["rows"].as_u64().is_some_and(|rows| rows > 0), "the filter finds some");
    let refused = crate::place::attempt(&[&words[..], &["--filter", "people >="]].concat());
    assert_eq!(refused.status.code(), Some(1), "a filter that is none");
}

fn ranged(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    server.get_with(path, headers)
}

#[test]
fn what_all_may_have_is_sent_in_any_part() {
    let town = Town::ready("parts");
    let server = Server::start(&town.data());
    for ending in ENDINGS {
        let path = format!("/data/hexes_9.{ending}");
        let whole = server.get(&path);
        assert_eq!((whole.status, whole.header("accept-ranges")), (200, Some("bytes")), "{path}");
        let length = whole.body.len();
        assert_eq!(whole.header("content-length"), Some(length.to_string().as_str()));
        let tag = whole.header("etag").expect("a tag").to_owned();
        assert!(tag.starts_with('"'), "a strong one: {tag}");
        let disposition = format!("attachment; filename=\"hexes_9.{ending}\"");
        assert_eq!(whole.header("content-disposition"), Some(disposition.as_str()));
        for (range, from, to) in [
            ("bytes=0-15", 0, 16),
            ("bytes=100-199", 100, 200),
            ("bytes=-32", length - 32, length),
            ("bytes=64-", 64, length),
        ] {
            let part = ranged(&server, &path, &[("Range", range), ("If-Range", &tag)]);
            assert_eq!(part.status, 206, "{path} {range}");
            assert_eq!(part.body, whole.body[from..to], "{path} {range}");
            let said = format!("bytes {from}-{}/{length}", to - 1);
            assert_eq!(part.header("content-range"), Some(said.as_str()));
            assert_eq!(part.header("etag"), Some(tag.as_str()));
        }
        let beyond = ranged(&server, &path, &[("Range", &format!("bytes={length}-"))]);
        assert_eq!((beyond.status, beyond.header("content-range")), (416, Some(format!("bytes */{length}").as_str())));
        assert_eq!(ranged(&server, &path, &[("Range", "bytes=0-1"), ("If-Range", "\"other\"")]).status, 200);
        assert_eq!(ranged(&server, &path, &[("If-None-Match", &tag)]).status, 304);
        let head = ask::ask(&server.address, "HEAD", &path, &[("Range", "bytes=0-1")]).expect("an answer");
        assert_eq!((head.status, head.header("content-length")), (200, Some(length.to_string().as_str())));
        assert!(head.body.is_empty());
    }
    for (path, status) in [
        ("/data/nothing.fgb", 404),
        ("/data/hexes_9.shp", 404),
        ("/data/hexes_9", 404),
        ("/data/hexes_9.fgb?filter=people%20%3E%3D", 400),
        ("/data/hexes_9.fgb?filter-lang=cql2-text", 400),
        ("/data/hexes_9.fgb?x=1", 400),
        ("/data/..%2fkeys.csv", 404),
        ("/data/households.fgb", 401),
    ] {
        assert_eq!(server.get(path).status, status, "{path}");
    }
    let all = server.get("/data/hexes_9.geojson").json();
    let some = server.get("/data/hexes_9.geojson?filter=people%20%3E%20100");
    assert_eq!((some.status, some.header("accept-ranges")), (200, Some("none")));
    let many = |value: &Value| value["features"].as_array().map_or(0, Vec::len);
    let wanted = all["features"].as_array().expect("features").iter();
    let wanted = wanted.filter(|one| one["properties"]["people"].as_u64().is_some_and(|people| people > 100)).count();
    assert_eq!(many(&some.json()), wanted);
    assert!(wanted > 0 && wanted < many(&all));
}

#[test]
fn gdal_reads_only_what_it_needs_of_a_file_on_the_server() {
    if !has("ogrinfo") {
        return;
    }
    let town = Town::ready("ranges");
    let server = Server::start(&town.data());
    let whole = server.get("/data/civics.fgb");
    let length = whole.body.len() as f64;
    let features = server.get("/data/civics.geojson").json();
    let first = &features["features"][0]["geometry"]["coordinates"];
    let (lon, lat) = (first[0].as_f64().expect("lon"), first[1].as_f64().expect("lat"));
    let side = 0.0005;
    let edges = [lon - side, lat - side, lon + side, lat + side].map(|edge| edge.to_string());
    let output = Command::new("ogrinfo")
        .args(["-ro", "-q", "-al", "-spat", &edges[0], &edges[1], &edges[2], &edges[3]])
        .arg(format!("/vsicurl/http://{}/data/civics.fgb", server.address))
        .env("CPL_VSIL_SHOW_NETWORK_STATS", "YES")
        .env("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")
        .env("no_proxy", "*")
        .output()
        .expect("ogrinfo starts");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !text.contains("ERROR"), "{text}");
    let near = features["features"].as_array().expect("features").iter().filter(|feature| {
        let at = &feature["geometry"]["coordinates"];
        let near = |number: &Value, middle: f64| number.as_f64().is_some_and(|n| (n - middle).abs() <= side);
        near(&at[0], lon) && near(&at[1], lat)
    });
    assert_eq!(text.matches("OGRFeature(").count(), near.count(), "{text}");
    let number = |key: &str| -> f64 {
        let line = text.lines().find(|line| line.contains(key)).unwrap_or_else(|| panic!("no {key}: {text}"));
        line.rsplit(':').next().and_then(|number| number.trim().trim_end_matches(',').parse().ok()).expect("a number")
    };
    let read = number("downloaded_bytes");
    println!("GDAL read {read} of {length} bytes for a box");
    assert!(read < length * 0.7, "{read} of {length} bytes");
}

#[test]
fn what_is_personal_is_audited_and_never_kept() {
    let town = Town::ready("personal");
    let [viewer, social] = ["viewer", "social"].map(|role| town.token(role, role));
    let server = Server::start(&town.data());
    let count =
        |town: &Town| -> Option<u64> { crate::process::sqlite(town, "select count(*) from store_audit")?.parse().ok() };
    let before = count(&town);
    assert_eq!(server.get_as(Some(&viewer), "/data/households.csv").status, 403);
    let rows = town.export("households").len();
    for ending in ENDINGS {
        let path = format!("/data/households.{ending}");
        let answer = server.get_with(&path, &[("Authorization", &format!("Bearer {social}")), ("Range", "bytes=0-9")]);
        assert_eq!((answer.status, answer.header("accept-ranges")), (200, Some("none")), "{path}");
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert!(answer.header("etag").is_none());
        if ending == "csv" {
            let text = answer.text();
            assert_eq!(text.lines().count(), rows + 1);
            let header = text.lines().next().expect("a header");
            assert!(header.starts_with("household,people,") && header.ends_with(",lon,lat"), "{header}");
        }
    }
    if let (Some(before), Some(after)) = (before, count(&town)) {
        assert!(after >= before + ENDINGS.len() as u64, "every file is in the log: {before} then {after}");
    }
    drop(server);
    let left = std::fs::read_dir(std::env::temp_dir()).expect("the folder for temporary files");
    let left: Vec<String> = left
        .filter_map(|entry| Some(entry.ok()?.path().join("file.gpkg")))
        .filter(|path| path.exists())
        .map(|path| path.display().to_string())
        .collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[test]
fn qgis_opens_every_layer_and_draws_in_our_styles() {
    let python = "/usr/bin/python3";
    let has_qgis = Command::new(python).args(["-c", "import qgis.core"]).env("QT_QPA_PLATFORM", "offscreen").output();
    if !has_qgis.is_ok_and(|output| output.status.success()) {
        skip("no Python with qgis.core");
        return;
    }
    let town = Town::ready("layers");
    let social = town.token("social", "gis");
    let server = Server::start(&town.data());
    run(&["export", "hexes_9", "--quiet", "--data", &town.data(), "--output", &town.at("hexes_9.csv")]);
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("qgis-layers");
    let output = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/layers.py"))
        .args([&format!("http://{}", server.address), "gis", &social])
        .arg(&picture)
        .env("QT_QPA_PLATFORM", "offscreen")
        .env("XDG_RUNTIME_DIR", town.at(""))
        .env("HOME", town.at(""))
        .env("PYTHONNOUSERSITE", "1")
        .output()
        .expect("Python starts");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}");
    assert!(output.status.success(), "QGIS: {said}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let seen: Value = stdout.lines().rev().find_map(|line| serde_json::from_str(line).ok()).expect("what was seen");
    let hexes = crate::place::table(Path::new(&town.at("hexes_9.csv"))).len();
    let households = town.export("households").len();
    let kinds: Vec<&str> = ["public", "basic", "header"].into_iter().filter(|kind| seen[kind].is_object()).collect();
    if kinds.len() < 3 {
        skip("this QGIS has no authentication by header");
    }
    for &kind in &kinds {
        let layers = seen[kind]["layers"].as_object().unwrap_or_else(|| panic!("{kind}: {seen}"));
        for name in ["hexes_9", "hexes_6", "boundary", "streets", "civics", "sections"] {
            assert_eq!(layers[name]["valid"], true, "{kind} {name}: {seen}");
            assert_eq!(layers[name]["style"], true, "{kind} {name}: {seen}");
        }
        assert_eq!(layers["hexes_tiles"]["valid"], true, "{kind}: {seen}");
        assert_eq!(layers.contains_key("households"), kind != "public", "{kind}: {seen}");
    }
    assert_eq!(seen["public"]["layers"]["hexes_9"]["count"], hexes, "{seen}");
    for kind in &kinds[1..] {
        assert_eq!(seen[kind]["layers"]["households"]["valid"], true, "{seen}");
        assert_eq!(seen[kind]["layers"]["households"]["count"], households, "{seen}");
    }
    for name in ["tiles", "features", "households"] {
        let colours = seen["pictures"][name].as_u64();
        assert!(colours.is_some_and(|colours| colours >= 4), "{name}: {seen}: {}", picture.display());
    }
}
