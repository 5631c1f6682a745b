//! Whether `p` candidates cover everyone within a radius, decided: the classical way to a p-center (Minieka 1970).
//!
//! A demand is the set of the candidates that reach it. Demands that are reached whenever another is, and candidates that
//! reach no more than another, go; what is left is often small however many there were. Then the demand with the fewest
//! candidates is looked at, and each of them tried, those that were tried before left out. A branch ends where demands that
//! share no candidate are more than the sites that are left, or the greatest candidates together reach too few.

use super::{cells::Cells, problem::Problem};

/// Words that reducing may look at before it is given up.
const REDUCE_WORDS: u64 = 60_000_000;

/// What is known of a radius.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// These candidates, `p` at most, cover everyone.
    Covered(Vec<usize>),
    /// No `p` do.
    Impossible,
    /// It would take more work.
    Unknown,
}

/// A demand: the candidates that reach it, and its place in the list.
type Row = (Bits, usize);

/// A set of small numbers.
type Bits = Vec<u64>;

fn empty(size: usize) -> Bits {
    vec![0; size.div_ceil(64)]
}

fn set(bits: &mut Bits, at: usize) {
    bits[at / 64] |= 1 << (at % 64);
}

fn holds(bits: &Bits, at: usize) -> bool {
    bits[at / 64] >> (at % 64) & 1 == 1
}

fn size(bits: &Bits) -> u32 {
    bits.iter().map(|word| word.count_ones()).sum()
}

fn common(a: &Bits, b: &Bits) -> u32 {
    a.iter().zip(b).map(|(a, b)| (a & b).count_ones()).sum()
}

fn meet(a: &Bits, b: &Bits) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}

fn within(part: &Bits, whole: &Bits) -> bool {
    part.iter().zip(whole).all(|(part, whole)| part & !whole == 0)
}

fn members(bits: &Bits) -> impl Iterator<Item = usize> + '_ {
    bits.iter().enumerate().flat_map(|(at, &word)| {
        std::iter::successors((word != 0).then_some(word), |left| Some(left & (left - 1)).filter(|left| *left != 0))
            .map(move |left| at * 64 + left.trailing_zeros() as usize)
    })
}

/// Decides a radius; looks at so many words at most.
pub(super) fn decide(problem: &Problem, radius: f64, work: u64) -> Decision {
    let terms = problem.terms();
    let mut rows: Vec<Bits> = Vec::new();
    for (costs, weight) in terms.costs.chunks(terms.candidates).zip(&terms.weights) {
        if *weight <= 0.0 || costs.iter().all(|cost| cost.is_infinite()) {
            continue;
        }
        let mut row = empty(terms.candidates);
        let near = costs.iter().enumerate().filter(|(_, cost)| cost.is_finite() && **cost <= radius);
        near.for_each(|(candidate, _)| set(&mut row, candidate));
        rows.push(row);
    }
    cover(rows, terms.candidates, terms.p, &terms.fixed, work)
}

/// Whether `p` candidates, the fixed among them, meet every row.
fn cover(mut rows: Vec<Bits>, candidates: usize, p: usize, fixed: &[usize], work: u64) -> Decision {
    rows.retain(|row| !fixed.iter().any(|&site| holds(row, site)));
    if rows.is_empty() {
        return Decision::Covered(fixed.to_vec());
    }
    let (rows, columns) = reduced(rows, candidates, &[]);
    let mut all = empty(rows.len());
    (0..rows.len()).for_each(|row| set(&mut all, row));
    let mut search = Search { rows: &rows, columns: &columns, sites: fixed.to_vec(), work };
    search.decide(&all, &empty(candidates), p.saturating_sub(fixed.len()))
}

