//! Each trap of a road file, with the way that a driver would take.

use geo::{Coord, LineString, MultiPolygon, polygon};

use super::sketch::{CORNER, STEP, Sketch, point};
use crate::roads::{
    FaultReason,
    closure::{Bridges, Closure, closed},
    plane::{Plane, Unsnapped},
    profile::{
        Profile::{self, Car, Emergency, Foot, Truck, Van},
        Vehicle,
    },
};

/// A square of streets, 1 2 3 above, 4 5 6 below; `extra` changes the way from 2 to 5, or adds to all.
fn block(middle: &str, extra: &str) -> Sketch {
    Sketch::draw(&format!(
        "node 1 0 10\nnode 2 10 10\nnode 3 20 10\nnode 4 0 0\nnode 5 10 0\nnode 6 20 0
         way 10 1 2 highway=residential name=Via_Alta
         way 11 2 3 highway=residential name=Via_Alta
         way 12 4 5 highway=residential name=Via_Bassa
         way 13 5 6 highway=residential name=Via_Bassa
         way 14 1 4 highway=residential
         way 15 3 6 highway=residential
         way 16 2 5 {middle}
         {extra}"
    ))
}

/// From the upper left to the lower middle: straight through 2 and 5 where nothing forbids it.
fn way(sketch: &Sketch, profile: Profile) -> String {
    sketch.way(profile, (8.0, 10.0), (12.0, 0.0))
}

const STREET: &str = "highway=residential";

#[test]
fn restrictions_at_a_node() {
    assert_eq!(way(&block(STREET, ""), Car), "2 5");
    let no = block(STREET, "turn 20 10 2 16 restriction=no_right_turn");
    assert_eq!(way(&no, Car), "2 3 6");
    assert_eq!(way(&no, Emergency), "2 3 6");
    assert_eq!(way(&no, Foot), "2 5", "on foot one turns where one likes");
    // Who comes from elsewhere turns as before.
    assert_eq!(no.way(Car, (12.0, 10.0), (12.0, 0.0)), "2 5");
    let only = block(STREET, "turn 20 10 2 11 restriction=only_straight_on");
    assert_eq!(way(&only, Car), "2 3 6");
    assert_eq!(no.ground(Car).nodes(), 7, "one node more, for those who come from the left");
    assert_eq!(no.ground(Foot).nodes(), 6);
}

#[test]
fn restrictions_with_exceptions_and_for_some_vehicles() {
    let except = block(STREET, "turn 20 10 2 16 restriction=no_right_turn except=hgv;emergency");
    assert_eq!([way(&except, Car), way(&except, Truck), way(&except, Emergency)], ["2 3 6", "2 5", "2 5"]);
    let heavy = block(STREET, "turn 20 10 2 16 restriction:hgv=no_right_turn");
    assert_eq!([way(&heavy, Car), way(&heavy, Truck)], ["2 5", "2 3 6"]);
    let several = block(STREET, "turn 20 10,11 2 16 restriction=no_entry");
    assert_eq!(several.way(Car, (11.0, 10.0), (8.0, 0.0)), "2 1 4");
}

#[test]
fn restrictions_along_a_way() {
    let no = block(STREET, "turn 20 10 w16 13 restriction=no_left_turn");
    assert_eq!(way(&no, Car), "2 3 6");
    assert_eq!(no.way(Car, (12.0, 10.0), (12.0, 0.0)), "2 5", "from the other side the turn is free");
    assert_eq!(no.way(Car, (8.0, 10.0), (8.0, 0.0)), "2 5", "the other turn is free");
    let only = block(STREET, "turn 20 10 w16 12 restriction=only_right_turn");
    assert_eq!(way(&only, Car), "2 3 6");
}

#[test]
fn restrictions_that_cannot_be_applied_are_counted() {
    for (turn, reason) in [
        ("turn 20 10 2 99 restriction=no_right_turn", FaultReason::BrokenRestriction),
        ("turn 20 10 6 16 restriction=no_right_turn", FaultReason::BrokenRestriction),
        ("turn 20 10 2 16 restriction=sometimes", FaultReason::UnknownRestriction),
        ("turn 20 10 2 16 restriction:conditional=no_right_turn@(8:00-9:00)", FaultReason::ConditionalRestriction),
    ] {
        let sketch = block(STREET, turn);
        let faults = sketch.read().faults;
        assert_eq!((faults[0].reason, faults[0].count, faults[0].first), (reason, 1, 20), "{turn}");
        assert_eq!(way(&sketch, Car), "2 5");
    }
}

