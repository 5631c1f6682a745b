//! Areas and street lines as GeoJSON (RFC 7946: WGS 84, longitude first).
//!
//! Sections are the Voronoi cells of some of the doors, neighbourhoods those of the district centres, both cut at the
//! boundary: each of the two layers parts the comune without gaps.

use geo::{BooleanOps, Coord, LineString, MultiPolygon, Polygon};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rstar::{RTree, primitives::GeomWithData};

use super::{
    COMUNE, ISTAT, NAME,
    ground::{DistrictKind, Point, distance, to_degrees},
    register::push,
    world::Town,
};

/// Households for each section, as in a census.
const HOUSEHOLDS_PER_SECTION: usize = 90;
const BLOCK: usize = 1 << 20;

pub(super) fn write(town: &Town, sink: &mut dyn FnMut(&str, &[u8])) {
    let boundary = ring(&town.ground.boundary);
    let mut text = opening("boundary");
    push(
        &mut text,
        format_args!(
            "{{\"type\":\"Feature\",\"properties\":{{\"codice\":\"{COMUNE}\",\"istat\":\"{ISTAT}\",\"name\":\"{NAME}\"}},\"geometry\":"
        ),
    );
    push_polygons(&mut text, &MultiPolygon::new(vec![boundary.clone()]));
    text.push_str("}\n]}\n");
    sink("boundary.geojson", text.as_bytes());
    write_neighbourhoods(town, &boundary, sink);
    write_sections(town, &boundary, sink);
    write_streets(town, sink);
}

pub(super) fn opening(name: &str) -> String {
    format!("{{\"type\":\"FeatureCollection\",\"name\":\"{name}\",\"features\":[\n")
}

fn ring(points: &[Point]) -> Polygon<f64> {
    let coords = points.iter().map(|p| Coord { x: p[0], y: p[1] }).collect();
    Polygon::new(LineString::new(coords), Vec::new())
}

/// The cell of every seed: half-planes against its neighbours, nearest first, until none can cut any more.
fn voronoi(seeds: &[Point], reach: f64) -> Vec<Polygon<f64>> {
    let tree = RTree::bulk_load(seeds.iter().enumerate().map(|(i, p)| GeomWithData::new(*p, i)).collect());
    let cell = |(i, seed): (usize, &Point)| {
        let mut corners: Vec<Point> =
            [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].iter().map(|c| [c[0] * reach, c[1] * reach]).collect();
        for other in tree.nearest_neighbor_iter(seed).filter(|other| other.data != i) {
            let farthest = corners.iter().map(|c| distance(*c, *seed)).fold(0.0, f64::max);
            if distance(*other.geom(), *seed) > 2.0 * farthest {
                break;
            }
            corners = clip(&corners, *seed, *other.geom());
        }
        ring(&corners)
    };
    seeds.par_iter().enumerate().map(cell).collect()
}

/// The part of a convex ring that is nearer to `seed` than to `other`.
fn clip(corners: &[Point], seed: Point, other: Point) -> Vec<Point> {
    let normal = [other[0] - seed[0], other[1] - seed[1]];
    let middle = [f64::midpoint(seed[0], other[0]), f64::midpoint(seed[1], other[1])];
    let side = |p: Point| (p[0] - middle[0]) * normal[0] + (p[1] - middle[1]) * normal[1];
    let mut kept = Vec::with_capacity(corners.len() + 1);
    for (i, a) in corners.iter().enumerate() {
        let b = corners[(i + 1) % corners.len()];
        let (sa, sb) = (side(*a), side(b));
        if sa <= 0.0 {
            kept.push(*a);
        }
        if (sa < 0.0 && sb > 0.0) || (sa > 0.0 && sb < 0.0) {
            let t = sa / (sa - sb);
            kept.push([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]);
        }
    }
    kept
}

fn push_polygons(text: &mut String, shape: &MultiPolygon<f64>) {
    let many = shape.0.len() != 1;
    text.push_str(if many {
        "{\"type\":\"MultiPolygon\",\"coordinates\":["
    } else {
        "{\"type\":\"Polygon\",\"coordinates\":"
    });
    for (i, polygon) in shape.0.iter().enumerate() {
        text.push_str(if i > 0 { ",[[" } else { "[[" });
        push_coords(text, polygon.exterior().coords().map(|c| [c.x, c.y]));
        text.push_str("]]");
    }
    text.push_str(if many { "]}" } else { "}" });
}

