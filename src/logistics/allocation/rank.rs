//! The order of claims, the order of lots, and what each takes.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use jiff::civil::Date;

use super::{Allocation, Claim, Crew, Decision, Fault, Leg, Needs, Outcome, Reason, Share, Source, Stock};

/// Lots that suit a kind of claim, in the order in which they are taken.
struct Shelf {
    lots: Vec<usize>,
    /// Lots before this one are empty.
    first: usize,
}

/// What decides which lots suit: the same for many claims.
#[derive(PartialEq, Eq, Hash)]
struct Kind<'a> {
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
            let kind = Kind { members: claim.members, needs: &claim.needs };
            let shelf = shelves.entry(kind).or_insert_with(|| Shelf::stand(claim, stock, day));
            shelf.forget_empty(&left);
            let (lots, source) = shelf.choose(claim, stock, &left);
            let outcome = match take(&lots, claim.units, &mut left) {
                (shares, _) if shares.is_empty() => Outcome::Not(why_nothing(claim, stock, day)),
                (shares, short) => Outcome::Given { shares, short },
            };
            let suits = |lot: &&usize| reaches(claim, &stock[**lot]);
            let left = shelf.lots[shelf.first..].iter().filter(suits).map(|&lot| u64::from(left[lot])).sum();
            Decision { claim: claim.id, position, rank: rank as u32 + 1, outcome, left, source }
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
        let legs = claim.depots.as_deref().unwrap_or_default();
        let mut depots = HashSet::with_capacity(legs.len());
        if let Some(twice) = legs.iter().position(|leg| !depots.insert(leg.depot.as_str())) {
            return Err(fault(format!("claims[{at}].depots[{twice}]"), "is there twice"));
        }
    }
    match stock.iter().position(|lot| lot.serves.0 > lot.serves.1) {
        Some(at) => Err(fault(format!("stock[{at}].serves"), "from more members than to")),
        None => Ok(()),
    }
}

/// Whether the depot of a lot reaches a claim.
fn reaches(claim: &Claim, lot: &Stock) -> bool {
    claim.depots.as_ref().is_none_or(|legs| legs.iter().any(|leg| leg.depot == lot.depot))
}

/// How wide the range of sizes is that a lot is made for.
fn width(lot: &Stock) -> u32 {
    lot.serves.1 - lot.serves.0
}

/// Why a claim gets nothing where it gets nothing: the first thing that no lot is left after.
fn why_nothing(claim: &Claim, stock: &[Stock], day: Date) -> Reason {
    let mut lots: Vec<&Stock> = stock.iter().collect();
    let mut is_bare = |suits: &dyn Fn(&Stock) -> bool| {
        lots.retain(|lot| suits(lot));
        lots.is_empty()
    };
    if is_bare(&|lot| reaches(claim, lot)) {
        Reason::Depot
    } else if is_bare(&|lot| lot.meets == claim.needs) {
        Reason::Needs
    } else if is_bare(&|lot| (lot.serves.0..=lot.serves.1).contains(&claim.members)) {
        Reason::Size
    } else if is_bare(&|lot| lot.expires.is_none_or(|last| day <= last)) {
        Reason::Expired
    } else {
        Reason::Exhausted
    }
}

/// Takes of these lots, one after the other. Answers the shares, and the units that are missing.
fn take(lots: &[usize], wanted: u32, left: &mut [u32]) -> (Vec<Share>, u32) {
    let mut short = wanted;
    let mut shares = Vec::new();
    for &stock in lots {
        let units = short.min(left[stock]);
        if units > 0 {
            left[stock] -= units;
            short -= units;
            shares.push(Share { stock, units });
        }
    }
    (shares, short)
}

/// What a depot has for a claim.
struct Offer<'c> {
    leg: &'c Leg,
    lots: Vec<usize>,
    /// Units, no more than are asked for.
    units: u64,
}

impl Shelf {
    fn stand(claim: &Claim, stock: &[Stock], day: Date) -> Self {
        let suits = |lot: &Stock| {
            lot.meets == claim.needs
                && (lot.serves.0..=lot.serves.1).contains(&claim.members)
                && lot.expires.is_none_or(|last| day <= last)
        };
        let mut lots: Vec<usize> = (0..stock.len()).filter(|&lot| suits(&stock[lot])).collect();
        lots.sort_by_key(|&lot| {
            let lot = &stock[lot];
            let keeps = lot.expires.unwrap_or(Date::MAX);
            (width(lot), keeps, lot.expires.is_none(), &lot.kit, &lot.lot, &lot.depot, lot.units)
        });
        Self { lots, first: 0 }
    }

    fn forget_empty(&mut self, left: &[u32]) {
        while self.lots.get(self.first).is_some_and(|&lot| left[lot] == 0) {
            self.first += 1;
        }
    }

    /// The lots that a claim takes of, in order, and the depot where they lie.
    fn choose(&self, claim: &Claim, stock: &[Stock], left: &[u32]) -> (Vec<usize>, Option<Source>) {
        let lots = || self.lots[self.first..].iter().copied().filter(|&lot| left[lot] > 0);
        let Some(legs) = &claim.depots else { return (lots().collect(), None) };
        let offers: Vec<Offer<'_>> = legs
            .iter()
            .map(|leg| {
                let lots: Vec<usize> = lots().filter(|&lot| stock[lot].depot == leg.depot).collect();
                let units = lots.iter().map(|&lot| u64::from(left[lot])).sum::<u64>().min(claim.units.into());
                Offer { leg, lots, units }
            })
            .collect();
        let place = |lot: usize| self.lots.iter().position(|other| *other == lot);
        let best =
            offers.iter().filter_map(|offer| Some((offer, *offer.lots.first()?))).min_by_key(|(offer, first)| {
                (Reverse(offer.units), width(&stock[*first]), offer.leg.crew, offer.leg.time_s, place(*first))
            });
        let Some((best, _)) = best else { return (Vec::new(), None) };
        let is_nearer =
            |leg: &&Leg| leg.crew == Crew::There && (leg.crew, leg.time_s) < (best.leg.crew, best.leg.time_s);
        let mut passed: Vec<&Leg> = legs.iter().filter(is_nearer).collect();
        passed.sort_by(|a, b| (a.time_s, &a.depot).cmp(&(b.time_s, &b.depot)));
        let passed = passed.into_iter().map(|leg| leg.depot.clone()).collect();
        (best.lots.clone(), Some(Source { leg: best.leg.clone(), passed }))
    }
}
