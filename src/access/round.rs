//! Controlled rounding down a tree of zones: what is published adds up at every level and tells no small count.
//!
//! A count is published as a multiple of a step, less than one step from the truth, and the figure of a zone is the sum of
//! the figures of the zones that refine it: coarser figures add nothing to what the finest ones tell. Even who knows the
//! procedure and combines everything published is left with two counts or more for each zone (a test goes through every
//! truth of small trees). A cap keeps a figure from saying "all of them".

/// One node: the truth, and the cap on what may be published of it (at least 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    pub(super) value: i64,
    pub(super) cap: i64,
}

/// The tree: for each level, coarsest first, the place of each node's parent one level up.
pub(super) type Parents = [Vec<u32>];

#[derive(Clone, Copy, Debug, Default)]
struct Range {
    low: i64,
    high: i64,
}

/// Rounds to multiples of a step. `truths` has the root alone first, then the levels; so has the result. The value of a node
/// must be the sum of its children's. Where caps bite, a figure may lie more than a step below the truth.
pub(super) fn controlled(parents: &Parents, truths: &[Vec<Truth>], step: i64) -> Vec<Vec<i64>> {
    let ranges = ranges(parents, truths, step);
    let mut published: Vec<Vec<i64>> =
        ranges.iter().map(|level| level.iter().map(|range| range.low).collect()).collect();
    if let (Some(root), Some(range)) = (truths[0].first(), ranges[0].first()) {
        let nearest = (root.value + step / 2).div_euclid(step) * step;
        published[0][0] = nearest.clamp(range.low, range.high);
    }
    for (level, up) in parents.iter().enumerate() {
        let (coarse, fine) = published.split_at_mut(level + 1);
        let (sums, fine) = (&coarse[level], &mut fine[0]);
        let mut open = sums.clone();
        for (at, &parent) in up.iter().enumerate() {
            open[parent as usize] -= fine[at];
        }
        let mut order: Vec<usize> = (0..up.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(truths[level + 1][at].value - fine[at]));
        for at in order {
            let room = open[up[at] as usize].min(ranges[level + 1][at].high - fine[at]);
            fine[at] += room;
            open[up[at] as usize] -= room;
        }
    }
    published
}