#[test]
fn one_way_streets() {
    assert_eq!(way(&block("highway=residential oneway=yes", ""), Car), "2 5");
    for closed in [
        "highway=residential oneway=-1",
        "highway=residential oneway=reversible",
        "highway=residential vehicle:forward=no",
    ] {
        assert_ne!(way(&block(closed, ""), Car), "2 5", "{closed}");
        assert_eq!(way(&block(closed, ""), Foot), "2 5", "{closed}");
    }
    let back = block("highway=residential oneway=-1", "");
    assert_eq!(back.way(Car, (12.0, 0.0), (8.0, 10.0)), "5 2");
}

#[test]
fn motorways_and_roundabouts_are_one_way_without_a_sign() {
    let ring = "node 1 0 0\nnode 2 10 -1\nnode 3 20 0\nnode 4 10 1\nnode 5 -9 0\nnode 6 29 0
        way 10 5 1 highway=residential\nway 11 3 6 highway=residential";
    for (tags, there, back) in [
        ("highway=residential junction=roundabout", "1 2 3", "3 4 1"),
        ("highway=motorway", "1 2 3", "3 4 1"),
        ("highway=motorway_link", "1 2 3", "3 4 1"),
    ] {
        let sketch = Sketch::draw(&format!("{ring}\nway 12 1 2 3 4 1 {tags}"));
        assert_eq!(sketch.way(Car, (-5.0, 0.0), (25.0, 0.0)), there, "{tags}");
        assert_eq!(sketch.way(Car, (25.0, 0.0), (-5.0, 0.0)), back, "{tags}");
    }
    let free = Sketch::draw(&format!("{ring}\nway 12 1 2 3 4 1 highway=motorway oneway=no"));
    let back = free.way(Car, (25.0, 0.0), (-5.0, 0.0));
    assert!(back == "3 4 1" || back == "3 2 1");
}

#[test]
fn barriers_and_access_on_nodes() {
    let cut = |tags: &str| {
        Sketch::draw(&format!(
            "node 1 0 0\nnode 2 10 0 {tags}\nnode 3 20 0\nnode 4 0 10\nnode 5 20 10\nnode 6 4 0\nnode 7 16 0
             node 8 4 -2\nnode 9 16 -2\nway 12 6 8 highway=residential\nway 13 7 9 highway=residential
             way 10 1 6 2 7 3 highway=residential\nway 11 1 4 5 3 highway=residential"
        ))
    };
    let way = |tags: &str, profile| cut(tags).way(profile, (2.0, 0.0), (18.0, 0.0));
    for (tags, open, closed) in [
        ("barrier=bollard", &[Foot][..], &[Car, Van, Truck, Emergency][..]),
        ("barrier=bollard emergency=yes", &[Foot, Emergency], &[Car, Van, Truck]),
        ("barrier=gate", &[Foot, Car, Emergency], &[]),
        ("barrier=gate access=private", &[Emergency], &[Car, Van, Foot]),
        ("barrier=lift_gate motor_vehicle=no", &[Foot, Emergency], &[Car, Van, Truck]),
        ("barrier=bollard motor_vehicle=yes", &[Car, Van, Truck], &[]),
        ("barrier=cattle_grid", &[Car, Truck], &[]),
        ("barrier=wall", &[], &[Car, Foot, Emergency]),
        ("highway=crossing access=no", &[], &[Car, Emergency]),
        ("maxheight=2.5", &[Car, Foot], &[Van, Truck, Emergency]),
    ] {
        for profile in open {
            assert_eq!(way(tags, *profile), "6 2 7", "{tags} {profile:?}");
        }
        for profile in closed {
            assert_eq!(way(tags, *profile), "1 4 5 3", "{tags} {profile:?}");
        }
    }
}

