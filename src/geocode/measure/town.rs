//! Whole registers: borrowed points, suspect points, round trips, type-ahead.

use std::collections::HashSet;

use super::data::{self, ANAGNI, LAMEZIA, say};
use crate::{
    domain::{
        geo::LonLat,
        place::{CivicNumber, PointQuality},
    },
    geocode::{self, OwnPoint, Register, flag_suspects},
};

fn own_points(data: &std::path::Path) -> Vec<OwnPoint> {
    data::rows(data.join("anagni/civici_kml_A269.csv"), b';')
        .into_iter()
        .filter_map(|row| {
            let civic = &row["CIVICO"];
            let digits = civic.bytes().take_while(u8::is_ascii_digit).count();
            let exponent = if civic.len() > digits { civic[digits..].trim() } else { row["ESP_LETT_ES"].trim() };
            let number =
                CivicNumber { number: civic[..digits].parse().ok(), exponent: exponent.into(), note: "".into() };
            let point = LonLat::new(row["lon"].parse().ok()?, row["lat"].parse().ok()?).ok()?;
            let street = row["TOPONIMO"].split_once(" - ").map_or("", |(_, name)| name);
            Some((street.to_owned(), number, point))
        })
        .collect()
}

#[test]
fn anagni_borrows_the_points_of_its_comune() {
    let Some(data) = data::shared() else { return };
    let mut register = data::register(ANAGNI, &data);
    let report = register.borrow_points(own_points(&data));
    let all = register.accesses().len();
    let share = report.borrowed as f64 / all as f64;
    say(&format!(
        "fig anagni: {} of {all} accesses borrow a point ({:.2} %), {} points without street, {} without access",
        report.borrowed,
        100.0 * share,
        report.points_without_street,
        report.points_without_access
    ));
    for (text, name) in &report.variants {
        say(&format!("fig   variant {text} -> {name}"));
    }
    say(&format!("fig   unknown {:?}", report.unknown_streets));
    let mut missing: Vec<_> = register
        .accesses()
        .iter()
        .filter(|a| a.point.is_none())
        .map(|a| &register.street(a.street).unwrap().street.name)
        .collect();
    missing.dedup();
    say(&format!("fig   without {missing:?}"));
    assert!(share >= 0.995, "{share}");
    assert!(register.accesses().iter().all(|a| a.point.is_none() || a.quality == PointQuality::Borrowed));
}

fn boundary(path: std::path::PathBuf) -> geo::MultiPolygon<f64> {
    let text = std::fs::read_to_string(path).unwrap();
    let geojson: geojson::GeoJson = text.parse().unwrap();
    let collection = geo::GeometryCollection::<f64>::try_from(&geojson).unwrap();
    let mut polygons = Vec::new();
    for geometry in collection {
        match geometry {
            geo::Geometry::Polygon(p) => polygons.push(p),
            geo::Geometry::MultiPolygon(m) => polygons.extend(m),
            _ => {}
        }
    }
    geo::MultiPolygon(polygons)
}

#[test]
fn suspects_agree_with_another_program() {
    let Some(data) = data::shared() else { return };
    let mut input = data::input(LAMEZIA, &data);
    let (outside, far) =
        flag_suspects(&mut input.accesses, &boundary(data.join("lamezia/comune_M208_lamezia_terme.geojson")));
    let theirs = data::rows(data.join("lamezia/anncsu_coordinate_suspect_points_2025.csv"), b',');
    let ids = |flag: Option<&str>| -> HashSet<u64> {
        theirs
            .iter()
            .filter(|r| flag.is_none_or(|f| r["coordinate_quality_flag"] == f))
            .filter_map(|r| r["access_id"].parse().ok())
            .collect()
    };
    let flags: HashSet<&String> = theirs.iter().map(|r| &r["coordinate_quality_flag"]).collect();
    let ours = |q: PointQuality| -> HashSet<u64> {
        input.accesses.iter().filter(|a| a.quality == q).map(|a| a.id.0).collect()
    };
    let (out, away) = (ours(PointQuality::OutsideComune), ours(PointQuality::FarFromStreet));
    let all: HashSet<u64> = out.union(&away).copied().collect();
    let both = all.intersection(&ids(None)).count();
    say(&format!(
        "fig lamezia suspects: outside {outside}, far {far}; theirs {}, both {both}; their flags {flags:?}",
        theirs.len()
    ));
    for flag in flags {
        let set = ids(Some(flag));
        say(&format!(
            "fig   {flag}: theirs {} ours outside {} far {}",
            set.len(),
            set.intersection(&out).count(),
            set.intersection(&away).count()
        ));
    }
    assert!(outside > 0 && far > 0);
}

#[test]
fn a_text_being_typed_finds_its_street() {
    let Some(data) = data::shared() else { return };
    let register = data::register(LAMEZIA, &data);
    let first = |text: &str| geocode::suggest(&register, text, 5).into_iter().map(|s| s.label).collect::<Vec<_>>();
    for (text, wanted) in [
        ("via gari", "VIA GIUSEPPE GARIBALDI"),
        ("giuseppe gariba", "VIA GIUSEPPE GARIBALDI"),
        ("corso nicot", "CORSO GIOVANNI NICOTERA"),
        ("via del progresso 12", "VIA DEL PROGRESSO 12"),
        ("xx sett", "VIA XX SETTEMBRE"),
        ("via venti sett", "VIA XX SETTEMBRE"),
        ("progreso", "VIA DEL PROGRESSO"),
    ] {
        let found = first(text);
        say(&format!("fig suggest {text:?}: {found:?}"));
        assert!(found.iter().any(|l| l == wanted), "{text}: {found:?}");
    }
    assert!(geocode::suggest(&register, "", 5).is_empty());
    assert!(Register::default().streets().is_empty());
}
