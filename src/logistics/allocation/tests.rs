//! Laws of the allocation, and its judge.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{Allocation, Claim, Crew, Decision, Leg, Needs, Outcome, Reason, Share, Stock, allocate, twin};

const DAY: Date = date(2026, 11, 24);

fn needs(cold: &str) -> Needs {
    cold.split_whitespace().map(str::to_owned).collect()
}

fn claim(id: u64) -> Claim {
    Claim { id, class: 0, need: 1.0, tie: 0, members: 2, units: 1, needs: Needs::new(), depots: None }
}

fn stock(kit: &str, units: u32) -> Stock {
    Stock {
        kit: kit.to_owned(),
        depot: "scuola".to_owned(),
        lot: None,
        expires: None,
        units,
        serves: (1, 6),
        meets: Needs::new(),
    }
}

fn any_needs() -> impl Strategy<Value = Needs> {
    prop_oneof![3 => Just(needs("")), 1 => Just(needs("cold-chain")), 1 => Just(needs("cold-chain oxygen"))]
}

fn depot() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["nord".to_owned(), "sud".to_owned(), "est".to_owned()])
}

/// Some of the depots, in any order.
fn legs() -> impl Strategy<Value = Vec<Leg>> {
    let some = prop::sample::subsequence(vec!["nord", "sud", "est"], 0..=3).prop_shuffle();
    (some, prop::collection::vec((0_u32..4, 0_u32..5), 3)).prop_map(|(depots, drawn)| {
        let leg = |(depot, (time, crew)): (&str, (u32, u32))| Leg {
            depot: depot.to_owned(),
            time_s: time * 60,
            crew: if crew == 0 { Crew::None } else { Crew::There },
        };
        depots.into_iter().zip(drawn).map(leg).collect()
    })
}

fn reaches(claim: &Claim, depot: &str) -> bool {
    claim.depots.as_ref().is_none_or(|legs| legs.iter().any(|leg| leg.depot == depot))
}

type ClaimRow = (u32, u32, u64, u32, u32, Needs, Option<Vec<Leg>>);
type LotRow = (String, i8, u32, u32, u32, Needs, bool);

fn claims() -> impl Strategy<Value = Vec<Claim>> {
    let one = (0_u32..3, 0_u32..4, 0_u64..3, 1_u32..6, 1_u32..4, any_needs(), prop::option::of(legs()));
    prop::collection::vec(one, 0..30).prop_map(|rows| {
        let claim = |(id, (class, need, tie, members, units, needs, depots)): (usize, ClaimRow)| Claim {
            id: id as u64 * 7 % 31,
            class,
            need: f64::from(need) / 2.0,
            tie,
            members,
            units,
            needs,
            depots,
        };
        rows.into_iter().enumerate().map(claim).collect()
    })
}

/// Lots of which no two are alike.
fn stocks() -> impl Strategy<Value = Vec<Stock>> {
    let one = (depot(), 0_i8..6, 0_u32..8, 1_u32..4, 0_u32..4, any_needs(), any::<bool>());
    prop::collection::vec(one, 0..10).prop_map(|rows| {
        let lot = |(at, (depot, day, units, from, more, meets, keeps)): (usize, LotRow)| Stock {
            kit: ["acqua", "cibo"][at % 2].to_owned(),
            depot,
            lot: Some(format!("L{at}")),
            expires: (!keeps).then(|| date(2026, 11, 22 + day)),
            units,
            serves: (from, from + more),
            meets,
        };
        rows.into_iter().enumerate().map(lot).collect()
    })
}

fn shares(decision: &Decision) -> &[Share] {
    match &decision.outcome {
        Outcome::Given { shares, .. } => shares,
        Outcome::Not(_) => &[],
    }
}

/// The claim, its rank, lots and units, what is left.
type Named = (u64, u32, Vec<(Option<String>, u32)>, u64);

