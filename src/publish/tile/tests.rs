use proptest::prelude::*;

use super::{decode, *};
use std::sync::Arc;

use crate::{
    access::{Actor, OpenData, disclose, grant},
    domain::{
        feature::{Feature, Value},
        geo::LonLat,
    },
    snapshot::{layer::Layer, schema::Titles},
};
use geo::{Area, Geometry, LineString, MultiPolygon, Polygon, Validation, polygon};

const TOWN: (f64, f64) = (16.30, 38.96);

fn tile_of(z: u8, lon: f64, lat: f64) -> TileAddress {
    let [x, y] = project(LonLat::new(lon, lat).unwrap());
    let side = f64::from(1_u32 << z);
    TileAddress::new(z, (x * side) as u32, (y * side) as u32).unwrap()
}

fn chart(geometries: Vec<Geometry<f64>>) -> Chart {
    let features: Vec<Feature> = (1..)
        .zip(geometries)
        .map(|(id, geometry)| Feature {
            id,
            geometry,
            properties: vec![
                ("nome".into(), Value::Text(format!("f{id}").into())),
                ("n".into(), Value::Whole(id as i64 - 3)),
            ],
        })
        .collect();
    let open = grant::<OpenData>(&Actor::anonymous()).unwrap();
    let layer = Arc::new(Layer::freeze("prova", Titles::default(), features));
    Chart::new(disclose::layer(&open, &layer).0, Zooms { from: 0, to: 14 }, Order::Alike)
}

#[test]
fn addresses_outside_the_square_are_refused() {
    assert_eq!(TileAddress::new(23, 0, 0), Err(InvalidTileAddress::Zoom(23)));
    assert!(TileAddress::new(0, 1, 0).is_err());
    assert!(TileAddress::new(3, 7, 8).is_err());
    assert!(TileAddress::new(22, u32::MAX, 0).is_err());
    assert!(TileAddress::new(22, (1 << 22) - 1, (1 << 22) - 1).is_ok());
}

#[test]
fn bounds_of_the_world_and_of_a_known_tile() {
    let world = TileAddress::new(0, 0, 0).unwrap().bounds(0);
    assert!((world.west + 180.0).abs() < 1e-9 && (world.north - 85.051_128_779).abs() < 1e-6);
    // 10/558/390 by the formula of the OpenStreetMap wiki.
    let tile = tile_of(10, 16.30, 38.96);
    assert_eq!((tile.x(), tile.y()), (558, 391));
    let b = tile.bounds(0);
    assert!(b.contains(LonLat::new(16.30, 38.96).unwrap()));
}

#[test]
fn the_example_of_the_specification_is_written_bit_by_bit() {
    // MVT 2.1, 4.3.5.6: a polygon with a hole and another polygon, coordinates as the text has them.
    let unit = |x: f64, y: f64| [x / 4096.0, y / 4096.0];
    let ring = |points: &[(f64, f64)]| points.iter().map(|&(x, y)| unit(x, y)).collect::<Vec<_>>();
    let shape = Shape::Polygons(vec![
        vec![ring(&[(0., 0.), (10., 0.), (10., 10.), (0., 10.)])],
        vec![
            ring(&[(11., 11.), (20., 11.), (20., 20.), (11., 20.)]),
            ring(&[(13., 13.), (13., 17.), (17., 17.), (17., 13.)]),
        ],
    ]);
    let mut commands = Vec::new();
    shape.draw(TileAddress::new(0, 0, 0).unwrap(), 0.0, &mut commands);
    assert_eq!(
        commands,
        [
            9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15, 9, 4, 13, 26, 0, 8, 8, 0, 0,
            7, 15
        ]
    );
}

#[test]
fn values_and_keys_come_back() {
    let mut layer = LayerWriter::new("strati");
    let (text, number) = (layer.key("testo"), layer.key("numero"));
    for id in 0..3_u64 {
        let mut tags = Vec::new();
        layer.tag(&mut tags, text, Attribute::Text("via Àlba"));
        layer.tag(&mut tags, number, Attribute::Number(0.25));
        layer.tag(&mut tags, number, Attribute::Number(f64::NAN));
        let (flag, whole) = (layer.key("vero"), layer.key("intero"));
        layer.tag(&mut tags, flag, Attribute::Flag(true));
        layer.tag(&mut tags, whole, Attribute::Whole(-7 + id as i64 * 9));
        layer.feature(id, &tags, Kind::Point, &[9, 2, 2]);
    }
    let layers = decode::decode(&layer.into_tile());
    let feature = &layers[0].features[1];
    assert_eq!(feature.text("testo"), "via Àlba");
    assert_eq!(feature.get("numero"), Some(&decode::Value::Number(0.25)));
    assert_eq!(feature.get("vero"), Some(&decode::Value::Flag(true)));
    assert_eq!((feature.whole("intero"), layers[0].features[0].whole("intero")), (2, -7));
    assert_eq!(feature.parts, vec![vec![[1, 1]]]);
}

