//! Routes, matrices, closures and isochrones: on Liechtenstein, and on twenty-six of it side by side (160,000 nodes).

use std::sync::Arc;

use atlante::{
    domain::{geo::LonLat, watch::Unwatched},
    roads::{
        closure::{Bridges, Closure, closed},
        ground::Ground,
        network::{Network, Parts},
        osm,
        plane::{Plane, Snapped},
        profile::Profile,
    },
};
use geo::MultiPolygon;

use crate::{
    Table,
    gauge::{Spent, each_s, least},
};

/// Where no real roads are at hand: streets of a grid, a third of them missing.
fn invented(side: u32) -> Parts {
    let mut parts = Parts { shape_first: vec![0], ..Parts::default() };
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut dice = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for node in 0..side * side {
        let off = [dice() % 400, dice() % 400].map(|off| off as f64 * 1e-6);
        parts.nodes.push([9.0 + f64::from(node % side) * 1e-3 + off[0], 45.0 + f64::from(node / side) * 1e-3 + off[1]]);
    }
    for node in 0..side * side {
        for (next, inside) in [(node + 1, node % side + 1 < side), (node + side, node / side + 1 < side)] {
            if inside && dice() % 3 > 0 {
                let class = [8, 11, 11, 10, 4][dice() as usize % 5];
                parts.edges.push((
                    node,
                    next,
                    u32::MAX,
                    class,
                    0,
                    0,
                    0b10_1010_1010,
                    0b10_1010_1010,
                    0.0,
                    0.0,
                    0.0,
                    0.0,
                ));
                parts.shapes.extend([parts.nodes[node as usize], parts.nodes[next as usize]]);
                parts.shape_first.push(parts.shapes.len() as u32);
            }
        }
    }
    parts
}

/// Copies of a network side by side, each joined to the one before it in three places.
fn side_by_side(one: &Parts, copies: u32) -> Parts {
    let mut all = Parts { shape_first: vec![0], names: one.names.clone(), ..Parts::default() };
    let nodes = one.nodes.len() as u32;
    for copy in 0..copies {
        let (dx, dy) = (f64::from(copy % 6) * 0.2, f64::from(copy / 6) * 0.25);
        let moved = |p: &[f64; 2]| [p[0] + dx, p[1] + dy];
        let (first_node, first_edge) = (copy * nodes, all.edges.len() as u32);
        all.nodes.extend(one.nodes.iter().map(moved));
        all.barriers.extend(one.barriers.iter().map(|(node, access)| (node + first_node, *access)));
        all.edges.extend(one.edges.iter().map(|edge| {
            let mut edge = *edge;
            edge.0 += first_node;
            edge.1 += first_node;
            edge
        }));
        let begin = all.shapes.len() as u32;
        all.shapes.extend(one.shapes.iter().map(moved));
        all.shape_first.extend(one.shape_first[1..].iter().map(|first| first + begin));
        all.restrictions.extend(one.restrictions.iter().map(|(from, at, via, to, only, modes)| {
            let via = via.iter().map(|edge| edge + first_edge).collect();
            (from + first_edge, at + first_node, via, to + first_edge, *only, *modes)
        }));
        for near in [copy.checked_sub(1).filter(|_| copy % 6 > 0), copy.checked_sub(6)].into_iter().flatten() {
            for node in [nodes / 7, nodes / 3, nodes / 2] {
                let (a, b) = (near * nodes + node, first_node + node);
                all.edges.push((a, b, u32::MAX, 4, 0, 0, 0b10_1010_1010, 0b10_1010_1010, 0.0, 0.0, 0.0, 0.0));
                all.shapes.extend([all.nodes[a as usize], all.nodes[b as usize]]);
                all.shape_first.push(all.shapes.len() as u32);
            }
        }
    }
    all
}