/// A decision by names that do not depend on the order of the lists.
fn named(allocation: &Allocation, stock: &[Stock]) -> Vec<Named> {
    let decisions = allocation.decisions.iter();
    let lots = |decision| -> Vec<_> {
        shares(decision).iter().map(|share| (stock[share.stock].lot.clone(), share.units)).collect()
    };
    decisions.map(|decision| (decision.claim, decision.rank, lots(decision), decision.left)).collect()
}

/// Units of a lot that the first so many decisions gave.
fn given_until(allocation: &Allocation, rank: u32, lot: usize) -> u32 {
    let before = allocation.decisions[..rank as usize].iter().flat_map(shares);
    before.filter(|share| share.stock == lot).map(|share| share.units).sum()
}

fn suits(claim: &Claim, lot: &Stock) -> bool {
    reaches(claim, &lot.depot)
        && claim.needs == lot.meets
        && (lot.serves.0..=lot.serves.1).contains(&claim.members)
        && lot.expires.is_none_or(|last| DAY <= last)
}

proptest! {
    #[test]
    fn the_twin_decides_the_same(claims in claims(), stock in stocks()) {
        let allocation = allocate(&claims, &stock, DAY).expect("sound");
        let twin = twin::allocate(&claims, &stock, DAY);
        let here: Vec<(usize, Vec<Share>)> =
            allocation.decisions.iter().map(|one| (one.position, shares(one).to_vec())).collect();
        prop_assert_eq!(here, twin);
    }

    #[test]
    fn what_is_promised_is_there(claims in claims(), stock in stocks()) {
        let allocation = allocate(&claims, &stock, DAY).expect("sound");
        let mut given = vec![0_u32; stock.len()];
        for decision in &allocation.decisions {
            let claim = &claims[decision.position];
            let mut units = 0;
            for share in shares(decision) {
                prop_assert!(share.units > 0 && suits(claim, &stock[share.stock]), "a kit that suits, not expired");
                given[share.stock] += share.units;
                units += share.units;
            }
            if let Outcome::Given { short, .. } = decision.outcome {
                prop_assert_eq!(units + short, claim.units);
                let here = shares(decision)[0].stock;
                let is_empty = (0..stock.len()).all(|lot| {
                    let apart = claim.depots.is_some() && stock[lot].depot != stock[here].depot;
                    apart || !suits(claim, &stock[lot]) || given_until(&allocation, decision.rank, lot) == stock[lot].units
                });
                prop_assert!(short == 0 || is_empty, "short only where nothing is left there");
            } else {
                prop_assert_eq!(decision.left, 0, "refused only where nothing is left");
            }
        }
        for (lot, (given, left)) in stock.iter().zip(given.iter().zip(&allocation.left)) {
            prop_assert_eq!(lot.units, given + left);
        }
        prop_assert_eq!(allocation.decisions.len(), claims.len());
    }

    #[test]
    fn nobody_gets_what_one_before_was_refused(claims in claims(), stock in stocks()) {
        let allocation = allocate(&claims, &stock, DAY).expect("sound");
        for (at, before) in allocation.decisions.iter().enumerate() {
            let short = match before.outcome {
                Outcome::Given { short: 0, .. } => continue,
                Outcome::Given { .. } => before.source.as_ref().map(|source| &source.leg.depot),
                Outcome::Not(_) => None,
            };
            let refused = &claims[before.position];
            for after in &allocation.decisions[at + 1..] {
                let lots = shares(after).iter().map(|share| &stock[share.stock]);
                let mut lots = lots.filter(|lot| short.is_none_or(|depot| lot.depot == *depot));
                prop_assert!(lots.all(|lot| !suits(refused, lot)));
                let (a, b) = (refused, &claims[after.position]);
                prop_assert!((a.class, -a.need, a.tie, a.id) <= (b.class, -b.need, b.tie, b.id));
            }
        }
    }

    /// A claim gets all from one depot, and a nearer one only then not when it has less, or wider kits.
    #[test]
    fn the_nearest_depot_serves(claims in claims(), stock in stocks()) {
        let allocation = allocate(&claims, &stock, DAY).expect("sound");
        for decision in &allocation.decisions {
            let claim = &claims[decision.position];
            let (Some(legs), Some(share)) = (&claim.depots, shares(decision).first()) else {
                prop_assert!(decision.source.is_none());
                continue;
            };
            let source = decision.source.as_ref().expect("a depot");
            prop_assert!(shares(decision).iter().all(|share| stock[share.stock].depot == source.leg.depot));
            let got: u32 = shares(decision).iter().map(|share| share.units).sum();
            let width = |lot: &Stock| lot.serves.1 - lot.serves.0;
            for leg in legs.iter().filter(|leg| (leg.crew, leg.time_s) < (source.leg.crew, source.leg.time_s)) {
                let there: Vec<usize> = (0..stock.len())
                    .filter(|lot| stock[*lot].depot == leg.depot && suits(claim, &stock[*lot]))
                    .filter(|lot| given_until(&allocation, decision.rank - 1, *lot) < stock[*lot].units)
                    .collect();
                let units: u32 =
                    there.iter().map(|lot| stock[*lot].units - given_until(&allocation, decision.rank - 1, *lot)).sum();
                let narrowest = there.iter().map(|lot| width(&stock[*lot])).min();
                let wider = narrowest.is_none_or(|narrowest| narrowest > width(&stock[share.stock]));
                prop_assert!(units.min(claim.units) < got || wider, "{:?} was nearer", leg);
                prop_assert_eq!(source.passed.contains(&leg.depot), leg.crew == Crew::There);
            }
        }
    }

    #[test]
    fn neither_list_has_an_order(claims in claims(), stock in stocks(), turn in 0_usize..30) {
        let allocation = named(&allocate(&claims, &stock, DAY).expect("sound"), &stock);
        let (mut claims, mut stock) = (claims, stock);
        if !claims.is_empty() {
            let by = turn % claims.len();
            claims.rotate_left(by);
        }
        claims.iter_mut().filter_map(|claim| claim.depots.as_mut()).for_each(|legs| legs.reverse());
        stock.reverse();
        prop_assert_eq!(allocation, named(&allocate(&claims, &stock, DAY).expect("sound"), &stock));
    }

    #[test]
    fn of_the_same_kit_the_soonest_to_expire_goes_first(claims in claims(), stock in stocks()) {
        let allocation = allocate(&claims, &stock, DAY).expect("sound");
        for decision in &allocation.decisions {
            let claim = &claims[decision.position];
            for share in shares(decision) {
                let lot = &stock[share.stock];
                let sooner = (0..stock.len()).filter(|&other| {
                    let other = &stock[other];
                    suits(claim, other) && (claim.depots.is_none() || other.depot == lot.depot) && other.kit == lot.kit && other.serves == lot.serves
                        && other.expires.is_some() && (lot.expires.is_none() || other.expires < lot.expires)
                });
                for other in sooner {
                    let before: u32 = allocation.decisions[..decision.rank as usize]
                        .iter().flat_map(shares).filter(|share| share.stock == other).map(|share| share.units).sum();
                    prop_assert_eq!(before, stock[other].units, "what expires sooner is given first");
                }
            }
        }
    }
}

