//! Bad input through the command line: a clear error that names file, row, column and reason and holds no personal
//! value; nothing is lost; the rest goes on; and with the good files everything is as it was.

use std::{collections::HashSet, fs, io::Write as _, path::Path, process::Command};

use serde_json::Value;

use crate::{
    place::{attempt, has, table},
    town::{AS_OF, COMUNE, Town, leaked},
};

/// Imports something bad beside a bank that is good: gives the exit code and the report of the bad source.
fn import(town: &Town, personal: &HashSet<String>, words: &[&str]) -> (Option<i32>, Value) {
    let data = town.data();
    let good = format!("tari={}", town.bank("tari"));
    let mut all = vec!["import", "--json", "--data", &data, "--comune", COMUNE, "--bank", &good];
    all.extend_from_slice(words);
    let output = attempt(&all);
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    assert_eq!(leaked(&String::from_utf8_lossy(&said), personal), Vec::<String>::new(), "{words:?}");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{words:?}: no report: {}", String::from_utf8_lossy(&said)));
    let sources = report["sources"].as_array().expect("sources");
    let tari = sources.iter().find(|source| source["source"] == "tari").expect("the good bank goes on");
    assert_eq!(tari["state"], "already", "{words:?}");
    let bad = sources.iter().find(|source| source["source"] != "tari").expect("the bad source is reported").clone();
    for count in ["rows", "records", "rejects"] {
        assert!(bad[count].is_u64(), "{bad}");
    }
    assert_eq!(number(&bad["records"]) + number(&bad["rejects"]), number(&bad["rows"]), "{words:?}: {bad}");
    (output.status.code(), bad)
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a whole number")
}

/// What is refused as a whole: exit code 3, and the reason names the file and says why.
fn refused(town: &Town, personal: &HashSet<String>, words: &[&str], file: &str, why: &str) {
    let (code, source) = import(town, personal, words);
    assert_eq!((code, source["state"].as_str()), (Some(3), Some("refused")), "{file}: {source}");
    let reason = source["reason"].as_str().expect("a reason");
    assert!(reason.contains(file) && reason.contains(why), "{file}: \"{why}\" is not in: {reason}");
    assert!(reason.len() < 600, "{file}: {reason}");
}

fn lines(file: &str) -> Vec<String> {
    let text = fs::read(file).expect("a table").into_iter().map(char::from).collect::<String>();
    text.lines().map(str::to_owned).collect()
}

/// Latin letters as they were read.
fn write(file: &str, lines: &[String]) {
    let text: Vec<u8> = lines.join("\r\n").chars().map(|c| c as u8).collect();
    fs::write(file, text).expect("a file to write");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).expect("memory");
    packer.finish().expect("memory")
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut packer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        packer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
        packer.write_all(bytes).expect("memory");
    }
    packer.finish().expect("memory").into_inner()
}

/// All that the store holds, so that a test can say that nothing was lost.
fn holdings(town: &Town) -> (usize, usize, Value) {
    (town.export("links").len(), town.export("addresses").len(), town.refresh()["generation"].clone())
}

