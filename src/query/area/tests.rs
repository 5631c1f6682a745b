//! Areas laid over boxes of rows against every row judged by itself, and by the geometry library.

use std::sync::Arc;

use geo::{Coord, Distance as _, Geodesic, Geometry, Intersects as _, LineString, MultiPolygon, Point, Polygon};
use h3o::Resolution;
use proptest::prelude::*;

use super::*;
use crate::domain::feature::Feature;
use crate::query::collection::{Households, ReferenceLayer};
use crate::snapshot::{
    invented::{self, LAMEZIA},
    layer::Layer,
    schema::Titles,
};

type Ring = Vec<[f64; 2]>;

fn plenty() -> Budget {
    Budget::default()
}

/// A ring around a place whose corners lie at growing angles: it never crosses itself.
fn star(center: (f64, f64), size: f64, radii: &[f64]) -> Ring {
    let corner = |(at, radius): (usize, &f64)| {
        let (y, x) = (at as f64 * std::f64::consts::TAU / radii.len() as f64).sin_cos();
        [center.0 + x * radius * size, center.1 + y * radius * size]
    };
    let mut ring: Ring = radii.iter().enumerate().map(corner).collect();
    ring.push(ring[0]);
    ring
}

fn geometry(polygons: &[Vec<Ring>]) -> MultiPolygon<f64> {
    let line = |ring: &Ring| ring.iter().map(|&[x, y]| Coord { x, y }).collect::<LineString<f64>>();
    let polygon = |rings: &Vec<Ring>| Polygon::new(line(&rings[0]), rings[1..].iter().map(line).collect());
    polygons.iter().map(polygon).collect()
}

/// On the ring, or west of an odd number of its edges.
fn even_odd(ring: &Ring, x: f64, y: f64) -> bool {
    let border: LineString<f64> = ring.iter().map(|&[x, y]| Coord { x, y }).collect();
    let crossed = ring.windows(2).filter(|pair| {
        let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
        (ay <= y) != (by <= y) && x < ax + (y - ay) * (bx - ax) / (by - ay)
    });
    border.intersects(&Point::new(x, y)) || crossed.count() % 2 == 1
}

fn slow(snapshot: &Snapshot, inside: impl Fn(LonLat) -> bool) -> Vec<Row> {
    snapshot.all().rows().filter(|&row| inside(snapshot.point(row))).collect()
}

fn fast(area: &Area, snapshot: &Snapshot) -> Vec<Row> {
    area.rows(snapshot, &plenty()).unwrap().iter().collect()
}

fn stars() -> impl Strategy<Value = Vec<Vec<Ring>>> {
    let radii = || prop::collection::vec(0.2..1.0f64, 3..40);
    let hole = prop::option::of(prop::collection::vec(0.02..0.12f64, 3..12));
    prop::collection::vec((-0.1..0.1f64, -0.1..0.1f64, 0.001..0.2f64, radii(), hole), 1..3).prop_map(|stars| {
        let mut shift = 0.0;
        stars
            .into_iter()
            .map(|(dx, dy, size, radii, hole)| {
                let center = (LAMEZIA.0 + dx + shift, LAMEZIA.1 + dy);
                shift += 1.0;
                std::iter::once(star(center, size, &radii)).chain(hole.map(|hole| star(center, size, &hole))).collect()
            })
            .collect()
    })
}

