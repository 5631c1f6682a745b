//! Real clients: QGIS, GDAL, a second decoder of vector tiles, the validator of MapLibre styles.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

use crate::{place::has, server::Server, town::Town};

/// A program of `tests/clients`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The Python of a module; says aloud where it is missing.
pub fn python(candidates: &[Option<String>], module: &str) -> Option<String> {
    let found = candidates.iter().flatten().find(|python| {
        let output =
            Command::new(python).args(["-c", &format!("import {module}")]).env("QT_QPA_PLATFORM", "offscreen").output();
        output.is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        crate::place::skip(&format!("no Python with {module}"));
    }
    found.cloned()
}

#[test]
fn qgis_draws_the_tiles_in_their_style_and_opens_a_copy_of_the_store() {
    let Some(python) =
        python(&[Some("/usr/bin/python3".into()), std::env::var("ATLANTE_QGIS_PYTHON").ok()], "qgis.core")
    else {
        return;
    };
    let town = Town::ready("qgis");
    let server = Server::start(&town.data());
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("qgis.png");
    let copy = town.at("copy.gpkg");
    std::fs::copy(format!("{}/atlante.gpkg", town.data()), &copy).expect("a copy of the file alone");
    let output = Command::new(python)
        .arg(script("draw.py"))
        .args([&format!("http://{}", server.address), &copy])
        .arg(&picture)
        .env("QT_QPA_PLATFORM", "offscreen")
        .env("XDG_RUNTIME_DIR", town.at(""))
        .env("HOME", town.at(""))
        .env("PYTHONNOUSERSITE", "1")
        .output()
        .expect("Python starts");
    println!("{}", said(&output));
    assert!(output.status.success(), "QGIS: {}", said(&output));
    let seen: Value = String::from_utf8_lossy(&output.stdout)
        .lines()
        .rev()
        .find_map(|line| serde_json::from_str(line).ok())
        .expect("what was seen, as JSON");
    assert_eq!(seen["vector tiles are valid"], true, "{seen}");
    assert_eq!(seen["style is read"], true, "{seen}");
    assert!(seen["colours"].as_u64().is_some_and(|colours| colours >= 5), "{seen}: {}", picture.display());
    assert!(seen["painted"].as_f64().is_some_and(|share| share > 0.05), "{seen}: {}", picture.display());
    for (table, count) in seen["tables"].as_object().expect("tables") {
        assert!(count.as_u64().is_some_and(|count| count > 0), "{table} is empty in QGIS");
    }
    for table in ["hexes_6", "hexes_9", "hexes_10", "boundary", "sections"] {
        assert!(seen["tables"][table].is_u64(), "{table} is not in QGIS' list: {seen}");
    }
    let hexes = server.hexes(None, 9).len();
    assert_eq!(seen["tables"]["hexes_9"], hexes, "hexagons of the copy");
}

#[test]
fn a_second_decoder_finds_in_the_tiles_what_export_and_api_say() {
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python").display().to_string();
    let candidates = [std::env::var("ATLANTE_PYTHON").ok(), Some(local), Some("python3".into())];
    let Some(python) = python(&candidates, "mapbox_vector_tile") else { return };
    let town = Town::ready("decoder");
    let server = Server::start(&town.data());
    // Both before the first is shown: a server looks for new tokens in the store not more often than it must.
    let (viewer, social) = (town.token("viewer", "decoder"), town.token("social", "adding up"));
    for resolution in 6..=10 {
        town.export_hexes(resolution, "csv");
    }
    for token in [None, Some(viewer.as_str())] {
        let mut command = Command::new(&python);
        command.arg(script("decode.py")).arg(format!("http://{}", server.address)).arg(town.at(""));
        if let Some(token) = token {
            command.env("ATLANTE_TOKEN", token);
        }
        let output = command.output().expect("Python starts");
        println!("{}", said(&output));
        assert!(output.status.success(), "{}", said(&output));
    }
    // What a filter finds adds up to the same in hexagons, points and counts.
    let mut command = Command::new(&python);
    command.arg(script("found.py")).arg(format!("http://{}", server.address)).env("ATLANTE_TOKEN", social);
    let output = command.output().expect("Python starts");
    println!("{}", said(&output));
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn gdal_reads_the_exports_and_a_tile() {
    if !has("ogrinfo") {
        return;
    }
    let town = Town::ready("gdal");
    let info = |arguments: &[&str]| {
        let output = Command::new("ogrinfo").args(arguments).output().expect("ogrinfo starts");
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        let text = said(&output);
        assert!(!text.contains("ERROR"), "{text}");
        text
    };
    let counted = |text: &str| -> u64 {
        let line = text.lines().find_map(|line| line.strip_prefix("Feature Count: ")).expect("a count");
        line.trim().parse().expect("a number")
    };
    for resolution in [6, 9, 10] {
        let rows = crate::place::table(Path::new(&town.export_hexes(resolution, "csv")));
        let mut texts = Vec::new();
        for ending in ["geojson", "fgb"] {
            let text = info(&["-al", "-so", &town.export_hexes(resolution, ending)]);
            assert_eq!(counted(&text), rows.len() as u64, "{ending} at {resolution}");
            assert!(text.contains("Polygon"), "{text}");
            texts.push(text);
        }
        let extent = |text: &str| text.lines().find(|line| line.starts_with("Extent")).map(str::to_owned);
        assert_eq!(extent(&texts[0]), extent(&texts[1]), "the same place in both formats");
    }
    for subject in ["addresses", "households"] {
        let file = |ending: &str| town.at(&format!("{subject}.{ending}"));
        for ending in ["geojson", "fgb"] {
            let words = ["export", subject, "--quiet", "--data", &town.data(), "--output", &file(ending)];
            let told = crate::place::report(&words);
            let whole = told["rows"].as_u64().zip(told["left_out"].as_u64()).map(|(rows, left_out)| rows + left_out);
            assert_eq!(whole, Some(town.export(subject).len() as u64), "{told}");
        }
        let (json, flat) = (info(&["-al", "-so", &file("geojson")]), info(&["-al", "-so", &file("fgb")]));
        let rows = town.export(subject);
        let placed = rows.iter().filter(|row| !row["lon"].is_empty()).count();
        assert_eq!(counted(&json), rows.len() as u64, "{subject}");
        assert_eq!(counted(&flat), placed as u64, "{subject}: FlatGeobuf holds what has a place");
    }

    let server = Server::start(&town.data());
    let about = server.get("/api/town").json();
    let (lon, lat) = (about["center"][0].as_f64().expect("lon"), about["center"][1].as_f64().expect("lat"));
    let side = f64::from(1_u32 << 12);
    let x = ((lon + 180.0) / 360.0 * side) as u32;
    let y = ((1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * side) as u32;
    let tile = server.get(&format!("/tiles/hexes/12/{x}/{y}.mvt"));
    let file = town.at("tile.mvt");
    std::fs::write(&file, &tile.body).expect("a tile to write");
    let text = info(&["-al", "-so", &format!("MVT:{file}"), "hexes", "-oo", "CLIP=NO"]);
    assert!(counted(&text) > 0, "{text}");
    for field in ["id: String", "n: Integer", "p: Integer", "fragility: Real"] {
        assert!(text.contains(field), "{field} is missing: {text}");
    }
}

#[test]
fn the_styles_as_served_are_valid_and_name_only_what_there_is() {
    let town = Town::ready("styles");
    let server = Server::start(&town.data());
    let node = has("node");
    let validator = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/node_modules/.bin/gl-style-validate");
    let token = town.token("social", "stile");
    for name in ["fragility", "basemap", "households"] {
        let answer = server.get(&format!("/styles/{name}.json"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let style = answer.json();
        if !validator.exists() || !node {
            crate::place::skip("the validator of styles is not installed");
        } else {
            let file = town.at(&format!("{name}.json"));
            std::fs::write(&file, &answer.body).expect("a style to write");
            let output = Command::new(&validator).arg(&file).output().expect("the validator starts");
            assert!(output.status.success() && said(&output).trim().is_empty(), "{name}: {}", said(&output));
        }
        let mut fields: std::collections::BTreeMap<&str, BTreeSet<String>> = std::collections::BTreeMap::new();
        for (source, about) in style["sources"].as_object().expect("sources") {
            let url = about["url"].as_str().expect("an address");
            let path = url.strip_prefix(&format!("http://{}", server.address)).expect("an address of this server");
            let tilejson = server.get_as(Some(&token), path).json();
            assert_eq!(tilejson["tilejson"], "3.0.0", "{source}");
            let layer = &tilejson["vector_layers"][0];
            assert_eq!(layer["id"].as_str(), Some(source.as_str()));
            fields.insert(source, layer["fields"].as_object().expect("fields").keys().cloned().collect());
        }
        for layer in style["layers"].as_array().expect("layers") {
            let Some(source) = layer["source"].as_str() else { continue };
            let known = fields.get(source).unwrap_or_else(|| panic!("{name}: no source {source}"));
            assert_eq!(layer["source-layer"], source, "{name}");
            let mut named = BTreeSet::new();
            for part in ["paint", "layout", "filter"] {
                properties(&layer[part], &mut named);
            }
            for property in &named {
                assert!(known.contains(property), "{name}, {}: {property} is not among {known:?}", layer["id"]);
            }
        }
    }
    // What the API says can be shown, the tiles have.
    let about = server.get("/api/town").json();
    let fields = &server.get("/tiles/hexes.json").json()["vector_layers"][0]["fields"];
    for property in about["properties"].as_array().expect("properties") {
        assert!(fields[property["key"].as_str().expect("a key")].is_string(), "{property}");
    }
}

/// The properties that an expression reads: `["get", name]`, `["has", name]`, old filters, `{name}` in texts.
fn properties(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => {
            let word = items.first().and_then(Value::as_str);
            let name = items.get(1).and_then(Value::as_str);
            if let (Some("get" | "has" | "!has"), Some(name)) = (word, name) {
                into.insert(name.to_owned());
            } else if let (Some("==" | "!=" | ">" | ">=" | "<" | "<=" | "in" | "!in"), Some(name)) = (word, name) {
                if !name.starts_with('$') {
                    into.insert(name.to_owned());
                }
            } else {
                for item in items {
                    properties(item, into);
                }
            }
        }
        Value::Object(members) => members.values().for_each(|member| properties(member, into)),
        Value::String(text) => {
            let mut rest = text.as_str();
            while let Some((_, after)) = rest.split_once('{') {
                let Some((name, tail)) = after.split_once('}') else { break };
                into.insert(name.to_owned());
                rest = tail;
            }
        }
        _ => {}
    }
}