/// What each node may publish, such that every choice of a node can be met by its children: at most one step wide.
fn ranges(parents: &Parents, truths: &[Vec<Truth>], step: i64) -> Vec<Vec<Range>> {
    let last = truths.len() - 1;
    let mut ranges: Vec<Vec<Range>> = truths.iter().map(|level| vec![Range::default(); level.len()]).collect();
    for level in (0..=last).rev() {
        for (at, truth) in truths[level].iter().enumerate() {
            let floor = truth.value.div_euclid(step) * step;
            let ceiling = if floor == truth.value { floor } else { floor + step };
            let high = ceiling.min(truth.cap.max(0).div_euclid(step) * step);
            let own = Range { low: floor.min(high), high };
            let reach = if level == last { own } else { ranges[level][at] };
            let (low, high) = (own.low.max(reach.low), own.high.min(reach.high));
            ranges[level][at] = if low <= high {
                Range { low, high }
            } else {
                let nearest = own.low.clamp(reach.low, reach.high);
                Range { low: nearest, high: nearest }
            };
        }
        if level > 0 {
            for (at, &parent) in parents[level - 1].iter().enumerate() {
                let range = ranges[level][at];
                let up = &mut ranges[level - 1][parent as usize];
                up.low += range.low;
                up.high += range.high;
            }
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// A random tree of five levels under a root, with leaves of ten households or more and a count in each.
    fn trees() -> impl Strategy<Value = (Vec<Vec<u32>>, Vec<Vec<Truth>>)> {
        let leaf = (10i64..200, prop_oneof![3 => 0i64..4, 2 => 0i64..200, 1 => Just(200i64)]);
        (prop::collection::vec(leaf, 1..60), prop::collection::vec(1usize..5, 4)).prop_map(|(leaves, widths)| {
            let mut level: Vec<Truth> = leaves
                .iter()
                .map(|&(n, count)| Truth { value: count.min(n), cap: (n - 3).div_euclid(3) * 3 })
                .collect();
            let (mut parents, mut truths) = (Vec::new(), vec![level.clone()]);
            for width in widths.into_iter().chain([usize::MAX]) {
                parents.push((0..level.len()).map(|at| (at / width) as u32).collect());
                level = level
                    .chunks(width.min(level.len()))
                    .map(|c| {
                        c.iter().fold(Truth { value: 0, cap: 0 }, |a, b| Truth {
                            value: a.value + b.value,
                            cap: a.cap + b.cap + 3,
                        })
                    })
                    .collect();
                truths.push(level.clone());
            }
            parents.reverse();
            truths.reverse();
            (parents, truths)
        })
    }

    proptest! {
        #[test]
        fn figures_add_up_and_stay_close((parents, truths) in trees()) {
            let published = controlled(&parents, &truths, 3);
            for (level, up) in parents.iter().enumerate() {
                let mut sums = vec![0; published[level].len()];
                for (at, &parent) in up.iter().enumerate() {
                    sums[parent as usize] += published[level + 1][at];
                }
                prop_assert_eq!(&sums, &published[level]);
            }
            let capped = truths[truths.len() - 1].iter().any(|t| t.value > t.cap);
            for (level, figures) in published.iter().enumerate() {
                for (truth, &figure) in truths[level].iter().zip(figures) {
                    prop_assert!(figure % 3 == 0 && figure >= 0 && figure <= truth.cap.max(0));
                    prop_assert!(capped || (figure - truth.value).abs() < 3, "{truth:?} as {figure}");
                }
            }
        }
    }

    /// The attacker who knows the procedure and has every published figure, for every possible truth of small trees: no finest
    /// count is pinned to one value.
    #[test]
    fn who_knows_the_procedure_learns_no_count() {
        let shapes: [&[&[u32]]; 5] =
            [&[&[0]], &[&[0, 0]], &[&[0, 0, 0]], &[&[0, 0], &[0, 0, 1]], &[&[0, 0], &[0, 0, 1, 1]]];
        for shape in shapes {
            let parents: Vec<Vec<u32>> = shape.iter().map(|level| level.to_vec()).collect();
            let leaves = shape[shape.len() - 1].len();
            let mut seen: BTreeMap<Vec<i64>, Vec<BTreeSet<i64>>> = BTreeMap::new();
            for code in 0..11i64.pow(leaves as u32) {
                let counts: Vec<i64> = (0..leaves as u32).map(|at| code / 11i64.pow(at) % 11).collect();
                let finest: Vec<Truth> = counts.iter().map(|&value| Truth { value, cap: 7 }).collect();
                let mut truths = vec![finest];
                for up in parents.iter().rev() {
                    let mut level = vec![Truth { value: 0, cap: -3 }; *up.last().unwrap() as usize + 1];
                    for (truth, &parent) in truths[truths.len() - 1].iter().zip(up) {
                        level[parent as usize].value += truth.value;
                        level[parent as usize].cap += 10;
                    }
                    truths.push(level);
                }
                truths.reverse();
                let published = controlled(&parents, &truths, 3).concat();
                let possible = seen.entry(published).or_insert_with(|| vec![BTreeSet::new(); leaves]);
                possible.iter_mut().zip(counts).for_each(|(set, count)| set.extend([count]));
            }
            let fewest = seen.values().flatten().map(BTreeSet::len).min().unwrap();
            println!("{leaves} zones, {} outcomes: at least {fewest} possible counts each", seen.len());
            for (published, possible) in &seen {
                for set in possible {
                    assert!(set.len() >= 2, "{published:?} pins {set:?}");
                }
            }
        }
    }
}