fn place() -> impl Strategy<Value = LonLat> {
    (-0.2..0.2f64, -0.2..0.2f64).prop_map(|(dx, dy)| LonLat::new(LAMEZIA.0 + dx, LAMEZIA.1 + dy).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn polygons_hold_what_the_library_says((snapshot, _) in invented::worlds(400), polygons in stars()) {
        let area = Area::polygons(&polygons).unwrap();
        let judge = geometry(&polygons);
        let expected = slow(&snapshot, |p| judge.intersects(&Point::new(p.lon(), p.lat())));
        prop_assert_eq!(&fast(&area, &snapshot), &expected);
        prop_assert_eq!(slow(&snapshot, |p| area.contains(p)), expected);
    }

    /// Places on a grid: on corners, on edges, in line with them. A ring that touches itself may go twice around a place,
    /// which the library's winding rule counts as inside: the judge is the even-odd rule.
    #[test]
    fn borders_belong(corners in prop::collection::vec((-4i32..=4, -4i32..=4), 3..9)) {
        let ring: Ring = corners.iter().chain(&corners[..1]).map(|&(x, y)| [f64::from(x), f64::from(y)]).collect();
        if let Ok(area) = Area::polygons(&[vec![ring.clone()]]) {
            for x in -9..=9 {
                for y in -9..=9 {
                    let (x, y) = (f64::from(x) / 2.0, f64::from(y) / 2.0);
                    prop_assert_eq!(area.contains(LonLat::new(x, y).unwrap()), even_odd(&ring, x, y), "{} {}", x, y);
                }
            }
        }
    }

    #[test]
    fn circles_are_measured_on_the_ellipsoid((snapshot, _) in invented::worlds(400), center in place(), radius_m in 0.0..30_000.0) {
        let area = Area::circle(center, radius_m).unwrap();
        let exact = |p: LonLat| Geodesic.distance(Point::new(center.lon(), center.lat()), Point::new(p.lon(), p.lat()));
        let found = fast(&area, &snapshot);
        prop_assert_eq!(&found, &slow(&snapshot, |p| p.distance_m(center) <= radius_m));
        for row in snapshot.all().rows() {
            let metres = exact(snapshot.point(row));
            if (metres / radius_m - 1.0).abs() > 1e-3 {
                prop_assert_eq!(found.binary_search(&row).is_ok(), metres <= radius_m);
            }
        }
    }

    #[test]
    fn corridors_are_measured_on_the_ellipsoid((snapshot, _) in invented::worlds(150), places in prop::collection::vec(place(), 2..5), width_m in 1.0..5_000.0) {
        let line: Ring = places.iter().map(|p| [p.lon(), p.lat()]).collect();
        let area = Area::corridor(&line, width_m).unwrap();
        let found = fast(&area, &snapshot);
        prop_assert_eq!(&found, &slow(&snapshot, |p| area.contains(p)));
        for row in snapshot.all().rows() {
            let p = snapshot.point(row);
            let metres = geodesic_to_line(&places, p);
            if (metres - width_m).abs() > width_m * 1e-3 + 0.5 {
                prop_assert_eq!(found.binary_search(&row).is_ok(), metres <= width_m, "{} of {}", metres, width_m);
            }
        }
    }

    #[test]
    fn cells_hold_whom_they_count((snapshot, _) in invented::worlds(300), center in place(), resolutions in prop::collection::vec(5u8..=14, 1..6)) {
        let near = snapshot.nearest(center, resolutions.len(), |_| true, |_| true);
        let cells: Vec<CellIndex> = resolutions.iter().zip(near.iter().cycle())
            .map(|(&r, (row, _))| match Resolution::try_from(r).unwrap() {
                r if r <= grid::ROW_RESOLUTION => snapshot.cell(*row).parent(r).unwrap(),
                r => grid::cell_at(snapshot.point(*row), r),
            }).collect();
        if !cells.is_empty() {
            let area = Area::cells(cells).unwrap();
            prop_assert_eq!(fast(&area, &snapshot), slow(&snapshot, |p| area.contains(p)));
        }
    }

    #[test]
    fn combinations_are_those_of_logic((snapshot, _) in invented::worlds(300), polygons in stars(), center in place(), radius_m in 0.0..20_000.0, side in 0.0..0.2) {
        let parts = vec![
            Area::circle(center, radius_m).unwrap(),
            Area::polygons(&polygons).unwrap(),
            Area::bbox(BBox { west: center.lon(), south: center.lat(), east: center.lon() + side, north: center.lat() + side }).unwrap(),
        ];
        let of = |p| [0, 1, 2].map(|at: usize| parts[at].contains(p));
        let union = Area::union(parts.clone()).unwrap();
        let difference = Area::difference(parts.clone()).unwrap();
        let intersection = Area::intersection(parts.clone()).unwrap();
        prop_assert_eq!(fast(&union, &snapshot), slow(&snapshot, |p| of(p).contains(&true)));
        prop_assert_eq!(fast(&difference, &snapshot), slow(&snapshot, |p| of(p) == [true, false, false]));
        prop_assert_eq!(fast(&intersection, &snapshot), slow(&snapshot, |p| of(p) == [true; 3]));
        for area in [union, difference, intersection] {
            let bounds = area.bounds();
            prop_assert!(slow(&snapshot, |p| area.contains(p) && !bounds.is_some_and(|b| b.contains(p))).is_empty());
        }
    }

    #[test]
    fn features_belong_where_they_meet(polygons in stars(), lines in prop::collection::vec((place(), place()), 1..40), center in place(), radius_m in 10.0..20_000.0) {
        let feature = |(at, (a, b)): (usize, &(LonLat, LonLat))| {
            let line = LineString::from(vec![(a.lon(), a.lat()), (b.lon(), b.lat())]);
            let geometry: Geometry<f64> = match at % 3 {
                0 => line.into(),
                1 => Point::new(a.lon(), a.lat()).into(),
                _ => Polygon::new(LineString::from(vec![(a.lon(), a.lat()), (b.lon(), a.lat()), (b.lon(), b.lat())]), vec![]).into(),
            };
            Feature { id: at as u64 + 1, geometry, properties: vec![] }
        };
        let layer = ReferenceLayer::new(Arc::new(Layer::freeze("l", Titles::default(), lines.iter().enumerate().map(feature).collect())));
        let area = Area::polygons(&polygons).unwrap();
        let judge = geometry(&polygons);
        let expected: Vec<Row> = (0..lines.len() as u32).map(Row).filter(|&row| layer.geometry(row).intersects(&judge)).collect();
        prop_assert_eq!(area.rows_of(&layer, &plenty()).unwrap().iter().collect::<Vec<_>>(), expected);
        let circle = Area::circle(center, radius_m).unwrap();
        let found = circle.rows_of(&layer, &plenty()).unwrap();
        for (at, &(a, b)) in lines.iter().enumerate().filter(|(at, _)| at % 3 == 0) {
            let metres = geodesic_to_line(&[a, b], center);
            if (metres / radius_m - 1.0).abs() > 1e-3 {
                prop_assert_eq!(found.contains(Row(at as u32)), metres <= radius_m, "{} of {}", metres, radius_m);
            }
        }
    }
}

/// Metres from a point to a line that is straight in degrees: the best of many places on it, sought ever nearer.
fn geodesic_to_line(line: &[LonLat], point: LonLat) -> f64 {
    let metres = |a: LonLat, b: LonLat, share: f64| {
        let at = Point::new(a.lon() + (b.lon() - a.lon()) * share, a.lat() + (b.lat() - a.lat()) * share);
        Geodesic.distance(at, Point::new(point.lon(), point.lat()))
    };
    let nearest = |pair: &[LonLat]| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if metres(pair[0], pair[1], a) < metres(pair[0], pair[1], b) { high = b } else { low = a }
        }
        metres(pair[0], pair[1], low)
    };
    line.windows(2).map(nearest).fold(f64::MAX, f64::min)
}

