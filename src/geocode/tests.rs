//! A small invented town, and what its addresses must come to.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    geo::LonLat,
    personal::Personal,
    place::{
        Access, AccessId, Alias, CivicNumber, PlaceLevel, PlaceMethod, PlaceStatus, Placement, PointQuality, Street,
        StreetId,
    },
    record::{AddressParts, WrittenAddress},
};

const STREETS: [(u64, &str, &str); 14] = [
    (1, "VIA ROMA", ""),
    (2, "PIAZZA ROMA", ""),
    (3, "VIA GIUSEPPE GARIBALDI", ""),
    (4, "VIA MARIO ROSSI", ""),
    (5, "VIA LUIGI ROSSI", ""),
    (6, "VIA QUATTRO NOVEMBRE", ""),
    (7, "VICO PRIMO DI VIA DELLE TERME", ""),
    (8, "VIA DELLE TERME", ""),
    (9, "STRADA STATALE 18", ""),
    (10, "VIA CARLO ALBERTO", ""),
    (11, "CONTRADA SCAZZOLA", "BORGO ALTO"),
    (12, "VIA MONTEGRAPPA", ""),
    (13, "VIA SANT'ANTONINO", ""),
    (14, "VIA LANA / LANAERWEG", ""),
];

fn access(id: u64, street: u64, number: Option<u32>, exponent: &str) -> Access {
    let lat = 40.0 + street as f64 * 0.01 + f64::from(number.unwrap_or(0)) * 1e-4;
    Access {
        id: AccessId(id),
        street: StreetId(street),
        number: CivicNumber { number, exponent: exponent.into(), note: "".into() },
        point: LonLat::new(15.0, lat).ok(),
        quality: PointQuality::Sound,
        postcode: None,
    }
}

/// Every street has 1 to 20 without 13, and 12 also as 12/A; PIAZZA ROMA only 1 to 3; the SS 18 a door at 3,400 m.
fn town() -> Register {
    let mut accesses = Vec::new();
    for (street, _, _) in STREETS {
        for number in (1..=20).filter(|n| *n != 13 && (street != 2 || *n <= 3)) {
            accesses.push(access(street * 1000 + u64::from(number), street, Some(number), ""));
        }
        accesses.push(access(street * 1000 + 500, street, Some(12), "A"));
    }
    accesses.push(access(9900, 9, Some(3400), ""));
    Register::build(RegisterInput {
        town: Town { names: vec!["Borgo Terme".into()], province: "BT".into(), postcodes: vec!["12345".into()] },
        streets: STREETS
            .iter()
            .map(|(id, name, locality)| Street {
                id: StreetId(*id),
                name: (*name).into(),
                locality: (*locality).into(),
                other_names: vec![],
            })
            .collect(),
        accesses,
        aliases: vec![Alias { spelling: Personal::from("VIA DEL TRAM"), street: StreetId(8) }],
    })
}

fn text(text: &str) -> WrittenAddress {
    WrittenAddress::Text(Personal::from(text))
}

fn at(register: &Register, address: &str) -> Placement {
    locate(register, &text(address))
}

#[test]
fn doors_are_found_however_they_are_written() {
    let register = town();
    for (address, door, method) in [
        ("Via Roma 5", 1005, PlaceMethod::ExactKey),
        ("V. ROMA, n. 12/a int. 3 - 12345 Borgo Terme (BT)", 1500, PlaceMethod::ExactKey),
        ("via iv novembre 7", 6007, PlaceMethod::ExactKey),
        ("VIA 4 NOVEMBRE 7 sc. B", 6007, PlaceMethod::ExactKey),
        ("Via G. Garibaldi 9", 3009, PlaceMethod::OptionalWords),
        ("via garibaldi giuseppe 9", 3009, PlaceMethod::OptionalWords),
        ("Via Terme, 4", 8004, PlaceMethod::OptionalWords),
        ("v.co i di via delle terme 4", 7004, PlaceMethod::ExactKey),
        ("Via Monte Grappa 8", 12008, PlaceMethod::CompactKey),
        ("SS 18 km 3+400", 9900, PlaceMethod::ExactKey),
        ("via del tram 6", 8006, PlaceMethod::Alias),
        ("Lanaerweg 3", 14003, PlaceMethod::Alias),
        ("C/da Scazzola 2", 11002, PlaceMethod::ExactKey),
    ] {
        let placed = at(&register, address);
        assert_eq!((placed.access, placed.method), (Some(AccessId(door)), method), "{address}: {placed:?}");
        assert_eq!(placed.status, PlaceStatus::Accept, "{address}: {placed:?}");
    }
}

