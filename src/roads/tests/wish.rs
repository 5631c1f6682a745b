//! Places as somebody wishes them, and ways that pass them without turning back.

use super::{
    guide,
    laws::{Dice, town},
    sketch::{Sketch, point},
};
use crate::roads::{
    edge::Way,
    plane::{Passing, Plane, RoadSide, Snapped, Stops, Ways, Wish},
    profile::Profile,
};

/// A street from west to east, and one from south to north beside it.
fn cross() -> Plane {
    let sketch = Sketch::draw(
        "node 1 0 0\nnode 2 20 0\nnode 3 21 -10\nnode 4 21 10\nnode 5 60 0\nway 10 1 2 highway=residential
         way 11 3 4 highway=residential\nway 12 2 3 highway=residential\nway 13 2 5 route=ferry motor_vehicle=yes",
    );
    Plane::open(sketch.ground(Profile::Car))
}

fn ways(place: &Snapped) -> (bool, bool) {
    (place.ways.has(Way::Forward), place.ways.has(Way::Backward))
}

#[test]
fn a_bearing_chooses_the_road_and_the_direction() {
    let plane = cross();
    let snap = |x, y, bearing| plane.snap_as(point(x, y), &Wish { bearing: Some(bearing), ..Wish::default() });
    let east = snap(10.0, 0.1, (90, 20)).unwrap();
    assert_eq!((east.edge, ways(&east)), (0, (true, false)));
    assert_eq!(ways(&snap(10.0, 0.1, (270, 20)).unwrap()), (false, true));
    assert_eq!(ways(&snap(10.0, 0.1, (0, 90)).unwrap()), (true, true), "either way is within");
    assert_eq!(ways(&snap(10.0, 0.1, (360, 180)).unwrap()), (true, true));
    let north = snap(19.0, 0.1, (0, 3)).unwrap();
    assert_eq!((north.edge, ways(&north)), (1, (true, false)), "the nearer street runs otherwise");
    assert!(snap(10.0, 0.1, (45, 3)).is_err(), "no street runs so");
    let found = plane.nearest_as(point(10.0, 0.0), 9, &Wish { bearing: Some((180, 3)), ..Wish::default() });
    assert_eq!(found.iter().map(|place| place.edge).collect::<Vec<_>>(), [1]);
    // Who sets out westwards turns round at the end.
    let to = plane.snap(point(20.0, 0.0), None).unwrap();
    let west = snap(10.0, 0.0, (270, 20)).unwrap();
    let (east_ds, west_ds) = (plane.duration(&snap(10.0, 0.0, (90, 5)).unwrap(), &to), plane.duration(&west, &to));
    assert_eq!(west_ds.unwrap().div_ceil(10), (east_ds.unwrap() * 3).div_ceil(10));
}

#[test]
fn the_curb_is_on_the_right() {
    let plane = cross();
    let snap = |y, side| ways(&plane.snap_as(point(10.0, y), &Wish { side, ..Wish::default() }).unwrap());
    assert_eq!(snap(0.1, RoadSide::Curb), (false, true), "north of the street one drives west");
    assert_eq!(snap(-0.1, RoadSide::Curb), (true, false));
    assert_eq!(snap(0.1, RoadSide::Opposite), (true, false));
    assert_eq!(snap(0.1, RoadSide::Any), (true, true));
    let oneway = Sketch::draw(
        "node 1 0 0\nnode 2 20 0\nway 10 1 2 highway=residential oneway=yes\nnode 3 20 9\nnode 4 0 9
        way 11 2 3 4 1 highway=residential",
    );
    let plane = Plane::open(oneway.ground(Profile::Car));
    let place = plane.snap_as(point(10.0, 0.1), &Wish { side: RoadSide::Curb, ..Wish::default() }).unwrap();
    assert!(!place.ways.is_empty() && place.edge == 0, "in a one-way street either side will do");
}

