//! The real binary as its operators meet it: start, readiness, tokens, refresh while serving, audit, exit codes, logs.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    place::{atlante, attempt, has},
    server::Server,
    town::{Town, leaked},
};

/// Runs a statement on a store's file with SQLite itself; `None` where Python is missing.
pub fn sqlite(town: &Town, statements: &str) -> Option<String> {
    const RUN: &str = "import sqlite3, sys
base = sqlite3.connect(sys.argv[1], timeout=20)
for statement in sys.argv[2].split(';;'):
    rows = base.execute(statement).fetchall()
base.commit()
print(rows[0][0] if rows else '')";
    if !has("python3") {
        return None;
    }
    let file = format!("{}/atlante.gpkg", town.data());
    let output = Command::new("python3").args(["-c", RUN, &file, statements]).output().expect("python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[test]
fn a_server_starts_answers_and_drains() {
    let town = Town::ready("drains");
    let server = Server::start(&town.data());
    for (path, kind) in [
        ("/healthz", "text/plain"),
        ("/readyz", "text/plain"),
        ("/metrics", "text/plain"),
        ("/api/town", "application/json"),
        ("/tiles/hexes.json", "application/json"),
        ("/styles/fragility.json", "application/json"),
        ("/styles/basemap.json", "application/json"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(answer.header("content-type").is_some_and(|found| found.starts_with(kind)), "{path}: {answer:?}");
    }
    let style = server.get("/styles/fragility.json").text();
    assert!(style.contains(&format!("http://{}/tiles/hexes.json", server.address)), "addresses are absolute");
    assert!(!style.contains("{base}"));

    // Compressed once, told apart by ETag, and not sent twice.
    let plain = server.get("/api/town");
    let etag = plain.header("etag").expect("an ETag").to_owned();
    let packed = server.get_with("/api/town", &[("Accept-Encoding", "br")]);
    assert_eq!(packed.header("content-encoding"), Some("br"));
    assert_ne!(packed.header("etag"), Some(etag.as_str()));
    let again = server.get_with("/api/town", &[("If-None-Match", &etag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), Some(etag.as_str()));
    assert!(again.header("vary").is_some_and(|vary| vary.to_lowercase().contains("authorization")));

    // The counters have seen it.
    let metrics = server.get("/metrics").text();
    let counted = metrics.lines().find(|line| line.contains("/api/town") && !line.starts_with('#'));
    assert!(counted.is_some(), "{metrics}");

    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "SIGTERM drains and ends well:\n{log}");
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        let level = line["level"].as_str().expect("a level");
        assert!(matches!(level, "INFO" | "DEBUG"), "{line}");
    }
}

#[test]
fn without_a_refresh_it_says_that_it_is_not_ready_and_serves_as_soon_as_there_is_one() {
    let town = Town::invent("not-ready", 300, 3);
    town.import();
    let server = Server::start_unready(&town.data());
    assert_eq!(server.get("/healthz").status, 200);
    let not_yet = server.get("/readyz");
    assert_eq!((not_yet.status, not_yet.header("retry-after").is_some()), (503, true));
    assert_eq!(server.get("/api/town").status, 503);
    town.refresh();
    assert!(
        server.wait(Duration::from_secs(5), |server| server.get("/readyz").status == 200),
        "the first refresh is served"
    );
}

#[test]
fn a_token_widens_and_its_revocation_narrows() {
    let town = Town::ready("tokens");
    let server = Server::start(&town.data());
    let token = town.token("viewer", "Ufficio di piano");
    let basic = format!("Basic {}", base64(format!("Ufficio di piano:{token}").as_bytes()));
    let bearer = format!("Bearer {token}");
    let ways = [("Authorization", bearer.as_str()), ("Authorization", basic.as_str()), ("X-Api-Key", token.as_str())];
    let policy = |header| server.get_with("/api/town", &[header]);
    assert_eq!(server.get("/api/town").json()["policy"], "public");
    for way in ways {
        let answer = policy(way);
        assert_eq!(answer.json()["policy"], "exact", "{}", way.0);
        assert_eq!(answer.json()["role"], "viewer");
        assert!(answer.header("cache-control").is_some_and(|keep| keep.contains("private")), "{answer:?}");
    }
    for (name, bad) in [
        ("Authorization", "Bearer atl_0000000000000000000000000000000000000000000000000000000000000000"),
        ("Authorization", "Bearer"),
        ("Authorization", "Negotiate abc"),
        ("X-Api-Key", "guess"),
    ] {
        assert_eq!(policy((name, bad)).status, 401, "{bad}");
    }
    let other = format!("Basic {}", base64(format!("somebody:{token}").as_bytes()));
    assert_eq!(policy(("Authorization", other.as_str())).status, 401, "another's name");

    let listed = attempt(&["token", "list", "--data", &town.data()]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("Ufficio di piano") && !listed.contains(&token[4..]), "{listed}");
    assert_eq!(
        attempt(&["token", "revoke", "--data", &town.data(), "--name", "Ufficio di piano"]).status.code(),
        Some(0)
    );
    let begun = Instant::now();
    assert!(server.wait(Duration::from_secs(4), |_| policy(ways[0]).status == 401), "a revoked token is good for ever");
    assert!(begun.elapsed() < Duration::from_millis(2_500), "revoked, and good for {:?} more", begun.elapsed());
    assert_eq!(policy(ways[2]).status, 401);
}

#[test]
fn a_refresh_while_serving_is_served_within_five_seconds() {
    let town = Town::ready("anew");
    let server = Server::start(&town.data());
    let before = server.get("/api/town").json();
    let tiles = server.get("/tiles/hexes.json").json()["tiles"][0].to_string();
    attempt(&["refresh", "--quiet", "--data", &town.data(), "--as-of", "2026-01-31"]);
    let anew = |server: &Server| server.get("/api/town").json()["generation"] != before["generation"];
    assert!(server.wait(Duration::from_secs(5), anew), "the new generation is not served");
    assert_eq!(server.get("/api/town").json()["as_of"], "2026-01-31");
    assert_ne!(server.get("/tiles/hexes.json").json()["tiles"][0].to_string(), tiles, "tiles have a new address");
    town.refresh();
    let back = |server: &Server| server.get("/api/town").json()["generation"] == before["generation"];
    assert!(server.wait(Duration::from_secs(5), back), "the same day gives the same generation again");
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0));
    assert!(!log.contains("\"ERROR\"") && !log.contains("\"WARN\""), "{log}");
}