fn places(plane: &Plane, count: usize) -> Vec<Snapped> {
    let bbox = plane.ground().network().bbox().expect("roads");
    let mut found = Vec::new();
    for n in 1.. {
        let part = |step: f64| (f64::from(n) * step).fract();
        let lon = bbox.west + (bbox.east - bbox.west) * part(0.618_033_988_7);
        let lat = bbox.south + (bbox.north - bbox.south) * part(0.754_877_666_2);
        found.extend(plane.snap(LonLat::new(lon, lat).expect("a point"), None));
        if found.len() == count {
            break;
        }
    }
    found
}

pub fn measure(table: &mut Table) {
    let shared = std::env::var_os("ATLANTE_SHARED")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), std::path::PathBuf::from);
    let file = std::fs::read(shared.join("data/osm/valhalla-liechtenstein-latest.osm.pbf")).ok();
    let name = if file.is_some() { "Liechtenstein" } else { "an invented grid" };
    let network = match &file {
        Some(bytes) => {
            let (reading, spent) = least(3, || osm::read(bytes, &Unwatched).expect("a good file"));
            table.note(format!("roads: {name} read from {} kB of PBF", bytes.len() / 1000), "", spent.to_string());
            reading.network
        }
        None => Network::from_parts(invented(80)).expect("good parts"),
    };
    let parts = network.to_parts();
    let network = Arc::new(network);
    let (ground, spent) = least(3, || Arc::new(Ground::build(network.clone(), Profile::Car)));
    table.note(format!("roads: ground of a car from a stored order, {} nodes", ground.nodes()), "", spent.to_string());
    let plane = Plane::open(ground);
    few(table, &plane, name);
    drop(plane);
    let large = if file.is_some() { side_by_side(&parts, 26) } else { invented(400) };
    many(table, &Network::from_parts(large).expect("good parts").into());
}

fn few(table: &mut Table, plane: &Plane, name: &str) {
    let thousand = places(plane, 1000);
    let (matrix, spent) = least(5, || plane.matrix(&thousand, &thousand, &Unwatched).expect("not cancelled"));
    let step = 37;
    let pairs: Vec<(usize, usize)> = (0..1000).map(|n| (n, n * step % 1000)).collect();
    let alone_s = each_s(3, pairs.len(), |n| {
        let (from, to) = pairs[n];
        let alone = plane.duration(&thousand[from], &thousand[to]).unwrap_or(u32::MAX);
        assert_eq!(alone, matrix.durations_ds[from * 1000 + to], "a route is a cell of the matrix");
    });
    table.beside(
        format!("roads: matrix 1000 × 1000, {name}"),
        "≤ 0.3 s",
        spent.to_string(),
        format!("a route a cell: {:.0} s", alone_s * 1e6),
        Some(alone_s * 1e6 / spent.wall_s),
    );
    table.note(format!("roads: duration of one route, {name}"), "≤ 0.3 ms", format!("{:.1} µs", alone_s * 1e6));
    let drawn_s = each_s(3, pairs.len(), |n| {
        plane.route(&[thousand[pairs[n].0], thousand[pairs[n].1]]);
    });
    table.note(format!("roads: one route with its line, {name}"), "≤ 1 ms", format!("{:.1} µs", drawn_s * 1e6));
    let around: Vec<LonLat> = thousand.iter().map(|place| place.point).collect();
    let snap_s = each_s(3, 1000, |n| {
        plane.snap(around[n], None).ok();
    });
    table.note("roads: a point snapped", "", format!("{:.1} µs", snap_s * 1e6));
}

