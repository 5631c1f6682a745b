//! The figures that the two real towns' truth can judge: who is who, and who lives where. Printed per bank.

use std::{collections::HashMap, path::Path};

use crate::{
    place::{Folder, Row, run, shared, table},
    town::BANKS,
};

fn code_of(row: &Row) -> String {
    const NAMES: [&str; 5] = ["codice_fiscale", "CODICE FISCALE", "CF", "codice_fiscale_dichiarante", "CODICE_FISCALE"];
    NAMES.iter().find_map(|name| row.get(*name)).map(|code| code.trim().to_uppercase()).unwrap_or_default()
}

struct Town {
    name: &'static str,
    comune: &'static str,
    import: Vec<String>,
    folder: Folder,
}

fn towns(shared: &Path) -> [Town; 2] {
    let at = |path: &str| shared.join(path).to_str().expect("a UTF-8 path").to_owned();
    let lamezia = vec![
        "--civics".into(),
        at("lamezia/anncsu_lamezia_indirizzario_20260602.csv"),
        "--civics".into(),
        at("lamezia/anncsu_lamezia_stradario_20260602.csv"),
        "--layer".into(),
        format!("boundary={}", at("lamezia/comune_M208_lamezia_terme.geojson")),
        "--layer".into(),
        format!("sections={}", at("lamezia/istat_sezioni_censimento_lamezia.geojson")),
        "--banks".into(),
        at("lamezia/banks"),
    ];
    let anagni = vec![
        "--civics".into(),
        at("anagni/anncsu_A269.csv"),
        "--civic-points".into(),
        at("anagni/civici_kml_A269.csv"),
        "--layer".into(),
        format!("boundary={}", at("anagni/comune_A269_anagni.geojson")),
        "--layer".into(),
        format!("roads={}", at("anagni/stradario_A269.geojson")),
        "--banks".into(),
        at("anagni/banks"),
    ];
    [
        Town { name: "lamezia", comune: "M208", import: lamezia, folder: Folder::new("lamezia") },
        Town { name: "anagni", comune: "A269", import: anagni, folder: Folder::new("anagni") },
    ]
}

impl Town {
    fn rebuild(&self) -> String {
        let data = self.folder.at("data");
        let mut arguments = vec!["import", "--quiet", "--data", &data, "--comune", self.comune];
        arguments.extend(self.import.iter().map(String::as_str));
        run(&arguments);
        run(&["refresh", "--quiet", "--data", &data, "--as-of", "2026-06-30"]);
        data
    }

    fn export(&self, data: &str, subject: &str) -> Vec<Row> {
        let file = self.folder.at(&format!("{subject}.csv"));
        run(&["export", subject, "--quiet", "--data", data, "--output", &file]);
        table(Path::new(&file))
    }
}

/// Right, wrong and missing out of a total.
#[derive(Default)]
struct Tally {
    total: u32,
    right: u32,
    wrong: u32,
}

impl Tally {
    fn recall(&self) -> f64 {
        if self.total == 0 { 1.0 } else { f64::from(self.right) / f64::from(self.total) }
    }

    fn precision(&self) -> f64 {
        let given = self.right + self.wrong;
        if given == 0 { 1.0 } else { f64::from(self.right) / f64::from(given) }
    }

    fn wrong_share(&self) -> f64 {
        if self.total == 0 { 0.0 } else { f64::from(self.wrong) / f64::from(self.total) }
    }
}