#[test]
fn an_exact_answer_is_in_the_audit_log_and_tampering_shows() {
    let town = Town::ready("audit");
    let entries = "select count(*) from store_audit";
    let Some(before) = sqlite(&town, entries) else { return };
    let count = |town: &Town| sqlite(town, entries).and_then(|n| n.parse::<u64>().ok()).expect("a count");
    let server = Server::start(&town.data());
    server.get("/api/town");
    assert_eq!(count(&town).to_string(), before, "what is public is not logged");
    let token = town.token("social", "assistente");
    let with_token = count(&town);
    let card = server.hexes(None, 8)[0]["id"].as_str().expect("an id").to_owned();
    for path in
        ["/api/town".to_owned(), "/api/hexes?resolution=8".to_owned(), format!("/api/hexes/{card}?resolution=8")]
    {
        let then = count(&town);
        assert!(matches!(server.get_as(Some(&token), &path).status, 200 | 404));
        assert_eq!(count(&town), then + 1, "{path} is in the log when it is answered");
    }
    assert!(with_token > before.parse().expect("a count"), "a token's making is in the log");
    let last = sqlite(&town, "select actor || ' ' || role from store_audit order by seq desc limit 1");
    assert_eq!(last.as_deref(), Some("assistente social"));
    server.stop();
    let then = count(&town);
    let file = town.at("households.csv");
    attempt(&["export", "households", "--quiet", "--data", &town.data(), "--output", &file]);
    assert_eq!(count(&town), then + 1, "an export is in the log");
    assert_eq!(town.check().0, Some(0));

    // Whoever owns the disk can write what they like: it shows.
    let loosen = "drop trigger store_audit_no_update;;drop trigger store_audit_no_delete";
    for (what, statement) in [
        ("changed", "update store_audit set actor = 'nobody' where seq = (select max(seq) from store_audit)"),
        ("cut short", "delete from store_audit where seq = (select max(seq) from store_audit)"),
        ("emptied", "delete from store_audit"),
    ] {
        let copy = Town::copy_of(&town, "tampered");
        sqlite(&copy, &format!("{loosen};;{statement}"));
        let (code, report) = copy.check();
        assert_eq!(code, Some(4), "{what}: {report}");
        assert!(
            report["faults"].as_array().expect("faults").iter().any(|fault| fault["place"] == "audit log"),
            "{report}"
        );
    }
    let refused = Command::new("python3")
        .args(["-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('delete from store_audit')"])
        .arg(format!("{}/atlante.gpkg", town.data()))
        .output()
        .expect("python starts");
    assert!(!refused.status.success(), "the log is append-only");
}

