//! Steps: what is told on sketches, and that nothing of a leg is lost or told twice.

use super::sketch::{Sketch, point};
use crate::roads::{
    guide::{Manoeuvre, Means},
    plane::{Leg, Plane, Snapped},
    profile::Profile,
};

/// Every leg of a route through places, told and added up.
pub(super) fn add_up(plane: &Plane, places: &[Snapped]) {
    let Some(route) = plane.route(places) else { return };
    route.legs.iter().for_each(|leg| leg_adds_up(plane, leg));
}

/// A leg, told and added up.
pub(super) fn leg_adds_up(plane: &Plane, leg: &Leg) {
    let steps = plane.steps(leg);
    let (first, last) = (steps.first().expect("a step"), steps.last().expect("a step"));
    assert_eq!((first.manoeuvre, last.manoeuvre), (Manoeuvre::Depart, Manoeuvre::Arrive));
    assert_eq!(steps.iter().map(|step| step.duration_ds).sum::<u32>(), leg.duration_ds);
    let length_m: f64 = steps.iter().map(|step| step.length_m).sum();
    assert!((length_m - leg.length_m).abs() < 1e-6, "{length_m} {}", leg.length_m);
    let mut line = vec![first.line.0[0]];
    for step in &steps {
        assert!(step.line.0.len() >= 2, "{step:?}");
        assert_eq!(line.last(), step.line.0.first(), "a step begins where the one before it ends");
        let points = &step.line.0[1..];
        line.extend(points.iter().filter(|point| points.len() > 1 || Some(*point) != step.line.0.first()));
        let junction = step.junctions.first().expect("the junction where it begins");
        let begin = step.line.0[0];
        assert!((junction.at.lon() - begin.x).hypot(junction.at.lat() - begin.y) < 1e-9);
        assert!(junction.bearings.is_sorted() && junction.bearings.len() == junction.entry.len());
    }
    line.dedup();
    let mut whole = leg.line.0.clone();
    whole.dedup();
    assert_eq!(line, whole);
    for junction in steps.iter().flat_map(|step| &step.junctions) {
        assert!(junction.bearings.iter().all(|bearing| *bearing < 360));
        assert!(junction.goes.is_none_or(|goes| junction.entry[goes]), "one goes where one may");
        assert!(junction.goes.is_some() || junction.comes.is_some());
    }
    for step in &steps[1..steps.len() - 1] {
        let junction = &step.junctions[0];
        let (comes, goes) = (junction.comes.expect("an arm"), junction.goes.expect("an arm"));
        let turned = |a: u16, b: u16| (a + 360 - b) % 360;
        let near = |a: u16, b: u16| turned(a, b).min(turned(b, a)) <= 2;
        assert!(near(junction.bearings[goes], step.after), "{step:?}");
        assert!(near((junction.bearings[comes] + 180) % 360, step.before), "{step:?}");
    }
    let times = plane.times_ds(leg);
    assert_eq!(times.len(), leg.line.0.len());
    assert!(times.is_sorted() && times[0] == 0.0);
    assert!((times[times.len() - 1] - f64::from(leg.duration_ds)).abs() < 1e-6);
}

/// What is told from one point to another: manoeuvres, and the street after each.
fn told(sketch: &Sketch, profile: Profile, from: (f64, f64), to: (f64, f64)) -> Vec<String> {
    let plane = Plane::open(sketch.ground(profile));
    let places = [from, to].map(|(x, y)| plane.snap(point(x, y), None).expect("a road"));
    add_up(&plane, &places);
    let route = plane.route(&places).expect("a way");
    let said = |step: &crate::roads::guide::Step| {
        let name = step.name.as_deref().unwrap_or("-");
        let means = if step.means == Means::Ferry { " by ferry" } else { "" };
        let kind = match step.manoeuvre {
            Manoeuvre::Depart => "depart".to_owned(),
            Manoeuvre::Turn(side) => format!("turn {}", side.key()),
            Manoeuvre::Continue(side) => format!("continue {}", side.key()),
            Manoeuvre::NewName(side) => format!("new name {}", side.key()),
            Manoeuvre::Roundabout(_, exit) => format!("roundabout {exit:?}"),
            Manoeuvre::ExitRoundabout(_, exit) => format!("exit {exit:?}"),
            Manoeuvre::Notification(_) => "notification".to_owned(),
            Manoeuvre::Arrive => "arrive".to_owned(),
        };
        format!("{kind}: {name}{means}")
    };
    plane.steps(&route.legs[0]).iter().map(said).collect()
}