/// Demands and candidates that decide whether everyone can be covered, ascending: without demands that are covered whenever
/// another is, and candidates that cover no more than another and are not fixed.
pub(super) fn essence(cells: &Cells) -> (Vec<usize>, Vec<usize>) {
    let mut rows = vec![empty(cells.candidates); cells.demands.len()];
    for candidate in 0..cells.candidates {
        let column = cells.column(candidate).iter().enumerate();
        column.filter(|(_, cell)| **cell <= 0.0).for_each(|(demand, _)| set(&mut rows[demand], candidate));
    }
    let (rows, columns) = reduced(rows, cells.candidates, &cells.fixed);
    let mut demands: Vec<usize> = rows.into_iter().map(|(_, demand)| demand).collect();
    demands.sort_unstable();
    let decides = |&one: &usize| cells.fixed[one] || size(&columns[one]) > 0;
    (demands, (0..cells.candidates).filter(decides).collect())
}

/// The rows and, of each candidate, which of them it meets, without what decides nothing.
fn reduced(rows: Vec<Bits>, candidates: usize, fixed: &[bool]) -> (Vec<Row>, Vec<Bits>) {
    let mut rows: Vec<Row> = rows.into_iter().zip(0..).collect();
    let mut left = REDUCE_WORDS;
    loop {
        undominated_rows(&mut rows, &mut left);
        let columns = columns(&rows, candidates);
        let Some(gone) = dominated_columns(&columns, fixed, &mut left) else { return (rows, columns) };
        for (row, _) in &mut rows {
            for &candidate in &gone {
                row[candidate / 64] &= !(1 << (candidate % 64));
            }
        }
    }
}

/// Leaves the rows that are met by least: each other is met whenever one of them is.
fn undominated_rows(rows: &mut Vec<Row>, left: &mut u64) {
    rows.sort_unstable_by(|a, b| size(&a.0).cmp(&size(&b.0)).then_with(|| a.cmp(b)));
    rows.dedup_by(|a, b| a.0 == b.0);
    let mut kept: Vec<Row> = Vec::new();
    for row in rows.drain(..) {
        *left = left.saturating_sub((kept.len() * row.0.len()) as u64);
        if *left == 0 || !kept.iter().any(|(smaller, _)| within(smaller, &row.0)) {
            kept.push(row);
        }
    }
    *rows = kept;
}

/// Of each candidate the rows that it meets.
fn columns(rows: &[Row], candidates: usize) -> Vec<Bits> {
    let mut columns = vec![empty(rows.len()); candidates];
    for (at, (row, _)) in rows.iter().enumerate() {
        members(row).for_each(|candidate| set(&mut columns[candidate], at));
    }
    columns
}

/// Candidates that meet something, but no more than another that stays; none where there are none, or it is too much work.
fn dominated_columns(columns: &[Bits], fixed: &[bool], left: &mut u64) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = (0..columns.len()).filter(|&one| size(&columns[one]) > 0).collect();
    order.sort_by_key(|&one| (std::cmp::Reverse(size(&columns[one])), one));
    let (mut kept, mut gone): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for one in order {
        *left = left.saturating_sub((kept.len() * columns[one].len()) as u64);
        if *left == 0 {
            return None;
        }
        let is_fixed = fixed.get(one) == Some(&true);
        let list = if !is_fixed && kept.iter().any(|&other| within(&columns[one], &columns[other])) {
            &mut gone
        } else {
            &mut kept
        };
        list.push(one);
    }
    Some(gone).filter(|gone| !gone.is_empty())
}

struct Search<'a> {
    rows: &'a [Row],
    columns: &'a [Bits],
    sites: Vec<usize>,
    work: u64,
}