#[test]
fn private_roads_are_no_short_cut_but_lead_home() {
    for tags in [
        "highway=service access=private",
        "highway=residential motor_vehicle=destination",
        "highway=residential vehicle=delivery",
        "highway=residential motor_vehicle=permit",
    ] {
        let sketch =
            block(tags, "node 7 10 5\nway 17 7 2 highway=service\nnode 8 14 5\nway 18 7 8 highway=residential");
        assert_ne!(way(&block(tags, ""), Car), "2 5", "{tags}");
        assert_ne!(way(&sketch, Van), "2 5", "{tags}");
        // ZTL and gates open for an ambulance.
        assert_eq!(way(&block(tags, ""), Emergency), "2 5", "{tags}");
        // One arrives on it from both ends, and sets out from it.
        assert_eq!(block(tags, "").way(Car, (5.0, 10.0), (10.0, 7.0)), "2", "{tags}");
        assert_eq!(block(tags, "").way(Car, (10.0, 7.0), (15.0, 0.0)), "5", "{tags}");
        assert_eq!(block(tags, "").way(Car, (10.0, 7.0), (10.0, 3.0)), "", "{tags}: along itself");
    }
    // A public road behind a private one is reached through it.
    let behind = block(
        STREET,
        "node 7 10 -8\nnode 8 18 -8\nway 17 5 7 highway=service access=private\nway 18 7 8 highway=residential",
    );
    assert_eq!(behind.way(Car, (8.0, 10.0), (15.0, -8.0)), "2 5 7");
    assert_eq!(behind.way(Car, (15.0, -8.0), (8.0, 10.0)), "7 5 2");
}

#[test]
fn closed_ways_are_closed_to_whom_the_signs_say() {
    for (tags, open, closed) in [
        ("highway=residential access=no", &[][..], &[Car, Foot, Emergency][..]),
        ("highway=residential motor_vehicle=no", &[Foot, Emergency], &[Car, Van, Truck]),
        ("highway=residential hgv=no", &[Car, Van], &[Truck]),
        ("highway=residential goods=no", &[Car, Truck], &[Van]),
        ("highway=pedestrian", &[Foot, Emergency], &[Car, Van]),
        ("highway=footway", &[Foot], &[Car, Emergency]),
        ("highway=steps", &[Foot], &[Car, Emergency]),
        ("highway=track motor_vehicle=agricultural", &[Foot, Emergency], &[Car, Truck]),
        ("highway=residential foot=no", &[Car], &[Foot]),
        ("highway=residential access=no motor_vehicle=yes", &[Car, Emergency], &[Foot]),
        ("highway=construction", &[], &[Car, Foot]),
        ("highway=residential emergency=no", &[Car], &[Emergency]),
        ("highway=service service=emergency_access", &[Emergency], &[Car]),
    ] {
        for profile in open {
            assert_eq!(way(&block(tags, ""), *profile), "2 5", "{tags} {profile:?}");
        }
        for profile in closed {
            assert_ne!(way(&block(tags, ""), *profile), "2 5", "{tags} {profile:?}");
        }
    }
}

#[test]
fn height_weight_and_width() {
    for (tags, passes, stops) in [
        ("maxheight=3.5", &[Car, Van, Foot][..], &[Truck][..]),
        ("maxheight=6'6\"", &[Car], &[Van, Truck]),
        ("maxweight=3.5", &[Car, Van], &[Truck, Emergency]),
        ("maxweight=3500kg", &[Car, Van], &[Truck]),
        ("maxwidth=2", &[Car, Foot], &[Van, Truck]),
        ("maxheight=default", &[Car, Truck], &[]),
    ] {
        let sketch = block(&format!("{STREET} {tags}"), "");
        for profile in passes {
            assert_eq!(way(&sketch, *profile), "2 5", "{tags} {profile:?}");
        }
        for profile in stops {
            assert_ne!(way(&sketch, *profile), "2 5", "{tags} {profile:?}");
        }
    }
    let sketch = block(&format!("{STREET} maxheight=high"), "");
    assert_eq!(sketch.read().faults[0].reason, FaultReason::UnreadableValue);
    assert_eq!(way(&sketch, Truck), "2 5");
    // A vehicle of its own measures.
    let low = block(&format!("{STREET} maxheight=2.2"), "");
    let tall = Vehicle { height_m: Some(2.3), ..Vehicle::default() };
    let ground = std::sync::Arc::new(crate::roads::ground::Ground::build_for(
        std::sync::Arc::new(low.read().network),
        Car,
        &tall,
    ));
    let plane = Plane::open(ground);
    let ends = [(8.0, 10.0), (12.0, 0.0)].map(|(x, y)| plane.snap(point(x, y), None).unwrap());
    assert_ne!(low.passed(&plane, &ends[0], &ends[1]), "2 5");
}