#[test]
fn a_ferry_is_a_place_for_who_asks() {
    let plane = cross();
    let anywhere = Wish { ground: Stops::Anywhere, ..Wish::default() };
    let passed = plane.nearest_as(point(24.0, 0.0), 1, &anywhere);
    assert_eq!((plane.nearest(point(24.0, 0.0), 1)[0].edge, passed[0].edge), (1, 3));
}

#[test]
fn who_goes_straight_on_does_not_turn_back_at_a_place() {
    let sketch = Sketch::draw("node 1 0 0\nnode 2 20 0\nway 10 1 2 highway=residential");
    let plane = Plane::open(sketch.ground(Profile::Car));
    let places = [5.0, 10.0, 0.0].map(|x| plane.snap(point(x, 0.0), None).unwrap());
    let metres = |passing| plane.route_as(&places, passing).unwrap().length_m;
    let hundred = plane.route(&places[..2]).unwrap().length_m / 5.0;
    assert!((metres(Passing::Freely) / hundred - 15.0).abs() < 0.01);
    assert!((metres(Passing::Straight) / hundred - 35.0).abs() < 0.01, "to the end and back");
    let joined = plane.route(&places).unwrap().through(&[0, 2]);
    let steps = plane.steps(&joined.legs[0]);
    assert_eq!(steps.len(), 3, "one turns back in the middle: {steps:?}");
    assert_eq!(steps[1].junctions.len(), 1);
}

fn spots(plane: &Plane, count: usize, dice: &mut Dice) -> Vec<Snapped> {
    (0..count).map(|_| plane.snap(point(dice.part() * 11.0, dice.part() * 11.0), None).expect("a road")).collect()
}

/// What passing straight costs, by trying every direction at every place.
fn slowly(plane: &Plane, places: &[Snapped]) -> Option<u32> {
    let between = places.len() - 2;
    let tried = (0..1_u32 << between).filter_map(|bits| {
        let bound = |at: usize| {
            if at == 0 || at == places.len() - 1 {
                return places[at];
            }
            let way = if bits >> (at - 1) & 1 == 0 { Way::Forward } else { Way::Backward };
            Snapped { ways: Ways::one(way), ..places[at] }
        };
        (1..places.len()).map(|at| plane.duration(&bound(at - 1), &bound(at))).sum::<Option<u32>>()
    });
    tried.min()
}

#[test]
fn passing_straight_is_the_best_of_all_directions() {
    let (mut longer, mut same) = (0, 0);
    for seed in 0..12 {
        let plane = Plane::open(town(seed, 6, seed % 2 == 0, seed).ground(Profile::Car));
        let mut dice = Dice(seed * 3 + 11);
        for count in 2..6 {
            let places = spots(&plane, count, &mut dice);
            let (free, straight) = (plane.route(&places), plane.route_as(&places, Passing::Straight));
            assert_eq!(straight.as_ref().map(|route| route.duration_ds), slowly(&plane, &places), "town {seed}");
            let (Some(free), Some(straight)) = (free, straight) else { continue };
            assert!(straight.duration_ds >= free.duration_ds);
            *(if straight.duration_ds > free.duration_ds { &mut longer } else { &mut same }) += 1;
            // A way that passes its places adds up as one that stops at them.
            for route in [free, straight] {
                let stops: Vec<usize> =
                    (0..count).filter(|at| [0, count - 1].contains(at) || dice.roll(2) == 0).collect();
                let (whole, length_m) = (route.duration_ds, route.length_m);
                let passed = route.through(&stops);
                assert_eq!((passed.duration_ds, passed.legs.len()), (whole, stops.len() - 1));
                assert!((passed.length_m - length_m).abs() < 1e-6);
                for leg in &passed.legs {
                    guide::leg_adds_up(&plane, leg);
                }
            }
        }
    }
    assert!(longer > 0 && same > 0, "{longer} {same}");
}
