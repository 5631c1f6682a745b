//! The slow twin: each time the first claim of those left, each time the best depot, each time the best lot of those left.

use jiff::civil::Date;

use super::{Claim, Crew, Leg, Share, Stock};

fn suits(claim: &Claim, lot: &Stock, day: Date) -> bool {
    claim.needs == lot.meets
        && lot.serves.0 <= claim.members
        && claim.members <= lot.serves.1
        && lot.expires.is_none_or(|last| last >= day)
}

fn comes_before(a: &Claim, b: &Claim) -> bool {
    if a.class != b.class {
        a.class < b.class
    } else if a.need.total_cmp(&b.need).is_ne() {
        a.need > b.need
    } else if a.tie != b.tie {
        a.tie < b.tie
    } else {
        a.id < b.id
    }
}

/// Narrower first, then sooner (what keeps comes last), then by name.
fn taken_before(a: &Stock, b: &Stock) -> bool {
    let width = |lot: &Stock| lot.serves.1 - lot.serves.0;
    let sooner = match (a.expires, b.expires) {
        (Some(a), Some(b)) if a != b => Some(a < b),
        (Some(_), None) => Some(true),
        (None, Some(_)) => Some(false),
        _ => None,
    };
    if width(a) == width(b) {
        sooner.unwrap_or((&a.kit, &a.lot, &a.depot, a.units) < (&b.kit, &b.lot, &b.depot, b.units))
    } else {
        width(a) < width(b)
    }
}

/// What a claim would take at a depot, or anywhere.
fn taking(claim: &Claim, depot: Option<&str>, stock: &[Stock], left: &[u32], day: Date) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    let mut wanted = claim.units;
    while wanted > 0 {
        let mut best: Option<usize> = None;
        for (at, lot) in stock.iter().enumerate() {
            let better = best.is_none_or(|best| taken_before(lot, &stock[best]));
            let here = depot.is_none_or(|depot| lot.depot == depot) && shares.iter().all(|share| share.stock != at);
            if here && left[at] > 0 && suits(claim, lot, day) && better {
                best = Some(at);
            }
        }
        let Some(stock) = best else { break };
        let units = wanted.min(left[stock]);
        wanted -= units;
        shares.push(Share { stock, units });
    }
    shares
}

/// Whether a depot comes before another: more, narrower, with a crew, nearer, and by its first lot.
fn serves_before((a, of_a): (&Leg, &[Share]), (b, of_b): (&Leg, &[Share]), stock: &[Stock]) -> bool {
    let units = |shares: &[Share]| shares.iter().map(|share| share.units).sum::<u32>();
    let (Some(first_a), Some(first_b)) = (of_a.first(), of_b.first()) else { return !of_a.is_empty() };
    let (first_a, first_b) = (&stock[first_a.stock], &stock[first_b.stock]);
    let width = |lot: &Stock| lot.serves.1 - lot.serves.0;
    if units(of_a) != units(of_b) {
        units(of_a) > units(of_b)
    } else if width(first_a) != width(first_b) {
        width(first_a) < width(first_b)
    } else if a.crew != b.crew {
        a.crew == Crew::There
    } else if a.time_s != b.time_s {
        a.time_s < b.time_s
    } else {
        taken_before(first_a, first_b)
    }
}

/// Places of the claims in the order of service, and what each gets.
pub(super) fn allocate(claims: &[Claim], stock: &[Stock], day: Date) -> Vec<(usize, Vec<Share>)> {
    let mut waiting: Vec<usize> = (0..claims.len()).collect();
    let mut left: Vec<u32> = stock.iter().map(|lot| lot.units).collect();
    let mut served = Vec::new();
    while !waiting.is_empty() {
        let mut first = 0;
        for at in 1..waiting.len() {
            if comes_before(&claims[waiting[at]], &claims[waiting[first]]) {
                first = at;
            }
        }
        let position = waiting.remove(first);
        let claim = &claims[position];
        let from = |depot: Option<&str>| taking(claim, depot, stock, &left, day);
        let shares = match &claim.depots {
            None => from(None),
            Some(legs) => {
                let mut best: Option<(&Leg, Vec<Share>)> = None;
                for leg in legs {
                    let shares = from(Some(&leg.depot));
                    let better =
                        best.as_ref().is_none_or(|(other, taken)| serves_before((leg, &shares), (other, taken), stock));
                    if !shares.is_empty() && better {
                        best = Some((leg, shares));
                    }
                }
                best.map(|(_, shares)| shares).unwrap_or_default()
            }
        };
        for share in &shares {
            left[share.stock] -= share.units;
        }
        served.push((position, shares));
    }
    served
}