#[test]
fn a_damaged_store_is_found() {
    for (what, statement) in [
        ("a batch's bytes", "update store_batch set payload = zeroblob(length(payload)) where idx = 0"),
        ("a batch's row count", "update store_batch set records = records + 1 where idx = 0"),
        ("a source's totals", "update store_source set rows = rows + 1"),
        ("the snapshot", "update store_chunk set bytes = zeroblob(length(bytes))"),
    ] {
        let town = Town::ready("damaged");
        if sqlite(&town, statement).is_none() {
            return;
        }
        let (code, report) = town.check();
        assert_eq!(code, Some(4), "{what}: {report}");
        assert_eq!(report["sound"], false);
        assert!(!report["faults"].as_array().expect("faults").is_empty());
    }
    // A store of which a part of the disk was lost: SQLite itself sees it, and it is damage, not a failure of ours.
    let town = Town::ready("torn");
    sqlite(&town, "pragma wal_checkpoint(truncate)");
    let file = format!("{}/atlante.gpkg", town.data());
    let mut bytes = std::fs::read(&file).expect("the store");
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xaa);
    std::fs::write(&file, bytes).expect("the store");
    let (code, report) = town.check();
    assert_eq!(code, Some(4), "{report}");
}

/// Asks with `--json`: the exit code, and the keys of the report; an error says why and nothing else; `-` is any text.
fn expect(mut words: Vec<String>, code: i32, keys: &str) {
    words.push("--json".to_owned());
    let asked = words.join(" ");
    let output = attempt(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{asked}\n{said}");
    if keys == "-" {
        return;
    }
    if keys.is_empty() {
        assert!(!said.trim().is_empty(), "{asked}: an error says why");
        assert!(output.stdout.is_empty(), "{asked}: nothing on standard output");
    } else {
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{asked}: no report"));
        let mut found: Vec<&str> = report.as_object().expect("an object").keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), keys, "{asked}");
    }
}

