//! Addresses in OSRM's words, sound and spoilt.

use super::{
    annotations,
    asked::{Options, coordinates, profile},
};
use crate::{publish::osrm::Annotation, roads::profile::Profile};

fn places(text: &str) -> Result<Vec<(f64, f64)>, String> {
    let places = coordinates(text).map_err(|fault| format!("{}: {}", fault.code, fault.message))?;
    Ok(places.iter().map(|place| (place.lon(), place.lat())).collect())
}

#[test]
fn coordinates_are_read_in_every_form() {
    assert_eq!(places("13.1,41.7;-13.2,4.17e1").unwrap(), [(13.1, 41.7), (-13.2, 41.7)]);
    assert_eq!(places("13.1,41.7.json").unwrap(), [(13.1, 41.7)]);
    let google = [(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)];
    assert_eq!(places("polyline(_p~iF~ps|U_ulLnnqC_mqNvxq`@)").unwrap(), google);
    assert_eq!(places("polyline6(_p~iF~ps|U)").unwrap(), [(-12.02, 3.85)]);
}

#[test]
fn spoilt_coordinates_are_refused() {
    for (text, said) in [
        ("", "InvalidUrl"),
        ("13.1", "InvalidUrl"),
        ("13.1;41.7", "InvalidUrl"),
        ("13.1,41.7;", "InvalidUrl"),
        ("13.1,41.7,3", "InvalidUrl"),
        ("nan,inf", "InvalidUrl"),
        ("13.1,91", "InvalidValue: coordinate 0: latitude out of range"),
        ("1e999,0", "InvalidValue: coordinate 0"),
        ("polyline(_p~iF~ps|)", "InvalidUrl"),
        ("polyline(~~~~~~~~~~~~~~~~~~)", "InvalidUrl"),
        ("polyline()", "InvalidUrl: no coordinates"),
    ] {
        let error = places(text).expect_err(text);
        assert!(error.starts_with(said), "{text}: {error}");
    }
    assert!(places(&"1,2;".repeat(20_000)).unwrap_err().starts_with("TooBig"));
}

#[test]
fn profiles_have_the_names_that_clients_use() {
    for (name, known) in [
        ("car", Profile::Car),
        ("driving", Profile::Car),
        ("van", Profile::Van),
        ("truck", Profile::Truck),
        ("foot", Profile::Foot),
        ("walking", Profile::Foot),
        ("emergency", Profile::Emergency),
    ] {
        assert_eq!(profile(name).ok(), Some(known), "{name}");
    }
    assert_eq!(profile("cycling").unwrap_err().code, "InvalidValue");
}

#[test]
fn options_are_strict_and_hints_are_let_pass() {
    let read = |query: &str| Options::read(Some(query), &["sources", "steps"]).map_err(|fault| fault.code);
    let fine = read("sources=0;2&hints=;;&generate_hints=false&skip_waypoints=true&bearings=;;").unwrap();
    assert_eq!(fine.places("sources", 3).unwrap(), [0, 2]);
    assert_eq!(fine.places("destinations", 2).unwrap(), [0, 1]);
    assert!(fine.places("sources", 2).is_err());
    assert_eq!(fine.radiuses(2).unwrap(), [None, None]);
    assert_eq!(read("radiuses=5;unlimited").unwrap().radiuses(2).unwrap(), [Some(5.0), None]);
    for (query, count) in [("radiuses=5", 2), ("radiuses=-1;1", 2), ("radiuses=nan;1", 2)] {
        assert!(read(query).unwrap().radiuses(count).is_err(), "{query}");
    }
    for (query, code) in [
        ("tracks=1", "InvalidQuery"),
        ("steps=1&steps=2", "InvalidQuery"),
        ("steps=%ff", "InvalidQuery"),
        ("bearings=90,10;", "NotImplemented"),
        ("exclude=toll", "NotImplemented"),
        ("approaches=curb;", "NotImplemented"),
        ("snapping=any", "NotImplemented"),
        ("generate_hints=perhaps", "InvalidValue"),
        ("skip_waypoints=1", "InvalidValue"),
        ("gaps=split", "InvalidQuery"),
        ("timestamps=1;2", "InvalidQuery"),
    ] {
        assert_eq!(read(query).map(|_| ()), Err(code), "{query}");
    }
    assert!(read("steps=maybe").unwrap().choice("steps", &[("false", 0), ("true", 1)]).is_err());
    assert_eq!(read("").unwrap().choice("steps", &[("false", 0), ("true", 1)]), Ok(0));
    assert!(annotations(Some("duration,speed")).unwrap().has(Annotation::Speed));
    assert_eq!(annotations(Some("nodes")).unwrap_err().code, "NotImplemented");
    assert_eq!(annotations(Some("x")).unwrap_err().code, "InvalidValue");
}
