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
    say(&format!(
        "{inside} of {} inside; {} streets, {} warnings {:?}",
        civics.accesses.len(),
        civics.streets.len(),
        civics.warnings.len(),
        civics.warnings.first()
    ));
    assert!(inside as f64 >= 0.997 * civics.accesses.len() as f64, "{inside}");
}

const INDIR: &str = "CODICE_COMUNE;CODICE_ISTAT;PROGRESSIVO_NAZIONALE;CODICE_COMUNALE;ODONIMO;LOCALITA';DIZIONE_LINGUA1;\
                     DIZIONE_LINGUA2;PROGRESSIVO_ACCESSO;CODICE_COMUNALE_ACCESSO;CIVICO;ESPONENTE;SPECIFICITA;METRICO;\
                     PROGRESSIVO_SNC;COORD_X_COMUNE;COORD_Y_COMUNE;QUOTA;METODO\n";

fn register(table: &str) -> Civics {
    let text = format!("{INDIR}{table}");
    let files = [File { name: "indir.csv", bytes: text.as_bytes() }];
    read(&files, &Layout::Anncsu, Some("M208".parse().unwrap()), &Limits::default(), &Unwatched).unwrap()
}

fn access(rest: &str) -> String {
    format!("M208;079160;1;;VIA ROMA;;;;{rest};0;4\n")
}

#[test]
fn numbers_are_read_with_their_exponents_colours_metres_and_absence() {
    let rows = [
        "1;;7;;;;;;",
        "2;;7;bis;;;;;",
        "3;;12;A;ROSSO;;;;",
        "4;;;;;340;;;",
        "5;;;;;;1;;",
        "6;;0;;;;;;",
        "7;;12/A;;;;;;",
        "8;;KM;;;;;;",
    ];
    let table: String = rows.iter().map(|row| access(row)).collect();
    let civics = register(&table);
    let numbers: Vec<_> =
        civics.accesses.iter().map(|a| (a.number.number, &*a.number.exponent, &*a.number.note)).collect();
    assert_eq!(
        numbers,
        [
            (Some(7), "", ""),
            (Some(7), "BIS", ""),
            (Some(12), "A", "ROSSO"),
            (Some(340), "", ""),
            (None, "", ""),
            (None, "", ""),
            (Some(12), "A", ""),
            (None, "KM", ""),
        ]
    );
    assert_eq!(civics.warnings.len(), 1);
    assert_eq!((civics.streets.len(), civics.rows), (1, 8));
}

#[test]
fn coordinates_pass_a_gate() {
    let cases = [
        ("16,283421;38,9701829", true, ""),
        ("16.283421;38.9701829", true, ""),
        ("38,9701829;16,283421", true, "swapped"),
        ("0;0", false, "0,0"),
        ("622000,5;4312000,5", false, "metres"),
        ("100,5;95", false, "outside Italy"),
        ("-3,7;40,4", false, "outside Italy"),
        ("abc;38,9", false, "not a number"),
        ("16,28;", false, "empty"),
        ("NaN;38,9", false, "not a number"),
        ("1e999;38,9", false, "not finite"),
        (";", false, ""),
    ];
    let table: String = cases.iter().enumerate().map(|(i, (xy, ..))| access(&format!("{i};;7;;;;;{xy}"))).collect();
    let civics = register(&table);
    assert_eq!((civics.accesses.len(), civics.rejects.len()), (cases.len(), 0), "an access without point is kept");
    let mut warnings = civics.warnings.iter();
    for (access, (xy, point, word)) in civics.accesses.iter().zip(cases) {
        assert_eq!(access.point.is_some(), point, "{xy}");
        if !word.is_empty() {
            let warning = warnings.next().unwrap();
            assert!(warning.reason.contains(word), "{xy}: {warning}");
            assert!(warning.column.as_deref().is_some_and(|column| column.starts_with("COORD_")));
        }
    }
    assert_eq!(civics.accesses[0].point, civics.accesses[2].point);
}

#[test]
fn bad_rows_of_a_register_are_rejected() {
    let table =
        [access("1;;7;;;;;;"), access("x;;7;;;;;;"), access("1;;9;;;;;;"), access("2;;9;;;;;;"), "M208;1\n".to_owned()]
            .concat();
    let civics = register(&table);
    assert_eq!((civics.accesses.len(), civics.rejects.len(), civics.rows), (2, 3, 5));
    assert_eq!(civics.rejects.iter().map(|reject| reject.row).collect::<Vec<_>>(), [5, 2, 3]);
    assert!(civics.rejects[2].reason.contains("already given by row 1"));
    let missing =
        read(&[File { name: "t.csv", bytes: b"a;b\n1;2\n" }], &Layout::Anncsu, None, &Limits::default(), &Unwatched);
    assert!(missing.unwrap_err().to_string().contains("CODICE COMUNE"));
}

#[test]
fn a_national_zip_is_filtered_by_comune() {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, comune) in [("INDIR_CALA_20260602.csv", "M208"), ("INDIR_LAZI_20260602.csv", "A269")] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(INDIR.as_bytes()).unwrap();
        for i in 0..2000 {
            writeln!(writer, "{comune};0;{};;VIA {i};;;;{i};;{i};;;;;16,2;38,9;0;4", i / 10).unwrap();
        }
    }
    let bytes = writer.finish().unwrap().into_inner();
    let files = [File { name: "indir.zip", bytes: &bytes }];
    let civics = read(&files, &Layout::Anncsu, Some("A269".parse().unwrap()), &Limits::default(), &Unwatched).unwrap();
    assert_eq!((civics.rows, civics.skipped, civics.accesses.len(), civics.streets.len()), (2000, 2000, 2000, 200));
    let none =
        read(&files, &Layout::Anncsu, Some("H501".parse().unwrap()), &Limits::default(), &Unwatched).unwrap_err();
    assert_eq!(none.to_string(), "indir.zip: holds the comuni A269, M208; none of its rows is of H501");
}