pub(super) fn push_coords(text: &mut String, points: impl Iterator<Item = Point>) {
    for (i, p) in points.enumerate() {
        let point = to_degrees(p);
        let comma = if i > 0 { "," } else { "" };
        push(text, format_args!("{comma}[{},{}]", point.lon(), point.lat()));
    }
}

fn write_neighbourhoods(town: &Town, boundary: &Polygon<f64>, sink: &mut dyn FnMut(&str, &[u8])) {
    let named: Vec<_> = town.ground.districts.iter().filter(|d| d.kind != DistrictKind::Country).collect();
    let seeds: Vec<Point> = named.iter().map(|d| town.ground.bend(d.centre)).collect();
    let cells = cut(&voronoi(&seeds, town.ground.radius_m * 6.0), boundary);
    let mut text = opening("neighbourhoods");
    for (i, (district, cell)) in named.iter().zip(&cells).enumerate() {
        push(
            &mut text,
            format_args!(
                "{}{{\"type\":\"Feature\",\"properties\":{{\"id\":{},\"name\":\"{}\",\"kind\":\"{}\"}},\"geometry\":",
                if i > 0 { ",\n" } else { "" },
                i + 1,
                district.name,
                kind_name(district.kind)
            ),
        );
        push_polygons(&mut text, cell);
        text.push('}');
    }
    text.push_str("\n]}\n");
    sink("neighbourhoods.geojson", text.as_bytes());
}

const fn kind_name(kind: DistrictKind) -> &'static str {
    match kind {
        DistrictKind::Core => "centro",
        DistrictKind::Quarter => "quartiere",
        DistrictKind::Hamlet => "frazione",
        DistrictKind::Country => "agro",
    }
}

fn cut(cells: &[Polygon<f64>], boundary: &Polygon<f64>) -> Vec<MultiPolygon<f64>> {
    cells.par_iter().map(|cell| cell.intersection(boundary)).collect()
}

fn write_sections(town: &Town, boundary: &Polygon<f64>, sink: &mut dyn FnMut(&str, &[u8])) {
    let count = (town.households.len() / HOUSEHOLDS_PER_SECTION).max(6);
    let step = (town.doors.len() / count).max(1);
    let seeds: Vec<(Point, usize)> = town
        .doors
        .iter()
        .skip(step / 2)
        .step_by(step)
        .map(|door| (door.at, town.streets[door.street as usize].district as usize))
        .collect();
    let points: Vec<Point> = seeds.iter().map(|(p, _)| *p).collect();
    let cells = cut(&voronoi(&points, town.ground.radius_m * 6.0), boundary);
    let mut text = opening("sections");
    for (i, ((_, district), cell)) in seeds.iter().zip(&cells).enumerate() {
        let district = &town.ground.districts[*district];
        push(
            &mut text,
            format_args!(
                "{}{{\"type\":\"Feature\",\"properties\":{{\"section\":\"{ISTAT}{:07}\",\"neighbourhood\":\"{}\",\"kind\":\"{}\"}},\"geometry\":",
                if i > 0 { ",\n" } else { "" },
                i + 1,
                district.name,
                kind_name(district.kind)
            ),
        );
        push_polygons(&mut text, cell);
        text.push('}');
        if text.len() > BLOCK {
            sink("sections.geojson", text.as_bytes());
            text.clear();
        }
    }
    text.push_str("\n]}\n");
    sink("sections.geojson", text.as_bytes());
}

fn write_streets(town: &Town, sink: &mut dyn FnMut(&str, &[u8])) {
    let mut text = opening("streets");
    for (i, street) in town.streets.iter().enumerate() {
        push(
            &mut text,
            format_args!(
                "{}{{\"type\":\"Feature\",\"properties\":{{\"id\":{},\"name\":\"{}\",\"locality\":\"{}\"}},\"geometry\":{{\"type\":\"LineString\",\"coordinates\":[",
                if i > 0 { ",\n" } else { "" },
                street.id.0,
                street.name,
                street.locality
            ),
        );
        push_coords(&mut text, street.line.iter().copied());
        text.push_str("]}}");
        if text.len() > BLOCK {
            sink("streets.geojson", text.as_bytes());
            text.clear();
        }
    }
    text.push_str("\n]}\n");
    sink("streets.geojson", text.as_bytes());
}