#[test]
fn what_may_be_two_streets_is_never_guessed() {
    let register = town();
    for address in ["Via Rossi 5", "Roma 2"] {
        let placed = at(&register, address);
        assert_eq!((placed.level, placed.access, placed.street), (PlaceLevel::Ambiguous, None, None), "{address}");
        assert_eq!(placed.status, PlaceStatus::Review);
    }
    for address in [
        "Via Alberto 5",
        "Via De Antonio 5",
        "Via Milano 5",
        "Via Cinque Novembre 3",
        "Via Anita Garibaldi 9",
        "Via Tarmo 4",
    ] {
        assert_ne!(at(&register, address).status, PlaceStatus::Accept, "{address}: {:?}", at(&register, address));
    }
}

#[test]
fn the_ladder_never_hands_on_a_door_that_was_not_written() {
    let register = town();
    for (address, level) in [
        ("Via Roma 13", PlaceLevel::Interpolated),
        ("Via Roma 5/C", PlaceLevel::OtherExponent),
        ("Via Roma 60", PlaceLevel::Nearest),
        ("Via Roma snc", PlaceLevel::Street),
        ("Via Roma", PlaceLevel::Street),
        ("Via Roma 999", PlaceLevel::Street),
        ("Via Xyzzy 5 Borgo Alto", PlaceLevel::Locality),
        ("", PlaceLevel::NotFound),
    ] {
        let placed = at(&register, address);
        assert_eq!((placed.level, placed.access), (level, None), "{address}");
        assert_eq!(placed.point.is_some(), placed.uncertainty_m.is_some());
    }
    let between = at(&register, "Via Roma 13").point.unwrap();
    assert!((between.lat() - 40.0113).abs() < 1e-6, "{between:?}");
}

#[test]
fn columns_and_codes_come_to_the_same_door() {
    let register = town();
    let parts = |kind: &str, name: &str, number: &str, exponent: &str| {
        let [kind, name, number, exponent] = [kind, name, number, exponent].map(Personal::from);
        WrittenAddress::Parts(Box::new(AddressParts { kind, name, number, exponent, ..AddressParts::default() }))
    };
    for written in
        [parts("VIA", "ROMA", "12", "A"), parts("V.", "roma", "12/A", ""), parts("", "VIA ROMA 12/A", "", "")]
    {
        assert_eq!(locate(&register, &written).access, Some(AccessId(1500)), "{:?}", written.to_line().reveal());
    }
    let coded = locate_coded(&register, Some(AccessId(1500)), None, &text("anything"));
    assert_eq!((coded.access, coded.method), (Some(AccessId(1500)), PlaceMethod::Code));
    let coded = locate_coded(&register, None, Some(StreetId(4)), &text("Via Rossi 5"));
    assert_eq!((coded.access, coded.method), (Some(AccessId(4005)), PlaceMethod::Code));
    let unknown = locate_coded(&register, Some(AccessId(1)), Some(StreetId(99)), &text("Via Roma 5"));
    assert_eq!(unknown.access, Some(AccessId(1005)));
}

