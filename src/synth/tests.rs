//! Laws of the invented town: same seed, same bytes; the truth fits the banks; every door inside; Lamezia's proportions.

use std::collections::{HashMap, HashSet};

use geo::{Area, Contains, MultiPolygon, Point};
use geojson::{FeatureCollection, GeoJson};

use super::town;
use crate::domain::{bank::BankKind, codice_fiscale::CodiceFiscale};

type Files = HashMap<String, Vec<u8>>;

fn files(households: u32, seed: u64) -> Files {
    town(households, seed).files().into_iter().collect()
}

fn text(files: &Files, path: &str) -> String {
    let bytes = &files[path];
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

fn rows(files: &Files, path: &str, separator: char) -> Vec<Vec<String>> {
    text(files, path).lines().skip(1).map(|line| line.split(separator).map(str::to_owned).collect()).collect()
}

fn bank(files: &Files, bank: BankKind) -> Vec<Vec<String>> {
    let separator = match bank {
        BankKind::Redditi => '|',
        BankKind::ServiziSociali => '\t',
        _ => ';',
    };
    rows(files, &format!("banks/{bank}.csv"), separator)
}

fn features(files: &Files, path: &str) -> FeatureCollection {
    match text(files, path).parse::<GeoJson>().unwrap() {
        GeoJson::FeatureCollection(collection) => collection,
        other => panic!("{path}: {other:?}"),
    }
}

fn shapes(files: &Files, path: &str) -> Vec<MultiPolygon<f64>> {
    let shape = |f: geojson::Feature| match geo::Geometry::try_from(f.geometry.unwrap()).unwrap() {
        geo::Geometry::Polygon(polygon) => MultiPolygon::new(vec![polygon]),
        geo::Geometry::MultiPolygon(many) => many,
        other => panic!("{path}: {other:?}"),
    };
    features(files, path).features.into_iter().map(shape).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (a, b, other) = (files(400, 5), files(400, 5), files(400, 6));
    assert_eq!(a.len(), 2 + 5 + 10 + 10 + 2);
    assert_eq!(a, b);
    assert_ne!(a["banks/anagrafe.csv"], other["banks/anagrafe.csv"]);
    assert_ne!(a["boundary.geojson"], other["boundary.geojson"]);
}

#[test]
fn every_door_is_inside_and_areas_part_the_comune() {
    let small = (10..22).map(|seed| (50 + 13 * seed as u32, seed));
    for (households, seed) in small.chain([(60, 3), (3000, 1)]) {
        let files = files(households, seed);
        let boundary = shapes(&files, "boundary.geojson").remove(0);
        let number = |text: &str| text.replace(',', ".").parse::<f64>().unwrap();
        let register = rows(&files, "civics/indirizzario.csv", ';');
        for row in &register {
            assert_eq!(row.len(), 19);
            assert!(boundary.contains(&Point::new(number(&row[15]), number(&row[16]))), "{row:?}");
        }
        let total: usize =
            rows(&files, "civics/stradario.csv", ';').iter().map(|r| r[6].parse::<usize>().unwrap()).sum();
        assert_eq!(total, register.len());
        let doors = register.len() as f64 / f64::from(households);
        assert!(households < 1000 || (0.75..0.95).contains(&doors), "{doors} doors a household");
        for layer in ["sections.geojson", "neighbourhoods.geojson"] {
            let areas: Vec<f64> = shapes(&files, layer).iter().map(MultiPolygon::unsigned_area).collect();
            assert!(areas.iter().all(|area| *area > 0.0), "{layer}: an empty area");
            let area: f64 = areas.iter().sum();
            let whole = boundary.unsigned_area();
            assert!((area / whole - 1.0).abs() < 1e-4, "{layer}: {area} of {whole}");
        }
        let streets = features(&files, "streets.geojson").features;
        let names: HashSet<String> = streets.iter().map(|f| f.property("name").unwrap().to_string()).collect();
        assert_eq!(names.len(), streets.len(), "no two streets share a name");
    }
}

#[test]
fn truth_fits_the_banks() {
    let files = files(2000, 9);
    let people = rows(&files, "truth/persons.csv", ',');
    let households = rows(&files, "truth/households.csv", ',');
    let known: HashSet<String> =
        rows(&files, "civics/indirizzario.csv", ';').into_iter().map(|r| r[8].clone()).collect();
    let codes: HashSet<&str> = people.iter().map(|p| p[2].as_str()).collect();
    assert_eq!(codes.len(), people.len(), "a code each");
    assert!(codes.iter().all(|code| CodiceFiscale::parse(code).is_ok()));
    for kind in BankKind::ALL {
        let (written, truth) = (bank(&files, kind), rows(&files, &format!("truth/{kind}.csv"), ','));
        assert_eq!(written.len(), truth.len(), "{kind}");
        let width = written[0].len();
        let (mut right, mut with_code) = (0, 0);
        for (i, (row, t)) in written.iter().zip(&truth).enumerate() {
            assert_eq!(row.len(), width, "{kind}: {row:?}");
            assert_eq!(t[0], (i + 1).to_string());
            let (person, household): (usize, usize) = (t[1].parse().unwrap(), t[2].parse().unwrap());
            assert_eq!(people[person][1], t[2], "{kind}: the person lives in the household");
            assert_eq!(households[household][4], t[3]);
            assert!(known.contains(&t[3]));
            let column = match kind {
                BankKind::IseeAttestazioni | BankKind::ServiziSociali => 4,
                BankKind::PrestazioniInps | BankKind::Redditi | BankKind::Invalidita => 0,
                BankKind::FragiliAsl => 3,
                BankKind::Tari | BankKind::Erp => 2,
                BankKind::Anagrafe | BankKind::IseeComponenti => 1,
            };
            with_code += usize::from(!row[column].is_empty());
            right += usize::from(row[column] == people[person][2]);
        }
        assert!(right as f64 / with_code as f64 > 0.85, "{kind}: {right} of {with_code}");
    }
}

#[test]
fn proportions_are_those_of_lamezia() {
    let files = files(4000, 2);
    let share = |kind: BankKind| bank(&files, kind).len() as f64 / 4000.0;
    // Rows a household in the test town, and how far an invented one may be from it.
    for (kind, expected, tolerance) in [
        (BankKind::Anagrafe, 2.43, 0.1),
        (BankKind::IseeAttestazioni, 1.14, 0.15),
        (BankKind::IseeComponenti, 2.81, 0.2),
        (BankKind::PrestazioniInps, 1.18, 0.35),
        (BankKind::Redditi, 2.75, 0.25),
        (BankKind::Invalidita, 0.133, 0.4),
        (BankKind::FragiliAsl, 0.059, 0.5),
        (BankKind::ServiziSociali, 0.086, 0.5),
        (BankKind::Tari, 0.90, 0.05),
        (BankKind::Erp, 0.080, 0.6),
    ] {
        let found = share(kind);
        println!("{kind}: {found:.3} rows a household ({expected})");
        assert!((found / expected - 1.0).abs() < tolerance, "{kind}: {found} is far from {expected}");
    }
    let without = |kind: BankKind, column: usize| {
        let rows = bank(&files, kind);
        rows.iter().filter(|r| r[column].is_empty()).count() as f64 / rows.len() as f64
    };
    assert!((without(BankKind::FragiliAsl, 3) - 0.55).abs() < 0.1);
    assert!((without(BankKind::ServiziSociali, 4) - 0.31).abs() < 0.1);
}
