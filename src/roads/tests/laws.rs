//! Laws on invented towns: streets of a grid with one-ways, private roads, turns and closures.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    fmt::Write as _,
    sync::Arc,
};

use geo::{Contains as _, CoordsIter as _, Intersects as _, MultiPolygon, Validation as _};

use super::{
    guide, judge,
    sketch::{Sketch, point},
};
use crate::{
    domain::{geo::LonLat, watch::Unwatched},
    roads::{
        closure::{Closure, closed},
        edge::{Level, Way},
        ground::{Ground, directed},
        hierarchy::NEVER,
        network::{Network, Rule},
        plane::{Matrix, Plane, Snapped, Ways},
        profile::Profile,
    },
};

/// Seeded numbers.
pub(in crate::roads) struct Dice(pub(in crate::roads) u64);

impl Dice {
    pub(in crate::roads) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    pub(in crate::roads) fn part(&mut self) -> f64 {
        self.roll(1 << 30) as f64 / f64::from(1 << 30)
    }
}

/// A town on a grid: streets between neighbours, one a way, some missing, some one-way, some private, some turns forbidden.
pub(super) fn town(seed: u64, side: i64, private: bool, turns: u64) -> Sketch {
    let mut dice = Dice(seed * 7919 + 1);
    let mut text = String::new();
    let mut ways: Vec<(i64, i64, i64)> = Vec::new();
    for y in 0..side {
        for x in 0..side {
            let (dx, dy) = (dice.part() * 0.8, dice.part() * 0.8);
            writeln!(text, "node {} {} {}", 1 + y * side + x, x as f64 * 2.0 + dx, y as f64 * 2.0 + dy).unwrap();
        }
    }
    for node in 0..side * side {
        for (step, inside) in [(1, node % side + 1 < side), (side, node / side + 1 < side)] {
            if !inside || dice.roll(10) == 0 {
                continue;
            }
            let tags = match dice.roll(10) {
                0 | 1 => "oneway=yes",
                2 => "oneway=-1",
                3 | 4 if private => "access=private",
                5 => "bridge=yes",
                _ => "",
            };
            let class = ["residential", "tertiary", "service", "primary"][dice.roll(4) as usize];
            let id = 1000 + ways.len() as i64;
            writeln!(text, "way {id} {} {} highway={class} name=Via_{} {tags}", node + 1, node + step + 1, node % 7)
                .unwrap();
            ways.push((id, node + 1, node + step + 1));
        }
    }
    for turn in 0..turns {
        let pick = |dice: &mut Dice| ways[dice.roll(ways.len() as u64) as usize];
        let from = pick(&mut dice);
        let meets = |node: i64, other: i64| {
            ways.iter().filter(|way| way.0 != other && (way.1 == node || way.2 == node)).copied().collect::<Vec<_>>()
        };
        let next = meets(from.2, from.0);
        if next.is_empty() {
            continue;
        }
        let to = next[dice.roll(next.len() as u64) as usize];
        let rule = ["no_left_turn", "no_right_turn", "only_straight_on"][dice.roll(3) as usize];
        let id = 5000 + turn;
        if dice.roll(3) > 0 {
            writeln!(text, "turn {id} {} {} {} restriction={rule}", from.0, from.2, to.0).unwrap();
            continue;
        }
        let end = if to.1 == from.2 { to.2 } else { to.1 };
        let beyond = meets(end, to.0);
        if !beyond.is_empty() {
            let last = beyond[dice.roll(beyond.len() as u64) as usize];
            writeln!(text, "turn {id} {} w{} {} restriction={rule}", from.0, to.0, last.0).unwrap();
        }
    }
    Sketch::draw(&text)
}

fn places(plane: &Plane, count: usize, dice: &mut Dice) -> Vec<Snapped> {
    let network = plane.ground().network();
    let mut found = Vec::new();
    while found.len() < count {
        let edge = dice.roll(network.edges().len() as u64) as u32;
        let along = dice.part();
        if plane.ground().is_open(edge) && !plane.is_closed(edge) {
            found.push(Snapped { edge, along, point: network.shape(edge)[0], distance_m: 0.0, ways: Ways::BOTH });
        }
    }
    found
}

fn some_closed(ground: &Arc<Ground>, dice: &mut Dice) -> Plane {
    let name = format!("Via {}", dice.roll(7));
    Plane::new(ground.clone(), &closed(ground, &[Closure::Street { name }]))
}