#[test]
fn an_explanation_names_reading_candidates_and_margin() {
    let register = town();
    let told = explain(&register, &text("Via Rossi 5 int. 2"));
    assert_eq!((told.kind, told.number.reveal()), ("VIA", "5"));
    assert_eq!(told.candidates.iter().filter(|c| c.total_penalty < 0.5).count(), 2);
    assert!(told.margin.unwrap() < 0.1);
    assert!(told.candidates[0].faults.contains(&"first_name"));
    assert_eq!(told.placement.level, PlaceLevel::Ambiguous);
}

#[test]
fn equal_spellings_are_one_decision() {
    let register = town();
    let rows: Vec<_> = ["Via Rossi 5", "VIA ROSSI, 5", "Via Roma 5", "Viale Milano 3"].map(text).into();
    let placed: Vec<_> = rows.iter().map(|r| locate(&register, r)).collect();
    let groups = review_groups(rows.iter().zip(&placed));
    assert_eq!(groups.iter().map(|g| g.rows.clone()).collect::<Vec<_>>(), [vec![0, 1], vec![3]]);
    assert_eq!(groups[0].spelling.reveal(), "VIA ROSSI 5");
}

#[test]
fn a_register_without_coordinates_borrows_them() {
    let mut input_register = town();
    for at in 0..input_register.accesses.len() {
        input_register.accesses[at].point = None;
    }
    let point = LonLat::new(15.5, 40.5).unwrap();
    let number = |n: u32| CivicNumber { number: Some(n), ..CivicNumber::default() };
    let report = input_register.borrow_points(vec![
        ("VIA IV NOVEMBRE".into(), number(3), point),
        ("VIA GARIBALDI".into(), number(4), point),
        ("VIA INESISTENTE".into(), number(4), point),
    ]);
    assert_eq!((report.borrowed, report.points_without_street), (2, 1));
    assert_eq!(at(&input_register, "via quattro novembre 3").point, Some(point));
    assert_eq!(input_register.access(AccessId(6003)).unwrap().quality, PointQuality::Borrowed);
}

#[test]
fn points_that_cannot_be_right_are_flagged() {
    let mut accesses: Vec<Access> = (1..=10).map(|n| access(u64::from(n), 1, Some(n), "")).collect();
    accesses[4].point = LonLat::new(15.0, 40.05).ok();
    accesses[7].point = LonLat::new(16.0, 40.01).ok();
    let ring = vec![(14.9, 39.9), (15.1, 39.9), (15.1, 40.1), (14.9, 40.1), (14.9, 39.9)];
    let square = geo::Polygon::new(geo::LineString::from(ring), vec![]);
    assert_eq!(flag_suspects(&mut accesses, &geo::MultiPolygon(vec![square])), (1, 1));
    let mut register = town();
    let nowhere =
        geo::Polygon::new(geo::LineString::from(vec![(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0)]), vec![]);
    let (outside, _) = register.flag_suspects(&geo::MultiPolygon(vec![nowhere]));
    assert_eq!((outside, register.medoid()), (register.accesses().len(), None));
    assert_eq!(at(&register, "Via Roma 5").faults, ["suspect_point"]);
    assert_eq!(accesses[4].quality, PointQuality::FarFromStreet);
    assert_eq!(accesses[7].quality, PointQuality::OutsideComune);
}

proptest! {
    #[test]
    fn no_text_breaks_the_geocoder(address in "\\PC{0,80}") {
        let register = town();
        let placed = at(&register, &address);
        prop_assert!((0.0..=1.0).contains(&placed.score));
        prop_assert_eq!(placed, at(&register, &address));
        suggest(&register, &address, 5);
    }

    #[test]
    fn case_and_blanks_do_not_matter(street in 0..STREETS.len(), number in 1..=12_u32) {
        let register = town();
        let address = format!("{} {number}", STREETS[street].1);
        let loud = at(&register, &address);
        let quiet = at(&register, &format!("  {}  ", address.to_lowercase()));
        prop_assert_eq!(loud, quiet);
    }
}