#[test]
fn turns_and_names_are_told() {
    let town = Sketch::draw(
        "node 1 0 0\nnode 2 10 0\nnode 3 20 0\nnode 4 10 10\nnode 5 10 20\nnode 6 0 20\nnode 7 30 0
         way 10 1 2 highway=residential name=Via_Roma
         way 11 2 3 highway=residential name=Via_Roma
         way 12 2 4 highway=residential name=Via_Roma
         way 13 4 5 highway=residential name=Via_Milano
         way 14 5 6 highway=residential
         way 15 3 7 highway=residential name=Via_Napoli",
    );
    assert_eq!(
        told(&town, Profile::Car, (1.0, 0.0), (1.0, 20.0)),
        ["depart: Via Roma", "continue left: Via Roma", "new name straight: Via Milano", "turn left: -", "arrive: -"]
    );
    assert_eq!(
        told(&town, Profile::Car, (29.0, 0.0), (10.0, 5.0)),
        ["depart: Via Napoli", "new name straight: Via Roma", "continue right: Via Roma", "arrive: Via Roma"]
    );
    assert_eq!(told(&town, Profile::Car, (2.0, 0.0), (3.0, 0.0)), ["depart: Via Roma", "arrive: Via Roma"]);
    assert_eq!(told(&town, Profile::Car, (2.0, 0.0), (2.0, 0.0)), ["depart: Via Roma", "arrive: Via Roma"]);
}

#[test]
fn roundabouts_say_which_exit_and_ferries_that_they_are() {
    let round = Sketch::draw(
        "node 1 10 0\nnode 2 10 8\nnode 3 12 10\nnode 4 10 12\nnode 5 8 10\nnode 6 20 10\nnode 7 10 20\nnode 8 0 10\nnode 9 10 40\nnode 10 10 50
         way 10 1 2 highway=residential name=Via_Sud
         way 11 2 3 4 5 2 highway=residential junction=roundabout
         way 12 3 6 highway=residential name=Via_Est
         way 13 4 7 highway=residential name=Via_Nord
         way 14 5 8 highway=residential name=Via_Ovest
         way 15 7 9 route=ferry motor_vehicle=yes\nway 16 9 10 highway=residential name=Via_Mare",
    );
    let way = |to| told(&round, Profile::Car, (10.0, 1.0), to);
    let exit = |n: u32, name: &str| {
        [
            "depart: Via Sud".to_owned(),
            format!("roundabout Some({n}): -"),
            format!("exit Some({n}): {name}"),
            format!("arrive: {name}"),
        ]
    };
    assert_eq!(way((19.0, 10.0)), exit(1, "Via Est"));
    assert_eq!(way((10.0, 19.0)), exit(2, "Via Nord"));
    assert_eq!(way((1.0, 10.0)), exit(3, "Via Ovest"));
    assert_eq!(way((10.0, 45.0))[3..], ["notification: - by ferry", "notification: Via Mare", "arrive: Via Mare"]);
}

#[test]
fn a_junction_says_what_may_be_entered() {
    let town = "node 1 0 0\nnode 2 10 0\nnode 3 20 0\nnode 4 10 10\nnode 5 10 -10
         way 10 1 2 highway=residential name=A\nway 11 2 3 highway=residential name=B
         way 12 4 2 highway=residential oneway=yes\nway 13 2 5 highway=residential
         way 14 3 4 highway=residential\nway 15 5 3 highway=residential
         turn 20 10 2 13 restriction=no_right_turn";
    let plane = Plane::open(Sketch::draw(town).ground(Profile::Car));
    let places = [(1.0, 0.0), (19.0, 0.0)].map(|(x, y)| plane.snap(point(x, y), None).expect("a road"));
    let route = plane.route(&places).expect("a way");
    let junction = &plane.steps(&route.legs[0])[1].junctions[0];
    assert_eq!(junction.bearings, [0, 90, 180, 270]);
    // North comes against one, south is forbidden to turn into, and one may turn back.
    assert_eq!(junction.entry, [false, true, false, true]);
    assert_eq!((junction.comes, junction.goes), (Some(3), Some(1)));
}
