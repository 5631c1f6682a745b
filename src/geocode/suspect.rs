//! Accesses whose point cannot be right: outside the comune, or far from the other doors of their street.

use std::collections::HashMap;

use geo::{Contains, Distance, Euclidean, MultiPolygon, Point};

use crate::domain::{
    geo::{LonLat, METRES_PER_LAT, Plane},
    place::{Access, PointQuality, StreetId},
};

/// Boundaries are simplified lines: a door this near to the border is inside.
const BORDER_M: f64 = 25.0;
/// A door nearer than this to its street's others is never far.
const FAR_M: f64 = 250.0;
/// Times the usual spread of its street's doors.
const SPREADS: f64 = 8.0;
/// Fewest doors of a street that can judge one of them.
const FEWEST: usize = 4;

/// Marks the accesses whose point is suspect, in the boundary's CRS (longitude, latitude); borrowed points are judged as well.
/// Gives how many are outside the comune and how many far from their street.
pub fn flag_suspects(accesses: &mut [Access], boundary: &MultiPolygon<f64>) -> (usize, usize) {
    let mut outside = 0;
    let mut streets: HashMap<StreetId, Vec<usize>> = HashMap::new();
    for (i, access) in accesses.iter_mut().enumerate() {
        let Some(point) = access.point else { continue };
        if is_outside(point, boundary) {
            access.quality = PointQuality::OutsideComune;
            outside += 1;
        } else {
            streets.entry(access.street).or_default().push(i);
        }
    }
    let mut far = 0;
    for members in streets.values().filter(|m| m.len() >= FEWEST) {
        for i in far_ones(members, accesses) {
            accesses[i].quality = PointQuality::FarFromStreet;
            far += 1;
        }
    }
    (outside, far)
}

fn is_outside(point: LonLat, boundary: &MultiPolygon<f64>) -> bool {
    if boundary.0.is_empty() {
        return false;
    }
    let at = Point::new(point.lon(), point.lat());
    if boundary.contains(&at) {
        return false;
    }
    // Degrees of longitude are shorter than those of latitude: this errs to the side of the door.
    Euclidean.distance(&at, boundary) * METRES_PER_LAT * point.lat().to_radians().cos() > BORDER_M
}

/// Doors whose nearest door of the street is far by the street's own measure: its usual gap and the spread of its gaps.
fn far_ones(members: &[usize], accesses: &[Access]) -> Vec<usize> {
    let Some(origin) = accesses[members[0]].point else { return Vec::new() };
    let plane = Plane::around(origin);
    let points: Vec<[f64; 2]> = members.iter().filter_map(|&i| accesses[i].point).map(|p| plane.project(p)).collect();
    let gap = |a: usize, b: usize| (points[a][0] - points[b][0]).hypot(points[a][1] - points[b][1]);
    let nearest: Vec<f64> = (0..points.len())
        .map(|a| (0..points.len()).filter(|b| *b != a).map(|b| gap(a, b)).fold(f64::INFINITY, f64::min))
        .collect();
    let usual = median(nearest.clone());
    let spread = median(nearest.iter().map(|d| (d - usual).abs()).collect());
    let limit = FAR_M.max(usual + SPREADS * spread);
    (0..points.len()).filter(|&a| nearest[a] > limit).map(|a| members[a]).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
