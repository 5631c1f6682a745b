//! Signs of OpenStreetMap that are easily read wrongly, each with the way that a driver would take.

use super::sketch::{Sketch, point};
use crate::roads::{
    FaultReason,
    plane::Plane,
    profile::Profile::{self, Car, Emergency, Foot, Truck, Van},
};

/// A square of streets, 1 2 3 above, 4 5 6 below; `middle` are the tags of the way from 2 to 5.
fn block(middle: &str, extra: &str) -> Sketch {
    Sketch::draw(&format!(
        "node 1 0 10\nnode 2 10 10\nnode 3 20 10\nnode 4 0 0\nnode 5 10 0\nnode 6 20 0
         way 10 1 2 highway=residential\nway 11 2 3 highway=residential\nway 12 4 5 highway=residential
         way 13 5 6 highway=residential\nway 14 1 4 highway=residential\nway 15 3 6 highway=residential
         way 16 2 5 {middle}\n{extra}"
    ))
}

/// Whether one drives down, and up, the way in the middle.
fn driven(sketch: &Sketch, profile: Profile) -> (bool, bool) {
    let down = sketch.way(profile, (8.0, 10.0), (12.0, 0.0)) == "2 5";
    (down, sketch.way(profile, (12.0, 0.0), (8.0, 10.0)) == "5 2")
}

#[test]
fn one_way_signs_bind_whom_they_name() {
    for (tags, profile, ways) in [
        ("oneway=yes oneway:emergency=no", Car, (true, false)),
        ("oneway=yes oneway:emergency=no", Emergency, (true, true)),
        ("oneway=yes oneway:motor_vehicle=no", Van, (true, true)),
        ("oneway=no oneway:hgv=yes", Truck, (true, false)),
        ("oneway=no oneway:hgv=yes", Car, (true, true)),
        ("oneway:goods=-1", Van, (false, true)),
        ("oneway:goods=-1", Car, (true, true)),
        ("oneway:motorcar=yes", Car, (true, false)),
        ("oneway=yes oneway:bicycle=no", Car, (true, false)),
        ("oneway=yes", Foot, (true, true)),
        ("oneway:foot=yes", Foot, (true, false)),
        ("oneway:foot=-1", Foot, (false, true)),
        ("oneway=yes oneway:foot=no", Foot, (true, true)),
        ("oneway=alternating", Car, (true, true)),
        ("junction=circular", Car, (true, false)),
        ("junction=circular oneway=no", Car, (true, true)),
    ] {
        let sketch = block(&format!("highway=residential {tags}"), "");
        assert_eq!(driven(&sketch, profile), ways, "{tags} {profile:?}");
    }
    assert_eq!(driven(&block("highway=steps conveying=backward", ""), Foot), (false, true), "stairs that move");
    assert_eq!(driven(&block("highway=steps conveying=reversible", ""), Foot), (false, false));
}

#[test]
fn access_by_the_hierarchy_of_vehicles() {
    for (tags, open, closed) in [
        ("access=no bus=yes", &[Emergency][..], &[Car, Van, Truck, Foot][..]),
        ("access=no psv=yes foot=yes", &[Emergency, Foot], &[Car, Van, Truck]),
        ("access=no foot=yes", &[Foot], &[Car, Emergency]),
        ("vehicle=no", &[Foot, Emergency], &[Car, Van, Truck]),
        ("vehicle=no motor_vehicle=yes", &[Car, Van, Truck], &[]),
        ("motor_vehicle=no hgv=yes", &[Truck], &[Car, Van]),
        ("motor_vehicle=no motorcar=yes", &[Car], &[Van, Truck]),
        ("access=no vehicle=yes hgv=no", &[Car, Van, Emergency], &[Truck, Foot]),
        ("motorroad=yes", &[Car, Truck], &[Foot]),
        ("motorroad=yes foot=yes", &[Car, Foot], &[]),
        ("impassable=yes", &[], &[Car, Foot, Emergency]),
        ("construction=yes", &[], &[Car, Foot, Emergency]),
        ("construction=minor", &[Car, Foot], &[]),
        ("smoothness=impassable", &[Foot], &[Car, Emergency]),
        ("bicycle=no", &[Car, Foot], &[]),
        ("access:conditional=no@(08:00-09:00)", &[Car], &[]),
        ("access=permit_only", &[Emergency], &[Car]),
    ] {
        let sketch = block(&format!("highway=residential {tags}"), "");
        for (profiles, is_open) in [(open, true), (closed, false)] {
            for profile in profiles {
                assert_eq!(driven(&sketch, *profile), (is_open, is_open), "{tags} {profile:?}");
            }
        }
    }
    for highway in ["construction", "proposed", "busway", "raceway", "platform", "corridor"] {
        let sketch = block(&format!("highway={highway} construction=residential"), "");
        assert_eq!([Car, Foot, Emergency].map(|profile| driven(&sketch, profile)), [(false, false); 3], "{highway}");
    }
    for service in ["alley", "driveway", "parking_aisle", "drive-through"] {
        assert_eq!(driven(&block(&format!("highway=service service={service}"), ""), Emergency), (true, true));
    }
}

