//! Kits for a hundred thousand households, beside an allocation that looks for the best lot anew for each.

use atlante::logistics::allocation::{Claim, Crew, Leg, Needs, Outcome, Stock, allocate};
use jiff::civil::{Date, date};

use crate::{
    Table,
    gauge::{Dice, least, once},
};

const DAY: Date = date(2026, 11, 24);

pub fn measure(table: &mut Table) {
    let (claims, stock) = town(100_000);
    let (allocation, spent) = least(5, || allocate(&claims, &stock, DAY).expect("sound"));
    let (given, twin) = once(|| anew(&claims, &stock));
    let served =
        allocation.decisions.iter().filter(|decision| matches!(decision.outcome, Outcome::Given { .. })).count();
    assert_eq!(served, given, "the twin serves as many");
    table.beside(
        format!("allocation: {} households, {} lots, {served} get a kit", claims.len(), stock.len()),
        "≤ 1 s",
        spent.to_string(),
        format!("each lot looked at anew: {twin}"),
        Some(twin.wall_s / spent.wall_s),
    );
}

fn town(households: u64) -> (Vec<Claim>, Vec<Stock>) {
    let mut dice = Dice(3);
    let cold: Needs = std::iter::once("cold-chain".to_owned()).collect();
    let depots = ["nord", "sud", "est", "ovest"];
    let claims = (0..households)
        .map(|id| Claim {
            id: id * 7_919 % 1_000_003,
            class: dice.below(4) as u32,
            need: (dice.unit() * 100.0).round(),
            tie: dice.next(),
            members: dice.below(6) as u32 + 1,
            units: 1,
            needs: if dice.below(20) == 0 { cold.clone() } else { Needs::new() },
            depots: (dice.below(3) > 0).then(|| legs(&depots, &mut dice)),
        })
        .collect();
    let stock = (0..400)
        .map(|lot| Stock {
            kit: ["uno", "coppia", "famiglia", "grande"][lot % 4].to_owned(),
            depot: depots[lot / 4 % 4].to_owned(),
            lot: Some(format!("L{lot}")),
            expires: (lot % 7 > 0).then(|| date(2026, 11, (lot % 28 + 1) as i8)),
            units: 200,
            serves: [(1, 1), (2, 2), (3, 4), (5, 9)][lot % 4],
            meets: if lot % 5 == 0 { cold.clone() } else { Needs::new() },
        })
        .collect();
    (claims, stock)
}

/// Some depots that reach a household, each by its own time.
fn legs(depots: &[&str], dice: &mut Dice) -> Vec<Leg> {
    let mut legs = Vec::new();
    for depot in depots {
        if dice.below(4) > 0 {
            let crew = if dice.below(5) > 0 { Crew::There } else { Crew::None };
            legs.push(Leg { depot: (*depot).to_owned(), time_s: dice.below(3_600) as u32, crew });
        }
    }
    legs
}

/// How many get something when each, in order, looks at every lot.
fn anew(claims: &[Claim], stock: &[Stock]) -> usize {
    let mut order: Vec<&Claim> = claims.iter().collect();
    order.sort_by(|a, b| {
        a.class.cmp(&b.class).then(b.need.total_cmp(&a.need)).then(a.tie.cmp(&b.tie)).then(a.id.cmp(&b.id))
    });
    let mut left: Vec<u32> = stock.iter().map(|lot| lot.units).collect();
    let mut served = 0;
    for claim in order {
        let leg = |depot: &str| match &claim.depots {
            None => Some((Crew::There, 0)),
            Some(legs) => legs.iter().find(|leg| leg.depot == depot).map(|leg| (leg.crew, leg.time_s)),
        };
        let suits = |&at: &usize| {
            let lot = &stock[at];
            left[at] > 0
                && leg(&lot.depot).is_some()
                && claim.needs == lot.meets
                && (lot.serves.0..=lot.serves.1).contains(&claim.members)
                && lot.expires.is_none_or(|last| DAY <= last)
        };
        let best = (0..stock.len()).filter(suits).min_by_key(|&at| {
            let lot = &stock[at];
            let keeps = (lot.expires.is_none(), lot.expires);
            (lot.serves.1 - lot.serves.0, leg(&lot.depot), keeps, &lot.kit, &lot.lot, &lot.depot)
        });
        if let Some(best) = best {
            left[best] -= 1;
            served += 1;
        }
    }
    served
}
