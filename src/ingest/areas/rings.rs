//! Whether rings are simple and keep apart, in O(n log n), with a budget that no hostile ring can overdraw.

use geo::{Coord, Intersects, Line, LineIntersection, LineString, line_intersection::line_intersection};
use rstar::{AABB, Envelope, RTree, RTreeObject};

/// What was found; worse is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Contacts {
    /// Nothing touches.
    None,
    /// Rings touch each other in points.
    Touching,
    /// A ring crosses or touches itself, or crosses another.
    Crossing,
    /// More pairs than there is time for.
    Tangled,
}

#[derive(Clone, Copy)]
struct Segment {
    line: Line<f64>,
    ring: u32,
    index: u32,
}

/// Segments that follow each other: the tree holds these, a sixteenth as many.
struct Chain<'s> {
    segments: &'s [Segment],
    order: usize,
    bounds: AABB<[f64; 2]>,
}

const CHAIN: usize = 16;

impl RTreeObject for Chain<'_> {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

impl Segment {
    fn bounds(&self) -> AABB<[f64; 2]> {
        let (a, b) = (self.line.start, self.line.end);
        AABB::from_corners([a.x, a.y], [b.x, b.y])
    }
}

/// What is left of the time, and the worst that was found.
struct Tally {
    budget: usize,
    crossings: usize,
    worst: Contacts,
}

/// Looks at all rings together; each is closed and has no repeated points.
pub(super) fn contacts(rings: &[&LineString<f64>]) -> Contacts {
    let mut segments: Vec<Segment> = Vec::with_capacity(rings.iter().map(|ring| ring.0.len()).sum());
    for (ring, string) in (0..).zip(rings) {
        segments.extend((0..).zip(string.lines()).map(|(index, line)| Segment { line, ring, index }));
    }
    let around =
        |segments: &[Segment]| segments.iter().fold(AABB::new_empty(), |bounds, next| bounds.merged(&next.bounds()));
    let chains: Vec<Chain<'_>> = segments
        .chunks(CHAIN)
        .enumerate()
        .map(|(order, segments)| Chain { segments, order, bounds: around(segments) })
        .collect();
    let bounds: Vec<AABB<[f64; 2]>> = chains.iter().map(|chain| chain.bounds).collect();
    let tree = RTree::bulk_load(chains);
    let mut tally =
        Tally { budget: 50_000_000_usize.saturating_add(1000 * segments.len()), crossings: 0, worst: Contacts::None };
    for (order, (own, bounds)) in segments.chunks(CHAIN).zip(&bounds).enumerate() {
        for other in tree.locate_in_envelope_intersecting(bounds).filter(|other| other.order >= order) {
            if !tally.compare(own, other, rings) {
                return Contacts::Tangled;
            }
        }
    }
    tally.worst
}

impl Tally {
    /// Compares two chains; false when time is up.
    fn compare(&mut self, own: &[Segment], other: &Chain<'_>, rings: &[&LineString<f64>]) -> bool {
        for one in own.iter().filter(|one| one.bounds().intersects(&other.bounds)) {
            let Some(left) = self.budget.checked_sub(other.segments.len()) else { return false };
            self.budget = left;
            let reach = one.bounds();
            for two in other.segments {
                let later = (two.ring, two.index) > (one.ring, one.index);
                if !later || !two.bounds().intersects(&reach) {
                    continue;
                }
                let found = contact(one, two, rings[one.ring as usize].0.len() - 1);
                self.crossings += usize::from(found == Contacts::Crossing);
                self.worst = self.worst.max(found);
            }
        }
        self.crossings <= 1_000_000
    }
}

fn contact(one: &Segment, other: &Segment, length: usize) -> Contacts {
    if one.ring == other.ring {
        let apart = other.index - one.index;
        let neighbours = apart == 1 || apart as usize == length - 1;
        return if !neighbours && one.line.intersects(&other.line) { Contacts::Crossing } else { Contacts::None };
    }
    match line_intersection(one.line, other.line) {
        None => Contacts::None,
        Some(LineIntersection::SinglePoint { is_proper: false, .. }) => Contacts::Touching,
        Some(_) => Contacts::Crossing,
    }
}

/// A ring without repeated points and spikes, closed; whether anything was taken away; none where less than a
/// triangle is left.
pub(super) fn clean(ring: &LineString<f64>) -> Option<(LineString<f64>, bool)> {
    let mut open: Vec<Coord<f64>> = Vec::with_capacity(ring.0.len());
    let points = match ring.0.as_slice() {
        [first, middle @ .., last] if first == last => &ring.0[..=middle.len()],
        all => all,
    };
    for &point in points {
        if open.last() == Some(&point) {
            continue;
        }
        open.push(point);
        fold_back(&mut open);
    }
    // The same around the seam.
    let mut start = 0;
    while open.len() - start > 2 {
        let (first, second) = (open[start], open[start + 1]);
        let (last, before) = (open[open.len() - 1], open[open.len() - 2]);
        if last == first || is_spike(before, last, first) {
            open.pop();
        } else if is_spike(last, first, second) {
            start += 1;
        } else {
            break;
        }
    }
    let mut cleaned = open.split_off(start);
    if cleaned.len() < 3 {
        return None;
    }
    let changed = cleaned.len() != points.len();
    cleaned.push(cleaned[0]);
    Some((LineString(cleaned), changed))
}

/// Takes away points at the tips of spikes, as long as there are any at the end.
fn fold_back(open: &mut Vec<Coord<f64>>) {
    while let [.., a, b, c] = *open.as_slice() {
        if !is_spike(a, b, c) {
            break;
        }
        let last = open.len() - 1;
        open.swap_remove(last - 1);
        if a == c {
            open.pop();
        }
    }
}

/// Whether the way from a to b turns straight back towards c.
fn is_spike(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> bool {
    use geo::kernels::{Kernel, Orientation, RobustKernel};
    let back = (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y);
    back < 0.0 && RobustKernel::orient2d(a, b, c) == Orientation::Collinear
}