#[test]
fn rules_for_some_hours_are_told() {
    for tags in ["motor_vehicle:conditional=no@(Sa)", "maxheight:conditional=3@(Su)", "hgv:forward:conditional=no@(Sa)"]
    {
        let faults = block(&format!("highway=residential {tags}"), "").read().faults;
        assert_eq!(faults.iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::ConditionalRestriction]);
    }
    assert!(block("highway=residential maxspeed:conditional=30@(Sa)", "").read().faults.is_empty());
}

#[test]
fn squares_are_crossed_along_their_border_by_who_walks() {
    let square = "node 7 9 6\nnode 8 11 6\nnode 9 11 4\nnode 20 9 4\nway 17 7 8 9 20 7 highway=pedestrian area=yes
        way 18 2 7 highway=footway\nway 19 20 5 highway=footway";
    let sketch = block("highway=construction", square);
    assert_eq!(sketch.way(Foot, (10.0, 9.0), (10.0, 1.0)), "7 20");
    let parking = block("highway=service area=yes", "");
    assert_eq!(driven(&parking, Car), (false, false));
}

#[test]
fn barriers_let_pass_whom_they_know() {
    let cut = |tags: &str| {
        Sketch::draw(&format!(
            "node 1 0 0\nnode 2 10 0 {tags}\nnode 3 20 0\nnode 4 0 10\nnode 5 20 10\nnode 6 4 0\nnode 7 16 0
             node 8 4 -2\nnode 9 16 -2\nway 12 6 8 highway=residential\nway 13 7 9 highway=residential
             way 10 1 6 2 7 3 highway=residential\nway 11 1 4 5 3 highway=residential"
        ))
    };
    for (tags, open, closed) in [
        ("barrier=bollard motor_vehicle=yes", &[Car, Emergency][..], &[][..]),
        ("barrier=bollard access=no emergency=yes", &[Emergency], &[Car, Foot]),
        ("barrier=bollard bollard=rising", &[Foot, Emergency], &[Car, Van]),
        ("barrier=bollard bollard=removable", &[Foot], &[Car, Emergency]),
        ("barrier=lift_gate", &[Car, Foot, Emergency], &[]),
        ("barrier=lift_gate access=private", &[Emergency], &[Car, Van]),
        ("barrier=gate locked=yes", &[Foot, Emergency], &[Car, Truck]),
        ("barrier=gate locked=yes motor_vehicle=yes", &[Car], &[]),
        ("barrier=yes", &[Foot], &[Car, Emergency]),
        ("barrier=height_restrictor maxheight:physical=2.2", &[Car, Foot], &[Van, Truck]),
    ] {
        for (profiles, way) in [(open, "6 2 7"), (closed, "1 4 5 3")] {
            for profile in profiles {
                assert_eq!(cut(tags).way(*profile, (2.0, 0.0), (18.0, 0.0)), way, "{tags} {profile:?}");
            }
        }
    }
}

#[test]
fn speeds_are_signed_as_in_italy() {
    let speed = |tags: &str| block(&format!("highway=tertiary {tags}"), "").read().network.edges()[6].speed_kmh;
    for (tags, kmh) in [
        ("maxspeed=IT:urban", Some(50.0)),
        ("maxspeed=IT:rural", Some(90.0)),
        ("maxspeed=IT:zone:30", Some(30.0)),
        ("maxspeed=IT:30", Some(30.0)),
        ("maxspeed=walk", Some(7.0)),
        ("maxspeed=none", None),
        ("maxspeed=5knots", Some(9.26)),
        ("maxspeed:type=IT:urban", Some(50.0)),
        ("source:maxspeed=IT:rural", Some(90.0)),
        ("source:maxspeed=sign", None),
        ("zone:maxspeed=IT:30", Some(30.0)),
        ("maxspeed=70 maxspeed:type=IT:urban", Some(70.0)),
        ("maxspeed:forward=40", Some(40.0)),
    ] {
        assert_eq!(speed(tags), kmh, "{tags}");
    }
    assert!(matches!(speed("maxspeed=50mph"), Some(kmh) if (kmh - 80.4672).abs() < 1e-3));
    let height = |tags: &str| block(&format!("highway=tertiary {tags}"), "").read().network.edges()[6].limits.height_m;
    assert_eq!(height("maxheight=default maxheight:physical=3.2"), Some(3.2));
    assert_eq!(height("maxheight=3.5 maxheight:physical=3.7"), Some(3.5));
    assert!(matches!(height("maxheight=12ft"), Some(m) if (m - 3.6576).abs() < 1e-4));
}