#[test]
fn files_that_are_no_bank_are_refused_and_the_rest_goes_on() {
    let town = Town::ready("files");
    let personal = town.personal_words();
    let before = holdings(&town);
    let erp = fs::read(town.bank("erp")).expect("a bank");
    let header: Vec<u8> = erp.iter().copied().take_while(|byte| *byte != b'\n').chain([b'\n']).collect();
    let whole = gzip(&fs::read(town.bank("anagrafe")).expect("a bank"));
    let bomb = [header.clone(), vec![b'0'; 300_000_000]].concat();
    let noise: Vec<u8> = (0..40_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let wide = (0..100_000).map(|n| n.to_string()).collect::<Vec<_>>().join(";");
    let twice = [header.trim_ascii_end(), b";canone\n"].concat();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("truncated.csv.gz", whole[..whole.len() / 2].to_vec(), "truncated"),
        ("binary.csv", noise.clone(), "binary"),
        ("noise.csv.gz", [&[0x1f, 0x8b, 8, 0][..], &noise].concat(), "noise.csv.gz"),
        ("noise.xlsx", zip(&[("xl/workbook.xml", &noise)]), "noise.xlsx"),
        ("empty.csv", Vec::new(), "empty"),
        ("blank.csv", b"\n\n\n".to_vec(), "no header"),
        ("percent.csv", erp.iter().map(|byte| if *byte == b';' { b'%' } else { *byte }).collect(), "separator"),
        ("tari_as_erp.csv", fs::read(town.bank("tari")).expect("a bank"), "it looks like tari"),
        ("headless.csv", erp[header.len()..].to_vec(), "missing the columns"),
        ("twice.csv", twice, "same name"),
        ("wide.csv", wide.into_bytes(), "columns"),
        ("bomb.csv.gz", gzip(&bomb), "over the limit"),
        ("bomb.zip", zip(&[("erp.csv", &bomb)]), "over the limit"),
        ("outside.zip", zip(&[("../../erp.csv", &erp)]), "leads out of it"),
        ("absolute.zip", zip(&[("/etc/erp.csv", &erp)]), "leads out of it"),
        ("two.zip", zip(&[("a.csv", &erp), ("b.csv", &erp)]), "2 files"),
        ("inner.zip", zip(&[("erp.zip", &zip(&[("erp.csv", &erp)]))]), "inner.zip"),
    ];
    for (name, bytes, why) in cases {
        let file = town.at(name);
        fs::write(&file, bytes).expect("a file to write");
        refused(&town, &personal, &["--bank", &format!("erp={file}")], name, why);
    }
    refused(&town, &personal, &["--bank", &format!("erp={}", town.at("nowhere.csv"))], "nowhere.csv", "No such file");
    refused(&town, &personal, &["--bank", &format!("erp={}", town.at(""))], "", "directory");
    assert_eq!(holdings(&town), before, "nothing was lost");
    assert_eq!(town.check().0, Some(0));
}

#[test]
fn bad_rows_are_rejected_one_by_one_and_the_others_are_read() {
    let town = Town::ready("rows");
    let personal = town.personal_words();
    let before = holdings(&town);
    let rows = lines(&town.bank("erp"));
    let count = rows.len() as u64 - 1;
    let cell = |row: &str, at: usize, value: &str| {
        let mut cells: Vec<&str> = row.split(';').collect();
        cells[at] = value;
        cells.join(";")
    };
    let large = "A".repeat(10_000_000);
    // The row after the header, how it is spoiled, the column and the words of the reject.
    let cases: Vec<(&str, usize, String, Option<&str>, &str)> = vec![
        ("long.csv", 3, format!("{};x;y", rows[3]), None, "cells"),
        ("short.csv", 5, rows[5].split(';').take(2).collect::<Vec<_>>().join(";"), None, "cells"),
        ("large.csv", 4, cell(&rows[4], 1, &large), None, "longer"),
        ("cell.csv", 2, cell(&rows[2], 4, "cento"), Some("canone"), "number"),
        ("last.csv", rows.len() - 1, format!("{};x", rows[rows.len() - 1]), None, "cells"),
    ];
    for (name, row, spoiled, column, why) in cases {
        let file = town.at(name);
        let mut spoilt = rows.clone();
        spoilt[row] = spoiled;
        write(&file, &spoilt);
        let (code, source) = import(&town, &personal, &["--bank", &format!("erp={file}")]);
        assert_eq!((code, source["state"].as_str()), (Some(0), Some("read")), "{name}: {source}");
        assert_eq!((number(&source["rows"]), number(&source["rejects"])), (count, 1), "{name}");
        let reject = &source["first_rejects"][0];
        assert_eq!((reject["file"].as_str(), number(&reject["row"])), (Some(name), row as u64), "{reject}");
        assert_eq!(reject["column"].as_str(), column, "{reject}");
        assert!(reject["reason"].as_str().expect("a reason").contains(why), "{reject}");
        let kept: Vec<_> = town.export("rejects").into_iter().filter(|reject| reject["source"] == "erp").collect();
        assert_eq!(kept.len(), 1, "{name}: the reject can be exported");
        assert_eq!((kept[0]["file"].as_str(), kept[0]["row"].as_str()), (name, row.to_string().as_str()));
        assert_eq!(town.check().0, Some(0), "{name}");
    }
    let (_, good) = import(&town, &personal, &["--bank", &format!("erp={}", town.bank("erp"))]);
    assert_eq!(good["state"], "read");
    assert_eq!(holdings(&town), before, "with the good file everything is as it was");
}