fn judge_links(town: &Town, shared: &Path, data: &str) {
    let root = shared.join(town.name);
    let mut given: HashMap<(String, usize), String> = HashMap::new();
    for link in town.export(data, "links") {
        given.insert((link["bank"].clone(), link["row"].parse().expect("a row")), link["person"].clone());
    }
    let persons: HashMap<String, String> = table(&root.join("truth/persons.csv"))
        .into_iter()
        .map(|person| (person["person"].clone(), person["codice_fiscale"].clone()))
        .collect();
    // Ours → true, through the registry: a person of ours is whoever most of its registry rows speak of.
    let registry = table(&root.join("truth/anagrafe.csv"));
    let mut who: HashMap<String, String> = HashMap::new();
    for (index, truth) in registry.iter().enumerate() {
        if let Some(ours) = given.get(&("anagrafe".to_owned(), index + 1)) {
            who.entry(ours.clone()).or_insert_with(|| truth["person"].clone());
        }
    }
    println!("{}: rows given to the right person", town.name);
    for bank in BANKS {
        let rows = table(&root.join(format!("banks/{bank}.csv")));
        let truth = table(&root.join(format!("truth/{bank}.csv")));
        let (mut with, mut without, mut odd) = (Tally::default(), Tally::default(), Tally::default());
        for (index, (row, truth)) in rows.iter().zip(&truth).enumerate() {
            let code = code_of(row);
            let tally = if code.is_empty() {
                &mut without
            } else if persons.get(&truth["person"]) == Some(&code) {
                &mut with
            } else {
                &mut odd
            };
            tally.total += 1;
            match given.get(&(bank.to_owned(), index + 1)).filter(|ours| !ours.is_empty()) {
                Some(ours) if who.get(ours) == Some(&truth["person"]) => tally.right += 1,
                Some(_) => tally.wrong += 1,
                None => {}
            }
        }
        let show = |name: &str, tally: &Tally| {
            if tally.total == 0 {
                String::new()
            } else {
                format!(
                    "  {name} {}: recall {:.3} % precision {:.3} %",
                    tally.total,
                    100.0 * tally.recall(),
                    100.0 * tally.precision()
                )
            }
        };
        println!("  {bank:<18}{}{}{}", show("right code", &with), show("no code", &without), show("wrong code", &odd));
        assert!(with.recall() >= 0.9995, "{} {bank}: a right code goes to the right person", town.name);
        if matches!(bank, "fragili_asl" | "servizi_sociali") {
            assert!(without.recall() >= 0.995, "{} {bank}: recall without code", town.name);
            assert!(without.precision() >= 0.999, "{} {bank}: precision without code", town.name);
        }
    }
}

/// Whether an address as written has a civic number: a digit that is not in the tail, and no "snc".
fn has_number(text: &str) -> bool {
    let address = text.split(" - ").next().unwrap_or_default().to_lowercase();
    let unnumbered = address
        .split(|c: char| c.is_whitespace() || c == ',')
        .any(|word| matches!(word.trim_matches('.').replace('.', "").as_str(), "snc" | "sn"));
    !unnumbered && address.contains(|c: char| c.is_ascii_digit())
}

fn judge_addresses(town: &Town, shared: &Path, data: &str) {
    let root = shared.join(town.name);
    let mut tallies: HashMap<String, Tally> = HashMap::new();
    let mut truths: HashMap<String, Vec<Row>> = HashMap::new();
    for place in town.export(data, "addresses") {
        let bank = place["bank"].clone();
        let truth = truths.entry(bank.clone()).or_insert_with(|| table(&root.join(format!("truth/{bank}.csv"))));
        let row: usize = place["row"].parse().expect("a row");
        if !has_number(&place["text"]) {
            continue;
        }
        let tally = tallies.entry(bank).or_default();
        tally.total += 1;
        if place["status"] == "accept" && !place["access_id"].is_empty() {
            if place["access_id"] == truth[row - 1]["progressivo_accesso"] {
                tally.right += 1;
            } else {
                tally.wrong += 1;
            }
        }
    }
    println!("{}: addresses with a number", town.name);
    let mut sum = Tally::default();
    let mut banks: Vec<_> = tallies.iter().collect();
    banks.sort_by_key(|(bank, _)| (*bank).clone());
    for (bank, tally) in banks {
        println!(
            "  {bank:<18} {:>6}: right access accepted {:.2} %, wrong access accepted {:.3} %",
            tally.total,
            100.0 * tally.recall(),
            100.0 * tally.wrong_share()
        );
        sum.total += tally.total;
        sum.right += tally.right;
        sum.wrong += tally.wrong;
    }
    assert!(sum.recall() >= 0.96, "{}: right access accepted {:.4}", town.name, sum.recall());
    assert!(sum.wrong_share() <= 0.003, "{}: wrong access accepted {:.5}", town.name, sum.wrong_share());
}

#[test]
fn the_two_real_towns_are_rebuilt_as_they_are() {
    let Some(shared) = shared() else { return };
    for town in towns(&shared) {
        let data = town.rebuild();
        judge_links(&town, &shared, &data);
        judge_addresses(&town, &shared, &data);
        run(&["check", "--quiet", "--data", &data]);
    }
}