#[test]
fn ferries_tell_their_time_in_many_forms() {
    let sea = |duration: &str| {
        Sketch::draw(&format!(
            "node 1 0 0\nnode 2 10 0\nnode 3 60 0\nnode 4 70 0
             way 10 1 2 highway=residential\nway 11 3 4 highway=residential\nway 12 2 3 route=ferry duration={duration}"
        ))
    };
    for (duration, minutes) in [
        ("00:40", 40),
        ("0:40:00", 40),
        ("40", 40),
        ("40min", 40),
        ("PT40M", 40),
        ("PT1H", 60),
        ("PT1H30M30S", 90),
        ("PT3600S", 60),
        ("P1DT2H", 26 * 60),
        ("1h20min", 80),
        ("1,5h", 90),
    ] {
        let plane = Plane::open(sea(duration).ground(Car));
        let snap = |x| plane.snap(point(x, 0.0), None).unwrap();
        assert_eq!(plane.duration(&snap(10.0), &snap(60.0)).map(|ds| ds / 600), Some(minutes), "{duration}");
    }
    for unreadable in ["soon", "1:2:3:4", "-5", "PT", "40fortnights"] {
        let faults = sea(unreadable).read().faults;
        assert_eq!(faults.first().map(|fault| fault.reason), Some(FaultReason::UnreadableValue), "{unreadable}");
    }
}

/// A house on the shore is on its street, however near the ferry passes.
#[test]
fn nobody_sets_out_from_the_middle_of_a_crossing() {
    let sketch = block("route=ferry duration=00:10", "");
    for profile in [Car, Foot] {
        let plane = Plane::open(sketch.ground(profile));
        let ferry = 6;
        assert_ne!(plane.snap(point(10.2, 6.0), None).unwrap().edge, ferry);
        assert!(plane.nearest(point(10.2, 6.0), 7).iter().all(|place| place.edge != ferry));
    }
}

/// Three ways, one after the other, between where one comes from and where one may not go; told in any order.
#[test]
fn rules_along_several_ways_hold_in_any_order_of_the_members() {
    let text = |via: &str, rule: &str| {
        format!(
            "node 1 0 10\nnode 2 10 10\nnode 3 20 10\nnode 4 30 10\nnode 5 40 10\nnode 6 50 10\nnode 7 40 0\nnode 8 50 0
             way 10 1 2 highway=residential\nway 11 2 3 highway=residential oneway=yes\nway 12 4 3 highway=residential oneway=-1
             way 13 4 5 highway=residential oneway=yes\nway 14 5 6 highway=residential oneway=yes\nway 15 5 7 highway=residential
             way 16 6 8 highway=residential\nway 17 7 8 highway=residential\nway 18 8 1 highway=residential oneway=yes\nturn 20 10 {via} {rule}"
        )
    };
    for via in ["w11,w12,w13", "w13,w12,w11", "w12,w13,w11"] {
        let no = Sketch::draw(&text(via, "15 restriction=no_right_turn"));
        assert!(no.read().faults.is_empty(), "{via}");
        assert_eq!(no.way(Car, (1.0, 10.0), (40.0, 5.0)), "2 3 4 5 6 8 7", "{via}");
        assert_eq!(no.way(Car, (15.0, 10.0), (40.0, 5.0)), "3 4 5", "who begins on the way turns as he likes");
        let only = Sketch::draw(&text(via, "14 restriction=only_straight_on"));
        assert_eq!(only.way(Car, (1.0, 10.0), (40.0, 5.0)), "2 3 4 5 6 8 7", "{via}");
    }
    let torn = Sketch::draw(&text("w11,w13", "15 restriction=no_right_turn"));
    assert_eq!(torn.read().faults[0].reason, FaultReason::BrokenRestriction);
}

#[test]
fn rules_for_some_are_for_them_alone() {
    let obeys = |turn: &str| {
        let sketch = block("highway=residential", &format!("turn 20 10 2 16 {turn}"));
        [Car, Van, Truck, Emergency].map(|profile| sketch.way(profile, (8.0, 10.0), (12.0, 0.0)) != "2 5")
    };
    for (turn, obeyed) in [
        ("restriction=no_right_turn", [true, true, true, true]),
        ("restriction:emergency=no_right_turn", [false, false, false, true]),
        ("restriction=no_right_turn except=emergency", [true, true, true, false]),
        ("restriction:hgv=no_right_turn restriction:goods=no_right_turn", [false, true, true, false]),
        ("restriction:bicycle=no_right_turn", [false; 4]),
        ("restriction:hgv=no_right_turn restriction:motorcar=only_right_turn", [false, false, true, false]),
    ] {
        assert_eq!(obeys(turn), obeyed, "{turn}");
    }
}

/// A relation of a million members is no sign, and is not worked through.
#[test]
fn a_rule_of_endless_members_is_refused_at_once() {
    let many = vec!["10"; 2_000].join(",");
    let sketch = block("highway=residential", &format!("turn 20 {many} 2 {many} restriction=no_entry"));
    assert_eq!(sketch.read().faults[0].reason, FaultReason::BrokenRestriction);
}