#[test]
fn a_mapped_table_makes_the_same_ids_every_time() {
    let table = "via;num;est;x;y\nVia Roma;1;A;16,2;38,9\nVia Roma;1;A;16,3;38,9\nvia  ROMA;2;;16,2;38,9\nViale Po;1/b;;;\n;3;;;\n";
    let layout = Layout::Mapped {
        map: Box::new("street=via,number=num,exponent=est,x=X,y=Y".parse().unwrap()),
        crs: Crs::Wgs84,
    };
    let run = || {
        let files = [File { name: "t.csv", bytes: table.as_bytes() }];
        read(&files, &layout, None, &Limits::default(), &Unwatched).unwrap()
    };
    let civics = run();
    assert_eq!((civics.streets.len(), civics.accesses.len(), civics.rejects.len()), (2, 4, 1));
    assert_eq!(civics.accesses[3].number, CivicNumber { number: Some(1), exponent: "B".into(), note: "".into() });
    assert!(civics.accesses.iter().all(|access| access.id.0 < 1 << 53));
    assert_eq!(run().accesses, civics.accesses);
    let missing = "street=via,number=numero,x=lon,y=lat".parse::<ColumnMap>().unwrap();
    let layout = Layout::Mapped { map: Box::new(missing), crs: Crs::Wgs84 };
    let error = read(&[File { name: "t.csv", bytes: table.as_bytes() }], &layout, None, &Limits::default(), &Unwatched);
    assert_eq!(error.unwrap_err().to_string(), "t.csv: missing the columns numero, lon, lat");
}

#[test]
fn a_map_is_read_or_refused() {
    let map: ColumnMap = "street=DUG+DUF, street_id=CodiceVia,number=Civico,x=CoordX,y=CoordY".parse().unwrap();
    assert_eq!(map.street, ["DUG", "DUF"]);
    for (text, word) in [
        ("", "field=COLUMN"),
        ("number=a", "street is missing"),
        ("street=a,x=b", "x and y"),
        ("street=a,colour=b", "none of"),
        ("street=a,street=b", "twice"),
        ("street=a,number=b,number=c", "twice"),
        ("street=", "no column"),
        ("street=a+", "empty column"),
    ] {
        let error = text.parse::<ColumnMap>().unwrap_err().to_string();
        assert!(error.contains(word), "{text}: {error}");
    }
}

#[test]
fn points_come_from_tables_and_geojson() {
    let read = |bytes: &[u8], crs| points::read("p", bytes, crs, &Limits::default(), &Unwatched);
    let table = b"TOPONIMO;CIVICO;ESP_LETT_ES;lon;lat\n12 - VIA ROMA;7;A;13.1;41.7\nVIA PO;8B;;41.7;13.1\nVIA PO;9;;0;0\n;1;;13;41\n";
    let csv = read(table, Crs::Wgs84).unwrap();
    assert_eq!((csv.points.len(), csv.rejects.len(), csv.warnings.len(), csv.rows), (2, 2, 1, 4));
    assert_eq!((csv.points[0].street_text.as_str(), &*csv.points[1].number.exponent), ("VIA ROMA", "B"));
    assert_eq!(csv.points[0].point, csv.points[1].point, "swapped ones are put right");
    let json = br#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"toponimo":"VIA ROMA","civico":7,"esponente":"A"},"geometry":{"type":"Point","coordinates":[13.1,41.7]}},
        {"type":"Feature","properties":{"toponimo":"VIA ROMA","civico":7},"geometry":{"type":"LineString","coordinates":[[13.1,41.7],[13.2,41.8]]}}]}"#;
    let json = read(json, Crs::Wgs84).unwrap();
    assert_eq!((json.points.len(), json.rejects.len()), (1, 1));
    assert_eq!(json.points[0], csv.points[0]);
    let metres = b"DUG;DUF;CIVICO;X;Y\nVia;Dazio;90;1472210.82998134;4978439.947517\n";
    let point = read(metres, Crs::MonteMario1).unwrap().points.remove(0);
    assert_eq!(point.street_text, "Via Dazio");
    assert!((point.point.lon() - 8.647325).abs() < 1e-5);
    let error = read(b"a;b\n1;2\n", Crs::Wgs84).unwrap_err().to_string();
    assert_eq!(error, "p: missing the columns TOPONIMO, CIVICO, LON, LAT");
}

/// Honest registers with bytes changed, and noise: nothing panics, every row is an access or a reject.
#[test]
fn noise_never_panics() {
    let honest = format!("{INDIR}{}{}", access("1;;7;;;;;16,2;38,9"), access("2;;8;A;;;;38,9;16,2")).into_bytes();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    for _ in 0..5000 {
        let mut bytes = honest.clone();
        for _ in 0..=next() % 6 {
            let at = next() % bytes.len();
            bytes[at] = next() as u8;
        }
        let files = [File { name: "t", bytes: &bytes }];
        if let Ok(civics) = read(&files, &Layout::Anncsu, None, &Limits::default(), &Unwatched) {
            assert!(civics.accesses.len() + civics.rejects.len() <= civics.rows as usize);
        }
        let _ = points::read("t", &bytes, Crs::Laea, &Limits::default(), &Unwatched);
    }
}