#[test]
fn every_encoding_and_separator_of_the_offices_is_read_alike() {
    let town = Town::ready("encodings");
    let personal = town.personal_words();
    let before = holdings(&town);
    let rows = lines(&town.bank("erp"));
    let text = rows.join("\n");
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &[u8]| {
        [mark.to_vec(), text.encode_utf16().flat_map(bytes).collect()].concat()
    };
    let erp = fs::read(town.bank("erp")).expect("a bank");
    for (name, bytes) in [
        ("bom.csv", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("utf8.csv", text.clone().into_bytes()),
        ("utf16le.csv", utf16(u16::to_le_bytes, b"\xff\xfe")),
        ("utf16be.csv", utf16(u16::to_be_bytes, b"\xfe\xff")),
        ("tabs.csv", text.replace(';', "\t").into_bytes()),
        ("pipes.csv", text.replace(';', "|").into_bytes()),
        ("crlf.csv", text.replace('\n', "\r\n").into_bytes()),
        ("packed.csv.gz", gzip(&erp)),
        ("packed.zip", zip(&[("erp.csv", &erp)])),
    ] {
        let file = town.at(name);
        fs::write(&file, bytes).expect("a file to write");
        let (code, source) = import(&town, &personal, &["--bank", &format!("erp={file}")]);
        assert_eq!((code, number(&source["rejects"])), (Some(0), 0), "{name}: {source}");
        assert_eq!(holdings(&town), before, "{name}");
    }
}

#[test]
fn a_bad_register_is_refused_or_its_bad_points_left_out() {
    let town = Town::ready("register");
    let personal = town.personal_words();
    let before = holdings(&town);
    let (indir, strad) = (town.file("civics/indirizzario.csv"), town.file("civics/stradario.csv"));
    let rows = lines(&indir);
    let other = town.at("other.csv");
    write(&other, &rows.iter().map(|row| row.replace("X001;999001", "M208;079160")).collect::<Vec<_>>());
    refused(&town, &personal, &["--civics", &other], "other.csv", "M208");
    refused(&town, &personal, &["--civics", &town.bank("erp")], "erp.csv", "missing the columns");
    assert_eq!(holdings(&town), before, "nothing was lost");

    let header: Vec<&str> = rows[0].split(';').collect();
    let column = |name: &str| header.iter().position(|known| *known == name).expect("a column");
    let (x, y) = (column("COORD_X_COMUNE"), column("COORD_Y_COMUNE"));
    let with = |row: &str, lon: &str, lat: &str| {
        let mut cells: Vec<&str> = row.split(';').collect();
        (cells[x], cells[y]) = (lon, lat);
        cells.join(";")
    };
    let mut spoilt = rows.clone();
    let swapped: Vec<String> = rows[2].split(';').map(str::to_owned).collect();
    spoilt[2] = with(&rows[2], &swapped[y], &swapped[x]);
    spoilt[3] = with(&rows[3], "0", "0");
    spoilt[4] = with(&rows[4], "13,42", "91");
    spoilt[5] = with(&rows[5], "367000,5", "4653000,2");
    spoilt[6] = with(&rows[6], "abc", "42,02");
    spoilt[7] = with(&rows[7], "NaN", "42,02");
    spoilt[8] = with(&rows[8], "1e300", "42,02");
    let file = town.at("coordinates.csv");
    write(&file, &spoilt);
    let (code, source) = import(&town, &personal, &["--civics", &file, "--civics", &strad]);
    assert_eq!((code, source["state"].as_str()), (Some(0), Some("read")), "{source}");
    assert_eq!((number(&source["rejects"]), number(&source["warnings"])), (0, 7), "{source}");
    let told: Vec<u64> =
        source["first_warnings"].as_array().expect("warnings").iter().map(|w| number(&w["row"])).collect();
    assert_eq!(told, [2, 3, 4, 5, 6], "{source}");
    // Their streets and numbers stand, so that addresses are found; no household is put where they say.
    assert_eq!(town.export("addresses").len(), before.1);
    let about = town.refresh();
    for household in town.export("households") {
        let lat: f64 = household["lat"].parse().expect("degrees");
        assert!((41.9..42.2).contains(&lat), "a household at latitude {lat}: {about}");
    }
    let (_, good) = import(&town, &personal, &["--civics", &indir, "--civics", &strad]);
    assert_eq!(good["state"], "read");
    assert_eq!(holdings(&town), before, "with the good register everything is as it was");
}

#[test]
fn bad_shapes_are_repaired_or_rejected_feature_by_feature() {
    let town = Town::ready("shapes");
    let personal = town.personal_words();
    let file = town.file("sections.geojson");
    let good: Value = serde_json::from_slice(&fs::read(&file).expect("areas")).expect("GeoJSON");
    let count = good["features"].as_array().expect("features").len() as u64;
    let one = |geometry: &str| {
        let mut areas = good.clone();
        areas["features"][1]["geometry"] = Value::from("HERE");
        areas.to_string().replace("\"HERE\"", geometry)
    };
    let polygon = |ring: &str| one(&format!(r#"{{"type":"Polygon","coordinates":[[{ring}]]}}"#));
    let cases = [
        ("bow_tie", polygon("[13.40,42.00],[13.41,42.01],[13.41,42.00],[13.40,42.01],[13.40,42.00]"), None),
        ("unclosed", polygon("[13.40,42.00],[13.41,42.00],[13.41,42.01],[13.40,42.01]"), None),
        ("repeated", polygon("[13.40,42.00],[13.40,42.00],[13.41,42.00],[13.41,42.01],[13.40,42.00]"), None),
        ("nan", polygon("[NaN,42.00],[13.41,42.00],[13.41,42.01],[NaN,42.00]"), Some("number")),
        ("infinite", polygon("[13.40,42.00],[Infinity,42.00],[13.41,42.01],[13.40,42.00]"), Some("number")),
        ("huge", polygon("[13.40,42.00],[1e300,42.00],[13.41,42.01],[13.40,42.00]"), Some("metres")),
        ("north", polygon("[13.40,42.00],[13.41,91.0],[13.41,42.01],[13.40,42.00]"), Some("range")),
        ("metres", polygon("[367000,4653000],[367100,4653000],[367100,4653100],[367000,4653000]"), Some("metres")),
        ("flat", polygon("[13.40,42.00],[13.40,42.00],[13.40,42.00],[13.40,42.00]"), Some("no area")),
        ("hollow", one(r#"{"type":"Polygon","coordinates":[]}"#), Some("empty")),
        ("nothing", one("null"), Some("no geometry")),
        ("unknown", one(r#"{"type":"Blob","coordinates":[1,2]}"#), Some("")),
    ];
    for (name, text, why) in cases {
        let bad = town.at(&format!("{name}.geojson"));
        fs::write(&bad, text).expect("a file to write");
        let (code, source) = import(&town, &personal, &["--layer", &format!("sections={bad}")]);
        assert_eq!(
            (code, source["state"].as_str(), number(&source["rows"])),
            (Some(0), Some("read"), count),
            "{name}: {source}"
        );
        match why {
            None => assert_eq!(number(&source["records"]), count, "{name} is repaired: {source}"),
            Some(why) => {
                assert_eq!(number(&source["rejects"]), 1, "{name}: {source}");
                let reject = &source["first_rejects"][0];
                assert_eq!(number(&reject["row"]), 2, "{name}: {reject}");
                assert!(reject["reason"].as_str().expect("a reason").contains(why), "{name}: {reject}");
            }
        }
    }
    let deep = 100_000;
    let nested = one(&format!(r#"{{"type":"Polygon","coordinates":{}{}}}"#, "[".repeat(deep), "]".repeat(deep)));
    let deep_properties = format!("{}1{}", r#"{"a":"#.repeat(deep), "}".repeat(deep));
    for (name, bytes, why) in [
        ("deep.geojson", nested.into_bytes(), "nested deeper"),
        ("deeper.geojson", "[".repeat(deep).into_bytes(), "nested deeper"),
        ("properties.geojson", deep_properties.into_bytes(), "nested deeper"),
        ("cut.geojson", good.to_string().into_bytes()[..900].to_vec(), "truncated"),
        ("table.geojson", b"a;b\n1;2\n".to_vec(), "not GeoJSON"),
        ("empty.geojson", Vec::new(), "empty"),
        ("binary.geojson", vec![0, 159, 146, 150, 0, 1, 2, 3], "binary"),
        ("false.gpkg", [b"SQLite format 3\0".to_vec(), vec![7; 4_000]].concat(), "damaged"),
        ("false.fgb", [b"fgb\x03fgb\x00".to_vec(), vec![0xff; 4_000]].concat(), "false.fgb"),
    ] {
        let bad = town.at(name);
        fs::write(&bad, bytes).expect("a file to write");
        refused(&town, &personal, &["--layer", &format!("sections={bad}")], name, why);
    }
    let (_, back) = import(&town, &personal, &["--layer", &format!("sections={file}")]);
    assert_eq!((back["state"].as_str(), number(&back["records"])), (Some("read"), count));
    assert_eq!(town.check().0, Some(0));
}

#[test]
fn a_geopackage_of_another_program_is_read() {
    if !has("ogr2ogr") {
        return;
    }
    let town = Town::ready("geopackage");
    let personal = town.personal_words();
    let (areas, packed) = (town.file("sections.geojson"), town.at("areas.gpkg"));
    let convert = |arguments: &[&str]| {
        let output = Command::new("ogr2ogr").args(arguments).output().expect("ogr2ogr starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    convert(&["-f", "GPKG", &packed, &areas, "-nln", "sections", "-t_srs", "EPSG:32633"]);
    let (code, source) = import(&town, &personal, &["--layer", &format!("areas={packed}")]);
    assert_eq!((code, number(&source["records"])), (Some(0), 22.max(number(&source["rows"]))), "{source}");
    convert(&["-f", "GPKG", "-update", &packed, &town.file("neighbourhoods.geojson"), "-nln", "quarters"]);
    refused(&town, &personal, &["--layer", &format!("areas={packed}")], "", "sections");
    let (code, source) = import(&town, &personal, &["--layer", &format!("areas={packed}#quarters")]);
    assert_eq!((code, number(&source["rejects"])), (Some(0), 0), "{source}");
    let (code, source) = import(&town, &personal, &["--layer", &format!("areas={packed}#streets")]);
    assert_eq!((code, source["state"].as_str()), (Some(3), Some("refused")), "{source}");
    let flat = town.at("areas.fgb");
    convert(&["-f", "FlatGeobuf", &flat, &areas]);
    let (code, source) = import(&town, &personal, &["--layer", &format!("areas={flat}")]);
    assert_eq!((code, number(&source["rejects"])), (Some(0), 0), "{source}");
}

#[test]
fn a_bad_model_a_bad_day_and_a_bad_column_are_named() {
    let town = Town::ready("model");
    let before = holdings(&town);
    let data = town.data();
    let shipped = include_str!("../../src/fragility/model/default.toml");
    for (name, text, why) in [
        ("broken.toml", "id = \"x\"\nk = = 2".to_owned(), "line 2"),
        ("unknown_key.toml", shipped.replacen("k = 0.20", "k = 0.20\ncolour = 3", 1), "colour"),
        ("weights.toml", shipped.replacen("weight = 0.2\n", "weight = 0.4\n", 1), "sum to"),
        ("negative.toml", shipped.replacen("k = 0.20", "k = -1.0", 1), "k"),
        ("indicator.toml", shipped.replacen("key = \"isee_low\"", "key = \"shoe_size\"", 1), "shoe_size"),
        ("binary.toml", "\u{0}\u{1}\u{2}".to_owned(), "model"),
    ] {
        let file = town.at(name);
        fs::write(&file, text).expect("a model to write");
        let output = attempt(&["refresh", "--data", &data, "--as-of", AS_OF, "--model", &file]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("--model") && said.contains(why), "{name}: {said}");
    }
    let output = attempt(&["refresh", "--data", &data, "--as-of", "1990-01-01"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("--as-of") && said.contains("1990-01-01"), "{said}");

    let out = town.at("geocoded.csv");
    let (register, tari) = (town.file("civics/indirizzario.csv"), town.bank("tari"));
    let geocode = |column: &str, output: &str| {
        attempt(&["geocode", "--civics", &register, "--input", &tari, "--column", column, "--output", output])
    };
    let said = geocode("indirizo", &out);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("indirizo"));
    assert!(!Path::new(&out).exists(), "no file is left of what failed");
    assert_eq!(geocode("ubicazione", "/no/such/folder/out.csv").status.code(), Some(1));
    assert_eq!(geocode("ubicazione", &out).status.code(), Some(0));
    assert_eq!(table(Path::new(&out)).len(), table(Path::new(&tari)).len(), "every row of the input is in the output");
    assert_eq!(holdings(&town), before, "nothing was lost");
}
