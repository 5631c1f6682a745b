//! Cutting shapes to the box of a tile.

/// A box in the units of the points: least x, least y, greatest x, greatest y.
pub type Box4 = [f64; 4];

/// A line cut to the box (Liang–Barsky, segment by segment): the runs that lie inside, in order.
pub fn line(points: &[[f64; 2]], bounds: Box4) -> Vec<Vec<[f64; 2]>> {
    let mut runs: Vec<Vec<[f64; 2]>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((from, to, cut)) = segment(pair[0], pair[1], bounds) else {
            open = false;
            continue;
        };
        match runs.last_mut() {
            Some(run) if open => run.push(to),
            _ => runs.push(vec![from, to]),
        }
        open = !cut;
    }
    runs
}

/// The part of a segment inside the box, and whether its end was cut off: a run goes on only where it was not.
fn segment(a: [f64; 2], b: [f64; 2], bounds: Box4) -> Option<([f64; 2], [f64; 2], bool)> {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (p, q) in [(-dx, a[0] - bounds[0]), (dx, bounds[2] - a[0]), (-dy, a[1] - bounds[1]), (dy, bounds[3] - a[1])] {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            enter = enter.max(q / p);
        } else {
            leave = leave.min(q / p);
        }
    }
    if leave < enter {
        return None;
    }
    let at = |t: f64| [a[0] + t * dx, a[1] + t * dy];
    let from = if enter > 0.0 { at(enter) } else { a };
    let to = if leave < 1.0 { at(leave) } else { b };
    Some((from, to, leave < 1.0))
}

/// A ring cut to the box (Sutherland–Hodgman). The ring comes and goes without a repeated last point; what lies
/// outside comes back empty.
pub fn ring(points: &[[f64; 2]], bounds: Box4) -> Vec<[f64; 2]> {
    let mut current = points.to_vec();
    for (axis, limit, sign) in [(0, bounds[0], 1.0), (0, bounds[2], -1.0), (1, bounds[1], 1.0), (1, bounds[3], -1.0)] {
        if current.is_empty() {
            break;
        }
        current = half_plane(&current, axis, limit, sign);
    }
    current
}

fn half_plane(points: &[[f64; 2]], axis: usize, limit: f64, sign: f64) -> Vec<[f64; 2]> {
    let inside = |p: &[f64; 2]| (p[axis] - limit) * sign >= 0.0;
    let mut out = Vec::with_capacity(points.len() + 4);
    let mut before = points[points.len() - 1];
    for &point in points {
        if inside(&point) != inside(&before) {
            out.push(crossing(before, point, axis, limit));
        }
        if inside(&point) {
            out.push(point);
        }
        before = point;
    }
    out
}

fn crossing(a: [f64; 2], b: [f64; 2], axis: usize, limit: f64) -> [f64; 2] {
    let t = (limit - a[axis]) / (b[axis] - a[axis]);
    let mut at = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
    at[axis] = limit;
    at
}

/// The box of some points.
pub fn around(points: &[[f64; 2]]) -> Box4 {
    points.iter().fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |b, p| {
        [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]
    })
}

/// Whether two boxes touch.
pub fn touch(a: Box4, b: Box4) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

/// Whether the first box lies within the second.
pub fn within(inner: Box4, outer: Box4) -> bool {
    outer[0] <= inner[0] && outer[1] <= inner[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}
