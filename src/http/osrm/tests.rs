//! Addresses in OSRM's words, sound and spoilt.

use super::{
    alternatives, annotations,
    asked::{Options, coordinates, profile},
};
use crate::{
    publish::osrm::Annotation,
    roads::{
        plane::{RoadSide, Stops},
        profile::Profile,
    },
};

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
        ("", "InvalidQuery"),
        ("13.1", "InvalidQuery"),
        ("13.1;41.7", "InvalidQuery"),
        ("13.1,41.7;", "InvalidQuery"),
        ("13.1,41.7,3", "InvalidQuery"),
        ("13.1,41.7.flatbuffers", "InvalidQuery"),
        ("nan,inf", "InvalidQuery"),
        ("13.1,91", "InvalidValue: coordinate 0: latitude out of range"),
        ("1e999,0", "InvalidValue: coordinate 0"),
        ("polyline(_p~iF~ps|)", "InvalidQuery"),
        ("polyline(~~~~~~~~~~~~~~~~~~)", "InvalidQuery"),
        ("polyline()", "InvalidQuery: coordinates: none"),
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

fn read(query: &str) -> Result<Options, &'static str> {
    let names = ["sources", "steps", "waypoints", "scale_factor"];
    Options::read(Some(query), &names).map_err(|fault| fault.code)
}

#[test]
fn options_are_strict() {
    let fine = read("sources=0;2&hints=;;&generate_hints=false&skip_waypoints=true&bearings=;;&exclude=").unwrap();
    assert_eq!(fine.places("sources", 3).unwrap(), [0, 2]);
    assert_eq!(fine.places("destinations", 2).unwrap(), [0, 1]);
    assert_eq!(fine.places("sources", 2).unwrap_err().code, "InvalidOptions");
    assert_eq!(fine.radiuses(2).unwrap(), [None, None]);
    assert_eq!(read("radiuses=5;unlimited").unwrap().radiuses(2).unwrap(), [Some(5.0), None]);
    for (query, code) in [
        ("radiuses=5", "InvalidOptions"),
        ("radiuses=-1;1", "InvalidOptions"),
        ("radiuses=nan;1", "InvalidQuery"),
        ("radiuses=1e999;1", "InvalidOptions"),
    ] {
        assert_eq!(read(query).unwrap().radiuses(2).unwrap_err().code, code, "{query}");
    }
    for (query, code) in [
        ("tracks=1", "InvalidQuery"),
        ("steps=1&steps=2", "InvalidQuery"),
        ("steps=%ff", "InvalidQuery"),
        ("exclude=toll", "InvalidValue"),
        ("gaps=split", "InvalidQuery"),
        ("timestamps=1;2", "InvalidQuery"),
    ] {
        assert_eq!(read(query).map(|_| ()), Err(code), "{query}");
    }
    assert!(read("steps=maybe").unwrap().choice("steps", &[("false", 0), ("true", 1)]).is_err());
    assert_eq!(read("").unwrap().choice("steps", &[("false", 0), ("true", 1)]), Ok(0));
    assert!(annotations(Some("duration,speed")).unwrap().has(Annotation::Speed));
    assert_eq!(annotations(Some("nodes")).unwrap_err().code, "NotImplemented");
    assert_eq!(annotations(Some("x")).unwrap_err().code, "InvalidQuery");
    for (text, code) in [("4", Err("TooBig")), ("-1", Err("InvalidQuery")), ("3", Ok(())), ("true", Ok(()))] {
        assert_eq!(alternatives(Some(text)).map_err(|fault| fault.code), code, "{text}");
    }
    for (text, scale) in [("2.5", Ok(Some(2.5))), ("0", Err("InvalidOptions")), ("x", Err("InvalidQuery"))] {
        let read = read(&format!("scale_factor={text}")).unwrap();
        assert_eq!(read.positive("scale_factor").map_err(|fault| fault.code), scale);
    }
}

#[test]
fn wishes_are_read_for_each_coordinate() {
    let wishes = |query: &str| read(query).unwrap().wishes(2).map_err(|fault| fault.code);
    let bearings: Vec<_> = wishes("bearings=90,20;").unwrap().iter().map(|wish| wish.bearing).collect();
    assert_eq!(bearings, [Some((90, 20)), None]);
    let sides = wishes("approaches=curb;opposite").unwrap();
    assert_eq!([sides[0].side, sides[1].side], [RoadSide::Curb, RoadSide::Opposite]);
    assert_eq!(wishes("snapping=any").unwrap()[1].ground, Stops::Anywhere);
    for (query, code) in [
        ("bearings=90,20", "InvalidOptions"),
        ("bearings=361,20;", "InvalidOptions"),
        ("bearings=90,181;", "InvalidOptions"),
        ("bearings=90;", "InvalidQuery"),
        ("bearings=9.5,3;", "InvalidQuery"),
        ("approaches=left;", "InvalidQuery"),
        ("approaches=curb", "InvalidOptions"),
        ("snapping=some", "InvalidQuery"),
    ] {
        assert_eq!(wishes(query).map(|_| ()), Err(code), "{query}");
    }
    let hints = |query: &str| read(query).unwrap().check_hints(2).map_err(|fault| fault.code);
    assert_eq!(hints("hints=AAAA_-;"), Ok(()));
    assert_eq!(hints("hints=AAAA"), Err("InvalidOptions"));
    assert_eq!(hints("hints=!;"), Err("InvalidQuery"));
}

#[test]
fn stops_have_both_ends_in_order() {
    let stops = |query: &str| read(query).unwrap().stops(4).map_err(|fault| fault.code);
    assert_eq!(stops("").unwrap(), [0, 1, 2, 3]);
    assert_eq!(stops("waypoints=0;2;3").unwrap(), [0, 2, 3]);
    for (query, code) in [
        ("waypoints=0;2", "InvalidValue"),
        ("waypoints=1;3", "InvalidValue"),
        ("waypoints=0;2;1;3", "InvalidValue"),
        ("waypoints=0;4", "InvalidOptions"),
        ("waypoints=0;x", "InvalidQuery"),
    ] {
        assert_eq!(stops(query), Err(code), "{query}");
    }
}
