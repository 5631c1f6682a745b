//! The whole path once, read from top to bottom: files of the offices → store → people, households, places → scores →
//! snapshot → map and exports. At every step the sums of the step before are found again: nothing gets lost on the way.

use std::{collections::HashSet, path::Path};

use serde_json::Value;

use crate::{
    place::{self, report, run, table},
    server::Server,
    town::{AS_OF, BANKS, Town},
};

/// A whole number of a report.
fn whole(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no whole number"))
}

/// The sum of a column.
fn sum(rows: &[place::Row], column: &str) -> u64 {
    rows.iter().map(|row| row[column].parse::<u64>().expect("a whole number")).sum()
}

#[test]
fn from_the_banks_to_the_map() {
    // An invented town: a civic register, areas, and ten banks as ten offices would export them.
    let town = Town::invent("pipeline", 2_500, 11);

    // Import: every row of every file becomes a record or a reject, and nothing else.
    let imported = town.import();
    let sources = imported["sources"].as_array().expect("sources");
    for source in sources {
        assert_eq!(source["state"], "read", "{source}");
        assert_eq!(whole(&source["records"]) + whole(&source["rejects"]), whole(&source["rows"]), "{source}");
    }
    for bank in BANKS {
        let source = sources.iter().find(|source| source["source"] == bank).expect("every bank is reported");
        let rows = table(Path::new(&town.bank(bank))).len() as u64;
        assert_eq!(whole(&source["rows"]), rows, "{bank}: the rows of the file, by another reader");
    }
    let banks = || sources.iter().filter(|source| BANKS.iter().any(|bank| source["source"] == *bank));
    let records: u64 = banks().map(|source| whole(&source["records"])).sum();
    let told: u64 = sources.iter().map(|source| whole(&source["rejects"]) + whole(&source["warnings"])).sum();

    // Linkage and geocoding: every record is judged once, every address is put somewhere or said not to be.
    let rebuilt = &imported["rebuilt"];
    let links = town.export("links");
    assert_eq!(links.len() as u64, records, "one link a record");
    assert_eq!(
        rebuilt["tiers"].as_array().expect("tiers").iter().map(|tier| whole(&tier["rows"])).sum::<u64>(),
        records
    );
    let people: HashSet<&str> = links.iter().map(|link| link["person"].as_str()).filter(|id| !id.is_empty()).collect();
    let known = whole(&rebuilt["people"]["registered"]) + whole(&rebuilt["people"]["unregistered"]);
    assert_eq!(people.len() as u64, known, "people of the links");
    let homes: HashSet<&str> =
        links.iter().map(|link| link["household"].as_str()).filter(|id| !id.is_empty()).collect();
    assert_eq!(homes.len() as u64, whole(&rebuilt["households"]), "households of the links");
    let addresses = town.export("addresses");
    every_address_is_judged(&addresses, rebuilt);
    assert_eq!(town.export("rejects").len() as u64, told, "every reject and warning can be exported");

    // Refresh: every household is placed or counted as without a place.
    let refreshed = town.refresh();
    let (placed, in_them) = (whole(&refreshed["placed"]), whole(&refreshed["people"]));
    assert_eq!(placed + whole(&refreshed["unplaced"]), whole(&rebuilt["households"]));
    let households = town.export("households");
    assert_eq!((households.len() as u64, sum(&households, "people")), (placed, in_them));
    let fragile = households.iter().filter(|row| row["fragile"] == "true").count() as u64;
    assert!(fragile > 0 && fragile <= whole(&refreshed["fragile"]), "fragile among the placed: {fragile}");

    // The map: the hexagons of every resolution hold every household, for the public as for an office.
    let server = Server::start(&town.data());
    let viewer = town.token("viewer", "pipeline");
    for token in [None, Some(viewer.as_str())] {
        the_map_holds_everyone(&server, token, (placed, in_them));
    }
    for resolution in 6..=10 {
        let hexes = table(Path::new(&town.export_hexes(resolution, "csv")));
        assert_eq!((sum(&hexes, "households"), sum(&hexes, "people")), (placed, in_them), "export of {resolution}");
    }

    // The colour of the map is the mean of the households' scores, computed here a second time.
    let scores: Vec<f64> = households.iter().map(|row| row["fragility"].parse().expect("a score")).collect();
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    let shown = server.get_as(Some(&viewer), "/api/town").json()["means"]["fragility"].as_f64().expect("a mean");
    assert!((mean - shown).abs() < 1e-3, "{mean} is shown as {shown}");

    // An address of the register is found by its words, at its own place.
    let civic =
        addresses.iter().find(|row| row["level"] == "exact" && row["status"] == "accept").expect("an exact one");
    let words = civic["text"].split(" int").next().expect("words").replace(' ', "+");
    let found = server.get(&format!("/api/addresses?q={words}&limit=5")).json();
    let ids: Vec<String> =
        found["items"].as_array().expect("items").iter().map(|i| i["access_id"].to_string()).collect();
    assert!(ids.contains(&civic["access_id"]), "{} is not among {ids:?}", civic["access_id"]);
    assert_eq!(town.check().0, Some(0));
}

