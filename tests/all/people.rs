//! How many people over 75 live alone, and who of them has care at home: counted in the offices' files, then in the
//! snapshot.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use atlante::{
    domain::{feature::Value, household::HouseholdId, period::age_at, person::PersonId},
    query::collection::{Collection, Households, People},
    snapshot::{Row, Snapshot},
    store::{Artefact, Embedded, Store},
};
use jiff::civil::{Date, date};

use crate::{
    place::{self, Folder, run, shared, table},
    town::Town,
};

const DAY: Date = date(2026, 6, 30);

/// The snapshot that a store holds.
fn snapshot(data: &str) -> Snapshot {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let bytes = runtime.block_on(async {
        let store = Embedded::open(Path::new(data)).await.expect("the store opens");
        let head = store.contents().await.expect("contents").served.expect("a refreshed store");
        store.artefact(head.id, Artefact::Snapshot).await.expect("a snapshot")
    });
    Snapshot::decode(&bytes).expect("a sound snapshot")
}

fn day(text: &str) -> Option<Date> {
    let part = |range| text.get(range).and_then(|t: &str| t.parse::<i16>().ok());
    Date::new(part(6..10)?, part(3..5)? as i8, part(0..2)? as i8).ok()
}

/// Who lives in each household by the registry's file: person, birth, citizenship.
type Homes = HashMap<u32, Vec<(u32, Date, String)>>;

fn homes(registry: &[place::Row], links: &[place::Row]) -> Homes {
    let linked = links.iter().filter(|link| link["bank"] == "anagrafe");
    let number = |text: &str| text.parse::<u32>().ok();
    let of: HashMap<usize, (u32, u32)> = linked
        .filter_map(|link| Some((link["row"].parse().ok()?, (number(&link["household"])?, number(&link["person"])?))))
        .collect();
    let mut homes = Homes::new();
    for (row, resident) in (1..).zip(registry).filter(|(_, row)| row["stato"] == "RESIDENTE") {
        let (Some(&(household, person)), Some(birth)) = (of.get(&row), day(&resident["data_nascita"])) else {
            continue;
        };
        homes.entry(household).or_default().push((person, birth, resident["cittadinanza"].clone()));
    }
    homes
}

/// People of the registry to whom the social services' file gives home help or integrated care on the day, by truth.
fn cared(truth: &dyn Fn(&str) -> Vec<place::Row>, cases: &[place::Row], links: &[place::Row]) -> HashSet<u32> {
    let mut person_of: HashMap<String, u32> = HashMap::new();
    let registry: HashMap<&str, &str> = links
        .iter()
        .filter(|link| link["bank"] == "anagrafe")
        .map(|link| (link["row"].as_str(), link["person"].as_str()))
        .collect();
    for row in truth("anagrafe") {
        if let Some(person) = registry.get(row["row"].as_str()).and_then(|person| person.parse().ok()) {
            person_of.insert(row["person"].clone(), person);
        }
    }
    let open = |case: &place::Row| {
        day(&case["dal"]).is_some_and(|from| from <= DAY) && day(&case["al"]).is_none_or(|to| DAY <= to)
    };
    let cases = cases.iter().zip(truth("servizi_sociali"));
    cases
        .filter(|(case, _)| case["servizio"].starts_with("assistenza domiciliare") && open(case))
        .filter_map(|(_, truth)| person_of.get(&truth["person"]).copied())
        .collect()
}

/// Rows where a flag of a collection is true.
fn whole(collection: &dyn Collection, field: &str, row: Row) -> i64 {
    match collection.value(collection.field(field).expect("a field"), row) {
        Value::Whole(whole) => whole,
        Value::Flag(flag) => flag.into(),
        _ => -1,
    }
}

