//! Closed areas of every shape against the slow, exact twin: each road's line against the area.

use std::{fmt::Write as _, sync::Arc};

use geo::{Coord, Intersects as _, LineString, MultiPolygon, Polygon};
use proptest::prelude::*;

use super::{
    laws::Dice,
    sketch::{CORNER, STEP, Sketch, point},
};
use crate::roads::{
    closure::{Bridges, Closure, closed, edges},
    ground::Ground,
    network::Network,
    profile::Profile,
};

/// As a PBF file keeps places: in steps of 1e-7 degrees.
fn at(x: f64, y: f64) -> Coord<f64> {
    let kept = |corner: f64, by: f64| (((corner + by * STEP) * 1e7).round() as i64 * 100) as f64 * 1e-9;
    Coord { x: kept(CORNER[0], x), y: kept(CORNER[1], y) }
}

/// Streets on a grid of whole steps, so that borders meet their nodes and run along them; one in three is a bridge.
fn grid(side: i64) -> Network {
    let mut text = String::new();
    for node in 0..side * side {
        writeln!(text, "node {} {} {}", node + 1, node % side, node / side).unwrap();
    }
    for node in 0..side * side {
        for (step, inside) in [(1, node % side + 1 < side), (side, node / side + 1 < side)] {
            if inside {
                let bridge = if node % 3 == 0 { "bridge=yes" } else { "" };
                let id = 1000 + node * 2 + i64::from(step > 1);
                writeln!(text, "way {id} {} {} highway=residential {bridge}", node + 1, node + step + 1).unwrap();
            }
        }
    }
    Sketch::draw(&text).read().network
}

/// Each road's line against each ring of the area, by the predicates of `geo`. It asks rings, not polygons: those of the law
/// below have holes that lie outside, of which `geo` sees some only.
fn slowly(network: &Network, area: &MultiPolygon<f64>, bridges: Bridges) -> Vec<u32> {
    let line = |edge: u32| -> LineString<f64> { network.shape(edge).iter().map(|p| (p.lon(), p.lat())).collect() };
    let stands = |edge: u32| bridges == Bridges::Stand && network.edges()[edge as usize].is_bridge();
    let meets = |line: &LineString<f64>| {
        area.iter().any(|polygon| {
            let holes = polygon.interiors();
            let fills = |ring: &LineString<f64>| {
                Polygon::new(ring.clone(), Vec::new()).intersects(&geo::Point::from(line.0[0]))
            };
            std::iter::once(polygon.exterior()).chain(holes).any(|ring| ring.intersects(line))
                || (fills(polygon.exterior()) && !holes.iter().any(fills))
        })
    };
    (0..network.edges().len() as u32).filter(|edge| !stands(*edge) && meets(&line(*edge))).collect()
}

fn agree(network: &Network, area: &MultiPolygon<f64>) -> usize {
    let mut found = 0;
    for bridges in [Bridges::Stand, Bridges::Closed] {
        let shut = edges(network, &[Closure::Area { polygon: area.clone(), bridges }]);
        assert_eq!(shut, slowly(network, area, bridges), "{area:?}");
        found = shut.len();
    }
    found
}

fn ring(points: &[(f64, f64)]) -> LineString<f64> {
    points.iter().map(|(x, y)| at(*x, *y)).collect()
}

fn area(rings: &[&[(f64, f64)]]) -> MultiPolygon<f64> {
    MultiPolygon(vec![Polygon::new(ring(rings[0]), rings[1..].iter().map(|hole| ring(hole)).collect())])
}