fn leg(depot: &str, time_s: u32) -> Leg {
    Leg { depot: depot.to_owned(), time_s, crew: Crew::There }
}

#[test]
fn each_is_served_by_the_depot_that_is_nearest_while_it_lasts() {
    let lots =
        [("nord", 2), ("sud", 3)].map(|(depot, units)| Stock { depot: depot.to_owned(), ..stock("cibo", units) });
    let near = |id, nord, sud| Claim { depots: Some(vec![leg("nord", nord), leg("sud", sud)]), ..claim(id) };
    let claims =
        [near(1, 60, 90), near(2, 90, 60), near(3, 60, 61), near(4, 60, 900), Claim { units: 2, ..near(5, 60, 90) }];
    let allocation = allocate(&claims, &lots, DAY).expect("sound");
    let told = |decision: &Decision| {
        let source = decision.source.as_ref()?;
        Some((source.leg.depot.clone(), source.passed.len(), shares(decision).iter().map(|share| share.units).sum()))
    };
    let seen: Vec<Option<(String, usize, u32)>> = allocation.decisions.iter().map(told).collect();
    let of = |depot: &str, passed, units| Some((depot.to_owned(), passed, units));
    assert_eq!(seen, [of("nord", 0, 1), of("sud", 0, 1), of("nord", 0, 1), of("sud", 1, 1), of("sud", 1, 1)]);
    assert_eq!(
        allocation.decisions[4].outcome,
        Outcome::Given { shares: vec![Share { stock: 1, units: 1 }], short: 1 }
    );
    let idle = Leg { crew: Crew::None, ..leg("nord", 1) };
    let alone = Claim { depots: Some(vec![idle, leg("sud", 999)]), ..claim(9) };
    let far = allocate(&[alone], &lots, DAY).expect("sound").decisions.remove(0);
    assert_eq!(far.source.map(|source| (source.leg.depot, source.passed)), Some(("sud".to_owned(), Vec::new())));
}