#[test]
fn every_cell_of_a_matrix_is_dijkstras() {
    let mut cut_off = 0;
    for seed in 0..12 {
        let sketch = town(seed, 9, seed % 2 == 0, seed);
        for profile in Profile::ALL {
            let ground = sketch.ground(profile);
            let mut dice = Dice(seed + 77);
            for plane in [Plane::open(ground.clone()), some_closed(&ground, &mut dice)] {
                let (from, to) = (places(&plane, 20, &mut dice), places(&plane, 37, &mut dice));
                let matrix = plane.matrix(&from, &to, &Unwatched).expect("not cancelled");
                for (row, place) in from.iter().enumerate() {
                    let truth = judge::durations(&plane, place, &to);
                    assert_eq!(matrix.durations_ds[row * 37..][..37], truth, "town {seed} {profile:?} row {row}");
                    cut_off += truth.iter().filter(|cell| **cell == Matrix::UNREACHABLE).count();
                }
            }
        }
    }
    assert!(cut_off > 0, "some towns have places that are cut off");
}

/// Whatever the order of the nodes is, a good one or the worst, stored or found: it changes no answer.
#[test]
fn the_order_of_the_nodes_changes_no_answer() {
    for seed in 20..26 {
        let sketch = town(seed, 8, true, 12);
        for profile in Profile::ALL {
            let mut dice = Dice(seed * 31 + 7);
            let fresh = Plane::open(sketch.ground(profile));
            let (from, to) = (places(&fresh, 12, &mut dice), places(&fresh, 15, &mut dice));
            let truth = fresh.matrix(&from, &to, &Unwatched).expect("not cancelled");
            let found = fresh.ground().network().order().nodes().to_vec();
            let mut shuffled: Vec<u32> = (0..found.len() as u32).collect();
            for at in (1..shuffled.len()).rev() {
                shuffled.swap(at, dice.roll(at as u64 + 1) as usize);
            }
            for order in [found, shuffled] {
                let network = sketch.read().network;
                network.take_order(order.clone()).expect("an order of these nodes");
                assert_eq!(network.order().nodes(), order);
                let plane = Plane::open(Arc::new(Ground::build(Arc::new(network), profile)));
                let matrix = plane.matrix(&from, &to, &Unwatched).expect("not cancelled");
                assert_eq!(matrix, truth, "town {seed} {profile:?}");
                assert_eq!(plane.isochrone(&from[..1], &[3.0]), fresh.isochrone(&from[..1], &[3.0]));
            }
        }
    }
}

#[test]
fn a_route_is_what_the_matrix_says_and_its_line_is_as_long() {
    for seed in 0..8 {
        let ground = town(seed, 8, true, 10).ground(Profile::Car);
        let mut dice = Dice(seed + 5);
        let plane = some_closed(&ground, &mut dice);
        let (from, to) = (places(&plane, 12, &mut dice), places(&plane, 12, &mut dice));
        let matrix = plane.matrix(&from, &to, &Unwatched).expect("not cancelled");
        for (cell, duration) in matrix.durations_ds.iter().enumerate() {
            let (a, b) = (from[cell / 12], to[cell % 12]);
            let Some(route) = plane.route(&[a, b]) else {
                assert_eq!(*duration, Matrix::UNREACHABLE);
                continue;
            };
            guide::add_up(&plane, &[a, b]);
            assert_eq!((route.duration_ds, plane.duration(&a, &b)), (*duration, Some(*duration)));
            assert!(
                (route.length_m - f64::from(matrix.lengths_m[cell])).abs() < 2.0,
                "{} {}",
                route.length_m,
                matrix.lengths_m[cell]
            );
            // The places of this test say their edge and part only: the line is measured between its first and last turn.
            let points: Vec<LonLat> = route.line.0.iter().map(|c| LonLat::new(c.x, c.y).unwrap()).collect();
            let drawn: f64 = points[1..points.len() - 1].windows(2).map(|pair| pair[0].distance_m(pair[1])).sum();
            assert!(drawn <= route.length_m + 1.0, "{drawn} {}", route.length_m);
        }
    }
}