#[test]
fn ferries_take_their_own_time() {
    let sea = |tags: &str| {
        Sketch::draw(&format!(
            "node 1 0 0\nnode 2 10 0\nnode 3 60 0\nnode 4 70 0
             way 10 1 2 highway=residential\nway 11 3 4 highway=residential\nway 12 2 3 route=ferry {tags}"
        ))
    };
    let minutes = |tags: &str, profile| {
        let plane = Plane::open(sea(tags).ground(profile));
        let snap = |x| plane.snap(point(x, 0.0), None).ok();
        plane.duration(&snap(10.0)?, &snap(60.0)?).map(|ds| ds / 600)
    };
    assert_eq!(minutes("duration=00:40", Car), Some(40));
    assert_eq!(minutes("duration=PT1H30M", Foot), Some(90));
    assert!(minutes("", Car).is_some_and(|minutes| (20..30).contains(&minutes)), "ten kilometres an hour");
    assert_eq!(minutes("motor_vehicle=no", Car), None, "not for cars");
}

#[test]
fn the_same_street_twice_is_kept_once() {
    let sketch =
        block(STREET, "way 17 2 5 highway=residential\nway 18 5 2 highway=residential\nway 19 2 5 highway=footway");
    let reading = sketch.read();
    assert_eq!(reading.network.edges().len(), 8);
    assert_eq!((reading.faults[0].reason, reading.faults[0].count), (FaultReason::Duplicate, 2));
    assert_eq!(way(&sketch, Car), "2 5");
}

#[test]
fn a_place_of_another_town_is_not_looked_for_among_all_roads() {
    // Seven hundred paces of footway lie before the first street.
    let nodes: Vec<String> = (0..700).map(|n| format!("node {} 30 {}", 100 + n, f64::from(n) * 0.01)).collect();
    let refs: Vec<String> = (0..700).map(|n| (100 + n).to_string()).collect();
    let sketch = block(STREET, &format!("{}\nway 50 {} highway=footway", nodes.join("\n"), refs.join(" ")));
    let plane = Plane::open(sketch.ground(Car));
    for street in [None, Some("Via Roma")] {
        let found = plane.snap(point(60.0, 5.0), street);
        assert!(matches!(found, Err(Unsnapped::TooFar { m }) if (1_000.0..3_000.0).contains(&m)), "{found:?}");
    }
}

#[test]
fn islands_are_left_for_the_mainland_or_named() {
    let island = "node 7 5 5\nnode 8 7 5\nway 17 7 8 highway=residential";
    let sketch = block(STREET, island);
    let plane = Plane::open(sketch.ground(Car));
    assert_eq!(plane.snap(point(6.0, 5.0), None), Err(Unsnapped::Island), "across the water lies another road");
    // Near the shore of the mainland, or where its own roads are as far, a place is on the mainland.
    let snapped = plane.snap(point(9.0, 5.0), None).unwrap();
    assert!(plane.ground().is_mainland(snapped.edge) && snapped.distance_m < 150.0);
    // A stretch that is cut off by signs, not by water, is left on foot: how far is told.
    let behind = block(STREET, "node 7 5 5\nnode 8 7 5\nway 17 7 8 highway=residential\nway 18 8 2 highway=footway");
    let plane = Plane::open(behind.ground(Car));
    let snapped = plane.snap(point(6.0, 5.0), None).unwrap();
    assert!(plane.ground().is_mainland(snapped.edge) && snapped.distance_m > 300.0);
    let far = block(STREET, "node 7 60 5\nnode 8 62 5\nway 17 7 8 highway=residential");
    let plane = Plane::open(far.ground(Car));
    assert_eq!(plane.snap(point(61.0, 5.0), None), Err(Unsnapped::Island));
    assert!(matches!(plane.snap(point(40.0, 5.0), None), Err(Unsnapped::TooFar { m }) if m > 1500.0));
    // A street into which one may drive, and not out again, is no place to stop.
    let trap = block(STREET, "node 7 10 14\nway 17 2 7 highway=residential oneway=yes");
    let plane = Plane::open(trap.ground(Car));
    assert!(plane.snap(point(10.0, 13.0), None).is_ok_and(|snapped| snapped.distance_m > 200.0));
    let walk = Sketch::draw("node 1 0 0\nnode 2 1 0\nway 10 1 2 highway=steps");
    assert_eq!(Plane::open(walk.ground(Car)).snap(point(0.0, 0.0), None), Err(Unsnapped::NoRoads));
}