impl Search<'_> {
    /// Whether so many more sites meet the rows that are left, without the candidates that are banned.
    fn decide(&mut self, uncovered: &Bits, banned: &Bits, sites: usize) -> Decision {
        let wanted = size(uncovered);
        if wanted == 0 {
            return Decision::Covered(self.sites.clone());
        }
        if sites == 0 {
            return Decision::Impossible;
        }
        self.work =
            self.work.saturating_sub((self.columns.len() * uncovered.len() + self.rows.len() * banned.len()) as u64);
        if self.work == 0 {
            return Decision::Unknown;
        }
        let reach: Vec<u32> = (0..self.columns.len())
            .map(|one| if holds(banned, one) { 0 } else { common(&self.columns[one], uncovered) })
            .collect();
        if !is_enough(&reach, sites, wanted) {
            return Decision::Impossible;
        }
        let Some(row) = self.tightest(uncovered, banned, sites) else { return Decision::Impossible };
        let mut choices: Vec<usize> = members(&self.rows[row].0).filter(|&one| !holds(banned, one)).collect();
        choices.sort_by_key(|&one| (std::cmp::Reverse(reach[one]), one));
        let mut banned = banned.clone();
        for choice in choices {
            let rest = uncovered.iter().zip(&self.columns[choice]).map(|(left, met)| left & !met).collect();
            self.sites.push(choice);
            match self.decide(&rest, &banned, sites - 1) {
                Decision::Impossible => {}
                known => return known,
            }
            self.sites.pop();
            set(&mut banned, choice);
        }
        Decision::Impossible
    }

    /// The row with the fewest candidates; none where rows that share no candidate are more than the sites.
    fn tightest(&self, uncovered: &Bits, banned: &Bits, sites: usize) -> Option<usize> {
        let mut open: Vec<(u32, usize, Bits)> = members(uncovered)
            .map(|row| {
                let free: Bits = self.rows[row].0.iter().zip(banned).map(|(row, banned)| row & !banned).collect();
                (size(&free), row, free)
            })
            .collect();
        open.sort_unstable_by_key(|(size, row, _)| (*size, *row));
        let (mut taken, mut apart) = (empty(self.columns.len()), 0);
        for (_, _, free) in &open {
            if !meet(free, &taken) {
                apart += 1;
                taken.iter_mut().zip(free).for_each(|(taken, free)| *taken |= free);
            }
        }
        let (fewest, row, _) = open.first()?;
        (apart <= sites && *fewest > 0).then_some(*row)
    }
}

/// Whether the greatest so many together reach as many as are wanted.
fn is_enough(reach: &[u32], sites: usize, wanted: u32) -> bool {
    let mut reach = reach.to_vec();
    let sites = sites.min(reach.len());
    if sites < reach.len() {
        reach.select_nth_unstable_by(sites - 1, |a, b| b.cmp(a));
    }
    reach[..sites].iter().sum::<u32>() >= wanted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every choice there is, beside what is decided.
        #[test]
        fn what_is_decided_is_so(
            rows in prop::collection::vec(0_u64..1 << 9, 0..24),
            p in 1_usize..6,
            fixed in prop::sample::subsequence(vec![0_usize, 4, 8], 0..=2),
        ) {
            let p = p.max(fixed.len());
            let meets = |sites: u64| rows.iter().all(|row| row & sites != 0);
            let must: u64 = fixed.iter().map(|site| 1 << site).sum();
            let can = (0_u64..1 << 9).any(|sites| sites & must == must && sites.count_ones() as usize <= p && meets(sites));
            match cover(rows.iter().map(|row| vec![*row]).collect(), 9, p, &fixed, u64::MAX) {
                Decision::Covered(sites) => {
                    prop_assert!(can && sites.len() <= p && fixed.iter().all(|site| sites.contains(site)));
                    prop_assert!(meets(sites.iter().fold(0, |all, site| all | 1 << site)));
                }
                Decision::Impossible => prop_assert!(!can),
                Decision::Unknown => prop_assert!(false, "there was work left"),
            }
        }
    }

    #[test]
    fn without_work_nothing_is_known() {
        let rows = vec![vec![0b011], vec![0b110], vec![0b101]];
        assert_eq!(cover(rows, 3, 2, &[], 0), Decision::Unknown);
    }
}