/// A slower twin of the states: every move is judged by the last edges driven.
fn by_history(network: &Network, profile: Profile, from: &Snapped) -> HashMap<u32, u64> {
    type Turn = (Vec<u32>, u32, Rule);
    let edges = network.edges();
    let leave =
        |edge: u32, node: u32| Way::BOTH.into_iter().find(|way| edges[edge as usize].ends(*way).0 == node).unwrap();
    let turns: Vec<Turn> = network
        .restrictions()
        .iter()
        .filter(|turn| turn.modes & profile.mode().bit() != 0)
        .map(|turn| {
            let first = Way::BOTH.into_iter().find(|way| edges[turn.from as usize].ends(*way).1 == turn.at).unwrap();
            let (mut path, mut node) = (vec![directed(turn.from, first)], turn.at);
            for edge in &turn.via {
                let way = leave(*edge, node);
                node = edges[*edge as usize].ends(way).1;
                path.push(directed(*edge, way));
            }
            (path, directed(turn.to, leave(turn.to, node)), turn.rule)
        })
        .collect();
    let is_open = |edge: u32, way| profile.level(&edges[edge as usize], way, &profile.vehicle()) != Level::No;
    let cost = |edge: u32| (network.length_m(edge) / profile.speed_kmh(&edges[edge as usize]) * 36.0).round().max(1.0);
    // The cost to the beginning of each directed edge.
    let mut begin: HashMap<u32, u64> = HashMap::new();
    let mut seen: HashMap<Vec<u32>, u64> = HashMap::new();
    let mut ahead = BinaryHeap::new();
    for way in Way::BOTH.into_iter().filter(|way| is_open(from.edge, *way)) {
        let left = if way == Way::Forward { 1.0 - from.along } else { from.along };
        ahead.push(Reverse(((cost(from.edge) * left).round() as u64, vec![directed(from.edge, way)])));
    }
    while let Some(Reverse((spent, path))) = ahead.pop() {
        if seen.contains_key(&path) {
            continue;
        }
        seen.insert(path.clone(), spent);
        let last = *path.last().unwrap();
        let way = if last % 2 == 0 { Way::Forward } else { Way::Backward };
        let node = edges[last as usize / 2].ends(way).1;
        let due: Vec<&Turn> = turns.iter().filter(|turn| path.ends_with(&turn.0)).collect();
        let only: Vec<u32> = due.iter().filter(|turn| turn.2 == Rule::Only).map(|turn| turn.1).collect();
        for edge in 0..edges.len() as u32 {
            for way in Way::BOTH {
                let next = directed(edge, way);
                let forbidden = due.iter().any(|turn| turn.2 == Rule::No && turn.1 == next);
                if edges[edge as usize].ends(way).0 != node || !is_open(edge, way) || forbidden {
                    continue;
                }
                if !only.is_empty() && !only.contains(&next) {
                    continue;
                }
                let held = begin.entry(next).or_insert(spent);
                *held = (*held).min(spent);
                let mut longer = path.clone();
                longer.push(next);
                longer.drain(..longer.len().saturating_sub(2));
                ahead.push(Reverse((spent + cost(edge) as u64, longer)));
            }
        }
    }
    begin
}

#[test]
fn turns_are_held_as_a_driver_with_a_memory_holds_them() {
    for seed in 20..40 {
        let sketch = town(seed, 5, false, 12);
        let plane = Plane::open(sketch.ground(Profile::Car));
        let network = plane.ground().network();
        assert!(network.restrictions().iter().any(|turn| !turn.via.is_empty()) || seed > 20);
        let mut dice = Dice(seed);
        for from in places(&plane, 4, &mut dice) {
            let begin = by_history(network, Profile::Car, &from);
            for edge in 0..network.edges().len() as u32 {
                let to = Snapped { edge, along: 0.5, ..from };
                if edge == from.edge || !plane.ground().is_open(edge) {
                    continue;
                }
                let cost = (plane.ground().cost(edge) >> 32) as f64;
                let ways = Way::BOTH.into_iter().filter_map(|way| begin.get(&directed(edge, way)));
                // Towns without private roads: whatever differs would be an enclave, where zones keep a way from ending.
                let truth = ways.min().map(|begin| *begin as u32 + (cost / 2.0).round() as u32);
                assert_eq!(plane.duration(&from, &to), truth, "town {seed}, from {} to {edge}", from.edge);
            }
        }
    }
}