#[test]
fn an_empty_tile_has_no_bytes() {
    let far = tile_of(14, 10.0, 45.0);
    assert!(chart(vec![geo::point!(x: 16.0, y: 38.0).into()]).tile(far).is_empty());
}

#[test]
fn points_too_many_for_a_tile_are_counted_and_none_is_lost() {
    let points: Vec<Geometry<f64>> = (0..40_000)
        .map(|i| geo::point!(x: TOWN.0 + f64::from(i % 200) * 1e-4, y: TOWN.1 + f64::from(i / 200) * 1e-4).into())
        .collect();
    let chart = chart(points);
    let z = 12;
    let first = tile_of(z, TOWN.0, TOWN.1);
    let (mut total, mut features) = (0, 0);
    for dx in -2..=2_i64 {
        for dy in -2..=2_i64 {
            let tile =
                TileAddress::new(z, (i64::from(first.x()) + dx) as u32, (i64::from(first.y()) + dy) as u32).unwrap();
            let bytes = chart.tile(tile);
            assert!(bytes.len() < MAX_TILE_BYTES);
            for feature in decode::decode(&bytes).into_iter().flat_map(|layer| layer.features) {
                let inside = feature.parts[0][0].iter().all(|v| (0..4096).contains(v));
                total += if feature.get("count").is_some() { feature.whole("count") } else { i64::from(inside) };
                features += 1;
            }
        }
    }
    assert_eq!(total, 40_000);
    assert!(features < 20_000, "{features} points are too many to be thinned");
}

#[test]
fn a_large_layer_of_lines_stays_below_the_limit() {
    let lines: Vec<Geometry<f64>> = (0..30_000)
        .map(|i| {
            let (x, y) = (TOWN.0 + f64::from(i % 170) * 1e-3, TOWN.1 + f64::from(i / 170) * 1e-3);
            LineString::from(vec![(x, y), (x + 5e-4, y + 4e-4), (x + 9e-4, y)]).into()
        })
        .collect();
    let chart = chart(lines);
    for z in 0..=14 {
        let bytes = chart.tile(tile_of(z, TOWN.0 + 0.05, TOWN.1 + 0.05));
        assert!(bytes.len() < MAX_TILE_BYTES, "zoom {z}: {} bytes", bytes.len());
    }
    assert!(!chart.tile(tile_of(9, TOWN.0 + 0.05, TOWN.1 + 0.05)).is_empty());
}

#[test]
fn a_polygon_cut_by_tiles_keeps_its_area() {
    let shape = polygon!(
        exterior: [(x: 16.21, y: 38.91), (x: 16.42, y: 38.90), (x: 16.44, y: 39.03), (x: 16.33, y: 38.97), (x: 16.22, y: 39.02)],
        interiors: [[(x: 16.3, y: 38.93), (x: 16.33, y: 38.93), (x: 16.32, y: 38.95)]],
    );
    let chart = chart(vec![shape.clone().into()]);
    let z = 13_u8;
    let scale = f64::from(1_u32 << z) * 4096.0;
    let wanted: f64 = {
        let unit = |l: &LineString<f64>| {
            l.coords().map(|c| geo::Coord::from(project(LonLat::new(c.x, c.y).unwrap()))).collect::<LineString<f64>>()
        };
        Polygon::new(unit(shape.exterior()), shape.interiors().iter().map(unit).collect()).unsigned_area()
            * scale
            * scale
    };
    let (a, b) = (tile_of(z, 16.21, 39.03), tile_of(z, 16.44, 38.90));
    let mut got = 0.0;
    for x in a.x()..=b.x() {
        for y in a.y()..=b.y() {
            for feature in
                decode::decode(&chart.tile(TileAddress::new(z, x, y).unwrap())).into_iter().flat_map(|l| l.features)
            {
                got += inner_area(&feature.parts);
            }
        }
    }
    assert!((got / wanted - 1.0).abs() < 1e-3, "{got} for {wanted}");
}