#[test]
fn shapes_that_are_easily_got_wrong() {
    let network = grid(8);
    let none: [(&str, MultiPolygon<f64>); 3] = [
        ("in a block", area(&[&[(2.2, 2.2), (2.8, 2.2), (2.8, 2.8)]])),
        ("nothing at all", MultiPolygon(Vec::new())),
        (
            "a hole as large as it",
            area(&[&[(2.2, 2.2), (2.8, 2.2), (2.8, 2.8)], &[(2.2, 2.2), (2.8, 2.2), (2.8, 2.8)]]),
        ),
    ];
    for (what, shape) in none {
        assert_eq!(agree(&network, &shape), 0, "{what}");
    }
    let some: [(&str, MultiPolygon<f64>, usize); 10] = [
        ("a corner on a node", area(&[&[(3.0, 3.0), (3.5, 3.4), (3.4, 3.5)]]), 4),
        ("a corner on a street", area(&[&[(3.5, 3.0), (3.6, 3.4), (3.4, 3.4)]]), 1),
        ("a side along a street", area(&[&[(3.2, 3.0), (3.8, 3.0), (3.5, 3.5)]]), 1),
        ("a block, by its streets", area(&[&[(3.0, 3.0), (4.0, 3.0), (4.0, 4.0), (3.0, 4.0)]]), 12),
        ("wound the other way", area(&[&[(3.0, 4.0), (4.0, 4.0), (4.0, 3.0), (3.0, 3.0)]]), 12),
        (
            "a street in a hole",
            area(&[
                &[(0.5, 0.5), (5.5, 0.5), (5.5, 5.5), (0.5, 5.5)],
                &[(0.9, 0.9), (5.1, 0.9), (5.1, 5.1), (0.9, 5.1)],
            ]),
            20,
        ),
        ("a sliver", area(&[&[(0.5, 3.0), (6.5, 3.0), (6.5, 3.0 + 1e-9), (0.5, 3.0 + 1e-9)]]), 19),
        (
            "a ring that touches itself",
            area(&[&[(1.5, 1.5), (2.5, 1.5), (2.0, 2.0), (2.5, 2.5), (1.5, 2.5), (2.0, 2.0)]]),
            4,
        ),
        ("a bow tie", area(&[&[(1.5, 1.5), (2.5, 2.5), (2.5, 1.5), (1.5, 2.5)]]), 4),
        ("the whole town", area(&[&[(-9.0, -9.0), (19.0, -9.0), (19.0, 19.0), (-9.0, 19.0)]]), 112),
    ];
    for (what, shape, count) in some {
        assert_eq!(agree(&network, &shape), count, "{what}");
    }
    // Two floods, drawn one over the other: what lies in both is under water all the same.
    let [one, two] =
        [[(1.5, 1.5), (4.5, 1.5), (4.5, 4.5), (1.5, 4.5)], [(2.5, 1.6), (5.5, 1.6), (5.5, 4.6), (2.5, 4.6)]];
    let both = MultiPolygon([area(&[&one]).0, area(&[&two]).0].concat());
    let alone = [one, two]
        .map(|shape| edges(&network, &[Closure::Area { polygon: area(&[&shape]), bridges: Bridges::Closed }]));
    let mut joined = alone.concat();
    joined.sort_unstable();
    joined.dedup();
    assert_eq!(edges(&network, &[Closure::Area { polygon: both.clone(), bridges: Bridges::Closed }]), joined);
    agree(&network, &both);
    // Latitude before longitude is another country: nothing is closed, which the scenario tells.
    let turned = MultiPolygon(vec![Polygon::new(ring(&one).coords().map(|c| (c.y, c.x)).collect(), Vec::new())]);
    assert_eq!(agree(&network, &turned), 0);
    // What is no number closes nothing.
    let lost = MultiPolygon(vec![Polygon::new(LineString(vec![Coord { x: f64::NAN, y: 1.0 }; 4]), Vec::new())]);
    assert!(edges(&network, &[Closure::Area { polygon: lost, bridges: Bridges::Closed }]).is_empty());
}

#[test]
fn a_hundred_thousand_corners_are_as_exact() {
    let network = grid(20);
    let mut dice = Dice(99);
    let count = 100_000;
    let corner = |at_corner: usize, dice: &mut Dice| {
        let (turn, far) = (std::f64::consts::TAU * at_corner as f64 / f64::from(count), 5.0 + dice.part());
        at(9.5 + far * turn.cos(), 9.5 + far * turn.sin())
    };
    let shape: LineString<f64> = (0..count as usize).map(|at_corner| corner(at_corner, &mut dice)).collect();
    let area = MultiPolygon(vec![Polygon::new(shape, Vec::new())]);
    assert!(agree(&network, &area) > 100);
}

#[test]
fn a_profile_is_closed_what_it_could_use() {
    let sketch =
        Sketch::draw("node 1 0 0\nnode 2 2 0\nway 10 1 2 highway=residential\nnode 3 0 1\nway 11 1 3 highway=steps");
    let network = Arc::new(sketch.read().network);
    let all = Closure::Area {
        polygon: area(&[&[(-1.0, -1.0), (3.0, -1.0), (3.0, 3.0), (-1.0, 3.0)]]),
        bridges: Bridges::Closed,
    };
    assert_eq!(edges(&network, std::slice::from_ref(&all)), [0, 1]);
    for (profile, count) in [(Profile::Car, 1), (Profile::Foot, 2)] {
        let ground = Ground::build(network.clone(), profile);
        assert_eq!(closed(&ground, std::slice::from_ref(&all)).len(), count);
    }
}

/// The edges near a box are those that cross it, and no edge that crosses it is missed.
#[test]
fn near_a_box_no_street_is_missed() {
    let sketch = Sketch::draw(
        "node 1 -9 5\nnode 2 9 5\nway 10 1 2 highway=residential\nnode 3 0 50\nnode 4 9 50\nway 11 3 4 highway=residential",
    );
    let network = sketch.read().network;
    let around = crate::domain::geo::BBox::around([point(0.0, 4.0), point(1.0, 6.0)]).unwrap();
    assert_eq!(network.near(around), [0], "no end of it lies in the box");
}

/// Corners on whole, half and any steps: borders that meet nodes, run along streets, cross themselves.
fn corner() -> impl Strategy<Value = (f64, f64)> {
    let whole = (0_i32..8, 0_i32..8).prop_map(|(x, y)| (f64::from(x), f64::from(y)));
    let half = (0_i32..16, 0_i32..16).prop_map(|(x, y)| (f64::from(x) / 2.0, f64::from(y) / 2.0));
    prop_oneof![whole, half, (-0.5_f64..8.0, -0.5_f64..8.0)]
}

fn shape() -> impl Strategy<Value = Vec<Vec<Vec<(f64, f64)>>>> {
    let ring = || prop::collection::vec(corner(), 3..9);
    let polygon =
        (ring(), prop::collection::vec(ring(), 0..3)).prop_map(|(border, holes)| [vec![border], holes].concat());
    prop::collection::vec(polygon, 1..4)
}

thread_local! {
    static TOWN: Network = grid(8);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_area_closes_what_the_twin_says(polygons in shape()) {
        let polygons = polygons.iter().map(|rings| {
            let rings: Vec<&[(f64, f64)]> = rings.iter().map(Vec::as_slice).collect();
            area(&rings).0.remove(0)
        });
        let area = MultiPolygon(polygons.collect());
        TOWN.with(|town| agree(town, &area));
    }
}
