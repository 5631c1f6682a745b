//! The whole product over PostgreSQL: the same files make the same snapshot as in a folder, byte for byte; servers over
//! one database follow each other; a comune moves between homes.

use std::{fs, path::Path, process::Command, time::Duration};

use serde_json::Value;

use crate::{
    cluster::{Cluster, Disk, PASSWORD},
    place::{atlante, attempt, has, report, run},
    server::Server,
    town::{AS_OF, COMUNE, Town},
};

/// The words that name a store in a database; its key lies in the town's folder of that name.
fn store_words(url: &str, keys: &str) -> [String; 4] {
    ["--store".to_owned(), url.to_owned(), "--data".to_owned(), keys.to_owned()]
}

fn words<'a>(first: &[&'a str], store: &'a [String]) -> Vec<&'a str> {
    first.iter().copied().chain(store.iter().map(String::as_str)).collect()
}

/// An export as bytes.
fn export(town: &Town, subject: &str, ending: &str, store: &[String]) -> Vec<u8> {
    let file = town.at(&format!("out.{ending}"));
    run(&words(&["export", subject, "--quiet", "--output", &file], store));
    fs::read(&file).expect("an export")
}

/// Imports the whole town into a database.
fn import(town: &Town, url: &str, keys: &str) -> Value {
    let mut all = town.whole_import(keys);
    all.extend(["--store".to_owned(), url.to_owned()]);
    report(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn the_same_files_make_the_same_bytes_in_both_homes() {
    let Some(cluster) = Cluster::shared() else { return };
    let town = Town::ready("homes");
    let (url, keys) = (cluster.database(), town.at("keys-of-server"));
    let imported = import(&town, &url, &keys);
    assert!(imported["sources"].as_array().expect("sources").iter().all(|source| source["state"] == "read"));
    let server = store_words(&url, &keys);
    let folder = ["--data".to_owned(), town.data()];
    let refreshed = report(&words(&["refresh", "--quiet", "--as-of", AS_OF], &server));
    assert_eq!(refreshed["generation"], town.refresh()["generation"], "the same snapshot");
    for subject in ["links", "addresses", "households", "hexes", "rejects"] {
        let same = export(&town, subject, "csv", &server) == export(&town, subject, "csv", &folder);
        assert!(same, "{subject} differ");
    }
    assert!(export(&town, "hexes", "fgb", &server) == export(&town, "hexes", "fgb", &folder), "FlatGeobuf differs");
    let checked = report(&words(&["check"], &server));
    assert_eq!(checked["sound"], true);

    // Twice is once; a wrong comune or a password in a message is not there at all.
    let again = import(&town, &url, &keys);
    assert!(again["sources"].as_array().expect("sources").iter().all(|source| source["state"] == "already"));
    let wrong = attempt(&words(&["check", "--comune", "M208"], &server));
    assert_eq!(wrong.status.code(), Some(1));
    let away = "postgres://atlante:Segretissima1946@127.0.0.1:1/x".to_owned();
    for address in [away, "postgres://a:Segretissima1946@b:c/d".to_owned(), url.replace("town_", "nothing_")] {
        let output = atlante()
            .args(words(&["check"], &store_words(&address, &keys)))
            .env("ATLANTE_LOG", "trace")
            .output()
            .expect("the binary starts");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(!said.contains(PASSWORD), "{said}");
    }
}

#[test]
fn two_servers_over_one_database_follow_a_refresh_and_share_tokens() {
    let Some(cluster) = Cluster::shared() else { return };
    let town = Town::ready("followers");
    let (url, keys) = (cluster.database(), town.at("keys-of-server"));
    // A small move on the way: the town that is ready goes to the server.
    let moved = report(&["move", "--from", &town.data(), "--to", &url, "--keys", &keys]);
    assert_eq!(moved["comune"], COMUNE);
    let store = store_words(&url, &keys);
    let start = || Server::launch(&words(&["serve", "--listen", "127.0.0.1:0"], &store), "info").until_ready();
    let (one, two) = (start(), start());
    let before = one.get("/api/town").json()["generation"].clone();
    assert_eq!(two.get("/api/town").json()["generation"], before);
    run(&words(&["refresh", "--quiet", "--as-of", "2026-01-31"], &store));
    for server in [&one, &two] {
        let anew = |server: &Server| server.get("/api/town").json()["generation"] != before;
        assert!(server.wait(Duration::from_secs(10), anew), "the new generation is not served");
        assert_eq!(server.get("/api/town").json()["as_of"], "2026-01-31");
    }
    let made = report(&words(&["token", "add", "--role", "viewer", "--name", "tutti"], &store));
    let token = made["token"].as_str().expect("a token");
    for server in [&one, &two] {
        let known = |server: &Server| server.get_as(Some(token), "/api/town").status == 200;
        assert!(server.wait(Duration::from_secs(5), known), "a token is good at both");
    }
    let log = one.stop().1 + &two.stop().1;
    assert!(!log.contains(PASSWORD) && !log.contains("\"ERROR\""), "{log}");
    assert_eq!(report(&words(&["check"], &store))["sound"], true);
}

#[test]
fn a_server_outlives_its_database() {
    let Some(cluster) = Cluster::start(Disk::Durable) else { return };
    let town = Town::ready("outlives");
    let url = cluster.database();
    run(&["move", "--quiet", "--from", &town.data(), "--to", &url]);
    let store = store_words(&url, &town.data());
    let server = Server::launch(&words(&["serve", "--listen", "127.0.0.1:0"], &store), "info").until_ready();
    for _ in 0..2 {
        cluster.kill();
        assert_eq!(server.get("/api/town").status, 200, "the public is served from memory");
        assert_eq!(server.get("/readyz").status, 503);
        cluster.launch();
        assert!(server.wait(Duration::from_secs(15), |server| server.get("/readyz").status == 200), "it is back");
    }
    run(&words(&["refresh", "--quiet", "--as-of", "2026-01-31"], &store));
    let anew = |server: &Server| server.get("/api/town").json()["as_of"] == "2026-01-31";
    assert!(server.wait(Duration::from_secs(10), anew), "it follows again");
    assert_eq!(report(&words(&["check"], &store))["sound"], true);
}

#[test]
fn a_move_killed_at_random_moments_arrives_whole() {
    let Some(cluster) = Cluster::shared() else { return };
    let town = Town::ready("moves");
    let url = cluster.database();
    let folder = ["--data".to_owned(), town.data()];
    let server = store_words(&url, &town.data());
    let moving = || {
        let mut command = atlante();
        command.args(["move", "--quiet", "--from", &town.data(), "--to", &url]);
        command
    };
    let mut killed = 0;
    for round in 0..12_u64 {
        let mut child = moving().spawn().expect("the binary starts");
        std::thread::sleep(Duration::from_millis(30 + round * 40));
        if child.try_wait().expect("a state").is_some() {
            break;
        }
        let _ = child.kill();
        child.wait().expect("the end of the child");
        killed += 1;
        let unfinished = attempt(&words(&["check"], &server));
        if unfinished.status.code() == Some(0) {
            // Killed after its last step: it is whole.
            break;
        }
        let said = String::from_utf8_lossy(&unfinished.stderr).into_owned();
        assert!(said.contains("not whole yet") || said.contains("the database holds no"), "{said}");
    }
    println!("{killed} moves were killed");
    let again = moving().output().expect("the binary starts");
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.success() || said.contains("not empty"), "{said}");
    assert_eq!(report(&words(&["check"], &server))["sound"], true);
    assert!(export(&town, "households", "csv", &server) == export(&town, "households", "csv", &folder));

    // And back, into an empty folder.
    let back = town.at("back");
    let output = report(&["move", "--from", &url, "--to", &back, "--keys", &town.data()]);
    assert!(output["rows"].as_u64().is_some_and(|rows| rows > 20), "{output}");
    let back = ["--data".to_owned(), back];
    for subject in ["links", "addresses", "households", "hexes", "rejects"] {
        assert!(export(&town, subject, "csv", &back) == export(&town, subject, "csv", &folder), "{subject} differ");
    }
    assert_eq!(report(&words(&["check"], &back))["sound"], true);
    let imported =
        report(&words(&["import", "--comune", COMUNE, "--bank", &format!("erp={}", town.bank("erp"))], &back));
    assert_eq!(imported["sources"][0]["state"], "already", "what was imported before the move is known after it");
}

#[test]
fn qgis_reads_the_views() {
    const READ: &str = "
import sys
from qgis.core import QgsApplication, QgsVectorLayer, QgsDataSourceUri, QgsWkbTypes, QgsRectangle, QgsFeatureRequest
app = QgsApplication([], False); app.initQgis()
for name in ('sections', 'hexes_9'):
    uri = QgsDataSourceUri()
    uri.setConnection('127.0.0.1', sys.argv[1], sys.argv[2], 'atlante', '')
    uri.setDataSource('atlante_x001', name, 'geom', '', 'fid')
    layer = QgsVectorLayer(uri.uri(False), name, 'postgres')
    assert layer.isValid(), (name, layer.error().message())
    assert layer.crs().authid() == 'EPSG:4326', layer.crs().authid()
    box = layer.extent()
    half = QgsRectangle(box.xMinimum(), box.yMinimum(), box.center().x(), box.center().y())
    some = sum(1 for _ in layer.getFeatures(QgsFeatureRequest().setFilterRect(half)))
    everything = sum(1 for _ in layer.getFeatures())
    assert 0 < some < everything, (some, everything)
    print(name, QgsWkbTypes.displayString(layer.wkbType()), everything, len(layer.fields()))
print('read')
app.exitQgis()";
    let Some(cluster) = Cluster::shared() else { return };
    if !has("/usr/bin/python3") || !Path::new("/usr/share/qgis").exists() {
        return;
    }
    let town = Town::ready("views");
    let url = cluster.database();
    run(&["move", "--quiet", "--from", &town.data(), "--to", &url]);
    let output = Command::new("/usr/bin/python3")
        .args(["-c", READ, &cluster.port().to_string(), Cluster::name(&url)])
        .env("QT_QPA_PLATFORM", "offscreen")
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("\nread"), "{said}");
    println!("{}", said.trim());
    let source = format!("{} schemas=atlante_x001", cluster.for_gdal(&url));
    let listed = Command::new("ogrinfo").args(["-ro", "-so", &source, "sections"]).output().expect("ogrinfo starts");
    let said = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(said.contains("Geometry: ") && !said.contains("Unknown (any)"), "{said}");
}