/// Area of the rings within the tile's own square, without its buffer.
fn inner_area(parts: &[Vec<[i64; 2]>]) -> f64 {
    parts
        .iter()
        .map(|ring| {
            let ring: Vec<[f64; 2]> = ring.iter().map(|p| [p[0] as f64, p[1] as f64]).collect();
            let cut = clip::ring(&ring, [0.0, 0.0, 4096.0, 4096.0]);
            cut.iter().zip(cut.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
        })
        .sum()
}

fn star() -> impl Strategy<Value = Polygon<f64>> {
    (prop::collection::vec(0.2_f64..1.0, 3..24), 0.0001_f64..0.2, 0.0_f64..1.0).prop_map(|(radii, size, hole)| {
        let at = |i: usize, r: f64| {
            let angle = i as f64 / radii.len() as f64 * std::f64::consts::TAU;
            (TOWN.0 + angle.cos() * r * size, TOWN.1 + angle.sin() * r * size)
        };
        let exterior: LineString<f64> = radii.iter().enumerate().map(|(i, &r)| at(i, r)).collect();
        let interior: LineString<f64> = (0..radii.len()).map(|i| at(i, 0.05 * hole)).collect();
        Polygon::new(exterior, vec![interior])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rings_are_wound_as_the_specification_wants(shape in star(), z in 0_u8..16, flip in any::<bool>()) {
        prop_assume!(shape.is_valid());
        let (exterior, holes) = shape.into_inner();
        let mut points = exterior.into_inner();
        if flip { points.reverse(); }
        let chart = chart(vec![Polygon::new(LineString::new(points), holes).into()]);
        // The decoder itself refuses steps of zero length, open rings and repeated ends.
        for layer in decode::decode(&chart.tile(tile_of(z, TOWN.0, TOWN.1))) {
            for feature in layer.features {
                prop_assert!(decode::twice_area(&feature.parts[0]) > 0, "the exterior comes first");
                prop_assert!(feature.parts.iter().all(|ring| decode::twice_area(ring) != 0));
                prop_assert!(feature.parts[1..].iter().all(|ring| decode::twice_area(ring) < 0));
                let (least, most) = (-i64::from(BUFFER), i64::from(EXTENT + BUFFER));
                prop_assert!(feature.parts.iter().flatten().flatten().all(|v| (least..=most).contains(v)));
            }
        }
    }

    #[test]
    fn lines_come_back_within_half_a_unit(points in prop::collection::vec((-0.03_f64..0.03, -0.02_f64..0.02), 2..40)) {
        let line: LineString<f64> = points.iter().map(|&(x, y)| (TOWN.0 + x, TOWN.1 + y)).collect();
        let chart = chart(vec![line.clone().into()]);
        let tile = tile_of(14, TOWN.0, TOWN.1);
        let drawn: Vec<[i64; 2]> = decode::decode(&chart.tile(tile)).into_iter().flat_map(|l| l.features).flat_map(|f| f.parts).flatten().collect();
        let edge = |v: f64| (v - -f64::from(BUFFER)).abs() < 1.0 || (v - f64::from(EXTENT + BUFFER)).abs() < 1.0;
        for p in &drawn {
            let known = line.coords().any(|c| {
                let [x, y] = tile.place(project(LonLat::new(c.x, c.y).unwrap()));
                (x - p[0] as f64).abs() <= 0.5 && (y - p[1] as f64).abs() <= 0.5
            });
            prop_assert!(known || edge(p[0] as f64) || edge(p[1] as f64), "{p:?} is no point of the line");
        }
        // Every point of the line inside the window is drawn, at zoom 14 nothing is simplified away.
        for c in line.coords() {
            let [x, y] = tile.place(project(LonLat::new(c.x, c.y).unwrap()));
            if (0.0..4096.0).contains(&x) && (0.0..4096.0).contains(&y) {
                prop_assert!(drawn.contains(&[x.round() as i64, y.round() as i64]) || line.coords().all(|d| d == c));
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(shape in star(), z in 0_u8..16) {
        let make = || chart(vec![shape.clone().into(), MultiPolygon::new(vec![shape.clone()]).into()]).tile(tile_of(z, TOWN.0, TOWN.1));
        prop_assert_eq!(make(), make());
    }
}
