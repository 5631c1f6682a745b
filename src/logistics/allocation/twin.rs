//! The slow twin: each time the first claim of those left, each time the best lot of those left.

use jiff::civil::Date;

use super::{Claim, Share, Stock};

fn suits(claim: &Claim, lot: &Stock, day: Date) -> bool {
    claim.depot.as_ref().is_none_or(|depot| *depot == lot.depot)
        && claim.needs == lot.meets
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
        let mut shares = Vec::new();
        let mut wanted = claim.units;
        while wanted > 0 {
            let mut best: Option<usize> = None;
            for (at, lot) in stock.iter().enumerate() {
                let better = best.is_none_or(|best| taken_before(lot, &stock[best]));
                if left[at] > 0 && suits(claim, lot, day) && better {
                    best = Some(at);
                }
            }
            let Some(stock) = best else { break };
            let units = wanted.min(left[stock]);
            left[stock] -= units;
            wanted -= units;
            shares.push(Share { stock, units });
        }
        served.push((position, shares));
    }
    served
}