#[test]
fn a_named_street_is_preferred_to_a_somewhat_nearer_one() {
    let plane = Plane::open(block(STREET, "").ground(Car));
    let names = |street: Option<&str>, x, y| {
        let snapped = plane.snap(point(x, y), street).unwrap();
        plane.street(&snapped).unwrap_or("-").to_owned()
    };
    assert_eq!(names(None, 9.6, 9.2), "-");
    assert_eq!(names(Some("VIA ALTA"), 9.6, 9.2), "Via Alta");
    assert_eq!(names(Some("VIA BASSA"), 9.6, 9.2), "-", "too far to be meant");
}

fn square(x: (f64, f64), y: (f64, f64)) -> MultiPolygon<f64> {
    let at = |x: f64, y: f64| Coord { x: CORNER[0] + x * STEP, y: CORNER[1] + y * STEP };
    MultiPolygon(vec![polygon![at(x.0, y.0), at(x.1, y.0), at(x.1, y.1), at(x.0, y.1)]])
}

fn flood(bridges: Bridges) -> Vec<Closure> {
    vec![Closure::Area { polygon: square((9.0, 11.0), (4.0, 6.0)), bridges }]
}

#[test]
fn a_flood_leaves_bridges_and_closes_tunnels_and_fords() {
    let under = |tags: &str, bridges| {
        block(&format!("{STREET} {tags}"), "").way_under(Car, &flood(bridges), (8.0, 10.0), (12.0, 0.0))
    };
    for tags in ["bridge=yes", "bridge=viaduct layer=1", "layer=1"] {
        assert_eq!(under(tags, Bridges::Stand), "2 5", "{tags}");
        assert_eq!(under(tags, Bridges::Closed), "2 3 6", "{tags}: the operator knows better");
    }
    for tags in ["", "tunnel=yes layer=-1", "ford=yes", "bridge=no", "tunnel=yes layer=1"] {
        assert_eq!(under(tags, Bridges::Stand), "2 3 6", "{tags}");
    }
    assert_eq!(way(&block("highway=residential ford=yes", ""), Car), "2 3 6", "a ford is slow even when it is dry");
}

#[test]
fn streets_and_lines_close_what_was_meant() {
    let sketch = block(STREET, "");
    let ground = sketch.ground(Car);
    let count = |closure: Closure| closed(&ground, &[closure]).len();
    assert_eq!(count(Closure::Street { name: "via  ALTA".into() }), 2);
    assert_eq!(count(Closure::Street { name: "Via Larga".into() }), 0);
    let drawn = |points: &[(f64, f64)]| Closure::Line {
        geometry: LineString(
            points.iter().map(|(x, y)| Coord { x: CORNER[0] + x * STEP, y: CORNER[1] + y * STEP }).collect(),
        ),
    };
    assert_eq!(count(drawn(&[(9.0, 5.0), (11.0, 5.1)])), 1, "across the middle");
    assert_eq!(count(drawn(&[(0.0, 10.0), (20.0, 10.01)])), 2, "along the upper street, its side streets stay open");
    assert_eq!(count(drawn(&[(2.0, 5.0), (8.0, 5.0)])), 0, "on a field");
    assert_eq!(
        sketch.way_under(Car, &[Closure::Street { name: "Via Alta".into() }], (8.0, 10.0), (12.0, 0.0)),
        Unsnapped::Closed.to_string()
    );
    // A house at the corner reaches the open street.
    let walled = [drawn(&[(4.0, 11.0), (4.0, 9.0)])];
    assert_eq!(sketch.way_under(Car, &walled, (9.9, 9.9), (12.0, 0.0)), "5");
}