#[test]
fn what_is_reached_is_inside_and_more_minutes_hold_fewer() {
    for seed in 0..6 {
        let ground = town(seed, 14, true, 6).ground(if seed % 2 == 0 { Profile::Car } else { Profile::Foot });
        let mut dice = Dice(seed + 3);
        let plane = some_closed(&ground, &mut dice);
        let from = places(&plane, 1 + seed as usize % 3, &mut dice);
        let minutes = [6.0, 1.0, 3.0];
        let areas = plane.isochrone(&from, &minutes);
        for area in &areas {
            assert!(area.is_valid(), "town {seed}: {:?}", area.validation_errors());
        }
        bands_stand_alone(&plane, &from, &minutes, &areas);
        let all = places(&plane, 400, &mut dice);
        let mut counts = [0; 3];
        for place in &all {
            let reached = from.iter().filter_map(|from| plane.duration(from, place)).min();
            let at = on_road(plane.ground().network(), place);
            let inside = [0, 1, 2].map(|band| areas[band].contains(&geo::Point::new(at.lon(), at.lat())));
            assert!(inside[0] >= inside[2] && inside[2] >= inside[1], "nested");
            for (band, minutes) in minutes.iter().enumerate() {
                if reached.is_some_and(|ds| f64::from(ds) + 20.0 < minutes * 600.0) {
                    assert!(inside[band], "town {seed}: {reached:?} ds is within {minutes} minutes");
                    counts[band] += 1;
                }
                if reached.is_none_or(|ds| f64::from(ds) > minutes * 600.0 + 1800.0) && inside[band] {
                    // Off the road one gets a hundred metres and a cell farther, no more.
                    assert!(near_reached(&plane, &from, place, minutes * 600.0), "town {seed}");
                }
            }
        }
        assert!(counts[0] > 0);
    }
    let plane = Plane::open(town(1, 4, false, 0).ground(Profile::Car));
    assert!(plane.isochrone(&[], &[5.0, 10.0]).iter().all(|area| area.0.is_empty()));
}

/// A band is the same whatever else is asked, and no corner of a narrower one lies outside a wider one.
pub(super) fn bands_stand_alone(plane: &Plane, from: &[Snapped], minutes: &[f64], areas: &[MultiPolygon<f64>]) {
    for (minutes, area) in minutes.iter().zip(areas) {
        assert_eq!(plane.isochrone(from, &[*minutes])[0], *area, "{minutes} minutes alone");
    }
    let mut order: Vec<usize> = (0..minutes.len()).collect();
    order.sort_by(|a, b| minutes[*a].total_cmp(&minutes[*b]));
    for pair in order.windows(2) {
        let (narrow, wide) = (&areas[pair[0]], &areas[pair[1]]);
        let outside = narrow.coords_iter().find(|corner| !wide.intersects(&geo::Point::from(*corner)));
        assert_eq!(outside, None, "{} minutes in {}", minutes[pair[0]], minutes[pair[1]]);
    }
}

fn on_road(network: &Network, place: &Snapped) -> LonLat {
    let shape = network.shape(place.edge);
    let mix = |a: f64, b: f64| a + (b - a) * place.along;
    LonLat::new(mix(shape[0].lon(), shape[1].lon()), mix(shape[0].lat(), shape[1].lat())).unwrap()
}

fn near_reached(plane: &Plane, from: &[Snapped], place: &Snapped, limit_ds: f64) -> bool {
    let network = plane.ground().network();
    let at = on_road(network, place);
    (0..network.edges().len() as u32).any(|edge| {
        (0..=10).any(|part| {
            let other = Snapped { edge, along: f64::from(part) / 10.0, ..*place };
            on_road(network, &other).distance_m(at) < 260.0
                && from.iter().filter_map(|from| plane.duration(from, &other)).any(|ds| f64::from(ds) <= limit_ds)
        })
    })
}

#[test]
fn private_roads_make_nothing_unreachable() {
    for seed in 40..50 {
        let sketch = town(seed, 8, true, 0);
        let (car, through) = (Plane::open(sketch.ground(Profile::Car)), Plane::open(sketch.ground(Profile::Emergency)));
        let mut dice = Dice(seed);
        let (from, to) = (places(&car, 15, &mut dice), places(&car, 15, &mut dice));
        for place in &from {
            for (a, b) in judge::costs(&car, place, &to).iter().zip(judge::costs(&through, place, &to)) {
                assert_eq!(*a < NEVER, b < NEVER, "an ambulance passes everywhere and gets nowhere else");
            }
        }
    }
}

#[test]
fn a_cancelled_matrix_is_none() {
    struct Gone;
    impl crate::domain::watch::Watch for Gone {
        fn begin(&self, _: &'static str, _: u64) {}
        fn advance(&self, _: u64) {}
        fn cancelled(&self) -> bool {
            true
        }
    }
    let plane = Plane::open(town(1, 5, false, 0).ground(Profile::Car));
    let some = places(&plane, 40, &mut Dice(1));
    assert_eq!(plane.matrix(&some, &some, &Gone), None);
    assert_eq!(plane.matrix(&[], &some, &Unwatched).map(|matrix| matrix.durations_ds.len()), Some(0));
    let nearest = plane.nearest(point(3.0, 3.0), 5);
    assert!(nearest.len() == 5 && nearest.windows(2).all(|pair| pair[0].distance_m <= pair[1].distance_m + 0.5));
}