/// The addresses of each bank, by what became of them: as the import told.
fn every_address_is_judged(addresses: &[place::Row], rebuilt: &Value) {
    for tally in rebuilt["addresses"].as_array().expect("addresses") {
        let of_bank = |status: &str| {
            let mine = |row: &&place::Row| tally["bank"] == row["bank"] && row["status"] == status;
            addresses.iter().filter(mine).count() as u64
        };
        let judged = [of_bank("accept"), of_bank("review"), of_bank("reject")];
        let told = ["accepted", "review", "rejected"].map(|key| whole(&tally[key]));
        assert_eq!(judged, told, "{tally}");
        assert_eq!(told.iter().sum::<u64>(), whole(&tally["rows"]), "{tally}");
    }
}

/// Households and people of the hexagons of every resolution, and of the town.
fn the_map_holds_everyone(server: &Server, token: Option<&str>, (placed, in_them): (u64, u64)) {
    let about = server.get_as(token, "/api/town").json();
    assert_eq!((whole(&about["households"]), whole(&about["people"])), (placed, in_them));
    let tiles = server.get_as(token, "/tiles/hexes.json").json()["tiles"][0].as_str().expect("an address").to_owned();
    let generation = about["generation"].as_str().expect("a generation");
    assert!(tiles.ends_with(&format!("?g={generation}")), "{tiles}");
    assert_eq!(about["as_of"], AS_OF);
    for resolution in about["resolutions"].as_array().expect("resolutions") {
        let hexes = server.hexes(token, whole(resolution) as u8);
        let total = |key: &str| hexes.iter().map(|hex| whole(&hex[key])).sum::<u64>();
        assert_eq!((total("households"), total("people")), (placed, in_them), "resolution {resolution}");
    }
}

#[test]
fn the_same_files_twice_are_once() {
    let town = Town::invent("twice", 1_000, 5);
    let first = town.import();
    let generation = town.refresh()["generation"].clone();
    let again = town.import();
    for source in again["sources"].as_array().expect("sources") {
        assert_eq!(source["state"], "already", "{source}");
    }
    let totals = |report: &Value| -> Vec<(Value, Value)> {
        let sources = report["sources"].as_array().expect("sources");
        sources.iter().map(|source| (source["rows"].clone(), source["records"].clone())).collect()
    };
    assert_eq!(totals(&again), totals(&first), "what is here already is told with its sums");
    assert_eq!(again["rebuilt"], Value::Null, "nothing is done anew");
    let words = town.whole_import(&town.data());
    let said = run(&words.iter().map(String::as_str).collect::<Vec<_>>()).stdout;
    assert!(String::from_utf8_lossy(&said).contains("nothing new"));
    assert_eq!(town.refresh()["generation"], generation);

    // Content counts, not the name; and a file that changed by one row is read again.
    let other = town.at("another-name.csv");
    std::fs::copy(town.bank("erp"), &other).expect("a copy");
    let same = |file: &str| {
        let bank = format!("erp={file}");
        report(&["import", "--quiet", "--data", &town.data(), "--comune", "X001", "--bank", &bank])
    };
    assert_eq!(same(&other)["sources"][0]["state"], "already");
    let bytes = std::fs::read(&other).expect("a bank");
    let end = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("lines") + 1;
    std::fs::write(&other, &bytes[..end]).expect("a bank to write");
    let shorter = same(&other);
    assert_eq!(shorter["sources"][0]["state"], "read");
    assert_eq!(whole(&shorter["sources"][0]["rows"]) + 1, table(Path::new(&town.bank("erp"))).len() as u64);
    assert_eq!(same(&town.bank("erp"))["sources"][0]["state"], "read");
    assert_eq!(town.refresh()["generation"], generation, "with the first file back, everything is as it was");
    assert_eq!(town.check().0, Some(0));
}

#[test]
fn the_same_seed_makes_the_same_snapshot() {
    let generation = |name: &str, seed: u32| {
        let town = Town::invent(name, 400, seed);
        town.import();
        town.refresh()["generation"].clone()
    };
    let first = generation("seed-a", 7);
    assert_eq!(first, generation("seed-b", 7));
    assert_ne!(first, generation("seed-c", 8));
}
