//! The order of claims, the order of lots, and what each takes.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::{Allocation, Claim, Decision, Fault, Needs, Outcome, Reason, Share, Stock};

/// Lots that suit a kind of claim, in the order in which they are taken.
struct Shelf {
    lots: Vec<usize>,
    /// Lots before this one are empty.
    first: usize,
    /// Why it gets nothing when it gets nothing.
    bare: Reason,
}

/// What decides which lots suit: the same for many claims.
#[derive(PartialEq, Eq, Hash)]
struct Kind<'a> {
    depot: Option<&'a str>,
    members: u32,
    needs: &'a Needs,
}

pub(super) fn allocate(claims: &[Claim], stock: &[Stock], day: Date) -> Result<Allocation, Fault> {
    check(claims, stock)?;
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_unstable_by(|&a, &b| before(&claims[a], &claims[b]));
    let mut left: Vec<u32> = stock.iter().map(|lot| lot.units).collect();
    let mut shelves: HashMap<Kind<'_>, Shelf> = HashMap::new();
    let decisions = order
        .iter()
        .enumerate()
        .map(|(rank, &position)| {
            let claim = &claims[position];
            let kind = Kind { depot: claim.depot.as_deref(), members: claim.members, needs: &claim.needs };
            let shelf = shelves.entry(kind).or_insert_with(|| Shelf::stand(claim, stock, day));
            let outcome = shelf.take(claim.units, &mut left);
            let left = shelf.lots[shelf.first..].iter().map(|&lot| u64::from(left[lot])).sum();
            Decision { claim: claim.id, position, rank: rank as u32 + 1, outcome, left }
        })
        .collect();
    Ok(Allocation { decisions, left })
}

fn before(a: &Claim, b: &Claim) -> std::cmp::Ordering {
    a.class
        .cmp(&b.class)
        // Plus nothing: a zero has no sign.
        .then_with(|| (b.need + 0.0).total_cmp(&(a.need + 0.0)))
        .then_with(|| a.tie.cmp(&b.tie))
        .then_with(|| a.id.cmp(&b.id))
}

fn fault(place: String, reason: &'static str) -> Fault {
    Fault { place, reason }
}

fn check(claims: &[Claim], stock: &[Stock]) -> Result<(), Fault> {
    let mut seen = HashSet::with_capacity(claims.len());
    for (at, claim) in claims.iter().enumerate() {
        if !seen.insert(claim.id) {
            return Err(fault(format!("claims[{at}].id"), "is there twice"));
        }
        if !claim.need.is_finite() {
            return Err(fault(format!("claims[{at}].need"), "not a finite number"));
        }
        if claim.members == 0 {
            return Err(fault(format!("claims[{at}].members"), "a household has one member at least"));
        }
        if claim.units == 0 {
            return Err(fault(format!("claims[{at}].units"), "nothing is asked for"));
        }
    }
    match stock.iter().position(|lot| lot.serves.0 > lot.serves.1) {
        Some(at) => Err(fault(format!("stock[{at}].serves"), "from more members than to")),
        None => Ok(()),
    }
}

impl Shelf {
    fn stand(claim: &Claim, stock: &[Stock], day: Date) -> Self {
        let mut lots: Vec<usize> = (0..stock.len()).collect();
        let mut bare = Reason::Exhausted;
        let mut keep = |reason: Reason, suits: &dyn Fn(&Stock) -> bool| {
            let some = !lots.is_empty();
            lots.retain(|&lot| suits(&stock[lot]));
            if lots.is_empty() && (some || reason == Reason::Depot) {
                bare = reason;
            }
        };
        keep(Reason::Depot, &|lot| claim.depot.as_ref().is_none_or(|depot| *depot == lot.depot));
        keep(Reason::Needs, &|lot| lot.meets == claim.needs);
        keep(Reason::Size, &|lot| (lot.serves.0..=lot.serves.1).contains(&claim.members));
        keep(Reason::Expired, &|lot| lot.expires.is_none_or(|last| day <= last));
        lots.sort_by_key(|&lot| {
            let lot = &stock[lot];
            let keeps = lot.expires.unwrap_or(Date::MAX);
            (lot.serves.1 - lot.serves.0, keeps, lot.expires.is_none(), &lot.kit, &lot.lot, &lot.depot, lot.units)
        });
        Self { lots, first: 0, bare }
    }

    fn take(&mut self, wanted: u32, left: &mut [u32]) -> Outcome {
        let mut short = wanted;
        let mut shares = Vec::new();
        for &stock in &self.lots[self.first..] {
            let units = short.min(left[stock]);
            if units > 0 {
                left[stock] -= units;
                short -= units;
                shares.push(Share { stock, units });
            }
            if left[stock] > 0 {
                break;
            }
            self.first += 1;
        }
        if shares.is_empty() { Outcome::Not(self.bare) } else { Outcome::Given { shares, short } }
    }
}