/// The same count by the file, by the households and by the people; answers it with the count of those without care.
fn judge(banks: &Path, truth: &Path, data: &str, links: &[place::Row]) -> (usize, usize) {
    let bank = |name: &str| table(&banks.join(format!("{name}.csv")));
    let truth = |name: &str| table(&truth.join(format!("{name}.csv")));
    let homes = homes(&bank("anagrafe"), links);
    let cared = cared(&truth, &bank("servizi_sociali"), links);
    let snapshot = std::sync::Arc::new(snapshot(data));
    let households = std::sync::Arc::new(Households::new(std::sync::Arc::clone(&snapshot)));
    let people = People::new(std::sync::Arc::clone(&households));

    let placed: Vec<_> = homes.iter().filter(|(home, _)| snapshot.row_of(HouseholdId(**home)).is_some()).collect();
    assert_eq!(placed.iter().map(|(_, members)| members.len()).sum::<usize>(), people.len() as usize);
    for (person, birth, citizenship) in placed.iter().flat_map(|(_, members)| *members) {
        let row = snapshot.person_row(PersonId(*person)).expect("everyone of a placed household");
        let value = |field: &str| people.value(people.field(field).expect("a field"), row);
        assert_eq!(value("birth"), Value::Date(*birth));
        assert_eq!(value("age"), Value::Whole(age_at(*birth, DAY).into()));
        let known = match citizenship.as_str() {
            "Italia" => "italian",
            "Romania" => "eu",
            _ => "foreign",
        };
        assert_eq!(value("citizenship"), Value::Text(known.into()), "{citizenship}");
    }

    let old = |birth: Date| age_at(birth, DAY) > 75;
    let alone: Vec<u32> = placed
        .iter()
        .filter_map(|(_, members)| match members.as_slice() {
            [(person, birth, _)] if old(*birth) => Some(*person),
            _ => None,
        })
        .collect();
    let by_household = snapshot
        .all()
        .rows()
        .filter(|&row| whole(households.as_ref(), "alone", row) == 1 && whole(households.as_ref(), "over75", row) == 1);
    assert_eq!(by_household.count(), alone.len());
    let by_person: Vec<Row> = (0..people.len())
        .map(Row)
        .filter(|&row| whole(&people, "age", row) > 75 && whole(&people, "alone", row) == 1)
        .collect();
    let found: HashSet<u32> = by_person.iter().map(|&row| people.id(row) as u32).collect();
    assert_eq!(found, alone.iter().copied().collect());
    let without = by_person.iter().filter(|&&row| whole(&people, "home_care", row) == 0).count();
    let in_truth = alone.iter().filter(|person| !cared.contains(person)).count();
    println!("over 75 alone: {}; without care at home: {without}, by truth {in_truth}", alone.len());
    // Who has care is found by linkage, which is not perfect: of those who have it nine in ten at least, nobody else.
    let (have, had) = (alone.len() - without, alone.len() - in_truth);
    assert!(have <= had && have * 10 >= had * 9, "{have} of {had} with care at home");
    (alone.len(), without)
}

#[test]
fn people_over_75_alone_are_those_of_the_files() {
    let town = Town::ready("people");
    let links = town.export("links");
    let (alone, _) = judge(Path::new(&town.file("banks")), Path::new(&town.file("truth")), &town.data(), &links);
    assert!(alone > 20, "{alone}");
}

#[test]
fn people_over_75_alone_are_those_of_lamezia() {
    let Some(shared) = shared() else { return };
    let lamezia = shared.join("lamezia");
    let folder = Folder::new("lamezia-people");
    let data = folder.at("data");
    let at = |name: &str| lamezia.join(name).to_str().expect("a UTF-8 path").to_owned();
    let civics = ["anncsu_lamezia_indirizzario_20260602.csv", "anncsu_lamezia_stradario_20260602.csv"].map(&at);
    let boundary = format!("boundary={}", at("comune_M208_lamezia_terme.geojson"));
    let banks = at("banks");
    let import =
        ["import", "--quiet", "--data", &data, "--comune", "M208", "--civics", &civics[0], "--civics", &civics[1]];
    run(&[&import[..], &["--layer", &boundary, "--banks", &banks]].concat());
    run(&["refresh", "--quiet", "--data", &data, "--as-of", "2026-06-30"]);
    let links = folder.at("links.csv");
    run(&["export", "links", "--quiet", "--data", &data, "--output", &links]);
    let (alone, without) = judge(Path::new(&banks), &lamezia.join("truth"), &data, &table(Path::new(&links)));
    assert!(alone > 1_000 && without < alone, "{alone}, {without}");
}
