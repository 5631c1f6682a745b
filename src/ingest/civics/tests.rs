use std::path::PathBuf;

use super::*;
use crate::domain::watch::Unwatched;

fn shared(file: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let read = std::fs::read(root.join("data").join(file)).ok();
    if read.is_none() {
        say("skipped: the shared data are not here");
    }
    read
}

fn say(text: &str) {
    eprintln!("{text}");
}

#[test]
fn lamezia_register_and_streets_complete_each_other() {
    let Some(indir) = shared("lamezia/anncsu_lamezia_indirizzario_20260602.csv") else { return };
    let strad = shared("lamezia/anncsu_lamezia_stradario_20260602.csv").unwrap();
    let files = [File { name: "indir.csv", bytes: &indir }, File { name: "strad.csv", bytes: &strad }];
    let civics = read(&files, &Layout::Anncsu, Some("M208".parse().unwrap()), &Limits::default(), &Unwatched).unwrap();
    assert_eq!((civics.streets.len(), civics.accesses.len()), (1320, 22757));
    assert_eq!(civics.rejects, []);
    assert!(civics.accesses.iter().all(|access| access.point.is_some()), "{:?}", civics.warnings.first());
    let other = read(&files, &Layout::Anncsu, Some("A269".parse().unwrap()), &Limits::default(), &Unwatched);
    let text = other.unwrap_err().to_string();
    assert!(text.contains("M208") && text.contains("A269"), "{text}");
}

#[test]
fn anagni_register_has_no_coordinates_and_its_points_have() {
    let Some(indir) = shared("anagni/anncsu_A269.csv") else { return };
    let points = shared("anagni/civici_kml_A269.csv").unwrap();
    let files = [File { name: "indir.csv", bytes: &indir }];
    let civics = read(&files, &Layout::Anncsu, Some("A269".parse().unwrap()), &Limits::default(), &Unwatched).unwrap();
    assert_eq!((civics.streets.len(), civics.accesses.len()), (365, 10814));
    assert!(civics.accesses.iter().all(|access| access.point.is_none()));
    let reading = points::read("points.csv", &points, Crs::Wgs84, &Limits::default(), &Unwatched).unwrap();
    say(&format!("{} points, {} rejects {:?}", reading.points.len(), reading.rejects.len(), reading.rejects.first()));
    assert_eq!(reading.points.len() + reading.rejects.len(), 11185);
    assert_eq!(reading.points[0].street_text, "VIA RAFFAELE AMBROSETTI");
}

#[test]
fn alessandria_in_metres_falls_inside_its_boundary() {
    use geo::Contains;
    let Some(table) = shared("alessandria/numeri-civici.csv") else { return };
    let boundary = shared("alessandria/comune_A182_alessandria.geojson").unwrap();
    let layer = crate::ingest::areas::read_geojson("boundary", &boundary, &Unwatched).unwrap();
    let map = "street=DUG+DUF,street_id=CodiceVia,number=Civico,exponent=Esponente,locality=QuartiereSobborgo,\
               postcode=CAP,x=CoordX,y=CoordY";
    let layout = Layout::Mapped { map: Box::new(map.parse().unwrap()), crs: Crs::MonteMario1 };
    let files = [File { name: "civici.csv", bytes: &table }];
    let civics = read(&files, &layout, None, &Limits::default(), &Unwatched).unwrap();
    assert_eq!(civics.accesses.len() + civics.rejects.len(), 26160);
    let inside = civics
        .accesses
        .iter()
        .filter_map(|access| access.point)
        .filter(|p| layer.features[0].geometry.contains(&geo::Point::new(p.lon(), p.lat())))
        .count();
    say(&format!("{inside} of {} inside; {} streets, {} warnings {:?}", civics.accesses.len(), civics.streets.len(), civics.warnings.len(), civics.warnings.first()));
    assert!(inside as f64 >= 0.997 * civics.accesses.len() as f64, "{inside}");
}