/// What the first route after a restart waits for: the network from its columns and its order, a ground, its weights.
fn restarted(table: &mut Table, network: &Arc<Network>, nodes: usize, fresh: &Spent) {
    let (parts, order) = (network.to_parts(), network.order().nodes());
    let (again, read) = least(2, || {
        let network = Network::from_parts(parts.clone()).expect("good parts");
        network.take_order(order.to_vec()).expect("the order of these nodes");
        Arc::new(network)
    });
    table.note(format!("roads: a network and its order read from columns, {nodes} nodes"), "", read.to_string());
    let (ground, kept) = least(3, || Arc::new(Ground::build(again.clone(), Profile::Car)));
    table.beside(
        format!("roads: ground of a car from a stored order, {nodes} nodes"),
        "",
        kept.to_string(),
        format!("with the order found anew: {fresh}"),
        Some(fresh.wall_s / kept.wall_s),
    );
    let bbox = network.bbox().expect("roads");
    let corner = |x: f64, y: f64| {
        LonLat::new(bbox.west + (bbox.east - bbox.west) * x, bbox.south + (bbox.north - bbox.south) * y)
    };
    let (_, first) = least(1, || {
        let plane = Plane::open(ground.clone());
        let ends = [(0.1, 0.1), (0.9, 0.9)].map(|(x, y)| plane.nearest(corner(x, y).expect("a point"), 1)[0]);
        plane.route(&ends)
    });
    table.note(format!("roads: weights, index and first route, {nodes} nodes"), "", first.to_string());
    for profile in Profile::ALL.into_iter().skip(1) {
        let (ground, spent) = least(1, || Ground::build(again.clone(), profile));
        let name = format!("roads: ground of {} from the same order, {} nodes", profile.key(), ground.nodes());
        table.note(name, "", spent.to_string());
    }
}

fn many(table: &mut Table, network: &Arc<Network>) {
    let (ground, fresh) = least(1, || Arc::new(Ground::build(network.clone(), Profile::Car)));
    let nodes = ground.nodes();
    restarted(table, network, nodes, &fresh);
    let plane = Plane::open(ground.clone());
    let bbox = network.bbox().expect("roads");
    let at = |x: f64, y: f64| (bbox.west + (bbox.east - bbox.west) * x, bbox.south + (bbox.north - bbox.south) * y);
    let ring = (0..720).map(|n| {
        let turn = f64::from(n).to_radians() / 2.0;
        let far = 0.09 + 0.01 * (turn * 9.0).sin();
        at(0.4 + far * turn.cos(), 0.5 + far * turn.sin())
    });
    let area = MultiPolygon(vec![geo::Polygon::new(ring.collect(), vec![])]);
    let closures = [Closure::Area { polygon: area, bridges: Bridges::Stand }];
    let mut shut = 0;
    let (closed_plane, spent) = least(5, || {
        let edges = closed(&ground, &closures);
        shut = edges.len();
        Plane::new(ground.clone(), &edges)
    });
    table.note(
        format!("roads: an area of 720 corners closes {shut} roads, new weights, {nodes} nodes"),
        "≤ 100 ms",
        spent.to_string(),
    );
    let thousand = places(&plane, 1000);
    let (_, spent) = least(2, || closed_plane.matrix(&thousand, &thousand, &Unwatched));
    table.note(format!("roads: matrix 1000 × 1000, {nodes} nodes"), "", spent.to_string());
    let route_s = each_s(2, 500, |n| {
        plane.route(&[thousand[n], thousand[999 - n]]);
    });
    table.note(format!("roads: one route with its line, {nodes} nodes"), "≤ 1 ms", format!("{:.0} µs", route_s * 1e6));
    let (areas, spent) = least(5, || plane.isochrone(&thousand[..1], &[10.0, 20.0, 30.0]));
    let points: usize = areas.iter().flat_map(|area| &area.0).map(|part| part.exterior().0.len()).sum();
    table.note(
        format!("roads: isochrone of 10, 20 and 30 minutes, {points} points, {nodes} nodes"),
        "≤ 100 ms",
        spent.to_string(),
    );
    let (_, spent) = least(5, || plane.isochrone(&thousand[..1], &[60.0, 120.0, 600.0]));
    table.note(format!("roads: isochrone of all {nodes} nodes"), "≤ 100 ms", spent.to_string());
}