/// Each line: what is asked, the exit code, and the keys of the report.
#[test]
fn every_command_has_a_report_and_an_exit_code() {
    let town = Town::ready("codes");
    let (data, out, erp, tari) = (town.data(), town.at("out.csv"), town.bank("erp"), town.bank("tari"));
    let (indir, strad) = (town.file("civics/indirizzario.csv"), town.file("civics/stradario.csv"));
    let (small, fresh, nowhere) = (town.at("small"), town.at("fresh"), town.at("nowhere"));
    let (as_erp, as_other) = (format!("erp={erp}"), format!("erp={tari}"));
    let absent = format!("erp={nowhere}");
    let with = |words: Vec<&str>, more: &[&str]| -> Vec<String> {
        words.iter().chain(more).map(|word| (*word).to_owned()).collect()
    };
    let importing = |data: &str, comune: &str, bank: &str| {
        with(vec!["import", "--data", data, "--comune", comune, "--bank", bank], &[])
    };
    let columns = ["--column", "ubicazione", "--input", &tari, "--output", &out];
    let geocoding = ["--civics", &indir, "--civics", &strad];
    let cases: Vec<(Vec<String>, i32, &str)> = vec![
        (with(vec!["synth", "--households", "50", "--out"], &[&small]), 0, "files"),
        (importing(&fresh, "X001", &as_erp), 0, "rebuilt sources"),
        (importing(&fresh, "X001", &as_other), 3, "rebuilt sources"),
        (importing(&fresh, "X001", &absent), 3, "rebuilt sources"),
        (importing(&fresh, "M208", &as_erp), 1, ""),
        (importing(&fresh, "nowhere", &as_erp), 2, ""),
        (with(vec!["import", "--comune", "X001", "--data"], &[&fresh]), 1, ""),
        (
            with(vec!["refresh", "--as-of", "2026-06-30", "--data"], &[&data]),
            0,
            "as_of fragile generation model people placed snapshot_bytes unplaced",
        ),
        (with(vec!["refresh", "--as-of", "2026-06-31", "--data"], &[&data]), 2, ""),
        (with(vec!["refresh", "--as-of", "1999-01-01", "--data"], &[&data]), 1, ""),
        (with(vec!["refresh", "--data"], &[&data, "--model", &erp]), 1, ""),
        (with(vec!["refresh", "--data"], &[&nowhere]), 1, ""),
        (
            with(vec!["geocode"], &[&geocoding[..], &columns[..]].concat()),
            0,
            "accepted accesses geocoding_ms rejected review rows streets unreadable",
        ),
        (
            with(vec!["geocode"], &[&geocoding[..], &["--column", "via", "--input", &tari, "--output", &out]].concat()),
            1,
            "",
        ),
        (with(vec!["export", "hexes", "--data"], &[&data, "--output", &out]), 0, "file left_out rows"),
        (with(vec!["export", "hexes", "--data"], &[&data, "--output", &out, "--resolution", "3"]), 1, ""),
        (with(vec!["export", "hexes", "--data"], &[&data, "--output", &out, "--resolution", "16"]), 2, ""),
        (with(vec!["export", "hexes", "--data"], &[&data, "--output", &town.at("out.xyz")]), 1, ""),
        (with(vec!["export", "hexes", "--data"], &[&data, "--output", "/no/such/folder/out.csv"]), 1, ""),
        (with(vec!["export", "secrets", "--data"], &[&data, "--output", &out]), 1, ""),
        (with(vec!["export", "../secrets", "--data"], &[&data, "--output", &out]), 2, ""),
        (with(vec!["token", "add", "--role", "viewer", "--name", "x", "--data"], &[&data]), 0, "name role token"),
        (with(vec!["token", "add", "--role", "viewer", "--name", "x", "--data"], &[&data]), 1, ""),
        (with(vec!["token", "add", "--role", "king", "--name", "y", "--data"], &[&data]), 2, ""),
        (with(vec!["token", "add", "--role", "viewer", "--name", "a:b", "--data"], &[&data]), 1, ""),
        (with(vec!["token", "revoke", "--name", "x", "--data"], &[&data]), 0, "name revoked"),
        (with(vec!["token", "revoke", "--name", "x", "--data"], &[&data]), 1, ""),
        (with(vec!["explain", "--bank", "tari", "--row", "5", "--data"], &[&data]), 0, "explained"),
        (with(vec!["explain", "--bank", "tari", "--row", "500000", "--data"], &[&data]), 1, ""),
        (with(vec!["review", "list", "--data"], &[&data, "--output", &out]), 0, "file spellings"),
        (with(vec!["review", "settle", "--street", "1", "--spelling", "x", "--data"], &[&data]), 1, ""),
        (with(vec!["check", "--data"], &[&data]), 0, "faults sound"),
        (with(vec!["check", "--data"], &[&nowhere]), 1, ""),
        (with(vec!["serve", "--data"], &[&nowhere]), 1, ""),
        (with(vec!["serve", "--listen", "nowhere", "--data"], &[&data]), 2, ""),
        (with(vec![], &[]), 2, ""),
        (with(vec!["dance"], &[]), 2, ""),
        (with(vec!["--version"], &[]), 0, "-"),
        (with(vec!["--help"], &[]), 0, "-"),
    ];
    for (words, code, keys) in cases {
        expect(words, code, keys);
    }
}