#[test]
fn a_refusal_says_why() {
    let lots = [
        Stock { expires: Some(date(2026, 11, 23)), serves: (5, 6), ..stock("scaduto", 9) },
        Stock { expires: Some(DAY), serves: (1, 2), ..stock("ultimo giorno", 1) },
        Stock { meets: needs("cold-chain"), ..stock("insulina", 1) },
    ];
    let reason = |claim: Claim| match allocate(&[claim], &lots, DAY).expect("sound").decisions.remove(0).outcome {
        Outcome::Not(reason) => Some(reason),
        Outcome::Given { .. } => None,
    };
    assert_eq!(reason(claim(1)), None, "what expires today is given today");
    assert_eq!(reason(Claim { depots: Some(vec![leg("altrove", 0)]), ..claim(1) }), Some(Reason::Depot));
    assert_eq!(reason(Claim { needs: needs("oxygen"), ..claim(1) }), Some(Reason::Needs));
    assert_eq!(reason(Claim { members: 3, ..claim(1) }), Some(Reason::Size));
    assert_eq!(reason(Claim { members: 5, ..claim(1) }), Some(Reason::Expired));
    assert_eq!(reason(Claim { members: 5, needs: needs("cold-chain"), ..claim(1) }), None);
    let two = allocate(&[claim(8), Claim { need: 2.0, ..claim(9) }], &lots, DAY).expect("sound");
    let [first, second] = two.decisions.as_slice() else { panic!("two claims") };
    assert_eq!((first.claim, first.rank, first.left), (9, 1, 0));
    assert_eq!((second.claim, &second.outcome), (8, &Outcome::Not(Reason::Exhausted)));
    assert_eq!(two.left, [9, 0, 1]);
    let empty = allocate(&[claim(1)], &[], DAY).expect("sound");
    assert_eq!(empty.decisions[0].outcome, Outcome::Not(Reason::Depot));
}

#[test]
fn what_cannot_be_ranked_is_refused_by_its_place() {
    let lots = [stock("cibo", 1)];
    let said = |claims: &[Claim], lots: &[Stock]| allocate(claims, lots, DAY).expect_err("refused").to_string();
    assert!(said(&[claim(1), Claim { need: f64::NAN, ..claim(2) }], &lots).starts_with("claims[1].need"));
    assert!(said(&[claim(1), claim(2), Claim { class: 3, ..claim(1) }], &lots).starts_with("claims[2].id"));
    assert!(said(&[Claim { members: 0, ..claim(1) }], &lots).starts_with("claims[0].members"));
    assert!(said(&[Claim { units: 0, ..claim(1) }], &lots).starts_with("claims[0].units"));
    assert!(said(&[claim(1)], &[Stock { serves: (3, 2), ..stock("cibo", 1) }]).starts_with("stock[0].serves"));
}