#[test]
fn what_is_no_area_is_refused_with_its_place() {
    let square = |x: f64| vec![[x, 0.0], [x + 1.0, 0.0], [x + 1.0, 1.0], [x, 1.0], [x, 0.0]];
    let refused = |polygons: &[Vec<Ring>]| Area::polygons(polygons).unwrap_err();
    let bow = vec![[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]];
    let wide = vec![vec![[0.0, 0.0]; MAX_VERTICES + 1]];
    for (polygons, place, reason) in [
        (vec![], "coordinates", "empty"),
        (vec![vec![]], "coordinates", "without a ring"),
        (vec![vec![vec![[0.0, 0.0]; 3]]], "coordinates[0]", "fewer than four"),
        (vec![vec![square(0.0)], vec![square(2.0)[..4].to_vec()]], "coordinates[1][0]", "not closed"),
        (vec![vec![vec![[0.0, 0.0]; 4]]], "coordinates[0]", "encloses nothing"),
        (vec![vec![vec![[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [0.0, 0.0]]]], "coordinates[0]", "encloses nothing"),
        (vec![vec![bow]], "coordinates", "cross"),
        (
            vec![vec![square(0.0)], vec![square(0.5).iter().map(|&[x, y]| [x, y + 0.5]).collect()]],
            "coordinates",
            "cross",
        ),
        (vec![vec![vec![[0.0, 0.0], [f64::NAN, 1.0], [1.0, 0.0], [0.0, 0.0]]]], "coordinates[0][1]", "not finite"),
        (vec![vec![square(180.0)]], "coordinates[0][1]", "longitude out of range"),
        (vec![wide], "coordinates", "at most"),
    ] {
        let error = refused(&polygons);
        assert!(error.place == place && error.reason.contains(reason), "{error}");
    }
    let point = LonLat::new(0.0, 0.0).unwrap();
    assert!(Area::circle(point, f64::NAN).is_err() && Area::circle(point, -1.0).is_err());
    assert!(Area::circle(point, f64::INFINITY).is_err() && Area::circle(point, 0.0).unwrap().contains(point));
    assert!(Area::corridor(&[[0.0, 0.0]], 1.0).is_err() && Area::corridor(&[[-170.0, 0.0], [170.0, 0.0]], 1.0).is_ok());
    assert!(Area::corridor(&[[0.0, 0.0], [90.0, 0.0]], 1.0).is_err() && Area::cells(vec![]).is_err());
    let bbox = |west, south, east, north| Area::bbox(BBox { west, south, east, north });
    assert!(bbox(0.0, 1.0, 0.0, 0.0).is_err() && bbox(0.0, 0.0, 181.0, 0.0).is_err());
    let pacific = bbox(170.0, -10.0, -170.0, 10.0).unwrap();
    assert!(pacific.contains(LonLat::new(-175.0, 0.0).unwrap()) && !pacific.contains(point));
    assert!(Area::union(vec![]).is_err() && Area::union(vec![pacific; MAX_PARTS + 1]).is_err());
}

/// A comb whose every edge is as tall as the whole cannot make the gate or a question run on.
#[test]
fn intricate_shapes_cost_what_they_may() {
    let teeth = 40_000;
    let mut comb: Ring =
        (0..teeth).map(|at| [16.2 + f64::from(at) * 5e-6, if at % 2 == 0 { 38.8 } else { 39.2 }]).collect();
    comb.extend([[16.4, 38.7], [16.2, 38.7], comb[0]]);
    let started = std::time::Instant::now();
    let area = Area::polygons(&[vec![comb]]);
    let (snapshot, _) = invented::world(4, 2_000, 2, 0.1);
    let small = Budget::new(100_000);
    let found = area.map(|area| area.rows(&snapshot, &small));
    assert!(matches!(found, Err(_) | Ok(Err(_))), "{found:?}");
    println!("{:?}", started.elapsed());
    let households = Households::new(Arc::new(snapshot));
    let circle = Area::circle(LonLat::new(16.3, 38.97).unwrap(), 4_000.0).unwrap();
    assert!(circle.rows_of(&households, &Budget::new(10)).is_err());
}