#[test]
fn every_command_has_help() {
    for command in [
        "demo", "synth", "import", "refresh", "serve", "geocode", "export", "explain", "review", "token", "check",
        "move",
    ] {
        let help = attempt(&[command, "--help"]);
        assert_eq!(help.status.code(), Some(0));
        assert!(String::from_utf8_lossy(&help.stdout).contains("Usage:"), "{command}");
    }
}

#[test]
fn no_log_and_no_message_holds_a_personal_value() {
    let town = Town::invent("silent", 600, 21);
    let personal = town.personal_words();
    let data = town.data();
    // The banks arrive damaged, so that there is something to complain about: cells shifted, codes broken, rows cut.
    for bank in crate::town::BANKS {
        let file = town.bank(bank);
        let bytes = std::fs::read(&file).expect("a bank");
        let mut lines: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        for (at, line) in lines.iter_mut().enumerate().skip(1) {
            match at % 17 {
                3 => line.truncate(line.len() / 2),
                5 => line.extend_from_slice(b";;;;;;;;;;;;;;;;;;;"),
                7 => line.reverse(),
                11 => line.insert(0, b';'),
                _ => {}
            }
        }
        std::fs::write(&file, lines.join(&b'\n')).expect("a bank to write");
    }
    let run_loudly = |words: &[&str]| {
        let output = atlante().args(words).env("ATLANTE_LOG", "trace").output().expect("the binary starts");
        let said = [output.stdout, output.stderr].concat();
        let leaks = leaked(&String::from_utf8_lossy(&said), &personal);
        assert!(leaks.is_empty(), "{} says {leaks:?}", words[0]);
    };
    let words = town.whole_import(&data);
    run_loudly(&words.iter().map(String::as_str).collect::<Vec<_>>());
    run_loudly(&["refresh", "--data", &data, "--as-of", "2026-06-30"]);
    run_loudly(&["check", "--data", &data]);
    for subject in ["links", "addresses", "households", "hexes", "rejects"] {
        run_loudly(&["export", subject, "--data", &data, "--output", &town.at("out.csv")]);
    }
    let rejects = std::fs::read_to_string(town.at("out.csv")).expect("rejects");
    assert!(rejects.lines().count() > 100, "there was something to complain about");
    assert_eq!(leaked(&rejects, &personal), Vec::<String>::new(), "a reject holds a personal value");

    let server = Server::start_loud(&data);
    let token = town.token("health", "asl");
    for path in ["/api/town", "/api/hexes?resolution=10", "/api/addresses?q=via", "/tiles/hexes/12/2200/1500.mvt"] {
        server.get_as(Some(&token), path);
    }
    let someone = personal.iter().next().expect("somebody").clone();
    server.get(&format!("/api/addresses?q={someone}"));
    server.get(&format!("/{someone}"));
    let (_, log) = server.stop();
    assert!(log.lines().count() > 10, "it logged loudly");
    assert_eq!(leaked(&log, &personal), Vec::<String>::new(), "the server's log holds a personal value");
    assert!(!log.contains(&token), "the server's log holds a token");

    // On disk they are sealed.
    for entry in
        std::fs::read_dir(Path::new(&data)).expect("the store").flatten().filter(|entry| entry.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).expect("a file of the store");
        let leaks = leaked(&String::from_utf8_lossy(&bytes), &personal);
        let codes: Vec<_> = leaks.iter().filter(|word| word.len() == 16).collect();
        assert!(codes.is_empty(), "{} holds {codes:?}", entry.path().display());
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let value = word >> (18 - 6 * digit) & 63;
            text.push(if digit <= chunk.len() { char::from(DIGITS[value as usize]) } else { '=' });
        }
    }
    text
}
